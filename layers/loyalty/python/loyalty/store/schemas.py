"""Schemas as items have them: lists of name, type and whether the property is required."""

from collections.abc import Iterable, Sequence
from typing import Any

from loyalty.domain.schema import Property, PropertyType


def schema_json(schema: Iterable[Property]) -> list[Any]:
    return [[known.name, known.type, known.required] for known in schema]


def schema_from(values: Sequence[Any]) -> tuple[Property, ...]:
    return tuple(Property(name, PropertyType(kind), required) for name, kind, required in values)
