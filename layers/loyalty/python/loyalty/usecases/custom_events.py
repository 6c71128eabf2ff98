"""Events that other systems send: custom events and events of orders, by HTTP and by the bus alike.

An event takes effect on pending points and sliding expiries of the customer's cards. Then campaigns react to it, or it
undoes its order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from loyalty.domain.cards.transaction import Context, Source
from loyalty.domain.custom_event import CustomEvent
from loyalty.domain.dates import instant
from loyalty.domain.earning.campaign import BUILT_IN_EVENTS, Campaign
from loyalty.domain.earning.coupon import canonical_code
from loyalty.domain.earning.event import (
    COUPON_REDEEMED,
    EVENTS_OF_ORDERS,
    UNDOING_EVENTS,
    Event,
    LineKey,
    order_key,
    redemption_key,
)
from loyalty.domain.earning.receipt import Receipt
from loyalty.domain.movements.refund_amounts import RefundDemand
from loyalty.domain.order import Order
from loyalty.domain.schema import schema_problems
from loyalty.errors import (
    ActionRequired,
    Busy,
    CampaignNotFound,
    CurrencyDiffers,
    EventNotDefined,
    EventNotFound,
    FieldProblem,
    InvalidRequest,
    LoyaltyError,
    OccurredAtOutOfRange,
)
from loyalty.store.store import Store
from loyalty.usecases.earning import awards, campaigns
from loyalty.usecases.earning.awards import EventOutcome, award
from loyalty.usecases.earning.earlier_events import note, remember
from loyalty.usecases.earning.engine import Sender
from loyalty.usecases.earning.order_events import recorded_refund, undo_order
from loyalty.usecases.earning.registry import Registry, current_registry, forget_registry
from loyalty.usecases.event_definitions import require_own_name
from loyalty.usecases.points.pending import CardEffect, receive, recorded_wallets

OCCURRED_BEFORE_SECONDS_MAX = 30 * 86_400
OCCURRED_AFTER_SECONDS_MAX = 5 * 60
"""The sender's clock may be ahead: an event that has not happened yet counts from its arrival."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentEvent:
    """An event as it was sent, and who sent it."""

    event: CustomEvent
    properties: dict[str, Any]
    order: Order | None = None
    categories: Mapping[LineKey, tuple[str, ...]] = field(default_factory=dict)
    """The categories of the order's lines, for the conditions of campaigns."""
    fingerprint: bytes
    receipt_fingerprint: bytes
    """Of what decides the awards: of a paid order, its details alone."""
    refund: RefundDemand | None = None
    """What the event refunds of its order."""
    actor: str
    request_id: str

    @property
    def key(self) -> str:
        """What identifies the event among the customer's events with its name: an order is paid once."""
        if self.event.name in EVENTS_OF_ORDERS and self.event.order_id is not None:
            return order_key(self.event.order_id)
        return self.event.event_id

    def occurrence(self, now: int) -> Event:
        """The event as campaigns read it."""
        return Event(
            name=self.event.name,
            customer_id=self.event.customer_id,
            key=self.key,
            occurred_at=now if self.event.occurred_at is None else self.event.occurred_at,
            order_id=self.event.order_id,
            order=self.order,
            categories=self.categories,
            properties=self.properties,
        )


@dataclass(frozen=True, slots=True)
class Accepted:
    """What an event did: to pending points and sliding expiries of cards, and by campaigns or to its order."""

    effects: Sequence[CardEffect]
    outcome: EventOutcome


def accept(store: Store, sent: SentEvent, at: datetime) -> Accepted:
    """Applies the event to the customer's cards: to each card once for the event's id and order.

    Campaigns then react, or the event undoes its order.

    Raises `ReservedName`, `EventNotDefined` if the project has no definition of the name, `InvalidRequest` if
    properties do not fit its schema, and `OccurredAtOutOfRange`. An event that was accepted before is not checked
    again. Raises `Busy` or `ClockSkew` if a card could not be changed. Sending the event again is safe: what it did is
    not repeated.

    Nothing is read for an event to which neither wallets nor campaigns react, once the registry is loaded.
    """
    require_own_name(sent.event.name, "body.name")
    now = instant(at)
    try:
        registry = _require_acceptable(store, sent, now)
    except Busy:
        raise
    except LoyaltyError:
        if not _was_accepted(store, sent):
            raise
        registry = current_registry(store, now)
    effects = _change_cards(store, registry, sent, at)
    event = sent.occurrence(now)
    sender = Sender(sent.actor, sent.request_id, sent.receipt_fingerprint)
    if sent.refund:
        return Accepted(effects, undo_order(store, event, sent.refund, sender, at))
    outcome = award(store, event, sender, at)
    remember(store, event, registry.awaited.get(event.name, ()))
    return Accepted(effects, outcome)


def _was_accepted(store: Store, sent: SentEvent) -> bool:
    """Returns whether the event took effect before, on a card or by a campaign."""
    event = sent.event
    cards_of = [wallet_id for _, wallet_id in store.cards.memberships(event.customer_id)]
    if recorded_wallets(store, event, cards_of):
        return True
    receipt = store.receipts.get(event.customer_id, event.name, sent.key)
    return receipt is not None and not receipt.is_marker


