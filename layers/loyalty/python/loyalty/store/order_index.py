"""The index of orders: which customers have transactions of an order. It is made from the stream, after the rows."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from loyalty.domain.order_entry import OrderEntry
from loyalty.store import keys
from loyalty.store.attributes import ITEM_FORM, int_from, number, string
from loyalty.store.table import Table


class OrderIndexStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, entry: OrderEntry) -> None:
        """Adds the entry's wallets, and keeps the earliest instant. A repetition changes nothing."""
        key = {"pk": string(keys.order(entry.order_id)), "sk": string(keys.customer(entry.customer_id))}
        first_at = {":c": number(entry.first_at)}
        after = self._table.upsert(
            key,
            "SET s = :s, c = if_not_exists(c, :c) ADD wa :wa",
            {**first_at, ":s": string(ITEM_FORM), ":wa": {"SS": sorted(entry.wallet_ids)}},
        )
        if after and int_from(after, "c") > entry.first_at:
            # A delivery after a failure can bring a later row first.
            self._table.upsert(key, "SET c = :c", first_at, "c > :c")

    def of_order(self, order_id: str, limit: int) -> list[OrderEntry]:
        """Returns at most `limit` entries of the order, in the order of the customers' ids."""
        items = self._table.query("pk = :pk", {":pk": string(keys.order(order_id))}, limit=limit)
        return [
            OrderEntry(
                order_id=order_id,
                customer_id=keys.after_first_hash(item["sk"]["S"]),
                wallet_ids=frozenset(item["wa"]["SS"]),
                first_at=int_from(item, "c"),
            )
            for item in islice(items, limit)
        ]


def entries_from(records: Iterable[Mapping[str, Any]]) -> dict[str, OrderEntry]:
    """Returns the entries that new rows of the stream's records give, by the sequence number of their first record.

    The rows of one order and customer give one entry. Rows without an order give none.
    """
    numbers: dict[tuple[str, str], str] = {}
    entries: dict[str, OrderEntry] = {}
    for record in records:
        row = record["dynamodb"]["NewImage"]
        wallet_id, order_id, _ = keys.parse_row_key(row["sk"]["S"])
        if order_id is not None:
            customer_id = keys.after_first_hash(row["pk"]["S"])
            entry = OrderEntry(order_id, customer_id, frozenset((wallet_id,)), int_from(row, "c"))
            first = numbers.setdefault((order_id, customer_id), record["dynamodb"]["SequenceNumber"])
            entries[first] = entries[first].merge(entry) if first in entries else entry
    return entries
