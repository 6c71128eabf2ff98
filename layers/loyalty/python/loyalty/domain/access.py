"""API keys, and the scopes and roles that decide what a key may do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from zlib import crc32


class Scope(StrEnum):
    PROJECT_ADMIN = "project:admin"
    KEYS_ADMIN = "keys:admin"
    WALLETS_READ = "wallets:read"
    WALLETS_WRITE = "wallets:write"
    CARDS_READ = "cards:read"
    CARDS_WRITE = "cards:write"
    POINTS_READ = "points:read"
    POINTS_CREDIT = "points:credit"
    POINTS_DEBIT = "points:debit"
    POINTS_REFUND = "points:refund"
    POINTS_TRANSFER = "points:transfer"
    POINTS_ADJUST = "points:adjust"
    EVENTS_WRITE = "events:write"
    EVENTS_EXAMINE = "events:examine"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    COUPONS_REDEEM = "coupons:redeem"
    TIERS_WRITE = "tiers:write"
    CAMPAIGNS_READ = "campaigns:read"
    CAMPAIGNS_WRITE = "campaigns:write"
    REWARDS_READ = "rewards:read"
    REWARDS_WRITE = "rewards:write"
    REWARDS_REDEEM = "rewards:redeem"


ALL = "*"
"""Every scope: a key may have it, a route never has it."""
SCOPES = frozenset(Scope)
ANY = "ANY"
"""Any scope: a route may have it, a key never has it."""


MOVED_BY_HAND = frozenset({Scope.POINTS_CREDIT, Scope.POINTS_DEBIT, Scope.POINTS_ADJUST})
"""The scopes of the routes that move points by hand."""
ROLES_MAX = 20
"""The most roles of a project, the built-in roles included."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What a key may do."""

    scopes: frozenset[str]
    adjustment_max: int | None = None
    """The most points that one movement by hand may move; None without a maximum."""

    def cover(self, other: "Rights") -> bool:
        """Returns whether these rights include the other rights, so that their holder may give them to a key."""
        if ALL not in self.scopes and not other.scopes <= self.scopes:
            return False
        if self.adjustment_max is None or not other.scopes & {ALL, *MOVED_BY_HAND}:
            return True
        return other.adjustment_max is not None and other.adjustment_max <= self.adjustment_max


NO_RIGHTS = Rights(frozenset())
_VIEWER = {
    Scope.WALLETS_READ,
    Scope.CARDS_READ,
    Scope.POINTS_READ,
    Scope.CUSTOMERS_READ,
    Scope.CAMPAIGNS_READ,
    Scope.REWARDS_READ,
}
_AGENT = {
    Scope.CARDS_WRITE,
    Scope.POINTS_CREDIT,
    Scope.POINTS_DEBIT,
    Scope.POINTS_REFUND,
    Scope.POINTS_TRANSFER,
    Scope.POINTS_ADJUST,
}
_MARKETER = {
    Scope.WALLETS_WRITE,
    Scope.EVENTS_WRITE,
    Scope.EVENTS_EXAMINE,
    Scope.CAMPAIGNS_WRITE,
    Scope.REWARDS_WRITE,
    Scope.COUPONS_REDEEM,
}
BUILT_IN_ROLES: Mapping[str, Rights] = {
    "viewer": Rights(frozenset(_VIEWER)),
    "agent": Rights(frozenset(_VIEWER | _AGENT), adjustment_max=5_000),
    "marketer": Rights(frozenset(_VIEWER | _MARKETER)),
    "admin": Rights(frozenset({ALL})),
}


def all_roles(own: Mapping[str, Rights]) -> dict[str, Rights]:
    """Returns the rights of each role of a project: its own roles, and the built-in roles that it does not replace."""
    return {**BUILT_IN_ROLES, **own}


def own_roles(wanted: Mapping[str, Rights]) -> dict[str, Rights]:
    """Returns the roles without those that are equal to a built-in role."""
    return {name: rights for name, rights in wanted.items() if BUILT_IN_ROLES.get(name) != rights}


KEY_PREFIX = "lw_"
KEY_SECRET_BYTES = 32
_KEY = re.compile(r"lw_[\w-]{43}[0-9a-f]{8}", re.ASCII)


def key_of(secret: str) -> str:
    """Returns the key with this secret, which is base64url of 32 bytes: a prefix, the secret, and their CRC-32."""
    text = KEY_PREFIX + secret
    return f"{text}{crc32(text.encode()):08x}"


def may_be_key(text: str) -> bool:
    """Returns whether the text has the form of a key and the right check sum. It may be no key all the same."""
    return _KEY.fullmatch(text) is not None and text == key_of(text[len(KEY_PREFIX) : -8])


@dataclass(frozen=True, slots=True)
class ApiKey:
    key_id: str
    hash: str
    """SHA-256 of the key, in hexadecimal."""
    name: str
    created_at: int
    role: str | None = None
    """The role whose rights the key has; None for a key with scopes of its own."""
    scopes: frozenset[str] = frozenset()
    """Empty for a key with a role."""
    created_by: str | None = None
    """The id of the key that created this key; None for the command `make key`."""
    fingerprint: bytes = b""
    """The fingerprint of the request that created the key, if it had an idempotency key."""
    revoked_at: int = 0
    last_used: date | None = None
    """The last day in UTC on which the key was accepted. Only the item that the authorizer reads has it."""

    def rights(self, roles: Mapping[str, Rights]) -> Rights:
        """Returns what the key may do with these roles of the project: nothing if its role does not exist."""
        if self.role is None:
            return Rights(self.scopes)
        return roles.get(self.role, NO_RIGHTS)
