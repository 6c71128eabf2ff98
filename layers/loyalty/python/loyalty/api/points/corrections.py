"""Requests and answers about corrections: adjustments, reversals and expiry changes."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api.base import Request
from loyalty.api.fields import Day, Instant, Metadata, PeriodInput, Points, SignedPoints, Text
from loyalty.api.points.movements import DryRun, Movement
from loyalty.domain.cards.transaction import Context, Source, Transaction
from loyalty.domain.dates import NEVER, day_number, instant
from loyalty.domain.movements.credit import Grant
from loyalty.domain.movements.expiry_change import NamedLot, NewExpiry
from loyalty.domain.schema import metadata_text
from loyalty.usecases.ledger import Outcome
from loyalty.usecases.points.corrections import shortfall

DryRunFlag = Annotated[bool, Field(description="Show what would happen and write nothing. Needs no Idempotency-Key.")]
LOTS_NAMED_MAX = 100


class AdjustmentRequest(Request):
    """Positive points are added and active at once; negative points are removed in the wallet's consumption order."""

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

    points: SignedPoints
    reason: Text
    expires_at: Instant | None = None
    expire_after: PeriodInput | None = None
    qualifying: bool = Field(default=False, description="Count the points as earned or spent, within the limits.")
    metadata: Metadata | None = None
    dry_run: DryRunFlag = False

    @model_validator(mode="after")
    def _one_expiry_of_given_points(self) -> Self:
        if self.expires_at and self.expire_after:
            raise PydanticCustomError("one_of", "Send either expiresAt or expireAfter.", {"field": "expireAfter"})
        if self.points < 0 and (self.expires_at or self.expire_after):
            name = "expiresAt" if self.expires_at else "expireAfter"
            raise PydanticCustomError("not_taken", "Points that are removed have no expiry.", {"field": name})
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
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Credited to the wrong customer", "dryRun": False}]}
    )

    reason: Text | None = None
    dry_run: DryRunFlag = False

    @property
    def context(self) -> Context:
        return Context(source=Source.MANUAL, reason=self.reason)


class LotInput(Request):
    """A lot with the values that the card shows."""

    expires_at: Instant | None = Field(default=None, description="Null for points that never expire.")
    issued_on: Day
    points: Points | None = Field(default=None, description="The default is all points of the lot.")

    @property
    def named(self) -> NamedLot:
        return NamedLot(_instant_or_never(self.expires_at), day_number(self.issued_on), self.points)


class ExpiryChangeRequest(Request):
    """The new expiry: either `expiresAt` (null if the points never expire), or `expireAfter`, which counts from now."""

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

    expires_at: Instant | None = None
    expire_after: PeriodInput | None = None
    lots: list[LotInput] | None = Field(
        default=None, min_length=1, max_length=LOTS_NAMED_MAX, description="The default is all active lots."
    )
    reason: Text
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
    shortfall: int = Field(description="Points of the reversed credit that were already gone, and are forgiven.")

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        return cls(**cls.values_of(outcome), shortfall=shortfall(outcome.transaction))


class ReversalDryRun(DryRun):
    shortfall: int

    @classmethod
    def of(cls, row: Transaction) -> Self:
        return cls(**cls.values_of(row), shortfall=shortfall(row))
