"""Each test has an account of its own."""

from collections.abc import Iterator

import pytest

from tests.integration.accounts import account
from tests.stack import Stack


@pytest.fixture
def stack() -> Iterator[Stack]:
    with account() as stack:
        yield stack
