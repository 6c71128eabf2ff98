"""A concurrent request between the read and the write of a command."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from botocore.exceptions import ReadTimeoutError

from tests.integration.metering import product_client

FOREVER = 1_000_000


@contextmanager
def before_next(operation: str, act: Callable[[], object], *, times: int = 1) -> Iterator[None]:
    """Runs `act` right before the product's next requests of the kind. Requests of `act` itself do not count."""
    left, acting = times, False

    def interrupt(**_: Any) -> None:
        nonlocal left, acting
        if left and not acting:
            left -= 1
            acting = True
            try:
                act()
            finally:
                acting = False

    events = product_client().meta.events
    event = f"before-call.dynamodb.{operation}"
    events.register(event, interrupt)
    try:
        yield
    finally:
        events.unregister(event, interrupt)
    assert left == 0 or times >= FOREVER, f"{operation} was requested only {times - left} times"


@contextmanager
def unanswered(operation: str, place: int) -> Iterator[None]:
    """The database does not answer the product's request of the kind at this place, from 1."""
    requests = count(1)

    def no_answer() -> None:
        if next(requests) == place:
            raise ReadTimeoutError(endpoint_url="https://dynamodb")

    with before_next(operation, no_answer, times=place):
        yield


@contextmanager
def left_unprocessed(answers: int, *, processed: int = 0) -> Iterator[None]:
    """The product's next answers to BatchGetItem have only so many items; the keys of the others are unprocessed."""
    left = answers

    def leave(parsed: dict[str, Any], **_: Any) -> None:
        nonlocal left
        if left:
            left -= 1
            ((table, items),) = parsed["Responses"].items()
            keys = [{"pk": item["pk"], "sk": item["sk"]} for item in items[processed:]]
            parsed["Responses"] = {table: items[:processed]} if processed else {}
            parsed["UnprocessedKeys"] = {table: {"Keys": keys, "ConsistentRead": True}} if keys else {}

    events = product_client().meta.events
    events.register("after-call.dynamodb.BatchGetItem", leave)
    try:
        yield
    finally:
        events.unregister("after-call.dynamodb.BatchGetItem", leave)
    assert left == 0 or answers >= FOREVER, f"BatchGetItem answered only {answers - left} times"
