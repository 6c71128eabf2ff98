"""Whatever a caller sends to whichever route: a problem that says what is wrong, never a crash, nothing written."""

import base64
import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any
from urllib.parse import quote

import pytest

from loyalty.domain.access import SCOPES
from loyalty.http.routes import ROUTE_SCOPES
from tests.integration.accounts import account
from tests.support.stack import CONTEXT, Answer, Stack, routed
from tests.support.template import ROOT

KEY = "some-key-0001"
DATE = "2030-01-31T12:00:00Z"
ORDER = {
    "amount": 1_000,
    "currency": "EUR",
    "items": [{"productId": "sku-1", "quantity": 1, "amount": 1_000, "lineId": "1"}],
    "metadata": {},
}
SETTINGS = {
    "name": "Another wallet",
    "pointsName": "points",
    "description": "What it is for",
    "type": "INDIVIDUAL",
    "consumptionOrder": "EARLIEST_EXPIRY",
    "pointsDecimals": 0,
    "pointValue": 1,
    "autoEnrol": True,
    "code": {"charset": "NUMERIC", "length": 10, "pattern": "####-####", "prefix": "A", "postfix": "Z"},
    "allowNegativeBalance": False,
    "negativeLimit": 1,
    "expiration": {
        "type": "ROLLING_EXPIRATION",
        "every": 1,
        "unit": "YEAR",
        "rounding": "NONE",
        "month": 1,
        "dates": [{"month": 1, "day": 31}],
        "resetBy": ["EARNING"],
        "events": ["app.opened"],
    },
    "pending": {
        "type": "PERIOD_BASED",
        "every": 1,
        "unit": "DAY",
        "dates": [{"month": 1, "day": 31}],
        "events": ["order.delivered"],
        "cancelAfter": {"every": 1, "unit": "DAY"},
    },
    "earningLimits": {
        "global": {"type": "TIME_BASED", "unit": "DAY", "max": 1, "whenExceeded": "CAP"},
        "transaction": {"maxPoints": 1, "minAmount": 1, "whenExceeded": "CAP"},
    },
    "spendingLimits": {
        "global": {"type": "TIME_BASED", "unit": "DAY", "max": 1, "whenExceeded": "CAP"},
        "transaction": {"maxPoints": 1, "whenExceeded": "CAP"},
    },
    "payWithPoints": {"type": "EXCHANGE_RATIO", "formula": "1"},
    "transfers": {"allowed": True, "countAsSpending": False},
    "refunds": {
        "spent": {"type": "REFUND_AMOUNT", "expiredLots": "GRACE", "graceDays": 1},
        "earned": {"type": "REVOKE_FROM_BALANCE", "mode": "REVOKE_TO_ZERO"},
    },
    "notices": {"expiring": [{"every": 30, "unit": "DAY"}], "activating": [{"every": 1, "unit": "HOUR"}]},
    "metadata": {},
    "addToSchema": False,
}
PERIOD = {"every": 1, "unit": "DAY"}
CREDIT = {
    "points": 10,
    "source": "API",
    "orderId": "#1001",
    "order": ORDER,
    "campaignId": "spring",
    "pointsDescription": "Welcome",
    "activatesAt": DATE,
    "activateAfter": PERIOD,
    "expiresAt": "2031-01-31T12:00:00+01:00",
    "expireAfter": PERIOD,
    "metadata": {},
}
DEBIT = {
    **{name: CREDIT[name] for name in ("points", "source", "orderId", "order", "pointsDescription", "metadata")},
    "allowPartial": False,
}
HOLD = {
    **{name: DEBIT[name] for name in ("points", "source", "orderId", "order", "pointsDescription", "metadata")},
    "expiresAfter": PERIOD,
}
TRANSFER = {
    "toCustomerId": "bob",
    **{name: DEBIT[name] for name in ("points", "source", "pointsDescription", "metadata")},
}
PAYMENT = {
    "order": {"id": "#1001", **ORDER},
    "paymentLimit": {"type": "POINTS_LIMIT", "max": 5},
    "dryRun": False,
    **{name: CREDIT[name] for name in ("source", "pointsDescription", "metadata")},
}
EVENT = {
    "name": "order.delivered",
    "customerId": "ann",
    "eventId": "delivery-1",
    "occurredAt": DATE,
    "orderId": "#1001",
    "properties": {},
}
REFUND = {
    "type": "ITEMS",
    "amount": 100,
    "items": [{"productId": "sku-1", "quantity": 1, "lineId": "1"}],
    "order": ORDER,
    "reason": "Returned",
    "dryRun": False,
}
ADJUSTMENT = {
    "points": 10,
    "reason": "Goodwill",
    "expiresAt": DATE,
    "expireAfter": PERIOD,
    "qualifying": False,
    "metadata": {},
    "dryRun": False,
}
EXPIRY_CHANGE = {
    "expiresAt": DATE,
    "expireAfter": PERIOD,
    "lots": [{"expiresAt": DATE, "issuedOn": "2027-03-01", "points": 1}],
    "reason": "Goodwill",
    "dryRun": False,
}
WAITING = {"orderId": "#1001", "transactionId": "a" * 16 + ".1", "reason": "Goodwill"}


@dataclass(frozen=True, slots=True)
class Request:
    """What a route takes: every field of its body with a well-formed value, and which of them must be there."""

    body: dict[str, Any] | None = None
    required: frozenset[str] = frozenset()
    query: dict[str, str] = field(default_factory=dict)
    bad_query: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def valid(self) -> dict[str, Any] | None:
        """Without the fields that exclude another one."""
        if self.body is None:
            return None
        excluding = ("activateAfter", "expireAfter", "transactionId", "negativeLimit", "amount")
        return {name: value for name, value in self.body.items() if name not in excluding}


def cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


DEFINED = ("order.delivered", "app.opened")
"""Events and expressions that the valid requests name."""


def defined(stack: Stack) -> None:
    for name in DEFINED:
        assert stack.http("PUT", f"/v1/event-definitions/{name}", {}).status == 200
        assert stack.http("PUT", f"/v1/expressions/{name}", {"formula": "2"}).status == 200


def free(path: str, value: Any) -> bool:
    """Whether what is in there is the caller's: no field of it is unknown."""
    return isinstance(value, dict) and path.rsplit(".", maxsplit=1)[-1] in ("metadata", "properties", "cardMetadata")


