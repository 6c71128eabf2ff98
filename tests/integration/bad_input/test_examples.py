"""The examples are accepted unchanged. A null in an example is accepted or refused with its field."""

import pytest
import time_machine

from tests.integration.bad_input.sender import READS, Sender, as_prepared, prepared
from tests.support.requests import ROUTES, WITH_BODY, body_fields, examples, parameters, spoiled
from tests.support.stack import Stack

CHANGES = [route for route in ROUTES if route not in READS]
EXAMPLES = [(route, place) for route in CHANGES for place in range(len(examples(route)) if route in WITH_BODY else 1)]


@pytest.mark.parametrize(("route", "place"), EXAMPLES)
def test_every_example_is_accepted(route: str, place: int, clock: time_machine.Traveller, stack: Stack) -> None:
    sender = prepared(stack, route)
    body = {"body": as_prepared(examples(route)[place], sender)} if route in WITH_BODY else {}
    answer = sender.send(route, key="another-key", **body)

    assert answer.status < 300, answer.text
    if route == "POST /v1/events/batch":
        assert [result["refused"] for result in answer.body["data"]] == [None] * len(body["body"]["events"])
    if route == "POST /v1/wallets/{walletId}/credits":
        assert [result["problem"] for result in answer.body["data"]] == [None] * len(body["body"]["credits"])


@pytest.mark.parametrize("route", [route for route in CHANGES if route not in WITH_BODY])
def test_an_empty_object_is_accepted_where_a_route_takes_no_body(
    route: str, clock: time_machine.Traveller, stack: Stack
) -> None:
    answer = prepared(stack, route).send(route, key="another-key", body={})
    assert answer.status < 300, answer.text


@pytest.mark.parametrize("route", WITH_BODY)
def test_a_null_means_absent_or_is_refused_with_its_field(
    route: str, clock: time_machine.Traveller, stack: Stack
) -> None:
    sender: Sender = prepared(stack)
    etag = 1
    for path, field in body_fields(route).items():
        answer = sender.send(
            route,
            key=f"null-in-{path[-50:]}",
            headers={"if-match": f'"{etag}"'} if "if-match" in parameters(route, "header") else {},
            body=spoiled(field.example, path, None),
        )
        etag = int(answer.headers.get("ETag", f'"{etag}"').strip('"'))
        assert answer.status < 500, (path, answer.text)
        if answer.status == 400:
            # If one of two fields is required, the problem names the first field.
            assert f"body.{path}" in answer.fields() or set(answer.fields().values()) == {"one_of"}, answer.text


NAMED = [
    ("POST /v1/wallets", "name"),
    ("POST /v1/wallets", "pointsName"),
    ("PUT /v1/project", "metadataSchema.wallet[0].name"),
    ("PUT /v1/customers/{customerId}", "segments[0]"),
    ("POST /v1/events", "order.items[0].categories[0]"),
    ("POST /v1/wallets/{walletId}/cards/{customerId}/credits", "pointsDescription"),
    ("POST /v1/wallets/{walletId}/cards/{customerId}/credits", "order.charges[0].label"),
]
LEGITIMATE = "\U0001f469\u200d\U0001f33e \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u200e\u200f\u061c"
"""A joined emoji, a Persian word with a non-joiner, and the marks of direction."""


@pytest.mark.parametrize(("route", "path"), NAMED)
def test_names_and_texts_have_the_characters_of_every_language(
    stack: Stack, route: str, path: str, clock: time_machine.Traveller
) -> None:
    sender = prepared(stack, route)
    body = spoiled(as_prepared(body_fields(route)[path].example, sender), path, LEGITIMATE)
    answer = sender.send(route, body=body, key="language-0001")
    assert answer.status in (200, 201), answer.text
