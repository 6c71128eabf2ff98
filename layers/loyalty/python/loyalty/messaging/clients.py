"""The clients of the bus and of the queues. Without settings they would wait a minute, as long as functions run."""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sqs import SQSClient

SETTINGS = Config(connect_timeout=1, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})


def events_client() -> "EventBridgeClient":
    return boto3.client("events", config=SETTINGS)


def sqs_client() -> "SQSClient":
    return boto3.client("sqs", config=SETTINGS)
