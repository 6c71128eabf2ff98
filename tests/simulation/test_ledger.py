"""Several environments, interleaved at each request, with crashes, lost answers, repetitions and different clocks.

`LOYALTY_SIMULATION_SEED=123 pytest tests/simulation` runs one history again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import Phase, given, note, settings

from loyalty.domain.cards.card import CardStatus, DueCard
from loyalty.domain.cards.transaction import Operation, Transaction, TransactionType
from loyalty.domain.dates import instant
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import Busy, ClockSkew, KeyReused, LoyaltyError
from loyalty.store import keys
from loyalty.store.store import Store
from loyalty.store.table import TransactionCanceled
from loyalty.usecases import cards, sweeps, wallets
from tests.simulation.account import SEEDS, SENDINGS_MAX, new_client
from tests.simulation.scheduler import Crash, Scheduler
from tests.support.invariants import audit_all, check_all
from tests.support.model import Model, move
from tests.support.world import Answer, Request, World, books, outcome_of, world

HOUR, DAY = 3_600, 86_400
CUSTOMERS = ("ann", "bob")
EXPIRATIONS: tuple[dict[str, Any], ...] = (
    {"type": "NO_EXPIRATION"},
    {"type": "ROLLING_EXPIRATION", "every": 2, "unit": "HOUR"},
    {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "DAY"},
)
PENDINGS: tuple[dict[str, Any], ...] = (
    {"type": "IMMEDIATE"},
    {"type": "IMMEDIATE"},
    {"type": "PERIOD_BASED", "every": 1, "unit": "HOUR"},
)


@dataclass
class Sent:
    """The request of a caller, with its answers or its refusal."""

    request: Request
    answers: list[Answer] = field(default_factory=list)
    refusal: LoyaltyError | None = None


class History:
    """The waves of requests of a seed. Time passes between waves, often until a due moment."""

    def __init__(self, world: World, random: Random) -> None:
        self.world = world
        self.random = random
        self.sent: list[Sent] = []
        self.changes: list[tuple[str, int, CardStatus]] = []
        """The customer, revision and status of each answered change of a card."""
        self.scheduler = Scheduler(random, random.choice((0, 0.03, 0.15)), self._maybe_pass_a_second)
        self._environments = [world.environment() for _ in range(3)]
        self._numbers = iter(range(10**6))

    def run(self) -> None:
        if self.random.random() < 0.7:
            for customer_id in CUSTOMERS:
                self._sender("first", Request("credit", customer_id, "key-first", "A", points=20))[1]()
        else:
            self.scheduler.run({customer_id: self._enroller(customer_id) for customer_id in CUSTOMERS})
        for _ in range(self.random.randint(2, 3)):
            tasks = [self._any_task() for _ in range(self.random.randint(2, 8))]
            self.scheduler.run(dict(tasks))
            self.world.now += timedelta(seconds=self._pause())

    def finish(self) -> None:
        """Sweeps every card and sends every request again, without faults."""
        for customer_id in CUSTOMERS:
            due = DueCard(customer_id, self.world.wallet_id)
            sweeps.settle_due_card(self.world.store, due, self.world.now)
            assert not sweeps.settle_due_card(self.world.store, due, self.world.now)
            card = self.world.store.cards.card(customer_id, self.world.wallet_id)
            assert card is None or card.due == card.next_settlement()
        done = self._rows()
        for sent in self.sent:
            row = done.get(sent.request.scope)
            if row and row.context.fingerprint == sent.request.fingerprint:
                answer = outcome_of(self.world.send(sent.request))
                assert answer.repeated
                assert answer.transaction == row

    def check(self) -> None:
        found = books(self.world.items())
        check_all(found.values())
        audit_all(found.values(), self.world.store)
        self._check_answers()
        for customer_id, revision, status in self.changes:
            card = found[customer_id].card
            assert card.revision >= revision, "a movement does not undo a change of the card"
            assert card.revision > revision or card.status is status
        versions = self.world.store.wallets.versions(self.world.wallet_id, 10**6, 100)
        wallets_by_version = {wallet.version: wallet for wallet in versions}
        requests = {sent.request.fingerprint: sent.request for sent in self.sent}
        for one in found.values():
            model = _one_after_another(one.rows, requests, wallets_by_version)
            assert {(lot.expires_at, lot.issue_day): lot.points for lot in one.card.lots} == model.active_lots()
            pending = {(lot.activates_at, lot.expires_at, lot.issue_day): lot.points for lot in one.card.pending}
            assert pending == model.pending_lots()

    def _check_answers(self) -> None:
        """Checks that each answer has the row of its request."""
        done = self._rows()
        firsts: dict[bytes, int] = defaultdict(int)
        for sent in self.sent:
            row = done.get(sent.request.scope)
            for answer in map(outcome_of, sent.answers):
                assert answer.transaction == row
                firsts[sent.request.fingerprint] += not answer.repeated
            if isinstance(sent.refusal, KeyReused):
                assert row is not None
                assert row.context.fingerprint != sent.request.fingerprint
        assert all(count == 1 for count in firsts.values() if count), "at most one answer is not a repetition"

    def _rows(self) -> dict[tuple[str, str | None, str], Transaction]:
        """The rows by the scope of their key."""
        rows = {
            (row.customer_id, item["sk"]["S"]): row
            for one in books(self.world.items()).values()
            for row, item in zip(one.rows, one.row_items, strict=True)
        }
        found = {}
        for customer_id, order_id, key in {sent.request.scope for sent in self.sent}:
            sort_key = keys.row(self.world.wallet_id, order_id, keys.key_origin(key))
            if row := rows.get((customer_id, sort_key)):
                found[customer_id, order_id, key] = row
        return found

    def _maybe_pass_a_second(self) -> None:
        if self.random.random() < 0.1:
            self.world.now += timedelta(seconds=1)

    def _pause(self) -> int:
        """The seconds until a second before, at or after a due moment, or a fixed pause."""
        now = instant(self.world.now)
        found = books(self.world.items())
        dues = [due.at for one in found.values() if (due := one.card.next_settlement()) and due.at > now + 1]
        if dues and self.random.random() < 0.7:
            return self.random.choice(dues) - now + self.random.choice((-1, 0, 1))
        return self.random.choice((0, 2, 10, HOUR, DAY))

    def _any_task(self) -> tuple[str, Callable[[], None]]:
        kind = self.random.choices(
            ("new request", "same request", "sweep", "enrol", "block", "change wallet", "defer"),
            (12, 4, 3, 1, 2, 4, 1),
        )[0]
        customer_id = self.random.choice(CUSTOMERS)
        due = DueCard(customer_id, self.world.wallet_id)
        name = f"{next(self._numbers)} {kind}"
        if kind == "new request":
            return self._sender(name, self._new_request(customer_id))
        if kind == "same request" and self.sent:
            return self._sender(name, self.random.choice(self.sent).request)
        if kind == "enrol":
            return name, self._enroller(customer_id)
        works: dict[str, Callable[[Store], object]] = {
            "block": lambda store: self._block(store, customer_id),
            "change wallet": self._change_wallet,
            "defer": lambda store: sweeps.defer(store, due, self.world.now),
        }
        return name, self._with_retries(
            works.get(kind, lambda store: sweeps.settle_due_card(store, due, self.world.now))
        )

    def _new_request(self, customer_id: str) -> Request:
        random = self.random
        # Some keys are used for two requests, as by a mistake.
        key = f"key-{random.randint(1, 40)}"
        order_id = random.choice((None, "A", "B"))
        verb = random.choices(
            ("credit", "debit", "refund", "hold", "capture", "release", "transfer"), (5, 4, 3, 3, 3, 2, 3)
        )[0]
        if verb == "transfer":
            (recipient,) = {*CUSTOMERS} - {customer_id}
            return Request(verb, customer_id, key, points=random.randint(1, 12), recipient=recipient)
        if verb == "refund":
            return Request(verb, customer_id, key, order_id or "A")
        if verb in ("capture", "release"):
            return self._of_a_hold(verb, customer_id, key)
        if verb == "hold":
            # The order of a hold is never refunded.
            order_id = random.choice((None, "H"))
            return Request(verb, customer_id, key, order_id, random.randint(1, 9), minutes=random.choice((1, 60, 90)))
        return Request(verb, customer_id, key, order_id, random.randint(1, 12), metadata=random.choice((None, "{}")))

    def _of_a_hold(self, verb: str, customer_id: str, key: str) -> Request:
        """A capture or release of one of the last holds, open or ended, or of an unknown hold."""
        found = books(self.world.items())
        rows = found[customer_id].rows if customer_id in found else []
        holds = [row for row in rows if row.type is TransactionType.HOLD]
        if not holds:
            return Request(verb, customer_id, key, hold_id=f"{'a' * 16}.1")
        row = self.random.choice(holds[-2:])
        points, final = self.random.choice((0, 0, 1, 5)), self.random.random() < 0.6
        if verb == "release":
            points, final = 0, True
        return Request(verb, customer_id, key, row.context.order_id, points, hold_id=row.transaction_id, final=final)

    def _sender(self, name: str, request: Request) -> tuple[str, Callable[[], None]]:
        """A caller that sends its request again after a lost answer or a 503."""
        sent = Sent(request)
        self.sent.append(sent)
        skews = [self.random.choice((0, 0, 0, -3, 3, 8)) for _ in range(SENDINGS_MAX)]

        def work() -> None:
            for skew in skews:
                try:
                    sent.answers.append(self.world.send(request, skew=skew, store=self._environment()))
                except (Crash, ClientError, BotoCoreError, Busy, ClockSkew):
                    continue
                except LoyaltyError as refusal:
                    sent.refusal = refusal
                return

        return f"{name} {request.verb} {request.customer_id} {request.order_id} {request.key}", work

    def _with_retries(self, work: Callable[[Store], object]) -> Callable[[], None]:
        def retried() -> None:
            for _ in range(SENDINGS_MAX):
                try:
                    work(self._environment())
                except (Crash, ClientError, BotoCoreError, Busy, ClockSkew, TransactionCanceled):
                    continue
                except LoyaltyError:
                    return
                return

        return retried

    def _environment(self) -> Store:
        """One of a few environments, each with its own cache of the wallet."""
        return self.random.choice(self._environments)

    def _enroller(self, customer_id: str) -> Callable[[], None]:
        code = "ONE-FOR-BOTH" if self.random.random() < 0.5 else None
        wallet_id = self.world.wallet_id
        return self._with_retries(
            lambda store: cards.enrol(store, wallet_id, customer_id, self.world.now, code=code, metadata=None)
        )

    def _block(self, store: Store, customer_id: str) -> None:
        wallet_id, now = self.world.wallet_id, self.world.now
        card, _ = cards.read(store, wallet_id, customer_id, now)
        status = CardStatus.ACTIVE if card.status is CardStatus.BLOCKED else CardStatus.BLOCKED
        changed, _ = cards.change(store, wallet_id, customer_id, {"status": status}, card.revision, now)
        self.changes.append((customer_id, changed.revision, status))

    def _change_wallet(self, store: Store) -> None:
        wallet = wallets.read(store, self.world.wallet_id)
        patch = {"expiration": self.random.choice(EXPIRATIONS)}
        wallets.change(store, wallet.wallet_id, patch, wallet.version, self.world.now, "test")


@settings(
    max_examples=settings().max_examples // 3,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    report_multiple_bugs=False,
)
@given(SEEDS)
def test_every_command_takes_effect_once_or_not_at_all_under_faults(seed: int) -> None:
    with _history(seed) as history:
        history.run()
        history.check()
        history.finish()
        history.check()


def test_an_environment_reads_the_wallet_again_after_a_card_used_a_newer_version() -> None:
    with world(new_client()) as made:
        one, other = (made.environment() for _ in range(2))
        made.send(Request("credit", "ann", "key-1", points=5), store=one)
        made.send(Request("credit", "bob", "key-2", points=5), store=other)
        wallets.change(other, made.wallet_id, {"expiration": EXPIRATIONS[1]}, 1, made.now, "test")

        seen = outcome_of(made.send(Request("credit", "ann", "key-3", points=5), store=other))
        again = outcome_of(made.send(Request("credit", "ann", "key-4", points=5), store=one))

        assert [seen.transaction.wallet_version, again.transaction.wallet_version] == [2, 2]
        assert again.transaction.lots == seen.transaction.lots


@contextmanager
def _history(seed: int) -> Iterator[History]:
    random = Random(seed)
    kind: dict[str, Any] = {"expiration": random.choice(EXPIRATIONS), "pending": random.choice(PENDINGS)}
    kind["transfers"] = {"allowed": True}
    client = new_client()
    with world(client, **kind) as made:
        history = History(made, random)
        with history.scheduler.watching(client):
            try:
                yield history
            finally:
                note(f"LOYALTY_SIMULATION_SEED={seed}")
                for step in history.scheduler.trace:
                    note(step)


def _one_after_another(rows: list[Transaction], requests: dict[bytes, Request], versions: dict[int, Wallet]) -> Model:
    """A model that runs the requests in sequence, in the order of the ledger."""
    model = Model(versions[1])
    for row in rows:
        model.wallet = versions[row.wallet_version]
        if len(model.rows) < row.seq and row.operation is Operation.SETTLE:
            model.settle(row.created_at)
        if len(model.rows) < row.seq:
            # A release or a final capture writes settlement rows for points past their expiry.
            own = next(later for later in rows[row.seq - 1 :] if later.operation is not Operation.SETTLE)
            if own.type is TransactionType.TRANSFER_IN:
                model.receive(own.lots, own.created_at)
            else:
                assert own.context.fingerprint is not None
                move(model, requests[own.context.fingerprint], own.created_at)
        assert model.rows[row.seq - 1] == (row.type, row.points, row.balance.active, row.balance.pending)
    assert len(model.rows) == len(rows)
    return model
