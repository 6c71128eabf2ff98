"""Campaigns and events for tests, in a project of New York with US dollars. Tests name only the values that matter."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from loyalty.domain.earning.campaign import (
    Campaign,
    CampaignSettings,
    CampaignStatus,
    Multiplier,
    RewardRule,
    RewardType,
)
from loyalty.domain.earning.evaluation import Candidate, Credit, Decision, Situation, credit_in_full, evaluate
from loyalty.domain.earning.event import CustomerDetails, Event
from loyalty.domain.earning.trigger import Trigger
from loyalty.domain.order import Order, OrderItem
from loyalty.domain.patterns import compile_pattern
from loyalty.domain.zones import zone_of
from tests.support.samples import local

NEW_YORK = zone_of("America/New_York")
NOON = local("2026-12-10 12:00", NEW_YORK)


def reward(type_: RewardType = RewardType.FIXED, points: int = 0, **more: Any) -> RewardRule:
    """A reward rule of the wallet `points`; numbers of `percent` and `every` may be text."""
    own: dict[str, Any] = {"wallet_id": "points", **more}
    own |= {name: Decimal(own[name]) for name in ("percent", "every") if name in own}
    return RewardRule(type=type_, points=points, **own)


def fixed(points: int, **more: Any) -> RewardRule:
    return reward(RewardType.FIXED, points, **more)


def per(every: int | str, points: int = 1, **more: Any) -> RewardRule:
    """A PROPORTIONAL reward: `points` per `every`."""
    return reward(RewardType.PROPORTIONAL, points, every=every, **more)


def percentage(percent: str, **more: Any) -> RewardRule:
    return reward(RewardType.PERCENTAGE, percent=percent, **more)


def campaign(campaign_id: str, *rewards: RewardRule, **settings: Any) -> Campaign:
    """A campaign that has been ACTIVE for a long time."""
    return Campaign(
        campaign_id=campaign_id,
        version=1,
        status=CampaignStatus.ACTIVE,
        settings=CampaignSettings(
            **{"name": campaign_id, "trigger": Trigger(event="order.paid"), "rewards": rewards, **settings}
        ),
        seed=bytes(range(32)),
        created_at=1,
        created_by="test",
        updated_at=1,
        changed_by="test",
        change="Activated",
        activated_at=1,
    )


def multiplying(campaign_id: str, factor: str, **more: Any) -> Campaign:
    names = ("stack", "wallets", "campaigns", "types")
    own = {name: more.pop(name) for name in names if name in more}
    return campaign(campaign_id, multiplier=Multiplier(factor=Decimal(factor), **own), **more)


def order(amount: int, *lines: tuple[str, int], **more: Any) -> Order:
    """An order; each line is one product with its amount."""
    items = tuple(OrderItem(product_id, 1, amount) for product_id, amount in lines)
    return Order(**{"amount": amount, "currency": "USD", "items": items, **more})


def conditional(one: Campaign, conditions: dict[str, Any]) -> Candidate:
    """The campaign with conditions: a pattern over the event's document."""
    return Candidate(one, compile_pattern(conditions))


def paid(amount: int, order_id: str = "A", at: int = NOON, **more: Any) -> Event:
    return Event(
        **{
            "name": "order.paid",
            "customer_id": "ann",
            "key": f"={order_id}",
            "occurred_at": at,
            "order_id": order_id,
            "order": order(amount),
            **more,
        }
    )


def happened(name: str, key: str = "e1", at: int = NOON, **properties: Any) -> Event:
    """An event without an order."""
    return Event(name=name, customer_id="ann", key=key, occurred_at=at, properties=properties)


def situation(event: Event, **more: Any) -> Situation:
    return Situation(
        **{
            "event": event,
            "customer": CustomerDetails(),
            "zone": NEW_YORK,
            "currency": "USD",
            "now": event.occurred_at,
            **more,
        }
    )


class History:
    """One customer's events, one after another, evaluated by the same campaigns."""

    def __init__(self, *campaigns: Campaign | Candidate, credit: Credit = credit_in_full, **project: Any) -> None:
        self.candidates = [one if isinstance(one, Candidate) else Candidate(one) for one in campaigns]
        self.credit = credit
        self.facts = situation(paid(0), **project)

    def send(self, event: Event, **more: Any) -> Decision:
        """Evaluates the event at the time of its occurrence, and keeps what it counted."""
        self.facts = replace(self.facts, **{"event": event, "now": event.occurred_at, **more})
        decision = evaluate(self.facts, self.candidates, self.credit)
        self.facts = replace(
            self.facts,
            uses={**self.facts.uses, **decision.uses},
            once_used={*self.facts.once_used, *decision.once},
        )
        return decision

    def give(self, event: Event, **more: Any) -> list[int] | list[str]:
        """The points that the event gives, or the reasons why it gives none."""
        decision = self.send(event, **more)
        return points(decision) or reasons(decision)


def points(decision: Decision) -> list[int]:
    return [award.points for award in decision.awards]


def reasons(decision: Decision) -> list[str]:
    return [str(skip.reason) for skip in decision.skips]


def given(event: Event, *campaigns: Campaign | Candidate, **more: Any) -> list[int] | list[str]:
    """The points that one event gives, or the reasons why it gives none."""
    return History(*campaigns, **more).give(event)


def ids(decision: Decision) -> Sequence[str]:
    return [award.campaign_id for award in decision.awards]
