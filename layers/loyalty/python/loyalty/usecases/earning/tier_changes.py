"""The product's own event of a tier that changed: campaigns react to it as to any event."""

from dataclasses import dataclass
from datetime import datetime

from loyalty.domain.dates import instant
from loyalty.domain.earning.event import TIER_CHANGED, Event
from loyalty.store.store import Store
from loyalty.usecases.earning.awards import EventOutcome, award
from loyalty.usecases.earning.earlier_events import remember
from loyalty.usecases.earning.engine import Sender
from loyalty.usecases.earning.registry import current_registry


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedTier:
    """A change of a customer's tier in a program; a tier id is None for no tier."""

    event_id: str
    """The id of `Tier Changed`, which the event for campaigns has as its key."""
    customer_id: str
    program_id: str
    former: str | None
    current: str | None
    cause: str
    at: int
    """Epoch seconds."""

    @property
    def event(self) -> Event:
        return Event(
            name=TIER_CHANGED,
            customer_id=self.customer_id,
            key=self.event_id,
            occurred_at=self.at,
            properties={
                "programId": self.program_id,
                "from": self.former,
                "to": self.current,
                "cause": self.cause,
            },
        )


def react(store: Store, change: ChangedTier, at: datetime, actor: str, request_id: str) -> EventOutcome:
    """Gives the points of campaigns for the change, once for its event id."""
    event = change.event
    outcome = award(store, event, Sender(actor, request_id, event.own_fingerprint), at)
    registry = current_registry(store, instant(at))
    remember(store, event, registry.awaited.get(event.name, ()))
    return outcome
