"""Reads the recalculation queue: gives the members of a page their tier, and sends the next page."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from loyalty.messaging import recalculation_queue
from loyalty.store.store import connected_store
from loyalty.telemetry import log_failure, logs_without_contents
from loyalty.usecases.member_pages import TRIES_MAX
from loyalty.usecases.programs import recalculations

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def calculate_page(record: SQSRecord) -> None:
    try:
        recalculations.calculate_page(
            connected_store(),
            recalculation_queue.connected_recalculation_queue(),
            recalculation_queue.page_from_message(record.body),
            datetime.now(UTC),
            is_last_try=int(record.attributes.approximate_receive_count) >= TRIES_MAX,
        )
    except Exception as error:
        log_failure("page not calculated", error, message_id=record.message_id)
        raise


@logs_without_contents
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    return process_partial_response(event, calculate_page, processor, context)
