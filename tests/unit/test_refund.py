"""Full refunds of an order: returned points, revoked points and the shortfall."""

import pytest

from loyalty.domain.cards.card import Lot, points_of
from loyalty.domain.cards.transaction import RefundDetails, RefundType, TransactionType
from loyalty.domain.dates import Unit, day_number, local_day
from loyalty.domain.movements.order_state import order_state
from loyalty.domain.order import Order
from loyalty.domain.wallets.settings import Expiration, ExpirationType
from loyalty.errors import NothingToRefund
from tests.support.ledger import Ledger
from tests.support.samples import BERLIN, NOW, local, lot, wallet

HOUR, DAY = 3_600, 86_400
ROLLING = wallet(expiration=Expiration(ExpirationType.ROLLING_EXPIRATION, 1, Unit.MONTH))


def test_spent_points_return_to_the_lots_from_which_they_were_taken() -> None:
    ledger = Ledger()
    ledger.credit(50, expires_at=NOW + 40 * DAY)
    ledger.credit(50, expires_at=NOW + 20 * DAY)
    before = ledger.card.lots
    ledger.debit(70, "A")
    ledger.wait(DAY)

    details = ledger.refund("A")

    assert ledger.card.lots == before
    assert ledger.newest(1) == [(TransactionType.RETURN, 70)]
    assert ledger.rows[-1].lots == (lot(20, NOW + 40 * DAY), lot(50, NOW + 20 * DAY))
    assert details == RefundDetails(RefundType.FULL, spent=70)
    assert ledger.card.lifetime.returned == 70


def test_earned_points_are_revoked_from_the_lots_that_the_order_earned() -> None:
    ledger = Ledger()
    ledger.credit(50, expires_at=NOW + 10 * DAY)
    ledger.credit(30, "A", expires_at=NOW + 20 * DAY)

    details = ledger.refund("A")

    assert ledger.card.lots == (lot(50, NOW + 10 * DAY),)
    assert ledger.newest(1) == [(TransactionType.REVOCATION, 30)]
    assert details == RefundDetails(RefundType.FULL, earned=30, revoked=30)


def test_pending_points_of_the_order_are_revoked_as_well_as_active_ones() -> None:
    ledger = Ledger()
    ledger.credit(10, "A", activates_at=NOW + DAY)
    ledger.credit(20, "A")
    ledger.credit(40, activates_at=NOW + 2 * DAY)

    ledger.refund("A")

    assert (ledger.card.balance.pending, ledger.card.balance.active) == (40, 0)
    row = ledger.rows[-1]
    assert (points_of(row.pending_lots), points_of(row.lots)) == (10, 20)
    assert row.deltas == (-10, -20, 0)


def test_points_of_the_order_that_became_active_are_revoked_from_their_active_lot() -> None:
    ledger = Ledger()
    ledger.credit(10, "A", activates_at=NOW + DAY, expires_at=NOW + 9 * DAY)
    ledger.credit(5, expires_at=NOW + 3 * DAY)
    ledger.wait(2 * DAY)

    ledger.refund("A")

    assert ledger.card.lots == (lot(5, NOW + 3 * DAY),)
    assert ledger.newest(2) == [(TransactionType.ACTIVATION, 10), (TransactionType.REVOCATION, 10)]


def test_other_points_are_revoked_in_the_consumption_order_if_the_orders_own_are_spent() -> None:
    ledger = Ledger()
    ledger.credit(30, "A", expires_at=NOW + DAY)
    ledger.credit(20, expires_at=NOW + 3 * DAY)
    ledger.credit(20, expires_at=NOW + 2 * DAY)
    ledger.debit(30)

    details = ledger.refund("A")

    assert ledger.card.lots == (lot(10, NOW + 3 * DAY),)
    assert (details.revoked, details.shortfall) == (30, 0)


def test_points_that_cannot_be_revoked_are_a_shortfall_and_the_balance_stays_at_zero() -> None:
    ledger = Ledger()
    ledger.credit(30, "A")
    ledger.debit(25)

    details = ledger.refund("A")

    assert ledger.card.balance.active == 0
    assert (details.earned, details.revoked, details.shortfall) == (30, 5, 25)


def test_a_refund_with_a_shortfall_of_all_points_records_a_row_without_points() -> None:
    ledger = Ledger()
    ledger.credit(30, "A")
    ledger.debit(30)

    details = ledger.refund("A")

    assert ledger.newest(1) == [(TransactionType.RETURN, 0)]
    assert details == RefundDetails(RefundType.FULL, earned=30, shortfall=30)


def test_earned_points_that_expired_unspent_are_not_revoked() -> None:
    ledger = Ledger()
    ledger.credit(30, "A", expires_at=NOW + DAY)
    ledger.credit(100)
    ledger.wait(2 * DAY)

    details = ledger.refund("A")

    assert details == RefundDetails(RefundType.FULL, earned=30, expired=30, lapsed=(lot(30, NOW + DAY),))
    assert ledger.card.balance.active == 100


