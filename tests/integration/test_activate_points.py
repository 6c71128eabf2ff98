"""The tick of every minute: cards with a due activation are nominated and settled."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine

from loyalty.api.fields import CUSTOMER_ID_MAX
from loyalty.domain.cards.card import DueCard
from loyalty.messaging import settle_queue
from loyalty.usecases import sweeps
from tests.integration.accounts import at, item
from tests.integration.invoking import invoke
from tests.integration.sweeping import message, nominated, settle, sweep, take_messages
from tests.support.stack import Stack

FewCards = Callable[[int], tuple[str, list[str]]]


def tick() -> int:
    return int(invoke("activate_points", {})["nominated"])


@pytest.fixture
def few_cards(clock: time_machine.Traveller, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> FewCards:
    """Makes cards that are due, in one shard, of which a tick nominates 14 in pages of 7; the oldest come first."""

    def make(count: int) -> tuple[str, list[str]]:
        monkeypatch.setattr("loyalty.usecases.sweeps.NOMINATED_MAX", 14)
        monkeypatch.setattr("loyalty.usecases.sweeps.SHARDS", 1)
        monkeypatch.setattr("loyalty.usecases.admission.SHARDS", 1)
        monkeypatch.setattr("loyalty.usecases.sweeps.INDEX_PAGE", 7)
        wallet, customers = stack.wallet(), [f"c{number:02}" for number in range(count)]
        for number, customer in enumerate(customers):
            stack.credit(wallet, 1, customer=customer, activatesAt=at(minutes=number + 1))
        clock.shift(3_600)
        return wallet, customers

    return make


@pytest.fixture
def set_backlog(stack: Stack) -> Callable[[int], None]:
    """Sets the number of messages that the queue reports. A minute of work is 240: 24,000 cards."""
    messages = 0

    def attributes(**_: Any) -> Any:
        return SimpleNamespace(status_code=200), {"Attributes": {"ApproximateNumberOfMessages": str(messages)}}

    def change(number: int) -> None:
        nonlocal messages
        messages = number

    settle_queue.connected_queue()._client.meta.events.register("before-call.sqs.GetQueueAttributes", attributes)
    return change


def test_points_become_active_at_their_activation_date_and_not_before(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100, activatesAt=at(hours=1))
    clock.shift(3_599)
    assert sweep(stack, "activate_points") == 0
    clock.shift(1)

    assert sweep(stack, "activate_points") == 1

    _, activation = stack.rows(wallet)
    assert (activation["type"], activation["points"], activation["source"]) == ("ACTIVATION", 100, "System")
    assert activation["deltas"] == {"pending": -100, "active": 100, "held": 0}
    assert activation["effectiveAt"] == at(hours=1)
    assert activation["balanceAfter"]["active"] == 100
    assert "dp" not in item(stack, wallet), "the card has no due moment any more"
    assert sweep(stack, "activate_points") == 0


def test_a_tick_nominates_each_due_card_once(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet, other = stack.wallet(), stack.wallet()
    for number in range(25):
        stack.credit(wallet if number % 2 else other, 1, customer=f"c{number:02}", activatesAt=at(hours=1))
        stack.credit(wallet, 1, customer=f"later{number}", activatesAt=at(hours=2))
    clock.shift(3_600)
    assert tick() == 25
    assert nominated(stack) == [f"c{number:02}" for number in range(25)]


def test_a_tick_for_activations_does_not_nominate_cards_for_expiries(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1, expiresAt=at(hours=1))
    stack.credit(wallet, 1, customer="bob", activatesAt=at(hours=1))
    clock.shift(3_600)
    assert tick() == 1
    assert nominated(stack) == ["bob"]


def test_points_that_activate_and_expire_between_sweeps_have_both_rows(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100, activatesAt=at(hours=1), expiresAt=at(hours=2))
    clock.shift(3 * 3_600)
    sweep(stack, "activate_points")
    rows = stack.rows(wallet)
    assert [(row["type"], row["effectiveAt"]) for row in rows[1:]] == [
        ("ACTIVATION", at(hours=1)),
        ("EXPIRY", at(hours=2)),
    ]
    assert stack.card(wallet)["balance"]["active"] == 0


def test_the_due_moment_after_an_activation_is_the_expiry(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100, activatesAt=at(hours=1), expiresAt=at(hours=2))
    clock.shift(3_600)
    sweep(stack, "activate_points")
    assert item(stack, wallet)["dp"]["S"].startswith("E#")
    clock.shift(3_600)
    assert sweep(stack, "expire_points") == 1
    assert stack.card(wallet)["balance"]["active"] == 0


def test_a_tick_sends_no_messages_to_a_full_queue(
    clock: time_machine.Traveller, stack: Stack, set_backlog: Callable[[int], None]
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1, activatesAt=at(hours=1))
    clock.shift(3_600)
    set_backlog(481)
    assert (tick(), nominated(stack)) == (0, [])
    set_backlog(480)
    assert (tick(), nominated(stack)) == (1, ["ann"])


def test_a_few_cards_of_one_kind_do_not_wait_for_a_backlog_of_the_other(
    clock: time_machine.Traveller, stack: Stack, few_cards: FewCards, set_backlog: Callable[[int], None]
) -> None:
    wallet, _ = few_cards(30)
    stack.credit(wallet, 1, customer="ann", expiresAt=at(hours=2))
    clock.shift(3_600)
    assert tick() == 14
    set_backlog(480)
    assert tick() == 0
    assert invoke("expire_points", {})["nominated"] == 1
    set_backlog(241)
    assert tick() == 0
    set_backlog(240)
    assert tick() == 14


def test_a_tick_has_a_limit_and_the_next_tick_continues(
    clock: time_machine.Traveller, stack: Stack, few_cards: FewCards
) -> None:
    wallet, customers = few_cards(30)
    # The oldest due moments are first.
    assert sweep(stack, "activate_points") == 14
    assert [item(stack, wallet, customer)["v"]["N"] for customer in customers] == ["2"] * 14 + ["1"] * 16
    assert sweep(stack, "activate_points") == 14
    assert sweep(stack, "activate_points") == 2
    assert sweep(stack, "activate_points") == 0


def test_ticks_nominate_no_card_twice_while_the_queue_is_slow_and_then_begin_again(
    stack: Stack, few_cards: FewCards
) -> None:
    _, customers = few_cards(30)
    assert [tick(), tick(), tick()] == [14, 14, 2]
    assert nominated(stack) == sorted(customers)
    # The messages are lost: the cards stay due.
    assert [tick(), tick(), tick()] == [14, 14, 2]
    assert nominated(stack) == sorted(customers)


@pytest.mark.tampered
def test_ticks_nominate_the_cards_of_all_shards_once(
    clock: time_machine.Traveller, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loyalty.usecases.sweeps.NOMINATED_MAX", 100)
    monkeypatch.setattr("loyalty.usecases.sweeps.INDEX_PAGE", 2)
    customers = [f"c{number:03}" for number in range(300)]
    for number, customer in enumerate(customers):
        # Shards of very different sizes, as far as the index has them.
        place = {"dp": {"S": f"A#{number % 64 % (number % 7 + 1):02}"}, "ds": {"N": str(number // 10)}}
        card = {"pk": {"S": f"CUSTOMER#{customer}"}, "sk": {"S": "CARD#wal_1"}, **place}
        stack.dynamodb.put_item(TableName="loyalty", Item=card)
    found: list[str] = []
    while len(found) < len(customers):
        assert tick() > 0
        found += nominated(stack)
    assert sorted(found) == customers


def test_an_environment_without_memory_begins_with_the_oldest_card(stack: Stack, few_cards: FewCards) -> None:
    _, customers = few_cards(30)
    tick()
    sweeps.connected_nominator.cache_clear()
    take_messages(stack)
    tick()
    assert nominated(stack) == sorted(customers[:14])


def test_a_message_nominates_a_hundred_cards_also_with_the_longest_ids(stack: Stack) -> None:
    cards = [DueCard(f"{number:0{CUSTOMER_ID_MAX}}", "wal_e89e5938370e004da498") for number in range(1_005)]
    assert settle_queue.connected_queue().send(cards) == 1_005
    bodies = take_messages(stack)
    assert sorted(len(json.loads(body)["cards"]) for body in bodies) == [5] + [100] * 10
    assert {card for body in bodies for card in settle_queue.cards_from_message(body)} == set(cards)
    assert sum(map(len, bodies)) < 256 * 1_024


def test_a_tick_reports_for_how_long_the_oldest_card_has_been_due(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1, activatesAt=at(hours=1))
    stack.credit(wallet, 1, customer="bob", activatesAt=at(hours=2))

    def oldest() -> int:
        return sweeps.connected_nominator("A").tick(datetime.now(UTC)).oldest_due_seconds

    assert oldest() == 0
    clock.shift(2 * 3_600 + 60)
    assert oldest() == 3_660
    assert settle(message(wallet, "ann")) == []
    assert oldest() == 60
    assert settle(message(wallet, "bob")) == []
    assert oldest() == 0


def test_the_next_tick_sends_a_message_that_the_queue_refused(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1, activatesAt=at(hours=1))
    clock.shift(3_600)
    refusing = True

    def refuse(**_: Any) -> Any:
        failure = {"Id": "0", "Code": "InternalError", "SenderFault": False}
        return (SimpleNamespace(status_code=200), {"Failed": [failure]}) if refusing else None

    settle_queue.connected_queue()._client.meta.events.register("before-call.sqs.SendMessageBatch", refuse)
    assert tick() == 0
    refusing = False
    assert tick() == 1


def test_overlapping_ticks_settle_a_card_once(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100, activatesAt=at(hours=1))
    clock.shift(3_600)
    assert tick() + tick() == 2
    assert sweep(stack, "activate_points") == 1
    assert [row["type"] for row in stack.rows(wallet)] == ["CREDIT", "ACTIVATION"]
