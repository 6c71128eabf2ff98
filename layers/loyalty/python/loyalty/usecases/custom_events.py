"""Custom events: their definitions, and their effect on a customer's cards, by HTTP and by the bus alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from loyalty.domain.cards.transaction import Context, Source
from loyalty.domain.custom_event import CustomEvent, EventDefinition
from loyalty.domain.dates import instant
from loyalty.domain.schema import Property, schema_problems
from loyalty.errors import (
    EventDefinitionNotFound,
    EventNotDefined,
    InvalidRequest,
    OccurredAtOutOfRange,
)
from loyalty.store.store import Store
from loyalty.usecases import definitions
from loyalty.usecases.points.pending import CardEffect, reacting_wallets, receive, recorded_wallets

OCCURRED_BEFORE_SECONDS_MAX = 30 * 86_400
OCCURRED_AFTER_SECONDS_MAX = 5 * 60
"""The sender's clock may be ahead: an event that has not happened yet counts from its arrival."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentEvent:
    """An event as it was sent, and who sent it."""

    event: CustomEvent
    properties: dict[str, Any]
    fingerprint: bytes
    actor: str
    request_id: str


def accept(store: Store, sent: SentEvent, at: datetime) -> list[CardEffect]:
    """Applies the event to the customer's cards: to each card once for the event's id and order.

    Raises `EventNotDefined` if the project has no definition of the name, `InvalidRequest` if properties do not fit its
    schema, and `OccurredAtOutOfRange`. An event that has taken effect on a card was accepted, so it is not checked
    again. Raises `Busy` or `ClockSkew` if a card could not be changed. Sending the event again is safe: its effect on
    the other cards is not repeated.
    """
    event = sent.event
    cards_of = [wallet_id for _, wallet_id in store.cards.memberships(event.customer_id)]
    wallet_ids = recorded_wallets(store, event, cards_of)
    if not wallet_ids:
        _require_acceptable(store, sent, instant(at))
        wallet_ids = reacting_wallets(store, event, cards_of, instant(at))
    context = Context(
        source=Source.SYSTEM,
        order_id=event.order_id,
        event=event.name,
        actor=sent.actor,
        request_id=sent.request_id,
        fingerprint=sent.fingerprint,
    )
    effects = receive(store, event, wallet_ids, context, at)
    for effect in effects:
        if effect.refusal and effect.refusal.status is HTTPStatus.SERVICE_UNAVAILABLE:
            raise effect.refusal
    return effects


def _require_acceptable(store: Store, sent: SentEvent, now: int) -> None:
    event = sent.event
    definition = store.event_definitions.get(event.name)
    if definition is None:
        raise EventNotDefined.of_field(
            "body.name", f"There is no event definition {event.name}. Define the event first."
        )
    if problems := schema_problems(definition.schema, sent.properties, "body.properties"):
        raise InvalidRequest("The properties do not fit the event's schema.", errors=problems)
    occurred_at = now if event.occurred_at is None else event.occurred_at
    if not now - OCCURRED_BEFORE_SECONDS_MAX <= occurred_at <= now + OCCURRED_AFTER_SECONDS_MAX:
        message = "An event may have happened at most 30 days before its arrival, and at most 5 minutes after it."
        raise OccurredAtOutOfRange.of_field("body.occurredAt", message)


def define(store: Store, name: str, description: str, schema: Sequence[Property], at: datetime) -> EventDefinition:
    """Creates the definition, or replaces an existing one."""

    def version_of(version: int) -> EventDefinition:
        return EventDefinition(name, description, tuple(schema), version, instant(at))

    return definitions.save(store.event_definitions, name, version_of)


def read_definition(store: Store, name: str) -> EventDefinition:
    return definitions.read(store.event_definitions, name, EventDefinitionNotFound)


def defined_events(store: Store) -> list[EventDefinition]:
    """All of them, in order of their names."""
    return list(store.event_definitions.all())
