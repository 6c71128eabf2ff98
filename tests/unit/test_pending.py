"""Pending points: activated or canceled before their date, all of them or the share of an order."""

from dataclasses import dataclass, field, replace
from itertools import product

import pytest

from loyalty.domain.cards.card import BY_EVENT, BY_WALLET, Card, Lot, PendingLot, points_of
from loyalty.domain.cards.coarsening import coarsen, round_dates
from loyalty.domain.cards.notices import due_notices
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import Context, Movement, Operation, Source, Transaction, TransactionType, record
from loyalty.domain.dates import EVERY_MAX, NEVER, Period, Unit
from loyalty.domain.movements.credit import Grant, credit_points
from loyalty.domain.movements.debit import debit_points
from loyalty.domain.movements.order_state import lapsed_points, order_state
from loyalty.domain.movements.pending import (
    activate_pending,
    cancel_pending,
    decoded_period,
    encoded_period,
    pending_by_event,
    pending_outcome,
    pending_share,
)
from loyalty.domain.wallets.settings import CancelAfter, Expiration, ExpirationType, Notices, Pending, PendingType
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import InvalidDates
from tests.support.ledger import FULL, refund_alone
from tests.support.samples import BERLIN, NOW, TODAY, card, local, lot, wallet

DAY = 86_400
ROLLING = Expiration(ExpirationType.ROLLING_EXPIRATION, 1, Unit.MONTH)
DELIVERED = Pending(PendingType.EVENT_BASED, events=("delivered",))
CANCELED_AFTER_A_WEEK = replace(DELIVERED, cancel_after=CancelAfter(1, Unit.WEEK))
IN_THREE_DAYS = Pending(PendingType.PERIOD_BASED, 3, Unit.DAY)


def on_event(points: int, *, cancel_at: int = 0, expires_at: int = BY_WALLET) -> PendingLot:
    return PendingLot(points, BY_EVENT, cancel_at, expires_at, TODAY)


@dataclass
class Ledger:
    """A card and its rows, written as the use cases write them."""

    wallet: Wallet = field(default_factory=lambda: wallet(pending=DELIVERED, expiration=ROLLING))
    card: Card = field(default_factory=card)
    rows: list[Transaction] = field(default_factory=list)
    at: int = NOW

    def wait(self, seconds: int) -> None:
        self.at += seconds

    def credit(self, points: int, order: str | None) -> None:
        after, movement = credit_points(self._settled(), Grant(points), self.wallet, self.at)
        self._write(after, [movement], order, Operation.CREDIT)

    def share(self, order: str) -> list[PendingLot]:
        """The pending points of the order, from its rows and from the rows of events without an order."""
        rows = [row for row in self.rows if row.context.order_id == order]
        credit_rows = [row for row in rows if row.type is TransactionType.CREDIT]
        endings = {TransactionType.ACTIVATION, TransactionType.CANCELLATION, TransactionType.REVOCATION}
        ended = [row for row in rows if row.type in endings]
        ended += [
            row
            for row in self.rows
            if row.context.order_id is None and row.operation is Operation.EVENT and row.seq > credit_rows[0].seq
        ]
        return pending_share(self._settled(), credit_rows, ended, BERLIN)

    def event(self, order: str | None = None) -> int:
        """Activates the order's share, or all pending points, and returns the number of points."""
        current = self._settled()
        parts = pending_by_event(current) if order is None else self.share(order)
        if not parts:
            return 0
        after, movement = activate_pending(current, parts, self.wallet, self.at, Operation.EVENT)
        self._write(after, [movement], order, Operation.EVENT)
        return movement.points

    def cancel(self, order: str) -> int:
        current = self._settled()
        after, movement = cancel_pending(current, self.share(order), self.at)
        self._write(after, [movement], order, Operation.CANCEL)
        return movement.points

    def refund(self, order: str) -> None:
        current = self._settled()
        own = [row for row in self.rows if row.context.order_id == order]
        events = [row for row in self.rows if row.context.order_id is None and row.operation is Operation.EVENT]
        state = order_state(own, current.coarse, BERLIN, self.at, events=events)
        lapsed = lapsed_points(self.rows)
        after, movements = refund_alone(current, state, FULL, lapsed, self.wallet, self.at)
        self._write(after, movements, order, Operation.REFUND)

    def _settled(self) -> Card:
        current, moved = settle(self.card, self.at)
        if moved:
            self._write(current, moved, None, Operation.SETTLE)
        return self.card

    def _write(self, after: Card, movements: list[Movement], order: str | None, operation: Operation) -> None:
        assert {movement.operation for movement in movements} == {operation}
        context, after = Context(source=Source.API, order_id=order), coarsen(after, BERLIN)
        self.card, rows = record(
            self.card, movements, context, after=after, at=self.at, wallet_version=1, salt=bytes(12)
        )
        self.rows += rows


