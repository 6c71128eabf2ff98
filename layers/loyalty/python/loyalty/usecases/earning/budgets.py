"""Budgets: a change of a campaign's limits reaches the shards of its pool one by one, beside awards.

A limit that sinks is taken out of the shards before the campaign's next version is saved, a limit that rises is given
to them afterwards: what the shards allow is never more than the budget. An interrupted change leaves them with less, and
the next change of the campaign completes it.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from loyalty.domain.earning.campaign import Budget, Campaign, CampaignSettings
from loyalty.domain.earning.pools import Taken, limit_changes
from loyalty.errors import Busy, LoyaltyError, PreconditionFailed, SettingFixed
from loyalty.retry import LostRace, retry
from loyalty.store.store import Store
from loyalty.store.table import TransactionCanceled


def require_same_limits(before: CampaignSettings, after: CampaignSettings) -> None:
    """Raises `SettingFixed` if a limit of the budget was added or removed: former awards were not counted for it."""
    for name in ("points", "awards"):
        was, is_ = (getattr(one.budget, name, None) is not None for one in (before, after))
        if was != is_:
            change = "added" if is_ else "removed"
            detail = f"The limit cannot be {change} after the first activation. Copy the campaign instead."
            raise SettingFixed.of_field(f"body.limits.budget.{name}", detail)


def change_budget(store: Store, before: Campaign, budget: Budget, save: Callable[[], Campaign]) -> Campaign:
    """Saves the campaign's next version, which has this budget, and returns it once all shards have the new limits.

    Raises `BudgetSpent` if the campaign has given more than the budget.
    """
    former = before.settings.budget
    assert former is not None, "the campaign has a pool"
    try:
        _change_shards(store, before, _lower_of(former, budget))
        campaign = save()
    except LoyaltyError:
        with suppress(LoyaltyError):
            _change_shards(store, before, former)
        raise
    # If the campaign has changed again, the later change completes this one.
    with suppress(PreconditionFailed):
        _change_shards(store, campaign, budget)
    return campaign


def _lower_of(one: Budget, other: Budget) -> Budget:
    def lower(left: int | None, right: int | None) -> int | None:
        return None if left is None or right is None else min(left, right)

    return replace(one, points=lower(one.points, other.points), awards=lower(one.awards, other.awards))


def _change_shards(store: Store, campaign: Campaign, budget: Budget) -> None:
    """Makes the limits of the shards add up to the budget. Raises `PreconditionFailed` if the campaign has changed."""

    def attempt() -> None:
        shards = store.pools.shards(campaign)
        changes = limit_changes(shards, budget)
        raced = False
        for place, (shard, change) in enumerate(zip(shards, changes, strict=True)):
            if change == Taken():
                continue
            try:
                store.pools.change_limit(campaign, place, shard, change)
            except TransactionCanceled as race:
                if "campaign" in race.failed:
                    raise PreconditionFailed("The campaign changed meanwhile. Read the campaign again.") from race
                raced = True
        if raced:
            raise LostRace

    try:
        retry(attempt, "the campaign's budget")
    except Busy as busy:
        raise Busy("The change of the budget is incomplete. Read the campaign and send the change again.") from busy
