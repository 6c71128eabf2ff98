"""The fenced blocks of the Markdown documents, and the commands in blocks of shell."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.template import ROOT

DOCUMENTS = sorted(path for place in ("*.md", "docs/**/*.md", "events/*.md", "tests/*.md") for path in ROOT.glob(place))
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    document: str
    line: int
    language: str
    """What the fence names after its backticks: `sh`, `json`, `http` or `text`."""
    text: str

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


def blocks_of(path: Path) -> Iterator[Block]:
    text = path.read_text()
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Block(str(path.relative_to(ROOT)), line, found[1], found[2])


def commands_of(text: str) -> Iterator[list[str]]:
    """The words of each command, without comments. A command ends with its line, unless a quotation is open."""
    command = ""
    for line in text.replace("\\\n", " ").splitlines():
        command = f"{command}\n{line}" if command else line
        try:
            words = shlex.split(command, comments=True)
        except ValueError:
            continue
        if words:
            yield words
        command = ""
    assert not command, f"an open quotation: {command}"
