"""Patterns: conditions over a JSON document, in the syntax of EventBridge's content filters.

A pattern is compiled once and then evaluated for many documents. docs/reference/patterns.md describes each operator.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from itertools import chain
from operator import eq, ge, gt, le, lt
from typing import Any

from loyalty.errors import FieldProblem, InvalidPattern

BYTES_MAX = 4_096
"""The most bytes of a pattern as compact JSON text in UTF-8."""
DEPTH_MAX = 8
"""The most levels of objects. The pattern itself is the first level, and each alternative of `$or` is a level."""
TESTS_MAX = 60
ALTERNATIVES_MAX = 20
"""The most alternatives of all `$or` together."""
STARS_MAX = 3

OR = "$or"

Document = Mapping[str, Any]
Path = tuple[str, ...]
Test = Callable[[Any], bool]
"""A test of one value: a text, a bool, a `Decimal` or None."""


class Result(IntEnum):
    """Whether a part of a pattern is true for one object, and why."""

    FALSE = 0
    ABSENT = 1
    """True only because fields are absent."""
    TRUE = 2


@dataclass(frozen=True, slots=True)
class Leaf:
    """The tests of one field. It is true if one test is true for one value."""

    key: str
    tests: tuple[Test, ...]
    absent: bool
    """Whether the field may be absent: one test is `exists: false`."""

    def result(self, document: Document) -> Result:
        values = self._values(document)
        if any(test(value) for value in values for test in self.tests):
            return Result.TRUE
        return Result.ABSENT if self.absent and not values else Result.FALSE

    def is_absent(self, documents: Sequence[Document]) -> bool:
        return self.absent and not any(self._values(document) for document in documents)

    def failure(self, documents: Sequence[Document], path: Path) -> Path:
        return (*path, self.key)

    def fields(self) -> Iterator[Path]:
        yield (self.key,)

    def without(self, keys: Collection[str]) -> "Leaf | None":
        return None if self.key in keys else self

    def _values(self, document: Document) -> list[Any]:
        return [_comparable(value) for value in _flat(document.get(self.key, ())) if not isinstance(value, Mapping)]


@dataclass(frozen=True, slots=True)
class Nested:
    """A pattern over the object in a field. Of several objects in a list, one must satisfy the whole pattern."""

    key: str
    parts: tuple["Part", ...]

    def result(self, document: Document) -> Result:
        objects = self._objects([document])
        if any(_result(self.parts, one) is Result.TRUE for one in objects):
            return Result.TRUE
        return Result.ABSENT if _are_absent(self.parts, objects) else Result.FALSE

    def is_absent(self, documents: Sequence[Document]) -> bool:
        return _are_absent(self.parts, self._objects(documents))

    def failure(self, documents: Sequence[Document], path: Path) -> Path:
        return _failure(self.parts, self._objects(documents), (*path, self.key))

    def fields(self) -> Iterator[Path]:
        return ((self.key, *path) for part in self.parts for path in part.fields())

    def without(self, keys: Collection[str]) -> "Nested | None":
        return None if self.key in keys else self

    def _objects(self, documents: Iterable[Document]) -> list[Document]:
        values = chain.from_iterable(_flat(document.get(self.key, ())) for document in documents)
        return [value for value in values if isinstance(value, Mapping)]


@dataclass(frozen=True, slots=True)
class Or:
    """Alternatives: one of the patterns must be satisfied."""

    alternatives: tuple[tuple["Part", ...], ...]

    def result(self, document: Document) -> Result:
        return max(_result(parts, document) for parts in self.alternatives)

    def is_absent(self, documents: Sequence[Document]) -> bool:
        return any(_are_absent(parts, documents) for parts in self.alternatives)

    def failure(self, documents: Sequence[Document], path: Path) -> Path:
        return (*path, OR)

    def fields(self) -> Iterator[Path]:
        return (path for part in chain.from_iterable(self.alternatives) for path in part.fields())

    def without(self, keys: Collection[str]) -> "Or | None":
        alternatives = tuple(_without(parts, keys) for parts in self.alternatives)
        # An alternative without a test of its own can be true for every document.
        return Or(alternatives) if all(alternatives) else None


Part = Leaf | Nested | Or


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern. Without parts, it matches every document."""

    parts: tuple[Part, ...] = ()

    @property
    def fields(self) -> frozenset[Path]:
        """The paths that the pattern reads, such as `("order", "items", "productId")`."""
        return frozenset(path for part in self.parts for path in part.fields())

    def matches(self, document: Document) -> bool:
        """Returns whether the document satisfies the pattern; its numbers are int, float or Decimal."""
        return _result(self.parts, document) is not Result.FALSE

    def first_failure(self, document: Document) -> str | None:
        """Returns the path of the first part that the document does not satisfy, or None if it matches.

        It is the path of a field; of a `$or`; or of a list, if no object of the list satisfies all its tests.
        """
        return None if self.matches(document) else ".".join(_failure(self.parts, [document], ()))

    def without(self, keys: Collection[str]) -> "Pattern":
        """Returns the part of the pattern that does not read these keys of the document's first level.

        A document that does not match this part does not match the pattern, whatever these keys contain. A `$or` is
        left out if one of its alternatives reads nothing else.
        """
        return Pattern(_without(self.parts, keys))


