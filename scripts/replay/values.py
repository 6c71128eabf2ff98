"""What each line and charge of an order is worth: the replay's own sum, by the documented rules and no product code."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from scripts.replay.orders import DISCOUNT, Charge, Item, Order

ROUNDING_SHARE = 100
"""A rest below a hundredth of the amount may be rounding."""


@dataclass(frozen=True, slots=True)
class Values:
    """Items, and charges without discounts, whose amounts add up to the order's amount."""

    items: tuple[Item, ...]
    charges: tuple[Charge, ...]


def values_of(order: Order) -> Values:
    items, charges = _merged(order)
    goods = sum(item.amount for item in items)
    rest = order.amount - goods - sum(charge.amount for charge in charges)
    is_rounding = rest <= len(items) and rest * ROUNDING_SHARE < order.amount
    if rest > 0 and (not goods or not (order.charges or is_rounding)):
        items, charges = _merged(replace(order, charges=(*order.charges, Charge("OTHER", rest))))
        rest = 0
    for_goods = max(goods + rest, 0)
    of_items = share(for_goods, [item.amount for item in items])
    of_charges = share(order.amount - for_goods, [charge.amount for charge in charges])
    return Values(
        tuple(replace(item, amount=amount) for item, amount in zip(items, of_items, strict=True)),
        tuple(replace(charge, amount=amount) for charge, amount in zip(charges, of_charges, strict=True)),
    )


def share(amount: int, weights: Sequence[int]) -> list[int]:
    """Divides an amount by weights: whole units first, then one more for the largest fractions, earlier ones first."""
    total = sum(weights)
    exact = [Fraction(amount * weight, total) if total else Fraction(0) for weight in weights]
    shares = [int(part) for part in exact]
    missing = amount - sum(shares) if total else 0
    for place in sorted(range(len(exact)), key=lambda place: shares[place] - exact[place])[:missing]:
        shares[place] += 1
    return shares


def _merged(order: Order) -> tuple[list[Item], list[Charge]]:
    """Adds up lines of one product without an id of their own, and charges with the same type and label."""
    items: dict[tuple[str, str | None], Item] = {}
    for item in order.items:
        known = items.get(key := (item.product_id, item.line_id), replace(item, quantity=0, amount=0))
        items[key] = replace(item, quantity=known.quantity + item.quantity, amount=known.amount + item.amount)
    charges: dict[tuple[str, str | None], Charge] = {}
    for charge in order.charges:
        if charge.type != DISCOUNT:
            before = charges.get(name := (charge.type, charge.label), replace(charge, amount=0))
            charges[name] = replace(charge, amount=before.amount + charge.amount)
    return list(items.values()), list(charges.values())
