"""The CSV form: one row per order line. Canceled lines name no order, so each is matched with an earlier order."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from scripts.replay import money
from scripts.replay.orders import (
    DISCOUNT,
    Charge,
    Count,
    Item,
    Order,
    OrderFile,
    OrdersUnreadable,
    ReturnedCharge,
    ReturnedItem,
    Wanted,
)
from scripts.replay.sales import Reason, Refund, Refunds, Sale

COLUMNS = ("invoice_no", "stock_code", "quantity", "invoice_date", "unit_price", "customer_id")
CURRENCY = "GBP"
CANCELLATION_PREFIX = "C"
CHARGE_CODES = {
    "POST": "SHIPPING",
    "DOT": "SHIPPING",
    "C2": "SHIPPING",
    "AMAZONFEE": "FEE",
    "BANK CHARGES": "FEE",
}
"""The stock codes that are no goods, with their type of charge: postage, carriage and fees."""


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
        return self.unit_price * self.quantity * money.unit(CURRENCY)

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

    def wanted(self, number: int) -> Wanted:
        """Returns the refund of a canceled line; `number` is its place in the cancellation, from 1."""
        charge = CHARGE_CODES.get(self.stock_code)
        return Wanted(
            label=f"{self.invoice}-{number}",
            customer_id=self.customer_id,
            at=self.sold_at,
            row=self.row,
            items=() if charge else (ReturnedItem(self.stock_code, -self.quantity),),
            charges=(ReturnedCharge(charge, -self.pence),) if charge else (),
        )


def read(rows: Iterable[str]) -> tuple[OrderFile, Refunds]:
    lines = list(read_lines(rows))
    file = group(lines)
    return file, match(file, [line for line in lines if line.is_cancellation])


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
    """Makes an order of each invoice of a known customer, and counts what else the file has."""
    invoices: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        invoices[line.invoice].append(line)
    for invoice, its_lines in invoices.items():
        if len({line.customer_id for line in its_lines}) > 1:
            raise OrdersUnreadable(f"invoice {invoice} names more than one customer")
    everything = [line for its_lines in invoices.values() for line in its_lines]
    canceled = [line for line in everything if line.is_cancellation]
    guests = [line for line in everything if not line.customer_id and not line.is_cancellation]
    bought = [line for line in everything if line.customer_id and not line.is_cancellation]
    known = {line.invoice for line in bought}
    customers = tuple(dict.fromkeys(line.customer_id for line in everything if line.customer_id))
    free = sum(not line.charge_type and not line.unit_price for line in bought)
    return OrderFile(
        currency=CURRENCY,
        all_orders=tuple(order_of(its_lines) for invoice, its_lines in invoices.items() if invoice in known),
        customers=customers,
        counts=(
            Count("invoices", len(invoices), f"{len(everything):,} lines of {len(customers):,} known customers"),
            Count(
                "guests",
                len({line.invoice for line in guests}),
                f"skipped: {len(guests):,} lines without a customer",
            ),
            Count("cancellations", len({line.invoice for line in canceled}), f"{len(canceled):,} lines"),
            Count("free lines", free, "kept as items of amount 0"),
            Count(
                "charges",
                sum(line.charge_type not in (None, DISCOUNT) for line in bought),
                "lines of postage, carriage and fees",
            ),
            Count("discounts", sum(line.charge_type == DISCOUNT for line in bought), "lines below zero"),
            Count("rounded lines", sum(line.is_rounded for line in bought), "to the penny, half up"),
        ),
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
                item, quantity=item.quantity + line.quantity, amount=item.amount + line.pence
            )
    return Order(
        order_id=lines[0].invoice,
        customer_id=lines[0].customer_id,
        at=min(line.sold_at for line in lines),
        row=lines[0].row,
        currency=CURRENCY,
        amount=sum(line.pence for line in lines),
        items=tuple(items.values()),
        charges=tuple(Charge(type_, pence) for type_, pence in charges.items()),
    )


def match(file: OrderFile, canceled: Iterable[Line]) -> Refunds:
    """Matches each line with the customer's latest earlier order that still has enough of the product or charge."""
    sales: defaultdict[str, list[Sale]] = defaultdict(list)
    for order in sorted(file.all_orders, key=lambda order: (order.at, order.row)):
        sales[order.customer_id].append(Sale.of(order))
    numbers: Counter[str] = Counter()
    outcomes: list[tuple[Wanted, Refund | Reason]] = []
    for line in canceled:
        numbers[line.invoice] += 1
        wanted = line.wanted(numbers[line.invoice])
        outcomes.append((wanted, _outcome(line, wanted, sales[line.customer_id])))
    return Refunds(tuple(outcomes))


def _outcome(line: Line, wanted: Wanted, sales: list[Sale]) -> Refund | Reason:
    if not line.customer_id:
        return Reason.NO_CUSTOMER
    if line.quantity >= 0:
        return Reason.NO_GOODS
    # A file's times may be whole minutes: within one minute, the order of its rows counts.
    earlier = (sale for sale in reversed(sales) if (sale.order.at, sale.order.row) < (line.sold_at, line.row))
    sale = next((sale for sale in earlier if sale.has(wanted)), None)
    return sale.take(wanted) if sale else Reason.NO_SALE
