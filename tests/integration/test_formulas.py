"""Formulas and expressions over HTTP."""

from typing import Any

import pytest

from loyalty.domain.formulas.functions import FUNCTIONS
from tests.support.stack import Answer, Stack


def evaluate(stack: Stack, formula: str, **body: Any) -> Answer:
    return stack.http("POST", "/v1/formulas/evaluate", {"formula": formula, **body})


def save(stack: Stack, name: str, formula: str, **body: Any) -> Answer:
    return stack.http("PUT", f"/v1/expressions/{name}", {"formula": formula, **body})


def test_the_functions_are_listed_with_parameters_and_an_example(stack: Stack) -> None:
    functions = stack.http("GET", "/v1/formulas/functions").body["data"]
    assert [function["name"] for function in functions] == list(FUNCTIONS)
    assert functions[2]["parameters"] == [
        {"name": "number", "kind": "NUMBER", "optional": False, "repeats": False},
        {"name": "decimals", "kind": "DECIMALS", "optional": True, "repeats": False},
    ]
    assert all(function["description"] and function["example"] for function in functions)


def test_an_evaluation_answers_the_value_the_inputs_and_the_nodes(stack: Stack) -> None:
    answer = evaluate(
        stack,
        'ORDER_AMOUNT() * ORDER_METADATA("rate") / CARD_METADATA("level")',
        order={"amount": 1_250, "metadata": {"rate": 0.1, "other": "x"}},
        cardMetadata={"level": "4"},
    )
    assert answer.status == 200, answer.text
    assert answer.body == {
        "value": "31.25",
        "inputs": {"ORDER_AMOUNT()": "1250", 'ORDER_METADATA("rate")': "0.1", 'CARD_METADATA("level")': "4"},
        "nodes": 5,
    }


def test_decimals_of_the_metadata_are_exact(stack: Stack) -> None:
    """The binary floats 0.1 and 0.2 would sum to 0.30000000000000004."""
    metadata = {"a": 0.1, "b": 0.2}
    answer = evaluate(stack, 'ORDER_METADATA("a") + ORDER_METADATA("b")', order={"amount": 1, "metadata": metadata})
    assert answer.body["value"] == "0.3"


def test_a_syntax_error_is_answered_with_its_position(stack: Stack) -> None:
    answer = evaluate(stack, "2 ** 3")
    assert (answer.status, answer.code) == (400, "invalid_formula")
    assert (answer.body["position"], answer.body["expected"]) == (4, "a number, a function or (")
    assert answer.fields() == {"body.formula": "syntax"}
    assert evaluate(stack, 'EXPRESSION("nowhere")').fields() == {"body.formula": "unknown_expression"}


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ({}, "ORDER_AMOUNT()"),
        ({"order": {"amount": 1}}, 'ORDER_METADATA("rate")'),
        ({"order": {"amount": 1, "metadata": {"rate": True}}}, 'ORDER_METADATA("rate")'),
        ({"order": {"amount": 1, "metadata": {"rate": 1}}, "cardMetadata": {}}, 'CARD_METADATA("level")'),
    ],
)
def test_a_refusal_names_a_missing_input(stack: Stack, body: Any, missing: str) -> None:
    answer = evaluate(stack, 'ORDER_AMOUNT() + ORDER_METADATA("rate") + CARD_METADATA("level")', **body)
    assert (answer.status, answer.code, answer.body["input"]) == (422, "formula_input_missing", missing)


def test_a_formula_without_a_value_is_refused_with_its_position(stack: Stack) -> None:
    answer = evaluate(stack, "1 / (2 - 2)")
    assert (answer.status, answer.code, answer.body["position"]) == (422, "formula_not_computable", 3)


def test_an_expression_is_saved_read_listed_and_used(stack: Stack) -> None:
    first = save(stack, "base.rate", "0.5", description="Points for a cent")
    assert (first.status, first.headers["ETag"]) == (200, '"1"')
    assert stack.http("GET", "/v1/expressions/base.rate").body == first.body
    assert evaluate(stack, 'EXPRESSION("base.rate") * 3').body["value"] == "1.5"

    second = save(stack, "base.rate", "0.25")
    save(stack, "another", "1")
    assert (second.body["version"], second.body["description"], second.headers["ETag"]) == (2, "", '"2"')
    names = [(one["name"], one["version"]) for one in stack.http("GET", "/v1/expressions").body["data"]]
    assert names == [("another", 1), ("base.rate", 2)]
    assert evaluate(stack, 'EXPRESSION("base.rate") * 3').body["value"] == "0.75"


@pytest.mark.parametrize(("formula", "code"), [("1 +", "syntax"), ('EXPRESSION("other")', "nested_expression")])
def test_an_invalid_expression_is_refused_and_not_saved(stack: Stack, formula: str, code: str) -> None:
    save(stack, "other", "1")
    before = stack.items()
    answer = save(stack, "base.rate", formula)
    assert (answer.status, answer.code, answer.fields()) == (400, "invalid_formula", {"body.formula": code})
    assert stack.items() == before
    assert stack.http("GET", "/v1/expressions/base.rate").code == "expression_not_found"
