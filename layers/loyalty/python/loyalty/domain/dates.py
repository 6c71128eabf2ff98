"""Instants and local days: when a period that begins now ends, in the project's zone.

Instants are whole epoch seconds (UTC). A day is a local calendar date. Rules: the last day is usable to its end, and
periods of DAY and longer end at 00:00 local; MINUTE and HOUR count to the second.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

NEVER = 0

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


class Unit(StrEnum):
    """The units of periods. MINUTE and HOUR count to the second, other units count local days."""

    MINUTE = "MINUTE"
    HOUR = "HOUR"
    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    YEAR = "YEAR"


class Rounding(StrEnum):
    """The period to whose end the last usable day moves."""

    NONE = "NONE"
    END_OF_MONTH = "END_OF_MONTH"
    END_OF_QUARTER = "END_OF_QUARTER"
    END_OF_HALF_YEAR = "END_OF_HALF_YEAR"
    END_OF_YEAR = "END_OF_YEAR"
    END_OF_PARTICULAR_MONTH = "END_OF_PARTICULAR_MONTH"


class CalendarUnit(StrEnum):
    """The calendar periods, in the project's time zone. Weeks start on Monday."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    QUARTER = "QUARTER"
    YEAR = "YEAR"


class Weekday(StrEnum):
    """The days of the week, Monday first as in ISO 8601."""

    MON = "MON"
    TUE = "TUE"
    WED = "WED"
    THU = "THU"
    FRI = "FRI"
    SAT = "SAT"
    SUN = "SUN"


WEEKDAYS = tuple(Weekday)
"""By the number of `date.weekday`."""


@dataclass(frozen=True, slots=True)
class AnnualDate:
    """A day of every year. In common years, 29 February is 28 February."""

    month: int
    day: int

    def in_year(self, year: int) -> date:
        return date(year, self.month, min(self.day, monthrange(year, self.month)[1]))


EVERY_MAX = {
    Unit.MINUTE: 525_600,
    Unit.HOUR: 8_784,
    Unit.DAY: 3_650,
    Unit.WEEK: 520,
    Unit.MONTH: 120,
    Unit.YEAR: 10,
}
SECONDS = {Unit.MINUTE: 60, Unit.HOUR: 3_600}
SMALLEST_UNITS = {Unit.HOUR: (60, Unit.MINUTE), Unit.WEEK: (7, Unit.DAY), Unit.YEAR: (12, Unit.MONTH)}


@dataclass(frozen=True, slots=True)
class Period:
    every: int
    unit: Unit

    @property
    def in_smallest_unit(self) -> "Period":
        """The same length in the smallest unit that always measures it: 1 WEEK is 7 DAY, but 1 DAY is not 24 HOUR."""
        times, unit = SMALLEST_UNITS.get(self.unit, (1, self.unit))
        return Period(self.every * times, unit)


def instant(moment: datetime) -> int:
    """Returns the moment as epoch seconds, cut to the whole second."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return int(moment.timestamp() // 1)


def datetime_of(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def local_day(at: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at, zone).date()


def day_number(day: date) -> int:
    """Returns the days since 1970-01-01, in which lots keep their issue day."""
    return day.toordinal() - EPOCH_ORDINAL


def day_of(number: int) -> date:
    return date.fromordinal(number + EPOCH_ORDINAL)


def start_of_day(day: date, zone: ZoneInfo) -> int:
    """Returns the instant at which the local day begins, as `clock_instant` does for midnight."""
    return clock_instant(day, 0, zone)


def clock_instant(day: date, minutes: int, zone: ZoneInfo) -> int:
    """Returns the instant at which the local clock shows this number of minutes after midnight of the day.

    If a clock change skips this time, the instant is the next local time that exists. If the time comes twice, the
    instant is the first.
    """
    hour, minute = divmod(minutes, 60)
    wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    first = int(wall.timestamp())
    if datetime.fromtimestamp(first, zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return first
    # The time is in a gap. Its two readings (offset before, offset after) enclose the instant of the change.
    before, after = int(wall.replace(fold=1).timestamp()), first
    offset = datetime.fromtimestamp(after, zone).utcoffset()
    while before < after:
        middle = (before + after) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            after = middle
        else:
            before = middle + 1
    return after


def day_after(day: date, period: Period) -> date:
    """Returns the day `period` after `day`, cut to a shorter month (31 Jan + 1 month = last of February)."""
    match period.unit:
        case Unit.DAY:
            return day + timedelta(days=period.every)
        case Unit.WEEK:
            return day + timedelta(weeks=period.every)
        case Unit.MONTH:
            months = day.year * 12 + day.month - 1 + period.every
        case Unit.YEAR:
            months = (day.year + period.every) * 12 + day.month - 1
        case _:
            raise ValueError(f"{period.unit} is not a unit of days")
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def day_before(day: date, period: Period) -> date:
    """Returns the day `period` before `day`, cut to a shorter month (31 March - 1 month = last of February)."""
    return day_after(day, Period(-period.every, period.unit))


def activation_after(at: int, period: Period, zone: ZoneInfo) -> int:
    """Returns when points pending for `period` from `at` become usable: 3 Mar 22:20 + 3 DAY is 6 Mar 00:00 local."""
    if period.unit in SECONDS:
        return at + period.every * SECONDS[period.unit]
    return start_of_day(day_after(local_day(at, zone), period), zone)


def expiry_after(
    at: int, period: Period, zone: ZoneInfo, rounding: Rounding = Rounding.NONE, month: int | None = None
) -> int:
    """Returns when points usable from `at` expire: to the second for MINUTE and HOUR, else with the last usable day.

    A rounding moves the last usable day to the end of its period; `month` is the month of END_OF_PARTICULAR_MONTH.
    """
    if period.unit in SECONDS:
        exact = at + period.every * SECONDS[period.unit]
        if rounding is Rounding.NONE:
            return exact
        last_day = local_day(exact - 1, zone)
    else:
        last_day = day_after(local_day(at, zone), period)
    return start_of_day(rounded_day(last_day, rounding, month) + timedelta(days=1), zone)


def rounded_day(day: date, rounding: Rounding, month: int | None = None) -> date:
    """Returns the last day of the period that contains `day`."""
    match rounding:
        case Rounding.NONE:
            return day
        case Rounding.END_OF_MONTH:
            last_month = day.month
        case Rounding.END_OF_QUARTER:
            last_month = (day.month + 2) // 3 * 3
        case Rounding.END_OF_HALF_YEAR:
            last_month = (day.month + 5) // 6 * 6
        case Rounding.END_OF_YEAR:
            last_month = 12
        case Rounding.END_OF_PARTICULAR_MONTH:
            if month is None:
                raise ValueError("END_OF_PARTICULAR_MONTH needs its month")
            year = day.year if day.month <= month else day.year + 1
            return date(year, month, monthrange(year, month)[1])
    return date(day.year, last_month, monthrange(day.year, last_month)[1])


def next_date(day: date, dates: Sequence[AnnualDate]) -> date:
    """Returns the first of the dates on or after `day`."""
    candidates = [annual.in_year(year) for annual in dates for year in (day.year, day.year + 1)]
    return min(candidate for candidate in candidates if candidate >= day)


def period_numbers(day: date) -> tuple[int, int, int, int, int]:
    """Returns the numbers of the calendar day, ISO week, month, quarter and year that contain `day`."""
    # date.toordinal() counts from a Monday, so whole sevens are ISO weeks.
    ordinal = day.toordinal()
    month = day.year * 12 + day.month - 1
    return ordinal - EPOCH_ORDINAL, (ordinal - 1) // 7, month, month // 3, day.year
