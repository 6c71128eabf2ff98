"""The log has no contents of requests and events: no text of a body, a query or a stored item, also after a crash."""

import io
import json
import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from loyalty.telemetry import FunctionFailed, logger, metrics
from tests.integration.accounts import forget_connections, session
from tests.integration.bad_input.sender import KEY, prepared
from tests.integration.invoking import invoke
from tests.integration.sweeping import message, settle
from tests.support import wire
from tests.support.requests import ROUTES, WITH_BODY, body_fields, example, parameters, spoiled
from tests.support.stack import Stack
from tests.support.template import ROOT

MARK = "SECRETTEXT"
EVENT = json.loads((ROOT / "events" / "on_custom_event.json").read_text())
WITHOUT_HTTP = (
    "activate_points",
    "authorize",
    "award_members",
    "expire_points",
    "index_orders",
    "on_custom_event",
    "on_tier_changed",
    "publish_events",
    "recalculate_tiers",
    "run_campaigns",
    "settle_cards",
)
OF_TESTS = ("moto", "responses", "werkzeug", "hypothesis")
"""The beginnings of loggers that only tests have."""
WITHOUT_TABLE = {"GET /v1/wallet-settings/schema", "GET /v1/formulas/functions", "POST /v1/formulas/evaluate"}
"""Routes that call no AWS service for their example."""


class Log:
    """All lines that CloudWatch would have: those of the functions' logger, of other loggers, and those of Lambda."""

    def __init__(self, stream: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
        self._stream = stream
        self._capsys = capsys

    def invoke(self, folder: str, event: dict[str, Any]) -> Any:
        """Invokes the function like Lambda, which logs the exception of a failed function."""
        try:
            return invoke(folder, event)
        except Exception:  # noqa: BLE001  # whatever it is, Lambda logs it
            self._stream.write(traceback.format_exc())
            return None

    def clear(self) -> None:
        self._stream.seek(0)
        self._stream.truncate()
        self._capsys.readouterr()

    @property
    def text(self) -> str:
        printed = self._capsys.readouterr()
        return self._stream.getvalue() + printed.out + printed.err


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Log]:
    """The log at DEBUG, for which Lambda gives the root logger a handler and the level, too."""
    stream = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", stream)
    others, root = logging.StreamHandler(stream), logging.getLogger()
    others.addFilter(lambda record: not record.name.startswith(OF_TESTS) and record.name != logger.name)
    root_level = root.level
    root.addHandler(others)
    root.setLevel("DEBUG")
    logger.setLevel("DEBUG")
    try:
        yield Log(stream, capsys)
    finally:
        logger.setLevel("CRITICAL")
        root.setLevel(root_level)
        root.removeHandler(others)


@pytest.fixture
def crashing() -> Iterator[None]:
    """Every call of an AWS service fails with an exception that has contents."""

    def crash(*_: Any, **__: Any) -> Any:
        raise ValueError(f"not valid: {MARK}") from KeyError(MARK)

    events = session().get_component("event_emitter")
    events.register("before-send", crash)
    # Only new clients have the hooks of the session.
    session().clients.clear()
    forget_connections()
    wire.watch(None, crash)
    try:
        yield
    finally:
        events.unregister("before-send", crash)
        session().clients.clear()
        forget_connections()


def marked_bodies(route: str) -> list[Any]:
    """The first example with the mark in each field, valid or not, and with an unknown field."""
    bodies = [{MARK: 1}, {**example(route), MARK: MARK}]
    for path, field in body_fields(route).items():
        mark = {MARK: MARK} if field.is_free else MARK
        bodies.append(spoiled(field.example, path, mark))
    return bodies


@pytest.mark.parametrize("route", ROUTES)
def test_no_log_line_of_a_route_has_contents_of_its_request(stack: Stack, log: Log, route: str) -> None:
    sender = prepared(stack, route)
    for place, body in enumerate(marked_bodies(route) if route in WITH_BODY else [{MARK: MARK}]):
        sender.send(route, body=body, key=f"{KEY}-{place}")
    for name in parameters(route, "query"):
        sender.send(route, query={name: MARK})
    sender.send(route, query={MARK: MARK})
    sender.send(route, key=f"{MARK}-key")
    sender.send(route, headers={"if-match": MARK, "user-agent": MARK})
    sender.send(route, raw=f'{{"{MARK}"')
    sender.send(route, raw=MARK)
    text = log.text
    assert '"answered"' in text
    assert MARK not in text


def test_no_log_line_of_a_crash_has_contents(stack: Stack, log: Log, request: pytest.FixtureRequest) -> None:
    sender = prepared(stack)
    request.getfixturevalue("crashing")
    answers = {route: sender.send(route) for route in ROUTES}
    text = log.text
    assert MARK not in text
    assert not [route for route, answer in answers.items() if MARK in answer.text]
    crashed = {route for route, answer in answers.items() if answer.status == 500}
    assert set(ROUTES) - crashed == WITHOUT_TABLE
    assert text.count('"error":["ValueError","KeyError"]') == len(crashed)
    assert "test_logs.py" in text


def test_every_function_without_http_has_a_case() -> None:
    folders = {
        path.parent.name for path in (ROOT / "functions").glob("*/app.py") if "entry_point" not in path.read_text()
    }
    # The console's function has files alone, and calls no AWS service.
    assert folders - {"console"} == set(WITHOUT_HTTP)


