"""What a change of a wallet's settings means for points already granted and for cards.

Points already granted keep their dates; limits count at once; events activate by the current names.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum

from loyalty.domain.wallets.settings import ExpirationType, PendingType, Settings


class Reach(StrEnum):
    """What a change of a setting does to points already granted, and to cards."""

    KEPT = "KEPT"
    AT_ONCE = "AT_ONCE"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Effect:
    setting: str
    reach: Reach
    text: str


IN_A_WORD = {
    "negative_limit": (Reach.AT_ONCE, "The next debit goes no further below zero; what is owed is owed."),
    "consumption_order": (Reach.AT_ONCE, "The next debit takes from all of a card's points in the new order."),
    "code": (Reach.KEPT, "Cards keep their codes; new cards get new ones."),
    "auto_enrol": (Reach.KEPT, "Cards stay; a first credit enrols or not from now on."),
    "notices": (
        Reach.AT_ONCE,
        "Dates of points of any age are told by the new periods, on each card from its next movement on.",
    ),
}
"""Settings whose change means one thing, whatever they were."""
COUNTS_AT_ONCE = (Reach.AT_ONCE, "It counts from the next movement on, for points of any age.")


def effects(before: Settings, after: Settings, *, has_cards: bool) -> list[Effect]:
    """By the settings that change, in their order."""
    found: list[Effect] = []
    for field in fields(Settings):
        if getattr(before, field.name) != getattr(after, field.name):
            found += _effects_of(field.name, before, after, has_cards=has_cards)
    return found


def _effects_of(name: str, before: Settings, after: Settings, *, has_cards: bool) -> Iterator[Effect]:
    setting = _camel(name)
    match name:
        case "expiration":
            yield from _effects_of_expiration(before, after)
        case "pending":
            yield from _effects_of_pending(before, after)
        case "earning_limits" | "spending_limits":
            text = "The new limits count at once, with what a card has earned or spent in the current period."
            yield Effect(setting, Reach.AT_ONCE, text)
            yield Effect(setting, Reach.KEPT, "Points beyond a new limit stay: nothing granted is taken back.")
        case "allow_negative_balance" if after.allow_negative_balance:
            yield Effect(setting, Reach.KEPT, "Points with an expiry keep it; new ones have none.")
        case "allow_negative_balance":
            yield Effect(setting, Reach.KEPT, "What a card owes is still owed: the next points repay it.")
        case "points_decimals" if has_cards:
            text = "Customers hold cards whose points were counted at this scale: the change will be refused."
            yield Effect(setting, Reach.REFUSED, text)
        case "name" | "points_name" | "description" | "type" | "points_decimals" | "point_value" | "metadata":
            yield Effect(setting, Reach.AT_ONCE, "It is shown at once; no points change.")
        case _:
            yield Effect(setting, *IN_A_WORD.get(name, COUNTS_AT_ONCE))


def _effects_of_expiration(before: Settings, after: Settings) -> Iterator[Effect]:
    slid = before.expiration.type is ExpirationType.SLIDING_EXPIRATION
    slides = after.expiration.type is ExpirationType.SLIDING_EXPIRATION
    if not slid:
        yield Effect("expiration", Reach.KEPT, "Points already granted keep their expiry.")
    elif slides:
        text = "Points that slide keep their present expiry; the next activity moves it by the new rule."
        yield Effect("expiration", Reach.AT_ONCE, text)
    else:
        text = "Points that slide keep their present expiry; nothing pushes it ahead any more."
        yield Effect("expiration", Reach.KEPT, text)
    if before.pending.type is PendingType.EVENT_BASED:
        text = "Points that wait for an event get their expiry when it comes: by the new rule."
        yield Effect("expiration", Reach.AT_ONCE, text)


def _effects_of_pending(before: Settings, after: Settings) -> Iterator[Effect]:
    if before.pending.type is not PendingType.EVENT_BASED:
        text = "Points that wait become usable at the moment they were promised."
        yield Effect("pending", Reach.KEPT, text)
        if after.pending.type is PendingType.EVENT_BASED:
            text = "What still waits for an event, from an earlier version, becomes usable by the new events."
            yield Effect("pending", Reach.AT_ONCE, text)
        return
    yield Effect("pending", Reach.KEPT, "Points that wait for an event keep the moment at which they are canceled.")
    if after.pending.type is not PendingType.EVENT_BASED:
        text = "No event activates them any more: activate them by hand, or let them be canceled."
        yield Effect("pending", Reach.AT_ONCE, text)
    elif set(before.pending.events) != set(after.pending.events):
        text = f"They become usable by the new events: {' or '.join(after.pending.events) or 'none'}."
        yield Effect("pending", Reach.AT_ONCE, text)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
