"""A table of settings, instants and zones, with the expected activation and expiry of granted points.

Times are local times of the row's zone, which is Berlin by default. Around clock changes they are UTC, with a `Z`.
The expected dates were computed with a calendar, not with the code.
"""

from datetime import UTC, datetime
from typing import Literal

import pytest

from loyalty.domain.cards.card import BY_EVENT, Card
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import Operation
from loyalty.domain.dates import NEVER, AnnualDate, Period, Rounding, Unit
from loyalty.domain.movements.credit import Grant, credit_points
from loyalty.domain.movements.pending import activate_pending
from loyalty.domain.wallets.settings import Activity, CancelAfter, Expiration, ExpirationType, Pending, PendingType
from loyalty.domain.zones import zone_of
from tests.support.samples import card, wallet

BERLIN, LONDON, NEW_YORK = "Europe/Berlin", "Europe/London", "America/New_York"
SANTIAGO, AUCKLAND, HAVANA = "America/Santiago", "Pacific/Auckland", "America/Havana"
LORD_HOWE, KOLKATA, ST_JOHNS = "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns"
KIRITIMATI, HONOLULU = "Pacific/Kiritimati", "Pacific/Honolulu"

UnitName = Literal["MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"]
NONE, END_OF_MONTH, END_OF_QUARTER = Rounding.NONE, Rounding.END_OF_MONTH, Rounding.END_OF_QUARTER
END_OF_HALF_YEAR, END_OF_YEAR = Rounding.END_OF_HALF_YEAR, Rounding.END_OF_YEAR
IMMEDIATE, FOREVER = Pending(), Expiration()


def rolling(every: int, unit: UnitName, rounding: Rounding = NONE) -> Expiration:
    return Expiration(ExpirationType.ROLLING_EXPIRATION, every, Unit(unit), rounding)


def to_month(every: int, unit: UnitName, month: int) -> Expiration:
    """A rolling expiration that is rounded to the end of the month."""
    rounding = Rounding.END_OF_PARTICULAR_MONTH
    return Expiration(ExpirationType.ROLLING_EXPIRATION, every, Unit(unit), rounding, month)


def sliding(every: int, unit: UnitName, by: Activity = Activity.SPENDING) -> Expiration:
    return Expiration(ExpirationType.SLIDING_EXPIRATION, every, Unit(unit), reset_by=(by,))


def calendar(*dates: str) -> Expiration:
    return Expiration(ExpirationType.CALENDAR_EXPIRATION, dates=annual(*dates))


def after(every: int, unit: UnitName) -> Pending:
    return Pending(PendingType.PERIOD_BASED, every, Unit(unit))


def fixed(*dates: str) -> Pending:
    return Pending(PendingType.FIXED_DATES, dates=annual(*dates))


def by_event(every: int = 0, unit: UnitName = "DAY") -> Pending:
    """Event-based pending, with a cancellation after the period."""
    return Pending(
        PendingType.EVENT_BASED, events=("delivered",), cancel_after=CancelAfter(every, Unit(unit)) if every else None
    )


def period(every: int, unit: UnitName) -> Period:
    return Period(every, Unit(unit))


def annual(*dates: str) -> tuple[AnnualDate, ...]:
    return tuple(AnnualDate(int(date[:2]), int(date[3:])) for date in dates)


def instant(text: str, zone: str) -> int:
    """The epoch second of `2027-03-03 22:20` in the zone or of `2027-03-03 21:20Z`."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=zone_of(zone))).timestamp())


def text_like(wanted: str, at: int, zone: str) -> str:
    if at == NEVER:
        return "never"
    if wanted.endswith("Z"):
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}Z"
    return f"{datetime.fromtimestamp(at, zone_of(zone)):%Y-%m-%d %H:%M}"


def granted(at: str, zone: str, pending: Pending, expiration: Expiration, grant: Grant | None = None) -> Card:
    one = wallet(time_zone=zone, pending=pending, expiration=expiration)
    start = instant(at, zone)
    after, _ = credit_points(card(at=start), grant or Grant(100), one, start)
    return after


def dates_of(one: Card, at: int) -> tuple[int, int]:
    """The activation and the expiry of the card's points, found by settling the card."""
    if not one.pending:
        (lot,) = one.lots
        return at, one.expiry_of(lot)
    activates_at = one.pending[0].activates_at
    assert settle(one, activates_at - 1) == (one, [])
    active, _ = settle(one, activates_at)
    (lot,) = active.lots
    return activates_at, active.expiry_of(lot)


def check(
    zone: str,
    at: str,
    pending: Pending,
    expiration: Expiration,
    activates: str,
    expires: str,
    grant: Grant | None = None,
) -> None:
    one = granted(at, zone, pending, expiration, grant)
    usable_at, expires_at = dates_of(one, instant(at, zone))
    assert (text_like(activates, usable_at, zone), text_like(expires, expires_at, zone)) == (activates, expires)


