"""Programs: create, change, activate, deactivate, assign wallets. Each change is a version."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from loyalty.domain.dates import instant
from loyalty.domain.tiers.program import WALLETS_MAX, Program, ProgramStatus, ProgramWallet
from loyalty.domain.wallets.wallet import Wallet, WalletStatus
from loyalty.errors import (
    FieldProblem,
    InvalidRequest,
    ProgramIdTaken,
    ProgramNotFound,
    TierStructureAssigned,
    TooManyWallets,
    WalletDeleted,
    WalletNotActive,
    WalletNotFound,
)
from loyalty.messaging.recalculation_queue import RecalculationQueue
from loyalty.retry import retry
from loyalty.store.store import Store
from loyalty.usecases.programs import structures
from loyalty.usecases.programs.attachment import attachments_of
from loyalty.usecases.versions import new_id, require_same_request, require_version

LIST = "body.wallets"
"""The field of a request that lists wallets."""
ONE = "body"
"""The field of a request that assigns one wallet, which its path names."""
OWN = "wallets"
"""The setting of the program itself, for a request that names no wallet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramSettings:
    """What a caller decides about a program. In a change, None leaves a setting as it is."""

    name: str | None = None
    description: str | None = None
    wallets: tuple[ProgramWallet, ...] | None = None
    metadata: str | None = None
    """JSON."""

    def of(self, program: Program) -> Program:
        """Returns the program with these settings."""
        return replace(
            program,
            name=program.name if self.name is None else self.name,
            description=program.description if self.description is None else self.description,
            wallets=program.wallets if self.wallets is None else self.wallets,
            metadata=program.metadata if self.metadata is None else self.metadata,
        )


def create(
    store: Store,
    queue: RecalculationQueue,
    settings: ProgramSettings,
    status: ProgramStatus,
    at: datetime,
    actor: str,
    *,
    program_id: str | None = None,
    key: str | None = None,
    fingerprint: bytes = b"",
) -> tuple[Program, bool]:
    """Creates a program; returns the program and whether the request is a repetition.

    The caller's id or else the key identifies the program, so that a repetition finds the program of the first request.
    Raises `ProgramIdTaken` if another request created a program with the id.
    """
    now = instant(at)
    named = program_id or new_id("prg_", key)
    program = settings.of(
        Program(
            program_id=named,
            version=1,
            status=status,
            name="",
            created_at=now,
            created_by=actor,
            updated_at=now,
            changed_by=actor,
            fingerprint=fingerprint,
        )
    )

    def attempt() -> tuple[Program, bool]:
        if (program_id or key) and (first := store.programs.version(named, 1)):
            if program_id and first.fingerprint != fingerprint:
                raise ProgramIdTaken.of_field("body.programId", f"There is a program {named}. Choose another id.")
            require_same_request("program", first.fingerprint, fingerprint)
            return first, True
        _save(store, queue, None, program, LIST)
        return program, False

    return retry(attempt, "the programs")


def read(store: Store, program_id: str) -> Program:
    program = store.programs.current(program_id)
    if program is None:
        raise ProgramNotFound(f"There is no program {program_id}.")
    return program


def change(
    store: Store,
    queue: RecalculationQueue,
    program_id: str,
    settings: ProgramSettings,
    version: int,
    at: datetime,
    actor: str,
) -> Program:
    """Replaces the settings that are given. A change of the wallets is as several assignments at once."""

    def change_of(before: Program) -> Program:
        require_version("program", before.version, version)
        return replace(settings.of(before), change="Changed")

    return _change(store, queue, program_id, change_of, at, actor, LIST)


def activate(store: Store, queue: RecalculationQueue, program_id: str, at: datetime, actor: str) -> Program:
    """Makes the program ACTIVE: its tier structure is attached, and members are recalculated.

    A second activation changes nothing.
    """

    def active(before: Program) -> Program:
        return _in_status(before, ProgramStatus.ACTIVE, "Activated")

    return _change(store, queue, program_id, active, at, actor, OWN)


def deactivate(store: Store, queue: RecalculationQueue, program_id: str, at: datetime, actor: str) -> Program:
    """Makes the program INACTIVE: its tier structure is detached, and its wallets can be deleted.

    A second deactivation changes nothing.
    """

    def inactive(before: Program) -> Program:
        return _in_status(before, ProgramStatus.INACTIVE, "Deactivated")

    return _change(store, queue, program_id, inactive, at, actor, OWN)


def assign(
    store: Store, queue: RecalculationQueue, program_id: str, wallet: ProgramWallet, at: datetime, actor: str
) -> Program:
    """Assigns the wallet to the program, with this tier structure or without. Assigning again changes nothing."""

    def with_wallet(before: Program) -> Program:
        is_known = any(one.wallet_id == wallet.wallet_id for one in before.wallets)
        wallets = tuple(wallet if one.wallet_id == wallet.wallet_id else one for one in before.wallets)
        return replace(before, wallets=wallets if is_known else (*wallets, wallet), change="Changed")

    return _change(store, queue, program_id, with_wallet, at, actor, ONE)


def unassign(
    store: Store, queue: RecalculationQueue, program_id: str, wallet_id: str, at: datetime, actor: str
) -> Program:
    """Removes the wallet, and its tier structure, from the program. A wallet that is not assigned changes nothing."""

    def without_wallet(before: Program) -> Program:
        wallets = tuple(one for one in before.wallets if one.wallet_id != wallet_id)
        return replace(before, wallets=wallets, change="Changed")

    return _change(store, queue, program_id, without_wallet, at, actor, ONE)


