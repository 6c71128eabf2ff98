"""The lots, debt, counters and due moment of a card."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.domain.cards.card import (
    SLIDING,
    Balance,
    Card,
    Counter,
    Due,
    Hold,
    Lifetime,
    Lot,
    PendingLot,
    earliest_due,
    merged_lots,
    merged_pending,
    points_of,
)
from loyalty.domain.dates import NEVER
from tests.support.samples import NOW, TODAY, card, lot, pending_lot

LOTS = st.lists(st.builds(Lot, st.integers(0, 50), st.sampled_from([NEVER, 100, 200, 300]), st.integers(1, 3)))
PENDING = st.lists(
    st.builds(
        PendingLot,
        st.integers(0, 50),
        st.sampled_from([0, 100, 200]),
        st.sampled_from([0, 150]),
        st.sampled_from([NEVER, 300]),
        st.integers(1, 2),
    )
)


def test_a_balance_counts_active_pending_and_held_points_separately() -> None:
    held = Hold(1, NOW + 900, TODAY, (lot(5), lot(6, "2027-05-01")))
    one = card(lot(10), lot(20, "2027-04-01"), pending=(pending_lot(7, "2027-03-06"),), holds=(held,))
    assert one.balance == Balance(active=30, pending=7, held=11)
    assert (one.balance.available, one.balance.debt) == (30, 0)


def test_a_card_with_a_debt_has_a_negative_balance_and_no_available_points() -> None:
    balance = card(debt=30).balance
    assert (balance.active, balance.available, balance.debt) == (-30, 0, 30)


def test_lots_with_equal_expiry_and_issue_day_merge() -> None:
    assert merged_lots([lot(10, 500, 1), lot(5, 500, 1), lot(1, 500, 2)]) == (lot(15, 500, 1), lot(1, 500, 2))


def test_lots_are_sorted_by_expiry_and_lots_without_expiry_are_last() -> None:
    lots = merged_lots([lot(1, NEVER, 1), lot(2, 900, 1), lot(3, 500, 9), lot(4, 500, 2)])
    assert lots == (lot(4, 500, 2), lot(3, 500, 9), lot(2, 900, 1), lot(1, NEVER, 1))


def test_lots_without_points_are_dropped() -> None:
    assert merged_lots([lot(0, 500), lot(5, 600), lot(-5, 600)]) == ()
    assert merged_pending([pending_lot(5, 100), pending_lot(-5, 100)]) == ()


def test_pending_lots_merge_only_if_all_their_dates_are_equal() -> None:
    lots = merged_pending(
        [pending_lot(1, 100), pending_lot(2, 100), pending_lot(4, 100, 900), pending_lot(8, 100, cancel_at=300)]
    )
    assert sorted(lot.points for lot in lots) == [3, 4, 8]


@given(LOTS, LOTS)
def test_merging_lots_keeps_all_points_and_can_be_done_in_parts(some: list[Lot], others: list[Lot]) -> None:
    whole = merged_lots([*some, *others])
    assert points_of(whole) == points_of([*some, *others])
    assert merged_lots([*merged_lots(some), *merged_lots(others)]) == whole
    assert len({(lot.expires_at, lot.issue_day) for lot in whole}) == len(whole)


@given(PENDING, PENDING)
def test_merging_pending_lots_keeps_all_points_and_can_be_done_in_parts(
    some: list[PendingLot], others: list[PendingLot]
) -> None:
    whole = merged_pending([*some, *others])
    assert points_of(whole) == points_of([*some, *others])
    assert merged_pending([*merged_pending(some), *merged_pending(others)]) == whole


def test_new_active_points_repay_the_debt_first_with_the_points_that_expire_last() -> None:
    after = card(debt=25).add_lots([lot(10, 500), lot(20, NEVER), lot(5, 400)])
    assert after.debt == 0
    assert after.lots == (lot(5, 400), lot(5, 500))


def test_a_debt_that_is_larger_than_the_new_points_takes_all_of_them() -> None:
    after = card(debt=25).add_lots([lot(10, 500)])
    assert (after.debt, after.lots) == (15, ())


@given(LOTS, st.integers(0, 200))
def test_a_card_never_has_lots_and_a_debt_together(lots: list[Lot], debt: int) -> None:
    after = card(debt=debt).add_lots(lots)
    assert not (after.lots and after.debt)
    assert after.balance.active == points_of(lots) - debt


def test_a_counter_counts_in_its_period_and_starts_at_zero_in_the_next() -> None:
    sunday, monday = date(2027, 1, 31), date(2027, 2, 1)
    one = card().count_in_periods(sunday, earned=10).count_in_periods(sunday, earned=5, spent=3)
    assert [(counter.earned, counter.spent) for counter in one.counters] == [(15, 3)] * 5

    later = one.count_in_periods(monday, earned=1)
    day, week, month, quarter, year = [(counter.earned, counter.spent) for counter in later.counters]
    assert (day, week, month) == ((1, 0),) * 3
    assert (quarter, year) == ((16, 3),) * 2


def test_room_returns_only_to_charged_periods_that_the_card_still_counts() -> None:
    charged, now = date(2027, 1, 31), date(2027, 2, 1)
    one = card().count_in_periods(charged, earned=10, spent=4).count_in_periods(now, earned=1, spent=1)
    day, week, month, quarter, year = one.restore_room(charged, earned=10, spent=4).counters
    assert [(c.earned, c.spent) for c in (day, week, month, quarter, year)] == [(1, 1)] * 5


def test_giving_back_more_than_was_counted_leaves_a_counter_at_zero() -> None:
    today = date(2027, 3, 3)
    assert card().count_in_periods(today, earned=5).restore_room(today, earned=9).counters[0].earned == 0


def test_giving_room_back_does_not_change_counters_of_other_periods() -> None:
    one = card().count_in_periods(date(2027, 3, 3), earned=5)
    after = one.restore_room(date(2027, 3, 2), earned=5)
    assert after.counters[0] == Counter(TODAY, 5, 0)
    assert [counter.earned for counter in after.counters[1:]] == [0, 0, 0, 0]


def test_the_lifetime_total_is_the_points_received_minus_the_points_removed() -> None:
    lifetime = Lifetime(1000, 1, 2, 4, 8, 16, 32, 64, 128)
    assert lifetime.total == 1000 + 32 + 64 - 1 - 2 - 4 - 8 - 16 - 128
    assert card().count_in_lifetime(issued=5, expired=2).count_in_lifetime(issued=1).lifetime == Lifetime(
        issued=6, expired=2
    )


def test_a_card_whose_points_never_expire_has_no_due_moment() -> None:
    assert card(lot(5), pending=(pending_lot(3, 0),)).next_settlement() is None


@pytest.mark.parametrize(
    ("one", "due"),
    [
        (card(lot(5, 900), lot(5, 400)), Due("E", 400)),
        (card(lot(5, 900), pending=(pending_lot(1, 300),)), Due("A", 300)),
        (card(lot(5, 900), pending=(pending_lot(1, 0, cancel_at=200),)), Due("A", 200)),
        (card(lot(5, 300), pending=(pending_lot(1, 300),)), Due("A", 300)),
        (card(lot(5, 900), holds=(Hold(1, 100, TODAY, (lot(5, 50),)),)), Due("E", 100)),
        (card(lot(5, SLIDING), sliding_expires_at=700), Due("E", 700)),
        (card(lot(5, SLIDING), sliding_expires_at=NEVER), None),
    ],
)
def test_the_due_moment_is_the_earliest_change_by_time_alone(one: Card, due: Due | None) -> None:
    assert one.next_settlement() == due


def test_a_pending_lot_is_due_at_its_cancellation_if_that_precedes_its_activation() -> None:
    assert card(pending=(pending_lot(1, 300, cancel_at=200),)).next_settlement() == Due("A", 200)


def test_a_due_entry_moves_only_to_an_earlier_moment() -> None:
    current = replace(card(lot(5, 500)), due=Due("E", 500))
    assert earliest_due(current, Due("E", 400)) == Due("E", 400)
    assert earliest_due(current, Due("E", 600)) == Due("E", 500)
    assert earliest_due(current, None) == Due("E", 500)


def test_a_card_without_a_due_entry_gets_its_first_entry() -> None:
    assert earliest_due(None, Due("E", 500)) == Due("E", 500)
    assert earliest_due(card(), Due("E", 500)) == Due("E", 500)
    assert earliest_due(card(), None) is None
