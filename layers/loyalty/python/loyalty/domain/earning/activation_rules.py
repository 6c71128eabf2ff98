"""What keeps a campaign from being ACTIVE: one table of rules, in the order of the settings."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from loyalty.domain.earning.campaign import (
    BUILT_IN_EVENTS,
    ORDER_AMOUNT,
    RECURRING_EVENTS,
    CampaignSettings,
    CustomerLimits,
    PeriodLimit,
    RewardRule,
    RewardType,
)
from loyalty.domain.earning.event import UNDOING_EVENTS
from loyalty.domain.earning.schedule import Schedule, Yearly
from loyalty.domain.earning.trigger import After, Trigger, TriggerType, seconds_of
from loyalty.domain.wallets.activation_rules import DAYS_OF_MONTH, NOT_USED
from loyalty.domain.wallets.wallet import WalletStatus
from loyalty.errors import FieldProblem

OUTCOMES_MIN = 2
ITEM_VALUES = ("order.items.amount", "order.items.quantity")


@dataclass(frozen=True, slots=True)
class CampaignReferences:
    """The parts of the project that settings refer to."""

    events: Collection[str] = ()
    """Names of the project's event definitions."""
    wallets: Mapping[str, WalletStatus] = field(default_factory=dict)
    """The status of each named wallet that exists."""
    campaigns: Collection[str] = ()
    """The ids of the named campaigns that exist."""


Check = Callable[[CampaignSettings, CampaignReferences], Iterable[int | None]]
"""Returns the place of each violation in the list of the rule's field; None if the field has no list."""


@dataclass(frozen=True, slots=True)
class Rule:
    field: str
    """Path of the setting to correct; `[]` is any place in a list."""
    code: str
    sentence: str
    check: Check

    @property
    def step(self) -> str:
        return re.split(r"[.\[]", self.field)[0]

    def problems(self, settings: CampaignSettings, project: CampaignReferences) -> Iterator[FieldProblem]:
        for place in self.check(settings, project):
            path = self.field if place is None else self.field.replace("[]", f"[{place}]")
            yield FieldProblem(path, self.code, self.sentence, step=self.step)


def activation_problems(settings: CampaignSettings, project: CampaignReferences) -> list[FieldProblem]:
    """Returns the problems to correct, in the order of the settings."""
    return [problem for rule in RULES for problem in rule.problems(settings, project)]


def _if(condition: Callable[[CampaignSettings], bool]) -> Check:
    return lambda settings, _: [None] if condition(settings) else []


def _trigger(condition: Callable[[Trigger], bool]) -> Check:
    return lambda settings, _: [None] if settings.trigger and condition(settings.trigger) else []


def _rewards(condition: Callable[[RewardRule], bool]) -> Check:
    return lambda settings, _: [place for place, reward in enumerate(settings.rewards) if condition(reward)]


def _unknown_event(name_of: Callable[[Trigger], str | None]) -> Check:
    def check(settings: CampaignSettings, project: CampaignReferences) -> Iterator[None]:
        name = name_of(settings.trigger) if settings.trigger else None
        known = (*BUILT_IN_EVENTS, *UNDOING_EVENTS, *project.events)
        if name is not None and name not in known:
            yield None

    return check


def _undoes_orders(name: str | None) -> bool:
    return name in UNDOING_EVENTS


def _after(condition: Callable[[After], bool]) -> Check:
    """Returns the check of a SEQUENCE's earlier event."""

    def check(settings: CampaignSettings, _: CampaignReferences) -> Iterator[None]:
        trigger = settings.trigger
        if trigger and trigger.type is TriggerType.SEQUENCE and trigger.after and condition(trigger.after):
            yield None

    return check


def _is_scheduled(settings: CampaignSettings) -> bool:
    return settings.trigger is not None and settings.trigger.type is TriggerType.SCHEDULE


def _schedule(is_given: Callable[[Schedule], object]) -> Callable[[Trigger], bool]:
    """Returns whether a trigger's schedule has the part; a trigger without a schedule has none."""
    return lambda trigger: trigger.schedule is not None and bool(is_given(trigger.schedule))


def _schedule_rules(part: str, need: str, is_given: Callable[[Schedule], object]) -> tuple[Rule, Rule]:
    """Returns the rules that a SCHEDULE has the part, and that no other trigger has it."""
    has = _schedule(is_given)
    return (
        Rule(
            f"trigger.{part}",
            "required",
            f"A SCHEDULE needs {need}.",
            _trigger(lambda trigger: trigger.type is TriggerType.SCHEDULE and not has(trigger)),
        ),
        Rule(
            f"trigger.{part}",
            NOT_USED,
            "The setting has an effect only with SCHEDULE.",
            _trigger(lambda trigger: trigger.type is not TriggerType.SCHEDULE and has(trigger)),
        ),
    )


