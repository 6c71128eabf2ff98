"""Debits: the consumed lots, the refusals and the answer."""

import pytest
import time_machine

from tests.integration.accounts import at
from tests.support.stack import Stack


def test_a_debit_answers_the_transaction_and_the_remaining_balance(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)

    answer = stack.debit(wallet, 30, orderId="#1001", pointsDescription="Coffee")

    assert answer.status == 201
    row = answer.body["transaction"]
    assert (row["type"], row["operation"], row["points"], row["seq"]) == ("DEBIT", "debit", 30, 2)
    assert row["deltas"] == {"pending": 0, "active": -30, "held": 0}
    assert answer.body["balance"] == row["balanceAfter"]
    assert answer.body["balance"]["active"] == 70
    assert answer.headers["Location"] == f"/v1/transactions/{row['transactionId']}"
    assert stack.rows(wallet)[-1] == row
    assert stack.card(wallet)["lifetime"]["redeemed"] == 30


@pytest.mark.parametrize(
    ("order", "left"),
    [
        # The earliest expiry is first, lots without expiry are last.
        ("EARLIEST_EXPIRY", [(40, None)]),
        # The earliest issue day is first, with any expiry.
        ("EARLIEST_ISSUE", [(15, at(days=9)), (25, at(days=5))]),
    ],
)
def test_a_debit_takes_points_in_the_consumption_order_of_the_wallet(
    clock: time_machine.Traveller, stack: Stack, order: str, left: list[tuple[int, str | None]]
) -> None:
    wallet = stack.wallet(consumptionOrder=order)
    stack.credit(wallet, 40)
    clock.shift(86_400)
    stack.credit(wallet, 20, expiresAt=at(days=9))
    clock.shift(86_400)
    stack.credit(wallet, 25, expiresAt=at(days=5))

    stack.debit(wallet, 45)

    lots = [(lot["points"], lot["expiresAt"]) for lot in stack.card(wallet)["lots"]]
    assert sorted(lots, key=str) == sorted(left, key=str)


def test_a_debit_may_take_the_last_point_but_not_more(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    before = stack.items()
    answer = stack.debit(wallet, 101)
    assert (answer.status, answer.code) == (422, "insufficient_points")
    assert (answer.body["required"], answer.body["available"], answer.body["missing"]) == (101, 100, 1)
    assert stack.items() == before
    assert stack.debit(wallet, 100).body["balance"]["active"] == 0
    assert stack.debit(wallet, 1).code == "insufficient_points"


def test_pending_points_cannot_be_spent(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10)
    stack.credit(wallet, 90, activatesAt=at(hours=1))
    assert stack.debit(wallet, 11).body["available"] == 10
    clock.shift(3_600)
    assert stack.debit(wallet, 100).status == 201


def test_expired_points_cannot_be_spent_even_before_a_sweep(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10)
    stack.credit(wallet, 90, expiresAt=at(hours=1))
    clock.shift(3_600)
    before = stack.items()
    assert stack.debit(wallet, 11).body["available"] == 10
    assert stack.items() == before, "a refusal stores nothing, also no settlement"
    assert stack.debit(wallet, 10).status == 201
    assert [(row["type"], row["points"]) for row in stack.rows(wallet)][2:] == [("EXPIRY", 90), ("DEBIT", 10)]


def test_a_repeated_debit_takes_the_points_once(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    first = stack.debit(wallet, 60, key="debit-one", orderId="A")
    again = stack.debit(wallet, 60, key="debit-one", orderId="A")
    assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (201, first.body, "true")
    assert stack.card(wallet)["balance"]["active"] == 40


def test_a_repetition_is_answered_after_the_card_is_closed_and_the_wallet_inactive(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    first = stack.debit(wallet, 60, key="debit-one")
    stack.http("PATCH", f"/v1/wallets/{wallet}/cards/ann", {"status": "CLOSED"}, headers={"If-Match": '"1"'})
    stack.http("POST", f"/v1/wallets/{wallet}/deactivate")
    clock.shift(86_400)
    assert stack.debit(wallet, 60, key="debit-one").body == first.body


def test_a_debit_does_not_enrol_a_customer(stack: Stack) -> None:
    wallet = stack.wallet()
    before = stack.items()
    answer = stack.debit(wallet, 1)
    assert (answer.status, answer.code) == (404, "card_not_found")
    assert stack.items() == before


def test_a_debit_does_not_take_points_of_other_customers_or_wallets(stack: Stack) -> None:
    wallet, other = stack.wallet(), stack.wallet()
    stack.credit(wallet, 100)
    stack.credit(wallet, 5, customer="bob")
    stack.credit(other, 7)
    assert stack.debit(wallet, 6, customer="bob").body["available"] == 5
    assert stack.debit(other, 8).body["available"] == 7
    assert stack.card(wallet)["balance"]["active"] == 100
