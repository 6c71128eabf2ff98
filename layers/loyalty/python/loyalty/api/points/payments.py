"""Payments with points as requests and answers."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api.base import Body, Shape
from loyalty.api.fields import Metadata, MinorUnits, OrderId, Points, Text
from loyalty.api.orders import OrderBody
from loyalty.api.points.balances import Balance
from loyalty.api.points.transactions import TransactionShape
from loyalty.domain.movements.payment import LimitKind, PaymentLimit


class PaymentOrder(OrderBody):
    """The order to pay for: its whole gross value in minor units, whatever was paid of it before."""

    id: OrderId
    amount: Annotated[MinorUnits, Field(ge=1)]


class PaymentLimitBody(Body):
    """What the payment may use: all of the balance, or `max` points, or points for `max` minor units."""

    type: Literal["CARD_BALANCE", "POINTS_LIMIT", "AMOUNT_LIMIT"]
    max: Points | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.type == "CARD_BALANCE" and self.max is not None:
            raise PydanticCustomError("not_used", "CARD_BALANCE has no maximum.", {"field": "max"})
        if self.type != "CARD_BALANCE" and self.max is None:
            raise PydanticCustomError("missing", "Say how much at most.", {"field": "max"})
        return self

    @property
    def limit(self) -> PaymentLimit:
        return PaymentLimit(LimitKind(self.type), self.max or 0)


class Payment(Body):
    """Points pay as much of the order's amount as is allowed. A dry run tells the answer and does nothing."""

    order: PaymentOrder
    payment_limit: PaymentLimitBody | None = None
    dry_run: bool = False
    source: Literal["API", "Manual"] = "API"
    points_description: Text | None = None
    metadata: Metadata | None = None


class PaymentReceipt(Shape):
    """What points paid of an order."""

    amount: int = Field(description="Paid, in minor units.")
    points: int = Field(description="Taken for it.")
    exchange_ratio: str = Field(description="Points for one minor unit, a decimal number.")
    limited_by: str | None = Field(
        description=(
            "What kept the payment from more: CARD_BALANCE, POINTS_LIMIT, AMOUNT_LIMIT, spendingLimits.global or "
            "spendingLimits.transaction. Null where nothing did."
        )
    )
    remaining_amount: int = Field(description="Of the order, in minor units, that points of this wallet have not paid.")
    transaction: TransactionShape | None = Field(description="Null in a dry run.")
    balance: Balance = Field(description="As it stands behind the payment; in a dry run as it would.")
