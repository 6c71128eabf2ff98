"""The calendar periods in which tier structures count points, by their numbers."""

from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from loyalty.domain.dates import CalendarUnit, period_numbers, start_of_day
from loyalty.domain.tiers.structure import PERIOD_UNITS

MONTHS = {CalendarUnit.MONTH: 1, CalendarUnit.QUARTER: 3, CalendarUnit.YEAR: 12}


def period_number(day: date, unit: CalendarUnit) -> int:
    """Returns the number of the period that contains the day, as the card's counters have it."""
    return period_numbers(day)[2 + PERIOD_UNITS.index(unit)]


@lru_cache(maxsize=1_024)
def period_start(number: int, unit: CalendarUnit, zone: ZoneInfo) -> int:
    """Returns the instant at which the period begins, which is the end of the period before."""
    year, month = divmod(number * MONTHS[unit], 12)
    return start_of_day(date(year, month + 1, 1), zone)
