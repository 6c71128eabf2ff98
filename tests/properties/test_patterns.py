"""Patterns agree with a slow and obvious evaluator over paths of values, and any JSON compiles or is refused."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from loyalty.domain.patterns import compile_pattern
from loyalty.errors import InvalidPattern

Path = tuple[str, ...]
Elements = dict[tuple[Any, ...], int]
"""For each list on the way to a value, by the list's place in the document: the index of the element."""
ABSENT = {"exists": False}


@dataclass(frozen=True)
class Field:
    """A value of the document, the keys that lead to it, and the elements of lists in which it is."""

    path: Path
    value: Any
    elements: Elements


def fields_of(
    value: Any, path: Path = (), place: tuple[Any, ...] = (), elements: Elements | None = None
) -> list[Field]:
    elements = elements or {}
    if isinstance(value, Mapping):
        return [one for key, inner in value.items() for one in fields_of(inner, (*path, key), (*place, key), elements)]
    if isinstance(value, list):
        return [
            one
            for index, inner in enumerate(value)
            for one in fields_of(inner, path, (*place, index), {**elements, place: index})
        ]
    return [Field(path, value, elements)]


def alternatives(pattern: Mapping[str, Any], path: Path = ()) -> Iterator[dict[Path, list[Any]]]:
    """The pattern without `$or`: the tests of each path, once for every choice of alternatives."""
    choices: list[list[dict[Path, list[Any]]]] = []
    for key, inner in pattern.items():
        if key == "$or":
            choices.append([one for alternative in inner for one in alternatives(alternative, path)])
        elif isinstance(inner, Mapping):
            choices.append(list(alternatives(inner, (*path, key))))
        else:
            choices.append([{(*path, key): inner}])
    for chosen in product(*choices):
        yield {name: tests for one in chosen for name, tests in one.items()}


def passes(test: Any, value: Any) -> bool:
    match test:
        case {"exists": expected}:
            return bool(expected)
        case {"prefix": text}:
            return isinstance(value, str) and value.startswith(text)
        case {"anything-but": other}:
            return bool(value != other)
        case _:
            return bool(value == test)


def agree(one: Elements, other: Elements) -> bool:
    return all(other.get(place, index) == index for place, index in one.items())


def matches_naively(pattern: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    """Tries each choice of one value or its absence for each path. No two values are in two elements of one list."""
    fields = fields_of(document)
    for leaves in alternatives(pattern):
        options: list[list[Field | Path]] = []
        for path, tests in leaves.items():
            values = [one for one in fields if one.path == path and any(passes(test, one.value) for test in tests)]
            options.append([*values, *([path] if ABSENT in tests else [])])
        for chosen in product(*options):
            elements: Elements = {}
            values = [one for one in chosen if isinstance(one, Field)]
            if not all(agree(one.elements, other.elements) for one in values for other in values):
                continue
            for one in values:
                elements |= one.elements
            absent = [path for path in chosen if not isinstance(path, Field)]
            if not any(one.path in absent and agree(one.elements, elements) for one in fields):
                return True
    return False


SCALARS = st.sampled_from([1, 2, "x", "xy", "y", None])
TESTS = st.lists(
    SCALARS | st.sampled_from([{"exists": True}, ABSENT, ABSENT, {"prefix": "x"}, {"anything-but": "x"}]),
    min_size=1,
    max_size=2,
)
KEYS = "abcd"
DOCUMENTS: Any = st.deferred(lambda: st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=3))
VALUES: Any = st.deferred(lambda: SCALARS | st.lists(VALUES, max_size=3) | st.lists(DOCUMENTS, max_size=3) | DOCUMENTS)


