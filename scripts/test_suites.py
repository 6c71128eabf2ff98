"""`make test`: all suites, side by side, and the time of each. `make oldest`: the suites that need no stack, once more.

`make test` runs on the Python of the deployed functions. `make oldest` runs under an older version of the zone data,
and on the oldest supported Python if this machine has it.

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

from scripts.local_stack import environments
from scripts.local_stack.environments import DEV, OLDEST, ROOT

STATE = ROOT / ".local-test"
PYTEST = ("-m", "pytest", "--quiet")
FILES = ("--numprocesses", "auto", "--dist", "loadfile", "-p", "no:playwright")
LAST = ("nice", "-n", "5")
"""Runs a command with a lower priority. It still gets a part of a processor on a machine that is busy otherwise."""
QUICK = ("--ignore", "tests/e2e", "--ignore", "tests/console")
"""The suites that need no stack."""
OLDER = ("tests/unit", *(f"tests/properties/test_{name}.py" for name in ("audit", "ledger", "refunds")))
"""The part of them that depends on the Python and the zone data: syntax, library and dates."""
COMPILED = {"PYTHONPYCACHEPREFIX": str(ROOT / ".envs" / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
"""Keeps the bytecode of packages and tests for the next process, outside of code that gets packaged."""
NOTHING_COLLECTED = 5
PROGRESS = re.compile(r"\[ *\d+%\]$")
"""The end of a line of pytest with the results of tests."""

_printing = threading.Lock()


def main() -> int:
    if sys.argv[1:2] == ["--oldest"]:
        del sys.argv[1]
        # CI tries more examples in `make test` instead.
        is_part = os.environ.get("CI") or OLDEST.interpreter == DEV.interpreter
        return 0 if _on_oldest(OLDER if is_part else QUICK) else 1
    began = time.monotonic()
    with ThreadPoolExecutor() as pool:
        beside = pool.submit(_without_stack)
        outcomes = [_with_stack(pool), beside.result()]
    _say(f"all suites: {time.monotonic() - began:.0f} s")
    return 0 if all(outcomes) else 1


def _without_stack() -> bool:
    return _pytest("without a stack", [*LAST, sys.executable, *PYTEST, *FILES, *QUICK], COMPILED)


def _on_oldest(tests: Sequence[str]) -> bool:
    """Runs tests on the oldest Python that is here, under older zone data, always with the usual examples."""
    chosen = DEV if OLDEST.interpreter == DEV.interpreter else OLDEST
    environments.make_all([chosen])
    title = f"{chosen.interpreter.name} with older zone data"
    variables = {**COMPILED, "CI": "", "LOYALTY_ZONE_DATA": "older"}
    return _pytest(title, [str(chosen.python), *PYTEST, *FILES, *tests], variables)


def _with_stack(pool: ThreadPoolExecutor) -> bool:
    """Runs the suites that use a stack, on one stack: the one that LOYALTY_STACK_ENV names, or a new one."""
    with _stack() as file:
        if file is None:
            return False
        use = {"LOYALTY_STACK_ENV": str(file)}
        failures = ("--screenshot", "only-on-failure", "--output", str(STATE / "failures"))
        pages = [sys.executable, *PYTEST, "tests/console", *failures]
        browser = pool.submit(_pytest, "console", pages, use)
        requests = [sys.executable, *PYTEST, "tests/e2e", "-p", "no:playwright"]
        return _pytest("end to end", requests, use) & browser.result()


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
        # Its processes are added up. The processes of a stack that it starts are not among them: they live on.
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    passed = process.returncode in accepted
    times = f"{time.monotonic() - began:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of a processor"
    _say(f"{''.join(report)}{name}: {'passed' if passed else 'FAILED'}, {times}\n")
    return passed


def _say(text: str) -> None:
    with _printing:
        print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
