"""The HTTP edge: parameters and bodies as routes take them, answers with their headers, the handler of a function."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any, cast

from aws_lambda_powertools import event_handler
from aws_lambda_powertools.event_handler import Depends, Request, Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from loyalty import problems
from loyalty.admission import admitted, authorized, canonical, ids_of, require_scope, routable
from loyalty.errors import (
    Busy,
    CardClosed,
    CardFrozen,
    CardNotFound,
    ClockSkew,
    FieldProblem,
    InvalidCursor,
    InvalidJson,
    InvalidRequest,
    KeyReused,
    LoyaltyError,
    PreconditionRequired,
    ScopeMissing,
    WalletDeleted,
    WalletNotActive,
    WalletNotFound,
)
from loyalty.problems import PROBLEM, Problem
from loyalty.store import Store, connected
from loyalty.telemetry import logger, metrics

FINGERPRINT_BYTES = 16
POSITION_MAX = 10**15

MOVEMENT_REFUSALS: tuple[type[LoyaltyError], ...] = (
    KeyReused,
    WalletNotFound,
    WalletDeleted,
    WalletNotActive,
    CardNotFound,
    CardFrozen,
    CardClosed,
    ClockSkew,
    Busy,
)
"""What every command that moves points may be answered."""

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


@dataclass(frozen=True, slots=True)
class Caller:
    actor: str
    """Id of the API key."""
    request_id: str


def caller(request: Request) -> Caller:
    event = request.resolved_event.raw_event
    return Caller(actor=str(authorized(event).get("keyId", "-")), request_id=event["requestContext"]["requestId"])


CallerOf = Annotated[Caller, Depends(caller)]


def sent_body(request: Request) -> Any:
    """The JSON as it was sent, before defaults are filled in."""
    return request.resolved_event.json_body


SentBody = Annotated[Any, Depends(sent_body)]
StoreOf = Annotated[Store, Depends(connected)]


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
    return sha256(canonical([command, *ids, body])).digest()[:FINGERPRINT_BYTES]


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
    return base64.urlsafe_b64encode(canonical(values)).decode().rstrip("=")


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


def metadata_text(metadata: Mapping[str, Any] | None) -> str | None:
    return None if metadata is None else json.dumps(metadata, ensure_ascii=False, separators=(",", ":"))


class APIGatewayHttpResolver(event_handler.APIGatewayHttpResolver):
    """A function's routes: requests and answers are validated, refusals and crashes become problems.

    It keeps the name of Powertools' own: by it the OpenAPI document's maker finds resolvers in the source.
    """

    def __init__(self) -> None:
        super().__init__(enable_validation=True, response_validation_error_http_code=500)
        self.include_router(problems.router)


def entry_point(app: APIGatewayHttpResolver) -> LambdaHandler:
    """The Lambda handler of a resolver: judges scope and body first, then routes."""

    @logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_HTTP, clear_state=True)
    @metrics.log_metrics
    def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        request = event["requestContext"]
        logger.append_keys(route=request["routeKey"], key_id=authorized(event).get("keyId"), **ids_of(event))
        problems.request.id = request["requestId"]
        try:
            require_scope(event)
            event = routable(admitted(event))
        except LoyaltyError as error:
            problem = problems.problem(error)
            headers = {"Content-Type": PROBLEM, **problem.headers}
            return {"statusCode": int(error.status), "headers": headers, "body": problem.body}
        answer = app.resolve(event, context)
        logger.info("answered", status=answer["statusCode"])
        return answer

    return cast("LambdaHandler", lambda_handler)
