"""Wallet settings as a JSON document with the API's names, and back."""

from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from loyalty.domain.wallets.settings import Settings


def settings_json(value: Any) -> Any:
    """Returns settings as JSON in camelCase, with every value written out."""
    if is_dataclass(value):
        return {camel_case(field.name): settings_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [settings_json(part) for part in value]
    return value.value if isinstance(value, Enum) else value


def settings_from(document: dict[str, Any]) -> Settings:
    """Returns the settings of a JSON document; a missing setting has its default."""
    settings: Settings = _value_from(Settings, document)
    return settings


def _value_from(kind: Any, value: Any) -> Any:
    if isinstance(kind, type) and is_dataclass(kind):
        of_kind = _fields(kind)
        parts = ((*of_kind[name], part) for name, part in value.items())
        return kind(**{name: _value_from(part_kind, part) for name, part_kind, part in parts})
    if isinstance(kind, UnionType):
        kind = next(option for option in get_args(kind) if option is not type(None))
        return None if value is None else _value_from(kind, value)
    if get_origin(kind) is tuple:
        part_kind, *_ = get_args(kind)
        return tuple(_value_from(part_kind, part) for part in value)
    return kind(value) if isinstance(kind, type) and issubclass(kind, Enum) else value


@cache
def _fields(kind: type[Any]) -> dict[str, tuple[str, Any]]:
    """The name and type of each field, by its name in JSON. Reading the types takes longer than the settings."""
    hints = get_type_hints(kind)
    return {camel_case(field.name): (field.name, hints[field.name]) for field in fields(kind)}


def camel_case(name: str) -> str:
    """The JSON name of a setting."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
