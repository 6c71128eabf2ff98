"""Schemas of metadata and event properties: which properties there are, of which type, which must be there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from loyalty.errors import FieldProblem


class PropertyType(StrEnum):
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


def schema_problems(schema: Sequence[Property], values: Mapping[str, object], path: str) -> list[FieldProblem]:
    """What of the values does not fit. Properties that the schema does not know are kept as they are."""
    problems = []
    for known in schema:
        field = f"{path}.{known.name}"
        if known.name not in values:
            if known.required:
                problems.append(FieldProblem(field, "required", "The schema asks for it."))
        elif not _fits(known.type, values[known.name]):
            problems.append(FieldProblem(field, "property_type", f"The schema says {known.type}."))
    return problems


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
