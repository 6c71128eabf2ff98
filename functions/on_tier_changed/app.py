"""`Tier Changed` on the bus: campaigns react to it as the event `loyalty.tier.changed`."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from loyalty.domain.dates import instant
from loyalty.messaging.events import TierMoved
from loyalty.store.store import connected_store
from loyalty.telemetry import logger, logs_without_contents
from loyalty.usecases.earning.tier_changes import ChangedTier, react


@logs_without_contents
def lambda_handler(event: dict[str, Any], _: LambdaContext) -> dict[str, int]:
    """Raises permanent and temporary failures alike: after the retries, the function's destination keeps the event."""
    moved = TierMoved.model_validate(event["detail"])
    changed = ChangedTier(
        event_id=moved.event_id,
        customer_id=moved.customer_id,
        program_id=moved.program_id,
        former=moved.from_,
        current=moved.to,
        cause=moved.cause,
        at=instant(moved.event_timestamp),
    )
    outcome = react(connected_store(), changed, datetime.now(UTC), actor=event["source"], request_id=event["id"])
    logger.info("decided", event_id=moved.event_id, awards=len(outcome.awards))
    return {"awards": len(outcome.awards)}
