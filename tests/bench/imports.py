"""The import time of a cold start, in new interpreters with existing bytecode."""

import os
import re
import subprocess
import sys
from collections import defaultdict
from tempfile import TemporaryDirectory

from tests.bench.measuring import Advance, Figure, Pair, in_turn
from tests.support.template import ROOT

IMPORTS_MAX = 1.3
HELD_BACK = (
    "Pydantic and its models, Powertools' logger and the ledger are imported besides botocore's parts; boto3 is not. "
    "`tests.bench imports --detail` lists packages"
)
BARE = "import boto3; boto3.client('dynamodb')"
HANDLER = "import functions.credit_points.app"
HANDLER_AND_CLIENT = f"import os; os.environ['AWS_LAMBDA_FUNCTION_NAME'] = 'credit_points'; {HANDLER}"
"""In Lambda, the import of a handler makes the client."""
TOP = 12
LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)")


def steps(runs: int) -> int:
    return 4 * runs


def imports(runs: int, advance: Advance) -> list[Figure]:
    """Compares the handler, alone and with the client of its first request, with boto3 and its client."""
    with TemporaryDirectory() as bytecode:
        alone = _compared(runs, HANDLER, bytecode, advance)
        whole = _compared(runs, HANDLER_AND_CLIENT, bytecode, advance)
    return [
        figure
        for name, pair in (("import of a handler", alone), ("import, and its client made", whole))
        for figure in (
            Figure(
                name,
                *pair.processor_times(),
                _shown(pair.processor_milliseconds),
                at_most=IMPORTS_MAX,
                held_back=HELD_BACK,
            ),
            Figure("  on the clock", *pair.times(), _shown(pair.milliseconds)),
        )
    ]


def _compared(runs: int, ours: str, bytecode: str, advance: Advance) -> Pair:
    for statements in (ours, BARE):
        _seconds(statements, bytecode)
    pair = Pair()
    in_turn(
        runs,
        lambda: pair.ours.add(*_seconds(ours, bytecode)),
        lambda: pair.bare.add(*_seconds(BARE, bytecode)),
        advance,
    )
    return pair


def contributors() -> list[tuple[str, float]]:
    """The packages with the import time of their own modules in milliseconds, the largest first."""
    with TemporaryDirectory() as bytecode:
        _seconds(HANDLER_AND_CLIENT, bytecode)
        printed = _run(["-X", "importtime", "-c", HANDLER_AND_CLIENT], bytecode).stderr
    own: defaultdict[str, float] = defaultdict(float)
    for microseconds, module in LINE.findall(printed):
        own[module.split(".")[0]] += int(microseconds) / 1_000
    return sorted(own.items(), key=lambda item: -item[1])[:TOP]


def _seconds(statements: str, bytecode: str) -> tuple[float, float]:
    """The seconds of the clock and of the processor."""
    timed = (
        "from time import perf_counter, process_time; clock, processor = perf_counter(), process_time(); "
        f"{statements}; print(perf_counter() - clock, process_time() - processor)"
    )
    clock, processor = map(float, _run(["-c", timed], bytecode).stdout.split())
    return clock, processor


def _shown(milliseconds: tuple[float, float]) -> str:
    return "{:.0f} / {:.0f} ms".format(*milliseconds)


def _run(words: list[str], bytecode: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment |= {"PYTHONPYCACHEPREFIX": bytecode}
    return subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
