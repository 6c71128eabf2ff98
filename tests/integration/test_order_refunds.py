"""An order in all of a customer's wallets: its movements, and its refund in all wallets or in none."""

from typing import Any
from urllib.parse import quote, unquote

import pytest

from tests.support.stack import Answer, Stack

ORDER = {"amount": 10_000, "items": [{"productId": "shoe", "quantity": 2, "amount": 10_000}]}


def refund(stack: Stack, order: str = "A", *, key: str | None = "refund-order", **body: Any) -> Answer:
    path = f"/v1/customers/ann/orders/{quote(order, safe='')}/refunds"
    return stack.http("POST", path, {"type": "FULL", **body}, key=key)


def read(stack: Stack, encoded: str = "A") -> Answer:
    return stack.http("GET", f"/v1/customers/ann/orders/{encoded}")


def active(stack: Stack, *wallets: str) -> list[int]:
    return [stack.card(wallet)["balance"]["active"] for wallet in wallets]


def spent_and_earned(stack: Stack, order: str = "A") -> tuple[str, str]:
    """Two wallets: the order spent 40 of 100 points in one and earned 10 points in the other, which had 5."""
    spending, earning = stack.wallet(), stack.wallet()
    stack.credit(spending, 100)
    stack.debit(spending, 40, orderId=order, order=ORDER)
    stack.credit(earning, 5)
    stack.credit(earning, 10, orderId=order)
    return spending, earning


def test_an_order_refund_undoes_the_order_in_every_wallet_of_the_order(stack: Stack) -> None:
    spending, earning = spent_and_earned(stack)
    other = stack.wallet()
    stack.credit(other, 7)
    before = stack.rows(other)

    answer = refund(stack)

    assert answer.status == 201, answer.text
    by_wallet = {one["walletId"]: one for one in answer.body["wallets"]}
    assert set(by_wallet) == {spending, earning}
    assert by_wallet[spending]["returned"]["points"] == 40
    assert by_wallet[earning]["revoked"]["points"] == 10
    assert (answer.body["amount"], answer.body["moneyAmount"]) == (10_000, 10_000)
    assert active(stack, spending, earning, other) == [100, 5, 7]
    assert stack.rows(other) == before


def test_partial_order_refunds_use_the_amount_that_one_wallet_has(stack: Stack) -> None:
    spending, earning = spent_and_earned(stack)
    third = stack.wallet()
    stack.credit(third, 30, orderId="A")
    refund(stack, type="AMOUNT", amount=2_500)
    refund(stack, type="ITEMS", items=[{"productId": "shoe", "quantity": 1}], key="refund-two")
    assert active(stack, spending, earning, third) == [60 + 30, 15 - 7, 30 - 22]
    assert refund(stack, key="refund-rest").status == 201
    assert active(stack, spending, earning, third) == [100, 5, 0]


def test_a_repetition_of_an_order_refund_has_the_first_answer(stack: Stack) -> None:
    spending, earning = spent_and_earned(stack)
    first = refund(stack)
    stack.debit(spending, 1)
    stack.credit(earning, 1, orderId="A")
    again = refund(stack)
    assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (201, first.body, "true")
    assert active(stack, spending, earning) == [99, 6]


def test_the_key_of_another_request_is_refused(stack: Stack) -> None:
    spending, earning = spent_and_earned(stack)
    stack.refund(spending, "A", key="refund-order")
    before = stack.items()
    assert refund(stack).code == "key_reused"
    assert stack.items() == before
    assert active(stack, earning) == [15]


def test_a_refusal_in_one_wallet_changes_no_wallet(stack: Stack) -> None:
    by_item = stack.wallet(refunds={"spent": {"type": "REFUND_ITEM"}})
    spent_and_earned(stack)
    stack.credit(by_item, 10, orderId="A")
    before = stack.items()
    assert refund(stack, type="AMOUNT", amount=100).code == "items_required"
    assert refund(stack, type="AMOUNT", amount=10_001).code in ("items_required", "refund_exceeds_order")
    assert stack.items() == before


def test_an_order_refund_skips_a_wallet_that_is_already_refunded(stack: Stack) -> None:
    spending, earning = spent_and_earned(stack)
    stack.refund(spending, "A")
    before = stack.rows(spending)
    assert refund(stack, type="AMOUNT", amount=1).code == "refund_exceeds_order"
    answer = refund(stack)
    assert answer.status == 201, answer.text
    assert [one["walletId"] for one in answer.body["wallets"]] == [earning]
    assert stack.rows(spending) == before


