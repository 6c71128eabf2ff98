"""Reads ledgers: pages of the rows of one card or of all cards of a customer, one row by its id or by its key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from time import sleep

from loyalty.domain.cards.card import Card
from loyalty.domain.cards.transaction import Transaction
from loyalty.errors import TransactionNotFound
from loyalty.store.cards import HistoryEntry
from loyalty.store.store import Store
from loyalty.usecases.admission import no_card, require_known_wallet

INDEX_LAG_SECONDS_MAX = 0.3
INDEX_LAG_PAUSES = 6
INDEX_ENTRIES_MAX = 1_000
"""Index entries that one request reads at most: a rare match is found over several pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The rows to list. `created_from` is inclusive, `created_to` is exclusive, both are epoch seconds."""

    type: str | None = None
    source: str | None = None
    operation: str | None = None
    bucket: str | None = None
    order_id: str | None = None
    campaign_id: str | None = None
    created_from: int | None = None
    created_to: int | None = None
    points_min: int | None = None
    points_max: int | None = None

    def match_entry(self, entry: HistoryEntry) -> bool:
        """Checks the filters that the index alone can decide."""
        return (
            self.type in (None, entry.type)
            and self.source in (None, entry.source)
            and (self.created_from is None or entry.created_at >= self.created_from)
            and (self.created_to is None or entry.created_at < self.created_to)
            and (self.points_min is None or entry.points >= self.points_min)
            and (self.points_max is None or entry.points <= self.points_max)
        )

    def match_row(self, row: Transaction) -> bool:
        return (
            self.operation in (None, row.operation)
            and self.bucket in (None, row.bucket)
            and self.order_id in (None, row.context.order_id)
            and self.campaign_id in (None, row.context.campaign_id)
        )


Position = dict[str, int]
"""By card id: the next page begins below this `seq`. Cards whose rows are all listed are left out."""


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Transaction]
    next: Position
    """Empty at the end."""
    complete: bool
    """False if the index did not yet have the newest row of each card."""


def of_card(store: Store, wallet_id: str, customer_id: str, filters: Filters, below: int | None, limit: int) -> Page:
    """Returns a page of the card's matching rows below the given `seq`, newest first."""
    card = store.cards.card(customer_id, wallet_id)
    if card is None:
        raise no_card(store, wallet_id, customer_id)
    return _page(store, [card], filters, None if below is None else {card.card_id: below}, limit)


def of_customer(store: Store, customer_id: str, filters: Filters, after: Position | None, limit: int) -> Page:
    """Returns a page of the matching rows of all the customer's cards, newest first.

    The rows of one card are in the order of their `seq`; rows of several cards recorded at one instant are in the order
    of the card ids.
    """
    return _page(store, store.cards.of_customer(customer_id), filters, after, limit)


def _page(store: Store, cards: Sequence[Card], filters: Filters, after: Position | None, limit: int) -> Page:
    """Merges the index entries of the cards by time, and reads the rows of matching entries.

    The index lags a moment. The cards are read first and have the `seq` of their newest rows. On the first page, the
    index is then read for up to 300 ms until it has these rows.
    """
    if after is None:
        complete = all(_has_newest(store, card.card_id, card.version) for card in cards)
        position = {card.card_id: card.version + 1 for card in cards}
    else:
        # A card enrolled since the first page has only newer rows than that page.
        complete, position = True, {card.card_id: after[card.card_id] for card in cards if card.card_id in after}
    position = _left(position)

    rows: list[Transaction] = []
    entries = islice(_newest_first(store, position, limit), INDEX_ENTRIES_MAX)
    read = 0
    while batch := list(islice(entries, limit)):
        read += len(batch)
        ours = [entry for entry in batch if filters.match_entry(entry)]
        found = {(row.card_id, row.seq): row for row in store.cards.rows(ours)}
        for entry in batch:
            position[entry.card_id] = entry.seq
            row = found.get((entry.card_id, entry.seq))
            if row and filters.match_row(row):
                rows.append(row)
            if len(rows) == limit:
                return Page(rows, _left(position), complete)
        if filters.created_from is not None and batch[-1].created_at < filters.created_from:
            # Rows of a card never go back in time.
            return Page(rows, {}, complete)
    return Page(rows, _left(position) if read == INDEX_ENTRIES_MAX else {}, complete)


def _newest_first(store: Store, position: Position, page: int) -> Iterator[HistoryEntry]:
    """Yields the entries of the cards below the position, newest first."""
    of_cards = (store.cards.history(card_id, below, page) for card_id, below in sorted(position.items()))
    return merge(*of_cards, key=lambda entry: (-entry.created_at, entry.card_id, -entry.seq))


def _left(position: Position) -> Position:
    return {card_id: below for card_id, below in position.items() if below > 1}


def by_id(store: Store, transaction_id: str, *, field: str | None = None) -> Transaction:
    """Returns the row `<cardId>.<seq>`. A row written just now may take a moment to be found.

    `field`: the field of the request with the id, if the path does not have it.
    """
    card_id, _, seq = transaction_id.rpartition(".")
    for pause in _pauses():
        entry = next(store.cards.history(card_id, int(seq) + 1, 1), None)
        if entry and entry.seq == int(seq):
            return store.cards.rows([entry])[0]
        if entry is None:
            break
        sleep(pause)
    raise TransactionNotFound.of_field(field, f"There is no transaction {transaction_id}.")


def by_key(store: Store, wallet_id: str, customer_id: str, order_id: str | None, key: str) -> Transaction:
    """Returns the row that the key made, which shows the result of a request whose answer was lost."""
    row = store.cards.row_by_key(customer_id, wallet_id, order_id, key)
    if row is None:
        require_known_wallet(store, wallet_id)
        raise TransactionNotFound("The key has no transaction in this wallet, for this customer and order.")
    return row


def _has_newest(store: Store, card_id: str, newest: int) -> bool:
    if newest == 0:
        return True
    for pause in _pauses():
        entry = next(store.cards.history(card_id, newest + 1, 1), None)
        if entry and entry.seq == newest:
            return True
        sleep(pause)
    return False


def _pauses() -> Iterator[float]:
    return iter([INDEX_LAG_SECONDS_MAX / INDEX_LAG_PAUSES] * INDEX_LAG_PAUSES)
