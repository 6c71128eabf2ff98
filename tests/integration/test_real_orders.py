"""Orders as shops have them: charges, discounts, edits, several payments, and refunds that come out right."""

from typing import Any

import pytest
import time_machine

from tests.support.stack import Answer, Stack

A = {"productId": "A", "quantity": 1, "amount": 15_000}
B = {"productId": "B", "quantity": 1, "amount": 6_000}
ONLY_A = [{"productId": "A", "quantity": 1}]
ONLY_B = [{"productId": "B", "quantity": 1}]
BY_ITEM = {"spent": {"type": "REFUND_ITEM"}}


def shop(stack: Stack, **settings: Any) -> str:
    return stack.wallet(payWithPoints={"type": "EXCHANGE_RATIO", "formula": "1"}, **settings)


def of_items(stack: Stack, wallet: str, *, order: str = "s", **body: Any) -> Answer:
    answer = stack.refund(wallet, order, type="ITEMS", **body)
    assert answer.status == 201, answer.text
    return answer


def everywhere(stack: Stack, order: str = "s", key: str = "refund-order", **body: Any) -> Answer:
    body = {"type": "FULL", **body}
    answer = stack.http("POST", f"/v1/customers/ann/orders/{order}/refunds", body, key=key)
    assert answer.status == 201, answer.text
    return answer


def back(answer: Answer) -> tuple[int, int, int]:
    """The refunded value, the money and the returned points."""
    body = answer.body
    points = sum(one["returned"]["points"] for one in body.get("wallets", [body]))
    return body["amount"], body["moneyAmount"], points


def test_points_and_money_of_a_refund_are_worth_the_returned_goods(stack: Stack) -> None:
    wallet = shop(stack, refunds=BY_ITEM)
    stack.credit(wallet, 1)
    items = [{"productId": "A", "quantity": 1, "amount": 1}]
    stack.pay(wallet, 2, "s", order_details={"items": items})
    assert back(of_items(stack, wallet, items=ONLY_A)) == (1, 0, 1)
    assert back(stack.refund(wallet, "s")) == (1, 1, 0)


@pytest.mark.parametrize(
    ("kind", "goods", "rest"),
    [
        ("REFUND_ITEM", (1_000, 0, 1_000), (1_000, 1_000, 0)),
        ("REFUND_AMOUNT", (1_000, 500, 500), (1_000, 500, 500)),
        ("REFUND_ALL", (1_000, 500, 0), (1_000, 500, 1_000)),
        ("NONE", (1_000, 500, 0), (1_000, 500, 0)),
    ],
)
def test_goods_of_an_order_with_freight_are_paid_back_once(
    stack: Stack, kind: str, goods: tuple[int, int, int], rest: tuple[int, int, int]
) -> None:
    wallet = shop(stack, refunds={"spent": {"type": kind}})
    stack.credit(wallet, 1_000)
    items = [{"productId": "A", "quantity": 1, "amount": 1_000}]
    stack.pay(wallet, 2_000, "s", order_details={"items": items})
    returned = of_items(stack, wallet, items=ONLY_A)
    last = of_items(stack, wallet, charges=[{"type": "OTHER"}])
    assert (back(returned), back(last)) == (goods, rest)
    withheld = [answer.body["pointsShareWithheld"] for answer in (returned, last)]
    assert withheld == {"REFUND_ALL": [500, 0], "NONE": [500, 500]}.get(kind, [0, 0])
    assert stack.refund(wallet, "s").code == "nothing_to_refund"


def test_points_that_pay_for_more_than_the_goods_pay_for_charges(stack: Stack) -> None:
    wallet = shop(stack, refunds=BY_ITEM)
    stack.credit(wallet, 1_300)
    details = {
        "items": [{"productId": "A", "quantity": 2, "amount": 1_000}],
        "charges": [{"type": "SHIPPING", "amount": 600}, {"type": "TAX", "amount": 400, "label": "VAT"}],
    }
    stack.pay(wallet, 2_000, "s", order_details=details)
    one = of_items(stack, wallet, items=ONLY_A, charges=[{"type": "TAX"}])
    # Half of the 1,000 points for goods, and two fifths of the 300 points for charges.
    assert back(one) == (900, 900 - 500 - 120, 620)
    assert one.body["items"] == [{"productId": "A", "quantity": 1, "amount": 500, "lineId": None}]
    assert one.body["charges"] == [{"type": "TAX", "amount": 400, "label": "VAT"}]
    assert back(stack.refund(wallet, "s")) == (1_100, 420, 680)