@pytest.mark.parametrize(
    ("more", "code"),
    [({"type": "FULL"}, "nothing_to_refund"), ({"type": "AMOUNT", "amount": 1}, "refund_exceeds_order")],
)
def test_an_order_refund_is_refused_if_all_wallets_are_already_refunded(
    stack: Stack, more: dict[str, Any], code: str
) -> None:
    spent_and_earned(stack)
    refund(stack)
    before = stack.items()
    answer = refund(stack, key="refund-more", **more)
    assert (answer.status, answer.code) == (422, code)
    assert stack.items() == before


def set_status(stack: Stack, wallet: str, status: str) -> None:
    path = f"/v1/wallets/{wallet}/cards/ann"
    etag = stack.http("GET", path).headers["ETag"]
    assert stack.http("PATCH", path, {"status": status}, headers={"If-Match": etag}).status == 200


def paid_with_two_wallets(stack: Stack) -> tuple[str, str]:
    """Points of two wallets paid 4,000 and 1,000 of the order's 10,000."""
    wallets = [stack.wallet(payWithPoints={"type": "EXCHANGE_RATIO", "formula": "1"}) for _ in range(2)]
    for wallet, points in zip(wallets, (4_000, 1_000), strict=True):
        stack.credit(wallet, points)
        limit = {"type": "POINTS_LIMIT", "max": points}
        body = {"order": {"id": "A", "amount": 10_000}, "paymentLimit": limit}
        path = f"/v1/wallets/{wallet}/cards/ann/payments"
        assert stack.http("POST", path, body, key=f"payment-{wallet[-8:]}").status == 201
    return wallets[0], wallets[1]


@pytest.mark.parametrize("status", ["FROZEN", "CLOSED"])
def test_an_order_refund_leaves_out_a_card_that_moves_no_points(stack: Stack, status: str) -> None:
    spending, earning = spent_and_earned(stack)
    set_status(stack, earning, status)
    dry = refund(stack, key=None, dryRun=True)
    answer = refund(stack)

    assert answer.status == 201, answer.text
    assert [one["walletId"] for one in answer.body["wallets"]] == [spending]
    code = f"card_{status.lower()}"
    left_out = [{"walletId": earning, "customerId": "ann", "code": code, "pointsShare": 0}]
    assert answer.body["skipped"] == dry.body["skipped"] == left_out
    assert active(stack, spending, earning) == [100, 15]
    refused = refund(stack, key="refund-again")
    assert (refused.status, refused.code) == (423, code)


def test_a_later_refund_catches_up_with_the_card_that_was_left_out(stack: Stack) -> None:
    spending, earning = spent_and_earned(stack)
    set_status(stack, earning, "FROZEN")
    first = refund(stack)
    set_status(stack, earning, "ACTIVE")

    again = refund(stack)
    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    assert active(stack, spending, earning) == [100, 15]
    rest = refund(stack, key="refund-rest")
    assert (rest.status, rest.body["amount"], rest.body["moneyAmount"], rest.body["skipped"]) == (201, 0, 0, [])
    assert [(one["walletId"], one["revoked"]["points"]) for one in rest.body["wallets"]] == [(earning, 10)]
    assert active(stack, spending, earning) == [100, 5]
    assert refund(stack, key="refund-more").code == "nothing_to_refund"


def test_points_and_money_are_exact_if_refunds_in_parts_leave_out_a_card(stack: Stack) -> None:
    frozen, other = paid_with_two_wallets(stack)
    set_status(stack, frozen, "FROZEN")
    first = refund(stack, type="AMOUNT", amount=5_000)
    # The half of the order was paid with 2,000 of one wallet, 500 of the other, and 2,500 in money.
    assert (first.body["amount"], first.body["moneyAmount"]) == (5_000, 2_500)
    assert [(one["walletId"], one["pointsShare"]) for one in first.body["skipped"]] == [(frozen, 2_000)]
    assert active(stack, frozen, other) == [0, 500]

    set_status(stack, frozen, "ACTIVE")
    second = refund(stack, type="AMOUNT", amount=2_500, key="refund-two")
    assert (second.body["amount"], second.body["moneyAmount"], second.body["skipped"]) == (2_500, 1_250, [])
    assert active(stack, frozen, other) == [3_000, 750]
    assert refund(stack, key="refund-rest").body["moneyAmount"] == 1_250
    assert active(stack, frozen, other) == [4_000, 1_000]


