"""Admits requests: with the route's scope, with a query and a body of safe type, size and form, and with a route."""

import base64
import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, quote

from loyalty.domain.access import ANY
from loyalty.errors import BodyTooLarge, FieldProblem, InvalidJson, InvalidRequest, ScopeMissing, UnsupportedContentType
from loyalty.http.routes import ROUTE_SCOPES, may
from loyalty.http.texts import require_texts

BODY_BYTES_MAX = 64 * 1024
NESTING_MAX = 20
FINGERPRINT_BYTES = 16
URI_SAFE = "-._~()'!*:@,;=+&$"
TOO_LARGE = "A number is too large."
NO_SCOPE = "NONE"
"""The required scope of a route without a line in `ROUTE_SCOPES`. No key has it."""


class UnacceptableJson(ValueError):
    """JSON that Python's parser accepts and this API does not."""


def parse_json(text: str) -> Any:
    """Parses JSON, but refuses NaN, numbers that are too large, lone surrogates and deep nesting."""
    try:
        document = json.loads(
            text, parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_without_repetition
        )
        canonical(document).decode()
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise _invalid_json("invalid_json", _error_of_json(error)) from None
    if _depth(document) > NESTING_MAX:
        raise _too_deep()
    return document


def canonical(document: Any) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def fingerprint(command: str, *ids: str, body: Any = None) -> bytes:
    """Returns the fingerprint of a request, which separates a repetition from another use of the key.

    The fingerprint covers the command, the ids and the JSON as sent, with its fields in any order.
    """
    return sha256(canonical([command, *ids, body])).digest()[:FINGERPRINT_BYTES]


def authorizer_context(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the authorizer's information about the caller."""
    authorizer: Mapping[str, Any] = event["requestContext"].get("authorizer") or {}
    return authorizer.get("lambda") or {}


def require_scope(event: Mapping[str, Any]) -> None:
    """Raises `ScopeMissing` unless the key has the scope of the route: the authorizer decides only who calls."""
    route_key = event["requestContext"]["routeKey"]
    if not may(str(authorizer_context(event).get("scopes", "")).split(), route_key):
        raise scope_missing(ROUTE_SCOPES.get(route_key, NO_SCOPE))


def scope_missing(scope: str) -> ScopeMissing:
    detail = "The key has no scopes: its role does not exist." if scope == ANY else f"The key needs the scope {scope}."
    return ScopeMissing(detail, requiredScope=scope)


def admit(event: dict[str, Any]) -> dict[str, Any]:
    """Returns the event with its query as values and its body as text, after checks of type, size and form."""
    query = _query(event.get("rawQueryString") or "")
    require_texts({"path": ids_of(event), "query": query})
    return {**event, "queryStringParameters": query, **_body(event)}


def _query(text: str) -> dict[str, str]:
    """Returns the values of the query as sent. The gateway would join the values of a repeated parameter by commas."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    except ValueError:
        problem = FieldProblem("query", "invalid_utf8", "Send the query as UTF-8, percent-encoded.")
        raise InvalidRequest("The query is not UTF-8.", errors=[problem]) from None
    query = dict(pairs)
    if len(query) < len(pairs):
        names = [name for name, _ in pairs]
        problems = [
            FieldProblem(f"query.{name}", "repeated", "Send the parameter once.")
            for name in query
            if names.count(name) > 1
        ]
        raise InvalidRequest("The query has a parameter twice.", errors=problems)
    return query


def _body(event: Mapping[str, Any]) -> dict[str, Any]:
    raw = event.get("body")
    if not raw:
        return {}
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    if headers.get("content-type", "application/json").split(";")[0].strip().lower() != "application/json":
        raise UnsupportedContentType("Send application/json.")
    try:
        data = base64.b64decode(raw) if event.get("isBase64Encoded") else raw.encode()
        if len(data) > BODY_BYTES_MAX:
            raise BodyTooLarge(f"A body has at most {BODY_BYTES_MAX} bytes; this body has {len(data)}.")
        text = data.decode()
    except ValueError:
        raise _invalid_json("invalid_utf8", "The body is not UTF-8.") from None
    document = parse_json(text)
    if not isinstance(document, dict | None):
        # Powertools would use the first object of an array as the body.
        problem = FieldProblem("body", "not_an_object", "Send one JSON object.")
        raise InvalidRequest("The body is not a JSON object.", errors=[problem])
    require_texts({"body": document})
    return {"headers": {**headers, "content-type": "application/json"}, "body": text, "isBase64Encoded": False}


def with_template_path(event: dict[str, Any]) -> dict[str, Any]:
    """Returns the event with the path of its route, in which ids are percent-encoded.

    API Gateway's HTTP API decodes the path, and Powertools would not find a route with an order id such as `#1001`.
    """
    ids = ids_of(event)
    _, _, template = event["requestContext"]["routeKey"].partition(" ")
    path = re.sub(r"{(\w+)}", lambda name: quote(ids.get(name[1], ""), safe=URI_SAFE), template)
    return {**event, "rawPath": path}


def ids_of(event: Mapping[str, Any]) -> dict[str, str]:
    return dict(event.get("pathParameters") or {})


def _invalid_json(code: str, detail: str) -> InvalidJson:
    return InvalidJson(detail, errors=[FieldProblem("body", code, detail)])


def _too_deep() -> InvalidJson:
    return _invalid_json("too_deep", f"The body is nested deeper than {NESTING_MAX} levels.")


def _error_of_json(error: ValueError) -> str:
    match error:
        case UnacceptableJson():
            return str(error)
        case json.JSONDecodeError():
            return f"The JSON has an error at line {error.lineno}, column {error.colno}."
        case UnicodeError():
            return "A text has half of a surrogate pair."
        case _:
            # Python limits the digits of an integer.
            return TOO_LARGE


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise UnacceptableJson("An object has a field twice.")
    return document


def _no_constant(name: str) -> float:
    raise UnacceptableJson(f"{name} is not a number in JSON.")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise UnacceptableJson(TOO_LARGE)
    return value


def _depth(document: Any) -> int:
    deepest, waiting = 0, [(document, 1)]
    while waiting:
        value, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(value, dict | list):
            waiting += [(part, depth + 1) for part in (value.values() if isinstance(value, dict) else value)]
    return deepest
