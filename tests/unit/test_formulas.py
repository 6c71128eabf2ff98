"""The values of formulas: precedence, functions, inputs, bounds."""

from dataclasses import FrozenInstanceError
from decimal import Decimal

import pytest

from loyalty.domain.formulas.expression import Expression
from loyalty.domain.formulas.functions import FUNCTIONS
from loyalty.domain.formulas.parser import Formula, expression_names, formula_from
from loyalty.domain.formulas.tree import Inputs
from loyalty.domain.formulas.values import plain
from loyalty.errors import FormulaInputMissing, FormulaNotComputable

ORDER = '{"rate":1.5,"big":1000000000000000000,"text":"0.25","deep":{"rate":2},"weight":12.125,"Größe in m":2,"zero":0}'
CARD = '{"level":3,"debt":-4,"tiny":1e-30,"long":0.1234567890123456789012345678901234567890}'
INPUTS = Inputs(1_250, ORDER, CARD)
EXPRESSIONS = (Expression("base.rate", 'MAX(1, ORDER_METADATA("rate"))', 3), Expression("half", "0.5", 1))


def value(text: str, inputs: Inputs = INPUTS) -> str:
    return plain(formula_from(text, EXPRESSIONS).evaluate(inputs).value)


EVALUATIONS = [
    ("0", "0"),
    ("1", "1"),
    ("007", "7"),
    ("0.5", "0.5"),
    ("1.50", "1.5"),
    ("999999999999999999", "999999999999999999"),
    ("0.000000000000000001", "0.000000000000000001"),
    ("0.1 + 0.2", "0.3"),
    ("1 + 2 * 3", "7"),
    ("(1 + 2) * 3", "9"),
    ("2 * 3 + 4 * 5", "26"),
    ("10 - 4 - 3", "3"),
    ("10 - (4 - 3)", "9"),
    ("100 / 10 / 5", "2"),
    ("100 / (10 / 5)", "50"),
    ("8 / 2 * 4", "16"),
    ("2 - -3", "5"),
    ("-2 * -3", "6"),
    ("-(2 + 3)", "-5"),
    ("--5", "5"),
    ("-2 + 5", "3"),
    ("2*-3", "-6"),
    ("-0", "0"),
    ("0 * -1", "0"),
    ("1 / 4", "0.25"),
    ("1 / 3", "0.333333333333333333"),
    ("2 / 3", "0.666666666666666666"),
    ("-2 / 3", "-0.666666666666666666"),
    ("1 / 3 * 3", "1"),
    ("1 / (2 / 3)", "1.5"),
    ("1 / 3 + 1 / 3 + 1 / 3", "1"),
    ("0.000000000000000001 * 0.1", "0"),
    ("0.000000000000000001 / 10 * 10", "0.000000000000000001"),
    ("1000000000 * 1000000000", "1000000000000000000"),
    (" 1\t+\r\n 1 ", "2"),
    ("((((1))))", "1"),
    ("MIN(3, 1, 2)", "1"),
    ("MIN(7)", "7"),
    ("MAX(3, 1, 2)", "3"),
    ("max(1, Min(5, 2))", "2"),
    ("MIN(-1, 0)", "-1"),
    ("FLOOR(1.9)", "1"),
    ("FLOOR(-1.1)", "-2"),
    ("FLOOR(1 / 3 * 3)", "1"),
    ("CEIL(1.1)", "2"),
    ("CEIL(-1.9)", "-1"),
    ("CEIL(3 * (2 / 3))", "2"),
    ("ROUND(2.5)", "3"),
    ("ROUND(3.5)", "4"),
    ("ROUND(-2.5)", "-3"),
    ("ROUND(1.005, 2)", "1.01"),
    ("ROUND(2 / 3, 4)", "0.6667"),
    ("ROUND(1.5, 0)", "2"),
    ("ROUND(1 / 3, 18)", "0.333333333333333333"),
    ("IF(1 < 2, 10, 20)", "10"),
    ("IF(2 < 1, 10, 20)", "20"),
    ("IF(2 <= 2, 10, 20)", "10"),
    ("IF(2 >= 3, 10, 20)", "20"),
    ("IF(2 > 1, 10, 20)", "10"),
    ("IF(2 = 2.0, 10, 20)", "10"),
    ("IF(2 == 3, 10, 20)", "20"),
    ("IF(2 != 3, 10, 20)", "10"),
    ("IF(2 <> 2, 10, 20)", "20"),
    ("IF(1 / 3 * 3 = 1, 10, 20)", "10"),
    ("IF((1 + 1 > 1), 10, 20)", "10"),
    ("IF(1 < 2, IF(3 < 2, 1, 2), 3)", "2"),
    ("1 + IF(1 < 2, 10, 20) * 2", "21"),
    ("ORDER_AMOUNT()", "1250"),
    ("order_amount( ) / 100", "12.5"),
    ('ORDER_METADATA("rate")', "1.5"),
    ('ORDER_METADATA("text") * 2', "0.5"),
    ('ORDER_METADATA("weight")', "12.125"),
    ('ORDER_METADATA("big")', "1000000000000000000"),
    ('ORDER_METADATA("Größe in m")', "2"),
    ('CARD_METADATA("level")', "3"),
    ('CARD_METADATA("debt")', "-4"),
    ('CARD_METADATA("tiny")', "0"),
    ('CARD_METADATA("long")', "0.123456789012345678"),
    ('EXPRESSION("half") * 3', "1.5"),
    ('EXPRESSION("base.rate") * EXPRESSION("half")', "0.75"),
    ('IF(CARD_METADATA("level") >= 2, ORDER_METADATA("rate"), 1)', "1.5"),
]


