"""What a customer may still get from a campaign: per life, per calendar period, after a cooldown, once per value."""

from decimal import Decimal
from typing import Any

import pytest

from loyalty.domain.dates import CalendarUnit, Period, Unit
from loyalty.domain.earning.campaign import CustomerLimits, PeriodLimit
from loyalty.domain.earning.event import CustomerDetails, document
from loyalty.domain.earning.recurrence import PeriodUse, Use, cooldown_end, once_value, points_left, refusal
from tests.support.campaigns import NEW_YORK, happened
from tests.support.samples import day, local


def at(text: str) -> int:
    return local(text, NEW_YORK)


def awards(limits: CustomerLimits, *moments: int, points: int = 10) -> list[str]:
    """What becomes of an award of these points at each moment: `award` or the reason against it."""
    use, found = Use(), []
    for moment in moments:
        reason = refusal(limits, use, moment, NEW_YORK)
        found.append(str(reason or "award"))
        if not reason:
            use = use.count(points, moment, NEW_YORK)
    return found


def per(unit: CalendarUnit, times: int | None = None, points: int | None = None) -> CustomerLimits:
    return CustomerLimits(per=(PeriodLimit(unit, times, points),))


AWARD, LIMIT, COOLDOWN = "award", "limit_per_customer", "cooldown"


def test_a_limit_of_times_allows_so_many_awards_ever() -> None:
    limits = CustomerLimits(times=2)
    moments = [at(f"{year}-06-01 12:00") for year in (2026, 2027, 2030, 2040)]
    assert awards(limits, *moments) == [AWARD, AWARD, LIMIT, LIMIT]


@pytest.mark.parametrize(
    ("evening", "morning"),
    [
        ("2026-12-10 23:59", "2026-12-11 00:01"),
        # The day before, on and after each clock change: days of 23 and 25 hours.
        ("2026-03-07 23:59", "2026-03-08 00:01"),
        ("2026-03-08 23:59", "2026-03-09 00:01"),
        ("2026-10-31 23:59", "2026-11-01 00:01"),
        ("2026-11-01 23:59", "2026-11-02 00:01"),
    ],
)
def test_a_day_ends_at_local_midnight(evening: str, morning: str) -> None:
    moments = [at(evening)] * 5 + [at(morning)] * 5
    assert awards(per(CalendarUnit.DAY, 2), *moments) == ([AWARD] * 2 + [LIMIT] * 3) * 2


@pytest.mark.parametrize("start", ["2026-03-08", "2026-11-01"])
def test_a_day_with_a_clock_change_is_one_day(start: str) -> None:
    moments = [at(f"{start} {time}") for time in ("00:00", "00:30", "03:30", "23:59")]
    assert awards(per(CalendarUnit.DAY, 2), *moments) == [AWARD, AWARD, LIMIT, LIMIT]


@pytest.mark.parametrize(
    ("unit", "last", "next_"),
    [
        (CalendarUnit.WEEK, "2026-12-13 23:59", "2026-12-14 00:00"),
        (CalendarUnit.WEEK, "2027-01-03 23:59", "2027-01-04 00:00"),
        (CalendarUnit.MONTH, "2026-11-30 23:59", "2026-12-01 00:00"),
        (CalendarUnit.QUARTER, "2026-09-30 23:59", "2026-10-01 00:00"),
        (CalendarUnit.YEAR, "2026-12-31 23:59", "2027-01-01 00:00"),
    ],
)
def test_a_period_ends_at_local_midnight(unit: CalendarUnit, last: str, next_: str) -> None:
    assert awards(per(unit, 1), at(last) - 60, at(last), at(next_)) == [AWARD, LIMIT, AWARD]


def test_several_limits_apply_together() -> None:
    limits = CustomerLimits(times=3, per=(PeriodLimit(CalendarUnit.DAY, 1), PeriodLimit(CalendarUnit.MONTH, 2)))
    moments = [at(f"2026-{date} 12:00") for date in ("12-10", "12-10", "12-11", "12-12")]
    assert awards(limits, *moments, at("2027-01-01 12:00"), at("2027-02-01 12:00")) == [
        AWARD,
        LIMIT,
        AWARD,
        LIMIT,
        AWARD,
        LIMIT,
    ]


@pytest.mark.parametrize(
    ("period", "later", "found"),
    [
        (Period(1, Unit.HOUR), 3_599, COOLDOWN),
        (Period(1, Unit.HOUR), 3_600, AWARD),
        (Period(90, Unit.MINUTE), 5_399, COOLDOWN),
        (Period(90, Unit.MINUTE), 5_400, AWARD),
        (Period(1, Unit.DAY), 86_399, COOLDOWN),
        (Period(1, Unit.DAY), 86_400, AWARD),
        (Period(1, Unit.WEEK), 7 * 86_400 - 1, COOLDOWN),
        (Period(1, Unit.WEEK), 7 * 86_400, AWARD),
    ],
)
def test_a_cooldown_passes_between_two_awards(period: Period, later: int, found: str) -> None:
    first = at("2026-12-10 22:00")
    assert awards(CustomerLimits(cooldown=period), first, first + later) == [AWARD, found]


