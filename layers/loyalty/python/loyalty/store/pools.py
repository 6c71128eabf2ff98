"""Pools of budgets and of stocks: their shards, each an item with a partition of its own.

A shard has the limit and what is left of it, because a condition can compare what is left with what an award needs and
cannot compute it. The shards of a pool are made by the first activation of the campaign or the reward, those of codes
with the codes. They are never deleted. A redemption takes one award of a stock.
"""

from collections.abc import Iterable, Sequence

from loyalty.domain.earning.campaign import Campaign
from loyalty.domain.earning.pools import Part, Shard, Taken, new_shards
from loyalty.store import keys
from loyalty.store.attributes import ITEM_FORM, Item, int_from, number, string
from loyalty.store.table import ABSENT, PRESENT, Table, WriteAction, check, put, update

EMPTY_STOCK = Shard(awards=Part(0, 0))


class PoolStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def shards(self, campaign: Campaign) -> list[Shard]:
        """Reads all shards of the campaign's pool, each consistently."""
        return self.of_owner(campaign.campaign_id, range(campaign.shards))

    def of_owner(self, owner_id: str, places: Iterable[int]) -> list[Shard]:
        """Reads these shards of the pool of a campaign or a reward, each consistently. A missing shard has nothing."""
        wanted = list(places)
        items, _ = self._table.batch_get([_key(owner_id, place) for place in wanted])
        found = {item["pk"]["S"]: shard_from(item) for item in items}
        return [found.get(keys.pool(owner_id, place), EMPTY_STOCK) for place in wanted]

    def begin_change(self, campaign: Campaign, token: str) -> None:
        """Makes the change of limits with this token the only one: limits of others can no longer be written.

        Read the shards afterwards. Raises `TransactionCanceled` with the label `campaign` if this version of the
        campaign is not the current one.
        """
        values: Item = {":v": number(campaign.version), ":t": string(token)}
        self._table.transact([update("campaign", _current(campaign), "SET pt = :t", "v = :v", values)])

    def change_limit(self, campaign: Campaign, token: str, place: int, shard: Shard, change: Taken) -> None:
        """Raises the limits of the shard, or lowers them by amounts below 0. Awards may continue meanwhile.

        Raises `TransactionCanceled` with the label `campaign` if the campaign has another version, or if another change
        of limits has begun, and with `pool` if the limit is not that of `shard`, or if the shard has less left than it
        would lose.
        """
        sets, conditions = [], []
        values: Item = {}
        for limit, left, amount, part in (
            ("l", "r", change.points, shard.points),
            ("al", "ar", change.awards, shard.awards),
        ):
            if amount and part:
                sets.append(f"{limit} = {limit} + :{limit}, {left} = {left} + :{limit}")
                conditions.append(f"{limit} = :{limit}b AND {left} >= :{left}")
                values |= {f":{limit}": number(amount), f":{limit}b": number(part.limit)}
                values |= {f":{left}": number(max(-amount, 0))}
        only = {":v": number(campaign.version), ":t": string(token)}
        self._table.transact(
            [
                check("campaign", _current(campaign), "v = :v AND pt = :t", only),
                update(
                    "pool",
                    _key(campaign.campaign_id, place),
                    f"SET {', '.join(sets)}",
                    " AND ".join(conditions),
                    values,
                ),
            ]
        )


def pool_writes(campaign: Campaign) -> list[WriteAction]:
    """Returns the writes that make the campaign's pool; none without a budget."""
    budget = campaign.settings.budget
    if budget is None:
        return []
    return [
        put("pool", _shard_item(campaign.campaign_id, place, shard))
        for place, shard in enumerate(new_shards(budget, campaign.shards))
    ]


def take_write(campaign_id: str, place: int, taken: Taken) -> WriteAction:
    """Takes points and awards from the shard, if it has them left. The label is that of `take_label`."""
    parts = [(left, amount) for left, amount in (("r", taken.points), ("ar", taken.awards)) if amount]
    return update(
        take_label(campaign_id, place),
        _key(campaign_id, place),
        "SET " + ", ".join(f"{left} = {left} - :{left}" for left, _ in parts),
        " AND ".join(f"{left} >= :{left}" for left, _ in parts),
        {f":{left}": number(amount) for left, amount in parts},
    )


def stock_writes(reward_id: str, lefts: Sequence[int], *, first: int = 0) -> list[WriteAction]:
    """Returns the writes that make shards of a stock, from the number `first` on."""
    shards = (Shard(awards=Part(left, left)) for left in lefts)
    return [put("pool", _shard_item(reward_id, place, shard)) for place, shard in enumerate(shards, first)]


def stock_addition(reward_id: str, place: int, amount: int) -> WriteAction:
    """Adds to a shard of a stock. Redemptions may continue meanwhile."""
    expression = "SET al = al + :n, ar = ar + :n"
    return update("pool", _key(reward_id, place), expression, PRESENT, {":n": number(amount)})


def stock_return(reward_id: str, place: int) -> WriteAction:
    """Gives back what a redemption took from the shard of a stock."""
    return update("pool", _key(reward_id, place), "SET ar = ar + :one", "ar < al", {":one": number(1)})


def code_take(reward_id: str, place: int, shard: Part) -> WriteAction:
    """Takes the next code of the shard, if the shard is as it was read. The label is that of `take_label`."""
    values: Item = {":one": number(1), ":ar": number(shard.left), ":al": number(shard.limit)}
    return update(
        take_label(reward_id, place), _key(reward_id, place), "SET ar = ar - :one", "ar = :ar AND al = :al", values
    )


def codes_addition(reward_id: str, place: int, shard: Part, count: int) -> WriteAction:
    """Adds codes to the shard, if no codes were added since it was read. Redemptions may continue meanwhile."""
    values: Item = {":n": number(count), ":zero": number(0), ":s": string(ITEM_FORM)}
    expression = "SET s = :s, al = if_not_exists(al, :zero) + :n, ar = if_not_exists(ar, :zero) + :n"
    if not shard.limit:
        return update("pool", _key(reward_id, place), expression, ABSENT, values)
    values[":al"] = number(shard.limit)
    return update("pool", _key(reward_id, place), expression, "al = :al", values)


def take_label(campaign_id: str, place: int) -> str:
    return f"pool {campaign_id} {place}"


def shard_from(item: Item) -> Shard:
    def part(limit: str, left: str) -> Part | None:
        return Part(int_from(item, limit), int_from(item, left)) if limit in item else None

    return Shard(part("l", "r"), part("al", "ar"))


def _shard_item(campaign_id: str, place: int, shard: Shard) -> Item:
    item = {**_key(campaign_id, place), "s": string(ITEM_FORM)}
    if shard.points:
        item |= {"l": number(shard.points.limit), "r": number(shard.points.left)}
    if shard.awards:
        item |= {"al": number(shard.awards.limit), "ar": number(shard.awards.left)}
    return item


def _current(campaign: Campaign) -> Item:
    return {"pk": string(keys.CAMPAIGNS), "sk": string(keys.campaign(campaign.campaign_id))}


def _key(campaign_id: str, place: int) -> Item:
    return {"pk": string(keys.pool(campaign_id, place)), "sk": string(keys.POOL)}
