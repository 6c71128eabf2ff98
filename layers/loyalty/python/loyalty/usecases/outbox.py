"""The stream is the outbox: each commit becomes events, whatever happened to the request that made it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from loyalty.domain.cards.profile import Enrolment
from loyalty.domain.cards.transaction import Transaction
from loyalty.domain.catalogue.reward import Reward
from loyalty.domain.earning.campaign import Campaign, ExhaustedBudget
from loyalty.domain.earning.receipt import Receipt
from loyalty.domain.earning.run import Run
from loyalty.domain.tiers.program import Program
from loyalty.domain.tiers.structure_version import StructureVersion
from loyalty.domain.wallets.wallet import Wallet
from loyalty.messaging.bus import Bus
from loyalty.messaging.campaign_events import award_events, budget_event, campaign_version_event, run_event
from loyalty.messaging.events import Event, enrolment_event, row_event, wallet_version_event
from loyalty.messaging.program_events import program_event, structure_event
from loyalty.messaging.reward_events import changed_redemption_events, new_redemption_events, reward_version_event
from loyalty.store.store import Store
from loyalty.store.stream import RedemptionChange, Value, value_of
from loyalty.store.table import READ_ERRORS
from loyalty.telemetry import log_failure
from loyalty.usecases.earning import stats

EVENTS: dict[type, Callable[[Any], Event]] = {
    Wallet: wallet_version_event,
    Campaign: campaign_version_event,
    Program: program_event,
    StructureVersion: structure_event,
    Reward: reward_version_event,
    Run: run_event,
    ExhaustedBudget: budget_event,
}
"""The event of each kind of value in the stream that has all names itself."""
VERSIONS_KEPT = 500
"""Versions of wallets and of rewards that an environment keeps in memory."""


@dataclass(frozen=True, slots=True)
class RelayResult:
    published: int
    set_aside: int


def relay(records: Sequence[dict[str, Any]], bus: Bus, store: Store) -> RelayResult:
    """Publishes the records' events in their order, and counts the awards of campaigns.

    A record that cannot become an event never will. The failures queue keeps it, and the records after it are
    published.
    """
    events: list[Event] = []
    receipts: list[Receipt] = []
    poison: list[tuple[dict[str, Any], Exception]] = []
    for record in records:
        try:
            value = value_of(record)
            found = events_of(value, store)
        except READ_ERRORS:
            # The table did not give a name. The record is fine: the batch is delivered again.
            raise
        except Exception as error:  # noqa: BLE001  # whatever is wrong with one record must not block the shard
            log_failure("record set aside", error, event_id=record.get("eventID"))
            poison.append((record, error))
        else:
            events += found
            receipts += [value] if isinstance(value, Receipt) and value.awards else []
    # Publishing comes first: if it fails, the batch is delivered again, and no record is set aside twice.
    bus.publish(events)
    for record, reason in poison:
        bus.set_aside(record, reason)
    if receipts:
        _count(store, receipts)
    return RelayResult(len(events), len(poison))


def events_of(value: Value | None, store: Store) -> list[Event]:
    """Returns the events of the value, with the names of the versions that it refers to."""
    wallet_of = partial(_wallet, store)
    match value:
        case None:
            return []
        case Transaction():
            return [row_event(value, wallet_of(value.wallet_id, value.wallet_version))]
        case Enrolment():
            return [enrolment_event(value, wallet_of(value.wallet_id, value.profile.wallet_version))]
        case Receipt():
            return award_events(value, wallet_of)
        case RedemptionChange(redemption, is_new):
            reward = _reward(store, redemption.reward_id, redemption.reward_version)
            return (new_redemption_events if is_new else changed_redemption_events)(redemption, reward, wallet_of)
    return [EVENTS[type(value)](value)]


@lru_cache(VERSIONS_KEPT)
def _wallet(store: Store, wallet_id: str, version: int) -> Wallet:
    """Returns a version of a wallet. A version never changes, so each environment reads it once."""
    found = store.wallets.version(wallet_id, version)
    if found is None:
        raise LookupError(f"There is no version {version} of wallet {wallet_id}.")
    return found


@lru_cache(VERSIONS_KEPT)
def _reward(store: Store, reward_id: str, version: int) -> Reward:
    found = store.catalogue.version(reward_id, version)
    if found is None:
        raise LookupError(f"There is no version {version} of reward {reward_id}.")
    return found


def _count(store: Store, receipts: Sequence[Receipt]) -> None:
    """Counts awards. A failure loses counts and no event: a repeated batch would publish its events again."""
    try:
        stats.count(store, receipts)
    except Exception as error:  # noqa: BLE001  # whatever is wrong with the counts must not repeat the events
        log_failure("awards not counted", error)
