"""The rights of the functions' roles, and the requests to the table that a running function makes with them."""

from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.template import RESOURCES, Json
from tests.support.wire import Answer, Sent


def _of_type(name: str) -> dict[str, Json]:
    return {logical_id: item["Properties"] for logical_id, item in RESOURCES.items() if item["Type"] == name}


POLICIES = _of_type("AWS::IAM::ManagedPolicy")
FUNCTIONS = {Path(function["CodeUri"]).name: function for function in _of_type("AWS::Serverless::Function").values()}
OF_TRANSACTIONS = {"Put": "PutItem", "Update": "UpdateItem", "ConditionCheck": "ConditionCheckItem"}

OF_POLLING = {f"dynamodb:{name}" for name in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")}
"""Lambda itself reads the stream, with the rights of the function."""

_running: list[str] = []
used: set[tuple[str, str]] = set()
"""The rights to the table that running functions have used in this process, each with the folder of its function."""


def statements(function: Json) -> list[Json]:
    """All statements of the function's role, from named policies and from the function itself."""
    documents = [
        POLICIES[policy["Ref"]]["PolicyDocument"] if "Ref" in policy else policy
        for policy in function.get("Policies", [])
    ]
    return [statement for document in documents for statement in document["Statement"]]


def actions(statement: Json) -> set[str]:
    action = statement["Action"]
    return {action} if isinstance(action, str) else set(action)


def rights(statement: Json) -> set[str]:
    """The actions of the statement, each with its index."""
    _, _, index = statement["Resource"].get("Fn::Sub", "").partition("/index/")
    return {f"{action}/{index}" if index else action for action in actions(statement)}


def granted() -> set[tuple[str, str]]:
    """The rights to the table that the template gives, each with the folder of its function."""
    return {
        (folder, right)
        for folder, function in FUNCTIONS.items()
        for statement in statements(function)
        for right in rights(statement)
        if right.startswith("dynamodb:") and right not in OF_POLLING
    }


def leading_keys(statement: Json) -> set[str]:
    return set(statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"])


@contextmanager
def running(folder: str) -> Iterator[None]:
    """Requests to the table are those of the function, and its role must allow them."""
    _running.append(folder)
    try:
        yield
    finally:
        _running.pop()


def require_rights(sent: Sent) -> Answer:
    """Answers a request only if the role of the running function allows it."""
    for folder in _running[-1:]:
        for right, keys in _used(sent.operation, sent.body):
            # The roles list keys by their heads.
            heads = frozenset("".join(key.partition("#")[:2]) for key in keys)
            assert _is_allowed(folder, right, sent.operation, heads), (
                f"{folder} may not do {right} in {sent.operation} of {sorted(heads)}"
            )
            used.add((folder, right))
    return sent.proceed()


def _used(operation: str, params: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """The rights that the request uses, each with the partition keys that one statement must allow.

    A transaction needs the right of each of its items. A batch needs one right for the keys of all items.
    """
    match operation:
        case "TransactWriteItems":
            for action in params["TransactItems"]:
                ((kind, request),) = action.items()
                yield f"dynamodb:{OF_TRANSACTIONS[kind]}", [(request.get("Key") or request["Item"])["pk"]["S"]]
        case "BatchGetItem":
            for request in params["RequestItems"].values():
                yield "dynamodb:BatchGetItem", [key["pk"]["S"] for key in request["Keys"]]
        case "Query" if "IndexName" in params:
            yield f"dynamodb:Query/{params['IndexName']}", [""]
        case "Query":
            yield "dynamodb:Query", [params["ExpressionAttributeValues"][":pk"]["S"]]
        case _:
            yield f"dynamodb:{operation}", [params["Key"]["pk"]["S"]]


@cache
def _is_allowed(folder: str, right: str, operation: str, keys: frozenset[str]) -> bool:
    return any(
        right in rights(statement) and _is_met(statement.get("Condition", {}), operation, keys)
        for statement in statements(FUNCTIONS[folder])
    )


def _is_met(condition: Json, operation: str, keys: frozenset[str]) -> bool:
    allowed = condition.get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", ["*"])
    operations = condition.get("ForAnyValue:StringEquals", {}).get("dynamodb:EnclosingOperation", [operation])
    return operation in operations and all(any(fnmatchcase(key, one) for one in allowed) for key in keys)