def test_the_spent_part_of_an_expired_lot_is_revoked_and_the_expired_part_is_not() -> None:
    ledger = Ledger()
    ledger.credit(30, "A", expires_at=NOW + DAY)
    ledger.debit(20)
    ledger.credit(100)
    ledger.wait(2 * DAY)

    details = ledger.refund("A")

    assert (details.expired, details.revoked) == (10, 20)
    assert ledger.card.balance.active == 80


def test_an_order_that_spent_and_earned_has_a_return_before_its_revocation() -> None:
    ledger = Ledger()
    ledger.credit(100)
    ledger.debit(60, "A", order=Order(5_000, "EUR"))
    ledger.credit(40, "A")

    details = ledger.refund("A")

    assert ledger.newest(2) == [(TransactionType.RETURN, 60), (TransactionType.REVOCATION, 40)]
    assert details == RefundDetails(RefundType.FULL, spent=60, earned=40, revoked=40, amount=5000, money=5000)
    assert [row.refund for row in ledger.rows[-2:]] == [None, details]
    assert ledger.card.balance.active == 100


def test_points_earned_and_spent_on_one_order_return_and_are_revoked() -> None:
    ledger = Ledger()
    ledger.credit(40, "A")
    ledger.debit(40, "A")

    details = ledger.refund("A")

    assert ledger.card.balance.active == 0
    assert (details.spent, details.revoked, details.shortfall) == (40, 40, 0)


def test_returned_points_of_an_expired_lot_get_an_expiry_as_if_credited_now() -> None:
    ledger = Ledger(ROLLING)
    ledger.credit(50, expires_at=NOW + DAY)
    ledger.debit(20, "A")
    ledger.wait(10 * DAY)

    ledger.refund("A")

    (renewed,) = ledger.card.lots
    issued = day_number(local_day(ledger.at, BERLIN))
    assert renewed == Lot(20, local("2027-04-14 00:00"), issued)
    assert ledger.card.lifetime.expired == 30


def test_returned_points_of_a_lot_that_expires_now_get_another_expiry() -> None:
    ledger = Ledger()
    ledger.credit(50, expires_at=NOW + DAY)
    ledger.debit(50, "A")
    ledger.wait(DAY)
    ledger.refund("A")
    assert [one.expires_at for one in ledger.card.lots] == [0]


def test_a_second_full_refund_is_refused() -> None:
    ledger = Ledger()
    ledger.credit(100, "A")
    ledger.refund("A")
    with pytest.raises(NothingToRefund):
        ledger.refund("A")


def test_a_shortfall_is_forgiven_and_not_revoked_later() -> None:
    ledger = Ledger()
    ledger.credit(30, "A")
    ledger.debit(30)
    ledger.refund("A")
    ledger.credit(100)
    with pytest.raises(NothingToRefund):
        ledger.refund("A")


def test_movements_of_an_order_after_its_refund_can_be_refunded() -> None:
    ledger = Ledger()
    ledger.credit(100)
    ledger.debit(10, "A", order=Order(800, "EUR"))
    ledger.refund("A")
    ledger.debit(25, "A")

    details = ledger.refund("A")

    assert details == RefundDetails(RefundType.FULL, spent=25, amount=0, money=0)
    assert ledger.card.balance.active == 100


def test_a_second_refund_returns_points_to_the_lots_of_the_later_spending() -> None:
    ledger = Ledger()
    ledger.credit(10, expires_at=NOW + DAY)
    ledger.credit(25)
    ledger.debit(10, "A")
    ledger.refund("A")
    ledger.debit(10)
    ledger.debit(25, "A")

    ledger.refund("A")

    assert ledger.card.lots == (lot(25),)


def test_a_refund_of_one_order_does_not_change_another_order() -> None:
    ledger = Ledger()
    ledger.credit(100)
    ledger.debit(10, "A")
    ledger.debit(20, "B")
    ledger.credit(5, "B")

    ledger.refund("A")

    assert ledger.card.balance.active == 85
    assert ledger.refund("B").spent == 20


def test_a_refund_gives_room_back_in_charged_periods_that_still_run() -> None:
    ledger = Ledger()
    ledger.credit(100, "A")
    ledger.debit(40, "A")
    ledger.wait(DAY)

    ledger.refund("A")

    day, _week, month, _quarter, year = ledger.card.counters
    assert (day.earned, day.spent) == (0, 0)
    assert (month.earned, month.spent) == (0, 0)
    assert (year.earned, year.spent) == (0, 0)


def test_a_refund_on_a_later_day_gives_no_room_to_that_day() -> None:
    ledger = Ledger()
    ledger.credit(100, "A")
    ledger.wait(DAY)
    ledger.credit(7)

    ledger.refund("A")

    assert ledger.card.counters[0].earned == 7


def test_the_order_of_the_rows_does_not_change_the_state_of_an_order() -> None:
    ledger = Ledger()
    ledger.credit(10, "A", expires_at=NOW + DAY)
    ledger.credit(20, "A", expires_at=NOW + 2 * DAY)
    ledger.debit(15, "A")
    forwards, backwards = (order_state(rows, 0, BERLIN, NOW) for rows in (ledger.rows, ledger.rows[::-1]))
    assert (forwards.spent, forwards.earned, forwards.spent_lots) == (
        backwards.spent,
        backwards.earned,
        backwards.spent_lots,
    )
    assert forwards.own.shares == backwards.own.shares