@pytest.mark.parametrize("more", [{}, {"charges": [{"type": "DISCOUNT", "amount": -4_200, "label": "SUMMER"}]}])
def test_a_discount_on_the_order_is_shared_over_its_items(stack: Stack, more: dict[str, Any]) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 168, orderId="s", order={"amount": 16_800, "items": [A, B], **more})
    one, other = of_items(stack, wallet, items=ONLY_A), of_items(stack, wallet, items=ONLY_B)
    assert [answer.body["amount"] for answer in (one, other)] == [12_000, 4_800]
    assert [answer.body["revoked"]["points"] for answer in (one, other)] == [120, 48]


@pytest.mark.parametrize(("of", "revoked"), [("ORDER", [50, 20]), ("ITEMS", [71, 0])])
def test_refunded_shipping_revokes_points_only_if_the_whole_order_counts(
    stack: Stack, of: str, revoked: list[int]
) -> None:
    wallet = stack.wallet(refunds={"earned": {"of": of}})
    order = {
        "amount": 2_000,
        "items": [{**A, "amount": 1_000}, {**B, "amount": 400}],
        "charges": [{"type": "SHIPPING", "amount": 600}],
    }
    stack.credit(wallet, 100, orderId="s", order=order)
    goods = of_items(stack, wallet, items=ONLY_A)
    shipping = of_items(stack, wallet, charges=[{"type": "SHIPPING", "amount": 400}])
    assert [answer.body["revoked"]["points"] for answer in (goods, shipping)] == revoked
    assert stack.refund(wallet, "s").body["revoked"]["points"] == 100 - sum(revoked)


@pytest.mark.parametrize("lines", [[10_000, 7_926], [10_000, 7_924]])
def test_all_goods_back_is_the_whole_order_even_if_rounded_prices_do_not_add_up(stack: Stack, lines: list[int]) -> None:
    wallet = stack.wallet()
    items = [{"productId": name, "quantity": 1, "amount": amount} for name, amount in zip("AB", lines, strict=True)]
    stack.credit(wallet, 179, orderId="s", order={"amount": 17_925, "items": items})
    parts = [of_items(stack, wallet, items=one) for one in (ONLY_A, ONLY_B)]
    assert sum(part.body["amount"] for part in parts) == 17_925
    assert sum(part.body["revoked"]["points"] for part in parts) == 179
    assert stack.refund(wallet, "s").code == "nothing_to_refund"


def test_a_free_gift_may_be_returned_last(stack: Stack) -> None:
    wallet = stack.wallet()
    gift = {"productId": "B", "quantity": 1, "amount": 0}
    stack.credit(wallet, 150, orderId="s", order={"amount": 15_000, "items": [A, gift]})
    assert back(of_items(stack, wallet, items=ONLY_A)) == (15_000, 15_000, 0)
    assert back(of_items(stack, wallet, items=ONLY_B)) == (0, 0, 0)
    again = stack.refund(wallet, "s", type="ITEMS", items=ONLY_B)
    assert (again.status, again.code) == (422, "refund_exceeds_order")


def test_charges_without_value_may_be_refunded_with_the_goods(stack: Stack) -> None:
    wallet = stack.wallet()
    charges = [{"type": "SHIPPING", "amount": 0}, {"type": "TAX", "amount": 500}]
    order = {"amount": 21_500, "items": [A, B], "charges": charges}
    stack.credit(wallet, 215, orderId="s", order=order)
    free = [{"type": "SHIPPING"}]
    assert back(of_items(stack, wallet, items=ONLY_A, charges=free)) == (15_000, 15_000, 0)
    assert back(of_items(stack, wallet, items=ONLY_B, charges=[*free, {"type": "TAX"}])) == (6_500, 6_500, 0)
    assert stack.refund(wallet, "s", type="ITEMS", charges=free).code == "nothing_to_refund"


def test_an_item_that_was_added_to_the_order_can_be_returned(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100, orderId="s", order={"amount": 10_000, "items": [{**A, "amount": 10_000}]})
    items = [{**A, "amount": 10_000}, {**B, "amount": 2_000}]
    stack.credit(wallet, 20, orderId="s", order={"amount": 12_000, "items": items})
    added = of_items(stack, wallet, items=ONLY_B)
    assert (added.body["amount"], added.body["revoked"]["points"]) == (2_000, 20)
    assert stack.refund(wallet, "s").body["amount"] == 10_000


def test_an_order_can_be_paid_with_another_amount_after_a_full_refund(stack: Stack) -> None:
    wallet = shop(stack)
    stack.credit(wallet, 2_000)
    stack.pay(wallet, 1_000, "s")
    stack.refund(wallet, "s")
    assert stack.pay(wallet, 1_500, "s").body["amount"] == 1_500
    assert back(stack.refund(wallet, "s")) == (1_500, 0, 1_500)


