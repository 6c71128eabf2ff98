"""Requests and answers about corrections: adjustments, reversals and expiry changes."""

from datetime import datetime
from typing import Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api.base import Request
from loyalty.api.fields import Day, Instant, Metadata, PeriodInput, Points, SignedPoints, Text
from loyalty.api.points.movements import DryRun, DryRunFlag, Movement
from loyalty.domain.cards.transaction import Context, Source
from loyalty.domain.dates import NEVER, day_number, instant
from loyalty.domain.movements.credit import Grant
from loyalty.domain.movements.expiry_change import NamedLot, NewExpiry
from loyalty.domain.schema import metadata_text
from loyalty.usecases.ledger import Outcome
from loyalty.usecases.points.corrections import shortfall

LOTS_NAMED_MAX = 100


class AdjustmentRequest(Request):
    """Points to add or remove by hand."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "points": 150,
                    "reason": "Apology for a late parcel",
                    "expireAfter": {"every": 6, "unit": "MONTH"},
                    "qualifying": False,
                    "metadata": {"ticket": "T-4711"},
                    "dryRun": False,
                },
                {"points": 150, "reason": "Birthday present", "expiresAt": "2028-12-31T23:59:59+01:00"},
                {"points": -20, "reason": "Credited twice"},
            ]
        }
    )

    points: SignedPoints = Field(
        description=(
            "Positive points are added and active at once. Negative points are removed in the wallet's "
            "consumption order."
        )
    )
    reason: Text = Field(description="The reason for the adjustment.")
    expires_at: Instant | None = Field(
        default=None, description="The expiry of added points; the default is the wallet's expiry."
    )
    expire_after: PeriodInput | None = Field(
        default=None, description="The period until the added points expire, from now on."
    )
    qualifying: bool = Field(
        default=False,
        description="Whether the points count as earned or spent, so that limits apply to the adjustment.",
    )
    metadata: Metadata | None = Field(
        default=None, description="Your own data about the movement, at most 2,048 bytes as JSON."
    )
    dry_run: DryRunFlag = False

    @model_validator(mode="after")
    def _one_expiry_of_given_points(self) -> Self:
        if self.expires_at and self.expire_after:
            raise PydanticCustomError("one_of", "Send either expiresAt or expireAfter.", {"field": "expireAfter"})
        if self.points < 0 and (self.expires_at or self.expire_after):
            name = "expiresAt" if self.expires_at else "expireAfter"
            raise PydanticCustomError("not_used", "Points that are removed have no expiry.", {"field": name})
        return self

    @property
    def context(self) -> Context:
        return Context(source=Source.MANUAL, reason=self.reason, metadata=metadata_text(self.metadata))

    @property
    def grant(self) -> Grant:
        return Grant(
            self.points,
            expires_at=instant(self.expires_at) if self.expires_at else None,
            expires_after=self.expire_after.period if self.expire_after else None,
        )


class ReversalRequest(Request):
    """The reason for a reversal."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Credited to the wrong customer", "dryRun": False}]}
    )

    reason: Text | None = Field(default=None, description="The reason for the reversal.")
    dry_run: DryRunFlag = False

    @property
    def context(self) -> Context:
        return Context(source=Source.MANUAL, reason=self.reason)


class LotInput(Request):
    """A lot, with the values that the card shows."""

    expires_at: Instant | None = Field(
        default=None, description="The expiry of the lot; null if its points never expire."
    )
    issued_on: Day = Field(description="The issue day of the lot.")
    points: Points | None = Field(default=None, description="The default is all points of the lot.")

    @property
    def named(self) -> NamedLot:
        return NamedLot(_instant_or_never(self.expires_at), day_number(self.issued_on), self.points)


class ExpiryChangeRequest(Request):
    """The new expiry of active points. Send either `expiresAt` or `expireAfter`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "expiresAt": "2028-12-31T23:59:59+01:00",
                    "lots": [{"expiresAt": "2028-02-29T23:59:59+01:00", "issuedOn": "2027-03-01", "points": 100}],
                    "reason": "The shop was closed",
                    "dryRun": False,
                },
                {"expireAfter": {"every": 1, "unit": "YEAR"}, "reason": "Agreed with the customer"},
            ]
        }
    )

    expires_at: Instant | None = Field(default=None, description="The new expiry; null if the points never expire.")
    expire_after: PeriodInput | None = Field(
        default=None, description="The period until the points expire, from now on."
    )
    lots: list[LotInput] | None = Field(
        default=None,
        min_length=1,
        max_length=LOTS_NAMED_MAX,
        description="The lots to change; the default is all active lots.",
    )
    reason: Text = Field(description="The reason for the change.")
    dry_run: DryRunFlag = False

    @model_validator(mode="after")
    def _one_expiry(self) -> Self:
        if (self.expire_after is not None) == ("expires_at" in self.model_fields_set):
            raise PydanticCustomError("one_of", "Send either expiresAt or expireAfter.", {"field": "expiresAt"})
        return self

    @property
    def context(self) -> Context:
        return Context(source=Source.MANUAL, reason=self.reason)

    @property
    def named_lots(self) -> list[NamedLot] | None:
        return None if self.lots is None else [lot.named for lot in self.lots]

    @property
    def expiry(self) -> NewExpiry:
        if self.expire_after:
            return NewExpiry(after=self.expire_after.period)
        return NewExpiry(_instant_or_never(self.expires_at))


def _instant_or_never(moment: datetime | None) -> int:
    return instant(moment) if moment else NEVER


class Reversal(Movement):
    """The answer to a reversal."""

    shortfall: int = Field(description="Points of the reversed credit that could not be taken back, and are forgiven.")

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        return cls(**cls.values_of(outcome), shortfall=shortfall(outcome.transaction))


class ReversalDryRun(DryRun):
    """The effect that a reversal would have. No transaction was written."""

    shortfall: int = Field(description="Points of the credit that could not be taken back, and would be forgiven.")

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        return cls(**cls.values_of(outcome), shortfall=shortfall(outcome.transaction))
