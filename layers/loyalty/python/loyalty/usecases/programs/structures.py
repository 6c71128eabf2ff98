"""Tier structures: create, change. Each change is a version."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any

from loyalty.domain.dates import instant
from loyalty.domain.tiers.document import structure_from, structure_json
from loyalty.domain.tiers.structure import TierStructure
from loyalty.domain.tiers.structure_version import StructureVersion, fixed_field, structure_problems
from loyalty.errors import (
    FieldProblem,
    InvalidRequest,
    KeyReused,
    PreconditionFailed,
    SettingFixed,
    TierStructureNotFound,
)
from loyalty.messaging.recalculation_queue import RecalculationQueue
from loyalty.retry import retry
from loyalty.store.store import Store
from loyalty.usecases.programs.attachment import attaching, changed_structure

BYTES_MAX = 8 * 1_024
"""The most bytes of a structure's settings as compact JSON: a wallet's version has a copy."""


def create(
    store: Store,
    document: Mapping[str, Any],
    at: datetime,
    actor: str,
    *,
    key: str | None = None,
    fingerprint: bytes = b"",
) -> tuple[StructureVersion, bool]:
    """Creates a tier structure; returns the structure and whether the request is a repetition.

    With a key, the id follows from the key, so that a repetition finds the structure of the first request.
    """
    structure_id = "trs_" + (sha256(key.encode()).hexdigest()[:20] if key else secrets.token_hex(10))
    structure, now = _valid(document), instant(at)

    def attempt() -> tuple[StructureVersion, bool]:
        if key is not None and (first := store.programs.structure_version(structure_id, 1)):
            if first.fingerprint != fingerprint:
                raise KeyReused.of_field(
                    "header.idempotency-key",
                    "The idempotency key created a tier structure with other settings. Use a new key.",
                )
            return first, True
        created = StructureVersion(
            structure_id=structure_id,
            version=1,
            structure=structure,
            created_at=now,
            created_by=actor,
            updated_at=now,
            changed_by=actor,
            fingerprint=fingerprint,
        )
        generation = store.programs.generation()
        store.programs.save_structure(created, before=None, generation=generation, wallets=[], recalculations=[])
        return created, False

    return retry(attempt, "the tier structures")


def read(store: Store, structure_id: str, field: str | None = None) -> StructureVersion:
    """Returns the tier structure as it is now. A refusal names the field of the request, if there is one."""
    found = store.programs.current_structure(structure_id)
    if found is None:
        raise TierStructureNotFound.of_field(field, f"There is no tier structure {structure_id}.")
    return found


def change(
    store: Store,
    queue: RecalculationQueue,
    structure_id: str,
    patch: Mapping[str, Any],
    version: int,
    at: datetime,
    actor: str,
) -> StructureVersion:
    """Replaces each setting that the patch names as a whole; null restores the default.

    The wallets of ACTIVE programs with this structure get a new version, and their members are recalculated. Raises
    `SettingFixed` for a change of what has been counted on cards.
    """

    def attempt() -> StructureVersion:
        generation = store.programs.generation()
        before = read(store, structure_id)
        if before.version != version:
            raise PreconditionFailed(
                f"The tier structure has version {before.version}, you read {version}. Read the tier structure again."
            )
        structure = _valid({**structure_json(before.structure), **patch})
        fixed = fixed_field(before.structure, structure)
        if fixed and attaching(store, structure_id):
            detail = f"The {fixed} cannot change while a wallet has the tier structure. Create another tier structure."
            raise SettingFixed.of_field(f"body.{fixed}", detail)
        after = replace(
            before,
            version=version + 1,
            structure=structure,
            change="Changed",
            changed_by=actor,
            updated_at=instant(at),
            fingerprint=b"",
        )
        changes = changed_structure(store, before, after)
        queue.start([one.identity for one in changes.recalculations])
        store.programs.save_structure(
            after,
            before=before,
            generation=generation,
            wallets=changes.wallets,
            recalculations=changes.recalculations,
        )
        for wallet, _ in changes.wallets:
            store.wallets.forget(wallet.wallet_id)
        return after

    return retry(attempt, "the tier structure")


def page_of_structures(store: Store, after: str | None, limit: int) -> tuple[list[StructureVersion], str | None]:
    """Returns tier structures in the order of their ids, and the id after which the next page begins."""
    found = list(islice(store.programs.structures(after), limit + 1))
    page = found[:limit]
    return page, page[-1].structure_id if len(found) > limit else None


def _valid(document: Mapping[str, Any]) -> TierStructure:
    structure = structure_from(document)
    problems = list(structure_problems(structure))
    text = json.dumps(structure_json(structure), ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > BYTES_MAX:
        message = f"A tier structure has at most {BYTES_MAX} bytes as JSON."
        problems.append(FieldProblem("body", "tier_structure_too_large", message))
    if problems:
        raise InvalidRequest("Correct the fields listed in errors.", errors=problems)
    return structure
