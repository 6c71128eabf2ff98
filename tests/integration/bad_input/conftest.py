"""One project for all cases of a file. A refused request must not change the table: each case checks this."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from tests.integration.accounts import START, account
from tests.integration.bad_input.sender import Sender, prepared, save_customers


@pytest.fixture(scope="module")
def warm() -> Iterator[tuple[Sender, list[Any]]]:
    with (
        account() as stack,
        pytest.MonkeyPatch.context() as patch,
        time_machine.travel(START, tick=False),
    ):
        # The emulator's index is never late.
        patch.setattr("loyalty.usecases.history.sleep", lambda _: None)
        sender = prepared(stack)
        # An accepted event would write a row on the card of this wallet.
        slides = {"type": "SLIDING_EXPIRATION", "every": 1, "unit": "YEAR", "resetBy": ["CUSTOM_EVENT"]}
        sliding = stack.wallet(expiration={**slides, "events": ["order.delivered"]})
        stack.credit(sliding, 100)
        # After the wallets: this loads the registry, which does not change as long as time stops.
        save_customers(stack)
        yield sender, stack.items()


@pytest.fixture
def sender(warm: tuple[Sender, list[Any]]) -> Iterator[Sender]:
    sender, before = warm
    yield sender
    assert sender.stack.items() == before, "a refused request wrote to the table"
