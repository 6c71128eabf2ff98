"""Giving points: the card, the row and the answer."""

from tests.stack import Stack


def test_a_first_credit_enrols_the_customer(stack: Stack) -> None:
    wallet = stack.wallet()

    answer = stack.credit(wallet, 100, orderId="#1001", order={"amount": 1250}, metadata={"channel": "web"})

    assert answer.status == 201, answer.text
    assert answer.body["balance"] == {"active": 100, "pending": 0, "held": 0, "available": 100, "debt": 0}
    transaction = answer.body["transaction"]
    assert (transaction["type"], transaction["points"], transaction["seq"]) == ("CREDIT", 100, 1)
    assert transaction["order"] == {"amount": 1250, "currency": "EUR", "items": [], "metadata": None}
    assert answer.headers["Location"] == f"/v1/transactions/{transaction['transactionId']}"
    card = stack.card(wallet)
    assert card["balance"]["active"] == 100
    assert len(card["code"]) == 10
    assert stack.rows(wallet) == [transaction]


def test_the_same_key_answers_as_the_first_time_though_the_points_are_gone(stack: Stack) -> None:
    wallet = stack.wallet()
    first = stack.credit(wallet, 100, key="credit-one")
    stack.debit(wallet, 100)

    again = stack.credit(wallet, 100, key="credit-one")

    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert stack.card(wallet)["balance"]["active"] == 0
