"""An account of moto's with the template's table, bus and queues; handlers run in process against it."""

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest
from moto import mock_aws

from loyalty import bus, settle_queue, store
from tests.stack import Stack, make_table


@contextmanager
def account() -> Iterator[Stack]:
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        dynamodb, sqs, events = boto3.client("dynamodb"), boto3.client("sqs"), boto3.client("events")
        make_table(dynamodb)
        events.create_event_bus(Name="loyalty")
        settle_url = sqs.create_queue(QueueName="settle")["QueueUrl"]
        failures_url = sqs.create_queue(QueueName="failures")["QueueUrl"]
        patch.setenv("LOYALTY_SETTLE_QUEUE_URL", settle_url)
        patch.setenv("LOYALTY_FAILURES_QUEUE_URL", failures_url)
        forget_connections()
        yield Stack(dynamodb, sqs, events, settle_url, failures_url)
        forget_connections()


def forget_connections() -> None:
    for connection in (store.connected, bus.connected, settle_queue.connected):
        connection.cache_clear()
