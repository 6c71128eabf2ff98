"""Shopify's orders in the form of the replay."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scripts.replay import order_json, shopify
from scripts.replay.orders import OrdersUnreadable
from tests.support.shopify_orders import (
    CANCELED,
    EDITED,
    FREE_GIFT,
    GIFT_CARD_AND_TIP,
    GOODWILL,
    ORDERS,
    RESTOCKING_FEE,
    SKIPPED,
    TAX_ON_TOP,
    UNEXPLAINED,
    adjustment,
    line,
    order,
    refund,
    returned,
    shipping,
)

Json = dict[str, Any]


def converted(exported: Json) -> Json:
    found = shopify.convert(exported)
    assert isinstance(found, dict)
    return found


def charges(exported: Json) -> dict[str, int]:
    return {charge["type"]: charge["amount"] for charge in converted(exported)["charges"]}


def extents(exported: Json) -> list[Json]:
    """What each refund refunds, without key and time."""
    refunds = converted(exported)["refunds"]
    return [{name: part for name, part in one.items() if name not in ("key", "at") and part} for one in refunds]


def of_line(line_id: int, quantity: int = 1) -> Json:
    return {"productId": str(line_id + 900), "quantity": quantity, "lineId": str(line_id)}


@pytest.mark.parametrize("exported", [one for one in ORDERS if one not in SKIPPED], ids=lambda one: str(one["name"]))
def test_lines_and_charges_add_up_to_the_total(exported: Json) -> None:
    found = converted(exported)
    assert sum(part["amount"] for part in (*found["items"], *found["charges"])) == found["amount"]
    assert found["amount"] == int(exported["total_price"].replace(".", ""))
    order_json.read([json.dumps(found)])


def test_an_order_has_its_lines_after_discounts_and_its_tax_and_shipping_as_charges() -> None:
    found = converted(TAX_ON_TOP)
    assert found | {"refunds": []} == {
        "orderId": "#1001",
        "customerId": "72",
        "at": "2026-03-01T10:00:00-05:00",
        "currency": "EUR",
        "amount": 11_880,
        "items": [
            {"productId": "901", "quantity": 3, "amount": 8_100, "lineId": "1"},
            {"productId": "902", "quantity": 1, "amount": 900, "lineId": "2"},
        ],
        "charges": [{"type": "SHIPPING", "amount": 900}, {"type": "TAX", "amount": 1_980}],
        "refunds": [],
    }


def test_refunds_name_goods_shipping_and_tax() -> None:
    assert extents(TAX_ON_TOP) == [
        {"type": "ITEMS", "items": [of_line(1)], "charges": [{"type": "TAX", "amount": 540}]},
        {
            "type": "ITEMS",
            "items": [of_line(1, 2), of_line(2)],
            "charges": [{"type": "TAX", "amount": 1_440}, {"type": "SHIPPING", "amount": 900}],
        },
    ]
    assert [(one["key"], one["at"]) for one in converted(TAX_ON_TOP)["refunds"]] == [
        ("11", "2026-03-02T09:00:00-05:00"),
        ("12", "2026-03-05T09:00:00-05:00"),
    ]


def test_shipping_that_is_refunded_as_a_line_has_its_share_of_the_tax() -> None:
    half = {"shipping_line_id": 5, "subtotal_amount_set": {"shop_money": {"amount": "4.50"}}}
    exported = TAX_ON_TOP | {"refunds": [refund(1, 2, [], "5.40", refund_shipping_lines=[half])]}
    assert extents(exported) == [
        {"type": "ITEMS", "charges": [{"type": "SHIPPING", "amount": 450}, {"type": "TAX", "amount": 90}]}
    ]


def test_a_free_gift_can_be_returned_last() -> None:
    assert extents(FREE_GIFT) == [
        {"type": "ITEMS", "items": [of_line(1)], "charges": [{"type": "SHIPPING", "amount": 500}]},
        {"type": "ITEMS", "items": [of_line(2)]},
    ]


def test_money_that_differs_from_the_returned_goods_is_refunded_as_an_amount() -> None:
    assert extents(RESTOCKING_FEE) == [{"type": "AMOUNT", "amount": 2_000}]


def test_the_last_money_of_an_order_refunds_all_that_is_left() -> None:
    assert extents(GOODWILL) == [{"type": "AMOUNT", "amount": 500}, {"type": "FULL"}]


def test_without_payments_the_named_difference_decides() -> None:
    kept = refund(1, 2, [returned(1, 1, 25.0)], order_adjustments=[adjustment("refund_discrepancy", "25.00")])
    part = refund(2, 3, [returned(1, 1, 25.0)], order_adjustments=[adjustment("refund_discrepancy", "10.00")])
    assert extents(RESTOCKING_FEE | {"refunds": [kept, part]}) == [{"type": "AMOUNT", "amount": 1_500}]


def test_payments_in_another_currency_do_not_count() -> None:
    paid = refund(1, 2, [returned(1, 1, 25.0)], "30.00")
    paid["transactions"][0]["currency"] = "USD"
    assert extents(RESTOCKING_FEE | {"refunds": [paid]}) == [{"type": "ITEMS", "items": [of_line(1)]}]


def test_failed_payments_do_not_count() -> None:
    failed = refund(1, 2, [returned(1, 1, 25.0)], "20.00")
    failed["transactions"][0]["status"] = "failure"
    assert extents(RESTOCKING_FEE | {"refunds": [failed]}) == [{"type": "ITEMS", "items": [of_line(1)]}]


def test_gift_cards_and_tips_are_charges() -> None:
    assert charges(GIFT_CARD_AND_TIP) == {"GIFT_CARD": 5_000, "TIP": 300}
    assert extents(GIFT_CARD_AND_TIP) == [{"type": "ITEMS", "charges": [{"type": "GIFT_CARD", "amount": 5_000}]}]
    assert charges(order(1, "13.00", [line(1, 1, "10.00")], total_tip_received="3.00")) == {"TIP": 300}


def test_duties_and_fees_are_charges() -> None:
    duties = {"shop_money": {"amount": "4.00", "currency_code": "EUR"}}
    exported = order(1, "14.00", [line(1, 1, "10.00")], original_total_duties_set=duties)
    assert charges(exported) == {"FEE": 400}


def test_an_edited_order_keeps_its_first_quantities_and_returns_what_was_removed() -> None:
    assert [item["quantity"] for item in converted(EDITED)["items"]] == [1, 2]
    assert extents(EDITED) == [{"type": "ITEMS", "items": [of_line(2)]}]


def test_what_the_refunds_of_a_canceled_order_leave_is_refunded() -> None:
    assert extents(CANCELED) == [{"type": "FULL"}]
    later = CANCELED | {"refunds": [refund(1, 9, [returned(1, 1, 30.0)], "30.00")]}
    assert [one["at"] for one in converted(later)["refunds"]] == ["2026-03-09T09:00:00-05:00"] * 2
    refunded = CANCELED | {"refunds": [refund(1, 2, [returned(1, 2, 60.0)], "60.00")]}
    assert [one["type"] for one in extents(refunded)] == ["ITEMS"]


def test_a_total_that_the_fields_do_not_explain_has_a_charge_for_the_difference() -> None:
    above, below = (converted(one)["charges"] for one in UNEXPLAINED)
    assert above == [{"type": "OTHER", "amount": 200, "label": "difference"}]
    assert below == [{"type": "DISCOUNT", "amount": -300, "label": "difference"}]


def test_shipping_has_its_price_after_discounts() -> None:
    free = shipping("5.00", discount_allocations=[{"amount": "5.00"}])
    reduced = shipping("5.00", discounted_price="2.00")
    removed = shipping("7.00", is_removed=True)
    assert charges(order(1, "12.00", [line(1, 1, "10.00")], shipping_lines=[free, reduced, removed])) == {
        "SHIPPING": 200
    }


def test_discounts_that_only_the_line_names_count() -> None:
    drafted = line(1, 2, "10.00", total_discount="5.00")
    assert [item["amount"] for item in converted(order(1, "15.00", [drafted]))["items"]] == [1_500]


def test_a_product_without_an_id_has_its_stock_code_or_the_id_of_its_line() -> None:
    lines = [line(1, 1, "1.00", product_id=None, sku="TEA"), line(2, 1, "1.00", product_id=None)]
    assert [item["productId"] for item in converted(order(1, "2.00", lines))["items"]] == ["TEA", "2"]


@pytest.mark.parametrize(("currency", "price", "amount"), [("JPY", "1200", 2_400), ("KWD", "1.255", 2_510)])
def test_money_has_the_decimals_of_its_currency(currency: str, price: str, amount: int) -> None:
    exported = order(1, str(2 * Decimal(price)), [line(1, 2, price)], currency=currency)
    assert converted(exported)["amount"] == amount
    assert not converted(exported)["charges"]


@pytest.mark.parametrize("exported", SKIPPED, ids=lambda one: str(one["name"]))
def test_test_orders_orders_of_guests_and_unpaid_orders_are_skipped(exported: Json) -> None:
    assert isinstance(shopify.convert(exported), shopify.Skipped)


@pytest.mark.parametrize("change", [{"total_price": "10.005"}, {"total_price": None, "line_items": None}])
def test_an_order_that_cannot_be_understood_is_named(change: Json) -> None:
    with pytest.raises(OrdersUnreadable, match="#1001"):
        shopify.convert(TAX_ON_TOP | change)


def test_the_command_writes_the_orders_of_all_pages_once_and_counts_what_it_skips(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = [tmp_path / "1.json", tmp_path / "2.json"]
    pages[0].write_text(json.dumps({"orders": [TAX_ON_TOP, FREE_GIFT | {"refunds": []}]}))
    pages[1].write_text(json.dumps({"orders": [FREE_GIFT, *SKIPPED]}))
    assert shopify.main([str(page) for page in pages]) == shopify.CONVERTED
    written = capsys.readouterr()
    assert [json.loads(row) for row in written.out.splitlines()] == [converted(TAX_ON_TOP), converted(FREE_GIFT)]
    assert sorted(written.err.splitlines()) == [
        "skipped: 1 orders, not paid",
        "skipped: 1 orders, test orders",
        "skipped: 1 orders, without a customer",
    ]


def test_a_file_without_orders_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "products.json").write_text('{"products": []}')
    assert shopify.main([str(tmp_path / "products.json")]) == shopify.UNREADABLE
    assert "products.json has no Shopify orders" in capsys.readouterr().err
