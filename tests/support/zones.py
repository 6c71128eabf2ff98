"""Zone data of two versions: the pinned one, and an older one in which British Columbia still changes its clocks."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable

from loyalty.domain import zones

PINNED = zones.DATA


def older() -> Traversable:
    """Returns tzdata 2025b, as the package `pytz` has it."""
    return files("pytz") / "zoneinfo"


def use(data: Traversable) -> None:
    """Makes all zones from the data from now on. Zones that were made before keep theirs."""
    zones.DATA = data
    zones.zone_of.cache_clear()


@contextmanager
def zone_data(data: Traversable) -> Iterator[None]:
    before = zones.DATA
    use(data)
    try:
        yield
    finally:
        use(before)
