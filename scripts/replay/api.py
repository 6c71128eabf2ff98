"""The HTTP API as a patient client uses it: the same key on every attempt, problems kept readable."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from threading import Event
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit

import httpx

from scripts.replay.settings import Settings

TIMEOUT_SECONDS = 30
PAUSE_FIRST_MS = 200
PAUSE_LONGEST_MS = 10_000
RETRY_AFTER_MAX_SECONDS = 30
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Failed(Exception):
    """The API refused, or gave no usable answer, for good: a run lists this order and continues with the next."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Stopped(Exception):
    """The run is being interrupted."""


@dataclass(frozen=True, slots=True)
class Answer:
    body: dict[str, Any]
    is_replay: bool
    attempts: int
    answered_at: datetime
    status: int = HTTPStatus.OK


class Api:
    def __init__(
        self,
        stack: Settings,
        *,
        connections: int,
        attempts_max: int,
        stop: Event,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._attempts_max = attempts_max
        self._stop = stop
        self._client = httpx.Client(
            base_url=stack.api_url,
            headers={"X-Api-Key": stack.api_key},
            timeout=TIMEOUT_SECONDS,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            # A proxy of the environment cannot reach a stack on this machine.
            trust_env=urlsplit(stack.api_url).hostname not in LOOPBACK,
            transport=transport,
        )

    def close(self) -> None:
        self._client.close()

    def pause(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise Stopped

    def post(self, path: str, body: Mapping[str, object], key: str | None = None) -> Answer:
        """Sends the request, with the same key on every attempt. A request without a key must be safe to repeat."""
        return self._send("POST", path, body=body, headers={"Idempotency-Key": key} if key else {})

    def put(self, path: str, body: Mapping[str, object]) -> Answer:
        """Sends the request. It must be safe to repeat."""
        return self._send("PUT", path, body=body)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        return self._send("GET", path, query=query)

    def _send(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        trouble = ""
        for attempt in range(1, self._attempts_max + 1):
            if self._stop.is_set():
                raise Stopped
            retry_after = 0
            try:
                response = self._client.request(method, path, json=body, params=query, headers=headers)
            except httpx.TransportError as error:
                trouble = f"no answer: {type(error).__name__} {error}".strip()
            else:
                if not is_worth_retrying(response.status_code):
                    return answer_of(response, attempt)
                trouble = problem_text(response)
                retry_after = retry_after_seconds(response)
            if attempt < self._attempts_max:
                self._stop.wait(pause_seconds(attempt, retry_after))
        raise Failed(f"gave up after {self._attempts_max} attempts: {trouble}")


def path(*parts: str) -> str:
    return "/".join(quote(part, safe="") for part in ("v1", *parts))


def is_worth_retrying(status: int) -> bool:
    return status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def pause_seconds(attempt: int, retry_after: int) -> float:
    """Returns a pause with full jitter under an exponential ceiling, never shorter than the answer asks for."""
    ceiling_ms = min(PAUSE_FIRST_MS * 2 ** (attempt - 1), PAUSE_LONGEST_MS)
    return retry_after + secrets.randbelow(ceiling_ms + 1) / 1000


def retry_after_seconds(response: httpx.Response) -> int:
    value = response.headers.get("Retry-After", "")
    return min(int(value), RETRY_AFTER_MAX_SECONDS) if value.isdecimal() else 0


def answer_of(response: httpx.Response, attempts: int) -> Answer:
    if not response.is_success:
        raise Failed(problem_text(response), str((json_object(response) or {}).get("code", "")))
    body = json_object(response)
    if body is None:
        raise Failed(f"{response.status_code} without a JSON object: {response.text[:200]}")
    return Answer(
        body=body,
        is_replay=response.headers.get("Idempotent-Replayed", "").lower() == "true",
        attempts=attempts,
        answered_at=date_of(response),
        status=response.status_code,
    )


def date_of(response: httpx.Response) -> datetime:
    try:
        return parsedate_to_datetime(response.headers.get("Date", ""))
    except ValueError:
        return datetime.now(UTC)


def json_object(response: httpx.Response) -> dict[str, Any] | None:
    try:
        body = response.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def problem_text(response: httpx.Response) -> str:
    """Shows a problem document in one line; the gateway's own answers are plain and are shown as they are."""
    problem = json_object(response)
    if problem is None:
        return f"{response.status_code} {response.text[:200]}".strip()
    title = problem.get("title") or problem.get("message") or response.reason_phrase
    parts = [f"{response.status_code} {problem.get('code', '')}".strip() + f": {title}"]
    if problem.get("detail"):
        parts.append(str(problem["detail"]))
    parts += [json.dumps(error, ensure_ascii=False) for error in problem.get("errors") or ()]
    if problem.get("requestId"):
        parts.append(f"requestId {problem['requestId']}")
    return " · ".join(parts)


def malformed(answer: Answer, error: Exception) -> NoReturn:
    raise Failed(f"an answer that does not match the API ({error!r}): {json.dumps(answer.body)[:300]}") from error
