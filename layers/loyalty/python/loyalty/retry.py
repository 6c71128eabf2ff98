"""How often and for how long work is retried that lost a race: the only place that retries it."""

from collections.abc import Callable
from itertools import count
from random import SystemRandom
from time import monotonic, sleep
from typing import TypeVar

from loyalty.errors import Busy

SECONDS_MAX = 5
BACKOFF_SECONDS = 0.02
BACKOFF_SECONDS_MAX = 0.4
uniform = SystemRandom().uniform
"""Environments that start from one snapshot have different pauses."""

T = TypeVar("T")


class LostRace(Exception):
    """A concurrent write came first, or a throttle refused the transaction: the work can start again."""


def retry(work: Callable[[], T], resource: str) -> T:
    """The result of the first attempt that loses no race.

    `Busy` names the resource once five seconds are over. Attempts are spaced with full jitter (AWS: exponential
    backoff and jitter).
    """
    deadline = monotonic() + SECONDS_MAX
    for attempt in count():
        try:
            return work()
        except LostRace as race:
            if monotonic() >= deadline:
                detail = (
                    f"Concurrent writes kept changing {resource}. Nothing was written: send the same request again."
                )
                raise Busy(detail) from race
        sleep(uniform(0, min(BACKOFF_SECONDS_MAX, BACKOFF_SECONDS * 2**attempt)))
    raise AssertionError("count() never ends")