BAD_IDS = ("a b", " ", "a#b", "#", "a/b", "a%b", "ä", "💥", "a&b", "{x}")
BAD_NUMBERS = ("", "x", "1.5", "-1", "0x10", "1e2", "true", "٣", "9" * 30, "9" * 5_000)
BAD_INSTANTS = (
    "",
    "x",
    "1900000000",
    "2027-01-31",
    "2027-01-31T12:00:00",
    "2027-02-30T12:00:00Z",
    "9999-12-31T23:59:59Z",
)
BAD_CURSORS = (
    "",
    "x",
    "!!!",
    "é",
    "A" * 513,
    cursor(),
    cursor(None),
    cursor(True),
    cursor(1.5),
    cursor(-1),
    cursor(10**200),
    cursor([]),
    cursor({}),
    cursor("\ud800"),
    cursor("a b"),
    cursor("\x7f"),
    cursor(1, 2, 3),
    base64.urlsafe_b64encode(b"[" * 300).decode(),
    base64.urlsafe_b64encode(b"[NaN]").decode(),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
)
PAGE = {"limit": ("0", "101", *BAD_NUMBERS), "cursor": BAD_CURSORS}

WALLET = "/v1/wallets/{walletId}"
CARD = f"{WALLET}/cards/{{customerId}}"
PROPERTY = {"name": "region", "type": "STRING", "required": True}
REQUESTS = {
    "GET /v1/project": Request(),
    "PUT /v1/project": Request(
        {
            "timeZone": "Europe/Berlin",
            "currency": "EUR",
            "metadataSchema": {"wallet": [PROPERTY], "card": [PROPERTY]},
        },
        frozenset({"timeZone", "currency"}),
    ),
    "POST /v1/wallets": Request({**SETTINGS, "status": "ACTIVE"}, frozenset({"name"})),
    "GET /v1/wallets": Request(bad_query={"status": ("", "x", "active"), **PAGE, "cursor": (*BAD_CURSORS, cursor(1))}),
    "POST /v1/wallets/validate": Request({**SETTINGS, "status": "ACTIVE"}, frozenset({"name"})),
    "GET /v1/wallet-settings/schema": Request(),
    "POST /v1/wallets/import": Request(
        {"name": "Another wallet"},
        frozenset({"name"}),
        query={"format": "voucherify"},
        bad_query={"format": ("", "x", "Voucherify"), "status": ("", "x", "active"), "dryRun": ("", "x", "2")},
    ),
    f"POST {WALLET}/preview": Request(SETTINGS),
    f"GET {WALLET}": Request(),
    f"PATCH {WALLET}": Request(SETTINGS),
    f"DELETE {WALLET}": Request(),
    f"POST {WALLET}/activate": Request(),
    f"POST {WALLET}/deactivate": Request(),
    f"POST {WALLET}/copy": Request({"name": "A copy"}, frozenset({"name"})),
    f"GET {WALLET}/versions": Request(bad_query={**PAGE, "cursor": (*BAD_CURSORS, cursor("1"))}),
    f"POST {WALLET}/cards": Request({"customerId": "bob", "code": "A-1", "metadata": {}}, frozenset({"customerId"})),
    f"GET {WALLET}/cards": Request(
        bad_query={**PAGE, "cursor": (*BAD_CURSORS, cursor(1), cursor("ann", 1), cursor(-(10**9), "ann"))}
    ),
    f"GET {CARD}": Request(),
    f"PATCH {CARD}": Request({"status": "BLOCKED", "metadata": {}}),
    "GET /v1/cards/{code}": Request(),
    "GET /v1/customers/{customerId}/cards": Request(),
    f"GET {CARD}/transactions": Request(
        bad_query={
            "type": ("", "x", "credit"),
            "source": ("", "x"),
            "operation": ("", "x", "CREDIT"),
            "bucket": ("", "x"),
            "orderId": ("", "o" * 129),
            "campaignId": ("c" * 65,),
            "from": BAD_INSTANTS,
            "to": BAD_INSTANTS,
            "minPoints": BAD_NUMBERS,
            "maxPoints": BAD_NUMBERS,
            **PAGE,
            "cursor": (*BAD_CURSORS, cursor("1")),
        }
    ),
    f"GET {CARD}/transactions/by-key": Request(
        query={"key": KEY},
        bad_query={"key": ("", "short", "with space", "k" * 65, "schlüssel"), "orderId": ("", "o" * 129)},
    ),
    "GET /v1/transactions/{transactionId}": Request(),
    "GET /v1/transactions/{transactionId}/explain": Request(),
    f"GET {CARD}/verify": Request(),
    f"GET {CARD}/balance": Request(bad_query={"at": BAD_INSTANTS}),
    f"POST {CARD}/credits": Request(CREDIT, frozenset({"points"})),
    f"POST {CARD}/debits": Request(DEBIT, frozenset({"points"})),
    f"POST {CARD}/payments": Request(PAYMENT, frozenset({"order"})),
    f"POST {CARD}/holds": Request(HOLD, frozenset({"points"})),
    f"POST {CARD}/holds/{{holdId}}/capture": Request({"points": 10, "final": True}),
    f"POST {CARD}/holds/{{holdId}}/release": Request(),
    f"POST {CARD}/transfers": Request(TRANSFER, frozenset({"toCustomerId", "points"})),
    f"POST {CARD}/refunds": Request({**REFUND, "orderId": "#1001"}, frozenset({"orderId", "type"})),
    "GET /v1/customers/{customerId}/orders/{orderId}": Request(),
    "POST /v1/customers/{customerId}/orders/{orderId}/refunds": Request(REFUND, frozenset({"type"})),
    f"POST {CARD}/pending/activate": Request(WAITING),
    f"POST {CARD}/pending/cancel": Request(WAITING),
    f"POST {CARD}/adjustments": Request(ADJUSTMENT, frozenset({"points", "reason"})),
    f"POST {CARD}/expiry-changes": Request(EXPIRY_CHANGE, frozenset({"reason"})),
    "POST /v1/transactions/{transactionId}/reversal": Request({"reason": "A mistake", "dryRun": False}),
    "POST /v1/customers/{customerId}/erasure": Request(),
    "POST /v1/events": Request(EVENT, frozenset({"name", "customerId", "eventId"})),
    "POST /v1/events/batch": Request({"events": [EVENT]}, frozenset({"events"})),
    "GET /v1/event-definitions": Request(),
    "GET /v1/event-definitions/{name}": Request(),
    "PUT /v1/event-definitions/{name}": Request(
        {"description": "What it is for", "properties": [{"name": "carrier", "type": "STRING", "required": True}]}
    ),
    "GET /v1/formulas/functions": Request(),
    "POST /v1/formulas/evaluate": Request(
        {"formula": "ORDER_AMOUNT() * 2", "order": ORDER, "cardMetadata": {}}, frozenset({"formula"})
    ),
    "GET /v1/expressions": Request(),
    "GET /v1/expressions/{name}": Request(),
    "PUT /v1/expressions/{name}": Request({"formula": "0.5", "description": "What it is for"}, frozenset({"formula"})),
}
WITH_BODY = [route for route, request in REQUESTS.items() if request.body is not None]
STRICT = [route for route in WITH_BODY if route != "POST /v1/wallets/import"]
"""An import tells what it does not know; it refuses none of it."""
PARTS_REQUIRED = {
    "order.id",
    "order.amount",
    "paymentLimit.type",
    "order.items[0].productId",
    "order.items[0].quantity",
    "order.items[0].amount",
    "activateAfter.every",
    "activateAfter.unit",
    "expireAfter.every",
    "expireAfter.unit",
    "expiresAfter.every",
    "expiresAfter.unit",
    "expiration.type",
    "expiration.dates[0].month",
    "expiration.dates[0].day",
    "pending.type",
    "pending.dates[0].month",
    "pending.dates[0].day",
    "pending.cancelAfter.every",
    "pending.cancelAfter.unit",
    "events[0].name",
    "events[0].customerId",
    "events[0].eventId",
    "properties[0].name",
    "properties[0].type",
    "items[0].productId",
    "items[0].quantity",
    *(f"metadataSchema.{kind}[0].{name}" for kind in ("wallet", "card") for name in ("name", "type")),
    "lots[0].issuedOn",
}
WRONG: dict[type, list[Any]] = {
    int: ["1", 1.5, 1.0, True, [], {}, -1, 10**30, -(10**30)],
    str: [1, 1.5, True, [], {}, "x" * 2_000, "\x00"],
    bool: ["true", 1, 0, [], {}],
    dict: ["x", 1, True, [], [{}]],
    list: ["x", 1, True, {}, {"0": {}}],
}
FREE_TEXTS = {"pointsDescription", "description", "reason", "name", "pointsName", "formula"}
AMOUNTS = ("amount", "order.amount", "order.items[0].amount")


