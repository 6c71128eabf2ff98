"""Requests for credits and debits, and the answer to any movement."""

from dataclasses import replace
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api import answered
from loyalty.api.base import Answer, Request
from loyalty.api.fields import Id, Instant, Metadata, MovementSource, OrderId, PeriodInput, Points, Text
from loyalty.api.orders import ORDER_EXAMPLE, OrderInput
from loyalty.api.points.balances import Balance, Lot
from loyalty.api.points.transactions import Deltas, Transaction
from loyalty.domain.cards import transaction as domain
from loyalty.domain.cards.transaction import Context, Source
from loyalty.domain.dates import instant
from loyalty.domain.movements.credit import Grant
from loyalty.domain.schema import metadata_text
from loyalty.usecases.ledger import Outcome

DryRunFlag = Annotated[bool, Field(description="Show what would happen and write nothing. Needs no Idempotency-Key.")]


class MovementRequest(Request):
    """The common fields of a credit, a debit and a hold."""

    points: Points = Field(description="The number of points.")
    source: MovementSource = Field(default=Source.API, description="The kind of caller.")
    order_id: OrderId | None = Field(default=None, description="Your id of the order that the movement belongs to.")
    order: OrderInput | None = Field(default=None, description="The order details; only with `orderId`.")
    points_description: Text | None = Field(
        default=None, description="Your description of the points, recorded on the transaction."
    )
    metadata: Metadata | None = Field(
        default=None, description="Your own data about the movement, at most 2,048 bytes as JSON."
    )

    @model_validator(mode="after")
    def _order_named(self) -> Self:
        if self.order is not None and self.order_id is None:
            raise PydanticCustomError("order_id_required", "Send the orderId with the order.", {"field": "orderId"})
        return self

    @property
    def context(self) -> Context:
        return Context(
            source=self.source,
            order_id=self.order_id,
            order=self.order.order if self.order else None,
            points_description=self.points_description,
            metadata=metadata_text(self.metadata),
        )


class CreditFields(MovementRequest):
    """The fields of a credit, alone or in a batch."""

    campaign_id: Id | None = Field(default=None, description="Your id of the campaign that the credit belongs to.")
    activates_at: Instant | None = Field(
        default=None,
        description=(
            "The instant at which the points become active: an instant of the last five minutes means at once, an "
            "earlier instant is refused. Send either `activatesAt` or `activateAfter`."
        ),
    )
    activate_after: PeriodInput | None = Field(
        default=None, description="The period from now until the points become active."
    )
    expires_at: Instant | None = Field(
        default=None, description="The expiry of the points. Send either `expiresAt` or `expireAfter`."
    )
    expire_after: PeriodInput | None = Field(
        default=None, description="The period from the activation until the points expire."
    )

    @model_validator(mode="after")
    def _one_date_each(self) -> Self:
        if self.activates_at and self.activate_after:
            raise PydanticCustomError("one_of", "Send either activatesAt or activateAfter.", {"field": "activateAfter"})
        if self.expires_at and self.expire_after:
            raise PydanticCustomError("one_of", "Send either expiresAt or expireAfter.", {"field": "expireAfter"})
        return self

    @property
    def context(self) -> Context:
        return replace(super().context, campaign_id=self.campaign_id)

    @property
    def grant(self) -> Grant:
        return Grant(
            self.points,
            activates_at=instant(self.activates_at) if self.activates_at else None,
            activates_after=self.activate_after.period if self.activate_after else None,
            expires_at=instant(self.expires_at) if self.expires_at else None,
            expires_after=self.expire_after.period if self.expire_after else None,
        )


class CreditRequest(CreditFields):
    """Points to credit. Dates in the request replace the dates by the wallet's settings."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "points": 100,
                    "source": "API",
                    "orderId": "#1001",
                    "order": ORDER_EXAMPLE,
                    "campaignId": "spring-2027",
                    "pointsDescription": "Points for order #1001",
                    "activateAfter": {"every": 14, "unit": "DAY"},
                    "expireAfter": {"every": 1, "unit": "YEAR"},
                    "metadata": {"channel": "web"},
                    "dryRun": False,
                },
                {
                    "points": 250,
                    "source": "Manual",
                    "pointsDescription": "Birthday present",
                    "activatesAt": "2027-05-01T00:00:00+02:00",
                    "expiresAt": "2028-04-30T23:59:59+02:00",
                },
            ]
        }
    )

    dry_run: DryRunFlag = False


class DebitRequest(MovementRequest):
    """Points to take from the active balance, in the wallet's consumption order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "points": 100,
                    "source": "API",
                    "orderId": "#1002",
                    "order": ORDER_EXAMPLE,
                    "pointsDescription": "Points spent on order #1002",
                    "allowPartial": True,
                    "metadata": {"channel": "web"},
                    "dryRun": False,
                }
            ]
        }
    )

    allow_partial: bool = Field(
        default=False, description="Whether to take fewer points if limits or balance do not allow all."
    )
    dry_run: DryRunFlag = False


class Movement(Answer):
    """The answer to a movement."""

    has_location = True

    transaction: Transaction = Field(
        description="The transaction that the request recorded; for a repetition, the transaction of the first request."
    )
    balance: Balance = Field(description="The card's balance after the movement.")

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        return cls(**cls.values_of(outcome))

    @staticmethod
    def values_of(outcome: Outcome) -> dict[str, Any]:
        """What the answer to any movement has."""
        return {"transaction": Transaction.of(outcome.transaction), "balance": Balance.of(outcome.balance)}


class DryRun(Answer):
    """The effect that a movement would have. No transaction was written, and the effect may differ later."""

    type: domain.TransactionType = Field(description="The direction in which points would move.")
    points: int = Field(description="The number of points that would move.")
    requested: int | None = Field(
        description="The requested points, if a limit or the balance would reduce them; otherwise null."
    )
    capped_by: answered.CappedBy | None = Field(
        description=(
            "What would reduce the points: a limit of the wallet by its path, the limit of a payment, or `balance`. "
            "Null if nothing would reduce them."
        )
    )
    deltas: Deltas = Field(description="How the movement would change the balance.")
    lots: list[Lot] = Field(description="The points that would move, by lot.")
    lots_before: list[Lot] = Field(description="The lots before an expiry change; empty for other movements.")
    balance_before: Balance = Field(description="The card's balance now, before the movement.")
    balance: Balance = Field(description="The balance that the card would have after the movement.")

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        return cls(**cls.values_of(outcome))

    @staticmethod
    def values_of(outcome: Outcome) -> dict[str, Any]:
        """What a dry run of any movement says."""
        assert outcome.before is not None, "a dry run has the balance that it found"
        transaction = Transaction.of(outcome.transaction)
        return {
            "type": transaction.type,
            "points": transaction.points,
            "requested": transaction.requested,
            "capped_by": transaction.capped_by,
            "deltas": transaction.deltas,
            "lots": transaction.lots,
            "lots_before": transaction.lots_before,
            "balance_before": Balance.of(outcome.before),
            "balance": transaction.balance_after,
        }
