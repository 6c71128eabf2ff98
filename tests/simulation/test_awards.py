"""Concurrent events, payments and changes of campaigns, with crashes and lost answers: each event is awarded once.

After every transaction, an audit of the whole table finds no drift. `LOYALTY_SIMULATION_SEED=123 pytest
tests/simulation` runs one history again.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from random import Random
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import Phase, given, settings

from loyalty.domain.cards.transaction import Context, Source, Transaction
from loyalty.domain.custom_event import CustomEvent, EventDefinition
from loyalty.domain.earning.campaign import CampaignStatus
from loyalty.domain.earning.document import settings_json
from loyalty.domain.earning.event import ORDER_PAID
from loyalty.domain.movements.payment import PaymentLimit, PaymentLimitType
from loyalty.domain.order import Order
from loyalty.domain.wallets.wallet import WalletStatus
from loyalty.errors import BudgetSpent, Busy, ClockSkew, EventNotFound, LoyaltyError, OrderDiffers, PreconditionFailed
from loyalty.store.keys import key_origin
from loyalty.store.store import Store
from loyalty.usecases import audits, custom_events, wallets
from loyalty.usecases.custom_events import SentEvent
from loyalty.usecases.earning import campaigns, pools
from loyalty.usecases.earning.awards import EventOutcome
from loyalty.usecases.ledger import Command
from loyalty.usecases.points import payments
from tests.simulation.account import SEEDS, SENDINGS_MAX, new_client
from tests.simulation.scheduler import Crash, Scheduler
from tests.support.audit import TableAudit
from tests.support.world import Request, World, world

CUSTOMERS = ("ann", "bob")
OPENED = "app.opened"
TIMES_MAX, OPENINGS_MAX, REFERRALS_MAX = 2, 3, 2
FAULTS = (Crash, ClientError, BotoCoreError, ClockSkew, Busy)


@dataclass(frozen=True)
class Happening:
    """What a customer did: an opening of the app in some city, or a paid order of some amount."""

    name: str
    customer_id: str
    number: int
    value: int
    """The city, or the amount."""

    @property
    def order_id(self) -> str | None:
        return f"order-{self.number}" if self.name == ORDER_PAID else None

    def sent(self, event_id: str) -> SentEvent:
        fingerprint = sha256(repr(self).encode()).digest()
        is_order = self.name == ORDER_PAID
        return SentEvent(
            event=CustomEvent(self.name, self.customer_id, event_id, self.order_id),
            properties={} if is_order else {"city": str(self.value)},
            order=Order(self.value, None) if is_order else None,
            fingerprint=fingerprint,
            receipt_fingerprint=fingerprint,
            actor="key_test",
            request_id=f"request-{event_id}",
        )


@dataclass
class Shop:
    """Campaigns, and everything that happens at the same time. Each task has an environment of its own."""

    world: World
    random: Random
    scheduler: Scheduler
    other_wallet: str
    campaign_ids: dict[str, str]
    happenings: list[Happening] = field(default_factory=list)
    answers: dict[Happening, list[EventOutcome]] = field(default_factory=lambda: defaultdict(list))
    checked: int = 0
    """How much of the scheduler's trace has been checked."""

    def sending(self, happening: Happening) -> Callable[[], None]:
        """A sender repeats an event until it is answered. A paid order may get another event id for each repetition."""
        store, renames, skew = self.world.environment(), self.random.random() < 0.5, self.random.randint(-4, 4)

        def work() -> None:
            for attempt in range(SENDINGS_MAX):
                renamed = happening.name == ORDER_PAID and renames
                sent = happening.sent(f"{happening.number}-{attempt}" if renamed else str(happening.number))
                try:
                    with self.world.skewed(skew):
                        accepted = custom_events.accept(store, sent, self.world.clock())
                except FAULTS:
                    continue
                except OrderDiffers:
                    return
                self.answers[happening].append(accepted.outcome)
                return

        return work

    def moving(self, customer_id: str, number: int) -> Callable[[], None]:
        """A credit and a payment for an order on the card that awards change too."""
        store = self.world.environment()
        order_id = f"order-{self.random.randrange(6)}"

        def work() -> None:
            for act in (
                lambda: self.world.send(Request("credit", customer_id, f"credit-{number}", points=40), store=store),
                lambda: self._pay(store, customer_id, order_id, f"payment-{number}"),
            ):
                for _ in range(SENDINGS_MAX):
                    try:
                        act()
                    except FAULTS:
                        continue
                    except LoyaltyError:
                        pass
                    break

        return work

    def _pay(self, store: Store, customer_id: str, order_id: str, key: str) -> None:
        context = Context(
            source=Source.API,
            order_id=order_id,
            order=Order(50_000, None),
            actor="key_test",
            request_id=key,
            fingerprint=sha256(key.encode()).digest()[:16],
        )
        command = Command(
            wallet_id=self.world.wallet_id, customer_id=customer_id, origin=key_origin(key), context=context
        )
        payments.pay(store, command, PaymentLimit(PaymentLimitType.POINTS_LIMIT, 10), self.world.clock())

    def operating(self) -> Callable[[], None]:
        """An operator changes a budget, changes a reward, or pauses and resumes a campaign."""
        store, random = self.world.environment(), self.random
        campaign_id = self.campaign_ids[random.choice(list(self.campaign_ids))]
        rewards = [{"walletId": self.world.wallet_id, "type": "FIXED", "points": random.randint(1, 30)}]
        patches: list[dict[str, Any]] = [{"priority": random.randint(0, 9)}]
        if campaign_id == self.campaign_ids["openings"]:
            patches += [{"rewards": rewards}]
        kind = random.choice(("change", "change", "budget", "pause"))

        def work() -> None:
            for _ in range(SENDINGS_MAX):
                try:
                    if kind == "pause":
                        campaigns.pause(store, campaign_id, self.world.now, "operator")
                        campaigns.resume(store, campaign_id, self.world.now, "operator")
                        return
                    current = campaigns.read(store, campaign_id)
                    patch = random.choice(patches)
                    limits = settings_json(current.settings)["limits"]
                    if kind == "budget" and "budget" in limits:
                        patch = {
                            "limits": {**limits, "budget": {**limits["budget"], "points": random.randint(20, 900)}}
                        }
                    campaigns.change(store, campaign_id, patch, current.version, self.world.now, "operator")
                except (*FAULTS, PreconditionFailed):
                    continue
                except BudgetSpent:
                    pass
                return

        return work

    def auditing(self, customer_id: str) -> Callable[[], None]:
        """An audit over the API while cards and receipts change."""
        store, wallet_id = self.world.environment(), self.random.choice((self.world.wallet_id, self.other_wallet))

        def work() -> None:
            try:
                report = audits.verify(store, wallet_id, customer_id)
            except (*FAULTS, LoyaltyError):
                return
            assert report.drifts == ()

        return work

    def happen(self) -> Happening:
        """Something new, or something that was sent before."""
        random = self.random
        if self.happenings and random.random() < 0.3:
            return random.choice(self.happenings)
        name = random.choice((ORDER_PAID, OPENED))
        value = random.choice((0, 4_999, 10_000, 25_500)) if name == ORDER_PAID else random.randrange(4)
        # Some orders are sent with two amounts, as by a mistake.
        number = random.randrange(6) if name == ORDER_PAID else len(self.happenings)
        happening = Happening(name, random.choice(CUSTOMERS), number, value)
        self.happenings.append(happening)
        return happening

    def run(self) -> None:
        for _ in range(self.random.randint(2, 3)):
            tasks: dict[str, Callable[[], None]] = {}
            for number in range(self.random.randint(3, 8)):
                happening = self.happen()
                tasks[f"{number} {happening}"] = self.sending(happening)
            customer_id = self.random.choice(CUSTOMERS)
            if self.random.random() < 0.7:
                tasks["payment"] = self.moving(customer_id, len(self.happenings))
            if self.random.random() < 0.5:
                tasks["operator"] = self.operating()
            if self.random.random() < 0.3:
                tasks["audit"] = self.auditing(customer_id)
            self.scheduler.run(tasks)
            self.check()
            self.world.now += timedelta(seconds=self.random.choice((0, 20, 86_400)))

    def check_changes(self) -> None:
        """Checks the table after each transaction."""
        new = self.scheduler.trace[self.checked :]
        self.checked = len(self.scheduler.trace)
        if any("send TransactWriteItems: well" in one or "late request" in one for one in new):
            self.check()

    def check(self) -> None:
        audit = TableAudit(self.world.items())
        assert audit.drifts() == []
        times: Counter[tuple[str, str]] = Counter()
        cities: Counter[tuple[str, int]] = Counter()
        by_number = {(one.customer_id, one.name, str(one.number)): one for one in self.happenings}
        for (customer_id, name, key), receipt in audit.receipts.items():
            assert not {"busy", "clock_skew"} & {str(skip.reason) for skip in receipt.skips}, "a fault decides nothing"
            for campaign_id in {award.campaign_id for award in receipt.awards}:
                times[customer_id, campaign_id] += 1
            if self.campaign_ids["openings"] in {award.campaign_id for award in receipt.awards}:
                cities[customer_id, by_number[customer_id, name, key].value] += 1
        referred = sum(use.times for own in audit.awards.values() for use in own.awards.referrer_uses.values())
        assert referred <= REFERRALS_MAX
        limits = {"orders": TIMES_MAX, "openings": OPENINGS_MAX}
        for (_, campaign_id), count in times.items():
            name = next(name for name, one in self.campaign_ids.items() if one == campaign_id)
            assert count <= limits.get(name, count), name
        assert all(count == 1 for count in cities.values()), "a city gives points once"

    def finish(self) -> None:
        """Sends every event again without faults. Every sender gets the recorded answer, and finds it by itself."""
        self.scheduler.fault_rate = 0
        self.world.now += timedelta(seconds=20)
        store = self.world.environment()
        for happening in self.happenings:
            before = self._recorded(store, happening)
            try:
                outcome = custom_events.accept(store, happening.sent(str(happening.number)), self.world.now).outcome
            except OrderDiffers:
                assert before is not None
                assert self.answers[happening] == []
                continue
            after = self._recorded(store, happening)
            if before is not None:
                assert after == before, "what an event decided never changes"
                assert outcome.repeated or not outcome.awards
                for answer in self.answers[happening]:
                    assert rows_of(answer) in (before, []), "every answer has the recorded rows"
            if outcome.awards or happening.name == ORDER_PAID:
                assert rows_of(outcome) == after
            firsts = [one for one in self.answers[happening] if one.awards and not one.repeated]
            assert len(firsts) <= 1, "one answer at most is not a repetition"
        self.check()

    def _recorded(self, store: Store, happening: Happening) -> list[Transaction] | None:
        event_id = str(happening.number)
        try:
            _, outcome = custom_events.find_receipt(
                store, happening.customer_id, happening.name, event_id, happening.order_id
            )
        except EventNotFound:
            return None
        return rows_of(outcome)


