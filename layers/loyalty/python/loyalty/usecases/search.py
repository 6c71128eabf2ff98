"""Finds what a pasted text identifies: a customer, a card, an order, a transaction or a wallet."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import chain

from loyalty.domain.dates import instant
from loyalty.domain.wallets.wallet import WALLET_ID_PREFIX
from loyalty.store.parallel import at_once
from loyalty.store.store import Store

RESULTS_MAX = 10
TEXT_MAX = 128
"""The longest id."""
SEQ_DIGITS_MAX = 12


class ResultKind(StrEnum):
    """What a search finds."""

    CUSTOMER = "CUSTOMER"
    CARD = "CARD"
    ORDER = "ORDER"
    TRANSACTION = "TRANSACTION"
    WALLET = "WALLET"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    kind: ResultKind
    id: str
    label: str
    wallet_id: str | None = None
    customer_id: str | None = None


def search(store: Store, text: str, at: datetime) -> list[SearchResult]:
    """Returns at most ten exact matches of the text, which cost at most five read units.

    A text that cannot be an id has no matches. The indexes of orders and transactions lag a moment.
    """
    text = text.strip()
    if not text or len(text) > TEXT_MAX or not text.isprintable():
        return []
    reads = [partial(_customer, store, text), partial(_card, store, text)] if text.isascii() else []
    if transaction := _transaction_id(text):
        reads.append(partial(_transaction, store, *transaction))
    else:
        reads.append(partial(_wallet, store, text, instant(at)))
    # An order can have many customers.
    reads.append(partial(_orders, store, text))
    return list(chain.from_iterable(at_once(lambda read: read(), reads)))[:RESULTS_MAX]


def _customer(store: Store, text: str) -> list[SearchResult]:
    if not store.cards.has_card(text):
        return []
    return [SearchResult(kind=ResultKind.CUSTOMER, id=text, label=text, customer_id=text)]


def _card(store: Store, text: str) -> list[SearchResult]:
    owner = store.cards.owner_of_code(text)
    if owner is None:
        return []
    customer_id, wallet_id = owner
    return [SearchResult(kind=ResultKind.CARD, id=text, label=text, wallet_id=wallet_id, customer_id=customer_id)]


def _orders(store: Store, text: str) -> list[SearchResult]:
    return [
        SearchResult(kind=ResultKind.ORDER, id=text, label=text, customer_id=entry.customer_id)
        for entry in store.order_index.of_order(text, RESULTS_MAX)
    ]


def _transaction_id(text: str) -> tuple[str, int] | None:
    """Returns card id and `seq`, if the text has the form of a transaction id."""
    card_id, _, seq = text.rpartition(".")
    is_number = seq.isascii() and seq.isdecimal() and len(seq) <= SEQ_DIGITS_MAX
    return (card_id, int(seq)) if card_id and is_number else None


def _transaction(store: Store, card_id: str, seq: int) -> list[SearchResult]:
    entry = next(store.cards.history(card_id, seq + 1, 1), None)
    if entry is None or entry.seq != seq:
        return []
    return [
        SearchResult(
            kind=ResultKind.TRANSACTION,
            id=f"{card_id}.{seq}",
            label=f"{entry.type} {entry.points}",
            wallet_id=entry.wallet_id,
            customer_id=entry.customer_id,
        )
    ]


def _wallet(store: Store, text: str, now: int) -> list[SearchResult]:
    wallet_id = text if text.startswith(WALLET_ID_PREFIX) else store.wallets.owner_of_name(text)
    wallet = store.wallets.recent(wallet_id, now) if wallet_id else None
    if wallet is None:
        return []
    found = wallet.wallet_id
    return [SearchResult(kind=ResultKind.WALLET, id=found, label=wallet.settings.name, wallet_id=found)]