def test_an_order_can_be_paid_with_another_amount_after_its_hold_was_released(stack: Stack) -> None:
    wallet = shop(stack)
    stack.credit(wallet, 2_000)
    hold = stack.hold(wallet, 1_000, orderId="s", order={"amount": 1_000, "items": [{**A, "amount": 1_000}]})
    stack.release(wallet, hold.body["holdId"])
    assert stack.pay(wallet, 1_200, "s").body["amount"] == 1_200
    assert stack.refund(wallet, "s", type="ITEMS", items=ONLY_A).code == "refund_exceeds_order"
    assert back(stack.refund(wallet, "s")) == (1_200, 0, 1_200)


def test_the_details_of_an_expired_hold_bind_no_payment_and_those_of_a_captured_hold_do(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = shop(stack)
    stack.credit(wallet, 2_000)
    items = [{**A, "amount": 900}]
    captured = stack.hold(wallet, 100, orderId="s", order={"amount": 900, "items": items})
    stack.hold(wallet, 100, orderId="s", order={"amount": 800})
    stack.capture(wallet, captured.body["holdId"])
    clock.shift(3_600)
    assert of_items(stack, wallet, items=ONLY_A).body["amount"] == 900


def test_items_that_a_credit_sends_after_a_payment_can_be_returned(stack: Stack) -> None:
    wallet = shop(stack)
    stack.credit(wallet, 1_000)
    stack.pay(wallet, 1_000, "s")
    items = [{"productId": "A", "quantity": 2, "amount": 1_000}]
    stack.credit(wallet, 10, orderId="s", order={"amount": 1_000, "items": items})
    assert back(of_items(stack, wallet, items=ONLY_A)) == (500, 0, 500)


@pytest.mark.parametrize("amounts", [(1_190, 1_000), (1_000, 1_190)])
def test_the_latest_details_of_all_wallets_apply_to_a_refund_in_all_wallets(
    clock: time_machine.Traveller, stack: Stack, amounts: tuple[int, int]
) -> None:
    for amount in amounts:
        stack.credit(stack.wallet(), 100, orderId="s", order={"amount": amount})
        clock.shift(60)
    assert back(everywhere(stack)) == (amounts[1], amounts[1], 0)


def test_a_wallet_refunded_alone_keeps_the_details_of_a_refund_in_all_wallets(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    one, other = stack.wallet(), stack.wallet()
    stack.credit(one, 100, orderId="s", order={"amount": 1_000})
    clock.shift(60)
    stack.credit(other, 100, orderId="s", order={"amount": 1_190, "items": [{**A, "amount": 1_190}]})
    everywhere(stack, type="AMOUNT", amount=100)
    assert stack.refund(one, "s").body["amount"] == 1_090


def test_a_refund_may_not_lower_the_order_below_what_is_refunded_or_paid(stack: Stack) -> None:
    wallet = shop(stack)
    stack.credit(wallet, 300)
    details = {"items": [{"productId": "A", "quantity": 3, "amount": 900}]}
    stack.pay(wallet, 1_000, "s", order_details=details)
    of_items(stack, wallet, items=[{"productId": "A", "quantity": 2}])
    before = stack.items()
    for order, field in (
        ({"amount": 599}, "body.order.amount"),
        ({"amount": 900, "items": [{"productId": "A", "quantity": 1, "amount": 900}]}, "body.order.items[0].quantity"),
    ):
        refused = stack.refund(wallet, "s", type="AMOUNT", amount=1, order=order)
        assert (refused.status, refused.code, list(refused.fields())) == (409, "order_differs", [field])
    assert stack.items() == before
    assert stack.refund(wallet, "s", order={"amount": 800}).body["amount"] == 200


def test_a_wallet_catches_up_with_refunds_that_came_before_its_first_credit(stack: Stack) -> None:
    one, other = stack.wallet(), stack.wallet()
    order = {"amount": 1_000, "items": [{**A, "amount": 600}, {**B, "amount": 400}]}
    stack.credit(one, 100, orderId="s", order=order)
    everywhere(stack, type="ITEMS", items=ONLY_A)
    stack.credit(other, 50, orderId="s")

    answer = everywhere(stack, key="refund-next", type="AMOUNT", amount=200)

    assert (answer.body["amount"], answer.body["moneyAmount"]) == (200, 200)
    by_wallet = {part["walletId"]: part for part in answer.body["wallets"]}
    assert (by_wallet[one]["amount"], by_wallet[one]["caughtUpAmount"]) == (200, 0)
    assert (by_wallet[other]["amount"], by_wallet[other]["caughtUpAmount"]) == (800, 600)
    assert (by_wallet[one]["revoked"]["points"], by_wallet[other]["revoked"]["points"]) == (20, 40)
    rest = everywhere(stack, key="refund-rest")
    assert rest.body["amount"] == 200
    assert [part["revoked"]["points"] for part in rest.body["wallets"]] in ([20, 10], [10, 20])


def test_a_repetition_has_the_first_answer_although_another_wallet_got_rows_of_the_order(stack: Stack) -> None:
    one = stack.wallet()
    stack.credit(one, 100, orderId="s", order={"amount": 1_000})
    first = everywhere(stack, type="AMOUNT", amount=400)
    stack.credit(stack.wallet(), 50, orderId="s", order={"amount": 2_000})
    again = everywhere(stack, type="AMOUNT", amount=400)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.body == first.body


def test_points_of_two_wallets_pay_for_different_goods(clock: time_machine.Traveller, stack: Stack) -> None:
    first, second = shop(stack, refunds=BY_ITEM), shop(stack, refunds=BY_ITEM)
    details = {"items": [{**A, "amount": 1_000}], "charges": [{"type": "SHIPPING", "amount": 1_000}]}
    for wallet, limit in ((first, 800), (second, 700)):
        stack.credit(wallet, 1_000)
        stack.pay(wallet, 2_000, "s", order_details=details, limit=("POINTS_LIMIT", limit))
        clock.shift(60)
    goods = everywhere(stack, type="ITEMS", items=ONLY_A)
    assert back(goods) == (1_000, 0, 1_000)
    returned = {part["walletId"]: part["returned"]["points"] for part in goods.body["wallets"]}
    assert returned == {first: 800, second: 200}
    assert back(everywhere(stack, key="refund-rest")) == (1_000, 500, 500)


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"charges": [{"type": "SHIPPING", "amount": -1}]}, "body.order.charges[0].amount", "charge_sign"),
        ({"charges": [{"type": "DISCOUNT", "amount": 1}]}, "body.order.charges[0].amount", "charge_sign"),
        ({"charges": [{"type": "PORTO", "amount": 1}]}, "body.order.charges[0].type", "invalid_value"),
        ({"charges": [{"type": "TAX", "amount": 1.5}]}, "body.order.charges[0].amount", "minor_units"),
        ({"charges": [{"type": "TAX", "amount": 1}] * 21}, "body.order.charges", "too_long"),
        (
            {"charges": [{"type": "TAX", "amount": 1, "label": str(n).rjust(128, "x")} for n in range(20)]}
            | {"items": [{"productId": f"{n:0>120}", "quantity": 1, "amount": 1} for n in range(60)]},
            "body.order.items",
            "order_too_large",
        ),
    ],
)
def test_charges_that_are_not_valid_are_refused_with_the_field(
    stack: Stack, body: dict[str, Any], field: str, code: str
) -> None:
    answer = stack.credit(stack.wallet(), 1, orderId="s", order={"amount": 1, **body})
    assert (answer.status, answer.fields()) == (400, {field: code})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"type": "ITEMS"}, "body.items"),
        ({"type": "FULL", "charges": [{"type": "TAX"}]}, "body.charges"),
        ({"type": "AMOUNT", "amount": 1, "charges": [{"type": "TAX"}]}, "body.charges"),
        ({"type": "ITEMS", "charges": [{"type": "DISCOUNT"}]}, "body.charges[0].type"),
        ({"type": "ITEMS", "charges": [{"type": "TAX", "amount": 0}]}, "body.charges[0].amount"),
    ],
)
def test_refunded_charges_that_are_not_valid_are_refused_with_the_field(
    stack: Stack, body: dict[str, Any], field: str
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1, orderId="s", order={"amount": 1})
    answer = stack.refund(wallet, "s", **body)
    assert (answer.status, list(answer.fields())) == (400, [field])


@pytest.mark.parametrize("waits", [False, True])
def test_held_points_do_not_escape_a_refund(clock: time_machine.Traveller, stack: Stack, waits: bool) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100, orderId="s")
    hold = stack.hold(wallet, 90, orderId="later").body["holdId"]
    revoked = stack.refund(wallet, "s").body["revoked"]
    assert (revoked["points"], revoked["shortfall"], revoked["held"]) == (10, 90, 90)
    if waits:
        clock.shift(3_600)
    else:
        assert stack.release(wallet, hold).body["balance"]["active"] == 0
    assert stack.card(wallet)["balance"] == {"active": 0, "pending": 0, "held": 0, "available": 0, "debt": 0}
    stack.credit(wallet, 5)
    assert stack.card(wallet)["balance"]["active"] == 5
