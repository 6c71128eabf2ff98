"""The ends of periods: month ends, leap days, clock changes and midnights that do not exist."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loyalty.domain.dates import (
    Period,
    Unit,
    activation_after,
    datetime_of,
    day_after,
    day_number,
    day_of,
    expiry_after,
    instant,
    local_day,
    period_numbers,
    start_of_day,
)
from loyalty.domain.zones import zone_names, zone_of
from tests.support.samples import local

ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "America/Santiago",
    "America/St_Johns",
    "America/Scoresbysund",
    "Atlantic/Azores",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Amman",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
)
DAYS = st.dates(date(2000, 1, 1), date(2037, 12, 31))
INSTANTS = st.integers(
    int(datetime(2000, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2038, 1, 1, tzinfo=UTC).timestamp())
)
ZONE = st.sampled_from(ZONES).map(zone_of)
LONG_EXAMPLES = 3_000
LONG_UNITS = (Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR)


def text(at: int, zone: str) -> str:
    return datetime.fromtimestamp(at, zone_of(zone)).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("begin", "every", "unit", "end"),
    [
        ("2027-03-03", 1, Unit.DAY, "2027-03-04"),
        ("2027-03-03", 3_650, Unit.DAY, "2037-02-28"),
        ("2027-12-31", 1, Unit.DAY, "2028-01-01"),
        ("2028-02-28", 1, Unit.DAY, "2028-02-29"),
        ("2027-02-28", 1, Unit.DAY, "2027-03-01"),
        ("2027-12-29", 1, Unit.WEEK, "2028-01-05"),
        ("2027-01-01", 520, Unit.WEEK, "2036-12-19"),
        ("2027-01-31", 1, Unit.MONTH, "2027-02-28"),
        ("2028-01-31", 1, Unit.MONTH, "2028-02-29"),
        ("2027-01-30", 1, Unit.MONTH, "2027-02-28"),
        ("2027-01-28", 1, Unit.MONTH, "2027-02-28"),
        ("2027-03-31", 1, Unit.MONTH, "2027-04-30"),
        ("2027-02-28", 1, Unit.MONTH, "2027-03-28"),
        ("2027-11-30", 3, Unit.MONTH, "2028-02-29"),
        ("2027-12-31", 2, Unit.MONTH, "2028-02-29"),
        ("2027-12-15", 1, Unit.MONTH, "2028-01-15"),
        ("2027-11-15", 1, Unit.MONTH, "2027-12-15"),
        ("2027-12-15", 12, Unit.MONTH, "2028-12-15"),
        ("2027-08-31", 120, Unit.MONTH, "2037-08-31"),
        ("2028-02-29", 12, Unit.MONTH, "2029-02-28"),
        ("2028-02-29", 1, Unit.YEAR, "2029-02-28"),
        ("2028-02-29", 4, Unit.YEAR, "2032-02-29"),
        ("2096-02-29", 4, Unit.YEAR, "2100-02-28"),
        ("2027-03-03", 10, Unit.YEAR, "2037-03-03"),
    ],
)
def test_a_period_ends_on_the_same_day_or_the_last_day_of_its_month(
    begin: str, every: int, unit: Unit, end: str
) -> None:
    assert day_after(date.fromisoformat(begin), Period(every, unit)) == date.fromisoformat(end)


@pytest.mark.parametrize("unit", [Unit.MINUTE, Unit.HOUR])
def test_minutes_and_hours_are_not_units_of_days(unit: Unit) -> None:
    with pytest.raises(ValueError, match="is not a unit of days"):
        day_after(date(2027, 3, 3), Period(1, unit))


@pytest.mark.parametrize(
    ("every", "unit", "activates", "expires"),
    [
        (1, Unit.MINUTE, "2027-03-03 22:21:07", "2027-03-03 22:21:07"),
        (90, Unit.MINUTE, "2027-03-03 23:50:07", "2027-03-03 23:50:07"),
        (2, Unit.HOUR, "2027-03-04 00:20:07", "2027-03-04 00:20:07"),
        (1, Unit.DAY, "2027-03-04 00:00:00", "2027-03-05 00:00:00"),
        (3, Unit.DAY, "2027-03-06 00:00:00", "2027-03-07 00:00:00"),
        (1, Unit.WEEK, "2027-03-10 00:00:00", "2027-03-11 00:00:00"),
        (1, Unit.MONTH, "2027-04-03 00:00:00", "2027-04-04 00:00:00"),
        (1, Unit.YEAR, "2028-03-03 00:00:00", "2028-03-04 00:00:00"),
    ],
)
def test_points_activate_at_the_start_of_a_day_and_expire_at_the_end_of_one(
    every: int, unit: Unit, activates: str, expires: str
) -> None:
    berlin = zone_of("Europe/Berlin")
    at = local("2027-03-03 22:20:07")
    assert text(activation_after(at, Period(every, unit), berlin), "Europe/Berlin") == activates
    assert text(expiry_after(at, Period(every, unit), berlin), "Europe/Berlin") == expires


@pytest.mark.parametrize(
    ("zone", "begin", "end"),
    [
        # Days with 23, 25, 23.5 and 24.5 hours.
        ("Europe/Berlin", "2027-03-28 00:00", 23 * 3600),
        ("Europe/Berlin", "2027-10-31 00:00", 25 * 3600),
        ("America/New_York", "2027-03-14 00:00", 23 * 3600),
        ("America/New_York", "2027-11-07 00:00", 25 * 3600),
        ("Australia/Lord_Howe", "2027-10-03 00:00", 23 * 3600 + 1800),
        ("Australia/Lord_Howe", "2027-04-04 00:00", 24 * 3600 + 1800),
    ],
)
def test_a_day_with_a_clock_change_is_shorter_or_longer(zone: str, begin: str, end: int) -> None:
    at = local(begin, zone_of(zone))
    assert activation_after(at, Period(1, Unit.DAY), zone_of(zone)) - at == end


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31"])
def test_hours_have_sixty_minutes_on_days_with_a_clock_change(day: str) -> None:
    berlin = zone_of("Europe/Berlin")
    at = local(f"{day} 01:30")
    assert expiry_after(at, Period(2, Unit.HOUR), berlin) - at == 7200
    assert activation_after(at, Period(120, Unit.MINUTE), berlin) - at == 7200


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04 01:00:00"),
        ("America/Santiago", "2027-09-05", "2027-09-05 01:00:00"),
        ("America/Havana", "2025-03-09", "2025-03-09 01:00:00"),
        ("Asia/Beirut", "2027-03-28", "2027-03-28 01:00:00"),
        ("Asia/Tehran", "2022-03-22", "2022-03-22 01:00:00"),
        ("Africa/Cairo", "2027-04-30", "2027-04-30 01:00:00"),
        ("Asia/Amman", "2021-03-26", "2021-03-26 01:00:00"),
        ("Atlantic/Azores", "2027-03-28", "2027-03-28 01:00:00"),
        # Samoa skipped 30 December 2011.
        ("Pacific/Apia", "2011-12-30", "2011-12-31 00:00:00"),
        ("Pacific/Apia", "2011-12-31", "2011-12-31 00:00:00"),
        # A gap that starts before midnight and ends after it.
        ("America/Toronto", "1919-03-31", "1919-03-31 00:30:00"),
    ],
)
def test_a_midnight_that_does_not_exist_moves_to_the_next_existing_time(zone: str, day: str, begins: str) -> None:
    assert text(start_of_day(date.fromisoformat(day), zone_of(zone)), zone) == begins


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("America/Havana", "2025-11-02", datetime(2025, 11, 2, 4, tzinfo=UTC)),
        ("Atlantic/Azores", "2027-10-31", datetime(2027, 10, 31, 0, tzinfo=UTC)),
        ("America/St_Johns", "2010-11-07", datetime(2010, 11, 7, 2, 30, tzinfo=UTC)),
    ],
)
def test_a_midnight_that_happens_twice_means_the_first_one(zone: str, day: str, begins: datetime) -> None:
    assert datetime_of(start_of_day(date.fromisoformat(day), zone_of(zone))) == begins


@pytest.mark.parametrize(("zone", "day"), [("Africa/Cairo", "2027-10-29"), ("Asia/Beirut", "2027-10-31")])
def test_a_day_starts_at_the_second_midnight_if_the_clock_turns_back_from_the_first(zone: str, day: str) -> None:
    start = start_of_day(date.fromisoformat(day), zone_of(zone))
    assert text(start, zone) == f"{day} 00:00:00"
    assert local_day(start - 1, zone_of(zone)) == date.fromisoformat(day) - timedelta(days=1)


@given(DAYS, ZONE)
@example(date(2011, 12, 30), zone_of("Pacific/Apia"))
@example(date(2018, 11, 4), zone_of("America/Sao_Paulo"))
@example(date(2010, 11, 7), zone_of("America/St_Johns"))
@example(date(2027, 10, 31), zone_of("Atlantic/Azores"))
def test_a_day_starts_at_the_first_minute_whose_local_time_is_midnight_or_later(day: date, zone: ZoneInfo) -> None:
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  # a local time without a zone
    first = int(midnight.replace(tzinfo=UTC).timestamp()) - 15 * 3600
    shows = next(
        at
        for at in range(first, first + 72 * 3600, 60)
        if datetime.fromtimestamp(at, zone).replace(tzinfo=None) >= midnight
    )
    assert start_of_day(day, zone) == shows


EVERY_ZONE = sorted(zone_names())
WALKED_ZONES = EVERY_ZONE if settings().max_examples >= LONG_EXAMPLES else EVERY_ZONE[::100]


@pytest.mark.parametrize("name", WALKED_ZONES)
def test_every_day_of_six_years_starts_where_a_walk_through_time_first_reaches_it(name: str) -> None:
    """The profile `long` walks through every zone."""
    zone = zone_of(name)
    first, after_last = date(2024, 1, 1), date(2030, 1, 1)
    starts: dict[date, int] = {}
    # Clocks changed at whole quarters of an hour in these years.
    at = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()) - 24 * 3600
    day = first
    while day < after_last:
        while local_day(at, zone) >= day:
            starts[day] = at
            day += timedelta(days=1)
        at += 900
    days = [first + timedelta(days=number) for number in range((after_last - first).days)]
    assert starts == {one: start_of_day(one, zone) for one in days}
    assert len(starts) == 2_192


@given(INSTANTS, ZONE, st.sampled_from(LONG_UNITS), st.integers(1, 10))
def test_points_expire_after_their_activation_and_not_before_a_whole_period(
    at: int, zone: ZoneInfo, unit: Unit, every: int
) -> None:
    period = Period(every, unit)
    activates, expires = activation_after(at, period, zone), expiry_after(at, period, zone)
    assert activates < expires
    assert expires > at
    # The last day is usable until its end: at least `every` whole days, except for clock changes.
    assert expires - at >= every * 86_400 - 2 * 3600 or zone.key == "Pacific/Apia"


@given(DAYS)
@example(date(2027, 1, 3))
@example(date(2027, 1, 4))
@example(date(2026, 12, 31))
@example(date(2032, 12, 31))
def test_period_numbers_agree_with_the_calendar(day: date) -> None:
    number, week, month, quarter, year = period_numbers(day)
    assert day_of(number) == day
    assert day_number(day) == number == (day - date(1970, 1, 1)).days
    monday = date.fromordinal(week * 7 + 1)
    assert monday.isocalendar()[:2] == day.isocalendar()[:2]
    assert monday.weekday() == 0
    assert divmod(month, 12) == (day.year, day.month - 1)
    assert divmod(quarter, 4) == (day.year, (day.month - 1) // 3)
    assert year == day.year


@given(DAYS, st.integers(0, 800))
def test_two_days_have_the_same_week_number_only_in_one_iso_week(day: date, later: int) -> None:
    other = day + timedelta(days=later)
    same = period_numbers(day)[1] == period_numbers(other)[1]
    assert same == (day.isocalendar()[:2] == other.isocalendar()[:2])


@given(INSTANTS)
def test_an_instant_converts_to_a_datetime_and_back(at: int) -> None:
    assert instant(datetime_of(at)) == at


@pytest.mark.parametrize(
    ("when", "second"),
    [
        (datetime(2027, 3, 3, 12, 0, 0, 999_999, tzinfo=UTC), datetime(2027, 3, 3, 12, tzinfo=UTC)),
        (datetime(2199, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (datetime(2038, 1, 19, 3, 14, 8, 1, tzinfo=UTC), datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC)),
        (datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_an_instant_is_rounded_down_to_a_whole_second(when: datetime, second: datetime) -> None:
    assert datetime_of(instant(when)) == second


def test_an_instant_requires_a_time_zone() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        instant(datetime(2027, 3, 3))  # noqa: DTZ001  # the mistake under test
