"""Each test has its own account, and a clock if it requests one.

An audit of the whole table must find no drift after each test.
"""

from collections.abc import Iterator

import pytest
import time_machine

from tests.integration.accounts import START, account
from tests.integration.publishing import Events
from tests.support.audit import TableAudit
from tests.support.stack import Stack


@pytest.fixture
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    with account() as stack:
        yield stack
        if "tampered" not in request.keywords:
            assert TableAudit(stack.items()).drifts() == []


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
