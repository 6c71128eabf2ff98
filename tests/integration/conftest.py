"""Each test has its own account, and a clock if it requests one.

All ledgers and budgets must verify after each test.
"""

from collections.abc import Iterator

import pytest
import time_machine

from loyalty.store import keys
from loyalty.store.store import Store
from loyalty.usecases import audits
from tests.integration.accounts import START, account
from tests.integration.publishing import Events
from tests.support.budgets import require_exact_budgets
from tests.support.stack import Stack


@pytest.fixture
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    with account() as stack:
        yield stack
        if "tampered" not in request.keywords:
            _verify(stack)


def _verify(stack: Stack) -> None:
    store = Store(stack.dynamodb, "loyalty")
    items = stack.items()
    require_exact_budgets(items)
    for item in items:
        if item["sk"]["S"].startswith("CARD#"):
            wallet_id, customer_id = (keys.after_first_hash(item[name]["S"]) for name in ("sk", "pk"))
            assert not audits.verify(store, wallet_id, customer_id).drifts


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Stops the clock at START until a test moves it. The emulator uses the same clock."""
    with time_machine.travel(START, tick=False) as clock:
        yield clock


@pytest.fixture
def bus_events(monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller, stack: Stack) -> Events:
    """The entries that the bus gets. The function sends refused entries again without a pause."""
    monkeypatch.setattr("loyalty.messaging.bus.sleep", lambda _: None)
    return Events()
