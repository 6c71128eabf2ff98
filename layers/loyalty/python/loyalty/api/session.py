"""Answers about the caller of a request."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from loyalty.api.access import ShownScope
from loyalty.api.base import Answer
from loyalty.domain import project as domain
from loyalty.domain.access import Rights


class SessionProject(Answer):
    """What a client needs of the project to show points, amounts and days."""

    time_zone: str = Field(description="The project's time zone, as a name of the IANA database.")
    currency: str = Field(description="The project's currency, as an ISO 4217 code.")


class Session(Answer):
    """The caller of the request, and what the caller may do."""

    actor: str = Field(
        description="The caller's id, as the `actor` of the caller's transactions: the id of the API key."
    )
    kind: Literal["KEY"] = Field(description="The kind of credential: `KEY` is an API key.")
    name: str = Field(description="The name of the API key.")
    role: str | None = Field(description="The role of the API key; null for a key with scopes of its own.")
    scopes: list[ShownScope] = Field(description="The scopes of the caller, in alphabetical order; `*` is every scope.")
    adjustment_max: int | None = Field(
        description="The most points that one movement by hand of the caller may move; null without a maximum."
    )
    expires_at: datetime | None = Field(description="The end of the credential; null for an API key, which has no end.")
    project: SessionProject = Field(description="The settings of the project that amounts and days follow.")
    stack: str = Field(description="The name of the stack.")

    @classmethod
    def of(
        cls, actor: str, name: str, role: str | None, rights: Rights, project: domain.Project, stack: str
    ) -> "Session":
        return cls(
            actor=actor,
            kind="KEY",
            name=name,
            role=role,
            scopes=sorted(rights.scopes),
            adjustment_max=rights.adjustment_max,
            expires_at=None,
            project=SessionProject(time_zone=project.time_zone, currency=project.currency),
            stack=stack,
        )
