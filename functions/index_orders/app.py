"""Reads the table's stream: adds each new row with an order to the index of orders."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from loyalty.store.store import connected_store
from loyalty.telemetry import logs_without_contents
from loyalty.usecases import order_index


@logs_without_contents
def lambda_handler(event: dict[str, Any], _: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answers the first record that must be delivered again. A record that is delivered twice counts once."""
    failed = order_index.add_rows(connected_store(), event["Records"])
    return {"batchItemFailures": [] if failed is None else [{"itemIdentifier": failed}]}
