"""Erases the texts that may name a customer. Points, dates and the hash chain stay as they are."""

from dataclasses import dataclass
from itertools import islice

from loyalty.errors import Busy, CustomerNotFound
from loyalty.retry import retry
from loyalty.store.ledgers import ERASED_AT_ONCE
from loyalty.store.store import Store
from loyalty.store.table import TransactionCanceled

ROWS_MAX = 1_000
"""Rows that one request erases at most; the next request continues after them."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """The result of one request. If `done` is false, texts remain: send the request again."""

    cards: int
    transactions: int
    done: bool


def erase(store: Store, customer_id: str) -> Erasure:
    """Erases the customer's profile, metadata of cards and redemptions, and metadata, descriptions and reasons of rows.

    Erased texts stay erased: the same request again continues where the last one ended. Raises `CustomerNotFound` for a
    customer without any card, order or profile, so that a mistyped id does not look like success. Raises `Busy` if
    other requests kept changing a card.
    """
    places = store.cards.memberships(customer_id)
    is_known = retry(lambda: _erase_customer(store, customer_id), "the customer")
    if not places and not is_known:
        raise CustomerNotFound(f"There is no customer {customer_id}.")
    cards = sum(_erase_profile(store, *place) for place in places)
    retry(lambda: store.redemptions.erase_texts(customer_id), "the redemptions")
    texts = islice(store.ledgers.texts_of(customer_id), ROWS_MAX)
    transactions = 0
    while rows := list(islice(texts, ERASED_AT_ONCE)):
        try:
            store.ledgers.erase(rows)
        except TransactionCanceled as race:
            raise Busy("Another request erases the same texts, or the table is throttled. Send it again.") from race
        transactions += len(rows)
    return Erasure(cards, transactions, done=transactions < ROWS_MAX)


def _erase_customer(store: Store, customer_id: str) -> bool:
    """Erases the customer's profile and contact; returns whether anything is stored about the customer."""
    found = store.customers.read(customer_id, contact=True)
    if found.customer.forget() != found.customer or found.contact:
        store.customers.erase(found)
    return found.customer.is_known


def _erase_profile(store: Store, customer_id: str, wallet_id: str) -> bool:
    """Erases a card's metadata; returns whether there was any.

    The erasure is a change of the card, so that a change that read the metadata before cannot write it again.
    """

    def attempt() -> bool:
        found = store.cards.with_profiles([(customer_id, wallet_id)])
        if not found or found[0][1].metadata is None:
            return False
        card, _ = found[0]
        store.cards.change(card, card.status, None)
        return True

    return retry(attempt, "the card")
