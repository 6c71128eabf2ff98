"""Holds as requests and answers."""

from datetime import datetime
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api.base import Body
from loyalty.api.fields import PeriodBody, Points
from loyalty.api.points.movements import Movement, Receipt
from loyalty.domain.dates import Unit
from loyalty.domain.movements.hold import EVERY_MAX


class HoldPeriodBody(PeriodBody):
    """At most 31 days; DAY and longer to the end of the last day."""

    unit: Literal["MINUTE", "HOUR", "DAY", "WEEK", "MONTH"]

    @model_validator(mode="after")
    def _short(self) -> Self:
        cap = EVERY_MAX[Unit(self.unit)]
        if self.every > cap:
            message = f"A hold lasts 31 days at most: {cap} with unit {self.unit}."
            raise PydanticCustomError("too_long", message, {"field": "every"})
        return self


class NewHold(Movement):
    """Points to reserve, in the wallet's order of consumption."""

    expires_after: HoldPeriodBody | None = Field(default=None, description="15 minutes, if left out.")


class Capture(Body):
    """What of the held points is spent: all, if `points` is left out."""

    points: Points | None = None
    final: bool = Field(default=True, description="Release what is not captured; with false it stays held.")


class HoldReceipt(Receipt):
    """`holdId` is the transaction's own id: by it the hold is captured or released."""

    hold_id: str
    points: int
    expires_at: datetime = Field(description="When time releases what is still held.")
