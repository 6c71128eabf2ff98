"""The shop's orders as requests and answers."""

import json
from collections.abc import Iterable
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api import answered
from loyalty.api.base import BY_VALUE, Answer, Request
from loyalty.api.fields import (
    AMOUNT_MAX,
    CURRENCY,
    Metadata,
    MinorUnits,
    ProductId,
    Quantity,
    metadata_from,
    one_line,
    whole_minor_units,
)
from loyalty.domain import order as domain
from loyalty.domain.schema import metadata_text

ORDER_BYTES_MAX = 8 * 1024
SignedMinorUnits = Annotated[int, Field(ge=-AMOUNT_MAX, le=AMOUNT_MAX), BeforeValidator(whole_minor_units)]

ORDER_EXAMPLE: dict[str, Any] = {
    "amount": 5_490,
    "currency": "EUR",
    "items": [
        {"productId": "sku-tea-250g", "quantity": 2, "amount": 2_490, "lineId": "1"},
        {"productId": "sku-teapot", "quantity": 1, "amount": 2_500, "lineId": "2"},
    ],
    "charges": [
        {"type": "SHIPPING", "amount": 700, "label": "DHL"},
        {"type": "DISCOUNT", "amount": -200, "label": "WELCOME"},
    ],
    "metadata": {"channel": "web"},
}
"""Shown by the examples of every request that has an order."""


class OrderItemInput(Request):
    """One line of an order."""

    product_id: ProductId = Field(description="Your id of the product.")
    quantity: Quantity = Field(description="The ordered quantity; each merged line has the sum.")
    amount: MinorUnits = Field(description="The amount of the whole line, in minor units.")
    line_id: ProductId | None = Field(
        default=None, description="Your id of the line. Without this id, lines of the same product are merged."
    )


class ChargeInput(Request):
    """What an order costs or saves beside its lines."""

    type: Annotated[domain.ChargeType, BY_VALUE] = Field(
        description="The kind of charge. A DISCOUNT reduces the value of the lines in proportion to their amounts."
    )
    amount: SignedMinorUnits = Field(
        description="The amount in minor units: 0 or less for a DISCOUNT, 0 or more for other charges."
    )
    label: Annotated[str, Field(min_length=1, max_length=128), AfterValidator(one_line)] | None = Field(
        default=None, description="Your name of the charge. Charges with the same type and label are added up."
    )

    @model_validator(mode="after")
    def _sign_fits_the_type(self) -> Self:
        is_discount = self.type is domain.ChargeType.DISCOUNT
        if self.amount and is_discount != (self.amount < 0):
            raise PydanticCustomError(
                "charge_sign", "A DISCOUNT has an amount of 0 or less, other charges 0 or more.", {"field": "amount"}
            )
        return self


class OrderInput(Request):
    """The order details.

    The details sent last hold. Details that leave out lines, charges or metadata keep those that were sent before under
    the same amount.
    """

    amount: MinorUnits = Field(description="The gross value in minor units, including the part paid with points.")
    currency: Annotated[str, Field(pattern=CURRENCY)] | None = Field(
        default=None, description="The default is the project's currency."
    )
    items: list[OrderItemInput] = Field(
        default_factory=list, max_length=domain.ITEMS_MAX, description="The lines of the order."
    )
    charges: list[ChargeInput] = Field(
        default_factory=list,
        max_length=domain.CHARGES_MAX,
        description=(
            "What the order costs or saves beside its lines. If lines and charges do not add up to the amount, the "
            "guide to the API describes how the difference is shared."
        ),
    )
    metadata: Metadata | None = Field(
        default=None, description="Your own data about the order, which formulas can read."
    )

    @model_validator(mode="after")
    def _items_fit(self) -> Self:
        order = self.order
        packed = [[item.as_tuple for item in order.items], [charge.as_tuple for charge in order.charges]]
        if len(json.dumps(packed, separators=(",", ":"), ensure_ascii=False).encode()) > ORDER_BYTES_MAX:
            raise PydanticCustomError(
                "order_too_large",
                f"An order's items and charges have at most {ORDER_BYTES_MAX} bytes.",
                {"field": "items"},
            )
        return self

    @property
    def order(self) -> domain.Order:
        items = (domain.OrderItem(item.product_id, item.quantity, item.amount, item.line_id) for item in self.items)
        charges = (domain.Charge(charge.type, charge.amount, charge.label) for charge in self.charges)
        return domain.Order(
            self.amount,
            self.currency,
            domain.merged_items(items),
            metadata_text(self.metadata),
            domain.merged_charges(charges),
        )


class OrderItem(Answer):
    """One line of an order."""

    product_id: answered.ProductId
    quantity: int = Field(description="The ordered quantity; lines of a product without line ids are merged.")
    amount: int = Field(description="The amount of the whole line, in minor units.")
    line_id: str | None = Field(description="The caller's id of the line.")


class OrderCharge(Answer):
    """What an order costs or saves beside its lines."""

    type: domain.ChargeType = Field(description="The kind of charge.")
    amount: int = Field(description="The amount in minor units; negative for a DISCOUNT.")
    label: str | None = Field(description="The caller's name of the charge.")


class Order(Answer):
    """The order details."""

    amount: int = Field(description="The gross value in minor units, including the part paid with points.")
    currency: str = Field(description="The currency of the amounts, as an ISO 4217 code.")
    items: list[OrderItem] = Field(description="The lines of the order.")
    charges: list[OrderCharge] = Field(description="What the order costs or saves beside its lines.")
    metadata: dict[str, Any] | None = Field(description="The caller's own data about the order.")


def items_of(items: Iterable[domain.OrderItem]) -> list[OrderItem]:
    return [
        OrderItem(product_id=line.product_id, quantity=line.quantity, amount=line.amount, line_id=line.line_id)
        for line in items
    ]


def charges_of(charges: Iterable[domain.Charge]) -> list[OrderCharge]:
    return [OrderCharge(type=charge.type, amount=charge.amount, label=charge.label) for charge in charges]


def order_of(order: domain.Order | None) -> Order | None:
    if order is None:
        return None
    return Order(
        amount=order.amount,
        currency=order.currency,
        items=items_of(order.items),
        charges=charges_of(order.charges),
        metadata=metadata_from(order.metadata),
    )
