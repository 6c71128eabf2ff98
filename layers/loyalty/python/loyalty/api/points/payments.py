"""Payments with points as requests and answers."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api.base import BY_VALUE, Answer, Request
from loyalty.api.fields import Metadata, MinorUnits, MovementSource, OrderId, Points, Text
from loyalty.api.orders import OrderInput
from loyalty.api.points.balances import Balance
from loyalty.api.points.transactions import Transaction
from loyalty.domain.cards.transaction import Facts, Source
from loyalty.domain.movements.debit import BY_BALANCE
from loyalty.domain.movements.payment import LimitKind, PaymentLimit
from loyalty.domain.schema import metadata_text
from loyalty.usecases.ledger import Outcome


class PaymentOrderInput(OrderInput):
    """The order to pay for: its whole gross value in minor units, whatever was paid of it before."""

    id: OrderId
    amount: Annotated[MinorUnits, Field(ge=1)]


class PaymentLimitInput(Request):
    """What the payment may use: all of the balance, or `max` points, or points for `max` minor units."""

    type: Annotated[LimitKind, BY_VALUE]
    max: Points | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.type is LimitKind.CARD_BALANCE and self.max is not None:
            raise PydanticCustomError("not_used", "CARD_BALANCE has no maximum.", {"field": "max"})
        if self.type is not LimitKind.CARD_BALANCE and self.max is None:
            raise PydanticCustomError("missing", "Say how much at most.", {"field": "max"})
        return self

    @property
    def limit(self) -> PaymentLimit:
        return PaymentLimit(self.type, self.max or 0)


class PaymentRequest(Request):
    """Points pay as much of the order's amount as is allowed. A dry run tells the answer and does nothing."""

    order: PaymentOrderInput
    payment_limit: PaymentLimitInput | None = None
    dry_run: bool = False
    source: MovementSource = Source.API
    points_description: Text | None = None
    metadata: Metadata | None = None

    @property
    def facts(self) -> Facts:
        return Facts(
            source=self.source,
            order_id=self.order.id,
            order=self.order.order,
            points_description=self.points_description,
            metadata=metadata_text(self.metadata),
        )

    @property
    def limit(self) -> PaymentLimit:
        return self.payment_limit.limit if self.payment_limit else PaymentLimit()


class Payment(Answer):
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
    transaction: Transaction | None = Field(description="Null in a dry run.")
    balance: Balance = Field(description="As it stands behind the payment; in a dry run as it would.")

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        row = outcome.transaction
        facts = row.payment
        assert facts is not None, "a payment's row says what it paid"
        return cls(
            amount=facts.amount,
            points=row.points,
            exchange_ratio=facts.ratio,
            limited_by=LimitKind.CARD_BALANCE if row.capped_by == BY_BALANCE else row.capped_by,
            remaining_amount=facts.remaining,
            transaction=None if outcome.dry else Transaction.of(row),
            balance=Balance.of(outcome.balance),
        )
