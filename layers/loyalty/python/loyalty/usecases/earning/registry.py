"""The registry: the definitions that events are evaluated with, compiled once and kept in memory."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from loyalty.domain.custom_event import EventDefinition
from loyalty.domain.earning.campaign import Campaign
from loyalty.domain.patterns import Pattern, compile_pattern
from loyalty.store.store import Store

CHECK_SECONDS = 10
"""How long the definitions serve events before the generation is read again."""


@dataclass(frozen=True, slots=True)
class CompiledCampaign:
    """A live campaign with its patterns."""

    campaign: Campaign
    conditions: Pattern | None
    """None if every event fits."""
    items: tuple[Pattern | None, ...]
    """The pattern of the lines that count, for each reward rule; None if all lines count."""


@dataclass(frozen=True, slots=True)
class Registry:
    generation: int
    campaigns: Mapping[str, Sequence[CompiledCampaign]]
    """The live campaigns by the name of their event, in the order in which they are evaluated."""
    event_definitions: Mapping[str, EventDefinition]
    """By name."""

    def campaigns_of(self, event: str) -> Sequence[CompiledCampaign]:
        return self.campaigns.get(event, ())


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


def _load(store: Store, generation: int) -> Registry:
    by_event: dict[str, list[CompiledCampaign]] = defaultdict(list)
    for campaign in sorted(store.campaigns.live(), key=lambda one: (-one.settings.priority, one.campaign_id)):
        if campaign.settings.event is not None:
            by_event[campaign.settings.event].append(_compile(campaign))
    definitions = {definition.name: definition for definition in store.event_definitions.all()}
    return Registry(generation, dict(by_event), definitions)


def _compile(campaign: Campaign) -> CompiledCampaign:
    settings = campaign.settings
    return CompiledCampaign(
        campaign=campaign,
        conditions=compile_pattern(settings.conditions) if settings.conditions else None,
        items=tuple(None if reward.items is None else compile_pattern(reward.items) for reward in settings.rewards),
    )
