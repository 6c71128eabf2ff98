"""All histories of a module have one account, and each history has a table of its own."""

from collections.abc import Iterator

import pytest

from tests.simulation.account import opened


@pytest.fixture(autouse=True, scope="module")
def account() -> Iterator[None]:
    with opened():
        yield
