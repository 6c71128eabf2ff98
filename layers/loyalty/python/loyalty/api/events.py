"""Requests and answers about custom events and their definitions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from loyalty.api.base import Answer, Request
from loyalty.api.fields import CUSTOMER_ID, EVENT_NAME, Instant, Metadata, OrderId
from loyalty.api.problems import ProblemField
from loyalty.api.schemas import Properties, Property
from loyalty.domain import custom_event as domain
from loyalty.domain import schema
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
    """The meaning of an event, and its properties. Other properties of an event are kept as they are."""

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

    description: Annotated[str, Field(max_length=1_000)] = ""
    properties: Properties = Field(default_factory=list)

    @property
    def schema_of_properties(self) -> list[schema.Property]:
        return [known.property for known in self.properties]


class EventDefinition(Answer):
    name: str
    description: str
    properties: list[Property]
    version: int
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
    data: list[EventDefinition]


class EventRequest(Request):
    """Something that happened to a customer. An `eventId` of yours takes effect once on a card, for one order."""

    model_config = ConfigDict(json_schema_extra={"examples": [EVENT_EXAMPLE]})

    name: Annotated[str, Field(pattern=EVENT_NAME)]
    customer_id: Annotated[str, Field(pattern=CUSTOMER_ID)]
    event_id: Annotated[str, Field(pattern=r"^[!-~]{1,128}$")]
    occurred_at: Instant | None = None
    order_id: OrderId | None = None
    properties: Metadata = Field(default_factory=dict)


class EventBatchRequest(Request):
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

    events: list[EventRequest] = Field(min_length=1, max_length=EVENTS_MAX)


class EventEffect(Answer):
    """The effect of the event on one card: its transaction, or the code of its refusal."""

    wallet_id: str
    transaction_id: str | None
    type: str | None
    points: int | None
    replayed: bool
    refused: str | None

    @classmethod
    def of(cls, effect: CardEffect) -> "EventEffect":
        row = effect.outcome.transaction if effect.outcome else None
        return cls(
            wallet_id=effect.wallet_id,
            transaction_id=row.transaction_id if row else None,
            type=row.type if row else None,
            points=row.points if row else None,
            replayed=bool(effect.outcome and effect.outcome.repeated),
            refused=effect.refusal.code if effect.refusal else None,
        )


class EventResult(Answer):
    """The result of one event. `refused` is the code of the refusal, if the whole event had no effect."""

    event_id: str
    effects: list[EventEffect]
    refused: str | None
    errors: list[ProblemField]

    @classmethod
    def of(cls, event_id: str, effects: Sequence[CardEffect]) -> "EventResult":
        shapes = [EventEffect.of(effect) for effect in effects]
        return cls(event_id=event_id, effects=shapes, refused=None, errors=[])

    @classmethod
    def refusal(cls, event_id: str, error: LoyaltyError) -> "EventResult":
        fields = [ProblemField(field=one.field, code=one.code, message=one.message) for one in error.errors]
        return cls(event_id=event_id, effects=[], refused=error.code, errors=fields)


class EventResults(Answer):
    data: list[EventResult]
