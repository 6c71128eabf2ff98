"""Orders: their items, and the agreement of repeated order details."""

import pytest

from loyalty.domain.order import Order, OrderItem, agreed_order, merged_items
from loyalty.errors import OrderDiffers

TEA, MUG = OrderItem("tea", 2, 500), OrderItem("mug", 1, 900)


def test_items_with_the_same_product_merge() -> None:
    assert merged_items([TEA, MUG, OrderItem("tea", 1, 250)]) == (OrderItem("tea", 3, 750), MUG)


def test_an_item_with_its_own_id_stays_separate() -> None:
    first, second = OrderItem("tea", 1, 250, "1"), OrderItem("tea", 1, 200, "2")
    assert merged_items([first, second, TEA]) == (first, second, TEA)
    assert merged_items([first, first]) == (OrderItem("tea", 2, 500, "1"),)


def test_an_order_without_items_has_none() -> None:
    assert merged_items([]) == ()


@pytest.mark.parametrize(
    ("recorded", "sent", "agreed"),
    [
        (None, None, None),
        (None, Order(1400, "EUR"), Order(1400, "EUR")),
        (Order(1400, "EUR"), None, Order(1400, "EUR")),
        (Order(1400, "EUR", (TEA, MUG)), Order(1400, "EUR"), Order(1400, "EUR", (TEA, MUG))),
        (Order(1400, "EUR", (TEA, MUG)), Order(1400, "EUR", (MUG, TEA)), Order(1400, "EUR", (TEA, MUG))),
        (Order(1400, "EUR", metadata="{}"), Order(1400, "EUR"), Order(1400, "EUR", metadata="{}")),
    ],
)
def test_the_first_order_details_remain_if_later_ones_agree_or_are_omitted(
    recorded: Order | None, sent: Order | None, agreed: Order | None
) -> None:
    assert agreed_order(recorded, sent) == agreed


@pytest.mark.parametrize(
    "sent",
    [
        Order(1401, "EUR"),
        Order(1400, "EUR", (TEA,)),
        Order(1400, "EUR", (TEA, OrderItem("mug", 2, 900))),
        Order(1400, "EUR", (TEA, OrderItem("mug", 1, 900, "2"))),
    ],
)
def test_different_order_details_are_refused(sent: Order) -> None:
    with pytest.raises(OrderDiffers):
        agreed_order(Order(1400, "EUR", (TEA, MUG)), sent)
