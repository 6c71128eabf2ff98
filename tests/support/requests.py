"""The requests of each route, from docs/openapi.json: examples, fields of the body, parameters."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

from loyalty.http.routes import ROUTE_SCOPES
from tests.support.template import ROOT

Json = Any

DOCUMENT: Json = json.loads((ROOT / "docs" / "openapi.json").read_text())
SCHEMAS: dict[str, Json] = DOCUMENT["components"]["schemas"]
ROUTES = list(ROUTE_SCOPES)


@dataclass(frozen=True)
class Field:
    """A field of a route's body, by its path: `order.items[0].amount`."""

    path: str
    schema: Json
    required: bool
    """Whether the field is required in its object."""
    example: Json
    """The first example of the body with this field."""

    @property
    def name(self) -> str:
        return self.path.rsplit(".", maxsplit=1)[-1]

    @property
    def value(self) -> Json:
        return value_at(self.example, self.path)

    @property
    def has_fields(self) -> bool:
        return "properties" in self.schema

    @property
    def is_free(self) -> bool:
        """Whether the field is an object with any fields, such as metadata."""
        return isinstance(self.value, dict) and not self.has_fields


def operation(route: str) -> Json:
    method, path = route.split(" ")
    return DOCUMENT["paths"][path][method.lower()]


def parameters(route: str, place: str, *, required: bool = False) -> list[str]:
    """Names of the route's parameters in the path, the query or the headers: all, or the required ones."""
    found = operation(route).get("parameters", [])
    return [one["name"] for one in found if one["in"] == place and (one.get("required") or not required)]


WITH_BODY = [route for route in ROUTES if "requestBody" in operation(route)]
BODY_OPTIONAL = [route for route in WITH_BODY if not operation(route)["requestBody"].get("required")]


def body_schema(route: str) -> Json:
    return _resolved(operation(route)["requestBody"]["content"]["application/json"]["schema"])


def examples(route: str) -> list[Json]:
    """The example bodies of the route, from the request's model. Each call makes copies."""
    return deepcopy(body_schema(route).get("examples", []))


def example(route: str) -> Json:
    return examples(route)[0]


def documented_paths(route: str) -> set[str]:
    return {path for path, _, _ in _fields(body_schema(route), "")}


@cache
def body_fields(route: str) -> dict[str, Field]:
    """The fields of the route's body with an example, by path."""
    found = {}
    for path, schema, required in _fields(body_schema(route), ""):
        body = next((one for one in examples(route) if value_at(one, path) is not None), None)
        if body is not None:
            found[path] = Field(path, schema, required, body)
    return found


def value_at(body: Json, path: str) -> Json:
    """The value at the path, or None."""
    for step in _steps(path):
        try:
            body = body[step]
        except (KeyError, IndexError):
            return None
    return body


def spoiled(body: Json, path: str, change: Json) -> Json:
    """The body with another value at the path; `...` removes the field."""
    body = deepcopy(body)
    *steps, last = _steps(path)
    place = body
    for step in steps:
        place = place[step]
    if change is ...:
        del place[last]
    else:
        place[last] = change
    return body


def _steps(path: str) -> list[Any]:
    return [int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", path)]


def _fields(schema: Json, path: str) -> Iterator[tuple[str, Json, bool]]:
    for name, part in schema.get("properties", {}).items():
        below = f"{path}.{name}" if path else name
        yield from _field(part, below, required=name in schema.get("required", []))


def _field(schema: Json, path: str, *, required: bool) -> Iterator[tuple[str, Json, bool]]:
    schema = _resolved(schema)
    yield path, schema, required
    yield from _fields(schema, path)
    if "items" in schema:
        yield from _field(schema["items"], f"{path}[0]", required=False)


def _resolved(schema: Json) -> Json:
    """The schema of a reference; for a nullable field, the schema that is not null."""
    options = [option for option in schema.get("anyOf", schema.get("allOf", [])) if option.get("type") != "null"]
    if len(options) == 1:
        return _resolved(options[0])
    return _resolved(SCHEMAS[schema["$ref"].rsplit("/", 1)[1]]) if "$ref" in schema else schema
