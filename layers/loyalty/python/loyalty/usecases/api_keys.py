"""API keys: creation, verification, revocation, and what each key may do."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from itertools import islice

from loyalty.domain.access import ALL, KEY_SECRET_BYTES, SCOPES, ApiKey, Rights, all_roles, key_of
from loyalty.domain.dates import instant
from loyalty.errors import ApiKeyNotFound, FieldProblem, InvalidRequest, RightsExceeded
from loyalty.retry import retry
from loyalty.store.store import Store
from loyalty.usecases.versions import new_id, require_same_request


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key to create: with a role, or with scopes of its own."""

    name: str
    role: str | None = None
    scopes: frozenset[str] = frozenset()
    created_by: str | None = None
    """The id of the key that asks for the new key; None for the command `make key`."""
    idempotency_key: str | None = None
    fingerprint: bytes = b""


@dataclass(frozen=True, slots=True)
class KeyWithRights:
    entry: ApiKey
    rights: Rights
    secret: str | None = None
    """The key itself, after its creation only: the table has only the hash."""


def create(store: Store, new: NewKey, creator: Rights, at: datetime) -> KeyWithRights:
    """Creates a key. A repetition finds the key of the first request, and has no secret.

    Raises `InvalidRequest` for a role or a scope that does not exist, and `RightsExceeded` if the key could do more
    than its creator.
    """
    secret = key_of(secrets.token_urlsafe(KEY_SECRET_BYTES))
    entry = ApiKey(
        key_id=new_id("key_", new.idempotency_key),
        hash=hash_of(secret),
        name=new.name,
        created_at=instant(at),
        role=new.role,
        scopes=new.scopes,
        created_by=new.created_by,
        fingerprint=new.fingerprint,
    )

    def attempt() -> KeyWithRights:
        roles = all_roles(store.project.roles())
        if first := store.api_keys.entry(entry.key_id):
            require_same_request("API key", first.fingerprint, entry.fingerprint)
            # An entry with this hash is of an attempt whose answer was lost.
            return KeyWithRights(first, first.rights(roles), secret if first.hash == entry.hash else None)
        _require_known(entry, roles)
        rights = entry.rights(roles)
        if not creator.cover(rights):
            field = "body.scopes" if entry.role is None else "body.role"
            raise RightsExceeded.of_field(field, "A key may not do more than the caller who creates it.")
        store.api_keys.add(entry)
        return KeyWithRights(entry, rights, secret)

    return retry(attempt, "the API keys")


def page_of_keys(store: Store, after: str | None, limit: int) -> tuple[list[KeyWithRights], str | None]:
    """Returns keys in the order of their ids, revoked keys too, and the id after which the next page begins."""
    found = list(islice(store.api_keys.all(after), limit + 1))
    page = found[:limit]
    roles = all_roles(store.project.roles())
    used = store.api_keys.last_used(page)
    listed = [KeyWithRights(replace(one, last_used=used.get(one.key_id)), one.rights(roles)) for one in page]
    return listed, page[-1].key_id if len(found) > limit else None


def revoke(store: Store, key_id: str, at: datetime) -> None:
    """Revokes a key. A second revocation changes nothing. Raises `ApiKeyNotFound`."""

    def attempt() -> None:
        entry = store.api_keys.entry(key_id)
        if entry is None:
            raise ApiKeyNotFound(f"There is no API key {key_id}.")
        if not entry.revoked_at:
            store.api_keys.revoke(entry, instant(at))

    retry(attempt, "the API key")


def holder(store: Store, key: str) -> ApiKey | None:
    """Returns the entry of a key that exists and is not revoked."""
    hash_ = hash_of(key)
    entry = store.api_keys.by_hash(hash_)
    if entry is None or not compare_digest(entry.hash, hash_) or entry.revoked_at:
        return None
    return entry


def rights_of(store: Store, entry: ApiKey) -> Rights:
    """Returns what the key may do now. Only a key with a role needs a read, that of the project."""
    return entry.rights(all_roles(store.project.roles()) if entry.role else {})


def record_use(store: Store, entry: ApiKey, at: datetime) -> None:
    """Records the day, in UTC, on which the key was accepted: one write for each key and day."""
    day = at.date()
    if entry.last_used is None or entry.last_used < day:
        store.api_keys.record_use(entry, day)


def hash_of(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def _require_known(entry: ApiKey, roles: Mapping[str, Rights]) -> None:
    if entry.role is not None and entry.role not in roles:
        raise _not_found("role", f"The project has no role {entry.role}. Its roles are {', '.join(roles)}.")
    if unknown := entry.scopes - SCOPES - {ALL}:
        raise _not_found(
            "scopes", f"There is no scope {', '.join(sorted(unknown))}. The scopes are {', '.join(sorted(SCOPES))}."
        )
    if entry.role is None and not entry.scopes:
        raise _not_found("scopes", "A key needs a role or a scope.")


def _not_found(field: str, detail: str) -> InvalidRequest:
    return InvalidRequest(detail, errors=[FieldProblem(f"body.{field}", f"unknown_{field.removesuffix('s')}", detail)])
