"""Definitions and points that are made before the first test, so that time passes during the others."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.use_cases import UseCases, define
from tests.support.live import Live, eventually

CHANGE_SECONDS = 15
"""A change of definitions is complete so long after its answer: until then, an environment may use the former ones."""


@dataclass
class Events:
    """The events of the bus by eventId."""

    by_id: dict[str, Any] = field(default_factory=dict)

    def of(self, customer: str) -> list[Any]:
        """The events of the customer's card, sorted by seq."""
        of_cards = [event for event in list(self.by_id.values()) if "seq" in event["detail"]]
        found = [event for event in of_cards if event["detail"].get("customerId") == customer]
        return sorted(found, key=lambda event: event["detail"]["seq"])


@pytest.fixture(scope="session")
def bus(live: Live) -> Iterator[Events]:
    """Collects the events of the stack's bus with a queue."""
    sqs, events = live.aws("sqs"), live.aws("events")
    name = f"test-{uuid4()}"
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rule = events.put_rule(
        Name=name, EventBusName=live.variables["LOYALTY_BUS"], EventPattern=json.dumps({"source": ["loyalty.wallets"]})
    )["RuleArn"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
            }
        ],
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    events.put_targets(Rule=name, EventBusName=live.variables["LOYALTY_BUS"], Targets=[{"Id": "queue", "Arn": arn}])
    collected, stop = Events(), Event()

    def collect() -> None:
        while not stop.is_set():
            for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get(
                "Messages", []
            ):
                event = json.loads(message["Body"])
                collected.by_id[event["detail"]["eventId"]] = event
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    collector = Thread(target=collect)
    collector.start()
    try:
        yield collected
    finally:
        stop.set()
        collector.join()
        events.remove_targets(Rule=name, EventBusName=live.variables["LOYALTY_BUS"], Ids=["queue"])
        events.delete_rule(Name=name, EventBusName=live.variables["LOYALTY_BUS"])
        sqs.delete_queue(QueueUrl=url)


@dataclass(frozen=True, slots=True)
class Defined:
    """Wallets and campaigns that every environment has, and the customers for whom the campaigns give points."""

    wallet: str
    buyer: str
    """Gets 100 points for each 100.00 of a paid order."""
    friend: str
    """Gets 100 points for a first order if the customer was referred, and the referrer gets 100 points too."""
    pending_wallet: str
    """Its points are pending until the event `order.delivered`."""
    use_cases: UseCases


@pytest.fixture(scope="session", autouse=True)
def _definitions(live: Live) -> tuple[Defined, float]:
    """Defines before the first test, so that time passes during the tests that do not need the definitions."""
    assert live.http("PUT", "/event-definitions/order.delivered", {}).status_code == 200
    pending_wallet = live.wallet(pending={"type": "EVENT_BASED", "events": ["order.delivered"]})
    wallet, buyer, friend = live.wallet(), f"ann-{uuid4()}", f"eve-{uuid4()}"
    reward: dict[str, Any] = {"walletId": wallet, "type": "FIXED", "points": 100}
    campaigns: list[dict[str, Any]] = [
        {
            "name": "Purchases",
            "conditions": {"customerId": [buyer]},
            "rewards": [{**reward, "type": "PROPORTIONAL", "every": 10_000}],
        },
        {
            "name": "Referral",
            "conditions": {"customerId": [friend], "customer": {"orderCount": [0], "referred": [True]}},
            "rewards": [reward, {**reward, "to": "REFERRER"}],
        },
    ]
    for campaign in campaigns:
        body = {**campaign, "trigger": {"type": "EVENT", "event": "order.paid"}}
        assert live.http("POST", "/campaigns", body).status_code == 201
    return Defined(wallet, buyer, friend, pending_wallet, define(live)), time.monotonic()


@pytest.fixture
def defined(_definitions: tuple[Defined, float]) -> Defined:
    definitions, at = _definitions
    eventually("the change in every environment", lambda: time.monotonic() > at + CHANGE_SECONDS)
    return definitions


@pytest.fixture
def cases(defined: Defined) -> UseCases:
    return defined.use_cases


SECONDS_AHEAD = (20, 60, 180, 540)
"""The first is before the first tick of the schedule. The others are for a busy machine."""


@dataclass(frozen=True, slots=True)
class Soon:
    """Wallets with points that expire soon, activate soon, or have a notice soon, and their dates."""

    expiring_wallet: str
    pending_wallet: str
    notice_wallet: str
    customer: str
    expires_at: str
    activates_at: str


@pytest.fixture(scope="session", autouse=True)
def soon(live: Live, bus: Events) -> Soon:
    """Credits the points before the first test. The tests of time check them after all other tests."""
    expiring_wallet, pending_wallet = live.wallet(), live.wallet()
    notice_wallet = live.wallet(notices={"expiring": [{"every": 1, "unit": "HOUR"}]})
    # The first credit starts a process, which may take longer than the date is ahead.
    live.credit(expiring_wallet, f"first-{uuid4()}", 1)
    for seconds in SECONDS_AHEAD:
        customer, moment = f"soon-{uuid4()}", datetime.now(UTC) + timedelta(seconds=seconds)
        at, later = moment.isoformat(), (moment + timedelta(hours=1)).isoformat()
        answers = [
            live.move("credits", notice_wallet, customer, {"points": 40, "expiresAt": later}),
            live.move("credits", expiring_wallet, customer, {"points": 100, "expiresAt": at}),
            live.move("credits", pending_wallet, customer, {"points": 70, "activatesAt": at}),
        ]
        if datetime.now(UTC) < moment:
            break
    _, expiring, activating = (answer.json()["transaction"]["lots"][0] for answer in answers)
    return Soon(
        expiring_wallet,
        pending_wallet,
        notice_wallet,
        customer,
        expiring["expiresAt"],
        activating["activatesAt"],
    )
