"""A wallet: settings with a status, from draft to deleted."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from loyalty.domain.wallets.settings import Settings
from loyalty.domain.zones import zone_of
from loyalty.errors import FieldProblem

if TYPE_CHECKING:
    from loyalty.domain.tiers.structure import AttachedTiers

WALLET_ID_PREFIX = "wal_"


class WalletStatus(StrEnum):
    """The stage in the life of a wallet.

    DRAFT: the settings may be incomplete, and no points move. ACTIVE: all commands work. INACTIVE: commands that earn
    or spend points are refused. DELETED: the wallet is only readable.
    """

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    DELETED = "DELETED"


class UserKind(StrEnum):
    """The kind of a definition that uses wallets."""

    CAMPAIGN = "CAMPAIGN"
    PROGRAM = "PROGRAM"
    REWARD = "REWARD"


@dataclass(frozen=True, slots=True)
class WalletUser:
    """A definition that uses a wallet: the wallet cannot be deleted meanwhile."""

    kind: UserKind
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    wallet_id: str
    version: int
    status: WalletStatus
    settings: Settings
    time_zone: str
    """The project's IANA zone, which decides days and periods."""
    currency: str
    created_at: int
    created_by: str
    updated_at: int
    deactivated_at: int = 0
    change: str = "Created"
    """The change that made this version: `Created`, `Changed`, `Activated`, `Deactivated`, `Deleted`."""
    changed_by: str = ""
    fingerprint: bytes = b""
    """The fingerprint of the request that created the wallet, if it had an idempotency key."""
    former_events: frozenset[str] = frozenset()
    """The names of events to which former versions reacted: a repetition finds what such an event did."""
    tiers: tuple["AttachedTiers", ...] = ()
    """The tier structures of the programs that the points of the wallet decide about."""
    action_required: tuple[FieldProblem, ...] = ()
    """The activation rules that the settings did not meet at the creation: a repetition answers them again."""

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.time_zone)
