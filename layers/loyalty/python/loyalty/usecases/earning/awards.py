"""Awards: an event becomes points of campaigns, in one transaction with its receipt.

The receipt is the record of what an event decided. A second delivery of the event finds the receipt and gets the first
answer again, whatever campaigns and balances are now.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from loyalty.domain.cards.transaction import Transaction
from loyalty.domain.dates import instant
from loyalty.domain.earning.campaign import Campaign
from loyalty.domain.earning.evaluation import Candidate, Decision, mismatch
from loyalty.domain.earning.evaluation import Situation as EventSituation
from loyalty.domain.earning.event import ORDER_PAID, CustomerDetails, Event, document
from loyalty.domain.earning.receipt import Receipt
from loyalty.domain.earning.skips import Skip, SkipReason
from loyalty.domain.tiers.structure import Level
from loyalty.domain.zones import zone_of
from loyalty.errors import KeyReused, OrderDiffers
from loyalty.retry import retry
from loyalty.store.store import Store
from loyalty.usecases.admission import require_clock
from loyalty.usecases.earning.engine import Engine, Sender
from loyalty.usecases.earning.pools import Pools
from loyalty.usecases.earning.registry import CompiledCampaign, Registry, compile_campaign, current_registry
from loyalty.usecases.points.refunds import EverywhereOutcome


@dataclass(frozen=True, slots=True)
class AwardOutcome:
    """The row that gave an award; in an examination, the row that would be written."""

    row: Transaction
    dry: bool = False
    possible: tuple[int, int] | None = None
    """In an examination, the fewest and the most points of a RANDOM reward rule; None for other rules."""


@dataclass(frozen=True, slots=True)
class EventOutcome:
    """What campaigns gave for an event."""

    awards: Sequence[AwardOutcome] = ()
    skips: Sequence[Skip] = ()
    repeated: bool = False
    """Whether an earlier delivery of the event decided."""
    levels: Mapping[str, Level] = field(default_factory=dict)
    """In an examination, the customer's levels by program id: those that the campaigns read."""
    refund: EverywhereOutcome | None = None
    """What an event that undoes orders refunded."""


def award(store: Store, event: Event, sender: Sender, at: datetime) -> EventOutcome:
    """Gives the points of the campaigns that react to the event, once for its key.

    Raises `OrderDiffers` or `KeyReused` if another event with this key was decided before.
    """
    registry = current_registry(store, instant(at))
    candidates, skips = candidates_of(registry, registry.reacting(event), event, instant(at))
    if not candidates and event.name != ORDER_PAID:
        return EventOutcome(skips=skips)
    pools = Pools(store, candidates, instant(at))

    def attempt() -> EventOutcome:
        engine = Engine(store, registry, event, sender, candidates, pools, at)
        reading = engine.read()
        if reading.receipt and reading.is_decided:
            return _repetition(store, reading.receipt, sender)
        require_clock(reading.skew)
        if engine.is_undone(reading):
            canceled = _order_canceled(candidates, skips)
            engine.commit(reading, Decision(skips=canceled), ())
            return EventOutcome(skips=canceled)
        decision = engine.decide(reading)
        if decision.awards or event.name == ORDER_PAID:
            engine.commit(reading, decision, skips)
        pools.mark_exhausted()
        return EventOutcome([AwardOutcome(row) for row in engine.rows], (*decision.skips, *skips))

    return retry(attempt, "the customer's cards")


def examine(store: Store, event: Event, at: datetime, campaigns: Sequence[Campaign] | None = None) -> EventOutcome:
    """Returns what the event would give now, and writes nothing.

    With `campaigns`, they alone are examined, as if they were ACTIVE.
    """
    registry = current_registry(store, instant(at))
    compiled = registry.campaigns_of(event.name) if campaigns is None else list(map(compile_campaign, campaigns))
    candidates, skips = candidates_of(registry, compiled, event, instant(at))
    pools = Pools(store, candidates, instant(at))
    pools.read()
    engine = Engine(store, registry, event, Sender("-", "-", b""), candidates, pools, at)
    reading = engine.read()
    if engine.is_undone(reading):
        return EventOutcome(skips=_order_canceled(candidates, skips))
    decision = engine.decide(reading)
    awards = [
        AwardOutcome(row, dry=True, possible=award.possible)
        for row, award in zip(engine.rows, decision.awards, strict=True)
    ]
    return EventOutcome(awards, (*decision.skips, *skips), levels=engine.levels)


def recorded_outcome(store: Store, customer_id: str, name: str, key: str) -> tuple[Receipt, EventOutcome] | None:
    """Returns the receipt of an event with its rows; None if no receipt was written."""
    receipt = store.receipts.get(customer_id, name, key)
    if receipt is None or receipt.is_marker:
        return None
    return receipt, EventOutcome([AwardOutcome(row) for row in store.receipts.rows(receipt)], receipt.skips)


def candidates_of(
    registry: Registry, campaigns: Iterable[CompiledCampaign], event: Event, now: int
) -> tuple[list[Candidate], list[Skip]]:
    """Returns the campaigns that may give something by what the event alone decides, and why others give nothing."""
    situation = EventSituation(
        event=event,
        customer=CustomerDetails(),
        zone=zone_of(registry.project.time_zone),
        currency=registry.project.currency,
        now=now,
    )
    read = document(event, CustomerDetails())
    candidates, skips = [], []
    for compiled in campaigns:
        skip = mismatch(compiled.of_event_alone, situation, read)
        if skip:
            skips.append(skip)
        else:
            candidates.append(compiled.candidate)
    return candidates, skips


def _order_canceled(candidates: Sequence[Candidate], skips: Sequence[Skip]) -> tuple[Skip, ...]:
    """Returns the skips of all campaigns for an order that was refunded before it was paid."""
    campaign_ids = [*(one.campaign_id for one in candidates), *(skip.campaign_id for skip in skips)]
    return tuple(Skip(campaign_id, SkipReason.ORDER_CANCELED) for campaign_id in campaign_ids)


def _repetition(store: Store, receipt: Receipt, sender: Sender) -> EventOutcome:
    if receipt.fingerprint != sender.fingerprint:
        if receipt.name == ORDER_PAID:
            raise OrderDiffers.of_field("body.order", "The order was paid before with other order details.")
        raise KeyReused.of_field("body.eventId", "The eventId belongs to an earlier, different event. Use a new id.")
    return EventOutcome([AwardOutcome(row) for row in store.receipts.rows(receipt)], receipt.skips, repeated=True)
