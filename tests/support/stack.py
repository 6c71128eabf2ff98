"""The product from the view of its callers: requests, answers and the table. The template decides the functions."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module
from itertools import count
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlencode

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sqs import SQSClient
from loyalty.errors import FIELD_CODES, LoyaltyError
from loyalty.http.routes import ROUTE_SCOPES
from tests.support import emulator
from tests.support.emulator import stored_items
from tests.support.requests import DOCUMENT, operation
from tests.support.rights import running
from tests.support.template import RESOURCES

CONTEXT: Any = SimpleNamespace(
    function_name="test",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:test",
    aws_request_id="request",
    get_remaining_time_in_millis=lambda: 10_000,
)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text) if self.text else None

    @property
    def code(self) -> str:
        return str(self.body["code"])

    def fields(self) -> dict[str, str]:
        """The codes of a problem's field errors, by field."""
        return {error["field"]: error["code"] for error in self.body["errors"]}


@dataclass
class Stack:
    dynamodb: "DynamoDBClient"
    sqs: "SQSClient"
    events: "EventBridgeClient"
    settle_url: str
    failures_url: str
    award_url: str
    recalculation_url: str
    scopes: str = "*"
    """The scopes of the test's key, separated by spaces, as the authorizer writes them."""
    adjustment_max: int | None = None
    """The most points that the test's key may move by hand at once."""
    _numbers: Any = field(default_factory=count)

    def http(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        raw_query: str | None = None,
        raw: str | None = None,
    ) -> Answer:
        """Sends the request to the function of the route, in the form of the gateway."""
        route, handler, ids = routed(method, path)
        sent = {"content-type": "application/json", **{name.lower(): value for name, value in (headers or {}).items()}}
        if key:
            sent["idempotency-key"] = key
        text = raw if raw is not None else json.dumps(body) if body is not None else None
        given = {name: value for name, value in (query or {}).items() if value is not None}
        query_text = raw_query or urlencode(given, doseq=True)
        authorized = {"keyId": "key_test", "name": "test", "scopes": self.scopes}
        if self.adjustment_max is not None:
            authorized["adjustmentMax"] = str(self.adjustment_max)
        event: dict[str, Any] = {
            "version": "2.0",
            "routeKey": route,
            "rawPath": path,
            "rawQueryString": query_text,
            "headers": sent,
            "queryStringParameters": _joined(query_text),
            "pathParameters": ids,
            "requestContext": {
                "requestId": f"request-{next(self._numbers)}",
                "routeKey": route,
                "stage": "$default",
                "http": {"method": method, "path": path},
                "authorizer": {"lambda": authorized},
            },
            "isBase64Encoded": False,
        }
        if text is not None:
            event["body"] = text
        answer = handler(event, CONTEXT)
        assert isinstance(answer["body"], str), "not every gateway takes null as a body"
        found = Answer(answer["statusCode"], answer.get("headers", {}), answer["body"])
        _require_documented(route, found)
        return found

    def wallet(self, **settings: Any) -> str:
        """Creates an active wallet and returns its id."""
        answer = self.http("POST", "/v1/wallets", {"name": f"Wallet {next(self._numbers)}", **settings})
        assert answer.status == 201, answer.text
        return str(answer.body["walletId"])

    def credit(self, wallet_id: str, points: int, customer: str = "ann", **body: Any) -> Answer:
        key = body.pop("key", None) or f"credit-{next(self._numbers):08d}"
        path = f"/v1/wallets/{wallet_id}/cards/{customer}/credits"
        return self.http("POST", path, {"points": points, **body}, key=key)

    def debit(self, wallet_id: str, points: int, customer: str = "ann", **body: Any) -> Answer:
        key = body.pop("key", None) or f"debit-{next(self._numbers):09d}"
        path = f"/v1/wallets/{wallet_id}/cards/{customer}/debits"
        return self.http("POST", path, {"points": points, **body}, key=key)

    def hold(self, wallet_id: str, points: int, customer: str = "ann", **body: Any) -> Answer:
        key = body.pop("key", None) or f"hold-{next(self._numbers):010d}"
        path = f"/v1/wallets/{wallet_id}/cards/{customer}/holds"
        return self.http("POST", path, {"points": points, **body}, key=key)

    def capture(self, wallet_id: str, hold_id: str, customer: str = "ann", **body: Any) -> Answer:
        key = body.pop("key", None) or f"capture-{next(self._numbers):07d}"
        path = f"/v1/wallets/{wallet_id}/cards/{customer}/holds/{hold_id}/capture"
        return self.http("POST", path, body, key=key)

    def release(self, wallet_id: str, hold_id: str, customer: str = "ann", *, key: str | None = None) -> Answer:
        path = f"/v1/wallets/{wallet_id}/cards/{customer}/holds/{hold_id}/release"
        return self.http("POST", path, key=key or f"release-{next(self._numbers):07d}")

    def transfer(self, wallet_id: str, points: int, sender: str = "ann", recipient: str = "bob", **body: Any) -> Answer:
        key = body.pop("key", None) or f"transfer-{next(self._numbers):06d}"
        path = f"/v1/wallets/{wallet_id}/cards/{sender}/transfers"
        return self.http("POST", path, {"toCustomerId": recipient, "points": points, **body}, key=key)

    def pay(self, wallet_id: str, amount: int, order: str = "#1001", customer: str = "ann", **body: Any) -> Answer:
        """Pays for an order. `order_details` are more fields of the order, `limit` is the payment limit."""
        key = body.pop("key", None) or f"payment-{next(self._numbers):07d}"
        sent = {"order": {"id": order, "amount": amount, **body.pop("order_details", {})}, **body}
        if limit := sent.pop("limit", None):
            sent["paymentLimit"] = {"type": limit[0], "max": limit[1]}
        path = f"/v1/wallets/{wallet_id}/cards/{customer}/payments"
        return self.http("POST", path, sent, key=None if body.get("dryRun") else key)

    def refund(self, wallet_id: str, order_id: str, customer: str = "ann", **body: Any) -> Answer:
        key = body.pop("key", None) or f"refund-{next(self._numbers):08d}"
        path = f"/v1/wallets/{wallet_id}/cards/{customer}/refunds"
        return self.http("POST", path, {"orderId": order_id, "type": "FULL", **body}, key=key)

    def card(self, wallet_id: str, customer: str = "ann") -> Any:
        answer = self.http("GET", f"/v1/wallets/{wallet_id}/cards/{customer}")
        assert answer.status == 200, answer.text
        return answer.body

    def rows(self, wallet_id: str, customer: str = "ann") -> list[Any]:
        """All transactions of the card, oldest first."""
        rows: list[Any] = []
        cursor = None
        while True:
            path = f"/v1/wallets/{wallet_id}/cards/{customer}/transactions"
            page = self.http("GET", path, query={"limit": 100, "cursor": cursor}).body
            rows += page["data"]
            cursor = page["nextCursor"]
            if cursor is None:
                return rows[::-1]

    def items(self) -> list[Any]:
        """All items of the table. Only tests may read the whole table."""
        return stored_items("loyalty")


