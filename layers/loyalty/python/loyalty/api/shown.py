"""Settings in answers: with the fields, values and descriptions of the requests that set them."""

from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, NotRequired, Union, get_args, get_origin

from pydantic import Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema
from typing_extensions import TypedDict

from loyalty.api.base import Request

WITHOUT_EFFECT = {"proRata", "earnOnPointsPaid", "birthday"}
"""Settings of campaigns that answers leave out where they have no effect."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Marks an object in an answer as a group of settings of a request.

    The answer leaves out fields that are null or empty, or has every field, with `nulls`.
    """

    model: type[Request]
    nulls: bool = False

    def __get_pydantic_core_schema__(self, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler.generate_schema(_group(self.model, nulls=self.nulls and _may_lack_values(self.model)))


def setting(model: type[Request], name: str) -> Any:
    """Returns the field of an answer that shows a setting, with the description of the request."""
    return Field(description=model.model_fields[name].description)


@cache
def _group(model: type[Request], *, nulls: bool) -> Any:
    """Returns the type of a group. The bounds of the request are left out: they apply to what is sent."""
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        alias = field.alias or name
        kind: Any = Annotated[_kind_of(field.annotation, nulls=nulls), Field(description=field.description)]
        may_be_absent = not nulls and (alias in WITHOUT_EFFECT or _may_lack_value(field.annotation))
        fields[alias] = NotRequired[kind] if may_be_absent else kind
    group = TypedDict(model.__name__.removesuffix("Input") + "Settings", fields)  # type: ignore[misc]  # made at run time
    group.__doc__ = model.__doc__
    return group


def _kind_of(kind: Any, *, nulls: bool) -> Any:
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _kind_of(parts[0], nulls=nulls)
    if origin in (Union, UnionType):
        return Union[tuple(_kind_of(part, nulls=nulls) for part in parts if nulls or part is not NoneType)]  # noqa: UP007  # of values
    if origin is list:
        return list[_kind_of(parts[0], nulls=nulls)]  # type: ignore[misc]  # a type that is made at run time
    if isinstance(kind, type) and issubclass(kind, Request):
        return _group(kind, nulls=nulls and _may_lack_values(kind))
    return kind


def _may_lack_values(model: type[Request]) -> bool:
    """Whether a setting of the group, or of a group in it, can be null or empty."""
    kinds = [field.annotation for field in model.model_fields.values()]
    groups = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Request)]
    return any(map(_may_lack_value, kinds)) or any(map(_may_lack_values, groups))


def _may_lack_value(kind: Any) -> bool:
    """Whether a setting of this type can be null or empty."""
    if get_origin(kind) is Annotated:
        return _may_lack_value(get_args(kind)[0])
    return NoneType in get_args(kind) or get_origin(kind) is list
