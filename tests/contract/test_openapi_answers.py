"""docs/openapi.json: every answer has the shape that the gateway or the product sends, and clients can be generated."""

from typing import Any

import pytest

from loyalty.http.routes import ROUTE_SCOPES
from tests.support.requests import DOCUMENT, ROUTES, SCHEMAS, WITH_BODY, operation

RESPONSES = DOCUMENT["components"]["responses"]


def shape(route: str, status: str) -> Any:
    """The content of an answer, by media type."""
    response = operation(route)["responses"][status]
    return RESPONSES[response["$ref"].rsplit("/", maxsplit=1)[-1]]["content"]


def schemas(content: Any) -> dict[str, str]:
    return {media: part["schema"]["$ref"].rsplit("/", maxsplit=1)[-1] for media, part in content.items()}


PROBLEM = {"application/problem+json": "Problem"}
MESSAGE = {"application/json": "GatewayMessage"}
EITHER = {"application/problem+json": "ProblemOrMessage", "application/json": "ProblemOrMessage"}


@pytest.mark.parametrize("route", ROUTES)
def test_every_operation_has_the_answers_of_the_gateway(route: str) -> None:
    wanted = {"401": MESSAGE, "403": EITHER, "429": MESSAGE, "500": EITHER, "503": EITHER}
    if route in WITH_BODY:
        wanted |= {"413": EITHER, "415": PROBLEM}
    assert {status: schemas(shape(route, status)) for status in wanted} == wanted


@pytest.mark.parametrize("route", ROUTES)
def test_every_refusal_has_one_of_the_shared_shapes(route: str) -> None:
    refusals = [status for status in operation(route)["responses"] if status >= "400"]
    assert [status for status in refusals if schemas(shape(route, status)) not in (PROBLEM, MESSAGE, EITHER)] == []
    assert [status for status in refusals if not operation(route)["responses"][status]["description"]] == []


def test_a_problem_and_a_message_of_the_gateway_are_never_confused() -> None:
    """Clients find the one of the two that an answer is by the fields that it requires."""
    problem, message = SCHEMAS["Problem"], SCHEMAS["GatewayMessage"]
    assert not set(message["required"]) & set(problem["properties"])
    assert not set(problem["required"]) & set(message["properties"])


def test_every_tag_is_declared_with_a_description_and_used() -> None:
    declared = {tag["name"]: tag["description"] for tag in DOCUMENT["tags"]}
    assert all(declared.values())
    assert set(declared) == {tag for route in ROUTE_SCOPES for tag in operation(route)["tags"]}


def test_the_servers_are_a_deployed_and_a_local_stack() -> None:
    deployed, local = (server["url"] for server in DOCUMENT["servers"])
    assert deployed.startswith("https://")
    assert local.startswith("http://127.0.0.1:")


def test_no_property_is_always_null() -> None:
    fields = [
        (f"{name}.{field}", part)
        for name, schema in SCHEMAS.items()
        for field, part in schema.get("properties", {}).items()
    ]
    assert [place for place, part in fields if part.get("type") == "null"] == []


def test_generators_find_no_names_in_the_titles_of_parameters() -> None:
    parameters = [parameter for route in ROUTES for parameter in operation(route).get("parameters", ())]
    assert [parameter["name"] for parameter in parameters if "title" in parameter["schema"]] == []