@pytest.mark.parametrize("unit", Unit)
def test_an_encoded_period_decodes_to_the_same_period(unit: Unit) -> None:
    for every in (1, 2, EVERY_MAX[unit] - 1, EVERY_MAX[unit]):
        assert decoded_period(encoded_period(Period(every, unit))) == Period(every, unit)


def test_encoded_periods_differ_from_each_other_and_from_all_other_expiries() -> None:
    periods = [Period(every, unit) for every, unit in product((1, 2, 3, 10), Unit)]
    assert len({encoded_period(period) for period in periods}) == len(periods)
    for no_period in (NEVER, BY_WALLET, NOW, -NOW):
        assert decoded_period(no_period) is None


def test_event_based_pending_points_have_a_date_of_cancellation() -> None:
    one = wallet(pending=CANCELED_AFTER_A_WEEK, expiration=ROLLING)
    after, movement = credit_points(card(), Grant(5), one, NOW)
    assert after.pending == movement.pending_lots == (on_event(5, cancel_at=local("2027-03-10 00:00")),)
    assert pending_by_event(after) == list(after.pending)


def test_points_with_their_own_activation_date_need_no_event_and_are_not_canceled() -> None:
    one = wallet(pending=CANCELED_AFTER_A_WEEK, expiration=ROLLING)
    after, _ = credit_points(card(), Grant(5, activates_after=Period(1, Unit.DAY)), one, NOW)
    assert after.pending == (PendingLot(5, local("2027-03-04 00:00"), 0, local("2027-04-05 00:00"), TODAY),)
    assert pending_by_event(after) == []


def test_points_are_active_at_once_if_the_event_arrived_before() -> None:
    one = wallet(pending=DELIVERED, expiration=ROLLING)
    after, _ = credit_points(card(), Grant(5), one, NOW, event_received=True)
    assert after.lots == (lot(5, "2027-04-04"),)
    after, _ = credit_points(card(), Grant(5, activates_after=Period(1, Unit.DAY)), one, NOW, event_received=True)
    assert after.balance.pending == 5


def test_event_based_pending_points_may_not_expire_before_an_event_could_arrive() -> None:
    one = wallet(pending=DELIVERED)
    for expires_at in (NOW - 1, NOW):
        with pytest.raises(InvalidDates):
            credit_points(card(), Grant(5, expires_at=expires_at), one, NOW)
    assert credit_points(card(), Grant(5, expires_at=NOW + 1), one, NOW)[0].balance.pending == 5


@pytest.mark.parametrize(
    ("pending", "expires", "canceled"),
    [
        (DELIVERED, "2027-03-05 12:00", "2027-03-05 12:00"),
        (CANCELED_AFTER_A_WEEK, "2027-03-05 12:00", "2027-03-05 12:00"),
        (CANCELED_AFTER_A_WEEK, "2027-04-05 12:00", "2027-03-10 00:00"),
    ],
    ids=["no cancellation", "before the cancellation", "after the cancellation"],
)
def test_event_based_pending_points_without_an_event_are_canceled_at_their_expiry(
    pending: Pending, expires: str, canceled: str
) -> None:
    before, _ = credit_points(card(), Grant(5, expires_at=local(expires)), wallet(pending=pending), NOW)
    assert settle(before, local(canceled) - 1) == (before, [])
    after, (cancellation,) = settle(before, local(canceled))
    assert (cancellation.type, after.lifetime.canceled, after.pending) == (TransactionType.CANCELLATION, 5, ())


def test_points_that_an_event_activates_get_their_expiry_from_that_moment() -> None:
    one = wallet(pending=DELIVERED, expiration=ROLLING)
    before = card(pending=(on_event(5), on_event(7, expires_at=encoded_period(Period(1, Unit.WEEK)))))
    at = NOW + DAY
    after, movement = activate_pending(before, before.pending, one, at, Operation.EVENT)
    assert after.pending == ()
    assert set(after.lots) == {lot(5, "2027-04-05"), lot(7, "2027-03-12")}
    assert set(movement.lots) == set(after.lots), "the row has the expiries that were unknown before the event"
    assert movement.pending_lots == before.pending
    assert (movement.type, movement.operation, movement.points, movement.effective_at) == (
        TransactionType.ACTIVATION,
        Operation.EVENT,
        12,
        at,
    )


