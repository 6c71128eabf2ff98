"""An account of moto's with the template's table, bus and queues; handlers run in process against it."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from loyalty import bus, settle_queue, store
from tests.stack import Stack, make_table


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    with mock_aws():
        dynamodb, sqs, events = boto3.client("dynamodb"), boto3.client("sqs"), boto3.client("events")
        make_table(dynamodb)
        events.create_event_bus(Name="loyalty")
        settle_url = sqs.create_queue(QueueName="settle")["QueueUrl"]
        failures_url = sqs.create_queue(QueueName="failures")["QueueUrl"]
        monkeypatch.setenv("LOYALTY_SETTLE_QUEUE_URL", settle_url)
        monkeypatch.setenv("LOYALTY_FAILURES_QUEUE_URL", failures_url)
        for connection in (store.connected, bus.connected, settle_queue.connected):
            connection.cache_clear()
        yield Stack(dynamodb, sqs, events, settle_url, failures_url)
        for connection in (store.connected, bus.connected, settle_queue.connected):
            connection.cache_clear()
