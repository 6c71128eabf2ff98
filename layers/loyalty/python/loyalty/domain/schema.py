"""Schemas of metadata and event properties: the names, the types, and which properties are required."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from json import dumps

from loyalty.errors import FieldProblem

PROPERTIES_MAX = 50
NAME_MAX = 64


class PropertyType(StrEnum):
    """The type of a property's value. A DATE is a day as text, such as 2027-01-31."""

    STRING = "STRING"
    NUMBER = "NUMBER"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    """A day as text, such as 2027-01-31."""


@dataclass(frozen=True, slots=True)
class Property:
    name: str
    type: PropertyType
    required: bool = False


def metadata_text(metadata: Mapping[str, object] | None) -> str | None:
    """Metadata as they are stored: compact JSON text."""
    return None if metadata is None else dumps(metadata, ensure_ascii=False, separators=(",", ":"))


def schema_problems(schema: Sequence[Property], values: Mapping[str, object], path: str) -> list[FieldProblem]:
    """Returns the values that do not fit. Properties that are not in the schema are kept as they are."""
    problems = []
    for known in schema:
        field = f"{path}.{known.name}"
        if known.name not in values:
            if known.required:
                problems.append(FieldProblem(field, "required", "The schema requires this property."))
        elif not _fits(known.type, values[known.name]):
            problems.append(FieldProblem(field, "property_type", f"The schema requires type {known.type}."))
    return problems


def extended_schema(schema: Sequence[Property], values: Mapping[str, object]) -> tuple[Property, ...]:
    """Returns the schema with the values' unknown properties, each with the type of its value.

    Lists, objects and null have no type in a schema, and a name has 1 to 64 characters: other properties are not added.
    """
    known = {one.name for one in schema}
    added = []
    for name, value in values.items():
        kind = _type_of(value)
        if name not in known and 1 <= len(name) <= NAME_MAX and kind is not None:
            added.append(Property(name, kind))
    return (*schema, *added)


def _type_of(value: object) -> PropertyType | None:
    # A day is a text too, so the more specific type comes first.
    kinds = (PropertyType.DATE, PropertyType.STRING, PropertyType.BOOLEAN, PropertyType.NUMBER)
    return next((kind for kind in kinds if _fits(kind, value)), None)


def _fits(kind: PropertyType, value: object) -> bool:
    match kind:
        case PropertyType.STRING:
            return isinstance(value, str)
        case PropertyType.BOOLEAN:
            return isinstance(value, bool)
        case PropertyType.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case PropertyType.DATE:
            return isinstance(value, str) and _is_day(value)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
