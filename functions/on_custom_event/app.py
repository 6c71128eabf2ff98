"""`Custom Event` on the bus: does what POST /v1/events does. What is refused for good is kept in the failures queue."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from loyalty import api, custom_events
from loyalty import event_form as form
from loyalty.store import connected
from loyalty.telemetry import logger


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """Raises what is wrong with the event, or what may pass: after the retries its destination keeps it."""
    body = form.CustomEventBody.model_validate(event["detail"])
    caller = api.Caller(actor=event["source"][:64], request_id=event["id"])
    effects = custom_events.accept(connected(), body.sent(caller), datetime.now(UTC))
    logger.info("received", event_id=body.event_id, effects=len(effects))
    return {"effects": [form.EffectShape.of(effect).model_dump(by_alias=True) for effect in effects]}
