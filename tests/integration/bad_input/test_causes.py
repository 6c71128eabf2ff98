"""A well-formed request that is refused for the value of one field: the refusal names the field, as it was sent."""

from typing import Any

import pytest

from tests.integration.bad_input.sender import KEY, Sender
from tests.support.requests import example

CARD = "/v1/wallets/{walletId}/cards/{customerId}"
PAST, FUTURE, LATER = "2020-01-31T12:00:00Z", "2030-01-31T12:00:00Z", "2031-01-31T12:00:00Z"
DOLLARS = {"amount": 100, "currency": "USD"}
UNKNOWN = "A" * 16 + ".1"
CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("credits", {"points": 1, "expiresAt": PAST}, "body.expiresAt", "invalid_dates"),
    ("credits", {"points": 1, "activatesAt": LATER, "expiresAt": FUTURE}, "body.expiresAt", "invalid_dates"),
    ("adjustments", {"points": 1, "reason": "r", "expiresAt": PAST}, "body.expiresAt", "invalid_dates"),
    ("expiry-changes", {"reason": "r", "expiresAt": PAST}, "body.expiresAt", "invalid_dates"),
    ("credits", {"points": 1, "orderId": "o", "order": DOLLARS}, "body.order.currency", "currency_differs"),
    ("debits", {"points": 1, "orderId": "o", "order": DOLLARS}, "body.order.currency", "currency_differs"),
    ("holds", {"points": 1, "orderId": "o", "order": DOLLARS}, "body.order.currency", "currency_differs"),
    ("payments", {"order": {"id": "o", **DOLLARS}}, "body.order.currency", "currency_differs"),
    ("refunds", {"orderId": "#1001", "type": "FULL", "order": DOLLARS}, "body.order.currency", "currency_differs"),
    ("refunds", {"orderId": "unknown", "type": "FULL"}, "body.orderId", "order_not_found"),
    ("transfers", {"points": 1, "toCustomerId": "ann"}, "body.toCustomerId", "transfer_to_self"),
    ("transfers", {"points": 1, "toCustomerId": "zoe"}, "body.toCustomerId", "card_not_found"),
    ("holds/{holdId}/capture", {"points": 101}, "body.points", "hold_too_small"),
    ("pending/activate", {"transactionId": UNKNOWN}, "body.transactionId", "transaction_not_found"),
    ("pending/cancel", {"orderId": "unknown"}, "body.orderId", "order_not_found"),
    ("credits", {"points": 2, "orderId": "#1001"}, "header.idempotency-key", "key_reused"),
]


@pytest.mark.parametrize(("route", "body", "field", "code"), CASES)
def test_a_refusal_names_the_field_that_is_its_cause(
    sender: Sender, route: str, body: dict[str, Any], field: str, code: str
) -> None:
    key = KEY if code == "key_reused" else "another-key"
    answer = sender.refused(f"POST {CARD}/{route}", key=key, body=body)
    assert (answer.code, answer.fields()) == (code, {field: code})


def test_a_refusal_names_the_name_of_an_undefined_event(sender: Sender) -> None:
    event = {**example("POST /v1/events"), "name": "order.deliverd"}
    answer = sender.refused("POST /v1/events", body=event)
    assert (answer.code, answer.fields()) == ("event_not_defined", {"body.name": "event_not_defined"})


def test_a_refusal_names_the_code_of_another_card(sender: Sender) -> None:
    body = {"customerId": "carol", "code": sender.ids["code"]}
    answer = sender.refused("POST /v1/wallets/{walletId}/cards", body=body)
    assert (answer.code, answer.fields()) == ("code_taken", {"body.code": "code_taken"})