ROLLING = [
    # Minutes and hours are elapsed time, also over days and leap days.
    ("2027-03-03 22:20", rolling(1, "MINUTE"), "2027-03-03 22:21"),
    ("2027-12-31 23:59", rolling(2, "MINUTE"), "2028-01-01 00:01"),
    ("2027-01-01 00:00", rolling(525_600, "MINUTE"), "2028-01-01 00:00"),
    ("2027-12-31 23:30", rolling(1, "HOUR"), "2028-01-01 00:30"),
    ("2027-02-27 10:00", rolling(48, "HOUR"), "2027-03-01 10:00"),
    ("2028-02-28 10:00", rolling(24, "HOUR"), "2028-02-29 10:00"),
    ("2028-01-01 00:00", rolling(8_784, "HOUR"), "2029-01-01 00:00"),
    # The last day is usable until its end.
    ("2027-02-28 00:00", rolling(1, "DAY"), "2027-03-02 00:00"),
    ("2027-02-27 23:59", rolling(1, "DAY"), "2027-03-01 00:00"),
    ("2028-02-28 23:59", rolling(1, "DAY"), "2028-03-01 00:00"),
    ("2028-02-27 12:00", rolling(1, "DAY"), "2028-02-29 00:00"),
    ("2027-12-31 12:00", rolling(30, "DAY"), "2028-01-31 00:00"),
    ("2027-03-01 08:00", rolling(365, "DAY"), "2028-03-01 00:00"),
    ("2026-03-01 08:00", rolling(365, "DAY"), "2027-03-02 00:00"),
    ("2027-01-01 12:00", rolling(3_650, "DAY"), "2036-12-30 00:00"),
    ("2027-12-29 12:00", rolling(1, "WEEK"), "2028-01-06 00:00"),
    ("2028-02-22 12:00", rolling(1, "WEEK"), "2028-03-01 00:00"),
    ("2027-01-01 12:00", rolling(52, "WEEK"), "2028-01-01 00:00"),
    ("2027-01-01 12:00", rolling(520, "WEEK"), "2036-12-20 00:00"),
    ("2027-01-31 12:00", rolling(1, "MONTH"), "2027-03-01 00:00"),
    ("2028-01-31 12:00", rolling(1, "MONTH"), "2028-03-01 00:00"),
    ("2027-02-28 12:00", rolling(1, "MONTH"), "2027-03-29 00:00"),
    ("2027-03-31 12:00", rolling(1, "MONTH"), "2027-05-01 00:00"),
    ("2027-08-31 12:00", rolling(6, "MONTH"), "2028-03-01 00:00"),
    ("2027-12-31 12:00", rolling(2, "MONTH"), "2028-03-01 00:00"),
    ("2028-02-29 12:00", rolling(12, "MONTH"), "2029-03-01 00:00"),
    ("2027-05-31 12:00", rolling(120, "MONTH"), "2037-06-01 00:00"),
    ("2028-02-29 12:00", rolling(1, "YEAR"), "2029-03-01 00:00"),
    ("2028-02-29 12:00", rolling(4, "YEAR"), "2032-03-01 00:00"),
    ("2027-02-28 12:00", rolling(1, "YEAR"), "2028-02-29 00:00"),
    ("2027-12-31 23:59", rolling(1, "YEAR"), "2029-01-01 00:00"),
    ("2028-01-01 00:00", rolling(1, "YEAR"), "2029-01-02 00:00"),
    ("2027-12-31 12:00", rolling(10, "YEAR"), "2038-01-01 00:00"),
    ("2027-12-31 12:00", FOREVER, "never"),
]

