"""The emulator as a process: started on loopback only, in a group of its own, and stopped with all that it started."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from scripts.local_stack import environments
from scripts.local_stack.console import PATIENCE_SECONDS, StackError, say
from scripts.local_stack.stack import REGION, Facts, Stack

PORT_PREFERRED = 4566
STOP_SECONDS_MAX = 60
HEALTH_SECONDS_MAX = 10


def start(stack: Stack, port: int | None) -> None:
    """Starts on the given port, on any free port (0), or on the usual port if it is free (None)."""
    if stack.is_running:
        running = stack.facts().port
        if port and port != running:
            raise StackError(f"The stack runs on port {running}; stop it first.")
        return
    chosen = _port(port)
    shutil.rmtree(stack.temporary, ignore_errors=True)
    stack.temporary.mkdir(parents=True)
    with stack.open_alive_lock() as alive, stack.log.open("w") as log:
        process = subprocess.Popen(  # noqa: S603 - the command is this module's own
            [environments.EMULATOR.python, "-m", "ministack"],
            env=_env(stack, chosen),
            cwd=stack.temporary,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=[alive.fileno()],
        )
    # The emulator keeps its state in memory, so none of it outlives the process.
    stack.remember(Facts(pid=process.pid, port=chosen))
    _wait_until_healthy(stack, process)


def stop(stack: Stack, *, keep_log: bool = False) -> bool:
    """Ends the emulator and its workers and removes the stack's files; False if no emulator was running."""
    was_running = stack.is_running
    if was_running:
        _end_group(stack)
    stack.remove(keep_log=keep_log)
    return was_running


def _env(stack: Stack, port: int) -> dict[str, str]:
    # Function workers inherit this environment: as in Lambda, it has nothing about the user or the machine.
    inherited = {key: os.environ[key] for key in ("PATH", "LANG", "LD_LIBRARY_PATH") if key in os.environ}
    return inherited | {
        "HOME": str(stack.temporary),
        "TZ": "UTC",
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        # These two would listen on every interface.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "MINISTACK_REGION": REGION,
        "TMPDIR": str(stack.temporary),
        "STATE_DIR": str(stack.temporary / "state"),
        # Functions have the rights of their roles; these keys are the account's root.
        "AUTH": "true",
        **stack.credentials(),
        # Workers are kept: a burst after a quiet hour should not wait for new ones.
        "LAMBDA_WARM_TTL_SECONDS": "86400",
        # The default depends on the machine's memory, and beyond it the answer is 429; bursts of the tests stay below
        # this.
        "LAMBDA_ACCOUNT_CONCURRENCY": "512",
        "PYTHONDONTWRITEBYTECODE": "1",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def _port(wanted: int | None) -> int:
    if wanted is None:
        if _is_free(PORT_PREFERRED):
            return PORT_PREFERRED
        say(f"  port {PORT_PREFERRED} is taken, using a free one")
    elif wanted:
        if not _is_free(wanted):
            raise StackError(f"Port {wanted} is taken; choose another, or 0 for any free port.")
        return wanted
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False


def _wait_until_healthy(stack: Stack, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise StackError(f"The emulator ended with {process.returncode}:\n{stack.log.read_text()[-3000:]}")
        if _is_healthy(stack.endpoint()):
            return
        time.sleep(0.05)
    raise StackError(f"The emulator did not answer within {PATIENCE_SECONDS} s; see {stack.log}.")


def _is_healthy(endpoint: str) -> bool:
    # A proxy set for the machine must not be used for loopback.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{endpoint}/_ministack/health", timeout=HEALTH_SECONDS_MAX) as answer:
            return bool(json.load(answer))
    except (OSError, urllib.error.URLError, ValueError):
        return False


def _end_group(stack: Stack) -> None:
    pid = stack.facts().pid
    if pid <= 1:
        # Signals to group 0 would end the caller's own group.
        raise StackError(f"An emulator uses {stack.directory}, but its process id is missing; end it by hand.")
    for ending, seconds in ((signal.SIGTERM, STOP_SECONDS_MAX), (signal.SIGKILL, STOP_SECONDS_MAX)):
        try:
            os.killpg(pid, ending)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not _group_exists(pid):
                return
            time.sleep(0.05)
    raise StackError(f"Process group {pid} of {stack.directory} does not end.")


def _group_exists(pid: int) -> bool:
    # The child of this very process is a zombie until it is waited for, and a zombie keeps its group.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True
