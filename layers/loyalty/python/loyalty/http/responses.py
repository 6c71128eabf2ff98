"""Answers with their status and headers, and how routes document them."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty.api.base import Answer
from loyalty.api.problems import Problem
from loyalty.errors import Busy, InvalidJson, InvalidRequest, LoyaltyError, ScopeMissing
from loyalty.http.problems import PROBLEM

ANY_ROUTE: tuple[type[LoyaltyError], ...] = (InvalidRequest, InvalidJson, ScopeMissing, Busy)
"""What every route may answer."""


def answer(
    body: Answer,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    location: str | None = None,
    etag: int | None = None,
    repeated: bool = False,
) -> Response[Any]:
    """The answer with the headers that go with it."""
    headers: dict[str, str | list[str]] = {}
    if location is not None:
        headers["Location"] = location
    if etag is not None:
        headers["ETag"] = f'"{etag}"'
    if repeated:
        headers["Idempotent-Replayed"] = "true"
    return Response(
        status_code=int(status),
        content_type="application/json",
        body=body.model_dump(mode="json", by_alias=True),
        headers=headers,
    )


def answer_created(body: Answer, location: str, *, etag: int, repeated: bool = False) -> Response[Any]:
    return answer(body, status=HTTPStatus.CREATED, location=location, etag=etag, repeated=repeated)


def answer_nothing() -> Response[Any]:
    """The answer 204. Its body is an empty text, because not every gateway takes null."""
    return Response(HTTPStatus.NO_CONTENT, body="")


def document_success(status: HTTPStatus, model: type[Answer] | None, description: str = "") -> Any:
    """Documents a success with the headers of its answer, which the OpenAPI document describes once."""
    found: dict[str, Any] = {"description": description or status.phrase}
    if model is not None:
        sent = {"ETag": model.has_etag, "Location": model.has_location and status is HTTPStatus.CREATED}
        found["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name, is_sent in sent.items() if is_sent}
        found["content"] = {"application/json": {"model": model}}
    return found


def document_answers(
    status: HTTPStatus,
    model: type[Answer] | None,
    *refusals: type[LoyaltyError],
    dry_run: type[Answer] | None = None,
) -> dict[int, Any]:
    """Documents the answers of a route: the success, and each status with the codes of its problems.

    `dry_run` is the model that a dry run answers, with 200.
    """
    found: dict[int, Any] = {int(status): document_success(status, model)}
    if dry_run is not None:
        found[int(HTTPStatus.OK)] = {
            "description": "Dry run: nothing was written",
            "content": {"application/json": {"model": dry_run}},
        }
    for refusal in (*ANY_ROUTE, *refusals):
        known = found.setdefault(int(refusal.status), {"description": "", "content": {PROBLEM: {"model": Problem}}})
        known["description"] = ", ".join(filter(None, [known["description"], f"`{refusal.code}`"]))
    return found
