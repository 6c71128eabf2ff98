"""The cost of commands: the requests that leave the DynamoDB client, and the units that AWS would charge.

AWS, "DynamoDB read and write capacity modes": a transactional write costs two units per started kilobyte of the larger
of the old and the new item; an index entry that is written or removed costs one per started kilobyte. A consistent read
costs one unit per started four kilobytes of each item, also of an absent one, and of all items of a query together.
Another read costs half of it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
from loyalty.store.store import connected_store
from tests.support.item_size import item_size
from tests.support.stack import Stack
from tests.support.template import RESOURCES

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
    events = product_client().meta.events
    keys: list[Any] = []
    olds: list[Item | None] = []

    def current(key: Any) -> Item | None:
        return stack.dynamodb.get_item(TableName="loyalty", Key=key).get("Item")

    def before_parameters(params: dict[str, Any], **_: Any) -> None:
        keys[:] = [_key_of(action) for action in params["TransactItems"]]
        olds[:] = map(current, keys)

    def before_read(params: dict[str, Any], **_: Any) -> None:
        for key, consistent in _keys_read(params):
            meter.read_units += read_units([current(key)], consistent=consistent)

    def after_query(parsed: dict[str, Any], **_: Any) -> None:
        # The product's queries of the table are consistent. No counted operation queries an index.
        meter.read_units += read_units(parsed["Items"], consistent=True)

    def before_call(model: Any, **_: Any) -> None:
        meter.requests.append(model.name)

    def after_call(parsed: dict[str, Any], **_: Any) -> None:
        if "Error" not in parsed:
            meter.writes += zip(olds, map(current, keys), strict=True)

    hooks: list[tuple[str, Any]] = [
        ("provide-client-params.dynamodb.GetItem", before_read),
        ("provide-client-params.dynamodb.BatchGetItem", before_read),
        ("after-call.dynamodb.Query", after_query),
        ("provide-client-params.dynamodb.TransactWriteItems", before_parameters),
        ("before-call.dynamodb", before_call),
        ("after-call.dynamodb.TransactWriteItems", after_call),
    ]
    for event, hook in hooks:
        events.register(event, hook)
    try:
        yield meter
    finally:
        for event, hook in hooks:
            events.unregister(event, hook)


def product_client() -> "DynamoDBClient":
    return connected_store().cards._table._client


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
