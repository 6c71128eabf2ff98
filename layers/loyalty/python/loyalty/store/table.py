"""The DynamoDB calls of the stores: consistent reads, bounded queries, all-or-nothing writes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import sleep
from typing import TYPE_CHECKING, Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004  # botocore's own
    HTTPClientError,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from loyalty.store.client import Client
from loyalty.errors import Busy
from loyalty.retry import LostRace
from loyalty.store.attributes import ITEM_FORM, Item

ABSENT = "attribute_not_exists(pk)"
PRESENT = "attribute_exists(pk)"
BATCH_GET_MAX = 100
UNPROCESSED_TRIES = 5
TRANSIENT_REASONS = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
TRANSPORT_ERRORS = (ConnectionError, HTTPClientError)
READ_ERRORS = (Busy, BotoCoreError, ClientError)
"""What a read raises if the table does not answer, for whatever reason."""
TRANSIENT_ERRORS = {
    "TransactionConflictException",
    "TransactionInProgressException",
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
}


class TransactionCanceled(LostRace):
    """A transaction that DynamoDB canceled: none of its writes happened.

    `failed` has the actions whose condition was not met, by label, each with the item that was there (None if there
    was none). It is empty if only a conflict or a throttle canceled the transaction: those give no information about
    the items.
    """

    def __init__(self, failed: dict[str, Item | None]) -> None:
        super().__init__(", ".join(failed) or "conflict")
        self.failed = failed


@dataclass(frozen=True, slots=True)
class WriteAction:
    """One write of a transaction: DynamoDB's own request, and a label that identifies the write if it fails."""

    label: str
    kind: str
    request: dict[str, Any]


def put(label: str, item: Item, condition: str = ABSENT, values: Item | None = None) -> WriteAction:
    request: dict[str, Any] = {"Item": item, "ConditionExpression": condition}
    if values:
        request["ExpressionAttributeValues"] = values
    return WriteAction(label, "Put", request)


def update(
    label: str,
    key: Item,
    expression: str,
    condition: str,
    values: Item | None = None,
    *,
    names: dict[str, str] | None = None,
) -> WriteAction:
    """`names` are placeholders of attributes whose names are words of DynamoDB's expressions."""
    request: dict[str, Any] = {"Key": key, "UpdateExpression": expression, "ConditionExpression": condition}
    if values:
        request["ExpressionAttributeValues"] = values
    if names:
        request["ExpressionAttributeNames"] = names
    return WriteAction(label, "Update", request)


def check(label: str, key: Item, condition: str, values: Item | None = None) -> WriteAction:
    """A condition on an item that the transaction does not write."""
    request: dict[str, Any] = {"Key": key, "ConditionExpression": condition}
    if values:
        request["ExpressionAttributeValues"] = values
    return WriteAction(label, "ConditionCheck", request)


