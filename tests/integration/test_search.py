"""Finding things: the index of orders, and what a pasted text identifies."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import time_machine

from tests.integration.accounts import at
from tests.integration.invoking import invoke
from tests.integration.metering import metered
from tests.integration.publishing import record
from tests.support import wire
from tests.support.stack import Stack
from tests.support.wire import Sent, watching


def records(stack: Stack) -> list[dict[str, Any]]:
    """The stream's records of all rows, in the order in which they were recorded."""
    rows = [item for item in stack.items() if item["sk"]["S"].startswith("TXN#")]
    found = [record(row) for row in sorted(rows, key=lambda row: (int(row["c"]["N"]), int(row["hs"]["N"])))]
    for number, one in enumerate(found, start=100):
        one["dynamodb"]["SequenceNumber"] = str(number)
    return found


def index(delivered: list[dict[str, Any]]) -> list[str]:
    """Delivers the records; returns the sequence numbers that the function answers."""
    answer = invoke("index_orders", {"Records": delivered})
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def customers(stack: Stack, order_id: str) -> list[Any]:
    answer = stack.http("GET", "/v1/orders", query={"orderId": order_id})
    assert answer.status == 200, answer.text
    found: list[Any] = answer.body["data"]
    return found


def search(stack: Stack, text: str) -> list[tuple[str, str, str | None, str | None, str]]:
    answer = stack.http("GET", "/v1/search", query={"q": text})
    assert answer.status == 200, answer.text
    names = ("kind", "id", "walletId", "customerId", "label")
    return [tuple(one[name] for name in names) for one in answer.body["data"]]


@contextmanager
def updates(*, refused: int | None = None) -> Iterator[list[str]]:
    """The partition keys that are updated outside a transaction. DynamoDB refuses the update with this number."""
    keys: list[str] = []

    def answered(sent: Sent) -> wire.Answer:
        keys.append(sent.body["Key"]["pk"]["S"])
        return wire.refusal("AccessDeniedException") if len(keys) == refused else sent.proceed()

    with watching("UpdateItem", answered):
        yield keys


def test_an_order_shows_its_customers_with_their_wallets_and_the_first_instant(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    club, miles = stack.wallet(), stack.wallet()
    stack.credit(club, 100, orderId="#1001")
    stack.credit(club, 5)
    clock.shift(60)
    stack.credit(miles, 10, orderId="#1001")
    stack.credit(club, 10, customer="bob", orderId="#1001")
    stack.credit(club, 10, orderId="1001")
    assert customers(stack, "#1001") == []

    assert index(records(stack)) == []

    expected = [
        {"customerId": "ann", "walletIds": sorted([club, miles]), "firstAt": at()},
        {"customerId": "bob", "walletIds": [club], "firstAt": at(minutes=1)},
    ]
    assert customers(stack, "#1001") == expected
    assert stack.http("GET", "/v1/orders/%231001").body["data"] == expected
    assert [one["customerId"] for one in customers(stack, "1001")] == ["ann"]
    assert customers(stack, "1002") == []


def test_the_index_of_orders_is_the_same_for_every_order_and_number_of_deliveries(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    club, miles = stack.wallet(), stack.wallet()
    stack.credit(club, 100, orderId="A/1")
    clock.shift(60)
    stack.debit(club, 10, orderId="A/1")
    stack.credit(miles, 10, orderId="A/1")
    delivered = records(stack)

    for one in reversed(delivered):
        index([one])
    first = customers(stack, "A/1")
    index(delivered)

    assert first == customers(stack, "A/1")
    assert first == [{"customerId": "ann", "walletIds": sorted([club, miles]), "firstAt": at()}]


def test_rows_of_one_order_in_a_batch_cost_one_write_and_rows_without_an_order_none(stack: Stack) -> None:
    wallet = stack.wallet()
    for points in (1, 2, 3):
        stack.credit(wallet, points, orderId="A")
    stack.credit(wallet, 4, orderId="B")
    stack.credit(wallet, 5)
    with updates() as keys:
        index(records(stack))
    assert keys == ["ORDER#A", "ORDER#B"]


def test_a_failed_write_is_delivered_again_from_the_first_record_of_its_order(stack: Stack) -> None:
    wallet = stack.wallet()
    for order in ("A", "B", "A", "C"):
        stack.credit(wallet, 1, orderId=order)
    delivered = records(stack)
    with updates(refused=2):
        assert index(delivered) == ["101"]
    assert [len(customers(stack, order)) for order in "ABC"] == [1, 0, 0]
    assert index(delivered[1:]) == []
    assert [len(customers(stack, order)) for order in "ABC"] == [1, 1, 1]


def test_a_text_finds_what_it_identifies(stack: Stack) -> None:
    wallet = stack.wallet(name="Café Club")
    row = stack.credit(wallet, 100, orderId="#1001").body["transaction"]
    stack.credit(wallet, 5, customer="bob", orderId="#1001")
    index(records(stack))
    code = stack.card(wallet)["code"]

    assert search(stack, "ann") == [("CUSTOMER", "ann", None, "ann", "ann")]
    assert search(stack, f"  {code}\t") == [("CARD", code, wallet, "ann", code)]
    assert search(stack, "#1001") == [("ORDER", "#1001", None, one, "#1001") for one in ("ann", "bob")]
    transaction = row["transactionId"]
    assert search(stack, transaction) == [("TRANSACTION", transaction, wallet, "ann", "CREDIT 100")]
    for text in (wallet, "café  club"):
        assert search(stack, text) == [("WALLET", wallet, wallet, None, "Café Club")]


def test_all_matches_of_a_text_are_found_and_at_most_ten(stack: Stack) -> None:
    wallet = stack.wallet(name="same")
    stack.http("POST", f"/v1/wallets/{wallet}/cards", {"customerId": "ann", "code": "same"})
    for customer in ("ann", "same", *(f"c-{number}" for number in range(9))):
        stack.credit(wallet, 1, customer=customer, orderId="same")
    index(records(stack))
    kinds = [kind for kind, *_ in search(stack, "same")]
    assert kinds == ["CUSTOMER", "CARD", "WALLET", *["ORDER"] * 7]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "zoe",
        "Ann",
        "an",
        "a#b",
        "#",
        "wal_unknown",
        f"{'A' * 16}.1",
        ".1",
        "1.²",
        "ä💥",
        "x" * 129,
    ],
)
def test_a_text_that_identifies_nothing_finds_nothing(stack: Stack, text: str) -> None:
    stack.credit(stack.wallet(), 1)
    assert search(stack, text) == []


def test_a_search_costs_at_most_five_read_units(stack: Stack) -> None:
    stack.wallet(name="same", status="DRAFT")  # definitions of other wallets may be in the cache
    row = stack.credit(stack.wallet(), 1, customer="same").body["transaction"]
    # A read of a small item costs a unit, and a query of an index half a unit.
    for text, most in (("same", ["GetItem"] * 3 + ["Query"] * 2), (row["transactionId"], ["GetItem"] + ["Query"] * 3)):
        with metered(stack) as meter:
            assert search(stack, text)
        assert sorted(meter.requests) == most
