"""Refusals and crashes as problem documents (RFC 9457)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
    ResponseValidationError,
)
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from aws_lambda_powertools.metrics import MetricUnit

from loyalty.api.field_problems import code_and_message
from loyalty.errors import FieldProblem, InvalidRequest, LoyaltyError, RouteNotFound, UnsupportedContentType
from loyalty.telemetry import log_failure, logger, metrics

PROBLEM = "application/problem+json"
RETRY_AFTER_SECONDS = "1"
FIELDS_MAX = 100
"""The most fields that one answer names, so that thousands of wrong fields do not make an answer of megabytes."""


@dataclass(slots=True)
class Request:
    id: str = ""


current = Request()
"""The current request. A function's environment serves one request at a time."""


router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]  # Powertools leaves it untyped
"""Turns exceptions into problem documents. Every resolver includes this router."""


@router.exception_handler(LoyaltyError)
def answer_refusal(error: LoyaltyError) -> Response[str]:
    return problem_response(error)


@router.exception_handler(RequestValidationError)
def answer_invalid_request(error: RequestValidationError) -> Response[str]:
    found = error.errors()[:FIELDS_MAX]
    fields = [FieldProblem(_path(_place(part)), *code_and_message(part)) for part in found]
    names = ", ".join(dict.fromkeys(field.field for field in fields))
    return problem_response(InvalidRequest(f"Not valid: {names}.", errors=fields))


@router.exception_handler(RequestUnsupportedContentType)
def answer_unsupported_type(_: RequestUnsupportedContentType) -> Response[str]:
    return problem_response(UnsupportedContentType("Send application/json."))


@router.exception_handler(NotFoundError)
def answer_unknown_route(_: NotFoundError) -> Response[str]:
    return problem_response(RouteNotFound("Compare method and path with the OpenAPI document."))


@router.exception_handler(ResponseValidationError)
@router.exception_handler(Exception)
def answer_crash(error: Exception) -> Response[str]:
    """Answers 500 without the cause, which is only in the log."""
    log_failure("crashed", error)
    metrics.add_metric(name="crashed", unit=MetricUnit.Count, value=1)
    return Response(HTTPStatus.INTERNAL_SERVER_ERROR, PROBLEM, json.dumps(_crash()))


def problem_response(error: LoyaltyError) -> Response[str]:
    """Answers the refusal. The line of the request and the metric get its code."""
    logger.append_keys(code=error.code)
    metrics.add_metric(name="refused", unit=MetricUnit.Count, value=1)
    metrics.add_metadata(key="code", value=error.code)
    headers: dict[str, str | list[str]] = {}
    if error.status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    return Response(error.status, PROBLEM, json.dumps(problem_document(error)), headers=headers)


def problem_document(error: LoyaltyError) -> dict[str, Any]:
    return {
        **error.extensions,
        "type": f"urn:loyalty:problem:{error.code}",
        "title": error.title,
        "status": int(error.status),
        "detail": error.detail,
        "code": error.code,
        "requestId": current.id,
        "errors": [
            {
                "field": field.field,
                "code": field.code,
                "message": field.message,
                **({"step": field.step} if field.step else {}),
            }
            for field in error.errors
        ],
    }


def _crash() -> dict[str, Any]:
    return {
        "type": "urn:loyalty:problem:internal_error",
        "title": "An internal error occurred",
        "status": 500,
        "detail": "The log has the cause for this requestId. Send a movement again with the same Idempotency-Key.",
        "code": "internal_error",
        "requestId": current.id,
        "errors": [],
    }


def _place(part: Mapping[str, Any]) -> tuple[str | int, ...]:
    """Returns the path of the error. A check of several fields names one of them in its context."""
    field = part.get("ctx", {}).get("field")
    return (*part["loc"], field) if isinstance(field, str) else tuple(part["loc"])


def _path(location: tuple[str | int, ...]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path
