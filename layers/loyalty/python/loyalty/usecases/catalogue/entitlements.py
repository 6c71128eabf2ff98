"""Entitlements: the rights that a customer has now, wherever they come from."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from loyalty.domain.dates import instant
from loyalty.store.store import Store
from loyalty.usecases.programs.tiers import tiers_of


class EntitlementSource(StrEnum):
    """What gives the right."""

    REDEMPTION = "REDEMPTION"
    TIER = "TIER"


@dataclass(frozen=True, slots=True)
class Entitlement:
    key: str
    """The business's name of the right."""
    source: EntitlementSource
    id: str
    """The id of what gives the right: of the redemption, or of the tier."""
    since: int
    """0 for the tier that new customers have."""
    until: int | None
    """None if time alone does not end the right."""
    program_id: str | None = None
    """The program of the tier."""


def entitlements_of(store: Store, customer_id: str, at: datetime) -> list[Entitlement]:
    """Returns the rights that the customer has at the instant, in the order of their names. A name may repeat."""
    found = [*_of_redemptions(store, customer_id, instant(at)), *_of_tiers(store, customer_id, at)]
    return sorted(found, key=lambda one: (one.key, one.since, one.id))


def _of_redemptions(store: Store, customer_id: str, now: int) -> list[Entitlement]:
    return [
        Entitlement(
            one.entitlement or "", EntitlementSource.REDEMPTION, one.redemption_id, one.created_at, one.entitled_until
        )
        for one in store.redemptions.of_customer(customer_id)
        if one.is_entitled(now)
    ]


def _of_tiers(store: Store, customer_id: str, at: datetime) -> list[Entitlement]:
    return [
        Entitlement(
            key, EntitlementSource.TIER, found.level.tier_id, found.since, found.until or None, found.program_id
        )
        for found in tiers_of(store, customer_id, at)
        if found.level
        for key in found.level.benefits.entitlements
    ]
