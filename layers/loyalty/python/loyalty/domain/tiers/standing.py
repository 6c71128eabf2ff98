"""A standing: a card's tier in one program, with the points that decide about it."""

from dataclasses import dataclass

NO_TIER = ""


@dataclass(frozen=True, slots=True)
class TierStanding:
    """Instants are epoch seconds; 0 is no instant."""

    program_id: str
    attached_in: int
    """The version of the wallet that attached the structure. A standing of another attachment does not count."""
    tier_id: str = NO_TIER
    since: int = 0
    until: int = 0
    """The end of the tier, unless the points prolong it; 0 without a tier, for a tier that cannot be lost by time, and
    where points alone decide.
    """
    grace_until: int = 0
    """The end of the grace period, while the card keeps a tier to which it has lost the right."""
    period: int = 0
    """The number of the calendar period in which `points` count."""
    points: int = 0
    """The points that count in the current period."""
    points_before: int = 0
    """The points that counted in the period before."""
    kept: str = NO_TIER
    """The level that the card had when the period began and that it keeps forever, whatever is revoked."""
    floor: str = NO_TIER
    """The tier that was given by hand: until `floor_until`, the card does not fall below this tier."""
    floor_until: int = 0
