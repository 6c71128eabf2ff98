"""Concurrent awards of one campaign's budget, and changes of the budget meanwhile: never exceeded, nothing lost.

`LOYALTY_SIMULATION_SEED=123 pytest tests/simulation` runs one history again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import Phase, given, settings

from loyalty.domain.custom_event import EventDefinition
from loyalty.domain.dates import instant
from loyalty.domain.earning.campaign import CampaignStatus
from loyalty.domain.earning.event import Event
from loyalty.errors import BudgetSpent, Busy, ClockSkew, PreconditionFailed
from loyalty.store.campaign_items import campaign_from
from loyalty.store.keys import CAMPAIGNS
from loyalty.store.store import Store
from loyalty.usecases.earning import awards, campaigns, pools
from loyalty.usecases.earning.engine import Sender
from tests.simulation.account import SEEDS, SENDINGS_MAX, new_client
from tests.simulation.scheduler import Crash, Scheduler
from tests.support.budgets import pools as pools_of
from tests.support.budgets import require_exact_budgets
from tests.support.world import World, world

CHECK_RATE = 0.03


@dataclass
class Shop:
    """A campaign with a budget, its senders and an operator, each with an environment of its own."""

    world: World
    scheduler: Scheduler
    campaign_id: str
    busy: int = 0
    answered: dict[str, int] = field(default_factory=dict)
    """The points in the answer to each event."""

    def sending(self, events: range) -> Callable[[], None]:
        store = self.world.environment()

        def work() -> None:
            for number in events:
                self._send(store, f"event-{number}", f"customer-{number % 29}")

        return work

    def _send(self, store: Store, key: str, customer_id: str) -> None:
        now = self.world.now
        event = Event(name="app.opened", customer_id=customer_id, key=key, occurred_at=instant(now))
        for _ in range(SENDINGS_MAX):
            try:
                outcome = awards.award(store, event, Sender("key_test", key, key.encode()), now)
            except (Crash, ClientError, BotoCoreError, ClockSkew):
                continue
            except Busy:
                self.busy += 1
                continue
            self.answered[key] = sum(one.row.points for one in outcome.awards)
            return

    def changing(self, *limits: int) -> Callable[[], None]:
        store = self.world.environment()

        def work() -> None:
            for limit in limits:
                self._change(store, limit)

        return work

    def _change(self, store: Store, limit: int) -> None:
        patch: dict[str, Any] = {"limits": {"budget": {"points": limit}}}
        for _ in range(SENDINGS_MAX):
            try:
                version = campaigns.read(store, self.campaign_id).version
                campaigns.change(store, self.campaign_id, patch, version, self.world.now, "operator")
            except (Crash, ClientError, BotoCoreError, Busy, PreconditionFailed):
                continue
            except BudgetSpent:
                pass
            return

    @property
    def pool(self) -> dict[str, int]:
        return pools_of(self.world.items())[self.campaign_id]

    def check(self) -> None:
        """Checks what is true at any instant: the pool allows no more than the campaign's current version."""
        items = self.world.items()
        (current,) = [campaign_from(item) for item in items if item["pk"]["S"] == CAMPAIGNS]
        assert current.settings.budget
        pool = pools_of(items)[self.campaign_id]
        assert 0 <= pool["points"] <= pool["points_limit"] <= (current.settings.budget.points or 0)
        require_exact_budgets(items)

    def check_sometimes(self) -> None:
        if self.scheduler.random.random() < CHECK_RATE:
            self.check()


@contextmanager
def shop(seed: int, points: int, award: int, *, faults: bool, when_exceeded: str = "REJECT") -> Iterator[Shop]:
    random = Random(seed)
    with world(new_client()) as made, pytest.MonkeyPatch.context() as patch:
        patch.setattr(pools, "choice", random.choice)
        made.store.event_definitions.save(EventDefinition("app.opened", "", (), 1, 1))
        document = {
            "name": "Limited",
            "trigger": {"type": "EVENT", "event": "app.opened"},
            "rewards": [{"walletId": made.wallet_id, "type": "FIXED", "points": award}],
            "limits": {"budget": {"points": points, "whenExceeded": when_exceeded}},
        }
        created, _ = campaigns.create(made.store, document, CampaignStatus.ACTIVE, made.now, "test")
        scheduler = Scheduler(random, random.choice((0.01, 0.05)) if faults else 0, lambda: None)
        one = Shop(made, scheduler, created.campaign.campaign_id)
        with scheduler.watching(made.client):
            try:
                yield one
            except BaseException as failure:
                failure.add_note("\n".join((f"LOYALTY_SIMULATION_SEED={seed}", *scheduler.trace[-200:])))
                raise
        one.check()


def senders(one: Shop, count: int, events: int) -> dict[str, Callable[[], None]]:
    return {f"sender {place}": one.sending(range(place, events, count)) for place in range(count)}


@pytest.mark.parametrize(("when_exceeded", "points", "total"), [("REJECT", 500, 500), ("CAP", 505, 505)])
def test_a_thousand_events_of_sixteen_senders_get_exactly_the_budget(
    when_exceeded: str, points: int, total: int
) -> None:
    with shop(1, points, 10, faults=False, when_exceeded=when_exceeded) as one:
        one.scheduler.run(senders(one, 16, 1_000))
        assert one.busy == 0
        assert sum(one.answered.values()) == one.pool["points"] == total
        assert one.world.store.campaigns.is_exhausted(one.campaign_id)


def test_a_budget_that_is_raised_while_senders_award_is_given_completely() -> None:
    with shop(2, 500, 10, faults=False) as one:
        tasks = senders(one, 16, 320)
        one.scheduler.run({**tasks, "operator": one.changing(800)})
        assert one.pool["points_limit"] == 800
        assert 500 <= one.pool["points"] <= 800
        assert one.pool["points"] == sum(one.answered.values())


@settings(max_examples=settings().max_examples // 8, phases=[Phase.explicit, Phase.generate])
@given(SEEDS)
def test_no_history_of_awards_changes_and_faults_exceeds_the_budget(seed: int) -> None:
    random = Random(seed)
    points = random.choice((200, 450, 900))
    with shop(seed, points, 10, faults=True) as one:
        limits = [random.randrange(50, 1_200) for _ in range(2)]
        others = [random.randrange(50, 1_200) for _ in range(2)]
        one.scheduler._between = one.check_sometimes
        one.scheduler.run({**senders(one, 4, 24), "operator": one.changing(*limits), "other": one.changing(*others)})


@settings(max_examples=settings().max_examples // 10, phases=[Phase.explicit, Phase.generate])
@given(SEEDS)
def test_the_next_change_completes_a_change_that_was_interrupted(seed: int) -> None:
    with shop(seed, 900, 10, faults=True) as one:
        one.scheduler.run({**senders(one, 4, 20), "operator": one.changing(1_200, 700)})
        one.scheduler.fault_rate = 0
        one.scheduler.run({"operator": one.changing(1_000)})
        assert one.pool["points_limit"] == 1_000
