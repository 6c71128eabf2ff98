"""Windows and hours of campaigns, by the instant at which an event occurred."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from loyalty.domain.dates import WEEKDAYS
from loyalty.domain.earning.campaign import Campaign, Hours


def is_in_window(campaign: Campaign, occurred_at: int) -> bool:
    """Returns whether the instant is in the campaign's window. The end is not included."""
    return campaign.starts_at <= occurred_at and not campaign.is_over(occurred_at)


def is_in_hours(hours: Sequence[Hours], occurred_at: int, zone: ZoneInfo) -> bool:
    """Returns whether the local clock at the instant is in one of the hours; always, if there are none.

    The clock alone decides: an hour that a clock change repeats counts twice, an hour that it skips does not exist.
    """
    local = datetime.fromtimestamp(occurred_at, zone)
    day, minute = WEEKDAYS[local.weekday()], local.hour * 60 + local.minute
    return not hours or any(day in one.days and one.start <= minute < one.end for one in hours)
