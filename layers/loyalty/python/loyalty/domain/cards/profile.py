"""A card's profile."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The data of a card besides its points, which movements do not need."""

    code: str
    metadata: str | None
    """JSON text."""
    created_at: int
