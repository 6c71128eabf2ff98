"""The commands of a document, run as pasted, and the answers that the document shows."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from string import Template
from typing import Any

from tests.support.stack import Answer, Stack

OF_THE_MACHINE = re.compile(r"make .*|\. \.local/stack\.env(\napi\(\) .*)?")
"""Commands that start a stack, read its variables or run a script: contract tests check that they exist."""
BLOCK = re.compile(r"```(sh|json)\n(.*?)```", re.DOTALL)
REQUEST = re.compile(r"(?:(?P<name>[A-Z]+)=\$\()?(?P<request>(?:curl|api) .*?)(?: \| python3 .*)?$", re.DOTALL)
KEPT = re.compile(r'((?:\[(?:"\w+"|\d+)\])+)\)')
"""The path of the value in the answer that a command keeps in a variable."""
GENERATED = {"transactionId", "cardId", "code", "expiresAt", "issuedOn", "at", "createdAt", "hash"}
"""Fields with generated values: only their presence is compared."""


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """The language and the text of each block, with continued lines joined."""
    for language, block in BLOCK.findall(text):
        yield language, block.replace("\\\n", " ").strip()


@dataclass
class Commands:
    """A shell that has the variables of the document and sends its requests to the stack."""

    stack: Stack
    variables: dict[str, str] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    compared: int = 0

    def run(self, language: str, block: str) -> None:
        """Sends the request of a command, or compares the last answer with the shown answer.

        A block that has neither fails, unless its commands are those of the machine.
        """
        if language == "json":
            require_shown(json.loads(block), self.answers[-1].body)
            self.compared += 1
        elif block.startswith("CARD="):
            self.variables["CARD"] = Template(block.removeprefix("CARD=")).substitute(self.variables)
        elif command := REQUEST.match(block):
            assert len(re.findall(r"^(?:curl|api|\w+=\$\() ?", block, re.MULTILINE)) == 1, f"several requests: {block}"
            method, path, headers, body = request_of(command["request"], self.variables)
            path, _, query = path.partition("?")
            answer = self.stack.http(method, path, raw=body, headers=headers, raw_query=query or None)
            assert answer.status in (200, 201), (block, answer.text)
            if command["name"]:
                kept = KEPT.search(block)
                assert kept is not None, block
                self.variables[command["name"]] = value_at(answer.body, kept[1])
            if re.search(r" -i\b", block):
                assert answer.headers["Idempotent-Replayed"] == "true"
                assert answer.body == self.answers[-1].body
            self.answers.append(answer)
        else:
            assert OF_THE_MACHINE.fullmatch(block), f"nothing runs this block: {block}"


def value_at(body: Any, path: str) -> Any:
    """The value at a path such as `["data"][0]`."""
    for name, place in re.findall(r'\["(\w+)"\]|\[(\d+)\]', path):
        body = body[name or int(place)]
    return body


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
    """Requires the shown fields and the length of lists; an answer may have more fields."""
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert name in answered, f"{where}.{name}"
            if name not in GENERATED:
                require_shown(value, answered[name], f"{where}.{name}")
    elif isinstance(shown, list):
        assert len(shown) == len(answered), (where, answered)
        for one, other in zip(shown, answered, strict=True):
            require_shown(one, other, where)
    else:
        assert shown == answered, where