def compile_pattern(pattern: Mapping[str, Any]) -> Pattern:
    """Compiles a pattern as parsed from JSON.

    Raises `InvalidPattern` with the first problem. Its field is the path in the pattern, such as
    `order.currency[0].prefix`, and empty for the whole pattern.
    """
    parts = _Compiler().parts(pattern, "", 1)
    text = json.dumps(pattern, ensure_ascii=False, separators=(",", ":"), default=str)
    if len(text.encode("utf-8", "surrogatepass")) > BYTES_MAX:
        raise _refusal("", "too_large", f"A pattern has at most {BYTES_MAX} bytes.")
    return Pattern(parts)


def _result(parts: Iterable[Part], document: Document) -> Result:
    result = Result.ABSENT
    for part in parts:
        one = part.result(document)
        if one is Result.FALSE:
            return one
        result = max(result, one)
    return result


def _are_absent(parts: Iterable[Part], documents: Sequence[Document]) -> bool:
    """Whether the parts are true without a value, in all the documents of a list together."""
    return all(part.is_absent(documents) for part in parts)


def _failure(parts: Iterable[Part], documents: Sequence[Document], path: Path) -> Path:
    for part in parts:
        if not any(part.result(one) is Result.TRUE for one in documents) and not part.is_absent(documents):
            return part.failure(documents, path)
    return path


def _without(parts: Iterable[Part], keys: Collection[str]) -> tuple[Part, ...]:
    return tuple(rest for part in parts if (rest := part.without(keys)) is not None)


def _flat(value: Any) -> list[Any]:
    """The value, or the values of a list and of the lists in it."""
    if not isinstance(value, list | tuple):
        return [value]
    flat, remaining = [], [*value]
    while remaining:
        one = remaining.pop()
        if isinstance(one, list | tuple):
            remaining.extend(one)
        else:
            flat.append(one)
    return flat


def _comparable(value: Any) -> Any:
    """A number as Decimal with the digits of its JSON text; any other value as it is."""
    if isinstance(value, float):
        return Decimal(repr(value))
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _equals(expected: Any) -> Test:
    return lambda value: type(value) is type(expected) and value == expected


def _text_test(test: Test) -> Test:
    return lambda value: isinstance(value, str) and test(value)


