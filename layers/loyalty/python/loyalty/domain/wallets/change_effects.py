"""The effects of changed wallet settings on points already granted and on cards.

Points already granted keep their dates, limits apply at once, and events activate by the current names.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum

from loyalty.domain.wallets.document import camel_case
from loyalty.domain.wallets.settings import ExpirationType, PendingType, Settings


class Reach(StrEnum):
    """The effect of a changed setting on points already granted and on cards."""

    KEPT = "KEPT"
    CHANGED = "CHANGED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class SettingEffect:
    setting: str
    reach: Reach
    text: str


FIXED_EFFECTS = {
    "negative_limit": (Reach.CHANGED, "The next debit does not exceed the new limit; existing debts stay."),
    "consumption_order": (Reach.CHANGED, "The next debit takes points of any age in the new order."),
    "code": (Reach.KEPT, "Cards keep their codes; new cards get codes of the new form."),
    "auto_enrol": (Reach.KEPT, "Existing cards stay; the new setting decides whether a first credit creates a card."),
    "notices": (
        Reach.CHANGED,
        "The new periods apply to points of any age, on each card from its next movement on.",
    ),
}
"""Settings whose change always has the same effect."""
COUNTS_FROM_NOW = (Reach.CHANGED, "The change applies from the next movement on, to points of any age.")


def effects_of_change(before: Settings, after: Settings, *, has_cards: bool) -> list[SettingEffect]:
    """Returns the effects of the settings that change, in their order."""
    found: list[SettingEffect] = []
    for field in fields(Settings):
        if getattr(before, field.name) != getattr(after, field.name):
            found += _effects_of(field.name, before, after, has_cards=has_cards)
    return found


def _effects_of(name: str, before: Settings, after: Settings, *, has_cards: bool) -> Iterator[SettingEffect]:
    setting = camel_case(name)
    match name:
        case "expiration":
            yield from _effects_of_expiration(before, after)
        case "pending":
            yield from _effects_of_pending(before, after)
        case "earning_limits" | "spending_limits":
            text = "The new limits include the points earned or spent in the current period."
            yield SettingEffect(setting, Reach.CHANGED, text)
            yield SettingEffect(
                setting, Reach.KEPT, "Points above a new limit stay: granted points are not taken back."
            )
        case "allow_negative_balance" if after.allow_negative_balance:
            yield SettingEffect(setting, Reach.KEPT, "Points with an expiry keep this expiry; new points never expire.")
        case "allow_negative_balance":
            yield SettingEffect(setting, Reach.KEPT, "Cards keep their debts, which the next points repay.")
        case "points_decimals" if has_cards:
            text = "Customers already hold cards with these decimals: the change will be refused."
            yield SettingEffect(setting, Reach.REFUSED, text)
        case "name" | "points_name" | "description" | "type" | "points_decimals" | "point_value" | "metadata":
            yield SettingEffect(setting, Reach.CHANGED, "The new value is shown at once; no points change.")
        case _:
            yield SettingEffect(setting, *FIXED_EFFECTS.get(name, COUNTS_FROM_NOW))


def _effects_of_expiration(before: Settings, after: Settings) -> Iterator[SettingEffect]:
    slid = before.expiration.type is ExpirationType.SLIDING_EXPIRATION
    slides = after.expiration.type is ExpirationType.SLIDING_EXPIRATION
    if not slid:
        yield SettingEffect("expiration", Reach.KEPT, "Points already granted keep their expiry.")
    elif slides:
        text = "Sliding points keep their current expiry; the next activity moves the expiry by the new rule."
        yield SettingEffect("expiration", Reach.CHANGED, text)
    else:
        text = "Sliding points keep their current expiry; activities no longer move the expiry."
        yield SettingEffect("expiration", Reach.KEPT, text)
    if before.pending.type is PendingType.EVENT_BASED:
        text = "Event-based pending points get their expiry when the event arrives, by the new rule."
        yield SettingEffect("expiration", Reach.CHANGED, text)


def _effects_of_pending(before: Settings, after: Settings) -> Iterator[SettingEffect]:
    if before.pending.type is not PendingType.EVENT_BASED:
        text = "Pending points keep the date at which they become usable."
        yield SettingEffect("pending", Reach.KEPT, text)
        if after.pending.type is PendingType.EVENT_BASED:
            text = "Points that are still pending for an event of an earlier version become usable by the new events."
            yield SettingEffect("pending", Reach.CHANGED, text)
        return
    yield SettingEffect("pending", Reach.KEPT, "Event-based pending points keep the date at which they are canceled.")
    if after.pending.type is not PendingType.EVENT_BASED:
        text = "Events no longer activate the points: activate them by hand, or let them be canceled."
        yield SettingEffect("pending", Reach.CHANGED, text)
    elif set(before.pending.events) != set(after.pending.events):
        text = f"Pending points become usable by the new events: {' or '.join(after.pending.events) or 'none'}."
        yield SettingEffect("pending", Reach.CHANGED, text)
