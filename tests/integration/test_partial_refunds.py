"""Partial refunds: by amount, by items and of the rest; refusals, dry runs and repetitions."""

from typing import Any

import pytest
import time_machine

from tests.integration.accounts import at
from tests.support.stack import Answer, Stack

ORDER: dict[str, Any] = {
    "amount": 10_000,
    "items": [
        {"productId": "shoe", "quantity": 2, "amount": 8_000},
        {"productId": "sock", "quantity": 3, "amount": 1_000, "lineId": "b"},
        {"productId": "sock", "quantity": 1, "amount": 400, "lineId": "a"},
    ],
}
BY_ITEM = {"spent": {"type": "REFUND_ITEM"}}
KEEP_EXPIRED = {"spent": {"type": "REFUND_AMOUNT", "expiredLots": "KEEP_EXPIRED"}}


def ordered(stack: Stack, **settings: Any) -> str:
    """A wallet in which order A spent 33 points and earned 10; the customer has 100 other points."""
    wallet = stack.wallet(**settings)
    stack.credit(wallet, 133)
    stack.debit(wallet, 33, orderId="A", order=ORDER)
    stack.credit(wallet, 10, orderId="A")
    return wallet


def of_amount(stack: Stack, wallet: str, amount: int, **more: Any) -> Answer:
    return stack.refund(wallet, "A", type="AMOUNT", amount=amount, **more)


def of_items(stack: Stack, wallet: str, *items: tuple[str, int], **more: Any) -> Answer:
    body = [{"productId": product, "quantity": quantity} for product, quantity in items]
    return stack.refund(wallet, "A", type="ITEMS", items=body, **more)


def points(answer: Answer) -> tuple[int, int]:
    assert answer.status in (200, 201), answer.text
    return answer.body["returned"]["points"], answer.body["revoked"]["points"]


def test_three_partial_refunds_move_the_same_points_as_one_full_refund(stack: Stack) -> None:
    wallet = ordered(stack)
    answers = [of_amount(stack, wallet, amount) for amount in (4_000, 1_000, 5_000)]
    assert [points(answer) for answer in answers] == [(13, 4), (3, 1), (17, 5)]
    assert [answer.body["amount"] for answer in answers] == [4_000, 1_000, 5_000]
    assert [answer.body["moneyAmount"] for answer in answers] == [4_000, 1_000, 5_000]
    assert stack.card(wallet)["balance"]["active"] == 133
    assert stack.refund(wallet, "A").code == "nothing_to_refund"


def test_refunds_by_amount_by_items_and_of_the_rest_can_be_mixed(stack: Stack) -> None:
    wallet = ordered(stack)
    answers = [of_amount(stack, wallet, 3_000), of_items(stack, wallet, ("shoe", 1)), stack.refund(wallet, "A")]
    assert [answer.body["amount"] for answer in answers] == [3_000, 4_000, 3_000]
    assert [points(answer) for answer in answers] == [(9, 3), (14, 4), (10, 3)]


def test_items_that_are_worth_more_than_the_remaining_amount_are_refused(stack: Stack) -> None:
    wallet = ordered(stack)
    of_amount(stack, wallet, 7_000)
    answer = of_items(stack, wallet, ("shoe", 1))
    assert (answer.status, answer.code, list(answer.fields())) == (422, "refund_exceeds_order", ["body.items"])
    assert of_items(stack, wallet, ("sock", 4)).body["amount"] == 1_400


def test_items_without_a_line_id_are_taken_from_the_first_lines_of_the_product(stack: Stack) -> None:
    wallet = ordered(stack)
    assert of_items(stack, wallet, ("sock", 4)).body["amount"] == 1_400
    wallet = ordered(stack)
    named = [{"productId": "sock", "quantity": 1, "lineId": "a"}]
    assert stack.refund(wallet, "A", type="ITEMS", items=named).body["amount"] == 400
    again = stack.refund(wallet, "A", type="ITEMS", items=named)
    assert (again.code, again.body["errors"][0]["field"]) == ("refund_exceeds_order", "body.items[0].quantity")