@dataclass
class Project:
    """A wallet and a card that every case finds as the one before left them: untouched."""

    stack: Stack
    ids: dict[str, str]

    def send(
        self,
        route: str,
        *,
        ids: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        key: str | None = KEY,
        **body: Any,
    ) -> Answer:
        """The route's valid request with these changes; a header of None is left out."""
        method, path = route.split(" ")
        request = REQUESTS[route]
        path = path.format(**{name: quote(value, safe="") for name, value in {**self.ids, **(ids or {})}.items()})
        if not body:
            body = {"body": request.valid}
        wanted = {"if-match": '"1"'} if "if-match" in parameters(route, "header") else {}
        sent = {name: value for name, value in {**wanted, **(headers or {})}.items() if value is not None}
        takes_key = "idempotency-key" in parameters(route, "header")
        return self.stack.http(
            method, path, key=key if takes_key else None, headers=sent, query={**request.query, **(query or {})}, **body
        )

    def refused(self, route: str, *, field: str | None = None, code: str | None = None, **changes: Any) -> Answer:
        answer = self.send(route, **changes)
        self.check(answer, route, field, code)
        return answer

    def check(self, answer: Answer, route: str, field: str | None, code: str | None) -> None:
        """What every refusal promises."""
        seen = f"{route}: {answer.status} {answer.text[:1_000]}"
        assert 400 <= answer.status < 500, seen
        assert answer.headers["Content-Type"] == "application/problem+json", seen
        problem = answer.body
        assert problem["type"] == f"urn:loyalty:problem:{problem['code']}"
        assert problem["status"] == answer.status
        assert problem["requestId"].startswith("request-")
        assert problem["title"]
        assert problem["detail"]
        assert len(answer.text) < 64_000, len(answer.text)
        if field is not None:
            assert field in answer.fields(), seen
        if code is not None:
            assert code in {problem["code"], *answer.fields().values()}, seen


# Tests that change the table, in accounts of their own, stand before the first that uses this one: moto knows one
# account at a time.
@pytest.fixture(scope="module")
def standing() -> Iterator[tuple[Project, list[Any]]]:
    with account() as stack, pytest.MonkeyPatch.context() as patch:
        # The index of an emulator is never behind.
        patch.setattr("loyalty.usecases.history.sleep", lambda _: None)
        defined(stack)
        # An event that is not refused would leave a row on the card.
        slides = {"type": "SLIDING_EXPIRATION", "every": 1, "unit": "YEAR", "resetBy": ["CUSTOM_EVENT"]}
        wallet = stack.wallet(expiration={**slides, "events": ["order.delivered"]})
        stack.credit(wallet, 1_000)
        held = stack.hold(wallet, 100, expiresAfter={"every": 31, "unit": "DAY"})
        card = stack.card(wallet)
        ids = {
            "walletId": wallet,
            "holdId": held.body["holdId"],
            "customerId": "ann",
            "code": card["code"],
            "transactionId": f"{card['cardId']}.1",
            "name": "order.delivered",
            "orderId": "#1001",
        }
        yield Project(stack, ids), stack.items()


@pytest.fixture
def project(standing: tuple[Project, list[Any]]) -> Iterator[Project]:
    project, before = standing
    yield project
    assert project.stack.items() == before, "what was refused wrote to the table"


@cache
def operation(route: str) -> Any:
    """The route in the OpenAPI document of its function, with references resolved."""
    method, path = route.split(" ")
    handler_of = routed(method, path.replace("{", "").replace("}", ""))[1]
    app = next(app for app in map(resolver, FOLDERS) if app.lambda_handler is handler_of).app
    document = json.loads(app.get_openapi_json_schema())
    return document["paths"][path][method.lower()], document["components"]["schemas"]


FOLDERS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))