ROUNDED = [
    ("2027-01-30 12:00", rolling(1, "DAY", END_OF_MONTH), "2027-02-01 00:00"),
    ("2027-01-31 12:00", rolling(1, "DAY", END_OF_MONTH), "2027-03-01 00:00"),
    ("2028-01-31 12:00", rolling(1, "DAY", END_OF_MONTH), "2028-03-01 00:00"),
    ("2027-01-31 12:00", rolling(1, "MONTH", END_OF_MONTH), "2027-03-01 00:00"),
    ("2027-03-03 12:00", rolling(12, "MONTH", END_OF_MONTH), "2028-04-01 00:00"),
    ("2027-02-28 12:00", rolling(1, "YEAR", END_OF_MONTH), "2028-03-01 00:00"),
    ("2027-12-20 12:00", rolling(2, "WEEK", END_OF_MONTH), "2028-02-01 00:00"),
    ("2027-02-28 12:00", rolling(1, "MONTH", END_OF_QUARTER), "2027-04-01 00:00"),
    ("2027-03-01 12:00", rolling(1, "MONTH", END_OF_QUARTER), "2027-07-01 00:00"),
    ("2027-06-29 12:00", rolling(1, "DAY", END_OF_QUARTER), "2027-07-01 00:00"),
    ("2027-06-30 12:00", rolling(1, "DAY", END_OF_QUARTER), "2027-10-01 00:00"),
    ("2027-09-30 12:00", rolling(1, "DAY", END_OF_QUARTER), "2028-01-01 00:00"),
    ("2027-12-31 12:00", rolling(1, "DAY", END_OF_QUARTER), "2028-04-01 00:00"),
    ("2027-12-02 12:00", rolling(90, "DAY", END_OF_QUARTER), "2028-04-01 00:00"),
    ("2027-06-29 12:00", rolling(1, "DAY", END_OF_HALF_YEAR), "2027-07-01 00:00"),
    ("2027-06-30 12:00", rolling(1, "DAY", END_OF_HALF_YEAR), "2028-01-01 00:00"),
    ("2027-06-30 12:00", rolling(6, "MONTH", END_OF_HALF_YEAR), "2028-01-01 00:00"),
    ("2027-07-01 12:00", rolling(6, "MONTH", END_OF_HALF_YEAR), "2028-07-01 00:00"),
    ("2027-03-15 12:00", rolling(1, "YEAR", END_OF_HALF_YEAR), "2028-07-01 00:00"),
    ("2027-11-30 12:00", rolling(1, "MONTH", END_OF_YEAR), "2028-01-01 00:00"),
    ("2027-12-01 12:00", rolling(1, "MONTH", END_OF_YEAR), "2029-01-01 00:00"),
    ("2027-12-30 12:00", rolling(1, "DAY", END_OF_YEAR), "2028-01-01 00:00"),
    ("2027-12-31 12:00", rolling(1, "DAY", END_OF_YEAR), "2029-01-01 00:00"),
    ("2027-12-31 12:00", rolling(1, "YEAR", END_OF_YEAR), "2029-01-01 00:00"),
    ("2027-06-15 12:00", rolling(2, "YEAR", END_OF_YEAR), "2030-01-01 00:00"),
    # The period ends in the month before, in the month itself, on its last day, in the month after.
    ("2027-02-15 12:00", to_month(12, "MONTH", 3), "2028-04-01 00:00"),
    ("2027-03-15 12:00", to_month(12, "MONTH", 3), "2028-04-01 00:00"),
    ("2027-03-31 12:00", to_month(12, "MONTH", 3), "2028-04-01 00:00"),
    ("2027-04-01 12:00", to_month(12, "MONTH", 3), "2029-04-01 00:00"),
    ("2027-01-15 12:00", to_month(1, "MONTH", 2), "2027-03-01 00:00"),
    ("2028-01-15 12:00", to_month(1, "MONTH", 2), "2028-03-01 00:00"),
    ("2027-02-15 12:00", to_month(1, "MONTH", 2), "2028-03-01 00:00"),
    ("2027-11-15 12:00", to_month(1, "MONTH", 12), "2028-01-01 00:00"),
    ("2027-12-15 12:00", to_month(1, "MONTH", 12), "2029-01-01 00:00"),
    ("2027-12-15 12:00", to_month(1, "MONTH", 1), "2028-02-01 00:00"),
    ("2028-01-15 12:00", to_month(1, "MONTH", 1), "2029-02-01 00:00"),
    # Points that expire at midnight have the day before as their last day.
    ("2027-03-31 21:00", rolling(2, "HOUR", END_OF_MONTH), "2027-04-01 00:00"),
    ("2027-03-31 22:00", rolling(2, "HOUR", END_OF_MONTH), "2027-04-01 00:00"),
    ("2027-03-31 22:01", rolling(2, "HOUR", END_OF_MONTH), "2027-05-01 00:00"),
    ("2027-12-31 23:00", rolling(90, "MINUTE", END_OF_YEAR), "2029-01-01 00:00"),
]

QUARTERS = ("03-31", "06-30", "09-30", "12-31")
CALENDAR = [
    ("2027-03-03 12:00", calendar("12-31"), "2028-01-01 00:00"),
    ("2027-12-31 00:00", calendar("12-31"), "2028-01-01 00:00"),
    ("2027-12-31 23:59", calendar("12-31"), "2028-01-01 00:00"),
    ("2028-01-01 00:00", calendar("12-31"), "2029-01-01 00:00"),
    ("2027-12-31 23:59", calendar("01-01"), "2028-01-02 00:00"),
    ("2028-01-01 23:59", calendar("01-01"), "2028-01-02 00:00"),
    ("2027-01-15 12:00", calendar("02-29"), "2027-03-01 00:00"),
    ("2028-01-15 12:00", calendar("02-29"), "2028-03-01 00:00"),
    ("2027-02-28 12:00", calendar("02-29"), "2027-03-01 00:00"),
    ("2028-02-28 12:00", calendar("02-29"), "2028-03-01 00:00"),
    ("2028-02-28 12:00", calendar("02-28"), "2028-02-29 00:00"),
    ("2028-02-29 23:59", calendar("02-29"), "2028-03-01 00:00"),
    ("2028-02-29 12:00", calendar("02-28"), "2029-03-01 00:00"),
    ("2027-03-01 12:00", calendar("02-29"), "2028-03-01 00:00"),
    ("2028-03-01 12:00", calendar("02-29"), "2029-03-01 00:00"),
    ("2027-03-31 12:00", calendar(*QUARTERS), "2027-04-01 00:00"),
    ("2027-04-01 12:00", calendar(*QUARTERS), "2027-07-01 00:00"),
    ("2027-10-01 12:00", calendar(*QUARTERS), "2028-01-01 00:00"),
    ("2027-05-05 12:00", calendar("12-31", "06-30"), "2027-07-01 00:00"),
    ("2027-07-01 12:00", calendar("12-31", "06-30"), "2028-01-01 00:00"),
]

