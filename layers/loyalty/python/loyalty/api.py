"""The HTTP edge: what is admitted, how it is validated, how refusals and crashes are answered."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any, cast
from urllib.parse import quote

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Depends, Request, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
    ResponseValidationError,
)
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from loyalty import access
from loyalty.errors import (
    BodyTooLarge,
    FieldProblem,
    InvalidCursor,
    InvalidJson,
    InvalidRequest,
    LoyaltyError,
    PreconditionRequired,
    RouteNotFound,
    ScopeMissing,
    UnsupportedContentType,
)
from loyalty.telemetry import logger, metrics

BODY_BYTES_MAX = 64 * 1024
NESTING_MAX = 20
FINGERPRINT_BYTES = 16
PROBLEM = "application/problem+json"
RETRY_AFTER_SECONDS = "1"
FIELDS_MAX = 100
"""Fields that one answer names: a body of thousands of wrong fields must not make an answer of megabytes."""
POSITION_MAX = 10**15
URI_SAFE = "-._~()'!*:@,;=+&$"

LambdaHandler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]

CUSTOMER_ID = r"^[A-Za-z0-9._~@+:-]{1,128}$"
KEY = r"^[!-~]{8,64}$"
TRANSACTION_ID = r"^[A-Za-z0-9_-]{16}\.[1-9][0-9]{0,11}$"

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


ETAG = re.compile(r'\s*(?:W/)?"?(\d{1,12})"?\s*', re.ASCII)
RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def rfc3339(value: object) -> object:
    """Refuses what pydantic takes besides: epoch seconds, days, local times."""
    if not isinstance(value, str) or not RFC3339.fullmatch(value):
        raise PydanticCustomError("instant", "An instant is a text such as 2027-01-31T12:00:00Z.")
    return value


def within_reason(value: datetime) -> datetime:
    if not EARLIEST <= value < LATEST:
        raise PydanticCustomError("instant_range", "An instant lies in the years 2000 to 2199.")
    return value


WalletId = Annotated[str, Path(alias="walletId", pattern=r"^[A-Za-z0-9._~-]{1,64}$")]
CustomerId = Annotated[
    str,
    Path(
        alias="customerId",
        pattern=CUSTOMER_ID,
        description="A pseudonym: it stands in keys, logs and events, and is never erased.",
    ),
]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=KEY,
        description="Names this movement for ever: the same key with the same request answers as the first time.",
    ),
]
TransactionId = Annotated[str, Path(alias="transactionId", pattern=TRANSACTION_ID)]
OptionalIdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", pattern=KEY)]
IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=64, description="The ETag that was read.")]
Limit = Annotated[int, Query(ge=1, le=100)]
Moment = Annotated[AwareDatetime, BeforeValidator(rfc3339), AfterValidator(within_reason)]
CursorText = Annotated[
    str | None, Query(alias="cursor", max_length=512, description="`nextCursor` of the page before.")
]


class Body(BaseModel):
    """Base of request bodies: camelCase, no unknown fields, no coercion."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True, frozen=True)


