"""Campaigns: create, change, activate, pause, resume, end, copy, delete. Each change is a version."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from loyalty.domain.dates import instant
from loyalty.domain.earning.activation_rules import CampaignReferences, activation_problems
from loyalty.domain.earning.campaign import BUILT_IN_EVENTS, Campaign, CampaignSettings, CampaignStatus
from loyalty.domain.earning.document import settings_from, settings_json
from loyalty.domain.earning.pools import Totals, shard_count, used_of
from loyalty.errors import (
    CampaignInUse,
    CampaignNotActive,
    CampaignNotFound,
    FieldProblem,
    InvalidRequest,
    PreconditionFailed,
    SettingFixed,
    TooManyCampaigns,
)
from loyalty.retry import LostRace, retry
from loyalty.store.store import Store
from loyalty.store.table import TransactionCanceled
from loyalty.usecases.earning.budgets import change_budget, require_same_limits
from loyalty.usecases.versions import (
    changed_meanwhile,
    new_id,
    require_no_action,
    require_pattern,
    require_same_request,
    require_version,
    size_problems,
)

LIVE_MAX = 200
"""The most campaigns that are ACTIVE and not over."""
LIVE_OF_EVENT_MAX = 50
SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class ReviewedCampaign:
    """A campaign, and what keeps its settings from being ACTIVE in the project as it is now."""

    campaign: Campaign
    action_required: Sequence[FieldProblem]
    exhausted: bool = False
    """Whether the campaign is ACTIVE and its budget has nothing left."""
    used: Totals | None = None
    """What the campaign has given of its budget; None if this was not read."""


def create(
    store: Store,
    document: Mapping[str, Any],
    status: CampaignStatus,
    at: datetime,
    actor: str,
    *,
    key: str | None = None,
    fingerprint: bytes = b"",
) -> tuple[ReviewedCampaign, bool]:
    """Creates a campaign with the given settings; returns the campaign and whether the request is a repetition.

    With a key, the campaign's id follows from the key, so that a repetition finds the campaign of the first request.
    """
    campaign_id = new_id("cmp_", key)
    now = instant(at)
    settings = acceptable_settings(document)

    def attempt() -> tuple[ReviewedCampaign, bool]:
        if key is not None and (first := store.campaigns.version(campaign_id, 1)):
            require_same_request("campaign", first.fingerprint, fingerprint)
            return ReviewedCampaign(first, first.action_required), True
        problems = problems_of(store, settings)
        if status is CampaignStatus.ACTIVE:
            require_no_action("campaign", problems)
        campaign = Campaign(
            campaign_id=campaign_id,
            version=1,
            status=status,
            settings=settings,
            seed=secrets.token_bytes(SEED_BYTES),
            created_at=now,
            created_by=actor,
            updated_at=now,
            changed_by=actor,
            change="Created",
            activated_at=now if status is CampaignStatus.ACTIVE else 0,
            active_since=now if status is CampaignStatus.ACTIVE else 0,
            shards=shard_count(settings) if status is CampaignStatus.ACTIVE else 0,
            fingerprint=fingerprint,
            action_required=tuple(problems) if key is not None else (),
        )
        store.campaigns.save(campaign, before=None, generation=_generation_with_room(store, campaign))
        return ReviewedCampaign(campaign, problems), False

    return retry(attempt, "the campaigns")


def read(store: Store, campaign_id: str) -> Campaign:
    """Returns the campaign as it is now; a deleted campaign stays readable."""
    campaign = store.campaigns.current(campaign_id)
    if campaign is None:
        raise CampaignNotFound(f"There is no campaign {campaign_id}.")
    return campaign


def change(
    store: Store, campaign_id: str, patch: Mapping[str, Any], version: int, at: datetime, actor: str
) -> Campaign:
    """Replaces each setting that the patch names as a whole; null restores the default.

    Awards already given stay as they are. The settings must meet the activation rules, unless the campaign is a DRAFT.
    A campaign that was activated cannot get or lose a limit of the budget (`SettingFixed`), and its budget cannot be
    less than what it has given (`BudgetSpent`).
    """
    _require_valid_patterns(patch)
    campaign = read(store, campaign_id)
    if campaign.status in (CampaignStatus.ENDED, CampaignStatus.DELETED):
        raise _not_active(campaign)
    require_version("campaign", campaign.version, version)
    settings = acceptable_settings({**settings_json(campaign.settings), **patch})
    judged = campaign.status is not CampaignStatus.DRAFT

    def save(budget_token: str | None = None) -> Campaign:
        after = replace(campaign, settings=settings)
        if campaign.is_live and settings.trigger != campaign.settings.trigger:
            after = replace(after, active_since=instant(at))
        return _save(store, campaign, after, "Changed", at, actor, judged=judged, budget_token=budget_token)

    if not judged:
        return save()
    require_no_action("campaign", problems_of(store, settings))
    _require_same_trigger(campaign.settings, settings)
    require_same_limits(campaign.settings, settings)
    return change_budget(store, campaign, settings.budget, save) if settings.budget else save()


def activate(store: Store, campaign_id: str, at: datetime, actor: str) -> Campaign:
    """Makes a DRAFT ACTIVE if its settings meet the activation rules. A second activation changes nothing."""
    return _move(store, campaign_id, (CampaignStatus.DRAFT,), CampaignStatus.ACTIVE, "Activated", at, actor)


def pause(store: Store, campaign_id: str, at: datetime, actor: str) -> Campaign:
    """Makes an ACTIVE campaign PAUSED: it gives no points. A second pause changes nothing."""
    return _move(store, campaign_id, (CampaignStatus.ACTIVE,), CampaignStatus.PAUSED, "Paused", at, actor)


def resume(store: Store, campaign_id: str, at: datetime, actor: str) -> Campaign:
    """Makes a PAUSED campaign ACTIVE if its settings meet the activation rules."""
    return _move(store, campaign_id, (CampaignStatus.PAUSED,), CampaignStatus.ACTIVE, "Activated", at, actor)


def end(store: Store, campaign_id: str, at: datetime, actor: str) -> Campaign:
    """Makes an ACTIVE or PAUSED campaign ENDED, which is final. A second end changes nothing."""
    from_ = (CampaignStatus.ACTIVE, CampaignStatus.PAUSED)
    return _move(store, campaign_id, from_, CampaignStatus.ENDED, "Ended", at, actor)


def end_when_over(store: Store, campaign_id: str, over_at: int, at: datetime, actor: str) -> bool:
    """Makes an ACTIVE campaign ENDED if it was over at the instant `over_at`; returns whether it ended now."""

    def attempt() -> bool:
        campaign = read(store, campaign_id)
        if not campaign.is_live or not campaign.is_over(over_at):
            return False
        try:
            _save(store, campaign, replace(campaign, status=CampaignStatus.ENDED), "Ended", at, actor)
        except PreconditionFailed as race:
            raise LostRace from race
        return True

    return retry(attempt, "the campaign")


def copy(store: Store, campaign_id: str, name: str, at: datetime, actor: str) -> ReviewedCampaign:
    """Creates a DRAFT with the campaign's settings under another name."""
    settings = replace(read(store, campaign_id).settings, name=name)
    created, _ = create(store, settings_json(settings), CampaignStatus.DRAFT, at, actor)
    return created


