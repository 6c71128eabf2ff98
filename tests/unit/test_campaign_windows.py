"""Windows and hours of campaigns: the project's local clock decides, also on days with a clock change."""

from dataclasses import replace

import pytest

from loyalty.domain.dates import Weekday
from loyalty.domain.earning.campaign import Hours
from loyalty.domain.earning.windows import is_in_hours, is_in_window
from loyalty.domain.zones import zone_of
from tests.support.campaigns import NEW_YORK, campaign
from tests.support.samples import local

MON, TUE, WED, THU, FRI, SAT, SUN = Weekday


def hours(start: str, end: str, *days: Weekday) -> Hours:
    def minutes(text: str) -> int:
        hour, minute = text.split(":")
        return int(hour) * 60 + int(minute)

    return Hours(days or tuple(Weekday), minutes(start), minutes(end))


def at(text: str) -> int:
    return local(text, NEW_YORK)


def test_a_window_includes_its_start_and_not_its_end() -> None:
    christmas = campaign("c", starts_at=at("2026-12-21 00:00"), ends_at=at("2026-12-28 00:00"))
    assert not is_in_window(christmas, at("2026-12-21 00:00") - 1)
    assert is_in_window(christmas, at("2026-12-21 00:00"))
    assert is_in_window(christmas, at("2026-12-28 00:00") - 1)
    assert not is_in_window(christmas, at("2026-12-28 00:00"))


def test_a_window_without_a_start_begins_with_the_first_activation() -> None:
    one = replace(campaign("c"), activated_at=1_000)
    assert not is_in_window(one, 999)
    assert is_in_window(one, 1_000)
    assert is_in_window(one, 10**10)


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        # A Thursday, then Friday and Saturday.
        ("2026-12-24 17:59:59", False),
        ("2026-12-24 18:00:00", True),
        ("2026-12-24 20:59:59", True),
        ("2026-12-24 21:00:00", False),
        ("2026-12-25 18:00:00", False),
        ("2026-12-26 00:00:00", True),
        ("2026-12-26 23:59:59", True),
        ("2026-12-27 00:00:00", False),
    ],
)
def test_hours_have_days_and_exclude_their_end(moment: str, inside: bool) -> None:
    own = (hours("18:00", "21:00", THU), hours("00:00", "24:00", SAT))
    assert is_in_hours(own, at(moment), NEW_YORK) is inside


def test_a_campaign_without_hours_gives_points_at_all_hours() -> None:
    assert is_in_hours((), at("2026-12-24 03:00"), NEW_YORK)


def test_the_zone_of_the_project_decides_the_day_and_the_hour() -> None:
    # Thursday 20:00 in New York is Friday 02:00 in Berlin.
    moment = at("2026-12-24 20:00")
    assert is_in_hours((hours("20:00", "21:00", THU),), moment, NEW_YORK)
    assert is_in_hours((hours("02:00", "03:00", FRI),), moment, zone_of("Europe/Berlin"))
    assert not is_in_hours((hours("20:00", "21:00", THU),), moment, zone_of("Europe/Berlin"))


def test_an_hour_that_a_clock_change_repeats_counts_twice() -> None:
    # On 1 November 2026, 01:00 to 02:00 comes twice.
    first = at("2026-11-01 01:00")
    inside = [is_in_hours((hours("01:00", "02:00"),), first + minute * 60, NEW_YORK) for minute in range(-1, 121)]
    assert inside == [False] + [True] * 120 + [False]


def test_an_hour_that_a_clock_change_skips_does_not_exist() -> None:
    # On 8 March 2026, 02:00 to 03:00 is skipped.
    midnight = at("2026-03-08 00:00")
    day = range(midnight, at("2026-03-09 00:00"), 60)
    assert len(day) == 23 * 60
    assert not any(is_in_hours((hours("02:00", "03:00"),), moment, NEW_YORK) for moment in day)
    inside = [moment for moment in day if is_in_hours((hours("02:30", "03:30"),), moment, NEW_YORK)]
    assert inside == list(range(midnight + 2 * 3_600, midnight + 2 * 3_600 + 1_800, 60))
