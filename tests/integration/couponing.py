"""Coupons over the routes, for tests."""

from typing import Any

from tests.integration.campaigning import made
from tests.support.stack import Answer, Stack


def coupon_campaign(stack: Stack, wallet: str, **settings: Any) -> str:
    """Creates a campaign of coupons that gives 10 points for each redemption."""
    return made(stack, wallet, trigger={"type": "COUPON"}, **settings)


def codes(stack: Stack, campaign: str, *, key: str = "codes-0001", **body: Any) -> Answer:
    return stack.http("POST", f"/v1/campaigns/{campaign}/codes", body, key=key)


def code(stack: Stack, campaign: str, **body: Any) -> str:
    """Makes one unique code."""
    answer = codes(stack, campaign, key=f"code-{len(stack.items()):08d}", **{"count": 1, **body})
    assert answer.status == 201, answer.text
    return str(answer.body["codes"][0])


def redeem(
    stack: Stack,
    code: str,
    customer: str = "ann",
    *,
    key: str | None = None,
    order: str | None = None,
    amount: int | None = None,
    **more: Any,
) -> Answer:
    """Redeems the code once for customer and order, unless the key differs."""
    body: dict[str, Any] = {"customerId": customer, **more}
    if order is not None:
        body |= {"orderId": order} | ({} if amount is None else {"order": {"amount": amount}})
    key = key or f"redeem-{code}-{customer}-{order}"[:64]
    return stack.http("POST", f"/v1/coupons/{code}/redemptions", body, key=None if more.get("dryRun") else key)


def points(answer: Answer) -> list[int]:
    assert answer.status in (200, 201), answer.text
    return [award["points"] for award in answer.body["awards"]]


def refusal(answer: Answer) -> tuple[int, str, str | None]:
    return answer.status, answer.code, answer.body.get("reason")


def coupon(stack: Stack, code: str, customer: str | None = None) -> Any:
    answer = stack.http("GET", f"/v1/coupons/{code}", query={"customerId": customer})
    assert answer.status == 200, answer.text
    return answer.body
