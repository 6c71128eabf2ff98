"""Answers with their status and headers, and how routes document them."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NamedTuple

from loyalty.api.base import Answer
from loyalty.api.problems import Problem
from loyalty.errors import Busy, InvalidJson, InvalidRequest, LoyaltyError, ScopeMissing

PROBLEM = "application/problem+json"
ANY_ROUTE: tuple[type[LoyaltyError], ...] = (InvalidRequest, InvalidJson, ScopeMissing, Busy)
"""What every route may answer."""


class Response(NamedTuple):
    """What a handler answers."""

    status: HTTPStatus
    body: str = ""
    """Not every gateway takes null, so no content is an empty text."""
    content_type: str | None = None
    headers: Mapping[str, str] = MappingProxyType({})

    def for_gateway(self) -> dict[str, Any]:
        """Returns the answer in the gateway's form, as Powertools writes it."""
        headers = {**self.headers, "Content-Type": self.content_type} if self.content_type else dict(self.headers)
        return {
            "statusCode": int(self.status),
            "body": self.body,
            "isBase64Encoded": False,
            "headers": headers,
            "cookies": [],
        }


def answer(
    body: Answer,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    location: str | None = None,
    etag: int | None = None,
    repeated: bool = False,
) -> Response:
    """The answer with the headers that go with it."""
    headers: dict[str, str] = {}
    if location is not None:
        headers["Location"] = location
    if etag is not None:
        headers["ETag"] = f'"{etag}"'
    if repeated:
        headers["Idempotent-Replayed"] = "true"
    return Response(status, body.model_dump_json(by_alias=True), "application/json", headers)


def answer_created(body: Answer, location: str, *, etag: int, repeated: bool = False) -> Response:
    return answer(body, status=HTTPStatus.CREATED, location=location, etag=etag, repeated=repeated)


def answer_nothing() -> Response:
    """The answer 204."""
    return Response(HTTPStatus.NO_CONTENT)


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
