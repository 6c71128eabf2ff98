"""How often and how long a lost race is run again: the one place that decides it."""

from collections.abc import Iterator
from itertools import count
from random import uniform
from time import monotonic, sleep

SECONDS_MAX = 5
BACKOFF_SECONDS = 0.02
BACKOFF_SECONDS_MAX = 0.4


def attempts() -> Iterator[int]:
    """Attempts until five seconds are over, with full jitter between them (AWS: exponential backoff and jitter)."""
    deadline = monotonic() + SECONDS_MAX
    for attempt in count():
        yield attempt
        if monotonic() >= deadline:
            return
        sleep(uniform(0, min(BACKOFF_SECONDS_MAX, BACKOFF_SECONDS * 2**attempt)))  # noqa: S311  # no secret
