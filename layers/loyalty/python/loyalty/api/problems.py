"""Problems as answers (RFC 9457)."""

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class ProblemField(BaseModel):
    field: str = Field(description="Path of the field, such as `body.order.items[0].quantity`.")
    code: str
    message: str
    step: str | None = None


class Problem(BaseModel):
    """A problem (RFC 9457). `code` is stable, `detail` is for people. Some problems add fields such as `available`."""

    model_config = ConfigDict(alias_generator=to_camel, extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[ProblemField] = Field(default_factory=list)
