"""Sweeps settle what falls due, even if no request reads the card: nominate cards, settle them one by one.

Balances are correct without a sweep; a sweep adds the row and its event. Sweeps are safe to run twice and in parallel.
"""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice

from loyalty.domain.cards.card import DueCard
from loyalty.domain.cards.notices import due_notices
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import SYSTEM_CONTEXT, record
from loyalty.domain.dates import instant
from loyalty.messaging.settle_queue import BATCH_MAX, SettleQueue
from loyalty.retry import retry
from loyalty.store.cards import CardChange
from loyalty.store.keys import SHARDS
from loyalty.store.store import Store
from loyalty.usecases.admission import require_clock
from loyalty.usecases.ledger import SALT_BYTES, advance_tiers, coming_due

BACKLOG_MAX = 10_000
"""Messages in the queue. Above this number a tick nominates nothing, because it would nominate the same cards again."""
NOMINATED_MAX = 50_000
INDEX_PAGE = 100
TRIES_MAX = 3
DEFERRAL_SECONDS = 3_600
DEFERRAL_SECONDS_MAX = 86_400

ACTIVATIONS, EXPIRIES = "A", "E"


def nominate(store: Store, queue: SettleQueue, kind: str, at: datetime) -> int:
    """Sends the cards with something of the kind due by `at` to be settled; returns their number.

    Within a shard the oldest come first. The shards take turns, so that a full shard does not delay the others.
    """
    if queue.backlog() > BACKLOG_MAX:
        return 0
    shards = [store.cards.due_cards(kind, shard, instant(at), INDEX_PAGE) for shard in range(SHARDS)]
    return queue.send(islice(_in_turn(shards), NOMINATED_MAX // BATCH_MAX))


def settle_due_card(store: Store, due: DueCard, at: datetime) -> bool:
    """Records what time did to the card and moves its due entry to the next moment.

    Returns whether time did anything.
    """

    def attempt() -> bool:
        card, skew = store.cards.card_and_skew(due.customer_id, due.wallet_id)
        if card is None:
            return False
        require_clock(skew)
        now = max(instant(at), card.at)
        settled_card, movements = settle(card, now)
        # Settling needs no wallet: if the wallet is not found, only notices and changes of tiers are missing.
        wallet = store.wallets.recent(card.wallet_id, now, version_min=card.wallet_version)
        movements += due_notices(card, settled_card, wallet, now)
        current, tier_changes = advance_tiers(card, settled_card, (), wallet, now)
        coming = coming_due(current, wallet, now)
        if movements or tier_changes:
            after, rows = record(
                card,
                movements,
                SYSTEM_CONTEXT,
                after=current,
                at=now,
                wallet_version=wallet.version if wallet else card.wallet_version,
                salt=secrets.token_bytes(SALT_BYTES),
                trailing=tier_changes,
            )
            after = replace(after, due=coming, settle_failures=0)
            store.cards.commit(CardChange(before=card, after=after, rows=rows))
        elif coming != card.due or card.settle_failures:
            store.cards.rearm(card, coming)
        return bool(movements or tier_changes)

    return retry(attempt, "the card")


def defer(store: Store, due: DueCard, at: datetime) -> None:
    """Defers the due entry of a card that cannot be settled, by an hour, doubling to a day, so that others continue."""
    store.cards.defer(
        due.customer_id,
        due.wallet_id,
        instant(at),
        lambda failures: min(DEFERRAL_SECONDS * 2**failures, DEFERRAL_SECONDS_MAX),
    )


def _in_turn(shards: list[Iterator[DueCard]]) -> Iterator[list[DueCard]]:
    while shards:
        for shard in list(shards):
            batch = list(islice(shard, BATCH_MAX))
            if batch:
                yield batch
            if len(batch) < BATCH_MAX:
                shards.remove(shard)
