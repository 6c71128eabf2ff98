"""Reads an orders file: lines grouped into orders, with their exact amounts and points."""

import csv
import gzip
import hashlib
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path

COLUMNS = ("invoice_no", "stock_code", "quantity", "invoice_date", "unit_price", "customer_id")
CANCELLATION_PREFIX = "C"
PENCE_PER_POUND = 100
DISCOUNT = "DISCOUNT"
CHARGE_CODES = {
    "POST": "SHIPPING",
    "DOT": "SHIPPING",
    "C2": "SHIPPING",
    "AMAZONFEE": "FEE",
    "BANK CHARGES": "FEE",
}
"""The stock codes that are no goods, with their type of charge: postage, carriage and fees."""
ITEMS_MAX = 1_000
ITEMS_BYTES_MAX = 8 * 1024
GZIP_MAGIC = b"\x1f\x8b"
PLAIN_KEY = re.compile(r"[!-~]{1,56}")


class OrdersUnreadable(Exception):
    """No order of a file is posted if a part of the file cannot be read."""


@dataclass(frozen=True, slots=True)
class Line:
    row: int
    """The number of the row in the file."""
    invoice: str
    stock_code: str
    quantity: int
    sold_at: datetime
    unit_price: Decimal
    customer_id: str

    @property
    def exact_pence(self) -> Decimal:
        return self.unit_price * self.quantity * PENCE_PER_POUND

    @property
    def pence(self) -> int:
        return int(self.exact_pence.to_integral_value(ROUND_HALF_UP))

    @property
    def is_rounded(self) -> bool:
        return self.pence != self.exact_pence

    @property
    def is_cancellation(self) -> bool:
        return self.invoice.startswith(CANCELLATION_PREFIX)

    @property
    def charge_type(self) -> str | None:
        """The charge that an order's line is; None for goods, free ones too."""
        if self.quantity <= 0 or self.unit_price < 0:
            return DISCOUNT
        return CHARGE_CODES.get(self.stock_code)


@dataclass(frozen=True, slots=True)
class Item:
    product_id: str
    quantity: int
    pence: int


@dataclass(frozen=True, slots=True)
class Charge:
    type: str
    pence: int
    """Below zero for a discount."""


@dataclass(frozen=True, slots=True)
class Order:
    invoice: str
    customer_id: str
    sold_at: datetime
    row: int
    """The number of the order's first row in the file."""
    pence: int
    items: tuple[Item, ...]
    charges: tuple[Charge, ...]
    """At most one of each type."""

    @property
    def points(self) -> int:
        """One point per whole pound."""
        return max(self.pence, 0) // PENCE_PER_POUND

    @property
    def idempotency_key(self) -> str:
        return idempotency_key(self.invoice)

    @property
    def items_fit(self) -> bool:
        """Whether the ledger can keep the items: at most 1,000 of them, in 8 KB with the charges."""
        items = [(item.product_id, item.quantity, item.pence) for item in self.items]
        charges = [(charge.type, charge.pence) for charge in self.charges]
        packed = json.dumps([items, charges], ensure_ascii=False)
        return len(self.items) <= ITEMS_MAX and len(packed.encode()) <= ITEMS_BYTES_MAX

    def credit(self) -> dict[str, object]:
        """Returns the request's body, the same on every run: the key belongs to exactly this body."""
        order: dict[str, object] = {"amount": self.pence, "currency": "GBP"}
        if self.items and self.items_fit:
            order["items"] = [
                {"productId": item.product_id, "quantity": item.quantity, "amount": item.pence} for item in self.items
            ]
        if self.charges and self.items_fit:
            order["charges"] = [{"type": charge.type, "amount": charge.pence} for charge in self.charges]
        return {
            "points": self.points,
            "orderId": self.invoice,
            "order": order,
            "pointsDescription": f"Order {self.invoice} of {self.sold_at.date().isoformat()}",
        }


@dataclass(frozen=True, slots=True)
class OrderFile:
    """All invoices of a file, each in exactly one of: orders, too small, guests, cancellations."""

    lines: int
    invoices: int
    orders: tuple[Order, ...]
    too_small: tuple[Order, ...]
    guest_invoices: int
    guest_lines: int
    cancellations: tuple[Line, ...]
    free_lines: int
    charge_lines: int
    discount_lines: int
    rounded_lines: int
    customers: tuple[str, ...]

    @property
    def points(self) -> int:
        return sum(order.points for order in self.orders)

    @property
    def orders_without_items(self) -> int:
        return sum(not order.items_fit for order in self.orders)

    def orders_by_customer(self) -> dict[str, tuple[Order, ...]]:
        """Returns the orders of every customer of the file, including customers without a creditable order."""
        found: dict[str, tuple[Order, ...]] = dict.fromkeys(self.customers, ())
        for order in self.orders:
            found[order.customer_id] += (order,)
        return found