SLIDING = [
    ("2027-03-03 22:20", sliding(30, "DAY"), "2027-04-03 00:00"),
    ("2027-03-03 22:20", sliding(30, "DAY", Activity.EARNING), "2027-04-03 00:00"),
    ("2027-03-03 22:20", sliding(90, "MINUTE"), "2027-03-03 23:50"),
    ("2027-03-03 22:20", sliding(24, "HOUR"), "2027-03-04 22:20"),
    ("2027-12-31 22:20", sliding(1, "WEEK"), "2028-01-08 00:00"),
    ("2027-01-31 22:20", sliding(1, "MONTH"), "2027-03-01 00:00"),
    ("2028-02-29 22:20", sliding(12, "MONTH"), "2029-03-01 00:00"),
    ("2027-12-31 22:20", sliding(1, "YEAR", Activity.EARNING), "2029-01-01 00:00"),
]


@pytest.mark.parametrize(("at", "expiration", "expires"), [*ROLLING, *ROUNDED, *CALENDAR, *SLIDING])
def test_points_that_are_active_at_once_expire_as_the_settings_define(
    at: str, expiration: Expiration, expires: str
) -> None:
    check(BERLIN, at, IMMEDIATE, expiration, at, expires)


@pytest.mark.parametrize(
    ("at", "pending", "expiration", "activates", "expires"),
    [
        # Days and longer units: at the start of the day. Minutes and hours: to the second. The expiry counts from then.
        ("2027-03-03 22:20", after(3, "DAY"), FOREVER, "2027-03-06 00:00", "never"),
        ("2027-03-03 00:00", after(3, "DAY"), FOREVER, "2027-03-06 00:00", "never"),
        ("2027-03-03 22:20", after(3, "DAY"), rolling(1, "MONTH"), "2027-03-06 00:00", "2027-04-07 00:00"),
        (
            "2027-03-20 12:00",
            after(14, "DAY"),
            rolling(1, "DAY", END_OF_QUARTER),
            "2027-04-03 00:00",
            "2027-07-01 00:00",
        ),
        ("2027-12-31 23:59", after(1, "DAY"), rolling(1, "YEAR", END_OF_YEAR), "2028-01-01 00:00", "2030-01-01 00:00"),
        ("2027-03-03 22:20", after(3, "DAY"), sliding(30, "DAY"), "2027-03-06 00:00", "2027-04-06 00:00"),
        ("2027-03-03 22:20", after(30, "DAY"), sliding(90, "MINUTE"), "2027-04-02 00:00", "2027-04-02 01:30"),
        ("2028-02-22 12:00", after(1, "WEEK"), calendar("02-29"), "2028-02-29 00:00", "2028-03-01 00:00"),
        ("2028-02-23 12:00", after(1, "WEEK"), calendar("02-29"), "2028-03-01 00:00", "2029-03-01 00:00"),
        ("2027-01-31 12:00", after(1, "MONTH"), rolling(1, "MONTH"), "2027-02-28 00:00", "2027-03-29 00:00"),
        ("2028-01-31 12:00", after(1, "MONTH"), rolling(1, "YEAR"), "2028-02-29 00:00", "2029-03-01 00:00"),
        ("2028-02-29 12:00", after(1, "YEAR"), FOREVER, "2029-02-28 00:00", "never"),
        ("2027-03-03 23:30", after(45, "MINUTE"), rolling(1, "DAY"), "2027-03-04 00:15", "2027-03-06 00:00"),
        ("2027-03-03 23:30", after(45, "MINUTE"), rolling(30, "MINUTE"), "2027-03-04 00:15", "2027-03-04 00:45"),
        ("2027-12-31 12:00", after(36, "HOUR"), calendar("01-01"), "2028-01-02 00:00", "2029-01-02 00:00"),
        ("2027-12-31 11:59", after(36, "HOUR"), calendar("01-01"), "2028-01-01 23:59", "2028-01-02 00:00"),
        # A fixed date is always a later day.
        ("2027-03-31 23:59", fixed("04-01"), FOREVER, "2027-04-01 00:00", "never"),
        ("2027-04-01 00:00", fixed("04-01"), FOREVER, "2028-04-01 00:00", "never"),
        ("2027-04-02 12:00", fixed("04-01"), FOREVER, "2028-04-01 00:00", "never"),
        ("2027-06-30 12:00", fixed("01-01", "07-01"), FOREVER, "2027-07-01 00:00", "never"),
        ("2027-07-01 12:00", fixed("01-01", "07-01"), FOREVER, "2028-01-01 00:00", "never"),
        ("2027-12-31 23:59", fixed("07-01", "01-01"), FOREVER, "2028-01-01 00:00", "never"),
        ("2027-02-27 12:00", fixed("02-29"), FOREVER, "2027-02-28 00:00", "never"),
        ("2027-02-28 12:00", fixed("02-29"), FOREVER, "2028-02-29 00:00", "never"),
        ("2028-02-28 12:00", fixed("02-29"), FOREVER, "2028-02-29 00:00", "never"),
        ("2028-02-29 12:00", fixed("02-29"), FOREVER, "2029-02-28 00:00", "never"),
        ("2027-12-31 12:00", fixed("12-31"), calendar("12-31"), "2028-12-31 00:00", "2029-01-01 00:00"),
        (
            "2027-05-05 12:00",
            fixed("07-01"),
            rolling(1, "MONTH", END_OF_HALF_YEAR),
            "2027-07-01 00:00",
            "2028-01-01 00:00",
        ),
        ("2027-05-05 12:00", fixed("01-01"), rolling(12, "MONTH", END_OF_YEAR), "2028-01-01 00:00", "2030-01-01 00:00"),
        ("2027-05-05 12:00", fixed("01-01"), to_month(1, "MONTH", 1), "2028-01-01 00:00", "2029-02-01 00:00"),
    ],
)
def test_pending_points_activate_at_a_date_and_expire_one_period_later(
    at: str, pending: Pending, expiration: Expiration, activates: str, expires: str
) -> None:
    check(BERLIN, at, pending, expiration, activates, expires)