def test_a_refund_in_one_wallet_catches_up_with_refunds_that_left_its_card_out(stack: Stack) -> None:
    frozen, other = paid_with_two_wallets(stack)
    set_status(stack, frozen, "FROZEN")
    assert refund(stack, type="AMOUNT", amount=5_000).body["moneyAmount"] == 2_500
    set_status(stack, frozen, "ACTIVE")
    alone = {"orderId": "A", "type": "AMOUNT", "amount": 5_000}
    path = f"/v1/wallets/{frozen}/cards/ann/refunds"
    assert stack.http("POST", path, alone, key="refund-alone").body["returned"]["points"] == 2_000

    rest = refund(stack, key="refund-rest")

    assert (rest.body["amount"], rest.body["moneyAmount"]) == (5_000, 2_500)
    assert active(stack, frozen, other) == [4_000, 1_000]


def test_an_order_refund_is_refused_as_frozen_if_time_can_help_one_of_its_cards(stack: Stack) -> None:
    for wallet, status in zip(spent_and_earned(stack), ("CLOSED", "FROZEN"), strict=True):
        set_status(stack, wallet, status)
    assert refund(stack).code == "card_frozen"
    for wallet, status in zip(spent_and_earned(stack, order="B"), ("FROZEN", "CLOSED"), strict=True):
        set_status(stack, wallet, status)
    assert refund(stack, order="B").code == "card_frozen"


def test_an_order_whose_only_card_is_frozen_is_not_refunded(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10, orderId="A", order=ORDER)
    set_status(stack, wallet, "FROZEN")
    before = stack.items()
    answer = refund(stack)
    assert (answer.status, answer.code) == (423, "card_frozen")
    assert stack.items() == before


def test_a_frozen_card_outside_the_order_does_not_matter(stack: Stack) -> None:
    spent_and_earned(stack)
    other = stack.wallet()
    stack.credit(other, 7)
    set_status(stack, other, "FROZEN")
    assert refund(stack).status == 201


def test_money_that_one_wallet_paid_back_is_not_paid_back_again(stack: Stack) -> None:
    one, other = stack.wallet(), stack.wallet()
    for wallet in (one, other):
        stack.credit(wallet, 10, orderId="A", order={"amount": 1_000})
    assert stack.refund(one, "A", type="AMOUNT", amount=600).body["moneyAmount"] == 600

    rest = refund(stack, type="FULL").body

    assert (rest["amount"], rest["moneyAmount"]) == (400, 400)
    assert {part["balance"]["active"] for part in rest["wallets"]} == {0}


def test_an_order_that_one_wallet_refunded_completely_pays_back_no_more_money(stack: Stack) -> None:
    one, other = stack.wallet(), stack.wallet()
    for wallet in (one, other):
        stack.credit(wallet, 10, orderId="A", order={"amount": 1_000})
    assert stack.refund(one, "A").body["moneyAmount"] == 1_000

    rest = refund(stack, type="FULL").body

    assert (rest["amount"], rest["moneyAmount"]) == (0, 0)
    assert [part["revoked"]["points"] for part in rest["wallets"]] == [10]


def test_an_order_refund_of_too_many_wallets_is_refused_and_moves_nothing(stack: Stack) -> None:
    wallets = [stack.wallet() for _ in range(51)]
    for wallet in wallets:
        stack.credit(wallet, 10, orderId="A")

    answer = stack.http("POST", "/v1/customers/ann/orders/A/refunds", {"type": "FULL"}, key="all-at-once")

    assert (answer.status, answer.code) == (422, "too_much_at_once")
    assert (answer.body["items"], answer.body["max"]) == (102, 100)
    assert {len(stack.rows(wallet)) for wallet in wallets} == {1}
    assert stack.refund(wallets[0], "A").status == 201


def test_an_order_refund_works_in_an_inactive_wallet(stack: Stack) -> None:
    spending, earning = spent_and_earned(stack)
    assert stack.http("POST", f"/v1/wallets/{earning}/deactivate").status == 200
    assert refund(stack).status == 201
    assert active(stack, spending, earning) == [100, 5]


def test_a_dry_run_of_an_order_refund_answers_its_result_and_writes_nothing(stack: Stack) -> None:
    spent_and_earned(stack)
    before = stack.items()
    dry = refund(stack, key=None, dryRun=True)
    assert (dry.status, stack.items()) == (200, before)
    answered, done = dry.body["wallets"], refund(stack).body["wallets"]
    for one in (*answered, *done):
        for side in ("returned", "revoked"):
            one[side].pop("transactionId")
    assert answered == done


@pytest.mark.parametrize("customer", ["ann", "bob"])
def test_an_order_without_transactions_of_the_customer_is_not_found(stack: Stack, customer: str) -> None:
    if customer == "ann":
        spent_and_earned(stack, "A#B")
    for method, path in (("GET", ""), ("POST", "/refunds")):
        body = {"type": "FULL"} if method == "POST" else None
        answer = stack.http(method, f"/v1/customers/{customer}/orders/A{path}", body, key="refund-order")
        assert (answer.status, answer.code) == (404, "order_not_found")


