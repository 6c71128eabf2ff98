"""Awards: an event becomes points of campaigns, once, with reasons for every campaign that gave nothing."""

from typing import Any

import pytest
import time_machine

from tests.support.stack import Answer, Stack

PURCHASES = {
    "name": "Purchases",
    "trigger": {"type": "EVENT", "event": "order.paid"},
    "rewards": [{"walletId": "points", "type": "PROPORTIONAL", "every": 10_000, "points": 100}],
}


def campaign(stack: Stack, wallet: str, **settings: Any) -> str:
    """Creates an ACTIVE campaign; rewards name the wallet `points` as in the examples of the guide."""
    body = {**PURCHASES, **settings}
    if "rewards" in body:
        body["rewards"] = [{**reward, "walletId": wallet} for reward in body["rewards"]]
    if body.get("multiplier"):
        body.pop("rewards")
    answer = stack.http("POST", "/v1/campaigns", {**body, "status": "ACTIVE"}, key=f"campaign-{body['name']}"[:64])
    assert answer.status == 201, answer.text
    assert answer.body["status"] == "ACTIVE", answer.text
    return str(answer.body["campaignId"])


def paid(
    stack: Stack, amount: int, order: str, *, customer: str = "ann", event: str | None = None, **more: Any
) -> Answer:
    body = {
        "name": "order.paid",
        "customerId": customer,
        "eventId": event or f"paid-{order}",
        "orderId": order,
        "order": {"amount": amount},
        **more,
    }
    answer = stack.http("POST", "/v1/events", body)
    assert answer.status == 200, answer.text
    return answer


def points(answer: Answer) -> list[int]:
    return [award["points"] for award in answer.body["awards"]]


def reasons(answer: Answer) -> dict[str, str]:
    return {skip["campaignId"]: skip["reason"] for skip in answer.body["skipped"]}


def test_a_purchase_earns_points_for_every_whole_part_of_its_amount(stack: Stack) -> None:
    wallet = stack.wallet()
    purchases = campaign(stack, wallet)
    first = paid(stack, 25_000, "1")
    (award,) = first.body["awards"]
    assert (award["campaignId"], award["points"], award["balance"]["active"]) == (purchases, 200, 200)
    second = paid(stack, 9_999, "2")
    assert (points(second), reasons(second)) == ([], {purchases: "rounds_to_zero"})
    assert points(paid(stack, 10_000, "3")) == [100]
    (row, _) = stack.rows(wallet)
    assert (row["operation"], row["source"], row["campaignId"], row["orderId"]) == (
        "campaign",
        "Campaign",
        purchases,
        "1",
    )
