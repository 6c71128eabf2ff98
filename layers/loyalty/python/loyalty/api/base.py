"""Base classes of requests and answers."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Request(BaseModel):
    """Base of request bodies: camelCase, no unknown fields, no coercion."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", strict=True, frozen=True, hide_input_in_errors=True
    )


class Answer(BaseModel):
    """Base of answers: camelCase, made from the domain's values."""

    has_etag: ClassVar[bool] = False
    """Whether the header ETag has the version of what the answer shows."""
    has_location: ClassVar[bool] = False
    """Whether the header Location of a creation has the path of what was created."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        frozen=True,
        hide_input_in_errors=True,
    )


BY_VALUE = Field(strict=False)
"""Of an enum in a request: the value arrives as text."""
