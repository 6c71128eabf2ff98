"""Schedules: the local dates on which a campaign runs, and the birthdays of a date."""

from datetime import date

import pytest

from loyalty.domain.dates import AnnualDate, Weekday, datetime_of
from loyalty.domain.earning.schedule import Birthdays, Every, Monthly, Schedule, Weekly, Yearly, birthdays_on
from loyalty.domain.zones import zone_of
from tests.support.campaigns import NEW_YORK
from tests.support.samples import local

NINE = 9 * 60


def dates(every: Every, after: str, until: str, at: int = NINE) -> list[str]:
    """The dates of a schedule between two local times of New York."""
    schedule = Schedule(wallet_id="points", at=at, every=every)
    return [str(day) for day in schedule.dates_between(local(after, NEW_YORK), local(until, NEW_YORK), NEW_YORK)]


@pytest.mark.parametrize(
    ("every", "after", "until", "expected"),
    [
        (Monthly(15), "2027-01-01 00:00", "2027-03-01 00:00", ["2027-01-15", "2027-02-15"]),
        (Monthly(31), "2027-01-31 09:00", "2027-05-31 09:00", ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]),
        (Monthly(30), "2028-02-01 00:00", "2028-03-01 00:00", ["2028-02-29"]),
        (Weekly(Weekday.MON), "2027-03-01 09:00", "2027-03-15 08:59", ["2027-03-08"]),
        (Yearly((AnnualDate(2, 29),)), "2027-01-01 00:00", "2028-12-31 00:00", ["2027-02-28", "2028-02-29"]),
        (
            Yearly((AnnualDate(5, 17), AnnualDate(11, 30))),
            "2026-12-31 00:00",
            "2027-12-31 00:00",
            ["2027-05-17", "2027-11-30"],
        ),
        (Birthdays(), "2027-03-01 09:00", "2027-03-03 09:00", ["2027-03-02", "2027-03-03"]),
    ],
)
def test_the_dates_of_a_schedule_are_local_days(every: Every, after: str, until: str, expected: list[str]) -> None:
    assert dates(every, after, until) == expected


@pytest.mark.parametrize(
    ("zone", "day", "at", "instant"),
    [
        ("America/New_York", "2027-07-01", NINE, "2027-07-01T13:00:00"),
        # At 02:00 the clocks go to 03:00, and at the end of the summer from 02:00 to 01:00.
        ("America/New_York", "2027-03-14", 2 * 60 + 30, "2027-03-14T07:00:00"),
        ("America/New_York", "2027-11-07", 60 + 30, "2027-11-07T05:30:00"),
        # Samoa had no 30 December 2011.
        ("Pacific/Apia", "2011-12-30", NINE, "2011-12-30T10:00:00"),
    ],
)
def test_a_time_that_the_clock_skips_is_the_next_that_exists_and_a_repeated_one_is_the_first(
    zone: str, day: str, at: int, instant: str
) -> None:
    schedule = Schedule(wallet_id="points", at=at, every=Birthdays())
    found = datetime_of(schedule.instant_of(date.fromisoformat(day), zone_of(zone)))
    assert found.isoformat().removesuffix("+00:00") == instant


@pytest.mark.parametrize(
    ("day", "days_before", "birthdays"),
    [
        ("2027-02-28", 0, ("02-28", "02-29")),
        ("2028-02-28", 0, ("02-28",)),
        ("2028-02-29", 0, ("02-29",)),
        ("2027-02-21", 7, ("02-28", "02-29")),
        ("2026-12-31", 1, ("01-01",)),
        ("2027-03-30", 0, ("03-30",)),
    ],
)
def test_a_birthday_on_29_february_is_on_28_february_in_common_years(
    day: str, days_before: int, birthdays: tuple[str, ...]
) -> None:
    schedule = Schedule(wallet_id="points", at=NINE, every=Birthdays(days_before))
    birthday = schedule.birthday_of(date.fromisoformat(day))
    assert birthday is not None
    assert birthdays_on(birthday) == birthdays
