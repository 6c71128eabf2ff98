"""Requests and answers about campaigns."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field

from loyalty.api.base import Answer, Request
from loyalty.api.earning.examples import SETTINGS_EXAMPLES
from loyalty.api.earning.settings import CampaignName, CampaignSettingsRequest
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

    name: CampaignName = Field(description="The name of the campaign. Several campaigns may have one name.")
    status: Literal[CampaignStatus.ACTIVE, CampaignStatus.DRAFT] = Field(
        default=CampaignStatus.ACTIVE,
        description="DRAFT saves a campaign that may be incomplete; a draft gives no points.",
    )


class CampaignUpdateRequest(CampaignSettingsRequest):
    """The settings to change. Settings that are left out keep their values, and null sets the default."""

    model_config = ConfigDict(json_schema_extra={"examples": list(SETTINGS_EXAMPLES)})

    # A name cannot be null, because it has no default.
    name: CampaignName = Field(
        default_factory=str, description="The name of the campaign. Several campaigns may have one name."
    )


class CampaignCopyRequest(Request):
    """The name of the copy."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Double points, next year"}]})

    name: CampaignName = Field(description="The name of the copy.")


class BudgetUsed(Answer):
    """What a campaign has given of its budget. Refunds of orders give nothing back to the budget."""

    points: int | None = Field(description="The points of all awards; null if the budget does not limit them.")
    awards: int | None = Field(description="The events that gave points; null if the budget does not limit them.")

    @classmethod
    def of(cls, used: Totals) -> Self:
        return cls(points=used.points, awards=used.awards)


class Campaign(Answer):
    """A campaign with its settings, which CampaignCreateRequest describes."""

    campaign_id: str
    version: int = Field(description="The number of the campaign's version, which is also the ETag.")
    status: CampaignStatus
    phase: CampaignPhase | None = Field(
        description=(
            "SCHEDULED: the campaign has not started. RUNNING: it gives points. OVER: it has ended by `endsAt`. "
            "EXHAUSTED: its budget has nothing left. Null unless the campaign is ACTIVE."
        )
    )
    action_required: list[RequiredAction] = Field(
        description="The activation rules that the settings do not meet; empty if the campaign may be ACTIVE."
    )
    name: str
    description: str
    priority: int
    group: str | None
    trigger: dict[str, Any] | None
    conditions: dict[str, Any]
    starts_at: datetime | None
    ends_at: datetime | None
    hours: list[dict[str, Any]]
    rewards: list[dict[str, Any]]
    multiplier: dict[str, Any] | None
    limits: dict[str, Any]
    budget_used: BudgetUsed | None = Field(
        description="What the campaign has given of its budget; null in lists, without a budget and before activation."
    )
    metadata: dict[str, Any]
    activated_at: datetime | None = Field(description="The instant of the first activation.")
    created_at: datetime
    created_by: str = Field(description="The id of the API key that created the campaign.")
    updated_at: datetime = Field(description="The instant at which this version was saved.")

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

    change: str = Field(description="The kind of change: Created, Changed, Activated, Paused, Ended or Deleted.")
    changed_by: str = Field(
        description="The id of the API key that made the change; `loyalty.schedule` if the end of the window did."
    )

    @classmethod
    def of(cls, found: ReviewedCampaign, at: int) -> Self:
        campaign = found.campaign
        return cls(**cls.values_of(found, at), change=campaign.change, changed_by=campaign.changed_by)


class CampaignList(Answer):
    """A page of campaigns."""

    data: list[Campaign]
    next_cursor: str | None = Field(description="The cursor of the next page; null on the last page.")


class CampaignVersionList(Answer):
    """A page of a campaign's versions, newest first."""

    data: list[CampaignVersion]
    next_cursor: str | None = Field(description="The cursor of the next page; null on the last page.")


class CampaignValidation(Answer):
    """The activation rules that the settings do not meet."""

    valid: bool = Field(description="Whether the settings meet all activation rules.")
    action_required: list[RequiredAction] = Field(description="The activation rules that the settings do not meet.")

    @classmethod
    def of(cls, problems: Sequence[FieldProblem]) -> "CampaignValidation":
        return cls(valid=not problems, action_required=[RequiredAction.of(problem) for problem in problems])