def _no_such_date(settings: CampaignSettings, _: CampaignReferences) -> Iterator[int]:
    every = settings.schedule.every if settings.schedule else None
    for place, annual in enumerate(every.dates if isinstance(every, Yearly) else ()):
        if annual.day > DAYS_OF_MONTH[annual.month - 1]:
            yield place


def _computed_without_event(settings: CampaignSettings, _: CampaignReferences) -> Iterator[int]:
    for place, reward in enumerate(settings.rewards):
        if _is_scheduled(settings) and reward.type in COMPUTED:
            yield place


def _members_wallet(*statuses: WalletStatus) -> Check:
    def check(settings: CampaignSettings, project: CampaignReferences) -> Iterator[None]:
        wallet_id = settings.schedule.wallet_id if settings.schedule else None
        if wallet_id is not None and project.wallets.get(wallet_id, WalletStatus.DELETED) in statuses:
            yield None

    return check


def _is_of_coupons(settings: CampaignSettings) -> bool:
    return settings.trigger is not None and settings.trigger.type is TriggerType.COUPON


def _unused_with_schedule(setting: str, is_given: Callable[[CampaignSettings], object], why: str) -> Rule:
    return Rule(setting, NOT_USED, why, _if(lambda settings: _is_scheduled(settings) and bool(is_given(settings))))


def _unused_with_coupons(setting: str, is_given: Callable[[CampaignSettings], object], why: str) -> Rule:
    return Rule(setting, NOT_USED, why, _if(lambda settings: _is_of_coupons(settings) and bool(is_given(settings))))


def _is_beyond_within(after: After) -> bool:
    within, at_least = after.within, after.at_least
    return within is not None and at_least is not None and seconds_of(at_least) > seconds_of(within)


def _wallet_ids(settings: CampaignSettings) -> Sequence[str]:
    return [reward.wallet_id for reward in settings.rewards]


def _multiplied_wallets(settings: CampaignSettings) -> Sequence[str]:
    return settings.multiplier.wallets if settings.multiplier else ()


def _unknown_wallet(ids_of: Callable[[CampaignSettings], Sequence[str]]) -> Check:
    def check(settings: CampaignSettings, project: CampaignReferences) -> Iterator[int]:
        for place, wallet_id in enumerate(ids_of(settings)):
            if project.wallets.get(wallet_id, WalletStatus.DELETED) is WalletStatus.DELETED:
                yield place

    return check


def _wallet_not_active(ids_of: Callable[[CampaignSettings], Sequence[str]]) -> Check:
    def check(settings: CampaignSettings, project: CampaignReferences) -> Iterator[int]:
        for place, wallet_id in enumerate(ids_of(settings)):
            if project.wallets.get(wallet_id) in (WalletStatus.DRAFT, WalletStatus.INACTIVE):
                yield place

    return check


def _unknown_campaign(settings: CampaignSettings, project: CampaignReferences) -> Iterator[int]:
    for place, campaign_id in enumerate(settings.multiplier.campaigns if settings.multiplier else ()):
        if campaign_id not in project.campaigns:
            yield place


def _ends_before_it_starts(settings: CampaignSettings) -> bool:
    starts_at, ends_at = settings.starts_at, settings.ends_at
    return starts_at is not None and ends_at is not None and ends_at <= starts_at


def _expires_before_it_activates(reward: RewardRule) -> bool:
    activates_at, expires_at = reward.activates_at, reward.expires_at
    return activates_at is not None and expires_at is not None and expires_at <= activates_at


def _lacks(types: Collection[RewardType], is_given: Callable[[RewardRule], object]) -> Check:
    return _rewards(lambda reward: reward.type in types and not is_given(reward))


def _empty_period(settings: CampaignSettings, _: CampaignReferences) -> Iterator[int]:
    for place, limit in enumerate(settings.customer_limits.per):
        if limit == PeriodLimit(limit.unit):
            yield place


def _repeated_period(limits_of: Callable[[CampaignSettings], CustomerLimits]) -> Check:
    def check(settings: CampaignSettings, _: CampaignReferences) -> Iterator[int]:
        seen: Counter[str] = Counter()
        for place, limit in enumerate(limits_of(settings).per):
            if seen[limit.unit]:
                yield place
            seen[limit.unit] += 1

    return check


POINTED = (RewardType.FIXED, RewardType.PROPORTIONAL)
COMPUTED = (RewardType.PERCENTAGE, RewardType.PROPORTIONAL)
UNDOING = "Campaigns do not react to events that undo orders."
EVENT_DEFINED = "The event needs an event definition."
PERIOD_ONCE = "Each period may be listed once."
WALLET_EXISTS = "The wallet must exist."
WALLET_ACTIVE = "The wallet must be ACTIVE."


