"""The shop's orders as requests and answers."""

import json
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api.base import Answer, Request
from loyalty.api.fields import Metadata, MinorUnits, ProductId, Quantity, metadata_from
from loyalty.domain import order as domain
from loyalty.domain.schema import metadata_text

ORDER_BYTES_MAX = 8 * 1024

ORDER_EXAMPLE: dict[str, Any] = {
    "amount": 4_990,
    "currency": "EUR",
    "items": [
        {"productId": "sku-tea-250g", "quantity": 2, "amount": 2_490, "lineId": "1"},
        {"productId": "sku-teapot", "quantity": 1, "amount": 2_500, "lineId": "2"},
    ],
    "metadata": {"channel": "web"},
}
"""Shown by the examples of every request that has an order."""


class OrderItemInput(Request):
    """One line of an order."""

    product_id: ProductId
    quantity: Quantity
    amount: MinorUnits = Field(description="The amount of the whole line, in minor units.")
    line_id: ProductId | None = Field(
        default=None, description="Your id of the line. Without this id, lines of the same product are merged."
    )


class OrderInput(Request):
    """The order details. The first details of an order decide for its later movements."""

    amount: MinorUnits = Field(description="The gross value in minor units, including the part paid with points.")
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(
        default=None, description="The default is the project's currency."
    )
    items: list[OrderItemInput] = Field(
        default_factory=list, max_length=domain.ITEMS_MAX, description="The lines of the order."
    )
    metadata: Metadata | None = Field(
        default=None, description="Your own data about the order, which formulas can read."
    )

    @model_validator(mode="after")
    def _items_fit(self) -> Self:
        if len(json.dumps([item.as_tuple for item in self.lines], ensure_ascii=False).encode()) > ORDER_BYTES_MAX:
            raise PydanticCustomError(
                "order_too_large", f"An order's items have at most {ORDER_BYTES_MAX} bytes.", {"field": "items"}
            )
        return self

    @property
    def lines(self) -> tuple[domain.OrderItem, ...]:
        return domain.merged_items(
            domain.OrderItem(item.product_id, item.quantity, item.amount, item.line_id) for item in self.items
        )

    @property
    def order(self) -> domain.Order:
        return domain.Order(self.amount, self.currency, self.lines, metadata_text(self.metadata))


class OrderItem(Answer):
    """One line of an order."""

    product_id: str
    quantity: int
    amount: int = Field(description="The amount of the whole line, in minor units.")
    line_id: str | None = Field(description="The caller's id of the line.")


class Order(Answer):
    """The order details."""

    amount: int = Field(description="The gross value in minor units, including the part paid with points.")
    currency: str
    items: list[OrderItem] = Field(description="The lines of the order.")
    metadata: dict[str, Any] | None = Field(description="The caller's own data about the order.")


def order_of(order: domain.Order | None) -> Order | None:
    if order is None:
        return None
    return Order(
        amount=order.amount,
        currency=order.currency,
        items=[
            OrderItem(product_id=line.product_id, quantity=line.quantity, amount=line.amount, line_id=line.line_id)
            for line in order.items
        ],
        metadata=metadata_from(order.metadata),
    )
