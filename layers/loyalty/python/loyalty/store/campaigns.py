"""Campaigns: their versions, the copies that events are evaluated with, and the wallets that they use."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from loyalty.domain.earning.campaign import Campaign
from loyalty.domain.wallets.wallet import UserKind, WalletUser
from loyalty.store import keys
from loyalty.store.attributes import Item, number, string
from loyalty.store.campaign_items import campaign_from, campaign_items
from loyalty.store.generation import current_generation, generation_rise
from loyalty.store.pools import pool_writes
from loyalty.store.table import Table, TransactionCanceled, put, update
from loyalty.store.wallet_users import requires_active, user_writes


class CampaignStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def current(self, campaign_id: str) -> Campaign | None:
        item = self._table.get(keys.CAMPAIGNS, keys.campaign(campaign_id))
        return campaign_from(item) if item else None

    def version(self, campaign_id: str, version: int) -> Campaign | None:
        item = self._table.get(keys.campaign(campaign_id), keys.version(version))
        return campaign_from(item) if item else None

    def all(self, after: str | None) -> Iterator[Campaign]:
        """Returns the campaigns after the given id, in the order of their ids; deleted campaigns too."""
        items = self._table.query(
            "pk = :pk AND sk > :after",
            {":pk": string(keys.CAMPAIGNS), ":after": string(keys.campaign("" if after is None else after))},
        )
        return map(campaign_from, items)

    def versions(self, campaign_id: str, below: int, limit: int) -> list[Campaign]:
        """Returns the versions below the given one, newest first."""
        if below <= 1:
            return []
        items = self._table.query(
            "pk = :pk AND sk BETWEEN :from AND :to",
            {
                ":pk": string(keys.campaign(campaign_id)),
                ":from": string(keys.version(1)),
                ":to": string(keys.version(below - 1)),
            },
            descending=True,
            limit=limit,
        )
        return [campaign_from(item) for item in islice(items, limit)]

    def generation(self) -> int:
        """Returns the generation, which rises with every change of a live campaign; 0 before the first change."""
        return current_generation(self._table)

    def live(self) -> list[Campaign]:
        """Returns the ACTIVE campaigns that can give points, in the order of their ids. Read the generation before."""
        return [campaign for campaign, is_exhausted in self.active() if not is_exhausted]

    def active(self) -> list[tuple[Campaign, bool]]:
        """Returns the ACTIVE campaigns in the order of their ids, each with whether its budget is exhausted."""
        items = self._table.query(
            "pk = :pk AND begins_with(sk, :prefix)",
            {":pk": string(keys.LIVE), ":prefix": string(keys.campaign(""))},
        )
        # The live copy of a campaign that is not ACTIVE has no status.
        return [(campaign_from(item), "x" in item) for item in items if "st" in item]

    def save(
        self,
        campaign: Campaign,
        *,
        before: Campaign | None,
        generation: int | None,
        budget_token: str | None = None,
    ) -> None:
        """Saves a new version of the campaign, with its live copy and the entries of the wallets that it uses.

        The first activation makes the budget's pool. Raises `TransactionCanceled` with the labels `campaign`,
        `version`, `live`, `generation`, `wallet`, `used by` and `pool`. With `generation`, nothing may have changed
        since that generation was read. The wallets that an ACTIVE campaign names must be ACTIVE.
        With the token of a change of the budget, no other such change may have begun.
        """
        current, version, live = campaign_items(campaign)
        if before is None:
            actions = [put("campaign", current)]
        else:
            condition, values = "v = :v", {":v": number(before.version)}
            if budget_token:
                condition, values = f"{condition} AND pt = :t", {**values, ":t": string(budget_token)}
            actions = [put("campaign", current, condition, values)]
        actions.append(put("version", version))
        if campaign.is_live or (before and before.is_live):
            condition = "attribute_not_exists(v) OR v < :v"
            actions += [put("live", live, condition, {":v": number(campaign.version)}), generation_rise(generation)]
        former = before.wallets_in_use if before else frozenset[str]()
        actions += user_writes(WalletUser(UserKind.CAMPAIGN, campaign.campaign_id), former, campaign.wallets_in_use)
        if campaign.is_live:
            actions += [requires_active(wallet_id) for wallet_id in sorted(campaign.settings.wallet_ids)]
        if campaign.activated_at and not (before and before.activated_at):
            actions += pool_writes(campaign)
        self._table.transact(actions)

    def is_exhausted(self, campaign_id: str) -> bool:
        """Returns whether the live campaign is marked as one whose budget has nothing left."""
        return "x" in (self._table.get(keys.LIVE, keys.campaign(campaign_id)) or {})

    def mark_exhausted(self, campaign: Campaign, at: int) -> None:
        """Marks the live copy, so that readers skip it: from the next generation on, the campaign costs nothing.

        Does nothing if the campaign was changed or marked meanwhile. A conflict is no loss: the next event that finds
        the pool empty marks the campaign.
        """
        key: Item = {"pk": string(keys.LIVE), "sk": string(keys.campaign(campaign.campaign_id))}
        unmarked = "v = :v AND attribute_not_exists(x)"
        values: Item = {":v": number(campaign.version), ":x": number(at)}
        with suppress(TransactionCanceled):
            self._table.transact([update("live", key, "SET x = :x", unmarked, values), generation_rise()])
