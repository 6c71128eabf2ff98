"""docs/benchmarks.md is what the figures of its run, the list prices and the counted figures make of it."""

from tests.bench import document, report


def test_the_document_is_made_from_the_stored_figures() -> None:
    made = document.text(report.load(document.FIGURES))

    assert document.DOCUMENT.read_text() == made, "run: make bench ARGS=--render"


def test_each_plot_of_the_document_exists_and_follows_the_readers_colors() -> None:
    shown = [line for line in document.DOCUMENT.read_text().splitlines() if line.startswith("![")]
    plots = [document.DOCUMENT.parent / line.rpartition("(")[2].rstrip(")") for line in shown]

    assert {plot.suffix for plot in plots} == {".svg"}
    assert all("prefers-color-scheme:dark" in plot.read_text() for plot in plots)
    assert set(document.IMAGES.glob("*.svg")) == set(plots)
