"""The wallet builder's settings: the possible values of each step, and the dates that follow from them.

A draft may be incomplete, so settings of one type only are optional; `activation_rules` reports missing ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from loyalty.domain.dates import (
    NEVER,
    AnnualDate,
    CalendarUnit,
    Period,
    Rounding,
    Unit,
    activation_after,
    expiry_after,
    local_day,
    next_date,
    start_of_day,
)
from loyalty.domain.formulas.expression import Expression
from loyalty.domain.wallets.codes import Code


class ConsumptionOrder(StrEnum):
    """Which points are spent first: points with the earliest expiry, or with the earliest issue day."""

    EARLIEST_EXPIRY = "EARLIEST_EXPIRY"
    EARLIEST_ISSUE = "EARLIEST_ISSUE"


class ExpirationType(StrEnum):
    """When points expire: never, after a period, at the next date of a list, or after a period without activity."""

    NO_EXPIRATION = "NO_EXPIRATION"
    ROLLING_EXPIRATION = "ROLLING_EXPIRATION"
    CALENDAR_EXPIRATION = "CALENDAR_EXPIRATION"
    SLIDING_EXPIRATION = "SLIDING_EXPIRATION"


class Activity(StrEnum):
    """The activities that move a sliding expiry ahead."""

    EARNING = "EARNING"
    SPENDING = "SPENDING"
    CUSTOM_EVENT = "CUSTOM_EVENT"


class PendingType(StrEnum):
    """When points become active: at once, after a period, at the next date of a list, or by a custom event."""

    IMMEDIATE = "IMMEDIATE"
    PERIOD_BASED = "PERIOD_BASED"
    FIXED_DATES = "FIXED_DATES"
    EVENT_BASED = "EVENT_BASED"


@dataclass(frozen=True, slots=True)
class Expiration:
    type: ExpirationType = ExpirationType.NO_EXPIRATION
    every: int | None = None
    unit: Unit | None = None
    rounding: Rounding = Rounding.NONE
    month: int | None = None
    """With END_OF_PARTICULAR_MONTH: 1 to 12."""
    dates: tuple[AnnualDate, ...] = ()
    """With CALENDAR_EXPIRATION: the last usable days."""
    reset_by: tuple[Activity, ...] = ()
    events: tuple[str, ...] = ()
    """Names of custom events, with resetBy CUSTOM_EVENT."""

    @property
    def period(self) -> Period | None:
        return Period(self.every, self.unit) if self.every and self.unit else None

    def expiry_from(self, activates_at: int, zone: ZoneInfo) -> int:
        """Returns the expiry of points usable from `activates_at`: an instant, `NEVER`, or a negated sliding moment."""
        match self.type:
            case ExpirationType.CALENDAR_EXPIRATION if self.dates:
                return start_of_day(next_date(local_day(activates_at, zone), self.dates) + timedelta(days=1), zone)
            case ExpirationType.ROLLING_EXPIRATION if self.period:
                return expiry_after(activates_at, self.period, zone, self.rounding, self.month)
            case ExpirationType.SLIDING_EXPIRATION if self.period:
                return -expiry_after(activates_at, self.period, zone)
        return NEVER

    def is_reset_by(self, activity: Activity) -> bool:
        return self.type is ExpirationType.SLIDING_EXPIRATION and activity in self.reset_by


@dataclass(frozen=True, slots=True)
class CancelAfter:
    every: int
    unit: Unit

    @property
    def period(self) -> Period:
        return Period(self.every, self.unit)


@dataclass(frozen=True, slots=True)
class Pending:
    type: PendingType = PendingType.IMMEDIATE
    every: int | None = None
    unit: Unit | None = None
    dates: tuple[AnnualDate, ...] = ()
    """With FIXED_DATES: the days at whose start points become active."""
    events: tuple[str, ...] = ()
    """With EVENT_BASED: names of custom events, any of which activates the points."""
    cancel_after: CancelAfter | None = None

    @property
    def period(self) -> Period | None:
        return Period(self.every, self.unit) if self.every and self.unit else None

    def activation_from(self, at: int, zone: ZoneInfo) -> int:
        """Returns when points granted at `at` become active by time: `at` itself, or a later instant."""
        match self.type:
            case PendingType.PERIOD_BASED if self.period:
                return activation_after(at, self.period, zone)
            case PendingType.FIXED_DATES if self.dates:
                return start_of_day(next_date(local_day(at, zone) + timedelta(days=1), self.dates), zone)
        return at

    def cancellation_from(self, at: int, zone: ZoneInfo) -> int:
        """Returns when points whose event has not arrived are canceled; 0 for never."""
        return activation_after(at, self.cancel_after.period, zone) if self.cancel_after else 0


class WhenExceeded(StrEnum):
    """What a limit does with more points: CAP reduces them, REJECT refuses them."""

    CAP = "CAP"
    REJECT = "REJECT"


class LimitType(StrEnum):
    NO_LIMIT = "NO_LIMIT"
    BALANCE_BASED = "BALANCE_BASED"
    SPENDING_BASED = "SPENDING_BASED"
    TIME_BASED = "TIME_BASED"


@dataclass(frozen=True, slots=True)
class EarningLimit:
    type: LimitType = LimitType.NO_LIMIT
    unit: CalendarUnit | None = None
    max: int | None = None
    when_exceeded: WhenExceeded = WhenExceeded.CAP


@dataclass(frozen=True, slots=True)
class EarningTransactionLimit:
    max_points: int | None = None
    min_amount: int | None = None
    when_exceeded: WhenExceeded = WhenExceeded.CAP


@dataclass(frozen=True, slots=True)
class EarningLimits:
    global_: EarningLimit = field(default_factory=EarningLimit)
    transaction: EarningTransactionLimit = field(default_factory=EarningTransactionLimit)


@dataclass(frozen=True, slots=True)
class SpendingLimit:
    type: LimitType = LimitType.NO_LIMIT
    unit: CalendarUnit | None = None
    max: int | None = None
    when_exceeded: WhenExceeded = WhenExceeded.REJECT


@dataclass(frozen=True, slots=True)
class SpendingTransactionLimit:
    max_points: int | None = None
    when_exceeded: WhenExceeded = WhenExceeded.REJECT


@dataclass(frozen=True, slots=True)
class SpendingLimits:
    global_: SpendingLimit = field(default_factory=SpendingLimit)
    transaction: SpendingTransactionLimit = field(default_factory=SpendingTransactionLimit)


class PaymentType(StrEnum):
    """Whether points pay for orders, by an exchange ratio."""

    NO_PAYMENTS = "NO_PAYMENTS"
    EXCHANGE_RATIO = "EXCHANGE_RATIO"


@dataclass(frozen=True, slots=True)
class PayWithPoints:
    type: PaymentType = PaymentType.NO_PAYMENTS
    formula: str | None = None
    """With EXCHANGE_RATIO: points for one minor unit."""
    expressions: tuple[Expression, ...] = ()
    """Copies of the expressions that the formula names, made when the wallet was saved; the builder does not set them.
    """


class SpentRefundType(StrEnum):
    """Which spent points a refund returns."""

    NONE = "NONE"
    REFUND_ALL = "REFUND_ALL"
    """Returns the points once the whole order is refunded."""
    REFUND_ITEM = "REFUND_ITEM"
    REFUND_AMOUNT = "REFUND_AMOUNT"


class ExpiredLots(StrEnum):
    """The dates of returned points that expired in the meantime."""

    KEEP_EXPIRED = "KEEP_EXPIRED"
    GRACE = "GRACE"
    RENEW = "RENEW"


class EarnedRefundType(StrEnum):
    """When a refund revokes earned points."""

    KEEP = "KEEP"
    REVOKE_FROM_PENDING = "REVOKE_FROM_PENDING"
    REVOKE_FROM_BALANCE = "REVOKE_FROM_BALANCE"


class RevocationMode(StrEnum):
    """Whether a refund may make the missing points a debt."""

    REVOKE_TO_ZERO = "REVOKE_TO_ZERO"
    REVOKE_BELOW_ZERO = "REVOKE_BELOW_ZERO"


class EarnedRefundBase(StrEnum):
    """By which share of the order a refund revokes earned points."""

    ORDER = "ORDER"
    ITEMS = "ITEMS"
    """By the goods alone: refunded charges revoke nothing."""


@dataclass(frozen=True, slots=True)
class Transfers:
    allowed: bool = False
    count_as_spending: bool = False
    """Whether transfers count as spending: the sender's spending limits then apply."""


