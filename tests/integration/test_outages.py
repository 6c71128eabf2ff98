"""A table that fails, throttles or does not answer: the answer is 503, and the request may be sent again."""

import contextlib
import json
import socket
from collections import Counter
from collections.abc import Iterator
from itertools import count
from threading import get_ident
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ReadTimeoutError
from moto.core.botocore_stubber import BotocoreStubber

from loyalty.store.store import ATTEMPTS_MAX, READ_SECONDS
from tests.integration.accounts import forget_connections, session
from tests.integration.bad_input.sender import KEY, prepared
from tests.support.requests import ROUTES, example
from tests.support.stack import Answer, Stack

Failure = tuple[int, dict[str, str], str]
"""Status, headers and content of an answer of the database."""


def failure(status: int, code: str) -> Failure:
    content = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code})
    return status, {}, content


INTERNAL_ERROR = failure(500, "InternalServerError")
FAILURES = {
    "internal": INTERNAL_ERROR,
    "unavailable": failure(503, "ServiceUnavailable"),
    "proxy": (502, {}, "<html>Bad Gateway</html>"),
    "throttled": failure(400, "ThrottlingException"),
    "provisioned": failure(400, "ProvisionedThroughputExceededException"),
    "limited": failure(400, "RequestLimitExceeded"),
}

OTHERS = {
    "GET /v1/wallet-settings/schema",
    "GET /v1/formulas/functions",
    "POST /v1/formulas/evaluate",
    "POST /v1/events/batch",
    "GET /v1/search",
}
"""Routes that need no table for their example, answer for each event, or read at once."""
COMMANDS = [
    "POST /v1/wallets/{walletId}/cards/{customerId}/debits",
    "POST /v1/wallets/{walletId}/cards/{customerId}/refunds",
    "POST /v1/wallets/{walletId}/cards/{customerId}/transfers",
    "POST /v1/customers/{customerId}/refunds",
    "POST /v1/customers/{customerId}/redemptions",
    "POST /v1/events",
]


@contextlib.contextmanager
def answering(failure: Failure | None, *operations: str) -> Iterator[None]:
    """The emulator answers requests of these kinds with the failure. None: it sends them to the table's endpoint."""
    answered = BotocoreStubber.process_request

    def answer(stubber: BotocoreStubber, request: AWSPreparedRequest) -> Any:
        target: Any = request.headers["X-Amz-Target"]
        name = target.decode() if isinstance(target, bytes) else target
        return failure if name.partition(".")[2] in operations else answered(stubber, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BotocoreStubber, "process_request", answer)
        yield


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries take no time; each look at the clock takes a second."""
    ticks = count()
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
    monkeypatch.setattr("loyalty.retry.monotonic", lambda: next(ticks))
    monkeypatch.setattr("loyalty.retry.sleep", lambda _: None)


@pytest.fixture
def silent_table(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The table's endpoint accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{server.getsockname()[1]}")
        session().clients.clear()
        forget_connections()
        yield server
    session().clients.clear()
    forget_connections()


@contextlib.contextmanager
def lost(*, after: int = 0) -> Iterator[Counter[int]]:
    """Only so many requests are answered.

    Counts the requests without an answer by thread: those of a thread are sent one after the other.
    """
    sent: Counter[int] = Counter()
    answered, places = BotocoreStubber.process_request, count()

    def lose(stubber: BotocoreStubber, request: AWSPreparedRequest) -> Any:
        if next(places) < after:
            return answered(stubber, request)
        sent[get_ident()] += 1
        raise ReadTimeoutError(endpoint_url=request.url)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BotocoreStubber, "process_request", lose)
        yield sent


def attempts(server: socket.socket) -> int:
    """The connections that the server was offered."""
    server.setblocking(False)
    found = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            found += 1
    return found


def require_busy(answer: Answer) -> None:
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "busy", "1")


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize("operation", ["BatchGetItem", "TransactWriteItems"])
@pytest.mark.parametrize("name", FAILURES)
def test_a_command_answers_busy_if_the_table_fails_and_takes_effect_once_if_sent_again(
    stack: Stack, operation: str, name: str
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    with answering(FAILURES[name], operation):
        require_busy(stack.debit(wallet, 60, key="debit-failed"))
    assert stack.debit(wallet, 60, key="debit-failed").status == 201
    assert stack.debit(wallet, 60, key="debit-failed").headers["Idempotent-Replayed"] == "true"
    assert stack.card(wallet)["balance"]["active"] == 40


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize(("operation", "path"), [("GetItem", ""), ("Query", "/cards/ann/transactions")])
@pytest.mark.parametrize("name", FAILURES)
def test_a_read_answers_busy_if_the_table_fails(stack: Stack, operation: str, path: str, name: str) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    with answering(FAILURES[name], operation):
        require_busy(stack.http("GET", f"/v1/wallets/{wallet}{path}"))


def test_a_table_that_does_not_answer_is_given_up_after_three_seconds_and_pauses(
    stack: Stack, silent_table: socket.socket
) -> None:
    """The test takes this time: its waits are those of production."""
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    with answering(None, "TransactWriteItems"):
        require_busy(stack.debit(wallet, 60, key="debit-failed"))
    assert attempts(silent_table) * READ_SECONDS <= 3
    assert stack.debit(wallet, 60, key="debit-failed").status == 201


@pytest.mark.usefixtures("no_pauses")
def test_every_route_gives_up_after_the_first_request_without_an_answer(stack: Stack) -> None:
    """Otherwise it would wait for each of its requests, and its function would end first."""
    sender = prepared(stack)
    for route in set(ROUTES) - OTHERS:
        forget_connections()
        with lost() as sent:
            require_busy(sender.send(route))
        assert max(sent.values()) <= ATTEMPTS_MAX, route


@pytest.mark.usefixtures("clock", "no_pauses")
@pytest.mark.parametrize("route", COMMANDS)
def test_a_command_gives_up_at_any_of_its_requests(stack: Stack, route: str) -> None:
    sender = prepared(stack, route)
    body = {name: sender.ids.get(name, value) for name, value in example(route).items()}
    for answered in count():
        forget_connections()
        with lost(after=answered) as sent:
            answer = sender.send(route, key=f"{KEY}-{answered}", body=body)
        if not sent:
            break
        require_busy(answer)
        assert max(sent.values()) <= ATTEMPTS_MAX
    assert answer.status < 300
    assert answered >= 3


@pytest.mark.usefixtures("no_pauses")
def test_each_event_of_a_batch_gives_up_after_its_first_request_without_an_answer(stack: Stack) -> None:
    sender = prepared(stack)
    forget_connections()
    with lost() as sent:
        results = sender.send("POST /v1/events/batch").body["data"]
    assert {result["refused"] for result in results} == {"busy"}
    assert sum(sent.values()) <= ATTEMPTS_MAX * len(results)
