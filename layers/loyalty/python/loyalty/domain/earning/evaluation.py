"""The evaluation of an event: which campaigns give which points, and why others give nothing."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Protocol
from zoneinfo import ZoneInfo

from loyalty.domain.currency import exponent_of
from loyalty.domain.earning.campaign import Budget, Campaign, CampaignSettings, Multiplier, Recipient, RewardRule
from loyalty.domain.earning.event import CustomerDetails, Document, Event, document
from loyalty.domain.earning.multipliers import factor_for
from loyalty.domain.earning.pools import Totals
from loyalty.domain.earning.recurrence import CUSTOMER_LIMITS, Use, once_value, points_left, refusal
from loyalty.domain.earning.rewards import Inputs, LineFilter, every_line, possible_points, reward_points
from loyalty.domain.earning.sequence import Seen, is_in_time
from loyalty.domain.earning.skips import Skip, SkipReason
from loyalty.domain.earning.trigger import TriggerType
from loyalty.domain.earning.windows import is_in_hours, is_in_window
from loyalty.domain.wallets.settings import WhenExceeded

AWARDS_MAX = 20
"""The most awards of one event. Fewer fit if they write more items than one transaction has."""
CARDS_MAX = 10
"""The most cards to which one event gives points."""
BUDGET = "budget"
"""The limit of a campaign's budget, as an award names it."""
NO_LIMIT = Totals(None, None)


class Conditions(Protocol):
    """The conditions of a campaign."""

    def first_failure(self, read: Document) -> str | None:
        """Returns the path of the first part that the document does not match; None if it matches all."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A campaign that reacts to the event, with its patterns compiled."""

    campaign: Campaign
    conditions: Conditions | None = None
    lines: Mapping[int, LineFilter] = field(default_factory=dict)
    """By number of the reward rule: which lines of the order count. Without an entry, all count."""
    reads_customer: bool = False
    """Whether the conditions read what is stored about the customer."""
    programs: AbstractSet[str] = frozenset()
    """The ids of the programs in which the conditions read the customer's tier."""

    @property
    def campaign_id(self) -> str:
        return self.campaign.campaign_id

    @property
    def settings(self) -> CampaignSettings:
        return self.campaign.settings

    def line_filter(self, reward_no: int) -> LineFilter:
        assert self.settings.rewards[reward_no].items is None or reward_no in self.lines, (
            "the pattern of a reward's lines is compiled"
        )
        return self.lines.get(reward_no, every_line)


@dataclass(frozen=True, slots=True)
class Referrer:
    """The customer who referred the customer of an event."""

    customer_id: str
    uses: Mapping[str, Use] = field(default_factory=dict)
    """What the referrer has got from campaigns as a referrer, by campaignId."""
    shares_signal: bool = False
    """Whether the referrer and the customer have a common signal: they may be the same person."""

    def use_of(self, campaign_id: str) -> Use:
        return self.uses.get(campaign_id, Use())


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """An event with what its evaluation reads about customer and project."""

    event: Event
    customer: CustomerDetails
    zone: ZoneInfo
    """The project's."""
    currency: str
    """The project's."""
    now: int
    """Epoch seconds. Limits count from now; window, hours and multipliers from the time of the event."""
    net_amount: int | None = None
    """The order's amount less what points paid, in minor units; None if points paid nothing."""
    uses: Mapping[str, Use] = field(default_factory=dict)
    """What the customer has got from campaigns, by campaignId."""
    once_used: AbstractSet[tuple[str, str]] = frozenset()
    """The values that have given the customer points: campaignId and value."""
    seen: Mapping[str, Seen] = field(default_factory=dict)
    """The earlier events of sequences, by campaignId."""
    referrer: Referrer | None = None
    tier_multipliers: Sequence[Multiplier] = ()
    """The multipliers of the customer's tiers. They raise the points of this customer, and not those of a referrer."""
    budgets: Mapping[str, Totals] = field(default_factory=dict)
    """What the budgets of campaigns have left, by campaignId. A budget that is not listed is whole."""
    awards_max: int = AWARDS_MAX

    def use_of(self, campaign_id: str) -> Use:
        return self.uses.get(campaign_id, Use())


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """Points that a reward rule of a campaign gives. Reward rules are numbered from 0."""

    customer_id: str
    """Who gets the points."""
    campaign_id: str
    campaign_version: int
    reward_no: int
    rule: RewardRule
    points: int
    base: Fraction
    """The points before factor and rounding."""
    factor: Fraction
    """Of the multipliers; 1 without."""
    draw: int | None = None
    """RANDOM: the number that decided."""
    requested: int | None = None
    """The points before a limit reduced them."""
    capped_by: str | None = None
    """The limit that reduced the points."""

    @property
    def wallet_id(self) -> str:
        return self.rule.wallet_id

    @property
    def possible(self) -> tuple[int, int] | None:
        """The fewest and the most points of a RANDOM reward rule before limits; None for other rules."""
        return possible_points(self.rule, self.factor)

    def cap(self, points: int, limit: str) -> "Award":
        """Returns the award with no more than these points; `limit` names the cause."""
        if points >= self.points:
            return self
        return replace(self, points=points, requested=self.requested or self.points, capped_by=limit)


