"""Wallets as items: their settings stand as JSON in the API's own words."""

import json
from dataclasses import fields, is_dataclass
from enum import Enum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from loyalty.domain.settings import Settings
from loyalty.domain.wallet import Wallet, WalletStatus
from loyalty.store import keys
from loyalty.store.items import SCHEMA, Item, binary, number, string


def wallet_items(wallet: Wallet) -> tuple[Item, Item]:
    """The current wallet and its immutable version."""
    common: Item = {
        "s": string(SCHEMA),
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
    current = {"pk": string(keys.WALLETS), "sk": string(keys.wallet(wallet.wallet_id)), **common}
    version = {
        "pk": string(keys.wallet(wallet.wallet_id)),
        "sk": string(keys.wallet_version(wallet.version)),
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
    )


def settings_json(value: Any) -> Any:
    """Settings as JSON in camelCase, every value written out."""
    if is_dataclass(value):
        return {_camel(field.name): settings_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [settings_json(part) for part in value]
    return value.value if isinstance(value, Enum) else value


def settings_from(document: dict[str, Any]) -> Settings:
    """The settings of a JSON document; what it leaves out has its default."""
    settings: Settings = _built(Settings, document)
    return settings


def _built(kind: Any, value: Any) -> Any:
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        names = {_camel(field.name): field.name for field in fields(kind)}
        values = {names[name]: _built(hints[names[name]], part) for name, part in value.items()}
        return kind(**values)
    if isinstance(kind, UnionType):
        kind = next(option for option in get_args(kind) if option is not type(None))
        return None if value is None else _built(kind, value)
    if get_origin(kind) is tuple:
        part_kind, *_ = get_args(kind)
        return tuple(_built(part_kind, part) for part in value)
    return kind(value) if isinstance(kind, type) and issubclass(kind, Enum) else value


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
