"""Requests about campaigns' settings: the fields of each group, and the checks of single values."""

import re
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api.base import BY_VALUE, Request
from loyalty.api.earning.triggers import CLOCK, ONCE_PATH, PART, PATH_MAX, TriggerInput
from loyalty.api.fields import AMOUNT_MAX, ID, Id, Instant, Metadata, PeriodInput, Points, Text, text_format
from loyalty.domain.cards.card import BALANCE_MAX, POINTS_MAX
from loyalty.domain.dates import CalendarUnit, Weekday
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
from loyalty.domain.wallets.settings import WhenExceeded

DECIMAL = re.compile(r"(0|[1-9]\d{0,3})(\.\d{1,6})?", re.ASCII)
CLOCK_OR_END = text_format(r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", "Send a time from 00:00 to 24:00.")
VALUE_PATH = text_format(
    rf"^(order\.amount|order\.items\.amount|order\.items\.quantity|properties({PART}){{1,4}})$",
    "Send order.amount, order.items.amount, order.items.quantity, or properties. and the name of a property.",
)
TIMES_MAX = 1_000_000


def _decimal_between(low: Decimal, high: Decimal) -> BeforeValidator:
    def check(value: object) -> object:
        if not isinstance(value, str) or not DECIMAL.fullmatch(value) or not low <= Decimal(value) <= high:
            message = f"Send a decimal number from {low} to {high} as text, with 6 decimals at most."
            raise PydanticCustomError("decimal_text", message)
        return value

    return BeforeValidator(check)


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


class HoursInput(Request):
    """Hours of days in which the campaign gives points, by the local time of `occurredAt` in the project's zone."""

    days: Days = Field(description="The days of the week.")
    from_: str = Field(alias="from", pattern=CLOCK, description="The local time at which the hours begin.")
    to: str = Field(pattern=CLOCK_OR_END, description="The local time at which the hours end; 24:00 is midnight.")


class OutcomeInput(Request):
    """One outcome of a RANDOM reward rule: a number of points, or any number between two."""

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
        default=PointsRounding.DOWN,
        description="How the points of a PERCENTAGE or PROPORTIONAL rule become a whole number.",
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
    """What one customer gets from the campaign. An event counts once, whatever its reward rules."""

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
    """What the campaign gives to all customers together. An event counts as one award, whatever its reward rules.

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

    per_customer: CustomerLimitsInput | None = Field(
        default=None, description="What one customer gets at most; null without limits."
    )
    per_referrer: ReferrerLimitsInput | None = Field(
        default=None, description="What one referrer gets at most; null without limits."
    )
    budget: BudgetInput | None = Field(
        default=None, description="What all customers together get at most; null without a budget."
    )


Group = Annotated[str, Field(pattern=ID)]


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
    trigger: TriggerInput | None = Field(
        default=None, description="What makes the campaign decide. An ACTIVE campaign needs a trigger."
    )
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
    multiplier: MultiplierInput | None = Field(
        default=None,
        description="The factor for points of other campaigns. A campaign has either rewards or a multiplier.",
    )
    limits: LimitsInput | None = Field(
        default=None, description="What the campaign gives at most; by default, there are no limits."
    )
    metadata: Metadata | None = Field(default=None, description="Your own data, at most 2,048 bytes as JSON.")

    def document(self) -> dict[str, Any]:
        """Returns the settings in the request as JSON; null for a setting that gets its default."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"status"})
