"""Each text is a valid formula or is refused, and the value of a formula agrees with exact fractions."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, trunc
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from loyalty.domain.formulas.expression import Expression
from loyalty.domain.formulas.parser import LENGTH_MAX, NODES_MAX, formula_from
from loyalty.domain.formulas.tree import Inputs
from loyalty.domain.formulas.values import VALUE_MAX, plain
from loyalty.errors import FormulaInputMissing, FormulaNotComputable, InvalidFormula

METADATA = '{"a":2,"b":0.5,"c":"12.25","d":-3}'
INPUTS = Inputs(1_250, METADATA, METADATA)
EXPRESSIONS = (Expression("base", 'ORDER_METADATA("b") * 3', 1),)

PIECES = st.sampled_from(
    [
        *"0123456789.+-*/()<>=,! \t\n\"'_",
        "<=",
        "MIN(",
        "max(",
        "ROUND(",
        "FLOOR(",
        "CEIL(",
        "IF(",
        "ORDER_AMOUNT()",
        'ORDER_METADATA("a")',
        'CARD_METADATA("b")',
        'EXPRESSION("base")',
        "1",
        "2.5",
        "1e9",
        "**",
        "\x00",
        "\uff11",
    ]
)


@settings(max_examples=min(400, settings().max_examples * 4))
@given(st.one_of(st.text(max_size=520), st.lists(PIECES, max_size=60).map("".join)))
@example("(" * LENGTH_MAX)
@example("9" * LENGTH_MAX)
@example("1-" * 250)
def test_any_text_is_a_formula_within_bounds_or_is_refused_with_a_position(text: str) -> None:
    try:
        formula = formula_from(text, EXPRESSIONS)
    except InvalidFormula as refusal:
        position = refusal.extensions["position"]
        assert isinstance(position, int)
        assert 1 <= position <= min(len(text), LENGTH_MAX) + 1
        return
    assert 1 <= formula.nodes <= NODES_MAX
    try:
        value = formula.evaluate(INPUTS).value
    except (FormulaInputMissing, FormulaNotComputable):
        return
    assert abs(value) <= VALUE_MAX
    assert value == Decimal(plain(value)), "the value has 18 decimals at most"
    assert len(plain(value).partition(".")[2]) <= 18


Number = Callable[[], Fraction]


@dataclass(frozen=True)
class Written:
    """A formula and its value, computed with fractions. `binds` is the precedence of the outermost operator."""

    text: str
    value: Number
    binds: int = 9

    def within(self, binds: int) -> str:
        return self.text if self.binds >= binds else f"({self.text})"


def to(decimals: int, value: Fraction) -> Fraction:
    return Fraction(round(value * 10**decimals), 10**decimals)


def kept(value: Fraction) -> Fraction:
    if abs(value) > 10**18:
        raise OverflowError
    return to(36, value)


def half_up(value: Fraction) -> Fraction:
    whole = floor(abs(value) + Fraction(1, 2))
    return Fraction(whole if value >= 0 else -whole)


def operation(sign: str, left: Written, right: Written) -> Written:
    binds = 1 if sign in "+-" else 2
    work: Any = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
    }[sign]
    text = f"{left.within(binds)} {sign} {right.within(binds + 1)}"
    return Written(text, lambda: kept(work(left.value(), right.value())), binds)


def call(name: str, arguments: list[Written]) -> Written:
    work: Any = {
        "MIN": min,
        "MAX": max,
        "FLOOR": lambda value: Fraction(floor(to(20, value))),
        "CEIL": lambda value: Fraction(ceil(to(20, value))),
        "ROUND": lambda value: half_up(to(20, value)),
    }[name]
    values = [argument.value for argument in arguments]
    if name in ("MIN", "MAX"):
        text = f"{name}({', '.join(argument.text for argument in arguments)})"
        return Written(text, lambda: work([value() for value in values]))
    return Written(f"{name}({arguments[0].text})", lambda: work(values[0]()))


def choice(sign: str, parts: tuple[Written, Written, Written, Written]) -> Written:
    left, right, then, otherwise = parts
    holds: Callable[[Fraction, Fraction], bool] = {
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        "=": lambda a, b: a == b,
        "!=": lambda a, b: a != b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }[sign]

    def value() -> Fraction:
        return (then if holds(to(20, left.value()), to(20, right.value())) else otherwise).value()

    return Written(f"IF({left.text} {sign} {right.text}, {then.text}, {otherwise.text})", value)


def negative(part: Written) -> Written:
    return Written(f"-{part.within(3)}", lambda: -part.value(), 3)


def number(text: str) -> Written:
    return Written(text, lambda: Fraction(text))


KNOWN_INPUTS = [
    ("ORDER_AMOUNT()", "1250"),
    ('ORDER_METADATA("c")', "12.25"),
    ('CARD_METADATA("d")', "-3"),
    ('EXPRESSION("base")', "1.5"),
]
LEAVES = st.one_of(
    st.integers(0, 20).map(str).map(number),
    st.decimals(0, 10**18 - 1, allow_nan=False, places=3).map(lambda value: number(format(value, "f"))),
    st.sampled_from([Written(text, lambda value=value: Fraction(value)) for text, value in KNOWN_INPUTS]),  # type: ignore[misc]  # bound now
)


def grown(parts: st.SearchStrategy[Written]) -> st.SearchStrategy[Written]:
    return st.one_of(
        st.builds(operation, st.sampled_from("+-*/"), parts, parts),
        st.builds(
            call, st.sampled_from(["MIN", "MAX", "FLOOR", "CEIL", "ROUND"]), st.lists(parts, min_size=1, max_size=3)
        ),
        st.builds(choice, st.sampled_from(["<", "<=", "=", "!=", ">", ">="]), st.tuples(parts, parts, parts, parts)),
        parts.map(negative),
    )


@settings(max_examples=min(400, settings().max_examples * 4))
@given(st.recursive(LEAVES, grown, max_leaves=12))
def test_a_formula_has_the_same_value_as_exact_fractions(written: Written) -> None:
    assume(len(written.text) <= LENGTH_MAX)
    formula = formula_from(written.text, EXPRESSIONS)
    try:
        expected = to(20, written.value())
    except (ZeroDivisionError, OverflowError):
        with pytest.raises(FormulaNotComputable):
            formula.evaluate(INPUTS)
        return
    value = formula.evaluate(INPUTS).value
    assert Fraction(value) == Fraction(trunc(expected * 10**18), 10**18), written.text
