"""`python3 -m scripts.web_console`: builds the console, serves its sources, and checks them with the built files."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.local_stack import environments
from scripts.local_stack.console import StackError, say, step
from scripts.local_stack.environments import NODE, ROOT
from scripts.local_stack.stack import Stack
from scripts.web_console import node

BUILT = ROOT / "functions" / "console" / "static"
DOCUMENT = ROOT / "docs" / "openapi.json"
TYPES = node.CONSOLE / "src" / "api" / "openapi.d.ts"
REMEDY = "run `make console` and commit the result"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m scripts.web_console", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build", help="make the types of the API and the built files")
    commands.add_parser("check", help="check the sources, and that the built files agree with them")
    serving = commands.add_parser("dev", help="serve the sources, with the API of the running stack")
    serving.add_argument("--port", type=int, default=5173)
    arguments = parser.parse_args()
    try:
        environments.check_python()
        if arguments.command == "dev":
            return _serve(arguments.port)
        if arguments.command == "check":
            return _check()
        _install()
        _build()
    except StackError as error:
        say(f"\n{error}")
        return 1
    return 0


def _install() -> None:
    environments.make_all([NODE])
    node.install(node.CONSOLE)


def _build() -> None:
    with step("types of the API"):
        node.npm("run", "types")
    with step("build of the console"):
        node.npm("run", "build")


def _serve(port: int) -> int:
    stack = Stack(ROOT / ".local")
    if not stack.is_running:
        raise StackError("The console needs a running stack: run `make run` first.")
    _install()
    variables = stack.variables()
    say(f"http://localhost:{port}/#key={variables['LOYALTY_API_KEY']}")
    words = [*node.npm_command(), "run", "dev", "--", "--port", str(port), "--strictPort"]
    try:
        return subprocess.call([str(word) for word in words], cwd=node.CONSOLE, env=node.env() | variables)  # noqa: S603
    except KeyboardInterrupt:
        return 0


def _check() -> int:
    try:
        environments.make_all([NODE])
    except StackError as failed:
        if os.environ.get("CI"):
            raise
        say(f"{failed}\n\nThere is no Node for this machine: the console is NOT CHECKED. CI checks it.")
        return 0
    node.install(node.CONSOLE)
    # The longest first.
    checks: dict[str, Callable[[], object]] = {
        "linter of the console": lambda: node.npm("run", "lint"),
        "build of the console": require_built_files,
        "types of the console": lambda: node.npm("run", "typecheck"),
        "tests of the console": lambda: node.npm("run", "test"),
        "types of the API": require_types,
    }

    def failure(title: str) -> str | None:
        try:
            with step(title):
                checks[title]()
        except StackError as error:
            return str(error)
        return None

    with ThreadPoolExecutor(2) as pool:
        failures = [text for text in pool.map(failure, checks) if text]
    if failures:
        raise StackError("\n\n".join(failures))
    return 0


def require_types() -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / TYPES.name
        node.npm("exec", "--", "openapi-typescript", DOCUMENT, "--output", made)
        if made.read_bytes() != TYPES.read_bytes():
            raise StackError(f"{TYPES.relative_to(ROOT)} differs from docs/openapi.json: {REMEDY}.")


def require_built_files() -> None:
    with tempfile.TemporaryDirectory() as folder:
        node.npm("run", "build", variables={"CONSOLE_OUT": folder})
        different = differences(Path(folder), BUILT)
    if different:
        names = "\n".join(f"  {name}: {what}" for name, what in different.items())
        raise StackError(f"{BUILT.relative_to(ROOT)} is not the build of console/: {REMEDY}.\n{names}")


def differences(wanted: Path, present: Path) -> dict[str, str]:
    """Returns the names of the files that differ, each with its kind of difference."""
    new, old = _contents(wanted), _contents(present)
    found = dict.fromkeys(new.keys() - old.keys(), "missing")
    found |= dict.fromkeys(old.keys() - new.keys(), "not part of the build")
    found |= {name: "other bytes" for name in new.keys() & old.keys() if new[name] != old[name]}
    return dict(sorted(found.items()))


def _contents(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


if __name__ == "__main__":
    sys.exit(main())
