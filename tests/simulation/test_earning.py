"""Orders, refunds, coupons, tiers, rewards and time on the same customers at once, with a crash at any request.

After each history, an audit of the whole table finds no drift. `LOYALTY_SIMULATION_SEED=123 pytest tests/simulation`
runs one history again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from itertools import count
from random import Random
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import Phase, given, note, settings

from loyalty.domain.cards.card import DueCard
from loyalty.domain.cards.transaction import RefundType
from loyalty.domain.catalogue.redemption import RedemptionStatus
from loyalty.domain.catalogue.reward import RewardStatus
from loyalty.domain.custom_event import CustomEvent
from loyalty.domain.earning.campaign import CampaignStatus
from loyalty.domain.earning.event import ORDER_CANCELED, ORDER_PAID, ORDER_REFUNDED
from loyalty.domain.movements.refund_amounts import RefundDemand
from loyalty.domain.order import Order
from loyalty.domain.tiers.program import ProgramStatus, ProgramWallet
from loyalty.domain.wallets.wallet import WalletStatus
from loyalty.errors import Busy, ClockSkew, LoyaltyError
from loyalty.messaging.recalculation_queue import RecalculationQueue
from loyalty.store.store import Store
from loyalty.usecases import custom_events, sweeps, wallets
from loyalty.usecases.catalogue import cancellations, codes, redemptions, rewards
from loyalty.usecases.catalogue.cancellations import Manner
from loyalty.usecases.custom_events import SentEvent
from loyalty.usecases.earning import campaigns, coupon_redemptions, coupons, engine
from loyalty.usecases.earning.coupons import CodesDemand
from loyalty.usecases.programs import programs, structures
from loyalty.usecases.programs.programs import ProgramSettings
from tests.simulation.account import SEEDS, SENDINGS_MAX, new_client
from tests.simulation.scheduler import Crash, Scheduler
from tests.simulation.test_programs import Messages
from tests.support.audit import TableAudit
from tests.support.world import Request, World, world

CUSTOMERS = ("ann", "bob")
ORDERS = ("A", "B", "C")
AMOUNT = 4_000
EXPIRATION = {"type": "ROLLING_EXPIRATION", "every": 3, "unit": "DAY"}
LEVELS = [
    {"tierId": "member", "name": "Member", "from": 0},
    {"tierId": "gold", "name": "Gold", "from": 60, "benefits": {"multiplier": "1.5"}},
]
LIMITS = {"perCustomer": {"per": [{"unit": "DAY", "times": 1}]}}


@dataclass
class Shop:
    """One wallet with tiers and another for given points, two campaigns with budgets, a coupon, and three rewards."""

    world: World
    random: Random
    scheduler: Scheduler
    gifts: str = ""
    """The wallet of given points."""
    coupon: str = ""
    reward_ids: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def open(self) -> None:
        store, now = self.world.store, self.world.now
        gifts, _ = wallets.create(store, {"name": "Gifts", "expiration": EXPIRATION}, WalletStatus.ACTIVE, now, "test")
        self.gifts = gifts.wallet.wallet_id
        self._open_program()
        for trigger, budget in (({"type": "EVENT", "event": ORDER_PAID}, 500), ({"type": "COUPON"}, 30)):
            document: dict[str, Any] = {
                "name": "Campaign",
                "trigger": trigger,
                "rewards": [{"walletId": self.world.wallet_id, "type": "PERCENTAGE", "percent": "100"}],
                "limits": {"perCustomer": {"times": 4}, "budget": {"points": budget, "whenExceeded": "CAP"}},
            }
            created, _ = campaigns.create(store, document, CampaignStatus.ACTIVE, now, "test")
        demand = CodesDemand(count=1, max_uses=3)
        (self.coupon,), _ = coupons.make_codes(
            store, created.campaign.campaign_id, demand, "codes-0001", b"codes", now, "test"
        )
        price = [{"walletId": self.world.wallet_id, "points": 15}]
        kinds: tuple[dict[str, Any], ...] = (
            {"kind": "PRODUCT", "product": {"productId": "lip-7"}, "stock": 2},
            {"kind": "POINTS", "credit": {"walletId": self.gifts, "points": 5}},
            {"kind": "DISCOUNT_CODE"},
        )
        for kind in kinds:
            settings = {"name": "Gift", "price": price, "limits": LIMITS, **kind}
            reward, _ = rewards.create(store, settings, RewardStatus.ACTIVE, now, "test")
            self.reward_ids.append(reward.reward.reward_id)
        codes.add_codes(store, self.reward_ids[-1], ["CODE-1", "CODE-2"])

    def _open_program(self) -> None:
        store, now = self.world.store, self.world.now
        queue = RecalculationQueue(cast("Any", Messages(self.world)), "queue")
        document: dict[str, Any] = {"name": "Club", "type": "POINTS_EARNED", "period": "MONTH", "levels": LEVELS}
        structure, _ = structures.create(store, document, now, "test")
        programs.create(
            store, queue, ProgramSettings(name="club"), ProgramStatus.ACTIVE, now, "test", program_id="club"
        )
        wallet = ProgramWallet(self.world.wallet_id, structure.structure_id)
        programs.assign(store, queue, "club", wallet, now, "test")

    def acting(self, customer_id: str) -> Callable[[], None]:
        """Some requests of one customer, each repeated until it is answered."""
        store = self.world.environment()
        chosen = self.random.choices(ACTS, weights=WEIGHTS, k=4)
        acts = [act(self, store, customer_id, f"key-{next(self._numbers):04d}") for act in chosen]

        def work() -> None:
            for act in acts:
                self._repeat(act)

        return work

    @staticmethod
    def _repeat(act: Callable[[], object]) -> None:
        for _ in range(SENDINGS_MAX):
            try:
                act()
            except (Crash, ClientError, BotoCoreError, ClockSkew, Busy):
                continue
            except LoyaltyError:
                pass
            return

    def order(self, store: Store, customer_id: str, key: str) -> Callable[[], object]:
        name = self.random.choices((ORDER_PAID, ORDER_REFUNDED, ORDER_CANCELED), (6, 2, 1))[0]
        order_id = f"{self.random.choice(ORDERS)}-{customer_id}"
        kind, amount = self.random.choice(((RefundType.FULL, 0), (RefundType.AMOUNT, AMOUNT // 3)))
        body = (order_id if name != ORDER_REFUNDED else key).encode()
        event = SentEvent(
            event=CustomEvent(name, customer_id, key, order_id),
            properties={},
            order=Order(AMOUNT, None) if name == ORDER_PAID else None,
            refund=RefundDemand(kind, amount) if name == ORDER_REFUNDED else None,
            fingerprint=key.encode(),
            receipt_fingerprint=body,
            actor="test",
            request_id=key,
        )
        return lambda: custom_events.accept(store, event, self.world.now)

    def redeem_coupon(self, store: Store, customer_id: str, key: str) -> Callable[[], object]:
        one = coupon_redemptions.Redemption(
            code=self.coupon,
            customer_id=customer_id,
            key=key,
            order_id=f"{self.random.choice(ORDERS)}-{customer_id}",
            order=Order(AMOUNT, None),
        )
        sender = engine.Sender("test", key, repr(one).encode())
        return lambda: coupon_redemptions.redeem(store, one, sender, self.world.now)

    def redeem_reward(self, store: Store, customer_id: str, key: str) -> Callable[[], object]:
        reward_id, sender = self.random.choice(self.reward_ids), self._sender(key)
        return lambda: redemptions.redeem(store, customer_id, reward_id, None, sender, self.world.now)

    def end_redemption(self, store: Store, customer_id: str, key: str) -> Callable[[], object]:
        """Fulfills or cancels a redemption of the customer."""
        choose, force = self.random.random(), self.random.random() < 0.5
        manner = Manner(force=force, write_off=self.random.random() < 0.3)

        def act() -> object:
            own = [
                one for one in store.redemptions.of_customer(customer_id) if one.status is not RedemptionStatus.CANCELED
            ]
            if not own:
                return None
            one = own[int(choose * len(own))].redemption_id
            if choose < 0.25:
                return redemptions.fulfill(store, customer_id, one, self.world.now)
            return cancellations.cancel(store, customer_id, one, manner, self._sender(key), self.world.now)

        return act

    def spend_gift(self, store: Store, customer_id: str, key: str) -> Callable[[], object]:
        request = Request("debit", customer_id, key, points=3)
        return lambda: self.world.send(request, store=store, wallet_id=self.gifts)

    def sweep(self, store: Store, customer_id: str, _: str) -> Callable[[], object]:
        due = DueCard(customer_id, self.random.choice((self.world.wallet_id, self.gifts)))
        return lambda: sweeps.settle_due_card(store, due, self.world.now)

    @staticmethod
    def _sender(key: str) -> redemptions.Sender:
        digest = sha256(key.encode()).digest()[:16]
        return redemptions.Sender(key=key, fingerprint=digest, actor="test", request_id=key)


ACTS = (Shop.order, Shop.redeem_coupon, Shop.redeem_reward, Shop.end_redemption, Shop.spend_gift, Shop.sweep)
WEIGHTS = (6, 2, 5, 3, 1, 1)


@settings(max_examples=max(settings().max_examples // 12, 1), phases=[Phase.explicit, Phase.generate])
@given(SEEDS)
def test_no_history_of_all_that_earns_and_spends_leaves_a_drift(seed: int) -> None:
    random, client = Random(seed), new_client()
    with world(client, expiration=EXPIRATION) as made:
        scheduler = Scheduler(random, random.choice((0.01, 0.05)), lambda: None)
        shop = Shop(made, random, scheduler)
        shop.open()
        made.now += timedelta(seconds=15)
        with scheduler.watching(client):
            try:
                for _ in range(3):
                    scheduler.run({f"{name} in tab {tab}": shop.acting(name) for name in CUSTOMERS for tab in (1, 2)})
                    assert TableAudit(made.items()).drifts() == []
                    made.now += timedelta(hours=random.choice((1, 26, 80)))
            finally:
                note("\n".join((f"LOYALTY_SIMULATION_SEED={seed}", *scheduler.trace[-200:])))
