"""A local stack over HTTP, with its stream, queues and schedules: started for the tests, and stopped after them.

With `LOYALTY_STACK_ENV=.local/stack.env`, the tests use a running stack instead.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import httpx
import pytest

ROOT = Path(__file__).parents[2]
STATE = ROOT / ".local-test"
PATIENCE_SECONDS = int(os.environ.get("LOYALTY_PATIENCE", "600"))
"""The end of every wait. It is far away: on a busy machine everything takes longer, and nothing is wrong."""


@dataclass
class Live:
    """The API from the view of a shop."""

    url: str
    key: str
    variables: Mapping[str, str]
    client: httpx.Client
    numbers: Iterator[int] = field(default_factory=count)

    def http(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Sends the request, and sends it again after a 503, as the answer asks.

        On a busy machine, the table may take seconds to answer, and a burst on one card longer than its retries.
        """
        sent = {"X-Api-Key": self.key, **({"Idempotency-Key": key} if key else {}), **(headers or {})}
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = self.client.request(method, f"{self.url}/v1{path}", json=body, headers=sent)
            if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() >= deadline:
                return answer
            time.sleep(int(answer.headers.get("Retry-After", "1")))

    def make_key(self, scopes: str) -> tuple[str, str]:
        """Creates a key like `make key` and returns its id and its text."""
        command = [sys.executable, "-m", "scripts.key", "create", "--name", "test", "--scopes", scopes]
        environment = {**os.environ, **self.variables}
        done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
        description, key = done.stdout.strip().splitlines()[-2:]
        return description.split()[0], key

    def new_key(self, **rights: Any) -> tuple[str, str]:
        """Creates a key with a role or with scopes by HTTP, and returns its id and its text."""
        answer = self.http("POST", "/keys", {"name": "Front desk", **rights}, key=f"key-{uuid4()}")
        assert answer.status_code == 201, answer.text
        return answer.json()["keyId"], answer.json()["key"]

    def wallet(self, **settings: Any) -> str:
        answer = self.http("POST", "/wallets", {"name": f"Test {uuid4()}", **settings}, key=f"wallet-{uuid4()}")
        assert answer.status_code == 201, answer.text
        return str(answer.json()["walletId"])

    def move(self, what: str, wallet: str, customer: str, body: Any, key: str | None = None) -> httpx.Response:
        key = key or f"test-{next(self.numbers)}-{uuid4()}"
        return self.http("POST", f"/wallets/{wallet}/cards/{customer}/{what}", body, key=key)

    def credit(self, wallet: str, customer: str, points: int, **more: Any) -> Any:
        answer = self.move("credits", wallet, customer, {"points": points, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def card(self, wallet: str, customer: str) -> Any:
        answer = self.http("GET", f"/wallets/{wallet}/cards/{customer}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def rows(self, wallet: str, customer: str) -> list[Any]:
        """The card's transactions, oldest first."""
        rows: list[Any] = []
        cursor = ""
        while True:
            page = self.http("GET", f"/wallets/{wallet}/cards/{customer}/transactions?limit=100{cursor}").json()
            rows += page["data"]
            if page["nextCursor"] is None:
                return rows[::-1]
            cursor = f"&cursor={page['nextCursor']}"

    def put_event(self, body: Any) -> None:
        """Sends a custom event over the bus."""
        entry = {
            "EventBusName": self.variables["LOYALTY_BUS"],
            "Source": "shop.orders",
            "DetailType": "Custom Event",
            "Detail": json.dumps(body),
        }
        self.aws("events").put_events(Entries=[entry])

    def aws(self, service: Any) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.variables.get("AWS_ENDPOINT_URL"),
            region_name=self.variables.get("AWS_DEFAULT_REGION", "us-east-1"),
        )


def eventually(what: str, look: Callable[[], Any]) -> Any:
    """Calls `look` until it returns a result, because parts of the stack work asynchronously."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        if found := look():
            return found
        if time.monotonic() >= deadline:
            pytest.fail(f"{what} did not happen within {PATIENCE_SECONDS} seconds")
        time.sleep(0.2)


@contextmanager
def running_stack() -> Iterator[Live]:
    if running := os.environ.get("LOYALTY_STACK_ENV"):
        yield from _connected(_variables(Path(running)))
        return
    command = [sys.executable, "-m", "scripts.local_stack"]
    where = ["--state-dir", str(STATE)]
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("LOYALTY_", "POWERTOOLS_"))}
    try:
        subprocess.run([*command, "start", *where, "--port", "0"], cwd=ROOT, env=plain, check=True)  # noqa: S603
        yield from _connected(_variables(STATE / "stack.env"))
    finally:
        subprocess.run([*command, "stop", *where, "--keep-log"], cwd=ROOT, env=plain, check=True)  # noqa: S603


def _variables(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)


def _connected(variables: Mapping[str, str]) -> Iterator[Live]:
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    with httpx.Client(timeout=PATIENCE_SECONDS, limits=limits) as client:
        yield Live(variables["LOYALTY_API_URL"], variables["LOYALTY_API_KEY"], variables, client)
