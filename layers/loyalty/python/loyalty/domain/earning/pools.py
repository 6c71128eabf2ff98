"""Pools: what the budget of a campaign has left, split over shards so that no item is written by every award.

An award takes its points from one shard, or gathers them from several. The shards together never give more than the
limit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from loyalty.domain.earning.campaign import Budget, CampaignSettings, Recipient, RewardRule, RewardType
from loyalty.domain.wallets.settings import WhenExceeded
from loyalty.errors import BudgetSpent

SHARDS_MAX = 64
AWARDS_PER_SHARD = 20
"""A shard has room for this many of the largest awards. Smaller shards would often be left with too little for one."""
UNBOUNDED_AWARD = 100
"""The points that count as the largest award of a reward rule without an upper bound."""

Pick = Callable[[Sequence[int]], int]
"""Chooses one of several shards."""


@dataclass(frozen=True, slots=True)
class Part:
    """Points or awards of a shard."""

    limit: int
    left: int

    @property
    def used(self) -> int:
        return self.limit - self.left


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard of a pool. A part is None if the budget does not limit it."""

    points: Part | None = None
    awards: Part | None = None

    def take(self, taken: "Taken") -> "Shard":
        """Returns the shard after the take."""
        points = self.points and replace(self.points, left=self.points.left - taken.points)
        awards = self.awards and replace(self.awards, left=self.awards.left - taken.awards)
        return Shard(points, awards)


@dataclass(frozen=True, slots=True)
class Taken:
    """What an award takes from one shard, or what a change of a limit adds to one shard. False if nothing."""

    points: int = 0
    awards: int = 0

    def __bool__(self) -> bool:
        return bool(self.points or self.awards)


@dataclass(frozen=True, slots=True)
class Totals:
    """Points and awards of a whole pool. A part is None if the budget does not limit it."""

    points: int | None
    awards: int | None

    def less(self, points: int) -> "Totals":
        """Returns what is left after these points of an award are taken."""
        return self if self.points is None else replace(self, points=self.points - points)


