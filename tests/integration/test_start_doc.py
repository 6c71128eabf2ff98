"""The commands of README.md and docs/start.md work as pasted and have the shown answers."""

import pytest

from tests.support.commands import Commands, blocks
from tests.support.stack import Stack
from tests.support.template import ROOT


@pytest.mark.parametrize("documents", [["README.md", "docs/start.md"], ["docs/start.md"]])
def test_commands_of_the_documents_work_as_pasted(stack: Stack, documents: list[str]) -> None:
    """The README leads to the first ten minutes, which also work without the README."""
    for document in documents:
        commands = Commands(stack)
        for language, block in blocks((ROOT / document).read_text()):
            commands.run(language, block)
        assert len(commands.answers) >= 2
        assert commands.compared >= 1
