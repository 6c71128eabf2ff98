"""Programs and tier structures as items."""

import json

from loyalty.domain.tiers.document import structure_from, structure_json
from loyalty.domain.tiers.program import Program, ProgramStatus, ProgramWallet
from loyalty.domain.tiers.structure_version import StructureVersion
from loyalty.store import keys
from loyalty.store.attributes import ITEM_FORM, Item, binary, number, string


def program_items(program: Program) -> tuple[Item, Item]:
    """Returns the items of the current program and of its immutable version."""
    common: Item = {
        "pr": string(program.program_id),
        "st": string(program.status),
        "na": string(program.name),
        "d": string(program.description),
        "wa": string(json.dumps([[one.wallet_id, one.structure_id] for one in program.wallets])),
        "m": string(program.metadata),
        **_version_attributes(program),
    }
    return _current_and_version(keys.program(program.program_id), program, common)


def program_from(item: Item) -> Program:
    return Program(
        program_id=item["pr"]["S"],
        version=int(item["v"]["N"]),
        status=ProgramStatus(item["st"]["S"]),
        name=item["na"]["S"],
        description=item["d"]["S"],
        wallets=tuple(ProgramWallet(*one) for one in json.loads(item["wa"]["S"])),
        metadata=item["m"]["S"],
        created_at=int(item["c"]["N"]),
        created_by=item["a"]["S"],
        updated_at=int(item["u"]["N"]),
        change=item["ch"]["S"],
        changed_by=item["by"]["S"],
        fingerprint=bytes(item["fp"]["B"]) if "fp" in item else b"",
    )


def structure_items(found: StructureVersion) -> tuple[Item, Item]:
    """Returns the items of the current tier structure and of its immutable version."""
    definition = json.dumps(structure_json(found.structure), ensure_ascii=False, separators=(",", ":"))
    common: Item = {"ts": string(found.structure_id), "def": string(definition), **_version_attributes(found)}
    return _current_and_version(keys.tier_structure(found.structure_id), found, common)


def structure_version_from(item: Item) -> StructureVersion:
    return StructureVersion(
        structure_id=item["ts"]["S"],
        version=int(item["v"]["N"]),
        structure=structure_from(json.loads(item["def"]["S"])),
        created_at=int(item["c"]["N"]),
        created_by=item["a"]["S"],
        updated_at=int(item["u"]["N"]),
        change=item["ch"]["S"],
        changed_by=item["by"]["S"],
        fingerprint=bytes(item["fp"]["B"]) if "fp" in item else b"",
    )


def _version_attributes(found: Program | StructureVersion) -> Item:
    """Returns what all versions of definitions have."""
    return {
        "s": string(ITEM_FORM),
        "v": number(found.version),
        "c": number(found.created_at),
        "a": string(found.created_by),
        "u": number(found.updated_at),
        "ch": string(found.change),
        "by": string(found.changed_by),
    }


def _current_and_version(key: str, found: Program | StructureVersion, common: Item) -> tuple[Item, Item]:
    current = {"pk": string(keys.PROGRAMS), "sk": string(key), **common}
    version = {"pk": string(key), "sk": string(keys.version(found.version)), **common}
    if found.fingerprint:
        version["fp"] = binary(found.fingerprint)
    return current, version
