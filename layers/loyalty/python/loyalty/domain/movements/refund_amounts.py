"""The extent of a refund: its goods in money and in items, and the points that follow from them.

A target counts from the order's beginning: floor(points x refunded so far / order amount), and exactly all points for
the whole order. A refund settles its target less what earlier ones settled, so any split ends where one refund would.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from loyalty.domain.cards.transaction import RefundDetails, Transaction
from loyalty.domain.order import Order, OrderItem
from loyalty.domain.wallets.settings import EarnedRefundType, Refunds, SpentRefundType
from loyalty.errors import FieldProblem, ItemsRequired, NothingToRefund, OrderAmountUnknown, RefundExceedsOrder


class RefundType(StrEnum):
    """The extent of a refund: all that is left, an amount, or items."""

    FULL = "FULL"
    AMOUNT = "AMOUNT"
    ITEMS = "ITEMS"


@dataclass(frozen=True, slots=True)
class ReturnedItem:
    """Returned items of one product; without a line they belong to the order's first lines with the product."""

    product_id: str
    quantity: int
    line_id: str | None = None


@dataclass(frozen=True, slots=True)
class RefundDemand:
    """The requested refund: all that is left, an amount in minor units, or items."""

    kind: RefundType
    amount: int = 0
    items: tuple[ReturnedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class RefundProgress:
    """How much of an order is refunded."""

    amount: int = 0
    items: tuple[int, ...] = ()
    """The refunded quantity by line of the order."""
    whole: bool = False
    """Whether the whole order is refunded."""


@dataclass(frozen=True, slots=True)
class RefundStep:
    """One refund of an order: its amount and items, and how much of the order is refunded after it."""

    amount: int | None
    items: tuple[tuple[int, int], ...]
    after: RefundProgress


def last_full_refund(rows: Iterable[Transaction]) -> int:
    """Returns the `seq` of the last refund that undid the whole order, or 0."""
    return max((row.seq for row in rows if row.refund and row.refund.kind == RefundType.FULL), default=0)


def refund_progress(order: Order | None, refunds: Sequence[RefundDetails]) -> RefundProgress:
    lines = len(order.items) if order else 0
    quantities = [0] * lines
    for refund in refunds:
        for line, quantity in refund.items:
            quantities[line] += quantity
    if order and any(refund.kind == RefundType.FULL for refund in refunds):
        quantities = [item.quantity for item in order.items]
    amount = sum(refund.amount or 0 for refund in refunds)
    done = bool(refunds) and order is not None and _is_whole(order, amount, quantities)
    return RefundProgress(amount, tuple(quantities), done or any(refund.kind == RefundType.FULL for refund in refunds))


def refund_step(order: Order | None, before: RefundProgress, demand: RefundDemand, refunds: Refunds) -> RefundStep:
    """Returns the step of the requested refund.

    Raises `OrderAmountUnknown` or `ItemsRequired` if the amount cannot be computed, `RefundExceedsOrder` if less is
    left.
    """
    if demand.kind is RefundType.FULL:
        left = None if order is None else 0 if before.whole else order.amount - before.amount
        return RefundStep(left, (), RefundProgress(before.amount + (left or 0), before.items, whole=True))
    if order is None:
        raise OrderAmountUnknown("No transaction of the order has its amount: send the order, or refund it FULL.")
    if demand.kind is RefundType.AMOUNT and refunds.spent.type is SpentRefundType.REFUND_ITEM:
        raise ItemsRequired("The wallet returns spent points by item: send the refunded items.")
    left = 0 if before.whole else order.amount - before.amount
    quantities = list(before.items)
    if demand.kind is RefundType.AMOUNT:
        amount, items = demand.amount, list[tuple[int, int]]()
        if amount > left:
            raise _refund_exceeds_order("amount", f"The order has {left} of {order.amount} left to refund.")
    else:
        amount, items = _price_items(order, quantities, demand, whole=before.whole)
        if not left and order.amount:
            raise _refund_exceeds_order("items", "The whole amount of the order is already refunded.")
        # Discounts and earlier refunds by amount may leave less than the items cost.
        amount = min(amount, left)
    after = before.amount + amount
    return RefundStep(
        amount, tuple(items), RefundProgress(after, tuple(quantities), _is_whole(order, after, quantities))
    )


def spent_target(spent: int, order: Order | None, after: RefundProgress, refunds: Refunds) -> int:
    """Returns how many of the points spent on the order must be returned by then."""
    match refunds.spent.type:
        case SpentRefundType.NONE:
            return 0
        case SpentRefundType.REFUND_ALL:
            return spent if after.whole else 0
        case SpentRefundType.REFUND_ITEM if order and not after.whole:
            total = sum(item.amount for item in order.items)
            back = sum(_price(item, count) for item, count in zip(order.items, after.items, strict=True))
            return proportion(spent, back, total)
    return spent if after.whole or order is None else proportion(spent, after.amount, order.amount)


def earned_target(earned: int, order: Order | None, after: RefundProgress, refunds: Refunds) -> int:
    """Returns how many of the points that the order earned must be taken back by then."""
    if refunds.earned.type is EarnedRefundType.KEEP:
        return 0
    return earned if after.whole or order is None else proportion(earned, after.amount, order.amount)


def covered_target(covered: int, order: Order | None, after: RefundProgress) -> int:
    """Returns how much of the amount paid with points is among the goods refunded by then."""
    return covered if after.whole or order is None else proportion(covered, after.amount, order.amount)


def proportion(points: int, part: int, total: int) -> int:
    return points * part // total if total else 0


def require_refundable(demand: RefundDemand, before: RefundProgress, *, points: int, amount: int | None) -> None:
    """Refuses to refund a whole order again, unless the order moved points since."""
    if demand.kind is RefundType.FULL and before.whole and not points and not amount:
        raise NothingToRefund("An earlier refund covered the whole order.")


def _price_items(
    order: Order, quantities: list[int], demand: RefundDemand, *, whole: bool
) -> tuple[int, list[tuple[int, int]]]:
    """Returns what the items cost and their lines; raises `quantities`."""
    amount, items = 0, []
    for place, wanted in enumerate(demand.items):
        left = wanted.quantity
        for line, item in enumerate(order.items):
            if item.product_id != wanted.product_id or wanted.line_id not in (None, item.line_id):
                continue
            count = 0 if whole else min(left, item.quantity - quantities[line])
            if count:
                amount += _price(item, quantities[line] + count) - _price(item, quantities[line])
                quantities[line] += count
                items.append((line, count))
                left -= count
        if left:
            message = f"{wanted.quantity - left} of {wanted.product_id} are left to refund, not {wanted.quantity}."
            raise _refund_exceeds_order(f"items[{place}].quantity", message)
    return amount, items


def _price(item: OrderItem, count: int) -> int:
    """Returns the price of `count` of the line: a target too, so that the line's last item makes its amount exact."""
    return proportion(item.amount, count, item.quantity)


def _is_whole(order: Order, amount: int, quantities: Sequence[int]) -> bool:
    """Decides by the order's amount; by the items, if the order costs nothing."""
    if order.amount:
        return amount == order.amount
    return bool(order.items) and all(
        count == item.quantity for item, count in zip(order.items, quantities, strict=True)
    )


def _refund_exceeds_order(field: str, message: str) -> RefundExceedsOrder:
    return RefundExceedsOrder(message, errors=[FieldProblem(f"body.{field}", "exceeds_order", message)])