def delete(store: Store, campaign_id: str, version: int | None, at: datetime, actor: str) -> None:
    """Deletes a DRAFT. The campaign stays readable."""
    campaign = read(store, campaign_id)
    if campaign.status is CampaignStatus.DELETED:
        return
    if version is not None:
        require_version("campaign", campaign.version, version)
    if campaign.status is not CampaignStatus.DRAFT:
        raise CampaignInUse("Only a DRAFT can be deleted. End the campaign instead.")
    _save(store, campaign, replace(campaign, status=CampaignStatus.DELETED), "Deleted", at, actor)


def review(store: Store, *campaigns: Campaign) -> list[ReviewedCampaign]:
    """Returns the campaigns with what keeps each from being ACTIVE."""
    found = references(store, *(campaign.settings for campaign in campaigns))
    limited = {campaign.campaign_id for campaign in campaigns if campaign.is_live and campaign.shards}
    exhausted = {campaign_id for campaign_id in limited if store.campaigns.is_exhausted(campaign_id)}
    return [
        ReviewedCampaign(campaign, activation_problems(campaign.settings, found), campaign.campaign_id in exhausted)
        for campaign in campaigns
    ]


def inspect(store: Store, campaign: Campaign) -> ReviewedCampaign:
    """Returns the campaign as `review` does, with what it has given of its budget."""
    (found,) = review(store, campaign)
    return replace(found, used=used_of(store.pools.shards(campaign))) if campaign.shards else found


def problems_of(store: Store, settings: CampaignSettings) -> list[FieldProblem]:
    """Returns what keeps the settings from being ACTIVE in the project as it is now."""
    return activation_problems(settings, references(store, settings))


def references(store: Store, *settings: CampaignSettings) -> CampaignReferences:
    """Returns what the settings are checked against. Only what they name is read."""
    named = {name for one in settings if one.trigger for name in one.trigger.events}
    events = [definition.name for definition in store.event_definitions.all()] if named - BUILT_IN_EVENTS else []
    wallet_ids = frozenset[str]().union(*(one.wallet_ids for one in settings))
    wallets = (store.wallets.current(wallet_id) for wallet_id in sorted(wallet_ids))
    multiplied = {campaign_id for one in settings if one.multiplier for campaign_id in one.multiplier.campaigns}
    campaigns = (store.campaigns.current(campaign_id) for campaign_id in sorted(multiplied))
    return CampaignReferences(
        events=frozenset(events),
        wallets={wallet.wallet_id: wallet.status for wallet in wallets if wallet},
        campaigns=frozenset(campaign.campaign_id for campaign in campaigns if campaign),
    )


