"""Fields that requests share: bounds and formats."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api.base import BY_VALUE, Request
from loyalty.domain.cards.card import POINTS_MAX
from loyalty.domain.cards.transaction import Source
from loyalty.domain.dates import EVERY_MAX, Period, Unit
from loyalty.domain.schema import metadata_text
from loyalty.domain.zones import zone_names

FORMATS: dict[str, str] = {}
"""What each pattern of the contract allows, in words for callers."""


def text_format(pattern: str, words: str) -> str:
    """Returns the pattern, and keeps the words with which a text of another format is refused."""
    FORMATS[pattern] = words
    return pattern


CUSTOMER_ID = text_format(
    r"^\.*[A-Za-z0-9_~@+:-][A-Za-z0-9._~@+:-]*$",
    "Use letters A to Z, digits and the characters . _ ~ @ + : - and not dots alone.",
)
"""A URL cannot have an id of dots alone: clients take `.` and `..` as steps in the path."""
CUSTOMER_PREFIX = text_format(r"^[A-Za-z0-9._~@+:-]+$", "Use letters A to Z, digits and the characters . _ ~ @ + : -")
CUSTOMER_ID_MAX = 128
TRANSACTION_ID = text_format(
    r"^[A-Za-z0-9_-]{16}\.[1-9][0-9]{0,11}$", "Send the transactionId of an answer, unchanged."
)

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def rfc3339(value: object) -> object:
    """Refuses other values that pydantic accepts: epoch seconds, days and local times."""
    if not isinstance(value, str) or not RFC3339.fullmatch(value):
        raise PydanticCustomError("instant", "Send an instant as text, such as 2027-01-31T12:00:00Z.")
    return value


def within_reason(value: datetime) -> datetime:
    if not EARLIEST <= value < LATEST:
        raise PydanticCustomError("instant_range", "An instant must be in the years 2000 to 2199.")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(rfc3339), AfterValidator(within_reason)]


METADATA_BYTES_MAX = 2 * 1024
AMOUNT_MAX = 10**12
ORDER_ID_MAX = 128
EVENT_ID = text_format(r"^[!-~]{1,128}$", "Use 1 to 128 letters A to Z, digits and punctuation marks, without spaces.")
KEY = text_format(r"^[!-~]{8,64}$", "Use 8 to 64 letters A to Z, digits and punctuation marks, without spaces.")
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Printable characters that show nothing (Unicode: default ignorable; and the empty Braille pattern)."""
REPLACEMENT = "\ufffd"
"""Decoders put this character in the place of bytes that are not UTF-8."""
LINE_BREAK = re.compile("[\t\n\v\f\r\x85\u2028\u2029]")
ID_MAX = 64
NAME_MAX = 200
CARD_CODE = text_format(
    r"^\.*[A-Za-z0-9_~-][A-Za-z0-9._~-]*$",
    "Use letters A to Z, digits and the characters . _ ~ - and not dots alone.",
)
COUPON_CODE = text_format(r"^[A-Za-z0-9._~-]{4,64}$", "Use 4 to 64 letters A to Z, digits and the characters . _ ~ -")
EVENT_NAME = text_format(
    r"^\.*[A-Za-z0-9_~:-][A-Za-z0-9._~:-]*$",
    "Use letters A to Z, digits and the characters . _ ~ : - and not dots alone.",
)
ANY_TEXT = text_format(r"\S", "The text must have a character that is not a space.")
CURRENCY = text_format("^[A-Z]{3}$", "Send a currency of ISO 4217 in capital letters, such as EUR.")


def whole_minor_units(value: object) -> object:
    if isinstance(value, float):
        message = "Amounts are integers in minor units: 1250, not 12.50."
        raise PydanticCustomError("minor_units", message)
    return value


def _day(value: object) -> object:
    """Refuses other values that pydantic accepts: numbers and instants."""
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise PydanticCustomError("day", "Send a day as text, such as 2027-01-31.")
    return value


