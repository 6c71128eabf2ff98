"""Runs every 15 minutes: starts the runs of scheduled campaigns that are due, and ends campaigns that are over."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from loyalty.messaging import award_queue
from loyalty.store.store import connected_store
from loyalty.telemetry import fails_without_contents, logger, metrics
from loyalty.usecases.earning import schedules


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
@fails_without_contents
def lambda_handler(_: dict[str, Any], __: LambdaContext) -> dict[str, int]:
    tick = schedules.advance(connected_store(), award_queue.connected_award_queue(), datetime.now(UTC))
    if tick.overdue:
        metrics.add_metric(name="campaignRunsOverdue", unit=MetricUnit.Count, value=tick.overdue)
    return asdict(tick)
