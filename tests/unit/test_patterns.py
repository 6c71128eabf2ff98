"""Patterns: which documents match, the part that fails, the fields that are read, and patterns that are refused."""

from decimal import Decimal
from typing import Any

import pytest

from loyalty.domain.patterns import (
    ALTERNATIVES_MAX,
    BYTES_MAX,
    DEPTH_MAX,
    STARS_MAX,
    TESTS_MAX,
    Pattern,
    compile_pattern,
)
from loyalty.errors import InvalidPattern
from tests.support.patterns import INVALID, ROWS, Invalid, Row

DOCUMENT: dict[str, Any] = {
    "name": "order.paid",
    "order": {"amount": 5_000, "items": [{"productId": "tea", "quantity": 1}, {"productId": "mug", "quantity": 3}]},
    "customer": {"orderCount": 0, "segments": ["vip"]},
}


def problem(pattern: Any) -> tuple[str, str]:
    with pytest.raises(InvalidPattern) as refusal:
        compile_pattern(pattern)
    (one,) = refusal.value.errors
    return one.field, one.code


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_pattern_matches_as_its_row_expects(row: Row) -> None:
    pattern = compile_pattern(row.pattern)
    assert pattern.matches(row.document) is row.expected
    assert (pattern.first_failure(row.document) is None) is row.expected


@pytest.mark.parametrize("row", INVALID, ids=lambda row: row.name)
def test_an_invalid_pattern_is_refused_with_the_path_of_its_problem(row: Invalid) -> None:
    assert problem(row.pattern) == (row.path, row.code)


@pytest.mark.parametrize("number", [300, 300.0, Decimal(300), Decimal("3.0E+2"), Decimal("300.00")])
def test_numbers_are_compared_by_value_whatever_their_type(number: Any) -> None:
    for expected in (300, 300.0, Decimal("3E2")):
        for tests in ([expected], [{"numeric": ["=", expected]}], [{"numeric": [">", 299, "<=", expected]}]):
            assert compile_pattern({"k": tests}).matches({"k": number})
        assert not compile_pattern({"k": [{"anything-but": [expected, 1]}]}).matches({"k": number})


def test_numbers_are_compared_exactly() -> None:
    assert compile_pattern({"k": [0.1]}).matches({"k": Decimal("0.1")})
    assert not compile_pattern({"k": [2**53]}).matches({"k": 2**53 + 1})
    assert compile_pattern({"k": [{"numeric": [">", 2**53]}]}).matches({"k": 2**53 + 1})
    assert not compile_pattern({"k": [Decimal("0.1")]}).matches({"k": Decimal("0.1" + "0" * 40 + "1")})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_without_a_value_satisfy_no_comparison_and_are_in_no_pattern(number: float) -> None:
    for comparison in ("=", "<", "<=", ">", ">="):
        assert not compile_pattern({"k": [{"numeric": [comparison, 1]}]}).matches({"k": number})
    assert problem({"k": [number]}) == ("k[0]", "operand")
    assert problem({"k": [{"numeric": ["=", number]}]}) == ("k[0].numeric[1]", "operand")


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ({"name": ["order.canceled"]}, "name"),
        ({"name": ["order.paid"], "order": {"amount": [{"numeric": [">", 9_000]}]}}, "order.amount"),
        ({"order": {"items": {"productId": ["pot"], "quantity": [3]}}}, "order.items.productId"),
        ({"order": {"items": {"productId": ["tea"], "quantity": [3]}}}, "order.items"),
        ({"order": {"items": {"productId": ["tea"], "$or": [{"quantity": [2]}, {"gift": [True]}]}}}, "order.items.$or"),
        ({"order": {"items": {"color": {"name": ["red"]}}}}, "order.items.color.name"),
        ({"order": {"items": {"quantity": [{"exists": False}]}}}, "order.items.quantity"),
        ({"properties": {"plan": ["gold"]}}, "properties.plan"),
        ({"$or": [{"name": ["x"]}, {"customer": {"segments": ["new"]}}]}, "$or"),
        ({"order": {"amount": [5_000]}, "customer": {"segments": ["vip"], "orderCount": [1]}}, "customer.orderCount"),
        ({"order": {"amount": [5_000]}, "customer": {"segments": ["vip"]}}, None),
    ],
)
def test_the_first_part_that_fails_has_a_path(pattern: Any, path: str | None) -> None:
    assert compile_pattern(pattern).first_failure(DOCUMENT) == path