class Shape(BaseModel):
    """Base of answers: camelCase, made from our own values."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        frozen=True,
    )


class ProblemField(Shape):
    field: str = Field(description="Path of the field, such as `body.order.items[0].quantity`.")
    code: str
    message: str
    step: str | None = None


class Problem(BaseModel):
    """RFC 9457. `code` is stable; `detail` is for people. Some problems carry more, such as `available`."""

    model_config = ConfigDict(alias_generator=to_camel, extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[ProblemField] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Caller:
    actor: str
    """Id of the API key."""
    request_id: str


def caller(request: Request) -> Caller:
    event = request.resolved_event.raw_event
    return Caller(actor=str(_authorized(event).get("keyId", "-")), request_id=event["requestContext"]["requestId"])


CallerOf = Annotated[Caller, Depends(caller)]


def sent_body(request: Request) -> Any:
    """The JSON as it was sent, before defaults are filled in."""
    return request.resolved_event.json_body


SentBody = Annotated[Any, Depends(sent_body)]


def movement_key(key: str | None, *, dry_run: bool) -> str:
    """The key of a movement that is really made. A dry run needs none, and uses up none."""
    if dry_run:
        return ""
    if key is None:
        problem = FieldProblem("header.idempotency-key", "required", "Field required")
        raise InvalidRequest("Not valid: header.idempotency-key.", errors=[problem])
    return key


def fingerprint(command: str, *ids: str, body: Any = None) -> bytes:
    """Tells a repetition from another use of its key: command, ids and JSON as sent, fields in any order."""
    return sha256(_canonical([command, *ids, body])).digest()[:FINGERPRINT_BYTES]


def answered(
    body: Shape,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    location: str | None = None,
    etag: int | None = None,
    replayed: bool = False,
) -> Response[Any]:
    """An answer with the headers that go with it."""
    headers: dict[str, str | list[str]] = {}
    if location is not None:
        headers["Location"] = location
    if etag is not None:
        headers["ETag"] = f'"{etag}"'
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(
        status_code=int(status),
        content_type="application/json",
        body=body.model_dump(mode="json", by_alias=True),
        headers=headers,
    )


def expected_version(if_match: str | None) -> int:
    """The version that the caller read, from its If-Match. Without one, nobody knows what would be overwritten."""
    if if_match is None:
        raise PreconditionRequired("Send the ETag that you read as If-Match.")
    if match := ETAG.fullmatch(if_match):
        return int(match[1])
    problem = FieldProblem("header.if-match", "etag", "Send an ETag of this resource.")
    raise InvalidRequest("The If-Match is none of this API's ETags.", errors=[problem])


def cursor(values: list[Any]) -> str:
    """Where the next page begins, opaque to the caller."""
    return base64.urlsafe_b64encode(_canonical(values)).decode().rstrip("=")


def from_cursor(text: str | None, *kinds: type) -> list[Any] | None:
    """The values of a cursor that `cursor` made, of the kinds expected; None where there is no cursor."""
    if text is None:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        values = None
    if (
        not isinstance(values, list)
        or [type(value) for value in values] != list(kinds)
        or not all(map(_may_be_position, values))
    ):
        problem = FieldProblem("query.cursor", "invalid_cursor", "Send a nextCursor as it was given.")
        raise InvalidCursor("The cursor is not one that this list gave.", errors=[problem])
    return values


def _may_be_position(value: Any) -> bool:
    """Whether DynamoDB takes the value as part of a key: what callers made up must not reach it."""
    if isinstance(value, int):
        return 0 <= value <= POSITION_MAX
    return re.fullmatch(CUSTOMER_ID, value) is not None


def responses(
    status: HTTPStatus,
    model: type[BaseModel] | None,
    *refusals: type[LoyaltyError],
    dry_run: type[BaseModel] | None = None,
) -> dict[int, Any]:
    """The answers of a route for its documentation: the success, and each status with the codes of its problems.

    `dry_run` is what a dry run answers, with 200.
    """
    success: dict[str, Any] = {"description": status.phrase}
    if model is not None:
        success["content"] = {"application/json": {"model": model}}
    documented: dict[int, Any] = {int(status): success}
    if dry_run is not None:
        documented[int(HTTPStatus.OK)] = {
            "description": "Dry run: nothing was written",
            "content": {"application/json": {"model": dry_run}},
        }
    always = (InvalidRequest, InvalidJson, ScopeMissing) if model is not None else (InvalidRequest, ScopeMissing)
    for refusal in (*always, *refusals):
        known = documented.setdefault(
            int(refusal.status), {"description": "", "content": {PROBLEM: {"model": Problem}}}
        )
        known["description"] = ", ".join(filter(None, [known["description"], f"`{refusal.code}`"]))
    return documented


problems = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]  # Powertools leaves it untyped
"""Include it in every resolver: it turns exceptions into problem documents."""


@problems.exception_handler(LoyaltyError)
def refused(error: LoyaltyError) -> Response[str]:
    return _problem(error)


@problems.exception_handler(RequestValidationError)
def invalid(error: RequestValidationError) -> Response[str]:
    found = error.errors()[:FIELDS_MAX]
    fields = [FieldProblem(_path(_place(part)), _code(part["type"]), part["msg"]) for part in found]
    names = ", ".join(dict.fromkeys(field.field for field in fields))
    return _problem(InvalidRequest(f"Not valid: {names}.", errors=fields))


@problems.exception_handler(RequestUnsupportedContentType)
def unsupported(_: RequestUnsupportedContentType) -> Response[str]:
    return _problem(UnsupportedContentType("Send application/json."))


@problems.exception_handler(NotFoundError)
def unknown_route(_: NotFoundError) -> Response[str]:
    return _problem(RouteNotFound("Check method and path against the OpenAPI document."))


@problems.exception_handler(ResponseValidationError)
@problems.exception_handler(Exception)
def crashed(error: Exception) -> Response[str]:
    """What went wrong stays in the log."""
    logger.exception("crashed", exc_info=error)
    metrics.add_metric(name="crashed", unit=MetricUnit.Count, value=1)
    return Response(HTTPStatus.INTERNAL_SERVER_ERROR, PROBLEM, json.dumps(_crash()))


def entry_point(app: APIGatewayHttpResolver) -> LambdaHandler:
    """The Lambda handler of a resolver: judges scope and body first, then routes."""

    @logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_HTTP, clear_state=True)
    @metrics.log_metrics
    def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        request = event["requestContext"]
        logger.append_keys(route=request["routeKey"], key_id=_authorized(event).get("keyId"), **_ids(event))
        _request.id = request["requestId"]
        try:
            _require_scope(event)
            event = _routable(_admitted(event))
        except LoyaltyError as error:
            problem = _problem(error)
            headers = {"Content-Type": PROBLEM, **problem.headers}
            return {"statusCode": int(error.status), "headers": headers, "body": problem.body}
        answer = app.resolve(event, context)
        logger.info("answered", status=answer["statusCode"])
        return answer

    return cast("LambdaHandler", lambda_handler)


def parse_json(text: str) -> Any:
    """JSON as this API takes it: no NaN, no numbers beyond reason, no lone surrogates, no deep nesting."""
    try:
        document = json.loads(
            text, parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_without_repetition
        )
        _canonical(document).decode()
    except RecursionError:
        raise InvalidJson(
            f"The body nests deeper than {NESTING_MAX} levels.", errors=_body_problem("too_deep")
        ) from None
    except (ValueError, UnicodeError) as error:
        detail = f"The body is not JSON: {error}." if isinstance(error, json.JSONDecodeError) else f"{error}"
        raise InvalidJson(detail, errors=_body_problem("invalid_json")) from None
    if _depth(document) > NESTING_MAX:
        raise InvalidJson(f"The body nests deeper than {NESTING_MAX} levels.", errors=_body_problem("too_deep"))
    return document


def metadata_text(metadata: Mapping[str, Any] | None) -> str | None:
    return None if metadata is None else json.dumps(metadata, ensure_ascii=False, separators=(",", ":"))


@dataclass(slots=True)
class _Request:
    id: str = ""


_request = _Request()
"""The request under way: an environment serves one at a time."""


def _problem(error: LoyaltyError) -> Response[str]:
    logger.info("refused", code=error.code)
    metrics.add_metric(name=f"refused.{error.code}", unit=MetricUnit.Count, value=1)
    document = {
        "type": f"urn:loyalty:problem:{error.code}",
        "title": error.title,
        "status": int(error.status),
        "detail": error.detail,
        "code": error.code,
        "requestId": _request.id,
        "errors": [
            {
                "field": field.field,
                "code": field.code,
                "message": field.message,
                **({"step": field.step} if field.step else {}),
            }
            for field in error.errors
        ],
        **error.facts,
    }
    headers: dict[str, str | list[str]] = {}
    if error.status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    return Response(error.status, PROBLEM, json.dumps(document), headers=headers)


def _crash() -> dict[str, Any]:
    return {
        "type": "urn:loyalty:problem:internal_error",
        "title": "Something went wrong on our side",
        "status": 500,
        "detail": "The log has the cause under this requestId. A movement may be sent again with the same key.",
        "code": "internal_error",
        "requestId": _request.id,
        "errors": [],
    }


def _authorized(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the authorizer said of the caller."""
    authorizer: Mapping[str, Any] = event["requestContext"].get("authorizer") or {}
    return authorizer.get("lambda") or {}


