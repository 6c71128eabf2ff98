"""The registry: the definitions that events are evaluated with, compiled once and kept in memory."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from loyalty.domain.custom_event import EventDefinition
from loyalty.domain.earning.campaign import Campaign
from loyalty.domain.earning.evaluation import Candidate
from loyalty.domain.earning.event import Event
from loyalty.domain.earning.sequence import Awaited, awaited_by
from loyalty.domain.earning.trigger import TriggerType
from loyalty.domain.patterns import compile_pattern
from loyalty.domain.project import Project
from loyalty.domain.wallets.settings import PaymentType, Settings
from loyalty.domain.wallets.wallet import Wallet, WalletStatus
from loyalty.store.store import Store
from loyalty.usecases.earning.tiers import TierProgram, tier_programs
from loyalty.usecases.project import current_project

CHECK_SECONDS = 10
"""How long the definitions serve events before the generation is read again."""
CUSTOMER_FIELDS = ("customer",)
"""The fields of the conditions' document that an event does not decide alone."""
TIERS = ("customer", "tiers")
"""The path of the customer's tiers in the conditions' document, by program id."""


@dataclass(frozen=True, slots=True)
class CompiledCampaign:
    """A live campaign with its patterns compiled."""

    candidate: Candidate
    of_event_alone: Candidate
    """The same with the part of the conditions that reads nothing of the customer."""


@dataclass(frozen=True, slots=True)
class Registry:
    generation: int
    project: Project
    campaigns: Mapping[str, Sequence[CompiledCampaign]]
    """The live campaigns by the name of their event, in the order in which they are evaluated."""
    scheduled: Mapping[str, CompiledCampaign]
    """The live campaigns that run on dates, by campaign id."""
    coupons: Mapping[str, CompiledCampaign]
    """The live campaigns whose codes can be redeemed, by campaign id."""
    event_definitions: Mapping[str, EventDefinition]
    """By name."""
    awaited: Mapping[str, Sequence[Awaited]]
    """What sequences compare of their earlier events, by the name of the earlier event."""
    paying_wallets: AbstractSet[str]
    """The ids of the wallets whose points pay for orders."""
    reacting_wallets: Mapping[str, Mapping[str, int]]
    """The wallets whose cards an event changes: their versions by id, by the name of the event."""
    activating_wallets: Mapping[str, Mapping[str, int]]
    """The wallets whose pending points an event activates, likewise."""
    formerly_reacting: AbstractSet[str]
    """The names of the events to which wallets reacted before they changed."""
    programs: Mapping[str, TierProgram]
    """The programs with tiers, by id."""

    def campaigns_of(self, event: str) -> Sequence[CompiledCampaign]:
        return self.campaigns.get(event, ())

    def reacting(self, event: Event) -> Sequence[CompiledCampaign]:
        """Returns the campaigns that the event triggers."""
        if event.campaign_id is None:
            return self.campaigns_of(event.name)
        alone = self.scheduled.get(event.campaign_id) or self.coupons.get(event.campaign_id)
        return [alone] if alone else ()


_kept: WeakKeyDictionary[Store, tuple[int, Registry]] = WeakKeyDictionary()
"""The registry of each environment, and the instant at which its generation was last checked."""


def current_registry(store: Store, at: int) -> Registry:
    """Returns the registry as of at most ten seconds before `at`.

    The generation is one read every ten seconds. The definitions are read again only if the generation has changed.
    """
    checked_at, known = _kept.get(store, (0, None))
    if known is not None and abs(at - checked_at) < CHECK_SECONDS:
        return known
    # The generation is read first: a change after this read leads to another generation at the next check.
    generation = store.campaigns.generation()
    if known is None or known.generation != generation:
        known = _load(store, generation)
    _kept[store] = (at, known)
    return known


def forget_registry(store: Store) -> None:
    """Makes the next event read the generation again."""
    if store in _kept:
        _, known = _kept[store]
        _kept[store] = (0, known)


def _load(store: Store, generation: int) -> Registry:
    by_event: dict[str, list[CompiledCampaign]] = defaultdict(list)
    alone: dict[TriggerType, dict[str, CompiledCampaign]] = {TriggerType.SCHEDULE: {}, TriggerType.COUPON: {}}
    live = store.campaigns.live()
    for campaign in sorted(live, key=lambda one: (-one.settings.priority, one.campaign_id)):
        trigger = campaign.settings.trigger
        if trigger and trigger.type in alone:
            alone[trigger.type][campaign.campaign_id] = compile_campaign(campaign)
        elif campaign.settings.event is not None:
            by_event[campaign.settings.event].append(compile_campaign(campaign))
    wallets = [one for one in store.wallets.all(None) if one.status in (WalletStatus.ACTIVE, WalletStatus.INACTIVE)]
    return Registry(
        generation=generation,
        # Zone and currency are fixed once a wallet is ACTIVE, and without such a wallet no campaign gives points.
        project=current_project(store),
        campaigns=dict(by_event),
        scheduled=alone[TriggerType.SCHEDULE],
        coupons=alone[TriggerType.COUPON],
        event_definitions={definition.name: definition for definition in store.event_definitions.all()},
        awaited=awaited_by(one.settings.trigger for one in live if one.settings.trigger),
        paying_wallets=frozenset(
            wallet.wallet_id
            for wallet in wallets
            if wallet.settings.pay_with_points.type is not PaymentType.NO_PAYMENTS
        ),
        reacting_wallets=_by_event(wallets, lambda settings: settings.reacting_events),
        activating_wallets=_by_event(wallets, lambda settings: settings.activating_events),
        formerly_reacting=frozenset(name for wallet in wallets for name in wallet.former_events),
        programs=tier_programs(wallets, store.programs.active()),
    )


def _by_event(
    wallets: Iterable[Wallet], events_of: Callable[[Settings], Iterable[str]]
) -> Mapping[str, Mapping[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for wallet in wallets:
        for name in events_of(wallet.settings):
            found[name][wallet.wallet_id] = wallet.version
    return dict(found)


def compile_campaign(campaign: Campaign) -> CompiledCampaign:
    """Returns the campaign with its patterns compiled. Its settings must meet the activation rules."""
    settings = campaign.settings
    conditions = compile_pattern(settings.conditions) if settings.conditions else None
    lines = {
        number: compile_pattern(reward.items).matches
        for number, reward in enumerate(settings.rewards)
        if reward.items is not None
    }
    fields = conditions.fields if conditions else frozenset()
    reads_customer = any(path[0] in CUSTOMER_FIELDS for path in fields)
    programs = frozenset(path[2] for path in fields if path[:2] == TIERS and len(path) > len(TIERS))
    candidate = Candidate(campaign, conditions, lines, reads_customer, programs)
    of_event_alone = conditions.without(CUSTOMER_FIELDS) if conditions else None
    return CompiledCampaign(candidate, replace(candidate, conditions=of_event_alone))
