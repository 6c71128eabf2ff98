"""A refusal by a wallet's settings names the field of the request that is its cause, as it was sent."""

from typing import Any

import pytest

from tests.support.stack import Stack

FUTURE = "2030-01-31T12:00:00Z"


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        ({"expiresAt": FUTURE}, "body.expiresAt"),
        ({"expireAfter": {"every": 1, "unit": "YEAR"}}, "body.expireAfter"),
    ],
)
def test_an_expiry_in_a_wallet_whose_points_never_expire_is_named_as_it_was_sent(
    stack: Stack, dates: dict[str, Any], field: str
) -> None:
    wallet = stack.wallet(allowNegativeBalance=True)
    stack.credit(wallet, 10)
    changed = {"reason": "r", **dates}
    for what, body in (("credits", {"points": 1, **dates}), ("expiry-changes", changed)):
        answer = stack.http("POST", f"/v1/wallets/{wallet}/cards/ann/{what}", body, key="some-other-key")
        assert (answer.status, answer.fields()) == (422, {field: "invalid_dates"})


def test_a_refund_of_an_order_without_an_amount_names_the_missing_order(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10, orderId="A")
    answer = stack.refund(wallet, "A", type="AMOUNT", amount=1)
    assert (answer.code, answer.fields()) == ("order_amount_unknown", {"body.order": "order_amount_unknown"})


def test_a_credit_below_the_smallest_order_names_the_amount(stack: Stack) -> None:
    wallet = stack.wallet(earningLimits={"transaction": {"minAmount": 100}})
    small = stack.credit(wallet, 1, orderId="A", order={"amount": 99})
    unknown = stack.credit(wallet, 1, orderId="A")
    assert small.fields() == {"body.order.amount": "order_amount_too_small"}
    assert unknown.fields() == {"body.order.amount": "order_amount_required"}


def test_a_payment_without_an_input_of_its_formula_names_the_metadata(stack: Stack) -> None:
    wallet = stack.wallet(payWithPoints={"type": "EXCHANGE_RATIO", "formula": 'ORDER_METADATA("rate")'})
    stack.credit(wallet, 10)
    answer = stack.pay(wallet, 100)
    assert answer.fields() == {"body.order.metadata.rate": "formula_input_missing"}


def test_order_details_below_what_is_refunded_name_the_amount(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10, orderId="A", order={"amount": 1_000})
    stack.refund(wallet, "A", type="AMOUNT", amount=500)
    answer = stack.refund(wallet, "A", order={"amount": 499})
    assert (answer.status, answer.fields()) == (409, {"body.order.amount": "order_differs"})
