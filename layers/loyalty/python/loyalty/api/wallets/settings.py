"""Requests of the wallet builder: the fields of each step, and the checks of single values."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from loyalty.api.base import BY_VALUE, Request
from loyalty.api.fields import EventName, Metadata, one_line, text_format
from loyalty.domain.cards.card import BALANCE_MAX, POINTS_MAX
from loyalty.domain.dates import EVERY_MAX, CalendarUnit, Rounding, Unit
from loyalty.domain.formulas.parser import LENGTH_MAX
from loyalty.domain.formulas.values import plain
from loyalty.domain.wallets.codes import CHARSETS, CODE_LENGTH_MAX
from loyalty.domain.wallets.settings import (
    Activity,
    ConsumptionOrder,
    EarnedRefundBase,
    EarnedRefundType,
    ExpirationType,
    ExpiredLots,
    LimitType,
    PaymentType,
    PendingType,
    RevocationMode,
    SpentRefundType,
    WhenExceeded,
)

URL_SAFE = text_format(r"^[A-Za-z0-9._~-]*$", "Use letters A to Z, digits and the characters . _ ~ -")
CODE_PATTERN = text_format(
    r"^[A-Za-z0-9._~#-]*$", "Use # for each random character, letters A to Z, digits and the characters . _ ~ -"
)
DATES_MAX = 20
NOTICES_MAX = 5
EVENTS_MAX = 20
FLOAT_DIGITS_MAX = 15

SETTINGS_EXAMPLES: list[dict[str, Any]] = [
    {
        "name": "Tea club",
        "pointsName": "leaves",
        "description": "Five points for each euro; a point is worth one cent",
        "type": "INDIVIDUAL",
        "consumptionOrder": "EARLIEST_EXPIRY",
        "pointsDecimals": 0,
        "pointValue": 1,
        "autoEnrol": True,
        "code": {"charset": "NUMERIC", "pattern": "####-####", "prefix": "TEA-", "postfix": "-DE"},
        "allowNegativeBalance": False,
        "expiration": {
            "type": "ROLLING_EXPIRATION",
            "every": 1,
            "unit": "YEAR",
            "rounding": "END_OF_PARTICULAR_MONTH",
            "month": 12,
        },
        "pending": {"type": "PERIOD_BASED", "every": 14, "unit": "DAY"},
        "earningLimits": {
            "global": {"type": "TIME_BASED", "unit": "MONTH", "max": 10_000, "whenExceeded": "CAP"},
            "transaction": {"maxPoints": 5_000, "minAmount": 500, "whenExceeded": "CAP"},
        },
        "spendingLimits": {
            "global": {"type": "TIME_BASED", "unit": "DAY", "max": 5_000, "whenExceeded": "REJECT"},
            "transaction": {"maxPoints": 2_000, "whenExceeded": "CAP"},
        },
        "payWithPoints": {"type": "EXCHANGE_RATIO", "formula": "1", "amountUnit": 1},
        "transfers": {"allowed": True, "countAsSpending": False},
        "refunds": {
            "spent": {"type": "REFUND_AMOUNT", "expiredLots": "GRACE", "graceDays": 30},
            "earned": {"type": "REVOKE_FROM_BALANCE", "mode": "REVOKE_TO_ZERO", "of": "ORDER"},
        },
        "notices": {"expiring": [{"every": 30, "unit": "DAY"}], "activating": [{"every": 1, "unit": "DAY"}]},
        "metadata": {"region": "north"},
        "addToSchema": False,
    },
    {
        "name": "App stars",
        "code": {"charset": "ALPHANUMERIC", "length": 10},
        "expiration": {
            "type": "SLIDING_EXPIRATION",
            "every": 6,
            "unit": "MONTH",
            "resetBy": ["EARNING", "CUSTOM_EVENT"],
            "events": ["app.opened"],
        },
        "pending": {
            "type": "EVENT_BASED",
            "events": ["order.delivered"],
            "cancelAfter": {"every": 60, "unit": "DAY"},
        },
    },
    {
        "name": "Season points",
        "expiration": {"type": "CALENDAR_EXPIRATION", "dates": [{"month": 6, "day": 30}, {"month": 12, "day": 31}]},
        "pending": {"type": "FIXED_DATES", "dates": [{"month": 1, "day": 1}]},
    },
    {"name": "Staff points", "allowNegativeBalance": True, "negativeLimit": 1_000},
]
"""Wallets that differ in how points expire and activate; the first shows nearly every setting."""


class CodeInput(Request):
    """Step `code`. Each `#` of the pattern is one random character of the charset. A pattern overrides the length."""

    charset: str = Field(
        default="ALPHANUMERIC",
        min_length=1,
        max_length=100,
        pattern=URL_SAFE,
        description=f"The name of a charset, {', '.join(CHARSETS)}, or the characters themselves.",
    )
    length: int = Field(
        default=10, ge=1, le=CODE_LENGTH_MAX, description="The number of random characters, if there is no pattern."
    )
    pattern: Annotated[str, Field(min_length=1, max_length=CODE_LENGTH_MAX, pattern=CODE_PATTERN)] | None = Field(
        default=None, description="Each # is one random character. A pattern overrides the length."
    )
    prefix: str = Field(default="", max_length=32, pattern=URL_SAFE, description="Prepended to each code.")
    postfix: str = Field(default="", max_length=32, pattern=URL_SAFE, description="Appended to each code.")


Every = Annotated[int, Field(ge=1, le=max(EVERY_MAX.values()))]
EveryUnit = Annotated[Unit, BY_VALUE]
LimitUnit = Annotated[CalendarUnit, BY_VALUE]
Exceeded = Annotated[WhenExceeded, BY_VALUE]
EventNames = Annotated[list[EventName], Field(max_length=EVENTS_MAX)]
LimitMax = Annotated[int, Field(ge=1, le=BALANCE_MAX)]
PointsMax = Annotated[int, Field(ge=1, le=POINTS_MAX)]


class AnnualDateInput(Request):
    """A day of every year. In common years, 29 February is 28 February."""

    month: int = Field(ge=1, le=12, description="1 is January.")
    day: int = Field(ge=1, le=31, description="The day of the month.")


AnnualDates = Annotated[list[AnnualDateInput], Field(max_length=DATES_MAX)]


class ExpirationInput(Request):
    """Step `expiration`. ROLLING and SLIDING use `every` and `unit`, SLIDING also `resetBy`, CALENDAR uses `dates`."""

    type: Annotated[ExpirationType, BY_VALUE] = Field(description="How long points are usable after their activation.")
    every: Every | None = Field(default=None, description="The number of units.")
    unit: EveryUnit | None = Field(
        default=None, description="MINUTE and HOUR count to the second, other units count local days."
    )
    rounding: Annotated[Rounding, BY_VALUE] = Field(
        default=Rounding.NONE, description="The period to whose end the last usable day of ROLLING_EXPIRATION moves."
    )
    month: Annotated[int, Field(ge=1, le=12)] | None = Field(
        default=None, description="The month for END_OF_PARTICULAR_MONTH."
    )
    dates: AnnualDates = Field(default_factory=list, description="The last usable days in every year.")
    reset_by: list[Annotated[Activity, BY_VALUE]] = Field(
        default_factory=list, max_length=3, description="The activities that start the period again."
    )
    events: EventNames = Field(default_factory=list, description="The custom events that start the period again.")


class SettingPeriodInput(Request):
    """A period of time."""

    every: Every = Field(description="The number of units.")
    unit: EveryUnit = Field(description="MINUTE and HOUR count to the second, other units to the start of a day.")


class CancelAfterInput(SettingPeriodInput):
    """The period after which points without an event are canceled."""

    every: Every = Field(description="The number of units after the credit.")
    unit: EveryUnit = Field(description="MINUTE and HOUR count to the second, other units end at midnight.")


class PendingInput(Request):
    """Step `pending`. PERIOD_BASED uses `every` and `unit`, FIXED_DATES uses `dates`, EVENT_BASED uses `events`."""

    type: Annotated[PendingType, BY_VALUE] = Field(description="When earned points become usable.")
    every: Every | None = Field(default=None, description="The number of units after the credit.")
    unit: EveryUnit | None = Field(
        default=None, description="MINUTE and HOUR count to the second, other units end at midnight."
    )
    dates: AnnualDates = Field(default_factory=list, description="The days at whose start points become active.")
    events: EventNames = Field(
        default_factory=list, description="The custom events that activate; any one of them is enough."
    )
    cancel_after: CancelAfterInput | None = Field(
        default=None,
        description=(
            "The period after which points without an event are canceled; without this setting, points stay "
            "pending for ever."
        ),
    )


class EarningLimitInput(Request):
    """The limit of all credits: on the balance, or on points earned in a calendar period of the project's zone."""

    type: Literal[LimitType.NO_LIMIT, LimitType.BALANCE_BASED, LimitType.TIME_BASED] = Field(
        default=LimitType.NO_LIMIT,
        description="The limited quantity: the balance, or the points earned in a calendar period.",
    )
    unit: LimitUnit | None = Field(
        default=None, description="The calendar period, in the project's time zone; weeks start on Monday."
    )
    max: LimitMax | None = Field(default=None, description="The maximum number of points.")
    when_exceeded: Exceeded = Field(
        default=WhenExceeded.CAP, description="CAP grants the allowed points, REJECT grants none."
    )