def resolver(folder: str) -> Any:
    return import_module(f"functions.{folder}.app")


def parameters(route: str, place: str) -> set[str]:
    found, _ = operation(route)
    return {parameter["name"] for parameter in found.get("parameters", []) if parameter["in"] == place}


def documented_fields(route: str) -> set[str]:
    """Paths of all fields that the route's body may have."""
    found, schemas = operation(route)
    if "requestBody" not in found:
        return set()

    def below(schema: Any, path: str) -> set[str]:
        if "$ref" in schema:
            return below(schemas[schema["$ref"].rsplit("/", 1)[1]], path)
        paths = {path} if path else set()
        for option in (*schema.get("anyOf", []), *schema.get("allOf", [])):
            paths |= below(option, path)
        for name, part in schema.get("properties", {}).items():
            paths |= below(part, f"{path}.{name}" if path else name)
        if "items" in schema:
            paths |= below(schema["items"], f"{path}[0]")
        return paths

    return below(found["requestBody"]["content"]["application/json"]["schema"], "")


def fields_of(value: Any, path: str = "") -> dict[str, Any]:
    """Every field of a body with its value, by path, but for what is the caller's."""
    found = {path: value} if path else {}
    if isinstance(value, dict) and not free(path, value):
        for name, part in value.items():
            found |= fields_of(part, f"{path}.{name}" if path else name)
    if isinstance(value, list):
        found |= fields_of(value[0], f"{path}[0]")
    return found


def spoiled(body: Any, path: str, change: Any) -> Any:
    """The body with another value at the path; `...` takes the field away."""
    body = deepcopy(body)
    steps: list[Any] = [
        int(step) if step.isdigit() else step for step in path.replace("[", ".").replace("]", "").split(".")
    ]
    place = body
    for step in steps[:-1]:
        place = place[step]
    if change is ...:
        del place[steps[-1]]
    else:
        place[steps[-1]] = change
    return body


def wrong_for(route: str, path: str, value: Any) -> list[Any]:
    text = path.rsplit(".", maxsplit=1)[-1] in FREE_TEXTS
    if (route, path) == (f"POST {CARD}/adjustments", "points"):
        return [wrong for wrong in WRONG[int] if wrong != -1] + [0, 10**12 + 1, -(10**12) - 1]
    taken = ["\x00"] if text else []
    numbers = (int, float) if path == "payWithPoints.formula" else ()
    return [wrong for wrong in WRONG[type(value)] if type(wrong) not in numbers and wrong not in taken]


FIELDS = [(route, path) for route in WITH_BODY for path in fields_of(REQUESTS[route].body)]


def test_every_route_has_its_cases() -> None:
    assert set(REQUESTS) == set(ROUTE_SCOPES)


@pytest.mark.parametrize("route", ROUTE_SCOPES)
def test_the_cases_know_every_field_and_parameter_of_the_route(route: str) -> None:
    request = REQUESTS[route]
    assert documented_fields(route) == set(fields_of(request.body))
    assert parameters(route, "query") == set(request.bad_query)
    assert parameters(route, "header") <= {"idempotency-key", "if-match"}


@pytest.mark.parametrize("route", ROUTE_SCOPES)
def test_the_request_that_the_cases_spoil_is_itself_accepted(route: str, stack: Stack) -> None:
    defined(stack)
    wallet = stack.wallet(transfers={"allowed": True}, payWithPoints=SETTINGS["payWithPoints"])
    if route.endswith("/transfers"):
        stack.credit(wallet, 1, customer="bob")
    credit: dict[str, Any] = {"orderId": "#1001", "order": ORDER}
    if "/pending/" in route:
        credit["activateAfter"] = PERIOD
    if route.endswith("/expiry-changes"):
        credit["expiresAt"] = DATE
    stack.credit(wallet, 1_000, key=KEY, **({} if route.endswith("/reversal") else credit))
    held = stack.hold(wallet, 100)
    card = stack.card(wallet)
    ids = {
        "walletId": wallet,
        "holdId": held.body.get("holdId", "none"),
        "customerId": "ann",
        "code": card["code"],
        "transactionId": f"{card['cardId']}.1",
        "name": "order.delivered",
        "orderId": "#1001",
    }
    query = {"orderId": "#1001"} if route.endswith("by-key") else {}

    body = REQUESTS[route].valid
    if route.endswith("/expiry-changes"):
        body = spoiled(body, "lots[0].issuedOn", card["lots"][0]["issuedOn"])

    answer = Project(stack, ids).send(route, query=query, key="another-key", body=body)

    assert answer.status < 300 or answer.code == "wallet_in_use", answer.text
    if route == "POST /v1/events/batch":
        assert [result["refused"] for result in answer.body["data"]] == [None]


@pytest.mark.parametrize("route", WITH_BODY)
def test_a_null_is_taken_for_absent_or_refused_by_name(route: str, stack: Stack) -> None:
    defined(stack)
    wallet = stack.wallet()
    credit = stack.credit(wallet, 1_000).body["transaction"]["transactionId"]
    hold_id = stack.hold(wallet, 100).body["holdId"]
    ids = {
        "walletId": wallet,
        "customerId": "ann",
        "name": "order.delivered",
        "transactionId": credit,
        "orderId": "#1001",
        "holdId": hold_id,
    }
    etag = 1
    for path in fields_of(REQUESTS[route].valid):
        answer = Project(stack, ids).send(
            route,
            key=f"null-in-{path[-50:]}",
            headers={"if-match": f'"{etag}"'} if "if-match" in parameters(route, "header") else {},
            body=spoiled(REQUESTS[route].valid, path, None),
        )
        etag = int(answer.headers.get("ETag", f'"{etag}"').strip('"'))
        assert answer.status < 500, (path, answer.text)
        if answer.status == 400:
            assert f"body.{path}" in answer.fields(), answer.text


@pytest.mark.parametrize(("route", "path"), FIELDS)
def test_a_field_of_the_wrong_kind_is_named(project: Project, route: str, path: str) -> None:
    body = REQUESTS[route].body
    for wrong in wrong_for(route, path, fields_of(body)[path]):
        project.refused(route, field=f"body.{path}", code="invalid_request", body=spoiled(body, path, wrong))


