"""A card's profile."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The data of a card besides its points, which movements do not need."""

    code: str
    metadata: str | None
    """JSON text."""
    created_at: int
    wallet_version: int
    """The version of the wallet at the enrolment."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A new card, as its profile describes it."""

    card_id: str
    wallet_id: str
    customer_id: str
    profile: Profile
