"""Campaigns and paid orders over the routes, for tests."""

from typing import Any

from tests.support.stack import Answer, Stack

Json = Any
PAID = {"type": "EVENT", "event": "order.paid"}
PURCHASES = {
    "name": "Purchases",
    "trigger": PAID,
    "rewards": [{"walletId": "points", "type": "PROPORTIONAL", "every": 10_000, "points": 100}],
}


def create(stack: Stack, wallet: str, **settings: Any) -> Answer:
    """Creates a campaign that gives 10 points for each order, unless it is a multiplier."""
    rewards = [{"walletId": wallet, "type": "FIXED", "points": 10}]
    body = {"name": "C", "trigger": PAID, **({} if "multiplier" in settings else {"rewards": rewards}), **settings}
    return stack.http("POST", "/v1/campaigns", body, key=body.pop("key", None))


def made(stack: Stack, wallet: str, **settings: Any) -> str:
    answer = create(stack, wallet, **settings)
    assert answer.status == 201, answer.text
    return str(answer.body["campaignId"])


def read(stack: Stack, campaign: str) -> Json:
    answer = stack.http("GET", f"/v1/campaigns/{campaign}")
    assert answer.status == 200, answer.text
    return answer.body


def change(stack: Stack, campaign: str, version: int, **settings: Any) -> Answer:
    return stack.http("PATCH", f"/v1/campaigns/{campaign}", settings, headers={"If-Match": f'"{version}"'})


def move(stack: Stack, campaign: str, verb: str) -> Answer:
    return stack.http("POST", f"/v1/campaigns/{campaign}/{verb}")


def required(answer: Answer) -> dict[str, str]:
    """The codes of the activation rules that are not met, by field."""
    return {one["field"]: one["code"] for one in answer.body["actionRequired"]}


def campaign(stack: Stack, wallet: str, **settings: Any) -> str:
    """Creates an ACTIVE campaign; rewards name the wallet `points` as in the examples of the guide."""
    body = {**PURCHASES, **settings}
    if "rewards" in body:
        body["rewards"] = [{**reward, "walletId": wallet} for reward in body["rewards"]]
    if body.get("multiplier"):
        body.pop("rewards")
    answer = stack.http(
        "POST", "/v1/campaigns", {**body, "status": "ACTIVE"}, key=f"campaign-{body['name'].replace(' ', '-')}"
    )
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
