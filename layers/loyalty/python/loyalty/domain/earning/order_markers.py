"""Markers: what is known of an order that was refunded, in part or completely, before it was paid."""

from dataclasses import replace

from loyalty.domain.earning.receipt import OrderStatus, Receipt
from loyalty.domain.order import Order


def is_undone_before(receipt: Receipt | None, amount: int) -> bool:
    """Returns whether an order of this amount was refunded completely before it was paid."""
    if receipt is None or not receipt.is_marker:
        return False
    return receipt.status is OrderStatus.CANCELED or (receipt.refunded or 0) >= amount


def net_order(order: Order, marker: Receipt) -> Order:
    """Returns the order less what was refunded before it was paid.

    Lines stay for conditions and for the shares of their values: together they are worth the lower amount.
    """
    return replace(order, amount=order.amount - (marker.refunded or 0))


def without_lines(order: Order) -> Order:
    """Returns the order details that rows of a net order record: a later refund counts from the net amount alone."""
    return replace(order, items=(), charges=())
