"""The call that a handler answers, as one value."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Depends, Request

from loyalty.domain.access import NO_RIGHTS, Rights, Scope
from loyalty.http.gateway import authorizer_context, scope_missing
from loyalty.http.routes import grants
from loyalty.store.store import Store, connected_store


@dataclass(frozen=True, slots=True)
class Caller:
    actor: str
    """Id of the API key."""
    request_id: str
    name: str = ""
    """Name of the API key."""
    role: str | None = None
    """The role of the API key, if it has one."""
    rights: Rights = NO_RIGHTS


@dataclass(frozen=True, slots=True)
class Call:
    store: Store
    caller: Caller
    now: datetime
    """When the call arrived: one instant for all that it does."""
    body: str | None

    @property
    def actor(self) -> str:
        return self.caller.actor

    @property
    def sent(self) -> Any:
        """Returns the JSON as it was sent, without defaults."""
        return json.loads(self.body) if self.body else None

    def require(self, scope: Scope) -> None:
        """Raises `ScopeMissing` unless the key has the scope, which only some requests of the route need."""
        if not grants(self.caller.rights.scopes, scope):
            raise scope_missing(scope)


def _call(request: Request) -> Call:
    event = request.resolved_event.raw_event
    authorized = authorizer_context(event)
    caller = Caller(
        actor=str(authorized.get("keyId", "-")),
        request_id=event["requestContext"]["requestId"],
        name=str(authorized.get("name", "")),
        role=authorized.get("role"),
        rights=Rights(
            frozenset(str(authorized.get("scopes", "")).split()),
            int(authorized["adjustmentMax"]) if "adjustmentMax" in authorized else None,
        ),
    )
    return Call(connected_store(), caller, datetime.now(UTC), event.get("body"))


CallOf = Annotated[Call, Depends(_call)]
