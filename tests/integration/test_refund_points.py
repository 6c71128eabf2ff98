"""Full refunds: spent points return, and earned points are revoked."""

from typing import Any

import pytest
import time_machine

from tests.integration.accounts import at
from tests.support.stack import Answer, Stack

ORDER = {"amount": 5_000, "items": [{"productId": "shoe", "quantity": 1, "amount": 5_000}]}


def lots(stack: Stack, wallet: str) -> list[tuple[str, int, str | None]]:
    return [(lot["state"], lot["points"], lot["expiresAt"]) for lot in stack.card(wallet)["lots"]]


def refund_with(stack: Stack, wallet: str, order_id: str, order: dict[str, Any]) -> Answer:
    body = {"orderId": order_id, "type": "FULL", "order": order}
    return stack.http("POST", f"/v1/wallets/{wallet}/cards/ann/refunds", body, key="refund-with-order")


def test_a_refund_returns_spent_points_and_revokes_earned_points(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    stack.debit(wallet, 60, orderId="#1001", order=ORDER)
    stack.credit(wallet, 30, orderId="#1001")

    answer = stack.refund(wallet, "#1001", reason="Too small")

    assert answer.status == 201, answer.text
    returned, revoked = stack.rows(wallet)[-2:]
    assert answer.body == {
        "customerId": "ann",
        "walletId": wallet,
        "returned": {"points": 60, "keptExpired": 0, "transactionId": returned["transactionId"]},
        "revoked": {"points": 30, "shortfall": 0, "held": 0, "expired": 0, "transactionId": revoked["transactionId"]},
        "amount": 5_000,
        "moneyAmount": 5_000,
        "pointsShareWithheld": 0,
        "caughtUpAmount": 0,
        "items": [],
        "charges": [],
        "balance": {"active": 100, "pending": 0, "held": 0, "available": 100, "debt": 0},
    }
    assert (returned["type"], revoked["type"]) == ("RETURN", "REVOCATION")
    assert {row["orderId"] for row in (returned, revoked)} == {"#1001"}
    assert {row["operation"] for row in (returned, revoked)} == {"refund"}
    assert revoked["reason"] == "Too small"


def test_returned_points_go_to_the_lots_from_which_they_were_taken(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 50, expiresAt=at(days=1))
    stack.credit(wallet, 50, expiresAt=at(days=2))
    before = lots(stack, wallet)
    stack.debit(wallet, 70, orderId="A")
    assert lots(stack, wallet) == [("ACTIVE", 30, at(days=2))]

    stack.refund(wallet, "A")

    assert lots(stack, wallet) == before


def test_returned_points_of_an_expired_lot_get_another_expiry(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet(expiration={"type": "ROLLING_EXPIRATION", "every": 2, "unit": "HOUR"})
    stack.credit(wallet, 50)
    stack.debit(wallet, 20, orderId="A")
    clock.shift(3 * 3_600)

    stack.refund(wallet, "A")

    assert lots(stack, wallet) == [("ACTIVE", 20, at(hours=5))]
    assert [(row["type"], row["points"]) for row in stack.rows(wallet)][2:] == [("EXPIRY", 30), ("RETURN", 20)]


def test_a_shortfall_is_reported_and_forgiven(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 30, orderId="A")
    stack.debit(wallet, 25)

    answer = stack.refund(wallet, "A")

    assert answer.body["revoked"] == {
        "points": 5,
        "shortfall": 25,
        "held": 0,
        "expired": 0,
        "transactionId": stack.rows(wallet)[-1]["transactionId"],
    }
    stack.credit(wallet, 100)
    assert stack.refund(wallet, "A").code == "nothing_to_refund"
    assert stack.card(wallet)["balance"]["active"] == 100


def test_earned_points_that_expired_unspent_are_not_revoked(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 30, orderId="A", expiresAt=at(hours=1))
    stack.credit(wallet, 100)
    clock.shift(7_200)

    answer = stack.refund(wallet, "A")

    assert answer.body["revoked"] == {"points": 0, "shortfall": 0, "held": 0, "expired": 30, "transactionId": None}
    assert stack.card(wallet)["balance"]["active"] == 100
    assert stack.refund(wallet, "A").code == "nothing_to_refund"


def test_an_expiry_that_was_recorded_before_the_refund_counts_too(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 30, orderId="A", expiresAt=at(hours=1))
    stack.credit(wallet, 100)
    clock.shift(7_200)
    stack.debit(wallet, 1)  # Records the EXPIRY row, too.
    answer = stack.refund(wallet, "A")
    assert (answer.body["revoked"]["expired"], stack.card(wallet)["balance"]["active"]) == (30, 99)


def test_pending_points_of_the_order_are_revoked_first(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    stack.credit(wallet, 30, orderId="A", activatesAt=at(hours=1))
    answer = stack.refund(wallet, "A")
    assert answer.body["balance"] == {"active": 100, "pending": 0, "held": 0, "available": 100, "debt": 0}
    assert stack.rows(wallet)[-1]["deltas"] == {"pending": -30, "active": 0, "held": 0}


def test_a_second_full_refund_is_refused(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    stack.debit(wallet, 60, orderId="A")
    stack.refund(wallet, "A")
    before = stack.items()
    answer = stack.refund(wallet, "A")
    assert (answer.status, answer.code) == (422, "nothing_to_refund")
    assert stack.items() == before


def test_movements_of_an_order_after_its_refund_can_be_refunded(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    stack.debit(wallet, 60, orderId="A", order=ORDER)
    stack.refund(wallet, "A")
    stack.debit(wallet, 10, orderId="A")
    answer = stack.refund(wallet, "A")
    assert (answer.body["returned"]["points"], answer.body["moneyAmount"]) == (10, 0)
    assert stack.card(wallet)["balance"]["active"] == 100


def test_a_repeated_refund_takes_effect_once_and_has_the_first_answer(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    stack.debit(wallet, 60, orderId="A", order=ORDER)
    stack.credit(wallet, 30, orderId="A")
    first = stack.refund(wallet, "A", key="refund-one")
    stack.debit(wallet, 100)
    again = stack.refund(wallet, "A", key="refund-one")
    assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (201, first.body, "true")
    assert again.headers["Location"] == first.headers["Location"]


def test_an_order_without_transactions_is_not_found(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100, orderId="A#B")
    for order in ("A", "A#", "a#b", "A#B."):
        answer = stack.refund(wallet, order)
        assert (answer.status, answer.code) == (404, "order_not_found")
    assert stack.refund(wallet, "A#B").status == 201


def test_orders_with_similar_ids_are_refunded_separately(stack: Stack) -> None:
    wallet = stack.wallet()
    orders = ["A", "A#B", "A%23B", "A%", "%41", "=A", "-", "K:A", "A A", "Ä✓"]
    for points, order in enumerate(orders, start=1):
        stack.credit(wallet, points, orderId=order)
    for points, order in enumerate(orders, start=1):
        assert stack.refund(wallet, order).body["revoked"]["points"] == points
    assert stack.card(wallet)["balance"]["active"] == 0


@pytest.mark.parametrize("order", [ORDER, {"amount": 5_000}, {"amount": 6_000}, {"amount": 4_000}])
def test_a_refund_may_change_the_order_details(stack: Stack, order: dict[str, Any]) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100, orderId="A", order=ORDER)
    assert refund_with(stack, wallet, "A", order).body["moneyAmount"] == order["amount"]


def test_a_refund_may_have_the_first_order_details(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100, orderId="A")
    assert refund_with(stack, wallet, "A", ORDER).body["moneyAmount"] == 5_000
    stack.credit(wallet, 100, orderId="B")
    assert stack.refund(wallet, "B").body["moneyAmount"] is None


def test_the_lifetime_numbers_agree_with_the_balance(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100, expiresAt=at(hours=1))
    stack.debit(wallet, 60, orderId="A")
    stack.credit(wallet, 30, orderId="A")
    stack.refund(wallet, "A")
    clock.shift(7_200)
    card = stack.card(wallet)
    life = card["lifetime"]
    gained = life["issued"] + life["returned"] + life["transferredIn"]
    lost = sum(life[name] for name in ("redeemed", "removed", "expired", "canceled", "revoked", "transferredOut"))
    assert gained - lost == card["balance"]["active"] == 0
    assert (life["issued"], life["redeemed"], life["returned"], life["revoked"], life["expired"]) == (
        130,
        60,
        60,
        30,
        100,
    )
