"""The order in which lots are consumed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.domain.cards.card import SLIDING, Lot, merged_lots, points_of
from loyalty.domain.cards.consumption import consume, remove_lots
from loyalty.domain.dates import NEVER
from loyalty.domain.wallets.settings import ConsumptionOrder
from tests.support.samples import card, lot

BY_EXPIRY, BY_ISSUE = ConsumptionOrder.EARLIEST_EXPIRY, ConsumptionOrder.EARLIEST_ISSUE
LOTS = st.lists(
    st.builds(Lot, st.integers(1, 20), st.sampled_from([NEVER, 100, 200, 300, 400]), st.integers(1, 5)), min_size=1
)


@pytest.mark.parametrize(
    ("order", "issues"),
    [
        # Lots by (expiry, issue day): (never, 1), (200, 4), (100, 3), (200, 2).
        (BY_EXPIRY, [3, 2, 4, 1]),
        (BY_ISSUE, [1, 2, 3, 4]),
    ],
)
def test_lots_are_spent_in_the_consumption_order(order: ConsumptionOrder, issues: list[int]) -> None:
    one = card(lot(1, NEVER, 1), lot(1, 200, 4), lot(1, 100, 3), lot(1, 200, 2))
    _, parts = consume(one, 4, order)
    assert [part.issue_day for part in parts] == issues


def test_lots_with_equal_issue_days_are_spent_by_their_expiry() -> None:
    one = card(lot(1, NEVER, 1), lot(1, 200, 1), lot(1, 100, 1))
    _, parts = consume(one, 3, BY_ISSUE)
    assert [part.expires_at for part in parts] == [100, 200, NEVER]


def test_sliding_points_are_spent_by_the_expiry_to_which_they_slid() -> None:
    one = card(lot(5, SLIDING, 1), lot(5, 100, 2), lot(5, 300, 3), sliding_expires_at=200)
    _, parts = consume(one, 15, BY_EXPIRY)
    assert [part.issue_day for part in parts] == [2, 1, 3]
    unslid = card(lot(5, SLIDING, 1), lot(5, 300, 3), sliding_expires_at=NEVER)
    assert [part.issue_day for part in consume(unslid, 10, BY_EXPIRY)[1]] == [3, 1]


def test_a_partly_consumed_lot_keeps_the_rest() -> None:
    after, parts = consume(card(lot(10, 100), lot(10, 200)), 13, BY_EXPIRY)
    assert parts == (lot(10, 100), lot(3, 200))
    assert after.lots == (lot(7, 200),)


def test_consuming_more_points_than_the_card_has_is_a_programming_error() -> None:
    with pytest.raises(AssertionError, match="the caller checks"):
        consume(card(lot(10)), 11, BY_EXPIRY)


@given(LOTS, st.sampled_from([BY_EXPIRY, BY_ISSUE]), st.data())
def test_consumed_points_and_remaining_points_are_all_points_of_the_card(
    lots: list[Lot], order: ConsumptionOrder, data: st.DataObject
) -> None:
    one = card().add_lots(lots)
    points = data.draw(st.integers(1, points_of(lots)))
    after, parts = consume(one, points, order)
    assert points_of(parts) == points
    assert all(part.points > 0 for part in parts)
    assert merged_lots([*after.lots, *parts]) == one.lots
    assert remove_lots(one, parts) == after


@given(LOTS, st.data())
def test_no_point_is_spent_before_a_point_that_expires_earlier(lots: list[Lot], data: st.DataObject) -> None:
    one = card().add_lots(lots)
    after, parts = consume(one, data.draw(st.integers(1, points_of(lots))), BY_EXPIRY)
    if after.lots:
        first_left = min((lot.expires_at or 10**9, lot.issue_day) for lot in after.lots)
        assert all((part.expires_at or 10**9, part.issue_day) <= first_left for part in parts)


@given(LOTS, st.sampled_from([BY_EXPIRY, BY_ISSUE]), st.integers(1, 30), st.integers(1, 30))
def test_consuming_in_two_parts_takes_the_same_lots_as_consuming_at_once(
    lots: list[Lot], order: ConsumptionOrder, first: int, second: int
) -> None:
    one = card().add_lots([*lots, lot(60)])
    at_once, _ = consume(one, first + second, order)
    assert consume(consume(one, first, order)[0], second, order)[0] == at_once
