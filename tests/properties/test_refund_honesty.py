"""No customer gains points by earning, spending and refunding.

After full refunds of all orders, the balance is the balance without these orders: credits minus debits without an
order, minus expired and canceled points. Expired points that refunds counted, and reported shortfalls, are exceptions.
"""

from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import event, example, given
from hypothesis import strategies as st

from loyalty.domain.cards.card import Card, Hold, points_of
from loyalty.domain.cards.consumption import consume
from loyalty.domain.cards.transaction import TransactionType
from loyalty.domain.dates import Unit, day_number, local_day
from loyalty.domain.order import Order
from loyalty.domain.wallets.settings import (
    Activity,
    EarnedRefunds,
    EarnedRefundType,
    Expiration,
    ExpirationType,
    ExpiredLots,
    Pending,
    PendingType,
    Refunds,
    RevocationMode,
    SpentRefunds,
    SpentRefundType,
)
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import InsufficientPoints, LoyaltyError, NothingToRefund
from tests.support.ledger import FULL, Ledger, of_amount
from tests.support.samples import NOW, card, wallet

HOUR, DAY = 3_600, 86_400
ORDERS = ("A", "B", "C")
ORDER = Order(100, "EUR")
BELOW_ZERO = Refunds(earned=EarnedRefunds(mode=RevocationMode.REVOKE_BELOW_ZERO))
EVENT_BASED = Pending(PendingType.EVENT_BASED, events=("Shipped",))
ROLLING = Expiration(ExpirationType.ROLLING_EXPIRATION, 2, Unit.DAY)
SLIDING = Expiration(ExpirationType.SLIDING_EXPIRATION, 3, Unit.HOUR, reset_by=(Activity.EARNING, Activity.SPENDING))
Step = tuple[Any, ...]


class History:
    """A history of orders that earn and spend, of refunds, and of other movements of the card."""

    def __init__(self, wallet: Wallet, coarse: int) -> None:
        self.ledger = Ledger(wallet, card(at=NOW, coarse=coarse))
        self.held = 0

    def credit(self, points: int, order: str | None, expires_in: int, activates_in: int) -> None:
        dates = {"activates_at": self.ledger.at + activates_in} if activates_in else {}
        if expires_in and not self.ledger.wallet.settings.allow_negative_balance:
            dates["expires_at"] = self.ledger.at + activates_in + expires_in
        self.ledger.credit(points, order, ORDER if order else None, **dates)

    def debit(self, points: int, order: str | None) -> None:
        try:
            self.ledger.debit(points, order, ORDER if order else None)
        except InsufficientPoints:
            event("could not pay")

    def refund(self, order: str, amount: int | None) -> None:
        if any(row.context.order_id == order for row in self.ledger.rows):
            try:
                self.ledger.refund(order, FULL if amount is None else of_amount(amount))
            except LoyaltyError as refusal:
                event(refusal.code)

    def cancel(self, order: str) -> None:
        self.ledger.cancel(order)

    def activate(self, order: str | None) -> None:
        self.ledger.activate(order)

    def wait(self, seconds: int) -> None:
        self.ledger.wait(seconds)

    def decide(self, refunds: Refunds) -> None:
        self.ledger.wallet = replace(self.ledger.wallet, settings=replace(self.ledger.wallet.settings, refunds=refunds))

    def hold(self, points: int) -> None:
        """Places a hold without a row. The tests never end this hold."""
        now = self.ledger.settled()
        points = min(points, points_of(now.lots))
        if points:
            now, lots = consume(now, points, self.ledger.wallet.settings.consumption_order)
            hold = Hold(1, 2**40, day_number(local_day(self.ledger.at, self.ledger.wallet.zone)), lots)
            self.ledger.card = replace(now, holds=(*now.holds, hold))

    def refund_everything(self) -> None:
        for order in ORDERS:
            if any(row.context.order_id == order for row in self.ledger.rows):
                try:
                    self.ledger.refund(order)
                except NothingToRefund:
                    continue
        self.ledger.settled()

    def total(self, type_: TransactionType, *, ordered: bool | None = None) -> int:
        rows = (row for row in self.ledger.rows if row.type is type_)
        return sum(row.points for row in rows if ordered is None or ordered == (row.context.order_id is not None))

    def total_of_refunds(self, name: str) -> int:
        return sum(getattr(row.refund, name) for row in self.ledger.rows if row.refund)


def check_books(history: History) -> None:
    """Checks that the expired and canceled points of refunds expired or were canceled, and count once."""
    expired: Counter[tuple[int, int]] = Counter()
    for row in history.ledger.rows:
        if row.type is TransactionType.EXPIRY:
            for lot in row.lots:
                expired[lot.expires_at, lot.issue_day] += lot.points
        for lot in row.refund.lapsed if row.refund else ():
            expired[lot.expires_at, lot.issue_day] -= lot.points
    assert min(expired.values(), default=0) >= 0, "each expired point is counted by one refund at most"
    claimed = history.total_of_refunds("expired") - sum(
        points_of(row.refund.lapsed) for row in history.ledger.rows if row.refund
    )
    assert claimed <= history.total(TransactionType.CANCELLATION)
    card = history.ledger.card
    assert all(lot.points > 0 for lot in card.lots)
    assert all(counter.earned >= 0 and counter.spent >= 0 for counter in card.counters)
    assert card.debt == 0 or not card.lots