NOW = "as granted"


@pytest.mark.parametrize(
    ("zone", "at", "pending", "expiration", "activates", "expires"),
    [
        # Berlin, 28 March 2027: at 01:00Z the clock goes from 02:00 to 03:00.
        (BERLIN, "2027-03-28 00:30Z", IMMEDIATE, rolling(60, "MINUTE"), NOW, "2027-03-28 01:30Z"),
        (BERLIN, "2027-03-28 00:30Z", IMMEDIATE, rolling(2, "HOUR"), NOW, "2027-03-28 02:30Z"),
        (BERLIN, "2027-03-27 12:00Z", IMMEDIATE, rolling(1, "DAY"), NOW, "2027-03-28 22:00Z"),
        (BERLIN, "2027-03-27 22:30Z", after(1, "DAY"), FOREVER, "2027-03-27 23:00Z", "never"),
        (BERLIN, "2027-03-27 12:00Z", after(2, "DAY"), FOREVER, "2027-03-28 22:00Z", "never"),
        (BERLIN, "2027-03-27 12:00Z", after(24, "HOUR"), rolling(24, "HOUR"), "2027-03-28 12:00Z", "2027-03-29 12:00Z"),
        (BERLIN, "2027-03-28 00:30Z", IMMEDIATE, sliding(45, "MINUTE"), NOW, "2027-03-28 01:15Z"),
        # 31 October 2027: at 01:00Z from 03:00 back to 02:00.
        (BERLIN, "2027-10-31 00:30Z", IMMEDIATE, rolling(60, "MINUTE"), NOW, "2027-10-31 01:30Z"),
        (BERLIN, "2027-10-31 01:30Z", IMMEDIATE, rolling(30, "MINUTE"), NOW, "2027-10-31 02:00Z"),
        (BERLIN, "2027-10-30 12:00Z", IMMEDIATE, rolling(1, "DAY"), NOW, "2027-10-31 23:00Z"),
        (BERLIN, "2027-10-29 12:00Z", IMMEDIATE, rolling(1, "DAY", END_OF_MONTH), NOW, "2027-10-31 23:00Z"),
        (BERLIN, "2027-10-30 21:59Z", after(1, "DAY"), FOREVER, "2027-10-30 22:00Z", "never"),
        (BERLIN, "2027-10-30 22:00Z", after(1, "DAY"), FOREVER, "2027-10-31 23:00Z", "never"),
        # London, 31 October 2027: at 01:00Z from 02:00 back to 01:00.
        (LONDON, "2027-10-30 12:00Z", after(1, "DAY"), rolling(1, "DAY"), "2027-10-30 23:00Z", "2027-11-02 00:00Z"),
        # New York, 14 March 2027: at 07:00Z from 02:00 to 03:00; 7 November: at 06:00Z from 02:00 back to 01:00.
        (NEW_YORK, "2027-03-14 06:45Z", IMMEDIATE, rolling(90, "MINUTE"), NOW, "2027-03-14 08:15Z"),
        (NEW_YORK, "2027-03-13 17:00Z", IMMEDIATE, rolling(1, "DAY"), NOW, "2027-03-15 04:00Z"),
        (NEW_YORK, "2027-03-10 17:00Z", after(1, "WEEK"), FOREVER, "2027-03-17 04:00Z", "never"),
        (NEW_YORK, "2027-03-14 04:59Z", after(1, "DAY"), FOREVER, "2027-03-14 05:00Z", "never"),
        (NEW_YORK, "2027-11-07 05:30Z", IMMEDIATE, rolling(60, "MINUTE"), NOW, "2027-11-07 06:30Z"),
        (NEW_YORK, "2027-11-06 16:00Z", IMMEDIATE, rolling(1, "DAY"), NOW, "2027-11-08 05:00Z"),
        (NEW_YORK, "2027-10-07 12:00Z", after(1, "MONTH"), rolling(1, "DAY"), "2027-11-07 04:00Z", "2027-11-09 05:00Z"),
        (NEW_YORK, "2028-01-01 04:59Z", fixed("01-01"), FOREVER, "2028-01-01 05:00Z", "never"),
        (NEW_YORK, "2028-01-01 05:00Z", fixed("01-01"), FOREVER, "2029-01-01 05:00Z", "never"),
        # Lord Howe, 4 April 2027: at 15:00Z of the day before, from 02:00 back to 01:30.
        (LORD_HOWE, "2027-04-03 14:45Z", IMMEDIATE, rolling(60, "MINUTE"), NOW, "2027-04-03 15:45Z"),
        (LORD_HOWE, "2027-04-03 01:00Z", IMMEDIATE, rolling(1, "DAY"), NOW, "2027-04-04 13:30Z"),
        (LORD_HOWE, "2027-04-03 12:59Z", after(1, "DAY"), FOREVER, "2027-04-03 13:00Z", "never"),
        (LORD_HOWE, "2027-04-03 13:00Z", after(1, "DAY"), FOREVER, "2027-04-04 13:30Z", "never"),
        (LORD_HOWE, "2027-04-03 20:00Z", IMMEDIATE, calendar("04-04"), NOW, "2027-04-04 13:30Z"),
        # 3 October 2027: at 15:30Z the day before from 02:00 to 02:30.
        (LORD_HOWE, "2027-10-02 15:15Z", IMMEDIATE, rolling(45, "MINUTE"), NOW, "2027-10-02 16:00Z"),
        (LORD_HOWE, "2027-10-02 01:30Z", IMMEDIATE, rolling(1, "DAY"), NOW, "2027-10-03 13:00Z"),
        (LORD_HOWE, "2027-10-02 13:29Z", fixed("10-03"), FOREVER, "2027-10-02 13:30Z", "never"),
        (LORD_HOWE, "2027-09-29 13:29Z", IMMEDIATE, rolling(1, "DAY", END_OF_QUARTER), NOW, "2027-09-30 13:30Z"),
        (LORD_HOWE, "2027-09-30 13:29Z", IMMEDIATE, rolling(1, "DAY", END_OF_QUARTER), NOW, "2027-12-31 13:00Z"),
        # Santiago, 5 September 2027: there is no midnight, the clock moves to 01:00 at 04:00Z.
        (SANTIAGO, "2027-09-04 16:00Z", after(1, "DAY"), FOREVER, "2027-09-05 04:00Z", "never"),
        (SANTIAGO, "2027-09-03 16:00Z", IMMEDIATE, rolling(1, "DAY"), NOW, "2027-09-05 04:00Z"),
        (SANTIAGO, "2027-09-04 16:00Z", IMMEDIATE, rolling(1, "DAY"), NOW, "2027-09-06 03:00Z"),
        (SANTIAGO, "2027-09-04 23:00Z", IMMEDIATE, calendar("09-04"), NOW, "2027-09-05 04:00Z"),
        (SANTIAGO, "2027-09-05 03:30Z", IMMEDIATE, rolling(60, "MINUTE"), NOW, "2027-09-05 04:30Z"),
        # 4 April 2027: at 03:00Z from midnight back to 23:00 of the 3rd, which has 25 hours.
        (SANTIAGO, "2027-04-03 15:00Z", after(1, "DAY"), FOREVER, "2027-04-04 04:00Z", "never"),
        (SANTIAGO, "2027-04-04 03:30Z", after(1, "DAY"), FOREVER, "2027-04-04 04:00Z", "never"),
        (SANTIAGO, "2027-04-02 15:00Z", IMMEDIATE, rolling(1, "DAY"), NOW, "2027-04-04 04:00Z"),
        (SANTIAGO, "2027-04-04 02:30Z", IMMEDIATE, rolling(60, "MINUTE"), NOW, "2027-04-04 03:30Z"),
        # Auckland: 4 April 2027 at 14:00Z of the day before, back an hour; 26 September, at the same time, ahead.
        (AUCKLAND, "2027-04-03 13:00Z", IMMEDIATE, rolling(120, "MINUTE"), NOW, "2027-04-03 15:00Z"),
        (AUCKLAND, "2027-04-03 00:00Z", IMMEDIATE, rolling(1, "DAY"), NOW, "2027-04-04 12:00Z"),
        (AUCKLAND, "2027-09-25 00:00Z", after(1, "DAY"), rolling(1, "DAY"), "2027-09-25 12:00Z", "2027-09-27 11:00Z"),
        (AUCKLAND, "2027-11-30 10:59Z", IMMEDIATE, rolling(1, "MONTH", END_OF_YEAR), NOW, "2027-12-31 11:00Z"),
        (AUCKLAND, "2027-11-30 11:00Z", IMMEDIATE, rolling(1, "MONTH", END_OF_YEAR), NOW, "2028-12-31 11:00Z"),
        # Havana, 9 March 2025: no midnight at 05:00Z; 2 November: midnight happens twice, at 04:00Z and 05:00Z.
        (HAVANA, "2025-03-07 17:00Z", IMMEDIATE, rolling(1, "DAY"), NOW, "2025-03-09 05:00Z"),
        (HAVANA, "2025-10-31 16:00Z", IMMEDIATE, rolling(1, "DAY"), NOW, "2025-11-02 04:00Z"),
        (HAVANA, "2025-11-01 16:00Z", after(1, "DAY"), FOREVER, "2025-11-02 04:00Z", "never"),
        (HAVANA, "2025-11-02 05:10Z", after(1, "DAY"), FOREVER, "2025-11-03 05:00Z", "never"),
        # St. John's, three and a half hours west of UTC: 14 March at 05:30Z, 7 November at 04:30Z.
        (ST_JOHNS, "2027-03-13 15:30Z", IMMEDIATE, rolling(1, "DAY"), NOW, "2027-03-15 02:30Z"),
        (ST_JOHNS, "2027-11-07 04:00Z", IMMEDIATE, rolling(60, "MINUTE"), NOW, "2027-11-07 05:00Z"),
        # No clock change, but another day than in UTC.
        (KOLKATA, "2027-03-30 18:29Z", IMMEDIATE, rolling(1, "DAY", END_OF_MONTH), NOW, "2027-03-31 18:30Z"),
        (KOLKATA, "2027-03-31 18:29Z", IMMEDIATE, rolling(1, "DAY", END_OF_MONTH), NOW, "2027-04-30 18:30Z"),
        (KOLKATA, "2027-03-03 18:30Z", after(3, "DAY"), FOREVER, "2027-03-06 18:30Z", "never"),
        (KIRITIMATI, "2027-12-31 09:59Z", IMMEDIATE, calendar("12-31"), NOW, "2027-12-31 10:00Z"),
        (KIRITIMATI, "2027-12-31 10:00Z", IMMEDIATE, calendar("12-31"), NOW, "2028-12-31 10:00Z"),
        (HONOLULU, "2028-01-01 09:59Z", IMMEDIATE, calendar("12-31"), NOW, "2028-01-01 10:00Z"),
    ],
)
def test_the_local_clock_decides_days_and_elapsed_time_decides_minutes(
    zone: str, at: str, pending: Pending, expiration: Expiration, activates: str, expires: str
) -> None:
    check(zone, at, pending, expiration, at if activates == NOW else activates, expires)


