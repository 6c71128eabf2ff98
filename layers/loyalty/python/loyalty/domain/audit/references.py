"""Compares wallets with the definitions that use them, and their tier structures with those of programs."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from loyalty.domain.audit.comparison import Check, Drift
from loyalty.domain.tiers.program import Program
from loyalty.domain.tiers.structure_version import StructureVersion
from loyalty.domain.wallets.wallet import Wallet, WalletUser


def reference_drifts(
    entries: Mapping[str, Iterable[WalletUser]], users: Mapping[WalletUser, AbstractSet[str]]
) -> Iterator[Drift]:
    """Yields each wallet whose entries differ from the definitions that use it.

    `entries` are the entries of each wallet; `users` are the definitions with the ids of the wallets that they use.
    """
    expected = {(wallet_id, user) for user, wallet_ids in users.items() for wallet_id in wallet_ids}
    found = {(wallet_id, user) for wallet_id, listed in entries.items() for user in listed}
    for wallet_id, user in sorted(expected - found, key=str):
        yield _drift(f"Wallet {wallet_id} does not list {_name(user)}, which uses the wallet.")
    for wallet_id, user in sorted(found - expected, key=str):
        yield _drift(f"Wallet {wallet_id} lists {_name(user)}, which does not use the wallet.")


def attachment_drifts(
    wallets: Iterable[Wallet], programs: Iterable[Program], structures: Mapping[str, StructureVersion]
) -> Iterator[Drift]:
    """Yields each wallet whose tier structures differ from those that ACTIVE programs attach, in their versions now."""
    expected = {
        (one.wallet_id, program.program_id, found.structure_id, found.version, found.structure)
        for program in programs
        if (one := program.attached) and one.structure_id and (found := structures.get(one.structure_id))
    }
    attached = {
        (wallet.wallet_id, one.program_id, one.structure_id, one.structure_version, one.structure)
        for wallet in wallets
        for one in wallet.tiers
    }
    differing = {(wallet_id, program_id) for wallet_id, program_id, *_ in expected ^ attached}
    for wallet_id, program_id in sorted(differing):
        yield _drift(f"The tier structure of program {program_id} on wallet {wallet_id} differs from the program's.")


def _name(user: WalletUser) -> str:
    return f"{user.kind.lower()} {user.id}"


def _drift(message: str) -> Drift:
    return Drift(check=Check.REFERENCE, seq=None, message=message)
