"""After any history, an immediate reversal restores the card, and corrections keep every invariant of the ledger."""

from collections import Counter as Count
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
from loyalty.domain.cards.card import Card, Lot
from loyalty.domain.cards.coarsening import coarse_expiry, coarsen
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import Context, Movement, Source, Transaction, TransactionType, record
from loyalty.domain.dates import CalendarUnit, Period, Unit, instant, local_day, period_numbers
from loyalty.domain.movements.adjustment import add_points, remove_points
from loyalty.domain.movements.credit import Grant, credit_points
from loyalty.domain.movements.debit import debit_points
from loyalty.domain.movements.expiry_change import NamedLot, NewExpiry, set_expiry
from loyalty.domain.movements.reversal import reverse_row
from loyalty.domain.wallets.settings import (
    Activity,
    ConsumptionOrder,
    EarningLimit,
    EarningLimits,
    Expiration,
    ExpirationType,
    LimitType,
    Pending,
    PendingType,
    SpendingLimit,
    SpendingLimits,
)
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import AlreadyReversed, LoyaltyError, NotReversible
from loyalty.store.keys import key_origin
from loyalty.usecases.ledger import Command
from loyalty.usecases.points import corrections, pending
from tests.support.invariants import check_all
from tests.support.samples import NOW, card, wallet
from tests.support.world import Request, World, books, client_of, emulator, world

HOUR, DAY = 3_600, 86_400
POINTS = st.integers(1, 60)
WALLETS = st.builds(
    wallet,
    expiration=st.sampled_from(
        [
            Expiration(),
            Expiration(ExpirationType.ROLLING_EXPIRATION, 20, Unit.DAY),
            Expiration(ExpirationType.ROLLING_EXPIRATION, 90, Unit.MINUTE),
            Expiration(ExpirationType.SLIDING_EXPIRATION, 5, Unit.DAY, reset_by=(Activity.EARNING, Activity.SPENDING)),
        ]
    ),
    pending=st.sampled_from(
        [
            Pending(),
            Pending(PendingType.PERIOD_BASED, 2, Unit.DAY),
            Pending(PendingType.EVENT_BASED, events=("delivered",)),
        ]
    ),
    earning_limits=st.sampled_from(
        [EarningLimits(), EarningLimits(EarningLimit(LimitType.TIME_BASED, CalendarUnit.WEEK, 150))]
    ),
    spending_limits=st.sampled_from(
        [SpendingLimits(), SpendingLimits(SpendingLimit(LimitType.SPENDING_BASED, None, 90))]
    ),
    consumption_order=st.sampled_from(ConsumptionOrder),
)
WALLETS_WITH_DEBT = st.just(wallet(allow_negative_balance=True, negative_limit=80))
GRANTS = st.builds(Grant, POINTS) | st.builds(Grant, POINTS, expires_after=st.just(Period(3, Unit.DAY)))
HISTORIES = st.lists(
    st.tuples(st.sampled_from(["credit", "credit", "debit"]), POINTS, st.sampled_from([0, HOUR, DAY, 6 * DAY])),
    max_size=8,
)
COARSE = st.sampled_from([0, 0, 1, 3])


def card_after(one: Wallet, history: list[tuple[str, int, int]], coarse: int) -> tuple[Card, int]:
    """A settled card with a history, and the current instant."""
    current, at = card(coarse=coarse), NOW
    for kind, points, pause in history:
        at += pause
        current, _ = settle(current, at)
        try:
            if kind == "credit":
                current, _ = credit_points(current, Grant(points), one, at)
            else:
                current, _ = debit_points(current, points, one, at)
        except LoyaltyError:
            continue
        current = coarsen(current, one.zone)
    return current, at


def written(before: Card, after: Card, movement: Movement, at: int) -> Transaction:
    _, (row,) = record(before, [movement], Context(source=Source.API), after=after, at=at, wallet_version=1, salt=b"")
    return row


def state_of(one: Card, slid: int, at: int, zone: Any) -> tuple[object, ...]:
    """The points of a card and the counters of its current periods, with the sliding lots at `slid`."""
    numbers = period_numbers(local_day(at, zone))
    counted = [
        (counter.earned, counter.spent) if counter.number == number else (0, 0)
        for counter, number in zip(one.counters, numbers, strict=True)
    ]
    spent = one.lifetime.redeemed - one.lifetime.returned + one.other_spending
    return one.slide_to(slid).lots, one.pending, one.debt, one.balance, counted, spent


