"""Compares the body of an answer with the schema that docs/openapi.json names for its route and status."""

from collections.abc import Iterator
from typing import Any

from tests.support.requests import SCHEMAS, operation

Json = Any

TYPES = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


def differences(route: str, status: int, body: Json) -> list[str]:
    """The parts of the body that the schema does not allow, or that it requires. An unnamed property is one."""
    (media,) = operation(route)["responses"][str(status)]["content"].values()
    return list(_differences(body, media["schema"], "body"))


def _differences(value: Json, schema: Json, path: str) -> Iterator[str]:
    if "$ref" in schema:
        yield from _differences(value, SCHEMAS[schema["$ref"].rsplit("/", 1)[1]], path)
    for part in schema.get("allOf", []):
        yield from _differences(value, part, path)
    if options := schema.get("anyOf") or schema.get("oneOf"):
        found = [list(_differences(value, option, path)) for option in options]
        yield from min(found, key=len)
    if "type" in schema:
        names = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        # To Python, true is an integer.
        if not any(type(value) in TYPES[name] for name in names):
            yield f"{path} is {value!r}, not of type {' or '.join(names)}"
    if ("enum" in schema and value not in schema["enum"]) or ("const" in schema and value != schema["const"]):
        yield f"{path} is {value!r}, not one of {schema.get('enum', schema.get('const'))}"
    if isinstance(value, dict):
        yield from _differences_in_object(value, schema, path)
    if isinstance(value, list):
        for place, one in enumerate(value):
            yield from _differences(one, schema.get("items", {}), f"{path}[{place}]")


def _differences_in_object(value: dict[str, Json], schema: Json, path: str) -> Iterator[str]:
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", not schema.get("properties"))
    for name in set(schema.get("required", [])) - value.keys():
        yield f"{path}.{name} is absent"
    for name, one in value.items():
        if name not in properties and others is False:
            yield f"{path}.{name} is not in the schema"
        yield from _differences(one, properties.get(name, others if isinstance(others, dict) else {}), f"{path}.{name}")
