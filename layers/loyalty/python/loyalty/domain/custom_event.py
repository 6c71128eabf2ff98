"""Custom events and their definitions."""

from dataclasses import dataclass

from loyalty.domain.schema import Property


@dataclass(frozen=True, slots=True)
class EventDefinition:
    name: str
    description: str
    schema: tuple[Property, ...]
    version: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class CustomEvent:
    """An event from another system: it activates event-based pending points and moves sliding expiries ahead."""

    name: str
    customer_id: str
    event_id: str
    order_id: str | None
    occurred_at: int | None = None
    """Epoch seconds; None if the sender did not say."""

    def counts_from(self, now: int) -> int:
        """Returns the instant from which the event counts: when it happened, but never later than now."""
        return now if self.occurred_at is None else min(self.occurred_at, now)
