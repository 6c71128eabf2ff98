"""The cost of commands: the requests that leave the DynamoDB client, and the units that AWS would charge.

AWS, "DynamoDB read and write capacity modes": a transactional write costs two units per started kilobyte of the larger
of the old and the new item; an index entry that is written or removed costs one per started kilobyte. A consistent read
costs one unit per started four kilobytes of each item, also of an absent one, and of all items of a query together.
Another read costs half of it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from tests.support.item_size import item_size
from tests.support.stack import Stack
from tests.support.template import RESOURCES
from tests.support.wire import Answer, Sent, parse, watching

Item = dict[str, Any]

KILOBYTE = 1_024
READ_BLOCK = 4 * KILOBYTE
TABLE = next(item["Properties"] for item in RESOURCES.values() if item["Type"] == "AWS::DynamoDB::Table")
TABLE_KEYS = [part["AttributeName"] for part in TABLE["KeySchema"]]


@dataclass
class Meter:
    """The requests that the product sent, and the items before and after each write."""

    requests: list[str] = field(default_factory=list)
    writes: list[tuple[Item | None, Item | None]] = field(default_factory=list)
    read_units: float = 0

    @property
    def units(self) -> int:
        return sum(write_units(*write) for write in self.writes)

    def sizes(self, head: str) -> list[int]:
        """The bytes of the written items whose sort key starts with the head."""
        return [item_size(after) for _, after in self.writes if after and after["sk"]["S"].startswith(head)]


@contextmanager
def metered(stack: Stack) -> Iterator[Meter]:
    meter = Meter()

    def current(key: Any) -> Item | None:
        return stack.dynamodb.get_item(TableName="loyalty", Key=key).get("Item")

    def count(sent: Sent) -> Answer:
        meter.requests.append(sent.operation)
        match sent.operation:
            case "GetItem" | "BatchGetItem":
                for key, consistent in _keys_read(sent.body):
                    meter.read_units += read_units([current(key)], consistent=consistent)
            case "Query":
                # The product's queries of the table are consistent. No counted operation queries an index.
                answer = sent.proceed()
                meter.read_units += read_units(parse(answer[2])["Items"], consistent=True)
                return answer
            case "TransactWriteItems":
                keys = [_key_of(action) for action in sent.body["TransactItems"]]
                olds = [*map(current, keys)]
                answer = sent.proceed()
                if answer[0] == HTTPStatus.OK:
                    meter.writes += zip(olds, map(current, keys), strict=True)
                return answer
        return sent.proceed()

    with watching(None, count):
        yield meter


def _keys_read(params: dict[str, Any]) -> list[tuple[Item, bool]]:
    """The key of each item of a GetItem or a BatchGetItem, and whether it is read consistently."""
    if "Key" in params:
        return [(params["Key"], params["ConsistentRead"])]
    requests = params["RequestItems"].values()
    return [(key, request["ConsistentRead"]) for request in requests for key in request["Keys"]]


def _key_of(action: dict[str, Any]) -> dict[str, Any]:
    ((_, request),) = action.items()
    source = request.get("Key") or request["Item"]
    return {"pk": source["pk"], "sk": source["sk"]}


def kilobytes(size: int) -> int:
    return -(-size // KILOBYTE)


def read_units(items: Sequence[Item | None], *, consistent: bool) -> float:
    """The units of items that are billed together."""
    blocks = max(1, -(-sum(item_size(item) for item in items if item) // READ_BLOCK))
    return blocks if consistent else blocks / 2


def write_units(before: Item | None, after: Item | None) -> int:
    """The units of one transactional write that replaces `before` by `after`, with the index entries."""
    # A condition on an absent item costs as much as one on a small item.
    larger = max((item_size(item) for item in (before, after) if item is not None), default=1)
    return 2 * kilobytes(larger) + sum(_index_units(index, before, after) for index in TABLE["GlobalSecondaryIndexes"])


def _index_units(index: Item, before: Item | None, after: Item | None) -> int:
    old, new = _entry(index, before), _entry(index, after)
    if old == new:
        return 0
    if old is None or new is None:
        return kilobytes(item_size(old or new or {}))
    if any(old[name] != new[name] for name in _keys(index)):
        return kilobytes(item_size(old)) + kilobytes(item_size(new))
    return kilobytes(max(item_size(old), item_size(new)))


def _entry(index: Item, item: Item | None) -> Item | None:
    """The item's entry in the index, or None if it has no entry."""
    if item is None or not all(name in item for name in _keys(index)):
        return None
    shown = {*TABLE_KEYS, *_keys(index), *index["Projection"].get("NonKeyAttributes", [])}
    return {name: value for name, value in item.items() if name in shown}


def _keys(index: Item) -> list[str]:
    return [part["AttributeName"] for part in index["KeySchema"]]
