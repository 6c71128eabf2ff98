"""Whole ledgers as the table has them: read to be verified, and their personal texts erased."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from loyalty.domain.cards.card import Card
from loyalty.domain.cards.profile import Profile
from loyalty.domain.cards.transaction import Transaction, personal_digest
from loyalty.errors import LedgerTooLong
from loyalty.store import keys
from loyalty.store.attributes import Item, binary, string
from loyalty.store.card_items import card_from, card_item, code_item, profile_from, profile_item
from loyalty.store.row_items import row_from, row_item
from loyalty.store.table import Table, WriteAction, update

PERSONAL_TEXTS = ("d", "m", "r", "om")
"""Attributes of a row that may name a person."""
ERASED_AT_ONCE = 50
"""Rows that one transaction erases: few enough for one partition to accept at once."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """An item that is not written as the store writes it; `seq` of the row, if it can be read."""

    seq: int | None
    message: str


@dataclass(frozen=True, slots=True)
class StoredLedger:
    """A card with all its rows in the order of `seq`, and the flaws of its items."""

    card: Card
    profile: Profile | None
    rows: list[Transaction]
    flaws: list[Flaw]


class LedgerStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, customer_id: str, wallet_id: str, rows_max: int) -> StoredLedger | Flaw | None:
        """Reads card and rows as of one moment.

        Returns a flaw alone if the card itself cannot be read, and None if there is no card. Raises `LedgerTooLong` if
        the card has more than `rows_max` rows.
        """
        pk, sk = keys.customer(customer_id), keys.card(wallet_id)
        item = self._table.get(pk, sk)
        if item is None:
            return None
        card = _card_from(item)
        if card and card.version > rows_max:
            raise LedgerTooLong(
                f"The card has {card.version} transactions; one request reads at most {rows_max}.",
                rows=card.version,
                max=rows_max,
            )
        values = {":pk": string(pk), ":sk": string(keys.rows(wallet_id))}
        rows = list(self._table.query("pk = :pk AND begins_with(sk, :sk)", values))
        if card and len(rows) > card.version:
            # Rows written since the card was read are left out. Rows beyond the card's latest state stay: they are
            # drifts.
            latest = _card_from(self._table.get(pk, sk) or {})
            rows = [row for row in rows if not latest or not _is_between(row, card.version, latest.version)]
        profile = self._table.get(pk, keys.profile(wallet_id))
        code = self._table.get(keys.code(profile["code"]["S"]), keys.CODE) if profile and "code" in profile else None
        return ledger_from_items(item, rows, profile, code)

    def texts_of(self, customer_id: str) -> Iterator[Item]:
        """Yields, as stored, the rows of the customer's cards that still have texts that may name a person."""
        return self._table.query(
            "pk = :pk AND begins_with(sk, :sk)",
            {":pk": string(keys.customer(customer_id)), ":sk": string(f"{keys.TXN}#")},
            filter_=" OR ".join(f"attribute_exists({name})" for name in PERSONAL_TEXTS),
        )

    def erase(self, items: Sequence[Item]) -> None:
        """Replaces the rows' texts by the digest that keeps the chain verifiable; at most `ERASED_AT_ONCE` rows.

        Raises `TransactionCanceled`, and erases none, if a row is no longer as it was read.
        """
        self._table.transact([_erasure(item) for item in items])


def ledger_from_items(
    card_as_stored: Item, rows_as_stored: Iterable[Item], profile: Item | None, code: Item | None
) -> StoredLedger | Flaw:
    """Returns the items as values; a flaw alone if the card cannot be read."""
    card = _card_from(card_as_stored)
    if card is None:
        return Flaw(None, "The card cannot be read.")
    flaws = [] if card_item(card) == card_as_stored else [Flaw(None, "The card's stored form is not as expected.")]
    rows: list[Transaction] = []
    for item in rows_as_stored:
        row = _row_from(item)
        if row is None:
            flaws.append(Flaw(None, f"The transaction at {item['sk']['S']} cannot be read."))
        else:
            rows.append(row)
            flaws += _flaws_of_row(row, item)
    rows.sort(key=lambda row: row.seq)
    known, of_profile = _profile(card, profile, code)
    return StoredLedger(card, known, rows, [*flaws, *of_profile])


def _profile(card: Card, item: Item | None, code: Item | None) -> tuple[Profile | None, list[Flaw]]:
    try:
        profile = profile_from(item or {})
    except (LookupError, ValueError, TypeError):
        return None, [Flaw(None, "The card has no readable profile.")]
    flaws = []
    if profile_item(card, profile) != item:
        flaws.append(Flaw(None, "The profile's stored form, or its place in the index, is not as expected."))
    if code_item(card, profile.code) != code:
        flaws.append(Flaw(None, "The card's code does not refer to the card."))
    return profile, flaws


def _is_between(item: Item, above: int, until: int) -> bool:
    row = _row_from(item)
    return row is not None and above < row.seq <= until


def _card_from(item: Item) -> Card | None:
    try:
        return card_from(item)
    except (LookupError, ValueError, TypeError):
        return None


def _row_from(item: Item) -> Transaction | None:
    try:
        return row_from(item)
    except (LookupError, ValueError, TypeError):
        return None


def _flaws_of_row(row: Transaction, item: Item) -> Iterator[Flaw]:
    """Yields the flaws that no hash covers: how the row is written, and under which key.

    Only rows that time wrote have their seq as origin in the key.
    """
    if row.origin is None and not row.operation.is_by_time:
        yield Flaw(row.seq, "The transaction is stored at the wrong key.")
    elif row_item(row) != item:
        yield Flaw(row.seq, "The transaction's stored form is not as expected.")


def _erasure(item: Item) -> WriteAction:
    key = {"pk": item["pk"], "sk": item["sk"]}
    read = [name for name in (*PERSONAL_TEXTS, "sa") if name in item]
    values: Item = {f":{name}": item[name] for name in read} | {":h": item["h"]}
    condition = " AND ".join(["h = :h", "attribute_not_exists(dg)", *(f"{name} = :{name}" for name in read)])
    values[":dg"] = binary(personal_digest(row_from(item)))
    return update("row", key, f"SET dg = :dg REMOVE {', '.join(read)}", condition, values)
