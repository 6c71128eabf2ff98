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
HANDLER = "import os; os.environ['AWS_LAMBDA_FUNCTION_NAME'] = 'credit_points'; import functions.credit_points.app"
"""As in Lambda, where the import of a handler also makes the client."""
TOP = 12
LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)")


def steps(runs: int) -> int:
    return 2 * runs


def imports(runs: int, advance: Advance) -> list[Figure]:
    """Compares the handler and the client of its first request with boto3 and its client."""
    pair = Pair()
    with TemporaryDirectory() as bytecode:
        for statements in (HANDLER, BARE):
            _seconds(statements, bytecode)
        in_turn(
            runs,
            lambda: pair.ours.add(*_seconds(HANDLER, bytecode)),
            lambda: pair.bare.add(*_seconds(BARE, bytecode)),
            advance,
        )
    return [
        Figure(
            "import, and its client made",
            *pair.processor_times(),
            _shown(pair.processor_milliseconds),
            at_most=IMPORTS_MAX,
            held_back=HELD_BACK,
        ),
        Figure("  on the clock", *pair.times(), _shown(pair.milliseconds)),
    ]


def contributors() -> list[tuple[str, float]]:
    """The packages with the import time of their own modules in milliseconds, the largest first."""
    with TemporaryDirectory() as bytecode:
        _seconds(HANDLER, bytecode)
        printed = _run(["-X", "importtime", "-c", HANDLER], bytecode).stderr
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
