"""Schemas of metadata and event properties as requests and answers."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from loyalty.api.base import Body, Shape
from loyalty.domain.schema import NAME_MAX, PROPERTIES_MAX, Property, PropertyType


class PropertyForm(Body):
    name: Annotated[str, Field(min_length=1, max_length=NAME_MAX)]
    type: Literal["STRING", "NUMBER", "BOOLEAN", "DATE"]
    required: bool = False

    @property
    def property(self) -> Property:
        return Property(self.name, PropertyType(self.type), self.required)


def _told_apart(properties: list[PropertyForm]) -> list[PropertyForm]:
    if len({known.name for known in properties}) < len(properties):
        raise PydanticCustomError("repeated", "Each property has a name of its own.")
    return properties


Properties = Annotated[list[PropertyForm], Field(max_length=PROPERTIES_MAX), AfterValidator(_told_apart)]


class PropertyShape(Shape):
    name: str
    type: str
    required: bool

    @classmethod
    def of(cls, known: Property) -> "PropertyShape":
        return cls(name=known.name, type=known.type, required=known.required)
