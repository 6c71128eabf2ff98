"""The tick of every minute: cards with a due activation are nominated and settled."""

from types import SimpleNamespace
from typing import Any

import pytest
import time_machine

from loyalty.messaging import settle_queue
from tests.integration.accounts import at, item
from tests.integration.invoking import invoke
from tests.integration.sweeping import nominated, sweep
from tests.support.stack import Stack


def tick() -> int:
    return int(invoke("activate_points", {})["nominated"])


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


def test_a_tick_sends_no_messages_to_a_full_queue(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1, activatesAt=at(hours=1))
    clock.shift(3_600)
    backlog = 10_001

    def attributes(**_: Any) -> Any:
        return SimpleNamespace(status_code=200), {"Attributes": {"ApproximateNumberOfMessages": str(backlog)}}

    settle_queue.connected_queue()._client.meta.events.register("before-call.sqs.GetQueueAttributes", attributes)
    assert (tick(), nominated(stack)) == (0, [])
    backlog = 10_000
    assert (tick(), nominated(stack)) == (1, ["ann"])


def test_a_tick_has_a_limit_and_the_next_tick_continues(
    clock: time_machine.Traveller, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loyalty.usecases.sweeps.NOMINATED_MAX", 20)
    monkeypatch.setattr("loyalty.usecases.sweeps.SHARDS", 1)
    monkeypatch.setattr("loyalty.usecases.admission.SHARDS", 1)
    monkeypatch.setattr("loyalty.usecases.sweeps.INDEX_PAGE", 7)
    wallet = stack.wallet()
    for number in range(30):
        stack.credit(wallet, 1, customer=f"c{number:02}", activatesAt=at(minutes=60 - number))
    clock.shift(3_600)
    # The oldest due moments are first.
    assert sweep(stack, "activate_points") == 20
    assert sum(stack.card(wallet, f"c{number:02}")["version"] for number in range(10, 30)) == 20 * 2
    assert sweep(stack, "activate_points") == 10
    assert sweep(stack, "activate_points") == 0


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
