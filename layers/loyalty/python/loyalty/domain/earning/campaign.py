"""Campaigns: which event they react to, on which conditions, and what they give.

A campaign gives points by its reward rules, or multiplies the points of other campaigns.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from loyalty.domain.dates import CalendarUnit, Period, Weekday
from loyalty.domain.earning.event import CUSTOMER_CREATED, ORDER_PAID, SEGMENT_ENTERED, TIER_CHANGED
from loyalty.domain.earning.schedule import BIRTHDAY_YEAR, Birthdays, Schedule
from loyalty.domain.earning.trigger import Trigger
from loyalty.domain.wallets.settings import WhenExceeded
from loyalty.errors import FieldProblem

PRIORITY_DEFAULT = 100
PRIORITY_MAX = 1_000
REWARDS_MAX = 10
"""The most reward rules of a campaign."""
HOURS_MAX = 10
OUTCOMES_MAX = 20
WEIGHT_MAX = 1_000_000
MULTIPLIED_IDS_MAX = 10
"""The most wallets, and the most campaigns, that a multiplier names."""
PERCENT_MIN, PERCENT_MAX = Decimal("0.01"), Decimal(1_000)
FACTOR_MIN, FACTOR_MAX = Decimal("1.01"), Decimal(100)
BUILT_IN_EVENTS = frozenset({ORDER_PAID, CUSTOMER_CREATED, SEGMENT_ENTERED, TIER_CHANGED})
"""Events that need no definition."""
RECURRING_EVENTS = frozenset({SEGMENT_ENTERED, TIER_CHANGED})
"""Events that a customer can repeat at no cost, by leaving and coming back."""
ORDER_AMOUNT = "order.amount"


class CampaignStatus(StrEnum):
    """DRAFT: may be incomplete. ACTIVE: gives points. PAUSED: gives none for now. ENDED, DELETED: final."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    ENDED = "ENDED"
    DELETED = "DELETED"


class CampaignPhase(StrEnum):
    """Where an ACTIVE campaign is in its window and its budget."""

    SCHEDULED = "SCHEDULED"
    RUNNING = "RUNNING"
    OVER = "OVER"
    EXHAUSTED = "EXHAUSTED"


class RewardType(StrEnum):
    """How a reward rule computes points.

    FIXED: a number. PERCENTAGE: a percentage of a value. PROPORTIONAL: points for every part of a value. RANDOM: one of
    several outcomes, by their weights.
    """

    FIXED = "FIXED"
    PERCENTAGE = "PERCENTAGE"
    PROPORTIONAL = "PROPORTIONAL"
    RANDOM = "RANDOM"


class Recipient(StrEnum):
    """Who gets the points of a reward rule: the customer of the event, or the customer who referred that customer."""

    CUSTOMER = "CUSTOMER"
    REFERRER = "REFERRER"


class PointsRounding(StrEnum):
    """How computed points become a whole number."""

    DOWN = "DOWN"
    HALF_UP = "HALF_UP"
    UP = "UP"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome of a RANDOM reward rule: from `low` to `high` points, both included, with its weight."""

    low: int
    high: int
    weight: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardRule:
    """How many points of which wallet an event gives, and their dates."""

    wallet_id: str
    type: RewardType
    to: Recipient = Recipient.CUSTOMER
    points: int = 0
    """FIXED: the points. PROPORTIONAL: the points for `every`."""
    percent: Decimal = Decimal(0)
    """PERCENTAGE."""
    of: str = ORDER_AMOUNT
    """PERCENTAGE and PROPORTIONAL: the path of the value in the event. `order.items.amount` and `order.items.quantity`
    are sums over the lines that match `items`."""
    items: Mapping[str, Any] | None = None
    """The pattern of the lines that count."""
    every: Decimal = Decimal(0)
    """PROPORTIONAL: the part of the value that gives `points`; money in minor units. 0 only in an incomplete draft."""
    pro_rata: bool = False
    """PROPORTIONAL: parts of `every` count too."""
    outcomes: tuple[Outcome, ...] = ()
    """RANDOM."""
    max_points: int | None = None
    rounding: PointsRounding = PointsRounding.DOWN
    earn_on_points_paid: bool = False
    """Whether the part of the order that points paid earns points too."""
    activates_at: int | None = None
    activates_after: Period | None = None
    expires_at: int | None = None
    expires_after: Period | None = None
    points_description: str | None = None


MULTIPLIED = (RewardType.PERCENTAGE, RewardType.PROPORTIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Multiplier:
    """Multiplies the points of reward rules. The largest factor wins, unless a multiplier stacks."""

    factor: Decimal
    stack: bool = False
    wallets: tuple[str, ...] = ()
    """Only points of these wallets; all, if empty."""
    campaigns: tuple[str, ...] = ()
    """Only points of these campaigns; all, if empty."""
    types: tuple[RewardType, ...] = MULTIPLIED


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of days in which a campaign gives points, by the local clock. `end` is not included."""

    days: tuple[Weekday, ...]
    start: int
    """Minutes since midnight."""
    end: int


