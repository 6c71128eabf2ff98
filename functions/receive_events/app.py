"""/v1/events…: record events, which become awards; examine an event; read what an event decided."""

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from time import monotonic

from loyalty import errors
from loyalty.api.custom_events import (
    EventBatchRequest,
    EventReceipt,
    EventRequest,
    EventResult,
    EventResults,
    Examination,
    ExamineRequest,
    QuoteRequest,
)
from loyalty.http.calls import CallOf
from loyalty.http.custom_events import quoted_event, sent_event
from loyalty.http.parameters import CustomerId, EventName, OrderIdOfEvent, SentEventId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, document_answers
from loyalty.usecases import custom_events

app = APIGatewayHttpResolver()

BATCH_SECONDS_MAX = 15
"""How long a batch begins new events: the last of them is answered before the gateway gives up at 30 seconds."""
REFUND_REFUSALS = (
    errors.WalletDeleted,
    errors.CardFrozen,
    errors.CardClosed,
    errors.OrderAmountUnknown,
    errors.ItemsRequired,
    errors.RefundExceedsOrder,
    errors.TooMuchAtOnce,
)
"""Of events that undo orders."""
REFUSALS = (
    errors.ReservedName,
    errors.EventNotDefined,
    errors.CurrencyDiffers,
    errors.OccurredAtOutOfRange,
)


@app.post(
    "/v1/events",
    summary="Record an event",
    description=(
        "Campaigns give points for the event, and the answer has them. The event also activates event-based pending "
        "points and moves sliding expiries. An `eventId` takes effect once. An order is paid and canceled once, "
        "whatever the `eventId`. `order.refunded` and `order.canceled` refund the order, also before it is paid."
    ),
    responses=document_answers(
        HTTPStatus.OK,
        EventResult,
        *REFUSALS,
        *REFUND_REFUSALS,
        errors.OrderDiffers,
        errors.KeyReused,
        errors.ClockSkew,
    ),
    tags=["Events"],
)
def receive_event(
    call: CallOf,
    body: EventRequest,
) -> Response:
    accepted = custom_events.accept(call.store, sent_event(body, call.caller), call.now)
    return answer(EventResult.of(body.event_id, accepted))


@app.post(
    "/v1/events/batch",
    summary="Record up to 100 events",
    description="Each event has its own result: a refused event does not stop the others.",
    responses=document_answers(HTTPStatus.OK, EventResults),
    tags=["Events"],
)
def receive_events(
    call: CallOf,
    body: EventBatchRequest,
) -> Response:
    deadline = monotonic() + BATCH_SECONDS_MAX
    results = [_result(call, event, place, deadline) for place, event in enumerate(body.events)]
    return answer(EventResults(data=results))


def _result(call: CallOf, event: EventRequest, place: int, deadline: float) -> EventResult:
    # Each event is accepted as if it had come alone: an event that the batch brings twice is a repetition.
    caller = replace(call.caller, request_id=f"{call.caller.request_id}.{place}")
    try:
        if monotonic() > deadline:
            raise errors.Busy("The batch took too long before this event. Send the event again.")
        # The clock is read for each event: the last event of a long batch is handled seconds after the first.
        accepted = custom_events.accept(call.store, sent_event(event, caller), datetime.now(UTC))
        return EventResult.of(event.event_id, accepted)
    except errors.LoyaltyError as refusal:
        return EventResult.refusal(event.event_id, refusal)


@app.post(
    "/v1/events/examine",
    summary="Examine what campaigns would give",
    description=(
        "Evaluates the event like a recorded one and writes nothing. `skipped` has each campaign that would give "
        "nothing, with the reason. Send `campaignIds` to examine drafts."
    ),
    responses=document_answers(HTTPStatus.OK, Examination, *REFUSALS, errors.CampaignNotFound, errors.ActionRequired),
    tags=["Events"],
)
def examine_event(
    call: CallOf,
    body: ExamineRequest,
) -> Response:
    event = sent_event(body, call.caller)
    return answer(Examination.of(custom_events.examine(call.store, event, call.now, body.campaign_ids)))


@app.post(
    "/v1/customers/<customerId>/quote",
    summary="Quote the points of an order",
    description=(
        "Answers what campaigns would give the customer if the order was paid now: for a cart or a product page. "
        "Writes nothing, and takes customers without a card too."
    ),
    responses=document_answers(HTTPStatus.OK, Examination, errors.CurrencyDiffers),
    tags=["Events"],
)
def quote_order(
    call: CallOf,
    customer_id: CustomerId,
    body: QuoteRequest,
) -> Response:
    return answer(
        Examination.of(custom_events.examine(call.store, quoted_event(customer_id, body, call.caller), call.now))
    )


@app.get(
    "/v1/customers/<customerId>/events/<name>",
    summary="Read what an event decided",
    description=(
        "Finds the receipt of an event that gave points, and of a paid, refunded or canceled order. Send the `orderId` "
        "of `order.paid` and `order.canceled`, and the `eventId` of other events. `loyalty.coupon.redeemed` has the "
        "idempotency key as its `eventId`; a redemption for an order has the code, and its `orderId`."
    ),
    responses=document_answers(HTTPStatus.OK, EventReceipt, errors.EventNotFound),
    tags=["Events"],
)
def read_event(
    call: CallOf,
    customer_id: CustomerId,
    name: EventName,
    event_id: SentEventId = None,
    order_id: OrderIdOfEvent = None,
) -> Response:
    receipt, outcome = custom_events.find_receipt(call.store, customer_id, name, event_id, order_id)
    return answer(EventReceipt.of(receipt, outcome))


lambda_handler = entry_point(app)
