"""API keys and what they may do: which scope each route asks for, and how a key is made and checked."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

from loyalty.domain.dates import instant
from loyalty.store import ApiKey, Store

ROUTE_SCOPES = {
    "GET /v1/project": "wallets:read",
    "PUT /v1/project": "project:admin",
    "POST /v1/wallets": "wallets:write",
    "GET /v1/wallets": "wallets:read",
    "POST /v1/wallets/validate": "wallets:read",
    "POST /v1/wallets/import": "wallets:write",
    "GET /v1/wallet-settings/schema": "wallets:read",
    "POST /v1/wallets/{walletId}/preview": "wallets:read",
    "GET /v1/wallets/{walletId}": "wallets:read",
    "PATCH /v1/wallets/{walletId}": "wallets:write",
    "DELETE /v1/wallets/{walletId}": "wallets:write",
    "POST /v1/wallets/{walletId}/activate": "wallets:write",
    "POST /v1/wallets/{walletId}/deactivate": "wallets:write",
    "POST /v1/wallets/{walletId}/copy": "wallets:write",
    "GET /v1/wallets/{walletId}/versions": "wallets:read",
    "POST /v1/wallets/{walletId}/cards": "cards:write",
    "GET /v1/wallets/{walletId}/cards": "cards:read",
    "GET /v1/wallets/{walletId}/cards/{customerId}": "cards:read",
    "PATCH /v1/wallets/{walletId}/cards/{customerId}": "cards:write",
    "GET /v1/cards/{code}": "cards:read",
    "GET /v1/customers/{customerId}/cards": "cards:read",
    "GET /v1/wallets/{walletId}/cards/{customerId}/transactions": "points:read",
    "GET /v1/wallets/{walletId}/cards/{customerId}/transactions/by-key": "points:read",
    "GET /v1/transactions/{transactionId}": "points:read",
    "GET /v1/transactions/{transactionId}/explain": "points:read",
    "GET /v1/wallets/{walletId}/cards/{customerId}/verify": "points:read",
    "GET /v1/wallets/{walletId}/cards/{customerId}/balance": "points:read",
    "POST /v1/wallets/{walletId}/cards/{customerId}/credits": "points:credit",
    "POST /v1/wallets/{walletId}/cards/{customerId}/debits": "points:debit",
    "POST /v1/wallets/{walletId}/cards/{customerId}/payments": "points:debit",
    "POST /v1/wallets/{walletId}/cards/{customerId}/holds": "points:debit",
    "POST /v1/wallets/{walletId}/cards/{customerId}/holds/{holdId}/capture": "points:debit",
    "POST /v1/wallets/{walletId}/cards/{customerId}/holds/{holdId}/release": "points:debit",
    "POST /v1/wallets/{walletId}/cards/{customerId}/transfers": "points:transfer",
    "POST /v1/wallets/{walletId}/cards/{customerId}/refunds": "points:refund",
    "GET /v1/customers/{customerId}/orders/{orderId}": "points:read",
    "POST /v1/customers/{customerId}/orders/{orderId}/refunds": "points:refund",
    "POST /v1/wallets/{walletId}/cards/{customerId}/pending/activate": "points:credit",
    "POST /v1/wallets/{walletId}/cards/{customerId}/pending/cancel": "points:credit",
    "POST /v1/wallets/{walletId}/cards/{customerId}/adjustments": "points:adjust",
    "POST /v1/wallets/{walletId}/cards/{customerId}/expiry-changes": "points:adjust",
    "POST /v1/transactions/{transactionId}/reversal": "points:adjust",
    "POST /v1/customers/{customerId}/erasure": "project:admin",
    "POST /v1/events": "events:write",
    "POST /v1/events/batch": "events:write",
    "GET /v1/event-definitions": "wallets:read",
    "GET /v1/event-definitions/{name}": "wallets:read",
    "PUT /v1/event-definitions/{name}": "wallets:write",
    "GET /v1/formulas/functions": "wallets:read",
    "POST /v1/formulas/evaluate": "wallets:read",
    "GET /v1/expressions": "wallets:read",
    "GET /v1/expressions/{name}": "wallets:read",
    "PUT /v1/expressions/{name}": "wallets:write",
}
"""By API Gateway's route key. A route that is not here is open to nobody."""

SCOPES = frozenset(ROUTE_SCOPES.values())
ALL = "*"
KEY_PREFIX = "lw_"


def new_key(store: Store, name: str, scopes: Iterable[str], at: datetime) -> tuple[str, ApiKey]:
    """A key that is told once and kept only as its hash."""
    wanted = frozenset(scopes)
    if unknown := wanted - SCOPES - {ALL}:
        raise ValueError(f"unknown scopes: {', '.join(sorted(unknown))}; known: {', '.join(sorted(SCOPES))}, {ALL}")
    if not wanted:
        raise ValueError("a key needs a scope")
    key = KEY_PREFIX + secrets.token_urlsafe(32)
    entry = ApiKey("key_" + secrets.token_hex(4), hash_of(key), name, wanted, instant(at))
    store.api_keys.add(entry)
    return key, entry


def holder(store: Store, key: str) -> ApiKey | None:
    """The entry of a key that exists and was not revoked."""
    hash_ = hash_of(key)
    entry = store.api_keys.by_hash(hash_)
    if entry is None or not compare_digest(entry.hash, hash_) or entry.revoked_at:
        return None
    return entry


def may(scopes: Iterable[str], route_key: str) -> bool:
    wanted = ROUTE_SCOPES.get(route_key)
    held = frozenset(scopes)
    return wanted is not None and (wanted in held or ALL in held)


def hash_of(key: str) -> str:
    return sha256(key.encode()).hexdigest()