def _require_scope(event: Mapping[str, Any]) -> None:
    """A second look after the authorizer's: a cached or misrouted permission must not widen a key's scopes."""
    route_key = event["requestContext"]["routeKey"]
    if not access.may(str(_authorized(event).get("scopes", "")).split(), route_key):
        raise ScopeMissing(f"The key needs the scope {access.ROUTE_SCOPES.get(route_key, 'of this route')}.")


def _admitted(event: dict[str, Any]) -> dict[str, Any]:
    """The event with its body as text, of a type, size and form that may be parsed."""
    raw = event.get("body")
    if not raw:
        return event
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    if headers.get("content-type", "application/json").split(";")[0].strip().lower() != "application/json":
        raise UnsupportedContentType("Send application/json.")
    try:
        data = base64.b64decode(raw) if event.get("isBase64Encoded") else raw.encode()
        if len(data) > BODY_BYTES_MAX:
            raise BodyTooLarge(f"A body has at most {BODY_BYTES_MAX} bytes; this one has {len(data)}.")
        text = data.decode()
    except ValueError:
        raise InvalidJson("The body is not UTF-8.", errors=_body_problem("invalid_utf8")) from None
    if not isinstance(parse_json(text), dict | None):
        # Powertools would take the first object of an array for the body.
        raise InvalidRequest("The body is not a JSON object.", errors=_body_problem("not_an_object"))
    return {**event, "headers": {**headers, "content-type": "application/json"}, "body": text, "isBase64Encoded": False}


