"""The extent of a refund: its value in money, lines and charges, and the points that follow from it.

A target counts from the order's beginning: floor(points x refunded so far / order amount), and exactly all points for
the whole order. A refund settles its target less what earlier ones settled, so any split ends where one refund would.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from loyalty.domain.cards.transaction import RefundDetails, RefundType, Transaction
from loyalty.domain.order import Charge, ChargeType, Order, OrderItem
from loyalty.domain.order_values import OrderValues, order_values
from loyalty.errors import FieldProblem, OrderAmountUnknown, OrderDiffers, RefundExceedsOrder


@dataclass(frozen=True, slots=True)
class ReturnedItem:
    """Returned items of one product; without a line they belong to the order's first lines with the product."""

    product_id: str
    quantity: int
    line_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnedCharge:
    """A refunded part of the order's charges of one type; without an amount, all that is left of them."""

    type: ChargeType
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class RefundDemand:
    """The requested refund: all that is left, an amount in minor units, or items and charges."""

    kind: RefundType
    amount: int = 0
    items: tuple[ReturnedItem, ...] = ()
    charges: tuple[ReturnedCharge, ...] = ()


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of an order is refunded.

    Refunds by amount name no line or charge: their value counts for the goods first, then for the charges.
    """

    values: OrderValues
    total: int
    """The order's amount."""
    quantities: tuple[int, ...]
    """The refunded quantity by line of the order."""
    lines: tuple[int, ...]
    """The refunded value by line."""
    charges: tuple[int, ...]
    """The refunded value by charge of `values`."""
    other: int
    """The refunded value of no line or charge."""
    whole: bool
    """Whether the whole order is refunded."""

    @property
    def amount(self) -> int:
        return sum(self.lines) + sum(self.charges) + self.other

    @property
    def left(self) -> int:
        return 0 if self.whole else max(self.total - self.amount, 0)

    @property
    def goods(self) -> int:
        """The refunded value of the goods."""
        return min(sum(self.lines) + self.other, self.values.goods)

    @property
    def extras(self) -> int:
        """The refunded value of the charges."""
        return min(self.amount - self.goods, self.values.extras)


@dataclass(frozen=True, slots=True)
class RefundStep:
    """One refund of an order: its value, and how much of the order was refunded before and is after it.

    The extents and the amount are None if the order's amount is unknown.
    """

    amount: int | None
    before: Extent | None
    after: Extent | None


def last_full_refund(rows: Iterable[Transaction]) -> int:
    """Returns the `seq` of the last refund that undid the whole order, or 0."""
    return max((row.seq for row in rows if row.refund and row.refund.kind == RefundType.FULL), default=0)


def refunded_extent(order: Order, histories: Iterable[Sequence[RefundDetails]]) -> Extent:
    """Returns how much of the order is refunded, by the refunds in each wallet.

    What was refunded in two wallets was returned once, so the larger of their refunds of a line or charge counts.
    """
    values = order_values(order)
    quantities, lines = [0] * len(order.items), [0] * len(order.items)
    charges, other, full = [0] * len(values.charges), 0, False
    for refunds in histories:
        of_items, of_charges = _item_sums(refunds), _charge_sums(refunds)
        own_items = [of_items.get(item.key, (0, 0)) for item in order.items]
        own_charges = [of_charges.get(charge.key, 0) for charge in values.charges]
        named = sum(value for _, value in own_items) + sum(own_charges)
        quantities = list(map(max, quantities, (quantity for quantity, _ in own_items)))
        lines = list(map(max, lines, (value for _, value in own_items)))
        charges = list(map(max, charges, own_charges))
        other = max(other, sum(refund.amount or 0 for refund in refunds) - named)
        full = full or any(refund.kind == RefundType.FULL for refund in refunds)
    if full:
        quantities = [item.quantity for item in order.items]
    # Refunds in two wallets may have named the same goods in different ways: together they are no more than the order.
    other = max(min(other, order.amount - sum(lines) - sum(charges)), 0)
    extent = Extent(values, order.amount, tuple(quantities), tuple(lines), tuple(charges), other, whole=full)
    return replace(extent, whole=full or _is_whole(order, extent))


def refund_step(order: Order | None, before: Extent | None, demand: RefundDemand) -> RefundStep:
    """Returns the step of the requested refund.

    Raises `OrderAmountUnknown` if the order's amount is needed and unknown, `RefundExceedsOrder` if less is left.
    """
    if order is None or before is None:
        if demand.kind is RefundType.FULL:
            return RefundStep(None, None, None)
        raise OrderAmountUnknown.of_field(
            "body.order", "No transaction of the order has its amount: send the order, or refund it FULL."
        )
    match demand.kind:
        case RefundType.FULL:
            quantities = tuple(item.quantity for item in order.items)
            after = replace(before, quantities=quantities, other=before.other + before.left, whole=True)
        case RefundType.AMOUNT:
            if demand.amount > before.left:
                raise refund_exceeds_order("amount", f"The order has {before.left} of {order.amount} left to refund.")
            after = replace(before, other=before.other + demand.amount)
        case RefundType.ITEMS:
            after = _return_charges(_return_items(before, order, demand.items), demand.charges)
            if after.amount - before.amount > before.left:
                raise refund_exceeds_order(
                    "items" if demand.items else "charges",
                    f"The returned goods and charges are worth {after.amount - before.amount}, and {before.left} of "
                    f"{order.amount} is left to refund. Refund this amount, or refund the order FULL.",
                )
    after = replace(after, whole=after.whole or _is_whole(order, after))
    return RefundStep(after.amount - before.amount, before, after)


