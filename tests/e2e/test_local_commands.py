"""`make invoke` and `make logs` on a running stack, where no Docker engine runs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.local_stack import containers
from tests.support.live import ROOT, STATE, Live, eventually


def local_stack(*words: str) -> subprocess.CompletedProcess[str]:
    state = Path(os.environ.get("LOYALTY_STACK_ENV", STATE / "stack.env")).parent
    command = [sys.executable, "-m", "scripts.local_stack", *words, "--state-dir", str(state)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603


@pytest.mark.skipif(containers.has_docker(), reason="with Docker, the function would run in a container")
def test_a_sample_event_gets_its_answer_from_the_stack_and_its_line_in_the_log(live: Live) -> None:
    invoked = local_stack("invoke", "wallets")
    assert "No Docker engine runs" in invoked.stderr
    answer = json.loads(invoked.stdout)
    assert answer["statusCode"] == 201
    assert live.http("GET", f"/wallets/{json.loads(answer['body'])['walletId']}").status_code == 200
    sample = json.loads((ROOT / "events" / "wallets.json").read_text())["requestContext"]["requestId"]

    def line() -> bool:
        return f"answered correlation_id={sample}" in local_stack("logs", "--function", "wallets", "--no-follow").stdout

    eventually("the line of the function", line)