@pytest.mark.parametrize("route", WITH_BODY)
def test_a_required_field_that_is_missing_or_null_is_named(project: Project, route: str) -> None:
    body = REQUESTS[route].body
    for path in (REQUESTS[route].required | PARTS_REQUIRED) & set(fields_of(body)):
        project.refused(route, field=f"body.{path}", code="required", body=spoiled(body, path, ...))
        project.refused(route, field=f"body.{path}", body=spoiled(body, path, None))


@pytest.mark.parametrize("route", STRICT)
def test_an_unknown_field_is_named_at_every_level(project: Project, route: str) -> None:
    body = REQUESTS[route].body
    objects = [path for path, value in fields_of(body).items() if isinstance(value, dict) and not free(path, value)]
    for path in ("", *objects):
        name = f"{path}.pointz" if path else "pointz"
        project.refused(route, field=f"body.{name}", code="unknown_field", body=spoiled(body, name, 1))
    # Python's own names are none of the API's.
    project.refused(route, field="body.points_name", body={**(body or {}), "points_name": "x"})


@pytest.mark.parametrize("route", WITH_BODY)
def test_a_number_of_five_thousand_digits_is_no_json_of_ours(project: Project, route: str) -> None:
    for path, value in fields_of(REQUESTS[route].body).items():
        if type(value) is int:
            text = json.dumps(spoiled(REQUESTS[route].body, path, "HUGE"))
            project.refused(route, field="body", code="invalid_json", raw=text.replace('"HUGE"', "9" * 5_000))
            project.refused(route, field="body", code="invalid_json", raw=text.replace('"HUGE"', "1e999"))
            project.refused(route, field=f"body.{path}", raw=text.replace('"HUGE"', "1e30"))


@pytest.mark.parametrize("route", WITH_BODY)
def test_a_decimal_amount_is_told_of_minor_units(project: Project, route: str) -> None:
    body = REQUESTS[route].body
    for path in set(AMOUNTS) & set(fields_of(body)):
        answer = project.refused(route, field=f"body.{path}", code="minor_units", body=spoiled(body, path, 12.5))
        assert "minor units" in answer.body["errors"][0]["message"]


@pytest.mark.parametrize("route", WITH_BODY)
def test_metadata_has_two_kilobytes_at_most(project: Project, route: str) -> None:
    body = REQUESTS[route].body
    for path in [path for path, value in fields_of(body).items() if free(path, value)]:
        large = spoiled(body, path, {"text": "ü" * 1_024})
        project.refused(route, field=f"body.{path}", code="metadata_too_large", body=large)


@pytest.mark.parametrize("route", [route for route in WITH_BODY if "order" in (REQUESTS[route].body or {})])
def test_an_order_has_a_thousand_lines_of_eight_kilobytes_at_most(project: Project, route: str) -> None:
    body = REQUESTS[route].body
    line = {"productId": "p", "quantity": 1, "amount": 1}
    project.refused(route, field="body.order.items", body=spoiled(body, "order.items", [line] * 1_001))
    long = [{**line, "productId": f"{'p' * 120}{number}"} for number in range(80)]
    project.refused(route, field="body.order.items", code="order_too_large", body=spoiled(body, "order.items", long))


@pytest.mark.parametrize("route", STRICT)
def test_thousands_of_wrong_fields_make_no_answer_of_megabytes(project: Project, route: str) -> None:
    project.refused(route, body={**(REQUESTS[route].body or {}), **{f"f{number}": 1 for number in range(5_000)}})


DEEP = "[" * 5_000 + "]" * 5_000
NO_JSON = {
    "space": " ",
    "half": '{"points": 1',
    "single quotes": "{'points': 1}",
    "two documents": "{}{}",
    "trailing comma": '{"points": 1,}',
    "byte order mark": "\ufeff{}",
    "NaN": '{"points": NaN}',
    "infinity": '{"points": -Infinity}',
    "huge float": '{"points": 1e999}',
    "control character": '{"name": "a\nb"}',
    "lone surrogate in a value": '{"name": "\\ud800"}',
    "lone surrogate in a name": '{"\\udfff": 1}',
    "lone surrogate in the text": '{"name": "\ud800"}',
    "a name twice": '{"points": 1, "points": 2}',
    "deep arrays": DEEP,
    "deep objects": '{"metadata":' * 5_000 + "1" + "}" * 5_000,
    "deep metadata": f'{{"metadata": {"[" * 21}{"]" * 21}}}',
    "quite deep metadata": f'{{"metadata": {"[" * 900}{"]" * 900}}}',
}


@pytest.mark.parametrize("route", WITH_BODY)
def test_a_body_that_is_no_object_is_refused(project: Project, route: str) -> None:
    valid = json.dumps(REQUESTS[route].valid)
    for raw in ("[]", "[{}]", f"[{valid}]", json.dumps(valid), "5", '"x"', "true", "null", ""):
        project.refused(route, field="body", code="invalid_request", raw=raw)


@pytest.mark.parametrize("route", ROUTE_SCOPES)
def test_a_body_that_is_no_json_is_refused(project: Project, route: str) -> None:
    for raw in NO_JSON.values():
        project.refused(route, field="body", code="invalid_json", raw=raw)


@pytest.mark.parametrize("route", ROUTE_SCOPES)
def test_a_body_beyond_64_kilobytes_is_refused(project: Project, route: str) -> None:
    large = json.dumps({"metadata": {"text": "ü" * 35_000}}, ensure_ascii=False)
    assert project.refused(route, code="body_too_large", raw=large).status == 413


@pytest.mark.parametrize("route", ROUTE_SCOPES)
def test_a_body_of_another_content_type_is_refused(project: Project, route: str) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json", "", "\x00"):
        answer = project.refused(
            route, code="unsupported_content_type", raw="{}", headers={"content-type": content_type}
        )
        assert answer.status == 415


@pytest.mark.parametrize("route", ROUTE_SCOPES)
def test_base64_that_the_gateway_would_not_send_is_refused(project: Project, route: str) -> None:
    for raw in ("A", "!", "====", base64.b64encode(b"\xff\xfe").decode(), base64.b64encode(b"{").decode()):
        project.check(as_base64(project, route, raw), route, "body", "invalid_json")
    large = base64.b64encode(b'"' + b"x" * 70_000 + b'"').decode()
    project.check(as_base64(project, route, large), route, None, "body_too_large")


