"""Invalid formulas: escapes from other evaluators, bombs, look-alikes and plain mistakes."""

import pytest

from loyalty.domain.formulas.expression import Expression
from loyalty.domain.formulas.parser import DEPTH_MAX, LENGTH_MAX, NODES_MAX, formula_from
from loyalty.domain.formulas.tree import Inputs
from loyalty.errors import InvalidFormula

# Text, and the position in its refusal.
ESCAPES = [
    # Attributes, names and calls that escaped from simpleeval, asteval and similar evaluators.
    ("__import__('os').system('id')", 1),
    ("().__class__.__bases__[0].__subclasses__()", 2),
    ("''.__class__", 1),
    ('"".__class__.__mro__', 1),
    ("(1).__class__", 4),
    ("1.__class__", 2),
    ("1 .real", 3),
    ("MIN.__globals__", 4),
    ("MIN.__call__(1)", 4),
    ("max.__self__.eval('1')", 4),
    ("ORDER_AMOUNT.__code__", 13),
    ("ORDER_AMOUNT().real", 15),
    ("getattr(1, 'real')", 1),
    ("eval('1+1')", 1),
    ("exec('x=1')", 1),
    ("open('/etc/passwd')", 1),
    ("globals()", 1),
    ("vars()", 1),
    ("self", 1),
    ("_", 1),
    ("Decimal('1')", 1),
    ("float('nan')", 1),
    ("int.from_bytes", 1),
    ("lambda: 1", 1),
    ("(lambda x: x)(1)", 2),
    ("[x for x in (1,)]", 1),
    ("(x for x in (1,))", 2),
    ("[1, 2][0]", 1),
    ("{1: 2}", 1),
    ("(1, 2)", 3),
    ("*1", 1),
    ("MIN(*(1, 2))", 5),
    ("MIN(x=1)", 5),
    ("x := 5", 1),
    ("x = 5", 1),
    ("1 if 1 else 2", 3),
    ("1 and 2", 3),
    ("not 1", 1),
    ("1 in (1,)", 3),
    ("f'{1}'", 1),
    ('f"{1:>400000000}"', 1),
    ('"%400000000d" % 1', 1),
    ("'a' * 1000000", 1),
    ('"a" * 1000000', 1),
    ("${7*7}", 1),
    ("{{7*7}}", 1),
    ("#{7*7}", 1),
    ("=1+1", 1),
    ("@SUM(1)", 1),
    ("1; import os", 2),
    ("1 # comment", 3),
    ("1 // 2", 4),
    ("1 /* x */", 4),
    ("1\\\n+1", 2),
    ("`id`", 1),
    ("$(id)", 1),
    ("' OR 1=1 --", 1),
    # Powers, shifts and numbers too large.
    ("9**9**9", 3),
    ("9^9", 2),
    ("2 % 2", 3),
    ("1 << 1000000", 4),
    ("1 >> 1", 4),
    ("~1", 1),
    ("1 & 1", 3),
    ("1 | 1", 3),
    ("1e999999", 2),
    ("1E9", 2),
    ("1e-999999", 2),
    ("0x10", 2),
    ("0b1", 2),
    ("1j", 2),
    ("1_000", 2),
    ("1,000", 2),
    ("1'000", 2),
    ("1 000", 3),
    ("NaN", 1),
    ("sNaN", 1),
    ("Infinity", 1),
    ("-inf", 2),
    ("True", 1),
    ("None", 1),
    (".5", 1),
    ("5.", 2),
    ("1.2.3", 4),
    ("9" * 19, 1),
    ("0." + "1" * 19, 1),
    # Look-alikes.
    ("\uff11", 1),
    ("\u0661 + 1", 1),
    ("1 \u2212 1", 3),
    ("2 \u00d7 3", 3),
    ("6 \u00f7 2", 3),
    ("1 \u2044 2", 3),
    ("\u00bd", 1),
    ("2\u00b2", 2),
    ("\u039cIN(1)", 1),
    ("MIN\u200b(1)", 4),
    ("M\u0131N(1)", 1),
    ("\ufb02oor(1)", 1),
    ("ROUND\uff081\uff09", 6),
    ("ORDER_METADATA(\u201crate\u201d)", 16),
    ("ORDER_METADATA('rate')", 16),
    ("1\u00a0+ 1", 2),
    ("1\u2003+ 1", 2),
    ("\ufeff1", 1),
    ("\u202e1", 1),
    ("\U0001f600", 1),
    ("\ud800", 1),
    # Control characters and quotes.
    ("1\x00", 2),
    ("\x001", 1),
    ("1\x0b+ 1", 2),
    ("1\x1b[0m", 2),
    ('ORDER_METADATA("a\x00b")', 16),
    ('ORDER_METADATA("a\nb")', 16),
    ('ORDER_METADATA("a\u202eb")', 16),
    ('ORDER_METADATA("a\\"b")', 16),
    ('ORDER_METADATA("rate)', 16),
    ('ORDER_METADATA("")', 16),
    ('ORDER_METADATA("' + "x" * 65 + '")', 16),
    ('"rate"', 1),
    ('1 + "1"', 5),
    ('MIN("1")', 5),
]
MISTAKES = [
    ("", 1),
    ("   ", 4),
    ("1 +", 4),
    ("+ 1", 1),
    ("1 + + 1", 5),
    ("1 1", 3),
    ("(1", 3),
    ("1)", 2),
    ("()", 2),
    ("((1)", 5),
    ("MIN", 4),
    ("MIN(", 5),
    ("MIN()", 5),
    ("MIN(1,)", 7),
    ("MIN(1 2)", 7),
    ("MIN(,1)", 5),
    ("FLOOR(1, 2)", 8),
    ("CEIL()", 6),
    ("ROUND(1, 2, 3)", 11),
    ("ROUND(1, 19)", 10),
    ("ROUND(1, 1.5)", 10),
    ("ROUND(1, -1)", 10),
    ("ROUND(1, 1 + 1)", 12),
    ("ROUND(1, ORDER_AMOUNT())", 10),
    ("ABS(1)", 1),
    ("IF(1, 2, 3)", 4),
    ("IF(1 < 2)", 9),
    ("IF(1 < 2, 3)", 12),
    ("IF(1 < 2, 3, 4, 5)", 15),
    ("IF(1 < 2 < 3, 4, 5)", 10),
    ("IF((1 < 2) < 3, 4, 5)", 4),
    ("IF(1 < 2, 1 < 2, 3)", 11),
    ("1 < 2", 1),
    ("1 + (1 < 2)", 5),
    ("-(1 < 2)", 2),
    ("(1 < 2) * 3", 1),
    ("ROUND(1 < 2)", 7),
    ("ORDER_AMOUNT(1)", 14),
    ("ORDER_METADATA()", 16),
    ("ORDER_METADATA(rate)", 16),
    ("ORDER_METADATA(1)", 16),
    ('ORDER_METADATA("a", "b")', 19),
    ('ORDER_METADATA("a" + "b")', 20),
    ("EXPRESSION()", 12),
    ('EXPRESSION("nowhere")', 12),
]


