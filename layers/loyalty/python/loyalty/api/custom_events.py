"""Requests and answers about custom events and their definitions."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty.api import answered
from loyalty.api.base import Answer, Request
from loyalty.api.earning.awards import Award, ExaminedAward, SkippedCampaign
from loyalty.api.fields import EVENT_ID, CustomerId, EventName, Id, Instant, Metadata, OrderId, one_line
from loyalty.api.orders import ORDER_EXAMPLE, OrderInput, OrderItemInput
from loyalty.api.points.refunds import OrderRefund, RefundExtent
from loyalty.api.problems import ProblemField
from loyalty.api.schemas import Properties, Property
from loyalty.domain import custom_event as domain
from loyalty.domain import schema
from loyalty.domain.cards.transaction import EventDetails, TransactionType
from loyalty.domain.dates import datetime_of
from loyalty.domain.earning.event import (
    CATEGORIES_MAX,
    CATEGORY_LENGTH_MAX,
    EVENTS_OF_ORDERS,
    ORDER_PAID,
    ORDER_REFUNDED,
    UNDOING_EVENTS,
    redemption_key,
)
from loyalty.domain.earning.receipt import Receipt
from loyalty.domain.order import ITEMS_MAX
from loyalty.errors import LoyaltyError
from loyalty.usecases.custom_events import Accepted
from loyalty.usecases.earning.awards import EventOutcome
from loyalty.usecases.points.pending import CardEffect

EVENTS_MAX = 100
EXAMINED_MAX = 10

SentEventId = Annotated[str, Field(pattern=EVENT_ID)]
Category = Annotated[str, Field(min_length=1, max_length=CATEGORY_LENGTH_MAX), AfterValidator(one_line)]


def _different_ids(ids: list[str]) -> list[str]:
    if len(set(ids)) < len(ids):
        raise PydanticCustomError("repeated", "List each campaign once.")
    return ids


CampaignIds = Annotated[list[Id], Field(min_length=1, max_length=EXAMINED_MAX), AfterValidator(_different_ids)]

EVENT_EXAMPLE: dict[str, Any] = {
    "name": "order.delivered",
    "customerId": "ann",
    "eventId": "delivery-1001",
    "occurredAt": "2027-02-27T10:30:00+01:00",
    "orderId": "#1001",
    "properties": {"carrier": "DHL", "parcels": 1},
}


PAID_EXAMPLE: dict[str, Any] = {
    "name": "order.paid",
    "customerId": "ann",
    "eventId": "payment-1001",
    "orderId": "#1001",
    "order": ORDER_EXAMPLE
    | {
        "items": [
            {"productId": "sku-tea-250g", "quantity": 2, "amount": 2_490, "lineId": "1", "categories": ["tea"]},
            {"productId": "sku-teapot", "quantity": 1, "amount": 2_500, "lineId": "2", "categories": ["pots"]},
        ]
    },
}


REFUNDED_EXAMPLE: dict[str, Any] = {
    "name": "order.refunded",
    "customerId": "ann",
    "eventId": "refund-1001",
    "orderId": "#1001",
    "refund": {"type": "AMOUNT", "amount": 1_000},
}
RETURNED_EXAMPLE: dict[str, Any] = {
    "name": "order.refunded",
    "customerId": "ann",
    "eventId": "return-1001",
    "orderId": "#1001",
    "refund": {
        "type": "ITEMS",
        "items": [{"productId": "sku-tea-250g", "quantity": 1, "lineId": "1"}],
        "charges": [{"type": "SHIPPING", "amount": 350}],
    },
    "order": ORDER_EXAMPLE,
}
CANCELED_EXAMPLE: dict[str, Any] = {
    "name": "order.canceled",
    "customerId": "ann",
    "eventId": "cancellation-1001",
    "orderId": "#1001",
}


class EventDefinitionRequest(Request):
    """The definition of a custom event."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "description": "A parcel reached the customer",
                    "properties": [
                        {"name": "carrier", "type": "STRING", "required": True},
                        {"name": "parcels", "type": "NUMBER", "required": False},
                    ],
                }
            ]
        }
    )

    description: Annotated[str, Field(max_length=1_000)] = Field(default="", description="The meaning of the event.")
    properties: Properties = Field(
        default_factory=list,
        description="The properties that are checked. Other properties of an event are accepted without a check.",
    )

    @property
    def schema_of_properties(self) -> list[schema.Property]:
        return [known.property for known in self.properties]


