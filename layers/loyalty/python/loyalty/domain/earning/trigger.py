"""Triggers: what makes a campaign decide."""

from dataclasses import dataclass
from enum import StrEnum

from loyalty.domain.dates import Period, Unit
from loyalty.domain.earning.schedule import Schedule


class TriggerType(StrEnum):
    """What triggers a campaign.

    EVENT: an event of a customer. SEQUENCE: an event after another event of the same customer. SCHEDULE: a date, for
    the members of a wallet. COUPON: the redemption of one of the campaign's codes.
    """

    EVENT = "EVENT"
    SEQUENCE = "SEQUENCE"
    SCHEDULE = "SCHEDULE"
    COUPON = "COUPON"


WITHIN_UNITS = {Unit.MINUTE: 60, Unit.HOUR: 3_600, Unit.DAY: 86_400, Unit.WEEK: 604_800}
"""The units between two events, in seconds: a day has 24 hours, whatever the clock does."""
WITHIN_MAX = 366 * 86_400
"""The longest time between two events, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """The earlier event of a SEQUENCE. A draft may be incomplete."""

    event: str | None = None
    within: Period | None = None
    """The longest time from the earlier event to the later one."""
    at_least: Period | None = None
    """The shortest time."""
    match_by: tuple[str, str] | None = None
    """The paths of the values that must be equal: in the later event, and in the earlier one. None: any earlier event
    of the customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What makes a campaign decide. A draft may be incomplete."""

    type: TriggerType = TriggerType.EVENT
    event: str | None = None
    """The name of the event."""
    after: After | None = None
    """SEQUENCE."""
    schedule: Schedule | None = None
    """SCHEDULE."""

    @property
    def events(self) -> frozenset[str]:
        """The names of the later and of the earlier event, as far as they are set."""
        earlier = self.after.event if self.after else None
        return frozenset(name for name in (self.event, earlier) if name is not None)


def seconds_of(period: Period) -> int:
    """Returns the length of a period between two events; its unit is one of `WITHIN_UNITS`."""
    return period.every * WITHIN_UNITS[period.unit]
