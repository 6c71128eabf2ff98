"""Debits."""

import pytest

from loyalty.domain.cards.card import Counter, Hold
from loyalty.domain.cards.transaction import Operation, TransactionType
from loyalty.domain.movements.debit import debit_points
from loyalty.domain.wallets.settings import ConsumptionOrder
from loyalty.errors import InsufficientPoints
from tests.support.samples import NOW, TODAY, card, lot, pending_lot, wallet


def test_a_debit_takes_points_from_the_lots_that_expire_first() -> None:
    after, movement = debit_points(card(lot(10, "2027-04-01"), lot(10, "2027-05-01"), lot(10)), 15, wallet(), NOW)
    assert after.lots == (lot(5, "2027-05-01"), lot(10))
    assert movement.lots == (lot(10, "2027-04-01"), lot(5, "2027-05-01"))
    assert (movement.type, movement.operation, movement.points) == (TransactionType.DEBIT, Operation.DEBIT, 15)
    assert movement.balance == after.balance


def test_the_consumption_order_of_the_wallet_decides_which_lots_are_spent_first() -> None:
    one = card(lot(10, "2027-04-01", "2027-03-02"), lot(10, "2027-05-01", "2027-03-01"))
    after, _ = debit_points(one, 10, wallet(consumption_order=ConsumptionOrder.EARLIEST_ISSUE), NOW)
    assert after.lots == (lot(10, "2027-04-01", "2027-03-02"),)


def test_a_debit_may_take_all_points() -> None:
    after, _ = debit_points(card(lot(10)), 10, wallet(), NOW)
    assert (after.lots, after.balance.active) == ((), 0)


def test_a_debit_counts_as_spending_on_the_local_day_and_in_the_lifetime() -> None:
    after, _ = debit_points(card(lot(10)), 4, wallet(), NOW)
    assert after.counters[0] == Counter(TODAY, 0, 4)
    assert after.lifetime.redeemed == 4


def test_a_debit_of_pending_or_held_points_is_refused_with_the_missing_points() -> None:
    one = card(lot(10), pending=(pending_lot(90, "2027-03-06"),), holds=(Hold(1, NOW + 60, TODAY, (lot(50),)),))
    with pytest.raises(InsufficientPoints) as refusal:
        debit_points(one, 100, wallet(), NOW)
    assert refusal.value.extensions == {"required": 100, "available": 10, "missing": 90}


def test_a_card_with_a_debt_has_no_points_to_spend() -> None:
    with pytest.raises(InsufficientPoints) as refusal:
        debit_points(card(debt=10), 1, wallet(), NOW)
    assert refusal.value.extensions == {"required": 1, "available": 0, "missing": 1}


def test_a_refused_debit_mentions_allow_partial_only_if_a_part_would_be_taken() -> None:
    for points_there, hinted in ((10, True), (0, False)):
        with pytest.raises(InsufficientPoints) as refusal:
            debit_points(card(lot(points_there)) if points_there else card(), 11, wallet(), NOW)
        assert ("allowPartial" in refusal.value.detail) is hinted
