"""A caller with `adjustmentMax` moves at most so many points by hand in one request."""

from collections.abc import Callable

import pytest

from tests.integration.metering import metered
from tests.support.stack import Answer, Stack

Send = Callable[[Stack, str, int], Answer]


def credit(stack: Stack, wallet: str, points: int) -> Answer:
    return stack.credit(wallet, points, source="Manual")


def credit_by_api(stack: Stack, wallet: str, points: int) -> Answer:
    return stack.credit(wallet, points)


def debit(stack: Stack, wallet: str, points: int) -> Answer:
    return stack.debit(wallet, points, source="Manual")


def adjustment(stack: Stack, wallet: str, points: int) -> Answer:
    body = {"points": -points, "reason": "Credited twice"}
    return stack.http("POST", f"/v1/wallets/{wallet}/cards/ann/adjustments", body, key=f"adjustment-{points}")


def dry_adjustment(stack: Stack, wallet: str, points: int) -> Answer:
    body = {"points": points, "reason": "Apology", "dryRun": True}
    return stack.http("POST", f"/v1/wallets/{wallet}/cards/ann/adjustments", body)


def expiry_change(stack: Stack, wallet: str, points: int) -> Answer:
    (lot,) = stack.card(wallet)["lots"]
    named = {"expiresAt": lot["expiresAt"], "issuedOn": lot["issuedOn"], "points": points}
    body = {"expireAfter": {"every": 9, "unit": "YEAR"}, "reason": "Apology", "lots": [named]}
    return stack.http("POST", f"/v1/wallets/{wallet}/cards/ann/expiry-changes", body, key=f"expiry-{points}")


def reversal(stack: Stack, wallet: str, points: int) -> Answer:
    limit, stack.adjustment_max = stack.adjustment_max, None
    credited = stack.credit(wallet, points).body["transaction"]["transactionId"]
    stack.adjustment_max = limit
    return stack.http("POST", f"/v1/transactions/{credited}/reversal", {}, key=f"reversal-{points}")


@pytest.mark.parametrize("send", [credit, credit_by_api, debit, adjustment, dry_adjustment, expiry_change, reversal])
def test_more_points_than_the_maximum_are_refused_and_nothing_moves(stack: Stack, send: Send) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1_000)
    stack.adjustment_max = 100
    refused = send(stack, wallet, 101)
    assert (refused.status, refused.code) == (403, "adjustment_max_exceeded")
    assert (refused.body["adjustmentMax"], refused.body["points"]) == (100, 101)
    assert stack.card(wallet)["balance"]["active"] == (1_101 if send is reversal else 1_000)
    assert send(stack, wallet, 100).status in (200, 201)


def test_movements_that_are_not_by_hand_have_no_maximum(stack: Stack) -> None:
    wallet = stack.wallet(transfers={"allowed": True})
    stack.credit(wallet, 1_000)
    stack.credit(wallet, 1, customer="bob")
    stack.adjustment_max = 100
    assert stack.transfer(wallet, 200, source="Manual").status == 201
    assert stack.hold(wallet, 200, source="Manual").status == 201


def test_a_repetition_is_answered_under_a_lower_maximum(stack: Stack) -> None:
    wallet = stack.wallet()
    first = stack.credit(wallet, 500, key="credit-500")
    stack.adjustment_max = 100
    assert stack.credit(wallet, 500, key="credit-500").body == first.body


def test_the_maximum_costs_a_credit_no_request(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1)
    stack.adjustment_max = 100
    with metered(stack) as meter:
        stack.credit(wallet, 100)
    assert (meter.requests, meter.units) == (["BatchGetItem", "TransactWriteItems"], 5)
