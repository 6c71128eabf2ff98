"""Rewards of the catalogue: create, change, activate, pause, end, delete, add stock. Each change is a version."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from loyalty.domain.catalogue.activation_rules import activation_problems
from loyalty.domain.catalogue.document import settings_from, settings_json
from loyalty.domain.catalogue.reward import REWARD_ID_PREFIX, Reward, RewardSettings, RewardStatus, stock_shards
from loyalty.domain.dates import instant
from loyalty.domain.earning.pools import shares
from loyalty.domain.wallets.activation_rules import NOT_USED
from loyalty.domain.wallets.wallet import WalletStatus
from loyalty.errors import (
    FieldProblem,
    InvalidRequest,
    PreconditionFailed,
    RewardInUse,
    RewardNotActive,
    RewardNotFound,
    SettingFixed,
)
from loyalty.retry import LostRace, retry
from loyalty.store.pools import stock_addition, stock_writes
from loyalty.store.store import Store
from loyalty.store.table import TransactionCanceled, WriteAction
from loyalty.usecases.catalogue.stock import StockCount, recent_stock_count, stock_count
from loyalty.usecases.versions import (
    changed_meanwhile,
    new_id,
    require_no_action,
    require_pattern,
    require_same_request,
    require_version,
    size_problems,
)


@dataclass(frozen=True, slots=True)
class ReviewedReward:
    """A reward, what keeps its settings from being ACTIVE in the project as it is now, and what is left of it."""

    reward: Reward
    action_required: Sequence[FieldProblem]
    stock: StockCount | None = None
    """None without a limit, and before the activation."""


def create(
    store: Store,
    document: Mapping[str, Any],
    status: RewardStatus,
    at: datetime,
    actor: str,
    *,
    key: str | None = None,
    fingerprint: bytes = b"",
) -> tuple[ReviewedReward, bool]:
    """Creates a reward with the given settings; returns the reward and whether the request is a repetition.

    With a key, the reward's id follows from the key, so that a repetition finds the reward of the first request.
    """
    reward_id = new_id(REWARD_ID_PREFIX, key)
    settings, now = acceptable_settings(document), instant(at)

    def attempt() -> tuple[ReviewedReward, bool]:
        if key is not None and (first := store.catalogue.version(reward_id, 1)):
            require_same_request("reward", first.fingerprint, fingerprint)
            return ReviewedReward(first, first.action_required, _stock_of_new(first)), True
        problems = problems_of(store, settings)
        draft = Reward(
            reward_id=reward_id,
            version=1,
            status=RewardStatus.DRAFT,
            settings=settings,
            created_at=now,
            created_by=actor,
            updated_at=now,
            changed_by=actor,
            change="Created",
            fingerprint=fingerprint,
            action_required=tuple(problems) if key is not None else (),
        )
        reward, stock = draft, list[WriteAction]()
        if status is RewardStatus.ACTIVE:
            require_no_action("reward", problems)
            reward, stock = _as_active(draft, now)
        store.catalogue.save(reward, before=None, stock=stock)
        return ReviewedReward(reward, problems, _stock_of_new(reward)), False

    return retry(attempt, "the rewards")


def read(store: Store, reward_id: str) -> Reward:
    """Returns the reward as it is now; a deleted reward stays readable."""
    reward = store.catalogue.current(reward_id)
    if reward is None:
        raise RewardNotFound(f"There is no reward {reward_id}.")
    return reward


def change(store: Store, reward_id: str, patch: Mapping[str, Any], version: int, at: datetime, actor: str) -> Reward:
    """Replaces each setting that the patch names as a whole; null restores the default.

    Redemptions stay as they are. The settings must meet the activation rules, unless the reward is a DRAFT. The stock
    of a reward that was activated changes by `add_stock` (`SettingFixed`).
    """
    reward = _read_version(store, reward_id, version)
    settings = acceptable_settings({**settings_json(reward.settings), **patch})
    if reward.activated_at and settings.stock != reward.settings.stock:
        detail = "The stock is fixed after the first activation. Add stock with POST /v1/rewards/{rewardId}/stock."
        raise SettingFixed.of_field("body.stock", detail)
    return _save(store, reward, replace(reward, settings=settings), "Changed", at, actor)


def add_stock(store: Store, reward_id: str, amount: int, version: int, at: datetime, actor: str) -> Reward:
    """Adds to the stock, at once. A larger stock gets more shards."""
    reward = _read_version(store, reward_id, version)
    if reward.settings.stock is None:
        problem = FieldProblem("body.add", NOT_USED, "The reward has no stock.")
        raise InvalidRequest("Only a reward with a stock gets more stock.", errors=[problem])
    after = replace(reward, settings=replace(reward.settings, stock=reward.settings.stock + amount))
    writes: list[WriteAction] = []
    if reward.activated_at:
        after = replace(after, shards=max(reward.shards, stock_shards(after.settings.stock or 0)))
        parts = shares(amount, after.shards)
        writes = [stock_addition(reward_id, place, part) for place, part in enumerate(parts[: reward.shards]) if part]
        writes += stock_writes(reward_id, parts[reward.shards :], first=reward.shards)
    return _save(store, reward, after, "Changed", at, actor, stock=writes)


def activate(store: Store, reward_id: str, at: datetime, actor: str) -> Reward:
    """Makes a DRAFT or PAUSED reward ACTIVE if its settings meet the activation rules."""
    return _move(
        store, reward_id, (RewardStatus.DRAFT, RewardStatus.PAUSED), RewardStatus.ACTIVE, "Activated", at, actor
    )


def pause(store: Store, reward_id: str, at: datetime, actor: str) -> Reward:
    """Makes an ACTIVE reward PAUSED: it cannot be redeemed. A second pause changes nothing."""
    return _move(store, reward_id, (RewardStatus.ACTIVE,), RewardStatus.PAUSED, "Paused", at, actor)


def end(store: Store, reward_id: str, at: datetime, actor: str) -> Reward:
    """Makes an ACTIVE or PAUSED reward ENDED, which is final. A second end changes nothing."""
    return _move(store, reward_id, (RewardStatus.ACTIVE, RewardStatus.PAUSED), RewardStatus.ENDED, "Ended", at, actor)


def delete(store: Store, reward_id: str, version: int | None, at: datetime, actor: str) -> None:
    """Deletes a DRAFT. The reward stays readable."""
    reward = read(store, reward_id)
    if reward.status is RewardStatus.DELETED:
        return
    if version is not None:
        require_version("reward", reward.version, version)
    if reward.status is not RewardStatus.DRAFT:
        raise RewardInUse("Only a DRAFT can be deleted. End the reward instead.")
    _save(store, reward, replace(reward, status=RewardStatus.DELETED), "Deleted", at, actor)


def review(store: Store, rewards: Sequence[Reward], listed_at: int | None = None) -> list[ReviewedReward]:
    """Returns the rewards with what keeps each from being ACTIVE and what is left of each.

    In a list, what is left may be ten seconds old.
    """

    def count_of(reward: Reward) -> StockCount | None:
        return stock_count(store, reward) if listed_at is None else recent_stock_count(store, reward, listed_at)

    wallets = _statuses_of_wallets(store, [reward.settings for reward in rewards])
    return [
        ReviewedReward(reward, activation_problems(reward.settings, wallets), count_of(reward)) for reward in rewards
    ]


def problems_of(store: Store, settings: RewardSettings) -> list[FieldProblem]:
    """Returns what keeps the settings from being ACTIVE in the project as it is now."""
    return activation_problems(settings, _statuses_of_wallets(store, [settings]))


def acceptable_settings(document: Mapping[str, Any]) -> RewardSettings:
    """Returns the settings of the document.

    Raises `InvalidPattern` for conditions that no draft may have either, and `InvalidRequest` for settings that are too
    large.
    """
    if document.get("conditions"):
        require_pattern(document["conditions"], "body.conditions")
    settings = settings_from(document)
    if problems := size_problems("reward", settings_json(settings)):
        raise InvalidRequest("The reward's settings are too large.", errors=problems)
    return settings


def versions(store: Store, reward_id: str, below: int | None, limit: int) -> tuple[list[Reward], int | None]:
    """Returns versions below the given one, newest first, and the version below which the next page begins."""
    page = store.catalogue.versions(reward_id, below or read(store, reward_id).version + 1, limit)
    return page, page[-1].version if page and page[-1].version > 1 else None


def page_of_rewards(
    store: Store, status: RewardStatus | None, after: str | None, limit: int
) -> tuple[list[Reward], str | None]:
    """Returns rewards in the order of their ids, and the id after which the next page begins.

    Deleted rewards are left out unless the status asks for them.
    """
    page: list[Reward] = []
    for reward in store.catalogue.all(after):
        if len(page) == limit:
            return page, page[-1].reward_id
        if reward.status is status or (status is None and reward.status is not RewardStatus.DELETED):
            page.append(reward)
    return page, None


def _move(
    store: Store,
    reward_id: str,
    from_: Sequence[RewardStatus],
    to: RewardStatus,
    change_name: str,
    at: datetime,
    actor: str,
) -> Reward:
    def attempt() -> Reward:
        reward = read(store, reward_id)
        if reward.status is to:
            return reward
        if reward.status not in from_:
            raise _not_active(reward)
        moved, stock = (
            _as_active(reward, instant(at)) if to is RewardStatus.ACTIVE else (replace(reward, status=to), [])
        )
        try:
            return _save(store, reward, moved, change_name, at, actor, stock=stock)
        except PreconditionFailed as race:
            raise LostRace from race

    return retry(attempt, "the reward")


def _as_active(reward: Reward, now: int) -> tuple[Reward, list[WriteAction]]:
    """Returns the ACTIVE reward, and the writes that make its stock at the first activation."""
    active = replace(reward, status=RewardStatus.ACTIVE)
    if reward.activated_at:
        return active, []
    active = replace(active, activated_at=now)
    stock = reward.settings.stock
    if stock is None:
        return active, []
    active = replace(active, shards=stock_shards(stock))
    return active, stock_writes(reward.reward_id, shares(stock, active.shards))


def _save(
    store: Store,
    before: Reward,
    after: Reward,
    change_name: str,
    at: datetime,
    actor: str,
    *,
    stock: Sequence[WriteAction] = (),
) -> Reward:
    """Saves the reward's next version. Unless it is a draft, the settings must meet the activation rules."""
    reward = replace(after, version=before.version + 1, change=change_name, changed_by=actor, updated_at=instant(at))

    def attempt() -> Reward:
        if reward.is_active or (reward.activated_at and reward.settings != before.settings):
            require_no_action("reward", problems_of(store, reward.settings))
        try:
            store.catalogue.save(reward, before=before, stock=stock)
        except TransactionCanceled as race:
            if "reward" in race.failed:
                raise changed_meanwhile("reward") from race
            raise
        return reward

    return retry(attempt, "the reward")


def _statuses_of_wallets(store: Store, settings: Iterable[RewardSettings]) -> dict[str, WalletStatus]:
    """Returns the statuses of the wallets that the settings name and that exist, by wallet id."""
    wallet_ids = frozenset[str]().union(*(one.wallet_ids for one in settings))
    found = (store.wallets.current(wallet_id) for wallet_id in sorted(wallet_ids))
    return {wallet.wallet_id: wallet.status for wallet in found if wallet}


def _stock_of_new(reward: Reward) -> StockCount | None:
    stock = reward.settings.stock
    return StockCount(stock, stock) if reward.shards and stock is not None else None


def _read_version(store: Store, reward_id: str, version: int) -> Reward:
    """Returns the reward, which must have this version and not be final."""
    reward = read(store, reward_id)
    if reward.status in (RewardStatus.ENDED, RewardStatus.DELETED):
        raise _not_active(reward)
    require_version("reward", reward.version, version)
    return reward


def _not_active(reward: Reward) -> RewardNotActive:
    return RewardNotActive(f"The reward is {reward.status}.")
