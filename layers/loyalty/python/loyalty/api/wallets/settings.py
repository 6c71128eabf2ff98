"""The wallet builder's steps as requests: what each may say, and what is wrong with a value by itself."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from loyalty.api.base import Body
from loyalty.api.fields import Metadata
from loyalty.domain.cards.card import BALANCE_MAX, POINTS_MAX
from loyalty.domain.dates import EVERY_MAX, Unit
from loyalty.domain.formulas.parser import LENGTH_MAX
from loyalty.domain.formulas.values import plain
from loyalty.domain.wallets.codes import CHARSETS, CODE_LENGTH_MAX

URL_SAFE = r"^[A-Za-z0-9._~-]*$"
EVENT_NAME = r"^[A-Za-z0-9._~:-]{1,64}$"
DATES_MAX = 20
NOTICES_MAX = 5
EVENTS_MAX = 20
FLOAT_DIGITS_MAX = 15


class CodeForm(Body):
    """Step `code`. `#` in the pattern is one random character of the charset; a pattern overrides the length."""

    charset: str = Field(
        default="ALPHANUMERIC",
        min_length=1,
        max_length=100,
        pattern=URL_SAFE,
        description=f"One of {', '.join(CHARSETS)}, or the characters themselves.",
    )
    length: int = Field(default=10, ge=1, le=CODE_LENGTH_MAX)
    pattern: Annotated[str, Field(min_length=1, max_length=CODE_LENGTH_MAX, pattern=r"^[A-Za-z0-9._~#-]*$")] | None = (
        None
    )
    prefix: str = Field(default="", max_length=32, pattern=URL_SAFE)
    postfix: str = Field(default="", max_length=32, pattern=URL_SAFE)


Every = Annotated[int, Field(ge=1, le=max(EVERY_MAX.values()))]
UnitName = Literal["MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"]
CalendarUnitName = Literal["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"]
WhenExceededName = Literal["CAP", "REJECT"]
EventName = Annotated[str, Field(pattern=EVENT_NAME)]
EventNames = Annotated[list[EventName], Field(max_length=EVENTS_MAX)]
LimitMax = Annotated[int, Field(ge=1, le=BALANCE_MAX)]
PointsMax = Annotated[int, Field(ge=1, le=POINTS_MAX)]


class AnnualDateForm(Body):
    """A day of every year; 29 February is the 28th in common years."""

    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=31)


AnnualDates = Annotated[list[AnnualDateForm], Field(max_length=DATES_MAX)]


class ExpirationForm(Body):
    """Step `expiration`. ROLLING and SLIDING take `every` and `unit`, CALENDAR its `dates`, SLIDING `resetBy`."""

    type: Literal["NO_EXPIRATION", "ROLLING_EXPIRATION", "CALENDAR_EXPIRATION", "SLIDING_EXPIRATION"]
    every: Every | None = None
    unit: UnitName | None = None
    rounding: Literal[
        "NONE", "END_OF_MONTH", "END_OF_QUARTER", "END_OF_HALF_YEAR", "END_OF_YEAR", "END_OF_PARTICULAR_MONTH"
    ] = Field(default="NONE", description="To which period's end the last usable day of ROLLING_EXPIRATION moves.")
    month: Annotated[int, Field(ge=1, le=12)] | None = Field(default=None, description="Of END_OF_PARTICULAR_MONTH.")
    dates: AnnualDates = Field(default_factory=list, description="Last usable days, every year.")
    reset_by: list[Literal["EARNING", "SPENDING", "CUSTOM_EVENT"]] = Field(default_factory=list, max_length=3)
    events: EventNames = Field(default_factory=list, description="Custom events that reset.")


class PeriodForm(Body):
    every: Every
    unit: UnitName


class CancelAfterForm(PeriodForm):
    """How long points wait for their event before they are canceled."""


class PendingForm(Body):
    """Step `pending`. PERIOD_BASED takes `every` and `unit`, FIXED_DATES its `dates`, EVENT_BASED its `events`."""

    type: Literal["IMMEDIATE", "PERIOD_BASED", "FIXED_DATES", "EVENT_BASED"]
    every: Every | None = None
    unit: UnitName | None = None
    dates: AnnualDates = Field(default_factory=list, description="Days at whose start points become active.")
    events: EventNames = Field(default_factory=list, description="Custom events, any of which activates.")
    cancel_after: CancelAfterForm | None = None


class EarningLimitForm(Body):
    """Over all credits: the balance at any time, or the points earned in a calendar period of the project's zone."""

    type: Literal["NO_LIMIT", "BALANCE_BASED", "TIME_BASED"] = "NO_LIMIT"
    unit: CalendarUnitName | None = None
    max: LimitMax | None = None
    when_exceeded: WhenExceededName = "CAP"


class EarningTransactionLimitForm(Body):
    """For one credit: the points it may bring, and the amount from which on an order earns any."""

    max_points: PointsMax | None = None
    min_amount: Annotated[int, Field(ge=0, le=10**12)] | None = None
    when_exceeded: WhenExceededName = "CAP"


