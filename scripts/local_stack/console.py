"""Prints and runs commands: quietly, bounded in time, with the whole output if one fails."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE_SECONDS = 900
"""The end of every wait for something that hangs: on a busy machine, all that works takes some minutes at most."""


class StackError(Exception):
    """The stack cannot do what was asked; the text says why and what to do about it."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    say(f"  {title:<44} {time.monotonic() - began:6.1f} s")


def run(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
) -> str:
    """Runs a command to its end and returns its stdout; an error has all that the command printed."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(  # noqa: S603 - the commands are this package's own
            words,
            check=False,
            env=dict(env),
            cwd=cwd,
            timeout=PATIENCE_SECONDS,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
        )
    except FileNotFoundError as missing:
        raise StackError(f"{words[0]} is not found: {missing}") from missing
    except subprocess.TimeoutExpired as late:
        raise StackError(f"no result after {PATIENCE_SECONDS} s: {' '.join(words)}") from late
    if done.returncode:
        raise StackError(f"{' '.join(words)}\nended with {done.returncode}:\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout
