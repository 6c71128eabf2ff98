"""One local stack: its files, its remembered state, and the variables that its users need."""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO

from scripts.local_stack.console import StackError
from scripts.local_stack.environments import plain_env

REGION = "us-east-1"


@dataclass(slots=True)
class Facts:
    """The state that is remembered between commands."""

    pid: int = 0
    port: int = 0
    # The fingerprint of what was deployed; empty until a deployment succeeds.
    deployed: str = ""
    # The parameters that commands named, which later commands keep.
    parameters: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    api_key: str = ""


class Stack:
    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self.log = self.directory / "emulator.log"
        self.env_file = self.directory / "stack.env"
        self.temporary = self.directory / "tmp"
        self.layers = self.directory / "layers"
        self.sam = self.directory / "sam"
        self.build = self.sam / "build"
        self._facts = self.directory / "stack.json"
        self._alive = self.directory / "emulator.lock"
        self._command = self.directory / "command.lock"

    def facts(self) -> Facts:
        try:
            return Facts(**json.loads(self._facts.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return Facts()

    def remember(self, facts: Facts) -> None:
        written = self._facts.with_suffix(".new")
        written.write_text(json.dumps(asdict(facts), indent=2))
        written.replace(self._facts)

    @contextlib.contextmanager
    def command(self) -> Iterator[None]:
        """Allows one command at a time: two deployments into one directory would undo each other's work."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with self._command.open("w") as lock:
            # A command that has just stopped the stack also removed the file of the lock.
            if not _lock(lock) or not _is_file_at(lock, self._command):
                raise StackError(f"Another command is at work in {self.directory}; wait for it.")
            yield

    def remove(self, *, keep_log: bool) -> None:
        """Removes the files of a stopped stack, last the lock of the command that stops it."""
        for folder in (self.temporary, self.layers, self.sam):
            shutil.rmtree(folder, ignore_errors=True)
        kept = [self.log] if keep_log else []
        for file in (self.log, self.env_file, self._facts, self._alive, self._command):
            if file not in kept:
                file.unlink(missing_ok=True)
        # Other commands may have files here, such as the list of refunds of a replay.
        with contextlib.suppress(OSError):
            self.directory.rmdir()

    @property
    def is_running(self) -> bool:
        """Whether the emulator runs. It holds a lock all the time, so a reused process id is not mistaken for it."""
        if not self._alive.exists():
            return False
        with self._alive.open("w") as lock:
            return not _lock(lock)

    def open_alive_lock(self) -> TextIO:
        """Returns the lock for the emulator. Closing the lock here leaves the emulator's own hold on it."""
        lock = self._alive.open("w")
        if not _lock(lock):
            lock.close()
            raise StackError(f"The emulator of {self.directory} is running already.")
        return lock

    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.facts().port}"

    def aws_env(self) -> dict[str, str]:
        """Returns the environment for a tool that talks to this stack alone."""
        inherited = {key: value for key, value in plain_env().items() if not key.startswith(("AWS_", "SAM_"))}
        no_files = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        # The user's proxy is for the registries, not for loopback.
        direct = {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}
        return inherited | no_files | direct | self.aws_variables()

    def aws_variables(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.endpoint(),
            **self.credentials(),
            "AWS_DEFAULT_REGION": REGION,
        }

    def credentials(self) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}

    def variables(self) -> dict[str, str]:
        """Returns what clients of the product and its tests need."""
        facts = self.facts()
        outputs = facts.outputs
        # The template outputs the URL of AWS; the emulator serves an API under its id.
        url = f"{self.endpoint()}/_aws/execute-api/{outputs['ApiId']}"
        return {
            "LOYALTY_API_URL": url,
            "LOYALTY_CONSOLE_URL": f"{url}/console/index.html",
            "LOYALTY_API_KEY": facts.api_key,
            "LOYALTY_TABLE": outputs["TableName"],
            "LOYALTY_BUS": outputs["BusName"],
            **self.aws_variables(),
        }

    def write_env_file(self, variables: Mapping[str, str]) -> None:
        self.env_file.touch(mode=0o600)
        self.env_file.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))


def _is_file_at(file: TextIO, path: Path) -> bool:
    return path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat())


def _lock(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