def _change_cards(store: Store, registry: Registry, sent: SentEvent, at: datetime) -> list[CardEffect]:
    """Applies the event to the cards in the wallets that react to it, or that did at its first arrival."""
    event = sent.event
    reacting = registry.reacting_wallets.get(event.name, {})
    if not reacting and event.name not in registry.formerly_reacting:
        return []
    cards_of = [wallet_id for _, wallet_id in store.cards.memberships(event.customer_id)]
    wallet_ids = recorded_wallets(store, event, cards_of)
    if not wallet_ids:
        wallet_ids = [wallet_id for wallet_id in cards_of if wallet_id in reacting]
        for wallet_id in wallet_ids:
            # The card is changed with the version that reacts, and not with an older one.
            store.wallets.recent(wallet_id, instant(at), version_min=reacting[wallet_id])
        if event.order_id is not None and registry.activating_wallets.get(event.name, {}).keys() - set(cards_of):
            note(store, sent.occurrence(instant(at)))
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


def examine(store: Store, sent: SentEvent, at: datetime, campaign_ids: Sequence[str] | None = None) -> EventOutcome:
    """Returns what campaigns would give for the event now, and writes nothing.

    With `campaign_ids`, only these campaigns are examined, whatever their status. Raises `CampaignNotFound`,
    `ActionRequired` for a campaign that could not be ACTIVE, and `InvalidRequest` for a campaign of another event.
    """
    if sent.event.name not in BUILT_IN_EVENTS:
        require_own_name(sent.event.name, "body.name")
    _require_acceptable(store, sent, instant(at))
    examined = None
    if campaign_ids is not None:
        examined = [_require_examinable(store, one, sent.event.name, place) for place, one in enumerate(campaign_ids)]
    return awards.examine(store, sent.occurrence(instant(at)), at, examined)


def _require_examinable(store: Store, campaign_id: str, event: str, place: int) -> Campaign:
    field = f"body.campaignIds[{place}]"
    campaign = store.campaigns.current(campaign_id)
    if campaign is None:
        raise CampaignNotFound.of_field(field, f"There is no campaign {campaign_id}.")
    if problems := campaigns.problems_of(store, campaign.settings):
        raise ActionRequired(f"Campaign {campaign_id} cannot be ACTIVE: correct the listed settings.", errors=problems)
    if campaign.settings.event != event:
        problem = FieldProblem(field, "other_event", f"The event of campaign {campaign_id} is another one.")
        raise InvalidRequest(f"Not valid: {field}.", errors=[problem])
    return campaign


def find_receipt(
    store: Store, customer_id: str, name: str, event_id: str | None, order_id: str | None
) -> tuple[Receipt, EventOutcome]:
    """Returns the receipt of an event and its awards.

    Raises `InvalidRequest` unless there is the id that identifies the event, and `EventNotFound`.
    """
    field, key = "eventId", event_id
    if name in EVENTS_OF_ORDERS:
        field, key = "orderId", None if order_id is None else order_key(order_id)
    elif name == COUPON_REDEEMED and event_id is not None:
        # With an order, the code identifies the redemption, and otherwise the idempotency key.
        key = redemption_key(event_id, canonical_code(event_id), order_id)
    if key is None:
        problem = FieldProblem(f"query.{field}", "required", f"Send the {field} of the event.")
        raise InvalidRequest(f"Not valid: query.{field}.", errors=[problem])
    found = awards.recorded_outcome(store, customer_id, name, key)
    if found is None:
        raise EventNotFound(f"The customer has no receipt of this event {name}.")
    receipt, outcome = found
    if name in UNDOING_EVENTS:
        outcome = replace(outcome, refund=recorded_refund(store, receipt))
    return receipt, outcome


def _require_acceptable(store: Store, sent: SentEvent, now: int) -> Registry:
    """Returns the registry with which the event is acceptable."""
    event, registry = sent.event, current_registry(store, now)
    if sent.order and sent.order.currency not in (None, registry.project.currency):
        message = f"The project's currency is {registry.project.currency}, the order's is {sent.order.currency}."
        raise CurrencyDiffers.of_field("body.order.currency", message)
    if event.name not in BUILT_IN_EVENTS | UNDOING_EVENTS:
        registry = _require_defined(store, sent, now)
    occurred_at = now if event.occurred_at is None else event.occurred_at
    if not now - OCCURRED_BEFORE_SECONDS_MAX <= occurred_at <= now + OCCURRED_AFTER_SECONDS_MAX:
        message = "An event may have happened at most 30 days before its arrival, and at most 5 minutes after it."
        raise OccurredAtOutOfRange.of_field("body.occurredAt", message)
    return registry


def _require_defined(store: Store, sent: SentEvent, now: int) -> Registry:
    """Returns the registry that has the event's definition. A definition that is seconds old may not refuse."""
    registry = current_registry(store, now)
    try:
        _require_fitting(registry, sent)
    except LoyaltyError:
        forget_registry(store)
        registry = current_registry(store, now)
        _require_fitting(registry, sent)
    return registry


def _require_fitting(registry: Registry, sent: SentEvent) -> None:
    definition = registry.event_definitions.get(sent.event.name)
    if definition is None:
        message = f"There is no event definition {sent.event.name}. Define the event first."
        raise EventNotDefined.of_field("body.name", message)
    if problems := schema_problems(definition.schema, sent.properties, "body.properties"):
        raise InvalidRequest("The properties do not fit the event's schema.", errors=problems)