def _routable(event: dict[str, Any]) -> dict[str, Any]:
    """The event with the path of its route, ids percent-encoded.

    API Gateway's HTTP API decodes the path, and Powertools would not find a route with an order id such as `#1001`.
    """
    ids = _ids(event)
    _, _, template = event["requestContext"]["routeKey"].partition(" ")
    path = re.sub(r"{(\w+)}", lambda name: quote(ids.get(name[1], ""), safe=URI_SAFE), template)
    return {**event, "rawPath": path}


def _ids(event: Mapping[str, Any]) -> dict[str, str]:
    return dict(event.get("pathParameters") or {})


def _place(part: Mapping[str, Any]) -> tuple[str | int, ...]:
    """Where the error lies; a check of several fields together says which one it means."""
    field = part.get("ctx", {}).get("field")
    return (*part["loc"], field) if isinstance(field, str) else tuple(part["loc"])


def _path(location: tuple[str | int, ...]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _code(kind: str) -> str:
    return {"missing": "required", "extra_forbidden": "unknown_field"}.get(kind, kind)


def _body_problem(code: str) -> list[FieldProblem]:
    return [FieldProblem("body", code, "Send one JSON object.")]


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("An object names a field twice.")
    return document


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number in JSON.")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("A number is too large.")
    return value


def _depth(document: Any) -> int:
    deepest, waiting = 0, [(document, 1)]
    while waiting:
        value, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(value, dict | list):
            waiting += [(part, depth + 1) for part in (value.values() if isinstance(value, dict) else value)]
    return deepest


def _canonical(document: Any) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
