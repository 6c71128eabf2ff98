"""moto emulates DynamoDB, SQS and EventBridge in process. This module replaces its slow parts with equal results.

Before a transaction moto copies the whole table, once for each item of the transaction. Here only the items that the
transaction writes are copied, and restored if it is canceled. In an answer, moto looks for each of the ten types of an
attribute, under several names. Here it reads the present type only. For a query, moto sorts the table and converts both
keys at each comparison. Here the keys are compared as text. A scan through the client takes fifty times as long as
reading the emulator's memory, and so does a queue with many messages.
"""

import copy
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from moto import mock_aws
from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

from loyalty.store.attributes import Item


@contextmanager
def emulated_aws() -> Iterator[None]:
    """An empty account. A second account inside the first one is the same account."""
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("moto.dynamodb.models.copy", SimpleNamespace(deepcopy=_copy))
        patch.setattr(DynamoDBBackend, "transact_write_items", _transact)
        patch.setattr(Table, "all_items", _sorted_items)
        patch.setattr(BaseJSONSerializer, "_serialize_type_structure", _serialize)
        yield


def stored_items(table: str) -> list[Item]:
    """All items of the table, read from the emulator's memory."""
    tables = get_backend("dynamodb")[DEFAULT_ACCOUNT_ID]["us-east-1"].tables
    return [{name: _plain(value) for name, value in item.attrs.items()} for item in tables[table].all_items()]


def take_bodies(queue_url: str) -> list[str]:
    """Takes all messages of the queue whose delay is over, and returns their bodies, from the emulator's memory."""
    queue = get_backend("sqs")[DEFAULT_ACCOUNT_ID]["us-east-1"].get_queue(queue_url.rsplit("/", 1)[-1])
    taken = queue.messages
    queue._messages = [message for message in queue._messages if message not in taken]
    return [message.body for message in taken]


def _plain(value: Any) -> Any:
    if value.type == "L":
        return {"L": [_plain(one) for one in value.value]}
    if value.type == "M":
        return {"M": {name: _plain(one) for name, one in value.value.items()}}
    if value.type == "B" and isinstance(value.value, str):
        return {"B": b64decode(value.value)}
    return {value.type: value.value}


def _copy(value: Any) -> Any:
    """Does not copy a table: `_transact` restores the items of a canceled transaction."""
    return value if isinstance(value, Table) else copy.deepcopy(value)


_moto_transact = DynamoDBBackend.transact_write_items


def _transact(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    images = []
    for item in transact_items:
        (operation,) = item.values()
        table = backend.get_table(operation["TableName"])
        hash_key, range_key = backend.get_keys_value(table, operation.get("Key") or operation["Item"])
        images.append((table, hash_key, range_key, copy.deepcopy(table.get_item(hash_key, range_key))))
    try:
        _moto_transact(backend, transact_items)
    except Exception:
        for table, hash_key, range_key, image in images:
            items: Any = table.items[hash_key]
            if image is None:
                items.pop(range_key, None)
            else:
                items[range_key] = image
        raise


def _sorted_items(table: Table) -> list[Any]:
    places: Any = table.items.values()
    items = (item for place in places for item in place.values())
    return sorted(items, key=lambda item: (item.hash_key.value, item.range_key.value))


_moto_serialize = BaseJSONSerializer._serialize_type_structure


def _serialize(serializer: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
    if shape.name != "AttributeValue" or not isinstance(value, dict):
        _moto_serialize(serializer, serialized, value, shape, key)
        return
    attribute: dict[str, Any] = {}
    for kind, part in value.items():
        serializer._serialize(attribute, part, shape.members[kind], kind)
    serializer._default_serialize(serialized, attribute, shape, key)
