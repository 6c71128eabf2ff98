"""Finds the order of each canceled line, and what the line refunds: computed from the file alone."""

import csv
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from scripts.replay.orders import COLUMNS, Line, Order, OrderFile, idempotency_key


class Reason(StrEnum):
    """The reason why a canceled line is not refunded."""

    NO_CUSTOMER = "no customer"
    NO_GOODS = "no quantity below zero"
    NO_SALE = "no earlier order of the customer has as many"
    TOO_SMALL = "the order is below one pound"
    WITHOUT_ITEMS = "the order was posted without items"
    NOTHING_LEFT = "the whole amount of the order is refunded"


@dataclass(frozen=True, slots=True)
class Refund:
    """One canceled line as an item refund of its order."""

    line: Line
    order: Order
    number: int
    """The number of the line in its cancellation, from 1."""
    pence: int
    points: int

    @property
    def idempotency_key(self) -> str:
        return idempotency_key(f"{self.line.invoice}-{self.number}", prefix="cancel")

    def body(self) -> dict[str, object]:
        """Returns the request's body, the same on every run."""
        return {
            "orderId": self.order.invoice,
            "type": "ITEMS",
            "items": [{"productId": self.line.stock_code, "quantity": -self.line.quantity}],
            "reason": f"Cancellation {self.line.invoice}",
        }


@dataclass(frozen=True, slots=True)
class Cancellations:
    """Every canceled line of a file in its order: its refund, or why there is none."""

    lines: tuple[tuple[Line, Refund | Reason], ...]

    @property
    def refunds(self) -> tuple[Refund, ...]:
        return tuple(outcome for _, outcome in self.lines if isinstance(outcome, Refund))

    @property
    def reasons(self) -> Counter[Reason]:
        return Counter(outcome for _, outcome in self.lines if isinstance(outcome, Reason))

    @property
    def pence(self) -> int:
        return sum(refund.pence for refund in self.refunds)

    @property
    def points(self) -> int:
        return sum(refund.points for refund in self.refunds)

    def points_by_customer(self) -> Counter[str]:
        """Returns the points that the refunds revoke."""
        found: Counter[str] = Counter()
        for refund in self.refunds:
            found[refund.order.customer_id] += refund.points
        return found

    def refunds_by_customer(self) -> dict[str, tuple[Refund, ...]]:
        found: dict[str, tuple[Refund, ...]] = {}
        for refund in self.refunds:
            found[refund.order.customer_id] = (*found.get(refund.order.customer_id, ()), refund)
        return found


@dataclass(slots=True)
class Sale:
    """An order with what is left of it."""

    order: Order
    quantities: dict[str, int] = field(default_factory=dict)
    """The quantity that is left, by product."""
    refunded: int = 0
    """The refunded pence."""

    @classmethod
    def of(cls, order: Order) -> "Sale":
        return cls(order, {item.product_id: item.quantity for item in order.items})

    def holds(self, line: Line) -> bool:
        # A file's times may be whole minutes: within one minute, the order of its rows counts.
        is_earlier = (self.order.sold_at, self.order.row) < (line.sold_at, line.row)
        return is_earlier and self.quantities.get(line.stock_code, 0) >= -line.quantity

    def take(self, line: Line, number: int) -> Refund | Reason:
        """Takes the goods back; refunds money and points if the order was posted with its items."""
        price = self._price(line)
        self.quantities[line.stock_code] += line.quantity
        if not self.order.points:
            return Reason.TOO_SMALL
        if not self.order.items_fit:
            return Reason.WITHOUT_ITEMS
        if self.refunded == self.order.pence:
            return Reason.NOTHING_LEFT
        # A discount may have made the order cheaper than its goods.
        pence = min(price, self.order.pence - self.refunded)
        kept = self._points_kept()
        self.refunded += pence
        return Refund(line, self.order, number, pence, points=kept - self._points_kept())

    def _price(self, line: Line) -> int:
        """Returns the pence of these items: all so far in whole pence, less those of the earlier ones."""
        item = next(item for item in self.order.items if item.product_id == line.stock_code)
        before = item.quantity - self.quantities[line.stock_code]
        return item.pence * (before - line.quantity) // item.quantity - item.pence * before // item.quantity

    def _points_kept(self) -> int:
        return self.order.points - self.order.points * self.refunded // self.order.pence


def match(file: OrderFile) -> Cancellations:
    """Matches each line with the customer's latest earlier order that still has enough of the product."""
    sales: defaultdict[str, list[Sale]] = defaultdict(list)
    for order in sorted((*file.orders, *file.too_small), key=lambda order: (order.sold_at, order.row)):
        sales[order.customer_id].append(Sale.of(order))
    numbers: Counter[str] = Counter()
    lines: list[tuple[Line, Refund | Reason]] = []
    for line in file.cancellations:
        numbers[line.invoice] += 1
        lines.append((line, _outcome(line, numbers[line.invoice], sales[line.customer_id])))
    return Cancellations(tuple(lines))


def _outcome(line: Line, number: int, sales: list[Sale]) -> Refund | Reason:
    if not line.customer_id:
        return Reason.NO_CUSTOMER
    if line.quantity >= 0:
        return Reason.NO_GOODS
    sale = next((sale for sale in reversed(sales) if sale.holds(line)), None)
    return sale.take(line, number) if sale else Reason.NO_SALE


def write(cancellations: Cancellations, path: Path) -> None:
    """Lists every line as the file has it, with its worth in pence, and its order and refund or the reason for none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*COLUMNS, "pence", "order", "refunded_pence", "revoked_points", "reason"])
        for line, outcome in cancellations.lines:
            sold_at = line.sold_at.isoformat()
            price = str(line.unit_price)
            columns = (
                [outcome.order.invoice, outcome.pence, outcome.points, ""]
                if isinstance(outcome, Refund)
                else ["", "", "", outcome]
            )
            writer.writerow(
                [line.invoice, line.stock_code, line.quantity, sold_at, price, line.customer_id, line.pence, *columns]
            )
