"""The stream is the outbox: each commit becomes events, whatever happened to the request that made it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from loyalty.domain.cards.card import Card
from loyalty.domain.cards.transaction import Transaction
from loyalty.domain.earning.campaign import Campaign
from loyalty.domain.earning.receipt import Receipt
from loyalty.domain.wallets.wallet import Wallet
from loyalty.messaging.bus import Bus
from loyalty.messaging.events import (
    Event,
    award_event,
    campaign_version_event,
    new_card_event,
    row_event,
    wallet_version_event,
)
from loyalty.store.stream import inserted_value
from loyalty.telemetry import log_failure


@dataclass(frozen=True, slots=True)
class RelayResult:
    published: int
    set_aside: int


def relay(records: Sequence[dict[str, Any]], bus: Bus) -> RelayResult:
    """Publishes the records' events in their order.

    A record that cannot become an event never will. The failures queue keeps it, and the records after it are
    published.
    """
    events: list[Event] = []
    poison: list[tuple[dict[str, Any], Exception]] = []
    for record in records:
        try:
            event = event_of(record)
        except Exception as error:  # noqa: BLE001  # whatever is wrong with one record must not block the shard
            log_failure("record set aside", error, event_id=record.get("eventID"))
            poison.append((record, error))
        else:
            if event is not None:
                events.append(event)
    # Publishing comes first: if it fails, the batch is delivered again, and no record is set aside twice.
    bus.publish(events)
    for record, reason in poison:
        bus.set_aside(record, reason)
    return RelayResult(len(events), len(poison))


def event_of(record: dict[str, Any]) -> Event | None:
    match inserted_value(record):
        case Transaction() as row:
            return row_event(row)
        case Card() as card:
            return new_card_event(card)
        case Receipt() as receipt if receipt.awards:
            return award_event(receipt)
        case Wallet() as wallet:
            return wallet_version_event(wallet)
        case Campaign() as campaign:
            return campaign_version_event(campaign)
    return None
