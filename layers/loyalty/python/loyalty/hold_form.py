"""Holds as requests."""

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty import bodies
from loyalty.api import Body
from loyalty.domain.dates import Unit
from loyalty.domain.hold import EVERY_MAX


class HoldPeriodBody(bodies.PeriodBody):
    """At most 31 days; DAY and longer to the end of the last day."""

    unit: Literal["MINUTE", "HOUR", "DAY", "WEEK", "MONTH"]

    @model_validator(mode="after")
    def _short(self) -> Self:
        cap = EVERY_MAX[Unit(self.unit)]
        if self.every > cap:
            message = f"A hold lasts 31 days at most: {cap} with unit {self.unit}."
            raise PydanticCustomError("too_long", message, {"field": "every"})
        return self


class NewHold(bodies.Movement):
    """Points to reserve, in the wallet's order of consumption."""

    expires_after: HoldPeriodBody | None = Field(default=None, description="15 minutes, if left out.")


class Capture(Body):
    """What of the held points is spent: all, if `points` is left out."""

    points: bodies.Points | None = None
    final: bool = Field(default=True, description="Release what is not captured; with false it stays held.")
