"""Requests for corrections by hand."""

from typing import Any

from tests.support.stack import Answer, Stack

DAY_LIMITS = {
    "earningLimits": {"global": {"type": "TIME_BASED", "unit": "DAY", "max": 100, "whenExceeded": "REJECT"}},
    "spendingLimits": {"global": {"type": "TIME_BASED", "unit": "DAY", "max": 50}},
}


def adjust(stack: Stack, wallet: str, points: int, **body: Any) -> Answer:
    key = body.pop("key", f"adjust-{points:+}")
    path = f"/v1/wallets/{wallet}/cards/ann/adjustments"
    return stack.http("POST", path, {"points": points, "reason": "A mistake", **body}, key=key)


def reverse(stack: Stack, transaction: Answer | str, key: str | None = "reversal-1", **body: Any) -> Answer:
    id_ = transaction if isinstance(transaction, str) else transaction.body["transaction"]["transactionId"]
    return stack.http("POST", f"/v1/transactions/{id_}/reversal", body, key=key)


def change_expiry(stack: Stack, wallet: str, key: str = "change-1", **body: Any) -> Answer:
    path = f"/v1/wallets/{wallet}/cards/ann/expiry-changes"
    return stack.http("POST", path, {"reason": "Goodwill", **body}, key=key)


def deactivated(stack: Stack, wallet: str) -> str:
    assert stack.http("POST", f"/v1/wallets/{wallet}/deactivate").status == 200
    return wallet


def points_of(lots: list[Any]) -> list[tuple[int, str | None]]:
    return [(lot["points"], lot["expiresAt"]) for lot in lots]
