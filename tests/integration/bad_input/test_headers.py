"""Missing or wrong headers: idempotency keys, ETags, content types."""

import pytest

from tests.integration.bad_input.sender import Sender
from tests.support.requests import ROUTES, parameters

KEY_OPTIONAL = (
    "POST /v1/keys",
    "POST /v1/wallets",
    "POST /v1/wallets/import",
    "POST /v1/campaigns",
    "POST /v1/programs",
    "POST /v1/rewards",
    "POST /v1/tier-structures",
)


def with_header(name: str) -> list[str]:
    return [route for route in ROUTES if name in parameters(route, "header")]


def test_the_cases_cover_every_header_of_all_routes() -> None:
    assert {name for route in ROUTES for name in parameters(route, "header")} == {"idempotency-key", "if-match"}


@pytest.mark.parametrize("route", with_header("idempotency-key"))
def test_a_refusal_names_an_invalid_idempotency_key(sender: Sender, route: str) -> None:
    keys = ["short", "k" * 65, "with spaces", "schlüssel", "tab\tkeytab", "key\x7f-key-key", "        "]
    for bad in keys:
        sender.refused(route, field="header.idempotency-key", code="invalid_request", key=bad)
    if route not in KEY_OPTIONAL:
        sender.refused(route, field="header.idempotency-key", code="required", key=None)


@pytest.mark.parametrize("route", with_header("if-match"))
def test_a_refusal_names_an_invalid_etag(sender: Sender, route: str) -> None:
    for bad in ("x", '"x"', "*", "1", "1.5", "-", '"', '"1', '1"', '""', '"1", "2"', 'w/"1"', "W/1", "9" * 65, "\x00"):
        sender.refused(route, field="header.if-match", code="invalid_request", headers={"if-match": bad})
    # If-Match compares strongly (RFC 9110): a weak ETag never matches.
    for weak in ('W/"1"', ' W/"7" '):
        assert sender.refused(route, code="precondition_failed", headers={"if-match": weak}).status == 412
    stale = sender.refused(route, code="precondition_failed", headers={"if-match": '"7"'})
    assert stale.status == 412
    if not route.startswith(("DELETE ", "PUT /v1/customers/")):
        missing = sender.refused(route, code="precondition_required", headers={"if-match": None})
        assert missing.status == 428


@pytest.mark.parametrize("route", ROUTES)
def test_a_body_with_another_content_type_is_refused(sender: Sender, route: str) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json", "", "\x00"):
        answer = sender.refused(
            route, code="unsupported_content_type", raw="{}", headers={"content-type": content_type}
        )
        assert answer.status == 415
