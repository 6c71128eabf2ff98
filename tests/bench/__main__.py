"""python -m tests.bench measures the promises of docs/reference/benchmarks.md as ratios within one run."""

import argparse
import json
import os
import platform
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tests.bench.environment  # noqa: F401  # before the product is imported  # isort: skip
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.bench import contention, engine, handler, imports, sweep
from tests.bench.measuring import Advance, Figure, Wrong
from tests.bench.project import Project

PARTS = ("imports", "handler", "growth", "contention", "sweep")
PLAIN_WIDTH = 100
PACKAGES = ("boto3", "aws-lambda-powertools", "pydantic")


def arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (all)")
    parser.add_argument(
        "--calls", type=_whole, default=400, metavar="N", help="calls of a handler, and of bare boto3 (400)"
    )
    parser.add_argument("--runs", type=_whole, default=15, metavar="N", help="fresh interpreters for each import (15)")
    parser.add_argument("--rows", type=_whole, default=5_000, metavar="N", help="rows of the large card (5000)")
    parser.add_argument("--rounds", type=_whole, default=8, metavar="N", help="rounds of 16 writers on one card (8)")
    parser.add_argument("--each", type=_whole, default=10, metavar="N", help="movements of a writer in a round (10)")
    parser.add_argument("--cards", type=_whole, default=2_000, metavar="N", help="due cards to settle (2000)")
    parser.add_argument(
        "--detail", action="store_true", help="also report the time of imports and of a handler by package"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    wanted = parser.parse_args(words)
    if unknown := set(wanted.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    wanted.parts = [part for part in PARTS if part in (wanted.parts or PARTS)]
    return wanted


def _whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def main(words: Sequence[str]) -> int:
    """Measures and returns 1 if the product was wrong, else 0. A figure out of bounds is not an error."""
    wanted = arguments(words)
    # A terminated bench also stops its engine.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    notes: list[str] = []
    figures: list[Figure] = []
    wrong = None
    # The redirection precedes the import of handlers, because their loggers keep the current stream.
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), _progress(console) as progress:
        try:
            measure(wanted, progress, figures, notes)
        except Wrong as found:
            wrong = str(found)
        except engine.Unavailable as missing:
            notes.append(f"Only imports were measured, the rest needs DynamoDB Local. {missing}")
    show(console, figures, notes)
    if wanted.json:
        wanted.json.write_text(json.dumps(document(figures, notes, wrong), indent=2) + "\n")
    if wrong:
        console.print(f"[bold red]Wrong:[/] {escape(wrong)}", soft_wrap=True)
    return 1 if wrong else 0


def measure(wanted: argparse.Namespace, progress: Progress, figures: list[Figure], notes: list[str]) -> None:
    def perform(part: str, steps: int, run: Callable[[Advance], list[Figure]]) -> None:
        if part in wanted.parts:
            task = progress.add_task(part, total=steps)
            figures.extend(run(lambda done: progress.advance(task, done)))

    perform("imports", imports.steps(wanted.runs), lambda advance: imports.imports(wanted.runs, advance))
    if "imports" in wanted.parts and wanted.detail:
        own = ", ".join(f"{package} {milliseconds:.0f}" for package, milliseconds in imports.contributors())
        notes.append(f"Imports, own milliseconds by package as `-X importtime` traces them: {own}.")
    if wanted.parts == ["imports"]:
        return

    with engine.engine(progress.console.print) as endpoint:
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = endpoint
        calls = handler.Plan(wanted.calls, wanted.rows)
        races = contention.Plan(wanted.rounds, wanted.each)
        due = sweep.Plan(wanted.cards)
        project = Project()
        perform("handler", calls.own_time_steps, lambda advance: handler.own_time(project, calls, advance))
        perform("growth", calls.growth_steps, lambda advance: handler.growth(project, calls, advance))
        perform("contention", races.steps, lambda advance: contention.contention(races, advance, notes))
        perform("sweep", due.steps, lambda advance: sweep.sweep(due, advance))
        if wanted.detail:
            notes.append(handler.profile(project))


def show(console: Console, figures: Sequence[Figure], notes: Sequence[str]) -> None:
    table = Table("ours / bare boto3's", "promise", "ratio", "middle half", "measured", "", box=box.SIMPLE_HEAD)
    for column in table.columns[1:5]:
        column.justify = "right"
    marks = {True: "[green]kept[/]", False: "[red]not kept[/]", None: ""}
    for figure in figures:
        spread = f"{figure.low:.2f} - {figure.high:.2f}"
        table.add_row(figure.name, figure.promise, f"{figure.ratio:.2f}", spread, figure.measured, marks[figure.kept])
    if figures:
        console.print(table)
    for note in notes:
        console.print(escape(note), soft_wrap=True)


def document(figures: Sequence[Figure], notes: Sequence[str], wrong: str | None) -> dict[str, Any]:
    return {
        "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "machine": {
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "system": platform.system(),
            "python": platform.python_version(),
            **{package: version(package) for package in PACKAGES},
            engine.PACKAGE: engine.VERSION,
        },
        "figures": [asdict(figure) | {"promise": figure.promise, "kept": figure.kept} for figure in figures],
        "notes": list(notes),
        "wrong": wrong,
    }


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description:<12}"), BarColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, redirect_stdout=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
