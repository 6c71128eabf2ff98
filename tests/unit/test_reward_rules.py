"""Reward rules: the exact points of an event, rounded once; random points that can be computed again."""

import hashlib
import hmac
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from loyalty.domain.cards.card import POINTS_MAX
from loyalty.domain.currency import exponent_of
from loyalty.domain.earning.campaign import Multiplier, Outcome, PointsRounding, RewardRule, RewardType
from loyalty.domain.earning.event import CustomerDetails, Document, Event, document
from loyalty.domain.earning.multipliers import factor_for
from loyalty.domain.earning.rewards import (
    Inputs,
    LineFilter,
    RewardPoints,
    draw_numbers,
    every_line,
    exact_text,
    outcome_points,
    reward_points,
)
from loyalty.domain.order import Charge, ChargeType, OrderItem
from tests.support.campaigns import fixed, happened, order, paid, per, percentage, reward

DOWN, HALF_UP, UP = PointsRounding
SEED = bytes(range(32))


def result(
    rule: RewardRule,
    event: Event,
    *,
    factor: str = "1",
    currency: str = "USD",
    net: int | None = None,
    counts: LineFilter = every_line,
) -> RewardPoints | None:
    inputs = Inputs(
        event=event, read=document(event, CustomerDetails()), exponent=exponent_of(currency), net_amount=net
    )
    return reward_points(rule, 0, inputs, seed=SEED, factor=Fraction(factor), counts=counts)


def points(rule: RewardRule, event: Event, **more: Any) -> int | None:
    found = result(rule, event, **more)
    return found.points if found else None


def of_category(category: str) -> LineFilter:
    def counts(line: Document) -> bool:
        return category in line.get("categories", ())

    return counts


SHOES_AND_HATS = paid(
    0,
    order=order(10_000, ("boots", 3_000), ("cap", 7_000)),
    categories={("boots", None): ("shoes", "winter"), ("cap", None): ("hats",)},
)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # Whole parts of 100: 45 times 1.5 is 67.5.
        (per(100), 67),
        (per(100, rounding=HALF_UP), 68),
        (per(100, rounding=UP), 68),
        # Parts count: 45.5 times 1.5 is 68.25.
        (per(100, pro_rata=True), 68),
        (per(100, pro_rata=True, rounding=HALF_UP), 68),
        (per(100, pro_rata=True, rounding=UP), 69),
    ],
)
def test_points_are_rounded_once_after_the_factor(rule: RewardRule, expected: int) -> None:
    assert points(rule, paid(4_550), factor="1.5") == expected


def test_the_result_has_the_exact_base_and_factor() -> None:
    assert result(per(100, pro_rata=True), paid(4_550), factor="1.5") == RewardPoints(
        68, Fraction("45.5"), Fraction("1.5")
    )
    third = result(per(3, pro_rata=True), paid(100))
    assert third == RewardPoints(33, Fraction(100, 3), Fraction(1))


@pytest.mark.parametrize(("currency", "expected"), [("USD", 12), ("JPY", 1_234), ("KWD", 1), ("CLF", 0)])
def test_a_percentage_of_money_is_of_major_units(currency: str, expected: int) -> None:
    assert points(percentage("10"), paid(12_345), currency=currency) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(250, 25), (250.5, 25), (Decimal("259.99"), 25), (0.1, 0), (-100, 0), (0, 0)]
)
def test_a_percentage_of_a_property_is_of_the_number_as_it_is(value: Any, expected: int) -> None:
    assert points(percentage("10", of="properties.steps"), happened("walked", steps=value)) == expected


def test_numbers_with_decimals_are_read_exactly() -> None:
    # With binary numbers, 0.3 / 0.1 is less than 3.
    assert points(per("0.1", of="properties.km", points=10), happened("ran", km=0.3)) == 30
    assert points(percentage("0.29"), paid(100_000)) == 2
    assert points(percentage("0.3"), paid(100_000)) == 3


@pytest.mark.parametrize(
    ("amount", "expected"), [(25_000, 200), (9_999, 0), (10_000, 100), (19_999, 100), (20_000, 200)]
)
def test_a_proportional_reward_counts_whole_parts_of_money_in_minor_units(amount: int, expected: int) -> None:
    assert points(per(10_000, 100), paid(amount)) == expected
    assert points(per(10_000, 100), paid(amount), currency="JPY") == expected


def test_a_part_can_have_decimals() -> None:
    assert points(per("12.5", of="properties.km"), happened("ran", km=100)) == 8


def test_a_maximum_cuts_after_rounding() -> None:
    assert points(percentage("10", max_points=50), paid(12_345)) == 12
    assert points(percentage("10", max_points=50), paid(90_000)) == 50
    assert points(percentage("10", max_points=50), paid(90_000), factor="1000") == 50


