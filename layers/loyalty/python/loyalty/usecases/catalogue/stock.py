"""What is left of a reward: its stock or its codes, split over shards so that no item is written by every redemption.

An environment remembers for some seconds what the shards had. It never refuses by its memory: a reward is out of stock
only if all shards were read right now and have nothing.
"""

from dataclasses import dataclass
from secrets import choice
from weakref import WeakKeyDictionary

from loyalty.domain.catalogue.redemption import CodePlace
from loyalty.domain.catalogue.reward import CODE_SHARDS, Reward
from loyalty.domain.earning.pools import Part, Taken
from loyalty.errors import OutOfStock
from loyalty.retry import LostRace
from loyalty.store.catalogue import code_write
from loyalty.store.pools import code_take, shard_from, take_label, take_write
from loyalty.store.store import Store
from loyalty.store.table import TransactionCanceled, WriteAction

MEMORY_SECONDS = 10


@dataclass(frozen=True, slots=True)
class StockCount:
    """How often a reward can be redeemed: in all, and still."""

    total: int
    left: int


@dataclass(frozen=True, slots=True)
class TakenStock:
    """What a redemption takes: the shard, or a code."""

    shard: int | None = None
    place: CodePlace | None = None
    code: str | None = None
    seen: Part | None = None
    """What the shard of the code had when the code was read."""


@dataclass(slots=True)
class _Memory:
    since: int
    parts: list[Part]
    """By the number of the shard."""


_memories: WeakKeyDictionary[Store, dict[str, _Memory]] = WeakKeyDictionary()
"""What each environment has read, by reward id."""


def shards_of(reward: Reward) -> int:
    """Returns the number of the shards; 0 if nothing limits how often the reward can be redeemed."""
    return CODE_SHARDS if reward.has_codes else reward.shards


def stock_count(store: Store, reward: Reward) -> StockCount | None:
    """Reads how often the reward can be redeemed; None if nothing limits it."""
    return _count(_read(store, reward)) if shards_of(reward) else None


def recent_stock_count(store: Store, reward: Reward, now: int) -> StockCount | None:
    """Returns how often the reward can be redeemed as of at most ten seconds ago; None if nothing limits it."""
    return _count(_memory(store, reward, now).parts) if shards_of(reward) else None


class Stock:
    """The stock of one reward, over all attempts of a redemption."""

    def __init__(self, store: Store, reward: Reward, now: int) -> None:
        self._store, self._reward, self._now = store, reward, now

    def choose(self) -> TakenStock:
        """Returns what the redemption takes. Raises `OutOfStock` if nothing is left."""
        if not shards_of(self._reward):
            return TakenStock()
        place = self._choose()
        if not self._reward.has_codes:
            return TakenStock(place)
        # The next code follows from what the shard has now.
        part = _parts(self._store, self._reward, [place])[0]
        _memory(self._store, self._reward, self._now).parts[place] = part
        of_code = CodePlace(place, part.used)
        code = self._store.catalogue.code(self._reward.reward_id, of_code) if part.left else None
        if code is None:
            raise LostRace
        return TakenStock(place=of_code, code=code, seen=part)

    def writes(self, taken: TakenStock, redemption_id: str) -> list[WriteAction]:
        """Returns the writes that take it for the redemption."""
        reward_id = self._reward.reward_id
        if taken.place and taken.seen:
            shard = code_take(reward_id, taken.place.shard, taken.seen)
            return [shard, code_write(reward_id, taken.place, redemption_id)]
        return [] if taken.shard is None else [take_write(reward_id, taken.shard, Taken(awards=1))]

    def commit(self, taken: TakenStock) -> None:
        """Remembers that the redemption took it."""
        place = taken.place.shard if taken.place else taken.shard
        if place is not None:
            parts = _memory(self._store, self._reward, self._now).parts
            parts[place] = Part(parts[place].limit, max(parts[place].left - 1, 0))

    def learn(self, race: TransactionCanceled) -> None:
        """Remembers what the shard has whose take failed."""
        for place in range(shards_of(self._reward)):
            item = race.failed.get(take_label(self._reward.reward_id, place))
            if item:
                _memory(self._store, self._reward, self._now).parts[place] = shard_from(item).awards or Part(0, 0)

    def _choose(self) -> int:
        for is_read_now in (False, True):
            if is_read_now:
                _memories.setdefault(self._store, {}).pop(self._reward.reward_id, None)
            parts = _memory(self._store, self._reward, self._now).parts
            if filled := [place for place, part in enumerate(parts) if part.left]:
                return choice(filled)
        raise OutOfStock(f"Nothing is left of reward {self._reward.reward_id}. Add to its stock or its codes.")


def _memory(store: Store, reward: Reward, now: int) -> _Memory:
    memories = _memories.setdefault(store, {})
    memory = memories.get(reward.reward_id)
    is_recent = memory is not None and abs(now - memory.since) < MEMORY_SECONDS
    if memory is None or not is_recent or len(memory.parts) != shards_of(reward):
        memory = memories[reward.reward_id] = _Memory(now, _read(store, reward))
    return memory


def _read(store: Store, reward: Reward) -> list[Part]:
    return _parts(store, reward, range(shards_of(reward)))


def _parts(store: Store, reward: Reward, places: range | list[int]) -> list[Part]:
    return [shard.awards or Part(0, 0) for shard in store.pools.of_owner(reward.reward_id, places)]


def _count(parts: list[Part]) -> StockCount:
    return StockCount(sum(part.limit for part in parts), sum(part.left for part in parts))
