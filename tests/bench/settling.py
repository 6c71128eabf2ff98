"""Settles due cards in several processes, as several environments of the function do side by side."""

import tests.bench.environment  # noqa: F401  # before the product is imported  # isort: skip
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import cache, partial
from multiprocessing import get_context

from loyalty.domain.cards.card import DueCard
from loyalty.store.store import Store
from loyalty.usecases import sweeps
from tests.bench.measuring import Advance
from tests.bench.project import environment_store

CHUNK = 250


def settle_all(table: str, wallet_id: str, customers: Sequence[str], processes: int, advance: Advance) -> float:
    """Settles the customers' cards, and returns the seconds without the start of the processes."""
    chunks = [customers[first : first + CHUNK] for first in range(0, len(customers), CHUNK)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        list(pool.map(partial(_settle, table, wallet_id), [[]] * processes * 2))
        began = time.perf_counter()
        for settled in pool.map(partial(_settle, table, wallet_id), chunks):
            advance(settled)
        return time.perf_counter() - began


def _settle(table: str, wallet_id: str, customers: Sequence[str]) -> int:
    store = _store(table)
    for customer in customers:
        sweeps.settle_due_card(store, DueCard(customer, wallet_id), datetime.now(UTC))
    return len(customers)


@cache
def _store(table: str) -> Store:
    return environment_store(table)
