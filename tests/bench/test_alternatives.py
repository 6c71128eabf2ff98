"""Each design keeps its promises, so that the comparison with it is fair, and fails where its source says so."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
from tests.bench.alternatives import ALTERNATIVES, EventSum, IdempotencyLayer, LotItems
from tests.bench.alternatives.contract import Alternative, InsufficientPoints, Movement
from tests.bench.product import Product
from tests.bench.trials import NOON, POINTS, SPENT, Fault, Result, fault_results, interfered_balance
from tests.bench.units import metered
from tests.support.emulator import emulated_aws

DESIGNS: list[Any] = [Product, *ALTERNATIVES]
LATER = NOON + timedelta(seconds=5)


@pytest.fixture(scope="module")
def client() -> Iterator["DynamoDBClient"]:
    with emulated_aws():
        client = boto3.client("dynamodb", config=Config(retries={"mode": "standard", "total_max_attempts": 2}))
        client.meta.events.register_first("needs-retry.dynamodb", _at_once)
        yield client


def _at_once(attempts: int, caught_exception: Exception | None, **_: Any) -> Any:
    """Sends a request with a lost answer again without a pause, as often as the standard mode does."""
    return 0 if isinstance(caught_exception, ReadTimeoutError) and attempts == 1 else None


@pytest.fixture
def design(request: pytest.FixtureRequest, client: "DynamoDBClient") -> Iterator[Alternative]:
    design: Alternative = request.param(client)
    design.make_tables()
    yield design
    for table in client.list_tables()["TableNames"]:
        client.delete_table(TableName=table)


every_design = pytest.mark.parametrize("design", DESIGNS, ids=lambda kind: kind.__name__, indirect=True)


def only(*kinds: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("design", kinds, ids=lambda kind: kind.__name__, indirect=True)


@every_design
def test_a_movement_answers_with_the_balance_after_it(design: Alternative) -> None:
    assert design.move(Movement("ann", "credit-0001", 300, NOON))["balance"] == 300
    assert design.move(Movement("ann", "debit-00001", -100, LATER))["balance"] == 200
    assert design.balance("ann", LATER) == 200


@every_design
def test_a_repeated_key_gets_the_first_answer_and_moves_nothing(design: Alternative) -> None:
    first = design.move(Movement("ann", "credit-0001", 300, NOON))
    design.move(Movement("ann", "debit-00001", -300, NOON))

    again = replace(Movement("ann", "credit-0001", 300, NOON), at=LATER)

    assert design.move(again) == first
    assert design.move(Movement("ann", "debit-00001", -300, LATER))["balance"] == 0
    assert design.balance("ann", LATER) == 0


@every_design
def test_a_debit_above_the_balance_is_refused(design: Alternative) -> None:
    design.move(Movement("ann", "credit-0001", 300, NOON))

    with pytest.raises(InsufficientPoints):
        design.move(Movement("ann", "debit-00001", -301, LATER))

    assert design.balance("ann", LATER) == 300
    assert len(design.newest("ann", 10)) == 1


@every_design
def test_movements_are_listed_newest_first(design: Alternative) -> None:
    for number in range(1, 4):
        design.move(Movement("ann", f"credit-000{number}", number, NOON + timedelta(seconds=number)))

    assert [row["points"]["N"] for row in design.newest("ann", 2)] == ["3", "2"]


@every_design
@pytest.mark.parametrize("points", [-100, 50])
def test_a_movement_between_read_and_write_is_not_lost(design: Alternative, points: int) -> None:
    assert interfered_balance(design, points, -200) == POINTS + points - 200


@every_design
def test_a_failed_debit_happens_once_when_it_is_sent_again(design: Alternative, client: "DynamoDBClient") -> None:
    wrong = [result for result in fault_results(client, design) if not result.right]

    if isinstance(design, IdempotencyLayer):
        assert {_fault(result) for result in wrong} == OF_THREE_REQUESTS
        assert all(result.applied == 2 for result in wrong)
    else:
        assert wrong == []


OF_THREE_REQUESTS = {
    ("PutItem", Fault.KILLED_BEFORE),
    ("PutItem", Fault.KILLED_AFTER),
    ("PutItem", Fault.REFUSED),
    ("PutItem", Fault.ANSWER_LOST),
    ("UpdateItem", Fault.KILLED_BEFORE),
    ("UpdateItem", Fault.REFUSED),
}
"""The faults after which a debit happens twice: after the balance was put, and before the record has the answer."""


def _fault(result: Result) -> tuple[str, Fault]:
    return result.operation, result.fault


@only(LotItems)
def test_a_debit_takes_the_points_that_expire_first(design: Alternative) -> None:
    design.move(Movement("ann", "credit-0001", 100, NOON))
    design.move(Movement("ann", "credit-0002", 100, NOON + timedelta(days=10)))
    design.move(Movement("ann", "debit-00001", -150, NOON + timedelta(days=20)))

    assert design.balance("ann", NOON + timedelta(days=366)) == 50
    assert design.balance("ann", NOON + timedelta(days=376)) == 0


@only(Product)
def test_a_movement_of_the_product_costs_two_requests_and_five_write_units(
    design: Alternative, client: "DynamoDBClient"
) -> None:
    design.move(Movement("ann", "credit-0001", 300, NOON))

    with metered(client) as meter:
        design.move(Movement("ann", "debit-00001", -SPENT, LATER))

    assert meter.requests == ["BatchGetItem", "TransactWriteItems"]
    assert (meter.reads, meter.writes) == (2, 5)


@only(*ALTERNATIVES)
def test_the_units_of_a_debit_are_those_of_its_items(design: Alternative, client: "DynamoDBClient") -> None:
    design.move(Movement("ann", "credit-0001", 300, NOON))

    with metered(client) as meter:
        design.move(Movement("ann", "debit-00001", -SPENT, LATER))

    assert {design.letter: (len(meter.requests), meter.reads, meter.writes)}.items() <= {
        "a": (5, 1, 4),
        "b": (2, 1, 6),
        "c": (2, 1, 5),
        "d": (2, 1, 1),
    }.items()


@only(EventSum)
def test_the_reads_of_summed_events_grow_with_the_events(design: Alternative, client: "DynamoDBClient") -> None:
    for number in range(40):
        design.move(Movement("ann", f"credit-{number:04d}", 10, NOON + timedelta(seconds=number)))

    with metered(client) as meter:
        design.move(Movement("ann", "debit-00001", -SPENT, LATER))

    assert meter.reads == 2
