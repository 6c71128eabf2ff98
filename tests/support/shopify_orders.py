"""Orders in the public form of Shopify's REST Admin API, written for the tests."""

from typing import Any

Json = dict[str, Any]

LINE: Json = {"product_id": None, "sku": "", "discount_allocations": [], "tax_lines": [], "gift_card": False}


def line(id_: int, quantity: int, price: str, *, off: str | None = None, **fields: Any) -> Json:
    """A line of the product with the line's id; `off` is its discount, of a code or an automatic one."""
    discounts = [{"amount": off, "discount_application_index": 0}] if off else []
    own = {"id": id_, "product_id": id_ + 900, "quantity": quantity, "price": price, "discount_allocations": discounts}
    return LINE | own | fields


def order(id_: int, total: str, lines: list[Json], **fields: Any) -> Json:
    return {
        "id": id_,
        "name": f"#{id_}",
        "created_at": "2026-03-01T10:00:00-05:00",
        "currency": "EUR",
        "customer": {"id": 70 + id_ % 3},
        "financial_status": "paid",
        "test": False,
        "cancelled_at": None,
        "taxes_included": True,
        "total_tax": "0.00",
        "total_tip_received": "0.00",
        "total_price": total,
        "line_items": lines,
        "shipping_lines": [],
        "refunds": [],
    } | fields


def shipping(price: str, **fields: Any) -> Json:
    return {"id": 5, "title": "Parcel", "price": price, "discounted_price": price, "discount_allocations": []} | fields


def returned(line_id: int, quantity: int, subtotal: float, tax: float = 0.0) -> Json:
    return {"line_item_id": line_id, "quantity": quantity, "subtotal": subtotal, "total_tax": tax}


def refund(id_: int, day: int, lines: list[Json], paid: str | None = None, **fields: Any) -> Json:
    """A refund of the day in March; without `paid` no payment is listed."""
    payments = [{"kind": "refund", "status": "success", "amount": paid, "currency": "EUR"}] if paid else []
    return {
        "id": id_,
        "created_at": f"2026-03-{day:02}T09:00:00-05:00",
        "refund_line_items": lines,
        "order_adjustments": [],
        "transactions": payments,
    } | fields


def adjustment(kind: str, amount: str, tax: str = "0.00") -> Json:
    return {"kind": kind, "amount": amount, "tax_amount": tax}


TAX_ON_TOP = order(
    1001,
    "118.80",
    [line(1, 3, "30.00", off="9.00", tax_lines=[{"price": "16.20"}]), line(2, 1, "10.00", off="1.00")],
    taxes_included=False,
    total_tax="19.80",
    shipping_lines=[shipping("9.00", tax_lines=[{"price": "1.80"}])],
    total_discounts="10.00",
    financial_status="refunded",
    refunds=[
        refund(11, 2, [returned(1, 1, 27.0, 5.4)], "32.40"),
        refund(
            12,
            5,
            [returned(1, 2, 54.0, 10.8), returned(2, 1, 9.0, 1.8)],
            "86.40",
            order_adjustments=[adjustment("shipping_refund", "-9.00", "-1.80")],
        ),
    ],
)
"""90.00 and 10.00 with a code of 10 %, 9.00 shipping, 20 % tax; refunded in two parts, shipping with the second."""

FREE_GIFT = order(
    1002,
    "45.00",
    [line(1, 1, "40.00"), line(2, 1, "15.00", off="15.00")],
    shipping_lines=[shipping("5.00")],
    refunds=[refund(21, 4, [returned(1, 1, 40.0)], "45.00", refund_shipping_lines=[
        {"shipping_line_id": 5, "subtotal_amount_set": {"shop_money": {"amount": "5.00"}}}
    ]), refund(22, 6, [returned(2, 1, 0.0)])],
)  # fmt: skip
"""The gift is returned last."""

RESTOCKING_FEE = order(
    1003,
    "50.00",
    [line(1, 2, "25.00")],
    refunds=[
        refund(31, 3, [returned(1, 1, 25.0)], "20.00", order_adjustments=[adjustment("refund_discrepancy", "5.00")])
    ],
)
"""Goods of 25.00 come back, and 20.00 are paid back."""

GIFT_CARD_AND_TIP = order(
    1004,
    "83.00",
    [
        line(1, 1, "30.00"),
        line(2, 1, "50.00", gift_card=True),
        line(3, 1, "3.00", product_id=None, tip_payment_gateway="shopify_payments"),
    ],
    total_tip_received="3.00",
    refunds=[refund(41, 3, [returned(2, 1, 50.0)], "50.00")],
)

CANCELED = order(1005, "60.00", [line(1, 2, "30.00")], cancelled_at="2026-03-02T08:00:00-05:00")
"""Canceled without a refund of its own."""

EDITED = order(
    1006,
    "70.00",
    [line(1, 1, "30.00", current_quantity=1), line(2, 2, "20.00", current_quantity=1)],
    refunds=[refund(61, 2, [returned(2, 1, 20.0)])],
)
"""One item was removed before it was paid."""

GOODWILL = order(
    1007,
    "50.00",
    [line(1, 1, "50.00")],
    financial_status="refunded",
    refunds=[
        refund(71, 2, [], "5.00", order_adjustments=[adjustment("refund_discrepancy", "-5.00")]),
        refund(72, 4, [returned(1, 1, 50.0)], "45.00", order_adjustments=[adjustment("refund_discrepancy", "5.00")]),
    ],
)
"""An amount first, then the goods for the rest of the money."""

UNEXPLAINED = [
    order(1008, "32.00", [line(1, 1, "30.00")], refunds=[refund(81, 2, [returned(1, 1, 30.0)], "30.00")]),
    order(1009, "27.00", [line(1, 1, "30.00")], refunds=[refund(91, 2, [returned(1, 1, 27.0)], "27.00")]),
]
"""The total is 2.00 above the lines, and 3.00 below."""

SKIPPED = [
    order(1010, "10.00", [line(1, 1, "10.00")], test=True),
    order(1011, "10.00", [line(1, 1, "10.00")], customer=None),
    order(1012, "10.00", [line(1, 1, "10.00")], financial_status="voided"),
]

ORDERS = [
    TAX_ON_TOP, FREE_GIFT, RESTOCKING_FEE, GIFT_CARD_AND_TIP, CANCELED, EDITED, GOODWILL, *UNEXPLAINED, *SKIPPED,
]  # fmt: skip
