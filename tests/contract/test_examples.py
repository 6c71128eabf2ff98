"""The examples of requests: every route with a body has one, each is valid, and together they show every field."""

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Annotated, Any, get_args, get_origin

import pytest
from annotated_types import Ge, GroupedMetadata, Le, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from loyalty.api.base import Request
from tests.support.requests import SCHEMAS, WITH_BODY, body_fields, body_schema, documented_paths, examples
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


KEYWORDS: dict[type, tuple[str, set[str]]] = {
    Ge: ("ge", {"minimum"}),
    Le: ("le", {"maximum"}),
    MinLen: ("min_length", {"minLength", "minItems"}),
    MaxLen: ("max_length", {"maxLength", "maxItems"}),
}
"""The bounds of pydantic, with the keywords of JSON Schema for them."""


def bounds(annotation: Any, metadata: Iterable[Any] = ()) -> Iterator[tuple[set[str], Any]]:
    """Every bound of the type and of the types in it, as the keywords that may show it and its value."""
    for one in metadata:
        if isinstance(one, FieldInfo):
            yield from bounds(None, one.metadata)
        elif isinstance(one, GroupedMetadata):
            yield from bounds(None, one)
        elif type(one) in KEYWORDS:
            name, keywords = KEYWORDS[type(one)]
            yield keywords, getattr(one, name)
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        yield from bounds(inner, more)
    else:
        for part in get_args(annotation):
            yield from bounds(part)


def shown(schema: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        for keyword, value in schema.items():
            yield keyword, value
            yield from shown(value)
    elif isinstance(schema, list):
        for part in schema:
            yield from shown(part)


def test_the_document_shows_every_bound_of_a_request(requests: dict[str, Any]) -> None:
    found = 0
    for name, model in requests.items():
        if not issubclass(model, Request):
            continue
        properties = SCHEMAS[name]["properties"] if name in SCHEMAS else model.model_json_schema()["properties"]
        for field in model.model_fields.values():
            present = [(word, value) for word, value in shown(properties[field.alias])]
            for keywords, value in bounds(field.annotation, field.metadata):
                assert [word for word, seen in present if word in keywords and seen == value], (name, field.alias)
                found += 1
    assert found > 100
