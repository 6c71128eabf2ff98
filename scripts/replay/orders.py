"""The orders of a file, and the refunds that the file has. Amounts are minor units of the file's currency."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime

from scripts.replay import money

ITEMS_MAX = 1_000
ORDER_BYTES_MAX = 8 * 1024
DISCOUNT = "DISCOUNT"
PLAIN_KEY = re.compile(r"[!-~]{1,50}")


class OrdersUnreadable(Exception):
    """No order of a file is posted if a part of the file cannot be read."""


@dataclass(frozen=True, slots=True)
class Item:
    product_id: str
    quantity: int
    amount: int
    """The amount of the whole line."""
    line_id: str | None = None

    def body(self) -> dict[str, object]:
        line = {"lineId": self.line_id} if self.line_id else {}
        return {"productId": self.product_id, "quantity": self.quantity, "amount": self.amount, **line}


@dataclass(frozen=True, slots=True)
class Charge:
    type: str
    amount: int
    """Below zero for a discount."""
    label: str | None = None

    def body(self) -> dict[str, object]:
        label = {"label": self.label} if self.label else {}
        return {"type": self.type, "amount": self.amount, **label}


@dataclass(frozen=True, slots=True)
class Order:
    order_id: str
    customer_id: str
    at: datetime
    row: int
    """The number of the order's first row in the file."""
    currency: str
    amount: int
    items: tuple[Item, ...] = ()
    charges: tuple[Charge, ...] = ()
    bonus: int = 0
    """Points in addition to those of the amount."""

    @property
    def base(self) -> int:
        """One point for each whole unit of the currency."""
        return max(self.amount, 0) // money.unit(self.currency)

    @property
    def points(self) -> int:
        return self.base + self.bonus

    @property
    def idempotency_key(self) -> str:
        return idempotency_key(self.order_id, prefix="order")

    @property
    def fits(self) -> bool:
        """Whether the ledger can keep the items and charges: at most 1,000 items, in 8 KB with the charges."""
        items = [(item.product_id, item.quantity, item.amount, *_if_given(item.line_id)) for item in self.items]
        charges = [(charge.type, charge.amount, *_if_given(charge.label)) for charge in self.charges]
        packed = json.dumps([items, charges], separators=(",", ":"), ensure_ascii=False)
        return len(self.items) <= ITEMS_MAX and len(packed.encode()) <= ORDER_BYTES_MAX

    def details(self) -> dict[str, object]:
        """Returns the order details of a request, the same on every run."""
        order: dict[str, object] = {"amount": self.amount, "currency": self.currency}
        if self.items and self.fits:
            order["items"] = [item.body() for item in self.items]
        if self.charges and self.fits:
            order["charges"] = [charge.body() for charge in self.charges]
        return order


@dataclass(frozen=True, slots=True)
class ReturnedItem:
    product_id: str
    quantity: int
    line_id: str | None = None
    """None: the order's first lines with the product."""

    def body(self) -> dict[str, object]:
        line = {"lineId": self.line_id} if self.line_id else {}
        return {"productId": self.product_id, "quantity": self.quantity, **line}


@dataclass(frozen=True, slots=True)
class ReturnedCharge:
    type: str
    amount: int | None = None
    """None: all that is left of the charges of this type."""

    def body(self) -> dict[str, object]:
        return {"type": self.type} if self.amount is None else {"type": self.type, "amount": self.amount}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A refund as the file has it: goods and charges, an amount, or else all that is left."""

    label: str
    """The name of the refund. The customer has no other refund with this name."""
    customer_id: str
    at: datetime
    row: int
    items: tuple[ReturnedItem, ...] = ()
    charges: tuple[ReturnedCharge, ...] = ()
    amount: int | None = None

    @property
    def key(self) -> str:
        return idempotency_key(self.label, prefix="refund")

    def body(self) -> dict[str, object]:
        """Returns the request's extent, the same on every run."""
        if self.amount is not None:
            return {"type": "AMOUNT", "amount": self.amount}
        if not self.items and not self.charges:
            return {"type": "FULL"}
        body: dict[str, object] = {"type": "ITEMS"}
        if self.items:
            body["items"] = [item.body() for item in self.items]
        if self.charges:
            body["charges"] = [charge.body() for charge in self.charges]
        return body

    @property
    def extent(self) -> str:
        """Describes the extent in the list of refunds."""
        if self.amount is not None:
            return str(self.amount)
        items = [f"{item.quantity} x {item.line_id or item.product_id}" for item in self.items]
        charges = [
            charge.type if charge.amount is None else f"{charge.type} {charge.amount}" for charge in self.charges
        ]
        return "; ".join((*items, *charges)) or "all that is left"


@dataclass(frozen=True, slots=True)
class Count:
    """A number about the file, for the screen."""

    label: str
    number: int
    meaning: str


@dataclass(frozen=True, slots=True)
class OrderFile:
    """The orders of known customers, of one currency."""

    currency: str
    all_orders: tuple[Order, ...]
    customers: tuple[str, ...]
    counts: tuple[Count, ...]
    """What else the file has, by its form."""

    @property
    def orders(self) -> tuple[Order, ...]:
        """The orders to post."""
        return tuple(order for order in self.all_orders if order.points)

    @property
    def too_small(self) -> tuple[Order, ...]:
        """The orders that earn no points."""
        return tuple(order for order in self.all_orders if not order.points)

    @property
    def points(self) -> int:
        return sum(order.points for order in self.all_orders)

    @property
    def orders_without_items(self) -> int:
        return sum(not order.fits for order in self.all_orders)

    def orders_by_customer(self) -> dict[str, tuple[Order, ...]]:
        """Returns the orders of every customer by their time, including customers without an order to post."""
        found: dict[str, tuple[Order, ...]] = dict.fromkeys(self.customers, ())
        for order in sorted(self.orders, key=lambda order: (order.at, order.row)):
            found[order.customer_id] += (order,)
        return found


def idempotency_key(name: str, *, prefix: str) -> str:
    """Returns 8 to 64 printable characters, always the same for a name; a name that does not fit is hashed."""
    if PLAIN_KEY.fullmatch(name):
        return f"replay-{prefix}-{name}"
    return f"{prefix}:{hashlib.sha256(name.encode()).hexdigest()[:48]}"


def _if_given(text: str | None) -> tuple[str, ...]:
    return () if text is None else (text,)
