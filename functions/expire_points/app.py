"""Runs every minute: nominates cards whose points expired, whose holds ended or whose notices are due."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from loyalty.telemetry import logs_without_contents, metrics
from loyalty.usecases import sweeps


@logs_without_contents
@metrics.log_metrics
def lambda_handler(_: dict[str, Any], __: LambdaContext) -> dict[str, int]:
    tick = sweeps.connected_nominator(sweeps.EXPIRIES).tick(datetime.now(UTC))
    metrics.add_metric(name="cardsNominated", unit=MetricUnit.Count, value=tick.nominated)
    metrics.add_metric(name="oldestDueSeconds", unit=MetricUnit.Seconds, value=tick.oldest_due_seconds)
    return {"nominated": tick.nominated}
