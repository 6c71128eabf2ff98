"""Requests and answers about custom events and their definitions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from loyalty.api.base import Answer, Request
from loyalty.api.fields import CustomerId, EventName, Instant, Metadata, OrderId
from loyalty.api.problems import ProblemField
from loyalty.api.schemas import Properties, Property
from loyalty.domain import custom_event as domain
from loyalty.domain import schema
from loyalty.domain.cards.transaction import EventDetails
from loyalty.domain.dates import datetime_of
from loyalty.errors import LoyaltyError
from loyalty.usecases.points.pending import CardEffect

EVENTS_MAX = 100

EVENT_EXAMPLE: dict[str, Any] = {
    "name": "order.delivered",
    "customerId": "ann",
    "eventId": "delivery-1001",
    "occurredAt": "2027-02-27T10:30:00+01:00",
    "orderId": "#1001",
    "properties": {"carrier": "DHL", "parcels": 1},
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

    name: str
    description: str = Field(description="The meaning of the event.")
    properties: list[Property] = Field(description="The properties that are checked.")
    version: int = Field(description="The number of times that the definition was saved.")
    updated_at: datetime

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

    data: list[EventDefinition]


class EventRequest(Request):
    """A custom event: something that happened to a customer."""

    model_config = ConfigDict(json_schema_extra={"examples": [EVENT_EXAMPLE]})

    name: EventName = Field(description="The name of an event definition.")
    customer_id: CustomerId
    event_id: Annotated[str, Field(pattern=r"^[!-~]{1,128}$")] = Field(
        description="Your id of the event. An id takes effect once on a card, for one order."
    )
    occurred_at: Instant | None = Field(
        default=None,
        description=(
            "The instant at which the event happened, from which its effects count: at most 30 days before its "
            "arrival and 5 minutes after it. The default is the time of arrival."
        ),
    )
    order_id: OrderId | None = Field(default=None, description="The order whose pending points the event activates.")
    properties: Metadata = Field(
        default_factory=dict,
        description="Your own data about the event. They are checked by the event's definition and not recorded.",
    )


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
                }
            ]
        }
    )

    events: list[EventRequest] = Field(min_length=1, max_length=EVENTS_MAX, description="The events.")


class EventEffect(Answer):
    """The effect of the event on one card."""

    wallet_id: str
    transaction_id: str | None = Field(description="The transaction of the event; null if the event was refused.")
    type: str | None = Field(description="The type of the transaction.")
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

    event_id: str
    effects: list[EventEffect] = Field(description="The effects on the customer's cards.")
    refused: str | None = Field(description="The code of the refusal, if the whole event was refused.")
    errors: list[ProblemField] = Field(description="The problems of single fields.")

    @classmethod
    def of(cls, event_id: str, effects: Sequence[CardEffect]) -> "EventResult":
        shapes = [EventEffect.of(effect) for effect in effects]
        return cls(event_id=event_id, effects=shapes, refused=None, errors=[])

    @classmethod
    def refusal(cls, event_id: str, error: LoyaltyError) -> "EventResult":
        fields = [ProblemField(field=one.field, code=one.code, message=one.message) for one in error.errors]
        return cls(event_id=event_id, effects=[], refused=error.code, errors=fields)


class EventResults(Answer):
    """The results of the events, in their order."""

    data: list[EventResult]