@dataclass(frozen=True, slots=True)
class Decision:
    """What an event gives."""

    awards: tuple[Award, ...] = ()
    skips: tuple[Skip, ...] = ()
    uses: Mapping[str, Use] = field(default_factory=dict)
    """What the customer has got afterwards from campaigns that gave points and have limits, by campaignId."""
    referrer_uses: Mapping[str, Use] = field(default_factory=dict)
    """What the referrer has got afterwards as a referrer, likewise."""
    once: tuple[tuple[str, str], ...] = ()
    """The values that gave points now: campaignId and value."""


Credit = Callable[[Award], Award | str]
"""Credits an award: returns it as the wallet's limits allow, or the code of the wallet's refusal."""


def credit_in_full(award: Award) -> Award | str:
    """Credits every award in full."""
    return award


def evaluate(situation: Situation, candidates: Sequence[Candidate], credit: Credit = credit_in_full) -> Decision:
    """Decides what the candidates give for the event: by priority, the highest first, then by campaignId.

    `credit` is called for each award in this order. A refusal counts as no award, so that a later campaign of the same
    group can give points.
    """
    read = document(situation.event, situation.customer)
    inputs = Inputs(
        event=situation.event,
        read=read,
        exponent=exponent_of(situation.currency),
        net_amount=situation.net_amount,
    )
    candidates = sorted(candidates, key=lambda one: (-one.campaign.settings.priority, one.campaign_id))
    mismatches = {
        one.campaign_id: mismatch(one, situation, read) or _sequence_skip(one, situation) for one in candidates
    }
    multipliers = [
        one.settings.multiplier for one in candidates if one.settings.multiplier and not mismatches[one.campaign_id]
    ]
    decision = Decision()
    groups: set[str | None] = set()
    for candidate in candidates:
        group = candidate.settings.group
        skip = mismatches[candidate.campaign_id] or (
            Skip(candidate.campaign_id, SkipReason.GROUP_TAKEN)
            if group and group in groups
            else _customer_skip(candidate, situation, read)
        )
        if skip:
            decision = replace(decision, skips=(*decision.skips, skip))
            continue
        awards, skips = _awards(candidate, situation, inputs, multipliers, decision.awards, credit)
        decision = replace(decision, skips=(*decision.skips, *skips))
        if awards:
            decision = _count(decision, candidate, situation, read, awards)
            groups.add(group)
    return decision


def mismatch(candidate: Candidate, situation: Situation, read: Document) -> Skip | None:
    """Returns why the campaign does not react to the event, whatever the customer has got before."""
    campaign, occurred_at = candidate.campaign, situation.event.occurred_at
    if not is_in_window(campaign, occurred_at):
        return Skip(campaign.campaign_id, SkipReason.OUTSIDE_WINDOW)
    if not is_in_hours(campaign.settings.hours, occurred_at, situation.zone):
        return Skip(campaign.campaign_id, SkipReason.OUTSIDE_HOURS)
    path = candidate.conditions.first_failure(read) if candidate.conditions else None
    return None if path is None else Skip(campaign.campaign_id, SkipReason.CONDITIONS, path)