def test_a_body_in_base64_is_the_body(project: Project) -> None:
    """As the gateway sends what it takes for binary: judged like any other."""
    raw = base64.b64encode(json.dumps({"points": -1}).encode()).decode()
    route = f"POST {CARD}/credits"
    project.check(as_base64(project, route, raw), route, "body.points", "invalid_request")


def as_base64(project: Project, route: str, raw: str) -> Answer:
    method, path = route.split(" ")
    _, handler, ids = routed(method, path.format(**project.ids))
    event = {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path.format(**project.ids),
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "idempotency-key": KEY, "if-match": '"1"'},
        "pathParameters": ids,
        "requestContext": {
            "requestId": "request-64",
            "routeKey": route,
            "stage": "$default",
            "http": {"method": method, "path": path},
            "authorizer": {"lambda": {"keyId": "key_test", "scopes": "*"}},
        },
        "body": raw,
        "isBase64Encoded": True,
    }
    answer = handler(event, CONTEXT)
    return Answer(answer["statusCode"], answer.get("headers", {}), answer.get("body") or "")


IDS = [(route, name) for route in ROUTE_SCOPES for name in re.findall(r"{(\w+)}", route)]


@pytest.mark.parametrize(("route", "name"), IDS)
def test_an_id_that_can_be_none_is_named(project: Project, route: str, name: str) -> None:
    unprintable = ("a\n", "a\x00b", "x" * 129)
    for bad in unprintable if name == "orderId" else (*unprintable, *BAD_IDS):
        project.refused(route, field=f"path.{name}", code="invalid_request", ids={name: bad})
    if name not in ("customerId", "orderId"):
        project.refused(route, field=f"path.{name}", ids={name: "x" * 65})


@pytest.mark.parametrize("route", ROUTE_SCOPES)
def test_an_id_that_nothing_has_is_not_found(project: Project, route: str) -> None:
    unknown = {
        "walletId": "wal_unknown",
        "customerId": "nobody",
        "code": "unknown",
        "transactionId": f"{'A' * 16}.1",
        "holdId": f"{'A' * 16}.1",
        "name": "unknown",
        "orderId": "unknown",
    }
    ids = {name: unknown[name] for name in re.findall(r"{(\w+)}", route)}
    if ids and route != "GET /v1/customers/{customerId}/cards" and not route.startswith("PUT "):
        assert project.refused(route, ids=ids).status == 404


QUERIES = [(route, name) for route in ROUTE_SCOPES for name in REQUESTS[route].bad_query]


@pytest.mark.parametrize(("route", "name"), QUERIES)
def test_a_query_parameter_that_is_wrong_is_named(project: Project, route: str, name: str) -> None:
    for bad in REQUESTS[route].bad_query[name]:
        project.refused(route, field=f"query.{name}", query={name: bad})


@pytest.mark.parametrize("route", [route for route in ROUTE_SCOPES if "idempotency-key" in parameters(route, "header")])
def test_an_idempotency_key_that_can_be_none_is_named(project: Project, route: str) -> None:
    keys = ["short", "k" * 65, "with spaces", "schlüssel", "tab\tkeytab", "key\x7f-key-key", "        "]
    for bad in keys:
        project.refused(route, field="header.idempotency-key", code="invalid_request", key=bad)
    if route not in ("POST /v1/wallets", "POST /v1/wallets/import"):
        project.refused(route, field="header.idempotency-key", code="required", key=None)


@pytest.mark.parametrize("route", [route for route in ROUTE_SCOPES if "if-match" in parameters(route, "header")])
def test_an_etag_that_can_be_none_is_named(project: Project, route: str) -> None:
    for bad in ("x", '"x"', "*", "1.5", "-", '"', '"1", "2"', "9" * 65, "\x00"):
        project.refused(route, field="header.if-match", code="invalid_request", headers={"if-match": bad})
    stale = project.refused(route, code="precondition_failed", headers={"if-match": '"7"'})
    assert stale.status == 412
    if not route.startswith("DELETE"):
        missing = project.refused(route, code="precondition_required", headers={"if-match": None})
        assert missing.status == 428


@pytest.mark.parametrize("route", ROUTE_SCOPES)
def test_a_key_without_the_routes_scope_is_refused_before_anything_else(project: Project, route: str) -> None:
    others = " ".join(sorted(SCOPES - {ROUTE_SCOPES[route]}))
    for scopes in ("", others):
        project.stack.scopes = scopes
        try:
            answer = project.refused(route, code="scope_missing", raw="{")
        finally:
            project.stack.scopes = "*"
        assert answer.status == 403
        assert ROUTE_SCOPES[route] in answer.body["detail"]


@pytest.mark.parametrize(
    ("both", "field_name"),
    [
        ({"activatesAt": DATE, "activateAfter": PERIOD}, "body.activateAfter"),
        ({"expiresAt": DATE, "expireAfter": PERIOD}, "body.expireAfter"),
        ({"order": ORDER}, "body.orderId"),
        ({"expireAfter": {"every": 11, "unit": "YEAR"}}, "body.expireAfter.every"),
        ({"activateAfter": {"every": 3_651, "unit": "DAY"}}, "body.activateAfter.every"),
    ],
)
def test_fields_that_do_not_go_together_are_named(project: Project, both: dict[str, Any], field_name: str) -> None:
    project.refused(f"POST {CARD}/credits", field=field_name, body={"points": 1, **both})


@pytest.mark.parametrize(
    "period",
    [
        {"every": 44_641, "unit": "MINUTE"},
        {"every": 745, "unit": "HOUR"},
        {"every": 32, "unit": "DAY"},
        {"every": 5, "unit": "WEEK"},
        {"every": 2, "unit": "MONTH"},
        {"every": 0, "unit": "DAY"},
    ],
)
def test_a_hold_lasts_31_days_at_most(project: Project, period: dict[str, Any]) -> None:
    body = {"points": 1, "expiresAfter": period}
    project.refused(f"POST {CARD}/holds", field="body.expiresAfter.every", body=body)


def test_no_hold_lasts_years(project: Project) -> None:
    body = {"points": 1, "expiresAfter": {"every": 1, "unit": "YEAR"}}
    project.refused(f"POST {CARD}/holds", field="body.expiresAfter.unit", code="invalid_request", body=body)


