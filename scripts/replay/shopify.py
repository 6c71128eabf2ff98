"""python -m scripts.replay.shopify ORDERS.json … > orders.jsonl: Shopify orders in the form of the replay.

Reads the orders of Shopify's REST Admin API. See docs/guides/replay.md for the place of each field.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from scripts.replay import money
from scripts.replay.orders import DISCOUNT, OrdersUnreadable

UNPAID = {"pending", "authorized", "voided", "expired"}
PAID_BACK = {"success", "pending"}
DIFFERENCE = "difference"
CONVERTED, UNREADABLE = 0, 2

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Skipped:
    reason: str


@dataclass(frozen=True, slots=True)
class Money:
    """The amounts of one order, in minor units of the shop's currency."""

    currency: str

    def of(self, amount: object) -> int:
        """Reads a string or a number; null is 0."""
        return money.minor_units(Decimal(str(amount or 0)), self.currency)

    def total(self, parts: Iterable[Json] | None, field: str) -> int:
        return sum(self.of(part.get(field)) for part in parts or ())

    def of_set(self, money_set: Json | None) -> int:
        return self.of(((money_set or {}).get("shop_money") or {}).get("amount"))


def main(paths: Sequence[str]) -> int:
    skipped: Counter[str] = Counter()
    try:
        for order in orders_of(Path(path) for path in paths):
            converted = convert(order)
            if isinstance(converted, Skipped):
                skipped[converted.reason] += 1
            else:
                sys.stdout.write(json.dumps(converted) + "\n")
    except OrdersUnreadable as error:
        sys.stderr.write(f"{error}\n")
        return UNREADABLE
    for reason, count in skipped.most_common():
        sys.stderr.write(f"skipped: {count:,} orders, {reason}\n")
    return CONVERTED


def orders_of(paths: Iterable[Path]) -> Iterator[Json]:
    """Reads the pages of an export. Pages may overlap: an order in several pages counts as the last one has it."""
    found: dict[object, Json] = {}
    for path in paths:
        try:
            page = json.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
            orders = page if isinstance(page, list) else page["orders"]
            found |= {order["id"]: order for order in orders}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise OrdersUnreadable(f"{path} has no Shopify orders: {error!r}") from error
    yield from found.values()


def convert(order: Json) -> dict[str, Any] | Skipped:
    """Returns the order with its refunds in the form of the replay, or why it takes no part.

    Raises OrdersUnreadable if a field is missing, or an amount is no whole number of minor units.
    """
    if order.get("test"):
        return Skipped("test orders")
    if order.get("financial_status") in UNPAID:
        return Skipped("not paid")
    if not (order.get("customer") or {}).get("id"):
        return Skipped("without a customer")
    try:
        return _Order(order).converted()
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise OrdersUnreadable(
            f"order {order.get('name') or order.get('id')} cannot be understood: {error!r}"
        ) from error


