"""Custom events, as the use case takes them from HTTP and from the bus."""

from loyalty.api.custom_events import EventRequest
from loyalty.domain.custom_event import CustomEvent
from loyalty.http.calls import Caller
from loyalty.http.gateway import fingerprint
from loyalty.usecases.custom_events import SentEvent


def sent_event(body: EventRequest, caller: Caller) -> SentEvent:
    """The event with its sender; its fingerprint is of the body as it was understood."""
    return SentEvent(
        event=CustomEvent(body.name, body.customer_id, body.event_id, body.order_id),
        properties=body.properties,
        fingerprint=fingerprint("event", body=body.model_dump(mode="json", by_alias=True)),
        actor=caller.actor,
        request_id=caller.request_id,
    )
