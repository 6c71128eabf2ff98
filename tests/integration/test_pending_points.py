"""Pending points that are activated or canceled by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine

from tests.support.stack import Answer, Stack

PERIOD_BASED = {"type": "PERIOD_BASED", "every": 14, "unit": "DAY"}


def act(stack: Stack, wallet: str, action: str, key: str, **body: Any) -> Answer:
    return stack.http("POST", f"/v1/wallets/{wallet}/cards/ann/pending/{action}", body, key=key)


def test_an_activation_by_order_activates_the_points_of_this_order_only(stack: Stack) -> None:
    wallet = stack.wallet(pending=PERIOD_BASED)
    stack.credit(wallet, 100, orderId="A")
    stack.credit(wallet, 50, orderId="B")

    answer = act(stack, wallet, "activate", "activate-A", orderId="A", reason="goodwill")

    assert answer.status == 201, answer.text
    assert (answer.body["transaction"]["type"], answer.body["transaction"]["points"]) == ("ACTIVATION", 100)
    assert (answer.body["balance"]["active"], answer.body["balance"]["pending"]) == (100, 50)
    again = act(stack, wallet, "activate", "activate-A", orderId="A", reason="goodwill")
    assert (again.body, again.headers["Idempotent-Replayed"]) == (answer.body, "true")
    assert act(stack, wallet, "cancel", "cancel-A1", orderId="A").code == "nothing_pending"


def test_a_cancellation_by_transaction_cancels_one_credit_with_or_without_an_order(stack: Stack) -> None:
    wallet = stack.wallet(pending=PERIOD_BASED)
    credit_rows = [stack.credit(wallet, points).body["transaction"]["transactionId"] for points in (10, 20)]
    ordered = [stack.credit(wallet, points, orderId="A").body["transaction"]["transactionId"] for points in (40, 80)]

    for place, credit in enumerate((credit_rows[0], ordered[1])):
        answer = act(stack, wallet, "cancel", f"cancel-{place}", transactionId=credit)
        assert answer.status == 201, answer.text
        assert answer.body["transaction"]["points"] == (10, 80)[place]

    assert stack.card(wallet)["balance"]["pending"] == 60
    again = act(stack, wallet, "cancel", "cancel-0", transactionId=credit_rows[0])
    assert again.headers["Idempotent-Replayed"] == "true"
    assert act(stack, wallet, "cancel", "cancel-2", transactionId=credit_rows[0]).code == "nothing_pending"
    assert act(stack, wallet, "activate", "activate-1", transactionId=ordered[0]).body["transaction"]["points"] == 40


def test_a_cancellation_of_one_credit_does_not_cancel_another_credit_of_the_order(stack: Stack) -> None:
    with time_machine.travel(datetime(2027, 3, 3, 12, tzinfo=UTC), tick=False) as clock:
        wallet = stack.wallet(pending={"type": "FIXED_DATES", "dates": [{"month": 6, "day": 1}]})
        first = stack.credit(wallet, 10, orderId="A").body["transaction"]["transactionId"]
        clock.shift(timedelta(days=1))
        stack.credit(wallet, 20, orderId="A")

        answer = act(stack, wallet, "cancel", "cancel-first", transactionId=first)

        assert answer.body["transaction"]["points"] == 10
        assert stack.card(wallet)["balance"]["pending"] == 20


def test_each_missing_target_has_its_own_refusal(stack: Stack) -> None:
    wallet = stack.wallet(pending=PERIOD_BASED)
    stack.credit(wallet, 10)
    debit = "a" * 16 + ".1"

    assert act(stack, wallet, "activate", "activate-1", orderId="A").code == "order_not_found"
    assert act(stack, wallet, "activate", "activate-1", transactionId=debit).code == "transaction_not_found"
    assert act(stack, wallet, "activate", "activate-1").fields() == {"body.orderId": "one_of"}
