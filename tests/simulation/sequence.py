"""The same commands one after another, without faults: what a history must have answered and written.

A second table begins with the same definitions. Each command of the history is sent to the second table once, in the
order of the transactions, at the instant and with the wallet's version of its rows. Rows, cards and answers must be
equal. A refusal must be the command's refusal in a state between sending and answer.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from types import SimpleNamespace

import pytest

from loyalty.domain.cards.card import Card, DueCard
from loyalty.domain.cards.transaction import Transaction
from loyalty.domain.dates import datetime_of
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import LoyaltyError
from loyalty.store.wallet_items import wallet_items
from loyalty.usecases import admission, cards, sweeps
from loyalty.usecases.custom_events import Accepted
from loyalty.usecases.points.refunds import RefundOutcome
from loyalty.usecases.points.transfers import TransferOutcome
from tests.simulation.observation import State
from tests.support.world import Answer, Request, World, books


@dataclass
class Sent:
    """The request of a caller, with its answers or its refusal."""

    request: Request
    answers: list[Answer] = field(default_factory=list)
    refusal: LoyaltyError | None = None
    at: datetime | None = None
    """The caller's clock when the refused request was sent."""
    states: range = range(0)
    """The numbers of the states between the sending of the refused request and its refusal."""


@dataclass
class InSequence:
    """The second table. `rows` are the rows of the history by customer; `versions` are those of the wallet, by number.

    `requests` are the history's requests by the request ids of their rows.
    """

    world: World
    rows: Mapping[str, Sequence[Transaction]]
    versions: Mapping[int, Wallet]
    requests: Mapping[str, Request]
    answers: dict[Request, Answer] = field(default_factory=dict)

    def run(self, states: Sequence[State], refused: Sequence[Sent]) -> None:
        left = self._without_explained(refused, 0, states[0])
        for number, (before, after) in enumerate(pairwise(states), 1):
            self._step(before, after)
            left = self._without_explained(left, number, after)
        assert not left, f"no state explains the refusal {left[0].refusal!r} of {left[0].request}"
        found = books(self.world.items())
        assert {one: [comparable(row) for row in own.rows] for one, own in found.items()} == {
            one: [comparable(row) for row in rows] for one, rows in self.rows.items()
        }

    def _step(self, before: State, after: State) -> None:
        """Repeats the transaction between the two states."""
        changed = {one: card for one, card in after.items() if card is not before.get(one)}
        new = [row for one, card in changed.items() for row in self._new_rows(one, before.get(one), card)]
        self.world.now = datetime_of(max([card.at for card in changed.values()]))
        self._use_version(max(card.wallet_version for card in changed.values()))
        with self._card_ids(card for one, card in changed.items() if one not in before):
            if request_id := next((row.context.request_id for row in new if row.context.request_id), None):
                request = self.requests[request_id]
                self.answers[request] = self.world.send(request, store=self.world.environment())
            else:
                ((customer_id, card),) = changed.items()
                self._without_request(before.get(customer_id), card, new)
        for customer_id, card in changed.items():
            own = self.world.environment().cards.card(customer_id, self.world.wallet_id)
            assert own is not None
            assert _comparable_card(own) == _comparable_card(card), f"the card after {request_id}"

    def _new_rows(self, customer_id: str, before: Card | None, after: Card) -> Sequence[Transaction]:
        return self.rows[customer_id][before.version if before else 0 : after.version]

    def _without_request(self, before: Card | None, card: Card, new: Sequence[Transaction]) -> None:
        store, wallet_id, now = self.world.environment(), self.world.wallet_id, self.world.now
        if before is None:
            cards.enrol(store, wallet_id, card.customer_id, now, code=None, metadata=None)
        elif new:
            assert all(row.operation.is_by_time for row in new)
            sweeps.settle_due_card(store, DueCard(card.customer_id, wallet_id), now)
        else:
            change = {"status": card.status}
            cards.change(store, wallet_id, card.customer_id, change, before.revision, now)

    def _without_explained(self, refused: Sequence[Sent], number: int, state: State) -> list[Sent]:
        return [one for one in refused if number not in one.states or not self._explains(one, state)]

    def _explains(self, sent: Sent, state: State) -> bool:
        """Returns whether the request is refused in the present state, by a version that the cards have not passed."""
        assert sent.at is not None
        self.world.now = sent.at
        own = state.get(sent.request.customer_id)
        for version in sorted(self.versions, reverse=True):
            if own and version < own.wallet_version:
                break
            self._use_version(version)
            try:
                self.world.send(sent.request, store=self.world.environment(), dry=True)
            except LoyaltyError as refusal:
                if _problem(refusal) == _problem(sent.refusal):
                    return True
        return False

    def _use_version(self, version: int) -> None:
        """Makes a version of the wallet the current one."""
        current, _ = wallet_items(self.versions[version])
        self.world.client.put_item(TableName=self.world.table, Item=current)

    @staticmethod
    @contextmanager
    def _card_ids(new: Iterator[Card]) -> Iterator[None]:
        """New cards get the ids of the history's cards, so that transactions have equal ids."""
        ids = [card.card_id for card in new]
        with pytest.MonkeyPatch.context() as patch:
            if ids:
                drawn = SimpleNamespace(token_urlsafe=lambda _: ids.pop(), choice=secrets.choice)
                patch.setattr(admission, "secrets", drawn)
            yield


def comparable(row: Transaction) -> Transaction:
    """The row without its request id, what is random, and the version: two cards may use different ones."""
    return replace(row, context=replace(row.context, request_id=None), wallet_version=0, salt=b"", hash=b"")


def answered(answer: Answer) -> tuple[object, ...]:
    """What the caller reads in the answer: the rows with their amounts and balances, and the ids of other rows."""
    match answer:
        case RefundOutcome():
            return comparable(answer.outcome.transaction), answer.details, answer.returned_id, answer.revoked_id
        case TransferOutcome():
            return comparable(answer.sent.transaction), answer.recipient_transaction_id
        case Accepted():
            rows = [one.outcome.transaction for one in answer.effects if one.outcome]
            rows += [award.row for award in answer.outcome.awards]
            return tuple(map(comparable, rows))
    return (comparable(answer.transaction),)


def _comparable_card(card: Card) -> Card:
    """The card without what rows do not compare, and without its due entry, which a sweep may correct."""
    return replace(card, hash=b"", due=None, settle_failures=0, wallet_version=0)


def _problem(refusal: LoyaltyError | None) -> object:
    return refusal and (type(refusal), refusal.detail, refusal.extensions, refusal.errors)
