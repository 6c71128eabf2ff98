"""Rewards of the catalogue and redemptions over the routes, for tests."""

from typing import Any

from tests.support.stack import Answer, Stack

LIPSTICK = {"name": "Limited lipstick", "kind": "PRODUCT", "product": {"productId": "lip-7"}}


def create(stack: Stack, **settings: Any) -> Answer:
    """Creates a reward; `price` is given by wallet."""
    key = settings.pop("key", None)
    body = {**LIPSTICK, **settings}
    if isinstance(body.get("price"), dict):
        body["price"] = [{"walletId": wallet, "points": points} for wallet, points in body["price"].items()]
    if body["kind"] != "PRODUCT":
        body.pop("product", None)
    return stack.http("POST", "/v1/rewards", body, key=key)


def reward(stack: Stack, price: dict[str, int], **settings: Any) -> str:
    """Creates an ACTIVE reward with the price by wallet."""
    answer = create(stack, price=price, **settings)
    assert answer.status == 201, answer.text
    return str(answer.body["rewardId"])


def read(stack: Stack, reward_id: str) -> Any:
    answer = stack.http("GET", f"/v1/rewards/{reward_id}")
    assert answer.status == 200, answer.text
    return answer.body


def patch(stack: Stack, reward_id: str, version: int, **settings: Any) -> Answer:
    return stack.http("PATCH", f"/v1/rewards/{reward_id}", settings, headers={"If-Match": f'"{version}"'})


def add_codes(stack: Stack, reward_id: str, *codes: str) -> Answer:
    return stack.http("POST", f"/v1/rewards/{reward_id}/codes", {"codes": list(codes)})


def redeem(stack: Stack, reward_id: str, customer: str = "ann", *, key: str | None = None, **body: Any) -> Answer:
    sent = key or f"redeem-{next(stack._numbers):08d}"
    path = f"/v1/customers/{customer}/redemptions"
    return stack.http("POST", path, {"rewardId": reward_id, **body}, key=None if body.get("dryRun") else sent)


def redeemed(stack: Stack, reward_id: str, customer: str = "ann", **body: Any) -> str:
    """Redeems the reward; returns the id of the redemption."""
    answer = redeem(stack, reward_id, customer, **body)
    assert answer.status == 201, answer.text
    return str(answer.body["redemption"]["redemptionId"])


def cancel(stack: Stack, redemption_id: str, customer: str = "ann", *, key: str | None = None, **body: Any) -> Answer:
    sent = key or f"cancel-{next(stack._numbers):08d}"
    return stack.http("POST", f"/v1/customers/{customer}/redemptions/{redemption_id}/cancel", body, key=sent)


def fulfill(stack: Stack, redemption_id: str, customer: str = "ann") -> Answer:
    return stack.http("POST", f"/v1/customers/{customer}/redemptions/{redemption_id}/fulfill")


def active(stack: Stack, wallet: str, customer: str = "ann") -> int:
    return int(stack.card(wallet, customer)["balance"]["active"])
