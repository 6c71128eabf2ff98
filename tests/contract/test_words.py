"""The language of the repository, as far as a program can check it: no banned words, verbs for commands."""

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.support.sources import nodes, require_no_faults
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


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Every string and comment of a module with its line."""
    for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
        if token.type in (tokenize.STRING, tokenize.COMMENT):
            yield token.start[0], token.string


def banned(lines: Iterable[tuple[int, str]]) -> Iterator[str]:
    """The banned words in texts, each with its line."""
    return (f"line {line}, {found[0]!r}" for line, text in lines if (found := TEXT.search(text)))


def with_banned_words(paths: Iterable[Path]) -> list[Path]:
    """The files that have such a word anywhere, also in a name: the tokens of all files take long."""
    return [path for path in paths if TEXT.search(path.read_text().replace("_", " "))]


def functions(path: Path, *, decorated: bool = False) -> Iterator[ast.FunctionDef]:
    """Functions and methods of a module, without or with those that have a decorator."""
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef) and (decorated or not node.decorator_list):
            yield node


def test_the_code_contains_no_banned_word() -> None:
    require_no_faults(with_banned_words(CODE), lambda path: banned(texts(path)))


def test_no_test_module_contains_a_banned_word() -> None:
    def names(path: Path) -> list[tuple[int, str]]:
        return [(node.lineno, node.name.replace("_", " ")) for node in functions(path, decorated=True)]

    require_no_faults(with_banned_words(TESTS), lambda path: banned([*texts(path), *names(path)]))


def test_no_document_contains_a_banned_word() -> None:
    require_no_faults([*DOCUMENTS, *OTHER], lambda path: banned(enumerate(path.read_text().splitlines(), 1)))


def test_no_function_has_a_past_participle_as_its_name() -> None:
    """Past participles are for events on the bus: `Points Credited`."""

    def participles(path: Path) -> list[str]:
        return sorted({function.name for function in functions(path) if PARTICIPLES.fullmatch(function.name)} - NOUNS)

    require_no_faults(PRODUCT, participles)


def test_no_name_ends_in_an_underscore_unless_it_shadows_a_builtin() -> None:
    builtins = {"type_", "hash_", "filter_", "format_", "from_", "global_", "is_"}

    def underscored(path: Path) -> list[str]:
        found = {
            node.id if isinstance(node, ast.Name) else node.arg
            for node in nodes(path)
            if isinstance(node, ast.Name | ast.arg)
        }
        return sorted(name for name in found - builtins if re.fullmatch(r"\w*[a-z]_", name))

    require_no_faults(PRODUCT, underscored)


def test_no_name_is_vague() -> None:
    def vague(path: Path) -> list[str]:
        words = set(re.split(r"[/_.]", str(path.relative_to(ROOT))))
        for node in nodes(path):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                words |= {word.lower() for word in re.findall(r"[A-Z]?[a-z]+", node.name)}
        return sorted(word for word in words if NAMES.fullmatch(word))

    require_no_faults(PRODUCT, vague)
