"""Entitlements: the rights that a customer has now, wherever they come from."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from loyalty.domain.dates import instant
from loyalty.store.store import Store


class EntitlementSource(StrEnum):
    """What gives the right."""

    REDEMPTION = "REDEMPTION"


@dataclass(frozen=True, slots=True)
class Entitlement:
    key: str
    """The business's name of the right."""
    source: EntitlementSource
    id: str
    """The id of what gives the right: of the redemption."""
    since: int
    until: int | None
    """None for ever."""


def entitlements_of(store: Store, customer_id: str, at: datetime) -> list[Entitlement]:
    """Returns the rights that the customer has at the instant, in the order of their names; the same name may repeat.

    Each source of rights adds its own.
    """
    found = _of_redemptions(store, customer_id, instant(at))
    return sorted(found, key=lambda one: (one.key, one.since, one.id))


def _of_redemptions(store: Store, customer_id: str, now: int) -> list[Entitlement]:
    return [
        Entitlement(
            one.entitlement or "", EntitlementSource.REDEMPTION, one.redemption_id, one.created_at, one.entitled_until
        )
        for one in store.redemptions.of_customer(customer_id)
        if one.is_entitled(now)
    ]
