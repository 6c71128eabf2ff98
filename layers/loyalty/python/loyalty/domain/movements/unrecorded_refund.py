"""A refund of an order that has no transactions: of its amount alone, by its receipt or marker."""

from dataclasses import dataclass

from loyalty.domain.cards.transaction import RefundType
from loyalty.domain.earning.receipt import OrderStatus, Receipt
from loyalty.domain.movements.refund_amounts import RefundDemand, refund_exceeds_order, refund_step, refunded_extent
from loyalty.domain.order import Order
from loyalty.errors import NothingToRefund


@dataclass(frozen=True, slots=True)
class UnrecordedRefund:
    """A refund of an order that has no transactions."""

    amount: int | None
    """The refunded amount in minor units; None if the order's amount is unknown."""
    refunded: int | None
    """The refunded amount with all earlier refunds."""
    is_whole: bool
    """Whether nothing of the order is left."""


def unrecorded_refund(receipt: Receipt | None, demand: RefundDemand, sent: Order | None) -> UnrecordedRefund:
    """Returns the requested refund of an order without transactions, by its receipt or marker.

    `sent` are order details that come with the request. Raises `OrderAmountUnknown` if the amount cannot be computed,
    `RefundExceedsOrder` if less is left, and `NothingToRefund` if nothing is left at all.
    """
    total = receipt.order_amount if receipt else None
    if total is None and sent:
        total = sent.amount
    before = receipt.refunded if receipt else None
    left = None if total is None else max(total - (before or 0), 0)
    is_canceled = receipt is not None and (receipt.status is OrderStatus.CANCELED or receipt.uncounted)
    if is_canceled or (before and left == 0):
        raise NothingToRefund("Earlier refunds covered the whole order.")
    if demand.kind is RefundType.FULL:
        return UnrecordedRefund(left, before if left is None else (before or 0) + left, is_whole=True)
    amount = demand.amount
    if demand.kind is RefundType.ITEMS:
        step = refund_step(sent, refunded_extent(sent, []) if sent else None, demand)
        assert step.amount is not None, "the order's details are known"
        amount = step.amount
    if left is not None and amount > left:
        field = "amount" if demand.kind is RefundType.AMOUNT else "items" if demand.items else "charges"
        raise refund_exceeds_order(field, f"The order has {left} of {total} left to refund.")
    return UnrecordedRefund(amount, (before or 0) + amount, is_whole=amount == left)