A_YEAR_TO_MONTHS_END = rolling(1, "YEAR", END_OF_MONTH)
THREE_DAYS = after(3, "DAY")


def own(
    activates_at: str | None = None,
    activates_after: Period | None = None,
    expires_at: str | None = None,
    expires_after: Period | None = None,
) -> Grant:
    """A credit with its own dates."""
    activation = instant(activates_at, BERLIN) if activates_at else None
    expiry = instant(expires_at, BERLIN) if expires_at else None
    return Grant(100, activation, activates_after, expiry, expires_after)


@pytest.mark.parametrize(
    ("pending", "expiration", "grant", "activates", "expires"),
    [
        (THREE_DAYS, A_YEAR_TO_MONTHS_END, own(), "2027-03-06 00:00", "2028-04-01 00:00"),
        (THREE_DAYS, A_YEAR_TO_MONTHS_END, own("2027-04-01 00:00"), "2027-04-01 00:00", "2028-05-01 00:00"),
        (THREE_DAYS, A_YEAR_TO_MONTHS_END, own("2027-03-03 22:20"), "2027-03-03 22:20", "2028-04-01 00:00"),
        # A past activation date means now, and the expiry counts from now.
        (THREE_DAYS, A_YEAR_TO_MONTHS_END, own("2027-03-03 22:15"), "2027-03-03 22:20", "2028-04-01 00:00"),
        (THREE_DAYS, A_YEAR_TO_MONTHS_END, own(None, period(1, "HOUR")), "2027-03-03 23:20", "2028-04-01 00:00"),
        (THREE_DAYS, A_YEAR_TO_MONTHS_END, own(None, period(1, "DAY")), "2027-03-04 00:00", "2028-04-01 00:00"),
        (IMMEDIATE, rolling(1, "DAY"), own(None, period(1, "MONTH")), "2027-04-03 00:00", "2027-04-05 00:00"),
        (fixed("07-01"), rolling(1, "DAY"), own(None, period(1, "WEEK")), "2027-03-10 00:00", "2027-03-12 00:00"),
        (by_event(14), rolling(1, "DAY"), own(None, period(1, "DAY")), "2027-03-04 00:00", "2027-03-06 00:00"),
        (by_event(14), FOREVER, own("2027-03-03 22:20"), "2027-03-03 22:20", "never"),
        # A period of the credit counts from the activation and is not rounded.
        (
            THREE_DAYS,
            A_YEAR_TO_MONTHS_END,
            own(expires_at="2027-03-10 12:00"),
            "2027-03-06 00:00",
            "2027-03-10 12:00",
        ),
        (
            THREE_DAYS,
            A_YEAR_TO_MONTHS_END,
            own(expires_after=period(1, "DAY")),
            "2027-03-06 00:00",
            "2027-03-08 00:00",
        ),
        (THREE_DAYS, FOREVER, own(expires_after=period(90, "MINUTE")), "2027-03-06 00:00", "2027-03-06 01:30"),
        (IMMEDIATE, calendar("12-31"), own(expires_after=period(1, "WEEK")), "2027-03-03 22:20", "2027-03-11 00:00"),
        (IMMEDIATE, sliding(30, "DAY"), own(expires_after=period(1, "MONTH")), "2027-03-03 22:20", "2027-04-04 00:00"),
        (IMMEDIATE, sliding(30, "DAY"), own(expires_at="2027-03-05 08:00"), "2027-03-03 22:20", "2027-03-05 08:00"),
        (
            IMMEDIATE,
            FOREVER,
            own(None, period(1, "MONTH"), None, period(1, "MONTH")),
            "2027-04-03 00:00",
            "2027-05-04 00:00",
        ),
        (
            THREE_DAYS,
            FOREVER,
            own("2027-04-01 09:00", None, "2027-04-01 09:01"),
            "2027-04-01 09:00",
            "2027-04-01 09:01",
        ),
    ],
)
def test_dates_of_the_credit_override_the_dates_of_the_settings(
    pending: Pending, expiration: Expiration, grant: Grant, activates: str, expires: str
) -> None:
    check(BERLIN, "2027-03-03 22:20", pending, expiration, activates, expires, grant)