@cache
def _routes() -> list[tuple[str, str, re.Pattern[str], str]]:
    """The method, path, path pattern and function folder of every HTTP event of the template."""
    routes = []
    for resource in RESOURCES.values():
        if resource["Type"] == "AWS::Serverless::Function":
            folder = resource["Properties"]["CodeUri"].strip("/").split("/")[-1]
            for event in resource["Properties"].get("Events", {}).values():
                if event["Type"] == "HttpApi":
                    path = event["Properties"]["Path"]
                    pattern = re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path) + "$")
                    routes.append((event["Properties"]["Method"].upper(), path, pattern, folder))
    # A fixed path precedes a parameter, as in the gateway.
    return sorted(routes, key=lambda route: route[1].count("{"))


def invoke(folder: str, event: dict[str, Any], context: Any = CONTEXT) -> Any:
    """Gives the event to the function, which acts with the rights of its role."""
    with running(folder):
        return import_module(f"functions.{folder}.app").lambda_handler(event, context)


def routed(method: str, path: str) -> tuple[str, Any, dict[str, str]]:
    for known, template_path, pattern, folder in _routes():
        if known == method and (match := pattern.match(path)):
            # API Gateway's HTTP API decodes a path once, except for `%25`.
            ids = {name: unquote(value.replace("%25", "%2525")) for name, value in match.groupdict().items()}
            return f"{known} {template_path}", partial(invoke, folder), ids
    raise LookupError(f"{method} {path} is not one of {len(ROUTE_SCOPES)} routes")


