"""What each route takes, as docs/openapi.json has it: examples of its body, every field of it, its parameters."""

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
    """Within the object that it is a field of."""
    example: Json
    """The first example of the body that has the field."""

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
        """An object whose fields are the caller's own, such as metadata."""
        return isinstance(self.value, dict) and not self.has_fields


def operation(route: str) -> Json:
    method, path = route.split(" ")
    return DOCUMENT["paths"][path][method.lower()]


def parameters(route: str, place: str, *, required: bool = False) -> list[str]:
    """Names of the route's parameters in the path, the query or the headers: all, or the required ones."""
    found = operation(route).get("parameters", [])
    return [one["name"] for one in found if one["in"] == place and (one.get("required") or not required)]


WITH_BODY = [route for route in ROUTES if "requestBody" in operation(route)]


def body_schema(route: str) -> Json:
    return _resolved(operation(route)["requestBody"]["content"]["application/json"]["schema"])


def examples(route: str) -> list[Json]:
    """Bodies that the route takes, from the request's model. Each call makes new ones."""
    return deepcopy(body_schema(route).get("examples", []))


def example(route: str) -> Json:
    return examples(route)[0]


def documented_paths(route: str) -> set[str]:
    return {path for path, _, _ in _fields(body_schema(route), "")}


@cache
def body_fields(route: str) -> dict[str, Field]:
    """Every field of the route's body that an example shows, by path."""
    found = {}
    for path, schema, required in _fields(body_schema(route), ""):
        body = next((one for one in examples(route) if value_at(one, path) is not None), None)
        if body is not None:
            found[path] = Field(path, schema, required, body)
    return found


def value_at(body: Json, path: str) -> Json:
    """None where the body has nothing there."""
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
    """The schema that a reference names; of a nullable field, the one that is not null."""
    options = [option for option in schema.get("anyOf", schema.get("allOf", [])) if option.get("type") != "null"]
    if len(options) == 1:
        return _resolved(options[0])
    return _resolved(SCHEMAS[schema["$ref"].rsplit("/", 1)[1]]) if "$ref" in schema else schema
