"""A wallet: how points are earned, stored, spent and expire. What its settings need before it may be active."""

from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from loyalty.domain.codes import POSSIBLE_CODES_MIN, Code
from loyalty.domain.consumption import ConsumptionOrder
from loyalty.domain.dates import EVERY_MAX, Period, Unit
from loyalty.errors import FieldProblem


class WalletStatus(StrEnum):
    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    DELETED = "DELETED"


class ExpirationType(StrEnum):
    NO_EXPIRATION = "NO_EXPIRATION"
    ROLLING_EXPIRATION = "ROLLING_EXPIRATION"


class PendingType(StrEnum):
    IMMEDIATE = "IMMEDIATE"
    PERIOD_BASED = "PERIOD_BASED"


@dataclass(frozen=True, slots=True)
class Expiration:
    type: ExpirationType = ExpirationType.NO_EXPIRATION
    every: int | None = None
    unit: Unit | None = None

    @property
    def period(self) -> Period | None:
        """How long points live from activation; None for ever."""
        return Period(self.every, self.unit) if self.every and self.unit else None


@dataclass(frozen=True, slots=True)
class Pending:
    type: PendingType = PendingType.IMMEDIATE
    every: int | None = None
    unit: Unit | None = None

    @property
    def period(self) -> Period | None:
        """How long points wait; None not at all."""
        return Period(self.every, self.unit) if self.every and self.unit else None


@dataclass(frozen=True, slots=True)
class SpentRefunds:
    type: str = "REFUND_AMOUNT"
    expired_lots: str = "RENEW"


@dataclass(frozen=True, slots=True)
class EarnedRefunds:
    type: str = "REVOKE_FROM_BALANCE"
    mode: str = "REVOKE_TO_ZERO"


@dataclass(frozen=True, slots=True)
class Refunds:
    spent: SpentRefunds = field(default_factory=SpentRefunds)
    earned: EarnedRefunds = field(default_factory=EarnedRefunds)


@dataclass(frozen=True, slots=True)
class Settings:
    """The wallet builder's steps. A draft may be incomplete; each value is well formed."""

    name: str
    points_name: str = "points"
    description: str = ""
    type: str = "INDIVIDUAL"
    consumption_order: ConsumptionOrder = ConsumptionOrder.EARLIEST_EXPIRY
    points_decimals: int = 0
    point_value: int | None = None
    auto_enrol: bool = True
    code: Code = field(default_factory=Code)
    expiration: Expiration = field(default_factory=Expiration)
    pending: Pending = field(default_factory=Pending)
    refunds: Refunds = field(default_factory=Refunds)


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
    """What made this version: `Created`, `Changed`, `Activated`, `Deactivated`, `Deleted`."""
    changed_by: str = ""
    fingerprint: bytes = b""
    """Of the request that created the wallet, where it had an idempotency key."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


def action_required(settings: Settings) -> list[FieldProblem]:
    """What a builder must mend before the wallet may be ACTIVE, in the order of the steps."""
    problems: list[FieldProblem] = []
    if settings.code.problem:
        problems.append(FieldProblem("code.pattern", "code_pattern", settings.code.problem, step="code"))
    elif settings.code.possible < POSSIBLE_CODES_MIN:
        message = f"Only {settings.code.possible:,} codes are possible; a wallet needs at least {POSSIBLE_CODES_MIN:,}."
        problems.append(FieldProblem("code.length", "too_few_codes", message, step="code"))
    if settings.expiration.type is ExpirationType.ROLLING_EXPIRATION:
        problems += _period_problems("expiration", settings.expiration.every, settings.expiration.unit)
    if settings.pending.type is PendingType.PERIOD_BASED:
        problems += _period_problems("pending", settings.pending.every, settings.pending.unit)
    return problems


def _period_problems(step: str, every: int | None, unit: Unit | None) -> list[FieldProblem]:
    problems = []
    if every is None:
        problems.append(FieldProblem(f"{step}.every", "required", "Say after how many units.", step=step))
    if unit is None:
        problems.append(FieldProblem(f"{step}.unit", "required", "Say which unit.", step=step))
    if every is not None and unit is not None and every > EVERY_MAX[unit]:
        message = f"At most {EVERY_MAX[unit]:,} with unit {unit}."
        problems.append(FieldProblem(f"{step}.every", "too_long", message, step=step))
    return problems
