"""The commands of README.md and docs/start.md work as pasted and have the shown answers."""

import json
import re
import shlex
from string import Template
from typing import Any

import pytest

from tests.support.stack import Answer, Stack
from tests.support.template import ROOT

BLOCK = re.compile(r"```(sh|json)\n(.*?)```", re.DOTALL)
REQUEST = re.compile(r"(?:WALLET=\$\()?((?:curl|api) .*?)(?: \| python3 .*)?$", re.DOTALL)
GENERATED = {"transactionId", "cardId", "code", "expiresAt", "issuedOn", "at", "createdAt", "hash"}
"""Fields with generated values: only their presence is compared."""


def request_of(command: str, variables: dict[str, str]) -> tuple[str, str, dict[str, str], str | None]:
    """The method, path, headers and body of a command with curl or with its short form `api`."""
    words = [Template(word).safe_substitute(variables) for word in shlex.split(command)]
    options = dict.fromkeys(("-H", "-d", "-X"), "")
    path, headers = "", {}
    for option, word in zip(["", *words], words, strict=False):
        if option == "-H":
            name, _, value = word.partition(": ")
            headers[name] = value
        elif option in options:
            options[option] = word
        elif word.startswith(("/", "$LOYALTY_API_URL")):
            path = word.removeprefix("$LOYALTY_API_URL").removeprefix("/v1")
    return options["-X"] or ("POST" if options["-d"] else "GET"), f"/v1{path}", headers, options["-d"] or None


def require_shown(shown: Any, answered: Any, where: str = "answer") -> None:
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert name in answered, f"{where}.{name}"
            if name not in GENERATED:
                require_shown(value, answered[name], f"{where}.{name}")
    elif isinstance(shown, list):
        assert len(shown) == len(answered), where
        for one, other in zip(shown, answered, strict=True):
            require_shown(one, other, where)
    else:
        assert shown == answered, where


@pytest.mark.parametrize("document", ["README.md", "docs/start.md"])
def test_commands_of_the_document_work_as_pasted(stack: Stack, document: str) -> None:
    variables: dict[str, str] = {}
    answers: list[Answer] = []
    compared = 0
    for language, text in BLOCK.findall((ROOT / document).read_text()):
        block = text.replace("\\\n", " ").strip()
        if language == "json":
            require_shown(json.loads(block), answers[-1].body)
            compared += 1
        elif block.startswith("CARD="):
            variables["CARD"] = Template(block.removeprefix("CARD=")).substitute(variables)
        elif request := REQUEST.match(block):
            method, path, headers, body = request_of(request[1], variables)
            answer = stack.http(method, path, raw=body, headers=headers)
            assert answer.status in (200, 201), (block, answer.text)
            if block.startswith("WALLET="):
                variables["WALLET"] = answer.body["walletId"]
            if re.search(r" -i\b", block):
                assert answer.headers["Idempotent-Replayed"] == "true"
                assert answer.body == answers[-1].body
            answers.append(answer)
    assert len(answers) >= 2
    assert compared >= 1
