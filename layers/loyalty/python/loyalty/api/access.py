"""Requests and answers about roles and API keys."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api import answered
from loyalty.api.base import Answer, Request
from loyalty.api.fields import one_line, text_format
from loyalty.domain.access import ALL, BUILT_IN_ROLES, ROLES_MAX, SCOPES, Rights, all_roles, own_roles
from loyalty.domain.cards.card import POINTS_MAX
from loyalty.domain.dates import datetime_of
from loyalty.usecases.api_keys import KeyWithRights

ROLE = text_format(
    r"^[a-z][a-z0-9_-]{0,31}$",
    "Use at most 32 small letters a to z, digits and the characters _ - and begin with a letter.",
)
NAME_MAX = 64
SCOPE_NAMES = [ALL, *sorted(SCOPES)]


def _known_scope(name: str) -> str:
    if name not in SCOPE_NAMES:
        raise PydanticCustomError("unknown_scope", "There is no scope {scope}.", {"scope": ascii(name)})
    return name


def _distinct(roles: list["RoleInput"]) -> list["RoleInput"]:
    """Refuses a role that is named twice, and more roles than a project may have with the built-in roles."""
    names = {role.role for role in roles}
    if len(names) < len(roles):
        raise PydanticCustomError("repeated", "Send each role once.")
    if len(names | BUILT_IN_ROLES.keys()) > ROLES_MAX:
        message = f"A project has at most {ROLES_MAX} roles, the built-in roles included."
        raise PydanticCustomError("too_many_roles", message)
    return roles


ScopeName = Annotated[
    str, Field(max_length=32, json_schema_extra={"enum": [*SCOPE_NAMES]}), AfterValidator(_known_scope)
]
ShownScope = Annotated[str, Field(json_schema_extra={"enum": [*SCOPE_NAMES]})]
Scopes = Annotated[list[ScopeName], Field(min_length=1, max_length=len(SCOPES))]
RoleName = Annotated[str, Field(pattern=ROLE)]
KeyName = Annotated[str, Field(min_length=1, max_length=NAME_MAX), AfterValidator(one_line)]


class RoleInput(Request):
    """A role: a name for scopes, which API keys may have instead of scopes of their own."""

    role: RoleName = Field(description="The name of the role. The name of a built-in role replaces this role.")
    scopes: Scopes = Field(description="The scopes of the role; `*` is every scope.")
    adjustment_max: int | None = Field(
        default=None,
        ge=0,
        le=POINTS_MAX,
        description="The most points that one movement by hand may move; null without a maximum.",
    )

    @property
    def rights(self) -> Rights:
        return Rights(frozenset(self.scopes), self.adjustment_max)


Roles = Annotated[list[RoleInput], Field(max_length=ROLES_MAX), AfterValidator(_distinct)]


def rights_by_role(roles: list[RoleInput]) -> dict[str, Rights]:
    """Returns the rights of the project's own roles by name. A role that is equal to a built-in role is left out."""
    return own_roles({role.role: role.rights for role in roles})


class Role(Answer):
    """A role of the project, built-in or its own."""

    role: str = Field(description="The name of the role.")
    scopes: list[ShownScope] = Field(description="The scopes of the role, in alphabetical order; `*` is every scope.")
    adjustment_max: int | None = Field(
        description="The most points that one movement by hand may move; null without a maximum."
    )

    @classmethod
    def all_of(cls, own: Mapping[str, Rights]) -> list["Role"]:
        return [
            cls(role=name, scopes=sorted(rights.scopes), adjustment_max=rights.adjustment_max)
            for name, rights in all_roles(own).items()
        ]


class ApiKeyRequest(Request):
    """An API key to create: with a role, or with scopes of its own."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Support desk", "role": "agent"},
                {"name": "Shop", "scopes": ["points:credit", "points:debit", "points:read"]},
            ]
        }
    )

    name: KeyName = Field(description="Who or what uses the key. Several keys may have one name.")
    role: RoleName | None = Field(
        default=None, description="The role whose rights the key has, as they are when the key is used."
    )
    scopes: Scopes | None = Field(default=None, description="The scopes of the key, if it has no role.")

    @model_validator(mode="after")
    def _role_or_scopes(self) -> Self:
        if (self.role is None) == (self.scopes is None):
            raise PydanticCustomError("one_of", "Send either role or scopes.", {"field": "role"})
        return self


class ApiKey(Answer):
    """An API key, without the key itself."""

    key_id: str = Field(description="The id of the key, which is the `actor` of its transactions.")
    name: str = Field(description="Who or what uses the key.")
    role: str | None = Field(description="The role of the key; null for a key with scopes of its own.")
    scopes: list[ShownScope] = Field(description="What the key may do now; empty if its role does not exist any more.")
    created_at: answered.CreatedAt
    created_by: str | None = Field(description="The id of the key that created this key; null for `make key`.")
    last_used_day: date | None = Field(
        description="The last day in UTC on which a request with the key was accepted; null before the first."
    )
    revoked_at: datetime | None = Field(description="When the key was revoked; null for a valid key.")

    @classmethod
    def of(cls, found: KeyWithRights) -> "ApiKey":
        return cls(**cls._values_of(found))

    @staticmethod
    def _values_of(found: KeyWithRights) -> dict[str, Any]:
        entry = found.entry
        return {
            "key_id": entry.key_id,
            "name": entry.name,
            "role": entry.role,
            "scopes": sorted(found.rights.scopes),
            "created_at": datetime_of(entry.created_at),
            "created_by": entry.created_by,
            "last_used_day": entry.last_used,
            "revoked_at": datetime_of(entry.revoked_at) if entry.revoked_at else None,
        }


class ApiKeyCreated(ApiKey):
    """A new API key."""

    key: str | None = Field(
        description="The key itself. Only the first answer has it: the table has only its hash. Null for a repetition."
    )

    @classmethod
    def of(cls, found: KeyWithRights) -> "ApiKeyCreated":
        return cls(**cls._values_of(found), key=found.secret)


class ApiKeyList(Answer):
    """A page of API keys, in the order of their ids."""

    data: list[ApiKey] = Field(description="The API keys of the page.")
    next_cursor: answered.NextCursor
