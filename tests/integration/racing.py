"""Somebody else's request in the gap between our read and our write, where a test wants it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3

from loyalty.store import Store
from tests.integration.metering import product_client

FOREVER = 1_000_000


@contextmanager
def before_next(operation: str, act: Callable[[], object], *, times: int = 1) -> Iterator[None]:
    """Lets `act` happen right before the product's next requests of the kind; its own requests pass unseen."""
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
    assert left == 0 or times >= FOREVER, f"{operation} came {times - left} times only"


def rival_store() -> Store:
    """The table as another environment sees it: a client and a cache of its own."""
    return Store(boto3.client("dynamodb"), "loyalty")
