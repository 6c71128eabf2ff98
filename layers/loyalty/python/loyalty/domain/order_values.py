"""The value of each line and charge of an order. Together they are worth exactly the order's amount.

A shop's lines and charges do not always add up to its amount: discounts on the whole order, freight that only the
amount includes, and rounded prices are usual. Refunds need values that do add up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from loyalty.domain.order import Charge, ChargeType, Order

ROUNDING_SHARE = 100
"""A rest below a hundredth of the amount can be rounding; a larger rest is a charge."""


@dataclass(frozen=True, slots=True)
class OrderValues:
    """The values in minor units: of the order's lines, in their order, and of charges without discounts."""

    lines: tuple[int, ...]
    charges: tuple[Charge, ...]

    @property
    def goods(self) -> int:
        return sum(self.lines)

    @property
    def extras(self) -> int:
        return sum(charge.amount for charge in self.charges)


def order_values(order: Order) -> OrderValues:
    """Returns the values of the order's lines and charges.

    Discounts reduce the lines in proportion to their amounts, and charges only once the lines are worth nothing. If the
    order has no charges and its lines are worth less than its amount, the rest is a charge OTHER, unless it is so small
    that the shop's rounding explains it. Any other difference from the amount is shared over the lines too.
    """
    lines = [item.amount for item in order.items]
    charges = [charge for charge in order.charges if charge.type is not ChargeType.DISCOUNT]
    goods = sum(lines)
    rest = order.amount - goods - sum(charge.amount for charge in charges)
    is_charge = not goods or (not order.charges and not _is_rounding(rest, order))
    if rest > 0 and is_charge:
        return OrderValues(tuple(lines), _with_rest(charges, rest))
    if goods + rest < 0:
        # The discounts exceed the goods.
        worth = divide(order.amount, [charge.amount for charge in charges])
        return OrderValues(
            (0,) * len(lines),
            tuple(replace(charge, amount=amount) for charge, amount in zip(charges, worth, strict=True)),
        )
    return OrderValues(tuple(divide(goods + rest, lines)), tuple(charges))


def divide(total: int, weights: Sequence[int]) -> list[int]:
    """Shares the total in proportion to the weights, exactly: by largest remainder, earlier ones first."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [divmod(total * weight, whole) for weight in weights]
    shares = [share for share, _ in parts]
    by_remainder = sorted(range(len(parts)), key=lambda place: -parts[place][1])
    for place in by_remainder[: total - sum(shares)]:
        shares[place] += 1
    return shares


def _is_rounding(rest: int, order: Order) -> bool:
    """Returns whether rounding the price of each line by one minor unit can explain the rest."""
    return rest <= len(order.items) and rest * ROUNDING_SHARE < order.amount


def _with_rest(charges: Sequence[Charge], rest: int) -> tuple[Charge, ...]:
    """Returns the charges with the rest as a charge OTHER without a label."""
    other = Charge(ChargeType.OTHER, rest)
    if other.key not in (charge.key for charge in charges):
        return (*charges, other)
    return tuple(
        replace(charge, amount=charge.amount + rest) if charge.key == other.key else charge for charge in charges
    )
