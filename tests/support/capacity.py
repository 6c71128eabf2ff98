"""The capacity units of reads and writes as AWS bills them.

AWS, "DynamoDB read and write capacity modes": a write costs one unit per started kilobyte of the larger of the old and
the new item, in a transaction two; an index entry that is written or removed costs one per started kilobyte. A
consistent read costs one unit per started 4 KB, an eventually consistent read half of it.
"""

from collections.abc import Mapping
from typing import Any

from tests.support.item_size import item_size

Item = Mapping[str, Any]
KILOBYTE = 1_024
READ_BYTES = 4 * KILOBYTE
STORED_OVERHEAD = 100
"""The bytes that AWS adds to each stored item and index entry (Amazon DynamoDB pricing, data storage)."""


def kilobytes(size: int) -> int:
    return -(-size // KILOBYTE)


def read_units(size: int, *, consistent: bool) -> float:
    """The units of a read of so many bytes. A read that finds nothing costs as much as one of a small item."""
    return max(1, -(-size // READ_BYTES)) * (1 if consistent else 0.5)


def write_units(table: Item, before: Item | None, after: Item | None, *, transactional: bool) -> int:
    """The units of one write that replaces `before` by `after`, with its index entries.

    `table` is the definition of the table with its indexes.
    """
    # A condition on an absent item costs as much as one on a small item.
    larger = max((item_size(item) for item in (before, after) if item is not None), default=1)
    own = kilobytes(larger) * (2 if transactional else 1)
    return own + sum(_index_units(table, index, before, after) for index in _indexes(table))


def stored_bytes(table: Item, item: Item | None) -> int:
    """The bytes that AWS bills for the storage of an item and its index entries."""
    entries = [item, *(_entry(table, index, item) for index in _indexes(table))]
    return sum(item_size(one) + STORED_OVERHEAD for one in entries if one is not None)


def _indexes(table: Item) -> list[Any]:
    return list(table.get("GlobalSecondaryIndexes", []))


def _index_units(table: Item, index: Item, before: Item | None, after: Item | None) -> int:
    old, new = _entry(table, index, before), _entry(table, index, after)
    if old == new:
        return 0
    if old is None or new is None:
        return kilobytes(item_size(old or new or {}))
    if any(old[name] != new[name] for name in _names(index)):
        return kilobytes(item_size(old)) + kilobytes(item_size(new))
    return kilobytes(max(item_size(old), item_size(new)))


def _entry(table: Item, index: Item, item: Item | None) -> Item | None:
    """The item's entry in the index, or None if it has no entry."""
    if item is None or not all(name in item for name in _names(index)):
        return None
    shown = {*_names(table), *_names(index), *index["Projection"].get("NonKeyAttributes", [])}
    return {name: value for name, value in item.items() if name in shown}


def _names(keyed: Item) -> list[str]:
    return [part["AttributeName"] for part in keyed["KeySchema"]]
