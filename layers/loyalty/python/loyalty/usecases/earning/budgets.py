"""Budgets: a change of a campaign's limits reaches the shards of its pool one by one, beside awards.

The shards are lowered before the campaign's next version is saved, and raised afterwards: what they allow is never more
than the budget. An interrupted change leaves them with less, and the next change of the campaign completes it.
"""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from loyalty.domain.earning.campaign import Budget, Campaign, CampaignSettings
from loyalty.domain.earning.pools import limit_changes
from loyalty.errors import Busy, LoyaltyError, PreconditionFailed, SettingFixed
from loyalty.retry import LostRace, retry
from loyalty.store.store import Store
from loyalty.store.table import TransactionCanceled
from loyalty.usecases.versions import changed_meanwhile


def require_same_limits(before: CampaignSettings, after: CampaignSettings) -> None:
    """Raises `SettingFixed` if a limit of the budget was added or removed: former awards were not counted for it."""
    for name in ("points", "awards"):
        was, is_ = (getattr(one.budget, name, None) is not None for one in (before, after))
        if was != is_:
            change = "added" if is_ else "removed"
            detail = f"The limit cannot be {change} after the first activation. Copy the campaign instead."
            raise SettingFixed.of_field(f"body.limits.budget.{name}", detail)


def change_budget(store: Store, before: Campaign, budget: Budget, save: Callable[[str | None], Campaign]) -> Campaign:
    """Saves the campaign's next version, which has this budget, and returns it once all shards have the new limits.

    `save` gets the token of the change; None if the limits stay. Raises `BudgetSpent` if the campaign has given more
    than the budget.
    """
    former = before.settings.budget
    assert former is not None, "the campaign has a pool"
    if (former.points, former.awards) == (budget.points, budget.awards):
        campaign = save(None)
    else:
        # A refusal that the first reading finds writes nothing.
        limit_changes(store.pools.shards(before), budget)
        token = _begin(store, before)
        try:
            _change_shards(store, before, token, _lower_of(former, budget))
            campaign = save(token)
        except PreconditionFailed:
            # The campaign has changed, or another change of the budget has begun: the shards are no longer this one's.
            raise
        except LoyaltyError:
            with suppress(LoyaltyError):
                _change_shards(store, before, token, former)
            raise
    # If the campaign has changed again, the later change completes this one.
    with suppress(PreconditionFailed):
        if any(limit_changes(store.pools.shards(campaign), budget)):
            _change_shards(store, campaign, _begin(store, campaign), budget)
    return campaign


def _lower_of(one: Budget, other: Budget) -> Budget:
    def lower(left: int | None, right: int | None) -> int | None:
        return None if left is None or right is None else min(left, right)

    return replace(one, points=lower(one.points, other.points), awards=lower(one.awards, other.awards))


def _begin(store: Store, campaign: Campaign) -> str:
    """Returns the token of a new change of limits, the only one that can write from now on."""
    token = secrets.token_hex(8)
    retry(lambda: _only_if_current(partial(store.pools.begin_change, campaign, token)), "the campaign")
    return token


def _change_shards(store: Store, campaign: Campaign, token: str, budget: Budget) -> None:
    """Makes the limits of the shards add up to the budget."""

    def attempt() -> None:
        shards = store.pools.shards(campaign)
        races: list[LostRace] = []
        for place, (shard, change) in enumerate(zip(shards, limit_changes(shards, budget), strict=True)):
            if change:
                try:
                    _only_if_current(partial(store.pools.change_limit, campaign, token, place, shard, change))
                except LostRace as race:
                    races.append(race)
        if races:
            raise races[0]

    try:
        retry(attempt, "the campaign's budget")
    except Busy as busy:
        raise Busy("The change of the budget is incomplete. Read the campaign and send the change again.") from busy


def _only_if_current(write: Callable[[], None]) -> None:
    """Writes. Raises `PreconditionFailed` if the campaign has changed or another change of limits has begun."""
    try:
        write()
    except TransactionCanceled as race:
        if "campaign" in race.failed:
            raise changed_meanwhile("campaign") from race
        raise