@pytest.mark.parametrize(("text", "position"), [*ESCAPES, *MISTAKES])
def test_an_invalid_formula_is_refused_with_the_position_of_the_error(text: str, position: int) -> None:
    with pytest.raises(InvalidFormula) as refusal:
        formula_from(text, ())
    assert refusal.value.extensions["position"] == position, refusal.value.detail
    (problem,) = refusal.value.errors
    assert problem.field == "body.formula"
    assert problem.message == refusal.value.detail
    assert problem.message.startswith(f"At character {position}: ")
    assert problem.message.replace("\u2026", "").isprintable(), "an unprintable character is shown as its number"


def test_a_syntax_error_names_the_expected_text() -> None:
    with pytest.raises(InvalidFormula, match="Expected a number, a function or \\(, found \\*") as refusal:
        formula_from("2 ** 3", ())
    assert refusal.value.extensions == {"position": 4, "expected": "a number, a function or ("}
    assert refusal.value.errors[0].code == "syntax"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("foo(1)", "unknown_function"),
        ("1 < 2", "number_expected"),
        ("IF(1, 2, 3)", "condition_expected"),
        ("9" * 19, "number_too_long"),
        ('ORDER_METADATA("")', "invalid_name"),
        ('EXPRESSION("a")', "unknown_expression"),
        ("1" + " " * LENGTH_MAX, "too_long"),
        ("(" * 30 + "1" + ")" * 30, "too_deep"),
        ("-" * 30 + "1", "too_deep"),
        ("1" + "+1" * 60, "too_many_nodes"),
    ],
)
def test_a_refusal_has_a_code_for_each_kind_of_error(text: str, code: str) -> None:
    with pytest.raises(InvalidFormula) as refusal:
        formula_from(text, ())
    assert refusal.value.errors[0].code == code


