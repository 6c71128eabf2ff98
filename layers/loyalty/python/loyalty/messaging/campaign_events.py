"""Events on the bus of campaigns: one for each version, receipt with awards, completed run and exhausted budget."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from loyalty.domain.dates import datetime_of
from loyalty.domain.earning.campaign import Campaign, ExhaustedBudget
from loyalty.domain.earning.receipt import Receipt, ReceiptAward
from loyalty.domain.earning.run import Run
from loyalty.domain.wallets.wallet import Wallet
from loyalty.messaging.events import Detail, Event, NamedWallet, WalletOf, names_of


class CampaignEvent(Detail):
    """A new version of a campaign."""

    campaign_id: str = Field(description="The id of the campaign.")
    version: int = Field(description="The number of the version.")
    status: str = Field(description="The status of the campaign: DRAFT, ACTIVE, PAUSED, ENDED or DELETED.")
    name: str = Field(description="The name of the campaign.")
    event: str | None = Field(
        description="The name of the event that triggers the campaign; null with SCHEDULE and in some drafts."
    )
    actor: str = Field(
        description="The id of the API key that made the change; `loyalty.schedule` if the end of the window did."
    )
    changed_at: datetime = Field(description="The instant of the change.")


class CampaignRunCompleted(Detail):
    """A scheduled campaign gave its points to the members of its wallet on a date."""

    campaign_id: str = Field(description="The id of the campaign.")
    day: date = Field(alias="date", description="The local date of the run.")
    awards: int = Field(description="The number of customers who got points.")
    points: int = Field(description="The points that these customers got.")
    scheduled_at: datetime = Field(description="The instant of the schedule.")
    completed_at: datetime = Field(description="The instant at which all members had their turn.")


class CampaignBudgetExhausted(Detail):
    """A campaign's budget has too little left for another award. A larger budget lets it give points again."""

    campaign_id: str = Field(description="The id of the campaign.")
    version: int = Field(description="The number of the campaign's version with this budget.")
    name: str = Field(description="The name of the campaign.")
    budget_points: int | None = Field(description="The points of the budget; null without a limit.")
    budget_awards: int | None = Field(description="The awards of the budget; null without a limit.")
    exhausted_at: datetime = Field(description="The instant at which an event found too little left.")


class EventAward(NamedWallet):
    """Points that a reward rule of a campaign gave."""

    campaign_id: str = Field(description="The id of the campaign.")
    campaign_version: int = Field(description="The version of the campaign whose rules applied.")
    reward_no: int = Field(description="The place of the reward rule in the campaign, from 0.")
    customer_id: str = Field(description="Who got the points: the customer of the event, or the referrer.")
    seq: int = Field(description="The number of the award's `Points Credited` event on the card.")
    points: int = Field(description="The points that were given.")
    base: str = Field(description="The points before factor, rounding and limits, as a decimal number or a fraction.")
    factor: str = Field(description="The factor of the multipliers, as a decimal number; 1 without multipliers.")


class AwardsGiven(Detail):
    """The fields of every event about the awards of an event."""

    name: str = Field(description="The name of the event for which campaigns gave points.")
    key: str = Field(
        description=(
            "The text that identifies the event among the customer's events with this name: `=` and the order id of a "
            "paid order; the `eventId` of a custom event; the campaign id, `@` and the date of a run; `K:` and the "
            "idempotency key of a redeemed coupon, or with an order its code, `=` and the order id."
        )
    )
    customer_id: str = Field(description="The customer of the event.")
    order_id: str | None = Field(description="The order of the event; null without an order.")
    awards: list[EventAward] = Field(description="The points that campaigns gave, at least one award.")
    event_timestamp: datetime = Field(description="The instant at which the event happened.")
    recorded_at: datetime = Field(description="The instant at which the awards were recorded.")


class CampaignRewardGranted(AwardsGiven):
    """Campaigns gave points for an event. Each award is a `Points Credited` event too."""


class CouponRedeemed(AwardsGiven):
    """A customer redeemed a coupon. Each award is a `Points Credited` event too."""

    code: str = Field(description="The code of the coupon, in upper case.")


class ReferralCompleted(AwardsGiven):
    """An event of a referred customer gave points to the referrer. `awards` has the awards of both sides."""

    referrer_id: str = Field(description="The customer id of the referrer.")