@pytest.mark.parametrize(("text", "expected"), EVALUATIONS)
def test_a_formula_has_the_expected_value(text: str, expected: str) -> None:
    assert value(text) == expected


def test_the_branch_that_is_not_chosen_is_not_computed() -> None:
    assert value("IF(1 < 2, 1, 1 / 0)") == "1"
    assert value('IF(1 > 2, ORDER_METADATA("nothing"), 2)') == "2"
    with pytest.raises(FormulaNotComputable):
        value("MIN(1, 1 / 0)")


def test_a_result_lists_exactly_the_inputs_on_which_it_depends() -> None:
    text = 'IF(ORDER_AMOUNT() > 1000, CARD_METADATA("level"), ORDER_METADATA("rate")) * EXPRESSION("base.rate")'
    result = formula_from(text, EXPRESSIONS).evaluate(INPUTS)
    assert result.inputs == {
        "ORDER_AMOUNT()": Decimal(1250),
        'CARD_METADATA("level")': Decimal(3),
        'ORDER_METADATA("rate")': Decimal("1.5"),
    }
    assert formula_from("1 + 1", ()).evaluate(INPUTS).inputs == {}


@pytest.mark.parametrize(
    ("metadata", "lack"),
    [
        (None, "is missing"),
        ("{}", "is missing"),
        ('{"rate":null}', "is missing"),
        ('{"Rate":1}', "is missing"),
        ('{"rate":true}', "is not a number"),
        ('{"rate":"ten"}', "is not a number"),
        ('{"rate":""}', "is not a number"),
        ('{"rate":" 1"}', "is not a number"),
        ('{"rate":"1,5"}', "is not a number"),
        ('{"rate":"1e3"}', "is not a number"),
        ('{"rate":"+1"}', "is not a number"),
        ('{"rate":"1_000"}', "is not a number"),
        ('{"rate":"\\u0661"}', "is not a number"),
        ('{"rate":"NaN"}', "is not a number"),
        ('{"rate":NaN}', "is not a number"),
        ('{"rate":Infinity}', "is not a number"),
        ('{"rate":1e999}', "is not a number"),
        ('{"rate":1000000000000000001}', "is not a number"),
        ('{"rate":-1e19}', "is not a number"),
        ('{"rate":[1]}', "is not a number"),
        ('{"rate":{"value":1}}', "is not a number"),
    ],
)
def test_a_refusal_names_an_input_that_is_missing_or_not_a_number(metadata: str | None, lack: str) -> None:
    with pytest.raises(FormulaInputMissing, match=lack) as refusal:
        value('1 + ORDER_METADATA("rate")', Inputs(1, metadata, '{"rate":1}'))
    assert refusal.value.extensions == {"input": 'ORDER_METADATA("rate")', "position": 5}


