"""Reads the table's stream: puts an event on the bus for each new row, card, version and receipt with awards."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from loyalty.messaging import bus
from loyalty.store.store import connected_store
from loyalty.telemetry import logs_without_contents, metrics
from loyalty.usecases import outbox


@logs_without_contents
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], _: LambdaContext) -> dict[str, list[Any]]:
    """Fails completely if the bus refuses events: the batch is repeated, and consumers recognize events by id."""
    relayed = outbox.relay(event["Records"], bus.connected_bus(), connected_store())
    metrics.add_metric(name="eventsPublished", unit=MetricUnit.Count, value=relayed.published)
    if relayed.set_aside:
        metrics.add_metric(name="recordsSetAside", unit=MetricUnit.Count, value=relayed.set_aside)
    return {"batchItemFailures": []}
