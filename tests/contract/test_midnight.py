"""How long the sweep takes if very many cards fall due at one midnight, by a model of its limits.

The model uses the code's own numbers and the template's defaults, so a change of one shows here and in the document.
"""

import re

from loyalty.messaging.settle_queue import CARDS_PER_MESSAGE
from loyalty.store.keys import SHARDS
from loyalty.usecases.sweeps import (
    BACKLOG_SECONDS,
    INDEX_PAGE,
    NOMINATED_MAX,
    SETTLED_PER_SECOND,
    TICK_SECONDS,
)
from tests.support.template import PARAMETERS, RESOURCES, ROOT

NOMINATED_PER_SECOND = 15_000
"""Cards that one processor of Lambda nominates in a second: half of the rate that is measured on a laptop."""
TABLE_UNITS = 4
"""Write units of the table for one settlement: two each for card and row. The indexes have units of their own."""
NEW_TABLE_UNITS = 4_000
"""Write units per second of a new on-demand table (Amazon DynamoDB quotas)."""
TABLE_UNITS_MAX = 40_000
"""The account's quota of write units per second for one on-demand table, until it is raised."""
MINUTE = 60
"""`ExpirySchedule`."""
MILLION = 1_000_000

FUNCTIONS = {name: RESOURCES[name]["Properties"] for name in ("ActivatePointsFunction", "ExpirePointsFunction")}
CONCURRENCY = PARAMETERS["SettleConcurrency"]["Default"]
TEXT = (ROOT / "docs" / "operations.md").read_text().partition("\n## Many cards at one midnight\n")[2]
TEXT = TEXT.partition("\n## ")[0]


def minutes(cards: int, concurrency: int, table_units: int = NEW_TABLE_UNITS) -> int:
    """Returns the minutes until all cards are settled. In the first minute, Lambda starts the functions."""
    expected = concurrency * SETTLED_PER_SECOND
    settled = MINUTE * min(expected, table_units // TABLE_UNITS)
    a_round = SHARDS * INDEX_PAGE
    full_tick = -(-min(expected * TICK_SECONDS, NOMINATED_MAX) // a_round) * a_round
    due, queued, minute = cards, 0, 1
    while due or queued:
        if queued <= expected * BACKLOG_SECONDS:
            nominated = min(due, full_tick)
            due, queued = due - nominated, queued + nominated
        queued = max(0, queued - settled)
        minute += 1
    return minute


def test_the_defaults_settle_a_million_cards_within_45_minutes() -> None:
    assert minutes(MILLION, CONCURRENCY) <= 45


def test_ten_million_cards_are_settled_within_an_hour_with_the_documented_settings() -> None:
    (concurrency,) = map(int, re.findall(r"`SettleConcurrency=(\d+)`", TEXT))
    (table_units,) = map(int, re.findall(r"--warm-throughput .*WriteUnitsPerSecond=(\d+)", TEXT))
    assert table_units <= TABLE_UNITS_MAX
    assert minutes(10 * MILLION, concurrency, table_units) <= 60


def test_the_document_has_the_minutes_of_the_model() -> None:
    rows = re.findall(r"^\| ([\d,]+) \| (\d+) \| ([\d,]+) \| ([\d,]+) \|$", TEXT, re.MULTILINE)
    numbers = [[int(cell.replace(",", "")) for cell in row] for row in rows]
    assert len(numbers) == 4
    assert [minutes(cards, concurrency, units) for cards, concurrency, units, _ in numbers] == [
        row[-1] for row in numbers
    ]


def test_a_queue_is_not_empty_before_the_next_tick() -> None:
    slow, fast = minutes(10 * MILLION, 20, TABLE_UNITS_MAX), minutes(10 * MILLION, 200, TABLE_UNITS_MAX)
    assert slow - 1 == -(-10 * MILLION // (20 * SETTLED_PER_SECOND * MINUTE))
    assert fast - 1 == -(-10 * MILLION // (200 * SETTLED_PER_SECOND * MINUTE))


def test_a_full_tick_ends_before_its_timeout_and_the_timeout_before_the_next_tick() -> None:
    for properties in FUNCTIONS.values():
        a_round = SHARDS * INDEX_PAGE
        assert (NOMINATED_MAX + a_round) / NOMINATED_PER_SECOND < properties["Timeout"] < MINUTE


def test_the_cards_of_a_message_are_settled_in_a_fraction_of_the_timeout() -> None:
    batch = RESOURCES["SettleCardsSource"]["Properties"]["BatchSize"]
    timeout = RESOURCES["SettleCardsFunction"]["Properties"]["Timeout"]
    assert batch * CARDS_PER_MESSAGE / SETTLED_PER_SECOND <= timeout / 10
