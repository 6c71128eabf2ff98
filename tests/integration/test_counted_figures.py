"""The price of operations in one table: requests, units and bytes, counted, so that none of them can grow.

Requests and units are exact. Bytes are the most that the operation may have: sizes differ by a byte or two, because ids
are random. A change that saves bytes lowers the figure.
"""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine

from loyalty.store.store import connected_store
from loyalty.telemetry import logger
from tests.integration.accounts import START, item
from tests.integration.metering import metered
from tests.integration.publishing import Events, publish, record
from tests.integration.sweeping import message, settle
from tests.support.item_size import item_size
from tests.support.stack import Answer, Stack

READ, QUERY, WRITE = "BatchGetItem", "Query", "TransactWriteItems"


@dataclass(frozen=True, slots=True)
class Figures:
    """The requests to the table and their units, and the most bytes of what the operation leaves."""

    requests: tuple[str, ...]
    read_units: float
    write_units: int
    card: int = 0
    """Bytes of the card's item after the operation."""
    rows: int = 0
    """Bytes of the items of all new rows."""
    events: int = 0
    """Bytes of the details of all events on the bus."""
    answer: int = 0
    log: int = 0
    """Bytes of the lines that the function logs."""


BYTES = ("card", "rows", "events", "answer", "log")

FIGURES = {
    "first credit": Figures((READ, WRITE), 2, 10, card=208, rows=294, events=1_130, answer=1_248, log=270),
    "credit": Figures((READ, WRITE), 2, 5, card=208, rows=294, events=727, answer=1_250, log=270),
    "batch of 25 credits": Figures((READ, *25 * [WRITE]), 50, 125, 208, 25 * 297, 25 * 727, 33_500, log=270),
    "debit": Figures((READ, WRITE), 2, 5, card=214, rows=293, events=649, answer=1_246, log=270),
    "payment": Figures((READ, QUERY, WRITE), 3, 5, card=221, rows=283, events=655, answer=1_386, log=270),
    "refund": Figures((READ, QUERY, WRITE), 3, 8, card=212, rows=503, events=1_770, answer=407, log=270),
    "replay": Figures((READ,), 2, 0, answer=1_250, log=270),
    "refusal": Figures((READ, READ), 4, 0, answer=352, log=300),
    "expiry by sweep": Figures((READ, WRITE), 1, 6, card=209, rows=183, events=652),
}

ORDER = {"amount": 12_50, "items": [{"productId": "sku-123456", "quantity": 2, "amount": 1_250}]}
CONTEXT: dict[str, Any] = {"orderId": "#100123", "order": ORDER, "metadata": {"campaign": "spring"}}
PAYMENTS = {"type": "EXCHANGE_RATIO", "formula": "1"}


def first_credit(stack: Stack, wallet: str) -> Callable[[], object]:
    stack.credit(wallet, 100, customer="bob")  # the definition of the wallet is read once in ten seconds
    return partial(stack.credit, wallet, 100, **CONTEXT)


def credit(stack: Stack, wallet: str) -> Callable[[], object]:
    stack.credit(wallet, 1_000)
    return partial(stack.credit, wallet, 100, **CONTEXT)


def batch_of_25_credits(stack: Stack, wallet: str) -> Callable[[], object]:
    customers = ["ann", *(f"c{number:02d}" for number in range(24))]
    for customer in customers:
        stack.credit(wallet, 1_000, customer=customer)
    credits = [
        {"customerId": customer, "idempotencyKey": f"credit-of-{customer}", "points": 100, **CONTEXT}
        for customer in customers
    ]
    return partial(stack.http, "POST", f"/v1/wallets/{wallet}/credits", {"credits": credits})


def debit(stack: Stack, wallet: str) -> Callable[[], object]:
    stack.credit(wallet, 1_000)
    return partial(stack.debit, wallet, 100, **CONTEXT)


def payment(stack: Stack, wallet: str) -> Callable[[], object]:
    stack.credit(wallet, 10_000)
    return partial(stack.pay, wallet, 1_250, CONTEXT["orderId"], order_details={"items": ORDER["items"]})


def refund(stack: Stack, wallet: str) -> Callable[[], object]:
    stack.credit(wallet, 1_000)
    stack.debit(wallet, 60, **CONTEXT)
    stack.credit(wallet, 30, **CONTEXT)
    return partial(stack.refund, wallet, CONTEXT["orderId"])


def replay(stack: Stack, wallet: str) -> Callable[[], object]:
    again = partial(stack.credit, wallet, 100, key="once-and-again", **CONTEXT)
    again()
    return again


def refusal(stack: Stack, wallet: str) -> Callable[[], object]:
    stack.credit(wallet, 100)
    return partial(stack.debit, wallet, 101, **CONTEXT)


def expiry_by_sweep(stack: Stack, wallet: str) -> Callable[[], object]:
    due = START + timedelta(hours=1)
    stack.credit(wallet, 100, expiresAt=due.isoformat())
    stack.credit(wallet, 100)
    connected_store().wallets.recent(wallet, int(due.timestamp()))

    def sweep() -> None:
        with time_machine.travel(due, tick=False):
            settle(message(wallet))

    return sweep


OPERATIONS = {
    "first credit": first_credit,
    "credit": credit,
    "batch of 25 credits": batch_of_25_credits,
    "debit": debit,
    "payment": payment,
    "refund": refund,
    "replay": replay,
    "refusal": refusal,
    "expiry by sweep": expiry_by_sweep,
}


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the functions log at the level of a deployment."""
    stream = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", stream)
    logger.setLevel("INFO")
    yield stream
    logger.setLevel("CRITICAL")


@pytest.mark.parametrize("operation", FIGURES)
def test_an_operation_costs_what_the_table_says(
    bus_events: Events, stack: Stack, log: io.StringIO, operation: str
) -> None:
    wallet = stack.wallet(payWithPoints=PAYMENTS)
    perform = OPERATIONS[operation](stack, wallet)
    log.truncate(0)
    log.seek(0)

    with metered(stack) as meter:
        answer = perform()

    logged = len(log.getvalue().encode())
    publish(json.loads(json.dumps([record(after) for _, after in meter.writes])))
    counted = Figures(
        tuple(meter.requests),
        meter.read_units,
        meter.units,
        card=item_size(item(stack, wallet)) if meter.writes else 0,
        rows=sum(meter.sizes("TXN#")),
        events=sum(len(entry["Detail"].encode()) for entry in bus_events.accepted),
        answer=len(answer.text.encode()) if isinstance(answer, Answer) else 0,
        log=logged,
    )
    known = FIGURES[operation]
    bytes_ = {name: min(getattr(counted, name), getattr(known, name)) for name in BYTES}
    assert counted == replace(known, **bytes_), counted
