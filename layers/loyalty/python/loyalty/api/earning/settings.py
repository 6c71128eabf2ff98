"""Requests about campaigns' settings: the fields of each group, and the checks of single values."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from loyalty.api.base import BY_VALUE, Request
from loyalty.api.fields import AMOUNT_MAX, EventName, Id, Instant, Metadata, PeriodInput, Points, Text
from loyalty.api.wallets.settings import AnnualDateInput
from loyalty.domain.cards.card import BALANCE_MAX, POINTS_MAX
from loyalty.domain.dates import CalendarUnit, Period, Unit, Weekday
from loyalty.domain.earning.campaign import (
    FACTOR_MAX,
    FACTOR_MIN,
    HOURS_MAX,
    MULTIPLIED,
    MULTIPLIED_IDS_MAX,
    OUTCOMES_MAX,
    PERCENT_MAX,
    PERCENT_MIN,
    PRIORITY_DEFAULT,
    PRIORITY_MAX,
    REWARDS_MAX,
    WEIGHT_MAX,
    PointsRounding,
    Recipient,
    RewardType,
)
from loyalty.domain.earning.schedule import DATES_MAX, DAYS_BEFORE_MAX
from loyalty.domain.earning.trigger import WITHIN_MAX, TriggerType, seconds_of
from loyalty.domain.wallets.settings import WhenExceeded

DECIMAL = re.compile(r"(0|[1-9]\d{0,3})(\.\d{1,6})?", re.ASCII)
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
CLOCK_OR_END = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
PART = r"\.[A-Za-z0-9_~:@+-][^.\s]{0,63}"
VALUE_PATH = rf"^(order\.amount|order\.items\.amount|order\.items\.quantity|properties({PART}){{1,4}})$"
ONCE_PATH = rf"^(orderId|(order|properties)({PART}){{1,4}})$"
PATH_MAX = 128
TIMES_MAX = 1_000_000

SETTINGS_EXAMPLES: list[dict[str, Any]] = [
    {
        "name": "Double points at Christmas",
        "description": "Purchases count twice in the evenings before Christmas",
        "priority": 200,
        "trigger": {"type": "EVENT", "event": "order.paid"},
        "conditions": {"order": {"amount": [{"numeric": [">=", 5_000]}]}},
        "startsAt": "2027-12-21T00:00:00+01:00",
        "endsAt": "2027-12-25T00:00:00+01:00",
        "hours": [{"days": ["MON", "TUE", "WED", "THU", "FRI"], "from": "18:00", "to": "24:00"}],
        "multiplier": {
            "factor": "2",
            "stack": False,
            "wallets": ["wal_0123456789abcdef0123"],
            "campaigns": ["cmp_0123456789abcdef0123"],
            "types": ["PERCENTAGE", "PROPORTIONAL"],
        },
        "metadata": {"season": "winter"},
    },
    {
        "name": "Purchases",
        "group": "purchases",
        "trigger": {"type": "EVENT", "event": "order.paid"},
        "rewards": [
            {
                "walletId": "wal_0123456789abcdef0123",
                "type": "PROPORTIONAL",
                "of": "order.items.amount",
                "items": {"categories": ["shoes"]},
                "every": 10_000,
                "points": 100,
                "proRata": True,
                "maxPoints": 5_000,
                "rounding": "HALF_UP",
                "earnOnPointsPaid": True,
                "activateAfter": {"every": 14, "unit": "DAY"},
                "expireAfter": {"every": 1, "unit": "YEAR"},
                "pointsDescription": "Points for your purchase",
            }
        ],
    },
    {
        "name": "Wheel of fortune",
        "trigger": {"type": "EVENT", "event": "order.paid"},
        "rewards": [
            {
                "walletId": "wal_0123456789abcdef0123",
                "type": "RANDOM",
                "outcomes": [{"points": 0, "weight": 90}, {"points": 500, "weight": 10}],
            }
        ],
    },
    {
        "name": "Next year's points",
        "trigger": {"type": "EVENT", "event": "order.paid"},
        "rewards": [
            {
                "walletId": "wal_0123456789abcdef0123",
                "type": "PERCENTAGE",
                "percent": "2.5",
                "activatesAt": "2028-01-01T00:00:00+01:00",
                "expiresAt": "2029-01-01T00:00:00+01:00",
            }
        ],
    },
    {
        "name": "Return to the cart",
        "trigger": {
            "type": "SEQUENCE",
            "event": "order.paid",
            "after": {
                "event": "cart.abandoned",
                "within": {"every": 7, "unit": "DAY"},
                "atLeast": {"every": 1, "unit": "HOUR"},
                "matchBy": ["order.metadata.cartId", "properties.cartId"],
            },
        },
        "rewards": [{"walletId": "wal_0123456789abcdef0123", "type": "FIXED", "points": 50}],
    },
    {
        "name": "Birthday",
        "trigger": {
            "type": "SCHEDULE",
            "walletId": "wal_0123456789abcdef0123",
            "at": "09:00",
            "every": {"birthday": True, "daysBefore": 7},
        },
        "rewards": [{"walletId": "wal_0123456789abcdef0123", "type": "FIXED", "points": 500}],
    },
    {
        "name": "Start of the month",
        "trigger": {
            "type": "SCHEDULE",
            "walletId": "wal_0123456789abcdef0123",
            "at": "00:00",
            "every": {"unit": "MONTH", "day": 1},
        },
        "rewards": [{"walletId": "wal_0123456789abcdef0123", "type": "FIXED", "points": 10}],
    },
    {
        "name": "Anniversaries of the shop",
        "trigger": {
            "type": "SCHEDULE",
            "walletId": "wal_0123456789abcdef0123",
            "at": "12:30",
            "every": {"dates": [{"month": 5, "day": 17}, {"month": 11, "day": 30}]},
        },
        "rewards": [{"walletId": "wal_0123456789abcdef0123", "type": "FIXED", "points": 100}],
    },
    {
        "name": "Referral",
        "trigger": {"type": "EVENT", "event": "order.paid"},
        "conditions": {"customer": {"orderCount": [0], "referred": [True]}},
        "rewards": [
            {"to": "CUSTOMER", "walletId": "wal_0123456789abcdef0123", "type": "FIXED", "points": 100},
            {"to": "REFERRER", "walletId": "wal_0123456789abcdef0123", "type": "FIXED", "points": 100},
        ],
        "limits": {"perReferrer": {"times": 50, "per": [{"unit": "MONTH", "times": 10}]}},
    },
    {
        "name": "Deliveries",
        "trigger": {"type": "EVENT", "event": "order.delivered"},
        "rewards": [
            {
                "walletId": "wal_0123456789abcdef0123",
                "type": "RANDOM",
                "outcomes": [{"from": 5, "to": 10, "weight": 90}, {"points": 100, "weight": 10}],
            }
        ],
        "limits": {
            "perCustomer": {
                "times": 100,
                "points": 1_000,
                "per": [{"unit": "MONTH", "times": 5, "points": 200}],
                "cooldown": {"every": 1, "unit": "HOUR"},
                "oncePer": "properties.carrier",
            },
            "budget": {"points": 100_000, "awards": 10_000, "whenExceeded": "CAP"},
        },
    },
]
"""Campaigns that differ in what they give: a multiplier, points by the value of an order, and random points."""


def _decimal_between(low: Decimal, high: Decimal) -> AfterValidator:
    def check(text: str) -> str:
        if not DECIMAL.fullmatch(text) or not low <= Decimal(text) <= high:
            message = f"Send a decimal number from {low} to {high} as text, with 6 decimals at most."
            raise PydanticCustomError("decimal_text", message)
        return text

    return AfterValidator(check)


Percent = Annotated[str, Field(max_length=11), _decimal_between(PERCENT_MIN, PERCENT_MAX)]
Factor = Annotated[str, Field(max_length=11), _decimal_between(FACTOR_MIN, FACTOR_MAX)]
Pattern = dict[str, Any]
Times = Annotated[int, Field(ge=1, le=TIMES_MAX)]
PointsLimit = Annotated[int, Field(ge=1, le=BALANCE_MAX)]
AwardsLimit = Annotated[int, Field(ge=1, le=BALANCE_MAX)]
OutcomePoints = Annotated[int, Field(ge=0, le=POINTS_MAX)]
Ids = Annotated[list[Id], Field(max_length=MULTIPLIED_IDS_MAX)]


def _different_days(days: list[Weekday]) -> list[Weekday]:
    if len(set(days)) < len(days):
        raise PydanticCustomError("repeated", "List each day once.")
    return days


Days = Annotated[
    list[Annotated[Weekday, BY_VALUE]], Field(min_length=1, max_length=len(Weekday)), AfterValidator(_different_days)
]


def _day_of_month_or_week(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    """Names the field alone in a refusal: pydantic would name each type of a union."""
    try:
        return validate(value)
    except ValidationError:
        raise PydanticCustomError("day", "Send a number from 1 to 31 with MONTH, MON to SUN with WEEK.") from None


Day = Annotated[Annotated[int, Field(ge=1, le=31)] | Annotated[Weekday, BY_VALUE], WrapValidator(_day_of_month_or_week)]


class WithinInput(Request):
    """A time between two events. A day has 24 hours."""

    every: int = Field(ge=1, le=WITHIN_MAX // 60, description="The number of units.")
    unit: Literal["MINUTE", "HOUR", "DAY", "WEEK"] = Field(description="The unit of time.")

    @model_validator(mode="after")
    def _at_most_a_year(self) -> Self:
        if seconds_of(Period(self.every, Unit(self.unit))) > WITHIN_MAX:
            raise PydanticCustomError("too_long", "Send at most 366 days.", {"field": "every"})
        return self


MatchPath = Annotated[str, Field(max_length=PATH_MAX, pattern=ONCE_PATH)]


class AfterInput(Request):
    """The earlier event of a SEQUENCE, by the same customer. It must arrive before the later event."""

    event: EventName | None = Field(default=None, description="The name of the earlier event.")
    within: WithinInput | None = Field(
        default=None, description="The longest time from the earlier event to the later one, by `occurredAt`."
    )
    at_least: WithinInput | None = Field(default=None, description="The shortest time.")
    match_by: Annotated[list[MatchPath], Field(min_length=1, max_length=2)] | None = Field(
        default=None,
        description=(
            "The path of the value that both events must have, such as `properties.cartId`. Two paths: in the later "
            "event, and in the earlier one. Without it, any earlier event of the customer counts."
        ),
    )


class EveryInput(Request):
    """The dates of a SCHEDULE: `unit` and `day`, or `dates`, or `birthday`."""

    unit: Literal["MONTH", "WEEK"] | None = Field(default=None, description="Whether `day` is of a month or a week.")
    day: Day | None = Field(
        default=None,
        description="MONTH: 1 to 31; in a shorter month, the last day. WEEK: MON to SUN.",
    )
    dates: Annotated[list[AnnualDateInput], Field(max_length=DATES_MAX)] | None = Field(
        default=None, description="Dates of every year."
    )
    birthday: bool = Field(default=False, description="Whether each member gets points at the birthday, once a year.")
    days_before: Annotated[int, Field(ge=0, le=DAYS_BEFORE_MAX)] | None = Field(
        default=None, description="With `birthday`: how many days before the birthday. The default is 0."
    )

    @model_validator(mode="after")
    def _one_kind_of_dates(self) -> Self:
        kinds = [self.unit is not None, self.dates is not None, self.birthday]
        if kinds.count(True) != 1:
            raise PydanticCustomError("one_of", "Send unit and day, or dates, or birthday.", {"field": "unit"})
        fits = {"MONTH": int, "WEEK": Weekday}.get(self.unit or "", type(None))
        if not isinstance(self.day, fits):
            message = "Send a number from 1 to 31 with MONTH, MON to SUN with WEEK, and otherwise no day."
            raise PydanticCustomError("one_of", message, {"field": "day"})
        if self.days_before is not None and not self.birthday:
            raise PydanticCustomError(
                "one_of", "daysBefore is a number of days before a birthday.", {"field": "daysBefore"}
            )
        return self


class TriggerInput(Request):
    """What triggers the campaign."""

    type: Annotated[TriggerType, BY_VALUE] = Field(
        description=(
            "EVENT: an event of a customer. SEQUENCE: an event after another event of the same customer. SCHEDULE: a "
            "date, for the members of a wallet."
        )
    )
    event: EventName | None = Field(
        default=None, description="The name of the event: `order.paid`, or the name of an event definition."
    )
    after: AfterInput | None = Field(default=None, description="SEQUENCE: the earlier event.")
    wallet_id: Id | None = Field(default=None, description="SCHEDULE: the wallet whose members get points.")
    at: Annotated[str, Field(pattern=CLOCK)] | None = Field(
        default=None, description="SCHEDULE: the local time in the project's zone, such as 09:00."
    )
    every: EveryInput | None = Field(default=None, description="SCHEDULE: the dates.")


class HoursInput(Request):
    """Hours of days in which the campaign gives points, by the local time of `occurredAt` in the project's zone."""

    days: Days = Field(description="The days of the week.")
    from_: str = Field(alias="from", pattern=CLOCK, description="The local time at which the hours begin.")
    to: str = Field(pattern=CLOCK_OR_END, description="The local time at which the hours end; 24:00 is midnight.")


