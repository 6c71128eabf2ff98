"""The money table of docs/benchmarks.md: its arithmetic, and the figures that only this table has."""

import json
from decimal import Decimal

import pytest

from tests.bench.money import Counted, million, month
from tests.bench.operations import BALANCE, EVENTS, counted
from tests.integration.metering import metered
from tests.integration.publishing import Events, publish, record
from tests.integration.test_counted_figures import FIGURES, OPERATIONS, PAYMENTS
from tests.support.stack import Stack


def test_a_million_credits_cost_what_their_counted_figures_cost() -> None:
    cost = million(Counted(2, 2, 5, answer=1_250, log=490, events=1, order_entries=1))

    # 35 ms at half a GB, and 0.2 runs of 60 ms for the stream.
    assert cost.writes == 6 * Decimal("0.625")
    assert cost.reads == 2 * Decimal("0.125")
    assert cost.api == 1
    assert cost.function == Decimal("0.20") + Decimal("0.0175") * Decimal("13.3334")
    assert cost.logs == (490 + 26 + 188 + 26 + Decimal("0.2") * 326) * Decimal("0.0005")
    assert cost.events == 1 + Decimal("0.2") * (Decimal("0.20") + Decimal("0.03") * Decimal("13.3334"))
    assert cost.data_out == 1_250 * Decimal("0.00009")
    assert round(cost.total, 2) == Decimal("7.06")


def test_a_million_expiries_pay_for_messages_of_a_hundred_cards_and_for_no_request() -> None:
    cost = million(Counted(2, 1, 6, log=300, events=1, by_http=False))

    assert cost.api == Decimal("0.03") * Decimal("0.40")
    assert cost.logs == (Decimal(326) / 100 + Decimal("0.1") * 326) * Decimal("0.0005")
    assert cost.function == Decimal("0.002") + Decimal("0.0175") * Decimal("13.3334")


def test_a_month_of_storage_includes_point_in_time_recovery() -> None:
    assert month(1_000) == Decimal("0.45")


def test_every_operation_of_the_table_of_counted_figures_has_its_costs() -> None:
    assert counted().keys() == FIGURES.keys() | {"read of a balance"}


@pytest.mark.parametrize("operation", FIGURES)
def test_an_operation_puts_its_counted_events_on_the_bus(bus_events: Events, stack: Stack, operation: str) -> None:
    perform = OPERATIONS[operation](stack, stack.wallet(payWithPoints=PAYMENTS))

    with metered(stack) as meter:
        perform()
    publish(json.loads(json.dumps([record(after) for _, after in meter.writes])))

    assert len(bus_events.accepted) == EVENTS[operation]


def test_a_balance_is_read_with_one_request(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)

    with metered(stack) as meter:
        answer = stack.http("GET", f"/v1/wallets/{wallet}/cards/ann")

    assert len(meter.requests) == BALANCE.requests
    assert (meter.read_units, meter.units) == (BALANCE.read_units, BALANCE.write_units)
    assert len(answer.text.encode()) <= BALANCE.answer