def test_a_formula_may_be_as_long_as_the_limit_but_not_longer() -> None:
    assert formula_from("1" + " " * (LENGTH_MAX - 1), ()).nodes == 1
    with pytest.raises(InvalidFormula) as refusal:
        formula_from("1" + " " * LENGTH_MAX, ())
    assert refusal.value.extensions["position"] == LENGTH_MAX + 1


def test_a_formula_may_nest_as_deep_as_the_limit_but_not_deeper() -> None:
    within = DEPTH_MAX - 1
    assert formula_from("(" * within + "1" + ")" * within, ()).nodes == 1
    for bomb in ("(" * 499, "-" * 499, "MIN(" * 124, "IF(" * 166, "-(" * 249, "IF(1<" * 99):
        with pytest.raises(InvalidFormula) as refusal:
            formula_from(bomb, ())
        assert refusal.value.errors[0].code == "too_deep"


def test_a_long_chain_may_have_a_hundred_nodes_but_not_more() -> None:
    chain = "1" + "-1" * 49 + " + -0"
    assert formula_from("1" + "-1" * 49, ()).nodes == NODES_MAX - 1
    assert formula_from("-1" + "-1" * 49, ()).nodes == NODES_MAX
    with pytest.raises(InvalidFormula) as refusal:
        formula_from(chain, ())
    assert refusal.value.errors[0].code == "too_many_nodes"
    with pytest.raises(InvalidFormula):
        formula_from("MAX(" + "1," * 100 + "1)", ())


def test_the_nodes_of_expressions_count_too() -> None:
    large = Expression("large", "1" + "+1" * 23, 1)
    assert formula_from('EXPRESSION("large") + EXPRESSION("large") + 1', (large,)).nodes == NODES_MAX - 1
    with pytest.raises(InvalidFormula) as refusal:
        formula_from('EXPRESSION("large") + EXPRESSION("large") + 1 + 1', (large,))
    assert refusal.value.errors[0].code == "too_many_nodes"


def test_an_expression_cannot_use_another_expression() -> None:
    one, other = Expression("one", 'EXPRESSION("other")', 1), Expression("other", "1", 1)
    for text, expressions in (('EXPRESSION("other")', None), ('EXPRESSION("one")', (one, other))):
        with pytest.raises(InvalidFormula) as refusal:
            formula_from(text, expressions)
        assert refusal.value.errors[0].code == "nested_expression"
    with pytest.raises(InvalidFormula, match="character 4 of expression one") as refusal:
        formula_from('EXPRESSION("one")', (Expression("one", "1 +", 1), other))
    assert refusal.value.extensions["expression"] == "one"


def test_an_expression_is_computed_as_if_it_had_parentheses() -> None:
    formula = formula_from('EXPRESSION("sum") * 2', (Expression("sum", "1 + 2", 1),))
    assert formula.evaluate(Inputs()).value == 6
