"""docs/benchmarks.md: made from the figures of a run."""

from collections.abc import Callable

from tests.bench.report import Report
from tests.support.template import ROOT

FIGURES = ROOT / "docs" / "images" / "benchmarks" / "figures.json"


def write(found: Report, say: Callable[[str], None]) -> None:
    pass
