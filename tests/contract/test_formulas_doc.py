"""docs/guides/formulas.md agrees with the code: every function, bound and example."""

import re
from collections.abc import Iterator

import pytest

from loyalty.domain.formulas.expression import NAME_MAX, Expression
from loyalty.domain.formulas.functions import FUNCTIONS, Function, ParameterKind
from loyalty.domain.formulas.parser import DEPTH_MAX, LENGTH_MAX, NODES_MAX, formula_from
from loyalty.domain.formulas.tree import Inputs
from loyalty.domain.formulas.values import plain
from tests.support.template import ROOT

TEXT = (ROOT / "docs" / "guides" / "formulas.md").read_text()


def rows(heading: str) -> Iterator[list[str]]:
    lines = TEXT.splitlines()
    for line in lines[lines.index(heading) + 2 :]:
        if not line.startswith("|"):
            return
        yield [cell.strip().strip("`") for cell in line.strip("|").split("|")]


def written(function: Function) -> str:
    parts = []
    for parameter in function.parameters:
        name = f'"{parameter.name}"' if parameter.kind is ParameterKind.NAME else parameter.name
        parts.append(f"[{name}]" if parameter.optional else f"{name}, …" if parameter.repeats else name)
    return f"{function.name}({', '.join(parts)})"


def test_every_function_is_documented_and_no_other() -> None:
    assert list(rows("| function | |")) == [[written(one), one.description] for one in FUNCTIONS.values()]


@pytest.mark.parametrize(("formula", "value"), [(text, value) for text, value in rows("| formula | result |")])
def test_an_example_has_the_documented_result(formula: str, value: str) -> None:
    metadata = re.findall(r"metadata `({.*?})`", TEXT)
    inputs = Inputs(1_250, *metadata)
    ((name, expression),) = re.findall(r"expression `([\w.]+)` that is `(.*?)`", TEXT)
    result = formula_from(formula, (Expression(name, expression, 1),)).evaluate(inputs)
    assert plain(result.value) == value


def test_every_bound_is_documented() -> None:
    bounds = {what: int(most) for what, most in rows("| bound | |")}
    assert list(bounds.values()) == [LENGTH_MAX, NODES_MAX, DEPTH_MAX, NAME_MAX]
