"""Finds the order of each canceled line, and what the line refunds: computed from the file alone."""

import csv
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from scripts.replay.orders import CHARGE_CODES, COLUMNS, Line, Order, OrderFile, idempotency_key
from scripts.replay.values import Values, values_of


class Reason(StrEnum):
    """The reason why a canceled line is not refunded."""

    NO_CUSTOMER = "no customer"
    NO_GOODS = "no quantity below zero"
    NO_SALE = "no earlier order of the customer has as many"
    TOO_SMALL = "the order is below one pound"
    WITHOUT_ITEMS = "the order was posted without items"


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
        charge = CHARGE_CODES.get(self.line.stock_code)
        returned: dict[str, object] = (
            {"charges": [{"type": charge, "amount": -self.line.pence}]}
            if charge
            else {"items": [{"productId": self.line.stock_code, "quantity": -self.line.quantity}]}
        )
        return {
            "orderId": self.order.invoice,
            "type": "ITEMS",
            **returned,
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
    """An order with what was refunded of it."""

    order: Order
    values: Values
    quantities: Counter[str] = field(default_factory=Counter)
    """The refunded quantity, by product."""
    charges: Counter[str] = field(default_factory=Counter)
    """The refunded pence, by type of charge."""
    pence: int = 0
    points: int = 0

    def holds(self, line: Line) -> bool:
        # A file's times may be whole minutes: within one minute, the order of its rows counts.
        is_earlier = (self.order.sold_at, self.order.row) < (line.sold_at, line.row)
        charge = CHARGE_CODES.get(line.stock_code)
        if charge:
            has_enough = self._left_of_charge(charge) >= -line.pence > 0
        else:
            has_enough = self._left_of_product(line.stock_code) >= -line.quantity
        return is_earlier and has_enough

    def take(self, line: Line, number: int) -> Refund | Reason:
        """Takes the goods or the charge back; refunds money and points if the order was posted with its items."""
        charge = CHARGE_CODES.get(line.stock_code)
        if charge:
            pence = -line.pence
            self.charges[charge] += pence
        else:
            pence = self._take_goods(line)
        if not self.order.points:
            return Reason.TOO_SMALL
        if not self.order.items_fit:
            return Reason.WITHOUT_ITEMS
        self.pence += pence
        # All points up to now, less those of the earlier refunds; the last goods and charges make the points exact.
        due = self.order.points * self.pence // self.order.pence if not self._is_whole else self.order.points
        points, self.points = due - self.points, due
        return Refund(line, self.order, number, pence, points)

    def _take_goods(self, line: Line) -> int:
        """Returns the pence of these items: all so far in whole pence, less those of the earlier ones."""
        code = line.stock_code
        (item, value) = next(
            pair for pair in zip(self.order.items, self.values.items, strict=True) if pair[0].product_id == code
        )
        earlier = self.quantities[code]
        self.quantities[code] -= line.quantity
        return value * self.quantities[code] // item.quantity - value * earlier // item.quantity

    def _left_of_product(self, code: str) -> int:
        return sum(item.quantity for item in self.order.items if item.product_id == code) - self.quantities[code]

    def _left_of_charge(self, type_: str) -> int:
        return sum(charge.pence for charge in self.values.charges if charge.type == type_) - self.charges[type_]

    @property
    def _is_whole(self) -> bool:
        return self.pence == self.order.pence or not (
            any(self._left_of_product(item.product_id) for item in self.order.items)
            or any(self._left_of_charge(charge.type) for charge in self.values.charges)
        )


def match(file: OrderFile) -> Cancellations:
    """Matches each line with the customer's latest earlier order that still has enough of the product or charge."""
    sales: defaultdict[str, list[Sale]] = defaultdict(list)
    for order in sorted((*file.orders, *file.too_small), key=lambda order: (order.sold_at, order.row)):
        sales[order.customer_id].append(Sale(order, values_of(order)))
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
