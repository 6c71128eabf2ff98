"""The shop's order that a movement belongs to: its gross amount in minor units and its lines."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from loyalty.errors import OrderDiffers

ITEMS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One product of the order; `amount` is the amount of the whole line."""

    product_id: str
    quantity: int
    amount: int
    line_id: str | None = None

    @property
    def as_tuple(self) -> tuple[str | int, ...]:
        own = (self.product_id, self.quantity, self.amount)
        return own if self.line_id is None else (*own, self.line_id)


@dataclass(frozen=True, slots=True)
class Order:
    amount: int
    currency: str | None
    """The project's currency; None until the order is recorded."""
    items: tuple[OrderItem, ...] = ()
    metadata: str | None = None
    """JSON text as sent."""


def merged_items(items: Iterable[OrderItem]) -> tuple[OrderItem, ...]:
    """Merges lines with the same productId into one line, unless they have a lineId."""
    lines: dict[tuple[str, str | None], OrderItem] = {}
    for item in items:
        key = (item.product_id, item.line_id)
        known = lines.get(key)
        lines[key] = (
            item
            if known is None
            else replace(item, quantity=known.quantity + item.quantity, amount=known.amount + item.amount)
        )
    return tuple(lines.values())


def agreed_order(recorded: Order | None, sent: Order | None) -> Order | None:
    """Returns the order details: those of the order's first row with details. A later row omits or repeats them."""
    if recorded is None or sent is None:
        return recorded or sent
    if recorded.amount != sent.amount or (sent.items and set(recorded.items) != set(sent.items)):
        raise OrderDiffers(
            f"The order was recorded with amount {recorded.amount} and {len(recorded.items)} items. "
            "Send the same order details or none."
        )
    return recorded
