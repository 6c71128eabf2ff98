"""docs/openapi.json: every answer has the shape that the gateway or the product sends, and clients can be generated."""

from collections.abc import Iterator
from typing import Any

import pytest

from loyalty.http.routes import ROUTE_SCOPES
from tests.support.requests import DOCUMENT, ROUTES, SCHEMAS, operation

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


def test_every_operation_has_the_answers_that_any_request_may_get() -> None:
    wanted = {
        "401": MESSAGE,
        "403": EITHER,
        "413": EITHER,
        "415": PROBLEM,
        "429": MESSAGE,
        "500": EITHER,
        "503": EITHER,
    }
    for route in ROUTES:
        assert {status: schemas(shape(route, status)) for status in wanted} == wanted, route


def test_every_refusal_has_one_of_the_shared_shapes() -> None:
    refusals = [(route, status) for route in ROUTES for status in operation(route)["responses"] if status >= "400"]
    assert [place for place in refusals if schemas(shape(*place)) not in (PROBLEM, MESSAGE, EITHER)] == []
    assert [place for place in refusals if not operation(place[0])["responses"][place[1]]["description"]] == []


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


def test_generators_find_names_of_schemas_alone() -> None:
    """Titles such as `Expiresat` would become names, and each object with any fields would become a class."""
    schemas = {place: schema for name, part in SCHEMAS.items() for place, schema in within(part, name)}
    assert [place for place, schema in schemas.items() if schema.get("title", place) != place] == []
    free = [place for place, schema in schemas.items() if schema.get("additionalProperties") is True]
    assert [place for place in free if "properties" not in schemas[place]] == ["FreeObject"]


def within(schema: Any, place: str) -> Iterator[tuple[str, Any]]:
    """The schema and all schemas inside, with their places."""
    yield place, schema
    for name, part in schema.get("properties", {}).items():
        yield from within(part, f"{place}.{name}")
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *filter(None, [schema.get("items")])):
        yield from within(part, f"{place}[]")


UNIONS = {
    name: [one["$ref"].rsplit("/", 1)[-1] for one in schema["oneOf"]]
    for name, schema in SCHEMAS.items()
    if "oneOf" in schema
}


@pytest.mark.parametrize("name", UNIONS)
def test_an_answer_of_two_shapes_is_recognized_by_its_required_fields(name: str) -> None:
    """Clients take the first shape, in this order or by name, whose required fields are there."""
    listed, by_name = UNIONS[name], sorted(UNIONS[name])
    for first, other in (listed, by_name):
        assert set(SCHEMAS[first]["required"]) - set(SCHEMAS[other]["properties"])


def test_an_answer_without_content_has_no_schema() -> None:
    found = [operation(route)["responses"].get("204", {}) for route in ROUTES]
    assert [response for response in found if "content" in response] == []


def test_the_lowest_success_status_describes_every_success() -> None:
    """Some generators parse every success by the schema of the lowest status."""
    for route in ROUTES:
        found = [
            response["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]
            for status, response in sorted(operation(route)["responses"].items())
            if status < "300" and "content" in response
        ]
        assert all(schema in (found[0], *UNIONS.get(found[0], ())) for schema in found), route