class OutcomeInput(Request):
    """One outcome of a RANDOM reward: a number of points, or any number between two."""

    points: OutcomePoints | None = Field(default=None, description="The points of the outcome.")
    from_: OutcomePoints | None = Field(
        default=None, alias="from", description="The fewest points, if `points` is absent."
    )
    to: OutcomePoints | None = Field(default=None, description="The most points, if `points` is absent.")
    weight: int = Field(
        default=1, ge=1, le=WEIGHT_MAX, description="The share of this outcome in the sum of all weights."
    )

    @model_validator(mode="after")
    def _one_number_or_a_range(self) -> Self:
        given = [value is not None for value in (self.points, self.from_, self.to)]
        if given not in ([True, False, False], [False, True, True]):
            raise PydanticCustomError("one_of", "Send either points, or from and to.", {"field": "points"})
        if self.from_ is not None and self.to is not None and self.to < self.from_:
            raise PydanticCustomError("not_after_start", "`to` must not be smaller than `from`.", {"field": "to"})
        return self


class RewardInput(Request):
    """A reward rule: how many points of which wallet an event gives."""

    to: Annotated[Recipient, BY_VALUE] = Field(
        default=Recipient.CUSTOMER,
        description="CUSTOMER: the customer of the event. REFERRER: the customer who referred that customer.",
    )
    wallet_id: Id = Field(description="The wallet whose points the customer or the referrer gets.")
    type: Annotated[RewardType, BY_VALUE] = Field(
        description=(
            "FIXED: `points`. PERCENTAGE: `percent` of a value. PROPORTIONAL: `points` for each `every` of a value. "
            "RANDOM: one of the `outcomes`."
        )
    )
    points: Points | None = Field(
        default=None, description="FIXED: the points. PROPORTIONAL: the points for each `every`."
    )
    percent: Percent | None = Field(
        default=None,
        description=(
            "PERCENTAGE: the percentage as a decimal text. Money counts in major units: 10 percent of 50.00 are 5 "
            "points."
        ),
    )
    of: str | None = Field(
        default=None,
        max_length=PATH_MAX,
        pattern=VALUE_PATH,
        description=(
            "PERCENTAGE and PROPORTIONAL: the value. `order.amount` is the default; `order.items.amount` and "
            "`order.items.quantity` are sums over lines; `properties.` and a name is a property of the event."
        ),
    )
    items: Pattern | None = Field(
        default=None, description="The pattern of the order's lines that count; without it, all lines count."
    )
    every: Annotated[int, Field(ge=1, le=AMOUNT_MAX)] | None = Field(
        default=None,
        description="PROPORTIONAL: the part of the value that gives `points`. Money is in minor units.",
    )
    pro_rata: bool = Field(default=False, description="PROPORTIONAL: whether parts of `every` give points too.")
    outcomes: Annotated[list[OutcomeInput], Field(max_length=OUTCOMES_MAX)] = Field(
        default_factory=list, description="RANDOM: the possible outcomes, at least two."
    )
    max_points: Points | None = Field(default=None, description="The most points that one event gives by this rule.")
    rounding: Annotated[PointsRounding, BY_VALUE] = Field(
        default=PointsRounding.DOWN, description="How computed points become a whole number."
    )
    earn_on_points_paid: bool = Field(
        default=False, description="Whether the part of the order that points paid earns points too."
    )
    activates_at: Instant | None = Field(
        default=None, description="The instant at which the points become active. Excludes `activateAfter`."
    )
    activate_after: PeriodInput | None = Field(
        default=None, description="The period after which the points become active."
    )
    expires_at: Instant | None = Field(
        default=None, description="The instant at which the points expire. Excludes `expireAfter`."
    )
    expire_after: PeriodInput | None = Field(default=None, description="The period after which the points expire.")
    points_description: Text | None = Field(default=None, description="A description of the points for the customer.")

    @model_validator(mode="after")
    def _one_date_each(self) -> Self:
        if self.activates_at and self.activate_after:
            raise PydanticCustomError("one_of", "Send either activatesAt or activateAfter.", {"field": "activateAfter"})
        if self.expires_at and self.expire_after:
            raise PydanticCustomError("one_of", "Send either expiresAt or expireAfter.", {"field": "expireAfter"})
        return self


