"""Wallet definitions, their versions and names."""

from collections.abc import Iterator
from itertools import islice

from loyalty.domain.project import Project
from loyalty.domain.wallets.wallet import Wallet, WalletStatus, WalletUser
from loyalty.store import keys
from loyalty.store.attributes import ITEM_FORM, Item, number, string
from loyalty.store.generation import generation_rise
from loyalty.store.project import project_write
from loyalty.store.table import Table, WriteAction, put, update
from loyalty.store.wallet_items import wallet_from, wallet_items
from loyalty.store.wallet_users import user_from

CACHE_SECONDS = 10
"""How long a definition serves movements before it is read again: without the cache it is the table's hottest key."""


class WalletStore:
    def __init__(self, table: Table) -> None:
        self._table = table
        self._cache: dict[str, tuple[int, Wallet]] = {}

    def recent(self, wallet_id: str, at: int, *, version_min: int = 0) -> Wallet | None:
        """Returns the wallet as of at most ten seconds ago, and never older than the version that a card has seen.

        Only an ACTIVE definition is cached. A definition that refuses movements is read again, so that an activation
        works at once.
        """
        read_at, wallet = self._cache.get(wallet_id, (0, None))
        if wallet and abs(at - read_at) < CACHE_SECONDS and wallet.version >= version_min:
            return wallet
        wallet = self.current(wallet_id)
        if wallet and wallet.status is WalletStatus.ACTIVE:
            self._cache[wallet_id] = (at, wallet)
        return wallet

    def current(self, wallet_id: str) -> Wallet | None:
        item = self._table.get(keys.WALLETS, keys.wallet(wallet_id))
        return wallet_from(item) if item else None

    def version(self, wallet_id: str, version: int) -> Wallet | None:
        item = self._table.get(keys.wallet(wallet_id), keys.version(version))
        return wallet_from(item) if item else None

    def all(self, after: str | None) -> Iterator[Wallet]:
        """Returns the wallets after the given id, in the order of their ids; deleted wallets too."""
        items = self._table.query(
            "pk = :pk AND sk BETWEEN :from AND :to",
            {
                ":pk": string(keys.WALLETS),
                # `!` sorts before every character that an id may have, DEL after.
                ":from": string(keys.wallet("!" if after is None else f"{after}!")),
                ":to": string(keys.wallet("\x7f")),
            },
        )
        return map(wallet_from, items)

    def versions(self, wallet_id: str, below: int, limit: int) -> list[Wallet]:
        """Returns the versions below the given one, newest first."""
        if below <= 1:
            return []
        items = self._table.query(
            "pk = :pk AND sk BETWEEN :from AND :to",
            {
                ":pk": string(keys.wallet(wallet_id)),
                ":from": string(keys.version(1)),
                ":to": string(keys.version(below - 1)),
            },
            descending=True,
            limit=limit,
        )
        return [wallet_from(item) for item in islice(items, limit)]

    def used_by(self, wallet_id: str) -> list[WalletUser]:
        """Returns the definitions that use the wallet, by kind and id."""
        items = self._table.query(
            "pk = :pk AND begins_with(sk, :prefix)",
            {":pk": string(keys.wallet(wallet_id)), ":prefix": string(keys.USED_BY)},
        )
        return [user for item in items if (user := user_from(item))]

    def owner_of_name(self, name: str) -> str | None:
        """Returns the id of the wallet that has the name."""
        item = self._table.get(keys.WALLETS, keys.wallet_name(name))
        return item["wa"]["S"] if item and "wa" in item else None

    def forget(self, wallet_id: str) -> None:
        """Makes the next movement read the definition again."""
        self._cache.pop(wallet_id, None)

    def save(self, wallet: Wallet, *, before: Wallet | None, project: Project | None) -> None:
        """Saves a new version of the wallet.

        Raises `TransactionCanceled` with the labels `wallet`, `version`, `name` and `project`.

        The wallet's name is claimed, and its former name is given up. `project` is the project's next version, if it
        has one.
        """
        actions = [*version_writes(wallet, before), generation_rise(), *_name_actions(wallet, before)]
        if project:
            actions.append(project_write(project))
        self._table.transact(actions)
        self.forget(wallet.wallet_id)


def version_writes(wallet: Wallet, before: Wallet | None) -> list[WriteAction]:
    """Returns the writes of a new version of the wallet, with the labels `wallet` and `version`."""
    current, version = wallet_items(wallet)
    if before is None:
        return [put("wallet", current), put("version", version)]
    return [put("wallet", current, "v = :v", {":v": number(before.version)}), put("version", version)]


def _name_actions(wallet: Wallet, before: Wallet | None) -> list[WriteAction]:
    """Returns the writes that claim and give up names.

    Items are never deleted: the item of a name that was given up stays, without an owner.
    """
    claimed = None if wallet.status is WalletStatus.DELETED else keys.wallet_name(wallet.settings.name)
    former = keys.wallet_name(before.settings.name) if before else None
    owner: Item = {":wa": string(wallet.wallet_id)}
    actions = []
    if claimed and claimed != former:
        item = {"pk": string(keys.WALLETS), "sk": string(claimed), "s": string(ITEM_FORM), "wa": owner[":wa"]}
        actions.append(put("name", item, "attribute_not_exists(wa) OR wa = :wa", owner))
    if former and former != claimed:
        key = {"pk": string(keys.WALLETS), "sk": string(former)}
        actions.append(update("former name", key, "REMOVE wa", "wa = :wa", owner))
    return actions
