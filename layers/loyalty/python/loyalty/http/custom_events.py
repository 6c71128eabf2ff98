"""Custom events, as the use case takes them from HTTP and from the bus."""

from loyalty.api.custom_events import EventRequest
from loyalty.domain.custom_event import CustomEvent
from loyalty.domain.dates import instant
from loyalty.http.calls import Caller
from loyalty.http.gateway import fingerprint
from loyalty.usecases.custom_events import SentEvent


def sent_event(body: EventRequest, caller: Caller) -> SentEvent:
    """The event with its sender; its fingerprint is of the body as it was understood."""
    occurred_at = instant(body.occurred_at) if body.occurred_at else None
    return SentEvent(
        event=CustomEvent(body.name, body.customer_id, body.event_id, body.order_id, occurred_at),
        properties=body.properties,
        fingerprint=fingerprint("event", body=body.model_dump(mode="json", by_alias=True)),
        actor=caller.actor,
        request_id=caller.request_id,
    )