def shard_count(settings: CampaignSettings) -> int:
    """Returns the number of the pool's shards, a power of two; 0 for settings without a budget."""
    budget = settings.budget
    if budget is None:
        return 0
    needs = [(budget.points, largest_award(settings)), (budget.awards, 1)]
    rooms = [limit // (AWARDS_PER_SHARD * largest) for limit, largest in needs if limit is not None]
    return 1 << min(max(min(rooms, default=1), 1), SHARDS_MAX).bit_length() - 1


def new_shards(budget: Budget, count: int) -> list[Shard]:
    """Returns the shards of a new pool: even shares, and one more in the first shards if there is a rest."""

    def parts(limit: int | None) -> Sequence[Part | None]:
        return [None] * count if limit is None else [Part(share, share) for share in shares(limit, count)]

    return [Shard(*of) for of in zip(parts(budget.points), parts(budget.awards), strict=True)]


def shares(amount: int, count: int) -> list[int]:
    """Returns even shares; the first ones have one more if there is a rest."""
    share, rest = divmod(amount, count)
    return [share + (place < rest) for place in range(count)]


def largest_award(settings: CampaignSettings) -> int:
    """Returns the most points that one event is expected to give, at least 1."""
    return max(sum(map(_largest, settings.rewards)), 1)


def smallest_award(settings: CampaignSettings) -> int:
    """Returns the fewest points that one event gives; 1 if this depends on the event, the customer or the budget."""
    limits = settings.customer_limits
    is_reduced = limits.points is not None or any(one.points is not None for one in limits.per)
    is_fixed = all(rule.type is RewardType.FIXED for rule in settings.rewards)
    if settings.budget is None or settings.budget.when_exceeded is WhenExceeded.CAP or is_reduced or not is_fixed:
        return 1
    # Without a referrer, or above the referrer's limits, a campaign gives the customer's rewards alone.
    own = [rule for rule in settings.rewards if rule.to is Recipient.CUSTOMER]
    return max(sum(map(_largest, own or settings.rewards)), 1)


def chosen_shards(
    lefts: Sequence[int], amount: int, pick: Pick, *, gathered_max: int, preferred: Sequence[int] = ()
) -> dict[int, int] | None:
    """Returns what to take from which shard; None if so few shards do not have the amount.

    One of the shards that have enough, by `pick`; otherwise several, the fullest first.
    """
    enough = [place for place, left in enumerate(lefts) if left >= amount]
    if enough:
        return {pick([place for place in enough if place in preferred] or enough): amount}
    taken: dict[int, int] = {}
    for place in sorted(range(len(lefts)), key=lambda place: -lefts[place])[:gathered_max]:
        if amount and lefts[place] > 0:
            taken[place] = min(lefts[place], amount)
            amount -= taken[place]
    return None if amount else taken


def gatherable(shards: Sequence[Shard], gathered_max: int) -> Totals:
    """Returns the most that one event can take: points from so many shards, and its award from any shard."""
    fullest = sorted(shards, key=lambda one: -(one.points.left if one.points else 0))[:gathered_max]
    return replace(left_of(shards), points=left_of(fullest).points)


def withdrawals(lefts: Sequence[int], amount: int) -> list[int]:
    """Returns what each shard gives up so that a limit sinks by the amount: the fullest give up the most.

    The shards have the amount.
    """
    assert amount <= sum(lefts), "the shards have what they give up"
    kept, rest = [0] * len(lefts), sum(lefts) - amount
    for done, place in enumerate(sorted(range(len(lefts)), key=lambda place: lefts[place])):
        kept[place] = min(lefts[place], rest // (len(lefts) - done))
        rest -= kept[place]
    return [left - keep for left, keep in zip(lefts, kept, strict=True)]


def limit_changes(shards: Sequence[Shard], budget: Budget) -> list[Taken]:
    """Returns what to add to each shard so that the limits of all add up to the budget's.

    Raises `BudgetSpent` if the shards have given more than the budget.
    """
    points = _limit_changes("points", [shard.points for shard in shards], budget.points)
    awards = _limit_changes("awards", [shard.awards for shard in shards], budget.awards)
    return [Taken(*amounts) for amounts in zip(points, awards, strict=True)]


def limits_of(shards: Sequence[Shard]) -> Totals:
    """Returns the limits of all shards together."""
    return _total(shards, lambda part: part.limit)


def left_of(shards: Sequence[Shard]) -> Totals:
    """Returns what all shards together have left."""
    return _total(shards, lambda part: part.left)


def used_of(shards: Sequence[Shard]) -> Totals:
    """Returns what all shards together have given."""
    return _total(shards, lambda part: part.used)


def is_exhausted(shards: Sequence[Shard], settings: CampaignSettings) -> bool:
    """Returns whether the budget has too little left for any award.

    Never while a change of the limit is being applied: then the shards have another sum than the budget.
    """
    budget = settings.budget
    if budget is None or limits_of(shards) != Totals(budget.points, budget.awards):
        return False
    left = left_of(shards)
    return left.awards == 0 or (left.points is not None and left.points < smallest_award(settings))


def _limit_changes(name: str, parts: Sequence[Part | None], limit: int | None) -> list[int]:
    limited = [part for part in parts if part]
    if limit is None or not limited:
        return [0] * len(parts)
    rise = limit - sum(part.limit for part in limited)
    if rise >= 0:
        return shares(rise, len(limited))
    lefts = [part.left for part in limited]
    if -rise > sum(lefts):
        used = sum(part.used for part in limited)
        detail = f"The campaign has given {used} {name}. The budget cannot be less."
        raise BudgetSpent.of_field(f"body.limits.budget.{name}", detail, used=used)
    return [-amount for amount in withdrawals(lefts, -rise)]


def _total(shards: Sequence[Shard], number: Callable[[Part], int]) -> Totals:
    def total(parts: Sequence[Part | None]) -> int | None:
        numbers = [number(part) for part in parts if part]
        return sum(numbers) if numbers else None

    return Totals(total([shard.points for shard in shards]), total([shard.awards for shard in shards]))


def _largest(rule: RewardRule) -> int:
    match rule.type:
        case RewardType.FIXED:
            most = rule.points
        case RewardType.RANDOM:
            most = max((outcome.high for outcome in rule.outcomes), default=0)
        case RewardType.PERCENTAGE | RewardType.PROPORTIONAL:
            return UNBOUNDED_AWARD if rule.max_points is None else rule.max_points
    return most if rule.max_points is None else min(most, rule.max_points)
