"""docs/benchmarks.md and its plots, made from the figures of a run."""

import json
import subprocess
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from statistics import mean
from textwrap import fill
from typing import Any

from scripts.local_stack.environments import BENCH, make_all
from tests.bench.designs import CREDITED, MOVEMENTS, SPENT, WRITE_WEIGHT, WRITERS
from tests.bench.measuring import Figure
from tests.bench.money import BASE_MILLISECONDS, PUBLISHED_TOGETHER, REQUEST_MILLISECONDS, Cost, million, month
from tests.bench.operations import counted
from tests.bench.prices import PEERS, Prices
from tests.bench.report import DesignCost, Growth, Report
from tests.support.template import ROOT

DOCUMENT = ROOT / "docs" / "benchmarks.md"
IMAGES = ROOT / "docs" / "images" / "benchmarks"
FIGURES = IMAGES / "figures.json"
PLOTS = ROOT / "tests" / "bench" / "plots.py"
BATCH = 25
LINE = 120
PRODUCT = "This product"
SHORT = {
    "": "product",
    "a": "(a) Powertools",
    "b": "(b) transaction",
    "c": "(c) lots",
    "d": "(d) events",
}
SOURCES = {
    "a": "[Powertools, Idempotency](https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/)",
    "b": "[AWS Database Blog, resource counters](https://aws.amazon.com/blogs/database/implement-resource-counters-with-amazon-dynamodb/)",
    "c": "[Okommerce, FIFO lots](https://okommerce.com/docs/how-does-the-fifo-lot-point-ledger-track-earned-redeemed-expired-adjusted)",
    "d": "[AWS Prescriptive Guidance, event sourcing](https://docs.aws.amazon.com/prescriptive-guidance/latest/cloud-design-patterns/event-sourcing.html)",
}
LACKS = {
    "a": "no expiry; keys are forgotten after a day",
    "b": "no expiry; keys are forgotten after a day",
    "c": "a debit of more than 99 lots fails; balances in rows may be of another moment",
    "d": "no expiry; each movement reads all events",
}
TEMPLATE = ROOT / "tests" / "bench" / "benchmarks.md"
PARTS = ("writes", "reads", "api", "function", "logs", "events", "data_out")
PART_NAMES = ("writes", "reads", "API", "function", "logs", "events", "data out")


def write(found: Report, say: Callable[[str], None]) -> None:
    """Writes the document and draws its plots, in an environment of their own."""
    make_all((BENCH,))
    DOCUMENT.write_text(text(found))
    subprocess.run(  # noqa: S603  # our own script
        [BENCH.python, PLOTS, IMAGES], input=json.dumps(series(found)), text=True, check=True
    )
    say(f"{DOCUMENT.relative_to(ROOT)} and {IMAGES.relative_to(ROOT)} are written.")


def text(found: Report) -> str:
    """The document. The sentences are in `benchmarks.md` of this folder, the figures are those of the run."""
    sections = {
        "RUN": _run(found),
        "PROMISES": _promises(found.figures),
        "HELD_BACK": _held_back(found.figures),
        "DESIGNS": _designs(found),
        "COSTS": _costs(found.costs),
        "BREAK_EVEN": _break_even(found),
        "GROWTH": _growth(found.growth),
        "TIMES": _times(found),
        "RIGHT": _right(found),
        "SWEEP": _sweep(found),
        "MONEY": _money(),
        "STORAGE": _storage(found.costs),
        "PRICES": _prices(),
        "PEERS": "\n".join(f"* [{peer.name}]({peer.page}). {peer.text}." for peer in PEERS),
        "NOTES": "\n".join(f"* {note}" for note in found.notes),
        "DURATION": f"{BASE_MILLISECONDS} ms and {REQUEST_MILLISECONDS} ms for each request to the table",
        "TOGETHER": str(PUBLISHED_TOGETHER),
        "SCENARIO": f"{MOVEMENTS} movements on different days: four credits of {CREDITED} points, then a debit of "
        f"{SPENT}, over and over",
        "WRITERS": str(WRITERS),
    }
    written = TEMPLATE.read_text()
    for name, section in sections.items():
        written = written.replace(f"{{{{{name}}}}}", section)
    return "\n\n".join(map(_wrapped, written.rstrip("\n").split("\n\n"))) + "\n"


def _wrapped(block: str) -> str:
    """Wraps a paragraph or a list, and leaves tables, blocks, headings and images as they are."""
    if block.startswith(("|", "```", "#", "!")):
        return block
    points = block.removeprefix("* ").split("\n* ")
    bullet = "* " if block.startswith("* ") else ""
    return "\n".join(
        fill(
            " ".join(point.split()),
            LINE,
            initial_indent=bullet,
            subsequent_indent=" " * len(bullet),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for point in points
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> str:
    """A table in Markdown, the last columns of which are numbers."""
    rules = ["---"] * (len(head) - numbers) + ["---:"] * numbers
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rules, *rows))


