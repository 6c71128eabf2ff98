"""Credits and debits as requests, and the answer to any movement."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api.base import Body, Shape
from loyalty.api.fields import Id, Instant, Metadata, OrderId, PeriodBody, Points, Text, metadata_text
from loyalty.api.orders import OrderBody
from loyalty.api.points.balances import Balance, LotShape
from loyalty.api.points.transactions import Deltas, TransactionShape
from loyalty.domain.cards.transaction import Source, Transaction
from loyalty.domain.dates import instant
from loyalty.domain.movements.credit import Grant


class Movement(Body):
    """What a credit and a debit have in common."""

    points: Points
    source: Literal["API", "Manual"] = "API"
    order_id: OrderId | None = None
    order: OrderBody | None = None
    points_description: Text | None = None
    metadata: Metadata | None = None

    @model_validator(mode="after")
    def _order_named(self) -> Self:
        if self.order is not None and self.order_id is None:
            raise PydanticCustomError("order_id_required", "An order needs its orderId.", {"field": "orderId"})
        return self


def movement_facts(body: Movement) -> dict[str, Any]:
    return {
        "source": Source(body.source),
        "order_id": body.order_id,
        "order": body.order.order if body.order else None,
        "points_description": body.points_description,
        "metadata": metadata_text(body.metadata),
    }


class Credit(Movement):
    """Points, and dates of their own where they differ from the wallet's."""

    campaign_id: Id | None = None
    activates_at: Instant | None = None
    activate_after: PeriodBody | None = None
    expires_at: Instant | None = None
    expire_after: PeriodBody | None = None

    @model_validator(mode="after")
    def _one_date_each(self) -> Self:
        if self.activates_at and self.activate_after:
            raise PydanticCustomError("one_of", "Either activatesAt or activateAfter.", {"field": "activateAfter"})
        if self.expires_at and self.expire_after:
            raise PydanticCustomError("one_of", "Either expiresAt or expireAfter.", {"field": "expireAfter"})
        return self

    @property
    def grant(self) -> Grant:
        return Grant(
            self.points,
            activates_at=instant(self.activates_at) if self.activates_at else None,
            activates_after=self.activate_after.period if self.activate_after else None,
            expires_at=instant(self.expires_at) if self.expires_at else None,
            expires_after=self.expire_after.period if self.expire_after else None,
        )


class Debit(Movement):
    """Points to take from the active balance, in the wallet's order of consumption."""

    allow_partial: bool = Field(default=False, description="Take what limits and balance allow rather than nothing.")


class Receipt(Shape):
    """The answer to a movement: its row, and the balance that stood behind it."""

    transaction: TransactionShape
    balance: Balance


class DryRun(Shape):
    """What a movement would do. Nothing was written, so there is no transaction; the same request may end otherwise."""

    transaction: None = None
    type: str
    points: int
    requested: int | None
    capped_by: str | None
    deltas: Deltas
    lots: list[LotShape]
    lots_before: list[LotShape]
    balance: Balance = Field(description="As it would stand behind it.")

    @classmethod
    def of(cls, row: Transaction) -> "DryRun":
        told = TransactionShape.of(row)
        return cls(
            type=told.type,
            points=told.points,
            requested=told.requested,
            capped_by=told.capped_by,
            deltas=told.deltas,
            lots=told.lots,
            lots_before=told.lots_before,
            balance=told.balance_after,
        )