class EarningTransactionLimitInput(Request):
    """The limit of one credit: its maximum points, and the minimum amount of an order that earns points."""

    max_points: PointsMax | None = Field(default=None, description="The maximum number of points of one credit.")
    min_amount: Annotated[int, Field(ge=0, le=10**12)] | None = Field(
        default=None,
        description="The minimum amount of an order in minor units; a credit for a smaller order is refused.",
    )
    when_exceeded: Exceeded = Field(
        default=WhenExceeded.CAP, description="CAP grants the allowed points, REJECT grants none."
    )


class EarningLimitsInput(Request):
    """Step `earningLimits`. CAP grants the allowed points and reports the cut; REJECT grants all points or none."""

    global_: EarningLimitInput = Field(
        default_factory=EarningLimitInput, alias="global", description="The limit of all credits of a card together."
    )
    transaction: EarningTransactionLimitInput = Field(
        default_factory=EarningTransactionLimitInput, description="The limit of each single credit."
    )


class SpendingLimitInput(Request):
    """The limit of all spending: over the card's life, or in a calendar period of the project's zone."""

    type: Literal[LimitType.NO_LIMIT, LimitType.SPENDING_BASED, LimitType.TIME_BASED] = Field(
        default=LimitType.NO_LIMIT,
        description="The limited quantity: spending over the card's life, or in a calendar period.",
    )
    unit: LimitUnit | None = Field(
        default=None, description="The calendar period, in the project's time zone; weeks start on Monday."
    )
    max: LimitMax | None = Field(default=None, description="The maximum number of points.")
    when_exceeded: Exceeded = Field(
        default=WhenExceeded.REJECT, description="CAP takes the allowed points, if a debit has allowPartial."
    )