class _Order:
    def __init__(self, order: Json) -> None:
        self.order = order
        self.money = Money(order["currency"])
        self.is_tax_on_top = not order["taxes_included"]
        self.lines = {line["id"]: line for line in order["line_items"]}
        self.tax_left = 0

    def converted(self) -> dict[str, Any]:
        order = self.order
        amount = self.money.of(order["total_price"])
        items = [self.item(line) for line in self.lines.values() if line["quantity"] and not charge_type(line)]
        charges = self.charges()
        rest = amount - sum(item["amount"] for item in items) - sum(charges.values())
        named = [{"type": type_, "amount": charge} for type_, charge in charges.items() if charge]
        if rest:
            named.append({"type": "OTHER" if rest > 0 else DISCOUNT, "amount": rest, "label": DIFFERENCE})
        self.tax_left = charges["TAX"]
        return {
            "orderId": order.get("name") or str(order["id"]),
            "customerId": str(order["customer"]["id"]),
            "at": order["created_at"],
            "currency": self.money.currency,
            "amount": amount,
            "items": items,
            "charges": named,
            "refunds": self.refunds(amount),
        }

    def item(self, line: Json) -> dict[str, Any]:
        return {
            "productId": product_id(line),
            "quantity": line["quantity"],
            "amount": self.line_amount(line),
            "lineId": str(line["id"]),
        }

    def line_amount(self, line: Json) -> int:
        """Returns the amount of a line after its discounts, of its own and its share of those on the whole order."""
        discounts = line.get("discount_allocations")
        discount = self.money.total(discounts, "amount") if discounts else self.money.of(line.get("total_discount"))
        return self.money.of(line["price"]) * int(line["quantity"]) - discount

    def charges(self) -> Counter[str]:
        """Returns the amounts by type. A tax that the prices include is no charge."""
        found: Counter[str] = Counter()
        for line in self.lines.values():
            type_ = charge_type(line)
            if type_:
                found[type_] += self.line_amount(line)
        found["SHIPPING"] = sum(self.shipping_amount(line) for line in self.shipping_lines())
        found["TAX"] = self.money.of(self.order["total_tax"]) if self.is_tax_on_top else 0
        # A tip is a line, or only a part of the total.
        found["TIP"] = max(found["TIP"], self.money.of(self.order.get("total_tip_received")))
        found["FEE"] = sum(
            self.money.of_set(self.order.get(field))
            for field in ("original_total_duties_set", "original_total_additional_fees_set")
        )
        return found

    def shipping_lines(self) -> list[Json]:
        return [line for line in self.order.get("shipping_lines") or () if not line.get("is_removed")]

    def shipping_amount(self, line: Json) -> int:
        discounts = line.get("discount_allocations")
        if discounts:
            return self.money.of(line["price"]) - self.money.total(discounts, "amount")
        return self.money.of(line.get("discounted_price") or line["price"])

    def refunds(self, amount: int) -> list[dict[str, Any]]:
        """Returns the refunds; those of a canceled order end with all that is left."""
        found: list[dict[str, Any]] = []
        refunded, has_amounts = 0, False
        for refund in sorted(self.order.get("refunds") or (), key=lambda refund: moment(refund["created_at"])):
            value, extent = self.extent(refund)
            refunded += value
            has_amounts = has_amounts or extent.get("type") == "AMOUNT"
            if has_amounts and refunded >= amount:
                extent = {"type": "FULL"}
            if extent:
                found.append({"key": str(refund["id"]), "at": refund["created_at"], **extent})
        canceled_at = self.order.get("cancelled_at")
        if canceled_at and refunded < amount:
            at = max([canceled_at, *(refund["at"] for refund in found)], key=moment)
            found.append({"key": "canceled", "at": at, "type": "FULL"})
        return found

    def extent(self, refund: Json) -> tuple[int, dict[str, Any]]:
        """Returns what was paid back, and the goods and charges if they are worth as much, or else the amount alone."""
        returned = refund.get("refund_line_items") or ()
        charges: Counter[str] = Counter()
        for line in returned:
            charges["TAX"] += self.money.of(line.get("total_tax")) if self.is_tax_on_top else 0
            type_ = charge_type(self.lines[line["line_item_id"]])
            if type_:
                charges[type_] += self.money.of(line["subtotal"])
        shipping, tax = self.refunded_shipping(refund)
        charges["SHIPPING"] += shipping if self.is_tax_on_top else shipping + tax
        charges["TAX"] += tax if self.is_tax_on_top else 0
        goods = [line for line in returned if not charge_type(self.lines[line["line_item_id"]])]
        worth = self.money.total(goods, "subtotal") + sum(charges.values())
        paid = self.paid_back(refund, worth)
        if paid != worth:
            return paid, {"type": "AMOUNT", "amount": paid} if paid > 0 else {}
        # Shopify rounds the tax of each line, so the last part may be a minor unit more than is left.
        charges["TAX"] = min(charges["TAX"], self.tax_left)
        self.tax_left -= charges["TAX"]
        named = [{"type": type_, "amount": charge} for type_, charge in charges.items() if charge]
        items = [
            {
                "productId": product_id(self.lines[line["line_item_id"]]),
                "quantity": line["quantity"],
                "lineId": str(line["line_item_id"]),
            }
            for line in goods
        ]
        return paid, {"type": "ITEMS", "items": items, "charges": named} if items or named else {}

    def refunded_shipping(self, refund: Json) -> tuple[int, int]:
        """Returns refunded shipping and its tax: they are adjustments below zero, or lines of their own."""
        adjustments = [one for one in refund.get("order_adjustments") or () if one.get("kind") == "shipping_refund"]
        if adjustments:
            return -self.money.total(adjustments, "amount"), -self.money.total(adjustments, "tax_amount")
        lines = {line.get("id"): line for line in self.shipping_lines()}
        shipping = tax = 0
        for refunded in refund.get("refund_shipping_lines") or ():
            part = self.money.of_set(refunded.get("subtotal_amount_set"))
            line = lines.get(refunded.get("shipping_line_id"))
            shipping += part
            if line and self.is_tax_on_top and self.shipping_amount(line):
                share = Decimal(self.money.total(line.get("tax_lines"), "price")) * part / self.shipping_amount(line)
                tax += int(share.to_integral_value(ROUND_HALF_UP))
        return shipping, tax

    def paid_back(self, refund: Json, worth: int) -> int:
        """Returns the money of the refund, or its worth less the named difference if no payment is listed."""
        payments = [
            one for one in refund.get("transactions") or () if one["kind"] == "refund" and one["status"] in PAID_BACK
        ]
        if payments and all(one.get("currency", self.money.currency) == self.money.currency for one in payments):
            return self.money.total(payments, "amount")
        differences = [one for one in refund.get("order_adjustments") or () if one.get("kind") != "shipping_refund"]
        return worth - self.money.total(differences, "amount") - self.money.total(differences, "tax_amount")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def charge_type(line: Json) -> str | None:
    """Returns the charge that a line is; None for goods."""
    if line.get("gift_card"):
        return "GIFT_CARD"
    return "TIP" if line.get("tip_payment_gateway") or line.get("tip_payment_method") else None


def product_id(line: Json) -> str:
    """Returns the id of the product; a line of a custom or deleted product has its stock code, or its own id."""
    return str(line.get("product_id") or line.get("sku") or line["id"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
