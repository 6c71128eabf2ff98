"""Coarsening keeps the number of lots small: dates are rounded to longer and longer periods."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.domain.cards.card import BY_WALLET, HOLDS_MAX, SLIDING, Card, Hold, Lot, PendingLot, merged_lots, points_of
from loyalty.domain.cards.coarsening import (
    COARSE_MAX,
    LOTS_MAX,
    coarse_expiry,
    coarse_issue_day,
    coarse_lot,
    coarsen,
    lot_place,
    pending_place,
    round_dates,
)
from loyalty.domain.cards.settlement import settle
from loyalty.domain.dates import NEVER, Period, Unit, local_day, start_of_day
from loyalty.domain.movements.credit import Grant, credit_points
from loyalty.domain.movements.pending import encoded_period
from loyalty.domain.wallets.settings import Expiration, ExpirationType
from loyalty.domain.zones import zone_of
from loyalty.store.card_items import card_item
from tests.support.item_size import item_size
from tests.support.samples import BERLIN, NOW, TODAY, card, day, local, lot, pending_lot, wallet

ZONES = st.sampled_from(["Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "America/Havana", "UTC"]).map(
    zone_of
)
EXPIRIES = st.integers(local("2027-01-01 00:00"), local("2037-12-31 00:00"))
COARSE = st.integers(0, COARSE_MAX)
DAY = 86_400


@pytest.mark.parametrize(
    ("expires", "week", "month", "quarter"),
    [
        # A Wednesday. The midnight after Sunday ends the week.
        ("2027-03-03 15:00", "2027-03-08", "2027-04-01", "2027-04-01"),
        ("2027-03-08 00:00", "2027-03-08", "2027-04-01", "2027-04-01"),
        ("2027-03-08 00:01", "2027-03-15", "2027-04-01", "2027-04-01"),
        # A week ends at the end of its month.
        ("2027-03-30 12:00", "2027-04-01", "2027-04-01", "2027-04-01"),
        ("2027-04-01 00:00", "2027-04-01", "2027-04-01", "2027-04-01"),
        ("2027-04-01 00:01", "2027-04-05", "2027-05-01", "2027-07-01"),
        ("2027-12-31 23:59", "2028-01-01", "2028-01-01", "2028-01-01"),
        ("2028-01-01 00:01", "2028-01-03", "2028-02-01", "2028-04-01"),
        ("2028-02-29 12:00", "2028-03-01", "2028-03-01", "2028-04-01"),
        ("2027-11-30 12:00", "2027-12-01", "2027-12-01", "2028-01-01"),
    ],
)
def test_an_expiry_is_rounded_up_to_the_end_of_its_week_month_or_quarter(
    expires: str, week: str, month: str, quarter: str
) -> None:
    ends = [coarse_expiry(local(expires), coarse, BERLIN) for coarse in range(COARSE_MAX + 1)]
    assert ends == [local(expires), *(local(f"{end} 00:00") for end in (week, month, quarter))]


@pytest.mark.parametrize(
    ("issued", "week", "month", "quarter"),
    [
        ("2027-03-03", "2027-03-01", "2027-03-01", "2027-01-01"),
        ("2027-03-14", "2027-03-08", "2027-03-01", "2027-01-01"),
        ("2027-05-01", "2027-05-01", "2027-05-01", "2027-04-01"),
        ("2027-05-03", "2027-05-03", "2027-05-01", "2027-04-01"),
        ("2027-12-31", "2027-12-27", "2027-12-01", "2027-10-01"),
    ],
)
def test_an_issue_day_is_rounded_down_to_the_first_day_of_its_period(
    issued: str, week: str, month: str, quarter: str
) -> None:
    firsts = [coarse_issue_day(day(issued), coarse) for coarse in range(COARSE_MAX + 1)]
    assert firsts == [day(issued), day(week), day(month), day(quarter)]


@pytest.mark.parametrize("expires_at", [NEVER, SLIDING, encoded_period(Period(525_600, Unit.MINUTE))])
@pytest.mark.parametrize("coarse", range(COARSE_MAX + 1))
def test_an_expiry_that_is_not_an_instant_is_not_rounded(expires_at: int, coarse: int) -> None:
    assert coarse_expiry(expires_at, coarse, BERLIN) == expires_at


@given(EXPIRIES, COARSE, ZONES)
def test_the_expiry_of_a_lot_that_slid_is_rounded_like_any_other(at: int, coarse: int, zone: ZoneInfo) -> None:
    assert coarse_expiry(-at, coarse, zone) == -coarse_expiry(at, coarse, zone)


@given(EXPIRIES, COARSE, COARSE, ZONES)
def test_rounding_twice_or_by_a_finer_period_first_changes_nothing(
    at: int, finer: int, coarser: int, zone: ZoneInfo
) -> None:
    finer, coarser = sorted((finer, coarser))
    once = coarse_expiry(at, coarser, zone)
    assert coarse_expiry(coarse_expiry(at, finer, zone), coarser, zone) == once
    assert coarse_expiry(once, finer, zone) == once


@given(st.integers(day("2027-01-01"), day("2037-12-31")), COARSE, COARSE)
def test_rounding_issue_days_twice_or_by_a_finer_period_first_changes_nothing(
    issued: int, finer: int, coarser: int
) -> None:
    finer, coarser = sorted((finer, coarser))
    once = coarse_issue_day(issued, coarser)
    assert coarse_issue_day(coarse_issue_day(issued, finer), coarser) == once
    assert coarse_issue_day(once, finer) == once
    assert once <= issued


@given(EXPIRIES, COARSE, ZONES)
def test_rounded_points_expire_no_earlier_and_at_the_end_of_their_period(at: int, coarse: int, zone: ZoneInfo) -> None:
    end = coarse_expiry(at, coarse, zone)
    assert end >= at
    if coarse:
        last, granted = local_day(end - 1, zone), local_day(at - 1, zone)
        assert end == start_of_day(last + timedelta(days=1), zone)
        assert last == _end_of_bucket(granted, coarse)


def _end_of_bucket(day_: date, coarse: int) -> date:
    """Returns the last day of the week, month or quarter, day by day."""
    while not _ends(day_, coarse):
        day_ += timedelta(days=1)
    return day_


def _ends(day_: date, coarse: int) -> bool:
    next_ = day_ + timedelta(days=1)
    if coarse == 1 and next_.weekday() == 0:
        return True
    return next_.day == 1 and (coarse < 3 or next_.month in (1, 4, 7, 10))


def days_of_lots(count: int, *, step: int = 1) -> tuple[Lot, ...]:
    """Lots with one point each that expire at the start of consecutive days."""
    first = date(2027, 3, 4)
    return tuple(Lot(1, start_of_day(first + timedelta(days=step * n), BERLIN), TODAY - step * n) for n in range(count))


def test_a_card_with_a_hundred_lots_is_not_rounded() -> None:
    one = card(*days_of_lots(LOTS_MAX))
    assert coarsen(one, BERLIN) == one


def test_a_card_with_101_lots_is_rounded_to_weeks() -> None:
    one = coarsen(card(*days_of_lots(LOTS_MAX + 1)), BERLIN)
    assert one.coarse == 1
    # Each week of expiry occurs with a week of issue.
    assert 15 <= len(one.lots) <= 2 * 18
    assert points_of(one.lots) == LOTS_MAX + 1
    assert {lot.expires_at for lot in one.lots} >= {local("2027-03-08 00:00"), local("2027-04-01 00:00")}


@pytest.mark.parametrize(("step", "coarse"), [(1, 1), (7, 2), (31, 3)])
def test_a_card_is_rounded_only_as_far_as_necessary(step: int, coarse: int) -> None:
    one = coarsen(card(*days_of_lots(LOTS_MAX + 1, step=step)), BERLIN)
    assert one.coarse == coarse
    assert len(one.lots) <= LOTS_MAX
    finer = {lot_place(lot, coarse - 1, BERLIN) for lot in days_of_lots(LOTS_MAX + 1, step=step)}
    assert len(finer) > LOTS_MAX


def test_lots_over_more_than_a_hundred_quarters_are_rounded_to_quarters_and_keep_their_points() -> None:
    lots = days_of_lots(LOTS_MAX + 20, step=92)
    one = coarsen(card(*lots), BERLIN)
    assert one.coarse == COARSE_MAX
    assert points_of(one.lots) == LOTS_MAX + 20


LOTS = st.lists(st.builds(Lot, st.integers(1, 9), EXPIRIES, st.integers(TODAY, TODAY + 900)), max_size=130)


@given(LOTS, st.lists(LOTS, max_size=3), COARSE)
def test_rounding_keeps_all_points_and_happens_once(lots: list[Lot], held: list[list[Lot]], coarse: int) -> None:
    holds = tuple(Hold(number, NOW, TODAY, merged_lots(one)) for number, one in enumerate(held))
    before = card(coarse=coarse, holds=holds).add_lots(lots)
    after = coarsen(before, BERLIN)
    assert points_of(after.lots) == points_of(lots)
    assert [points_of(hold.lots) for hold in after.holds] == [points_of(hold.lots) for hold in holds]
    assert after.coarse >= coarse
    assert len(after.lots) + sum(len(hold.lots) for hold in after.holds) <= LOTS_MAX or after.coarse == COARSE_MAX
    assert coarsen(after, BERLIN) == after


def test_a_coarse_card_with_few_lots_stays_coarse() -> None:
    one = card(lot(5, "2027-04-01", "2027-03-01"), coarse=2)
    assert coarsen(one, BERLIN) == one


def test_pending_points_are_rounded_but_keep_their_activation_date() -> None:
    pending = (
        pending_lot(5, "2027-03-06", "2027-04-07"),
        pending_lot(6, "2027-03-06", "2027-04-08"),
        PendingLot(7, 0, NOW + DAY, BY_WALLET, TODAY),
    )
    one = round_dates(card(pending=pending), 1, BERLIN)
    monday = day("2027-03-01")
    assert one.pending == (
        PendingLot(7, 0, NOW + DAY, BY_WALLET, monday),
        PendingLot(11, local("2027-03-06 00:00"), 0, local("2027-04-12 00:00"), monday),
    )


def test_held_points_are_rounded_and_merged_inside_their_hold_so_that_time_may_release_them() -> None:
    held = Hold(1, NOW, TODAY, (lot(5, "2027-04-08"), lot(6), lot(7, "2027-04-07"), lot(8, -local("2027-04-09 00:00"))))
    one = round_dates(card(holds=(held,)), 1, BERLIN)
    monday = day("2027-03-01")
    week = local("2027-04-12 00:00")
    assert one.holds[0].lots == (
        Lot(12, week, monday),
        Lot(6, NEVER, monday),
        Lot(8, -week, monday),
    )
    released, _ = settle(one, NOW)
    assert coarsen(released, BERLIN) == released


def test_held_lots_count_towards_the_hundred() -> None:
    lots = days_of_lots(LOTS_MAX + 1)
    hold = Hold(1, NOW, TODAY, lots[60:])
    assert coarsen(card(*lots[:60]), BERLIN).coarse == 0
    one = coarsen(card(*lots[:60], holds=(hold,)), BERLIN)
    assert one.coarse == 1
    assert len(one.lots) + len(one.holds[0].lots) <= LOTS_MAX
    assert (points_of(one.lots), points_of(one.holds[0].lots)) == (60, 41)


def test_ten_holds_of_a_hundred_lots_each_make_no_large_card() -> None:
    holds = tuple(Hold(n + 1, NOW, TODAY, days_of_lots(LOTS_MAX)) for n in range(HOLDS_MAX))
    one = coarsen(card(*days_of_lots(LOTS_MAX), holds=holds), BERLIN)
    assert len(one.lots) + sum(len(hold.lots) for hold in one.holds) <= LOTS_MAX
    assert item_size(card_item(one)) < 4 * 1_024


def test_new_points_of_a_coarse_card_merge_with_its_rounded_lots() -> None:
    rolling = wallet(expiration=Expiration(ExpirationType.ROLLING_EXPIRATION, 30, Unit.DAY))
    one = card(lot(5, "2027-05-01", "2027-03-01"), coarse=2)
    after, movement = credit_points(one, Grant(7), rolling, NOW)
    assert after.lots == (lot(12, "2027-05-01", "2027-03-01"),)
    assert movement.lots == (lot(7, "2027-05-01", "2027-03-01"),)
    assert coarsen(after, BERLIN) == after


@given(EXPIRIES, COARSE, COARSE)
def test_the_place_of_a_granted_lot_depends_only_on_its_dates_and_the_coarseness(
    at: int, before: int, later: int
) -> None:
    """A row has the dates of its lot at that time. On a coarser card, the row belongs to the rounded lot."""
    before, later = sorted((before, later))
    granted = Lot(5, coarse_expiry(at, before, BERLIN), coarse_issue_day(TODAY, before))
    moved = round_dates(card(granted), later, BERLIN)
    assert lot_place(granted, later, BERLIN) == (moved.lots[0].expires_at, moved.lots[0].issue_day)
    assert lot_place(Lot(5, at, TODAY), later, BERLIN) == lot_place(granted, later, BERLIN)

    pending = PendingLot(5, NOW + 60, 0, granted.expires_at, granted.issue_day)
    (rounded,) = round_dates(card(pending=(pending,)), later, BERLIN).pending
    dates = rounded.activates_at, rounded.cancel_at, rounded.expires_at, rounded.issue_day
    assert pending_place(pending, later, BERLIN) == dates


@given(st.lists(st.integers(1, 400), min_size=101, max_size=160))
def test_the_order_in_which_lots_arrive_does_not_change_the_rounded_lots(days: list[int]) -> None:
    """The lots arrive one by one with a rounding after each, or all at once."""
    lots = [Lot(1, start_of_day(date(2027, 3, 4) + timedelta(days=n), BERLIN), TODAY) for n in days]
    one_by_one: Card = card()
    for lot_ in lots:
        one_by_one = coarsen(one_by_one.add_lots([coarse_lot(lot_, one_by_one.coarse, BERLIN)]), BERLIN)
    at_once = round_dates(card(*lots), one_by_one.coarse, BERLIN)
    assert one_by_one.lots == at_once.lots


@pytest.mark.parametrize(
    ("zone", "expires", "end"),
    [
        # The clock changes by an hour or by half an hour within the period.
        ("America/Santiago", "2027-09-04 16:00+00:00", "2027-09-06 03:00+00:00"),
        ("Africa/Cairo", "2026-04-20 12:00+00:00", "2026-04-26 21:00+00:00"),
        ("Australia/Lord_Howe", "2027-04-03 02:00+00:00", "2027-04-04 13:30+00:00"),
        # The month ends at a midnight that does not exist.
        ("America/Asuncion", "2023-09-29 15:00+00:00", "2023-10-01 04:00+00:00"),
    ],
)
def test_a_rounded_period_ends_at_the_end_of_a_day_in_the_zone(zone: str, expires: str, end: str) -> None:
    at, wanted = (int(datetime.fromisoformat(text).timestamp()) for text in (expires, end))
    assert coarse_expiry(at, 1, zone_of(zone)) == wanted
