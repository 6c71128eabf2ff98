"""Draws the plots of docs/benchmarks.md as SVG: python plots.py FOLDER < series.json, in an environment of its own.

Colors follow the reader's scheme, light or dark: ink and grid are variables of a style sheet in each file.
"""

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt  # after the choice of the backend

INK, GRID = "#010203", "#040506"
"""Placeholders, which the style sheet of the file replaces."""
STYLE = (
    "<style>:root{--ink:#1f2328;--grid:#d1d9e0}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--grid:#3d444d}}</style>"
)
OURS, OTHER, THIRD, BAD = "#2f81f7", "#8b949e", "#bf8700", "#e5534b"
"""Each has a contrast of at least 3 to white and to GitHub's dark ground."""
SERIES = (OURS, THIRD, "#3fa266", "#a371f7", "#d4679a", OTHER, "#c2692c")


def main(folder: Path) -> None:
    series = json.load(sys.stdin)
    mpl.rcParams.update(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "benchmarks",
            "font.family": "sans-serif",
            "font.sans-serif": ["system-ui", "Segoe UI", "Helvetica", "Arial", "sans-serif", "DejaVu Sans"],
            "font.size": 10,
            "text.color": INK,
            "axes.labelcolor": INK,
            "axes.edgecolor": GRID,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.axisbelow": True,
            "xtick.color": INK,
            "ytick.color": INK,
            "grid.color": GRID,
            "grid.linewidth": 0.8,
            "legend.frameon": False,
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in (
        ("promises", promises),
        ("units", units),
        ("growth", growth),
        ("times", times),
        ("money", money),
    ):
        if series[name]:
            _save(draw(series[name]), folder / f"{name}.svg")


def promises(rows: list[dict[str, Any]]) -> Any:
    """Each figure relative to its promise: left of the line is kept."""
    figure, axes = plt.subplots(figsize=(8, 0.3 * len(rows) + 1.1))
    for place, row in enumerate(reversed(rows)):
        color = OURS if row["kept"] else BAD
        axes.plot([row["low"], row["high"]], [place, place], color=color, linewidth=2, alpha=0.6)
        axes.plot([row["share"]], [place], marker="o" if row["kept"] else "D", color=color, markersize=6)
    axes.set_yticks(range(len(rows)), [row["name"] for row in reversed(rows)])
    axes.axvline(1, color=INK, linewidth=1)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xscale("log", base=2)
    ticks = [0.25, 0.5, 1, 2, 4]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlim(0.2, 4.5)
    axes.set_xlabel("figure ÷ its bound (● kept, at most 1; ◆ not kept)")
    axes.grid(axis="x")
    return figure


def units(rows: list[dict[str, Any]]) -> Any:
    """The units of a movement in write units, of the product and the designs."""
    figure, axes = plt.subplots(figsize=(8, 2.8))
    names = [row["name"] for row in rows]
    writes, reads = ([row[kind] for row in rows] for kind in ("writes", "reads"))
    axes.bar(names, writes, color=OURS, width=0.6, label="writes")
    axes.bar(names, reads, bottom=writes, color=THIRD, width=0.6, label="reads, at a fifth of a write")
    for place, row in enumerate(rows):
        total = row["writes"] + row["reads"]
        axes.annotate(f"{total:.1f}", (place, total), xytext=(0, 3), textcoords="offset points", ha="center")
    axes.set_ylabel("write units of a movement")
    axes.margins(y=0.15)
    axes.grid(axis="y")
    axes.legend(loc="upper right", ncols=2, bbox_to_anchor=(1, 1.18))
    return figure


def growth(panels: list[dict[str, Any]]) -> Any:
    """The units of a debit by the rows and by the lots of the card."""
    figure, all_axes = plt.subplots(1, len(panels), figsize=(8, 3))
    for axes, panel in zip(all_axes, panels, strict=True):
        for line, color, marker in zip(panel["lines"], SERIES, "osD^", strict=False):
            axes.plot(line["sizes"], line["units"], color=color, marker=marker, label=line["name"])
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel(panel["label"])
        largest = max(unit for line in panel["lines"] for unit in line["units"])
        ticks = [power for power in (1, 10, 100, 1_000) if power <= 2 * largest]
        axes.set_yticks(ticks, [f"{tick:,}" for tick in ticks])
        axes.set_ylim(0.8, 4 * largest)
        axes.set_xticks(panel["lines"][0]["sizes"], [f"{size:,}" for size in panel["lines"][0]["sizes"]])
        axes.minorticks_off()
        axes.grid()
        axes.legend(loc="upper left")
    all_axes[0].set_ylabel("units of a debit, in write units")
    return figure


def times(rows: list[dict[str, Any]]) -> Any:
    """The processor time of a warm handler."""
    figure, axes = plt.subplots(figsize=(8, 2.8))
    width = 0.38
    for shift, kind, color in ((-width / 2, "credit", OURS), (width / 2, "debit", THIRD)):
        values = [row[kind] for row in rows]
        places = [place + shift for place in range(len(rows))]
        axes.bar(places, values, width=width, color=color, label=kind)
        for place, value in zip(places, values, strict=True):
            axes.annotate(f"{value:.1f}", (place, value), xytext=(0, 3), textcoords="offset points", ha="center")
    axes.set_xticks(range(len(rows)), [row["name"] for row in rows])
    axes.set_ylabel("processor time, ms")
    axes.margins(y=0.15)
    axes.grid(axis="y")
    axes.legend(loc="upper right", ncols=2, bbox_to_anchor=(1, 1.18))
    return figure


def money(table: dict[str, Any]) -> Any:
    """The dollars of a million of each operation, by what they pay for."""
    rows = list(reversed(table["rows"]))
    figure, axes = plt.subplots(figsize=(8, 0.32 * len(rows) + 1.4))
    left = [0.0] * len(rows)
    for part, color in zip(table["parts"], SERIES, strict=False):
        values = [row[part] for row in rows]
        axes.barh([row["name"] for row in rows], values, left=left, color=color, height=0.62, label=part)
        left = [start + value for start, value in zip(left, values, strict=True)]
    for place, total in enumerate(left):
        axes.annotate(f"{total:.2f}", (total, place), xytext=(4, 0), textcoords="offset points", va="center")
    axes.set_xlabel("dollars for a million")
    axes.margins(x=0.1)
    axes.grid(axis="x")
    axes.legend(loc="lower center", ncols=len(table["parts"]), bbox_to_anchor=(0.4, 1.0), columnspacing=1)
    return figure


def _save(figure: Any, file: Path) -> None:
    written = io.StringIO()
    figure.savefig(
        written, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None, "Creator": None}
    )
    plt.close(figure)
    text = written.getvalue().replace(INK, "var(--ink)").replace(GRID, "var(--grid)")
    text = re.sub(r"(<svg [^>]*>)", rf"\1{STYLE}", text, count=1, flags=re.DOTALL)
    file.write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