class EventDefinition(Answer):
    """The definition of a custom event."""

    has_etag = True

    name: str = Field(description="The name that events use in their field `name`.")
    description: str = Field(description="The meaning of the event.")
    properties: list[Property] = Field(description="The properties that are checked.")
    version: int = Field(description="The number of times that the definition was saved.")
    updated_at: answered.SavedAt

    @classmethod
    def of(cls, definition: domain.EventDefinition) -> "EventDefinition":
        return cls(
            name=definition.name,
            description=definition.description,
            properties=[Property.of(known) for known in definition.schema],
            version=definition.version,
            updated_at=datetime_of(definition.updated_at),
        )


class EventDefinitionList(Answer):
    """All event definitions of the project."""

    data: list[EventDefinition] = Field(description="All event definitions of the project.")


class EventItemInput(OrderItemInput):
    """One line of an order, with what conditions of campaigns read."""

    categories: list[Category] = Field(
        default_factory=list,
        max_length=CATEGORIES_MAX,
        description="The product's categories, for the conditions of campaigns. They are not recorded.",
    )


class EventOrderInput(OrderInput):
    """The order of an event."""

    items: list[EventItemInput] = Field(  # type: ignore[assignment]  # lines with one field more
        default_factory=list, max_length=ITEMS_MAX, description="The lines of the order."
    )

    @property
    def categories(self) -> dict[tuple[str, str | None], tuple[str, ...]]:
        """The categories by line."""
        return {(item.product_id, item.line_id): tuple(item.categories) for item in self.items if item.categories}


class EventInput(Request):
    """An event with what campaigns read about it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EVENT_EXAMPLE, PAID_EXAMPLE]})

    name: EventName = Field(
        description="`order.paid`, `order.refunded`, `order.canceled`, or the name of an event definition."
    )
    customer_id: CustomerId = Field(description="Your id of the customer to whom the event happened.")
    event_id: SentEventId | None = Field(default=None, description="Your id of the event.")
    occurred_at: Instant | None = Field(
        default=None,
        description=(
            "The instant at which the event happened, from which its effects count: at most 30 days before its "
            "arrival and 5 minutes after it. The default is the time of arrival."
        ),
    )
    order_id: OrderId | None = Field(
        default=None, description="The order of the event: its pending points become active, and awards belong to it."
    )
    order: EventOrderInput | None = Field(
        default=None, description="The order details, which campaigns read; only with `orderId`."
    )
    properties: Metadata = Field(
        default_factory=dict,
        description="Your own data about the event. They are checked by the event's definition and not recorded.",
    )

    @model_validator(mode="after")
    def _has_its_order(self) -> Self:
        if self.order_id is None and (self.order or self.name == ORDER_PAID or self.name in UNDOING_EVENTS):
            raise PydanticCustomError("required", "Send the orderId of the order.", {"field": "orderId"})
        if self.order is None and self.name == ORDER_PAID:
            raise PydanticCustomError("required", "A paid order needs its details.", {"field": "order"})
        return self


class ExamineRequest(EventInput):
    """An event to examine. With its `eventId`, random points are those that the event would give."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [EVENT_EXAMPLE, {**PAID_EXAMPLE, "campaignIds": ["cmp_0123456789abcdef0123"]}]}
    )

    campaign_ids: CampaignIds | None = Field(
        default=None,
        description=(
            "Only these campaigns, whatever their status: a DRAFT is examined as if it were ACTIVE. Without it, all "
            "ACTIVE campaigns of the event."
        ),
    )


