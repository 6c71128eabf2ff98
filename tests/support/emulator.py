"""moto emulates DynamoDB, SQS and EventBridge in process. This module replaces its slow parts with equal results.

Before a transaction moto copies the whole table, once for each item of the transaction. Here only the items that the
transaction updates are copied, and restored if it is canceled. moto reads a condition three times for each item of a
transaction, and an item's size once for each attribute. Here a condition's syntax is read once for all requests, and an
item's size once. In an answer, moto looks for each of the ten types of an attribute, under several names. Here it reads
the present type only. For a query, moto sorts the table and converts both keys at each comparison. Here the keys are
compared as text. A scan through the client takes fifty times as long as reading the emulator's memory, and so does a
queue with many messages.

A request for items is signed, then moto makes a web request of it, and finds its service, account and operation in it.
Here the request has no signature, and moto's operation gets the parameters from its JSON. For each account, moto also
registers every service of AWS for the library `requests`, which the product does not use.
"""

import copy
import json
import pickle
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest
from botocore.hooks import HierarchicalEmitter
from botocore.signers import RequestSigner
from botocore.useragent import UserAgentString
from moto import mock_aws
from moto.backends import get_backend
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.models import DEFAULT_ACCOUNT_ID, botocore_stubber
from moto.core.responses import ActionResult, BaseResponse
from moto.core.serialize import BaseJSONSerializer
from moto.core.utils import camelcase_to_underscores, method_names_from_class
from moto.dynamodb.comparisons import AttributeValue, ConditionExpressionParser
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, LimitedSizeDict
from moto.dynamodb.models.dynamo_type import Item as StoredItem
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

from loyalty.store.attributes import Item
from tests.support import wire

ITEM_OPERATIONS = {
    "BatchGetItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
}
ITEM_SIZE_LIMIT = 405_000
"""In bytes, as moto has it."""


@contextmanager
def emulated_aws() -> Iterator[None]:
    """An empty account. A second account inside the first one is the same account."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("moto.core.models.RESPONSES_METHODS", [])
        patch.setattr("moto.core.responses.method_names_from_class", cache(method_names_from_class))
        patch.setattr("moto.core.responses.camelcase_to_underscores", cache(camelcase_to_underscores))
        patch.setattr(BotocoreStubber, "process_request", _answer)
        patch.setattr(BaseResponse, "_enrich_response", staticmethod(lambda headers, body: (headers, body)))
        patch.setattr(DynamoHandler, "serialized", _serialized)
        patch.setattr(RequestSigner, "sign", lambda *_, **__: None)
        patch.setattr(SigV4Auth, "add_auth", lambda *_: None)
        patch.setattr("loyalty.store.client.HierarchicalEmitter", _hooks)
        patch.setattr(UserAgentString, "to_string", _user_agent)
        patch.setattr("moto.dynamodb.comparisons.ConditionExpressionParser", _Condition)
        patch.setattr(StoredItem, "__init__", _store_item)
        patch.setattr("moto.dynamodb.models.copy", SimpleNamespace(deepcopy=_same))
        patch.setattr(DynamoDBBackend, "transact_write_items", _transact)
        patch.setattr(Table, "all_items", _sorted_items)
        patch.setattr(BaseJSONSerializer, "_serialize_type_structure", _serialize)
        with mock_aws():
            yield
    wire.unwatch()


def stored_items(table: str) -> list[Item]:
    """All items of the table, read from the emulator's memory."""
    return [plain_item(item) for item in _tables()[table].all_items()]


def stored_partition(table: str, pk: str) -> dict[str, Any]:
    """The items of a partition as the emulator keeps them, by sort key, for `plain_item`."""
    items = _tables()[table].items.get(DynamoType({"S": pk}), {})
    return {place.value: item for place, item in items.items()}


def plain_item(item: Any) -> Item:
    return {name: _plain(value) for name, value in item.attrs.items()}


def copied_items(table: str) -> bytes:
    """A copy of all items of the table, for `paste_items`."""
    return pickle.dumps(_tables()[table].items)


def paste_items(table: str, copied: bytes) -> None:
    """Replaces all items of the table by copied ones."""
    # Only `copied_items` makes such bytes.
    _tables()[table].items = pickle.loads(copied)  # noqa: S301


def _tables() -> Any:
    return get_backend("dynamodb")[DEFAULT_ACCOUNT_ID]["us-east-1"].tables


def add_table(name: str, *, keys: Any, attributes: Any, indexes: Any) -> None:
    """Makes a table without a request."""
    get_backend("dynamodb")[DEFAULT_ACCOUNT_ID]["us-east-1"].create_table(
        name,
        schema=keys,
        throughput=None,
        attr=attributes,
        global_indexes=indexes,
        indexes=[],
        streams=None,
        billing_mode="PAY_PER_REQUEST",
        sse_specification=None,
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )


