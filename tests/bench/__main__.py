"""python -m tests.bench measures the promises of docs/benchmarks.md as ratios within one run."""

import tests.bench.environment  # noqa: F401  # before the product is imported  # isort: skip
import argparse
import os
import platform
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from traceback import format_exception
from typing import Any, TypeVar

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from loyalty.telemetry import logger
from tests.bench import contention, designs, document, engine, handler, imports, report, sweep
from tests.bench.measuring import Advance, Wrong
from tests.bench.project import Project

T = TypeVar("T")
PARTS = ("imports", "handler", "growth", "contention", "sweep", "designs")
PLAIN_WIDTH = 120
PACKAGES = ("boto3", "aws-lambda-powertools", "pydantic")
SOME_ROWS, MANY_ROWS = 1_000, 100_000
SOME_DUE, MANY_DUE = 2_000, 100_000


def arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (all)")
    parser.add_argument("--full", action="store_true", help="cards of 100,000 rows, and a sweep of 100,000 due cards")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md and its plots")
    parser.add_argument("--render", action="store_true", help="write them from the stored figures, measure nothing")
    parser.add_argument(
        "--calls", type=_whole, default=400, metavar="N", help="calls of a handler, and of bare boto3 (400)"
    )
    parser.add_argument("--runs", type=_whole, default=15, metavar="N", help="fresh interpreters for each import (15)")
    parser.add_argument("--rows", type=_whole, metavar="N", help=f"rows of the largest card ({SOME_ROWS})")
    parser.add_argument("--rounds", type=_whole, default=8, metavar="N", help="rounds of 16 writers on one card (8)")
    parser.add_argument("--each", type=_whole, default=10, metavar="N", help="movements of a writer in a round (10)")
    parser.add_argument("--cards", type=_whole, metavar="N", help=f"due cards to settle ({SOME_DUE})")
    parser.add_argument(
        "--processes", type=_whole, default=os.cpu_count() or 1, metavar="N", help="processes that settle (one a core)"
    )
    parser.add_argument(
        "--detail", action="store_true", help="also report the time of imports and of a handler by package"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    wanted = parser.parse_args(words)
    if unknown := set(wanted.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    if wanted.write and wanted.parts:
        parser.error("--write needs all parts")
    wanted.parts = [part for part in PARTS if part in (wanted.parts or PARTS)]
    wanted.rows = wanted.rows or (MANY_ROWS if wanted.full else SOME_ROWS)
    wanted.cards = wanted.cards or (MANY_DUE if wanted.full else SOME_DUE)
    return wanted


def _whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def main(words: Sequence[str]) -> int:
    """Measures and returns 1 if the product was wrong, else 0. A figure out of bounds is not an error."""
    wanted = arguments(words)
    # The console keeps the stream, so that it prints during the redirection.
    console = Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    if wanted.render:
        document.write(report.load(document.FIGURES), console.print)
        return 0
    # A terminated bench also stops its engine.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    found = report.Report(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", machine(), wanted.full)
    began = time.monotonic()
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), _progress(console) as progress:
        # The logger keeps the stream of its import.
        handler_of_logs: Any = logger.registered_handler
        handler_of_logs.setStream(nowhere)
        try:
            measure(wanted, progress, found)
        except Wrong as wrong:
            found.wrong = str(wrong)
        except engine.Unavailable as missing:
            found.notes.append(f"Only imports were measured, the rest needs DynamoDB Local. {missing}")
        except Exception as failed:  # noqa: BLE001  # the figures of minutes are shown all the same
            found.wrong = "".join(format_exception(failed))
    found.seconds = round(time.monotonic() - began)
    show(console, found)
    if wanted.json:
        report.save(found, wanted.json)
    if found.wrong:
        console.print(f"[bold red]Wrong:[/] {escape(found.wrong)}", soft_wrap=True)
        return 1
    if wanted.write:
        if found.sweep is None:
            console.print("[red]Nothing is written, because not all parts were measured.[/]")
            return 1
        report.save(found, document.FIGURES)
        document.write(found, console.print)
    return 0


def measure(wanted: argparse.Namespace, progress: Progress, found: report.Report) -> None:
    def perform(name: str, steps: int, run: Callable[[Advance], T]) -> T:
        task, began = progress.add_task(name, total=steps), time.monotonic()
        result = run(lambda done: progress.advance(task, done))
        if not progress.console.is_terminal:
            progress.console.print(f"{name}: {time.monotonic() - began:.0f} s")
        return result

    parts = set(wanted.parts)
    if "imports" in parts:
        steps = imports.steps(wanted.runs)
        found.figures += perform("imports", steps, lambda advance: imports.imports(wanted.runs, advance))
        if wanted.detail:
            own = ", ".join(f"{package} {milliseconds:.0f}" for package, milliseconds in imports.contributors())
            found.notes.append(f"Imports, own milliseconds by package as `-X importtime` traces them: {own}.")
    if parts == {"imports"}:
        return
    with engine.engine(progress.console.print) as endpoint:
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = endpoint
        rows = sorted({min(SOME_ROWS, wanted.rows), wanted.rows})
        calls = handler.Plan(wanted.calls, rows)
        races = contention.Plan(wanted.rounds, wanted.each)
        due = sweep.Plan(wanted.cards, wanted.processes)
        project = Project()
        if "handler" in parts:
            found.figures += perform(
                "handler", calls.own_time_steps, lambda advance: handler.own_time(project, calls, advance)
            )
        if "growth" in parts:
            found.figures += perform(
                "growth", calls.growth_steps, lambda advance: handler.growth(project, calls, advance)
            )
        if "contention" in parts:
            found.figures += perform(
                "16 writers", races.steps, lambda advance: contention.contention(races, advance, found.notes)
            )
        if "designs" in parts:
            _compare(wanted, perform, project, found, rows)
        if "sweep" in parts:
            figures, found.sweep = perform("sweep", due.steps, lambda advance: sweep.sweep(due, advance))
            found.figures += figures
        if wanted.detail:
            found.notes.append(handler.profile(project))


def _compare(
    wanted: argparse.Namespace, perform: Any, project: Project, found: report.Report, rows: Sequence[int]
) -> None:
    plan = designs.Plan(wanted.calls // 2 or 1, -(-wanted.rounds // 2), wanted.each, sorted({handler.FEW_ROWS, *rows}))
    compared = designs.Designs()
    figures, found.costs = perform("units", plan.cost_steps, lambda advance: designs.costs(compared, advance))
    found.figures += figures
    found.growth = perform(
        "units, growth", plan.growth_steps, lambda advance: designs.growth(compared, project, plan, advance)
    )
    found.times = perform(
        "designs, time", plan.time_steps, lambda advance: designs.times(compared, project, plan, advance)
    )
    found.faults = perform("faults", len(compared.all), lambda advance: designs.faults(compared, advance))
    found.writers = perform("designs, 16", plan.writer_steps, lambda advance: designs.writers(compared, plan, advance))


def show(console: Console, found: report.Report) -> None:
    table = Table("figure, ours / theirs", "promise", "ratio", "middle half", "measured", "", box=box.SIMPLE_HEAD)
    for column in table.columns[1:5]:
        column.justify = "right"
    marks = {True: "[green]kept[/]", False: "[red]not kept[/]", None: ""}
    for figure in found.figures:
        spread = "" if figure.low == figure.high else f"{figure.low:.2f} - {figure.high:.2f}"
        table.add_row(figure.name, figure.promise, f"{figure.ratio:.2f}", spread, figure.measured, marks[figure.kept])
    if found.figures:
        console.print(table)
    for figure in found.figures:
        if figure.kept is False and figure.held_back:
            console.print(f"[red]{figure.name}[/]: {escape(figure.held_back)}.", soft_wrap=True)
    for note in found.notes:
        console.print(escape(note), soft_wrap=True)
    console.print(f"{found.seconds} s")


def machine() -> dict[str, str]:
    return {
        "processor": platform.machine(),
        "cores": str(os.cpu_count()),
        "system": platform.system(),
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
        engine.PACKAGE: engine.VERSION,
    }


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description:<14}"), BarColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, redirect_stdout=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