def test_a_wallet_with_refunds_by_item_returns_the_items_share_and_refuses_an_amount(stack: Stack) -> None:
    wallet = ordered(stack, refunds=BY_ITEM)
    refused = of_amount(stack, wallet, 1_000)
    assert (refused.status, refused.code) == (422, "items_required")
    answer = of_items(stack, wallet, ("shoe", 1))
    assert points(answer) == (33 * 4_000 // 9_400, 4)
    assert points(stack.refund(wallet, "A")) == (33 - 14, 6)


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"type": "AMOUNT", "amount": 10_001}, "refund_exceeds_order", "body.amount"),
        ({"type": "ITEMS", "items": [{"productId": "shoe", "quantity": 3}]}, "refund_exceeds_order", None),
        ({"type": "ITEMS", "items": [{"productId": "hat", "quantity": 1}]}, "refund_exceeds_order", None),
        ({"type": "ITEMS", "charges": [{"type": "OTHER", "amount": 601}]}, "refund_exceeds_order", "body.charges[0]"),
        ({"type": "ITEMS", "charges": [{"type": "TAX"}]}, "refund_exceeds_order", "body.charges[0]"),
    ],
)
def test_a_refund_that_does_not_fit_the_order_is_refused_and_changes_nothing(
    stack: Stack, body: dict[str, Any], code: str, field: str | None
) -> None:
    wallet = ordered(stack)
    before = stack.items()
    answer = stack.refund(wallet, "A", **body)
    assert (answer.status, answer.code) == (422, code)
    assert field is None or field in answer.fields()
    assert stack.items() == before


def test_a_partial_refund_requires_order_details(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10, orderId="A")
    for answer in (of_amount(stack, wallet, 1), of_items(stack, wallet, ("shoe", 1))):
        assert (answer.status, answer.code) == (422, "order_amount_unknown")

    first = of_amount(stack, wallet, 5_000, order=ORDER)
    assert (points(first), first.body["amount"]) == ((0, 5), 5_000)
    assert points(of_items(stack, wallet, ("shoe", 1))) == (0, 4), "the order details remain known"
    rest = stack.refund(wallet, "A")
    assert (rest.body["amount"], rest.body["revoked"]["points"]) == (1_000, 1)


def test_order_details_of_a_refund_are_recorded_in_its_last_transaction_only(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 50)
    stack.debit(wallet, 50, orderId="A")
    stack.credit(wallet, 10, orderId="A")
    stack.refund(wallet, "A", order=ORDER)
    returned, revoked = stack.rows(wallet)[-2:]
    assert (returned["order"], revoked["order"]["amount"]) == (None, 10_000)


def test_a_full_refund_without_order_details_answers_no_money(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10, orderId="A")
    answer = stack.refund(wallet, "A")
    assert (answer.body["amount"], answer.body["moneyAmount"]) == (None, None)


def test_every_refund_writes_a_transaction_even_without_points(stack: Stack) -> None:
    wallet = stack.wallet(refunds={"spent": {"type": "NONE"}, "earned": {"type": "KEEP"}})
    stack.credit(wallet, 10, orderId="A", order=ORDER)
    answer = of_items(stack, wallet, ("shoe", 1))
    assert (points(answer), answer.body["amount"]) == ((0, 0), 4_000)
    row = stack.rows(wallet)[-1]
    assert (row["type"], row["points"], row["transactionId"]) == ("RETURN", 0, answer.body["returned"]["transactionId"])
    assert of_items(stack, wallet, ("shoe", 2)).code == "refund_exceeds_order"


def test_refund_all_returns_the_spent_points_with_the_last_part(stack: Stack) -> None:
    wallet = ordered(stack, refunds={"spent": {"type": "REFUND_ALL"}})
    assert [points(of_amount(stack, wallet, amount)) for amount in (9_999, 1)] == [(0, 9), (33, 1)]


