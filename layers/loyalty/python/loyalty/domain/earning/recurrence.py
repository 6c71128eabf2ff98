"""What a customer has got from a campaign, and what the campaign's limits still allow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from loyalty.domain.dates import SECONDS, CalendarUnit, Period, day_after, local_day, period_numbers
from loyalty.domain.earning.campaign import CustomerLimits
from loyalty.domain.earning.event import Document, number_in, value_at
from loyalty.domain.earning.skips import SkipReason

CALENDAR_UNITS = tuple(CalendarUnit)
CUSTOMER_LIMITS = "limits.perCustomer"
"""The path of the limits in a campaign, as an award names them."""


@dataclass(frozen=True, slots=True)
class PeriodUse:
    """Awards and points within one calendar period. If `number` is not the current period, both count as 0."""

    number: int = 0
    times: int = 0
    points: int = 0


PeriodUses = tuple[PeriodUse, PeriodUse, PeriodUse, PeriodUse, PeriodUse]
"""Day, ISO week, month, quarter, year."""


@dataclass(frozen=True, slots=True)
class Use:
    """What one customer has got from one campaign. An event counts once, whatever the reward rules."""

    times: int = 0
    points: int = 0
    periods: PeriodUses = (PeriodUse(), PeriodUse(), PeriodUse(), PeriodUse(), PeriodUse())
    at: int = 0
    """Instant of the last award; 0 without awards."""

    def moment(self, now: int) -> int:
        """Returns the instant at which limits are judged. Time never runs back for a customer."""
        return max(now, self.at)

    def count(self, points: int, now: int, zone: ZoneInfo) -> "Use":
        """Returns the use with one more event, which gave these points."""
        at = self.moment(now)
        day = local_day(at, zone)
        counted = [(one.number, one.times + 1, one.points + points) for one in self.in_periods(day)]
        return Use(self.times + 1, self.points + points, _periods([PeriodUse(*numbers) for numbers in counted]), at)

    def uncount(self, day: date) -> "Use":
        """Returns the use with one less of those that were counted on the local day. Ended periods count nothing.

        A cooldown still counts from the last one.
        """
        periods = [
            PeriodUse(one.number, one.times - (one.number == number), one.points)
            for one, number in zip(self.periods, period_numbers(day), strict=True)
        ]
        return Use(self.times - 1, self.points, _periods(periods), self.at)

    def in_periods(self, day: date) -> PeriodUses:
        """Returns what the customer has got in the periods that contain the local day."""
        numbers = zip(self.periods, period_numbers(day), strict=True)
        return _periods([one if one.number == number else PeriodUse(number) for one, number in numbers])


def refusal(limits: CustomerLimits, use: Use, now: int, zone: ZoneInfo) -> SkipReason | None:
    """Returns why the customer gets nothing now; None if the limits allow an award."""
    at = use.moment(now)
    if limits.cooldown and use.at and at < cooldown_end(use.at, limits.cooldown, zone):
        return SkipReason.COOLDOWN
    periods = use.in_periods(local_day(at, zone))
    times = [(limits.times, use.times)]
    times += [(one.times, periods[CALENDAR_UNITS.index(one.unit)].times) for one in limits.per]
    if any(most is not None and used >= most for most, used in times) or points_left(limits, use, now, zone) == 0:
        return SkipReason.LIMIT_PER_CUSTOMER
    return None


def points_left(limits: CustomerLimits, use: Use, now: int, zone: ZoneInfo) -> int | None:
    """Returns the points that the customer may still get now; None without a limit."""
    periods = use.in_periods(local_day(use.moment(now), zone))
    points = [(limits.points, use.points)]
    points += [(one.points, periods[CALENDAR_UNITS.index(one.unit)].points) for one in limits.per]
    return min((max(most - used, 0) for most, used in points if most is not None), default=None)


def cooldown_end(at: int, period: Period, zone: ZoneInfo) -> int:
    """Returns the end of a cooldown that begins at the instant.

    MINUTE and HOUR count to the second. Longer periods end at the same local time, so many days on.
    """
    if period.unit in SECONDS:
        return at + period.every * SECONDS[period.unit]
    local = datetime.fromtimestamp(at, zone)
    return int(datetime.combine(day_after(local.date(), period), local.timetz().replace(fold=0)).timestamp())


def once_value(path: str, read: Document) -> str | None:
    """Returns the value that gives points once, as text; None if it is missing or an object, a list or null.

    Equal numbers are the same value, however they were sent.
    """
    value = value_at(read, path)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    number = number_in(value)
    return None if number is None else str(number)


def _periods(uses: Sequence[PeriodUse]) -> PeriodUses:
    day, week, month, quarter, year = uses
    return day, week, month, quarter, year