@dataclass(frozen=True, slots=True)
class SpentRefunds:
    type: SpentRefundType = SpentRefundType.REFUND_AMOUNT
    expired_lots: ExpiredLots = ExpiredLots.RENEW
    grace_days: int | None = None
    """With GRACE."""


@dataclass(frozen=True, slots=True)
class EarnedRefunds:
    type: EarnedRefundType = EarnedRefundType.REVOKE_FROM_BALANCE
    mode: RevocationMode = RevocationMode.REVOKE_TO_ZERO
    of: EarnedRefundBase = EarnedRefundBase.ORDER


@dataclass(frozen=True, slots=True)
class Refunds:
    spent: SpentRefunds = field(default_factory=SpentRefunds)
    earned: EarnedRefunds = field(default_factory=EarnedRefunds)


@dataclass(frozen=True, slots=True)
class Notices:
    """How long before a date its notice is recorded."""

    expiring: tuple[Period, ...] = ()
    activating: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """The wallet builder's steps. A draft may be incomplete; each value is well formed."""

    name: str
    points_name: str = "points"
    description: str = ""
    type: str = "INDIVIDUAL"
    allow_negative_balance: bool = False
    negative_limit: int | None = None
    """How far below zero a balance may go; None for no limit besides the largest balance."""
    consumption_order: ConsumptionOrder = ConsumptionOrder.EARLIEST_EXPIRY
    points_decimals: int = 0
    point_value: int | None = None
    auto_enrol: bool = True
    code: Code = field(default_factory=Code)
    expiration: Expiration = field(default_factory=Expiration)
    pending: Pending = field(default_factory=Pending)
    earning_limits: EarningLimits = field(default_factory=EarningLimits)
    spending_limits: SpendingLimits = field(default_factory=SpendingLimits)
    pay_with_points: PayWithPoints = field(default_factory=PayWithPoints)
    transfers: Transfers = field(default_factory=Transfers)
    refunds: Refunds = field(default_factory=Refunds)
    notices: Notices = field(default_factory=Notices)
    metadata: Mapping[str, object] = field(default_factory=dict)
    """The caller's own notes, as JSON."""

    @property
    def activating_events(self) -> tuple[str, ...]:
        """The names of the events that activate pending points."""
        return self.pending.events if self.pending.type is PendingType.EVENT_BASED else ()

    @property
    def reacting_events(self) -> frozenset[str]:
        """The names of the events that change the wallet's cards."""
        slides = self.expiration.is_reset_by(Activity.CUSTOM_EVENT)
        return frozenset((*self.activating_events, *(self.expiration.events if slides else ())))
