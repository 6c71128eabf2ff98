"""The environment of every test. It is set before the package is imported, so that no test reaches a real account."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from _pytest import runner
from hypothesis import settings

from tests.support import zones
from tests.support.frames import with_many_frames

if TYPE_CHECKING:
    from tests.support.live import Live

os.environ.update(
    {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "LOYALTY_TABLE": "loyalty",
        "LOYALTY_BUS": "loyalty",
        "LOYALTY_TIME_ZONE": "Europe/Berlin",
        "LOYALTY_CURRENCY": "EUR",
        "LOYALTY_RESTORATION": "",
        "POWERTOOLS_METRICS_NAMESPACE": "Loyalty",
        "POWERTOOLS_SERVICE_NAME": "loyalty",
        "POWERTOOLS_METRICS_DISABLED": "true",
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    }
)

if os.environ.get("LOYALTY_ZONE_DATA") == "older":
    zones.use(zones.older())

# CI tries a few examples more than the usual profile. `--hypothesis-profile long` runs for a quarter of an hour.
# A failure prints how to run it again.
settings.register_profile("usual", deadline=None, print_blob=True, max_examples=33)
settings.register_profile("ci", deadline=None, print_blob=True, max_examples=40)
settings.register_profile("long", deadline=None, print_blob=True, max_examples=3_000)
settings.load_profile("ci" if os.environ.get("CI") else "usual")


def pytest_configure(config: pytest.Config) -> None:
    from tests.support.unused_rights import UnusedRights  # noqa: PLC0415  # after the environment is set

    config.pluginmanager.register(UnusedRights())


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Runs the test as pytest does, with its fixtures."""
    return bool(with_many_frames(lambda: runner.pytest_runtest_protocol(item, nextitem)))


@pytest.fixture(scope="session")
def live() -> Iterator["Live"]:
    """One local stack for all tests that need one."""
    from tests.support.live import running_stack  # noqa: PLC0415  # other tests do not pay for its imports

    with running_stack() as live:
        yield live


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts tests that need time to pass to the end, so that time passes during the others."""

    def needs_time(item: pytest.Item) -> tuple[bool, bool]:
        return item.get_closest_marker("patient") is not None, "defined" in getattr(item, "fixturenames", ())

    items.sort(key=needs_time)
