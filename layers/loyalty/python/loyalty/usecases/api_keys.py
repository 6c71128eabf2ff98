"""API keys: creation and verification."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

from loyalty.domain.access import ALL, SCOPES, ApiKey
from loyalty.domain.dates import instant
from loyalty.store.store import Store

KEY_PREFIX = "lw_"


def create_key(store: Store, name: str, scopes: Iterable[str], at: datetime) -> tuple[str, ApiKey]:
    """Makes a key. The key is shown once, and the table stores only its hash."""
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
    """Returns the entry of a key that exists and is not revoked."""
    hash_ = hash_of(key)
    entry = store.api_keys.by_hash(hash_)
    if entry is None or not compare_digest(entry.hash, hash_) or entry.revoked_at:
        return None
    return entry


def hash_of(key: str) -> str:
    return sha256(key.encode()).hexdigest()