REWARD_GRANTED = "Campaign Reward Granted"
COUPON_REDEEMED = "Coupon Redeemed"
REFERRAL_COMPLETED = "Referral Completed"
RUN_COMPLETED = "Campaign Run Completed"
BUDGET_EXHAUSTED = "Campaign Budget Exhausted"
CAMPAIGN_TYPES = ("Created", "Changed", "Activated", "Paused", "Ended", "Deleted")
CAMPAIGN_DETAILS: dict[str, type[Detail]] = {
    **{f"Campaign {change}": CampaignEvent for change in CAMPAIGN_TYPES},
    REWARD_GRANTED: CampaignRewardGranted,
    COUPON_REDEEMED: CouponRedeemed,
    REFERRAL_COMPLETED: ReferralCompleted,
    RUN_COMPLETED: CampaignRunCompleted,
    BUDGET_EXHAUSTED: CampaignBudgetExhausted,
}
"""Every detail type of campaigns with its model."""


def award_events(receipt: Receipt, wallet_of: WalletOf) -> list[Event]:
    """Returns the events of a receipt; none without awards."""
    if not receipt.awards:
        return []
    fields: dict[str, Any] = {
        "name": receipt.name,
        "key": receipt.key,
        "customer_id": receipt.customer_id,
        "order_id": receipt.order_id,
        "event_timestamp": datetime_of(receipt.occurred_at),
        "recorded_at": datetime_of(receipt.received_at),
    }
    awards = [_award(receipt, one, wallet_of(one.wallet_id, one.wallet_version)) for one in receipt.awards]
    own: dict[str, Any] = {"event_id": receipt.receipt_id, "awards": awards}
    if receipt.coupon is None:
        granted: AwardsGiven = CampaignRewardGranted(**own, **fields)
        events = [Event(detail_type=REWARD_GRANTED, time=granted.recorded_at, detail=granted)]
    else:
        granted = CouponRedeemed(**own, **fields, code=receipt.coupon)
        events = [Event(detail_type=COUPON_REDEEMED, time=granted.recorded_at, detail=granted)]
    referring = {one.campaign_id: one.customer_id for one in receipt.awards if one.customer_id is not None}
    if referring:
        completed = ReferralCompleted(
            event_id=f"{receipt.receipt_id}.r",
            referrer_id=next(iter(referring.values())),
            awards=[award for award in awards if award.campaign_id in referring],
            **fields,
        )
        events.append(Event(detail_type=REFERRAL_COMPLETED, time=completed.recorded_at, detail=completed))
    return events


def campaign_version_event(campaign: Campaign) -> Event:
    detail = CampaignEvent(
        event_id=f"{campaign.campaign_id}.v{campaign.version}",
        campaign_id=campaign.campaign_id,
        version=campaign.version,
        status=campaign.status,
        name=campaign.settings.name,
        event=campaign.settings.event,
        actor=campaign.changed_by,
        changed_at=datetime_of(campaign.updated_at),
    )
    return Event(detail_type=f"Campaign {campaign.change}", time=datetime_of(campaign.updated_at), detail=detail)


def run_event(run: Run) -> Event:
    """Returns the event of a completed run."""
    completed_at = datetime_of(run.completed_at)
    detail = CampaignRunCompleted(
        event_id=f"{run.campaign_id}.{run.day}",
        campaign_id=run.campaign_id,
        day=run.day,
        awards=run.awards,
        points=run.points,
        scheduled_at=datetime_of(run.scheduled_at),
        completed_at=completed_at,
    )
    return Event(detail_type=RUN_COMPLETED, time=completed_at, detail=detail)


def budget_event(exhausted: ExhaustedBudget) -> Event:
    """Returns the event of a campaign whose budget has too little left."""
    campaign, exhausted_at = exhausted.campaign, datetime_of(exhausted.at)
    budget = campaign.settings.budget
    detail = CampaignBudgetExhausted(
        event_id=f"{campaign.campaign_id}.v{campaign.version}.exhausted",
        campaign_id=campaign.campaign_id,
        version=campaign.version,
        name=campaign.settings.name,
        budget_points=budget.points if budget else None,
        budget_awards=budget.awards if budget else None,
        exhausted_at=exhausted_at,
    )
    return Event(detail_type=BUDGET_EXHAUSTED, time=exhausted_at, detail=detail)


def _award(receipt: Receipt, award: ReceiptAward, wallet: Wallet) -> EventAward:
    return EventAward(
        **names_of(wallet),
        campaign_id=award.campaign_id,
        campaign_version=award.details.campaign_version,
        reward_no=award.details.reward_no,
        customer_id=award.customer_id or receipt.customer_id,
        seq=award.seq,
        points=award.points,
        base=award.details.base,
        factor=award.details.factor,
    )
