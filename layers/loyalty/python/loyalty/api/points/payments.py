"""Requests and answers about payments with points."""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api.base import BY_VALUE, Answer, Request
from loyalty.api.fields import Metadata, MovementSource, OrderId, Points, PositiveMinorUnits, Text
from loyalty.api.orders import ORDER_EXAMPLE, OrderInput
from loyalty.api.points.balances import Balance
from loyalty.api.points.movements import DryRun, DryRunFlag, Movement
from loyalty.api.points.transactions import Transaction
from loyalty.domain.cards.transaction import Context, Source
from loyalty.domain.movements.debit import BY_BALANCE
from loyalty.domain.movements.payment import PaymentLimit, PaymentLimitType
from loyalty.domain.schema import metadata_text
from loyalty.usecases.ledger import Outcome


class PaymentOrderInput(OrderInput):
    """The order to pay for."""

    id: OrderId = Field(description="Your id of the order.")
    amount: PositiveMinorUnits = Field(
        description="The whole gross value in minor units, including any part paid before."
    )


class PaymentLimitInput(Request):
    """The limit of the payment."""

    type: Annotated[PaymentLimitType, BY_VALUE] = Field(
        description=(
            "CARD_BALANCE: the whole balance. POINTS_LIMIT: `max` points. AMOUNT_LIMIT: points for `max` minor units."
        )
    )
    max: Points | None = Field(
        default=None, description="The maximum, in points or in minor units; not with CARD_BALANCE."
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.type is PaymentLimitType.CARD_BALANCE and self.max is not None:
            raise PydanticCustomError("not_used", "CARD_BALANCE takes no maximum.", {"field": "max"})
        if self.type is not PaymentLimitType.CARD_BALANCE and self.max is None:
            raise PydanticCustomError("required", "Send the maximum.", {"field": "max"})
        return self

    @property
    def limit(self) -> PaymentLimit:
        return PaymentLimit(self.type, self.max or 0)


class PaymentRequest(Request):
    """A payment, which pays as much of the order's amount as allowed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "order": {"id": "#1004", **ORDER_EXAMPLE},
                    "paymentLimit": {"type": "POINTS_LIMIT", "max": 200},
                    "dryRun": False,
                    "source": "API",
                    "pointsDescription": "Paid with points",
                    "metadata": {"channel": "web"},
                }
            ]
        }
    )

    order: PaymentOrderInput = Field(description="The order to pay for, with its whole amount.")
    payment_limit: PaymentLimitInput | None = Field(
        default=None, description="The limit of the payment; the default is CARD_BALANCE."
    )
    dry_run: DryRunFlag = False
    source: MovementSource = Field(default=Source.API, description="The kind of caller.")
    points_description: Text | None = Field(
        default=None, description="Your description of the points, recorded on the transaction."
    )
    metadata: Metadata | None = Field(
        default=None, description="Your own data about the movement, at most 2,048 bytes as JSON."
    )

    @property
    def context(self) -> Context:
        return Context(
            source=self.source,
            order_id=self.order.id,
            order=self.order.order,
            points_description=self.points_description,
            metadata=metadata_text(self.metadata),
        )

    @property
    def limit(self) -> PaymentLimit:
        return self.payment_limit.limit if self.payment_limit else PaymentLimit()


class PaidPart(Answer):
    """The part of an order that points pay."""

    amount: int = Field(description="The paid amount, in minor units.")
    points: int = Field(description="The points taken for the amount.")
    exchange_ratio: str = Field(description="The number of points for one minor unit, as a decimal number.")
    limited_by: (
        Literal[
            PaymentLimitType.CARD_BALANCE,
            PaymentLimitType.POINTS_LIMIT,
            PaymentLimitType.AMOUNT_LIMIT,
            "spendingLimits.global",
            "spendingLimits.transaction",
        ]
        | None
    ) = Field(
        description=(
            "The limit that reduced the payment: the limit of the request, or a limit of the wallet by its path. "
            "Null if no limit reduced the payment."
        )
    )
    remaining_amount: int = Field(description="The amount that points of this wallet have not paid, in minor units.")


class Payment(PaidPart):
    """The answer to a payment."""

    has_location = True

    transaction: Transaction = Field(
        description="The transaction that the request recorded; for a repetition, the transaction of the first request."
    )
    balance: Balance = Field(description="The card's balance after the payment.")

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        return cls(**_paid(outcome) | Movement.values_of(outcome))


class PaymentDryRun(DryRun, PaidPart):
    """The effect that a payment would have. No transaction was written."""

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        return cls(**_paid(outcome) | cls.values_of(outcome))


def _paid(outcome: Outcome) -> dict[str, Any]:
    row = outcome.transaction
    details = row.payment
    assert details is not None, "a payment's row has its payment details"
    return {
        "amount": details.amount,
        "points": row.points,
        "exchange_ratio": details.ratio,
        "limited_by": PaymentLimitType.CARD_BALANCE if row.capped_by == BY_BALANCE else row.capped_by,
        "remaining_amount": details.remaining,
    }
