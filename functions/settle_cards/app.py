"""Reads the settle queue and settles each nominated card. A failing card is deferred, so it does not block others."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from loyalty.messaging import settle_queue
from loyalty.store.store import connected_store
from loyalty.telemetry import log_failure, logger, logs_without_contents, metrics
from loyalty.usecases import sweeps

MILLISECONDS_LEFT_MIN = 10_000
"""One settlement may take this long if the table throttles or other commands move the card."""

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


class CardsNotSettled(Exception):
    """Cards of a message failed; the queue delivers the message again."""


def settle_cards(record: SQSRecord, lambda_context: LambdaContext) -> None:
    """Settles the cards of a message. Cards without time stay due, and a later tick nominates them again."""
    failed = []
    for due in settle_queue.cards_from_message(record.body):
        if lambda_context.get_remaining_time_in_millis() < MILLISECONDS_LEFT_MIN:
            logger.warning("no time for all cards", message_id=record.message_id)
            break
        try:
            sweeps.settle_due_card(connected_store(), due, datetime.now(UTC))
        except Exception as error:  # noqa: BLE001  # whatever is wrong with one card must not delay the others
            log_failure("card not settled", error, customer_id=due.customer_id, wallet_id=due.wallet_id)
            failed.append(due)
    if failed and int(record.attributes.approximate_receive_count) < sweeps.TRIES_MAX:
        raise CardsNotSettled(f"{len(failed)} cards")
    for due in failed:
        if sweeps.defer(connected_store(), due, datetime.now(UTC)):
            metrics.add_metric(name="cardSettlementDeferred", unit=MetricUnit.Count, value=1)


@logs_without_contents
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    return process_partial_response(event, settle_cards, processor, context)
