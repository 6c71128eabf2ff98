"""Problems as answers (RFC 9457)."""

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class ProblemField(BaseModel):
    """A problem with one field of the request."""

    field: str = Field(description="Path of the field, such as `body.order.items[0].quantity`.")
    code: str = Field(description="A stable code of the problem, for programs.")
    message: str = Field(description="An explanation for people.")
    step: str | None = Field(default=None, description="The step of the wallet builder, if the field is a setting.")


class Problem(BaseModel):
    """A refusal, as a problem document (RFC 9457). Some problems have additional fields, such as `available`."""

    model_config = ConfigDict(alias_generator=to_camel, extra="allow")

    type: str = Field(description="The code as a URN, such as `urn:loyalty:problem:card_not_found`.")
    title: str = Field(description="The kind of problem, in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="An explanation of this refusal, for people.")
    code: str = Field(description="A stable code of the refusal, for programs.")
    request_id: str = Field(description="The id of the request, for the search in logs.")
    errors: list[ProblemField] = Field(default_factory=list, description="The problems of single fields.")