def worth(card: Card) -> int:
    return card.balance.active + card.balance.pending + card.balance.held


STEPS = st.one_of(
    st.tuples(
        st.just("credit"),
        st.integers(1, 9),
        st.sampled_from([None, *ORDERS, *ORDERS]),
        st.sampled_from([0, 0, HOUR, DAY]),
        st.sampled_from([0, 0, 0, HOUR, 2 * DAY]),
    ),
    st.tuples(st.just("debit"), st.integers(1, 14), st.sampled_from([None, *ORDERS])),
    st.tuples(st.just("refund"), st.sampled_from(ORDERS), st.sampled_from([None, 1, 30, 30, 70])),
    st.tuples(st.just("cancel"), st.sampled_from(ORDERS)),
    st.tuples(st.just("activate"), st.sampled_from([None, *ORDERS])),
    st.tuples(st.just("wait"), st.sampled_from([0, 60, HOUR, HOUR, DAY, 40 * DAY])),
    st.tuples(st.just("hold"), st.integers(1, 5)),
)
HISTORIES = st.lists(STEPS, min_size=4, max_size=16)


def history_of(wallet: Wallet, steps: list[Step], coarse: int = 0) -> History:
    history = History(wallet, coarse)
    for step in steps:
        getattr(history, step[0])(*step[1:])
        check_books(history)
    history.refund_everything()
    check_books(history)
    return history


@given(st.sampled_from([Pending(), EVENT_BASED]), HISTORIES, st.integers(0, 3))
def test_refunded_orders_leave_no_points_if_balances_may_be_negative(
    pending: Pending, steps: list[Step], coarse: int
) -> None:
    history = history_of(wallet(pending=pending, refunds=BELOW_ZERO, allow_negative_balance=True), steps, coarse)
    expected = history.total(TransactionType.CREDIT, ordered=False) - history.total(
        TransactionType.DEBIT, ordered=False
    )
    lost = history.total(TransactionType.CANCELLATION) - history.total_of_refunds("expired")
    assert history.total_of_refunds("shortfall") == 0
    assert worth(history.ledger.card) == expected - lost
    assert lost == 0, "points without an order are never canceled here"


@given(
    st.sampled_from([Expiration(), ROLLING, ROLLING, SLIDING, SLIDING]),
    st.sampled_from([Pending(), EVENT_BASED]),
    st.sampled_from(ExpiredLots),
    HISTORIES,
    st.integers(0, 3),
)
def test_no_customer_gains_more_than_the_reported_shortfalls_if_balances_stop_at_zero(
    expiration: Expiration, pending: Pending, expired_lots: ExpiredLots, steps: list[Step], coarse: int
) -> None:
    refunds = Refunds(spent=SpentRefunds(expired_lots=expired_lots, grace_days=1))
    history = history_of(wallet(expiration=expiration, pending=pending, refunds=refunds), steps, coarse)
    expected = history.total(TransactionType.CREDIT, ordered=False) - history.total(
        TransactionType.DEBIT, ordered=False
    )
    lost = (
        history.total(TransactionType.CANCELLATION)
        + history.total(TransactionType.EXPIRY)
        - history.total_of_refunds("expired")
    )
    assert worth(history.ledger.card) == expected - lost + history.total_of_refunds("shortfall")
    assert lost >= 0


POLICIES = st.builds(
    Refunds,
    st.builds(SpentRefunds, st.sampled_from(SpentRefundType)),
    st.builds(EarnedRefunds, st.sampled_from(EarnedRefundType), st.just(RevocationMode.REVOKE_BELOW_ZERO)),
)


@given(st.lists(STEPS | st.tuples(st.just("decide"), POLICIES), min_size=4, max_size=16))
def test_a_later_policy_settles_what_an_earlier_policy_withheld(steps: list[Step]) -> None:
    """Only shortfalls remain: shortfalls of a policy that revokes pending points only are forgiven, too."""
    history = History(wallet(refunds=BELOW_ZERO, allow_negative_balance=True), 0)
    for step in steps:
        getattr(history, step[0])(*step[1:])
        check_books(history)
    history.decide(BELOW_ZERO)
    history.refund_everything()
    expected = history.total(TransactionType.CREDIT, ordered=False) - history.total(
        TransactionType.DEBIT, ordered=False
    )
    assert worth(history.ledger.card) == expected + history.total_of_refunds("shortfall")


@given(HISTORIES, st.booleans())
@example([("debit", 3, None), ("credit", 3, "A", 0, 0), ("refund", "A", None), ("credit", 5, "A", 0, 0)], True)
def test_a_refund_gives_back_exactly_the_charged_room(steps: list[Step], below_zero: bool) -> None:
    """On the same day, a refund gives all room back."""
    more: dict[str, Any] = {"refunds": BELOW_ZERO, "allow_negative_balance": True} if below_zero else {}
    steps = [step for step in steps if step[0] not in ("wait", "hold")]
    history = history_of(wallet(**more), steps)
    earned = history.total(TransactionType.CREDIT, ordered=False) + history.total_of_refunds("shortfall")
    spent = history.total(TransactionType.DEBIT, ordered=False)
    for counter in history.ledger.card.counters:
        # Periods are counted from the first movement.
        assert (counter.earned, counter.spent) == (earned, spent)
