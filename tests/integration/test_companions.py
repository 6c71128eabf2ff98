"""Companions: items of other kinds that are written in the command's transaction or not at all."""

from datetime import UTC, datetime
from itertools import count

import pytest

from loyalty.domain.cards.transaction import Context, Source
from loyalty.domain.movements.credit import Grant, credit_points
from loyalty.errors import Busy
from loyalty.store.keys import key_origin
from loyalty.store.store import Store
from loyalty.store.table import WriteAction, put
from loyalty.usecases import ledger
from loyalty.usecases.ledger import CardCommand, Command, Decided, Situation
from tests.support.stack import Stack

RECEIPT = {"pk": {"S": "RECEIPT#1"}, "sk": {"S": "RECEIPT"}}


def credit(stack: Stack, wallet: str, key: str, *companions: WriteAction) -> ledger.Outcome:
    def decide(found: Situation) -> Decided:
        after, movement = credit_points(found.card, Grant(5), found.wallet, found.now)
        return Decided(after, [movement], companions)

    context = Context(source=Source.API, fingerprint=key.encode())
    command = Command(wallet_id=wallet, customer_id="ann", origin=key_origin(key), context=context)
    at = datetime.now(UTC)
    return ledger.perform(Store(stack.dynamodb, "loyalty"), CardCommand(command, decide, enrols=True), at)


@pytest.fixture
def wallet(stack: Stack) -> str:
    wallet = stack.wallet()
    stack.credit(wallet, 10)
    return wallet


def test_a_companion_is_written_with_the_rows(stack: Stack, wallet: str) -> None:
    assert credit(stack, wallet, "key-00001", put("receipt", RECEIPT)).balance.active == 15

    assert RECEIPT in stack.items()
    assert stack.card(wallet)["balance"]["active"] == 15


def test_a_companion_that_fails_prevents_the_movement(
    stack: Stack, wallet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = count()
    monkeypatch.setattr("loyalty.retry.monotonic", lambda: next(seconds))
    monkeypatch.setattr("loyalty.retry.sleep", lambda _: None)
    credit(stack, wallet, "key-00001", put("receipt", RECEIPT))

    with pytest.raises(Busy, match="Concurrent writes kept changing the card") as busy:
        credit(stack, wallet, "key-00002", put("receipt", RECEIPT))

    assert getattr(busy.value.__cause__, "failed", {}).keys() == {"receipt"}
    assert stack.card(wallet)["balance"]["active"] == 15


def test_a_repetition_does_not_write_a_companion_again(stack: Stack, wallet: str) -> None:
    credit(stack, wallet, "key-00001", put("receipt", RECEIPT))

    assert credit(stack, wallet, "key-00001", put("receipt", RECEIPT)).repeated
    assert stack.card(wallet)["balance"]["active"] == 15