def test_no_reward_exceeds_the_points_of_one_credit() -> None:
    assert points(percentage("1000", of="properties.score"), happened("won", score=1e300)) == POINTS_MAX


def test_points_paid_earn_nothing_unless_the_rule_says_so() -> None:
    assert points(per(100), paid(10_000), net=6_000) == 60
    assert points(per(100, earn_on_points_paid=True), paid(10_000), net=6_000) == 100
    assert points(per(100), paid(10_000), net=0) == 0
    assert points(per(100), paid(0), net=0) == 0


def test_only_lines_of_the_category_count_and_only_their_part_paid_with_money() -> None:
    rule = per(100, of="order.items.amount", items={"categories": ["shoes"]})
    shoes = of_category("shoes")
    assert points(rule, SHOES_AND_HATS, counts=shoes) == 30
    assert points(rule, SHOES_AND_HATS, counts=shoes, net=5_000) == 15
    assert points(replace(rule, earn_on_points_paid=True), SHOES_AND_HATS, counts=shoes, net=5_000) == 30
    assert points(rule, SHOES_AND_HATS, counts=of_category("socks")) == 0


def test_the_part_of_lines_paid_with_money_is_not_rounded_before_the_points() -> None:
    # 3000 * 3333 / 10000 is 999.9, and 999.9 per 3 is 333.3.
    rule = per(3, of="order.items.amount", pro_rata=True)
    found = result(rule, SHOES_AND_HATS, counts=of_category("shoes"), net=3_333)
    assert found == RewardPoints(333, Fraction("333.3"), Fraction(1))


def test_a_discount_on_the_order_reduces_the_lines() -> None:
    discount = Charge(ChargeType.DISCOUNT, -1_000)
    event = paid(0, order=order(9_000, ("boots", 3_000), ("cap", 7_000), charges=(discount,)))
    assert points(per(100, of="order.items.amount"), event) == 90
    boots = per(100, of="order.items.amount")
    assert points(boots, event, counts=lambda line: line["productId"] == "boots") == 27


def test_shipping_is_no_part_of_the_lines() -> None:
    shipping = Charge(ChargeType.SHIPPING, 500)
    event = paid(0, order=order(10_500, ("boots", 3_000), ("cap", 7_000), charges=(shipping,)))
    assert points(per(100, of="order.items.amount"), event) == 100
    assert points(per(100), event) == 105


def test_quantities_of_matching_lines_are_counted() -> None:
    items = (OrderItem("boots", 2, 3_000), OrderItem("cap", 5, 7_000))
    event = paid(0, order=order(10_000, items=items))
    rule = per(1, 10, of="order.items.quantity")
    assert points(rule, event) == 70
    assert points(rule, event, counts=lambda line: line["productId"] == "cap") == 50
    # Points paid reduce money, not quantities.
    assert points(rule, event, net=5_000) == 70


@pytest.mark.parametrize(
    ("of", "event"),
    [
        ("order.amount", happened("review.created")),
        ("order.items.amount", happened("review.created")),
        ("order.items.amount", paid(10_000)),
        ("order.items.quantity", paid(10_000)),
        ("properties.steps", happened("walked")),
        ("properties.steps", happened("walked", steps="100")),
        ("properties.steps", happened("walked", steps=True)),
        ("properties.steps", happened("walked", steps=None)),
        ("properties.steps", happened("walked", steps=[100])),
        ("properties.steps.today", happened("walked", steps=100)),
    ],
)
def test_a_value_that_is_missing_or_not_a_number_gives_no_points(of: str, event: Event) -> None:
    assert result(percentage("10", of=of), event) is None
    assert result(per(10, of=of), event) is None


def test_a_nested_property_has_a_path() -> None:
    assert points(per(10, of="properties.steps.today"), happened("walked", steps={"today": 95})) == 9


def test_a_fixed_reward_reads_no_value() -> None:
    assert points(fixed(20), happened("review.created")) == 20


WEIGHTED = (Outcome(10, 10, 70), Outcome(50, 50, 20), Outcome(500, 500, 10))
RANDOM = reward(RewardType.RANDOM, outcomes=WEIGHTED)


def test_random_outcomes_are_as_frequent_as_their_weights() -> None:
    draws = (draw_numbers(SEED, happened("spin", f"e{number}"), 0) for number in range(100_000))
    found = Counter(outcome_points(WEIGHTED, *draw) for draw in draws)
    expected = {10: 70_000, 50: 20_000, 500: 10_000}
    assert found.keys() == expected.keys()
    # With 2 degrees of freedom, chi-square exceeds 13.816 with a probability of 0.001.
    assert sum((found[outcome] - count) ** 2 / count for outcome, count in expected.items()) < 13.816