def _run(found: Report) -> str:
    machine = found.machine
    size = "full sizes" if found.full else "small sizes"
    packages = ", ".join(
        f"{name} {version}"
        for name, version in machine.items()
        if name not in {"processor", "cores", "system", "python"}
    )
    return (
        f"One run at {found.at[:10]} {found.at[11:16]} UTC in {size}, {found.seconds} s. {machine['system']}, "
        f"{machine['cores']} cores {machine['processor']}, Python {machine['python']}, {packages}."
    )


def _promises(figures: Sequence[Figure]) -> str:
    marks = {True: "🟢 kept", False: "🔴 **not kept**", None: ""}
    rows = []
    for figure in figures:
        spread = "" if figure.low == figure.high else f"{figure.low:.2f} to {figure.high:.2f}"
        name = f"↳ {figure.name.strip()}" if figure.name.startswith(" ") else figure.name
        promise = figure.promise.replace("<=", "≤").replace(">=", "≥")
        rows.append([name, promise, f"{figure.ratio:.2f}", spread, figure.measured, marks[figure.kept]])
    return _table(("figure", "promise", "found", "middle half", "ours / theirs", ""), rows)


def _held_back(figures: Sequence[Figure]) -> str:
    red = [figure for figure in figures if figure.kept is False]
    if not red:
        return "Every promise is kept."
    return "\n".join(f"* **{figure.name}**: {figure.held_back or 'no reason is known yet'}." for figure in red)


def _designs(found: Report) -> str:
    rows = [[f"({one.letter})", one.title, SOURCES[one.letter], LACKS[one.letter]] for one in found.costs if one.letter]
    return _table(("", "design", "source", "besides"), rows)


def _costs(costs: Sequence[DesignCost]) -> str:
    ours = costs[0]
    rows = []
    for one in costs:
        name = f"({one.letter}) {one.title}" if one.letter else PRODUCT
        credit, debit = (f"{writes} + {reads:g}" for _, reads, writes in (one.credit, one.debit))
        units, own = _units(one), _units(ours)
        rows.append(
            [
                name,
                f"{one.requests / one.movements:.1f}",
                credit,
                debit,
                f"{units:.2f}",
                f"{own / units:.2f}" if one.letter else "",
                f"{ours.requests / one.requests:.2f}" if one.letter else "",
                str(one.stored),
            ]
        )
    head = (
        "design",
        "requests",
        "last credit, write + read",
        "last debit",
        "units of a movement",
        "ours ÷ its units",
        "ours ÷ its requests",
        "bytes stored",
    )
    return _table(head, rows, 7)


def _units(one: DesignCost) -> float:
    return (one.writes + one.reads / WRITE_WEIGHT) / one.movements


def _grown_units(one: Growth) -> float:
    return one.writes + one.reads / WRITE_WEIGHT


def _break_even(found: Report) -> str:
    """The number of events from which a debit of (d) costs more than the product's."""
    events = [one for one in found.growth if one.letter == "d"]
    ours = next((one for one in found.growth if not one.letter and one.by == "rows"), None)
    if not events or ours is None:
        return ""
    largest = max(events, key=lambda one: one.size)
    each = largest.reads / WRITE_WEIGHT / largest.size
    number = round((_grown_units(ours) - largest.writes) / each, -1)
    return f"From about {number:,.0f} events of a customer on, a debit of (d) costs more than the product's."


def _growth(growth: Sequence[Growth]) -> str:
    rows = [
        [
            f"{one.size:,} {one.by if one.size > 1 else one.by[:-1]}",
            SHORT[one.letter],
            f"{one.requests}",
            f"{one.writes}",
            f"{one.reads:g}",
            f"{_grown_units(one):.1f}",
        ]
        for one in sorted(growth, key=lambda one: (one.by == "lots", one.size, one.letter))
    ]
    return _table(("card", "design", "requests", "write units", "read units", "together"), rows, 4)


def _times(found: Report) -> str:
    rows = [
        [
            f"({one.letter})",
            one.verb,
            f"{one.ratio:.2f}",
            f"{one.low:.2f} to {one.high:.2f}",
            f"{one.ours:.2f} / {one.theirs:.2f} ms",
        ]
        for one in found.times
    ]
    return _table(("design", "handler", "ours ÷ its", "middle half", "processor time"), rows, 3)


