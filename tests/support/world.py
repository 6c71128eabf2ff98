"""The use cases with moto's DynamoDB in process. The test moves the time."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cache
from hashlib import sha256
from threading import local
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
from loyalty.domain.access import BUILT_IN_ROLES
from loyalty.domain.cards.card import Card
from loyalty.domain.cards.transaction import Context, RefundType, Source, Transaction
from loyalty.domain.custom_event import CustomEvent, EventDefinition
from loyalty.domain.dates import Period, Unit
from loyalty.domain.movements.credit import Grant
from loyalty.domain.movements.payment import PaymentLimit
from loyalty.domain.movements.refund_amounts import RefundDemand
from loyalty.domain.order import Order
from loyalty.domain.project import Project
from loyalty.domain.wallets.wallet import Wallet, WalletStatus
from loyalty.store.attributes import Item
from loyalty.store.card_items import card_from
from loyalty.store.keys import key_origin
from loyalty.store.row_items import row_from
from loyalty.store.store import Store
from loyalty.usecases import custom_events, history, project, wallets
from loyalty.usecases.custom_events import Accepted, SentEvent
from loyalty.usecases.ledger import Command, Outcome
from loyalty.usecases.points import corrections, credits, debits, holds, payments, refunds, transfers
from loyalty.usecases.points.refunds import RefundOutcome
from loyalty.usecases.points.transfers import TransferOutcome
from tests.support.emulator import drop_table, emulated_aws, stored_items
from tests.support.stack import add_table

Answer = Outcome | RefundOutcome | TransferOutcome | Accepted

FIRST_MOMENT = datetime.fromisoformat("2027-03-27T20:30:00+00:00")
"""Some hours before a clock change in Europe, some days before the end of a month."""
_names = itertools.count()


@dataclass(frozen=True, slots=True)
class Request:
    """The request of a caller. Equal requests with one key are repetitions."""

    verb: str
    customer_id: str
    key: str
    order_id: str | None = None
    points: int = 0
    activates_in: int | None = None
    """Seconds from `sent_at`, an instant that belongs to the request like any field of its body."""
    expires_in: int | None = None
    sent_at: int = 0
    metadata: str | None = None
    minutes: int = 0
    """The duration of a hold."""
    hold_id: str = ""
    """The hold that is captured or released; `order_id` is the order of the hold."""
    final: bool = True
    recipient: str = ""
    amount: int | None = None
    """The amount of the order in minor units."""
    undoes: str = ""
    """The transaction that is reversed."""
    event: str = ""
    """The name of a custom event, whose id is the key."""

    @property
    def hold(self) -> int:
        """The `seq` of the HOLD row."""
        return int(self.hold_id.rpartition(".")[2])

    @property
    def scope(self) -> tuple[str, str | None, str]:
        return self.customer_id, self.order_id, self.key

    @property
    def fingerprint(self) -> bytes:
        return sha256(repr(self).encode()).digest()[:16]

    @property
    def grant(self) -> Grant:
        return Grant(
            self.points,
            activates_at=None if self.activates_in is None else self.sent_at + self.activates_in,
            expires_at=None if self.expires_in is None else self.sent_at + self.expires_in,
        )


@dataclass
class World:
    """A table with one wallet. `now` is the database's clock; callers' clocks may differ a little."""

    client: "DynamoDBClient"
    table: str
    wallet_id: str = ""
    now: datetime = FIRST_MOMENT
    store: Store = field(init=False)
    requests: dict[str, Request] = field(default_factory=dict)
    """The requests by the request ids of their rows."""
    _requests: Iterator[int] = field(default_factory=itertools.count)
    _skew: local = field(default_factory=local)

    def __post_init__(self) -> None:
        self.store = self.environment()

    def environment(self) -> Store:
        """A store with a cache of its own, on the clock of the caller."""
        return Store(self.client, self.table, self.clock)

    def clock(self) -> datetime:
        """The clock of the caller. Each thread is a caller with a clock of its own."""
        return self.now + timedelta(seconds=getattr(self._skew, "seconds", 0))

    @contextmanager
    def skewed(self, seconds: int) -> Iterator[None]:
        """The caller's clock is wrong by these seconds."""
        self._skew.seconds = seconds
        try:
            yield
        finally:
            self._skew.seconds = 0

    @property
    def wallet(self) -> Wallet:
        return wallets.read(self.store, self.wallet_id)

    def send(
        self,
        request: Request,
        *,
        skew: int = 0,
        store: Store | None = None,
        wallet_id: str | None = None,
        dry: bool = False,
    ) -> Answer:
        """Runs the request like a handler. Each call has its own request id."""
        by_hand = request.verb in ("adjust", "reverse")
        command = Command(
            wallet_id=wallet_id or self.wallet_id,
            customer_id=request.customer_id,
            origin=key_origin(request.key),
            context=Context(
                source=Source.MANUAL if by_hand else Source.API,
                order_id=request.order_id,
                order=None if request.amount is None else Order(request.amount, None),
                metadata=request.metadata,
                reason="Correction" if by_hand else None,
                actor="key_test",
                request_id=f"request-{next(self._requests)}",
                fingerprint=request.fingerprint,
            ),
            dry=dry,
        )
        self.requests[command.context.request_id or ""] = request
        with self.skewed(skew):
            return self._run(request, command, store or self.store)

    def _run(self, request: Request, command: Command, store: Store) -> Answer:
        at = self.clock()
        match request.verb:
            case "credit":
                return credits.credit(store, command, request.grant, at)
            case "debit":
                return debits.debit(store, command, request.points, at)
            case "pay":
                return payments.pay(store, command, PaymentLimit(), at)
            case "refund":
                return refunds.refund(store, command, RefundDemand(RefundType.FULL), at)
            case "transfer":
                return transfers.transfer(store, command, request.recipient, request.points, at)
        return self._run_other(request, command, store)

    def _run_other(self, request: Request, command: Command, store: Store) -> Answer:
        at = self.clock()
        match request.verb:
            case "hold":
                return holds.hold(store, command, request.points, Period(request.minutes, Unit.MINUTE), at)
            case "capture" | "release":
                return self._end_hold(request, command, at, store)
            case "adjust":
                return corrections.adjust(store, command, request.grant, at)
            case "reverse":
                return corrections.reverse(store, command, history.by_id(store, request.undoes), at)
            case "event":
                return custom_events.accept(store, self._event(request, command), at)
        raise ValueError(request.verb)

    @staticmethod
    def _event(request: Request, command: Command) -> SentEvent:
        return SentEvent(
            event=CustomEvent(request.event, request.customer_id, request.key, request.order_id),
            properties={},
            fingerprint=request.fingerprint,
            receipt_fingerprint=request.fingerprint,
            actor="key_test",
            request_id=command.context.request_id or "",
        )

    def _end_hold(self, request: Request, command: Command, at: datetime, store: Store) -> Outcome:
        row = holds.hold_row(store, self.wallet_id, request.customer_id, request.hold_id)
        if request.verb == "release":
            return holds.release(store, command, row, at)
        return holds.capture(store, command, row, request.points or None, at, final=request.final)

    def items(self) -> list[Item]:
        """All items of the table."""
        return stored_items(self.table)

    def drop(self) -> None:
        drop_table(self.table)