def returned_between(order: Order, before: Extent, after: Extent) -> tuple[tuple[OrderItem, ...], tuple[Charge, ...]]:
    """Returns the items and charges that the later extent covers and the earlier one does not."""
    items = (
        replace(item, quantity=quantity - was, amount=value - worth)
        for item, was, quantity, worth, value in zip(
            order.items, before.quantities, after.quantities, before.lines, after.lines, strict=True
        )
    )
    charges = (
        replace(charge, amount=value - worth)
        for charge, worth, value in zip(after.values.charges, before.charges, after.charges, strict=True)
    )
    return (
        tuple(item for item in items if item.quantity > 0 or item.amount > 0),
        tuple(charge for charge in charges if charge.amount > 0),
    )


def require_amount_above(order: Order, extent: Extent, refunded: int, covered: int) -> None:
    """Refuses order details below what was `refunded` of the order, or paid for it with points (`covered`)."""
    least = max(refunded, covered)
    if order.amount < least:
        message = f"{least} of the order are already refunded or paid with points; the amount is {order.amount}."
        raise OrderDiffers.of_field("body.order.amount", message)
    for place, item in enumerate(order.items):
        if item.quantity < extent.quantities[place]:
            message = f"{extent.quantities[place]} of {item.product_id} are already refunded, and the order has fewer."
            raise OrderDiffers.of_field(f"body.order.items[{place}].quantity", message)


def proportion(points: int, part: int, total: int) -> int:
    return points * part // total if total else 0


def _return_items(before: Extent, order: Order, demanded: Sequence[ReturnedItem]) -> Extent:
    quantities, lines = list(before.quantities), list(before.lines)
    for place, wanted in enumerate(demanded):
        left = wanted.quantity
        for line, item in enumerate(order.items):
            if item.product_id != wanted.product_id or wanted.line_id not in (None, item.line_id):
                continue
            count = max(min(left, item.quantity - quantities[line]), 0)
            if count:
                quantities[line] += count
                left -= count
                # A target too: the line's last item makes its value exact.
                worth = proportion(before.values.lines[line], quantities[line], item.quantity)
                lines[line] = max(lines[line], worth)
        if left:
            message = f"{wanted.quantity - left} of {wanted.product_id} are left to refund, not {wanted.quantity}."
            raise refund_exceeds_order(f"items[{place}].quantity", message)
    return replace(before, quantities=tuple(quantities), lines=tuple(lines))


def _return_charges(before: Extent, demanded: Sequence[ReturnedCharge]) -> Extent:
    refunded = list(before.charges)
    for place, wanted in enumerate(demanded):
        rooms = {
            number: charge.amount - refunded[number]
            for number, charge in enumerate(before.values.charges)
            # A charge without value, such as free shipping, may be named with the goods.
            if charge.type is wanted.type and (charge.amount > refunded[number] or not charge.amount)
        }
        left = sum(rooms.values()) if wanted.amount is None else wanted.amount
        if not rooms or left > sum(rooms.values()):
            message = f"The order has {sum(rooms.values())} of its charges {wanted.type} left to refund."
            raise refund_exceeds_order(f"charges[{place}]", message)
        for number, room in rooms.items():
            part = min(left, room)
            refunded[number] += part
            left -= part
    return replace(before, charges=tuple(refunded))


def _is_whole(order: Order, extent: Extent) -> bool:
    """Returns whether the amount is refunded, or every line and charge is."""
    if order.amount and extent.amount >= order.amount:
        return True
    lines = all(count >= item.quantity for item, count in zip(order.items, extent.quantities, strict=True))
    charges = all(value >= one.amount for one, value in zip(extent.values.charges, extent.charges, strict=True))
    return bool(order.items or extent.values.charges) and lines and charges


def _item_sums(refunds: Iterable[RefundDetails]) -> dict[tuple[str, str | None], tuple[int, int]]:
    """Returns refunded quantity and value by line."""
    sums: dict[tuple[str, str | None], tuple[int, int]] = {}
    for refund in refunds:
        for item in refund.items:
            quantity, value = sums.get(item.key, (0, 0))
            sums[item.key] = quantity + item.quantity, value + item.amount
    return sums


def _charge_sums(refunds: Iterable[RefundDetails]) -> dict[tuple[ChargeType, str | None], int]:
    """Returns the refunded value by charge."""
    sums: dict[tuple[ChargeType, str | None], int] = {}
    for refund in refunds:
        for charge in refund.charges:
            sums[charge.key] = sums.get(charge.key, 0) + charge.amount
    return sums


def refund_exceeds_order(field: str, message: str) -> RefundExceedsOrder:
    return RefundExceedsOrder(message, errors=[FieldProblem(f"body.{field}", "exceeds_order", message)])