class MultiplierInput(Request):
    """Multiplies the points of the reward rules of other campaigns."""

    factor: Factor = Field(description="The factor as a decimal text.")
    stack: bool = Field(
        default=False,
        description="Whether the factor multiplies with other factors. Of the other factors, the largest counts.",
    )
    wallets: Ids = Field(default_factory=list, description="Only points of these wallets; empty: of all wallets.")
    campaigns: Ids = Field(default_factory=list, description="Only points of these campaigns; empty: of all campaigns.")
    types: Annotated[list[Annotated[RewardType, BY_VALUE]], Field(min_length=1, max_length=len(RewardType))] = Field(
        default_factory=lambda: list(MULTIPLIED), description="Only points of reward rules of these types."
    )


class PeriodLimitInput(Request):
    """What one customer gets from the campaign in a calendar period of the project's zone."""

    unit: Annotated[CalendarUnit, BY_VALUE] = Field(description="The calendar period.")
    times: Times | None = Field(default=None, description="The most events that give points.")
    points: PointsLimit | None = Field(default=None, description="The most points.")


class CustomerLimitsInput(Request):
    """What one customer gets from the campaign. An event counts once, whatever its rewards."""

    times: Times | None = Field(default=None, description="The most events that give points.")
    points: PointsLimit | None = Field(default=None, description="The most points.")
    per: Annotated[list[PeriodLimitInput], Field(max_length=len(CalendarUnit))] = Field(
        default_factory=list, description="The limits of calendar periods."
    )
    cooldown: PeriodInput | None = Field(
        default=None, description="The time that passes before another event gives points."
    )
    once_per: str | None = Field(
        default=None,
        max_length=PATH_MAX,
        pattern=ONCE_PATH,
        description="The path of a value of the event, such as `properties.productId`. Each value gives points once.",
    )


