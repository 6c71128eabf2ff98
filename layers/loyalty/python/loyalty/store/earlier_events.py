"""Earlier events of customers, for what happens later: the later event of a sequence, and the first credit of an order.

The items expire by DynamoDB's time to live once nothing can need them.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # A credit reads these items too, and must not load the earning engine.
    from loyalty.domain.earning.event import Event
from loyalty.store import keys
from loyalty.store.attributes import ITEM_FORM, Item, int_from, number, string
from loyalty.store.table import Table, TransactionCanceled, WriteAction, put, update

DAY_SECONDS = 86_400
NOTED_SECONDS = 400 * DAY_SECONDS
"""How long the event of an order is kept for the first credit of the order."""
SEEN_MORE_SECONDS = 2 * DAY_SECONDS
"""How much longer than the time of the sequence an event is kept: the later event may arrive late."""


class EarlierEventStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def see(self, event: "Event", seen_key: str, within: int) -> None:
        """Records that the event happened; sequences need it for `within` seconds.

        The first and the last event are kept. If one of them is sent again, it changes nothing: without a time of its
        own, it would happen later. Raises `TransactionCanceled` after a conflict.
        """
        key = {"pk": string(keys.customer(event.customer_id)), "sk": string(seen_key)}
        at, is_other = event.occurred_at, "fk <> :k AND lk <> :k"
        seen: Item = {":t": number(at), ":k": string(event.key)}
        values = {**seen, ":s": string(ITEM_FORM), ":e": number(at + within + SEEN_MORE_SECONDS)}
        last = update(
            "seen",
            key,
            "SET s = :s, f = if_not_exists(f, :t), fk = if_not_exists(fk, :k), l = :t, lk = :k, #ttl = :e",
            f"attribute_not_exists(l) OR (l <= :t AND {is_other})",
            values,
            names={"#ttl": "ttl"},
        )
        try:
            self._table.transact([last])
        except TransactionCanceled as race:
            known = race.failed.get("seen")
            if not known:
                raise
            if at < int_from(known, "f"):
                self._is_written(update("seen", key, "SET f = :t, fk = :k", f"f > :t AND {is_other}", seen))

    def note(self, customer_id: str, name: str, order_id: str, at: int) -> None:
        """Records that the event of the order happened before the order has points. Raises `TransactionCanceled`."""
        item: Item = {
            "pk": string(keys.customer(customer_id)),
            "sk": string(keys.event_of_order(name, order_id)),
            "s": string(ITEM_FORM),
            "f": number(at),
            "ttl": number(at + NOTED_SECONDS),
        }
        self._is_written(put("noted", item))

    def is_noted(self, customer_id: str, names: Iterable[str], order_id: str) -> bool:
        """Returns whether one of the events was recorded for the order."""
        pk = string(keys.customer(customer_id))
        items, _ = self._table.batch_get(
            [{"pk": pk, "sk": string(keys.event_of_order(name, order_id))} for name in set(names)]
        )
        return bool(items)

    def _is_written(self, action: WriteAction) -> bool:
        try:
            self._table.transact([action])
        except TransactionCanceled as race:
            if action.label not in race.failed:
                raise
            return False
        return True
