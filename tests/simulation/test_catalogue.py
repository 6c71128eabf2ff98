"""Concurrent redemptions, cancellations and faults: no code twice, no stock exceeded, each redemption whole or absent.

`LOYALTY_SIMULATION_SEED=123 pytest tests/simulation` runs one history again.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import Phase, given, settings

from loyalty.domain.catalogue.redemption import Redemption
from loyalty.domain.catalogue.reward import RewardStatus
from loyalty.errors import Busy, ClockSkew, LoyaltyError
from loyalty.store.store import Store
from loyalty.usecases.catalogue import cancellations, codes, redemptions, rewards, stock
from loyalty.usecases.catalogue.cancellations import Manner
from loyalty.usecases.catalogue.redemptions import Sender
from tests.simulation.account import SEEDS, SENDINGS_MAX, new_client
from tests.simulation.scheduler import Crash, Scheduler
from tests.support.audit import TableAudit
from tests.support.world import Request, World, world

POINTS, PRICE = 100, 40


@dataclass
class Shop:
    """A reward and its customers, who have enough points for two redemptions."""

    world: World
    scheduler: Scheduler
    reward_id: str
    redeemed: dict[str, Redemption] = field(default_factory=dict)
    """The redemption in the answer to each request, by key."""
    refused: dict[str, str] = field(default_factory=dict)
    """The code of the refusal of each request, by key."""

    def redeeming(self, *customers: str, cancels: bool = False) -> Callable[[], None]:
        store = self.world.environment()

        def work() -> None:
            for customer in customers:
                self._redeem(store, customer, f"redeem-{customer}")
                if cancels:
                    self._cancel(store, f"redeem-{customer}")

        return work

    def _redeem(self, store: Store, customer: str, key: str) -> None:
        def act() -> None:
            sender = Sender(key=key, fingerprint=key.encode(), actor="key_test", request_id=key)
            outcome = redemptions.redeem(store, customer, self.reward_id, None, sender, self.world.now)
            self.redeemed[key] = outcome.redemption

        self._repeat(key, act)

    def _cancel(self, store: Store, redeemed: str) -> None:
        def act() -> None:
            one = self.redeemed[redeemed]
            key = f"cancel-{redeemed}"
            sender = Sender(key=key, fingerprint=key.encode(), actor="key_test", request_id=key)
            manner = Manner(force=True)
            cancellations.cancel(store, one.customer_id, one.redemption_id, manner, sender, self.world.now)

        if redeemed in self.redeemed:
            self._repeat(f"cancel-{redeemed}", act)

    def _repeat(self, key: str, act: Callable[[], object]) -> None:
        for _ in range(SENDINGS_MAX):
            try:
                act()
            except (Crash, ClientError, BotoCoreError, ClockSkew, Busy):
                continue
            except LoyaltyError as refusal:
                self.refused[key] = refusal.code
            return

    def check(self) -> None:
        assert TableAudit(self.world.items()).drifts() == []


@contextmanager
def shop(seed: int, customers: Sequence[str], *, faults: bool, given_codes: int = 0, **document: Any) -> Iterator[Shop]:
    random = Random(seed)
    with world(new_client()) as made, pytest.MonkeyPatch.context() as patch:
        patch.setattr(stock, "choice", random.choice)
        for customer in customers:
            made.send(Request("credit", customer, f"credit-{customer}", points=POINTS))
        price = [{"walletId": made.wallet_id, "points": PRICE}]
        body = {"name": "Gift", "price": price, **document}
        created, _ = rewards.create(made.store, body, RewardStatus.ACTIVE, made.now, "test")
        reward_id = created.reward.reward_id
        if given_codes:
            codes.add_codes(made.store, reward_id, [f"CODE-{number}" for number in range(given_codes)])
        scheduler = Scheduler(random, random.choice((0.01, 0.05)) if faults else 0, lambda: None)
        one = Shop(made, scheduler, reward_id)
        with scheduler.watching(made.client):
            try:
                yield one
                one.check()
            except BaseException as failure:
                failure.add_note("\n".join((f"LOYALTY_SIMULATION_SEED={seed}", *scheduler.trace[-200:])))
                raise


def test_sixty_four_customers_at_once_get_sixty_different_codes() -> None:
    customers = [f"customer-{number}" for number in range(64)]
    with shop(1, customers, faults=False, given_codes=60, kind="DISCOUNT_CODE") as one:
        one.scheduler.run({customer: one.redeeming(customer) for customer in customers})
        assert len({redemption.code for redemption in one.redeemed.values()}) == len(one.redeemed) == 60
        assert sorted(one.refused.values()) == ["out_of_stock"] * 4


@settings(max_examples=settings().max_examples // 8, phases=[Phase.explicit, Phase.generate])
@given(SEEDS)
def test_no_history_of_redemptions_cancellations_and_faults_leaves_a_part(seed: int) -> None:
    random = Random(seed)
    customers = ["ann", "bob", "cem", "dan"]
    document: dict[str, Any] = random.choice(
        (
            {"kind": "DISCOUNT_CODE", "given_codes": 3},
            {"kind": "PRODUCT", "product": {"productId": "lip-7"}, "stock": 3},
        )
    )
    limits = {"perCustomer": {"times": 1}}
    with shop(seed, customers, faults=True, limits=limits, **document) as one:
        tasks = {f"sender {name}": one.redeeming(name, cancels=random.random() < 0.5) for name in customers}
        one.scheduler.run({**tasks, "again": one.redeeming(*customers)})
