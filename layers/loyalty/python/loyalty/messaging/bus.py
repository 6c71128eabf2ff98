"""The event bus, and the queue for records that could not become an event."""

import json
from collections.abc import Sequence
from functools import cache
from random import SystemRandom
from time import sleep
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sqs import SQSClient
from loyalty import config
from loyalty.messaging.clients import events_client, sqs_client
from loyalty.messaging.events import SOURCE, Event

uniform = SystemRandom().uniform
"""Environments that start from one snapshot have different pauses."""
ENTRIES_MAX = 10
"""Entries of one PutEvents (Amazon EventBridge quotas)."""
TRIES_MAX = 4
BACKOFF_SECONDS = 0.1


class EventsNotAccepted(Exception):
    """The bus kept refusing events; the stream delivers their rows again."""


class Bus:
    def __init__(
        self, client: "EventBridgeClient", name: str, failures: "SQSClient", failures_url: str, restoration: str = ""
    ) -> None:
        self._client = client
        self._name = name
        self._failures = failures
        self._failures_url = failures_url
        self._restoration = restoration

    def publish(self, events: Sequence[Event]) -> None:
        """Publishes every event at least once, or raises `EventsNotAccepted`.

        PutEvents answers 200 even if it refused entries (`FailedEntryCount`): only the refused entries are sent again.
        """
        for start in range(0, len(events), ENTRIES_MAX):
            self._put([self._entry(event) for event in events[start : start + ENTRIES_MAX]])

    def set_aside(self, record: dict[str, Any], error: Exception) -> None:
        """Keeps a stream record that cannot become an event, so that it does not block the records after it."""
        body = json.dumps({"error": repr(error), "record": record}, default=str)
        self._failures.send_message(QueueUrl=self._failures_url, MessageBody=body)

    def _put(self, entries: list[Any]) -> None:
        for attempt in range(TRIES_MAX):
            if attempt:
                sleep(uniform(0, BACKOFF_SECONDS * 2**attempt))
            answer = self._client.put_events(Entries=entries)
            if not answer["FailedEntryCount"]:
                return
            entries = [entry for entry, result in zip(entries, answer["Entries"], strict=True) if "ErrorCode" in result]
        raise EventsNotAccepted(f"{len(entries)} events were refused {TRIES_MAX} times")

    def _entry(self, event: Event) -> dict[str, Any]:
        return {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": event.detail_type,
            "Detail": event.detail_json(self._restoration),
            "Time": event.time,
        }


@cache
def connected_bus() -> Bus:
    return Bus(
        events_client(),
        config.bus(),
        sqs_client(),
        config.failures_queue_url(),
        config.restoration(),
    )
