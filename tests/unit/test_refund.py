"""Undoing a whole order: what comes back, what is taken back, and what neither wins nor loses."""

import pytest

from loyalty.domain.cards.card import Lot, points_of
from loyalty.domain.cards.transaction import RefundDetails, TransactionType
from loyalty.domain.dates import Unit, day_number, local_day
from loyalty.domain.movements.refund import order_state
from loyalty.domain.order import Order
from loyalty.domain.wallets.settings import Expiration, ExpirationType
from loyalty.errors import NothingToRefund
from tests.support.ledger import Ledger
from tests.support.samples import BERLIN, NOW, local, lot, wallet

HOUR, DAY = 3_600, 86_400
ROLLING = wallet(expiration=Expiration(ExpirationType.ROLLING_EXPIRATION, 1, Unit.MONTH))


def test_spent_points_come_back_to_the_lots_they_came_from() -> None:
    ledger = Ledger()
    ledger.credit(50, expires_at=NOW + 40 * DAY)
    ledger.credit(50, expires_at=NOW + 20 * DAY)
    before = ledger.card.lots
    ledger.debit(70, "A")
    ledger.wait(DAY)

    context = ledger.refund("A")

    assert ledger.card.lots == before
    assert ledger.newest(1) == [(TransactionType.RETURN, 70)]
    assert ledger.rows[-1].lots == (lot(20, NOW + 40 * DAY), lot(50, NOW + 20 * DAY))
    assert context == RefundDetails("FULL", spent=70)
    assert ledger.card.lifetime.returned == 70


def test_earned_points_are_taken_back_from_the_lots_that_the_order_earned() -> None:
    ledger = Ledger()
    ledger.credit(50, expires_at=NOW + 10 * DAY)
    ledger.credit(30, "A", expires_at=NOW + 20 * DAY)

    context = ledger.refund("A")

    assert ledger.card.lots == (lot(50, NOW + 10 * DAY),)
    assert ledger.newest(1) == [(TransactionType.REVOCATION, 30)]
    assert context == RefundDetails("FULL", earned=30, revoked=30)


def test_points_of_the_order_that_still_wait_are_taken_back_first() -> None:
    ledger = Ledger()
    ledger.credit(10, "A", activates_at=NOW + DAY)
    ledger.credit(20, "A")
    ledger.credit(40, activates_at=NOW + 2 * DAY)

    ledger.refund("A")

    assert (ledger.card.balance.pending, ledger.card.balance.active) == (40, 0)
    row = ledger.rows[-1]
    assert (points_of(row.pending_lots), points_of(row.lots)) == (10, 20)
    assert row.deltas == (-10, -20, 0)


def test_points_that_waited_and_became_active_are_taken_from_where_they_are() -> None:
    ledger = Ledger()
    ledger.credit(10, "A", activates_at=NOW + DAY, expires_at=NOW + 9 * DAY)
    ledger.credit(5, expires_at=NOW + 3 * DAY)
    ledger.wait(2 * DAY)

    ledger.refund("A")

    assert ledger.card.lots == (lot(5, NOW + 3 * DAY),)
    assert ledger.newest(2) == [(TransactionType.ACTIVATION, 10), (TransactionType.REVOCATION, 10)]


def test_when_the_orders_own_points_are_spent_others_are_taken_in_order_of_consumption() -> None:
    ledger = Ledger()
    ledger.credit(30, "A", expires_at=NOW + DAY)
    ledger.credit(20, expires_at=NOW + 3 * DAY)
    ledger.credit(20, expires_at=NOW + 2 * DAY)
    ledger.debit(30)

    context = ledger.refund("A")

    assert ledger.card.lots == (lot(10, NOW + 3 * DAY),)
    assert (context.revoked, context.shortfall) == (30, 0)


def test_what_is_no_longer_there_is_reported_as_shortfall_and_the_card_stays_at_zero() -> None:
    ledger = Ledger()
    ledger.credit(30, "A")
    ledger.debit(25)

    context = ledger.refund("A")

    assert ledger.card.balance.active == 0
    assert (context.earned, context.revoked, context.shortfall) == (30, 5, 25)


def test_a_shortfall_of_all_leaves_a_row_of_zero_points() -> None:
    ledger = Ledger()
    ledger.credit(30, "A")
    ledger.debit(30)

    context = ledger.refund("A")

    assert ledger.newest(1) == [(TransactionType.RETURN, 0)]
    assert context == RefundDetails("FULL", earned=30, shortfall=30)


def test_points_that_expired_unspent_are_not_taken_again() -> None:
    ledger = Ledger()
    ledger.credit(30, "A", expires_at=NOW + DAY)
    ledger.credit(100)
    ledger.wait(2 * DAY)

    context = ledger.refund("A")

    assert context == RefundDetails("FULL", earned=30, expired=30, lapsed=(lot(30, NOW + DAY),))
    assert ledger.card.balance.active == 100