def test_an_activation_by_hand_keeps_the_expiry_of_the_grant() -> None:
    one = wallet(pending=IN_THREE_DAYS, expiration=ROLLING)
    before, _ = credit_points(card(), Grant(5), one, NOW)
    after, movement = activate_pending(before, before.pending, one, NOW, Operation.ACTIVATE)
    assert after.lots == movement.lots == (lot(5, "2027-04-07"),)
    assert settle(after, NOW + 3 * DAY)[0].balance.active == 5


def test_activated_points_repay_the_debt() -> None:
    one = wallet(pending=DELIVERED, allow_negative_balance=True)
    before = card(debt=30, pending=(on_event(50),))
    after, movement = activate_pending(before, before.pending, one, NOW, Operation.EVENT)
    assert (after.debt, after.balance.active, movement.points) == (0, 20, 50)


def test_canceled_points_leave_the_balance_and_give_their_room_back() -> None:
    before, _ = credit_points(card(), Grant(50), wallet(pending=IN_THREE_DAYS), NOW)
    part = replace(before.pending[0], points=20)
    after, movement = cancel_pending(before, [part], NOW)
    assert (after.balance.pending, after.lifetime.canceled) == (30, 20)
    assert [counter.earned for counter in after.counters] == [30] * 5
    assert (movement.type, movement.operation, movement.points) == (TransactionType.CANCELLATION, Operation.CANCEL, 20)
    assert movement.pending_lots == (part,)
    assert movement.balance == after.balance


def test_an_event_of_an_order_activates_only_the_points_of_this_order() -> None:
    ledger = Ledger()
    ledger.credit(10, "A")
    ledger.credit(20, "B")
    ledger.credit(40, None)
    assert [lot.points for lot in ledger.card.pending] == [70]

    assert ledger.event("A") == 10
    assert ledger.card.balance.active == 10
    assert ledger.event("A") == 0
    assert ledger.event("B") == 20
    assert ledger.event() == 40
    assert (ledger.card.balance.active, ledger.card.balance.pending) == (70, 0)


def test_an_order_with_credits_on_several_days_has_a_share_in_several_lots() -> None:
    ledger = Ledger()
    ledger.credit(10, "A")
    ledger.credit(20, "B")
    ledger.wait(DAY)
    ledger.credit(1, "A")
    ledger.credit(2, "B")
    assert [lot.points for lot in ledger.share("A")] == [10, 1]
    assert ledger.event("A") == 11
    assert sorted(lot.points for lot in ledger.card.pending) == [2, 20]


def test_points_that_an_order_earns_after_its_event_are_a_share_again() -> None:
    ledger = Ledger()
    ledger.credit(10, "A")
    ledger.credit(20, "B")
    assert ledger.event("A") == 10
    ledger.credit(5, "A")
    assert points_of(ledger.share("A")) == 5
    assert points_of(ledger.share("B")) == 20


def test_points_that_an_order_earns_after_a_customers_event_are_a_share_again() -> None:
    ledger = Ledger()
    ledger.credit(10, "A")
    ledger.credit(20, "B")
    assert ledger.event() == 30
    assert ledger.share("A") == []
    ledger.credit(5, "A")
    ledger.credit(6, "B")
    assert points_of(ledger.share("A")) == 5
    assert ledger.event("B") == 6
    assert ledger.event("A") == 5


def test_canceled_or_revoked_points_of_an_order_are_not_in_its_share() -> None:
    ledger = Ledger()
    ledger.credit(10, "A")
    ledger.credit(20, "B")
    ledger.credit(40, "C")
    assert ledger.cancel("A") == 10
    ledger.refund("B")
    assert ledger.card.balance.pending == 40
    assert ledger.share("A") == ledger.share("B") == []
    assert points_of(ledger.share("C")) == 40


def test_points_that_time_canceled_are_not_in_the_share_of_an_order() -> None:
    ledger = Ledger(wallet(pending=CANCELED_AFTER_A_WEEK))
    ledger.credit(10, "A")
    ledger.wait(5 * DAY)
    ledger.credit(20, "A")
    ledger.wait(3 * DAY)
    assert points_of(ledger.share("A")) == 20
    assert ledger.card.lifetime.canceled == 10


