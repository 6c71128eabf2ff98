"""A compiled route and Powertools' resolver accept the same requests, with the same arguments of the handler.

Each route has a twin: a handler with the same signature that keeps its arguments. So no request needs a table.
"""

import json
from collections.abc import Iterator
from functools import cache, wraps
from http import HTTPStatus
from importlib import import_module
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import pytest
import time_machine

from loyalty.errors import Busy, CardNotFound, LoyaltyError
from loyalty.http.gateway import admit, event_for_powertools
from loyalty.http.resolver import APIGatewayHttpResolver
from loyalty.http.responses import Response, answer_nothing
from loyalty.http.routing import Handler, Route
from tests.integration.accounts import START
from tests.integration.bad_input.sender import KEY, QUERY
from tests.integration.bad_input.test_parameters import BAD_IDS, BAD_QUERIES, CONFUSABLE, NOT_IN_PATH, UNKNOWN
from tests.support.requests import BODY_OPTIONAL, ROUTES, WITH_BODY, body_fields, examples, parameters, spoiled
from tests.support.stack import CONTEXT
from tests.support.template import ROOT

Json = Any
OPTIONAL_QUERY = {
    "at": "2027-01-31T12:00:00+01:00",
    "bucket": "ACTIVE",
    "campaignId": "cmp_1",
    "cursor": "WzFd",
    "customerId": "ann",
    "days": "7",
    "dryRun": "true",
    "event": "order.paid",
    "eventId": "one,two",
    "from": "2027-01-31T12:00:00Z",
    "limit": "7",
    "maxPoints": "7",
    "minPoints": "0",
    "operation": "credit",
    "orderId": "#1001, two",
    "prefix": "ann",
    "source": "Manual",
    "status": "ACTIVE",
    "to": "2027-01-31T12:00:00.5Z",
    "type": "CREDIT",
    "walletId": "wal_1",
}
WRONG: tuple[Json, ...] = (..., None, [])
"""Values in place of a field's own; `...` removes the field. Both ways check fields with the same model."""


class Twin(NamedTuple):
    app: APIGatewayHttpResolver
    route: Route
    kept: list[dict[str, Any]]


@cache
def routes() -> dict[str, Route]:
    found: dict[str, Route] = {}
    for path in (ROOT / "functions").glob("*/app.py"):
        app = getattr(import_module(f"functions.{path.parent.name}.app"), "app", None)
        found |= app.routes if app else {}
    return found


def twin(route: Route) -> Twin:
    kept: list[dict[str, Any]] = []

    @wraps(route.handler)
    def keep(**arguments: Any) -> Response:
        kept.append(arguments)
        return answer_nothing()

    app = with_handler(route, keep)
    return Twin(app, app.routes[route.key], kept)


def with_handler(route: Route, handler: Handler) -> APIGatewayHttpResolver:
    app = APIGatewayHttpResolver()
    app.routes[route.key] = Route(route.method, route.path, handler, route.documentation)
    return app


def event(
    route: str,
    *,
    ids: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    raw: str | None = None,
) -> dict[str, Any]:
    required = {name: QUERY[name] for name in parameters(route, "query", required=True)}
    method, path = route.split(" ")
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": urlencode({**required, **(query or {})}),
        "headers": {"content-type": "application/json", "idempotency-key": KEY, "if-match": '"1"', **(headers or {})},
        "pathParameters": {name: UNKNOWN[name] for name in parameters(route, "path")} | (ids or {}),
        "requestContext": {
            "requestId": "request-1",
            "routeKey": route,
            "stage": "$default",
            "http": {"method": method, "path": path},
            "authorizer": {"lambda": {"keyId": "key_test", "name": "test", "scopes": "*"}},
        },
        "body": raw,
        "isBase64Encoded": False,
    }


def valid_requests(route: str) -> Iterator[dict[str, Any]]:
    bodies = [json.dumps(body) for body in examples(route)] if route in WITH_BODY else [None, "{}", "null"]
    yield from (event(route, raw=body) for body in bodies)
    yield from (
        event(route, query={name: OPTIONAL_QUERY[name]}, raw=bodies[0])
        for name in set(parameters(route, "query")) - set(parameters(route, "query", required=True))
    )
    if route in BODY_OPTIONAL:
        yield event(route)


def other_requests(route: str) -> Iterator[dict[str, Any]]:
    """Most of these are not valid."""
    body = json.dumps(examples(route)[0]) if route in WITH_BODY else None
    yield event(route, query={"undeclared": "1"}, raw=body)
    yield from (event(route, raw=raw) for raw in (None, "null", "{}", '{"undeclared": 1}'))
    for name in ("idempotency-key", "if-match"):
        for value in ("", "short", "with,commas,and spaces", "x" * 65):
            yield event(route, headers={name: value}, raw=body)
    for name in parameters(route, "path"):
        for value in (*BAD_IDS, *CONFUSABLE, *NOT_IN_PATH, "%61", "x" * 129):
            yield event(route, ids={name: value}, raw=body)
    for name in parameters(route, "query"):
        for value in BAD_QUERIES.get(name, ("", "x" * 5_000)):
            yield event(route, query={name: quote(value, errors="replace")}, raw=body)
    if route in WITH_BODY:
        for path, field in body_fields(route).items():
            for value in WRONG:
                yield event(route, raw=json.dumps(spoiled(field.example, path, value)))


def test_every_route_is_compiled() -> None:
    assert routes().keys() == set(ROUTES)


@pytest.mark.parametrize("key", ROUTES)
def test_both_ways_accept_and_refuse_the_same_requests(key: str) -> None:
    own = twin(routes()[key])
    with time_machine.travel(START, tick=False):
        for one in valid_requests(key):
            assert compared(own, one) is not None, "a valid request needs Powertools' resolver"
        for one in other_requests(key):
            compared(own, one)


def compared(own: Twin, sent: dict[str, Any]) -> dict[str, Any] | None:
    """Returns the arguments of the handler, which are the same both ways; None if the request is refused."""
    own.kept.clear()
    try:
        request = admit(sent)
    except LoyaltyError:
        return None
    values = own.route.values_of(request)
    answered = own.app.powertools.resolve(event_for_powertools(request), CONTEXT)
    assert ([values] if values is not None else []) == own.kept, sent
    assert answered["statusCode"] == (HTTPStatus.BAD_REQUEST if values is None else HTTPStatus.NO_CONTENT), sent
    return values


ANSWERS: dict[str, Response | Exception] = {
    "a creation": Response(
        HTTPStatus.CREATED, '{"text":"é"}', "application/json", {"Location": "/v1/x", "ETag": '"1"'}
    ),
    "no content": answer_nothing(),
    "a refusal": CardNotFound("The card does not exist."),
    "a refusal to send again": Busy("Send the request again."),
    "a crash": RuntimeError("broken"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_both_ways_answer_the_same(name: str) -> None:
    def handler() -> Response:
        match ANSWERS[name]:
            case Exception() as error:
                raise error
            case response:
                return response

    app = with_handler(Route("GET", "/v1/session", handler, {}), handler)
    request = admit(event("GET /v1/session"))
    assert app.answer(request, CONTEXT) == app.powertools.resolve(event_for_powertools(request), CONTEXT)
