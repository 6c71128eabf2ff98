"""Query parameters and fields of a body that the route does not have: a misspelled `dryRun` must not be ignored."""

from typing import Any

import pytest

from tests.integration.bad_input.sender import Sender
from tests.integration.bad_input.test_parameters import QUERIES
from tests.support.requests import ROUTES, WITH_BODY, parameters

WITHOUT_BODY = [route for route in ROUTES if route not in WITH_BODY]


@pytest.mark.parametrize("route", ROUTES)
def test_a_refusal_names_a_query_parameter_that_the_route_does_not_have(sender: Sender, route: str) -> None:
    for name in ("dryrun", "pretty", "points", "ä", "", "x" * 1_000):
        sender.refused(route, field=f"query.{name}", code="unknown_parameter", query={name: "true"})
    others = {name for _, name in QUERIES} - set(parameters(route, "query"))
    for name in others:
        sender.refused(route, field=f"query.{name}", code="unknown_parameter", query={name: "1"})


@pytest.mark.parametrize(("route", "name"), QUERIES)
def test_the_name_of_a_query_parameter_has_its_case(sender: Sender, route: str, name: str) -> None:
    for other in {name.lower(), name.upper(), name.capitalize(), f"{name}[]", f" {name}"} - {name}:
        sender.refused(route, field=f"query.{other}", code="unknown_parameter", query={other: "1"})


@pytest.mark.parametrize(("route", "name"), QUERIES)
def test_a_refusal_names_a_query_parameter_that_is_sent_twice(sender: Sender, route: str, name: str) -> None:
    for values in (["1", "1"], ["1", "2"], ["", ""]):
        sender.refused(route, field=f"query.{name}", code="repeated", query={name: values})


@pytest.mark.parametrize("route", WITHOUT_BODY)
def test_a_refusal_names_a_field_of_a_body_that_the_route_does_not_take(sender: Sender, route: str) -> None:
    bodies: list[dict[str, Any]] = [{"points": 1}, {"dryRun": True}, {"points": 1, "reason": None}]
    for body in bodies:
        answer = sender.refused(route, code="invalid_request", body=body)
        assert answer.fields() == {f"body.{name}": "unknown_field" for name in body}


@pytest.mark.parametrize("route", WITHOUT_BODY)
def test_thousands_of_fields_and_parameters_have_a_short_answer(sender: Sender, route: str) -> None:
    sender.refused(route, body={f"f{number}": 1 for number in range(5_000)})
    sender.refused(route, query={f"q{number}": "1" for number in range(1_000)})


def test_thousands_of_repeated_parameters_have_a_short_answer(sender: Sender) -> None:
    query = {f"q{number}": ["1", "1"] for number in range(1_000)}
    answer = sender.refused("GET /v1/wallets", code="invalid_request", query=query)
    assert set(answer.fields().values()) == {"repeated"}


def test_a_query_that_is_not_utf_8_is_refused(sender: Sender) -> None:
    sender.refused("GET /v1/wallets", field="query", code="invalid_utf8", raw_query="status=%FF")
