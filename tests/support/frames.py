"""Calls that do not ask the operating system for memory again and again.

CPython takes 16 KB at a time from the operating system for the frames of calls, and gives them back as soon as the
last of these calls returns (3.11 to 3.13, Python/pystate.c: push_chunk, _PyThreadState_PopFrame). A loop of calls at
such a depth does so at each pass: up to a third of the processor time of a test.
"""

from collections.abc import Callable
from typing import Any

WORDS = 70_000
"""Needs more than 512 KB, so CPython takes 1 MB at once. The calls below use the rest."""


def with_many_frames(run: Callable[[], Any]) -> Any:
    return run()


with_many_frames.__code__ = with_many_frames.__code__.replace(co_stacksize=WORDS)
