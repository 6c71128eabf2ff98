"""A local stack over HTTP, started before these tests and stopped after them.

With `LOYALTY_STACK_ENV=.local/stack.env`, the tests use a running stack instead.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import boto3
import httpx
import pytest

from tests.e2e.use_cases import UseCases, define

ROOT = Path(__file__).parents[2]
STATE = ROOT / ".local-test"
# Each first request of a burst starts a process, so the last request takes long on a small machine.
REQUEST_SECONDS_MAX = 120


SENDINGS_MAX = 6
CHANGE_SECONDS = 15
"""A change of definitions is complete so long after its answer: until then, an environment may use the former ones."""


@dataclass
class Live:
    """The API from the view of a shop."""

    url: str
    key: str
    variables: Mapping[str, str]
    client: httpx.Client
    numbers: Iterator[int] = field(default_factory=count)

    def http(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        sent = {"X-Api-Key": self.key, **({"Idempotency-Key": key} if key else {}), **(headers or {})}
        return self.client.request(method, f"{self.url}/v1{path}", json=body, headers=sent)

    def wallet(self, **settings: Any) -> str:
        answer = self.http("POST", "/wallets", {"name": f"Test {uuid4()}", **settings})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["walletId"])

    def move(self, what: str, wallet: str, customer: str, body: Any, key: str | None = None) -> httpx.Response:
        """Sends the movement, and sends it again with the same key after a 503.

        On a laptop, a burst on one card can take longer than the five seconds of retries.
        """
        key = key or f"test-{next(self.numbers)}-{uuid4()}"
        for _ in range(SENDINGS_MAX):
            answer = self.http("POST", f"/wallets/{wallet}/cards/{customer}/{what}", body, key=key)
            if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                break
            time.sleep(int(answer.headers.get("Retry-After", "1")))
        return answer

    def credit(self, wallet: str, customer: str, points: int, **more: Any) -> Any:
        answer = self.move("credits", wallet, customer, {"points": points, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def card(self, wallet: str, customer: str) -> Any:
        answer = self.http("GET", f"/wallets/{wallet}/cards/{customer}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def rows(self, wallet: str, customer: str) -> list[Any]:
        """The card's transactions, oldest first."""
        rows: list[Any] = []
        cursor = ""
        while True:
            page = self.http("GET", f"/wallets/{wallet}/cards/{customer}/transactions?limit=100{cursor}").json()
            rows += page["data"]
            if page["nextCursor"] is None:
                return rows[::-1]
            cursor = f"&cursor={page['nextCursor']}"

    def put_event(self, body: Any) -> None:
        """Sends a custom event over the bus."""
        entry = {
            "EventBusName": self.variables["LOYALTY_BUS"],
            "Source": "shop.orders",
            "DetailType": "Custom Event",
            "Detail": json.dumps(body),
        }
        self.aws("events").put_events(Entries=[entry])

    def aws(self, service: Any) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.variables.get("AWS_ENDPOINT_URL"),
            region_name=self.variables.get("AWS_DEFAULT_REGION", "us-east-1"),
        )


def within(seconds: int, what: str, look: Callable[[], Any]) -> Any:
    """Calls `look` until it returns a result, because parts of the stack work asynchronously."""
    deadline = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        if time.monotonic() >= deadline:
            pytest.fail(f"{what} did not happen within {seconds} seconds")
        time.sleep(0.2)


@pytest.fixture(scope="session")
def live() -> Iterator[Live]:
    if running := os.environ.get("LOYALTY_STACK_ENV"):
        yield from _connected(_variables(Path(running)))
        return
    command = [sys.executable, "-m", "scripts.local_stack"]
    where = ["--state-dir", str(STATE)]
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("LOYALTY_", "POWERTOOLS_"))}
    try:
        subprocess.run([*command, "start", *where, "--port", "0"], cwd=ROOT, env=plain, check=True)  # noqa: S603
        yield from _connected(_variables(STATE / "stack.env"))
    finally:
        subprocess.run([*command, "stop", *where], cwd=ROOT, env=plain, check=True)  # noqa: S603


def _variables(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)


def _connected(variables: Mapping[str, str]) -> Iterator[Live]:
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    with httpx.Client(timeout=REQUEST_SECONDS_MAX, limits=limits) as client:
        yield Live(variables["LOYALTY_API_URL"], variables["LOYALTY_API_KEY"], variables, client)


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
    within(30, "the change in every environment", lambda: time.monotonic() > at + CHANGE_SECONDS)
    return definitions


@pytest.fixture
def cases(defined: Defined) -> UseCases:
    return defined.use_cases


SECONDS_AHEAD = 20


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
    customer = f"soon-{uuid4()}"
    # The date is before the first tick of the schedule, a minute after the deployment.
    moment = datetime.now(UTC) + timedelta(seconds=SECONDS_AHEAD)
    at = moment.isoformat()
    notice_wallet = live.wallet(notices={"expiring": [{"every": 1, "unit": "MINUTE"}]})
    live.credit(notice_wallet, customer, 40, expiresAt=(moment + timedelta(minutes=1)).isoformat())
    expiring = live.credit(expiring_wallet, customer, 100, expiresAt=at)
    activating = live.credit(pending_wallet, customer, 70, activatesAt=at)
    return Soon(
        expiring_wallet,
        pending_wallet,
        notice_wallet,
        customer,
        expiring["transaction"]["lots"][0]["expiresAt"],
        activating["transaction"]["lots"][0]["activatesAt"],
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts tests that need time to pass to the end, so that time passes during the others."""

    def needs_time(item: pytest.Item) -> tuple[bool, bool]:
        return item.get_closest_marker("patient") is not None, "defined" in getattr(item, "fixturenames", ())

    items.sort(key=needs_time)
