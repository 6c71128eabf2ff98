"""Admits requests: with the route's scope, with a query and a body of safe type, size and form, and with a route."""

import base64
import json
import re
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote

from loyalty.domain.access import ANY
from loyalty.errors import BodyTooLarge, FieldProblem, InvalidJson, InvalidRequest, ScopeMissing, UnsupportedContentType
from loyalty.http.problems import FIELDS_MAX
from loyalty.http.routes import ROUTE_SCOPES, may
from loyalty.http.texts import CONTROL, require_texts

BODY_BYTES_MAX = 64 * 1024
NESTING_MAX = 20
FINGERPRINT_BYTES = 16
URI_SAFE = "-._~()'!*:@,;=+&$"
TOO_LARGE = "A number is too large."
NO_SCOPE = "NONE"
"""The required scope of a route without a line in `ROUTE_SCOPES`. No key has it."""
ESCAPE_OR_CONTROL = re.compile(rf"\\|{CONTROL.pattern}")
"""In a JSON text without these, no string has a control character, a line break or half of a surrogate pair."""


class Admitted(NamedTuple):
    """A request of safe type, size and form, as values."""

    event: Mapping[str, Any]
    """The event as the gateway sent it."""
    ids: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """The names are in lower case."""
    text: str | None
    """The body."""
    document: Any
    """The JSON of the body; None without a body."""


class UnacceptableJson(ValueError):
    """JSON that Python's parser accepts and this API does not."""


def parse_json(text: str) -> Any:
    """Parses JSON, but refuses NaN, numbers that are too large, lone surrogates and deep nesting."""
    try:
        document = json.loads(
            text, parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_without_repetition
        )
        if "\\" in text:
            # Only an escape can be half of a surrogate pair, which has no UTF-8.
            canonical(document)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise _invalid_json("invalid_json", _error_of_json(error)) from None
    if text.count("{") + text.count("[") > NESTING_MAX and _depth(document) > NESTING_MAX:
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


def admit(event: Mapping[str, Any]) -> Admitted:
    """Returns the request of the event, after checks of type, size and form."""
    ids, query = ids_of(event), _query(event.get("rawQueryString") or "")
    require_texts({"path": ids, "query": query})
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    text = _body(event, headers)
    return Admitted(event, ids, query, headers, text, None if text is None else _document(text))


def _query(text: str) -> dict[str, str]:
    """Returns the values of the query as sent. The gateway would join the values of a repeated parameter by commas."""
    if not text:
        return {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    except ValueError:
        problem = FieldProblem("query", "invalid_utf8", "Send the query as UTF-8, percent-encoded.")
        raise InvalidRequest("The query is not UTF-8.", errors=[problem]) from None
    query = dict(pairs)
    if len(query) < len(pairs):
        repeated = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
        problems = [
            FieldProblem(f"query.{name}", "repeated", "Send the parameter once.") for name in repeated[:FIELDS_MAX]
        ]
        raise InvalidRequest("The query has a parameter twice.", errors=problems)
    return query


def _body(event: Mapping[str, Any], headers: Mapping[str, str]) -> str | None:
    raw = event.get("body")
    if not raw:
        return None
    if headers.get("content-type", "application/json").split(";")[0].strip().lower() != "application/json":
        raise UnsupportedContentType("Send application/json.")
    try:
        data = base64.b64decode(raw) if event.get("isBase64Encoded") else raw.encode()
        if len(data) > BODY_BYTES_MAX:
            raise BodyTooLarge(f"A body has at most {BODY_BYTES_MAX} bytes; this body has {len(data)}.")
        return data.decode()
    except ValueError:
        raise _invalid_json("invalid_utf8", "The body is not UTF-8.") from None


def _document(text: str) -> Any:
    document = parse_json(text)
    if not isinstance(document, dict | None):
        # Powertools would use the first object of an array as the body.
        problem = FieldProblem("body", "not_an_object", "Send one JSON object.")
        raise InvalidRequest("The body is not a JSON object.", errors=[problem])
    if ESCAPE_OR_CONTROL.search(text):
        require_texts({"body": document})
    return document


def event_for_powertools(request: Admitted) -> dict[str, Any]:
    """Returns the event with its query as values, its body as text, and the path of its route with encoded ids.

    API Gateway's HTTP API decodes the path, and Powertools would not find a route with an order id such as `#1001`.
    """
    _, _, template = request.event["requestContext"]["routeKey"].partition(" ")
    path = re.sub(r"{(\w+)}", lambda name: encode_id(request.ids.get(name[1], "")), template)
    sent = {**request.event, "queryStringParameters": request.query, "rawPath": path}
    if request.text is None:
        return sent
    headers = {**request.headers, "content-type": "application/json"}
    return {**sent, "headers": headers, "body": request.text, "isBase64Encoded": False}


def encode_id(path_id: str) -> str:
    """Returns an id as it is in the path that Powertools reads, and as the types of path parameters expect it."""
    return quote(path_id, safe=URI_SAFE)


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