class SpendingTransactionLimitInput(Request):
    """The limit of one debit."""

    max_points: PointsMax | None = Field(default=None, description="The maximum number of points of one debit.")
    when_exceeded: Exceeded = Field(
        default=WhenExceeded.REJECT, description="CAP takes the allowed points, if a debit has allowPartial."
    )


class SpendingLimitsInput(Request):
    """Step `spendingLimits`. CAP cuts a debit only if the debit has `allowPartial`."""

    global_: SpendingLimitInput = Field(
        default_factory=SpendingLimitInput, alias="global", description="The limit of all spending of a card together."
    )
    transaction: SpendingTransactionLimitInput = Field(
        default_factory=SpendingTransactionLimitInput, description="The limit of each single debit."
    )


def _formula_text(value: object) -> object:
    """Writes a formula that is a JSON number as text. Up to 15 digits, a binary float is the decimal that was sent."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    number = Decimal(repr(value))
    if isinstance(value, float) and len(number.normalize().as_tuple().digits) > FLOAT_DIGITS_MAX:
        message = f"Send a number of more than {FLOAT_DIGITS_MAX} digits as text, because a JSON number is rounded."
        raise PydanticCustomError("formula_number", message)
    return plain(number)


Formula = Annotated[str, BeforeValidator(_formula_text), Field(min_length=1, max_length=LENGTH_MAX)]


class PayWithPointsInput(Request):
    """Step `payWithPoints`. EXCHANGE_RATIO uses `formula`."""

    type: Annotated[PaymentType, BY_VALUE] = Field(
        default=PaymentType.NO_PAYMENTS, description="Whether points pay for orders."
    )
    formula: Formula | None = Field(
        default=None, description="The points for one minor unit of the amount: a number, or a formula as text."
    )
    amount_unit: int = Field(
        default=1, ge=1, le=1, exclude=True, description="The minor units that the points of `formula` pay: always 1."
    )


class TransfersInput(Request):
    """Step `spendingLimits`. The transfers between customers."""

    allowed: bool = Field(default=False, description="Whether a customer may transfer points to another customer.")
    count_as_spending: bool = Field(default=False, description="Whether the sender's spending limits count transfers.")


class SpentRefundsInput(Request):
    """How a refund returns the points spent on the order."""

    type: Annotated[SpentRefundType, BY_VALUE] = Field(
        default=SpentRefundType.REFUND_AMOUNT,
        description=(
            "Which spent points return. REFUND_AMOUNT, REFUND_ITEM: a share by amount or by items. "
            "REFUND_ALL: all points, with the whole order. NONE: no points."
        ),
    )
    expired_lots: Annotated[ExpiredLots, BY_VALUE] = Field(
        default=ExpiredLots.RENEW,
        description=(
            "The dates of returned points that expired in the meantime. RENEW: as if credited now. GRACE: "
            "`graceDays` from now. KEEP_EXPIRED: the points stay expired."
        ),
    )
    grace_days: Annotated[int, Field(ge=1, le=EVERY_MAX[Unit.DAY])] | None = Field(
        default=None, description="The number of days of GRACE, for points that expired in the meantime."
    )


class EarnedRefundsInput(Request):
    """How a refund revokes the points earned by the order."""

    type: Annotated[EarnedRefundType, BY_VALUE] = Field(
        default=EarnedRefundType.REVOKE_FROM_BALANCE,
        description=(
            "When the refunded share of earned points is revoked. KEEP: never. REVOKE_FROM_PENDING: while the "
            "points are pending. REVOKE_FROM_BALANCE: always."
        ),
    )
    mode: Annotated[RevocationMode, BY_VALUE] = Field(
        default=RevocationMode.REVOKE_TO_ZERO,
        description="REVOKE_TO_ZERO revokes at most the points on the card, REVOKE_BELOW_ZERO makes the rest a debt.",
    )
    of: Annotated[EarnedRefundBase, BY_VALUE] = Field(
        default=EarnedRefundBase.ORDER,
        description=(
            "The share that is revoked. ORDER: the refunded share of the order's amount. ITEMS: the refunded share of "
            "its goods, so that refunded charges, such as shipping, revoke nothing."
        ),
    )


class RefundsInput(Request):
    """Step `refunds`. How a refund changes points spent on the order and points earned by the order."""

    spent: SpentRefundsInput = Field(
        default_factory=SpentRefundsInput, description="What happens to points that were spent on the order."
    )
    earned: EarnedRefundsInput = Field(
        default_factory=EarnedRefundsInput, description="What happens to points that the order earned."
    )


NoticePeriods = Annotated[list[SettingPeriodInput], Field(max_length=NOTICES_MAX)]


class NoticesInput(Request):
    """Step `expiration`.

    How long before a date the events `Points Expiring Soon` and `Points Activating Soon` announce the date.
    """

    expiring: NoticePeriods = Field(default_factory=list, description="The periods before an expiry.")
    activating: NoticePeriods = Field(default_factory=list, description="The periods before an activation.")


class SettingsRequest(Request):
    """The builder's steps. A setting that is left out keeps its value, or has its default in a new wallet."""

    points_name: Annotated[str, Field(min_length=1, max_length=50), AfterValidator(one_line)] | None = Field(
        default=None, description="The name of the points for customers."
    )
    description: Annotated[str, Field(max_length=1_000)] | None = Field(
        default=None, description="The purpose of the wallet."
    )
    type: Literal["INDIVIDUAL"] | None = Field(
        default=None, description="The owner of the points: each card belongs to one customer."
    )
    allow_negative_balance: bool | None = Field(
        default=None, description="Whether a card may owe points. Points of such a wallet never expire."
    )
    negative_limit: Annotated[int, Field(ge=1, le=BALANCE_MAX)] | None = Field(
        default=None, description="The largest debt; without this setting, the largest possible balance."
    )
    consumption_order: Annotated[ConsumptionOrder, BY_VALUE] | None = Field(
        default=None, description="Which points are spent first. By expiry, points that never expire are last."
    )
    points_decimals: Annotated[int, Field(ge=0, le=3)] | None = Field(
        default=None,
        description="Decimals for display: with 2, 1234 points are shown as 12.34. Fixed from the first card on.",
    )
    point_value: Annotated[int, Field(ge=0, le=10**9)] | None = Field(
        default=None, description="The value of a point in minor units of the currency, for reports."
    )
    auto_enrol: bool | None = Field(default=None, description="Whether a customer's first credit creates the card.")
    code: CodeInput | None = Field(default=None, description="The form of the codes of new cards.")
    expiration: ExpirationInput | None = Field(
        default=None, description="Until when points are usable; by default, they never expire."
    )
    pending: PendingInput | None = Field(default=None, description="From when points are usable; by default, at once.")
    earning_limits: EarningLimitsInput | None = Field(
        default=None, description="How many points a card may earn; by default, there is no limit."
    )
    spending_limits: SpendingLimitsInput | None = Field(
        default=None, description="How many points a card may spend; by default, there is no limit."
    )
    pay_with_points: PayWithPointsInput | None = Field(
        default=None, description="How many points pay for an amount; by default, points pay for nothing."
    )
    transfers: TransfersInput | None = Field(
        default=None, description="Whether customers transfer points; by default, they do not."
    )
    refunds: RefundsInput | None = Field(default=None, description="How a refund changes spent and earned points.")
    notices: NoticesInput | None = Field(
        default=None, description="How long before a date an event announces it; by default, no notices."
    )
    metadata: Metadata | None = Field(
        default=None, description="Your own data, at most 2,048 bytes as JSON, checked by the project's schema."
    )
    add_to_schema: bool = Field(
        default=False,
        description="Whether unknown properties are added to the project's schema, each with the type of its value.",
    )

    def document(self) -> dict[str, Any]:
        """Returns the settings in the request as JSON; null for a setting that gets its default."""
        sent = self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"status", "add_to_schema"})
        for field in self.model_fields_set:
            group = getattr(self, field)
            if isinstance(group, Request):
                # A group is replaced completely: a field that is left out gets its default, not its former value.
                sent[to_camel(field)] = group.model_dump(mode="json", by_alias=True)
        return sent
