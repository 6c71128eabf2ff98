"""Uses the API of a new stack as its first user: a key, made as an operator would make it, and one request with it."""

import http.client
import json
import urllib.parse
from http import HTTPStatus
from pathlib import Path
from typing import Any

from scripts.local_stack import environments
from scripts.local_stack.console import PATIENCE_SECONDS, StackError, run, step
from scripts.local_stack.environments import ROOT
from scripts.local_stack.stack import Stack

KEY_SCRIPT = ROOT / "scripts" / "key.py"


def create_key(stack: Stack) -> str:
    command: list[str | Path] = [environments.DEV.python, KEY_SCRIPT, "create", "--name", "local", "--scopes", "*"]
    with step("API key"):
        printed = run(command, env=stack.aws_env() | stack.variables(), cwd=ROOT).split()
    if not printed:
        raise StackError(f"{KEY_SCRIPT} printed no key.")
    return printed[-1]


def get(stack: Stack, path: str) -> Any:
    """Returns the body of an answer with status 200. Raises `StackError` for any other answer."""
    url = urllib.parse.urlsplit(stack.variables()["LOYALTY_API_URL"])
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", url.path + path, headers={"X-Api-Key": stack.facts().api_key})
        answer = connection.getresponse()
        body = answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as failed:
        raise StackError(f"GET {path} did not answer: {failed!r}; see {stack.log}") from failed
    finally:
        connection.close()
    if answer.status != HTTPStatus.OK:
        raise StackError(f"GET {path} answered {answer.status}: {body[:500]}\nSee {stack.log}")
    return json.loads(body)
