"""Programs: wallets that belong together, and the tier structure that the points of one of them decide about."""

from dataclasses import dataclass
from enum import StrEnum

WALLETS_MAX = 20
"""The most wallets of a program."""


class ProgramStatus(StrEnum):
    """The stage in the life of a program.

    DRAFT: the program has no effect yet. ACTIVE: its tier structure is attached to the wallet, and its wallets cannot
    be deleted. INACTIVE: the tier structure is detached, and members have no tier.
    """

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


@dataclass(frozen=True, slots=True)
class ProgramWallet:
    """A wallet of a program. The wallet belongs to any number of programs."""

    wallet_id: str
    structure_id: str | None = None
    """The tier structure that the points of this wallet decide about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    program_id: str
    version: int
    status: ProgramStatus
    name: str
    description: str = ""
    wallets: tuple[ProgramWallet, ...] = ()
    """In the order of assignment, each wallet once. At most one has a tier structure."""
    metadata: str = "{}"
    """JSON."""
    created_at: int
    created_by: str
    updated_at: int
    change: str = "Created"
    """The change that made this version: `Created`, `Changed`, `Activated` or `Deactivated`."""
    changed_by: str
    fingerprint: bytes = b""
    """The fingerprint of the request that created the program, in the first version."""

    @property
    def wallets_in_use(self) -> frozenset[str]:
        """The wallets that cannot be deleted because of the program."""
        return frozenset(one.wallet_id for one in self.wallets if self.status is ProgramStatus.ACTIVE)

    @property
    def with_structure(self) -> ProgramWallet | None:
        """The wallet with the tier structure."""
        return next((one for one in self.wallets if one.structure_id), None)

    @property
    def attached(self) -> ProgramWallet | None:
        """The wallet with the tier structure; None while the program is not ACTIVE."""
        return self.with_structure if self.status is ProgramStatus.ACTIVE else None
