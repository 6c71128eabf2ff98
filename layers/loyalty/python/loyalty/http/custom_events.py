"""Events, as the use case takes them from HTTP and from the bus."""

from typing import Any

from loyalty.api.custom_events import EventInput, EventRequest, QuoteRequest
from loyalty.domain.cards.transaction import RefundType
from loyalty.domain.custom_event import CustomEvent
from loyalty.domain.dates import instant
from loyalty.domain.earning.event import ORDER_CANCELED, ORDER_PAID
from loyalty.domain.movements.refund_amounts import RefundDemand
from loyalty.http.calls import Caller
from loyalty.http.gateway import fingerprint
from loyalty.usecases.custom_events import SentEvent

PAID_FIELDS: Any = {"name": True, "customer_id": True, "order_id": True, "order": {"amount", "currency", "items"}}
CANCELED_FIELDS: Any = {"name": True, "customer_id": True, "order_id": True}
IDENTITY: dict[str, Any] = {ORDER_PAID: PAID_FIELDS, ORDER_CANCELED: CANCELED_FIELDS}
"""The fields that two deliveries of an event have in common; all fields of other events."""


def sent_event(body: EventInput, caller: Caller) -> SentEvent:
    """The event with its sender; its fingerprint is of the body as it was understood.

    An event to examine may have no id: then it is no event that was or will be sent.
    """
    occurred_at = instant(body.occurred_at) if body.occurred_at else None
    return SentEvent(
        event=CustomEvent(body.name, body.customer_id, body.event_id or "-", body.order_id, occurred_at),
        properties=body.properties,
        order=body.order.order if body.order else None,
        categories=body.order.categories if body.order else {},
        refund=_refund(body),
        receipt_fingerprint=_receipt_fingerprint(body),
        fingerprint=fingerprint("event", body=body.model_dump(mode="json", by_alias=True)),
        actor=caller.actor,
        request_id=caller.request_id,
    )


def quoted_event(customer_id: str, body: QuoteRequest, caller: Caller) -> SentEvent:
    """The event of an order that is not paid yet. It is examined and never recorded."""
    return SentEvent(
        event=CustomEvent(ORDER_PAID, customer_id, "-", body.order_id),
        properties={},
        order=body.order.order,
        categories=body.order.categories,
        receipt_fingerprint=b"",
        fingerprint=b"",
        actor=caller.actor,
        request_id=caller.request_id,
    )


def _receipt_fingerprint(body: EventInput) -> bytes:
    """Senders may invent another event id for a retry, so a paid or canceled order is compared without it."""
    sent = body.model_dump(mode="json", by_alias=True, include=IDENTITY.get(body.name))
    return fingerprint("event", body=sent)


def _refund(body: EventInput) -> RefundDemand | None:
    if body.name == ORDER_CANCELED:
        return RefundDemand(RefundType.FULL)
    return body.refund.demand if isinstance(body, EventRequest) and body.refund else None