def test_points_between_two_bounds_are_equally_frequent() -> None:
    outcomes = (Outcome(1, 6),)
    draws = (draw_numbers(SEED, happened("dice", f"e{number}"), 0) for number in range(12_000))
    found = Counter(outcome_points(outcomes, *draw) for draw in draws)
    assert sorted(found) == [1, 2, 3, 4, 5, 6]
    # With 5 degrees of freedom, chi-square exceeds 20.515 with a probability of 0.001.
    assert sum((count - 2_000) ** 2 / 2_000 for count in found.values()) < 20.515


def test_anyone_with_the_seed_can_compute_a_draw_again() -> None:
    event = happened("spin", "e17")
    digest = hmac.new(SEED, b"ann\nspin\ne17\n0", hashlib.sha256).digest()
    draw = int.from_bytes(digest[:8], "big")
    place = draw * 100 >> 64
    expected = 10 if place < 70 else 50 if place < 90 else 500

    found = result(RANDOM, event)
    assert found == RewardPoints(expected, Fraction(expected), Fraction(1), draw)
    assert result(RANDOM, event) == found


def test_the_draw_depends_on_customer_event_and_reward() -> None:
    event = happened("spin", "e17")
    others = [
        draw_numbers(SEED, replace(event, customer_id="bob"), 0),
        draw_numbers(SEED, replace(event, name="roll"), 0),
        draw_numbers(SEED, replace(event, key="e18"), 0),
        draw_numbers(SEED, event, 1),
        draw_numbers(bytes(32), event, 0),
    ]
    assert len({draw_numbers(SEED, event, 0), *others}) == 6
    assert draw_numbers(SEED, replace(event, occurred_at=1, properties={"a": 1}), 0) == draw_numbers(SEED, event, 0)


@pytest.mark.parametrize(
    ("draw", "second", "expected"),
    [
        (0, 0, 1),
        (0, 2**64 - 1, 3),
        # Half of all numbers are below the second outcome.
        (2**63 - 1, 2**63, 2),
        (2**63, 0, 100),
        (2**64 - 1, 2**64 - 1, 100),
    ],
)
def test_the_bounds_of_outcomes_are_reached_by_the_smallest_and_largest_numbers(
    draw: int, second: int, expected: int
) -> None:
    assert outcome_points((Outcome(1, 3, 5), Outcome(100, 100, 5)), draw, second) == expected


def factor(*multipliers: Multiplier, rule: RewardRule | None = None) -> Fraction:
    return factor_for(rule or per(100), "purchases", multipliers)


def times(number: str, **more: Any) -> Multiplier:
    return Multiplier(factor=Decimal(number), **more)


def test_the_largest_factor_wins_unless_multipliers_stack() -> None:
    assert factor() == 1
    assert factor(times("2"), times("3"), times("1.5")) == 3
    assert factor(times("2", stack=True), times("3", stack=True)) == 6
    assert factor(times("2"), times("3"), times("1.5", stack=True)) == Fraction("4.5")
    assert factor(times("1.5", stack=True)) == Fraction("1.5")


def test_stacked_factors_are_exact_and_at_most_a_thousand() -> None:
    many = [times("1.01", stack=True)] * 50
    assert factor(*many) == Fraction(101, 100) ** 50
    assert factor(*[times("10", stack=True)] * 3) == 1_000
    assert factor(*[times("100", stack=True)] * 3) == 1_000


def test_a_multiplier_applies_to_its_types_wallets_and_campaigns_only() -> None:
    assert factor(times("2"), rule=fixed(100)) == 1
    assert factor(times("2"), rule=RANDOM) == 1
    assert factor(times("2"), rule=percentage("10")) == 2
    assert factor(times("2", types=(RewardType.FIXED,)), rule=fixed(100)) == 2
    assert factor(times("2", types=(RewardType.FIXED,))) == 1
    assert factor(times("2", wallets=("points", "stars"))) == 2
    assert factor(times("2", wallets=("stars",))) == 1
    assert factor(times("2", campaigns=("purchases",))) == 2
    assert factor(times("2", campaigns=("reviews",))) == 1


@pytest.mark.parametrize(
    ("currency", "exponent"), [("USD", 2), ("EUR", 2), ("JPY", 0), ("KRW", 0), ("ISK", 0), ("KWD", 3), ("CLF", 4)]
)
def test_a_currency_has_the_exponent_of_iso_4217(currency: str, exponent: int) -> None:
    assert exponent_of(currency) == exponent


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(200), "200"),
        (Fraction(3, 2), "1.5"),
        (Fraction(273, 4), "68.25"),
        (Fraction(1, 3), "1/3"),
        (Fraction(1, 80), "0.0125"),
        (Fraction(-5, 4), "-1.25"),
        (Fraction(10**30 + 1, 10), "100000000000000000000000000000.1"),
    ],
)
def test_points_before_rounding_are_written_as_a_decimal_number_where_one_is_exact(value: Fraction, text: str) -> None:
    assert exact_text(value) == text
    assert Fraction(text) == value
