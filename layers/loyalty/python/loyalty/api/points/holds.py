"""Requests and answers about holds."""

from datetime import datetime
from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api.base import Request
from loyalty.api.fields import PeriodInput, Points
from loyalty.api.orders import ORDER_EXAMPLE
from loyalty.api.points.movements import DryRun, DryRunFlag, Movement, MovementRequest
from loyalty.domain.cards.transaction import Transaction
from loyalty.domain.dates import Period, Unit, datetime_of
from loyalty.domain.movements.hold import DEFAULT_PERIOD, HOLD_EVERY_MAX
from loyalty.usecases.ledger import Outcome


class HoldPeriodInput(PeriodInput):
    """At most 31 days. DAY and longer units last until the end of the last day."""

    unit: Literal[Unit.MINUTE, Unit.HOUR, Unit.DAY, Unit.WEEK, Unit.MONTH] = Field(
        description="The unit of the period."
    )

    @model_validator(mode="after")
    def _short(self) -> Self:
        cap = HOLD_EVERY_MAX[self.unit]
        if self.every > cap:
            message = f"A hold lasts at most 31 days: the maximum with unit {self.unit} is {cap}."
            raise PydanticCustomError("too_long", message, {"field": "every"})
        return self


class HoldRequest(MovementRequest):
    """Points to reserve, in the wallet's consumption order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "points": 100,
                    "source": "API",
                    "orderId": "#1003",
                    "order": ORDER_EXAMPLE,
                    "pointsDescription": "Reserved in the checkout",
                    "expiresAfter": {"every": 30, "unit": "MINUTE"},
                    "metadata": {"channel": "web"},
                    "dryRun": False,
                }
            ]
        }
    )

    expires_after: HoldPeriodInput | None = Field(
        default=None,
        description="The period after which points that are still held are released; the default is 15 minutes.",
    )
    dry_run: DryRunFlag = False

    @property
    def period(self) -> Period:
        return self.expires_after.period if self.expires_after else DEFAULT_PERIOD


class CaptureRequest(Request):
    """The held points to spend."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"points": 40, "final": True, "dryRun": False}]})

    points: Points | None = Field(default=None, description="The number of points; the default is all held points.")
    final: bool = Field(
        default=True, description="Whether the other points of the hold are released; if false, they stay held."
    )
    dry_run: DryRunFlag = False


class ReleaseRequest(Request):
    """A release needs no body."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"dryRun": False}]})

    dry_run: DryRunFlag = False


class Hold(Movement):
    """The answer to a hold."""

    hold_id: str = Field(description="The `transactionId` of the hold, which captures and releases use.")
    points: int = Field(description="The number of held points.")
    expires_at: datetime = Field(description="The instant at which points that are still held are released.")

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        row = outcome.transaction
        return cls(**cls.values_of(outcome), hold_id=row.transaction_id, points=row.points, expires_at=_end_of(row))


class HoldDryRun(DryRun):
    """The effect that a hold would have. No transaction was written."""

    expires_at: datetime = Field(description="The instant at which points that are still held would be released.")

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        return cls(**cls.values_of(outcome), expires_at=_end_of(outcome.transaction))


def _end_of(row: Transaction) -> datetime:
    assert row.hold_expires_at is not None, "a HOLD row has its end"
    return datetime_of(row.hold_expires_at)
