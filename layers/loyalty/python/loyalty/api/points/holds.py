"""Holds as requests and answers."""

from datetime import datetime
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api.base import Request
from loyalty.api.fields import PeriodInput, Points
from loyalty.api.points.movements import Movement, MovementRequest
from loyalty.domain.dates import Period, Unit, moment
from loyalty.domain.movements.hold import DEFAULT_PERIOD, EVERY_MAX
from loyalty.usecases.ledger import Outcome


class HoldPeriodInput(PeriodInput):
    """At most 31 days; DAY and longer to the end of the last day."""

    unit: Literal[Unit.MINUTE, Unit.HOUR, Unit.DAY, Unit.WEEK, Unit.MONTH]

    @model_validator(mode="after")
    def _short(self) -> Self:
        cap = EVERY_MAX[self.unit]
        if self.every > cap:
            message = f"A hold lasts 31 days at most: {cap} with unit {self.unit}."
            raise PydanticCustomError("too_long", message, {"field": "every"})
        return self


class HoldRequest(MovementRequest):
    """Points to reserve, in the wallet's order of consumption."""

    expires_after: HoldPeriodInput | None = Field(default=None, description="15 minutes, if left out.")

    @property
    def period(self) -> Period:
        return self.expires_after.period if self.expires_after else DEFAULT_PERIOD


class CaptureRequest(Request):
    """What of the held points is spent: all, if `points` is left out."""

    points: Points | None = None
    final: bool = Field(default=True, description="Release what is not captured; with false it stays held.")


class Hold(Movement):
    """`holdId` is the transaction's own id: by it the hold is captured or released."""

    hold_id: str
    points: int
    expires_at: datetime = Field(description="When time releases what is still held.")

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        row = outcome.transaction
        assert row.hold_expires_at is not None, "a HOLD row says when it ends"
        return cls(
            **cls.values_of(outcome),
            hold_id=row.transaction_id,
            points=row.points,
            expires_at=moment(row.hold_expires_at),
        )
