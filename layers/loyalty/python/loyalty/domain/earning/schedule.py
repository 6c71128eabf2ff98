"""Schedules: the local dates on which a campaign runs for the members of a wallet."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from loyalty.domain.dates import WEEKDAYS, AnnualDate, Weekday, clock_instant, local_day

DATES_MAX = 12
"""The most dates of a year."""
DAYS_BEFORE_MAX = 30
LEAP_DAY = AnnualDate(2, 29)
BIRTHDAY_YEAR = "properties.birthdayYear"
"""The path, in the event of a run, of the year in which the customer has the birthday."""


@dataclass(frozen=True, slots=True)
class Monthly:
    """A day of every month; in a shorter month, its last day."""

    day: int

    def includes(self, day: date) -> bool:
        # The next day is in the next month only after the last day.
        return day.day == self.day or (day.day < self.day and (day + timedelta(days=1)).day == 1)


@dataclass(frozen=True, slots=True)
class Weekly:
    """A day of every week."""

    day: Weekday

    def includes(self, day: date) -> bool:
        return WEEKDAYS[day.weekday()] is self.day


@dataclass(frozen=True, slots=True)
class Yearly:
    """Days of every year."""

    dates: tuple[AnnualDate, ...]

    def includes(self, day: date) -> bool:
        return any(one.in_year(day.year) == day for one in self.dates)


@dataclass(frozen=True, slots=True)
class Birthdays:
    """Every day, for the customers who have their birthday so many days later."""

    days_before: int = 0

    def includes(self, _: date) -> bool:
        return True


Every = Monthly | Weekly | Yearly | Birthdays


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a campaign runs, and for the members of which wallet. A draft may be incomplete."""

    wallet_id: str | None = None
    at: int | None = None
    """The local time in minutes since midnight."""
    every: Every | None = None

    def instant_of(self, day: date, zone: ZoneInfo) -> int:
        """Returns the instant of the local day's run. The schedule is complete."""
        assert self.at is not None, "an ACTIVE campaign has a complete schedule"
        return clock_instant(day, self.at, zone)

    def dates_between(self, after: int, until: int, zone: ZoneInfo) -> list[date]:
        """Returns the local days whose run is later than `after` and not later than `until`, oldest first.

        The schedule is complete.
        """
        every, first = self.every, local_day(after, zone)
        assert every is not None, "an ACTIVE campaign has a complete schedule"
        days = (first + timedelta(days=count) for count in range((local_day(until, zone) - first).days + 1))
        return [day for day in days if every.includes(day) and after < self.instant_of(day, zone) <= until]

    def birthday_of(self, day: date) -> date | None:
        """Returns the birthday for which the local day's run gives points; None if the run is for all members."""
        return day + timedelta(days=self.every.days_before) if isinstance(self.every, Birthdays) else None


def birthdays_on(day: date) -> tuple[str, ...]:
    """Returns the birthdays that are celebrated on the day, as `MM-DD`: in common years 29 February on 28 February."""
    days = [f"{day:%m-%d}"]
    if day.day != LEAP_DAY.day and day == LEAP_DAY.in_year(day.year):
        days.append(f"{LEAP_DAY.month:02d}-{LEAP_DAY.day:02d}")
    return tuple(days)