@given(WALLETS, HISTORIES, COARSE, GRANTS, st.sampled_from(["credit", "adjustment", "qualifying"]))
def test_an_immediate_reversal_of_a_credit_restores_the_card(
    one: Wallet, history: list[tuple[str, int, int]], coarse: int, grant: Grant, kind: str
) -> None:
    before, at = card_after(one, history, coarse)
    try:
        if kind == "credit":
            after, movement = credit_points(before, grant, one, at)
        else:
            after, movement = add_points(before, grant, one, at, qualifying=kind == "qualifying")
    except LoyaltyError:
        assume(False)

    undone, reversal = reverse_row(after, written(before, after, movement, at), [], one, at)

    assert (reversal.type, reversal.points, reversal.requested) == (TransactionType.REVOCATION, movement.points, None)
    assert (reversal.lots == ()) == (movement.lots == ())
    slid = after.sliding_expires_at
    assert state_of(undone, slid, at, one.zone) == state_of(before, slid, at, one.zone)
    assert undone.lifetime.total == before.lifetime.total


@given(WALLETS | WALLETS_WITH_DEBT, HISTORIES, COARSE, POINTS, st.sampled_from(["debit", "adjustment", "qualifying"]))
def test_an_immediate_reversal_of_a_debit_restores_the_card(
    one: Wallet, history: list[tuple[str, int, int]], coarse: int, points: int, kind: str
) -> None:
    before, at = card_after(one, history, coarse)
    try:
        if kind == "debit":
            after, movement = debit_points(before, points, one, at)
        else:
            after, movement = remove_points(before, points, one, at, qualifying=kind == "qualifying")
    except LoyaltyError:
        assume(False)
    event(f"owes {movement.owed > 0}")

    undone, reversal = reverse_row(after, written(before, after, movement, at), [], one, at)

    assert (reversal.type, reversal.points) == (TransactionType.RETURN, points)
    slid = after.sliding_expires_at
    assert state_of(undone, slid, at, one.zone) == state_of(before, slid, at, one.zone)
    assert undone.lifetime.total == before.lifetime.total


@given(
    WALLETS,
    HISTORIES,
    COARSE,
    st.sampled_from([NewExpiry(), NewExpiry(NOW + 90 * DAY), NewExpiry(after=Period(2, Unit.DAY))]),
    st.data(),
)
def test_an_expiry_change_moves_the_named_points_only(
    one: Wallet, history: list[tuple[str, int, int]], coarse: int, expiry: NewExpiry, data: st.DataObject
) -> None:
    before, at = card_after(one, history, coarse)
    assume(before.lots)
    chosen = data.draw(st.sampled_from(before.lots))
    points = data.draw(st.none() | st.integers(1, chosen.points))
    named = None if data.draw(st.booleans()) else [NamedLot(before.expiry_of(chosen), chosen.issue_day, points)]

    after, movement = set_expiry(before, expiry, named, one, at)

    expiries = {lot.expires_at for lot in movement.lots}
    assert len(expiries) == 1
    new = expiries.pop()
    assert new == coarse_expiry(new, before.coarse, one.zone)
    assert expiry.at == 0 or new >= expiry.at
    assert (after.balance, after.pending, after.counters) == (before.balance, before.pending, before.counters)
    assert (after.lifetime, after.sliding_expires_at) == (before.lifetime, before.sliding_expires_at)
    left = Count(_single(before.lots))
    left.subtract(_single(movement.lots_before))
    assert min(left.values()) >= 0
    assert Count(_single(after.lots)) == +left + Count(_single(movement.lots))
    if named is None:
        assert movement.lots_before == before.lots
    elif points is not None:
        assert sum(lot.points for lot in movement.lots_before) == points


def _single(lots: tuple[Lot, ...]) -> Iterator[tuple[int, int]]:
    for lot in lots:
        yield from [(lot.expires_at, lot.issue_day)] * lot.points


@pytest.fixture(autouse=True, scope="module")
def dynamodb() -> Iterator[None]:
    with emulator() as session:
        _client.append(client_of(session))
        yield
        _client.clear()


