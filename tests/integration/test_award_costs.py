"""What events cost: the requests to the table, and the write units that AWS would charge."""

from typing import Any

import pytest
import time_machine

from tests.integration.campaigning import made
from tests.integration.metering import Meter, metered
from tests.support.stack import Answer, Stack

READ, WRITE = "BatchGetItem", "TransactWriteItems"
PAID = {"name": "order.paid", "customerId": "ann", "order": {"amount": 25_000}}
REVIEW = {"name": "review.created", "customerId": "ann", "properties": {"productId": "A"}}


@pytest.fixture
def wallet(clock: time_machine.Traveller, stack: Stack) -> str:
    """A wallet in which Ann has a card."""
    stack.http("PUT", "/v1/event-definitions/review.created", {})
    return wallet_with_card(stack)


def wallet_with_card(stack: Stack) -> str:
    wallet = stack.wallet()
    stack.credit(wallet, 1)
    return wallet


def campaign(stack: Stack, wallet: str, event: str = "order.paid", **settings: Any) -> None:
    made(stack, wallet, trigger={"type": "EVENT", "event": event}, **settings)


def send(stack: Stack, body: dict[str, Any], number: str) -> Answer:
    order = {"orderId": number} if "order" in body else {}
    answer = stack.http("POST", "/v1/events", {**body, **order, "eventId": number})
    assert answer.status == 200, answer.text
    return answer


def cost(stack: Stack, body: dict[str, Any], number: str = "2") -> tuple[list[str], int]:
    """The cost of an event, after an event of another customer made the function load the definitions."""
    send(stack, {**body, "customerId": "zoe"}, f"zoe-{number}")
    with metered(stack) as meter:
        send(stack, body, number)
    return of(meter)


def of(meter: Meter) -> tuple[list[str], int]:
    return meter.requests, meter.units


def test_an_order_for_which_nothing_fits_costs_its_receipt_and_its_count(stack: Stack, wallet: str) -> None:
    campaign(stack, wallet, conditions={"order": {"amount": [{"numeric": [">", 10**6]}]}})
    assert cost(stack, PAID) == ([READ, WRITE], 4)


def test_an_order_with_one_campaign_costs_9_units(stack: Stack, wallet: str) -> None:
    campaign(stack, wallet)
    assert cost(stack, PAID) == ([READ, WRITE], 9)


@pytest.mark.parametrize(
    ("more", "units"),
    [
        ({"limits": {"perCustomer": {"times": 5}}}, 11),
        ({"limits": {"budget": {"points": 1_000}}}, 11),
        ({"limits": {"perCustomer": {"times": 5}, "budget": {"points": 1_000}}}, 13),
    ],
)
def test_limits_and_budgets_cost_2_units_each(stack: Stack, wallet: str, more: dict[str, Any], units: int) -> None:
    campaign(stack, wallet, **more)
    assert cost(stack, PAID) == ([READ, WRITE], units)


def test_a_second_campaign_in_the_same_wallet_costs_3_units(stack: Stack, wallet: str) -> None:
    campaign(stack, wallet)
    campaign(stack, wallet)
    assert cost(stack, PAID, "2") == ([READ, WRITE], 9 + 3)


def test_a_second_wallet_costs_5_units(stack: Stack, wallet: str) -> None:
    campaign(stack, wallet)
    campaign(stack, wallet_with_card(stack))
    assert cost(stack, PAID) == ([READ, WRITE], 9 + 5)


def test_a_review_that_counts_once_costs_9_units(stack: Stack, wallet: str) -> None:
    campaign(stack, wallet, "review.created", limits={"perCustomer": {"oncePer": "properties.productId"}})
    assert cost(stack, REVIEW) == ([READ, WRITE], 9)
    assert cost(stack, {**REVIEW, "properties": {}}, "3") == ([READ], 0)


def test_a_repeated_event_costs_reads_alone(stack: Stack, wallet: str) -> None:
    campaign(stack, wallet)
    send(stack, PAID, "2")
    with metered(stack) as meter:
        assert send(stack, PAID, "2").body["replayed"]
    assert of(meter) == ([READ, READ], 0)


@pytest.mark.parametrize("conditions", [{"properties": {"stars": [5]}}, {"order": {"amount": [1]}}])
def test_an_event_whose_own_content_fails_makes_no_request(
    stack: Stack, wallet: str, conditions: dict[str, Any]
) -> None:
    campaign(stack, wallet, "review.created", conditions=conditions)
    assert cost(stack, REVIEW) == ([], 0)


def test_many_ended_campaigns_cost_an_event_nothing(stack: Stack, wallet: str) -> None:
    for _ in range(3):
        campaign(stack, wallet, "review.created", endsAt="2027-03-01T12:00:01Z", startsAt="2027-03-01T00:00:00Z")
    for one in stack.http("GET", "/v1/campaigns").body["data"]:
        assert stack.http("POST", f"/v1/campaigns/{one['campaignId']}/end").status == 200
    assert cost(stack, REVIEW) == ([], 0)
