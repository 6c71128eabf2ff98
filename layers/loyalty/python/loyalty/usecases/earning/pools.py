"""Pools: an award takes its points from a campaign's budget, in the transaction of the award.

An environment remembers for some seconds what shards had. A shard that was not read counts as full: a take that fails
returns what the shard has. A shard never has more than the environment remembers, because awards only take from it.
After a change of the budget, the campaign has another version, and each version has a memory of its own.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from secrets import choice
from weakref import WeakKeyDictionary

from loyalty.domain.earning.campaign import Campaign
from loyalty.domain.earning.evaluation import Award, Candidate
from loyalty.domain.earning.pools import Shard, Taken, Totals, chosen_shards, gatherable, is_exhausted, new_shards
from loyalty.retry import LostRace
from loyalty.store.pools import shard_from, take_label, take_write
from loyalty.store.store import Store
from loyalty.store.table import TransactionCanceled, WriteAction
from loyalty.usecases.earning.registry import forget_registry

MEMORY_SECONDS = 10
GATHERED_MAX = 4
"""The most shards that one award takes from while other shards may have more."""
GATHERED_LAST_MAX = 32
"""The most shards that one award takes from after all shards were read."""
FAILURES_MAX = 4
"""After so many takes that failed, all shards are read."""


@dataclass(slots=True)
class _Memory:
    """What an environment has read of the pool of one version of a campaign."""

    version: int
    since: int
    known: dict[int, Shard] = field(default_factory=dict)
    """By the number of the shard."""


_memories: WeakKeyDictionary[Store, dict[str, _Memory]] = WeakKeyDictionary()
"""The memory of each environment, by campaign id."""


class Pools:
    """The pools of the campaigns that may give points for one event, over all attempts to decide the event."""

    def __init__(self, store: Store, candidates: Iterable[Candidate], now: int) -> None:
        self._store, self._now = store, now
        self._campaigns = {one.campaign_id: one.campaign for one in candidates if one.campaign.shards}
        self._failures: Counter[str] = Counter()
        self._taken: list[tuple[str, int, Taken]] = []
        """What the present attempt takes: campaign id, number of the shard, amounts."""

    def read(self) -> None:
        """Reads all shards of all pools."""
        for campaign in self._campaigns.values():
            self._read(campaign)

    def left(self) -> dict[str, Totals]:
        """Returns what one event can get, by campaign id. Pools with unread shards are left out."""
        return {
            campaign_id: gatherable(self._shards(campaign), GATHERED_LAST_MAX)
            for campaign_id, campaign in self._campaigns.items()
            if self._is_known(campaign)
        }

    def writes(self, awards: Sequence[Award]) -> list[WriteAction]:
        """Returns the writes that take the awards from the pools.

        Raises `LostRace`, after all shards were read, if the shards may have too little.
        """
        points: dict[str, int] = defaultdict(int)
        for award in awards:
            if award.campaign_id in self._campaigns:
                points[award.campaign_id] += award.points
        self._taken = []
        for campaign_id, amount in points.items():
            taken = self._choose(self._campaigns[campaign_id], amount)
            if taken is None:
                self._read(self._campaigns[campaign_id])
                raise LostRace
            self._taken += [(campaign_id, place, of) for place, of in taken.items()]
        return [take_write(*one) for one in self._taken]

    def learn(self, race: TransactionCanceled) -> None:
        """Remembers what the shards have whose take failed."""
        for campaign_id, place, _ in self._taken:
            item = race.failed.get(take_label(campaign_id, place))
            if item:
                campaign = self._campaigns[campaign_id]
                self._memory(campaign).known[place] = shard_from(item)
                self._failures[campaign_id] += 1
                if self._failures[campaign_id] % FAILURES_MAX == 0:
                    self._read(campaign)

    def commit(self) -> None:
        """Remembers that the present attempt took what it chose."""
        for campaign_id, place, taken in self._taken:
            known = self._memory(self._campaigns[campaign_id]).known
            if place in known:
                known[place] = known[place].take(taken)
        self._taken = []

    def mark_exhausted(self) -> None:
        """Marks the campaigns whose budget has too little left, so that events no longer read them."""
        for campaign in self._campaigns.values():
            if self._is_known(campaign) and is_exhausted(self._shards(campaign), campaign.settings):
                self._store.campaigns.mark_exhausted(campaign, self._now)
                forget_registry(self._store)

    def _choose(self, campaign: Campaign, points: int) -> dict[int, Taken] | None:
        shards, budget = self._shards(campaign), campaign.settings.budget
        assert budget is not None, "a campaign without a budget has no pool"
        gathered_max = GATHERED_LAST_MAX if self._is_known(campaign) else GATHERED_MAX
        of_points: dict[int, int] | None = {}
        if budget.points is not None:
            lefts = [shard.points.left if shard.points else 0 for shard in shards]
            of_points = chosen_shards(lefts, points, choice, gathered_max=gathered_max)
        of_awards: dict[int, int] | None = {}
        if budget.awards is not None:
            lefts = [shard.awards.left if shard.awards else 0 for shard in shards]
            of_awards = chosen_shards(lefts, 1, choice, gathered_max=1, preferred=list(of_points or ()))
        if of_points is None or of_awards is None:
            return None
        return {place: Taken(of_points.get(place, 0), of_awards.get(place, 0)) for place in of_points | of_awards}

    def _shards(self, campaign: Campaign) -> list[Shard]:
        """Returns what the shards had when they were read; unread shards count as full."""
        assert campaign.settings.budget is not None, "a campaign without a budget has no pool"
        known = self._memory(campaign).known
        full = new_shards(campaign.settings.budget, campaign.shards)
        return [known.get(place, shard) for place, shard in enumerate(full)]

    def _is_known(self, campaign: Campaign) -> bool:
        return len(self._memory(campaign).known) == campaign.shards

    def _read(self, campaign: Campaign) -> None:
        memory = self._memory(campaign)
        memory.since, memory.known = self._now, dict(enumerate(self._store.pools.shards(campaign)))

    def _memory(self, campaign: Campaign) -> _Memory:
        memories = _memories.setdefault(self._store, {})
        memory = memories.get(campaign.campaign_id)
        if memory is None or memory.version != campaign.version or abs(self._now - memory.since) >= MEMORY_SECONDS:
            memory = memories[campaign.campaign_id] = _Memory(campaign.version, self._now)
        return memory