def _joined(query: str) -> dict[str, str] | None:
    """The gateway joins the values of a repeated parameter by commas."""
    joined: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined or None


CODES = {refusal.code for refusal in LoyaltyError.__subclasses__()}
UNDOCUMENTED = {"route_not_found"}
"""The code of a path that OpenAPI does not have."""
OF_BODIES = {"unsupported_content_type", "body_too_large"}
"""Codes that OpenAPI names for the routes with a body: a request to another route has none."""


def _require_documented(route: str, answer: Answer) -> None:
    """Every answer of the product is one that OpenAPI names for its route: status, headers, code of a problem."""
    documented = operation(route)
    problem = answer.body if answer.status >= 400 else {}
    code = problem.get("code")
    if code in UNDOCUMENTED | (set() if "requestBody" in documented else OF_BODIES):
        return
    responses = documented["responses"]
    assert str(int(answer.status)) in responses, f"{route} answers {answer.status}, which OpenAPI does not name"
    if answer.status >= 400:
        assert (problem["type"], problem["status"]) == (f"urn:loyalty:problem:{code}", answer.status)
        named = responses[str(int(answer.status))]["description"]
        assert f"`{code}`" in named, f"{route} answers {code}, which OpenAPI does not name"
        unknown = {one["code"] for one in problem["errors"]} - FIELD_CODES.keys() - CODES
        assert not unknown, f"docs/errors.md does not have the field codes {unknown}"

    _require_headers(route, answer, responses[str(int(answer.status))])


def _require_headers(route: str, answer: Answer, documented: Any) -> None:
    """The answer has each header that OpenAPI promises, and no header of the product that OpenAPI does not name."""
    components = DOCUMENT["components"]
    if "$ref" in documented:
        documented = components["responses"][documented["$ref"].rsplit("/", 1)[1]]
    named = documented.get("headers", {}).keys()
    # The product itself always sends Retry-After with its 503; the gateway's own 503 lacks it.
    promised = {name for name in named if components["headers"][name]["required"] or name == "Retry-After"}
    sent = answer.headers.keys() & components["headers"].keys()
    assert promised <= sent <= named, f"{route} answers {answer.status} with {sent}; OpenAPI names {list(named)}"


TABLE = next(item["Properties"] for item in RESOURCES.values() if item["Type"] == "AWS::DynamoDB::Table")
INDEXES: Any = [
    {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
    for index in TABLE["GlobalSecondaryIndexes"]
]


def make_table(dynamodb: "DynamoDBClient", name: str = "loyalty") -> None:
    """Creates the template's table, as far as an emulator supports it."""
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=TABLE["AttributeDefinitions"],
        KeySchema=TABLE["KeySchema"],
        GlobalSecondaryIndexes=INDEXES,
    )


def add_table(name: str = "loyalty") -> None:
    """Creates the same table in the emulator in process, without a request."""
    emulator.add_table(name, keys=TABLE["KeySchema"], attributes=TABLE["AttributeDefinitions"], indexes=INDEXES)
