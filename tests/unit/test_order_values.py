"""The values of lines and charges: they add up to the order's amount, whatever the shop sends."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.domain.order import Charge, ChargeType, Order, OrderItem, merged_charges
from loyalty.domain.order_values import divide, order_values

SHIPPING, TAX, DISCOUNT, OTHER = ChargeType.SHIPPING, ChargeType.TAX, ChargeType.DISCOUNT, ChargeType.OTHER


def order(amount: int, lines: list[int], *charges: tuple[ChargeType, int]) -> Order:
    items = tuple(OrderItem(f"sku-{place}", 1, value) for place, value in enumerate(lines))
    return Order(amount, "EUR", items, charges=tuple(Charge(type_, value) for type_, value in charges))


@pytest.mark.parametrize(
    ("sent", "lines", "charges"),
    [
        # As sent, because everything adds up.
        (order(1_500, [1_000, 500]), (1_000, 500), ()),
        (order(2_190, [1_000, 500], (SHIPPING, 490), (TAX, 200)), (1_000, 500), ((SHIPPING, 490), (TAX, 200))),
        # A discount is shared over the lines, sent as a charge or not.
        (order(16_800, [15_000, 6_000]), (12_000, 4_800), ()),
        (order(16_800, [15_000, 6_000], (DISCOUNT, -4_200)), (12_000, 4_800), ()),
        (order(2_390, [1_500, 1_000], (SHIPPING, 490), (DISCOUNT, -600)), (1_140, 760), ((SHIPPING, 490),)),
        # By largest remainder, earlier lines first.
        (order(100, [50, 50, 50]), (34, 33, 33), ()),
        (order(200, [100, 101, 99]), (67, 67, 66), ()),
        # The rest of an order without charges is a charge of its own.
        (order(2_000, [1_000]), (1_000,), ((OTHER, 1_000),)),
        (order(2, [1]), (1,), ((OTHER, 1),)),
        (order(700, []), (), ((OTHER, 700),)),
        (order(500, [0, 0]), (0, 0), ((OTHER, 500),)),
        # The rest that rounding explains belongs to the lines.
        (order(17_925, [10_000, 7_924]), (10_001, 7_924), ()),
        (order(17_925, [10_000, 7_926]), (9_999, 7_926), ()),
        # Any other difference is shared over the lines.
        (order(2_000, [1_000, 500], (SHIPPING, 200)), (1_200, 600), ((SHIPPING, 200),)),
        (order(1_000, [1_000, 500], (SHIPPING, 200)), (533, 267), ((SHIPPING, 200),)),
        # A discount above the goods reduces the charges.
        (order(300, [1_000], (SHIPPING, 400), (TAX, 100), (DISCOUNT, -1_200)), (0,), ((SHIPPING, 240), (TAX, 60))),
        (order(0, [1_000], (SHIPPING, 500), (DISCOUNT, -1_500)), (0,), ((SHIPPING, 0),)),
        (order(600, [], (SHIPPING, 500)), (), ((SHIPPING, 500), (OTHER, 100))),
        (order(600, [], (OTHER, 500)), (), ((OTHER, 600),)),
        (order(0, []), (), ()),
    ],
)
def test_lines_and_charges_have_these_values(
    sent: Order, lines: tuple[int, ...], charges: tuple[tuple[ChargeType, int], ...]
) -> None:
    values = order_values(sent)
    assert values.lines == lines
    assert tuple((charge.type, charge.amount) for charge in values.charges) == charges


AMOUNTS = st.integers(0, 5_000)
CHARGES = st.lists(
    st.one_of(
        st.builds(Charge, st.sampled_from([SHIPPING, TAX, OTHER]), AMOUNTS, st.sampled_from([None, "a"])),
        st.builds(Charge, st.just(DISCOUNT), AMOUNTS.map(int.__neg__)),
    ),
    max_size=4,
).map(merged_charges)
LINES = st.lists(st.integers(0, 3_000), max_size=5)


@given(AMOUNTS, LINES, CHARGES)
def test_values_are_never_negative_and_add_up_to_the_amount(
    amount: int, lines: list[int], charges: tuple[Charge, ...]
) -> None:
    values = order_values(Order(amount, "EUR", order(amount, lines).items, charges=charges))
    assert len(values.lines) == len(lines)
    assert min((*values.lines, *(charge.amount for charge in values.charges)), default=0) >= 0
    assert values.goods + values.extras == amount


@given(st.integers(0, 10_000), st.lists(st.integers(0, 500), min_size=1, max_size=8).filter(any))
def test_a_share_differs_by_less_than_one_unit_from_its_exact_part(total: int, weights: list[int]) -> None:
    shares = divide(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(total * weight, sum(weights))) < 1
