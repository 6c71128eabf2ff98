"""Payments with points as requests."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty import bodies
from loyalty.api import Body
from loyalty.domain.payment import LimitKind, PaymentLimit


class PaymentOrder(bodies.OrderBody):
    """The order to pay for: its whole gross value in minor units, whatever was paid of it before."""

    id: bodies.OrderId
    amount: Annotated[bodies.MinorUnits, Field(ge=1)]


class PaymentLimitBody(Body):
    """What the payment may use: all of the balance, or `max` points, or points for `max` minor units."""

    type: Literal["CARD_BALANCE", "POINTS_LIMIT", "AMOUNT_LIMIT"]
    max: bodies.Points | None = None

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
    points_description: bodies.Text | None = None
    metadata: bodies.Metadata | None = None
