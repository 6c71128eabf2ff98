"""No history of a wallet breaks an invariant: the use cases are compared with a model of single points."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
from loyalty.domain.cards.card import Card, CardStatus, DueCard
from loyalty.domain.dates import instant
from loyalty.errors import CardBlocked, CardFrozen, CardNotFound, ClockSkew, KeyReused, LoyaltyError, TransferToSelf
from loyalty.usecases import cards, sweeps
from loyalty.usecases.admission import CLOCK_SKEW_SECONDS_MAX
from loyalty.usecases.points.refunds import RefundOutcome
from loyalty.usecases.points.transfers import TransferOutcome
from tests.support.invariants import audit_all, check_all
from tests.support.model import Model, move
from tests.support.world import Answer, Books, Request, World, books, client_of, emulator, outcome_of, world

HOUR, DAY = 3_600, 86_400
CUSTOMERS = st.sampled_from(["ann", "ann", "bob", "bob", "eve"])
KEYS = st.sampled_from([None, None, None, None, "key-one", "key-two", "key#two"])
"""Few keys, so that they are used again on purpose. None is a new key."""
ORDERS = st.sampled_from([None, "A", "A#B"])
POINTS = st.integers(1, 12)
SKEWS = st.sampled_from([0] * 8 + [-5, -3, 3, 5, -6, 6])
"""Seconds between the caller's clock and the database's clock."""
STATUSES = st.sampled_from([CardStatus.ACTIVE] * 3 + [CardStatus.BLOCKED, CardStatus.FROZEN])
PAUSES = st.sampled_from([0, 0, 0, 1, 60, HOUR, 5 * HOUR, DAY, 20 * DAY])
DELAYS = PAUSES.map(str) | st.sampled_from(["due-1", "due", "due", "due+1"])
"""The delay before a step: seconds, or the time until the next due moment of the card."""
REFUSALS: dict[tuple[CardStatus | None, str], type[LoyaltyError]] = {
    (None, "debit"): CardNotFound,
    (None, "refund"): CardNotFound,
    (CardStatus.FROZEN, "credit"): CardFrozen,
    (CardStatus.FROZEN, "debit"): CardFrozen,
    (CardStatus.FROZEN, "refund"): CardFrozen,
    (None, "hold"): CardNotFound,
    (None, "transfer"): CardNotFound,
    (CardStatus.BLOCKED, "debit"): CardBlocked,
    (CardStatus.BLOCKED, "hold"): CardBlocked,
    (CardStatus.BLOCKED, "transfer"): CardBlocked,
    **{(CardStatus.FROZEN, verb): CardFrozen for verb in ("hold", "capture", "release", "transfer")},
}
WALLETS = st.fixed_dictionaries(
    {
        "transfers": st.just({"allowed": True}),
        "time_zone": st.sampled_from(["Europe/Berlin", "America/New_York"]),
        "consumptionOrder": st.sampled_from(["EARLIEST_EXPIRY", "EARLIEST_ISSUE"]),
        "expiration": st.sampled_from(
            [
                {"type": "NO_EXPIRATION"},
                {"type": "ROLLING_EXPIRATION", "every": 90, "unit": "MINUTE"},
                {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "DAY"},
                {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "MONTH"},
            ]
        ),
        "pending": st.sampled_from(
            [
                {"type": "IMMEDIATE"},
                {"type": "PERIOD_BASED", "every": 2, "unit": "HOUR"},
                {"type": "PERIOD_BASED", "every": 1, "unit": "DAY"},
            ]
        ),
    }
)


@pytest.fixture(autouse=True, scope="module")
def dynamodb() -> Iterator[None]:
    with emulator() as session:
        _client.append(client_of(session))
        yield
        _client.clear()


_client: list["DynamoDBClient"] = []


class LedgerMachine(RuleBasedStateMachine):
    world: World

    @initialize(kind=WALLETS)
    def create_wallet(self, kind: dict[str, Any]) -> None:
        self._entered = world(_client[0], **kind)
        self.world = self._entered.__enter__()
        self.wallet = self.world.wallet
        self.models: dict[str, Model] = {}
        self.statuses: dict[str, CardStatus] = {}
        self.answers: dict[tuple[str, str | None, str], tuple[Request, Answer]] = {}
        self.sent: list[Request] = []
        self.holds: list[tuple[str, str | None, str]] = []
        """The customer, order and id of the placed holds, open or ended."""
        # The first credit has its own dates, so that there are points to spend in every wallet.
        sent_at = instant(self.world.now)
        for customer in ("ann", "bob"):
            self._send(Request("credit", customer, "key-zero", "A", 30, 0, 300 * DAY, sent_at), 0)

    def teardown(self) -> None:
        if hasattr(self, "_entered"):
            audit_all(books(self.world.items()).values(), self.world.store)
            self._entered.__exit__(None, None, None)

    @rule(
        customer=CUSTOMERS,
        key=KEYS,
        order=ORDERS,
        points=POINTS,
        activates_in=st.sampled_from([None, None, None, 0, HOUR]),
        expires_in=st.sampled_from([None, None, None, 1, 2 * HOUR]),
        metadata=st.sampled_from([None, '{"note":"for Ann"}']),
        delay=DELAYS,
        skew=SKEWS,
    )
    def credit(
        self, customer: str, key: str | None, order: str | None, points: int, delay: str, skew: int, **more: Any
    ) -> None:
        self._wait(customer, delay)
        dated = more["activates_in"] is not None or more["expires_in"] is not None
        sent_at = instant(self.world.now) if dated else 0
        self._send(Request("credit", customer, self._key(key), order, points, sent_at=sent_at, **more), skew)

    @rule(
        customer=CUSTOMERS,
        key=KEYS,
        order=ORDERS,
        share=st.sampled_from([0.1, 0.3, 0.5, 1, 1.2]),
        delay=DELAYS,
        skew=SKEWS,
    )
    def debit(self, customer: str, key: str | None, order: str | None, share: float, delay: str, skew: int) -> None:
        """Debits a share of the points at the last write. Time may have changed the points since then."""
        model = self.models.get(customer)
        points = ceil(share * len(model.of("active"))) if model else 1
        self._wait(customer, delay)
        if points:
            self._send(Request("debit", customer, self._key(key), order, points), skew)

    @rule(customer=CUSTOMERS, key=KEYS, order=st.sampled_from(["A", "A#B"]), delay=DELAYS, skew=SKEWS)
    def refund(self, customer: str, key: str | None, order: str, delay: str, skew: int) -> None:
        self._wait(customer, delay)
        self._send(Request("refund", customer, self._key(key), order), skew)

    @rule(
        customer=CUSTOMERS,
        key=KEYS,
        order=st.sampled_from([None, "H"]),
        share=st.sampled_from([0.2, 0.5, 1, 1.2]),
        minutes=st.sampled_from([1, 15, 90, 1_440, 44_640]),
        delay=DELAYS,
        skew=SKEWS,
    )
    def hold(
        self, customer: str, key: str | None, order: str | None, share: float, minutes: int, delay: str, skew: int
    ) -> None:
        """Holds points for an order that is never refunded."""
        model = self.models.get(customer)
        points = ceil(share * len(model.of("active"))) if model else 1
        self._wait(customer, delay)
        if points:
            self._send(Request("hold", customer, self._key(key), order, points, minutes=minutes), skew)

    @rule(
        data=st.data(),
        key=KEYS,
        verb=st.sampled_from(["capture", "capture", "release"]),
        points=st.sampled_from([0, 0, 1, 3, 20]),
        final=st.booleans(),
        delay=DELAYS,
        skew=SKEWS,
    )
    def end_a_hold(
        self, data: st.DataObject, key: str | None, verb: str, points: int, delay: str, skew: int, *, final: bool
    ) -> None:
        if not self.holds:
            return
        customer, order, hold_id = data.draw(st.sampled_from(self.holds[-4:]))
        self._wait(customer, delay)
        more: dict[str, Any] = {"points": points, "final": final} if verb == "capture" else {}
        self._send(Request(verb, customer, self._key(key), order, hold_id=hold_id, **more), skew)

    @rule(
        sender=CUSTOMERS,
        recipient=CUSTOMERS,
        key=KEYS,
        share=st.sampled_from([0.1, 0.5, 1, 1.2]),
        delay=DELAYS,
        skew=SKEWS,
    )
    def transfer(self, sender: str, recipient: str, key: str | None, share: float, delay: str, skew: int) -> None:
        model = self.models.get(sender)
        points = ceil(share * len(model.of("active"))) if model else 1
        self._wait(sender, delay)
        if points:
            self._send(Request("transfer", sender, self._key(key), points=points, recipient=recipient), skew)

    @rule(data=st.data(), skew=SKEWS)
    def send_something_again(self, data: st.DataObject, skew: int) -> None:
        if self.sent:
            self._send(data.draw(st.sampled_from(self.sent)), skew)

    @rule(customer=CUSTOMERS, status=STATUSES)
    def enrol_or_change_the_cards_status(self, customer: str, status: CardStatus) -> None:
        store, wallet_id, now = self.world.store, self.wallet.wallet_id, self.world.now
        card, _, created = cards.enrol(store, wallet_id, customer, now, code=None, metadata=None)
        assert created == (customer not in self.models)
        if created:
            self.models[customer] = Model(self.wallet, at=card.at)
        if status is not card.status:
            cards.change(store, wallet_id, customer, {"status": status}, card.revision, now)
        self.statuses[customer] = status

    @rule(customer=CUSTOMERS, delay=DELAYS, skew=SKEWS)
    def sweep(self, customer: str, delay: str, skew: int) -> None:
        """A sweep finds every card with a due moment and records the state that a read already answers."""
        self._wait(customer, delay)
        with self.world.skewed(skew):
            self._sweep(customer, skew)

    def _sweep(self, customer: str, skew: int) -> None:
        store, at = self.world.store, self.world.clock()
        due = DueCard(customer, self.wallet.wallet_id)
        if customer not in self.models:
            assert not sweeps.settle_due_card(store, due, at)
            return
        if abs(skew) > CLOCK_SKEW_SECONDS_MAX:
            with pytest.raises(ClockSkew):
                sweeps.settle_due_card(store, due, at)
            return
        model = self.models[customer]
        seen, _ = cards.read(store, self.wallet.wallet_id, customer, at)
        before = len(model.rows)
        model_at = model.at
        model.settle(instant(at))
        moved = len(model.rows) > before
        if not moved:
            model.at = model_at
        elif instant(at) >= model_at:
            nominated = [one for kind in "AE" for one in store.cards.due_cards(kind, seen.shard, instant(at), 10)[0]]
            assert due in nominated

        assert sweeps.settle_due_card(store, due, at) == moved

        after = store.cards.card(*[customer, self.wallet.wallet_id])
        assert after is not None
        assert _settled_part(after) == _settled_part(seen)
        assert after.due == after.next_settlement()
        assert not sweeps.settle_due_card(store, due, at)

    def _key(self, key: str | None) -> str:
        return key or f"key-{len(self.sent)}"

    def _wait(self, customer: str, delay: str) -> None:
        if not delay.startswith("due"):
            self.world.now += timedelta(seconds=int(delay))
        elif customer in self.models and (due := self.models[customer].next_due()):
            seconds = due + int(delay.removeprefix("due") or 0) - instant(self.world.now)
            self.world.now += timedelta(seconds=max(seconds, 0))

    @invariant()
    def every_promise_holds(self) -> None:
        if not hasattr(self, "models"):
            return
        found = books(self.world.items())
        assert set(found) == set(self.models)
        check_all(found.values())
        for customer, one in found.items():
            self._as_modelled(one, self.models[customer], self.statuses[customer])

    def _as_modelled(self, one: Books, model: Model, status: CardStatus) -> None:
        rows = [(str(row.type), row.points, row.balance.active, row.balance.pending) for row in one.rows]
        assert rows == model.rows
        assert one.card.status == status
        assert {(lot.expires_at, lot.issue_day): lot.points for lot in one.card.lots} == model.active_lots()
        pending = {(lot.activates_at, lot.expires_at, lot.issue_day): lot.points for lot in one.card.pending}
        assert pending == model.pending_lots()

    def _send(self, request: Request, skew: int) -> None:
        self.sent.append(request)
        expected = self._expected(request, instant(self.world.now) + skew)
        if expected is not None:
            with pytest.raises(expected):
                self.world.send(request, skew=skew)
            return
        answer = self.world.send(request, skew=skew)
        outcome = outcome_of(answer)
        if request.scope in self.answers:
            assert outcome.repeated
            assert _unmarked(answer) == _unmarked(self.answers[request.scope][1])
        else:
            assert not outcome.repeated
            self.answers[request.scope] = request, answer
            if request.verb == "hold":
                self.holds.append((request.customer_id, request.order_id, outcome.transaction.transaction_id))

    def _expected(self, request: Request, at: int) -> type[LoyaltyError] | None:
        """The expected refusal, or None. If the request moves points, the model moves them, too."""
        if request.recipient == request.customer_id:
            return TransferToSelf
        if request.scope in self.answers:
            return None if self.answers[request.scope][0] == request else KeyReused
        if abs(at - instant(self.world.now)) > CLOCK_SKEW_SECONDS_MAX:
            return ClockSkew
        model = self.models.get(request.customer_id)
        refused = self._refusal(request)
        if refused:
            return refused
        trial = copy.deepcopy(model) if model else Model(self.wallet)
        try:
            if request.recipient:
                self._transfer(trial, request, at)
            else:
                move(trial, request, at)
        except LoyaltyError as refusal:
            return type(refusal)
        self.models[request.customer_id] = trial
        self.statuses.setdefault(request.customer_id, CardStatus.ACTIVE)
        return None

    def _refusal(self, request: Request) -> type[LoyaltyError] | None:
        """The refusal by the status of the cards. A transfer checks both cards before it checks the sender."""
        status, recipient = self.statuses.get(request.customer_id), self.statuses.get(request.recipient)
        if request.recipient and status not in (None, CardStatus.FROZEN) and recipient in (None, CardStatus.FROZEN):
            return CardFrozen if recipient else CardNotFound
        return REFUSALS.get((status, request.verb))

    def _transfer(self, sender: Model, request: Request, at: int) -> None:
        recipient = self.models[request.recipient]
        # Both cards have the same instant.
        at = max(at, sender.at, recipient.at)
        recipient.receive(sender.send(request.points, at), at)


def _unmarked(answer: Answer) -> Answer:
    """The answer without the mark of a repetition."""
    match answer:
        case RefundOutcome():
            return replace(answer, outcome=replace(answer.outcome, repeated=False))
        case TransferOutcome():
            return replace(answer, sent=replace(answer.sent, repeated=False))
    return replace(outcome_of(answer), repeated=False)


def _settled_part(card: Card) -> tuple[Any, ...]:
    return card.lots, card.pending, card.holds, card.debt, card.lifetime, card.counters, card.status


TestLedger = LedgerMachine.TestCase
# A step makes several requests to moto, which take 3 ms each.
TestLedger.settings = settings(max_examples=settings().max_examples // 3, stateful_step_count=30)