@pytest.mark.parametrize(
    ("zone", "at", "pending", "canceled"),
    [
        (BERLIN, "2027-03-03 22:20", by_event(), "never"),
        (BERLIN, "2027-03-03 22:20", by_event(14, "DAY"), "2027-03-17 00:00"),
        (BERLIN, "2027-12-31 22:20", by_event(30, "DAY"), "2028-01-30 00:00"),
        (BERLIN, "2028-02-20 22:20", by_event(2, "WEEK"), "2028-03-05 00:00"),
        (BERLIN, "2027-01-31 22:20", by_event(1, "MONTH"), "2027-02-28 00:00"),
        (BERLIN, "2028-02-29 22:20", by_event(1, "YEAR"), "2029-02-28 00:00"),
        (BERLIN, "2027-03-28 00:30Z", by_event(90, "MINUTE"), "2027-03-28 02:00Z"),
        (BERLIN, "2027-03-27 11:00Z", by_event(48, "HOUR"), "2027-03-29 11:00Z"),
        (BERLIN, "2027-03-27 11:00Z", by_event(2, "DAY"), "2027-03-28 22:00Z"),
        (SANTIAGO, "2027-09-04 16:00Z", by_event(1, "DAY"), "2027-09-05 04:00Z"),
        (LORD_HOWE, "2027-04-03 13:00Z", by_event(1, "DAY"), "2027-04-04 13:30Z"),
    ],
)
def test_event_based_pending_points_are_canceled_after_their_period(
    zone: str, at: str, pending: Pending, canceled: str
) -> None:
    one = granted(at, zone, pending, rolling(1, "MONTH"))
    (lot,) = one.pending
    assert lot.activates_at == BY_EVENT
    assert text_like(canceled, lot.cancel_at, zone) == canceled
    if lot.cancel_at:
        assert settle(one, lot.cancel_at - 1) == (one, [])
        assert settle(one, lot.cancel_at)[0].lifetime.canceled == 100


