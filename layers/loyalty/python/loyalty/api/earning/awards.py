"""What campaigns gave for an event, as an answer."""

from datetime import datetime

from pydantic import Field

from loyalty.api import answered
from loyalty.api.base import Answer
from loyalty.api.points.balances import Balance
from loyalty.domain.cards import transaction as domain
from loyalty.domain.dates import datetime_of
from loyalty.domain.earning import skips
from loyalty.usecases.earning.awards import AwardOutcome


class Award(Answer):
    """Points that a reward rule of a campaign gave."""

    campaign_id: answered.CampaignId
    campaign_version: int = Field(description="The version of the campaign whose rules applied.")
    reward_no: int = Field(description="The place of the reward rule in the campaign, from 0.")
    customer_id: str = Field(
        description="Your id of the customer who got the points: the event's customer, or the referrer."
    )
    wallet_id: answered.WalletId
    points: int = Field(description="The points that were given.")
    base: str = Field(description="The points before factor, rounding and limits, as a decimal number or a fraction.")
    factor: str = Field(description="The factor of the multipliers, as a decimal number; 1 without multipliers.")
    requested: int | None = Field(description="The points before a limit reduced them; null if no limit did.")
    capped_by: answered.CappedBy | None = Field(
        description="The limit of the wallet or of the campaign that reduced the points; null if none did."
    )
    transaction_id: str | None = Field(description="The transaction of the points; null if nothing was written.")
    bucket: domain.Bucket = Field(description="PENDING if the points cannot be spent yet, otherwise ACTIVE.")
    activates_at: datetime | None = Field(
        description="The instant at which the points become active; null if they are active, or if an event decides."
    )
    expires_at: datetime | None = Field(
        description="The instant from which the points cannot be spent; null if none is known, or if they never expire."
    )
    balance: Balance = Field(description="The card's balance right after the award.")

    @classmethod
    def of(cls, award: AwardOutcome) -> "Award":
        row, details = award.row, award.row.award
        assert details is not None, "the row of an award has its details"
        expiries = [lot.expires_at for lot in row.pending_lots] + [lot.expires_at for lot in row.lots]
        expires_at = max(expiries, default=0)
        activates_at = max((lot.activates_at for lot in row.pending_lots), default=0)
        return cls(
            campaign_id=row.context.campaign_id or "",
            campaign_version=details.campaign_version,
            reward_no=details.reward_no,
            customer_id=row.customer_id,
            wallet_id=row.wallet_id,
            points=row.points,
            base=details.base,
            factor=details.factor,
            requested=row.requested,
            capped_by=row.capped_by,
            transaction_id=None if award.dry else row.transaction_id,
            bucket=row.bucket,
            activates_at=datetime_of(activates_at) if activates_at else None,
            expires_at=datetime_of(expires_at) if expires_at > 0 else None,
            balance=Balance.of(row.balance),
        )


class PointsRange(Answer):
    """The fewest and the most points of a RANDOM reward rule."""

    from_: int = Field(alias="from", description="The fewest points.")
    to: int = Field(description="The most points.")


class ExaminedAward(Award):
    """Points that a reward rule of a campaign would give."""

    possible: PointsRange | None = Field(
        description=(
            "The range of a RANDOM reward before limits. `points` are those of an event with the id that you sent; "
            "without an id, any points of the range are possible."
        )
    )

    @classmethod
    def of(cls, award: AwardOutcome) -> "ExaminedAward":
        possible = PointsRange(from_=award.possible[0], to=award.possible[1]) if award.possible else None
        return cls(**dict(Award.of(award)), possible=possible)


class SkippedCampaign(Answer):
    """A campaign that gave nothing for the event."""

    campaign_id: answered.CampaignId
    reason: str = Field(description="Why the campaign gave nothing; the guide to campaigns lists the reasons.")
    path: str | None = Field(description="The part of the conditions that failed, if the conditions are the reason.")

    @classmethod
    def of(cls, skip: skips.Skip) -> "SkippedCampaign":
        return cls(campaign_id=skip.campaign_id, reason=skip.reason, path=skip.path)