@dataclass(frozen=True, slots=True)
class PeriodLimit:
    """What a customer gets from a campaign in one calendar period."""

    unit: CalendarUnit
    times: int | None = None
    points: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLimits:
    """What one customer gets from a campaign. An event counts once, whatever the reward rules."""

    times: int | None = None
    points: int | None = None
    per: tuple[PeriodLimit, ...] = ()
    cooldown: Period | None = None
    """The time that passes between two awards."""
    once_per: str | None = None
    """The path of a value in the event: each value gives points once."""

    @property
    def counts(self) -> bool:
        """Whether the customer's awards are counted."""
        return bool(self.times is not None or self.points is not None or self.per or self.cooldown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a campaign gives to all customers together. An event counts as one award, whatever the reward rules.

    Each limit must be there or absent from the first activation on; its number may change.
    """

    points: int | None = None
    awards: int | None = None
    when_exceeded: WhenExceeded = WhenExceeded.REJECT
    """REJECT: an event whose points exceed the rest gives nothing. CAP: the event gives the rest."""

    @property
    def limited(self) -> tuple[bool, bool]:
        """Whether points and awards have a limit."""
        return self.points is not None, self.awards is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSettings:
    """What a business decides about a campaign. A draft may be incomplete."""

    name: str
    description: str = ""
    priority: int = PRIORITY_DEFAULT
    """Campaigns with a higher priority come first."""
    group: str | None = None
    """Of the campaigns of a group, the first that gives points is the only one."""
    trigger: Trigger | None = None
    conditions: Mapping[str, Any] = field(default_factory=dict)
    """A pattern over the event, its order and its customer."""
    starts_at: int | None = None
    ends_at: int | None = None
    hours: tuple[Hours, ...] = ()
    """All hours, if empty."""
    rewards: tuple[RewardRule, ...] = ()
    multiplier: Multiplier | None = None
    customer_limits: CustomerLimits = field(default_factory=CustomerLimits)
    referrer_limits: CustomerLimits = field(default_factory=CustomerLimits)
    """What one referrer gets from the campaign: only `times` and `per` with `times`."""
    budget: Budget | None = None
    metadata: str | None = None
    """JSON text as sent."""

    @property
    def event(self) -> str | None:
        """The name of the event that triggers the campaign."""
        return self.trigger.event if self.trigger else None

    @property
    def rewards_referrer(self) -> bool:
        return any(reward.to is Recipient.REFERRER for reward in self.rewards)

    @property
    def schedule(self) -> Schedule | None:
        """The dates on which the campaign runs, and for whom; None if events trigger the campaign."""
        return self.trigger.schedule if self.trigger else None

    @property
    def limits_in_effect(self) -> CustomerLimits:
        """The limits per customer. A birthday gives points once a year, however often the customer's birthday moves."""
        if self.schedule and isinstance(self.schedule.every, Birthdays):
            return replace(self.customer_limits, once_per=BIRTHDAY_YEAR)
        return self.customer_limits

    @property
    def wallet_ids(self) -> frozenset[str]:
        """The wallets that the settings name."""
        multiplied = self.multiplier.wallets if self.multiplier else ()
        members = self.schedule.wallet_id if self.schedule else None
        return frozenset({*(reward.wallet_id for reward in self.rewards), *multiplied, *([members] if members else [])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    campaign_id: str
    version: int
    status: CampaignStatus
    settings: CampaignSettings
    seed: bytes
    """32 bytes that make random points unpredictable and computable again. Former versions have none."""
    created_at: int
    created_by: str
    updated_at: int
    changed_by: str
    change: str
    """The change that made this version, as in the name of its event: Created, Changed, Activated, Paused, Ended,
    Deleted."""
    activated_at: int = 0
    """The instant of the first activation, or 0."""
    active_since: int = 0
    """The instant since which the campaign is ACTIVE with its present trigger, or 0."""
    shards: int = 0
    """The shards of the budget's pool, which the first activation makes; 0 without a budget."""
    fingerprint: bytes = b""
    """The fingerprint of the request that created the campaign, if it had an idempotency key."""
    action_required: tuple[FieldProblem, ...] = ()
    """The activation rules that the settings did not meet at the creation: a repetition answers them again."""

    @property
    def is_live(self) -> bool:
        return self.status is CampaignStatus.ACTIVE

    @property
    def wallets_in_use(self) -> frozenset[str]:
        """The wallets that cannot be deleted because of the campaign."""
        in_use = self.status in (CampaignStatus.ACTIVE, CampaignStatus.PAUSED)
        return self.settings.wallet_ids if in_use else frozenset()

    @property
    def starts_at(self) -> int:
        return self.activated_at if self.settings.starts_at is None else self.settings.starts_at

    def phase(self, now: int, *, exhausted: bool = False) -> CampaignPhase | None:
        """Returns the phase; None unless the campaign is ACTIVE."""
        if self.status is not CampaignStatus.ACTIVE:
            return None
        if now < self.starts_at:
            return CampaignPhase.SCHEDULED
        if self.is_over(now):
            return CampaignPhase.OVER
        return CampaignPhase.EXHAUSTED if exhausted else CampaignPhase.RUNNING

    def is_over(self, at: int) -> bool:
        return self.settings.ends_at is not None and self.settings.ends_at <= at


@dataclass(frozen=True, slots=True)
class ExhaustedBudget:
    """A campaign whose budget has too little left, and the instant at which an event found this."""

    campaign: Campaign
    at: int