@pytest.mark.parametrize("points", [0, 10**12 + 1])
def test_points_of_a_hold_are_within_bounds(project: Project, points: int) -> None:
    project.refused(f"POST {CARD}/holds", field="body.points", body={"points": points})
    project.refused(f"POST {CARD}/holds/{{holdId}}/capture", field="body.points", body={"points": points})


@pytest.mark.parametrize("taker", ["", "a b", "a#b", "a/b", "\u00e4nn", "a" * 129])
def test_a_taker_that_can_be_nobody_is_named(project: Project, taker: str) -> None:
    body = {"points": 1, "toCustomerId": taker}
    project.refused(f"POST {CARD}/transfers", field="body.toCustomerId", code="invalid_request", body=body)


def test_nobody_gives_points_to_himself(project: Project) -> None:
    body = {"points": 1, "toCustomerId": "ann"}
    assert project.refused(f"POST {CARD}/transfers", code="transfer_to_self", body=body).status == 422


@pytest.mark.parametrize(
    "text", [*BAD_INSTANTS, "0001-01-01T00:00:00+23:59", "2200-01-01T00:00:00Z", "2027-01-31 12:00:00Z"]
)
def test_an_instant_is_a_text_of_rfc_3339(project: Project, text: str) -> None:
    for name in ("activatesAt", "expiresAt"):
        project.refused(f"POST {CARD}/credits", field=f"body.{name}", body={"points": 1, name: text})


ANNUAL = {"month": 1, "day": 31}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("consumptionOrder", ["LATEST_EXPIRY", "earliest_expiry", ""]),
        ("negativeLimit", [0, 10**15 + 1]),
        ("expiration.type", ["ROLLING", "EXPIRES", ""]),
        ("expiration.unit", ["QUARTER", "day", ""]),
        ("expiration.every", [0, 525_601]),
        ("expiration.rounding", ["END_OF_WEEK", ""]),
        ("expiration.month", [0, 13]),
        ("expiration.dates", [[ANNUAL] * 21]),
        ("expiration.dates[0]", ["31 January", [1, 31], {"month": 1, "day": 31, "year": 2027}]),
        ("expiration.dates[0].month", [0, 13]),
        ("expiration.dates[0].day", [0, 32]),
        ("expiration.resetBy", [["EARNING"] * 4]),
        ("expiration.resetBy[0]", ["LOGIN", "earning", ""]),
        ("expiration.events", [["app.opened"] * 21]),
        ("expiration.events[0]", ["", "app opened", "app#opened", "\u00e4pp", "a" * 65]),
        ("pending.type", ["PENDING", "IMMEDIATELY", ""]),
        ("pending.unit", ["QUARTER", ""]),
        ("pending.dates", [[ANNUAL] * 21]),
        ("pending.dates[0].day", [0, 32]),
        ("pending.events", [["order.delivered"] * 21]),
        ("pending.events[0]", ["", "order delivered", "a/b", "a" * 65]),
        ("pending.cancelAfter.every", [0, 525_601]),
        ("pending.cancelAfter.unit", ["QUARTER", ""]),
        ("earningLimits.global.type", ["SPENDING_BASED", "LIMIT", ""]),
        ("earningLimits.global.unit", ["HOUR", "MINUTE", ""]),
        ("earningLimits.global.max", [0, 10**15 + 1]),
        ("earningLimits.global.whenExceeded", ["CUT", ""]),
        ("earningLimits.transaction.maxPoints", [0, 10**13]),
        ("earningLimits.transaction.minAmount", [10**12 + 1]),
        ("earningLimits.transaction.whenExceeded", ["cap", ""]),
        ("spendingLimits.global.type", ["BALANCE_BASED", "LIMIT", ""]),
        ("spendingLimits.global.unit", ["HOUR", ""]),
        ("spendingLimits.global.max", [0, 10**15 + 1]),
        ("spendingLimits.global.whenExceeded", ["CUT", ""]),
        ("spendingLimits.transaction.maxPoints", [0, 10**13]),
        ("spendingLimits.transaction.whenExceeded", ["cap", ""]),
        ("payWithPoints.type", ["PAYMENTS", ""]),
        ("payWithPoints.formula", ["", "1" * 501, 0.1234567890123456]),
    ],
)
def test_a_value_that_a_setting_cannot_have_is_named(project: Project, path: str, values: list[Any]) -> None:
    for route in ("POST /v1/wallets", "POST /v1/wallets/validate", f"POST {WALLET}/preview", f"PATCH {WALLET}"):
        for value in values:
            answer = project.refused(route, code="invalid_request", body=spoiled(SETTINGS, path, value))
            assert any(field.startswith(f"body.{path}") for field in answer.fields()), answer.text


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("name", ["", "order delivered", "order/delivered", "\u00e4", "a" * 65]),
        ("customerId", ["", "a b", "a#b", "\u00e4nn", "a" * 129]),
        ("eventId", ["", "event 1", "event\n", "\u00e9vent", "e" * 129]),
        ("occurredAt", list(BAD_INSTANTS)),
        ("orderId", ["", "o" * 129, "a\x00"]),
    ],
)
def test_an_event_is_refused_by_name_and_its_batch_with_it(project: Project, path: str, values: list[Any]) -> None:
    for value in values:
        event = {**EVENT, path: value}
        project.refused("POST /v1/events", field=f"body.{path}", code="invalid_request", body=event)
        # Of a malformed body nothing is done, though its first event is fine.
        project.refused("POST /v1/events/batch", field=f"body.events[1].{path}", body={"events": [EVENT, event]})


def test_a_batch_has_a_hundred_events_at_most_and_one_at_least(project: Project) -> None:
    small = {"name": "order.delivered", "customerId": "ann"}
    many = [{**small, "eventId": f"event-{number}"} for number in range(101)]
    for events in ([], many):
        project.refused("POST /v1/events/batch", field="body.events", body={"events": events})


def test_an_event_that_the_project_does_not_know_is_refused(project: Project) -> None:
    unknown = {**EVENT, "name": "order.deliverd"}
    assert project.refused("POST /v1/events", code="event_not_defined", body=unknown).status == 422
    answer = project.send("POST /v1/events/batch", body={"events": [unknown] * 2})
    assert answer.status == 200
    assert [(result["refused"], result["effects"]) for result in answer.body["data"]] == [("event_not_defined", [])] * 2