class EarningLimitsForm(Body):
    """Step `earningLimits`. CAP gives what is allowed and says so; REJECT gives all or nothing."""

    global_: EarningLimitForm = Field(default_factory=EarningLimitForm, alias="global")
    transaction: EarningTransactionLimitForm = Field(default_factory=EarningTransactionLimitForm)


class SpendingLimitForm(Body):
    """Over the card's life, or in a calendar period of the project's zone."""

    type: Literal["NO_LIMIT", "SPENDING_BASED", "TIME_BASED"] = "NO_LIMIT"
    unit: CalendarUnitName | None = None
    max: LimitMax | None = None
    when_exceeded: WhenExceededName = "REJECT"


class SpendingTransactionLimitForm(Body):
    """For one debit."""

    max_points: PointsMax | None = None
    when_exceeded: WhenExceededName = "REJECT"


class SpendingLimitsForm(Body):
    """Step `spendingLimits`. CAP cuts a debit only where it says `allowPartial`."""

    global_: SpendingLimitForm = Field(default_factory=SpendingLimitForm, alias="global")
    transaction: SpendingTransactionLimitForm = Field(default_factory=SpendingTransactionLimitForm)


def _written(value: object) -> object:
    """A formula that is a JSON number, as text. Up to 15 digits a binary float is the decimal that was sent."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    number = Decimal(repr(value))
    if isinstance(value, float) and len(number.normalize().as_tuple().digits) > FLOAT_DIGITS_MAX:
        message = f"Send a number of more than {FLOAT_DIGITS_MAX} digits as text: it would be rounded."
        raise PydanticCustomError("formula_number", message)
    return plain(number)


Formula = Annotated[str, BeforeValidator(_written), Field(min_length=1, max_length=LENGTH_MAX)]


class PayWithPointsForm(Body):
    """Step `payWithPoints`. EXCHANGE_RATIO takes its `formula`: points for one minor unit, as a number or as text."""

    type: Literal["NO_PAYMENTS", "EXCHANGE_RATIO"] = "NO_PAYMENTS"
    formula: Formula | None = None


class TransfersForm(Body):
    """Step `spendingLimits`: whether customers may give points to each other, and whether that is spending."""

    allowed: bool = False
    count_as_spending: bool = False


class SpentRefundsForm(Body):
    type: Literal["NONE", "REFUND_ALL", "REFUND_ITEM", "REFUND_AMOUNT"] = "REFUND_AMOUNT"
    expired_lots: Literal["KEEP_EXPIRED", "GRACE", "RENEW"] = "RENEW"
    grace_days: Annotated[int, Field(ge=1, le=EVERY_MAX[Unit.DAY])] | None = None


class EarnedRefundsForm(Body):
    type: Literal["KEEP", "REVOKE_FROM_PENDING", "REVOKE_FROM_BALANCE"] = "REVOKE_FROM_BALANCE"
    mode: Literal["REVOKE_TO_ZERO", "REVOKE_BELOW_ZERO"] = "REVOKE_TO_ZERO"


class RefundsForm(Body):
    """Step `refunds`: what a refund does to points spent on the order, and to points earned by it."""

    spent: SpentRefundsForm = Field(default_factory=SpentRefundsForm)
    earned: EarnedRefundsForm = Field(default_factory=EarnedRefundsForm)


NoticePeriods = Annotated[list[PeriodForm], Field(max_length=NOTICES_MAX)]


class NoticesForm(Body):
    """Step `notices`: how long before a date `Points Expiring Soon` and `Points Activating Soon` tell of it."""

    expiring: NoticePeriods = Field(default_factory=list, description="So long before points expire.")
    activating: NoticePeriods = Field(default_factory=list, description="So long before points become active.")


Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class SettingsForm(Body):
    """The builder's steps, all optional: what is left out keeps its value, or has its default in a new wallet."""

    points_name: Annotated[str, Field(min_length=1, max_length=50)] | None = None
    description: Annotated[str, Field(max_length=1_000)] | None = None
    type: Literal["INDIVIDUAL"] | None = None
    allow_negative_balance: bool | None = None
    negative_limit: Annotated[int, Field(ge=1, le=BALANCE_MAX)] | None = None
    consumption_order: Literal["EARLIEST_EXPIRY", "EARLIEST_ISSUE"] | None = None
    points_decimals: Annotated[int, Field(ge=0, le=3)] | None = None
    point_value: Annotated[int, Field(ge=0, le=10**9)] | None = None
    auto_enrol: bool | None = None
    code: CodeForm | None = None
    expiration: ExpirationForm | None = None
    pending: PendingForm | None = None
    earning_limits: EarningLimitsForm | None = None
    spending_limits: SpendingLimitsForm | None = None
    pay_with_points: PayWithPointsForm | None = None
    transfers: TransfersForm | None = None
    refunds: RefundsForm | None = None
    notices: NoticesForm | None = None
    metadata: Metadata | None = None
    add_to_schema: bool = False

    def document(self) -> dict[str, Any]:
        """The settings that were sent, as JSON; null where one is to have its default."""
        sent = self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"status", "add_to_schema"})
        for field in self.model_fields_set:
            group = getattr(self, field)
            if isinstance(group, Body):
                # A group is replaced whole: what it leaves out has its default, not its former value.
                sent[to_camel(field)] = group.model_dump(mode="json", by_alias=True)
        return sent
