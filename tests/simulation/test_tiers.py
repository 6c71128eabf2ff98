"""Tiers under faults: structures are attached and detached while cards change, are swept and are calculated."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import Phase, given, note, settings

from loyalty.domain.audit.standings import standing_from_ledger
from loyalty.domain.cards.card import DueCard
from loyalty.domain.dates import CalendarUnit, Period, Unit, instant
from loyalty.domain.tiers.progression import standings_at
from loyalty.domain.tiers.structure import TierBasis, TierDowngrade
from loyalty.store.store import Store
from loyalty.usecases import sweeps, wallets
from loyalty.usecases.ledger import coming_due
from loyalty.usecases.programs.tier_calculation import calculate_tier
from tests.simulation.account import SEEDS, new_client
from tests.simulation.drafts import CUSTOMERS, EXPIRATIONS, PENDINGS
from tests.simulation.history import DAY, HOUR, History
from tests.support.invariants import audit_all, check_all
from tests.support.tiers import attached, structure
from tests.support.world import Request, books, world

STRUCTURES = (
    structure(("base", 0), ("silver", 8), ("gold", 25), period=CalendarUnit.MONTH),
    structure(
        ("silver", 5),
        ("gold", 20),
        type=TierBasis.POINT_BALANCE,
        period=CalendarUnit.MONTH,
        downgrade=TierDowngrade.SINGLE_LEVEL,
        grace=Period(1, Unit.DAY),
    ),
)


class TierHistory(History):
    """Waves of requests in a wallet to which structures are attached and detached."""

    def check(self) -> None:
        found = books(self.world.items())
        check_all(found.values())
        audit_all(found.values(), self.world.store)
        self.check_answers()

    def finish(self) -> None:
        """Calculates and sweeps every card, without faults: all cards have the tiers of their whole ledgers."""
        wallet, now = self.world.wallet, instant(self.world.now)
        for customer_id in CUSTOMERS:
            self._calculate(self.world.store, customer_id)
            due = DueCard(customer_id, wallet.wallet_id)
            sweeps.settle_due_card(self.world.store, due, self.world.now)
            assert not sweeps.settle_due_card(self.world.store, due, self.world.now)
        for one in books(self.world.items()).values():
            card, rows = one.card, one.rows
            assert card.due == coming_due(card, wallet, max(now, card.at))
            if rows:
                folded = [standing_from_ledger(card, rows, tier, wallet) for tier in wallet.tiers]
                found = standings_at(card, wallet, card.at)
                # A card that had the structure from its first row has the same standing, without a calculation.
                assert list(found) == folded

    def _pause(self) -> int:
        now = instant(self.world.now)
        dues = [one.card.due.at for one in books(self.world.items()).values() if one.card.due]
        coming = [at for at in dues if at > now + 1]
        if coming and self.random.random() < 0.6:
            return self.random.choice(coming) - now + self.random.choice((-1, 0, 1))
        return self.random.choice((0, 10, HOUR, DAY, 20 * DAY))

    def _any_task(self) -> tuple[str, Callable[[], None]]:
        kind = self.random.choices(("request", "sweep", "attach", "calculate"), (10, 3, 2, 3))[0]
        customer_id = self.random.choice(CUSTOMERS)
        name = f"{next(self._numbers)} {kind}"
        if kind == "request":
            return self._sender(name, self._new_request(customer_id))
        due = DueCard(customer_id, self.world.wallet_id)
        works: dict[str, Callable[[Store], object]] = {
            "sweep": lambda store: sweeps.settle_due_card(store, due, self.world.now),
            "attach": self.attach,
            "calculate": lambda store: self._calculate(store, customer_id),
        }
        return name, self._with_retries(works[kind])

    def _new_request(self, customer_id: str) -> Request:
        verb = self.random.choices(("credit", "debit", "refund", "transfer"), (6, 3, 3, 1))[0]
        key, order_id = f"key-{self.random.randint(1, 60)}", self.random.choice((None, "A", "B"))
        if verb == "refund":
            return Request(verb, customer_id, key, order_id or "A")
        if verb == "transfer":
            (recipient,) = {*CUSTOMERS} - {customer_id}
            return Request(verb, customer_id, key, points=self.random.randint(1, 12), recipient=recipient)
        return Request(verb, customer_id, key, order_id, self.random.randint(1, 14))

    def attach(self, store: Store) -> None:
        """Attaches the next structure, or detaches all."""
        before = wallets.read(store, self.world.wallet_id)
        number, version = len(before.tiers), before.version + 1
        one = () if number == len(STRUCTURES) else (attached(STRUCTURES[number], f"club{number}", version),)
        tiers = (*before.tiers, *one) if one else ()
        store.wallets.save(replace(before, version=version, tiers=tiers), before=before, project=None)

    def _calculate(self, store: Store, customer_id: str) -> None:
        wallet = wallets.read(store, self.world.wallet_id)
        for one in wallet.tiers:
            calculate_tier(
                store, wallet.wallet_id, customer_id, one.program_id, self.world.now, version_min=wallet.version
            )


@settings(
    max_examples=settings().max_examples // 5,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    report_multiple_bugs=False,
)
@given(SEEDS)
def test_tiers_follow_from_the_ledger_under_faults(seed: int) -> None:
    random = Random(seed)
    client = new_client()
    with world(
        client,
        expiration=random.choice(EXPIRATIONS),
        pending=random.choice(PENDINGS),
        transfers={"allowed": True},
    ) as made:
        history = TierHistory(made, random)
        for _ in range(random.choice((0, 1, 2, 2))):
            history.attach(made.store)
        made.now += timedelta(seconds=15)
        with history.scheduler.watching(client):
            try:
                history.run()
                history.check()
                history.finish()
                history.check()
            finally:
                note(f"LOYALTY_SIMULATION_SEED={seed}")
                for step in history.scheduler.trace:
                    note(step)
