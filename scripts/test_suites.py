"""`make test`: all suites, side by side, and the time of each.

The suites that use a stack mostly wait for its schedules, its new processes and the browser. The other suites use the
processor meanwhile, with a lower priority: otherwise a page would wait for the processor as long as for a fault.
"""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from scripts.local_stack.environments import ROOT

STATE = ROOT / ".local-test"
PYTEST = (sys.executable, "-m", "pytest", "--quiet")
FILES = ("--numprocesses", "auto", "--dist", "loadfile", "-p", "no:playwright")
LAST = ("nice", "-n", "10")
"""Runs a command when others leave the processor idle."""
DATED = [
    *(f"tests/unit/test_{name}.py" for name in ("audit", "coarsening", "dates", "hold", "notices", "refund")),
    *(f"tests/unit/test_{name}.py" for name in ("settings_dates", "sliding", "transfer")),
    *(f"tests/properties/test_{name}.py" for name in ("audit", "ledger", "refunds")),
]
"""Suites that depend on dates also run under an older version of the zone data, always with the usual examples."""
COMPILED = {"PYTHONPYCACHEPREFIX": str(ROOT / ".envs" / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
"""Keeps the bytecode of packages and tests for the next process, outside of code that gets packaged."""
NOTHING_COLLECTED = 5
PROGRESS = re.compile(r"\[ *\d+%\]$")
"""The end of a line of pytest with the results of tests."""

_printing = threading.Lock()


def main() -> int:
    began = time.monotonic()
    with ThreadPoolExecutor() as pool:
        beside = pool.submit(_without_stack)
        outcomes = [_with_stack(pool), beside.result()]
    _say(f"all suites: {time.monotonic() - began:.0f} s")
    return 0 if all(outcomes) else 1


def _without_stack() -> bool:
    others = ("--ignore", "tests/e2e", "--ignore", "tests/console")
    done = _pytest("without a stack", [*LAST, *PYTEST, *FILES, *others], COMPILED)
    older = {**COMPILED, "CI": "", "LOYALTY_ZONE_DATA": "older"}
    return _pytest("dates with older zone data", [*LAST, *PYTEST, *FILES, *DATED], older) and done


def _with_stack(pool: ThreadPoolExecutor) -> bool:
    """Runs the suites that use a stack, on one stack: the one that LOYALTY_STACK_ENV names, or a new one."""
    with _stack() as file:
        if file is None:
            return False
        use = {"LOYALTY_STACK_ENV": str(file)}
        failures = ("--screenshot", "only-on-failure", "--output", str(STATE / "failures"))
        browser = pool.submit(_pytest, "console", [*PYTEST, "tests/console", *failures], use)
        return _pytest("end to end", [*PYTEST, "tests/e2e", "-p", "no:playwright"], use) & browser.result()


@contextmanager
def _stack() -> Iterator[Path | None]:
    """Yields the file with the stack's variables; None if the stack did not start."""
    if running := os.environ.get("LOYALTY_STACK_ENV"):
        yield Path(running)
        return
    command = (sys.executable, "-m", "scripts.local_stack")
    where = ("--state-dir", str(STATE))
    try:
        started = _run("start of the stack", [*command, "start", *where, "--port", "0"], {}, {0})
        yield STATE / "stack.env" if started else None
    finally:
        subprocess.run([*command, "stop", *where, "--keep-log"], cwd=ROOT, check=True)  # noqa: S603


def _pytest(name: str, command: Sequence[str], variables: Mapping[str, str]) -> bool:
    more = sys.argv[1:]
    # Arguments such as `-k refund` may choose no test of a suite.
    return _run(name, [*command, *more], variables, {0, NOTHING_COLLECTED} if more else {0})


def _run(name: str, command: Sequence[str], variables: Mapping[str, str], accepted: Collection[int]) -> bool:
    """Runs the command to its end. Prints its progress meanwhile, then its other output as a whole, and its time."""
    began = time.monotonic()
    report = []
    with subprocess.Popen(  # noqa: S603
        command,
        cwd=ROOT,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if PROGRESS.search(line):
                _say(f"{name}: {line.rstrip()}")
            else:
                report.append(line)
    passed = process.returncode in accepted
    _say(f"{''.join(report)}{name}: {'passed' if passed else 'FAILED'}, {time.monotonic() - began:.0f} s\n")
    return passed


def _say(text: str) -> None:
    with _printing:
        print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
