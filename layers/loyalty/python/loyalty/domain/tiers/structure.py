"""Tier structures: the levels of a program, and how a card reaches, keeps and loses them."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from loyalty.domain.dates import CalendarUnit, Period

STRUCTURES_MAX = 3
"""The most tier structures on a wallet."""
PERIOD_UNITS = (CalendarUnit.MONTH, CalendarUnit.QUARTER, CalendarUnit.YEAR)
"""The calendar periods in which a structure can count points, in the project's time zone."""


class TierBasis(StrEnum):
    """What decides about a tier: the points that became active in a period, or the points that the card has now."""

    POINTS_EARNED = "POINTS_EARNED"
    POINT_BALANCE = "POINT_BALANCE"


class TierUpgrade(StrEnum):
    """When a card with enough points reaches a tier: at once, or at the end of the period."""

    IMMEDIATELY = "IMMEDIATELY"
    NEXT_PERIOD = "NEXT_PERIOD"


class TierValidity(StrEnum):
    """How long points give a right to a tier: until the end of the period in which the right begins, or of the next.

    The right begins at once, or with `upgrade` NEXT_PERIOD when the period of the points ends.
    """

    NEXT_PERIOD = "NEXT_PERIOD"
    CURRENT_PERIOD = "CURRENT_PERIOD"


class TierDowngrade(StrEnum):
    """How far a card falls that has too few points at the end of its tier."""

    MULTI_LEVEL = "MULTI_LEVEL"
    SINGLE_LEVEL = "SINGLE_LEVEL"
    NO_DOWNGRADE = "NO_DOWNGRADE"


@dataclass(frozen=True, slots=True)
class Benefits:
    """What customers of a tier have."""

    multiplier: Decimal | None = None
    """The factor for the points of campaigns; None for no multiplier."""
    entitlements: tuple[str, ...] = ()
    metadata: str | None = None
    """JSON."""


@dataclass(frozen=True, slots=True)
class Level:
    tier_id: str
    name: str
    start: int
    """The fewest points of the level: `from` in the API."""
    keep_forever: bool = False
    """Whether a card that reached the level never falls below it."""
    benefits: Benefits = field(default_factory=Benefits)


@dataclass(frozen=True, slots=True)
class TierStructure:
    """The settings of a tier structure. `levels` rise by `start`."""

    name: str
    type: TierBasis
    period: CalendarUnit
    levels: tuple[Level, ...]
    upgrade: TierUpgrade = TierUpgrade.IMMEDIATELY
    validity: TierValidity = TierValidity.NEXT_PERIOD
    downgrade: TierDowngrade = TierDowngrade.MULTI_LEVEL
    grace: Period | None = None
    """How long a card keeps its tier after it lost the right to it: DAY or MONTH."""

    def best(self, points: int) -> Level | None:
        """Returns the highest level that the points reach; None below the first."""
        return next((level for level in reversed(self.levels) if level.start <= points), None)

    def level(self, tier_id: str) -> Level | None:
        """Returns the level; None for no tier, and for a level that the structure no longer has."""
        return next((level for level in self.levels if level.tier_id == tier_id), None)


@dataclass(frozen=True, slots=True)
class AttachedTiers:
    """A tier structure as a wallet's version has it: for the members of a program, by the points of the wallet."""

    program_id: str
    structure_id: str
    structure_version: int
    attached_in: int
    """The version of the wallet that attached the structure: it distinguishes two attachments of one program."""
    structure: TierStructure