class ReferrerPeriodInput(Request):
    """What one referrer gets from the campaign in a calendar period of the project's zone."""

    unit: Annotated[CalendarUnit, BY_VALUE] = Field(description="The calendar period.")
    times: Times = Field(description="The most events that give points to the referrer.")


class ReferrerLimitsInput(Request):
    """What one referrer gets from the campaign. Beyond it, the customer of the event still gets points."""

    times: Times | None = Field(default=None, description="The most events that give points to the referrer.")
    per: Annotated[list[ReferrerPeriodInput], Field(max_length=len(CalendarUnit))] = Field(
        default_factory=list, description="The limits of calendar periods."
    )


class BudgetInput(Request):
    """What the campaign gives to all customers together. An event counts as one award, whatever its rewards.

    After the first activation, the numbers may change, but a limit can be neither added nor removed.
    """

    points: PointsLimit | None = Field(default=None, description="The most points of all awards.")
    awards: AwardsLimit | None = Field(default=None, description="The most events that give points.")
    when_exceeded: Annotated[WhenExceeded, BY_VALUE] = Field(
        default=WhenExceeded.REJECT,
        description="REJECT: an event whose points exceed the rest gives nothing. CAP: the event gives the rest.",
    )


class LimitsInput(Request):
    """The limits of the campaign."""

    per_customer: CustomerLimitsInput | None = None
    per_referrer: ReferrerLimitsInput | None = None
    budget: BudgetInput | None = None


