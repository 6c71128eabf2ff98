"""Reads the award queue: gives the members of a page the points of a campaign's run, and sends the next page."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from loyalty.messaging import award_queue
from loyalty.store.store import connected_store
from loyalty.telemetry import log_failure, logs_without_contents
from loyalty.usecases.earning import schedules
from loyalty.usecases.member_pages import TRIES_MAX

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def award_page(record: SQSRecord) -> None:
    try:
        schedules.award_page(
            connected_store(),
            award_queue.connected_award_queue(),
            award_queue.page_from_message(record.body),
            datetime.now(UTC),
            is_last_try=int(record.attributes.approximate_receive_count) >= TRIES_MAX,
        )
    except Exception as error:
        log_failure("page not awarded", error, message_id=record.message_id)
        raise


@logs_without_contents
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    return process_partial_response(event, award_page, processor, context)
