"""Why a campaign gives nothing for an event."""

from dataclasses import dataclass
from enum import StrEnum


class SkipReason(StrEnum):
    """The reasons of campaigns. A wallet's refusal is a reason too, by its own code."""

    CONDITIONS = "conditions"
    OUTSIDE_WINDOW = "outside_window"
    OUTSIDE_HOURS = "outside_hours"
    INPUT_MISSING = "input_missing"
    AFTER_NOT_FOUND = "after_not_found"
    ROUNDS_TO_ZERO = "rounds_to_zero"
    LIMIT_PER_CUSTOMER = "limit_per_customer"
    COOLDOWN = "cooldown"
    ONCE_PER = "once_per"
    BUDGET_EXHAUSTED = "budget_exhausted"
    GROUP_TAKEN = "group_taken"
    NOT_REFERRED = "not_referred"
    SHARED_SIGNAL = "shared_signal"
    REFERRER_LIMIT = "referrer_limit"
    TOO_MANY_AWARDS = "too_many_awards"
    ORDER_CANCELED = "order_canceled"


@dataclass(frozen=True, slots=True)
class Skip:
    campaign_id: str
    reason: str
    """A `SkipReason`, or the code of a wallet's refusal."""
    path: str | None = None
    """The part of the conditions that the event does not match, or the value that it lacks."""
