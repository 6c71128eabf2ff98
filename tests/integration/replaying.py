"""The replay as a command. Its requests are answered by the product's functions."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import pytest

from scripts.replay import __main__ as replay
from scripts.replay import by_events, run
from scripts.replay.api import Api
from tests.support.stack import Stack


def replay_of(
    file: Path,
    stack: Stack,
    state: Path,
    monkeypatch: pytest.MonkeyPatch,
    *options: str,
    currency: str = "GBP",
) -> Callable[[], int]:
    """Returns a run of the command over the file; `state` gets its list of refunds."""

    def answer(request: httpx.Request) -> httpx.Response:
        sent = request.content.decode() or None
        key = request.headers.get("Idempotency-Key")
        path = request.url.raw_path.decode().partition("?")[0]
        answered = stack.http(request.method, path, raw=sent, key=key, query=dict(request.url.params))
        return httpx.Response(answered.status, headers=dict(answered.headers), text=answered.text)

    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("LOYALTY_CURRENCY", currency)
    monkeypatch.setenv("LOYALTY_API_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("LOYALTY_API_KEY", "key")
    # The functions run in this process: new campaigns have an effect at once, and a history does not lag.
    monkeypatch.setattr(by_events, "EFFECT_SECONDS", 0)
    monkeypatch.setattr(run, "LISTING_PAUSE_SECONDS", 0)
    monkeypatch.setattr(replay, "Api", partial(Api, transport=httpx.MockTransport(answer)))
    words = [str(file), "--no-events", "--deep", "--concurrency", "1", "--stack-env", "none", "--state", str(state)]
    words += options
    return partial(replay.main, words)
