"""The commands of README.md, pasted into a shell."""

import json
import os
import subprocess
from itertools import takewhile

from tests.support.commands import require_shown
from tests.support.documents import blocks_of
from tests.support.live import ROOT, STATE, Live

START = "make run\n"
ENV_FILE = ". .local/stack.env\n"


def test_a_newcomer_gets_to_the_first_credit_by_pasting_the_commands(live: Live) -> None:
    """The stack runs already, and its variables are in another folder than after `make run`."""
    blocks = list(blocks_of(ROOT / "README.md"))
    shown = next(block for block in blocks if block.language == "json")
    commands = [block.text for block in takewhile(lambda block: block is not shown, blocks) if block.language == "sh"]
    assert commands[:2] == [START, ENV_FILE]
    pasted = "".join(commands[2:])
    shell = {name: value for name, value in os.environ.items() if not name.startswith("LOYALTY_")}
    done = subprocess.run(  # noqa: S603
        ["bash", "-euo", "pipefail", "-c", pasted],  # noqa: S607
        env={**shell, **live.variables},
        cwd=STATE.parent,
        check=True,
        capture_output=True,
        text=True,
    )
    require_shown(json.loads(shown.text), json.loads(done.stdout))
