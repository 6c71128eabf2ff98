"""Requests and answers about customers' tiers."""

import json
from datetime import datetime
from typing import Any, Self

from pydantic import ConfigDict, Field

from loyalty.api import answered
from loyalty.api.base import Answer, Request
from loyalty.api.fields import Id, Instant, Text
from loyalty.domain.cards.transaction import Context, Source
from loyalty.domain.dates import datetime_of, instant
from loyalty.domain.tiers.progress import TierProgress
from loyalty.domain.tiers.structure import Benefits


class TierRequest(Request):
    """A tier to give by hand."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"tierId": "member", "until": "2028-12-31T23:00:00Z", "reason": "Partner of the club"}]
        }
    )

    tier_id: Id = Field(description="The tier that the customer gets. Points may give a higher tier.")
    until: Instant | None = Field(
        default=None,
        description="The instant until which the customer has the tier at least; the default is the next period's end.",
    )
    reason: Text = Field(description="The reason for the tier.")

    @property
    def ends_at(self) -> int | None:
        return None if self.until is None else instant(self.until)

    @property
    def context(self) -> Context:
        return Context(source=Source.MANUAL, reason=self.reason)


class CustomerTier(Answer):
    """The tier that the customer has."""

    tier_id: str = Field(description="The id of the tier.")
    name: str = Field(description="The name of the tier, as the tier structure has it now.")
    since: datetime | None = Field(
        description="The instant at which the customer got the tier; null for the tier of new customers."
    )
    until: datetime | None = Field(
        description="The instant until which the customer has the tier at least; null if time alone does not end it."
    )


class NextTier(Answer):
    """The next higher tier."""

    tier_id: str = Field(description="The id of the tier.")
    name: str = Field(description="The name of the tier.")
    from_: int = Field(alias="from", description="The fewest points of the tier.")
    missing: int = Field(
        description="The points that are missing. With 0, the customer gets the tier at the end of the period."
    )


class TierKeeping(Answer):
    """What keeps the tier."""

    missing: int = Field(description="The points that the customer still needs.")
    by: datetime = Field(description="The instant at which the customer needs the points.")


class TierBenefits(Answer):
    """What customers of the tier have."""

    multiplier: str | None = Field(description="The factor for the points of campaigns; null for none.")
    entitlements: list[str] = Field(description="Keys of rights.")
    metadata: dict[str, Any] = Field(description="Your own data about the benefits.")

    @classmethod
    def of(cls, benefits: Benefits) -> Self:
        return cls(
            multiplier=None if benefits.multiplier is None else str(benefits.multiplier),
            entitlements=list(benefits.entitlements),
            metadata=json.loads(benefits.metadata or "{}"),
        )


class ProgramTier(Answer):
    """The customer's tier in a program."""

    program_id: answered.ProgramId
    wallet_id: str = Field(description="The wallet whose points decide.")
    calculating: bool = Field(
        description=(
            "Whether the tier is still being computed, because the tier structure was attached a moment ago. Then the "
            "tier is unknown, and the other values have no meaning."
        )
    )
    tier: CustomerTier | None = Field(description="The customer's tier; null for none.")
    points: int = Field(
        description="The points that decide: those that became active in this period, or those that the card has."
    )
    next: NextTier | None = Field(description="The next higher tier; null in the highest.")
    keep: TierKeeping | None = Field(
        description="What keeps the tier; null if time alone does not end it, or if no points can keep it."
    )
    benefits: TierBenefits | None = Field(description="What the customer has because of the tier; null without a tier.")

    @classmethod
    def of(cls, found: TierProgress) -> Self:
        level, coming, keep = found.level, found.next, found.keep
        tier = level and CustomerTier(
            tier_id=level.tier_id,
            name=level.name,
            since=datetime_of(found.since) if found.since else None,
            until=datetime_of(found.until) if found.until else None,
        )
        return cls(
            program_id=found.program_id,
            wallet_id=found.wallet_id,
            calculating=found.calculating,
            tier=tier,
            points=found.points,
            next=coming
            and NextTier(
                tier_id=coming.level.tier_id,
                name=coming.level.name,
                from_=coming.level.start,
                missing=coming.missing,
            ),
            keep=keep and TierKeeping(missing=keep.missing, by=datetime_of(keep.by)),
            benefits=level and TierBenefits.of(level.benefits),
        )


class CustomerTiers(Answer):
    """The customer's tiers, one for each ACTIVE program with a tier structure."""

    data: list[ProgramTier] = Field(description="The tiers, one for each program; possibly none.")
