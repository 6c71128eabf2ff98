"""Earlier events: what an event leaves for later events of the customer, and for the first credit of its order."""

from collections.abc import Sequence
from functools import partial

from loyalty.domain.earning.event import CustomerDetails, Event, document
from loyalty.domain.earning.sequence import Awaited, compared_value
from loyalty.retry import retry
from loyalty.store.keys import earlier_event
from loyalty.store.store import Store


def remember(store: Store, event: Event, awaited: Sequence[Awaited]) -> None:
    """Records the event as the earlier event of sequences. A repeated event changes nothing."""
    read = document(event, CustomerDetails()) if awaited else {}
    for one in awaited:
        value = compared_value(one.path, read)
        if value is not None:
            key = earlier_event(event.name, one.path, value)
            see = partial(store.earlier_events.see, event, key, one.within)
            retry(see, "the customer's events")


def note(store: Store, event: Event) -> None:
    """Records the event of an order for the first credit of the order: the customer has no card yet."""
    assert event.order_id is not None, "the event has an order"
    noted = partial(store.earlier_events.note, event.customer_id, event.name, event.order_id, event.occurred_at)
    retry(noted, "the customer's events")
