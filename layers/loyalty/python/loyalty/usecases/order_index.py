"""The index of orders, for people who have an order and not its customer. No decision reads the index."""

from collections.abc import Sequence
from typing import Any

from loyalty.domain.order_entry import OrderEntry
from loyalty.store.order_index import entries_from
from loyalty.store.store import Store
from loyalty.telemetry import log_failure

CUSTOMERS_MAX = 100


def add_rows(store: Store, records: Sequence[dict[str, Any]]) -> str | None:
    """Adds the orders of new rows. Returns the sequence number from which the records must be delivered again, or None.

    Entries are in the order of their first records, so all records before this number are in the index.
    """
    for sequence_number, entry in entries_from(records).items():
        try:
            store.order_index.add(entry)
        except Exception as error:  # noqa: BLE001  # the stream delivers the records again, whatever failed
            log_failure("order not indexed", error, customer_id=entry.customer_id)
            return sequence_number
    return None


def customers_of(store: Store, order_id: str) -> list[OrderEntry]:
    """Returns at most 100 entries of the order. An order of the last seconds may be missing."""
    return store.order_index.of_order(order_id, CUSTOMERS_MAX)
