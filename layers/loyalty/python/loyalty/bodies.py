"""What requests that move points bring along: bodies' parts, their bounds, and the command they become."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api import Body, Caller, fingerprint, metadata_text, rfc3339, within_reason
from loyalty.domain import order as domain
from loyalty.domain.card import POINTS_MAX
from loyalty.domain.dates import EVERY_MAX, Period, Unit
from loyalty.domain.order import ITEMS_MAX, merged_items
from loyalty.domain.transaction import Facts, Source
from loyalty.ledger import Command
from loyalty.store import by_key

METADATA_BYTES_MAX = 2 * 1024
ORDER_BYTES_MAX = 8 * 1024
AMOUNT_MAX = 10**12
ORDER_ID_MAX = 128
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
CARD_CODE = r"^[A-Za-z0-9._~-]{1,64}$"


def _minor_units(value: object) -> object:
    if isinstance(value, float):
        message = "Amounts are integers in minor units: 1250, not 12.50."
        raise PydanticCustomError("minor_units", message)
    return value


def _day(value: object) -> object:
    """Refuses what pydantic takes besides: numbers, instants."""
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise PydanticCustomError("day", "A day is a text such as 2027-01-31.")
    return value


def printable(value: str) -> str:
    if not value.isprintable():
        raise PydanticCustomError("printable", "Only printable characters.")
    return value


def _decoded(value: str) -> str:
    """The order id of a path: encoded twice by the caller, where it holds what the gateway takes for itself.

    The gateway decodes once but for `%25`, and routing has encoded what came: so three times, and no more. Decoding
    until nothing changes would take one order for another.
    """
    for _ in range(3):
        value = unquote(value)
    if not 1 <= len(value) <= ORDER_ID_MAX:
        raise PydanticCustomError("string_too_long", f"An order id has 1 to {ORDER_ID_MAX} characters.")
    return printable(value)


def _not_zero(value: int) -> int:
    if value == 0:
        raise PydanticCustomError("zero", "Positive points are given, negative ones taken.")
    return value


def _small(value: Mapping[str, Any]) -> Mapping[str, Any]:
    if len((metadata_text(value) or "").encode()) > METADATA_BYTES_MAX:
        raise PydanticCustomError("metadata_too_large", f"Metadata has at most {METADATA_BYTES_MAX} bytes as JSON.")
    return value


Points = Annotated[int, Field(ge=1, le=POINTS_MAX)]
SignedPoints = Annotated[int, Field(ge=-POINTS_MAX, le=POINTS_MAX), AfterValidator(_not_zero)]
MinorUnits = Annotated[int, BeforeValidator(_minor_units), Field(ge=0, le=AMOUNT_MAX)]
Instant = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(rfc3339), AfterValidator(within_reason)]
Day = Annotated[date, Field(strict=False), BeforeValidator(_day)]
OrderId = Annotated[str, Field(min_length=1, max_length=ORDER_ID_MAX), AfterValidator(printable)]
OrderIdInPath = Annotated[
    str,
    Path(
        alias="orderId",
        min_length=1,
        max_length=1_000,
        description=(
            "Percent-encoded: `#1001` is `%231001`. What the gateway would take for itself (`/`, `?`, `%`) is encoded "
            "twice: `a/b` is `a%252Fb`."
        ),
    ),
    AfterValidator(_decoded),
]
ProductId = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(printable)]
Quantity = Annotated[int, Field(ge=1, le=10**9)]
Metadata = Annotated[dict[str, Any], AfterValidator(_small)]
Text = Annotated[str, Field(min_length=1, max_length=255)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9._~-]{1,64}$")]


class PeriodBody(Body):
    every: int = Field(ge=1)
    unit: Literal["MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"]

    @model_validator(mode="after")
    def _capped(self) -> Self:
        cap = EVERY_MAX[Unit(self.unit)]
        if self.every > cap:
            raise PydanticCustomError("too_long", f"At most {cap} with unit {self.unit}.", {"field": "every"})
        return self

    @property
    def period(self) -> Period:
        return Period(self.every, Unit(self.unit))


class OrderItemBody(Body):
    product_id: ProductId
    quantity: Quantity
    amount: MinorUnits = Field(description="Of the whole line, in minor units.")
    line_id: ProductId | None = None


class OrderBody(Body):
    """The order's gross value in minor units, the part paid with points included."""

    amount: MinorUnits
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(
        default=None, description="The project's, if left out."
    )
    items: list[OrderItemBody] = Field(default_factory=list, max_length=ITEMS_MAX)
    metadata: Metadata | None = None

    @model_validator(mode="after")
    def _packs(self) -> Self:
        if len(json.dumps([item.facts for item in self.lines], ensure_ascii=False).encode()) > ORDER_BYTES_MAX:
            raise PydanticCustomError(
                "order_too_large", f"An order's items have at most {ORDER_BYTES_MAX} bytes.", {"field": "items"}
            )
        return self

    @property
    def lines(self) -> tuple[domain.OrderItem, ...]:
        return merged_items(
            domain.OrderItem(item.product_id, item.quantity, item.amount, item.line_id) for item in self.items
        )

    @property
    def order(self) -> domain.Order:
        return domain.Order(self.amount, self.currency, self.lines, metadata_text(self.metadata))


class Movement(Body):
    """What a credit and a debit have in common."""

    points: Points
    source: Literal["API", "Manual"] = "API"
    order_id: OrderId | None = None
    order: OrderBody | None = None
    points_description: Text | None = None
    metadata: Metadata | None = None

    @model_validator(mode="after")
    def _order_named(self) -> Self:
        if self.order is not None and self.order_id is None:
            raise PydanticCustomError("order_id_required", "An order needs its orderId.", {"field": "orderId"})
        return self


def command(
    name: str, wallet_id: str, customer_id: str, key: str, *, body: Any, caller: Caller, facts: Mapping[str, Any]
) -> Command:
    """The command of a request; `body` is the JSON as sent, by which a repetition is known."""
    return Command(
        wallet_id=wallet_id,
        customer_id=customer_id,
        origin=by_key(key),
        facts=Facts(
            **facts,
            actor=caller.actor,
            request_id=caller.request_id,
            fingerprint=fingerprint(name, wallet_id, customer_id, body=body),
        ),
    )


def movement_facts(body: Movement) -> dict[str, Any]:
    return {
        "source": Source(body.source),
        "order_id": body.order_id,
        "order": body.order.order if body.order else None,
        "points_description": body.points_description,
        "metadata": metadata_text(body.metadata),
    }
