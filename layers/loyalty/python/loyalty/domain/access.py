"""API keys and the scopes that they grant."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    PROJECT_ADMIN = "project:admin"
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


@dataclass(frozen=True, slots=True)
class ApiKey:
    key_id: str
    hash: str
    """SHA-256 of the key, in hexadecimal."""
    name: str
    scopes: frozenset[str]
    created_at: int
    revoked_at: int = 0
