"""The call that a handler answers, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from loyalty.domain.access import NO_RIGHTS, Rights, Scope
from loyalty.http.gateway import authorizer_context, scope_missing
from loyalty.http.routes import grants
from loyalty.http.routing import Injected
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
    sent: Any
    """The JSON of the body as it was sent, without defaults; None without a body."""

    @property
    def actor(self) -> str:
        return self.caller.actor

    def require(self, scope: Scope) -> None:
        """Raises `ScopeMissing` unless the key has the scope, which only some requests of the route need."""
        if not grants(self.caller.rights.scopes, scope):
            raise scope_missing(scope)


def _call(event: Mapping[str, Any], document: Any) -> Call:
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
    return Call(connected_store(), caller, datetime.now(UTC), document)


CallOf = Annotated[Call, Injected(_call)]