def test_a_share_is_found_on_a_card_that_became_coarse() -> None:
    ledger = Ledger(wallet(pending=IN_THREE_DAYS, expiration=ROLLING))
    ledger.credit(10, "A")
    ledger.wait(60)
    ledger.credit(20, "B")
    ledger.card = round_dates(ledger.card, 3, BERLIN)
    ledger.credit(5, "A")
    assert len(ledger.card.pending) == 1
    assert points_of(ledger.share("A")) == 15
    assert points_of(ledger.share("B")) == 20


def test_a_refund_revokes_the_points_of_its_order_and_not_others_of_the_same_lot() -> None:
    ledger = Ledger()
    ledger.credit(10, "A")
    ledger.credit(10, "B")
    ledger.event("A")
    ledger.refund("A")
    assert (ledger.card.balance.active, ledger.card.balance.pending) == (0, 10)
    assert ledger.event("B") == 10


def test_a_refund_of_canceled_points_revokes_no_other_points() -> None:
    ledger = Ledger()
    ledger.credit(10, "A")
    ledger.credit(10, "B")
    ledger.credit(10, "C")
    ledger.event("C")
    ledger.cancel("A")
    ledger.refund("A")
    assert (ledger.card.balance.active, ledger.card.balance.pending) == (10, 10)


def test_a_refund_of_points_that_time_canceled_revokes_no_other_points() -> None:
    ledger = Ledger(wallet(pending=CANCELED_AFTER_A_WEEK))
    ledger.credit(10, "A")
    ledger.credit(10, "B")
    ledger.event("B")
    ledger.wait(8 * DAY)
    ledger.refund("A")
    assert (ledger.card.balance.active, ledger.card.lifetime.canceled) == (10, 10)


def test_a_refund_first_revokes_what_a_customers_event_activated_of_the_order() -> None:
    """The lots of the two months differ, and the order's own lot is not consumed first."""
    ledger = Ledger(wallet(pending=DELIVERED, expiration=ROLLING))
    ledger.credit(10, "B")
    ledger.event()
    ledger.wait(5 * DAY)
    ledger.credit(10, "A")
    ledger.credit(5, "C")
    ledger.event()
    ledger.refund("A")
    assert ledger.card.lots == (lot(10, "2027-04-04"), lot(5, "2027-04-09", "2027-03-08"))


def test_a_refund_revokes_pending_points_of_an_order_on_a_coarse_card() -> None:
    for pending in (DELIVERED, IN_THREE_DAYS):
        ledger = Ledger(wallet(pending=pending, expiration=ROLLING))
        ledger.credit(10, "A")
        ledger.credit(20, "B")
        ledger.card = round_dates(ledger.card, 2, BERLIN)
        ledger.refund("A")
        assert [lot.points for lot in ledger.card.pending] == [20]
        assert points_of(ledger.share("B")) == 20


def test_points_spent_before_coarsening_return_to_the_coarsened_lot() -> None:
    ledger = Ledger(wallet(expiration=ROLLING))
    ledger.credit(10, None)
    after, movement = debit_points(ledger.card, 4, ledger.wallet, NOW)
    ledger._write(after, [movement], "A", Operation.DEBIT)
    ledger.card = round_dates(ledger.card, 3, BERLIN)
    # The granted expiry was 4 April.
    ledger.at = local("2027-05-01 00:00")
    ledger.refund("A")
    assert ledger.card.lots == (lot(10, "2027-07-01", "2027-01-01"),)


def test_activating_part_of_a_lot_keeps_the_rest_pending() -> None:
    one = wallet(pending=DELIVERED)
    before = card(Lot(1, NEVER, TODAY), pending=(on_event(30),))
    after, _ = activate_pending(before, [on_event(12)], one, NOW, Operation.EVENT)
    assert after.lots == (lot(13),)
    assert after.pending == (on_event(18),)


def test_a_notice_of_pending_points_moves_no_points() -> None:
    ledger = Ledger(wallet(pending=IN_THREE_DAYS, notices=Notices(activating=(Period(1, Unit.DAY),))))
    ledger.credit(10, "A")
    ledger.wait(2 * DAY)
    (notice,) = due_notices(ledger.card, ledger.card, ledger.wallet, ledger.at)
    assert points_of(notice.pending_lots) == 10

    credit = [*ledger.rows]
    ledger._write(ledger.card, [notice], None, Operation.NOTICE)

    assert pending_outcome(ledger.rows, 0, BERLIN) == pending_outcome(credit, 0, BERLIN)
    assert points_of(ledger.share("A")) == 10
    ledger.refund("A")
    assert (ledger.rows[-1].points, ledger.card.pending) == (10, ())