def rows_of(outcome: EventOutcome) -> list[Transaction]:
    return [one.row for one in outcome.awards]


def documents(random: Random, wallet: str, other: str) -> dict[str, dict[str, Any]]:
    """Campaigns with limits of customers, values that count once, budgets and several wallets."""
    every, points = random.choice((100, 1_000)), random.choice((1, 3))
    paid = {"trigger": {"type": "EVENT", "event": ORDER_PAID}}
    budget = {"points": random.choice((60, 300, 1_000)), "whenExceeded": random.choice(("CAP", "REJECT"))}
    return {
        "purchases": {
            **paid,
            "rewards": [
                {"walletId": wallet, "type": "PROPORTIONAL", "every": every, "points": points},
                {"walletId": other, "type": "PERCENTAGE", "percent": "2.5", "rounding": "UP"},
            ],
            "limits": {"budget": budget} if random.random() < 0.7 else {},
        },
        "orders": {
            **paid,
            "rewards": [
                {"walletId": other, "type": "FIXED", "points": 7},
                {"walletId": wallet, "type": "RANDOM", "outcomes": [{"from": 1, "to": 5}, {"points": 20}]},
            ],
            "limits": {
                "perCustomer": {"times": TIMES_MAX, "points": random.choice((30, 60))},
                "budget": {"points": 200, "awards": random.choice((3, 40))},
            },
        },
        "openings": {
            "trigger": {"type": "EVENT", "event": OPENED},
            "rewards": [{"walletId": wallet, "type": "FIXED", "points": 20}],
            "limits": {
                "perCustomer": {"times": OPENINGS_MAX, "oncePer": "properties.city"},
                "budget": {"points": random.choice((60, 800))},
            },
        },
        "referrals": {
            "trigger": {"type": "EVENT", "event": OPENED},
            "rewards": [
                {"walletId": other, "type": "FIXED", "points": 2},
                {"to": "REFERRER", "walletId": wallet, "type": "FIXED", "points": 9},
            ],
            "limits": {"perReferrer": {"times": REFERRALS_MAX}, "budget": {"points": random.choice((40, 300))}},
        },
        "double": {**paid, "multiplier": {"factor": "1.5", "types": ["PROPORTIONAL", "FIXED"]}},
    }


