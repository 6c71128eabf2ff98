"""The emulated account of the histories, and the seeds that decide them.

`LOYALTY_SIMULATION_SEED=123 pytest tests/simulation` runs one history again.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
from hypothesis import strategies as st

from tests.support.world import client_of, emulator

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SEED = os.environ.get("LOYALTY_SIMULATION_SEED")
SEEDS = st.just(int(SEED)) if SEED else st.integers(0, 2**32 - 1)
SENDINGS_MAX = 4
"""How often a caller sends a request whose answer is lost."""
_session: list[boto3.Session] = []


@contextmanager
def opened() -> Iterator[None]:
    """Opens the account for the tests of a module."""
    with emulator() as session:
        _session.append(session)
        yield
        _session.clear()


def new_client() -> "DynamoDBClient":
    """A client of the account. Each history has its own: the SDK's budget of retries is not that of other histories."""
    return client_of(_session[0])
