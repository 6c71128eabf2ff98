"""Reward rules: how many points an event gives, computed exactly and rounded once."""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import compress
from math import ceil, floor

from loyalty.domain.cards.card import POINTS_MAX
from loyalty.domain.earning.campaign import ORDER_AMOUNT, Outcome, PointsRounding, RewardRule, RewardType
from loyalty.domain.earning.event import Document, Event, lines_of, number_in, value_at
from loyalty.domain.order_values import order_values

ITEMS_AMOUNT = "order.items.amount"
ITEMS_QUANTITY = "order.items.quantity"
MONEY = (ORDER_AMOUNT, ITEMS_AMOUNT)
"""The values in minor units of the currency."""
DRAW_BITS = 64

LineFilter = Callable[[Document], bool]
"""Returns whether a line of the order counts for a reward rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What reward rules compute with."""

    event: Event
    read: Document
    """The event's document."""
    exponent: int
    """Of the project's currency."""
    net_amount: int | None = None
    """The order's amount less what points paid, in minor units; None if points paid nothing."""


@dataclass(frozen=True, slots=True)
class RewardPoints:
    """The points of a reward rule: base times factor, rounded; 0 if this rounds to nothing."""

    points: int
    base: Fraction
    factor: Fraction
    draw: int | None = None
    """RANDOM: the number that decided."""


def exact_text(value: Fraction) -> str:
    """Returns the value as a decimal number, such as 68.25; as a fraction, such as 100/3, if no decimal is exact."""
    rest, digits = value.denominator, 0
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest, power = rest // prime, power + 1
        digits = max(digits, power)
    if rest != 1 or digits == 0:
        return str(value)
    whole, part = divmod(abs(value.numerator) * 10**digits // value.denominator, 10**digits)
    return f"{'-' if value < 0 else ''}{whole}.{part:0{digits}d}"


def every_line(line: Document) -> bool:
    """Counts all lines: the filter of a reward rule without a pattern for lines."""
    return True


def reward_points(
    rule: RewardRule, reward_no: int, inputs: Inputs, *, seed: bytes, factor: Fraction, counts: LineFilter = every_line
) -> RewardPoints | None:
    """Returns the points of the campaign's reward rule with this number; None if its value is missing or not a number.

    A value below 0 gives no points.
    """
    draw: int | None = None
    match rule.type:
        case RewardType.FIXED:
            base: Fraction | None = Fraction(rule.points)
        case RewardType.RANDOM:
            draw, second = draw_numbers(seed, inputs.event, reward_no)
            base = Fraction(outcome_points(rule.outcomes, draw, second))
        case RewardType.PERCENTAGE:
            base = _percentage(rule, inputs, counts)
        case RewardType.PROPORTIONAL:
            base = _proportional(rule, inputs, counts)
    if base is None:
        return None
    base = max(base, Fraction(0))
    return RewardPoints(points_of(rule, base, factor), base, factor, draw)


def points_of(rule: RewardRule, base: Fraction, factor: Fraction) -> int:
    """Returns the points that the rule gives for its base, before any limit of campaign, customer and wallet."""
    points = rounded_points(base * factor, rule.rounding)
    return min(points, POINTS_MAX if rule.max_points is None else rule.max_points)


def possible_points(rule: RewardRule, factor: Fraction) -> tuple[int, int] | None:
    """Returns the fewest and the most points of a RANDOM reward rule; None for another type."""
    if rule.type is not RewardType.RANDOM:
        return None
    fewest = min(outcome.low for outcome in rule.outcomes)
    most = max(outcome.high for outcome in rule.outcomes)
    low, high = (points_of(rule, Fraction(one), factor) for one in (fewest, most))
    return low, high


def rounded_points(points: Fraction, rounding: PointsRounding) -> int:
    """Returns whole points."""
    match rounding:
        case PointsRounding.DOWN:
            return floor(points)
        case PointsRounding.HALF_UP:
            return floor(points + Fraction(1, 2))
        case PointsRounding.UP:
            return ceil(points)


def draw_numbers(seed: bytes, event: Event, reward_no: int) -> tuple[int, int]:
    """Returns two numbers of 64 bits.

    The same event always draws the same numbers: it cannot be sent again for a better result, and an audit can
    compute the result.
    """
    text = "\n".join((event.customer_id, event.name, event.key, str(reward_no)))
    digest = hmac.digest(seed, text.encode(), "sha256")
    return int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:16], "big")


def outcome_points(outcomes: Sequence[Outcome], draw: int, second: int) -> int:
    """Returns the points of the outcome that `draw` decides by weight; `second` decides between its bounds."""
    place = draw * sum(outcome.weight for outcome in outcomes) >> DRAW_BITS
    for outcome in outcomes:
        place -= outcome.weight
        if place < 0:
            return outcome.low + (second * (outcome.high - outcome.low + 1) >> DRAW_BITS)
    raise ValueError("a random reward needs outcomes")


def _percentage(rule: RewardRule, inputs: Inputs, counts: LineFilter) -> Fraction | None:
    value = _value(rule, inputs, counts)
    if value is None:
        return None
    units = 10**inputs.exponent if rule.of in MONEY else 1
    return value / units * Fraction(rule.percent) / 100


def _proportional(rule: RewardRule, inputs: Inputs, counts: LineFilter) -> Fraction | None:
    value = _value(rule, inputs, counts)
    if value is None:
        return None
    parts = value / Fraction(rule.every)
    return (parts if rule.pro_rata else floor(parts)) * Fraction(rule.points)


def _value(rule: RewardRule, inputs: Inputs, counts: LineFilter) -> Fraction | None:
    """Returns the value at the rule's path, money in minor units; None if it is missing or not a number."""
    order = inputs.event.order
    if order is None or rule.of not in (ORDER_AMOUNT, ITEMS_AMOUNT, ITEMS_QUANTITY):
        return number_in(value_at(inputs.read, rule.of))
    if rule.of == ORDER_AMOUNT:
        return order.amount * _net_share(rule, inputs)
    if not order.items:
        return None
    counted = [counts(line) for line in lines_of(inputs.event)]
    if rule.of == ITEMS_QUANTITY:
        return Fraction(sum(item.quantity for item in compress(order.items, counted)))
    # The values of lines include the discounts on the whole order, their amounts may not.
    return sum(compress(order_values(order).lines, counted)) * _net_share(rule, inputs)


def _net_share(rule: RewardRule, inputs: Inputs) -> Fraction:
    """Returns the share of the order that earns points: all but what points paid."""
    order = inputs.event.order
    if order is None or not order.amount or inputs.net_amount is None or rule.earn_on_points_paid:
        return Fraction(1)
    return Fraction(inputs.net_amount, order.amount)