def drop_table(name: str) -> None:
    del _tables()[name]


def make_bus(name: str) -> None:
    get_backend("events")[DEFAULT_ACCOUNT_ID]["us-east-1"].create_event_bus(name)


def make_queue(name: str) -> str:
    """Makes a queue without a request, and returns its URL."""
    get_backend("sqs")[DEFAULT_ACCOUNT_ID]["us-east-1"].create_queue(name)
    return f"https://sqs.us-east-1.amazonaws.com/{DEFAULT_ACCOUNT_ID}/{name}"


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


_moto_answer = BotocoreStubber.process_request
_moto_serialized = DynamoHandler.serialized


def _answer(stubber: BotocoreStubber, request: AWSPreparedRequest) -> Any:
    service, _, operation = _text(request.headers.get("X-Amz-Target", "")).partition(".")
    if not service.startswith("DynamoDB") or operation not in ITEM_OPERATIONS:
        return _moto_answer(stubber, request)
    text: Any = request.body
    body = wire.parse(text)
    return wire.answer(request, operation, body, lambda: _item_answer(request, body))


def _item_answer(request: AWSPreparedRequest, body: Any) -> Any:
    handler = DynamoHandler()
    handler.current_account, handler.region = DEFAULT_ACCOUNT_ID, "us-east-1"
    handler.querystring = {}
    handler.headers = {name: _text(value) for name, value in request.headers.items()}
    handler.response_headers = {"date": format_datetime(datetime.now(UTC), usegmt=True)}
    handler.params = body
    return handler.call_action()


def _hooks() -> Any:
    hooks: Any = HierarchicalEmitter()
    hooks.register("before-send", botocore_stubber)
    return hooks


def _user_agent(text: Any) -> str:
    """The user agent that a client's settings have, or a text that takes no time."""
    return getattr(text._client_config, "_supplied_user_agent", None) or "test"


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _serialized(handler: DynamoHandler, result: ActionResult) -> Any:
    """The answer with items, which has the form of the API. Only moto's exceptions and tables have other forms."""
    if isinstance(result.result, Exception) or handler._get_action() not in ITEM_OPERATIONS:
        return _moto_serialized(handler, result)
    return 200, handler.response_headers, json.dumps(result.result, default=lambda one: b64encode(one).decode())


class _Condition(ConditionExpressionParser):
    """A condition of a request: its syntax with the request's values."""

    def parse(self) -> Any:
        if not self.condition_expression:
            return super().parse()
        names = frozenset((self.expression_attribute_names or {}).items())
        syntax, names_found, values_found = _syntax(self.condition_expression, names)
        self.expr_attr_names_found += names_found
        self.expr_attr_values_found += values_found
        return self._make_op_condition(syntax)

    def _make_operand(self, node: Any) -> Any:
        if node.kind == self.Kind.EXPRESSION_ATTRIBUTE_VALUE:
            return AttributeValue((self.expression_attribute_values or {})[node.text])
        return super()._make_operand(node)


class _Syntax(ConditionExpressionParser):
    """Reads a condition up to its syntax tree, without values."""

    def _lookup_expression_attribute_value(self, name: str) -> Any:
        return name

    def _make_op_condition(self, node: Any) -> Any:
        return node


@cache
def _syntax(expression: str, names: frozenset[tuple[str, str]]) -> tuple[Any, list[str], list[str]]:
    reader = _Syntax(expression, dict(names), None)
    return reader.parse(), reader.expr_attr_names_found, reader.expr_attr_values_found


def _store_item(item: StoredItem, hash_key: DynamoType, range_key: DynamoType | None, attrs: dict[str, Any]) -> None:
    item.hash_key, item.range_key = hash_key, range_key
    item.attrs = LimitedSizeDict({name: DynamoType(value) for name, value in attrs.items()})
    if item.size() > ITEM_SIZE_LIMIT:
        raise ItemSizeTooLarge


def _same(value: Any) -> Any:
    """Copies no table: `_transact` restores its items. Copies no item for a stream: the tables have none."""
    return value


_moto_transact = DynamoDBBackend.transact_write_items


def _transact(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    images = []
    for action in transact_items:
        (operation,) = action.values()
        table = backend.get_table(operation["TableName"])
        hash_key, range_key = backend.get_keys_value(table, operation.get("Key") or operation["Item"])
        item = table.get_item(hash_key, range_key)
        images.append((table, hash_key, range_key, copy.deepcopy(item) if "Update" in action else item))
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