@pytest.mark.parametrize(
    ("expiration", "grant", "event", "expires"),
    [
        (FOREVER, own(), "2027-03-03 22:20", "never"),
        (rolling(1, "MONTH"), own(), "2027-03-31 10:00", "2027-05-01 00:00"),
        (rolling(90, "MINUTE"), own(), "2027-03-28 01:30", "2027-03-28 04:00"),
        (rolling(3, "MONTH", END_OF_QUARTER), own(), "2027-04-01 00:00", "2027-10-01 00:00"),
        (rolling(3, "MONTH", END_OF_QUARTER), own(), "2027-03-30 00:00", "2027-07-01 00:00"),
        (calendar("12-31"), own(), "2027-12-31 23:00", "2028-01-01 00:00"),
        (calendar("12-31"), own(), "2028-01-01 00:00", "2029-01-01 00:00"),
        (sliding(30, "DAY"), own(), "2027-03-03 10:00", "2027-04-03 00:00"),
        (rolling(1, "YEAR"), own(expires_after=period(1, "WEEK")), "2027-03-03 10:00", "2027-03-11 00:00"),
        (rolling(1, "YEAR"), own(expires_after=period(90, "MINUTE")), "2027-10-31 02:30", "2027-10-31 03:00"),
        (rolling(1, "YEAR"), own(expires_at="2027-06-01 00:00"), "2027-03-03 10:00", "2027-06-01 00:00"),
    ],
)
def test_points_that_an_event_activates_expire_one_period_after_the_event(
    expiration: Expiration, grant: Grant, event: str, expires: str
) -> None:
    one = granted("2027-01-15 12:00", BERLIN, by_event(), expiration, grant)
    settings = wallet(pending=by_event(), expiration=expiration)
    after, _ = activate_pending(one, one.pending, settings, instant(event, BERLIN), Operation.EVENT)
    (lot,) = after.lots
    assert text_like(expires, after.expiry_of(lot), BERLIN) == expires