@dataclass(frozen=True, slots=True)
class Books:
    """A stored card, its rows in order, and their items in the table."""

    card: Card
    rows: list[Transaction]
    card_item: Item
    row_items: list[Item]
    profiles: list[Item]
    codes: list[Item]


def books(items: list[Item]) -> dict[str, Books]:
    """The books by customer, of a table with one wallet."""
    found = {}
    for item in items:
        if item["sk"]["S"].startswith("CARD#"):
            card = card_from(item)
            own = [one for one in items if one["pk"] == item["pk"]]
            rows = sorted((one for one in own if "hp" in one), key=lambda one: int(one["hs"]["N"]))
            found[card.customer_id] = Books(
                card,
                [row_from(row) for row in rows],
                item,
                rows,
                [one for one in own if one["sk"]["S"].startswith("PROFILE#")],
                [one for one in items if one["sk"]["S"] == "CODE" and one["cu"]["S"] == card.customer_id],
            )
    return found


@cache
def _session() -> boto3.Session:
    return boto3.Session()


@contextmanager
def emulator() -> Iterator[boto3.Session]:
    """A moto account. All accounts share a session, because its second client is created ten times as fast."""
    with emulated_aws():
        yield _session()


def client_of(session: boto3.Session) -> "DynamoDBClient":
    """A client with the settings of the product's client."""
    retries: Any = {"mode": "standard", "total_max_attempts": 3}
    return session.client("dynamodb", config=Config(connect_timeout=1, read_timeout=3, retries=retries))


@contextmanager
def world(
    client: "DynamoDBClient", *, time_zone: str = "Europe/Berlin", events: Sequence[str] = (), **settings: Any
) -> Iterator[World]:
    """A new table with these events and an active wallet. The database's answers have the date of the world's clock."""
    made = World(client, f"loyalty-{next(_names)}")
    add_table(made.table)

    def dated(parsed: dict[str, Any], **_: Any) -> None:
        parsed["ResponseMetadata"]["HTTPHeaders"]["date"] = format_datetime(made.now, usegmt=True)

    client.meta.events.register("after-call.dynamodb", dated)
    project.change(made.store, Project(time_zone, "EUR"), 0, BUILT_IN_ROLES["admin"])
    for name in events:
        made.store.event_definitions.save(EventDefinition(name, "", (), 1, 1))
    wallet, _ = wallets.create(made.store, {"name": "Stars", **settings}, WalletStatus.ACTIVE, made.now, "test")
    made.wallet_id = wallet.wallet.wallet_id
    try:
        yield made
    finally:
        client.meta.events.unregister("after-call.dynamodb", dated)
        made.drop()


def outcome_of(answer: Answer) -> Outcome:
    """The outcome of the command's own row."""
    match answer:
        case RefundOutcome():
            return answer.outcome
        case TransferOutcome():
            return answer.sent
        case Accepted():
            raise TypeError("an event may have no row")
    return answer