def test_a_cooldown_counts_from_the_last_award_and_not_from_an_attempt() -> None:
    first = at("2026-12-10 22:00")
    limits = CustomerLimits(cooldown=Period(1, Unit.HOUR))
    moments = [first + seconds for seconds in (0, 1_800, 3_600, 7_199, 7_200)]
    assert awards(limits, *moments) == [AWARD, COOLDOWN, AWARD, COOLDOWN, AWARD]


@pytest.mark.parametrize(
    ("first", "period", "end"),
    [
        ("2026-03-07 12:00", Period(1, Unit.DAY), "2026-03-08 12:00"),
        ("2026-10-31 12:00", Period(1, Unit.DAY), "2026-11-01 12:00"),
        # 02:30 does not exist on this day: the clock shows 03:30.
        ("2026-03-07 02:30", Period(1, Unit.DAY), "2026-03-08 03:30"),
        ("2027-01-31 09:00", Period(1, Unit.MONTH), "2027-02-28 09:00"),
        ("2028-02-29 09:00", Period(1, Unit.YEAR), "2029-02-28 09:00"),
    ],
)
def test_a_cooldown_of_days_ends_at_the_same_local_time(first: str, period: Period, end: str) -> None:
    assert cooldown_end(at(first), period, NEW_YORK) == at(end)


def test_a_use_counts_times_and_points_ever_and_in_five_periods() -> None:
    use = Use().count(100, at("2026-12-30 12:00"), NEW_YORK).count(30, at("2027-01-01 12:00"), NEW_YORK)
    assert (use.times, use.points, use.at) == (2, 130, at("2027-01-01 12:00"))
    # The two days are in one week, but not in one month, quarter or year.
    assert [(one.times, one.points) for one in use.periods] == [(1, 30), (2, 130), (1, 30), (1, 30), (1, 30)]
    assert use.periods[0] == PeriodUse(day("2027-01-01"), 1, 30)
    assert use.periods[4].number == 2027


def test_the_smallest_room_of_all_limits_is_left() -> None:
    use = Use().count(60, at("2026-12-10 12:00"), NEW_YORK)

    def left(later: str, **limits: Any) -> int | None:
        return points_left(CustomerLimits(**limits), use, at(later), NEW_YORK)

    of_day, of_year = PeriodLimit(CalendarUnit.DAY, None, 80), PeriodLimit(CalendarUnit.YEAR, None, 65)
    assert left("2026-12-10 13:00") is None
    assert left("2026-12-10 13:00", times=5) is None
    assert left("2026-12-10 13:00", points=100) == 40
    assert left("2026-12-10 13:00", points=100, per=(of_day,)) == 20
    assert left("2026-12-10 13:00", points=100, per=(of_day, of_year)) == 5
    assert left("2026-12-11 00:00", per=(of_day,)) == 80
    # A lower limit than what was given leaves nothing.
    assert left("2026-12-10 13:00", points=50) == 0


def test_a_customer_without_room_for_points_gets_nothing() -> None:
    moments = [at("2026-12-10 23:59"), at("2026-12-10 23:59"), at("2026-12-11 00:00")]
    assert awards(per(CalendarUnit.DAY, points=10), *moments) == [AWARD, LIMIT, AWARD]


def test_an_earlier_instant_opens_no_earlier_period() -> None:
    midnight = at("2026-12-11 00:00")
    limits = per(CalendarUnit.DAY, 1)
    assert awards(limits, midnight, midnight - 1) == [AWARD, LIMIT]
    use = Use().count(10, midnight, NEW_YORK).count(10, midnight - 1, NEW_YORK)
    assert (use.at, use.periods[0].times) == (midnight, 2)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("p-7", "p-7"),
        ("", ""),
        (7, "7"),
        (7.0, "7"),
        (Decimal("7.00"), "7"),
        (1e3, "1000"),
        (10**40 + 1, str(10**40 + 1)),
        (True, "true"),
        (False, "false"),
        (None, None),
        ([], None),
        (["p-7"], None),
        ({"id": "p-7"}, None),
    ],
)
def test_equal_values_have_one_text(value: Any, text: str | None) -> None:
    read = document(happened("review.created", productId=value), CustomerDetails())
    assert once_value("properties.productId", read) == text


def test_a_missing_value_has_no_text() -> None:
    assert once_value("properties.productId", document(happened("review.created"), CustomerDetails())) is None
