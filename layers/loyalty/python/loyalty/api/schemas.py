"""Requests and answers about the schemas of metadata and of event properties."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from loyalty.api.base import BY_VALUE, Answer, Request
from loyalty.api.fields import one_line
from loyalty.domain import schema as domain
from loyalty.domain.schema import NAME_MAX, PROPERTIES_MAX, PropertyType


class PropertyInput(Request):
    """One property of a schema."""

    name: Annotated[str, Field(min_length=1, max_length=NAME_MAX), AfterValidator(one_line)] = Field(
        description="The name of the property in the JSON object."
    )
    type: Annotated[PropertyType, BY_VALUE] = Field(
        description="The type that the value must have. A DATE is a text such as 2027-01-31."
    )
    required: bool = Field(default=False, description="Whether the property must be present.")

    @property
    def property(self) -> domain.Property:
        return domain.Property(self.name, self.type, self.required)


def _unique_names(properties: list[PropertyInput]) -> list[PropertyInput]:
    if len({known.name for known in properties}) < len(properties):
        raise PydanticCustomError("repeated", "Each property needs a different name.")
    return properties


Properties = Annotated[list[PropertyInput], Field(max_length=PROPERTIES_MAX), AfterValidator(_unique_names)]


class Property(Answer):
    """One property of a schema."""

    name: str = Field(description="The name of the property in the JSON object.")
    type: PropertyType = Field(description="The type that the value must have. A DATE is a text such as 2027-01-31.")
    required: bool = Field(description="Whether the property must be present.")

    @classmethod
    def of(cls, known: domain.Property) -> "Property":
        return cls(name=known.name, type=known.type, required=known.required)
