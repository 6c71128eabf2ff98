"""Tier structures on wallets: the next versions of wallets, and the recalculations of their members."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from loyalty.domain.tiers.program import Program, ProgramWallet
from loyalty.domain.tiers.recalculation import Recalculation, RecalculationId
from loyalty.domain.tiers.structure import STRUCTURES_MAX, AttachedTiers
from loyalty.domain.tiers.structure_version import StructureVersion, decides_alike
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import TooManyTierStructures
from loyalty.store.keys import SHARDS
from loyalty.store.programs import WalletChange
from loyalty.store.store import Store

WALLETS_OF_STRUCTURE_MAX = 20
"""The most attachments of one tier structure: a change of the structure is one transaction with all of its wallets."""


@dataclass(frozen=True, slots=True)
class Attachments:
    """Next versions of wallets, and the recalculations that they need."""

    wallets: Sequence[WalletChange] = ()
    recalculations: Sequence[Recalculation] = ()


def attachments_of(
    store: Store, before: Program | None, after: Program, wallets: Mapping[str, Wallet], field: str | None
) -> Attachments:
    """Returns what changes when the program's next version attaches or detaches a tier structure.

    `wallets` are the wallets of both versions as they are now. Raises `TooManyTierStructures` for the field.
    """
    former, coming = before.attached if before else None, after.attached
    if former == coming:
        return Attachments()
    changed: dict[str, Wallet] = {}
    if former:
        changed[former.wallet_id] = _next(_without(wallets[former.wallet_id], after.program_id), after)
    if coming is None:
        return Attachments(_changes(wallets, changed))
    structure = _structure_with_room(store, coming, after, field)
    wallet = changed.get(coming.wallet_id) or _next(wallets[coming.wallet_id], after)
    if len(wallet.tiers) >= STRUCTURES_MAX:
        detail = f"Wallet {wallet.wallet_id} has {STRUCTURES_MAX} tier structures. Remove one of them first."
        raise TooManyTierStructures.of_field(field, detail)
    attached = AttachedTiers(
        after.program_id, structure.structure_id, structure.version, wallet.version, structure.structure
    )
    changed[wallet.wallet_id] = replace(wallet, tiers=(*wallet.tiers, attached))
    return Attachments(_changes(wallets, changed), [_recalculation(attached, changed[wallet.wallet_id])])


def changed_structure(store: Store, before: StructureVersion, after: StructureVersion) -> Attachments:
    """Returns the next versions of the wallets that have the structure.

    Members are recalculated only if the change can give another tier.
    """
    wallets: list[WalletChange] = []
    recalculations: list[Recalculation] = []
    for wallet_id in sorted({program.wallet_id for program in attaching(store, before.structure_id)}):
        wallet = store.wallets.current(wallet_id)
        assert wallet is not None, "a wallet of a program exists"
        tiers = tuple(
            replace(one, structure_version=after.version, structure=after.structure)
            if one.structure_id == after.structure_id
            else one
            for one in wallet.tiers
        )
        coming = replace(_next(wallet, after), tiers=tiers)
        wallets.append((wallet, coming))
        if not decides_alike(before.structure, after.structure):
            recalculations += [_recalculation(one, coming) for one in tiers if one.structure_id == after.structure_id]
    return Attachments(wallets, recalculations)


def attaching(store: Store, structure_id: str) -> list[ProgramWallet]:
    """Returns the wallets to which ACTIVE programs attach the structure."""
    attached = (program.attached for program in store.programs.active())
    return [one for one in attached if one and one.structure_id == structure_id]


def _structure_with_room(store: Store, coming: ProgramWallet, program: Program, field: str | None) -> StructureVersion:
    assert coming.structure_id is not None, "an attachment has a structure"
    structure = store.programs.current_structure(coming.structure_id)
    assert structure is not None, "the structures of a program were looked up"
    others = [
        one
        for one in store.programs.active()
        if one.program_id != program.program_id and one.attached and one.attached.structure_id == coming.structure_id
    ]
    if len(others) >= WALLETS_OF_STRUCTURE_MAX:
        detail = f"{WALLETS_OF_STRUCTURE_MAX} programs have this tier structure. Create another one with its levels."
        raise TooManyTierStructures.of_field(field, detail)
    return structure


def _without(wallet: Wallet, program_id: str) -> Wallet:
    return replace(wallet, tiers=tuple(one for one in wallet.tiers if one.program_id != program_id))


def _next(wallet: Wallet, by: Program | StructureVersion) -> Wallet:
    """Returns the wallet's next version, which the author of the program's or structure's change makes."""
    return replace(
        wallet, version=wallet.version + 1, change="Changed", changed_by=by.changed_by, updated_at=by.updated_at
    )


def _changes(wallets: Mapping[str, Wallet], changed: Mapping[str, Wallet]) -> list[WalletChange]:
    return [(wallets[wallet_id], wallet) for wallet_id, wallet in sorted(changed.items())]


def _recalculation(attached: AttachedTiers, wallet: Wallet) -> Recalculation:
    return Recalculation(
        identity=RecalculationId(attached.program_id, wallet.updated_at, wallet.wallet_id, wallet.version),
        structure_id=attached.structure_id,
        shards=SHARDS,
    )
