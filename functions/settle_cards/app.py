"""Reads the settle queue and settles each nominated card. A failing card is deferred, so it does not block others."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from loyalty.messaging import settle_queue
from loyalty.store.store import connected_store
from loyalty.telemetry import log_failure, logs_without_contents, metrics
from loyalty.usecases import sweeps

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def settle_card(record: SQSRecord) -> None:
    due = settle_queue.card_from_message(record.body)
    try:
        sweeps.settle_due_card(connected_store(), due, datetime.now(UTC))
    except Exception as error:
        log_failure("card not settled", error, customer_id=due.customer_id, wallet_id=due.wallet_id)
        if int(record.attributes.approximate_receive_count) < sweeps.TRIES_MAX:
            raise
        sweeps.defer(connected_store(), due, datetime.now(UTC))
        metrics.add_metric(name="cardSettlementDeferred", unit=MetricUnit.Count, value=1)


@logs_without_contents
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    return process_partial_response(event, settle_card, processor, context)
