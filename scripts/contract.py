"""`python3 -m scripts.contract`: lints the OpenAPI document, and generates clients and checks their types.

The clients are in `clients/generated`, until the document, the errands or the generators change.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.local_stack import environments
from scripts.local_stack.console import StackError, run, say, step
from scripts.local_stack.environments import CLIENTS, DEV, NODE, ROOT
from scripts.web_console import node

FOLDER = ROOT / "clients"
DOCUMENT = ROOT / "docs" / "openapi.json"
GENERATED = FOLDER / "generated"
STAMP = GENERATED / "fingerprint"
COMPILED, PYTHON_PATH = GENERATED / "javascript", GENERATED / "python"
BIN = CLIENTS.path / "bin"


class Missing(StackError):
    """What a generator needs cannot be installed on this machine."""


def main() -> int:
    try:
        environments.check_python()
        check()
    except Missing as missing:
        if os.environ.get("CI"):
            raise
        say(f"{missing}\nThe OpenAPI document is NOT CHECKED. CI checks it.")
    except StackError as error:
        say(f"\n{error}")
        return 1
    return 0


def check() -> None:
    """Lints the document and makes all clients, unless this was done before with the same files."""
    if STAMP.exists() and STAMP.read_text() == _fingerprint():
        return
    _install()
    shutil.rmtree(GENERATED, ignore_errors=True)
    GENERATED.mkdir()
    # The longest first.
    tasks: dict[str, Callable[[], None]] = {
        "client by openapi-generator": _make_typescript_fetch,
        "client by openapi-python-client": _make_python,
        "client by openapi-typescript": _make_openapi_fetch,
        "spectral lint": lambda: _package("spectral", "lint", "--fail-severity", "hint", DOCUMENT),
        "redocly lint": lambda: _package("redocly", "lint", DOCUMENT),
    }

    def failure(title: str) -> str | None:
        try:
            with step(title):
                tasks[title]()
        except StackError as error:
            return str(error)
        return None

    with ThreadPoolExecutor(2) as pool:
        failures = [text for text in pool.map(failure, tasks) if text]
    if failures:
        raise StackError("\n\n".join(failures))
    STAMP.write_text(_fingerprint())


def errands() -> dict[str, list[str | Path]]:
    """Returns the commands that use the clients, by the name of the generator."""
    check()
    javascript = node.npm_command()[0]
    return {
        "openapi-python-client": [CLIENTS.python, FOLDER / "errand.py"],
        "openapi-typescript": [javascript, COMPILED / "errand-openapi-fetch.js"],
        "openapi-generator": [javascript, COMPILED / "errand-typescript-fetch.js"],
    }


def _install() -> None:
    try:
        environments.make_all([NODE, CLIENTS])
    except StackError as failed:
        raise Missing(str(failed)) from failed
    node.install(FOLDER)


def _make_python() -> None:
    PYTHON_PATH.mkdir()
    generator: list[str | Path] = [BIN / "openapi-python-client", "generate", "--meta", "none", "--fail-on-warning"]
    _run([*generator, "--path", DOCUMENT, "--output-path", PYTHON_PATH / "loyalty_wallets"])
    _run([DEV.path / "bin" / "mypy", "--python-executable", CLIENTS.python, "--cache-dir", GENERATED / "mypy"])


def _make_openapi_fetch() -> None:
    made = GENERATED / "openapi.d.ts"
    _package("openapi-typescript", DOCUMENT, "--default-non-nullable=false", "--output", made)
    _compile("errand-openapi-fetch.ts")


def _make_typescript_fetch() -> None:
    made = GENERATED / "typescript-fetch"
    generator: list[str | Path] = [BIN / "openapi-generator-cli", "generate", "-g", "typescript-fetch"]
    _run([*generator, "--additional-properties", "importFileExtension=.js", "-i", DOCUMENT, "-o", made])
    _compile("errand-typescript-fetch.ts")


def _compile(errand: str) -> None:
    _package("tsc", "--strict", "--target", "es2022", "--module", "nodenext", "--outDir", COMPILED, errand)


def _package(name: str, *words: str | Path) -> None:
    """Runs a command of the Node packages."""
    _run([node.npm_command()[0], FOLDER / "node_modules" / ".bin" / name, *words])


def _run(command: Sequence[str | Path]) -> None:
    # The Python generator formats its code with the ruff of its own environment.
    variables = {"PATH": os.pathsep.join([str(BIN), node.env()["PATH"]]), "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    run(command, env=node.env() | variables, cwd=FOLDER)


def _fingerprint() -> str:
    files = [path for path in FOLDER.iterdir() if path.is_file()]
    sources = [DOCUMENT, CLIENTS.requirements, Path(__file__), *sorted(files)]
    return hashlib.sha256("\0".join(path.read_text() for path in sources).encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