@pytest.mark.parametrize("order", ["#1001", "a b", "ü&=;,", "a+b", "ä/ö?x=1&y%2F", "50%", "50%25", "/", "..", "%2523"])
def test_an_order_with_any_id_is_read_by_a_query_and_refunded_by_a_body(stack: Stack, order: str) -> None:
    spending, earning = spent_and_earned(stack, order)
    seen = stack.http("GET", "/v1/customers/ann/orders", query={"orderId": order})
    assert (seen.status, seen.body["orderId"]) == (200, order)
    assert {one["walletId"] for one in seen.body["wallets"]} == {spending, earning}
    answer = stack.http("POST", "/v1/customers/ann/refunds", {"orderId": order, "type": "FULL"}, key="refund-order")
    assert answer.status == 201, answer.text
    assert active(stack, spending, earning) == [100, 5]


@pytest.mark.parametrize("order", ["#1001", "a b", "Bestellung Ä é", "a+b", "a&b=c;d,e:@!$'()*~", '<[{|}]>^`\\"'])
def test_an_order_id_in_a_path_is_encoded_once(stack: Stack, order: str) -> None:
    spending, earning = spent_and_earned(stack, order)
    seen = read(stack, quote(order, safe=""))
    assert (seen.status, seen.body["orderId"]) == (200, order)
    assert seen.body == stack.http("GET", "/v1/customers/ann/orders", query={"orderId": order}).body
    assert refund(stack, order).status == 201
    assert active(stack, spending, earning) == [100, 5]


@pytest.mark.parametrize("order", ["a/b", "50%", "50%25", "%231001", "a%2Fb"])
def test_an_order_id_that_a_path_cannot_hold_reaches_no_other_order(stack: Stack, order: str) -> None:
    encoded = quote(order, safe="")
    ids = {order, encoded, quote(encoded, safe=""), unquote(order), "#1001", "a", "50"}
    for one in sorted(ids):
        spent_and_earned(stack, one)
    before = stack.items()
    for path in (encoded, quote(encoded, safe="")):
        assert (read(stack, path).status, read(stack, path).code) == (400, "invalid_request")
        answer = stack.http("POST", f"/v1/customers/ann/orders/{path}/refunds", {"type": "FULL"}, key="refund-order")
        assert answer.fields() == {"path.orderId": "not_in_path"}
    assert stack.items() == before


def test_a_repetition_of_an_order_refund_may_use_the_other_route(stack: Stack) -> None:
    spent_and_earned(stack)
    by_path = refund(stack, type="AMOUNT", amount=2_500)
    by_body, other = (
        stack.http("POST", "/v1/customers/ann/refunds", {"orderId": "A", **body}, key="refund-order")
        for body in ({"type": "AMOUNT", "amount": 2_500}, {"type": "AMOUNT", "amount": 2_501})
    )
    assert (by_body.status, by_body.headers["Idempotent-Replayed"], by_body.body) == (201, "true", by_path.body)
    assert other.code == "key_reused"


def test_an_order_lists_its_movements_and_the_refundable_rest(stack: Stack) -> None:
    spending, earning = spent_and_earned(stack)
    stack.refund(spending, "A", type="ITEMS", items=[{"productId": "shoe", "quantity": 1}])

    seen = read(stack).body

    assert (seen["customerId"], seen["orderId"], seen["order"]["amount"]) == ("ann", "A", 10_000)
    by_wallet = {one["walletId"]: one for one in seen["wallets"]}
    found = by_wallet[spending]
    assert (found["spent"], found["earned"], found["returned"], found["refundedAmount"]) == (40, 0, 20, 5_000)
    (line,) = found["items"]
    assert (line["productId"], line["lineId"], line["quantity"], line["amount"]) == ("shoe", None, 2, 10_000)
    assert (line["refunded"], line["refundedAmount"]) == (1, 5_000)
    assert (found["refundable"]["returned"], found["refundable"]["amount"]) == (20, 5_000)
    assert found["transactions"] == [row["transactionId"] for row in stack.rows(spending) if row["orderId"] == "A"]
    assert (by_wallet[earning]["earned"], by_wallet[earning]["refundable"]["revoked"]) == (10, 10)

    refund(stack)
    done = {one["walletId"]: one for one in read(stack).body["wallets"]}
    assert [one["refundable"] for one in done.values()] == [None, None]
    assert done[spending]["items"][0]["refunded"] == 2
    assert (done[spending]["returned"], done[earning]["revoked"]) == (40, 10)


def test_reading_an_order_writes_nothing(stack: Stack) -> None:
    spent_and_earned(stack)
    before = stack.items()
    read(stack)
    assert stack.items() == before