def test_a_dry_run_of_a_refund_answers_its_result_and_writes_nothing(stack: Stack) -> None:
    wallet = ordered(stack)
    before = stack.items()
    body = {"orderId": "A", "type": "AMOUNT", "amount": 4_000, "dryRun": True}
    dry = stack.http("POST", f"/v1/wallets/{wallet}/cards/ann/refunds", body)
    assert (dry.status, stack.items()) == (200, before)
    assert (dry.body["returned"].pop("transactionId"), dry.body["revoked"].pop("transactionId")) == (None, None)

    real = of_amount(stack, wallet, 4_000).body
    dry_run = dry.body
    for side in ("returned", "revoked"):
        dry_run[side].pop("transactionId")
        real[side].pop("transactionId")
    assert dry_run == real


def test_a_dry_run_is_refused_like_the_refund(stack: Stack) -> None:
    wallet = ordered(stack)
    assert of_amount(stack, wallet, 10_001, dryRun=True).code == "refund_exceeds_order"
    stack.refund(wallet, "A")
    assert stack.refund(wallet, "A", dryRun=True).code == "nothing_to_refund"


@pytest.mark.parametrize(
    ("spends", "earns", "hours", "shape"),
    [
        (20, 0, 0, ["RETURN"]),
        (20, 0, 2, ["RETURN", "EXPIRY"]),
        (0, 10, 0, ["REVOCATION"]),
        (20, 10, 0, ["RETURN", "REVOCATION"]),
        (20, 10, 2, ["RETURN", "EXPIRY", "REVOCATION"]),
    ],
)
def test_a_repetition_of_a_refund_has_the_first_answer(  # a case
    clock: time_machine.Traveller, stack: Stack, spends: int, earns: int, hours: int, shape: list[str]
) -> None:
    wallet = stack.wallet(refunds=KEEP_EXPIRED)
    stack.credit(wallet, 20, expiresAt=at(hours=1))
    if spends:
        stack.debit(wallet, spends, orderId="A")
    if earns:
        stack.credit(wallet, earns, orderId="A")
    stack.credit(wallet, 50)
    clock.shift(hours * 3_600)
    stack.credit(wallet, 1)

    first = stack.refund(wallet, "A", key="refund-one")

    rows = stack.rows(wallet)[-len(shape) :]
    assert [row["type"] for row in rows] == shape
    ids = {row["type"]: row["transactionId"] for row in rows}
    assert first.body["returned"]["transactionId"] == ids.get("RETURN")
    assert first.body["revoked"]["transactionId"] == ids.get("REVOCATION")
    assert first.body["returned"]["keptExpired"] == (20 if "EXPIRY" in shape else 0)
    assert first.body["balance"] == rows[-1]["balanceAfter"]
    _answers_again(stack, wallet, first)


def test_a_repetition_of_a_refund_without_points_has_the_first_answer(stack: Stack) -> None:
    wallet = stack.wallet(refunds={"earned": {"type": "KEEP"}})
    stack.credit(wallet, 10, orderId="A")
    first = stack.refund(wallet, "A", key="refund-one")
    assert points(first) == (0, 0)
    _answers_again(stack, wallet, first)


def _answers_again(stack: Stack, wallet: str, first: Answer) -> None:
    stack.debit(wallet, 3)
    again = stack.refund(wallet, "A", key="refund-one")
    assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (201, first.body, "true")
    assert again.headers["Location"] == first.headers["Location"]


def test_a_key_belongs_to_one_refund(stack: Stack) -> None:
    wallet = ordered(stack)
    of_amount(stack, wallet, 1_000, key="refund-one")
    assert of_amount(stack, wallet, 2_000, key="refund-one").code == "key_reused"
    assert points(of_amount(stack, wallet, 1_000, key="refund-two")) == (3, 1)