_client: list["DynamoDBClient"] = []

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["credit", "credit", "debit", "refund", "adjust", "reverse", "reverse", "cancel", "expiry"]),
        st.integers(-20, -1) | st.integers(1, 40),
        st.sampled_from([None, None, "A"]),
        st.booleans(),
        st.sampled_from([0, 0, 1, HOUR, 5 * HOUR, 2 * DAY]),
    ),
    min_size=4,
    max_size=16,
)
KINDS = st.fixed_dictionaries(
    {
        "expiration": st.sampled_from(
            [
                {"type": "NO_EXPIRATION"},
                {"type": "ROLLING_EXPIRATION", "every": 90, "unit": "MINUTE"},
                {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "MONTH"},
            ]
        ),
        "pending": st.sampled_from([{"type": "IMMEDIATE"}, {"type": "PERIOD_BASED", "every": 2, "unit": "HOUR"}]),
        "spendingLimits": st.just({"global": {"type": "SPENDING_BASED", "max": 60}}),
        "earningLimits": st.just({"global": {"type": "TIME_BASED", "unit": "WEEK", "max": 200}}),
    }
)


@dataclass
class Desk:
    """An operator who sends random commands and corrections in sequence."""

    world: World
    number: int = 0

    def rows(self) -> list[Transaction]:
        found = books(self.world.items())
        return found["ann"].rows if found else []

    def command(self, **context: Any) -> Command:
        context = {"source": Source.MANUAL, "reason": "A mistake", "fingerprint": str(self.number).encode(), **context}
        origin = key_origin(f"by-hand-{self.number}")
        return Command(wallet_id=self.world.wallet_id, customer_id="ann", origin=origin, context=Context(**context))

    def step(self, kind: str, points: int, order: str | None, flag: bool) -> None:  # drawn
        self.number += 1
        store, now, key = self.world.store, self.world.now, f"key-{self.number:04d}"
        works: dict[str, Callable[[], object]] = {
            "credit": lambda: self.world.send(Request("credit", "ann", key, order, abs(points))),
            "debit": lambda: self.world.send(Request("debit", "ann", key, order, abs(points))),
            "refund": lambda: self.world.send(Request("refund", "ann", key, "A")),
            "adjust": lambda: corrections.adjust(store, self.command(), Grant(points), now, qualifying=flag),
            "reverse": lambda: self.reverse(points),
            "cancel": lambda: self.cancel(points),
            "expiry": lambda: self.change_expiry(points, whole=flag),
        }
        try:
            works[kind]()
        except LoyaltyError as refusal:
            event(f"{kind}: {refusal.code}")

    def reverse(self, place: int) -> None:
        rows = self.rows()
        if not rows:
            return
        row = rows[place % len(rows)]
        before = row.seq in {other.reverses for other in rows}
        try:
            outcome = corrections.reverse(self.world.store, self.command(), row, self.world.now)
        except AlreadyReversed:
            assert before
            raise
        except NotReversible:
            assert row.context.order_id or row.operation not in ("credit", "debit", "adjustment")
            raise
        assert not before
        assert corrections.shortfall(outcome.transaction) == row.points - outcome.transaction.points

    def cancel(self, place: int) -> None:
        credit_rows = [row for row in self.rows() if row.type is TransactionType.CREDIT and row.pending_lots]
        if credit_rows:
            credit = credit_rows[place % len(credit_rows)]
            command = self.command(order_id=credit.context.order_id)
            outcome = pending.activate_or_cancel(
                self.world.store, command, credit, pending.PendingAction.CANCEL, self.world.now
            )
            assert outcome.transaction.points <= credit.points

    def change_expiry(self, points: int, *, whole: bool) -> None:
        now = instant(self.world.now)
        expiry = NewExpiry(now + abs(points) * HOUR) if points % 3 else NewExpiry()
        stored = self.world.store.cards.card("ann", self.world.wallet_id)
        lots = settle(stored, now)[0].lots if stored else ()
        named = [NamedLot(lot.expires_at, lot.issue_day, None if whole else 1) for lot in lots[: abs(points) % 3]]
        corrections.change_expiry(self.world.store, self.command(), expiry, named or None, self.world.now)


@settings(max_examples=settings().max_examples // 3)
@given(KINDS, STEPS)
def test_every_invariant_holds_after_corrections(
    kind: dict[str, Any], steps: list[tuple[str, int, str | None, bool, int]]
) -> None:
    with world(_client[0], **kind) as made:
        desk = Desk(made)
        for verb, points, order, flag, pause in [("credit", 40, None, False, 0), *steps]:
            made.now += timedelta(seconds=pause)
            desk.step(verb, points, order, flag)
            check_all(books(made.items()).values())
