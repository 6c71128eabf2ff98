"""A card's profile."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a card has besides its points: never read to move points."""

    code: str
    metadata: str | None
    """JSON text."""
    created_at: int
