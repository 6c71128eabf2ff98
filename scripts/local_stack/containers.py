"""`sam local` for the running stack: its functions in Docker containers, with the stack's variables and network."""

import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from scripts.local_stack import environments
from scripts.local_stack.console import run, step
from scripts.local_stack.deployment import STACK_NAME, TEMPLATE, module, no_configuration, sam_env
from scripts.local_stack.environments import ROOT
from scripts.local_stack.stack import REGION, Stack

SAM = environments.SAM.path / "bin" / "sam"
BUILD = ROOT / ".aws-sam" / "build"
DOCKER_SECONDS_MAX = 20
CHUNK_BYTES = 65_536


def has_docker() -> bool:
    """Returns whether a Docker engine runs: the command alone cannot run containers."""
    return _docker("info") is not None


def run_sam(stack: Stack, words: Sequence[str | Path]) -> int:
    """Runs a command of `sam local` to its end and returns its exit code."""
    env = sam_env(stack) | {"UV": str(environments.uv())}
    with step("sam build"):
        # Containers run the runtime of the template, so they need its wheels, not those of the local stack.
        run([SAM, "build", "--config-file", no_configuration(stack), "--template-file", TEMPLATE], env=env, cwd=ROOT)
    variables = stack.sam / "variables.json"
    with reachable(stack.facts().port, bridge_address()) as endpoint:
        run(
            [*module("functions"), STACK_NAME, "containers", BUILD / "template.yaml", variables, endpoint],
            env=stack.aws_env(),
            cwd=ROOT,
        )
        command = command_of(words, BUILD / "local.yaml", variables, no_configuration(stack))
        return subprocess.run([str(word) for word in command], env=env, cwd=ROOT, check=False).returncode  # noqa: S603


def command_of(words: Sequence[str | Path], template: Path, variables: Path, configuration: Path) -> list[str | Path]:
    return [
        *(SAM, "local", *words),
        *("--template-file", template, "--env-vars", variables, "--region", REGION, "--config-file", configuration),
    ]


def bridge_address() -> str | None:
    """Returns the machine's address in Docker's network of containers; None if Docker runs in another machine."""
    shown = _docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}")
    return shown.strip() if shown and sys.platform == "linux" and _is_own(shown.strip()) else None


@contextmanager
def reachable(port: int, address: str | None) -> Iterator[str]:
    """Yields the emulator's URL as containers see it.

    The emulator listens on loopback. Docker Desktop leads its host name to loopback. On Linux, connections to the
    machine's address in the network of containers are forwarded for as long as the command runs.
    """
    if address is None:
        yield f"http://host.docker.internal:{port}"
        return
    with socket.create_server((address, 0)) as listener:
        threading.Thread(target=_forward_all, args=(listener, port), daemon=True).start()
        yield f"http://{address}:{listener.getsockname()[1]}"


def _forward_all(listener: socket.socket, port: int) -> None:
    # The listener is closed when the command ends.
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_connect, args=(client, port), daemon=True).start()


def _connect(client: socket.socket, port: int) -> None:
    with suppress(OSError), client, socket.create_connection(("127.0.0.1", port)) as server:
        answers = threading.Thread(target=_forward, args=(server, client), daemon=True)
        answers.start()
        _forward(client, server)
        answers.join()


def _forward(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK_BYTES):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def _is_own(address: str) -> bool:
    try:
        with socket.create_server((address, 0)):
            return True
    except OSError:
        return False


def _docker(*words: str) -> str | None:
    """Returns what the command prints; None if it fails or Docker is not installed."""
    docker = shutil.which("docker")
    if docker is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603
            [docker, *words], check=False, capture_output=True, text=True, timeout=DOCKER_SECONDS_MAX
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 else None