class _Compiler:
    """Compiles one pattern and counts its tests and alternatives."""

    def __init__(self) -> None:
        self._tests = 0
        self._alternatives = 0

    def parts(self, pattern: Any, path: str, depth: int) -> tuple[Part, ...]:
        if not isinstance(pattern, Mapping):
            raise _refusal(path, "type", "Expected an object.")
        if not pattern:
            raise _refusal(path, "empty", "An object needs at least one key.")
        if depth > DEPTH_MAX:
            raise _refusal(path, "too_deep", f"A pattern has at most {DEPTH_MAX} levels of objects.")
        return tuple(self._part(key, value, f"{path}.{key}" if path else key, depth) for key, value in pattern.items())

    def _part(self, key: str, value: Any, path: str, depth: int) -> Part:
        if key == OR:
            return Or(self._alternatives_of(value, path, depth))
        if isinstance(value, Mapping):
            return Nested(key, self.parts(value, path, depth + 1))
        if not isinstance(value, list):
            raise _refusal(path, "type", "Expected a list of tests, or an object.")
        if not value:
            raise _refusal(path, "empty", "A list of tests needs at least one test.")
        self._tests += len(value)
        if self._tests > TESTS_MAX:
            raise _refusal(path, "too_many_tests", f"A pattern has at most {TESTS_MAX} tests.")
        tests = tuple(_test(one, f"{path}[{index}]") for index, one in enumerate(value))
        return Leaf(key, tests, absent={"exists": False} in value)

    def _alternatives_of(self, value: Any, path: str, depth: int) -> tuple[tuple[Part, ...], ...]:
        if not isinstance(value, list) or len(value) <= 1:
            raise _refusal(path, "type", f"{OR} needs a list of two or more patterns.")
        self._alternatives += len(value)
        if self._alternatives > ALTERNATIVES_MAX:
            raise _refusal(path, "too_many_alternatives", f"A pattern has at most {ALTERNATIVES_MAX} alternatives.")
        return tuple(self.parts(one, f"{path}[{index}]", depth + 1) for index, one in enumerate(value))


def _test(test: Any, path: str) -> Test:
    if isinstance(test, Mapping):
        name, operand, path = _operation(test, OPERATORS, path)
        return OPERATORS[name](operand, path)
    if isinstance(test, list):
        raise _refusal(path, "type", "Expected a text, a number, true, false, null or an operator.")
    return _equals(test if test is None or isinstance(test, str | bool) else _number(test, path))


def _operation(value: Mapping[str, Any], operators: Collection[str], path: str) -> tuple[str, Any, str]:
    """The operator, its operand and the operand's path."""
    if len(value) != 1:
        raise _refusal(path, "operator", "Expected one operator.")
    ((name, operand),) = value.items()
    path = f"{path}.{name}"
    if name not in operators:
        raise _refusal(path, "operator", f"Expected one of these operators: {', '.join(operators)}.")
    return name, operand, path


def _text(operand: Any, path: str) -> str:
    if not isinstance(operand, str):
        raise _refusal(path, "operand", "Expected a text.")
    return operand


def _number(operand: Any, path: str) -> Decimal:
    number = _comparable(operand)
    if not isinstance(number, Decimal) or not number.is_finite():
        raise _refusal(path, "operand", "Expected a number.")
    return number


def _affix(fits: Callable[[str, str], bool]) -> Callable[[Any, str], Test]:
    """The operator `prefix` or `suffix`."""

    def operator(operand: Any, path: str) -> Test:
        if isinstance(operand, Mapping):
            _, operand, path = _operation(operand, ("equals-ignore-case",), path)
            lower = _text(operand, path).lower()
            return _text_test(lambda value: fits(value.lower(), lower))
        text = _text(operand, path)
        return _text_test(lambda value: fits(value, text))

    return operator


def _equals_ignore_case(operand: Any, path: str) -> Test:
    lower = _text(operand, path).lower()
    return _text_test(lambda value: value.lower() == lower)


def _wildcard(operand: Any, path: str) -> Test:
    first, *others = _literals(_text(operand, path), path)
    if not others:
        return _equals(first)
    *middle, last = others

    def test(value: str) -> bool:
        if not value.startswith(first):
            return False
        position = len(first)
        # The first place of each text leaves the most for those after it, so no other place needs a try.
        for literal in middle:
            found = value.find(literal, position)
            if found < 0:
                return False
            position = found + len(literal)
        return value.endswith(last) and position + len(last) <= len(value)

    return _text_test(test)


