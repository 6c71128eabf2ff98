"""The course of one standing through time: how points and the ends of periods change a card's tier.

Tiers depend on the instants of what happens alone, not on when a card is settled or read.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from zoneinfo import ZoneInfo

from loyalty.domain.cards.transaction import Movement, TierCause, TierChange, Transaction
from loyalty.domain.dates import day_after, local_day, start_of_day
from loyalty.domain.tiers.counting import counted_points
from loyalty.domain.tiers.periods import period_number, period_start
from loyalty.domain.tiers.standing import NO_TIER, TierStanding
from loyalty.domain.tiers.structure import AttachedTiers, TierBasis, TierDowngrade, TierUpgrade, TierValidity

FOREVER = 0
"""The end of a tier that time does not end."""
NO_MOMENT = 1 << 62
ABSENT = -1
"""The rank of no tier; the first level has rank 0."""


@dataclass(frozen=True, slots=True)
class Right:
    """A tier to which points give a right: its rank, and until when."""

    rank: int
    until: int
    points: int

    @property
    def order(self) -> tuple[int, bool, int]:
        return self.rank, self.until == FOREVER, self.until


class Course:
    """One standing, followed from instant to instant. `changes` has the tier's changes with their instants."""

    def __init__(self, standing: TierStanding, attached: AttachedTiers, zone: ZoneInfo) -> None:
        self.standing = standing
        self.changes: list[tuple[int, TierChange]] = []
        self._structure, self._zone = attached.structure, zone
        self._levels = attached.structure.levels
        self._by_balance = attached.structure.type is TierBasis.POINT_BALANCE
        self._base = self._rank_of(0)
        # A period gives a right from the next period on, or at once; until the end of its first period, or of the next.
        self._starts_later = attached.structure.upgrade is TierUpgrade.NEXT_PERIOD
        self._periods = self._starts_later + (attached.structure.validity is TierValidity.NEXT_PERIOD)

    @classmethod
    def begun(cls, attached: AttachedTiers, zone: ZoneInfo, at: int) -> "Course":
        """Returns the course of a card without rows: it has the tier that needs no points, without a change."""
        structure = attached.structure
        base = structure.best(0)
        by_balance = structure.type is TierBasis.POINT_BALANCE
        standing = TierStanding(
            attached.program_id,
            attached.attached_in,
            base.tier_id if base else NO_TIER,
            period=0 if by_balance else period_number(local_day(at, zone), structure.period),
        )
        return cls(standing, attached, zone)

    def pass_time(self, at: int, *, balance: int, through: bool = True) -> None:
        """Applies the ends of periods, of tiers and of grace before the instant, and `through` it."""
        while (moment := self._next_moment()) < at or (through and moment == at):
            self._pass(moment, balance)

    def pass_to_next_change(self, at: int, *, balance: int) -> int | None:
        """Applies time alone until it changes the tier; returns the instant, after `at`; None if there is none."""
        self.changes = []
        while not self.changes:
            standing = self.standing
            moment = self._next_moment()
            is_open = standing.until or standing.grace_until or standing.points or standing.points_before
            if not is_open or moment == NO_MOMENT:
                return None
            self._pass(moment, balance)
        return max(self.changes[0][0], at + 1)

    def count(self, movements: Iterable[Movement | Transaction], *, at: int, balance: int) -> None:
        """Counts the points of movements at the instant; `balance`: active and held points after them."""
        if self._by_balance:
            self._follow_balance(at, balance)
            return
        period_of = partial(period_number, unit=self._structure.period)
        points, before = self.standing.points, self.standing.points_before
        had_right = self._has_right(at)
        for movement in movements:
            counted = counted_points(movement, period_of)
            points = max(points + counted.get(self.standing.period, 0), 0)
            before = max(before + counted.get(self.standing.period - 1, 0), 0)
        self.standing = replace(self.standing, points=points, points_before=before)
        self._follow_points(at, had_right=had_right)

    def give(self, tier_id: str, until: int, *, at: int, balance: int) -> None:
        """Gives a tier by hand, which is a floor until the instant. The tier's own row is not among the changes."""
        rank = self._rank(tier_id)
        if rank == ABSENT:
            return
        ends = FOREVER if self._cannot_fall(rank) else until
        self.standing = replace(
            self.standing, tier_id=tier_id, since=at, until=ends, grace_until=0, floor=tier_id, floor_until=until
        )
        self.count((), at=at, balance=balance)

    def _next_moment(self) -> int:
        standing = self.standing
        moments = [standing.grace_until or standing.until]
        if not self._by_balance:
            moments.append(period_start(standing.period + 1, self._structure.period, self._zone))
        return min(filter(None, moments), default=NO_MOMENT)

    def _pass(self, moment: int, balance: int) -> None:
        if self._by_balance:
            self._follow_balance(moment, balance)
            return
        ended = moment >= period_start(self.standing.period + 1, self._structure.period, self._zone)
        if ended:
            standing = self.standing
            kept = self._id(self._kept_rank(self._rank(standing.tier_id)))
            self.standing = replace(
                standing, period=standing.period + 1, points=0, points_before=standing.points, kept=kept
            )
        self._follow_points(moment, ended=ended)

    def _follow_points(self, at: int, *, ended: bool = False, had_right: bool = False) -> None:
        """Decides about the tier by the points of this period and of the period before."""
        standing = self.standing
        rank, right = self._rank(standing.tier_id), self._right(at, with_current=not self._starts_later)
        grace_ends = 0 < standing.grace_until <= at
        if right.rank > rank or standing.tier_id != self._id(rank):
            cause = TierCause.UPGRADE if right.rank > ABSENT else TierCause.DOWNGRADE
            self._change(right.rank, right.until, cause, right.points, at)
        elif grace_ends or (0 < standing.until <= at and not standing.grace_until):
            self._end(rank, at, grace_ends=grace_ends)
        elif ended and right.rank == rank and standing.until > 0 and _is_later(right.until, standing.until):
            self._change(rank, right.until, TierCause.PROLONGED, right.points, at)
        elif had_right and right.rank < rank and standing.since >= self._start(standing.period):
            # The tier was reached in this period, by points that went back: so it was never earned.
            floor = max(right.rank, self._rank(standing.kept), self._floor_rank(at))
            if floor < rank:
                self._fall(floor, right, at)

    def _end(self, rank: int, at: int, *, grace_ends: bool) -> None:
        """Ends the tier, unless the points prolong it. In a period of grace, those of the new period count too."""
        structure = self._structure
        right = self._right(at, with_current=grace_ends or not self._starts_later)
        if right.rank >= rank:
            self._change(rank, right.until, TierCause.PROLONGED, right.points, at)
        elif structure.grace and not grace_ends:
            self.standing = replace(self.standing, grace_until=self._grace_from(at))
        else:
            lowest = rank - 1 if structure.downgrade is TierDowngrade.SINGLE_LEVEL else ABSENT
            target = max(right.rank, lowest, self._kept_rank(rank), self._floor_rank(at))
            if target >= rank:
                self._change(rank, self._end_of(rank, right, at), TierCause.PROLONGED, right.points, at)
            else:
                self._fall(target, right, at)

    def _fall(self, rank: int, right: Right, at: int) -> None:
        self._change(rank, self._end_of(rank, right, at), TierCause.DOWNGRADE, right.points, at)

    def _end_of(self, rank: int, right: Right, at: int) -> int:
        """Returns the end of the tier to which the card falls: that of its right, or the end of the period."""
        if self._cannot_fall(rank) or (rank == right.rank and right.until == FOREVER):
            return FOREVER
        own = right.until if rank == right.rank else self._start(self.standing.period + 1)
        return max(own, self.standing.floor_until if rank == self._floor_rank(at) else 0)

    def _follow_balance(self, at: int, balance: int) -> None:
        """Decides about the tier by the points that the card has."""
        standing, structure = self.standing, self._structure
        points = max(balance, 0)
        rank, best = self._rank(standing.tier_id), self._rank_of(points)
        floor = max(self._kept_rank(rank), self._floor_rank(at))
        if best > rank or standing.tier_id != self._id(rank):
            cause = TierCause.UPGRADE if best > ABSENT else TierCause.DOWNGRADE
            self._change(best, FOREVER, cause, points, at)
        elif max(best, floor) >= rank:
            is_given = best < rank and rank == self._floor_rank(at) and not self._cannot_fall(rank)
            until = standing.floor_until if is_given else FOREVER
            self.standing = replace(standing, grace_until=0, until=until)
        elif structure.grace and not 0 < standing.grace_until <= at:
            if not standing.grace_until:
                self.standing = replace(standing, grace_until=self._grace_from(at))
        else:
            lowest = rank - 1 if structure.grace and structure.downgrade is TierDowngrade.SINGLE_LEVEL else ABSENT
            target = max(best, floor, lowest)
            until = standing.floor_until if target == self._floor_rank(at) and target > best else FOREVER
            self._change(target, until, TierCause.DOWNGRADE, points, at)
            if target > max(best, floor):
                self.standing = replace(self.standing, grace_until=self._grace_from(at))

    def _change(self, rank: int, until: int, cause: TierCause, points: int, at: int) -> None:
        standing = self.standing
        tier_id = self._id(rank)
        until = FOREVER if self._cannot_fall(rank) else until
        change = TierChange(standing.program_id, standing.tier_id, tier_id, points, until, cause)
        self.changes.append((at, change))
        since = at if tier_id != standing.tier_id else standing.since
        self.standing = replace(standing, tier_id=tier_id, since=since, until=until, grace_until=0)

    def _has_right(self, at: int) -> bool:
        right = self._right(at, with_current=not self._starts_later)
        return right.rank >= self._rank(self.standing.tier_id)

    def _right(self, at: int, *, with_current: bool) -> Right:
        """Returns the highest tier to which the points of the two periods give a right at the instant."""
        standing = self.standing
        rights = [Right(self._base, FOREVER, 0)]
        numbers = [(standing.period - 1, standing.points_before)]
        if with_current:
            numbers.append((standing.period, standing.points))
        for number, points in numbers:
            until = self._start(number + self._periods + 1)
            if until > at:
                rights.append(Right(self._rank_of(points), until, points))
        best = max(rights, key=lambda right: right.order)
        return best if best.rank > self._base else replace(best, points=max(points for _, points in numbers))

    def _grace_from(self, at: int) -> int:
        assert self._structure.grace, "the structure has a period of grace"
        return start_of_day(day_after(local_day(at, self._zone), self._structure.grace), self._zone)

    def _start(self, period: int) -> int:
        return period_start(period, self._structure.period, self._zone)

    def _rank(self, tier_id: str) -> int:
        return next((rank for rank, level in enumerate(self._levels) if level.tier_id == tier_id), ABSENT)

    def _rank_of(self, points: int) -> int:
        best = self._structure.best(points)
        return self._rank(best.tier_id) if best else ABSENT

    def _id(self, rank: int) -> str:
        return NO_TIER if rank == ABSENT else self._levels[rank].tier_id

    def _cannot_fall(self, rank: int) -> bool:
        return rank <= self._base or self._kept_rank(rank) == rank

    def _kept_rank(self, rank: int) -> int:
        """Returns the highest level, up to this one, below which a card does not fall."""
        if self._structure.downgrade is TierDowngrade.NO_DOWNGRADE:
            return rank
        return max((one for one in range(rank + 1) if self._levels[one].keep_forever), default=ABSENT)

    def _floor_rank(self, at: int) -> int:
        standing = self.standing
        return self._rank(standing.floor) if standing.floor_until > at else ABSENT


def _is_later(until: int, other: int) -> bool:
    return until == FOREVER or until > other