def _sequence_skip(candidate: Candidate, situation: Situation) -> Skip | None:
    """Returns why a sequence gives nothing: its earlier event is missing, or did not happen in time."""
    trigger, seen = candidate.settings.trigger, situation.seen.get(candidate.campaign_id)
    if trigger is None or trigger.type is not TriggerType.SEQUENCE:
        return None
    if seen and is_in_time(trigger, seen, situation.event):
        return None
    return Skip(candidate.campaign_id, SkipReason.AFTER_NOT_FOUND)


def _customer_skip(candidate: Candidate, situation: Situation, read: Document) -> Skip | None:
    """Returns why the campaign gives the customer nothing more."""
    campaign_id, limits = candidate.campaign_id, candidate.settings.limits_in_effect
    if limits.once_per:
        value = once_value(limits.once_per, read)
        if value is None:
            return Skip(campaign_id, SkipReason.INPUT_MISSING, limits.once_per)
        if (campaign_id, value) in situation.once_used:
            return Skip(campaign_id, SkipReason.ONCE_PER)
    if situation.referrer and situation.referrer.shares_signal and candidate.settings.rewards_referrer:
        return Skip(campaign_id, SkipReason.SHARED_SIGNAL)
    reason = refusal(limits, situation.use_of(campaign_id), situation.now, situation.zone)
    return Skip(campaign_id, reason) if reason else None


def _awards(
    candidate: Candidate,
    situation: Situation,
    inputs: Inputs,
    multipliers: Sequence[Multiplier],
    earlier: Sequence[Award],
    credit: Credit,
) -> tuple[list[Award], list[Skip]]:
    """Returns the campaign's awards as they were credited, and why other reward rules of the campaign give nothing."""
    limits = candidate.settings.limits_in_effect
    left = points_left(limits, situation.use_of(candidate.campaign_id), situation.now, situation.zone)
    budget = situation.budgets.get(candidate.campaign_id) or _whole(candidate.settings.budget)
    customer_id = situation.event.customer_id
    proposals = [
        _proposal(candidate, reward_no, situation, inputs, multipliers)
        for reward_no in range(len(candidate.settings.rewards))
    ]
    proposed = [proposal for proposal in proposals if isinstance(proposal, Award)]
    points = sum(one.points for one in proposed)
    if left is not None:
        points -= max(_points_of(customer_id, proposed) - left, 0)
    if proposed and _is_beyond(budget, candidate.settings, points):
        return [], [Skip(candidate.campaign_id, SkipReason.BUDGET_EXHAUSTED)]
    awards: list[Award] = []
    # Rewards that give nothing for the same reason are one skip.
    skips: dict[Skip, None] = {}
    for proposal in proposals:
        award = (
            _credit_award(
                proposal,
                left if proposal.customer_id == customer_id else None,
                budget.points,
                (*earlier, *awards),
                situation.awards_max,
                credit,
            )
            if isinstance(proposal, Award)
            else proposal
        )
        if isinstance(award, Skip):
            skips[award] = None
        else:
            awards.append(award)
            if left is not None and award.customer_id == customer_id:
                left -= award.points
            budget = budget.less(award.points)
    return awards, list(skips)


def _whole(budget: Budget | None) -> Totals:
    return Totals(budget.points, budget.awards) if budget else NO_LIMIT


def _points_of(customer_id: str, awards: Sequence[Award]) -> int:
    return sum(award.points for award in awards if award.customer_id == customer_id)


def _is_beyond(left: Totals, settings: CampaignSettings, points: int) -> bool:
    """Returns whether the budget gives nothing for the points that all reward rules of the campaign give together.

    The points are those before the limits of wallets, so that a campaign gives the points of all its rewards or none.
    """
    if left.awards == 0 or left.points == 0:
        return True
    rejects = settings.budget is not None and settings.budget.when_exceeded is WhenExceeded.REJECT
    return rejects and left.points is not None and points > left.points


