"""What rewards of the catalogue do to a card, and what a cancellation gives back to the limits of a customer."""

from dataclasses import replace
from typing import Any

import pytest

from loyalty.domain.cards.card import Card, Counter
from loyalty.domain.cards.transaction import Context, Operation, Source, Transaction, TransactionType, record
from loyalty.domain.dates import CalendarUnit, day_of
from loyalty.domain.earning.recurrence import Use
from loyalty.domain.movements.reward import give_points, pay_price, take_back
from loyalty.domain.tiers.counting import counted_points
from loyalty.domain.wallets.settings import (
    EarningLimit,
    EarningLimits,
    EarningTransactionLimit,
    LimitType,
    SpendingLimit,
    SpendingLimits,
    WhenExceeded,
)
from loyalty.errors import EarningLimitReached, InsufficientPoints, LoyaltyError, SpendingLimitReached
from tests.support.samples import BERLIN, NOW, TODAY, card, lot, wallet

TEN_A_DAY = SpendingLimit(LimitType.TIME_BASED, CalendarUnit.DAY, 10, WhenExceeded.CAP)
FIVE_A_DAY = EarningLimit(LimitType.TIME_BASED, CalendarUnit.DAY, 5, WhenExceeded.CAP)


def row_of(before: Card, after: Card, movement: Any) -> Transaction:
    _, (row,) = record(before, [movement], Context(source=Source.API), after=after, at=NOW, wallet_version=1, salt=b"")
    return row


def test_a_price_is_taken_like_a_debit_and_counts_as_spent() -> None:
    after, movement = pay_price(card(lot(10, "2027-04-01"), lot(10)), 15, wallet(), NOW)
    assert (after.lots, movement.lots) == ((lot(5),), (lot(10, "2027-04-01"), lot(5)))
    assert (movement.type, movement.operation) == (TransactionType.DEBIT, Operation.REWARD)
    assert (after.counters[0], after.lifetime.redeemed) == (Counter(TODAY, 0, 15), 15)


@pytest.mark.parametrize(
    ("settings", "refusal"),
    [
        ({"allow_negative_balance": True}, InsufficientPoints),
        ({"spending_limits": SpendingLimits(global_=TEN_A_DAY)}, SpendingLimitReached),
    ],
)
def test_a_price_is_neither_owed_nor_reduced(settings: dict[str, Any], refusal: type[LoyaltyError]) -> None:
    with pytest.raises(refusal):
        pay_price(card(lot(14)), 15, wallet(**settings), NOW)


def test_given_points_are_active_at_once_and_ignore_the_limits_of_one_credit() -> None:
    limits = EarningLimits(transaction=EarningTransactionLimit(1, 5, WhenExceeded.REJECT))
    after, movement = give_points(card(), 5, wallet(earning_limits=limits), NOW)
    assert (after.lots, movement.points, movement.operation) == ((lot(5),), 5, Operation.REWARD)
    assert (after.counters[0], after.lifetime.issued) == (Counter(TODAY, 5, 0), 5)


def test_given_points_are_refused_and_not_reduced_by_the_limit_of_the_wallet() -> None:
    with pytest.raises(EarningLimitReached):
        give_points(card(), 6, wallet(earning_limits=EarningLimits(global_=FIVE_A_DAY)), NOW)


def test_given_points_are_taken_back_as_far_as_they_are_there_and_never_count_for_tiers() -> None:
    given_card, given = give_points(card(), 5, wallet(), NOW)
    row = row_of(card(), given_card, given)
    spent, _ = pay_price(given_card, 2, wallet(), NOW)

    after, movement = take_back(spent, row, wallet(), NOW)

    assert (after.balance.active, movement.points, movement.requested) == (0, 3, 5)
    assert [counted_points(one, lambda day: day.year) for one in (given, movement)] == [{}, {}]


def test_a_use_is_uncounted_in_the_periods_that_still_run() -> None:
    use = Use().count(0, NOW, BERLIN).count(0, NOW + 86_400, BERLIN)
    first_day, second_day = day_of(TODAY), day_of(TODAY + 1)

    assert [one.times for one in use.periods] == [1, 2, 2, 2, 2]
    assert [one.times for one in use.uncount(first_day).periods] == [1, 1, 1, 1, 1]
    assert [one.times for one in use.uncount(second_day).periods] == [0, 1, 1, 1, 1]
    assert use.uncount(first_day) == replace(use.uncount(first_day), times=1, at=NOW + 86_400)
