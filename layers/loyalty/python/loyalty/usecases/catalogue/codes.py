"""Codes of a reward: the business adds them, and each redemption gets one.

The text of a code decides its shard, and a mark keeps the reward from getting a code twice. So a request whose answer
was lost, or which was interrupted, can be sent again as it is.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from zlib import crc32

from loyalty.domain.catalogue.reward import CODE_SHARDS, RewardStatus
from loyalty.domain.earning.pools import Part
from loyalty.domain.wallets.activation_rules import NOT_USED
from loyalty.errors import FieldProblem, InvalidRequest, RewardNotActive
from loyalty.retry import retry
from loyalty.store.store import Store
from loyalty.usecases.catalogue.rewards import read
from loyalty.usecases.catalogue.stock import StockCount, stock_count
from loyalty.usecases.ledger import TRANSACTION_ITEMS_MAX

CODES_MAX = 1_000
"""The most codes of one request."""
CODES_OF_SHARD_MAX = (TRANSACTION_ITEMS_MAX - 1) // 2
"""The most codes of one shard in a transaction: each is two items, and the shard is one."""


@dataclass(frozen=True, slots=True)
class AddedCodes:
    """How many codes are new, and how many codes the reward has in all."""

    added: int
    stock: StockCount


def add_codes(store: Store, reward_id: str, codes: Sequence[str]) -> AddedCodes:
    """Adds the codes that the reward does not have yet. An interrupted request has added some of them."""
    reward = read(store, reward_id)
    if not reward.has_codes:
        problem = FieldProblem("body.codes", NOT_USED, "Only a DISCOUNT_CODE has codes.")
        raise InvalidRequest("The reward has no codes.", errors=[problem])
    if reward.status in (RewardStatus.ENDED, RewardStatus.DELETED):
        raise RewardNotActive(f"The reward is {reward.status}.")
    by_shard: dict[int, list[str]] = defaultdict(list)
    for code in dict.fromkeys(codes):
        by_shard[crc32(code.encode()) % CODE_SHARDS].append(code)
    added = sum(retry(partial(_add, store, reward_id, part), "the codes") for part in _parts(by_shard))
    count = stock_count(store, reward)
    assert count is not None, "codes limit the reward"
    return AddedCodes(added, count)


def _add(store: Store, reward_id: str, part: Mapping[int, Sequence[str]]) -> int:
    """Adds the codes of some shards in one transaction; returns how many are new."""
    known = store.catalogue.known_codes(reward_id, {code: place for place, codes in part.items() for code in codes})
    new = {place: [code for code in codes if code not in known] for place, codes in part.items()}
    new = {place: codes for place, codes in new.items() if codes}
    if new:
        shards = store.pools.of_owner(reward_id, new)
        added = [
            (place, shard.awards or Part(0, 0), own) for (place, own), shard in zip(new.items(), shards, strict=True)
        ]
        store.catalogue.add_codes(reward_id, added)
    return sum(map(len, new.values()))


def _parts(by_shard: Mapping[int, Sequence[str]]) -> Iterator[dict[int, Sequence[str]]]:
    """Yields codes of some shards, as many as one transaction may write."""
    part: dict[int, Sequence[str]] = {}
    items = 0
    for place, codes in by_shard.items():
        for start in range(0, len(codes), CODES_OF_SHARD_MAX):
            own = codes[start : start + CODES_OF_SHARD_MAX]
            if items + 2 * len(own) + 1 > TRANSACTION_ITEMS_MAX or place in part:
                yield part
                part, items = {}, 0
            part[place] = own
            items += 2 * len(own) + 1
    if part:
        yield part
