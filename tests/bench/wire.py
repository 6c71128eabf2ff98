"""Every request of this process to DynamoDB, whichever code sends it, and its answer.

The requests are seen where botocore gives them to its HTTP session, and where moto answers in its place.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any

from botocore.httpsession import URLLib3Session

from tests.support.wire import parse, text_of

_unseen: ContextVar[bool] = ContextVar("_unseen", default=False)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and, when it is over, its answer. Binary values are bytes."""

    operation: str
    request: Any
    status: int = 0
    answer: Any = None


def _nothing(exchange: Exchange) -> None:
    pass


@contextmanager
def tapped(
    before: Callable[[Exchange], None] = _nothing, after: Callable[[Exchange], None] = _nothing
) -> Iterator[None]:
    """Calls `before` with each request before it leaves, and `after` with its answer.

    An exception of `before` leaves the request unsent, and an exception of `after` loses its answer, as a crash does.
    """
    places: list[tuple[Any, str]] = [(URLLib3Session, "send"), *_of_moto()]
    originals = [(owner, name, getattr(owner, name)) for owner, name in places]
    for owner, name, original in originals:
        setattr(owner, name, _seen(original, before, after))
    try:
        yield
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)


@contextmanager
def unseen() -> Iterator[None]:
    """Requests of the observer itself."""
    token = _unseen.set(True)
    try:
        yield
    finally:
        _unseen.reset(token)


def _seen(
    send: Callable[..., Any], before: Callable[[Exchange], None], after: Callable[[Exchange], None]
) -> Callable[..., Any]:
    @wraps(send)
    def observed(*words: Any, **named: Any) -> Any:
        request = named.get("request", words[-1])
        service, _, operation = text_of(request.headers.get("X-Amz-Target", "")).partition(".")
        # moto's stubber is called with every request once it is imported, also if it emulates nothing.
        if _unseen.get() or not service.startswith("DynamoDB") or not getattr(words[0], "enabled", True):
            return send(*words, **named)
        sent = parse(request.body)
        before(Exchange(operation, sent))
        response = send(*words, **named)
        if response is not None:
            answer = parse(response.content or "{}")
            after(Exchange(operation, sent, response.status_code, answer))
        return response

    return observed


def _of_moto() -> list[tuple[Any, str]]:
    try:
        from moto.core.botocore_stubber import BotocoreStubber  # noqa: PLC0415  # only tests use it
    except ImportError:
        return []
    return [(BotocoreStubber, "__call__")]