def acceptable_settings(document: Mapping[str, Any]) -> CampaignSettings:
    """Returns the settings of the document.

    Raises `InvalidPattern` for a pattern that no draft may have either, and `InvalidRequest` for settings that are too
    large.
    """
    _require_valid_patterns(document)
    settings = settings_from(document)
    if problems := size_problems("campaign", settings_json(settings)):
        raise InvalidRequest("The campaign's settings are too large.", errors=problems)
    return settings


def versions(store: Store, campaign_id: str, below: int | None, limit: int) -> tuple[list[Campaign], int | None]:
    """Returns versions below the given one, newest first, and the version below which the next page begins."""
    page = store.campaigns.versions(campaign_id, below or read(store, campaign_id).version + 1, limit)
    return page, page[-1].version if page and page[-1].version > 1 else None


def page_of_campaigns(
    store: Store,
    status: CampaignStatus | None,
    event: str | None,
    wallet_id: str | None,
    after: str | None,
    limit: int,
) -> tuple[list[Campaign], str | None]:
    """Returns campaigns in the order of their ids, and the id after which the next page begins.

    Deleted campaigns are left out unless the status asks for them.
    """
    page: list[Campaign] = []
    for campaign in store.campaigns.all(after):
        if len(page) == limit:
            return page, page[-1].campaign_id
        has_status = campaign.status is (status or campaign.status)
        is_listed = has_status and (status is not None or campaign.status is not CampaignStatus.DELETED)
        has_event = event is None or campaign.settings.event == event
        if is_listed and has_event and (wallet_id is None or wallet_id in campaign.settings.wallet_ids):
            page.append(campaign)
    return page, None


def _move(
    store: Store,
    campaign_id: str,
    from_: Sequence[CampaignStatus],
    to: CampaignStatus,
    change_name: str,
    at: datetime,
    actor: str,
) -> Campaign:
    def attempt() -> Campaign:
        campaign = read(store, campaign_id)
        if campaign.status is to:
            return campaign
        if campaign.status not in from_:
            raise _not_active(campaign)
        moved = replace(campaign, status=to)
        if to is CampaignStatus.ACTIVE:
            moved = replace(moved, active_since=instant(at))
        if to is CampaignStatus.ACTIVE and not campaign.activated_at:
            moved = replace(moved, activated_at=instant(at), shards=shard_count(campaign.settings))
        try:
            return _save(store, campaign, moved, change_name, at, actor, judged=to is CampaignStatus.ACTIVE)
        except PreconditionFailed as race:
            raise LostRace from race

    return retry(attempt, "the campaign")


def _save(
    store: Store,
    before: Campaign,
    after: Campaign,
    change_name: str,
    at: datetime,
    actor: str,
    *,
    judged: bool = False,
    budget_token: str | None = None,
) -> Campaign:
    """Saves the campaign's next version. If `judged`, the settings must meet the activation rules."""
    campaign = replace(
        after,
        version=before.version + 1,
        change=change_name,
        changed_by=actor,
        updated_at=instant(at),
    )

    def attempt() -> Campaign:
        if judged:
            require_no_action("campaign", problems_of(store, campaign.settings))
        try:
            generation = _generation_with_room(store, campaign)
            store.campaigns.save(campaign, before=before, generation=generation, budget_token=budget_token)
        except TransactionCanceled as race:
            if "campaign" in race.failed:
                raise changed_meanwhile("campaign") from race
            raise
        return campaign

    return retry(attempt, "the campaigns")


def _generation_with_room(store: Store, campaign: Campaign) -> int | None:
    """Returns the generation in which there is room for the campaign; None for a campaign that needs no room.

    Raises `TooManyCampaigns` if there is no room.
    """
    if not campaign.is_live:
        return None
    generation = store.campaigns.generation()
    now = campaign.updated_at
    others = [one for one in store.campaigns.live() if one.campaign_id != campaign.campaign_id and not one.is_over(now)]
    event = campaign.settings.event
    of_event = sum(one.settings.event == event for one in others) if event else 0
    if len(others) >= LIVE_MAX:
        raise TooManyCampaigns(f"{LIVE_MAX} campaigns are active. Pause or end a campaign first.")
    if of_event >= LIVE_OF_EVENT_MAX:
        detail = f"{LIVE_OF_EVENT_MAX} campaigns of this event are active. Pause or end a campaign first."
        raise TooManyCampaigns.of_field("trigger.event", detail)
    return generation


def _require_same_trigger(before: CampaignSettings, after: CampaignSettings) -> None:
    if (before.trigger and before.trigger.type) != (after.trigger and after.trigger.type):
        detail = "The type of the trigger cannot change after the first activation. Copy the campaign instead."
        raise SettingFixed.of_field("body.trigger.type", detail)


def _require_valid_patterns(document: Mapping[str, Any]) -> None:
    if document.get("conditions"):
        require_pattern(document["conditions"], "body.conditions")
    for place, reward in enumerate(document.get("rewards") or []):
        if reward.get("items") is not None:
            require_pattern(reward["items"], f"body.rewards[{place}].items")


def _not_active(campaign: Campaign) -> CampaignNotActive:
    return CampaignNotActive(f"The campaign is {campaign.status}.")
