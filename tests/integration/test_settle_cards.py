"""The settle queue: each card is settled independently, repeatedly without harm, and failures do not block others."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine

from tests.integration.accounts import START, at, item
from tests.integration.invoking import invoke
from tests.integration.racing import FOREVER, before_next
from tests.integration.sweeping import message, nominated, settle, sweep
from tests.support import wire
from tests.support.stack import CONTEXT, Stack

HOUR = 3_600


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loyalty.retry.sleep", lambda _: None)


def due_at(stack: Stack, wallet: str, customer: str = "ann") -> datetime | None:
    card = item(stack, wallet, customer)
    return datetime.fromtimestamp(int(card["ds"]["N"]), UTC) if "ds" in card else None


def corrupt(stack: Stack, wallet: str, customer: str = "ann") -> Any:
    """Makes the card unreadable and returns the former item."""
    sound = item(stack, wallet, customer)
    stack.dynamodb.put_item(TableName="loyalty", Item={name: value for name, value in sound.items() if name != "n"})
    return sound


def three_due(stack: Stack) -> str:
    wallet = stack.wallet()
    for customer in ("ann", "bob", "cid"):
        stack.credit(wallet, 10, customer=customer, expiresAt=at(hours=1))
    return wallet


def test_every_card_of_a_message_is_settled(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = three_due(stack)
    clock.shift(HOUR)
    assert settle(message(wallet, "ann", "bob", "cid")) == []
    for customer in ("ann", "bob", "cid"):
        assert [row["type"] for row in stack.rows(wallet, customer)] == ["CREDIT", "EXPIRY"]


def test_a_repeated_message_settles_a_card_once(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = three_due(stack)
    clock.shift(HOUR)
    assert settle(message(wallet), message(wallet)) == []
    items = stack.items()
    assert settle(message(wallet)) == []
    assert stack.items() == items
    assert [row["type"] for row in stack.rows(wallet)] == ["CREDIT", "EXPIRY"]


def test_two_concurrent_settlements_write_one_row(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = three_due(stack)
    clock.shift(HOUR)
    with before_next("TransactWriteItems", lambda: settle(message(wallet))):
        assert settle(message(wallet)) == []
    assert [row["type"] for row in stack.rows(wallet)] == ["CREDIT", "EXPIRY"]
    assert stack.card(wallet)["lifetime"]["expired"] == 10


def test_a_concurrent_movement_during_a_settlement_is_kept(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = three_due(stack)
    clock.shift(HOUR)
    with before_next("TransactWriteItems", lambda: stack.credit(wallet, 7)):
        assert settle(message(wallet)) == []
    assert [(row["type"], row["points"]) for row in stack.rows(wallet)] == [
        ("CREDIT", 10),
        ("EXPIRY", 10),
        ("CREDIT", 7),
    ]
    assert due_at(stack, wallet) is None


def test_a_concurrent_movement_during_a_change_of_the_due_moment_is_kept(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10, expiresAt=at(hours=1))
    stack.debit(wallet, 10)
    clock.shift(HOUR)
    with before_next("TransactWriteItems", lambda: stack.credit(wallet, 5, expiresAt=at(hours=3))):
        assert settle(message(wallet)) == []
    assert due_at(stack, wallet) == START.replace(hour=15)


@pytest.mark.tampered
def test_a_card_that_always_fails_does_not_delay_other_cards(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = three_due(stack)
    corrupt(stack, wallet, "bob")
    clock.shift(HOUR)
    body = message(wallet, "ann", "bob", "cid")
    assert settle(body, receives=1) == [body]
    assert [stack.card(wallet, customer)["version"] for customer in ("ann", "cid")] == [2, 2]
    assert settle(body, receives=2) == [body]
    assert settle(body, receives=3) == []
    assert due_at(stack, wallet, "bob") == START.replace(hour=14)
    assert [stack.card(wallet, customer)["version"] for customer in ("ann", "cid")] == [2, 2]


def test_a_function_without_time_leaves_cards_to_a_later_tick(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = three_due(stack)
    clock.shift(HOUR)
    left = iter([60_000, 10_000, 9_999])
    context = SimpleNamespace(**{**vars(CONTEXT), "get_remaining_time_in_millis": lambda: next(left)})
    assert settle(message(wallet, "ann", "bob", "cid"), context=context) == []
    assert [stack.card(wallet, customer)["version"] for customer in ("ann", "bob")] == [2, 2]
    invoke("expire_points", {})
    assert nominated(stack) == ["cid"]


@pytest.mark.tampered
def test_a_card_is_deferred_at_the_third_receipt_by_an_hour_doubling_to_a_day(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = three_due(stack)
    corrupt(stack, wallet)
    clock.shift(HOUR)
    pauses = []
    for _ in range(7):
        now = datetime.now(UTC)
        assert settle(message(wallet), receives=3) == []
        due = due_at(stack, wallet)
        assert due is not None
        pauses.append((due - now).total_seconds() / HOUR)
        clock.move_to(due)
    assert pauses == [1, 2, 4, 8, 16, 24, 24]


@pytest.mark.tampered
def test_several_messages_for_a_card_that_fails_defer_it_once(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = three_due(stack)
    corrupt(stack, wallet)
    clock.shift(HOUR)
    for _ in range(3):
        assert settle(message(wallet), receives=3) == []
    assert due_at(stack, wallet) == START.replace(hour=14)


def test_a_deferred_card_is_nominated_again_at_its_due_moment(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = three_due(stack)
    sound = corrupt(stack, wallet)
    clock.shift(HOUR)
    settle(message(wallet), receives=3)
    invoke("expire_points", {})
    assert nominated(stack) == ["bob", "cid"]
    # The card is correct again: the deferral remains until the settlement, which removes the count of failures.
    deferred = item(stack, wallet)
    stack.dynamodb.put_item(TableName="loyalty", Item={**sound, "ds": deferred["ds"], "f": deferred["f"]})
    clock.shift(HOUR)
    sweep(stack, "expire_points")
    assert [row["type"] for row in stack.rows(wallet)] == ["CREDIT", "EXPIRY"]
    assert "f" not in item(stack, wallet)
    assert due_at(stack, wallet) is None


def test_a_command_settles_a_deferred_card(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = three_due(stack)
    sound = corrupt(stack, wallet)
    clock.shift(HOUR)
    settle(message(wallet), receives=3)
    deferred = item(stack, wallet)
    stack.dynamodb.put_item(TableName="loyalty", Item={**sound, "ds": deferred["ds"], "f": deferred["f"]})
    stack.credit(wallet, 5)
    assert [row["type"] for row in stack.rows(wallet)] == ["CREDIT", "EXPIRY", "CREDIT"]
    assert "f" not in item(stack, wallet)


@pytest.mark.parametrize("body", ["", "{", "null", "[]", '"x"', "{}", '{"cards": [{"customerId": "ann"}]}'])
def test_an_invalid_message_fails_alone(clock: time_machine.Traveller, stack: Stack, body: str) -> None:
    wallet = three_due(stack)
    clock.shift(HOUR)
    assert settle(body, message(wallet), receives=3) == [body]
    assert stack.card(wallet)["version"] == 2


def test_a_message_for_a_missing_card_succeeds_without_a_write(stack: Stack) -> None:
    wallet = stack.wallet()
    before = stack.items()
    assert settle(message(wallet, "zoe")) == []
    assert stack.items() == before


def test_a_card_with_endless_concurrent_writes_is_retried_by_the_queue(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = three_due(stack)
    clock.shift(HOUR)
    version = iter(range(100, 1_000_000))

    def touch() -> None:
        card = item(stack, wallet)
        stack.dynamodb.put_item(TableName="loyalty", Item={**card, "e": {"N": str(next(version))}})

    with pytest.MonkeyPatch.context() as patch, before_next("TransactWriteItems", touch, times=FOREVER):
        seconds = iter(range(1_000))
        patch.setattr("loyalty.retry.monotonic", lambda: next(seconds))
        assert settle(message(wallet)) == [message(wallet)]
    assert settle(message(wallet)) == []


def test_a_function_with_a_wrong_clock_settles_nothing(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = three_due(stack)
    before = stack.items()

    slow = wire.changing(lambda _, headers: headers.update(date="Mon, 01 Mar 2027 11:00:00 GMT"))
    wire.watch("BatchGetItem", slow)
    assert settle(message(wallet)) == [message(wallet)]
    assert stack.items() == before
