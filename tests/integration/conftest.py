"""Each test has an account of its own, and a clock where it asks for one."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import time_machine

from tests.integration.accounts import START, account
from tests.stack import Stack


@pytest.fixture
def stack() -> Iterator[Stack]:
    with account() as stack:
        yield stack


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Stands at START until it is moved; the emulator goes by it too."""
    with time_machine.travel(START, tick=False) as clock:
        yield clock


@pytest.fixture
def no_rollback(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of many transactions none of which fails: moto copies the whole table before each, to undo it."""
    monkeypatch.setattr("moto.dynamodb.models.copy", SimpleNamespace(deepcopy=lambda value: value))