def test_a_pattern_lists_the_fields_that_it_reads() -> None:
    pattern = {
        "name": ["x"],
        "order": {"items": {"productId": ["x"]}, "$or": [{"amount": [1]}, {"currency": ["USD"]}]},
        "$or": [{"customer": {"orderCount": [0]}}, {"$or": [{"orderId": ["1"]}, {"a.b": ["x"]}]}],
    }
    assert compile_pattern(pattern).fields == {
        ("name",),
        ("order", "items", "productId"),
        ("order", "amount"),
        ("order", "currency"),
        ("customer", "orderCount"),
        ("orderId",),
        ("a.b",),
    }


CUSTOMER = {"customer": {"orderCount": [0]}}
OTHER_NAME = {"name": ["x"]}


@pytest.mark.parametrize(
    ("pattern", "is_decided"),
    [
        ({**CUSTOMER, **OTHER_NAME}, True),
        (CUSTOMER, False),
        ({"customer": ["x"]}, False),
        ({"$or": [OTHER_NAME, {"order": {"amount": [1]}}]}, True),
        ({"$or": [OTHER_NAME, CUSTOMER]}, False),
        ({"$or": [OTHER_NAME, {**CUSTOMER, **OTHER_NAME}]}, True),
        ({"$or": [OTHER_NAME, {"$or": [CUSTOMER, OTHER_NAME]}]}, False),
        ({"order": {"customer": ["x"]}}, True),
    ],
)
def test_the_part_of_the_event_alone_fails_if_the_customer_cannot_change_it(pattern: Any, is_decided: bool) -> None:
    own = compile_pattern(pattern).without(("customer",))
    event = {key: value for key, value in DOCUMENT.items() if key != "customer"}
    assert own.matches(event) is not is_decided
    assert not any(path[0] == "customer" for path in own.fields)


def test_alternatives_that_the_customer_decides_leave_no_part_for_the_event() -> None:
    assert compile_pattern({"$or": [OTHER_NAME, CUSTOMER]}).without(("customer",)) == Pattern()


def test_a_pattern_without_parts_matches_every_document() -> None:
    assert Pattern().matches({})
    assert Pattern().first_failure(DOCUMENT) is None
    assert Pattern().fields == frozenset()


def nested(levels: int) -> dict[str, Any]:
    pattern: dict[str, Any] = {"k": [1]}
    for _ in range(levels - 1):
        pattern = {"k": pattern}
    return pattern


def test_a_pattern_has_a_most_of_levels() -> None:
    compile_pattern(nested(DEPTH_MAX))
    path = ".".join("k" * DEPTH_MAX)
    assert problem(nested(DEPTH_MAX + 1)) == (path, "too_deep")
    assert problem(nested(900)) == (path, "too_deep")
    alternatives: dict[str, Any] = {"k": [1]}
    for _ in range(DEPTH_MAX):
        alternatives = {"$or": [alternatives, {"k": [1]}]}
    assert problem(alternatives)[1] == "too_deep"


def test_a_pattern_has_a_most_of_tests() -> None:
    compile_pattern({"a": [1], "b": [1] * (TESTS_MAX - 1)})
    assert problem({"a": [1], "b": [1] * TESTS_MAX}) == ("b", "too_many_tests")


def test_a_pattern_has_a_most_of_alternatives() -> None:
    half = {"$or": [{"k": [1]}] * (ALTERNATIVES_MAX // 2)}
    compile_pattern({**half, "o": half})
    assert problem({**half, "o": half, "p": {"$or": [{"k": [1]}] * 2}}) == ("p.$or", "too_many_alternatives")


@pytest.mark.parametrize("character", ["x", "é", "\U0001f375", "\ud800", '"'])
def test_a_pattern_has_a_most_of_bytes(character: str) -> None:
    size = 2 if character == '"' else len(character.encode("utf-8", "surrogatepass"))
    rest = BYTES_MAX - len('{"k":[""]}')
    fitting = character * (rest // size) + "x" * (rest % size)
    compile_pattern({"k": [fitting]})
    assert problem({"k": [fitting + "x"]}) == ("", "too_large")


def test_a_wildcard_in_a_long_text_needs_no_search_of_all_places() -> None:
    """A search of all places would take hours."""
    pieces = ["a" * 500] * STARS_MAX
    for wildcard in ("*".join([*pieces, "b"]), "*".join(["a", "a" * 500 + "b", *pieces[1:]])):
        assert not compile_pattern({"k": [{"wildcard": wildcard}]}).matches({"k": "a" * 1_000_000})


def test_a_document_may_have_lists_in_lists_of_any_depth() -> None:
    value: Any = "x"
    for _ in range(50_000):
        value = [value]
    assert compile_pattern({"k": ["x"]}).matches({"k": value})
