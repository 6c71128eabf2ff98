"""The cost of movements: the requests that leave the client, and the write units that AWS would charge."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine

from loyalty.domain.cards.card import DueCard
from loyalty.messaging.settle_queue import message_body
from loyalty.store.store import connected_store
from tests.integration.accounts import START
from tests.integration.invoking import invoke
from tests.integration.metering import kilobytes, metered
from tests.support.stack import Answer, Stack

MOVEMENT = ["BatchGetItem", "TransactWriteItems"]
REPLAY = ["BatchGetItem"]

# The largest context for five units: metadata and order of 300 bytes, a key and an order id of usual length.
METADATA = {"campaign": "spring", "text": "x" * 110}
ORDER = {"amount": 12_50, "items": [{"productId": "sku-123456", "quantity": 2, "amount": 1_250}]}


def in_lots(stack: Stack, wallet: str, count: int, points: int = 1_000) -> None:
    """Makes a card with so many lots. The last lot expires first, so the due moment does not move any more."""
    for days in range(count):
        expires = START + timedelta(days=400 - days)
        assert stack.credit(wallet, points, expiresAt=expires.isoformat()).status == 201


pytestmark = pytest.mark.usefixtures("clock")


@pytest.mark.parametrize("lots", [1, 15])
def test_a_credit_makes_one_read_and_one_transaction_of_five_units(stack: Stack, lots: int) -> None:
    wallet = stack.wallet()
    in_lots(stack, wallet, lots - 1)
    stack.credit(wallet, 1_000)

    with metered(stack) as meter:
        answer = stack.credit(wallet, 100, orderId="#100123", order=ORDER, metadata=METADATA)

    assert answer.status == 201, answer.text
    assert meter.requests == MOVEMENT
    assert meter.units == 5


@pytest.mark.parametrize("taken", [1, 15])
def test_a_debit_makes_one_read_and_one_transaction_of_five_units(stack: Stack, taken: int) -> None:
    wallet = stack.wallet()
    in_lots(stack, wallet, 15)

    with metered(stack) as meter:
        answer = stack.debit(wallet, 1_000 * taken, orderId="#100123", order=ORDER, metadata=METADATA)

    assert answer.status == 201, answer.text
    assert len(answer.body["transaction"]["lots"]) == taken
    assert meter.requests == MOVEMENT
    assert meter.units == 5


def test_a_card_and_a_row_with_the_longest_ids_and_fifteen_lots_fit_a_kilobyte(stack: Stack) -> None:
    wallet = stack.wallet()
    customer = "c" * 64
    for days in range(15):
        expires = (START + timedelta(days=400 - days)).isoformat()
        stack.credit(wallet, 123_457, customer=customer, expiresAt=expires)
    body = {"orderId": "o" * 64, "order": ORDER, "metadata": METADATA, "key": "k" * 64}

    with metered(stack) as meter:
        answer = stack.debit(wallet, 123_457 * 15, customer=customer, **body)

    assert answer.status == 201, answer.text
    (card,), (row,) = meter.sizes("CARD#"), meter.sizes("TXN#")
    assert (kilobytes(card), kilobytes(row)) == (1, 1), (card, row)
    assert meter.units == 5


@pytest.mark.parametrize("movement", ["credit", "debit"])
def test_a_repetition_costs_one_read(stack: Stack, movement: str) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    move = getattr(stack, movement)
    first = move(wallet, 30, key="once-and-again")

    with metered(stack) as meter:
        again = move(wallet, 30, key="once-and-again")

    assert again.body == first.body
    assert meter.requests == REPLAY


def test_a_refusal_costs_two_reads(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    with metered(stack) as meter:
        assert stack.debit(wallet, 101).code == "insufficient_points"
        assert stack.debit(wallet, 1, customer="zoe").code == "card_not_found"
        assert stack.credit(wallet, 1, order={"amount": 1, "currency": "USD"}, orderId="A").code == "currency_differs"
    assert meter.requests == REPLAY * 6


def test_invalid_input_costs_no_request(stack: Stack) -> None:
    wallet = stack.wallet()
    with metered(stack) as meter:
        assert stack.credit(wallet, 0).code == "invalid_request"
    assert meter.requests == []


def test_a_wallet_is_read_once_in_ten_seconds(stack: Stack) -> None:
    wallet = stack.wallet()
    connected_store().wallets._cache.clear()
    with metered(stack) as meter:
        stack.credit(wallet, 100)
        stack.credit(wallet, 100)
        assert meter.requests == ["BatchGetItem", "GetItem", "TransactWriteItems", *MOVEMENT]
    with time_machine.travel(START + timedelta(seconds=10), tick=False), metered(stack) as meter:
        stack.credit(wallet, 100)
    assert meter.requests == ["BatchGetItem", "GetItem", "TransactWriteItems"]


def test_an_enrolment_by_a_first_credit_costs_five_units_more_at_most(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1, customer="warm")

    with metered(stack) as meter:
        stack.credit(wallet, 100)

    assert meter.requests == MOVEMENT
    assert 5 < meter.units <= 10


def test_the_first_due_moment_costs_one_unit_and_an_earlier_one_two(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    units = []
    for days in (300, 400, 200):
        with metered(stack) as meter:
            stack.credit(wallet, 100, expiresAt=(START + timedelta(days=days)).isoformat())
        assert meter.requests == MOVEMENT
        units.append(meter.units)
    # The first due moment, a later one (found by a later sweep), an earlier one.
    assert units == [6, 5, 7]


def test_each_settlement_row_of_a_command_costs_three_units(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    stack.credit(wallet, 100, expiresAt=(START + timedelta(hours=1)).isoformat())
    stack.credit(wallet, 100, activatesAt=(START + timedelta(hours=1)).isoformat())

    with time_machine.travel(START + timedelta(hours=2), tick=False):
        connected_store().wallets.recent(wallet, int(datetime.now(UTC).timestamp()))
        with metered(stack) as meter:
            stack.debit(wallet, 50)

    assert meter.requests == MOVEMENT
    assert [row["type"] for row in stack.rows(wallet)][-3:] == ["ACTIVATION", "EXPIRY", "DEBIT"]
    assert meter.units == 5 + 2 * 3


def test_a_notice_costs_three_units_with_a_command(stack: Stack) -> None:
    wallet = stack.wallet(notices={"expiring": [{"every": 1, "unit": "HOUR"}]})
    stack.credit(wallet, 100, expiresAt=(START + timedelta(hours=2)).isoformat())

    with time_machine.travel(START + timedelta(hours=1), tick=False):
        connected_store().wallets.recent(wallet, int(datetime.now(UTC).timestamp()))
        with metered(stack) as meter:
            stack.debit(wallet, 50)

    assert [row["operation"] for row in stack.rows(wallet)] == ["credit", "notice", "debit"]
    assert meter.requests == MOVEMENT
    assert meter.units == 5 + 3


def test_a_sweep_settles_a_card_with_one_read_and_one_transaction(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100, expiresAt=(START + timedelta(hours=1)).isoformat())
    message = {"messageId": "1", "body": message_body([DueCard("ann", wallet)]), "attributes": {}}

    with time_machine.travel(START + timedelta(hours=2), tick=False), metered(stack) as meter:
        invoke("settle_cards", {"Records": [message]})
        # The wallet is read for its notices, once in ten seconds, as by a command.
        assert meter.requests == ["BatchGetItem", "GetItem", "TransactWriteItems"]
        # The card, the row with its entry in the history, and the removed due entry.
        assert meter.units == 2 + 3 + 1
        invoke("settle_cards", {"Records": [message]})
    assert meter.requests[3:] == ["BatchGetItem"]


def test_a_refund_of_both_sides_costs_eight_units_and_one_query(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    stack.debit(wallet, 60, orderId="#1001", order=ORDER)
    stack.credit(wallet, 30, orderId="#1001")

    with metered(stack) as meter:
        answer = stack.refund(wallet, "#1001")

    assert (answer.body["returned"]["points"], answer.body["revoked"]["points"]) == (60, 30)
    assert meter.requests == ["BatchGetItem", "Query", "TransactWriteItems"]
    assert meter.units == 8


def test_a_hold_costs_as_much_as_a_debit_and_its_due_moment(stack: Stack) -> None:
    wallet = stack.wallet()
    in_lots(stack, wallet, 15)

    units = []
    for _ in range(2):
        with metered(stack) as meter:
            answer = stack.hold(wallet, 1_000, orderId="#100123", order=ORDER, metadata=METADATA)
        assert answer.status == 201, answer.text
        assert meter.requests == MOVEMENT
        units.append(meter.units)
    # The first hold ends before any expiry, so the due moment moves; the second hold does not end earlier.
    assert units == [5 + 2, 5]


def test_ending_a_hold_queries_its_row_and_costs_as_much_as_a_debit(stack: Stack) -> None:
    wallet = stack.wallet()
    in_lots(stack, wallet, 15)
    holds = [stack.hold(wallet, 1_000, orderId="#1001", order=ORDER).body["holdId"] for _ in range(3)]
    requests = ["Query", "BatchGetItem", *MOVEMENT]

    for move, units in (
        (partial(stack.capture, wallet, holds[0]), 5),
        (partial(stack.capture, wallet, holds[1], points=400), 8),
        (partial(stack.release, wallet, holds[2]), 5),
    ):
        with metered(stack) as meter:
            assert move().status == 201
        assert (meter.requests, meter.units) == (requests, units)


def test_a_transfer_costs_ten_units_in_one_transaction(stack: Stack) -> None:
    wallet = stack.wallet(transfers={"allowed": True})
    in_lots(stack, wallet, 15)
    stack.credit(wallet, 1_000, customer="bob", expiresAt=(START + timedelta(days=300)).isoformat())

    with metered(stack) as meter:
        answer = stack.transfer(wallet, 9_500, metadata=METADATA, key="transfer-1")
    assert answer.status == 201, answer.text
    assert meter.requests == MOVEMENT
    assert meter.units == 10

    with metered(stack) as meter:
        assert stack.transfer(wallet, 9_500, metadata=METADATA, key="transfer-1").body == answer.body
        assert stack.transfer(wallet, 99_999).code == "insufficient_points"
    assert meter.requests == [*REPLAY, "GetItem", *REPLAY, *REPLAY]


def test_a_refund_of_one_side_costs_five_units_and_one_query(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    stack.debit(wallet, 60, orderId="#1001")

    with metered(stack) as meter:
        stack.refund(wallet, "#1001")

    assert meter.requests == ["BatchGetItem", "Query", "TransactWriteItems"]
    assert meter.units == 5


def test_costs_are_the_same_after_five_hundred_transactions(stack: Stack) -> None:
    wallet = stack.wallet()
    body = {"orderId": "#1001", "order": ORDER, "metadata": METADATA}
    figures = {}
    done = 0
    for rows in (10, 500):
        while done < rows - 4:
            assert stack.credit(wallet, 100).status == 201
            done += 1
        order: Any = {**body, "orderId": f"#{rows}"}
        costs = []
        moves: list[Callable[[], Answer]] = [
            partial(stack.credit, wallet, 100, **order),
            partial(stack.debit, wallet, 50, **order),
            partial(stack.refund, wallet, order["orderId"]),
        ]
        for move in moves:
            with metered(stack) as meter:
                assert move().status == 201
            costs.append((meter.requests, meter.units))
        done += 4
        figures[rows] = costs

    assert stack.card(wallet)["version"] == 500
    assert figures[10] == [(MOVEMENT, 5), (MOVEMENT, 5), (["BatchGetItem", "Query", "TransactWriteItems"], 8)]
    assert figures[500] == figures[10]
