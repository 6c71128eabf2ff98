"""Cards: read as they stand now, listed, changed. Reading settles a card in thought and stores nothing."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from loyalty.domain.card import Card, CardStatus
from loyalty.domain.dates import instant
from loyalty.domain.settlement import settled
from loyalty.errors import Busy, CardNotFound, CodeNotFound, PreconditionFailed, WalletNotFound
from loyalty.retry import attempts
from loyalty.store import SHARDS, Cancelled, Profile, Store

CardAndProfile = tuple[Card, Profile]


def read(store: Store, wallet_id: str, customer_id: str, at: datetime) -> CardAndProfile:
    """The customer's card, settled: what is due by `at` has happened, whether or not a sweep came by."""
    found = store.cards.with_profiles([(customer_id, wallet_id)])
    if not found:
        raise CardNotFound(f"Customer {customer_id} has no card in wallet {wallet_id}.")
    return _as_of(found[0], at)


def by_code(store: Store, code: str, at: datetime) -> CardAndProfile:
    owner = store.cards.owner_of_code(code)
    if owner is None:
        raise CodeNotFound(f"No card has the code {code}.")
    customer_id, wallet_id = owner
    return read(store, wallet_id, customer_id, at)


def of_customer(store: Store, customer_id: str, at: datetime) -> list[CardAndProfile]:
    return [_as_of(found, at) for found in store.cards.with_profiles(store.cards.of_customer(customer_id))]


def of_wallet(
    store: Store, wallet_id: str, position: tuple[int, str] | None, limit: int, at: datetime
) -> tuple[list[CardAndProfile], tuple[int, str] | None]:
    """A page of the wallet's cards, and the position (shard, customer) to go on behind.

    Served by an index that is a moment behind: a card enrolled this instant may be missing.
    """
    if store.wallets.cached(wallet_id, instant(at)) is None:
        raise WalletNotFound(f"There is no wallet {wallet_id}.")
    shard, after = position or (0, None)
    members: list[tuple[int, str]] = []
    while shard < SHARDS and len(members) <= limit:
        # One more than the page: whether there is a next one must be known now.
        customers = store.cards.members(wallet_id, shard, after, limit + 1 - len(members))
        members += [(shard, customer_id) for customer_id in customers]
        shard, after = shard + 1, None
    page = members[:limit]
    found = store.cards.with_profiles([(customer_id, wallet_id) for _, customer_id in page])
    return [_as_of(card, at) for card in found], page[-1] if len(members) > limit else None


def change(
    store: Store, wallet_id: str, customer_id: str, patch: dict[str, Any], revision: int, at: datetime
) -> CardAndProfile:
    """Changes what the patch names of `status` and `metadata` (JSON text), where nobody changed the card since."""
    for _ in attempts():
        found = store.cards.with_profiles([(customer_id, wallet_id)])
        if not found:
            raise CardNotFound(f"Customer {customer_id} has no card in wallet {wallet_id}.")
        card, profile = found[0]
        if card.revision != revision:
            raise PreconditionFailed(f"The card has revision {card.revision}; you read {revision}.")
        status = CardStatus(patch.get("status", card.status))
        metadata = patch.get("metadata", profile.metadata)
        try:
            store.cards.change(card, status, metadata)
        except Cancelled:
            continue
        changed = replace(card, status=status, revision=revision + 1)
        return _as_of((changed, replace(profile, metadata=metadata)), at)
    raise Busy("Others kept changing the card.")


def _as_of(found: CardAndProfile, at: datetime) -> CardAndProfile:
    card, profile = found
    return settled(card, max(instant(at), card.at))[0], profile
