"""What a design does with a movement if its environment ends, an answer is lost, or another movement interferes."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyAlreadyInProgressError
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.bench.alternatives.contract import Alternative, Answer, Movement
from tests.bench.alternatives.idempotency_layer import RECORDS
from tests.bench.wire import Exchange, tapped, unseen

POINTS, SPENT = 1_000, 100
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
REQUESTS_MAX = 20


class Fault(StrEnum):
    KILLED_BEFORE = "the environment ends before the request"
    KILLED_AFTER = "the environment ends after the request"
    REFUSED = "the database refuses the request"
    ANSWER_LOST = "the answer is lost"


class Killed(BaseException):
    """The environment of the function ends: no code of the function runs any more."""


@dataclass(frozen=True, slots=True)
class Result:
    """The state after a debit failed at one request, and its caller sent it again until it got an answer."""

    operation: str
    fault: Fault
    applied: int
    """How often the balance changed."""
    rows: int
    answered: int
    """The balance in the last answer."""
    in_progress: bool
    """Whether the caller first had to wait for the end of the failed request's time."""

    @property
    def right(self) -> bool:
        return (self.applied, self.rows, self.answered) == (1, 1, POINTS - SPENT)


def fault_results(client: "DynamoDBClient", design: Alternative) -> Iterator[Result]:
    """Fails a debit at each of its requests, in each way."""
    for fault in Fault:
        for place in range(REQUESTS_MAX):
            customer = f"fault-{fault.name.lower()}-{place}".replace("_", "-")
            design.move(Movement(customer, f"seed-{customer}", POINTS, NOON))
            debit = Movement(customer, f"debit-{customer}", -SPENT, NOON + timedelta(seconds=1))
            failed = _failed_at(design, debit, fault, place)
            if failed is None:
                break
            answer, in_progress = _answered(client, design, debit)
            balance = design.balance(customer, NOON + timedelta(seconds=2))
            yield Result(
                failed,
                fault,
                (POINTS - balance) // SPENT,
                len(design.newest(customer, 10)) - 1,
                answer["balance"],
                in_progress,
            )


def _failed_at(design: Alternative, movement: Movement, fault: Fault, place: int) -> str | None:
    """Sends the movement, and fails its request at the place. Returns the operation, or None if there was none."""
    seen: list[str] = []
    failed: list[str] = []

    def before(exchange: Exchange) -> None:
        seen.append(exchange.operation)
        if len(seen) == place + 1 and not failed:
            if fault is Fault.KILLED_BEFORE:
                failed.append(exchange.operation)
                raise Killed
            if fault is Fault.REFUSED:
                failed.append(exchange.operation)
                raise ClientError({"Error": {"Code": "ThrottlingException"}}, exchange.operation)

    def after(exchange: Exchange) -> None:
        if len(seen) == place + 1 and not failed:
            if fault is Fault.KILLED_AFTER:
                failed.append(exchange.operation)
                raise Killed
            if fault is Fault.ANSWER_LOST:
                failed.append(exchange.operation)
                raise ReadTimeoutError(endpoint_url="")

    with tapped(before, after):
        try:
            design.move(movement)
        except (Killed, Exception):  # noqa: BLE001  # the caller gets no answer, whatever the reason
            return failed[0]
    return failed[0] if failed else None


def _answered(client: "DynamoDBClient", design: Alternative, movement: Movement) -> tuple[Answer, bool]:
    """Sends the movement until it is answered, and whether its first request was in progress meanwhile."""
    records: list[Any] = []

    def before(exchange: Exchange) -> None:
        if exchange.request.get("TableName") == RECORDS and exchange.operation == "PutItem":
            records.append({"id": exchange.request["Item"]["id"]})

    try:
        with tapped(before):
            return design.move(movement), False
    except IdempotencyAlreadyInProgressError:
        # What the end of the failed function's time would do.
        client.update_item(
            TableName=RECORDS,
            Key=records[0],
            UpdateExpression="SET in_progress_expiration = :past",
            ExpressionAttributeValues={":past": {"N": "1"}},
        )
    return design.move(movement), True


def interfered_balance(design: Alternative, points: int, other: int) -> int:
    """Moves points, with another movement between the read and the first write. Returns the balance afterwards."""
    customer = f"between-{points}-{other}"
    design.move(Movement(customer, "seed-between", POINTS, NOON))
    movement = Movement(customer, "first-between", points, NOON + timedelta(seconds=1))
    interfering = replace(movement, key="second-between", points=other)
    done: list[Answer] = []

    def before(exchange: Exchange) -> None:
        if not done and _writes_points(exchange):
            with unseen():
                done.append(design.move(interfering))

    with tapped(before):
        design.move(movement)
    return design.balance(customer, NOON + timedelta(seconds=2))


def _writes_points(exchange: Exchange) -> bool:
    match exchange.operation:
        case "TransactWriteItems":
            return True
        case "PutItem":
            return bool(exchange.request["TableName"] != RECORDS)
    return False


def summary(results: list[Result]) -> Counter[str]:
    """The number of faults by what they leave."""
    left: Counter[str] = Counter()
    for result in results:
        if result.right:
            left["once"] += 1
        elif result.applied > 1:
            left["twice"] += 1
        else:
            left["incomplete"] += 1
    return left