class QuoteRequest(Request):
    """An order that is not paid yet."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"orderId": "#1001", "order": PAID_EXAMPLE["order"]}]})

    order_id: OrderId | None = Field(
        default=None, description="The id that the order will have; with it, points that paid for the order count."
    )
    order: EventOrderInput = Field(description="The order details.")


class EventRequest(EventInput):
    """An event: something that happened to a customer.

    `order.paid`, `order.refunded` and `order.canceled` are built in. An order is paid and canceled once, whatever the
    `eventId`. Other names need a definition.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [EVENT_EXAMPLE, PAID_EXAMPLE, REFUNDED_EXAMPLE, RETURNED_EXAMPLE]}
    )

    event_id: SentEventId = Field(description="Your id of the event. An id takes effect once, for one order.")
    refund: RefundExtent | None = Field(
        default=None, description="The part of the order that `order.refunded` refunds; only with this name."
    )

    @model_validator(mode="after")
    def _has_its_refund(self) -> Self:
        if (self.refund is None) == (self.name == ORDER_REFUNDED):
            message = "Send what was refunded." if self.refund is None else "Only order.refunded has a refund."
            raise PydanticCustomError("refund", message, {"field": "refund"})
        return self


class EventBatchRequest(Request):
    """Up to 100 custom events."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "events": [
                        EVENT_EXAMPLE,
                        {"name": "app.opened", "customerId": "bob", "eventId": "session-77"},
                    ]
                },
                {"events": [PAID_EXAMPLE, CANCELED_EXAMPLE]},
                {"events": [REFUNDED_EXAMPLE]},
                {"events": [RETURNED_EXAMPLE]},
            ]
        }
    )

    events: list[EventRequest] = Field(min_length=1, max_length=EVENTS_MAX, description="The events.")


class EventEffect(Answer):
    """The effect of the event on one card."""

    wallet_id: answered.WalletId
    transaction_id: str | None = Field(description="The transaction of the event; null if the event was refused.")
    type: TransactionType | None = Field(description="The type of the transaction; null if the event was refused.")
    points: int | None = Field(description="The number of points that became active.")
    canceled_before: int | None = Field(
        description="Points of the event's order that had been canceled before, and stay canceled."
    )
    expired: int | None = Field(
        description=(
            "Points that the event activated and that expired at once, because their expiry, counted from "
            "`occurredAt`, has passed. `points` does not contain them."
        )
    )
    replayed: bool = Field(description="Whether an earlier request with the same `eventId` made the transaction.")
    refused: str | None = Field(description="The code of the refusal; null if the event took effect on the card.")

    @classmethod
    def of(cls, effect: CardEffect) -> "EventEffect":
        row = effect.outcome.transaction if effect.outcome else None
        details = row.event or EventDetails() if row else None
        return cls(
            wallet_id=effect.wallet_id,
            transaction_id=row.transaction_id if row else None,
            type=row.type if row else None,
            points=row.points if row else None,
            canceled_before=details.canceled if details else None,
            expired=details.expired if details else None,
            replayed=bool(effect.outcome and effect.outcome.repeated),
            refused=effect.refusal.code if effect.refusal else None,
        )


class EventResult(Answer):
    """The result of one event."""

    event_id: str = Field(description="Your id of the event.")
    effects: list[EventEffect] = Field(description="The effects on the customer's cards.")
    awards: list[Award] = Field(description="The points that campaigns gave for the event.")
    skipped: list[SkippedCampaign] = Field(description="The campaigns of the event that gave nothing, and why.")
    refund: OrderRefund | None = Field(
        description="The refund by `order.refunded` or `order.canceled`; null for other events."
    )
    replayed: bool = Field(description="Whether an earlier event decided: nothing is given or taken again.")
    refused: str | None = Field(description="The code of the refusal, if the whole event was refused.")
    errors: list[ProblemField] = Field(description="The problems of single fields.")

    @classmethod
    def of(cls, event_id: str, accepted: Accepted) -> "EventResult":
        return cls(
            event_id=event_id,
            effects=[EventEffect.of(effect) for effect in accepted.effects],
            awards=[Award.of(award) for award in accepted.outcome.awards],
            skipped=[SkippedCampaign.of(skip) for skip in accepted.outcome.skips],
            refund=_refund(accepted.outcome),
            replayed=accepted.outcome.repeated,
            refused=None,
            errors=[],
        )

    @classmethod
    def refusal(cls, event_id: str, error: LoyaltyError) -> "EventResult":
        fields = [ProblemField(field=one.field, code=one.code, message=one.message) for one in error.errors]
        return cls(
            event_id=event_id,
            effects=[],
            awards=[],
            skipped=[],
            refund=None,
            replayed=False,
            refused=error.code,
            errors=fields,
        )


class EventResults(Answer):
    """The results of the events, in their order."""

    data: list[EventResult] = Field(description="One result for each event, in the order of the request.")


class ReadTier(Answer):
    """A tier of the customer that campaigns read, in their conditions or as a multiplier."""

    program_id: answered.ProgramId
    tier_id: str = Field(description="The id of the tier.")
    multiplier: str | None = Field(description="The factor of the tier's benefits; null without one.")


class Examination(Answer):
    """What campaigns would give for an event. Nothing was written, and the awards may differ later."""

    awards: list[ExaminedAward] = Field(description="The points that campaigns would give.")
    skipped: list[SkippedCampaign] = Field(description="The campaigns of the event that would give nothing, and why.")
    tiers: list[ReadTier] = Field(description="The customer's tiers before the event, if a campaign reads them.")

    @classmethod
    def of(cls, outcome: EventOutcome) -> "Examination":
        return cls(
            awards=[ExaminedAward.of(award) for award in outcome.awards],
            skipped=[SkippedCampaign.of(skip) for skip in outcome.skips],
            tiers=[
                ReadTier(
                    program_id=program_id,
                    tier_id=level.tier_id,
                    multiplier=None if level.benefits.multiplier is None else str(level.benefits.multiplier),
                )
                for program_id, level in outcome.levels.items()
            ],
        )


class EventReceipt(Answer):
    """What an event decided, for ever."""

    customer_id: answered.CustomerId
    name: str = Field(description="The name of the event.")
    event_id: str | None = Field(
        description=(
            "Your id of the event; null for a paid or canceled order, which its `orderId` names. Of a redeemed coupon: "
            "the idempotency key, or the code if the redemption has an order."
        )
    )
    order_id: answered.OrderId
    received_at: datetime = Field(description="The instant at which the event was decided.")
    occurred_at: datetime = Field(description="The instant at which the event happened.")
    awards: list[Award] = Field(description="The points that campaigns gave.")
    skipped: list[SkippedCampaign] = Field(description="The campaigns that gave nothing, at most 10, and why.")
    refund: OrderRefund | None = Field(
        description="The refund by `order.refunded` or `order.canceled`; null for other events."
    )

    @classmethod
    def of(cls, receipt: Receipt, outcome: EventOutcome) -> "EventReceipt":
        return cls(
            customer_id=receipt.customer_id,
            name=receipt.name,
            event_id=_event_id(receipt),
            order_id=receipt.order_id,
            received_at=datetime_of(receipt.received_at),
            occurred_at=datetime_of(receipt.occurred_at),
            awards=[Award.of(award) for award in outcome.awards],
            skipped=[SkippedCampaign.of(skip) for skip in receipt.skips],
            refund=_refund(outcome),
        )


def _event_id(receipt: Receipt) -> str | None:
    if receipt.name in EVENTS_OF_ORDERS:
        return None
    if receipt.coupon is None:
        return receipt.key
    return (
        receipt.key.removeprefix(redemption_key("", receipt.coupon, None))
        if receipt.order_id is None
        else receipt.coupon
    )


def _refund(outcome: EventOutcome) -> OrderRefund | None:
    return OrderRefund.of(outcome.refund) if outcome.refund else None