def _literals(wildcard: str, path: str) -> list[str]:
    """The texts before, between and after the stars."""
    literals = [""]
    characters = iter(wildcard)
    for character in characters:
        if character == "*":
            literals.append("")
            continue
        literal = next(characters, "") if character == "\\" else character
        if character == "\\" and literal not in ("*", "\\"):
            raise _refusal(path, "operand", "A backslash needs a star or a backslash after it.")
        literals[-1] += literal
    if len(literals) - 1 > STARS_MAX or not all(literals[1:-1]):
        raise _refusal(path, "operand", f"A wildcard has at most {STARS_MAX} stars, and none beside another.")
    return literals


COMPARISONS: dict[str, Callable[[Decimal, Decimal], bool]] = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}


def _numeric(operand: Any, path: str) -> Test:
    comparisons = _comparisons(operand, path)
    return lambda value: (
        isinstance(value, Decimal) and value.is_finite() and all(fits(value, number) for fits, number in comparisons)
    )


def _comparisons(operand: Any, path: str) -> list[tuple[Callable[[Decimal, Decimal], bool], Decimal]]:
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        raise _refusal(path, "operand", "Expected one or two comparisons, each with its number.")
    names = operand[::2]
    for index, name in enumerate(names):
        if not isinstance(name, str) or name not in COMPARISONS:
            raise _refusal(f"{path}[{2 * index}]", "operand", f"Expected one of {', '.join(COMPARISONS)}.")
    numbers = [_number(number, f"{path}[{2 * index + 1}]") for index, number in enumerate(operand[1::2])]
    is_range = len(names) == 1 or (names[0] in (">", ">=") and names[1] in ("<", "<=") and numbers[0] < numbers[1])
    if not is_range:
        raise _refusal(path, "operand", "Two comparisons are a lower bound, then an upper bound above it.")
    return [(COMPARISONS[name], number) for name, number in zip(names, numbers, strict=True)]


def _exists(operand: Any, path: str) -> Test:
    if not isinstance(operand, bool):
        raise _refusal(path, "operand", "Expected true or false.")
    return lambda _: operand


def _anything_but(operand: Any, path: str) -> Test:
    if isinstance(operand, Mapping):
        name, operand, path = _operation(operand, EXCLUDABLE, path)
        tests = [OPERATORS[name](_text_to_exclude(name, one, at), at) for one, at in _each(operand, path)]
    else:
        values = [one if isinstance(one, str) else _number(one, at) for one, at in _each(operand, path)]
        if len({isinstance(value, str) for value in values}) > 1:
            raise _refusal(path, "operand", "Expected texts alone or numbers alone.")
        tests = [_equals(value) for value in values]
    return lambda value: not any(test(value) for test in tests)


def _text_to_exclude(operator: str, operand: Any, path: str) -> str:
    text = _text(operand, path)
    if not text and operator in ("prefix", "suffix"):
        raise _refusal(path, "operand", "Every text has this prefix or suffix. Send at least one character.")
    return text


def _each(operand: Any, path: str) -> list[tuple[Any, str]]:
    """The operand, or each operand of a list, with its path."""
    if not isinstance(operand, list):
        return [(operand, path)]
    if not operand:
        raise _refusal(path, "empty", "A list needs at least one value.")
    return [(one, f"{path}[{index}]") for index, one in enumerate(operand)]


OPERATORS: dict[str, Callable[[Any, str], Test]] = {
    "prefix": _affix(str.startswith),
    "suffix": _affix(str.endswith),
    "equals-ignore-case": _equals_ignore_case,
    "wildcard": _wildcard,
    "numeric": _numeric,
    "exists": _exists,
    "anything-but": _anything_but,
}
EXCLUDABLE = ("prefix", "suffix", "equals-ignore-case", "wildcard")
"""The operators in `anything-but`."""


def _refusal(path: str, code: str, message: str) -> InvalidPattern:
    return InvalidPattern(f"At {path}: {message}" if path else message, errors=[FieldProblem(path, code, message)])