@settings(max_examples=max(settings().max_examples // 8, 1), phases=[Phase.explicit, Phase.generate])
@given(SEEDS)
def test_each_event_is_awarded_once_whatever_fails(seed: int) -> None:
    random = Random(seed)
    with world(new_client(), payWithPoints=PAYMENTS) as made, pytest.MonkeyPatch.context() as patch:
        patch.setattr(pools, "choice", random.choice)
        made.store.event_definitions.save(EventDefinition(OPENED, "", (), 1, 1))
        referred = {"pk": {"S": "CUSTOMER#bob"}, "sk": {"S": "CUSTOMER"}, "s": {"S": "1"}, "rb": {"S": "ann"}}
        made.client.put_item(TableName=made.table, Item=referred)
        later = {"type": "PERIOD_BASED", "every": 1, "unit": "HOUR"}
        limits = {"transaction": {"maxPoints": 8, "whenExceeded": "CAP"}}
        other = {"name": "Other", "pending": later, "earningLimits": limits}
        wallet, _ = wallets.create(made.store, other, WalletStatus.ACTIVE, made.now, "test")
        other_wallet = wallet.wallet.wallet_id
        ids = {}
        for name, document in documents(random, made.wallet_id, other_wallet).items():
            document |= {"name": name, "startsAt": "2027-01-01T00:00:00Z"}
            created, _ = campaigns.create(made.store, document, CampaignStatus.ACTIVE, made.now, "test")
            ids[name] = created.campaign.campaign_id
        scheduler = Scheduler(random, random.choice((0, 0.03, 0.1)), lambda: None)
        shop = Shop(made, random, scheduler, other_wallet, ids)
        scheduler._between = shop.check_changes
        with scheduler.watching(made.client):
            try:
                shop.run()
                shop.finish()
            except BaseException as failure:
                failure.add_note("\n".join((f"LOYALTY_SIMULATION_SEED={seed}", *scheduler.trace[-200:])))
                raise


PAYMENTS = {"type": "EXCHANGE_RATIO", "formula": "0.01"}
