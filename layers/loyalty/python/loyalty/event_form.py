"""Custom events and their definitions as requests and answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import Field

from loyalty import api, bodies, problems
from loyalty.custom_events import Sent
from loyalty.domain.dates import moment
from loyalty.errors import LoyaltyError
from loyalty.schema_form import Properties, PropertyShape
from loyalty.settings_form import EVENT_NAME
from loyalty.store import EventDefinition
from loyalty.waiting_points import CustomEvent, Effect

EVENTS_MAX = 100
EventName = Annotated[str, Path(alias="name", pattern=EVENT_NAME)]


class EventDefinitionForm(api.Body):
    """What an event is about, and the properties that it brings. Others are kept as they are."""

    description: Annotated[str, Field(max_length=1_000)] = ""
    properties: Properties = Field(default_factory=list)


class EventDefinitionShape(api.Shape):
    name: str
    description: str
    properties: list[PropertyShape]
    version: int
    updated_at: datetime

    @classmethod
    def of(cls, definition: EventDefinition) -> "EventDefinitionShape":
        return cls(
            name=definition.name,
            description=definition.description,
            properties=[PropertyShape.of(known) for known in definition.schema],
            version=definition.version,
            updated_at=moment(definition.updated_at),
        )


class EventDefinitionList(api.Shape):
    data: list[EventDefinitionShape]


class CustomEventBody(api.Body):
    """Something that happened to a customer. `eventId` is the sender's: one id works once on a card, for one order."""

    name: Annotated[str, Field(pattern=EVENT_NAME)]
    customer_id: Annotated[str, Field(pattern=api.CUSTOMER_ID)]
    event_id: Annotated[str, Field(pattern=r"^[!-~]{1,128}$")]
    occurred_at: bodies.Instant | None = None
    order_id: bodies.OrderId | None = None
    properties: bodies.Metadata = Field(default_factory=dict)

    def sent(self, caller: api.Caller) -> Sent:
        body = self.model_dump(mode="json", by_alias=True)
        return Sent(
            event=CustomEvent(self.name, self.customer_id, self.event_id, self.order_id),
            properties=self.properties,
            fingerprint=api.fingerprint("event", body=body),
            actor=caller.actor,
            request_id=caller.request_id,
        )


class CustomEvents(api.Body):
    events: list[CustomEventBody] = Field(min_length=1, max_length=EVENTS_MAX)


class EffectShape(api.Shape):
    """What the event did on one card: the row that it wrote, or the code of its refusal."""

    wallet_id: str
    transaction_id: str | None
    type: str | None
    points: int | None
    replayed: bool
    refused: str | None

    @classmethod
    def of(cls, effect: Effect) -> "EffectShape":
        row = effect.outcome.transaction if effect.outcome else None
        return cls(
            wallet_id=effect.wallet_id,
            transaction_id=row.transaction_id if row else None,
            type=row.type if row else None,
            points=row.points if row else None,
            replayed=bool(effect.outcome and effect.outcome.replayed),
            refused=effect.refusal.code if effect.refusal else None,
        )


class EventResult(api.Shape):
    """`refused` is the code for which the event as a whole did nothing."""

    event_id: str
    effects: list[EffectShape]
    refused: str | None
    errors: list[problems.ProblemField]

    @classmethod
    def of(cls, event_id: str, effects: Sequence[Effect]) -> "EventResult":
        shapes = [EffectShape.of(effect) for effect in effects]
        return cls(event_id=event_id, effects=shapes, refused=None, errors=[])

    @classmethod
    def refusal(cls, event_id: str, error: LoyaltyError) -> "EventResult":
        fields = [problems.ProblemField(field=one.field, code=one.code, message=one.message) for one in error.errors]
        return cls(event_id=event_id, effects=[], refused=error.code, errors=fields)


class EventResults(api.Shape):
    data: list[EventResult]
