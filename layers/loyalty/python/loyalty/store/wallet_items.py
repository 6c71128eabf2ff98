"""Wallets as items: their settings are JSON with the API's names."""

import json
from typing import TYPE_CHECKING

from loyalty.domain.wallets.document import settings_from, settings_json
from loyalty.domain.wallets.wallet import Wallet, WalletStatus
from loyalty.errors import FieldProblem
from loyalty.store import keys
from loyalty.store.attributes import ITEM_FORM, Item, binary, number, string

if TYPE_CHECKING:
    from loyalty.domain.tiers.structure import AttachedTiers


def wallet_items(wallet: Wallet) -> tuple[Item, Item]:
    """Returns the items of the current wallet and of its immutable version."""
    common: Item = {
        "s": string(ITEM_FORM),
        "wa": string(wallet.wallet_id),
        "v": number(wallet.version),
        "st": string(wallet.status),
        "set": string(json.dumps(settings_json(wallet.settings), ensure_ascii=False)),
        "tz": string(wallet.time_zone),
        "cur": string(wallet.currency),
        "c": number(wallet.created_at),
        "a": string(wallet.created_by),
        "u": number(wallet.updated_at),
        "de": number(wallet.deactivated_at),
        "ch": string(wallet.change),
        "by": string(wallet.changed_by),
    }
    if wallet.fingerprint:
        common["fp"] = binary(wallet.fingerprint)
    if wallet.former_events:
        common["fe"] = {"SS": sorted(wallet.former_events)}
    if wallet.tiers:
        from loyalty.store.tier_items import attached_item  # noqa: PLC0415  # only for wallets with tiers

        common["tp"] = attached_item(wallet.tiers)
    if wallet.action_required:
        problems = [[one.field, one.code, one.message, one.step] for one in wallet.action_required]
        common["ar"] = string(json.dumps(problems, ensure_ascii=False))
    current = {"pk": string(keys.WALLETS), "sk": string(keys.wallet(wallet.wallet_id)), **common}
    version = {
        "pk": string(keys.wallet(wallet.wallet_id)),
        "sk": string(keys.version(wallet.version)),
        **common,
    }
    return current, version


def wallet_from(item: Item) -> Wallet:
    return Wallet(
        wallet_id=item["wa"]["S"],
        version=int(item["v"]["N"]),
        status=WalletStatus(item["st"]["S"]),
        settings=settings_from(json.loads(item["set"]["S"])),
        time_zone=item["tz"]["S"],
        currency=item["cur"]["S"],
        created_at=int(item["c"]["N"]),
        created_by=item["a"]["S"],
        updated_at=int(item["u"]["N"]),
        deactivated_at=int(item["de"]["N"]),
        change=item["ch"]["S"],
        changed_by=item["by"]["S"],
        fingerprint=bytes(item["fp"]["B"]) if "fp" in item else b"",
        former_events=frozenset(item["fe"]["SS"]) if "fe" in item else frozenset(),
        tiers=_tiers_from(item["tp"]) if "tp" in item else (),
        action_required=tuple(FieldProblem(*one) for one in json.loads(item["ar"]["S"])) if "ar" in item else (),
    )


def _tiers_from(attribute: Item) -> tuple["AttachedTiers", ...]:
    from loyalty.store.tier_items import attached_from  # noqa: PLC0415  # only for wallets with tiers

    return attached_from(attribute)