@pytest.mark.parametrize("folder", WITHOUT_HTTP)
@pytest.mark.usefixtures("crashing")
def test_no_log_line_of_a_failed_function_has_contents(log: Log, folder: str, stack: Stack) -> None:
    event = json.loads((ROOT / "events" / f"{folder}.json").read_text())
    log.invoke(folder, event)
    text = log.text
    assert '"ValueError","KeyError"' in text
    assert MARK not in text


@pytest.mark.parametrize("field", [*EVENT["detail"], "occurredAt", "properties", MARK])
def test_no_log_line_has_contents_of_an_event_on_the_bus(stack: Stack, log: Log, field: str) -> None:
    prepared(stack)
    for value in (MARK, f"{MARK} \n", {MARK: MARK}, [MARK], None):
        log.invoke("on_custom_event", {**EVENT, "detail": {**EVENT["detail"], field: value}})
    lines = [line for line in log.text.splitlines() if MARK in line]
    # The id of an event is logged, as ids are.
    assert [line for line in lines if f'"event_id":"{MARK}"' not in line] == []


@pytest.mark.tampered
def test_no_log_line_has_contents_of_a_stored_item(stack: Stack, log: Log) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    (card,) = (item for item in stack.items() if item["sk"]["S"].startswith("CARD#"))
    stack.dynamodb.put_item(TableName="loyalty", Item={**card, "st": {"S": MARK}})
    assert stack.credit(wallet, 1).status == 500
    assert settle(message(wallet)) == [message(wallet)]
    row = {**card, "t": {"S": MARK}, "sk": {"S": f"TXN#{wallet}#-#1"}}
    record = {"eventID": "1", "eventName": "INSERT", "dynamodb": {"NewImage": row}}
    log.invoke("publish_events", {"Records": [record]})
    text = log.text
    assert text.count('"level":"ERROR"') == 3
    assert MARK not in text


def test_the_lines_of_a_request_have_its_id_as_its_answer_has(stack: Stack, log: Log) -> None:
    """docs/operations.md finds a request by this id."""
    sender = prepared(stack)
    refused = sender.send("POST /v1/wallets/{walletId}/cards/{customerId}/debits", body={"points": 0})
    log.invoke("authorize", json.loads((ROOT / "events" / "authorize.json").read_text()))
    lines = [json.loads(line) for line in log.text.splitlines() if '"correlation_id"' in line]
    ids = {line["message"]: line["correlation_id"] for line in lines}
    assert ids["answered"] == refused.body["requestId"]
    assert ids["denied"] == "JKJaXmPLvHcESHA="


def test_a_credit_has_one_short_line_even_at_debug(stack: Stack, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0")
    wallet = stack.wallet()
    stack.credit(wallet, 1)
    log.clear()
    credited = stack.credit(wallet, 100, metadata={MARK: MARK})
    (text,) = log.text.splitlines()
    assert len(text) < 300
    line = json.loads(text)
    logged_at = datetime.fromisoformat(line.pop("timestamp"))
    assert timedelta() <= datetime.now(UTC) - logged_at < timedelta(minutes=1)
    assert line == {
        "level": "INFO",
        "message": "answered",
        "correlation_id": credited.body["transaction"]["requestId"],
        "route": "POST /v1/wallets/{walletId}/cards/{customerId}/credits",
        "key_id": "key_test",
        "walletId": wallet,
        "customerId": "ann",
        "status": 201,
    }


@pytest.mark.parametrize("body", [{"points": 1_000_000}, {"points": 0}])
def test_a_refusal_has_one_line_with_its_code(stack: Stack, log: Log, body: Any) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1)
    log.clear()
    refused = stack.debit(wallet, **body)
    (line,) = map(json.loads, log.text.splitlines())
    assert (line["message"], line["code"], line["status"]) == ("answered", refused.code, refused.status)


def test_a_refusal_before_routing_has_the_line_too(stack: Stack, log: Log) -> None:
    refused = stack.http("GET", "/v1/wallets", query={"limit": "\x00"})
    (line,) = map(json.loads, log.text.splitlines())
    assert (line["message"], line["code"], line["status"]) == ("answered", refused.code, 400)


def test_refusals_are_one_metric_with_the_code_as_a_property(
    stack: Stack, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallet = stack.wallet()
    monkeypatch.delenv("POWERTOOLS_METRICS_DISABLED")
    metrics.clear_metrics()
    log.clear()
    stack.debit(wallet, 1)
    stack.credit(wallet, 1)
    (line,) = [json.loads(line) for line in log.text.splitlines() if "_aws" in line]
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Metrics"] == [{"Name": "refused", "Unit": "Count"}]
    assert directive["Dimensions"] == [["service"]]
    assert (line["refused"], line["code"]) == ([1], "card_not_found")


def test_the_message_of_an_aws_service_is_logged(stack: Stack, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    wallet = stack.wallet()
    monkeypatch.setenv("LOYALTY_TABLE", "missing")
    forget_connections()
    assert stack.http("GET", f"/v1/wallets/{wallet}").status == 500
    assert "ResourceNotFoundException" in log.text


def test_a_failed_function_names_the_kind_of_its_failure(stack: Stack) -> None:
    unknown = {**EVENT, "detail": {**EVENT["detail"], "name": "order.delivered"}}
    with pytest.raises(FunctionFailed, match=r"^event_not_defined$"):
        invoke("on_custom_event", unknown)