def test_a_lot_that_expired_in_part_was_spent_in_part() -> None:
    ledger = Ledger()
    ledger.credit(30, "A", expires_at=NOW + DAY)
    ledger.debit(20)
    ledger.credit(100)
    ledger.wait(2 * DAY)

    context = ledger.refund("A")

    assert (context.expired, context.revoked) == (10, 20)
    assert ledger.card.balance.active == 80


def test_an_order_that_spent_and_earned_gives_back_then_takes_back() -> None:
    ledger = Ledger()
    ledger.credit(100)
    ledger.debit(60, "A", order=Order(5_000, "EUR"))
    ledger.credit(40, "A")

    context = ledger.refund("A")

    assert ledger.newest(2) == [(TransactionType.RETURN, 60), (TransactionType.REVOCATION, 40)]
    assert context == RefundDetails("FULL", spent=60, earned=40, revoked=40, amount=5000, money=5000)
    assert [row.refund for row in ledger.rows[-2:]] == [None, context]
    assert ledger.card.balance.active == 100


def test_earning_on_an_order_and_spending_the_points_on_it_again_wins_nothing() -> None:
    ledger = Ledger()
    ledger.credit(40, "A")
    ledger.debit(40, "A")

    context = ledger.refund("A")

    assert ledger.card.balance.active == 0
    assert (context.spent, context.revoked, context.shortfall) == (40, 40, 0)


def test_returned_points_whose_lot_expired_meanwhile_live_as_if_credited_now() -> None:
    ledger = Ledger(ROLLING)
    ledger.credit(50, expires_at=NOW + DAY)
    ledger.debit(20, "A")
    ledger.wait(10 * DAY)

    ledger.refund("A")

    (renewed,) = ledger.card.lots
    issued = day_number(local_day(ledger.at, BERLIN))
    assert renewed == Lot(20, local("2027-04-14 00:00"), issued)
    assert ledger.card.lifetime.expired == 30


def test_a_lot_that_expires_this_very_instant_is_renewed() -> None:
    ledger = Ledger()
    ledger.credit(50, expires_at=NOW + DAY)
    ledger.debit(50, "A")
    ledger.wait(DAY)
    ledger.refund("A")
    assert [one.expires_at for one in ledger.card.lots] == [0]


def test_a_second_refund_of_the_whole_finds_nothing() -> None:
    ledger = Ledger()
    ledger.credit(100, "A")
    ledger.refund("A")
    with pytest.raises(NothingToRefund):
        ledger.refund("A")


def test_a_shortfall_is_forgiven_and_not_tried_again() -> None:
    ledger = Ledger()
    ledger.credit(30, "A")
    ledger.debit(30)
    ledger.refund("A")
    ledger.credit(100)
    with pytest.raises(NothingToRefund):
        ledger.refund("A")


def test_what_an_order_moved_since_its_refund_can_be_refunded_too() -> None:
    ledger = Ledger()
    ledger.credit(100)
    ledger.debit(10, "A", order=Order(800, "EUR"))
    ledger.refund("A")
    ledger.debit(25, "A")

    context = ledger.refund("A")

    assert context == RefundDetails("FULL", spent=25, amount=0, money=0)
    assert ledger.card.balance.active == 100


def test_a_second_refund_returns_to_the_lots_that_the_later_spending_took() -> None:
    ledger = Ledger()
    ledger.credit(10, expires_at=NOW + DAY)
    ledger.credit(25)
    ledger.debit(10, "A")
    ledger.refund("A")
    ledger.debit(10)
    ledger.debit(25, "A")

    ledger.refund("A")

    assert ledger.card.lots == (lot(25),)


def test_a_refund_of_one_order_leaves_another_alone() -> None:
    ledger = Ledger()
    ledger.credit(100)
    ledger.debit(10, "A")
    ledger.debit(20, "B")
    ledger.credit(5, "B")

    ledger.refund("A")

    assert ledger.card.balance.active == 85
    assert ledger.refund("B").spent == 20


def test_room_is_given_back_in_the_periods_that_were_charged_and_still_run() -> None:
    ledger = Ledger()
    ledger.credit(100, "A")
    ledger.debit(40, "A")
    ledger.wait(DAY)

    ledger.refund("A")

    day, _week, month, _quarter, year = ledger.card.counters
    assert (day.earned, day.spent) == (0, 0)
    assert (month.earned, month.spent) == (0, 0)
    assert (year.earned, year.spent) == (0, 0)


def test_room_of_a_day_gone_by_is_not_given_to_today() -> None:
    ledger = Ledger()
    ledger.credit(100, "A")
    ledger.wait(DAY)
    ledger.credit(7)

    ledger.refund("A")

    assert ledger.card.counters[0].earned == 7


def test_an_inexact_copy_of_the_rows_order_changes_nothing() -> None:
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
