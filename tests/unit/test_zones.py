"""Zones come from the pinned data, whatever files the machine has."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from loyalty.domain.dates import Unit, datetime_of
from loyalty.domain.movements.credit import Grant, credit_points
from loyalty.domain.wallets.settings import Expiration, ExpirationType
from loyalty.domain.zones import zone_names, zone_of
from tests.support.samples import card, wallet
from tests.support.sources import nodes, require_no_faults
from tests.support.template import ROOT
from tests.support.zones import PINNED, older, zone_data

MAKER = ROOT / "layers" / "loyalty" / "python" / "loyalty" / "domain" / "zones.py"
MODULES = sorted(path for folder in ("layers", "functions", "scripts") for path in (ROOT / folder).rglob("*.py"))
PINS = [
    ROOT / "pyproject.toml",
    ROOT / "layers" / "dependencies" / "requirements.in",
    ROOT / "layers" / "dependencies" / "requirements.txt",
    ROOT / "requirements" / "dev.txt",
    ROOT / "requirements" / "sam.txt",
]


def first_expiry() -> datetime:
    """The expiry of points credited in Vancouver on 25 November 2026, for 30 days."""
    rolling = Expiration(ExpirationType.ROLLING_EXPIRATION, 30, Unit.DAY)
    at = int(datetime(2026, 11, 25, 18, tzinfo=UTC).timestamp())
    vancouver = wallet(time_zone="America/Vancouver", expiration=rolling)
    after, _ = credit_points(card(at=at), Grant(50), vancouver, at)
    return datetime_of(after.lots[0].expires_at)


def test_points_expire_at_a_midnight_of_the_pinned_data() -> None:
    with zone_data(PINNED):
        assert first_expiry() == datetime(2026, 12, 26, 7, tzinfo=UTC)


def test_the_older_data_of_the_tests_has_another_midnight() -> None:
    with zone_data(older()):
        assert first_expiry() == datetime(2026, 12, 26, 8, tzinfo=UTC)


NO_ZONES = ["", "Mars/Olympus", "europe/berlin", "../zones", "/etc/localtime", "Europe"]
MACHINE_NAMES = ["localtime", "posixrules", "posix/Europe/Berlin", "right/Europe/Berlin", "Factory", "leapseconds"]
"""Files and links of zone directories that are no names of places, or whose meaning differs from machine to machine."""


@pytest.mark.parametrize("name", [*NO_ZONES, *MACHINE_NAMES])
def test_a_name_outside_the_data_is_no_zone(name: str) -> None:
    assert name not in zone_names()
    with pytest.raises(ValueError, match="no zone"):
        zone_of(name)


def test_every_name_is_a_zone_and_the_same_one_each_time() -> None:
    assert len(zone_names()) > 500
    for name in zone_names():
        zone = zone_of(name)
        assert (str(zone), zone_of(name)) == (name, zone)


def test_one_module_makes_zones() -> None:
    """Other modules use `ZoneInfo` as a type only: `zoneinfo` itself prefers the machine's files."""

    def makers(path: Path) -> Iterator[str]:
        for node in nodes(path):
            match node:
                case ast.Call() if ast.unparse(node.func).split(".")[0] in (ZoneInfo.__name__, "zoneinfo"):
                    yield f"line {node.lineno}"
                case ast.ImportFrom(module="zoneinfo") if [alias.name for alias in node.names] != ["ZoneInfo"]:
                    yield f"line {node.lineno}"

    # The others have neither. To parse them would take longer.
    named = [path for path in MODULES if re.search("zoneinfo", path.read_text(), re.IGNORECASE)]
    assert MAKER in named
    require_no_faults([path for path in named if path != MAKER], makers)


def test_all_environments_have_one_version_of_the_zone_data() -> None:
    pins = {path: set(re.findall(r'tzdata==([^" \\\n]+)', path.read_text())) for path in PINS}
    assert len(set.union(*pins.values())) == 1
    assert all(pins.values())
