"""Runs every 15 minutes: starts the runs of scheduled campaigns that are due, and ends campaigns that are over.

It also measures which work on members is overdue.
"""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from loyalty.messaging import award_queue
from loyalty.store.store import connected_store
from loyalty.telemetry import logs_without_contents, metrics
from loyalty.usecases.earning import schedules
from loyalty.usecases.programs import recalculations


@logs_without_contents
@metrics.log_metrics
def lambda_handler(_: dict[str, Any], __: LambdaContext) -> dict[str, int]:
    store, now = connected_store(), datetime.now(UTC)
    if count := recalculations.overdue(store, now):
        metrics.add_metric(name="tierRecalculationsOverdue", unit=MetricUnit.Count, value=count)
    tick = schedules.advance(store, award_queue.connected_award_queue(), now)
    if tick.overdue:
        metrics.add_metric(name="campaignRunsOverdue", unit=MetricUnit.Count, value=tick.overdue)
    return asdict(tick)
