"""A concurrent request between the read and the write of a command."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.support.wire import Answer, Sent, changing, watching

FOREVER = 1_000_000


@contextmanager
def before_next(operation: str, act: Callable[[], object], *, times: int = 1) -> Iterator[None]:
    """Runs `act` right before the product's next requests of the kind. Requests of `act` itself do not count."""
    left, acting = times, False

    def interrupt(sent: Sent) -> Answer:
        nonlocal left, acting
        if left and not acting:
            left -= 1
            acting = True
            try:
                act()
            finally:
                acting = False
        return sent.proceed()

    with watching(operation, interrupt):
        yield
    assert left == 0 or times >= FOREVER, f"{operation} was requested only {times - left} times"


@contextmanager
def unanswered(operation: str, place: int) -> Iterator[None]:
    """The database answers none of the product's requests of the kind from this place on, which is 1 or more."""
    requests = count(1)

    def no_answer() -> None:
        if next(requests) >= place:
            raise ReadTimeoutError(endpoint_url="https://dynamodb")

    with before_next(operation, no_answer, times=FOREVER), no_pauses():
        yield


@contextmanager
def no_pauses() -> Iterator[None]:
    """The SDK's retries take no time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
        yield


@contextmanager
def left_unprocessed(answers: int, *, processed: int = 0) -> Iterator[None]:
    """The product's next answers to BatchGetItem have only so many items; the keys of the others are unprocessed."""
    left = answers

    def leave(parsed: Any, _: object) -> None:
        nonlocal left
        if left:
            left -= 1
            ((table, items),) = parsed["Responses"].items()
            keys = [{"pk": item["pk"], "sk": item["sk"]} for item in items[processed:]]
            parsed["Responses"] = {table: items[:processed]} if processed else {}
            parsed["UnprocessedKeys"] = {table: {"Keys": keys, "ConsistentRead": True}} if keys else {}

    with watching("BatchGetItem", changing(leave)):
        yield
    assert left == 0 or answers >= FOREVER, f"BatchGetItem answered only {answers - left} times"