def page_of_programs(
    store: Store, status: ProgramStatus | None, wallet_id: str | None, after: str | None, limit: int
) -> tuple[list[Program], str | None]:
    """Returns programs in the order of their ids, and the id after which the next page begins."""
    page: list[Program] = []
    for program in store.programs.all(after):
        if len(page) == limit:
            return page, page[-1].program_id
        has_wallet = wallet_id is None or any(one.wallet_id == wallet_id for one in program.wallets)
        if has_wallet and program.status is (status or program.status):
            page.append(program)
    return page, None


def _in_status(before: Program, status: ProgramStatus, change_name: str) -> Program:
    return before if before.status is status else replace(before, status=status, change=change_name)


def _change(
    store: Store,
    queue: RecalculationQueue,
    program_id: str,
    change_of: Callable[[Program], Program],
    at: datetime,
    actor: str,
    field: str,
) -> Program:
    """Saves the program's next version; returns the program as it is if nothing changes."""

    def attempt() -> Program:
        before = read(store, program_id)
        after = change_of(before)
        if replace(after, change=before.change) == before:
            return before
        after = replace(after, version=before.version + 1, changed_by=actor, updated_at=instant(at), fingerprint=b"")
        _save(store, queue, before, after, field)
        return after

    return retry(attempt, "the program")


def _save(store: Store, queue: RecalculationQueue, before: Program | None, after: Program, field: str) -> None:
    # The generation is read first: the transaction fails if a program, structure or wallet has changed since then.
    generation = store.programs.generation()
    _require_valid(after, field)
    wallets = _wallets_of(store, before, after, field)
    attached = next((place for place, one in enumerate(after.wallets) if one.structure_id), 0)
    changes = attachments_of(store, before, after, wallets, _path(field, attached, "tierStructureId"))
    queue.start([one.identity for one in changes.recalculations])
    store.programs.save(
        after,
        before=before,
        generation=generation,
        wallets=changes.wallets,
        recalculations=changes.recalculations,
    )
    for wallet, _ in changes.wallets:
        store.wallets.forget(wallet.wallet_id)


def _wallets_of(store: Store, before: Program | None, after: Program, field: str) -> dict[str, Wallet]:
    """Returns the wallets of both versions as they are now, by id.

    Raises what keeps the program from having a wallet or tier structure that the change adds.
    """
    former = {one.wallet_id for one in before.wallets} if before else set[str]()
    new_in_use = after.wallets_in_use - (before.wallets_in_use if before else frozenset())
    wallets = {wallet_id: _known_wallet(store, wallet_id) for wallet_id in sorted(former)}
    for place, one in enumerate(after.wallets):
        # The URL names the one wallet that a request assigns.
        wallet_field = None if field == ONE else _path(field, place, "walletId")
        if one.wallet_id not in former:
            wallets[one.wallet_id] = _assignable_wallet(store, one.wallet_id, wallet_field)
        if one not in (before.wallets if before else ()) and one.structure_id:
            structures.read(store, one.structure_id, _path(field, place, "tierStructureId"))
        if one.wallet_id in new_in_use and wallets[one.wallet_id].status is not WalletStatus.ACTIVE:
            raise WalletNotActive.of_field(wallet_field, f"Wallet {one.wallet_id} is not active. Activate it first.")
    return wallets


def _require_valid(program: Program, field: str) -> None:
    """Raises what a program's wallets may not be together."""
    wallets = program.wallets
    seen = set[str]()
    for place, one in enumerate(wallets):
        if one.wallet_id in seen:
            problem = FieldProblem(f"{field}[{place}].walletId", "repeated", "List each wallet once.")
            raise InvalidRequest("A program has each wallet once.", errors=[problem])
        seen.add(one.wallet_id)
    if len(wallets) > WALLETS_MAX:
        raise TooManyWallets(f"A program has at most {WALLETS_MAX} wallets. Remove a wallet first.")
    with_structure = [place for place, one in enumerate(wallets) if one.structure_id]
    if len(with_structure) > 1:
        owner = wallets[with_structure[0]].wallet_id
        detail = f"A program has one tier structure. Remove it from wallet {owner} first."
        raise TierStructureAssigned.of_field(_path(field, with_structure[1], "tierStructureId"), detail)


def _path(field: str, place: int, setting: str) -> str:
    """Returns the path of a setting of the program's wallet at the place."""
    return f"{ONE}.{setting}" if field == ONE else f"{field}[{place}].{setting}"


def _known_wallet(store: Store, wallet_id: str) -> Wallet:
    wallet = store.wallets.current(wallet_id)
    assert wallet is not None, "a wallet of a program exists"
    return wallet


def _assignable_wallet(store: Store, wallet_id: str, field: str | None) -> Wallet:
    """Returns the wallet as it is now, unless it does not exist or was deleted."""
    wallet = store.wallets.current(wallet_id)
    if wallet is None:
        raise WalletNotFound.of_field(field, f"There is no wallet {wallet_id}.")
    if wallet.status is WalletStatus.DELETED:
        raise WalletDeleted.of_field(field, f"Wallet {wallet_id} was deleted.")
    return wallet
