"""What each line and charge of an order is worth: the replay's own sum, by the documented rules and no product code."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from scripts.replay.orders import DISCOUNT, Charge, Order

ROUNDING_SHARE = 100
"""A rest below a hundredth of the amount may be rounding."""


@dataclass(frozen=True, slots=True)
class Values:
    """Pence that add up to the order's amount: of each item in its place, and of the charges without discounts."""

    items: tuple[int, ...]
    charges: tuple[Charge, ...]


def values_of(order: Order) -> Values:
    charges = [charge for charge in order.charges if charge.type != DISCOUNT]
    goods = sum(item.pence for item in order.items)
    rest = order.pence - goods - sum(charge.pence for charge in charges)
    is_rounding = rest <= len(order.items) and rest * ROUNDING_SHARE < order.pence
    if rest > 0 and (not goods or not (order.charges or is_rounding)):
        charges.append(Charge("OTHER", rest))
        rest = 0
    for_goods = max(goods + rest, 0)
    shares = share(order.pence - for_goods, [charge.pence for charge in charges])
    return Values(
        tuple(share(for_goods, [item.pence for item in order.items])),
        tuple(replace(charge, pence=pence) for charge, pence in zip(charges, shares, strict=True)),
    )


def share(pence: int, weights: Sequence[int]) -> list[int]:
    """Divides an amount by weights: whole pence first, then one more for the largest fractions, earlier ones first."""
    total = sum(weights)
    exact = [Fraction(pence * weight, total) if total else Fraction(0) for weight in weights]
    shares = [int(part) for part in exact]
    missing = pence - sum(shares) if total else 0
    for place in sorted(range(len(exact)), key=lambda place: shares[place] - exact[place])[:missing]:
        shares[place] += 1
    return shares