def printable(value: str) -> str:
    if not value.isprintable():
        raise PydanticCustomError("printable", "Use only printable characters.")
    return value


def one_line(value: str) -> str:
    if LINE_BREAK.search(value):
        raise PydanticCustomError("line_break", "Send one line, without tabs.")
    return value


def _distinguishable(value: str) -> str:
    """Refuses order ids that look like another order's id."""
    if value != value.strip():
        raise PydanticCustomError("surrounding_spaces", "Send the id without spaces at its start and end.")
    if REPLACEMENT in value or INVISIBLE.search(value):
        raise PydanticCustomError("printable", "Use only printable characters.")
    return value


def _known_zone(name: str) -> str:
    if name not in zone_names():
        raise PydanticCustomError("time_zone", "Send a time zone of the IANA database, such as Europe/Berlin.")
    return name


def _not_zero(value: int) -> int:
    if value == 0:
        raise PydanticCustomError("zero", "Send a positive number to add points, a negative number to remove points.")
    return value


def _small(value: Mapping[str, Any]) -> Mapping[str, Any]:
    if len((metadata_text(value) or "").encode()) > METADATA_BYTES_MAX:
        raise PydanticCustomError("metadata_too_large", f"Metadata has at most {METADATA_BYTES_MAX} bytes as JSON.")
    return value


Points = Annotated[int, Field(ge=1, le=POINTS_MAX)]
SignedPoints = Annotated[int, Field(ge=-POINTS_MAX, le=POINTS_MAX), AfterValidator(_not_zero)]
MinorUnits = Annotated[int, Field(ge=0, le=AMOUNT_MAX), BeforeValidator(whole_minor_units)]
PositiveMinorUnits = Annotated[int, Field(ge=1, le=AMOUNT_MAX), BeforeValidator(whole_minor_units)]
Instant = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(rfc3339), AfterValidator(within_reason)]
Day = Annotated[date, Field(strict=False), BeforeValidator(_day)]
OrderId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=ORDER_ID_MAX),
    AfterValidator(printable),
    AfterValidator(_distinguishable),
]
IdempotencyKey = Annotated[str, StringConstraints(pattern=KEY)]
CustomerId = Annotated[str, StringConstraints(pattern=CUSTOMER_ID, max_length=CUSTOMER_ID_MAX)]
CardCode = Annotated[str, StringConstraints(pattern=CARD_CODE, max_length=ID_MAX)]
EventName = Annotated[str, StringConstraints(pattern=EVENT_NAME, max_length=ID_MAX)]
ProductId = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(printable)]
Quantity = Annotated[int, Field(ge=1, le=10**9)]
Metadata = Annotated[dict[str, Any], AfterValidator(_small)]
TimeZone = Annotated[str, AfterValidator(_known_zone), Field(max_length=64)]
Text = Annotated[str, Field(min_length=1, max_length=255)]
Name = Annotated[str, Field(min_length=1, max_length=NAME_MAX, pattern=ANY_TEXT), AfterValidator(one_line)]
ID = text_format(
    rf"^[A-Za-z0-9._~-]{{1,{ID_MAX}}}$", f"Use 1 to {ID_MAX} letters A to Z, digits and the characters . _ ~ -"
)
Id = Annotated[str, Field(pattern=ID)]


class PeriodInput(Request):
    """A period of time."""

    every: int = Field(ge=1, description="The number of units.")
    unit: Annotated[Unit, BY_VALUE] = Field(description="The unit of the period.")

    @model_validator(mode="after")
    def _within_maximum(self) -> Self:
        cap = EVERY_MAX[self.unit]
        if self.every > cap:
            raise PydanticCustomError("too_long", f"The maximum with unit {self.unit} is {cap}.", {"field": "every"})
        return self

    @property
    def period(self) -> Period:
        return Period(self.every, self.unit)


def metadata_from(text: str | None) -> dict[str, Any] | None:
    return None if text is None else json.loads(text)


MovementSource = Literal[Source.API, Source.MANUAL]
"""The sources that a caller may set."""
