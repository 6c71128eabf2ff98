"""Problems as answers (RFC 9457)."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from loyalty.errors import WALLET, LoyaltyError


class ProblemField(BaseModel):
    """A problem with one field of the request."""

    field: str = Field(description="Path of the field, such as `body.order.items[0].quantity`.")
    code: str = Field(description="A stable code of the problem, for programs.")
    message: str = Field(description="An explanation for people.")
    step: str | None = Field(default=None, description="The step of the wallet builder, if the field is a setting.")


def _with_additional_members(schema: dict[str, Any]) -> None:
    """Adds the members that only some codes have, each with its meaning for each code."""
    meanings: dict[str, dict[str, list[str]]] = {WALLET.name: {WALLET.meaning: []}}
    types = {WALLET.name: "string"}
    for refusal in LoyaltyError.__subclasses__():
        for one in refusal.members:
            meanings.setdefault(one.name, {}).setdefault(one.meaning, []).append(f"`{refusal.code}`")
            types[one.name] = "integer" if one.type is int else "string"
    for name, texts in sorted(meanings.items()):
        description = " ".join(f"{', '.join(codes)}: {text}" if codes else text for text, codes in texts.items())
        schema["properties"][name] = {"type": types[name], "description": description}


class Problem(BaseModel):
    """A refusal, as a problem document (RFC 9457). Some codes have additional members, such as `available`."""

    model_config = ConfigDict(alias_generator=to_camel, extra="allow", json_schema_extra=_with_additional_members)

    type: str = Field(description="The code as a URN, such as `urn:loyalty:problem:card_not_found`.")
    title: str = Field(description="The kind of problem, in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="An explanation of this refusal, for people.")
    code: str = Field(description="A stable code of the refusal, for programs.")
    request_id: str = Field(description="The id of the request, for the search in logs.")
    errors: list[ProblemField] = Field(default_factory=list, description="The problems of single fields.")