def idempotency_key(number: str, *, prefix: str = "invoice") -> str:
    """Returns 8 to 64 printable characters, always the same for a number; a number that does not fit is hashed."""
    if PLAIN_KEY.fullmatch(number):
        return f"{prefix}-{number}"
    return f"{prefix}:{hashlib.sha256(number.encode()).hexdigest()[:48]}"


def load(path: Path) -> OrderFile:
    try:
        raw = path.read_bytes()
        if raw.startswith(GZIP_MAGIC):
            raw = gzip.decompress(raw)
        text = raw.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise OrdersUnreadable(f"{path} cannot be read: {error}") from error
    return group(read_lines(io.StringIO(text, newline="")))


def read_lines(rows: Iterable[str]) -> Iterator[Line]:
    reader = csv.DictReader(rows)
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise OrdersUnreadable(f"columns are missing: {', '.join(missing)}")
    for row in reader:
        try:
            yield read_line(row, reader.line_num)
        except (ValueError, TypeError, InvalidOperation, AttributeError) as error:
            raise OrdersUnreadable(f"line {reader.line_num} cannot be understood: {error}") from error


def read_line(row: dict[str, str], number: int) -> Line:
    price = Decimal(row["unit_price"])
    if not price.is_finite():
        raise ValueError(f"unit_price is {price}")
    line = Line(
        row=number,
        invoice=row["invoice_no"].strip(),
        stock_code=row["stock_code"].strip(),
        quantity=int(row["quantity"]),
        sold_at=datetime.fromisoformat(row["invoice_date"]),
        unit_price=price,
        customer_id=row["customer_id"].strip(),
    )
    if not line.invoice or not line.stock_code:
        raise ValueError("invoice_no or stock_code is empty")
    return line


def group(lines: Iterable[Line]) -> OrderFile:
    """Sorts every invoice into those to credit and the reasons not to."""
    invoices: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        invoices[line.invoice].append(line)
    for invoice, its_lines in invoices.items():
        if len({line.customer_id for line in its_lines}) > 1:
            raise OrdersUnreadable(f"invoice {invoice} names more than one customer")
    everything = [line for its_lines in invoices.values() for line in its_lines]
    guests = [line for line in everything if not line.customer_id and not line.is_cancellation]
    bought = [line for line in everything if line.customer_id and not line.is_cancellation]
    orders = [
        order_of(its_lines) for its_lines in invoices.values()
        if its_lines[0].customer_id and not its_lines[0].is_cancellation
    ]  # fmt: skip
    return OrderFile(
        lines=len(everything),
        invoices=len(invoices),
        orders=tuple(order for order in orders if order.points),
        too_small=tuple(order for order in orders if not order.points),
        guest_invoices=len({line.invoice for line in guests}),
        guest_lines=len(guests),
        cancellations=tuple(line for line in everything if line.is_cancellation),
        free_lines=sum(not line.charge_type and not line.unit_price for line in bought),
        charge_lines=sum(line.charge_type not in (None, DISCOUNT) for line in bought),
        discount_lines=sum(line.charge_type == DISCOUNT for line in bought),
        rounded_lines=sum(line.is_rounded for line in bought),
        customers=tuple(dict.fromkeys(line.customer_id for line in everything if line.customer_id)),
    )


def order_of(lines: list[Line]) -> Order:
    """Makes an order of its lines: one item for each product and one charge for each type, whatever their prices."""
    items: dict[str, Item] = {}
    charges: Counter[str] = Counter()
    for line in lines:
        if line.charge_type:
            charges[line.charge_type] += line.pence
        else:
            item = items.get(line.stock_code, Item(line.stock_code, 0, 0))
            items[line.stock_code] = replace(
                item, quantity=item.quantity + line.quantity, pence=item.pence + line.pence
            )
    return Order(
        invoice=lines[0].invoice,
        customer_id=lines[0].customer_id,
        sold_at=min(line.sold_at for line in lines),
        row=lines[0].row,
        pence=sum(line.pence for line in lines),
        items=tuple(items.values()),
        charges=tuple(Charge(type_, pence) for type_, pence in charges.items()),
    )
