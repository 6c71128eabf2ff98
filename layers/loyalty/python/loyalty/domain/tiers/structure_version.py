"""Versions of tier structures, and what a version may change."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from loyalty.domain.dates import Period, Unit
from loyalty.domain.tiers.structure import Benefits, TierBasis, TierStructure
from loyalty.errors import FieldProblem

LEVELS_MAX = 20
ENTITLEMENTS_MAX = 20
GRACE_MAX = {Unit.DAY: 366, Unit.MONTH: 12}
"""The longest grace period in each unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureVersion:
    structure_id: str
    version: int
    structure: TierStructure
    created_at: int
    created_by: str
    updated_at: int
    change: str = "Created"
    """The change that made this version: `Created` or `Changed`."""
    changed_by: str
    fingerprint: bytes = b""
    """The fingerprint of the request that created the structure, in the first version."""


def structure_problems(structure: TierStructure) -> Iterator[FieldProblem]:
    """Yields what is wrong with settings that are valid one by one."""
    seen = set[str]()
    for place, level in enumerate(structure.levels):
        if level.tier_id in seen:
            yield FieldProblem(f"body.levels[{place}].tierId", "repeated", "Give each level an id of its own.")
        seen.add(level.tier_id)
        if place and level.start <= structure.levels[place - 1].start:
            message = "Each level must begin above the level before it."
            yield FieldProblem(f"body.levels[{place}].from", "levels_not_rising", message)
    if structure.grace and not _is_allowed(structure.grace):
        allowed = " or ".join(f"{most} {unit}" for unit, most in GRACE_MAX.items())
        yield FieldProblem("body.grace", "too_long", f"A grace period has at most {allowed}.")


def fixed_field(before: TierStructure, after: TierStructure) -> str | None:
    """Returns the name of a setting that cannot change while a wallet has the structure; None if no such one changed.

    The points that cards have counted depend on it.
    """
    if before.type is not after.type:
        return "type"
    counts_periods = before.type is TierBasis.POINTS_EARNED
    return "period" if counts_periods and before.period is not after.period else None


def decides_alike(before: TierStructure, after: TierStructure) -> bool:
    """Returns whether both give every card the same tier: names and benefits do not matter."""
    return _decisive(before) == _decisive(after)


def _decisive(structure: TierStructure) -> TierStructure:
    levels = tuple(replace(level, name="", benefits=Benefits()) for level in structure.levels)
    return replace(structure, name="", levels=levels)


def _is_allowed(grace: Period) -> bool:
    return grace.every <= GRACE_MAX.get(grace.unit, 0)
