"""Somebody else's request in the gap between our read and our write, where a test wants it."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import BaseRouter

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
                with other_environment():
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


@contextmanager
def other_environment() -> Iterator[None]:
    """Puts what Powertools keeps of the request under way aside, as if the rival ran in a process of its own."""
    apps = [
        module.app
        for name, module in list(sys.modules.items())
        if re.fullmatch(r"functions\.\w+\.app", name) and hasattr(module, "app")
    ]
    contexts = [dict(app.context) for app in apps]
    event, context = BaseRouter.current_event, BaseRouter.lambda_context
    for app in apps:
        app.context.clear()
    try:
        yield
    finally:
        for app, kept in zip(apps, contexts, strict=True):
            app.context.clear()
            app.context.update(kept)
        BaseRouter.current_event, BaseRouter.lambda_context = event, context
