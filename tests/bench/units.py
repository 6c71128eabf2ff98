"""What requests cost, counted from the sizes of their items: an emulator's own figures are wrong."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
from tests.bench.wire import Exchange, tapped, unseen
from tests.support.capacity import read_units, stored_bytes, write_units
from tests.support.item_size import item_size

Item = dict[str, Any]
Place = tuple[str, Item]
EXPIRING = {"expiration", "expiresAt"}
"""The attributes with the instant after which DynamoDB removes an item."""


@dataclass
class Meter:
    """Counts what DynamoDB bills. `client` reads items before and after each write, unseen."""

    client: "DynamoDBClient"
    requests: list[str] = field(default_factory=list)
    reads: float = 0
    """Read units."""
    writes: int = 0
    """Write units."""
    stored: int = 0
    """The bytes of storage that were added, without items that expire."""
    _before: list[Item | None] = field(default_factory=list)
    _tables: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def before(self, exchange: Exchange) -> None:
        self._before = [self._item(place) for place in _written(exchange)]

    def after(self, exchange: Exchange) -> None:
        self.requests.append(exchange.operation)
        self.reads += self._reads(exchange)
        places = _written(exchange)
        # A transaction reports the actions that failed; the writes of the others cost the same.
        transactional = exchange.operation.startswith("Transact")
        for place, old in zip(places, self._before, strict=True):
            table = self._table(place[0])
            if exchange.status == 200:
                new = self._item(place)
                self.writes += write_units(table, old, new, transactional=transactional)
                self.stored += _kept_bytes(table, new) - _kept_bytes(table, old)
            else:
                # AWS: a conditional write that fails costs as much as the existing item, or one unit.
                self.writes += write_units(table, old, old, transactional=transactional)

    def _reads(self, exchange: Exchange) -> float:
        request, answer = exchange.request, exchange.answer
        if exchange.status != 200:
            return 0
        match exchange.operation:
            case "GetItem":
                return read_units(item_size(answer.get("Item", {})), consistent=request.get("ConsistentRead", False))
            case "Query":
                size = sum(map(item_size, answer["Items"]))
                return read_units(size, consistent=request.get("ConsistentRead", False))
            case "BatchGetItem":
                return sum(
                    read_units(
                        item_size(self._item((table, key)) or {}), consistent=wanted.get("ConsistentRead", False)
                    )
                    for table, wanted in request["RequestItems"].items()
                    for key in wanted["Keys"]
                )
        return 0

    def _item(self, place: Place) -> Item | None:
        table, key = place
        names = [part["AttributeName"] for part in self._table(table)["KeySchema"]]
        key = {name: key[name] for name in names}
        with unseen():
            return self.client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")

    def _table(self, name: str) -> Mapping[str, Any]:
        if name not in self._tables:
            with unseen():
                self._tables[name] = self.client.describe_table(TableName=name)["Table"]
        return self._tables[name]


def _kept_bytes(table: Mapping[str, Any], item: Item | None) -> int:
    return 0 if item is None or EXPIRING & item.keys() else stored_bytes(table, item)


@contextmanager
def metered(client: "DynamoDBClient") -> Iterator[Meter]:
    meter = Meter(client)
    with tapped(meter.before, meter.after):
        yield meter


def _written(exchange: Exchange) -> list[Place]:
    """The table and the key, or the whole item, of each write."""
    request = exchange.request
    match exchange.operation:
        case "PutItem" | "UpdateItem" | "DeleteItem":
            return [_place(request)]
        case "TransactWriteItems":
            return [_place(one) for action in request["TransactItems"] for one in action.values()]
        case "BatchWriteItem":
            return [
                _place({"TableName": table, **one})
                for table, actions in request["RequestItems"].items()
                for action in actions
                for one in action.values()
            ]
    return []


def _place(write: Any) -> Place:
    return write["TableName"], write.get("Key") or write["Item"]