def test_an_order_amount_that_was_not_sent_is_missing() -> None:
    with pytest.raises(FormulaInputMissing) as refusal:
        value("ORDER_AMOUNT()", Inputs())
    assert refusal.value.extensions["input"] == "ORDER_AMOUNT()"


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("1 / 0", 3),
        ("1 / (2 - 2)", 3),
        ('5 + 1 / ORDER_METADATA("zero")', 7),
        ("999999999999999999 * 2", 20),
        ("999999999999999999 + 2", 20),
        ("-999999999999999999 - 2", 21),
        ("1 / 0.000000000000000001 / 0.1", 26),
        ('ORDER_METADATA("big") * ORDER_METADATA("big")', 23),
    ],
)
def test_a_formula_that_has_no_value_is_refused_with_its_position(text: str, position: int) -> None:
    with pytest.raises(FormulaNotComputable) as refusal:
        value(text)
    assert refusal.value.extensions == {"position": position}


def test_an_error_in_an_expression_names_the_expression() -> None:
    formula = formula_from('1 + EXPRESSION("broken")', (Expression("broken", "2 / 0", 1),))
    with pytest.raises(FormulaNotComputable, match="character 3 of expression broken") as refusal:
        formula.evaluate(INPUTS)
    assert refusal.value.extensions == {"position": 3, "expression": "broken"}


@pytest.mark.parametrize(
    ("text", "nodes"),
    [("1", 1), ("-1", 2), ("(1 + 2)", 3), ("IF(1 < 2, 3, 4)", 6), ('EXPRESSION("base.rate")', 4), ("ROUND(1, 2)", 2)],
)
def test_nodes_are_numbers_operators_and_calls_also_inside_expressions(text: str, nodes: int) -> None:
    assert formula_from(text, EXPRESSIONS).nodes == nodes


def test_a_formula_lists_the_kinds_of_inputs_that_it_may_use() -> None:
    assert formula_from("1", ()).sources == frozenset()
    assert formula_from('IF(1 < 2, 1, CARD_METADATA("x"))', ()).sources == {"CARD_METADATA"}
    assert formula_from('EXPRESSION("base.rate")', EXPRESSIONS).sources == {"ORDER_METADATA"}


def test_a_formula_is_compiled_once_and_is_immutable() -> None:
    formula = formula_from("1 + 1", ())
    assert formula_from("1 + 1", ()) is formula
    with pytest.raises(FrozenInstanceError):
        formula.nodes = 5  # type: ignore[misc]  # the attempt under test
    assert isinstance(formula, Formula)


def test_another_copy_of_an_expression_makes_another_formula() -> None:
    text = 'EXPRESSION("half")'
    before = formula_from(text, (Expression("half", "0.5", 1),)).evaluate(INPUTS).value
    after = formula_from(text, (Expression("half", "0.25", 2),)).evaluate(INPUTS).value
    assert (before, after) == (Decimal("0.5"), Decimal("0.25"))


def test_expression_names_are_found_in_any_text() -> None:
    assert expression_names('expression("a") + EXPRESSION( "b" ) * EXPRESSION("a") +') == ["a", "b"]
    assert expression_names('ORDER_METADATA("a")') == []
    assert expression_names('EXPRESSION("a') == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_example_of_each_function_uses_the_function_and_has_a_value(name: str) -> None:
    example = FUNCTIONS[name].example
    assert f"{name}(" in example
    value(example)
