"""POST /v1/events, /v1/events/batch: record one custom event, or up to 100."""

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from time import monotonic
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.custom_events import EventBatchRequest, EventRequest, EventResult, EventResults
from loyalty.http.calls import CallOf
from loyalty.http.custom_events import sent_event
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import answer, document_answers
from loyalty.usecases import custom_events

app = APIGatewayHttpResolver()


BATCH_SECONDS_MAX = 15
"""For beginning with an event: then even one on busy cards is answer before the gateway gives up, at 30 seconds."""


@app.post(
    "/v1/events",
    summary="Record a custom event",
    description=(
        "Activates event-based pending points and moves sliding expiries. An `eventId` takes effect once on a "
        "card, for one order."
    ),
    responses=document_answers(
        HTTPStatus.OK, EventResult, errors.EventNotDefined, errors.OccurredAtOutOfRange, errors.ClockSkew, errors.Busy
    ),
    tags=["Events"],
)
def receive_event(
    call: CallOf,
    body: EventRequest,
) -> Response[Any]:
    effects = custom_events.accept(call.store, sent_event(body, call.caller), call.now)
    return answer(EventResult.of(body.event_id, effects))


@app.post(
    "/v1/events/batch",
    summary="Record up to 100 custom events",
    description="Each event has its own result: a refused event does not stop the others.",
    responses=document_answers(HTTPStatus.OK, EventResults),
    tags=["Events"],
)
def receive_events(
    call: CallOf,
    body: EventBatchRequest,
) -> Response[Any]:
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
        effects = custom_events.accept(call.store, sent_event(event, caller), datetime.now(UTC))
        return EventResult.of(event.event_id, effects)
    except errors.LoyaltyError as refusal:
        return EventResult.refusal(event.event_id, refusal)


lambda_handler = entry_point(app)
