"""Programs and tier structures, and the wallets that a program uses or attaches its tier structure to."""

from collections.abc import Callable, Iterator, Sequence

from loyalty.domain.tiers.program import Program, ProgramStatus
from loyalty.domain.tiers.recalculation import Recalculation
from loyalty.domain.tiers.structure_version import StructureVersion
from loyalty.domain.wallets.wallet import UserKind, Wallet, WalletUser
from loyalty.store import keys
from loyalty.store.attributes import Item, number, string
from loyalty.store.generation import current_generation, generation_rise
from loyalty.store.program_items import program_from, program_items, structure_items, structure_version_from
from loyalty.store.recalculations import recalculation_write
from loyalty.store.table import Table, WriteAction, put
from loyalty.store.wallet_users import requires_active, user_writes
from loyalty.store.wallets import version_writes

WalletChange = tuple[Wallet, Wallet]
"""A wallet before a change and its next version."""


class ProgramStore:
    """The writes raise `TransactionCanceled`.

    Labels: `program` or `structure`, `version`, `wallet`, `used by`, `generation`, `recalculation`. Each write fails
    if a definition has changed since the generation was read: programs, structures and wallets are judged together.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def generation(self) -> int:
        """Returns the generation, which rises with every change of a program, tier structure or wallet."""
        return current_generation(self._table)

    def current(self, program_id: str) -> Program | None:
        item = self._table.get(keys.PROGRAMS, keys.program(program_id))
        return program_from(item) if item else None

    def version(self, program_id: str, version: int) -> Program | None:
        item = self._table.get(keys.program(program_id), keys.version(version))
        return program_from(item) if item else None

    def all(self, after: str | None) -> Iterator[Program]:
        """Returns the programs after the given id, in the order of their ids."""
        return map(program_from, self._definitions(keys.program, after))

    def active(self) -> list[Program]:
        """Returns the ACTIVE programs in the order of their ids. Read the generation before."""
        return [program for program in self.all(None) if program.status is ProgramStatus.ACTIVE]

    def current_structure(self, structure_id: str) -> StructureVersion | None:
        item = self._table.get(keys.PROGRAMS, keys.tier_structure(structure_id))
        return structure_version_from(item) if item else None

    def structure_version(self, structure_id: str, version: int) -> StructureVersion | None:
        item = self._table.get(keys.tier_structure(structure_id), keys.version(version))
        return structure_version_from(item) if item else None

    def structures(self, after: str | None) -> Iterator[StructureVersion]:
        """Returns the tier structures after the given id, in the order of their ids."""
        return map(structure_version_from, self._definitions(keys.tier_structure, after))

    def save(
        self,
        program: Program,
        *,
        before: Program | None,
        generation: int,
        wallets: Sequence[WalletChange],
        recalculations: Sequence[Recalculation],
    ) -> None:
        """Saves a new version of the program, with its wallets' entries and the next versions of wallets.

        Wallets that the program begins to use must be ACTIVE.
        """
        former = before.wallets_in_use if before else frozenset[str]()
        changed = {after.wallet_id for _, after in wallets}
        user = WalletUser(UserKind.PROGRAM, program.program_id)
        self._table.transact(
            [
                *_definition_writes("program", program_items(program), before.version if before else None),
                *user_writes(user, former, program.wallets_in_use),
                # One transaction cannot check and write one item: a wallet with a next version is as it was read.
                *map(requires_active, sorted(program.wallets_in_use - former - changed)),
                *_companions(generation, wallets, recalculations),
            ]
        )

    def save_structure(
        self,
        structure: StructureVersion,
        *,
        before: StructureVersion | None,
        generation: int,
        wallets: Sequence[WalletChange],
        recalculations: Sequence[Recalculation],
    ) -> None:
        """Saves a new version of the tier structure, with the next versions of the wallets that have the structure."""
        self._table.transact(
            [
                *_definition_writes("structure", structure_items(structure), before.version if before else None),
                *_companions(generation, wallets, recalculations),
            ]
        )

    def _definitions(self, key: Callable[[str], str], after: str | None) -> Iterator[Item]:
        return self._table.query(
            "pk = :pk AND sk BETWEEN :from AND :to",
            {
                ":pk": string(keys.PROGRAMS),
                # `!` sorts before every character that an id may have, DEL after.
                ":from": string(key("!" if after is None else f"{after}!")),
                ":to": string(key("\x7f")),
            },
        )


def _definition_writes(label: str, items: tuple[Item, Item], version_before: int | None) -> list[WriteAction]:
    current, version = items
    if version_before is None:
        return [put(label, current), put("version", version)]
    return [put(label, current, "v = :v", {":v": number(version_before)}), put("version", version)]


def _companions(
    generation: int, wallets: Sequence[WalletChange], recalculations: Sequence[Recalculation]
) -> list[WriteAction]:
    return [
        generation_rise(generation),
        *(write for before, after in wallets for write in version_writes(after, before)),
        *map(recalculation_write, recalculations),
    ]
