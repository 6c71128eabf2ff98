"""Sweeps settle what falls due, even if no request reads the card: nominate cards, settle them one by one.

Balances are correct without a sweep; a sweep adds the row and its event. Sweeps are safe to run twice and in parallel.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from loyalty import config
from loyalty.domain.cards.card import DueCard
from loyalty.domain.cards.notices import due_notices
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import SYSTEM_CONTEXT, record
from loyalty.domain.dates import instant
from loyalty.messaging.settle_queue import SettleQueue, connected_queue
from loyalty.retry import retry
from loyalty.store.attributes import Item
from loyalty.store.cards import CardChange
from loyalty.store.keys import SHARDS
from loyalty.store.parallel import at_once
from loyalty.store.store import Store, connected_store
from loyalty.usecases.admission import require_clock
from loyalty.usecases.ledger import SALT_BYTES, advance_tiers, coming_due

SETTLED_PER_SECOND = 20
"""Cards that one function settles in a second: two requests and a few milliseconds of a third of a processor each."""
BACKLOG_SECONDS = 60
"""A tick continues only if the queue has less work than this, so the queue is not empty before the next tick."""
BACKLOG_SECONDS_AT_FIRST = 120
"""The same for a tick that begins with the oldest cards. The difference is the time between two ticks: otherwise a few
cards of one kind may wait until a backlog of the other kind, whose ticks come first, is settled."""
TICK_SECONDS = 180
"""A tick nominates the work of this time. More would delay cards of the other kind, which use the same queue."""
NOMINATED_MAX = 500_000
"""Cards that a tick nominates at most: at 15,000 a second, the tick needs 33 of the 50 seconds of its timeout."""
INDEX_PAGE = 500
TRIES_MAX = 3
DEFERRAL_SECONDS = 3_600
DEFERRAL_SECONDS_MAX = 86_400

ACTIVATIONS, EXPIRIES = "A", "E"


@dataclass(frozen=True, slots=True)
class Tick:
    nominated: int
    oldest_due_seconds: int
    """How long the oldest due card has been due; 0 if no card is due."""


class Nominator:
    """Sends due cards of one kind to be settled.

    A tick continues in each shard after the cards of the tick before, so that cards in the queue are not nominated
    again. After the ends of all shards, and in a new environment, a tick begins with the oldest cards. So a card whose
    message is lost or whose settlement fails is nominated again.
    """

    def __init__(self, store: Store, queue: SettleQueue, kind: str, concurrency: int) -> None:
        """Makes a nominator for `concurrency` functions that settle cards at the same time."""
        self._store = store
        self._queue = queue
        self._kind = kind
        self._per_second = concurrency * SETTLED_PER_SECOND
        self._places: dict[int, Item | None] = {}

    def tick(self, at: datetime) -> Tick:
        """Nominates the cards with something of the kind due by `at`, as many as are settled in some minutes.

        Within a shard the oldest come first. The shards take turns, so that a full shard does not delay the others.
        """
        now = instant(at)
        oldest = at_once(lambda shard: self._store.cards.oldest_due(self._kind, shard, now), range(SHARDS))
        moments = {shard: moment for shard, moment in enumerate(oldest) if moment is not None}
        if not moments:
            self._places.clear()
            return Tick(0, 0)
        seconds = now - min(moments.values())
        if self._queue.backlog() > self._per_second * (BACKLOG_SECONDS if self._places else BACKLOG_SECONDS_AT_FIRST):
            return Tick(0, seconds)
        wanted = min(self._per_second * TICK_SECONDS, NOMINATED_MAX)
        nominated, shards = 0, list(moments)
        while shards and nominated < wanted:
            pages = at_once(lambda shard: self._page(shard, now), shards)
            nominated += self._queue.send([card for cards, _ in pages for card in cards])
            self._places |= {shard: place for shard, (_, place) in zip(shards, pages, strict=True)}
            shards = [shard for shard, (cards, _) in zip(shards, pages, strict=True) if len(cards) == INDEX_PAGE]
        if not shards:
            self._places.clear()
        return Tick(nominated, seconds)

    def _page(self, shard: int, now: int) -> tuple[list[DueCard], Item | None]:
        return self._store.cards.due_cards(self._kind, shard, now, INDEX_PAGE, self._places.get(shard))


@cache
def connected_nominator(kind: str) -> Nominator:
    return Nominator(connected_store(), connected_queue(), kind, config.settle_concurrency())


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


def defer(store: Store, due: DueCard, at: datetime) -> bool:
    """Defers the due entry of a card that cannot be settled, by an hour, doubling to a day, so that others continue.

    Returns False if another message for the card deferred it.
    """
    return store.cards.defer(
        due.customer_id,
        due.wallet_id,
        instant(at),
        lambda failures: min(DEFERRAL_SECONDS * 2**failures, DEFERRAL_SECONDS_MAX),
    )
