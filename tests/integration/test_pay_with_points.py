"""Payments for orders with points: amounts, limits, dry runs and refusals."""

from itertools import count
from typing import Any

import pytest

from tests.integration.metering import metered
from tests.integration.racing import before_next
from tests.support.stack import Answer, Stack


@pytest.fixture(autouse=True)
def _no_real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries end after a number of attempts, so that the speed of the machine does not matter."""
    ticks = count()
    monkeypatch.setattr("loyalty.retry.monotonic", lambda: next(ticks) / 100)
    monkeypatch.setattr("loyalty.retry.sleep", lambda _: None)


def shop(stack: Stack, formula: Any = "0.5", **settings: Any) -> str:
    return stack.wallet(payWithPoints={"type": "EXCHANGE_RATIO", "formula": formula}, **settings)


def summary(answer: Answer) -> tuple[Any, ...]:
    assert answer.status in (200, 201), answer.text
    names = ("amount", "points", "limitedBy", "remainingAmount")
    return (*(answer.body[name] for name in names), answer.body["balance"]["active"])


def set_metadata(stack: Stack, wallet: str, metadata: Any, revision: int = 1) -> None:
    path = f"/v1/wallets/{wallet}/cards/ann"
    etag = {"If-Match": f'"{revision}"'}
    assert stack.http("PATCH", path, {"metadata": metadata}, headers=etag).status == 200


def test_a_payment_answers_what_it_paid_and_what_remains(stack: Stack) -> None:
    wallet = shop(stack)
    stack.credit(wallet, 100)
    lines = [{"productId": "mug", "quantity": 1, "amount": 1_250}]

    answer = stack.pay(wallet, 1_250, order_details={"items": lines}, pointsDescription="Mug", metadata={"till": 3})

    assert answer.status == 201
    row = answer.body["transaction"]
    assert {name: answer.body[name] for name in answer.body if name not in ("transaction", "balance")} == {
        "amount": 200,
        "points": 100,
        "exchangeRatio": "0.5",
        "limitedBy": "CARD_BALANCE",
        "remainingAmount": 1_050,
    }
    assert (row["type"], row["operation"], row["orderId"]) == ("DEBIT", "payment", "#1001")
    assert (row["points"], row["requested"], row["cappedBy"]) == (100, 625, "balance")
    assert row["payment"] == {"amount": 200, "remainingAmount": 1_050, "exchangeRatio": "0.5", "inputs": {}}
    assert (row["order"]["amount"], row["pointsDescription"], row["metadata"]) == (1_250, "Mug", {"till": 3})
    assert answer.headers["Location"] == f"/v1/transactions/{row['transactionId']}"
    assert stack.rows(wallet)[-1] == row
    assert stack.card(wallet)["lifetime"]["redeemed"] == 100
    path = f"/v1/wallets/{wallet}/cards/ann/transactions"
    assert len(stack.http("GET", path, query={"operation": "payment"}).body["data"]) == 1


@pytest.mark.parametrize(
    ("limit", "settings", "expected"),
    [
        (None, {}, (100, 50, None, 0, 950)),
        (("POINTS_LIMIT", 20), {}, (40, 20, "POINTS_LIMIT", 60, 980)),
        (("AMOUNT_LIMIT", 30), {}, (30, 15, "AMOUNT_LIMIT", 70, 985)),
        (None, {"transaction": {"maxPoints": 10}}, (20, 10, "spendingLimits.transaction", 80, 990)),
        (None, {"global": {"type": "SPENDING_BASED", "max": 25}}, (50, 25, "spendingLimits.global", 50, 975)),
    ],
)
def test_a_payment_names_the_limit_that_cut_it(stack: Stack, limit: Any, settings: Any, expected: Any) -> None:
    wallet = shop(stack, spendingLimits=settings)
    stack.credit(wallet, 1_000)
    assert summary(stack.pay(wallet, 100, limit=limit)) == expected


def test_a_repeated_payment_pays_once_and_has_the_first_answer(stack: Stack) -> None:
    wallet = shop(stack)
    stack.credit(wallet, 30)
    first = stack.pay(wallet, 1_000, key="payment-one")
    stack.credit(wallet, 500)
    again = stack.pay(wallet, 1_000, key="payment-one")
    assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (201, first.body, "true")
    assert stack.pay(wallet, 1_000, key="payment-one", limit=("POINTS_LIMIT", 1)).code == "key_reused"
    assert stack.card(wallet)["balance"]["active"] == 500


def test_a_dry_run_of_a_payment_answers_its_result_and_writes_nothing(stack: Stack) -> None:
    wallet = shop(stack)
    stack.credit(wallet, 100)
    before = stack.items()

    dry = stack.pay(wallet, 1_250, dryRun=True)

    assert (dry.status, "transaction" in dry.body, "Location" in dry.headers) == (200, False, False)
    assert stack.items() == before
    done = stack.pay(wallet, 1_250).body
    assert {name: done[name] for name in done if name != "transaction"}.items() <= dry.body.items()
    assert stack.pay(wallet, 1_250, dryRun=True).code == "insufficient_points"
    assert stack.pay(wallet, 1_250, dryRun=True, customer="zoe").code == "card_not_found"


def test_a_payment_requires_a_key_and_a_dry_run_uses_none(stack: Stack) -> None:
    wallet = shop(stack)
    stack.credit(wallet, 100)
    path = f"/v1/wallets/{wallet}/cards/ann/payments"
    order = {"id": "#1001", "amount": 10}
    refused = stack.http("POST", path, {"order": order})
    assert (refused.status, refused.fields()) == (400, {"header.idempotency-key": "required"})
    # A dry run does not use its key and finds no earlier request by it.
    assert stack.http("POST", path, {"order": order, "dryRun": True}, key="the-same-key").status == 200
    assert stack.http("POST", path, {"order": order}, key="the-same-key").status == 201


def test_a_payment_has_an_explanation_and_its_ledger_verifies(stack: Stack) -> None:
    wallet = shop(stack, 'ORDER_METADATA("rate")')
    stack.credit(wallet, 100)
    row = stack.pay(wallet, 1_250, order_details={"metadata": {"rate": "0.5"}}).body["transaction"]
    explanation = stack.http("GET", f"/v1/transactions/{row['transactionId']}/explain").body
    assert "100 points were spent" in explanation["text"]
    assert (
        "for 200 minor units of the order, at 0.5 points each; 625 had been requested, and balance cut"
        in explanation["text"]
    )
    assert explanation["wallet"]["settings"]["payWithPoints"]["formula"] == 'ORDER_METADATA("rate")'
    stack.refund(wallet, "#1001")
    stack.pay(wallet, 1_250, order_details={"metadata": {"rate": "0.5"}})
    verified = stack.http("GET", f"/v1/wallets/{wallet}/cards/ann/verify").body
    assert (verified["valid"], verified["rows"]) == (True, 4), verified


def test_a_second_payment_pays_the_remaining_amount_and_a_third_is_refused(stack: Stack) -> None:
    wallet = shop(stack, formula="1")
    stack.credit(wallet, 300)
    assert summary(stack.pay(wallet, 250, limit=("POINTS_LIMIT", 100))) == (100, 100, "POINTS_LIMIT", 150, 200)
    assert summary(stack.pay(wallet, 250)) == (150, 150, None, 0, 50)
    assert stack.pay(wallet, 250).code == "order_paid"
    # Another order can be paid.
    assert summary(stack.pay(wallet, 250, order="#1002"))[0] == 50


def test_an_order_with_a_full_refund_can_be_paid_again(stack: Stack) -> None:
    wallet = shop(stack, formula="1")
    stack.credit(wallet, 300)
    stack.pay(wallet, 250)
    assert stack.refund(wallet, "#1001").body["returned"]["points"] == 250
    assert summary(stack.pay(wallet, 250, limit=("POINTS_LIMIT", 50))) == (50, 50, "POINTS_LIMIT", 200, 250)


def money_and_points(answer: Answer) -> tuple[int, int, int]:
    assert answer.status == 201, answer.text
    return answer.body["amount"], answer.body["moneyAmount"], answer.body["returned"]["points"]


def test_a_refund_pays_back_in_money_what_points_did_not_pay(stack: Stack) -> None:
    wallet = shop(stack, formula="0.5")
    stack.credit(wallet, 300)
    stack.pay(wallet, 1_000, limit=("AMOUNT_LIMIT", 333))
    assert money_and_points(stack.refund(wallet, "#1001", type="AMOUNT", amount=500)) == (500, 334, 83)
    # Returned goods and goods that points paid for are not paid again.
    assert summary(stack.pay(wallet, 1_000)) == (333, 167, None, 0, 300 - 167 + 83 - 167)
    assert money_and_points(stack.refund(wallet, "#1001")) == (500, 0, 167 + 167 - 83)
    assert stack.card(wallet)["balance"]["active"] == 300


def test_an_order_that_is_paid_again_can_be_refunded_again(stack: Stack) -> None:
    wallet = shop(stack, formula="1")
    stack.credit(wallet, 300)
    stack.pay(wallet, 250)
    assert money_and_points(stack.refund(wallet, "#1001")) == (250, 0, 250)
    assert stack.refund(wallet, "#1001").code == "nothing_to_refund"

    stack.pay(wallet, 250, limit=("POINTS_LIMIT", 50))
    stack.credit(wallet, 20, orderId="#1001")
    assert money_and_points(stack.refund(wallet, "#1001", type="AMOUNT", amount=125)) == (125, 100, 25)
    last = stack.refund(wallet, "#1001")
    assert (money_and_points(last), last.body["revoked"]["points"]) == ((125, 100, 25), 10)
    assert stack.refund(wallet, "#1001").code == "nothing_to_refund"
    assert stack.card(wallet)["balance"]["active"] == 300
    (left,) = stack.http("GET", "/v1/customers/ann/orders/%231001").body["wallets"]
    assert (left["spent"], left["returned"], left["refundedAmount"]) == (50, 50, 250)

    assert summary(stack.pay(wallet, 250)) == (250, 250, None, 0, 50)
    assert money_and_points(stack.refund(wallet, "#1001")) == (250, 0, 250)


def test_a_payment_may_change_the_order_but_not_below_what_is_paid(stack: Stack) -> None:
    wallet = shop(stack, formula="1")
    stack.credit(wallet, 800, orderId="#1001", order={"amount": 1_000})
    assert stack.pay(wallet, 1_000, order_details={"currency": "USD"}).code == "currency_differs"
    assert stack.pay(wallet, 1_200, limit=("POINTS_LIMIT", 700)).body["remainingAmount"] == 500
    below = stack.pay(wallet, 699)
    assert (below.status, below.code, list(below.fields())) == (409, "order_differs", ["body.order.amount"])
    assert stack.pay(wallet, 700).code == "order_paid"
    assert stack.pay(wallet, 701).body["amount"] == 1


@pytest.mark.parametrize("state", ["BLOCKED", "FROZEN", "CLOSED"])
def test_a_card_that_may_not_spend_cannot_pay(stack: Stack, state: str) -> None:
    wallet = shop(stack)
    stack.credit(wallet, 100)
    stack.http("PATCH", f"/v1/wallets/{wallet}/cards/ann", {"status": state}, headers={"If-Match": '"1"'})
    assert stack.pay(wallet, 10).code == f"card_{state.lower()}"


def test_a_wallet_without_payments_refuses_a_payment(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    answer = stack.pay(wallet, 10)
    assert (answer.status, answer.code) == (422, "payments_not_available")


def test_a_card_with_a_debt_cannot_pay(stack: Stack) -> None:
    wallet = shop(stack, allowNegativeBalance=True)
    stack.credit(wallet, 10)
    stack.debit(wallet, 20)
    before = stack.items()
    answer = stack.pay(wallet, 10)
    assert (answer.status, answer.code) == (422, "insufficient_points")
    assert (answer.body["required"], answer.body["available"], answer.body["missing"]) == (1, 0, 1)
    assert stack.items() == before


def test_a_payment_over_a_spending_limit_is_refused_and_its_key_stays_usable(stack: Stack) -> None:
    wallet = shop(stack, spendingLimits={"global": {"type": "SPENDING_BASED", "max": 50}})
    stack.credit(wallet, 100)
    stack.debit(wallet, 50)
    answer = stack.pay(wallet, 10, key="payment-one")
    assert (answer.status, answer.code, answer.body["room"]) == (422, "spending_limit_reached", 0)
    path = f"/v1/wallets/{wallet}"
    assert stack.http("PATCH", path, {"spendingLimits": None}, headers={"If-Match": '"1"'}).status == 200
    assert stack.pay(wallet, 10, key="payment-one").status == 201


def test_a_payment_records_the_inputs_of_the_formula(stack: Stack) -> None:
    wallet = shop(stack, 'IF(CARD_METADATA("level") >= 2, ORDER_METADATA("rate") / 2, 1)')
    stack.credit(wallet, 1_000)
    set_metadata(stack, wallet, {"level": "2"})
    answer = stack.pay(wallet, 100, order_details={"metadata": {"rate": 0.1}})
    assert (answer.body["exchangeRatio"], answer.body["points"]) == ("0.05", 5)
    inputs = {'CARD_METADATA("level")': "2", 'ORDER_METADATA("rate")': "0.1"}
    assert stack.rows(wallet)[-1]["payment"]["inputs"] == inputs


@pytest.mark.parametrize(
    ("formula", "order_details", "code"),
    [
        ('ORDER_METADATA("rate")', {}, "formula_input_missing"),
        ('ORDER_METADATA("rate")', {"metadata": {"rate": False}}, "formula_input_missing"),
        ('CARD_METADATA("level")', {}, "formula_input_missing"),
        ('1 / ORDER_METADATA("rate")', {"metadata": {"rate": 0}}, "formula_not_computable"),
        ('ORDER_METADATA("rate")', {"metadata": {"rate": 0}}, "exchange_ratio_not_positive"),
        ("ORDER_AMOUNT() - 100", {}, "exchange_ratio_not_positive"),
        ("ORDER_AMOUNT() * -1", {}, "exchange_ratio_not_positive"),
    ],
)
def test_an_exchange_ratio_that_is_missing_or_not_positive_is_refused(
    stack: Stack, formula: str, order_details: Any, code: str
) -> None:
    wallet = shop(stack, formula)
    stack.credit(wallet, 100)
    before = stack.items()
    answer = stack.pay(wallet, 100, order_details=order_details)
    assert (answer.status, answer.code) == (422, code)
    assert stack.items() == before


def test_a_refund_returns_the_points_of_a_payment(stack: Stack) -> None:
    wallet = shop(stack)
    stack.credit(wallet, 100)
    stack.pay(wallet, 100)
    answer = stack.refund(wallet, "#1001")
    assert (answer.body["returned"]["points"], answer.body["balance"]["active"]) == (50, 100)


def test_a_payment_makes_one_read_one_query_and_one_transaction_of_five_units(stack: Stack) -> None:
    wallet = shop(stack)
    stack.credit(wallet, 1_000)
    with metered(stack) as meter:
        stack.pay(wallet, 100)
        assert meter.units == 5
        stack.pay(wallet, 100, order="#1002", dryRun=True)
    assert meter.requests == ["BatchGetItem", "Query", "TransactWriteItems", "BatchGetItem", "Query"]


def test_the_metadata_of_the_card_is_read_only_if_the_formula_uses_it(stack: Stack) -> None:
    wallet = shop(stack, 'CARD_METADATA("level")')
    stack.credit(wallet, 1_000)
    set_metadata(stack, wallet, {"level": 2})
    with metered(stack) as meter:
        stack.pay(wallet, 100)
    assert meter.requests == ["BatchGetItem", "Query", "GetItem", "TransactWriteItems"]


def test_the_second_of_two_concurrent_payments_pays_the_remaining_amount(stack: Stack) -> None:
    wallet = shop(stack, formula="1")
    stack.credit(wallet, 1_000)
    rivals: list[Answer] = []
    rival: dict[str, Any] = {"limit": ("AMOUNT_LIMIT", 70)}
    with before_next("TransactWriteItems", lambda: rivals.append(stack.pay(wallet, 100, **rival))):
        mine = stack.pay(wallet, 100)
    assert (summary(rivals[0])[:2], summary(mine)) == ((70, 70), (30, 30, None, 0, 900))
    assert [row["seq"] for row in stack.rows(wallet)] == [1, 2, 3]


def test_sixteen_concurrent_payments_pay_the_order_once(stack: Stack) -> None:
    """Each payment commits during the payment before it, so all payments except one are decided again."""
    wallet = shop(stack, formula="1")
    stack.credit(wallet, 1_000)
    answers: list[Answer] = []

    def write(writers: int) -> None:
        if writers == 1:
            answers.append(stack.pay(wallet, 100, limit=("AMOUNT_LIMIT", 9)))
            return
        with before_next("TransactWriteItems", lambda: write(writers - 1)):
            answers.append(stack.pay(wallet, 100, limit=("AMOUNT_LIMIT", 9)))

    write(16)

    paid = [answer.body["amount"] for answer in answers if answer.status == 201]
    assert (sum(paid), paid) == (100, [9] * 11 + [1])
    assert [answer.code for answer in answers if answer.status != 201] == ["order_paid"] * 4
    assert stack.card(wallet)["balance"]["active"] == 900


def test_a_payment_uses_the_latest_metadata_after_a_concurrent_change(stack: Stack) -> None:
    wallet = shop(stack, 'CARD_METADATA("level")')
    stack.credit(wallet, 1_000)
    set_metadata(stack, wallet, {"level": 2})
    with before_next("TransactWriteItems", lambda: set_metadata(stack, wallet, {"level": 5}, revision=2)):
        answer = stack.pay(wallet, 10)
    assert (answer.body["exchangeRatio"], answer.body["points"]) == ("5", 50)
