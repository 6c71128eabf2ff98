"""Reads a card's ledger: pages of rows, one row by its id, one row by the key that made it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from time import sleep

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


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Transaction]
    below: int | None
    """The next page begins below this `seq`; None at the end."""
    complete: bool
    """False if the index did not yet have the card's newest row."""


def page(store: Store, wallet_id: str, customer_id: str, filters: Filters, below: int | None, limit: int) -> Page:
    """Returns the card's matching rows below the given `seq`, newest first.

    The index lags a moment. The card is read first and has the `seq` of its newest row. The index is then read for up
    to 300 ms until it has this row.
    """
    card = store.cards.card(customer_id, wallet_id)
    if card is None:
        raise no_card(store, wallet_id, customer_id)
    complete = below is not None or _has_newest(store, card.card_id, card.version)
    start = card.version + 1 if below is None else below

    rows: list[Transaction] = []
    entries = islice(store.cards.history(card.card_id, start, limit), INDEX_ENTRIES_MAX)
    last = start
    while batch := list(islice(entries, limit)):
        ours = [entry for entry in batch if filters.match_entry(entry)]
        for row in store.cards.rows(ours):
            if filters.match_row(row):
                rows.append(row)
                if len(rows) == limit:
                    return Page(rows, row.seq if row.seq > 1 else None, complete)
        last = batch[-1].seq
        if filters.created_from is not None and batch[-1].created_at < filters.created_from:
            # Rows of a card never go back in time.
            return Page(rows, None, complete)
    return Page(rows, last if 1 < last < start else None, complete)


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
