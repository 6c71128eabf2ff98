"""The main history: waves of concurrent requests, sweeps and changes. Time passes between waves."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from loyalty.domain.cards.card import Card, CardStatus, DueCard
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import Transaction
from loyalty.domain.dates import instant
from loyalty.errors import Busy, CardNotFound, ClockSkew, KeyReused, LoyaltyError
from loyalty.messaging.bus import EventsNotAccepted
from loyalty.store import keys
from loyalty.store.store import Store
from loyalty.store.table import TransactionCanceled
from loyalty.usecases import cards, sweeps, wallets
from loyalty.usecases.custom_events import Accepted
from tests.simulation.account import SENDINGS_MAX
from tests.simulation.drafts import CUSTOMERS, PLAIN, Drafts, plain_change
from tests.simulation.observation import Observation
from tests.simulation.publisher import Publisher
from tests.simulation.scheduler import Crash, Scheduler
from tests.simulation.sequence import Sent
from tests.support.world import Answer, Request, World, books, outcome_of

HOUR, DAY = 3_600, 86_400


class History:
    """The waves of requests of a seed. Time passes between waves, often until a due moment."""

    def __init__(self, world: World, random: Random) -> None:
        self.world = world
        self.random = random
        self.sent: list[Sent] = []
        self.changes: list[tuple[str, int, CardStatus]] = []
        """The customer, revision and status of each answered change of a card."""
        self.drafts = Drafts(world, random, PLAIN)
        self.change_of_wallet: Callable[[Random], dict[str, Any]] = plain_change
        self.observation = Observation(world, CUSTOMERS)
        self.publisher = Publisher(self.observation, random)
        self.readings: list[tuple[str, Card | None, int, range]] = []
        """The customer, the card that was read, the instant, and the numbers of the states during the reading."""
        self.scheduler = Scheduler(random, random.choice((0, 0.03, 0.15)), self._between)
        self._environments = [world.environment() for _ in range(3)]
        self._numbers = iter(range(10**6))

    def run(self) -> None:
        if self.random.random() < 0.7:
            for customer_id in CUSTOMERS:
                self._sender("first", Request("credit", customer_id, "key-first", "A", points=20))[1]()
                self.observation.observe()
        else:
            self.scheduler.run({customer_id: self._enroller(customer_id) for customer_id in CUSTOMERS})
            self.observation.observe()
        for _ in range(self.random.randint(2, 3)):
            tasks = [self._any_task() for _ in range(self.random.randint(2, 8))]
            self.scheduler.run(dict(tasks))
            self.observation.observe()
            self.world.now += timedelta(seconds=self._pause())

    def finish(self) -> None:
        """Sweeps every card and sends every request again, without faults."""
        for customer_id in CUSTOMERS:
            due = DueCard(customer_id, self.world.wallet_id)
            sweeps.settle_due_card(self.world.store, due, self.world.now)
            assert not sweeps.settle_due_card(self.world.store, due, self.world.now)
            self.observation.observe()
            card = self.world.store.cards.card(customer_id, self.world.wallet_id)
            assert card is None or card.due == card.next_settlement()
        for request, rows in self.rows_of_requests().items():
            answer = self.world.send(request)
            assert own_rows(answer)[-1:] in ([], rows[-1:])
            assert request.verb == "event" or outcome_of(answer).repeated

    def rows_of_requests(self) -> dict[Request, list[Transaction]]:
        """The rows that each request wrote on the card of its customer."""
        found: dict[Request, list[Transaction]] = defaultdict(list)
        for one in books(self.world.items()).values():
            for row in one.rows:
                request = self.world.requests.get(row.context.request_id or "")
                if request and request.customer_id == row.customer_id:
                    found[request].append(row)
        return found

    def check_answers(self) -> None:
        """Checks that each answer has the rows of its request."""
        rows = self.rows_of_requests()
        taken = self._taken_keys()
        firsts: dict[Request, int] = defaultdict(int)
        for sent in self.sent:
            for answer in sent.answers:
                if isinstance(answer, Accepted):
                    assert own_rows(answer)[-1:] in ([], rows[sent.request][-1:])
                    assert not any(effect.refusal for effect in answer.effects)
                else:
                    assert own_rows(answer) == rows[sent.request][-1:]
                    firsts[sent.request] += not outcome_of(answer).repeated
            if isinstance(sent.refusal, KeyReused):
                assert taken[sent.request.scope] != sent.request.fingerprint
        assert all(count == 1 for count in firsts.values() if count), "at most one answer is not a repetition"

    def check_readings(self) -> None:
        """Checks that each reading found the card as it was in a state meanwhile, settled."""
        for customer_id, card, now, numbers in self.readings:
            states = [self.observation.states[number].get(customer_id) for number in numbers]
            settled = [one and without_due(settle(one, max(now, one.at))[0]) for one in states]
            assert (card and without_due(card)) in settled, f"no state of the card of {customer_id} was like that"

    def _taken_keys(self) -> dict[tuple[str, str | None, str], bytes | None]:
        """The fingerprints of the rows by the scope of their key."""
        rows = {
            (row.customer_id, item["sk"]["S"]): row.context.fingerprint
            for one in books(self.world.items()).values()
            for row, item in zip(one.rows, one.row_items, strict=True)
        }
        found = {}
        for customer_id, order_id, key in {sent.request.scope for sent in self.sent}:
            place = customer_id, keys.row(self.world.wallet_id, order_id, keys.key_origin(key))
            if place in rows:
                found[customer_id, order_id, key] = rows[place]
        return found

    def _between(self) -> None:
        """Passes a second now and then, and observes what the last request did."""
        self.observation.observe()
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
            ("new request", "same request", "sweep", "enrol", "block", "change wallet", "defer", "read", "publish"),
            (12, 4, 3, 1, 2, 4, 1, 4, 2),
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
            "read": lambda store: self._read(store, customer_id),
            "publish": self.publisher.publish,
        }
        return name, self._with_retries(
            works.get(kind, lambda store: sweeps.settle_due_card(store, due, self.world.now))
        )

    def _new_request(self, customer_id: str) -> Request:
        return self.drafts.draft(customer_id)

    def _sender(self, name: str, request: Request) -> tuple[str, Callable[[], None]]:
        """A caller that sends its request again after a lost answer or a 503."""
        sent = Sent(request)
        self.sent.append(sent)
        skews = [self.random.choice((0, 0, 0, -3, 3, 8)) for _ in range(SENDINGS_MAX)]

        def work() -> None:
            for skew in skews:
                first, at = self.observation.now, self.world.now + timedelta(seconds=skew)
                try:
                    sent.answers.append(self.world.send(request, skew=skew, store=self._environment()))
                except (Crash, ClientError, BotoCoreError, Busy, ClockSkew):
                    continue
                except LoyaltyError as refusal:
                    sent.refusal, sent.at, sent.states = refusal, at, range(first, self.observation.now + 1)
                return

        return f"{name} {request.verb} {request.customer_id} {request.order_id} {request.key}", work

    def _with_retries(self, work: Callable[[Store], object]) -> Callable[[], None]:
        def retried() -> None:
            for _ in range(SENDINGS_MAX):
                try:
                    work(self._environment())
                except (Crash, ClientError, BotoCoreError, Busy, ClockSkew, TransactionCanceled, EventsNotAccepted):
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

    def _read(self, store: Store, customer_id: str) -> None:
        first, now = self.observation.now, self.world.now
        try:
            card, _ = cards.read(store, self.world.wallet_id, customer_id, now)
        except CardNotFound:
            card = None
        self.readings.append((customer_id, card, instant(now), range(first, self.observation.now + 1)))

    def _block(self, store: Store, customer_id: str) -> None:
        wallet_id, now = self.world.wallet_id, self.world.now
        card, _ = cards.read(store, wallet_id, customer_id, now)
        status = CardStatus.ACTIVE if card.status is CardStatus.BLOCKED else CardStatus.BLOCKED
        changed, _ = cards.change(store, wallet_id, customer_id, {"status": status}, card.revision, now)
        self.changes.append((customer_id, changed.revision, status))

    def _change_wallet(self, store: Store) -> None:
        wallet = wallets.read(store, self.world.wallet_id)
        patch = self.change_of_wallet(self.random)
        wallets.change(store, wallet.wallet_id, patch, wallet.version, self.world.now, "test")


def without_due(card: Card) -> Card:
    """The card without its due entry, which a sweep may move without a transaction of the card."""
    return replace(card, due=None, settle_failures=0)


def own_rows(answer: Answer) -> list[Transaction]:
    """The last row of each part of the answer: one, except for an event."""
    if isinstance(answer, Accepted):
        rows = [one.outcome.transaction for one in answer.effects if one.outcome]
        return rows + [award.row for award in answer.outcome.awards]
    return [outcome_of(answer).transaction]