CampaignName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Group = Annotated[str, Field(pattern=r"^[A-Za-z0-9._~-]{1,64}$")]


class CampaignSettingsRequest(Request):
    """The settings of a campaign. A setting that is left out keeps its value, or has its default in a new campaign."""

    description: Annotated[str, Field(max_length=1_000)] | None = Field(
        default=None, description="The purpose of the campaign."
    )
    priority: Annotated[int, Field(ge=0, le=PRIORITY_MAX)] | None = Field(
        default=None,
        description=f"Campaigns with a higher priority come first. The default is {PRIORITY_DEFAULT}.",
    )
    group: Group | None = Field(
        default=None,
        description="The name of a group. Of the campaigns of a group, only the first that gives points does so.",
    )
    trigger: TriggerInput | None = None
    conditions: Pattern | None = Field(
        default=None, description="The pattern that the event, its order and its customer must match."
    )
    starts_at: Instant | None = Field(
        default=None,
        description="The instant from which events count, by `occurredAt`. The default is the first activation.",
    )
    ends_at: Instant | None = Field(
        default=None, description="The instant from which events do not count any more, by `occurredAt`."
    )
    hours: Annotated[list[HoursInput], Field(max_length=HOURS_MAX)] | None = Field(
        default=None, description="The hours in which events count; all hours, if empty."
    )
    rewards: Annotated[list[RewardInput], Field(max_length=REWARDS_MAX)] | None = Field(
        default=None, description="The reward rules. A campaign has either rewards or a multiplier."
    )
    multiplier: MultiplierInput | None = None
    limits: LimitsInput | None = None
    metadata: Metadata | None = Field(default=None, description="Your own data, at most 2,048 bytes as JSON.")

    def document(self) -> dict[str, Any]:
        """Returns the settings in the request as JSON; null for a setting that gets its default."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"status"})
