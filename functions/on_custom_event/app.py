"""`Custom Event` on the bus: does the same as POST /v1/events. The failures queue keeps events refused for good."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from loyalty.api.custom_events import EventRequest, EventResult
from loyalty.http.calls import Caller
from loyalty.http.custom_events import sent_event
from loyalty.http.texts import require_texts
from loyalty.store.store import connected_store
from loyalty.telemetry import logger, logs_without_contents
from loyalty.usecases import custom_events


@logs_without_contents
def lambda_handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Raises permanent and temporary failures alike: after the retries, the function's destination keeps the event."""
    require_texts({"body": event["detail"], "source": event["source"]})
    body = EventRequest.model_validate(event["detail"])
    caller = Caller(actor=event["source"][:64], request_id=event["id"])
    accepted = custom_events.accept(connected_store(), sent_event(body, caller), datetime.now(UTC))
    result = EventResult.of(body.event_id, accepted)
    logger.info("received", event_id=body.event_id, effects=len(result.effects), awards=len(result.awards))
    return result.model_dump(mode="json", by_alias=True)