@pytest.mark.parametrize(
    ("limit", "field_name"),
    [
        ({"type": "POINTS_LIMIT"}, "body.paymentLimit.max"),
        ({"type": "AMOUNT_LIMIT"}, "body.paymentLimit.max"),
        ({"type": "CARD_BALANCE", "max": 1}, "body.paymentLimit.max"),
        ({"type": "POINTS_LIMIT", "max": 0}, "body.paymentLimit.max"),
        ({"type": "NO_LIMIT"}, "body.paymentLimit.type"),
    ],
)
def test_a_payment_limit_that_says_too_little_or_too_much_is_named(
    project: Project, limit: dict[str, Any], field_name: str
) -> None:
    project.refused(f"POST {CARD}/payments", field=field_name, body={**PAYMENT, "paymentLimit": limit})


def test_a_payment_is_of_an_order_that_costs_something(project: Project) -> None:
    free = {"id": "#1001", "amount": 0}
    project.refused(f"POST {CARD}/payments", field="body.order.amount", body={**PAYMENT, "order": free})


@pytest.mark.parametrize("action", ["activate", "cancel"])
def test_waiting_points_are_named_by_order_or_by_transaction(project: Project, action: str) -> None:
    route = f"POST {CARD}/pending/{action}"
    for body in ({}, {"reason": "Goodwill"}, WAITING):
        project.refused(route, field="body.orderId", code="one_of", body=body)
    for bad in ("", "a" * 16, "a" * 16 + ".0", "a" * 15 + ".1", "a" * 16 + ".1.1", "\u00e4" * 16 + ".1"):
        project.refused(route, field="body.transactionId", code="invalid_request", body={"transactionId": bad})
    # What is well formed and not there: another card's credit, an unknown order, points that are active.
    project.refused(route, code="transaction_not_found", body={"transactionId": WAITING["transactionId"]})
    project.refused(route, code="order_not_found", body={"orderId": "#1001"})
    project.refused(route, code="nothing_pending", body={"transactionId": project.ids["transactionId"]})


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("timeZone", ["", "Berlin", "europe/berlin", "Europe/../Europe/Berlin", "/etc/passwd", "posixrules", "CET-1"]),
        ("currency", ["", "eur", "EURO", "€"]),
        ("metadataSchema.wallet[0].name", ["", "x" * 65]),
        ("metadataSchema.card[0].type", ["TEXT", "string", ""]),
        ("metadataSchema.wallet", [[{**PROPERTY, "name": f"p{number}"} for number in range(51)]]),
        ("metadataSchema.card", [[PROPERTY, PROPERTY]]),
    ],
)
def test_a_project_is_refused_by_name(project: Project, path: str, values: list[Any]) -> None:
    for value in values:
        body = spoiled(REQUESTS["PUT /v1/project"].body, path, value)
        project.refused("PUT /v1/project", field=f"body.{path}", code="invalid_request", body=body)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("description", ["x" * 1_001]),
        ("properties[0].name", ["", "x" * 65]),
        ("properties[0].type", ["TEXT", "string", ""]),
    ],
)
def test_an_event_definition_is_refused_by_name(project: Project, path: str, values: list[Any]) -> None:
    route = "PUT /v1/event-definitions/{name}"
    for value in values:
        project.refused(route, field=f"body.{path}", body=spoiled(REQUESTS[route].body, path, value))


def test_an_event_has_fifty_properties_of_different_names(project: Project) -> None:
    route = "PUT /v1/event-definitions/{name}"
    many = [{"name": f"p{number}", "type": "STRING"} for number in range(51)]
    project.refused(route, field="body.properties", body={"properties": many})
    twice = [{"name": "carrier", "type": "STRING"}, {"name": "carrier", "type": "NUMBER"}]
    project.refused(route, field="body.properties", code="repeated", body={"properties": twice})


@pytest.mark.parametrize(
    ("route", "body", "field_name", "code"),
    [
        ("adjustments", {"points": -1, "reason": "r", "expiresAt": DATE}, "body.expiresAt", "not_taken"),
        ("adjustments", {"points": -1, "reason": "r", "expireAfter": PERIOD}, "body.expireAfter", "not_taken"),
        ("adjustments", ADJUSTMENT, "body.expireAfter", "one_of"),
        ("adjustments", {"points": 0, "reason": "r"}, "body.points", "zero"),
        ("adjustments", {"points": 1, "reason": ""}, "body.reason", None),
        ("expiry-changes", {"reason": "r"}, "body.expiresAt", "one_of"),
        ("expiry-changes", {"reason": "r", "expiresAt": None, "expireAfter": PERIOD}, "body.expiresAt", "one_of"),
        ("expiry-changes", {"reason": "r", "expiresAt": DATE, "lots": []}, "body.lots", None),
        ("expiry-changes", {"reason": "r", "expiresAt": "2020-01-31T12:00:00Z"}, None, "invalid_dates"),
        ("expiry-changes", EXPIRY_CHANGE | {"expireAfter": None}, "body.lots[0]", "lot_not_found"),
    ],
)
def test_a_correction_is_refused_by_name(
    project: Project, route: str, body: dict[str, Any], field_name: str | None, code: str | None
) -> None:
    project.refused(f"POST {CARD}/{route}", field=field_name, code=code, body=body)


def test_a_day_is_a_text_that_names_one(project: Project) -> None:
    for bad in ("", "2027-02-30", "2027-3-1", "2027-03-01T00:00:00Z", "20270301", "0000-01-01"):
        body = {"reason": "r", "expiresAt": DATE, "lots": [{"issuedOn": bad}]}
        project.refused(f"POST {CARD}/expiry-changes", field="body.lots[0].issuedOn", body=body)


@pytest.mark.parametrize(
    "route",
    [f"POST {CARD}/adjustments", f"POST {CARD}/expiry-changes", "POST /v1/transactions/{transactionId}/reversal"],
)
def test_a_dry_run_needs_no_key_and_writes_nothing(project: Project, route: str) -> None:
    bodies: dict[str, dict[str, Any]] = {"adjustments": {"points": 5}, "expiry-changes": {"expiresAt": DATE}}
    body = {"reason": "r", "dryRun": True, **bodies.get(route.rsplit("/", 1)[1], {})}

    answer = project.send(route, key=None, body=body)

    assert answer.status == 200, answer.text
    assert answer.body["transaction"] is None
    assert "Location" not in answer.headers