def _unused_rule(
    setting: str,
    types: Collection[RewardType],
    is_given: Callable[[RewardRule], object],
    also: tuple[str, Callable[[RewardRule], bool]] = ("", lambda _: True),
) -> Rule:
    """Returns the rule that only reward rules of the types have the setting, and those that `also` names in words."""
    words, is_also_used = also
    partners = " and ".join(filter(None, (" or ".join(types), words)))
    return Rule(
        f"rewards[].{setting}",
        NOT_USED,
        f"The setting has an effect only with {partners}.",
        _rewards(lambda reward: bool(is_given(reward)) and not (reward.type in types and is_also_used(reward))),
    )


RULES = (
    Rule(
        "trigger.event",
        "required",
        "A campaign needs an event.",
        _if(lambda s: s.event is None and not _is_scheduled(s) and not _is_of_coupons(s)),
    ),
    _unused_with_schedule("trigger.event", lambda s: s.event, "A SCHEDULE has no event."),
    _unused_with_coupons("trigger.event", lambda s: s.event, "A COUPON has no event."),
    Rule("trigger.event", "unknown_event", EVENT_DEFINED, _unknown_event(lambda trigger: trigger.event)),
    Rule("trigger.event", "undoes_orders", UNDOING, _trigger(lambda trigger: _undoes_orders(trigger.event))),
    Rule(
        "trigger.after",
        "required",
        "A SEQUENCE needs the earlier event.",
        _trigger(lambda trigger: trigger.type is TriggerType.SEQUENCE and trigger.after is None),
    ),
    Rule(
        "trigger.after",
        NOT_USED,
        "The setting has an effect only with SEQUENCE.",
        _trigger(lambda trigger: trigger.type is not TriggerType.SEQUENCE and trigger.after is not None),
    ),
    Rule("trigger.after.event", "required", "Name the earlier event.", _after(lambda after: after.event is None)),
    Rule(
        "trigger.after.event",
        "unknown_event",
        EVENT_DEFINED,
        _unknown_event(lambda trigger: trigger.after.event if trigger.after else None),
    ),
    Rule("trigger.after.event", "undoes_orders", UNDOING, _after(lambda after: _undoes_orders(after.event))),
    Rule(
        "trigger.after.within",
        "required",
        "A SEQUENCE needs the longest time from the earlier event to the later one.",
        _after(lambda after: after.within is None),
    ),
    Rule(
        "trigger.after.atLeast",
        "too_long",
        "atLeast must not be longer than within.",
        _after(_is_beyond_within),
    ),
    *_schedule_rules("walletId", "the wallet whose members get points", lambda schedule: schedule.wallet_id),
    Rule("trigger.walletId", "unknown_wallet", WALLET_EXISTS, _members_wallet(WalletStatus.DELETED)),
    Rule(
        "trigger.walletId",
        "wallet_not_active",
        WALLET_ACTIVE,
        _members_wallet(WalletStatus.DRAFT, WalletStatus.INACTIVE),
    ),
    *_schedule_rules("at", "a local time", lambda schedule: schedule.at is not None),
    *_schedule_rules("every", "its dates", lambda schedule: schedule.every),
    Rule(
        "trigger.every.dates",
        "required",
        "A SCHEDULE needs a date.",
        _trigger(_schedule(lambda s: s.every == Yearly(()))),
    ),
    Rule("trigger.every.dates[].day", "no_such_date", "No year has this day.", _no_such_date),
    _unused_with_schedule("group", lambda s: s.group, "A SCHEDULE has no group."),
    _unused_with_coupons("group", lambda s: s.group, "A COUPON has no group."),
    Rule(
        "group",
        NOT_USED,
        "A multiplier has no group.",
        _if(lambda s: s.multiplier is not None and s.group is not None),
    ),
    Rule("endsAt", "not_after_start", "endsAt must be later than startsAt.", _if(_ends_before_it_starts)),
    Rule(
        "hours[].to",
        "not_after_start",
        "`to` must be later than `from`. Use two entries for hours that include midnight.",
        lambda settings, _: [place for place, hours in enumerate(settings.hours) if hours.end <= hours.start],
    ),
    _unused_with_schedule("hours", lambda s: s.hours, "A SCHEDULE has its own time."),
    Rule(
        "rewards",
        "required",
        "A campaign needs rewards or a multiplier.",
        _if(lambda s: not s.rewards and s.multiplier is None),
    ),
    Rule("rewards[].walletId", "unknown_wallet", WALLET_EXISTS, _unknown_wallet(_wallet_ids)),
    Rule("rewards[].walletId", "wallet_not_active", WALLET_ACTIVE, _wallet_not_active(_wallet_ids)),
    Rule(
        "rewards[].type",
        "needs_event",
        "With SCHEDULE, a reward is FIXED or RANDOM.",
        _computed_without_event,
    ),
    Rule(
        "rewards[].points",
        "required",
        "FIXED and PROPORTIONAL need points.",
        _lacks(POINTED, lambda reward: reward.points),
    ),
    _unused_rule("points", POINTED, lambda reward: reward.points),
    Rule(
        "rewards[].percent",
        "required",
        "PERCENTAGE needs a percentage.",
        _lacks([RewardType.PERCENTAGE], lambda reward: reward.percent),
    ),
    _unused_rule("percent", [RewardType.PERCENTAGE], lambda reward: reward.percent),
    _unused_rule("of", COMPUTED, lambda reward: reward.of != ORDER_AMOUNT),
    _unused_rule(
        "items",
        COMPUTED,
        lambda reward: reward.items is not None,
        ("`of` " + " or ".join(ITEM_VALUES), lambda reward: reward.of in ITEM_VALUES),
    ),
    Rule(
        "rewards[].every",
        "required",
        "PROPORTIONAL needs the part of the value that gives points.",
        _lacks([RewardType.PROPORTIONAL], lambda reward: reward.every),
    ),
    _unused_rule("every", [RewardType.PROPORTIONAL], lambda reward: reward.every),
    _unused_rule("proRata", [RewardType.PROPORTIONAL], lambda reward: reward.pro_rata),
    Rule(
        "rewards[].outcomes",
        "required",
        f"RANDOM needs at least {OUTCOMES_MIN} outcomes.",
        _lacks([RewardType.RANDOM], lambda reward: len(reward.outcomes) >= OUTCOMES_MIN),
    ),
    _unused_rule("outcomes", [RewardType.RANDOM], lambda reward: reward.outcomes),
    _unused_rule(
        "earnOnPointsPaid",
        COMPUTED,
        lambda reward: reward.earn_on_points_paid,
        ("an `of` of the order", lambda reward: reward.of.startswith("order.")),
    ),
    Rule(
        "rewards[].expiresAt",
        "not_after_activation",
        "expiresAt must be later than activatesAt.",
        _rewards(_expires_before_it_activates),
    ),
    Rule(
        "multiplier",
        "one_of",
        "A campaign has either rewards or a multiplier.",
        _if(lambda s: bool(s.rewards) and s.multiplier is not None),
    ),
    Rule("multiplier.wallets[]", "unknown_wallet", WALLET_EXISTS, _unknown_wallet(_multiplied_wallets)),
    Rule("multiplier.wallets[]", "wallet_not_active", WALLET_ACTIVE, _wallet_not_active(_multiplied_wallets)),
    Rule("multiplier.campaigns[]", "unknown_campaign", "The campaign must exist.", _unknown_campaign),
    _unused_with_schedule("multiplier", lambda s: s.multiplier, "A SCHEDULE has rewards."),
    _unused_with_coupons("multiplier", lambda s: s.multiplier, "A COUPON has rewards."),
    Rule(
        "limits.perCustomer",
        NOT_USED,
        "A multiplier has no limits.",
        _if(lambda s: s.multiplier is not None and s.customer_limits != CustomerLimits()),
    ),
    Rule(
        "limits.perCustomer",
        "limit_required",
        "A customer can enter a segment or a tier again and again, so the campaign needs a limit per customer.",
        _if(lambda s: bool(s.rewards) and s.event in RECURRING_EVENTS and s.customer_limits == CustomerLimits()),
    ),
    Rule(
        "limits.perReferrer",
        NOT_USED,
        "The setting has an effect only with a reward to the REFERRER.",
        _if(lambda s: s.referrer_limits != CustomerLimits() and not s.rewards_referrer),
    ),
    Rule(
        "limits.budget",
        NOT_USED,
        "A multiplier has no budget.",
        _if(lambda s: s.multiplier is not None and s.budget is not None),
    ),
    Rule(
        "limits.budget",
        "required",
        "A budget needs points or awards.",
        _if(lambda s: s.budget is not None and not any(s.budget.limited)),
    ),
    _unused_with_schedule(
        "limits.perCustomer.oncePer", lambda s: s.customer_limits.once_per, "A SCHEDULE has no values of an event."
    ),
    Rule("limits.perCustomer.per[]", "required", "A period needs times or points.", _empty_period),
    Rule("limits.perCustomer.per[].unit", "duplicate", PERIOD_ONCE, _repeated_period(lambda s: s.customer_limits)),
    Rule("limits.perReferrer.per[].unit", "duplicate", PERIOD_ONCE, _repeated_period(lambda s: s.referrer_limits)),
)
"""In the order of the settings. A draft may break any of these rules."""
