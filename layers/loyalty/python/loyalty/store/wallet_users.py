"""The entries of the definitions that use a wallet, under the wallet."""

from collections.abc import Set as AbstractSet

from loyalty.domain.wallets.wallet import UserKind, WalletStatus, WalletUser
from loyalty.store import keys
from loyalty.store.attributes import ITEM_FORM, Item, number, string
from loyalty.store.table import WriteAction, check, put

LABEL = "used by"


def user_writes(user: WalletUser, before: AbstractSet[str], after: AbstractSet[str]) -> list[WriteAction]:
    """Returns the writes of the entries that change when the user uses the wallets `after` instead of `before`.

    Items are never deleted: the entry of a wallet that is no longer used stays, with a mark.
    """
    actions = []
    for wallet_id in sorted(before ^ after):
        entry: Item = {
            "pk": string(keys.wallet(wallet_id)),
            "sk": string(keys.used_by(user.kind, user.id)),
            "s": string(ITEM_FORM),
        }
        if wallet_id in before:
            condition = "attribute_exists(pk) AND attribute_not_exists(x)"
            actions.append(put(LABEL, {**entry, "x": number(1)}, condition))
        else:
            actions.append(put(LABEL, entry, "attribute_not_exists(pk) OR attribute_exists(x)"))
    return actions


def user_from(item: Item) -> WalletUser | None:
    """Returns the definition of the entry; None if the definition no longer uses the wallet."""
    if "x" in item:
        return None
    kind, user_id = item["sk"]["S"].removeprefix(keys.USED_BY).split("#", 1)
    return WalletUser(UserKind(kind), user_id)


def requires_active(wallet_id: str) -> WriteAction:
    """Returns the condition that the wallet is ACTIVE, so that no concurrent request deletes it."""
    key = {"pk": string(keys.WALLETS), "sk": string(keys.wallet(wallet_id))}
    return check("wallet", key, "st = :active", {":active": string(WalletStatus.ACTIVE)})
