"""Concurrent refunds of one order: in parts, with one key, in all wallets and in one, during the expiry of its points.

`LOYALTY_SIMULATION_SEED=123 pytest tests/simulation` runs one history again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from random import Random

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import Phase, given, settings

from loyalty.domain.cards.card import DueCard
from loyalty.domain.cards.transaction import (
    Context,
    Operation,
    RefundType,
    Source,
    Transaction,
    TransactionType,
    chain_hash,
)
from loyalty.domain.dates import instant
from loyalty.domain.movements.credit import Grant
from loyalty.domain.movements.refund_amounts import RefundDemand
from loyalty.domain.order import Order
from loyalty.domain.wallets.wallet import WalletStatus
from loyalty.errors import Busy, ClockSkew, LoyaltyError
from loyalty.store.keys import key_origin
from loyalty.store.store import Store
from loyalty.store.table import TransactionCanceled
from loyalty.usecases import sweeps, wallets
from loyalty.usecases.ledger import Command
from loyalty.usecases.points import credits, debits, refunds
from loyalty.usecases.points.refunds import RefundOutcome
from tests.simulation.account import SEEDS, SENDINGS_MAX, new_client
from tests.simulation.scheduler import Crash, Scheduler
from tests.support.world import World, world

HOUR = 3_600
AMOUNT = 1_600
SPENT, EARNED = 37, 53


@dataclass
class Shop:
    """A customer with two wallets. An order spent points in both and earned points that expire in an hour."""

    world: World
    random: Random
    wallets: tuple[str, ...]
    scheduler: Scheduler
    answers: list[tuple[str, list[RefundOutcome]]] = field(default_factory=list)
    busy: int = 0

    def command(self, wallet_id: str, key: str, what: object, order_id: str | None = "A") -> Command:
        order = Order(AMOUNT, None) if order_id else None
        number = self.random.randrange(10**9)
        fingerprint = sha256(repr(what).encode()).digest()[:16]
        context = Context(
            source=Source.API, order_id=order_id, order=order, request_id=f"request-{number}", fingerprint=fingerprint
        )
        return Command(wallet_id=wallet_id, customer_id="ann", origin=key_origin(key), context=context)

    def open(self) -> None:
        store, now = self.world.store, self.world.now
        for wallet_id in self.wallets:
            credits.credit(store, self.command(wallet_id, "first", "first", None), Grant(SPENT + 40), now)
            debits.debit(store, self.command(wallet_id, "spend", "spend"), SPENT, now)
            expiring = Grant(EARNED, expires_at=instant(now) + HOUR)
            credits.credit(store, self.command(wallet_id, "earn", "earn"), expiring, now)

    def refunding(self, key: str, demand: RefundDemand, wallet_id: str | None, store: Store) -> Callable[[], None]:
        """Refunds in the wallet, or in all wallets if the wallet is None."""

        def work() -> None:
            def command_in(one: str) -> Command:
                return self.command(one, key, (key, demand, wallet_id))

            for _ in range(SENDINGS_MAX):
                try:
                    if wallet_id is None:
                        everywhere = refunds.refund_everywhere(store, "ann", "A", command_in, demand, self.world.now)
                        done = list(everywhere.refunds)
                    else:
                        done = [refunds.refund(store, command_in(wallet_id), demand, self.world.now)]
                except (Crash, ClientError, BotoCoreError, ClockSkew):
                    continue
                except Busy:
                    self.busy += 1
                    continue
                except LoyaltyError:
                    return
                self.answers.append((key, done))
                return

        return work

    def sweeping(self, wallet_id: str, store: Store) -> Callable[[], None]:
        def work() -> None:
            for _ in range(SENDINGS_MAX):
                try:
                    sweeps.settle_due_card(store, DueCard("ann", wallet_id), self.world.now)
                except (Crash, ClientError, BotoCoreError, Busy, ClockSkew, TransactionCanceled):
                    continue
                return

        return work

    def spending(self, wallet_id: str, key: str, store: Store) -> Callable[[], None]:
        def work() -> None:
            for _ in range(SENDINGS_MAX):
                try:
                    debits.debit(store, self.command(wallet_id, key, key, None), 3, self.world.now)
                except (Crash, ClientError, BotoCoreError, Busy, ClockSkew):
                    continue
                except LoyaltyError:
                    return
                return

        return work

    def rows(self, wallet_id: str) -> list[Transaction]:
        return self.world.store.cards.rows_of_card("ann", wallet_id)

    def check(self) -> None:
        for wallet_id in self.wallets:
            self._check_books(wallet_id)
            self._check_refunds(wallet_id)
        for key, outcomes in self.answers:
            for outcome in outcomes:
                row = outcome.outcome.transaction
                assert row in self.rows(row.wallet_id), f"{key} was answered with a stored row"

    def _check_books(self, wallet_id: str) -> None:
        card, rows = self.world.store.cards.card("ann", wallet_id), self.rows(wallet_id)
        assert card is not None
        assert [row.seq for row in rows] == list(range(1, card.version + 1))
        previous, active = bytes(32), 0
        for row in rows:
            previous, active = chain_hash(previous, row), active + row.deltas[1]
            assert (row.hash, row.balance.active) == (previous, active)
        assert (card.hash, card.balance.active) == (previous, active)

    def _check_refunds(self, wallet_id: str) -> None:
        """Checks that each refund, in the order of the rows, refunds the rest of its target."""
        amount = spent = earned = 0
        counted = sum(row.points for row in self.rows(wallet_id) if row.type is TransactionType.EXPIRY)
        for row in self.rows(wallet_id):
            details = row.refund
            if details is None:
                continue
            assert row.operation is Operation.REFUND
            assert details.amount is not None
            amount, spent, earned = amount + details.amount, spent + details.spent, earned + details.earned
            counted -= details.expired
            assert amount <= AMOUNT
            assert (spent, earned) == (SPENT * amount // AMOUNT, EARNED * amount // AMOUNT)
        assert counted >= 0, "no expired point counts twice"


@contextmanager
def shop(seed: int, *, faults: bool = True) -> Iterator[Shop]:
    random = Random(seed)
    with world(new_client()) as made:
        other, _ = wallets.create(made.store, {"name": "Other"}, WalletStatus.ACTIVE, made.now, "test")
        scheduler = Scheduler(random, random.choice((0, 0.03, 0.15)) if faults else 0, lambda: None)
        one = Shop(made, random, tuple(sorted((made.wallet_id, other.wallet.wallet_id))), scheduler)
        one.open()
        with scheduler.watching(made.client):
            try:
                yield one
            except BaseException as failure:
                failure.add_note("\n".join((f"LOYALTY_SIMULATION_SEED={seed}", *scheduler.trace)))
                raise


DEMANDS = (
    RefundDemand(RefundType.FULL),
    *(RefundDemand(RefundType.AMOUNT, amount) for amount in (100, 333, 700, 1_600)),
)


@settings(
    max_examples=settings().max_examples // 10,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    report_multiple_bugs=False,
)
@given(SEEDS)
def test_concurrent_refunds_end_like_refunds_in_sequence(seed: int) -> None:
    with shop(seed) as one:
        random = one.random
        environments = [one.world.environment() for _ in range(3)]
        for wave in range(2):
            tasks: dict[str, Callable[[], None]] = {}
            for number in range(random.randint(2, 7)):
                store, wallet_id = random.choice(environments), random.choice(one.wallets)
                kind = random.choice(("refund", "refund", "refund", "everywhere", "sweep", "spend"))
                key = f"key-{random.randint(1, 6)}"
                name = f"{wave}.{number} {kind} {key}"
                if kind == "sweep":
                    tasks[name] = one.sweeping(wallet_id, store)
                elif kind == "spend":
                    tasks[name] = one.spending(wallet_id, f"spend-{wave}-{number}", store)
                else:
                    where = wallet_id if kind == "refund" else None
                    tasks[name] = one.refunding(key, random.choice(DEMANDS), where, store)
            one.scheduler.run(tasks)
            one.world.now += timedelta(seconds=random.choice((0, HOUR - 1, HOUR, HOUR + 1)))
        one.check()


def test_sixteen_concurrent_parts_are_all_refunded_and_none_answers_busy() -> None:
    with shop(1, faults=False) as one:
        wallet_id = one.wallets[0]
        store = one.world.environment()
        part = RefundDemand(RefundType.AMOUNT, AMOUNT // 16)
        one.scheduler.run({f"{n}": one.refunding(f"part-{n:04d}", part, wallet_id, store) for n in range(16)})
        one.check()
        assert one.busy == 0
        assert len(one.answers) == 16
        details = [row.refund for row in one.rows(wallet_id) if row.refund]
        assert (sum(one.spent for one in details), sum(one.earned for one in details)) == (SPENT, EARNED)


@pytest.mark.parametrize("seed", range(3))
def test_eight_concurrent_requests_with_one_key_refund_once(seed: int) -> None:
    with shop(seed, faults=False) as one:
        store = one.world.environment()
        half = RefundDemand(RefundType.AMOUNT, AMOUNT // 2)
        one.scheduler.run({f"{n}": one.refunding("same-key", half, None, store) for n in range(8)})
        one.check()
        assert one.busy == 0
        assert len(one.answers) == 8
        for wallet_id in one.wallets:
            assert [row.refund.amount for row in one.rows(wallet_id) if row.refund] == [AMOUNT // 2]
