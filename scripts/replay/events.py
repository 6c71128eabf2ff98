"""A temporary queue on the stack's bus that collects the events of one run's credits."""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sqs import SQSClient


SOURCE = "loyalty.wallets"
CREDITED = "Points Credited"
PROBE_SOURCE = "loyalty.replay"
PROBE = "Replay Probe"
PROBE_PAUSE_SECONDS = 1
PROBES_MAX = 60
RETENTION_SECONDS = 3_600
RECEIVERS = 4
BATCH = 10
LONG_POLL_SECONDS = 2
TARGET_ID = "queue"
ABSENT = ("ResourceNotFoundException", "NonExistentQueue", "QueueDoesNotExist")


class EventsUnavailable(Exception):
    """The events of this run could not be observed."""


@dataclass(slots=True)
class Seen:
    """Events by eventId: each is kept once, even if it was delivered several times."""

    points: dict[str, int] = field(default_factory=dict)
    repeated: int = 0
    probed: Event = field(default_factory=Event)
    last_new: float = field(default_factory=time.monotonic)
    trouble: str = ""
    lock: Lock = field(default_factory=Lock)

    def note(self, message: str) -> None:
        event = json.loads(message)
        if event["source"] == PROBE_SOURCE:
            self.probed.set()
            return
        detail = event["detail"]
        event_id = str(detail.get("eventId") or detail["transactionId"])
        with self.lock:
            if event_id in self.points:
                self.repeated += 1
            else:
                self.points[event_id] = int(detail["points"])
                self.last_new = time.monotonic()

    def missing(self, created: dict[str, int]) -> list[str]:
        with self.lock:
            return [event_id for event_id in created if event_id not in self.points]

    def wrong(self, created: dict[str, int]) -> list[str]:
        """Returns the events whose points differ from those in the credit's answer."""
        with self.lock:
            return [
                event_id for event_id, points in created.items()
                if self.points.get(event_id, points) != points
            ]  # fmt: skip

    def others(self, created: dict[str, int]) -> int:
        """Counts the events of this wallet's credits that this run did not make."""
        with self.lock:
            return len(self.points.keys() - created.keys())


def pattern(wallet_id: str) -> str:
    return json.dumps(
        {
            "source": [SOURCE, PROBE_SOURCE],
            "detail-type": [CREDITED, PROBE],
            "detail": {"walletId": [wallet_id]},
        }
    )


def queue_policy(queue_arn: str, rule_arn: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule_arn}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@dataclass(frozen=True, slots=True)
class Subscription:
    """A rule and a queue with the same name, made for one run."""

    sqs: "SQSClient"
    bridge: "EventBridgeClient"
    bus: str
    wallet_id: str
    name: str

    def open(self) -> str:
        queue_url = self.sqs.create_queue(
            QueueName=self.name, Attributes={"MessageRetentionPeriod": str(RETENTION_SECONDS)}
        )["QueueUrl"]
        rule_arn = self.bridge.put_rule(
            Name=self.name,
            EventBusName=self.bus,
            EventPattern=pattern(self.wallet_id),
            State="ENABLED",
            Description="Temporary: watches a replay of orders",
        )["RuleArn"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]
        queue_arn = attributes["QueueArn"]
        policy = queue_policy(queue_arn, rule_arn)
        self.sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": policy})
        answer = self.bridge.put_targets(
            Rule=self.name, EventBusName=self.bus, Targets=[{"Id": TARGET_ID, "Arn": queue_arn}]
        )
        if answer.get("FailedEntryCount"):
            raise EventsUnavailable(f"the rule {self.name} did not accept its queue: {answer['FailedEntries']}")
        return queue_url

    def probe(self, seen: Seen, stop: Event) -> None:
        """Waits until a probe event arrives: a new rule may need a while before it works."""
        detail = json.dumps({"walletId": self.wallet_id})
        for _ in range(PROBES_MAX):
            self.bridge.put_events(
                Entries=[{"Source": PROBE_SOURCE, "DetailType": PROBE, "Detail": detail, "EventBusName": self.bus}]
            )
            if seen.probed.wait(PROBE_PAUSE_SECONDS) or stop.is_set():
                return
        raise EventsUnavailable(f"no event arrived through the bus {self.bus}. {seen.trouble}".strip())

    def drain(self, queue_url: str, seen: Seen, done: Event) -> None:
        while not done.is_set():
            try:
                answer = self.sqs.receive_message(
                    QueueUrl=queue_url, MaxNumberOfMessages=BATCH, WaitTimeSeconds=LONG_POLL_SECONDS
                )
                messages = answer.get("Messages", [])
                for message in messages:
                    seen.note(message["Body"])
                if messages:
                    handles = [message["ReceiptHandle"] for message in messages]
                    self.sqs.delete_message_batch(
                        QueueUrl=queue_url,
                        Entries=[{"Id": str(n), "ReceiptHandle": handle} for n, handle in enumerate(handles)],
                    )
            except (ClientError, BotoCoreError, ValueError, KeyError) as error:
                seen.trouble = f"Reading the queue: {error!r}"
                done.wait(1)

    def remove(self, seen: Seen) -> None:
        """Tries each step, even if another failed; what was never made need not be removed."""
        for step in (self._remove_target, self._remove_rule, self._remove_queue):
            try:
                step()
            except (ClientError, BotoCoreError) as error:
                if not any(code in str(error) for code in ABSENT):
                    seen.trouble = f"{self.name} may be left over: {error}"

    def _remove_target(self) -> None:
        self.bridge.remove_targets(Rule=self.name, EventBusName=self.bus, Ids=[TARGET_ID])

    def _remove_rule(self) -> None:
        self.bridge.delete_rule(Name=self.name, EventBusName=self.bus)

    def _remove_queue(self) -> None:
        queue_url = self.sqs.get_queue_url(QueueName=self.name)["QueueUrl"]
        self.sqs.delete_queue(QueueUrl=queue_url)


@contextmanager
def watch(bus: str, wallet_id: str, seen: Seen, stop: Event) -> Iterator[None]:
    """Collects from before the first credit until the end, and removes the subscription whatever happens."""
    config = Config(max_pool_connections=RECEIVERS + 1, retries={"mode": "standard", "total_max_attempts": 5})
    name = f"loyalty-replay-{secrets.token_hex(6)}"
    try:
        sqs = boto3.client("sqs", config=config)
        bridge = boto3.client("events", config=config)
    except (BotoCoreError, ValueError) as error:
        raise EventsUnavailable(str(error)) from error
    subscription = Subscription(sqs, bridge, bus, wallet_id, name)
    done = Event()
    receivers: list[Thread] = []
    try:
        try:
            queue_url = subscription.open()
            for _ in range(RECEIVERS):
                receiver = Thread(target=subscription.drain, args=(queue_url, seen, done), daemon=True)
                receiver.start()
                receivers.append(receiver)
            subscription.probe(seen, stop)
        except (ClientError, BotoCoreError) as error:
            raise EventsUnavailable(f"the bus {bus} cannot be watched: {error}") from error
        yield
    finally:
        done.set()
        for receiver in receivers:
            receiver.join()
        subscription.remove(seen)
