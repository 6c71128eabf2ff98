"""Runs every five minutes: nominates cards whose points expired, whose holds ended or whose notices are due."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from loyalty.messaging import settle_queue
from loyalty.store.store import connected_store
from loyalty.telemetry import logs_without_contents, metrics
from loyalty.usecases import sweeps


@logs_without_contents
@metrics.log_metrics
def lambda_handler(_: dict[str, Any], __: LambdaContext) -> dict[str, int]:
    nominated = sweeps.nominate(connected_store(), settle_queue.connected_queue(), sweeps.EXPIRIES, datetime.now(UTC))
    metrics.add_metric(name="cardsNominated", unit=MetricUnit.Count, value=nominated)
    return {"nominated": nominated}
