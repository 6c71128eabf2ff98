"""Concurrent redemptions of coupons, with crashes and lost answers: a code is never redeemed too often.

After each history, an audit of the whole table finds no drift. `LOYALTY_SIMULATION_SEED=123 pytest tests/simulation`
runs one history again.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import Phase, given, settings

from loyalty.domain.earning.campaign import CampaignStatus
from loyalty.domain.order import Order
from loyalty.errors import Busy, ClockSkew, CouponAlreadyUsed, CouponNotValid
from loyalty.store.store import Store
from loyalty.usecases.earning import campaigns, coupon_redemptions, coupons
from loyalty.usecases.earning.coupon_redemptions import Redemption
from loyalty.usecases.earning.coupons import CodesDemand
from loyalty.usecases.earning.engine import Sender
from tests.simulation.account import SEEDS, SENDINGS_MAX, new_client
from tests.simulation.scheduler import Crash, Scheduler
from tests.support.audit import TableAudit
from tests.support.world import World, world

POINTS = 10


@dataclass
class Shop:
    """A campaign with one code, and customers who redeem it at the same time, in a few environments."""

    world: World
    scheduler: Scheduler
    code: str
    environments: list[Store]
    redeemed: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    """The redemptions that gave points, by customer and order; each key counts once."""
    refused: Counter[str] = field(default_factory=Counter)
    """The refusals by reason."""

    def redeeming(self, *wanted: Redemption) -> Callable[[], None]:
        """A sender repeats a redemption with its key until it is answered."""
        store = self.scheduler.random.choice(self.environments)

        def work() -> None:
            for redemption in wanted:
                self._redeem(store, redemption)

        return work

    def _redeem(self, store: Store, redemption: Redemption) -> None:
        sender = Sender("key_test", redemption.key, repr(redemption).encode())
        for _ in range(SENDINGS_MAX):
            try:
                coupon_redemptions.redeem(store, redemption, sender, self.world.now)
            except (Crash, ClientError, BotoCoreError, ClockSkew, Busy):
                continue
            except CouponNotValid as refusal:
                self.refused[str(refusal.extensions["reason"])] += 1
            except CouponAlreadyUsed:
                self.refused["already_used"] += 1
            else:
                self.redeemed[redemption.customer_id, redemption.order_id] += 1
            return

    @property
    def uses(self) -> int:
        coupon = self.world.store.coupons.get(self.code)
        assert coupon is not None
        return coupon.uses

    @property
    def credits(self) -> int:
        return sum(item["sk"]["S"].startswith("TXN#") and "cp" not in item for item in self.world.items())


@contextmanager
def shop(seed: int, demand: CodesDemand, *, faults: bool, **limits: Any) -> Iterator[Shop]:
    random = Random(seed)
    with world(new_client()) as made:
        document = {
            "name": "Coupons",
            "trigger": {"type": "COUPON"},
            "rewards": [{"walletId": made.wallet_id, "type": "FIXED", "points": POINTS}],
            "limits": limits,
        }
        created, _ = campaigns.create(made.store, document, CampaignStatus.ACTIVE, made.now, "test")
        campaign_id = created.campaign.campaign_id
        (code,), _ = coupons.make_codes(made.store, campaign_id, demand, "codes-0001", b"codes", made.now, "test")
        scheduler = Scheduler(random, random.choice((0.01, 0.05)) if faults else 0, lambda: None)
        one = Shop(made, scheduler, code, [made.environment() for _ in range(4)])
        with scheduler.watching(made.client):
            try:
                yield one
            except BaseException as failure:
                failure.add_note("\n".join((f"LOYALTY_SIMULATION_SEED={seed}", *scheduler.trace[-200:])))
                raise
        assert TableAudit(made.items()).drifts() == []


def redemption(code: str, customer: int, key: str, order_id: str | None = None) -> Redemption:
    return Redemption(
        code=code,
        customer_id=f"customer-{customer}",
        key=key,
        order_id=order_id,
        order=Order(1_000, None) if order_id else None,
    )


def test_one_of_64_customers_at_once_redeems_a_unique_code() -> None:
    with shop(1, CodesDemand(count=1), faults=False) as one:
        one.scheduler.run({f"customer {n}": one.redeeming(redemption(one.code, n, f"key-{n}")) for n in range(64)})
        assert one.redeemed.total() == one.uses == one.credits == 1
        assert one.refused == {"used_up": 63}


def test_a_shared_code_gives_no_more_than_the_budget_of_awards() -> None:
    with shop(2, CodesDemand(shared=["SAVE10"]), faults=False, budget={"awards": 20}) as one:
        of_sender = [[redemption(one.code, n, f"key-{n}") for n in range(place, 30, 10)] for place in range(10)]
        one.scheduler.run({f"sender {place}": one.redeeming(*of_sender[place]) for place in range(10)})
        assert one.redeemed.total() == one.credits == 20
        assert one.refused == {"budget_exhausted": 10}


@settings(max_examples=max(settings().max_examples // 8, 1), phases=[Phase.explicit, Phase.generate])
@given(SEEDS)
def test_no_history_redeems_a_code_too_often_or_twice_for_an_order(seed: int) -> None:
    """Each customer redeems the code for an order in two tabs, with a key each, and once without an order."""
    with shop(seed, CodesDemand(count=1, max_uses=5), faults=True) as one:
        one.scheduler.run(
            {
                f"tab {tab} of {n}": one.redeeming(
                    redemption(one.code, n, f"order-{tab}-{n}", f"order-{n}"), redemption(one.code, n, f"free-{n}")
                )
                for n in range(4)
                for tab in range(2)
            }
        )
        assert one.credits == one.uses <= 5
        assert all(times == 1 for (_, order_id), times in one.redeemed.items() if order_id)
        assert len(one.redeemed) <= one.credits