def _right(found: Report) -> str:
    faults = {one.letter: one for one in found.faults}
    rows = []
    for one in found.writers:
        fault = faults[one.letter]
        points = f"{one.difference:+d}" if one.difference else "right"
        wrong = [f"{fault.twice} twice"] * bool(fault.twice) + [f"{fault.incomplete} incomplete"] * bool(
            fault.incomplete
        )
        rows.append(
            [
                SHORT[one.letter],
                f"{one.rate:.0f} per s",
                f"{points} after {one.movements}",
                f"{one.applied_twice} of {one.repeated_keys}",
                str(one.refused_in_progress),
                ", ".join([f"{fault.once} once", *wrong]),
            ]
        )
    head = ("design", "rate", "balance", "keys applied twice", "refused in progress", "debits after a fault")
    return _table(head, rows)


def _sweep(found: Report) -> str:
    if found.sweep is None:
        return ""
    run = found.sweep
    return (
        f"{run.cards:,} due cards were settled in {run.seconds:.0f} s by {run.processes} processes side by side: "
        f"{run.cards / run.seconds:.0f} cards per second. Each card has one EXPIRY row."
    )


def _operations() -> list[tuple[str, Cost, int]]:
    """The costs of the operations, and the number of movements of each."""
    found = []
    for name, operation in counted().items():
        number = BATCH if name.startswith("batch") else 1
        shown = "credit, in a batch of 25" if number > 1 else name
        found.append((shown, million(operation), number))
    return found


def _money() -> str:
    rows = [
        [
            name,
            *(f"{getattr(cost, part) / number:.2f}" for part in PARTS),
            f"**{cost.total / number:.2f}**",
        ]
        for name, cost, number in _operations()
    ]
    return _table(("operation", *PART_NAMES, "a million"), rows, len(PARTS) + 1)


def _storage(costs: Sequence[DesignCost]) -> str:
    if not costs:
        return ""
    return (
        f"A million rows of the product take {Decimal(costs[0].stored) / 1_000:.2f} GB with their index entries, and "
        f"cost {month(costs[0].stored):.2f} dollars each month with point-in-time recovery."
    )


def _prices() -> str:
    rows = [
        [
            f"[{price.name.lower().replace('_', ' ')}]({price.value.page})",
            str(price.value.dollars),
            price.value.each,
            price.value.read or "undated",
        ]
        for price in Prices
    ]
    return _table(("price", "dollars", "for each", "as of"), rows)


def series(found: Report) -> dict[str, Any]:
    """The values that the plots show."""
    return {
        "promises": [_relative(figure) for figure in found.figures if figure.kept is not None],
        "units": [
            {
                "name": SHORT[one.letter],
                "writes": one.writes / one.movements,
                "reads": one.reads / WRITE_WEIGHT / one.movements,
            }
            for one in found.costs
        ],
        "growth": [
            _panel(found.growth, "rows", "rows of the card", "d"),
            _panel(found.growth, "lots", "lots of the card, half of them spent", "c"),
        ]
        if found.growth
        else [],
        "times": _bars(found),
        "money": {
            "parts": PART_NAMES,
            "rows": [
                {"name": name}
                | {shown: float(getattr(cost, part) / number) for shown, part in zip(PART_NAMES, PARTS, strict=True)}
                for name, cost, number in _operations()
            ],
        },
    }


def _relative(figure: Figure) -> dict[str, Any]:
    """The figure as a share of its bound, so that at most 1 is kept."""
    if figure.at_least is not None:
        low, share, high = (figure.at_least / value for value in (figure.high, figure.ratio, figure.low))
    else:
        bound = figure.below if figure.below is not None else figure.at_most or 1
        low, share, high = (value / bound for value in (figure.low, figure.ratio, figure.high))
    return {"name": figure.name, "share": share, "low": low, "high": high, "kept": figure.kept}


def _panel(growth: Sequence[Growth], by: str, label: str, letter: str) -> dict[str, Any]:
    lines = []
    for wanted in ("", letter):
        points = sorted((one for one in growth if (one.by, one.letter) == (by, wanted)), key=lambda one: one.size)
        lines.append(
            {
                "name": SHORT[wanted],
                "sizes": [one.size for one in points],
                "units": [_grown_units(one) for one in points],
            }
        )
    return {"label": label, "lines": lines}


def _bars(found: Report) -> list[dict[str, Any]]:
    if not found.times:
        return []
    ours = {verb: mean(one.ours for one in found.times if one.verb == verb) for verb in ("credit", "debit")}
    theirs = [
        {"name": SHORT[letter]} | {one.verb: one.theirs for one in found.times if one.letter == letter}
        for letter in dict.fromkeys(one.letter for one in found.times)
    ]
    return [{"name": SHORT[""], **ours}, *theirs]
