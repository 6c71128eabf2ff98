"""docs/reference/patterns.md agrees with the code: every operator, bound and example."""

import json
import re
from collections.abc import Iterator

import pytest

from loyalty.domain.patterns import (
    ALTERNATIVES_MAX,
    BYTES_MAX,
    DEPTH_MAX,
    OPERATORS,
    STARS_MAX,
    TESTS_MAX,
    compile_pattern,
)
from tests.support.template import ROOT

TEXT = (ROOT / "docs" / "reference" / "patterns.md").read_text()
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]


def rows(heading: str) -> Iterator[list[str]]:
    lines = TEXT.splitlines()
    for line in lines[lines.index(heading) + 2 :]:
        if not line.startswith("|"):
            return
        yield [cell.strip().strip("`") for cell in line.strip("|").split("|")]


def test_every_operator_is_documented_and_no_other() -> None:
    _, *operators = [names for names, _ in rows("| operator | is true for |")]
    assert re.findall(r"[a-z-]+", " ".join(operators)) == list(OPERATORS)


@pytest.mark.parametrize(("pattern", "document", "matches"), list(rows("| pattern | document | matches |")))
def test_an_example_has_the_documented_answer(pattern: str, document: str, matches: str) -> None:
    assert compile_pattern(json.loads(pattern)).matches(json.loads(document)) is {"yes": True, "no": False}[matches]


def test_the_pattern_at_the_start_is_valid() -> None:
    (pattern,) = EXAMPLES
    compile_pattern(pattern)


def test_every_bound_is_documented() -> None:
    bounds = [int(most) for _, most in rows("| bound | |")]
    assert bounds == [BYTES_MAX, DEPTH_MAX, TESTS_MAX, ALTERNATIVES_MAX, STARS_MAX]
