"""Orders: their lines and charges, and the details that hold when later movements send others."""

import pytest

from loyalty.domain.order import Charge, ChargeType, Order, OrderItem, latest_details, merged_charges, merged_items

TEA, MUG = OrderItem("tea", 2, 500), OrderItem("mug", 1, 900)
SHIPPING, DISCOUNT = Charge(ChargeType.SHIPPING, 490), Charge(ChargeType.DISCOUNT, -100)


def test_items_with_the_same_product_merge() -> None:
    assert merged_items([TEA, MUG, OrderItem("tea", 1, 250)]) == (OrderItem("tea", 3, 750), MUG)


def test_an_item_with_its_own_id_stays_separate() -> None:
    first, second = OrderItem("tea", 1, 250, "1"), OrderItem("tea", 1, 200, "2")
    assert merged_items([first, second, TEA]) == (first, second, TEA)
    assert merged_items([first, first]) == (OrderItem("tea", 2, 500, "1"),)


def test_an_order_without_items_has_none() -> None:
    assert merged_items([]) == ()


def test_charges_with_the_same_type_and_label_merge() -> None:
    vat, express = Charge(ChargeType.TAX, 19, "VAT"), Charge(ChargeType.SHIPPING, 900, "express")
    assert merged_charges([SHIPPING, vat, express, vat, SHIPPING]) == (
        Charge(ChargeType.SHIPPING, 980),
        Charge(ChargeType.TAX, 38, "VAT"),
        express,
    )


@pytest.mark.parametrize(
    ("sent", "latest"),
    [
        ([], None),
        ([Order(1400, "EUR", (TEA, MUG))], Order(1400, "EUR", (TEA, MUG))),
        ([Order(1000, "EUR", (TEA,)), Order(1400, "EUR", (TEA, MUG))], Order(1400, "EUR", (TEA, MUG))),
        ([Order(1400, "EUR", (TEA, MUG)), Order(1400, "EUR", (TEA,))], Order(1400, "EUR", (TEA,))),
        ([Order(1400, "EUR", (TEA, MUG)), Order(1500, "EUR")], Order(1500, "EUR")),
    ],
)
def test_the_details_sent_last_hold(sent: list[Order], latest: Order | None) -> None:
    assert latest_details(sent) == latest


def test_details_that_leave_something_out_keep_what_was_sent_before_under_the_same_amount() -> None:
    lines, charged = Order(1400, "EUR", (TEA, MUG)), Order(1400, "EUR", charges=(SHIPPING, DISCOUNT))
    noted, alone = Order(1400, "EUR", metadata="{}"), Order(1400, "EUR")
    everything = Order(1400, "EUR", (TEA, MUG), "{}", (SHIPPING, DISCOUNT))
    assert latest_details([lines, charged, noted, alone]) == everything
    assert latest_details([alone, noted, charged, lines]) == everything


def test_details_of_another_amount_keep_nothing_that_was_sent_before() -> None:
    assert latest_details([Order(1400, "EUR", (TEA, MUG)), Order(900, "EUR"), Order(1400, "EUR")]) == Order(1400, "EUR")
