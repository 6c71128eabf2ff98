"""Refusals and crashes as problem documents (RFC 9457)."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from loyalty.errors import LoyaltyError
from loyalty.http.responses import PROBLEM, Response
from loyalty.telemetry import log_failure, logger, metrics

RETRY_AFTER_SECONDS = "1"
FIELDS_MAX = 100
"""The most fields that one answer names, so that thousands of wrong fields do not make an answer of megabytes."""
FIELDS_OF_HEADERS = {"idempotency-key": "idempotencyKey"}
"""The fields by which the entry of a batch has what a single request has in its headers."""


@dataclass(slots=True)
class Request:
    id: str = ""


current = Request()
"""The current request. A function's environment serves one request at a time."""


def crash_response(error: Exception) -> Response:
    """Answers 500 without the cause, which is only in the log."""
    log_failure("crashed", error)
    metrics.add_metric(name="crashed", unit=MetricUnit.Count, value=1)
    return Response(HTTPStatus.INTERNAL_SERVER_ERROR, json.dumps(_crash()), PROBLEM)


def problem_response(error: LoyaltyError) -> Response:
    """Answers the refusal. The line of the request and the metric get its code."""
    _report(error)
    is_temporary = error.status is HTTPStatus.SERVICE_UNAVAILABLE
    headers = {"Retry-After": RETRY_AFTER_SECONDS} if is_temporary else {}
    return Response(error.status, json.dumps(problem_document(error)), PROBLEM, headers)


def problem_of_entry(error: LoyaltyError, entry: str) -> dict[str, Any]:
    """Returns the problem document of an entry of a batch, with the fields as the request has them.

    `entry` is the path of the entry, such as `body.credits[3]`. The metric counts each entry. The line of the request
    has the code of the last one.
    """
    _report(error)
    document = problem_document(error)
    for field in document["errors"]:
        _, _, name = field["field"].partition(".")
        field["field"] = f"{entry}.{FIELDS_OF_HEADERS.get(name, name)}"
    return document


def _report(error: LoyaltyError) -> None:
    logger.append_keys(code=error.code)
    metrics.add_metric(name="refused", unit=MetricUnit.Count, value=1)
    metrics.add_metadata(key="code", value=error.code)


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