class Table:
    def __init__(self, client: "DynamoDBClient | Client", name: str, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._name = name
        self._clock = clock

    def get(self, pk: str, sk: str) -> Item | None:
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        with _answering():
            return self._client.get_item(TableName=self._name, Key=key, ConsistentRead=True).get("Item")

    def batch_get(self, item_keys: Sequence[Item], *, consistent: bool = True) -> tuple[list[Item], timedelta | None]:
        """Returns the existing items, in no order, and how far the local clock is ahead of the database's clock.

        The date of an answer is compared with the times at which this very request was sent and its answer arrived, so
        that neither a slow read nor a busy machine looks like a wrong clock. None if the answer has no date.

        Keys that DynamoDB leaves unprocessed are requested again, so that they are never mistaken for absent items.
        """
        items: list[Item] = []
        skew = None
        for start in range(0, len(item_keys), BATCH_GET_MAX):
            wanted: Any = {
                self._name: {"Keys": list(item_keys[start : start + BATCH_GET_MAX]), "ConsistentRead": consistent}
            }
            for attempt in range(UNPROCESSED_TRIES):
                sent_at = self._clock()
                with _answering():
                    response = self._client.batch_get_item(RequestItems=wanted)
                skew = self._skew(response, sent_at)
                items += response["Responses"].get(self._name, [])
                wanted = response.get("UnprocessedKeys")
                if not wanted:
                    break
                sleep(0.02 * 2**attempt)
            else:
                raise Busy("The table is throttled. Send the same request again.")
        return items, skew

    def query(
        self,
        condition: str,
        values: Item,
        *,
        index: str | None = None,
        limit: int | None = None,
        descending: bool = False,
        filter_: str | None = None,
        start: Item | None = None,
    ) -> Iterator[Item]:
        """Yields the items of one partition, page by page.

        Reads of the table are consistent, reads of an index cannot be. `limit` is the size of a page, not of the
        result: take from the iterator what is needed.
        """
        request: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ScanIndexForward": not descending,
        }
        if index:
            request["IndexName"] = index
        else:
            request["ConsistentRead"] = True
        if limit:
            request["Limit"] = limit
        if filter_:
            request["FilterExpression"] = filter_
        while True:
            if start:
                request["ExclusiveStartKey"] = start
            with _answering():
                response = self._client.query(**request)
            yield from response["Items"]
            start = response.get("LastEvaluatedKey")
            if not start:
                return

    def add(self, key: Item, amounts: Mapping[str, int]) -> None:
        """Adds the amounts to the numbers of the item, which is made if it does not exist.

        A repeated call adds again: only for counts that may be inexact.
        """
        values = {f":{name}": {"N": str(amount)} for name, amount in amounts.items()}
        added = ", ".join(f"{name} :{name}" for name in amounts)
        self.upsert(key, f"SET s = :s ADD {added}", {**values, ":s": {"S": ITEM_FORM}})

    def upsert(self, key: Item, expression: str, values: Item, condition: str | None = None) -> Item | None:
        """Changes the item outside a transaction, or makes it, and returns it; None if the condition is not met.

        Only for values that no decision of a command reads.
        """
        request: dict[str, Any] = {"UpdateExpression": expression, "ExpressionAttributeValues": values}
        if condition:
            request["ConditionExpression"] = condition
        try:
            with _answering():
                answer = self._client.update_item(TableName=self._name, Key=key, ReturnValues="ALL_NEW", **request)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return None
        return answer["Attributes"]

    def _skew(self, response: Any, sent_at: datetime) -> timedelta | None:
        """Returns the least difference of the clocks that explains the answer's date."""
        date = response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        if not date:
            return None
        answered_at = parsedate_to_datetime(date)
        if answered_at < sent_at:
            return sent_at - answered_at
        return min(self._clock() - answered_at, timedelta())

    def transact(self, actions: Sequence[WriteAction]) -> None:
        """Makes all of the writes, or none and raises `TransactionCanceled`."""
        items: Any = [
            {
                action.kind: {
                    "TableName": self._name,
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                    **action.request,
                }
            }
            for action in actions
        ]
        try:
            self._client.transact_write_items(TransactItems=items)
        except TRANSPORT_ERRORS as error:
            raise _outcome_unknown() from error
        except ClientError as error:
            if _is_outage(error):
                raise _outcome_unknown() from error
            code = error.response["Error"]["Code"]
            if code in TRANSIENT_ERRORS:
                raise TransactionCanceled({}) from error
            reasons: Any = error.response.get("CancellationReasons")
            if code != "TransactionCanceledException" or not reasons:
                raise
            failed = {
                action.label: reason.get("Item") or None
                for action, reason in zip(actions, reasons, strict=True)
                if reason.get("Code") == "ConditionalCheckFailed"
            }
            unknown = {reason.get("Code") or "None" for reason in reasons} - {
                "None",
                "ConditionalCheckFailed",
                *TRANSIENT_REASONS,
            }
            if unknown:
                raise
            raise TransactionCanceled(failed) from error


def _outcome_unknown() -> Busy:
    """Whether the transaction was written is unknown; the row of its key answers the repetition."""
    return Busy("The database's answer was lost. Send the same request again.")


def _is_outage(error: ClientError) -> bool:
    """Whether the database failed, such as with `InternalServerError`. The client has retried the request."""
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= HTTPStatus.INTERNAL_SERVER_ERROR


@contextmanager
def _answering() -> Iterator[None]:
    """Turns a throttled, failed or lost read into `Busy`: it can be sent again, so it is a 503 and not a crash."""
    try:
        yield
    except TRANSPORT_ERRORS as error:
        raise Busy("The database did not answer. Send the same request again.") from error
    except ClientError as error:
        if _is_outage(error):
            raise Busy("The database failed. Send the same request again.") from error
        if error.response["Error"]["Code"] in TRANSIENT_ERRORS:
            raise Busy("The database is throttled. Send the same request again.") from error
        raise
