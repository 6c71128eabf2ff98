"""AWS's DynamoDB Local: downloaded once from npm, started in memory, stopped at the end.

The documented command has no option for the address, so the port is open on every interface.
"""

import base64
import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.local_stack.console import StackError, run
from tests.support.template import ROOT

PACKAGE, VERSION = "amplify-dynamodb-simulator", "2.9.30"
SHA512 = "xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ=="
HOME = ROOT / ".local" / "dynamodb-local"
START_SECONDS_MAX = 60


class Unavailable(Exception):
    """DynamoDB Local is not available; the text is the reason."""


@contextmanager
def engine(say: Callable[[str], None]) -> Iterator[str]:
    """Starts an empty DynamoDB Local and returns its endpoint."""
    java = _tool("java", "-version")
    folder = HOME / VERSION
    if not folder.exists():
        say(f"Fetching {PACKAGE} {VERSION} into .local (57 MB, once). DynamoDB Local is under AWS's own licence:")
        say(f"{(folder / 'LICENSE.txt').relative_to(ROOT)}; it asks for an AWS account.")
        _fetch(folder)
    port = _free_port()
    libraries = folder / "DynamoDBLocal_lib"
    command = [
        java,
        f"-Djava.library.path={libraries}",
        "-jar",
        str(folder / "DynamoDBLocal.jar"),
        "-inMemory",
        "-sharedDb",
        "-disableTelemetry",
        "-port",
        str(port),
    ]
    log = HOME / "log"
    with log.open("w") as output:
        environment = os.environ | {"DDB_LOCAL_TELEMETRY": "false"}
        process = subprocess.Popen(  # noqa: S603  # our own command
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=HOME
        )
    try:
        _await(process, port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _tool(name: str, question: str) -> str:
    """The path of a tool that runs. On macOS, a `java` may exist that only offers an installation."""
    path = shutil.which(name)
    if path is None:
        raise Unavailable(f"There is no {name} here.")
    try:
        run([path, question], env=os.environ)
    except StackError as broken:
        raise Unavailable(str(broken)) from broken
    return path


def _fetch(folder: Path) -> None:
    npm = _tool("npm", "--version")
    HOME.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=HOME) as temporary:
        half = Path(temporary)
        try:
            run([npm, "pack", f"{PACKAGE}@{VERSION}"], env=os.environ, cwd=half)
        except StackError as failed:
            raise Unavailable(str(failed)) from failed
        (archive,) = half.glob("*.tgz")
        found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != SHA512:
            raise Unavailable(f"{archive.name} has the SHA-512 {found}, not {SHA512}.")
        with tarfile.open(archive) as packed:
            wanted = [member for member in packed if member.name.startswith("package/emulator/")]
            packed.extractall(half, wanted, filter="data")
        # The folder appears completely or not at all, so that an interrupted download is not used.
        (half / "package" / "emulator").rename(folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise Unavailable(f"DynamoDB Local does not start:\n{log.read_text()[-2_000:]}")