@st.composite
def patterns(draw: st.DrawFn, keys: str = KEYS, depth: int = 2) -> dict[str, Any]:
    """A pattern in which no field is tested in a `$or` and beside it: there the product differs from EventBridge."""
    cut = draw(st.integers(1, len(keys)))
    own, others = keys[:cut], keys[cut:]
    pattern: dict[str, Any] = {}
    for key in draw(st.lists(st.sampled_from(own), min_size=1, max_size=2, unique=True)):
        pattern[key] = draw(patterns(depth=depth - 1) if depth and draw(st.booleans()) else TESTS)
    if others and depth and draw(st.booleans()):
        pattern["$or"] = draw(st.lists(patterns(others, depth - 1), min_size=2, max_size=2))
    return pattern


@given(patterns(), DOCUMENTS)
@example({"a": {"b": [1], "c": [ABSENT]}}, {"a": [{"b": 1, "c": 1}, {"b": 1}]})
@example({"a": {"b": [ABSENT], "c": [ABSENT]}}, {"a": [{"b": 1}, {"c": 1}]})
@example({"a": {"$or": [{"b": [ABSENT]}, {"c": [ABSENT]}]}}, {"a": [{"b": 1}, {"c": 1}]})
@example({"a": {"b": {"c": [ABSENT], "d": [1]}, "c": [ABSENT]}}, {"a": [{"b": [{"c": 1}, {"d": 1}]}, {"c": 1}]})
def test_a_pattern_matches_as_the_slow_evaluator_finds(pattern: dict[str, Any], document: dict[str, Any]) -> None:
    expected = matches_naively(pattern, document)
    compiled = compile_pattern(pattern)
    assert compiled.matches(document) is expected
    assert (compiled.first_failure(document) is None) is expected


@given(patterns(), DOCUMENTS, st.sets(st.sampled_from(KEYS)))
def test_a_document_that_fails_without_some_keys_fails_whatever_these_keys_contain(
    pattern: dict[str, Any], document: dict[str, Any], keys: set[str]
) -> None:
    compiled = compile_pattern(pattern)
    own = compiled.without(keys)
    rest = {key: value for key, value in document.items() if key not in keys}
    assert own.matches(rest) or not compiled.matches(document)
    assert own.fields <= {path for path in compiled.fields if path[0] not in keys}


@given(patterns(), DOCUMENTS)
def test_only_the_fields_that_a_pattern_lists_matter(pattern: dict[str, Any], document: dict[str, Any]) -> None:
    compiled = compile_pattern(pattern)
    read = {path[0] for path in compiled.fields}
    rest = {key: value for key, value in document.items() if key in read}
    assert compiled.matches(document) is compiled.matches(rest)


@given(st.lists(st.sampled_from(["*", "a", "b", "\\*", "\\\\", "\n"]), max_size=8).map("".join), st.text("ab*\\\n"))
def test_a_wildcard_matches_as_its_regular_expression_does(wildcard: str, text: str) -> None:
    try:
        pattern = compile_pattern({"k": [{"wildcard": wildcard}]})
    except InvalidPattern:
        stars = re.sub(r"\\.", "", wildcard).count("*")
        assert stars > 3 or "**" in re.sub(r"\\.", "x", wildcard)
        return
    parts = re.findall(r"\\.|[^\\]", wildcard, re.DOTALL)
    expression = "".join(".*" if part == "*" else re.escape(part[-1]) for part in parts)
    assert pattern.matches({"k": text}) is (re.fullmatch(expression, text, re.DOTALL) is not None)


OPERATORS = ["prefix", "suffix", "equals-ignore-case", "wildcard", "numeric", "exists", "anything-but", "$or", "k"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "x", "=", "<", ">", "a*b", "**"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(OPERATORS), inner, max_size=2),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(OPERATORS), JSON, max_size=3), JSON)
def test_any_json_is_a_pattern_or_is_refused_with_a_path(pattern: dict[str, Any], value: Any) -> None:
    try:
        compiled = compile_pattern(pattern)
    except InvalidPattern as refusal:
        (problem,) = refusal.errors
        assert not pattern or problem.field.startswith(tuple(pattern))
        return
    assert isinstance(compiled.matches({"k": value}), bool)
