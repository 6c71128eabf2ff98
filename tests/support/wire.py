"""The product's requests to the table as they are sent: tests look at them, and delay, change or refuse their answers.

The emulator answers through here. Requests of a test's own clients pass, because the product alone has its user agent.
"""

import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSPreparedRequest

from loyalty.store.store import USER_AGENT

Answer = tuple[int, dict[str, str], str | bytes]
"""Status, headers and content."""


@dataclass(frozen=True, slots=True)
class Sent:
    operation: str
    body: Any
    """The request in the form of boto3."""
    proceed: Callable[[], Answer]
    """Sends the request on, and returns its answer."""


Watcher = Callable[[Sent], Answer]

_watchers: list[tuple[str | None, Watcher]] = []


def watch(operation: str | None, watcher: Watcher) -> None:
    """The watcher answers the product's requests of the kind, or all without one, until the account ends."""
    _watchers.append((operation, watcher))


@contextmanager
def watching(operation: str | None, watcher: Watcher) -> Iterator[None]:
    entry = (operation, watcher)
    _watchers.append(entry)
    try:
        yield
    finally:
        _watchers.remove(entry)


def unwatch() -> None:
    _watchers.clear()


def changing(change: Callable[[Any, dict[str, str]], object]) -> Watcher:
    """A watcher that changes the JSON of each answer, or its headers, in place."""

    def changed(sent: Sent) -> Answer:
        status, headers, content = sent.proceed()
        document = json.loads(content)
        change(document, headers)
        return status, headers, json.dumps(document)

    return changed


def refusal(code: str, **more: Any) -> Answer:
    """An error of the database."""
    document = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code, **more}
    return 400, {}, json.dumps(document)


def answer(request: AWSPreparedRequest, operation: str, body: Any, proceed: Callable[[], Answer]) -> Answer:
    """Answers a request by its watchers, the latest first, and then by the emulator."""
    if not _watchers or not text_of(request.headers.get("User-Agent", "")).startswith(USER_AGENT):
        return proceed()
    for wanted, watcher in _watchers:
        if wanted in (None, operation):
            proceed = _step(watcher, Sent(operation, body, proceed))
    return proceed()


def parse(text: str | bytes) -> Any:
    """The JSON of a request or an answer, with its binary values as bytes."""
    return json.loads(text, object_hook=_with_bytes)


def text_of(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _with_bytes(value: dict[str, Any]) -> dict[str, Any]:
    match value:
        case {"B": str(text)}:
            return {"B": b64decode(text)}
        case {"BS": list(texts)}:
            return {"BS": [b64decode(text) for text in texts]}
    return value


def _step(watcher: Watcher, sent: Sent) -> Callable[[], Answer]:
    return lambda: watcher(sent)