def _recipient(candidate: Candidate, rule: RewardRule, situation: Situation) -> str | Skip:
    """Returns the id of the customer who gets the points of the rule."""
    if rule.to is Recipient.CUSTOMER:
        return situation.event.customer_id
    referrer, campaign_id = situation.referrer, candidate.campaign_id
    if referrer is None:
        return Skip(campaign_id, SkipReason.NOT_REFERRED)
    limits, use = candidate.settings.referrer_limits, referrer.use_of(campaign_id)
    if refusal(limits, use, situation.now, situation.zone):
        return Skip(campaign_id, SkipReason.REFERRER_LIMIT)
    return referrer.customer_id


def _proposal(
    candidate: Candidate, reward_no: int, situation: Situation, inputs: Inputs, multipliers: Sequence[Multiplier]
) -> Award | Skip:
    """Returns what the reward rule gives before any limit of customer and wallet."""
    campaign, rule = candidate.campaign, candidate.settings.rewards[reward_no]
    customer_id = _recipient(candidate, rule, situation)
    if isinstance(customer_id, Skip):
        return customer_id
    # A coupon promises the same points to every customer.
    of_tiers = situation.tier_multipliers if rule.to is Recipient.CUSTOMER and situation.event.coupon is None else ()
    result = reward_points(
        rule,
        reward_no,
        inputs,
        seed=campaign.seed,
        factor=factor_for(rule, campaign.campaign_id, (*multipliers, *of_tiers)),
        counts=candidate.line_filter(reward_no),
    )
    if result is None:
        return Skip(campaign.campaign_id, SkipReason.INPUT_MISSING, rule.of)
    if not result.points:
        return Skip(campaign.campaign_id, SkipReason.ROUNDS_TO_ZERO)
    return Award(
        customer_id=customer_id,
        campaign_id=campaign.campaign_id,
        campaign_version=campaign.version,
        reward_no=reward_no,
        rule=rule,
        points=result.points,
        base=result.base,
        factor=result.factor,
        draw=result.draw,
    )


def _credit_award(
    award: Award,
    left: int | None,
    in_budget: int | None,
    earlier: Sequence[Award],
    awards_max: int,
    credit: Credit,
) -> Award | Skip:
    """Returns the award as limits allow it.

    `left`: the points that the campaign's limits leave to the customer; `in_budget`: those that its budget has left.
    """
    cards = {(one.customer_id, one.wallet_id) for one in (*earlier, award)}
    if len(earlier) >= awards_max or len(cards) > CARDS_MAX:
        return Skip(award.campaign_id, SkipReason.TOO_MANY_AWARDS)
    if left == 0:
        return Skip(award.campaign_id, SkipReason.LIMIT_PER_CUSTOMER)
    if in_budget == 0:
        return Skip(award.campaign_id, SkipReason.BUDGET_EXHAUSTED)
    award = award if left is None else award.cap(left, CUSTOMER_LIMITS)
    result = credit(award if in_budget is None else award.cap(in_budget, BUDGET))
    return result if isinstance(result, Award) else Skip(award.campaign_id, result)


def _count(
    decision: Decision, candidate: Candidate, situation: Situation, read: Document, awards: Sequence[Award]
) -> Decision:
    """Returns the decision with the campaign's awards, counted for the campaign's limits."""
    campaign_id, limits = candidate.campaign_id, candidate.settings.limits_in_effect
    uses, referrer_uses, once = dict(decision.uses), dict(decision.referrer_uses), decision.once
    now, zone = situation.now, situation.zone
    if limits.counts:
        points = _points_of(situation.event.customer_id, awards)
        uses[campaign_id] = situation.use_of(campaign_id).count(points, now, zone)
    referrer = situation.referrer
    points = _points_of(referrer.customer_id, awards) if referrer else 0
    if referrer and points and candidate.settings.referrer_limits.counts:
        referrer_uses[campaign_id] = referrer.use_of(campaign_id).count(points, now, zone)
    if limits.once_per:
        value = once_value(limits.once_per, read)
        assert value is not None, "without its value, the campaign gives nothing"
        once = (*once, (campaign_id, value))
    return replace(decision, awards=(*decision.awards, *awards), uses=uses, referrer_uses=referrer_uses, once=once)
