"""Time zones by the data of the pinned package `tzdata`.

The machine's own zone files are never read. Their version differs from machine to machine, and so would the dates that
customers are promised.
"""

from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

DATA = files("tzdata") / "zoneinfo"
NAMES = files("tzdata") / "zones"
UNSET = "Factory"
"""The name in the data for a machine whose zone was never set."""


@cache
def zone_names() -> frozenset[str]:
    """Returns the names of all zones, such as `Europe/Berlin` and `UTC`: every zone of the product has one of them."""
    return frozenset(NAMES.read_text().split()) - {UNSET}


@cache
def zone_of(name: str) -> ZoneInfo:
    """Returns the zone with the name. Raises `ValueError` if there is none."""
    if name not in zone_names():
        raise ValueError(f"The pinned zone data has no zone {name}.")
    with DATA.joinpath(*name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, name)
