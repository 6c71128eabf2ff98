"""The language of the repository, as far as a program can check it: no banned words, verbs for commands."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.template import ROOT

CODE = sorted(path for folder in ("layers", "functions", "scripts") for path in (ROOT / folder).rglob("*.py"))
PRODUCT = [path for path in CODE if "scripts" not in path.parts]
FOLDER_READMES = [ROOT / "events" / "README.md", ROOT / "tests" / "README.md"]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *FOLDER_READMES])
OTHER = [ROOT / "template.yaml", ROOT / "Makefile"]
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__))

BANNED = (
    "anew",
    "behind",
    "none that",
    "told",
    "tell of",
    "tells of",
    "comes to",
    "come by",
    "came by",
    "be it",
    "of one that",
    "lest",
    "whoever",
    "waits for",
    "stands",
    "of ours",
    "of yours",
    "of theirs",
    "had it been",
    "nobody",
    "whence",
    "thereof",
    "goes by",
    "giver",
    "taker",
    "interlock",
    "outlook",
)
"""Words that are hard to read, or that are a second word for a term of the glossary."""
TEXT = re.compile(rf"\b({'|'.join(BANNED)})\b", re.IGNORECASE)

NAMES = re.compile(r"utils?|helpers?|common|manager|misc")
PARTICIPLES = re.compile(r"_?[a-z]+(ed|wn)|_?(held|given|taken|told|stood|lent|sent|spent|became|came|drawn)")
NOUNS = {"need", "feed"}
"""Words that only look like participles."""


def named(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: str(path.relative_to(ROOT)))


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Every string and comment of a module with its line."""
    for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
        if token.type in (tokenize.STRING, tokenize.COMMENT):
            yield token.start[0], token.string


def functions(path: Path, *, decorated: bool = False) -> Iterator[ast.FunctionDef]:
    """Functions and methods of a module, without or with those that have a decorator."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef) and (decorated or not node.decorator_list):
            yield node


@named(CODE)
def test_the_code_contains_no_banned_word(path: Path) -> None:
    assert [(line, found[0]) for line, text in texts(path) if (found := TEXT.search(text))] == []


@named(TESTS)
def test_a_test_module_contains_no_banned_word(path: Path) -> None:
    names = [(node.lineno, node.name.replace("_", " ")) for node in functions(path, decorated=True)]
    found = [(line, match[0]) for line, text in [*texts(path), *names] if (match := TEXT.search(text))]
    assert found == []


@named([*DOCUMENTS, *OTHER])
def test_a_document_contains_no_banned_word(path: Path) -> None:
    lines = enumerate(path.read_text().splitlines(), 1)
    assert [(number, found[0]) for number, line in lines if (found := TEXT.search(line))] == []


@named(PRODUCT)
def test_no_function_has_a_past_participle_as_its_name(path: Path) -> None:
    """Past participles are for events on the bus: `Points Credited`."""
    names = {function.name for function in functions(path)} - NOUNS
    assert sorted(name for name in names if PARTICIPLES.fullmatch(name)) == []


@named(PRODUCT)
def test_no_name_ends_in_an_underscore_unless_it_shadows_a_builtin(path: Path) -> None:
    found = {
        node.id if isinstance(node, ast.Name) else node.arg
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name | ast.arg)
    }
    builtins = {"type_", "hash_", "filter_", "format_", "from_", "global_", "is_"}
    assert sorted(name for name in found if re.fullmatch(r"\w*[a-z]_", name) and name not in builtins) == []


@named(PRODUCT)
def test_no_name_is_vague(path: Path) -> None:
    words = set(re.split(r"[/_.]", str(path.relative_to(ROOT))))
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            words |= {word.lower() for word in re.findall(r"[A-Z]?[a-z]+", node.name)}
    assert not [word for word in words if NAMES.fullmatch(word)]
