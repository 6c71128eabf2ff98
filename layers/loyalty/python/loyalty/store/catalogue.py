"""The rewards catalogue: rewards, their versions and their codes."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from loyalty.domain.catalogue.redemption import CodePlace
from loyalty.domain.catalogue.reward import Reward
from loyalty.domain.earning.pools import Part
from loyalty.domain.wallets.wallet import UserKind, WalletUser
from loyalty.store import keys
from loyalty.store.attributes import ITEM_FORM, Item, number, string
from loyalty.store.catalogue_items import reward_from, reward_items
from loyalty.store.pools import codes_addition
from loyalty.store.table import Table, WriteAction, put, update
from loyalty.store.wallet_users import requires_active, user_writes


class CatalogueStore:
    def __init__(self, table: Table) -> None:
        self._table = table

    def current(self, reward_id: str) -> Reward | None:
        item = self._table.get(keys.REWARDS, keys.reward(reward_id))
        return reward_from(item) if item else None

    def version(self, reward_id: str, version: int) -> Reward | None:
        item = self._table.get(keys.reward(reward_id), keys.version(version))
        return reward_from(item) if item else None

    def all(self, after: str | None) -> Iterator[Reward]:
        """Returns the rewards after the given id, in the order of their ids; deleted rewards too."""
        items = self._table.query(
            "pk = :pk AND sk > :after",
            {":pk": string(keys.REWARDS), ":after": string(keys.reward("" if after is None else after))},
        )
        return map(reward_from, items)

    def versions(self, reward_id: str, below: int, limit: int) -> list[Reward]:
        """Returns the versions below the given one, newest first."""
        if below <= 1:
            return []
        values = {
            ":pk": string(keys.reward(reward_id)),
            ":from": string(keys.version(1)),
            ":to": string(keys.version(below - 1)),
        }
        items = self._table.query("pk = :pk AND sk BETWEEN :from AND :to", values, descending=True, limit=limit)
        return [reward_from(item) for item in islice(items, limit)]

    def save(self, reward: Reward, *, before: Reward | None, stock: Sequence[WriteAction] = ()) -> None:
        """Saves a new version of the reward, with the entries of the wallets that it uses, and changes of its stock.

        Raises `TransactionCanceled` with the labels `reward`, `version`, `wallet`, `used by` and `pool`. The wallets of
        an ACTIVE reward must be ACTIVE.
        """
        current, version = reward_items(reward)
        if before is None:
            actions = [put("reward", current)]
        else:
            actions = [put("reward", current, "v = :v", {":v": number(before.version)})]
        former = before.wallets_in_use if before else frozenset[str]()
        user = WalletUser(UserKind.REWARD, reward.reward_id)
        actions += [put("version", version), *user_writes(user, former, reward.wallets_in_use), *stock]
        if reward.is_active:
            actions += [requires_active(wallet_id) for wallet_id in sorted(reward.settings.wallet_ids)]
        self._table.transact(actions)

    def known_codes(self, reward_id: str, codes: Mapping[str, int]) -> set[str]:
        """Returns those of the codes that the reward has. The codes are given with their shards."""
        places = [
            {"pk": string(keys.codes(reward_id, shard)), "sk": string(keys.code_mark(code))}
            for code, shard in codes.items()
        ]
        items, _ = self._table.batch_get(places)
        return {keys.after_first_hash(item["sk"]["S"]) for item in items}

    def add_codes(self, reward_id: str, added: Sequence[tuple[int, Part, Sequence[str]]]) -> None:
        """Adds codes to shards, each given with what it had. Raises `TransactionCanceled` if others added codes.

        The mark of a code keeps the reward from getting the code twice.
        """
        actions: list[WriteAction] = []
        for place, shard, codes in added:
            pk = string(keys.codes(reward_id, place))
            actions.append(codes_addition(reward_id, place, shard, len(codes)))
            for code_number, code in enumerate(codes, shard.limit):
                own: Item = {"pk": pk, "s": string(ITEM_FORM)}
                actions += [
                    put("code", {**own, "sk": string(keys.code_number(code_number)), "cd": string(code)}),
                    put("mark", {**own, "sk": string(keys.code_mark(code))}),
                ]
        self._table.transact(actions)

    def code(self, reward_id: str, place: CodePlace) -> str | None:
        item = self._table.get(keys.codes(reward_id, place.shard), keys.code_number(place.number))
        return item["cd"]["S"] if item else None


def code_write(reward_id: str, place: CodePlace, redemption_id: str) -> WriteAction:
    """Gives the code to the redemption. A code is given once."""
    key = {"pk": string(keys.codes(reward_id, place.shard)), "sk": string(keys.code_number(place.number))}
    condition = "attribute_exists(pk) AND attribute_not_exists(rd)"
    return update("code", key, "SET rd = :rd", condition, {":rd": string(redemption_id)})
