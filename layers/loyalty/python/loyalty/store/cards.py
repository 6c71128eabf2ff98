"""Cards, their profiles and codes, and the rows of their ledgers."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from loyalty.domain.cards.card import Card, CardStatus, Due, DueCard
from loyalty.domain.cards.profile import Profile
from loyalty.domain.cards.transaction import Operation, Transaction, TransactionType
from loyalty.store import keys
from loyalty.store.attributes import Item, number, string
from loyalty.store.card_items import card_from, card_item, card_key, code_item, profile_from, profile_item
from loyalty.store.row_items import row_from, row_item
from loyalty.store.table import PRESENT, Table, WriteAction, put, update

UNCHANGED = "v = :v AND e = :e"
"""The card is as it was read: `v` counts its rows, `e` counts the changes that write no row."""


@dataclass(frozen=True, slots=True)
class CardAndRow:
    """A card and the row of a command's key, as one consistent read returned them."""

    card: Card | None
    row: Transaction | None


@dataclass(frozen=True, slots=True)
class RowKey:
    """A card, and the row that a command with this origin and order writes on the card."""

    customer_id: str
    wallet_id: str
    order_id: str | None
    origin: str


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A row as the history index shows it, with the key that fetches the row."""

    card_id: str
    seq: int
    type: str
    source: str
    points: int
    created_at: int
    key: Item

    @property
    def customer_id(self) -> str:
        return keys.after_first_hash(self.key["pk"]["S"])

    @property
    def wallet_id(self) -> str:
        return keys.parse_row_key(self.key["sk"]["S"])[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardChange:
    """A card before and after a change, with the rows in between."""

    before: Card | None
    after: Card
    rows: Sequence[Transaction] = ()
    enrolment: Profile | None = None
    """The profile of a new card."""
    companions: Sequence[WriteAction] = ()
    """Writes of other items that belong to the same transaction, each with a label of its own."""

    @property
    def last_row(self) -> Transaction:
        """The command's last row, which has the command's key: only changes of tiers follow."""
        return next(row for row in reversed(self.rows) if row.operation is not Operation.TIER)

    @property
    def item_count(self) -> int:
        """The number of items in a transaction."""
        return len(self.rows) + (3 if self.enrolment else 1) + len(self.companions)


class CardStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def cards_and_rows(self, wanted: Sequence[RowKey]) -> tuple[list[CardAndRow], timedelta | None]:
        """Reads all of them consistently; returns too how far the local clock is ahead of the database's clock."""
        item_keys = [
            key
            for one in wanted
            for key in (
                card_key(one.customer_id, one.wallet_id),
                _item_key(one.customer_id, keys.row(one.wallet_id, one.order_id, one.origin)),
            )
        ]
        items, skew = self._table.batch_get(item_keys)
        found = {(item["pk"]["S"], item["sk"]["S"]): item for item in items}
        readings = []
        for card_at, row_at in zip(item_keys[::2], item_keys[1::2], strict=True):
            card, row = (found.get((key["pk"]["S"], key["sk"]["S"])) for key in (card_at, row_at))
            readings.append(CardAndRow(card_from(card) if card else None, row_from(row) if row else None))
        return readings, skew

    def card(self, customer_id: str, wallet_id: str) -> Card | None:
        item = self._table.get(keys.customer(customer_id), keys.card(wallet_id))
        return card_from(item) if item else None

    def card_and_skew(self, customer_id: str, wallet_id: str) -> tuple[Card | None, timedelta | None]:
        """Returns the card, and how far the local clock is ahead of the database's clock."""
        items, skew = self._table.batch_get([card_key(customer_id, wallet_id)])
        return card_from(items[0]) if items else None, skew

    def metadata(self, customer_id: str, wallet_id: str) -> str | None:
        """Returns the metadata of a card as JSON text."""
        item = self._table.get(keys.customer(customer_id), keys.profile(wallet_id))
        return profile_from(item).metadata if item else None

    def with_profiles(self, members: Sequence[tuple[str, str]]) -> list[tuple[Card, Profile]]:
        """Returns the cards of (customer id, wallet id) in this order; cards that do not exist are left out."""
        wanted = [
            _item_key(customer_id, sort_key)
            for customer_id, wallet_id in members
            for sort_key in (keys.card(wallet_id), keys.profile(wallet_id))
        ]
        items, _ = self._table.batch_get(wanted)
        found = {(item["pk"]["S"], item["sk"]["S"]): item for item in items}
        cards = []
        for customer_id, wallet_id in members:
            card = found.get((keys.customer(customer_id), keys.card(wallet_id)))
            profile = found.get((keys.customer(customer_id), keys.profile(wallet_id)))
            if card and profile:
                cards.append((card_from(card), profile_from(profile)))
        return cards

    def of_members(self, wallet_id: str, customer_ids: Iterable[str]) -> list[Card]:
        """Returns these customers' cards in the wallet, in no order."""
        items, _ = self._table.batch_get([card_key(customer_id, wallet_id) for customer_id in customer_ids])
        return [card_from(item) for item in items]

    def of_customer(self, customer_id: str) -> list[Card]:
        """Returns the customer's cards in all wallets, in the order of the wallets' ids."""
        return [card_from(item) for item in self._items_of_customer(customer_id)]

    def memberships(self, customer_id: str) -> list[tuple[str, str]]:
        items = self._items_of_customer(customer_id)
        return [(customer_id, keys.after_first_hash(item["sk"]["S"])) for item in items]

    def _items_of_customer(self, customer_id: str) -> Iterator[Item]:
        return self._table.query(
            "pk = :pk AND begins_with(sk, :sk)",
            {":pk": string(keys.customer(customer_id)), ":sk": string(keys.card(""))},
        )

    def has_card(self, customer_id: str) -> bool:
        """Returns whether the customer has a card in any wallet. Reads at most one card."""
        items = self._table.query(
            "pk = :pk AND begins_with(sk, :sk)",
            {":pk": string(keys.customer(customer_id)), ":sk": string(keys.card(""))},
            limit=1,
        )
        return any(items)

    def members(self, wallet_id: str, shard: int, after: str | None, limit: int, prefix: str = "") -> list[str]:
        """Returns the customers of one shard with a card in the wallet, in the order of their ids.

        `after` begins with the prefix, and is not returned. The index lags a moment.
        """
        first, last = keys.customers_between(prefix, after)
        items = self._table.query(
            "mp = :mp AND pk BETWEEN :first AND :last",
            {":mp": string(keys.members(wallet_id, shard)), ":first": string(first), ":last": string(last)},
            index="members",
            limit=limit,
        )
        return [keys.after_first_hash(item["pk"]["S"]) for item in islice(items, limit)]

    def owner_of_code(self, code: str) -> tuple[str, str] | None:
        """Returns customer id and wallet id of the card with the code."""
        item = self._table.get(keys.code(code), keys.CODE)
        return (item["cu"]["S"], item["wa"]["S"]) if item else None

    def rows_of_order(self, customer_id: str, wallet_id: str, order_id: str) -> list[Transaction]:
        items = self._table.query(
            "pk = :pk AND begins_with(sk, :sk)",
            {":pk": string(keys.customer(customer_id)), ":sk": string(keys.order_rows(wallet_id, order_id))},
        )
        return [row_from(item) for item in items]

    def settlement_rows_after(self, customer_id: str, wallet_id: str, seq: int) -> list[Transaction]:
        """Returns the EXPIRY and CANCELLATION rows of settlement after `seq`: these rows are sorted by their seq."""
        prefix = keys.row(wallet_id, None, "")
        items = self._table.query(
            "pk = :pk AND sk BETWEEN :from AND :to",
            {
                ":pk": string(keys.customer(customer_id)),
                ":from": string(prefix + keys.settlement_origin(seq)),
                ":to": string(prefix + keys.settlement_origin(10**12 - 1)),
            },
        )
        return [
            row for row in map(row_from, items) if row.type in (TransactionType.EXPIRY, TransactionType.CANCELLATION)
        ]

    def rows_of_card(self, customer_id: str, wallet_id: str) -> list[Transaction]:
        """Returns the whole ledger of the card, in the order of `seq`."""
        items = self._table.query(
            "pk = :pk AND begins_with(sk, :sk)",
            {":pk": string(keys.customer(customer_id)), ":sk": string(keys.rows(wallet_id))},
        )
        return sorted(map(row_from, items), key=lambda row: row.seq)

    def rows_by_events(self, customer_id: str, wallet_id: str) -> list[Transaction]:
        """Returns the rows that custom events without an order wrote on the card."""
        prefix = keys.row(wallet_id, None, keys.event_origin(""))
        items = self._table.query(
            "pk = :pk AND begins_with(sk, :sk)", {":pk": string(keys.customer(customer_id)), ":sk": string(prefix)}
        )
        return [row_from(item) for item in items]

    def credits_after(self, customer_id: str, wallet_id: str, at: int) -> list[Transaction]:
        """Returns the card's credits recorded after the instant. Reads the whole ledger of the card."""
        items = self._table.query(
            "pk = :pk AND begins_with(sk, :sk)",
            {
                ":pk": string(keys.customer(customer_id)),
                ":sk": string(keys.rows(wallet_id)),
                ":t": string(TransactionType.CREDIT),
                ":c": number(at),
            },
            filter_="t = :t AND c > :c",
        )
        return [row_from(item) for item in items]

    def rows_of_origin(
        self, customer_id: str, wallet_ids: Iterable[str], order_id: str | None, origin: str
    ) -> list[Transaction]:
        """Returns the rows with this order and origin on the customer's cards in the wallets, in no order."""
        wanted = [_item_key(customer_id, keys.row(wallet_id, order_id, origin)) for wallet_id in wallet_ids]
        items, _ = self._table.batch_get(wanted)
        return [row_from(item) for item in items]

    def row(self, customer_id: str, wallet_id: str, order_id: str | None, origin: str) -> Transaction | None:
        item = self._table.get(keys.customer(customer_id), keys.row(wallet_id, order_id, origin))
        return row_from(item) if item else None

    def row_by_key(self, customer_id: str, wallet_id: str, order_id: str | None, key: str) -> Transaction | None:
        """Returns the row that the key made.

        A reversal, and an end of one credit's pending points, have another origin and keep the key as an attribute.
        """
        origin = keys.key_origin(key)
        if row := self.row(customer_id, wallet_id, order_id, origin):
            return row
        first, last = keys.once_origins()
        items = self._table.query(
            "pk = :pk AND sk BETWEEN :from AND :to",
            {
                ":pk": string(keys.customer(customer_id)),
                ":from": string(keys.row(wallet_id, order_id, first)),
                ":to": string(keys.row(wallet_id, order_id, last)),
                ":key": string(origin),
            },
            filter_="ik = :key",
        )
        return next(map(row_from, items), None)

    def history(self, card_id: str, below: int, page: int) -> Iterator[HistoryEntry]:
        """Yields the rows with `seq` below the given one, newest first, read in pages. The index lags a moment."""
        items = self._table.query(
            "hp = :hp AND hs < :below",
            {":hp": string(card_id), ":below": number(below)},
            index="history",
            descending=True,
            limit=page,
        )
        for item in items:
            yield HistoryEntry(
                card_id=card_id,
                seq=int(item["hs"]["N"]),
                type=item["t"]["S"],
                source=item["so"]["S"],
                points=int(item["p"]["N"]),
                created_at=int(item["c"]["N"]),
                key={"pk": item["pk"], "sk": item["sk"]},
            )

    def rows(self, entries: Iterable[HistoryEntry]) -> list[Transaction]:
        """Returns the rows of the entries, newest first. Rows never change, so the read need not be consistent."""
        items, _ = self._table.batch_get([entry.key for entry in entries], consistent=False)
        return sorted(map(row_from, items), key=lambda row: -row.seq)

    def commit(self, *writes: CardChange, companions: Sequence[WriteAction] = ()) -> None:
        """Writes each card with its new rows and companions, and the other companions, all or none.

        `TransactionCanceled` has what failed by its label: `row`, `card`, `profile`, `code`, or a companion's own. If
        several cards are written, the labels of the second card's items begin with `1.`, and so on.
        """
        of_cards = [action for place, write in enumerate(writes) for action in _actions(write, place)]
        self._table.transact([*of_cards, *companions])

    def rearm(self, card: Card, due: Due | None) -> None:
        """Moves the card's entry in the due index, unless the card changed meanwhile (`TransactionCanceled`)."""
        key = card_key(card.customer_id, card.wallet_id)
        seen: Item = {":v": number(card.version), ":e": number(card.revision)}
        if due is None:
            self._table.transact([update("card", key, "REMOVE dp, ds, f", UNCHANGED, seen)])
            return
        place = {":dp": string(keys.due(due.kind, card.shard)), ":ds": number(due.at)}
        self._table.transact([update("card", key, "SET dp = :dp, ds = :ds REMOVE f", UNCHANGED, {**seen, **place})])

    def defer(self, customer_id: str, wallet_id: str, at: int, pause: Callable[[int], int]) -> bool:
        """Defers the due entry of a card by `pause` of its failures so far, and counts one failure more.

        Changes no other attribute: the item may be unreadable as a card. Returns False if the card is not due at `at`.
        """
        item = self._table.get(keys.customer(customer_id), keys.card(wallet_id))
        if item is None or "ds" not in item or int(item["ds"]["N"]) > at:
            return False
        failures = int(item["f"]["N"]) if "f" in item else 0
        values = {
            ":seen": item["ds"],
            ":ds": number(at + pause(failures)),
            ":f": number(failures + 1),
        }
        key = card_key(customer_id, wallet_id)
        self._table.transact([update("card", key, "SET ds = :ds, f = :f", "ds = :seen", values)])
        return True

    def change(self, card: Card, status: CardStatus, metadata: str | None) -> None:
        """Changes status and metadata. Movements may continue meanwhile.

        Raises `TransactionCanceled` if another change came first.
        """
        seen: Item = {":e": number(card.revision)}
        changed: Item = {**seen, ":next": number(card.revision + 1)}
        actions: list[WriteAction] = []
        key = card_key(card.customer_id, card.wallet_id)
        if status is CardStatus.ACTIVE:
            actions.append(update("card", key, "SET e = :next REMOVE st", "e = :e", changed))
        else:
            actions.append(update("card", key, "SET e = :next, st = :st", "e = :e", {**changed, ":st": string(status)}))
        profile = _item_key(card.customer_id, keys.profile(card.wallet_id))
        if metadata is None:
            actions.append(update("profile", profile, "REMOVE m", PRESENT))
        else:
            actions.append(update("profile", profile, "SET m = :m", PRESENT, {":m": string(metadata)}))
        self._table.transact(actions)

    def due_cards(
        self, kind: str, shard: int, at: int, limit: int, after: Item | None = None
    ) -> tuple[list[DueCard], Item | None]:
        """Returns the cards of the shard with something of the kind due by `at`, oldest first, after a place.

        Returns too the place of the last card; without cards, the given place.
        """
        found = self._due(kind, shard, at, limit, after)
        ids = [(keys.after_first_hash(item["pk"]["S"]), keys.after_first_hash(item["sk"]["S"])) for item in found]
        return [DueCard(*both) for both in ids], found[-1] if found else after

    def oldest_due(self, kind: str, shard: int, at: int) -> int | None:
        """Returns the earliest due moment of the shard's cards, if it is not after `at`."""
        return next((int(item["ds"]["N"]) for item in self._due(kind, shard, at, 1)), None)

    def _due(self, kind: str, shard: int, at: int, limit: int, after: Item | None = None) -> list[Item]:
        items = self._table.query(
            "dp = :dp AND ds <= :at",
            {":dp": string(keys.due(kind, shard)), ":at": number(at)},
            index="due",
            limit=limit,
            start=after,
        )
        return list(islice(items, limit))


def _actions(write: CardChange, place: int) -> Iterator[WriteAction]:
    of = f"{place}." if place else ""
    for row in write.rows:
        yield put(f"{of}row", row_item(row))
    before, after = write.before, write.after
    if before is None:
        assert write.enrolment is not None, "a new card has a profile"
        yield put(f"{of}card", card_item(after))
        yield put(f"{of}profile", profile_item(after, write.enrolment))
        yield put(f"{of}code", code_item(after, write.enrolment.code))
    else:
        seen = {":v": number(before.version), ":e": number(before.revision)}
        yield put(f"{of}card", card_item(after), UNCHANGED, seen)
    yield from write.companions


def _item_key(customer_id: str, sort_key: str) -> Item:
    return {"pk": string(keys.customer(customer_id)), "sk": string(sort_key)}
