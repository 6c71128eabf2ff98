"""What triggers a campaign, in requests: an event, an event after another event, or dates."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api.base import BY_VALUE, Request
from loyalty.api.fields import EventName, Id, text_format
from loyalty.api.wallets.settings import AnnualDateInput
from loyalty.domain.dates import Period, Unit, Weekday
from loyalty.domain.earning.schedule import DATES_MAX, DAYS_BEFORE_MAX
from loyalty.domain.earning.trigger import WITHIN_MAX, TriggerType, seconds_of

CLOCK = text_format(r"^([01][0-9]|2[0-3]):[0-5][0-9]$", "Send a time from 00:00 to 23:59.")
PART = r"\.[A-Za-z0-9_~:@+-][^.\s]{0,63}"
"""One part of the path of a value."""
ONCE_PATH = text_format(
    rf"^(orderId|(order|properties)({PART}){{1,4}})$",
    "Send orderId, or the path of a value with order. or properties. at its start, such as properties.productId.",
)
"""The path of a value of the event that is compared as text."""
PATH_MAX = 128


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
            "date, for the members of a wallet. COUPON: a redemption of one of the campaign's codes."
        )
    )
    event: EventName | None = Field(
        default=None,
        description=(
            "The name of the event: `order.paid`, `loyalty.customer.created`, `loyalty.segment.entered`, "
            "`loyalty.tier.changed`, or the name of an event definition."
        ),
    )
    after: AfterInput | None = Field(default=None, description="SEQUENCE: the earlier event.")
    wallet_id: Id | None = Field(default=None, description="SCHEDULE: the wallet whose members get points.")
    at: Annotated[str, Field(pattern=CLOCK)] | None = Field(
        default=None, description="SCHEDULE: the local time in the project's zone, such as 09:00."
    )
    every: EveryInput | None = Field(default=None, description="SCHEDULE: the dates.")
