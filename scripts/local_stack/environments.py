"""The environments of the project, made by uv from the pinned requirement files and remade when those change.

They run on the Python of the template's functions where this machine has one, and else on the Python that runs this.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TextIO

from scripts.local_stack.console import PATIENCE_SECONDS, StackError, run, step

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ROOT / ".envs"
REQUIREMENTS = ROOT / "requirements"
UV_VERSION = "0.13.9"
PYTHON_MIN = (3, 11)
DEPLOYED = re.findall(r"Runtime: python(\S+)", (ROOT / "template.yaml").read_text())[0]


@dataclass(frozen=True, slots=True)
class Environment:
    name: str
    path: Path
    requirements: Path
    # Folders that are importable in place. An editable installation would leave its metadata in the layer.
    sources: tuple[Path, ...] = ()
    version: str = DEPLOYED
    """The Python that is taken if this machine has one."""

    @property
    def interpreter(self) -> Path:
        """The Python of which the environment is made."""
        return found(self.version) or Path(sys.executable).resolve()

    @property
    def python(self) -> Path:
        return self.path / "bin" / "python"

    @property
    def fingerprint(self) -> str:
        parts = [str(self.interpreter), self.requirements.read_text(), *map(str, self.sources)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    @property
    def is_current(self) -> bool:
        stamp = self.path / "fingerprint"
        return self.python.exists() and stamp.exists() and stamp.read_text() == self.fingerprint


DEV = Environment("dev", ROOT / ".venv", REQUIREMENTS / "dev.txt", (ROOT / "layers" / "loyalty" / "python",))
EMULATOR = Environment("emulator", ENVIRONMENTS / "emulator", REQUIREMENTS / "emulator.txt")
SAM = Environment("sam", ENVIRONMENTS / "sam", REQUIREMENTS / "sam.txt")
# For the build of the web console alone, so no other command makes it.
NODE = Environment("node", ENVIRONMENTS / "node", REQUIREMENTS / "node.txt")
# For `make contract` alone.
CLIENTS = Environment("clients", ENVIRONMENTS / "clients", REQUIREMENTS / "clients.txt")
# For the plots of `make bench ARGS=--write` alone.
BENCH = Environment("bench", ENVIRONMENTS / "bench", REQUIREMENTS / "bench.txt")
# For the tests on the oldest Python that the product supports, where this machine has that too.
OLDEST = Environment("oldest", ENVIRONMENTS / "oldest", DEV.requirements, DEV.sources, ".".join(map(str, PYTHON_MIN)))
ALL = (DEV, EMULATOR, SAM)


def make_all(wanted: Sequence[Environment]) -> None:
    """Makes the environments, except those that already match the requirement files."""
    if all(environment.is_current for environment in wanted):
        return
    ENVIRONMENTS.mkdir(exist_ok=True)
    with (ENVIRONMENTS / "lock").open("w") as lock:
        _wait_for(lock)
        uv()
        with ThreadPoolExecutor() as pool:
            list(pool.map(_make, wanted))


def _wait_for(lock: TextIO) -> None:
    """Takes the lock once it is free: two stacks may start at once, and both need the environments."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(0.2)
    raise StackError(f"Another command has been making environments for {PATIENCE_SECONDS} s; check that command.")


def _make(environment: Environment) -> None:
    if environment.is_current:
        return
    tool = uv()
    env = plain_env()
    with step(f"environment {environment.name}"):
        # An incomplete or outdated environment is not repaired: making a new one takes seconds.
        shutil.rmtree(environment.path, ignore_errors=True)
        run([tool, "venv", "--quiet", "--python", environment.interpreter, environment.path], env=env)
        install: list[str | Path] = [tool, "pip", "install", "--quiet", "--python", environment.python]
        run([*install, "--require-hashes", "-r", environment.requirements], env=env)
        if environment.sources:
            ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
            packages = Path(run([environment.python, "-c", ask], env=env).strip())
            (packages / "sources.pth").write_text("".join(f"{folder}\n" for folder in environment.sources))
        (environment.path / "fingerprint").write_text(environment.fingerprint)


@cache
def found(version: str) -> Path | None:
    """Returns a Python of this version if uv finds one. One of pyenv need not be activated."""
    home = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    installed = [str(python.parent) for python in sorted(home.glob(f"versions/{version}*/bin/python{version}"))]
    env = plain_env() | {"PATH": os.pathsep.join([*installed, os.environ.get("PATH", os.defpath)])}
    find: list[str | Path] = [uv(), "python", "find", "--system", "--no-project", "--resolve-links", version]
    try:
        return Path(run(find, env=env).strip())
    except StackError:
        return None


def uv() -> Path:
    """Returns the uv on the PATH, or else a copy in the project's folder."""
    found = shutil.which("uv")
    if found:
        return Path(found)
    home = ENVIRONMENTS / "uv"
    own = home / "bin" / "uv"
    if not own.exists():
        with step("uv"):
            shutil.rmtree(home, ignore_errors=True)
            try:
                run([sys.executable, "-m", "venv", home], env=plain_env())
            except StackError as failed:
                raise StackError(f"{failed}\n\nInstall Python's venv module (Debian: python3-venv), or uv.") from failed
            run([home / "bin" / "pip", "install", "--quiet", f"uv=={UV_VERSION}"], env=plain_env())
    return own


def plain_env() -> dict[str, str]:
    """Returns the user's environment without variables that redirect Python or uv, such as an activated environment."""
    ignored = {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "UV_PROJECT_ENVIRONMENT", "UV_PYTHON"}
    kept = {key: value for key, value in os.environ.items() if key not in ignored}
    return kept | {"UV_PYTHON_DOWNLOADS": "never"}


def check_python() -> None:
    if sys.version_info < PYTHON_MIN:
        wanted = ".".join(map(str, PYTHON_MIN))
        raise StackError(f"Python {wanted} or newer is needed; {sys.executable} is {sys.version.split()[0]}.")
