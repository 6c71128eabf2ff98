"""Lists of a wallet's members, from the 64 shards of their index. The index lags a moment."""

from functools import partial
from heapq import nsmallest
from itertools import chain

from loyalty.store.keys import SHARDS
from loyalty.store.parallel import AT_ONCE, at_once
from loyalty.store.store import Store


def members_after(store: Store, wallet_id: str, position: tuple[int, str] | None, most: int) -> list[tuple[int, str]]:
    """Returns shard and customer id of the wallet's members after the position, at most `most` of them.

    One shard of a large wallet fills a page. A small wallet has few members in many shards, so these are read at once.
    """
    shard, after = position or (0, None)
    members = [(shard, customer_id) for customer_id in store.cards.members(wallet_id, shard, after, most)]
    for first in range(shard + 1, SHARDS, AT_ONCE):
        if len(members) >= most:
            break
        shards = range(first, min(first + AT_ONCE, SHARDS))
        found = at_once(partial(_first_members, store, wallet_id, most - len(members)), shards)
        members += [(of, customer_id) for of, customers in zip(shards, found, strict=True) for customer_id in customers]
    return members[:most]


def members_with_prefix(store: Store, wallet_id: str, prefix: str, after: str | None, most: int) -> list[str]:
    """Returns the first customers after `after` whose ids begin with the prefix, at most `most`, in their order."""
    by_shard = at_once(lambda shard: store.cards.members(wallet_id, shard, after, most, prefix), range(SHARDS))
    return nsmallest(most, chain.from_iterable(by_shard))


def has_members(store: Store, wallet_id: str) -> bool:
    return bool(members_after(store, wallet_id, None, 1))


def _first_members(store: Store, wallet_id: str, most: int, shard: int) -> list[str]:
    return store.cards.members(wallet_id, shard, None, most)
