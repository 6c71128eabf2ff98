"""The examples of requests: every route with a body has one, each is valid, and together they show every field."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from pydantic import BaseModel

from tests.support.requests import WITH_BODY, body_fields, body_schema, documented_paths, examples
from tests.support.template import ROOT

PACKAGE = ROOT / "layers" / "loyalty" / "python"


def models(base: type[BaseModel] = BaseModel) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from models(model)


@pytest.fixture(scope="module")
def requests() -> dict[str, type[BaseModel]]:
    """The models of requests by name."""
    for path in (PACKAGE / "loyalty" / "api").rglob("*.py"):
        import_module(".".join(path.relative_to(PACKAGE).with_suffix("").parts))
    return {model.__name__: model for model in models() if model.__module__.startswith("loyalty.api.")}


@pytest.mark.parametrize("route", WITH_BODY)
def test_every_route_with_a_body_has_an_example(route: str) -> None:
    assert examples(route)


@pytest.mark.parametrize("route", WITH_BODY)
def test_every_example_is_valid(route: str, requests: dict[str, Any]) -> None:
    for example in examples(route):
        requests[body_schema(route)["title"]].model_validate(example)


@pytest.mark.parametrize("route", WITH_BODY)
def test_the_examples_of_a_route_show_every_field(route: str) -> None:
    assert set(body_fields(route)) == documented_paths(route)


@pytest.mark.parametrize("route", WITH_BODY)
def test_the_document_shows_the_examples_of_the_model(route: str, requests: dict[str, Any]) -> None:
    schema = requests[body_schema(route)["title"]].model_json_schema(by_alias=True)
    assert schema["examples"] == examples(route)
