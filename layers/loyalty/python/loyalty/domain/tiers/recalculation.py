"""Recalculations: all members of a wallet get their tier after a tier structure was attached or changed."""

from dataclasses import dataclass
from enum import StrEnum


class RecalculationStatus(StrEnum):
    """RUNNING: members get their tier. COMPLETED: all members had their turn."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"


@dataclass(frozen=True, slots=True)
class RecalculationCounts:
    """What a recalculation did with members."""

    seen: int = 0
    calculated: int = 0
    """Members whose tier was computed from their transactions."""
    changed: int = 0
    """Other members who got a row: their tier changed with the structure, or time had changed their card."""

    def plus(self, other: "RecalculationCounts") -> "RecalculationCounts":
        return RecalculationCounts(
            self.seen + other.seen, self.calculated + other.calculated, self.changed + other.changed
        )


NOTHING = RecalculationCounts()


@dataclass(frozen=True, slots=True)
class RecalculationId:
    program_id: str
    started_at: int
    wallet_id: str
    wallet_version: int
    """The version of the wallet that attached or changed the structure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalculation:
    identity: RecalculationId
    structure_id: str
    shards: int
    """The number of parts in which the members are read."""
    status: RecalculationStatus = RecalculationStatus.RUNNING
    finished: frozenset[int] = frozenset()
    """The shards that are finished."""
    counts: RecalculationCounts = NOTHING
    """Of finished shards."""
    completed_at: int = 0

    @property
    def is_finished(self) -> bool:
        """Whether all shards are finished."""
        return len(self.finished) == self.shards
