"""The shop's order that a movement belongs to: its gross amount in minor units, its lines and its charges."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

ITEMS_MAX = 1_000
CHARGES_MAX = 20


class ChargeType(StrEnum):
    """What an order costs or saves beside its lines. A DISCOUNT has an amount of 0 or less, other charges 0 or more."""

    SHIPPING = "SHIPPING"
    TAX = "TAX"
    FEE = "FEE"
    TIP = "TIP"
    GIFT_CARD = "GIFT_CARD"
    DISCOUNT = "DISCOUNT"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One product of the order; `amount` is the amount of the whole line."""

    product_id: str
    quantity: int
    amount: int
    line_id: str | None = None

    @property
    def key(self) -> tuple[str, str | None]:
        """What identifies the line, also in order details that were sent later."""
        return self.product_id, self.line_id

    @property
    def as_tuple(self) -> tuple[str | int, ...]:
        own = (self.product_id, self.quantity, self.amount)
        return own if self.line_id is None else (*own, self.line_id)


@dataclass(frozen=True, slots=True)
class Charge:
    type: ChargeType
    amount: int
    label: str | None = None

    @property
    def key(self) -> tuple[ChargeType, str | None]:
        """What identifies the charge, also in order details that were sent later."""
        return self.type, self.label

    @property
    def as_tuple(self) -> tuple[str | int, ...]:
        own = (self.type.value, self.amount)
        return own if self.label is None else (*own, self.label)


@dataclass(frozen=True, slots=True)
class Order:
    amount: int
    currency: str | None
    """The project's currency; None until the order is recorded."""
    items: tuple[OrderItem, ...] = ()
    metadata: str | None = None
    """JSON text as sent."""
    charges: tuple[Charge, ...] = ()


def merged_items(items: Iterable[OrderItem]) -> tuple[OrderItem, ...]:
    """Merges lines with the same productId into one line, unless they have a lineId."""
    lines: dict[tuple[str, str | None], OrderItem] = {}
    for item in items:
        known = lines.get(item.key)
        lines[item.key] = (
            item
            if known is None
            else replace(item, quantity=known.quantity + item.quantity, amount=known.amount + item.amount)
        )
    return tuple(lines.values())


def merged_charges(charges: Iterable[Charge]) -> tuple[Charge, ...]:
    """Merges charges with the same type and label into one charge."""
    merged: dict[tuple[ChargeType, str | None], Charge] = {}
    for charge in charges:
        known = merged.get(charge.key)
        merged[charge.key] = charge if known is None else replace(charge, amount=known.amount + charge.amount)
    return tuple(merged.values())


def latest_details(sent: Iterable[Order]) -> Order | None:
    """Returns the order details by the last of those sent, oldest first.

    Details that leave out lines, charges or metadata keep those that were sent before under the same amount.
    """
    latest: Order | None = None
    for order in sent:
        latest = order if latest is None or latest.amount != order.amount else _with_omitted_parts(order, latest)
    return latest


def _with_omitted_parts(order: Order, earlier: Order) -> Order:
    return replace(
        order,
        items=order.items or earlier.items,
        charges=order.charges or earlier.charges,
        metadata=earlier.metadata if order.metadata is None else order.metadata,
    )
