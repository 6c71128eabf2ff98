"""Tier structures: create, change. Each change is a version."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from loyalty.domain.dates import instant
from loyalty.domain.tiers.document import structure_from, structure_json
from loyalty.domain.tiers.structure import TierStructure
from loyalty.domain.tiers.structure_version import StructureVersion, fixed_field, structure_problems
from loyalty.errors import (
    InvalidRequest,
    SettingFixed,
    TierStructureNotFound,
)
from loyalty.messaging.recalculation_queue import RecalculationQueue
from loyalty.retry import retry
from loyalty.store.store import Store
from loyalty.usecases.programs.attachment import attaching, changed_structure
from loyalty.usecases.versions import new_id, require_same_request, require_version, size_problems


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
    structure_id = new_id("trs_", key)
    structure, now = _valid(document), instant(at)

    def attempt() -> tuple[StructureVersion, bool]:
        if key is not None and (first := store.programs.structure_version(structure_id, 1)):
            require_same_request("tier structure", first.fingerprint, fingerprint)
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
        require_version("tier structure", before.version, version)
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
    problems = [*structure_problems(structure), *size_problems("tier structure", structure_json(structure))]
    if problems:
        raise InvalidRequest("Correct the fields listed in errors.", errors=problems)
    return structure
