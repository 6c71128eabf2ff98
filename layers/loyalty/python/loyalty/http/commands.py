"""Commands made of calls: the key, and the fingerprint by which a repetition is recognized."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from loyalty.api.events import CustomEventBody
from loyalty.domain.cards.transaction import Facts
from loyalty.domain.custom_event import CustomEvent
from loyalty.errors import FieldProblem, InvalidRequest
from loyalty.http.calls import Caller
from loyalty.http.gateway import canonical
from loyalty.store.keys import by_key
from loyalty.usecases.custom_events import Sent
from loyalty.usecases.ledger import Command

FINGERPRINT_BYTES = 16


def movement_key(key: str | None, *, dry_run: bool) -> str:
    """The key of a movement that is really made. A dry run needs none, and uses up none."""
    if dry_run:
        return ""
    if key is None:
        problem = FieldProblem("header.idempotency-key", "required", "Field required")
        raise InvalidRequest("Not valid: header.idempotency-key.", errors=[problem])
    return key


def fingerprint(command: str, *ids: str, body: Any = None) -> bytes:
    """Tells a repetition from another use of its key: command, ids and JSON as sent, fields in any order."""
    return sha256(canonical([command, *ids, body])).digest()[:FINGERPRINT_BYTES]


def command_of(
    name: str, wallet_id: str, customer_id: str, key: str, *, body: Any, caller: Caller, facts: Mapping[str, Any]
) -> Command:
    """The command of a request; `body` is the JSON as sent, by which a repetition is known."""
    return Command(
        wallet_id=wallet_id,
        customer_id=customer_id,
        origin=by_key(key),
        facts=Facts(
            **facts,
            actor=caller.actor,
            request_id=caller.request_id,
            fingerprint=fingerprint(name, wallet_id, customer_id, body=body),
        ),
    )


def sent_event(body: CustomEventBody, caller: Caller) -> Sent:
    """The event as the use case takes it; its fingerprint is of the body as it was understood."""
    return Sent(
        event=CustomEvent(body.name, body.customer_id, body.event_id, body.order_id),
        properties=body.properties,
        fingerprint=fingerprint("event", body=body.model_dump(mode="json", by_alias=True)),
        actor=caller.actor,
        request_id=caller.request_id,
    )
