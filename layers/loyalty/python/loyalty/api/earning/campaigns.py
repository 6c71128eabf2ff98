"""Requests and answers about campaigns."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field

from loyalty.api import answered
from loyalty.api.base import Answer, Request
from loyalty.api.earning.examples import SETTINGS_EXAMPLES
from loyalty.api.earning.settings import CampaignSettingsRequest, HoursInput, LimitsInput, MultiplierInput, RewardInput
from loyalty.api.earning.triggers import TriggerInput
from loyalty.api.fields import Name
from loyalty.api.shown import Shown, setting
from loyalty.api.wallets.wallets import RequiredAction
from loyalty.domain.dates import datetime_of
from loyalty.domain.earning.campaign import CampaignPhase, CampaignStatus
from loyalty.domain.earning.document import settings_json
from loyalty.domain.earning.pools import Totals
from loyalty.errors import FieldProblem
from loyalty.usecases.earning.campaigns import ReviewedCampaign


class CampaignCreateRequest(CampaignSettingsRequest):
    """A campaign to create. Settings that are left out or null get their defaults."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**settings, "status": "ACTIVE"} for settings in SETTINGS_EXAMPLES]}
    )

    name: Name = Field(description="The name of the campaign. Several campaigns may have one name.")
    status: Literal[CampaignStatus.ACTIVE, CampaignStatus.DRAFT] = Field(
        default=CampaignStatus.ACTIVE,
        description="DRAFT saves a campaign that may be incomplete; a draft gives no points.",
    )


class CampaignUpdateRequest(CampaignSettingsRequest):
    """The settings to change. Settings that are left out keep their values, and null sets the default."""

    model_config = ConfigDict(json_schema_extra={"examples": list(SETTINGS_EXAMPLES)})

    # A name cannot be null, because it has no default.
    name: Name = Field(
        default_factory=str, description="The name of the campaign. Several campaigns may have one name."
    )


class CampaignCopyRequest(Request):
    """The name of the copy."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Double points, next year"}]})

    name: Name = Field(description="The name of the copy.")


class BudgetUsed(Answer):
    """What a campaign has given of its budget. Refunds of orders give nothing back to the budget."""

    points: int | None = Field(description="The points of all awards; null if the budget does not limit them.")
    awards: int | None = Field(description="The events that gave points; null if the budget does not limit them.")

    @classmethod
    def of(cls, used: Totals) -> Self:
        return cls(points=used.points, awards=used.awards)


class Campaign(Answer):
    """A campaign with its settings, which CampaignCreateRequest describes."""

    has_etag = True
    has_location = True

    campaign_id: answered.CampaignId
    version: int = Field(description="The number of the campaign's version, which is also the ETag.")
    status: CampaignStatus = Field(
        description="The stage in the life of the campaign: only an ACTIVE campaign gives points."
    )
    phase: CampaignPhase | None = Field(
        description=(
            "SCHEDULED: the campaign has not started. RUNNING: it gives points. OVER: it has ended by `endsAt`. "
            "EXHAUSTED: its budget has nothing left. Null unless the campaign is ACTIVE."
        )
    )
    action_required: list[RequiredAction] = Field(
        description="The activation rules that the settings do not meet; empty if the campaign may be ACTIVE."
    )
    name: str = setting(CampaignCreateRequest, "name")
    description: str = setting(CampaignCreateRequest, "description")
    priority: int = setting(CampaignCreateRequest, "priority")
    group: str | None = setting(CampaignCreateRequest, "group")
    trigger: Annotated[dict[str, Any], Shown(TriggerInput)] | None = setting(CampaignCreateRequest, "trigger")
    conditions: dict[str, Any] = setting(CampaignCreateRequest, "conditions")
    starts_at: datetime | None = setting(CampaignCreateRequest, "starts_at")
    ends_at: datetime | None = setting(CampaignCreateRequest, "ends_at")
    hours: list[Annotated[dict[str, Any], Shown(HoursInput)]] = setting(CampaignCreateRequest, "hours")
    rewards: list[Annotated[dict[str, Any], Shown(RewardInput)]] = setting(CampaignCreateRequest, "rewards")
    multiplier: Annotated[dict[str, Any], Shown(MultiplierInput)] | None = setting(CampaignCreateRequest, "multiplier")
    limits: Annotated[dict[str, Any], Shown(LimitsInput)] = setting(CampaignCreateRequest, "limits")
    budget_used: BudgetUsed | None = Field(
        description="What the campaign has given of its budget; null in lists, without a budget and before activation."
    )
    metadata: dict[str, Any] = setting(CampaignCreateRequest, "metadata")
    activated_at: datetime | None = Field(description="The instant of the first activation.")
    created_at: answered.CreatedAt
    created_by: str = Field(description="The id of the API key that created the campaign.")
    updated_at: answered.SavedAt

    @classmethod
    def of(cls, found: ReviewedCampaign, at: int) -> Self:
        return cls(**cls.values_of(found, at))

    @staticmethod
    def values_of(found: ReviewedCampaign, at: int) -> dict[str, Any]:
        """What any answer with a campaign has; the phase is that of `at`."""
        campaign = found.campaign
        return {
            **settings_json(campaign.settings),
            "campaign_id": campaign.campaign_id,
            "version": campaign.version,
            "status": campaign.status,
            "phase": campaign.phase(at, exhausted=found.exhausted),
            "action_required": [RequiredAction.of(one) for one in found.action_required],
            "budget_used": BudgetUsed.of(found.used) if found.used else None,
            "activated_at": datetime_of(campaign.activated_at) if campaign.activated_at else None,
            "created_at": datetime_of(campaign.created_at),
            "created_by": campaign.created_by,
            "updated_at": datetime_of(campaign.updated_at),
        }


class CampaignVersion(Campaign):
    """A version of a campaign."""

    change: Literal["Created", "Changed", "Activated", "Paused", "Ended", "Deleted"] = Field(
        description="What made this version of the version before."
    )
    changed_by: str = Field(
        description="The id of the API key that made the change; `loyalty.schedule` if the end of the window did."
    )

    @classmethod
    def of(cls, found: ReviewedCampaign, at: int) -> Self:
        campaign = found.campaign
        return cls(**cls.values_of(found, at), change=campaign.change, changed_by=campaign.changed_by)


class CampaignList(Answer):
    """A page of campaigns."""

    data: list[Campaign] = Field(description="The campaigns of the page, in the order of their ids.")
    next_cursor: answered.NextCursor


class CampaignVersionList(Answer):
    """A page of a campaign's versions, newest first."""

    data: list[CampaignVersion] = Field(description="The versions of the page, newest first.")
    next_cursor: answered.NextCursor


class CampaignValidation(Answer):
    """The activation rules that the settings do not meet."""

    valid: bool = Field(description="Whether the settings meet all activation rules.")
    action_required: list[RequiredAction] = Field(description="The activation rules that the settings do not meet.")

    @classmethod
    def of(cls, problems: Sequence[FieldProblem]) -> "CampaignValidation":
        return cls(valid=not problems, action_required=[RequiredAction.of(problem) for problem in problems])
