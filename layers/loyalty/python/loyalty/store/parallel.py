"""Reads that do not depend on each other, side by side."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Argument = TypeVar("Argument")
Result = TypeVar("Result")

AT_ONCE = 8
"""Fewer than the ten connections that the client keeps open."""


def at_once(read: Callable[[Argument], Result], arguments: Iterable[Argument]) -> list[Result]:
    """Returns the results in the order of the arguments. Raises the error of the first read that failed."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(read, arguments))
