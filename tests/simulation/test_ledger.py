"""Several environments, interleaved at each request, with crashes, lost answers, repetitions and different clocks.

`LOYALTY_SIMULATION_SEED=123 pytest tests/simulation` runs one history again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from hypothesis import Phase, given, note, settings

from loyalty.domain.cards.transaction import Operation, Transaction, TransactionType
from loyalty.domain.earning.campaign import CampaignStatus
from loyalty.domain.wallets.wallet import Wallet
from loyalty.usecases import wallets
from loyalty.usecases.earning import campaigns
from tests.simulation.account import SEEDS, new_client
from tests.simulation.drafts import (
    DELIVERED,
    EXPIRATIONS,
    OPENED,
    RICH,
    VISITED,
    plain_settings,
    rich_change,
    rich_settings,
)
from tests.simulation.history import History, own_rows
from tests.simulation.sequence import InSequence, answered
from tests.support.emulator import copied_items, paste_items
from tests.support.invariants import audit_all, check_all
from tests.support.model import Model, move
from tests.support.world import Request, World, books, outcome_of, world


@settings(
    max_examples=settings().max_examples // 6,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    report_multiple_bugs=False,
)
@given(SEEDS)
def test_every_command_takes_effect_once_or_not_at_all_under_faults(seed: int) -> None:
    with _history(seed, plain_settings) as history:
        history.run()
        _check(history)
        _check_model(history)
        history.finish()
        _check(history)
        _check_model(history)


@settings(
    max_examples=settings().max_examples // 4,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    report_multiple_bugs=False,
)
@given(SEEDS)
def test_a_history_of_all_commands_answers_as_if_they_came_one_after_another(seed: int) -> None:
    with _history(seed, rich_settings) as history:
        begin = copied_items(history.world.table)
        history.drafts.weights, history.change_of_wallet = RICH, rich_change
        history.run()
        _check(history)
        history.finish()
        _check(history)
        _check_sequence(history, begin)
        history.publisher.finish(history.world.store)
        wallet = history.world.wallet
        history.publisher.check(books(history.world.items()), wallet.wallet_id, wallet.version)


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
def _history(seed: int, settings_of: Callable[[Random], dict[str, Any]]) -> Iterator[History]:
    random = Random(seed)
    client = new_client()
    with world(client, events=(DELIVERED, VISITED, OPENED), **settings_of(random)) as made:
        reward = {"walletId": made.wallet_id, "type": "FIXED", "points": 6}
        trigger = {"type": "EVENT", "event": OPENED}
        document = {"name": "Openings", "trigger": trigger, "rewards": [reward], "startsAt": "2027-01-01T00:00:00Z"}
        campaigns.create(made.store, document, CampaignStatus.ACTIVE, made.now, "test")
        history = History(made, random)
        with history.scheduler.watching(client):
            try:
                yield history
            finally:
                note(f"LOYALTY_SIMULATION_SEED={seed}")
                for step in history.scheduler.trace:
                    note(step)


def _versions(made: World) -> dict[int, Wallet]:
    return {one.version: one for one in made.store.wallets.versions(made.wallet_id, 10**6, 100)}


def _check(history: History) -> None:
    found = books(history.world.items())
    check_all(found.values())
    audit_all(found.values(), history.world.store)
    history.check_answers()
    history.check_readings()
    for customer_id, revision, status in history.changes:
        card = found[customer_id].card
        assert card.revision >= revision, "a movement does not undo a change of the card"
        assert card.revision > revision or card.status is status


def _check_model(history: History) -> None:
    """Checks rows and lots against a slow and obvious model."""
    requests = {sent.request.fingerprint: sent.request for sent in history.sent}
    versions = _versions(history.world)
    for one in books(history.world.items()).values():
        model = _one_after_another(one.rows, requests, versions)
        assert {(lot.expires_at, lot.issue_day): lot.points for lot in one.card.lots} == model.active_lots()
        pending = {(lot.activates_at, lot.expires_at, lot.issue_day): lot.points for lot in one.card.pending}
        assert pending == model.pending_lots()


def _check_sequence(history: History, begin: bytes) -> None:
    """Checks answers, rows and cards against the same commands one after another."""
    rows = {one: own.rows for one, own in books(history.world.items()).items()}
    with world(new_client()) as made:
        paste_items(made.table, begin)
        made.wallet_id = history.world.wallet_id
        sequence = InSequence(made, rows, _versions(history.world), history.world.requests)
        # An event refuses nothing as a whole.
        refused = [sent for sent in history.sent if sent.refusal and sent.request.verb != "event"]
        sequence.run(history.observation.states, refused)
    for sent in history.sent:
        for answer in sent.answers:
            # An event that gives nothing leaves no trace: a repetition may give something.
            if sent.request in sequence.answers and (own_rows(answer) or sent.request.verb != "event"):
                assert answered(answer) == answered(sequence.answers[sent.request]), sent.request


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
