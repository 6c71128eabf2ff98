"""Patterns with documents and the expected answers. The product and the emulator's EventBridge are asked for each."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """A pattern, a document, and whether it matches."""

    name: str
    pattern: dict[str, Any]
    document: dict[str, Any]
    expected: bool
    differs: str = ""
    """Why EventBridge or its emulator has the other answer; empty if the answers agree."""


def of(name: str, tests: list[Any], value: Any, expected: bool, differs: str = "") -> Row:
    """A row for the tests of one field `k`."""
    return Row(name, {"k": tests}, {"k": value}, expected, differs)


ITEMS = {"items": [{"id": "tea", "size": 1}, {"id": "mug", "size": 2, "gift": True}]}

OBJECTS = [
    Row("every key must match", {"a": [1], "b": [2]}, {"a": 1, "b": 2}, True),
    Row("one key that does not match is enough", {"a": [1], "b": [2]}, {"a": 1, "b": 3}, False),
    Row("further keys of the document do not matter", {"a": [1]}, {"a": 1, "b": 2}, True),
    Row("an object in an object", {"a": {"b": {"c": ["x"]}}}, {"a": {"b": {"c": "x"}}}, True),
    Row("an absent object has no value", {"a": {"b": ["x"]}}, {}, False),
    Row("a text where the pattern has an object has no value", {"a": {"b": ["x"]}}, {"a": "x"}, False),
    Row("an object where the pattern has tests has no value", {"a": ["x"]}, {"a": {"b": "x"}}, False),
    Row("keys are case-sensitive", {"a": ["x"]}, {"A": "x"}, False),
    Row("an empty key is a key", {"": ["x"]}, {"": "x"}, True),
]

VALUES = [
    of("any test of the list", ["x", "y"], "y", True),
    of("no test of the list", ["x", "y"], "z", False),
    of("any value of an array", ["b"], ["a", "b"], True),
    of("no value of an array", ["c"], ["a", "b"], False),
    of("arrays in arrays", ["c"], ["a", ["b", ["c"]]], True),
    of("an empty array has no value", ["a", "", None], [], False),
    of("an array beside objects has its values", ["a"], [{"b": 1}, "a"], True),
    of("an equal text", ["x"], "x", True),
    of("a text in another case", ["x"], "X", False),
    of("a longer text", ["x"], "xx", False),
    of("the empty text", [""], "", True),
    of("the empty text is not null", [""], None, False),
    of("a text is no number", ["1"], 1, False),
    of("a number is no text", [1], "1", False),
    of("an equal number", [300], 300, True),
    of("a number with a decimal zero", [300], 300.0, True),
    of("a number with an exponent", [3.0e2], 300, True),
    of("a negative number", [-1.5], -1.5, True),
    of("another number", [300], 300.5, False),
    of("zero is not false", [0], False, False),
    of("one is not true", [1], True, False),
    of("true is not one", [True], 1, False),
    of("true is not the text true", [True], "true", False),
    of("true", [True], True, True),
    of("false", [False], False, True),
    of("null is JSON null", [None], None, True),
    of("null is not the text null", [None], "null", False),
    Row("null is not an absent field", {"k": [None]}, {}, False),
    of("null in an array", [None], ["a", None], True),
]

LISTS = [
    Row("one item has both values", {"items": {"id": ["mug"], "size": [2]}}, ITEMS, True),
    Row("two items have one value each", {"items": {"id": ["tea"], "size": [2]}}, ITEMS, False),
    Row("an object in each item", {"l": {"a": {"b": [1], "c": [2]}}}, {"l": [{"a": {"b": 1, "c": 2}}]}, True),
    Row(
        "a list in each item, both values in one object",
        {"l": {"m": {"b": [1], "c": [2]}}},
        {"l": [{"m": [{"b": 1}, {"c": 2}]}, {"m": [{"b": 1, "c": 2}]}]},
        True,
    ),
    Row(
        "a list in each item, the values in two objects",
        {"l": {"m": {"b": [1], "c": [2]}}},
        {"l": [{"m": [{"b": 1}, {"c": 2}]}, {"m": [{"b": 1, "c": 3}]}]},
        False,
    ),
    Row("lists of lists of objects", {"l": {"b": [1]}}, {"l": [[{"b": 2}], [[{"b": 1}]]]}, True),
    Row("a list of texts in one item", {"l": {"c": ["x"], "b": [1]}}, {"l": [{"c": ["w", "x"], "b": 1}]}, True),
    Row("the list of texts of another item", {"l": {"c": ["x"], "b": [1]}}, {"l": [{"c": ["x"]}, {"b": 1}]}, False),
    Row("an empty list has no object", {"l": {"b": [1]}}, {"l": []}, False),
]

EXISTS = [
    of("exists: a text", [{"exists": True}], "x", True),
    of("exists: null", [{"exists": True}], None, True),
    of("exists: false is a value", [{"exists": True}], False, True),
    Row("exists: an absent field", {"k": [{"exists": True}]}, {}, False),
    of("exists: an object", [{"exists": True}], {"b": 1}, False),
    of("exists: an empty object", [{"exists": True}], {}, False),
    of("exists: an empty array", [{"exists": True}], [], False),
    of("exists: an array", [{"exists": True}], ["a"], True),
    Row("absent: an absent field", {"k": [{"exists": False}]}, {}, True),
    of("absent: a text", [{"exists": False}], "x", False),
    of("absent: null", [{"exists": False}], None, False),
    of("absent: an object", [{"exists": False}], {"b": 1}, True),
    of("absent: an empty array", [{"exists": False}], [], True),
    of("absent: an array of empty arrays", [{"exists": False}], [[], [[]]], True),
    Row("absent: in an absent object", {"a": {"k": [{"exists": False}]}}, {}, True),
    Row("absent: in a text", {"a": {"k": [{"exists": False}]}}, {"a": "x"}, True),
    Row("absent or a value: absent", {"k": [{"exists": False}, "x"]}, {}, True),
    Row("absent or a value: the value", {"k": [{"exists": False}, "x"]}, {"k": "x"}, True),
    Row("absent or a value: another value", {"k": [{"exists": False}, "x"]}, {"k": "y"}, False),
    Row("absent beside a test: in the same item", {"items": {"id": ["tea"], "gift": [{"exists": False}]}}, ITEMS, True),
    Row(
        "absent beside a test: only in another item",
        {"items": {"id": ["mug"], "gift": [{"exists": False}]}},
        ITEMS,
        False,
    ),
    Row(
        "absent alone: one item has the field",
        {"items": {"gift": [{"exists": False}]}},
        ITEMS,
        False,
        "The emulator needs one item without the field. EventBridge needs all items without it.",
    ),
    Row("absent alone: no item has the field", {"items": {"color": [{"exists": False}]}}, ITEMS, True),
    Row("absent alone: an empty list", {"items": {"gift": [{"exists": False}]}}, {"items": []}, True),
    Row(
        "absent alone, two fields: each item lacks one",
        {"l": {"a": [{"exists": False}], "b": [{"exists": False}]}},
        {"l": [{"a": 1}, {"b": 1}]},
        False,
    ),
    Row(
        "absent alone or a value: a value in one item",
        {"l": {"a": [{"exists": False}, 1]}},
        {"l": [{"a": 2}, {"a": 1}]},
        True,
    ),
    Row(
        "absent beside a test: in a list of the same item",
        {"l": {"id": [1], "m": {"a": [{"exists": False}]}}},
        {"l": [{"id": 1, "m": [{"b": 1}]}, {"id": 2, "m": [{"a": 1}]}]},
        True,
    ),
]

ORS = [
    Row("or: the first", {"$or": [{"a": [1]}, {"b": [2]}]}, {"a": 1}, True),
    Row("or: the second", {"$or": [{"a": [1]}, {"b": [2]}]}, {"b": 2}, True),
    Row("or: none", {"$or": [{"a": [1]}, {"b": [2]}]}, {"a": 2, "b": 1}, False),
    Row("or beside a key: both are needed", {"c": [3], "$or": [{"a": [1]}, {"b": [2]}]}, {"a": 1}, False),
    Row("or beside a key: both match", {"c": [3], "$or": [{"a": [1]}, {"b": [2]}]}, {"a": 1, "c": 3}, True),
    Row("or in an object", {"o": {"$or": [{"a": [1]}, {"b": [2]}]}}, {"o": {"b": 2}}, True),
    Row(
        "or in or",
        {"$or": [{"a": [1]}, {"b": [2], "$or": [{"c": [3]}, {"d": [4]}]}]},
        {"b": 2, "d": 4},
        True,
    ),
    Row(
        "or in or: the inner one does not match",
        {"$or": [{"a": [1]}, {"b": [2], "$or": [{"c": [3]}, {"d": [4]}]}]},
        {"b": 2, "d": 5},
        False,
    ),
    Row(
        "or in a list: the same item",
        {"items": {"id": ["tea"], "$or": [{"size": [1]}, {"gift": [True]}]}},
        ITEMS,
        True,
    ),
    Row(
        "or in a list: only another item",
        {"items": {"id": ["tea"], "$or": [{"size": [2]}, {"gift": [True]}]}},
        ITEMS,
        False,
    ),
    Row(
        "or of absent fields: each item has one",
        {"l": {"$or": [{"a": [{"exists": False}]}, {"b": [{"exists": False}]}]}},
        {"l": [{"a": 1}, {"b": 1}]},
        False,
        "The emulator needs one item without the field. EventBridge needs all items without it.",
    ),
    Row(
        "or of the field that is tested beside it",
        {"a": [{"prefix": "x"}], "$or": [{"a": ["y"]}, {"b": [2]}]},
        {"a": "y"},
        False,
        "In EventBridge, the later tests of a field replace the earlier ones. Here both must be true.",
    ),
    Row(
        "or beside a list: another item",
        {"items": {"id": ["tea"]}, "$or": [{"items": {"size": [2]}}, {"b": [2]}]},
        ITEMS,
        True,
        "EventBridge needs one item for all patterns of a list. Here each object in a pattern chooses its own.",
    ),
]

TEXTS = [
    of("prefix", [{"prefix": "ab"}], "abc", True),
    of("prefix: not at the start", [{"prefix": "bc"}], "abc", False),
    of("prefix: another case", [{"prefix": "AB"}], "abc", False),
    of("prefix: of a number", [{"prefix": "1"}], 12, False),
    of("prefix: empty, of any text", [{"prefix": ""}], "x", True),
    of("prefix: empty, of the empty text", [{"prefix": ""}], "", True),
    of("prefix: empty, of a number", [{"prefix": ""}], 1, False),
    of("prefix: empty, of null", [{"prefix": ""}], None, False),
    of("prefix: in any case", [{"prefix": {"equals-ignore-case": "éT"}}], "ÉTÉ", True),
    of("suffix", [{"suffix": "bc"}], "abc", True),
    of("suffix: not at the end", [{"suffix": "ab"}], "abc", False),
    of("suffix: empty, of any text", [{"suffix": ""}], "x", True),
    of("suffix: in any case", [{"suffix": {"equals-ignore-case": "Té"}}], "éTÉ", True),
    of("suffix: of any value of an array", [{"suffix": "b"}], ["a", 1, "ab"], True),
    of("in any case", [{"equals-ignore-case": "TeA"}], "tEa", True),
    of("in any case: a letter with an accent", [{"equals-ignore-case": "É"}], "é", True),
    of("in any case: a longer text", [{"equals-ignore-case": "tea"}], "teas", False),
    of("in any case: a number", [{"equals-ignore-case": "1"}], 1, False),
    of("in any case: ß is not ss", [{"equals-ignore-case": "ß"}], "ss", False),
    of(
        "in any case: ß is not SS",
        [{"equals-ignore-case": "ß"}],
        "SS",
        False,
        "EventBridge compares with the upper case of ß too, which is SS.",
    ),
    of("wildcard: at the end", [{"wildcard": "a*"}], "abc", True),
    of("wildcard: for no character", [{"wildcard": "abc*"}], "abc", True),
    of("wildcard: at the start", [{"wildcard": "*c"}], "abc", True),
    of("wildcard: in between", [{"wildcard": "a*c"}], "abbc", True),
    of("wildcard: the ends do not overlap", [{"wildcard": "ab*bc"}], "abc", False),
    of("wildcard: three stars", [{"wildcard": "*b*d*"}], "abcd", True),
    of("wildcard: texts in the other order", [{"wildcard": "*d*b*"}], "abcd", False),
    of("wildcard: the last of several places", [{"wildcard": "*ab"}], "abab", True),
    of("wildcard: a middle text needs its own place", [{"wildcard": "a*ab*b"}], "aab", False),
    of("wildcard: over a line break", [{"wildcard": "a*c"}], "a\nc", True),
    of("wildcard: no star", [{"wildcard": "abc"}], "abc", True),
    of("wildcard: no star, a longer text", [{"wildcard": "abc"}], "abcd", False),
    of("wildcard: only a star", [{"wildcard": "*"}], "", True),
    of("wildcard: only a star, a number", [{"wildcard": "*"}], 1, False),
    of("wildcard: an escaped star", [{"wildcard": "a\\*c"}], "a*c", True),
    of("wildcard: an escaped star is no star", [{"wildcard": "a\\*c"}], "abc", False),
    of("wildcard: an escaped backslash", [{"wildcard": "a\\\\*"}], "a\\b", True),
    of("wildcard: a question mark is a character", [{"wildcard": "a?c*"}], "abc", False),
]

NUMBERS = [
    of("numeric: equal", [{"numeric": ["=", 300]}], 300.0, True),
    of("numeric: less", [{"numeric": ["<", 10]}], 9.99, True),
    of("numeric: not less", [{"numeric": ["<", 10]}], 10, False),
    of("numeric: at most", [{"numeric": ["<=", 10]}], 10, True),
    of("numeric: more", [{"numeric": [">", 0]}], 0, False),
    of("numeric: at least", [{"numeric": [">=", 0.1]}], 0.1, True),
    of("numeric: in a range", [{"numeric": [">", 0, "<=", 5]}], 5, True),
    of("numeric: above a range", [{"numeric": [">", 0, "<=", 5]}], 5.01, False),
    of("numeric: below a range", [{"numeric": [">", 0, "<=", 5]}], 0, False),
    of("numeric: a text", [{"numeric": [">", 0]}], "1", False),
    of("numeric: true", [{"numeric": [">", 0]}], True, False),
    of("numeric: null", [{"numeric": ["<", 1]}], None, False),
    of("numeric: both bounds by one value of an array", [{"numeric": [">", 1, "<", 3]}], [1, 3], False),
]

ANYTHING_BUT = [
    of("anything but: another text", [{"anything-but": "a"}], "b", True),
    of("anything but: the text", [{"anything-but": "a"}], "a", False),
    of("anything but: none of a list", [{"anything-but": ["a", "b"]}], "c", True),
    of("anything but: one of a list", [{"anything-but": ["a", "b"]}], "b", False),
    of("anything but: one value of an array is another", [{"anything-but": "a"}], ["a", "b"], True),
    of("anything but: all values of an array", [{"anything-but": ["a", "b"]}], ["a", "b"], False),
    of("anything but: null", [{"anything-but": "a"}], None, True),
    of("anything but: a number against a text", [{"anything-but": "1"}], 1, True),
    of("anything but: a text against a number", [{"anything-but": 1}], "1", True),
    of("anything but: an equal number", [{"anything-but": 300}], 300.0, False),
    of("anything but: another number", [{"anything-but": [1, 2]}], 3, True),
    of("anything but: true against one", [{"anything-but": 1}], True, True),
    Row("anything but: an absent field", {"k": [{"anything-but": "a"}]}, {}, False),
    of("anything but: an empty array", [{"anything-but": "a"}], [], False),
    of("anything but: an object", [{"anything-but": "a"}], {"b": 1}, False),
    of("anything but: a prefix", [{"anything-but": {"prefix": "a"}}], "ab", False),
    of("anything but: another prefix", [{"anything-but": {"prefix": "a"}}], "b", True),
    of("anything but: a prefix, of a number", [{"anything-but": {"prefix": "1"}}], 1, True),
    of("anything but: one of the prefixes", [{"anything-but": {"prefix": ["a", "b"]}}], "bc", False),
    of("anything but: a suffix", [{"anything-but": {"suffix": "b"}}], "ab", False),
    of("anything but: in any case", [{"anything-but": {"equals-ignore-case": ["TEA", "MUG"]}}], "mug", False),
    of("anything but: in any case, another", [{"anything-but": {"equals-ignore-case": "TEA"}}], "mug", True),
    of("anything but: a wildcard", [{"anything-but": {"wildcard": "a*c"}}], "abc", False),
    of("anything but: none of the wildcards", [{"anything-but": {"wildcard": ["a*", "*c"]}}], "bd", True),
    Row(
        "anything but: in one of several items",
        {"items": {"id": [{"anything-but": "tea"}], "size": [2]}},
        ITEMS,
        True,
    ),
]

DOTS = [
    Row("a key with a dot", {"a.b": [1]}, {"a.b": 1}, True, "EventBridge reads a dot as an object in an object."),
    Row(
        "a dot is a plain character in the pattern",
        {"a.b": [1]},
        {"a": {"b": 1}},
        False,
        "EventBridge reads a dot as an object in an object.",
    ),
    Row("a dot is a plain character in the document", {"a": {"b": [1]}}, {"a.b": 1}, False),
]

ROWS = (*OBJECTS, *VALUES, *LISTS, *EXISTS, *ORS, *TEXTS, *NUMBERS, *ANYTHING_BUT, *DOTS)


@dataclass(frozen=True)
class Invalid:
    """A pattern that is not valid, with the path and the code of its problem."""

    name: str
    pattern: Any
    path: str
    code: str
    differs: str = ""
    """Why EventBridge accepts the pattern; empty if EventBridge refuses it too."""


def invalid(name: str, tests: Any, path: str, code: str, differs: str = "") -> Invalid:
    """A row for the tests of one field `k`."""
    return Invalid(name, {"k": tests}, path, code, differs)


A = {"a": [1]}

INVALID = (
    Invalid("an empty pattern", {}, "", "empty"),
    invalid("an empty object", {}, "k", "empty"),
    invalid("an empty list of tests", [], "k", "empty"),
    invalid("a value that is not in a list", "x", "k", "type"),
    invalid("null", None, "k", "type"),
    invalid("a list in a list", [["x"]], "k[0]", "type"),
    invalid("an empty operator", ["x", {}], "k[1]", "operator"),
    invalid("two operators", [{"prefix": "a", "suffix": "b"}], "k[0]", "operator"),
    invalid("an unknown operator", [{"regex": "a"}], "k[0].regex", "operator"),
    Invalid("a problem in an object", {"a": {"b": [1, {"regex": "x"}]}}, "a.b[1].regex", "operator"),
    invalid("an operator of addresses", [{"cidr": "10.0.0.0/8"}], "k[0].cidr", "operator", "Orders have no addresses."),
    invalid("an operator for equal texts", [{"exactly": "a"}], "k[0].exactly", "operator", 'Send `"a"` instead.'),
    Invalid("or: one alternative", {"$or": [A]}, "$or", "type"),
    Invalid("or: an object", {"$or": A}, "$or", "type", "EventBridge reads `$or` as a field here."),
    Invalid("or: a text as an alternative", {"$or": [A, "x"]}, "$or[1]", "type"),
    Invalid("or: an empty alternative", {"$or": [A, {}]}, "$or[1]", "empty"),
    Invalid("or: a problem in an alternative", {"o": {"$or": [A, {"b": "x"}]}}, "o.$or[1].b", "type"),
    invalid("prefix: a number", [{"prefix": 1}], "k[0].prefix", "operand"),
    invalid("prefix: a list", [{"prefix": ["a"]}], "k[0].prefix", "operand"),
    invalid("prefix: another operator", [{"prefix": {"suffix": "a"}}], "k[0].prefix.suffix", "operator"),
    invalid("suffix: null", [{"suffix": None}], "k[0].suffix", "operand"),
    invalid(
        "suffix in any case: a number",
        [{"suffix": {"equals-ignore-case": 1}}],
        "k[0].suffix.equals-ignore-case",
        "operand",
    ),
    invalid("in any case: a list", [{"equals-ignore-case": ["a"]}], "k[0].equals-ignore-case", "operand"),
    invalid("wildcard: a number", [{"wildcard": 1}], "k[0].wildcard", "operand"),
    invalid("wildcard: two stars together", [{"wildcard": "a**"}], "k[0].wildcard", "operand"),
    invalid("wildcard: two stars alone", [{"wildcard": "**"}], "k[0].wildcard", "operand"),
    invalid("wildcard: an escaped letter", [{"wildcard": "a\\b"}], "k[0].wildcard", "operand"),
    invalid("wildcard: a backslash at the end", [{"wildcard": "a\\"}], "k[0].wildcard", "operand"),
    invalid("wildcard: four stars", [{"wildcard": "*a*b*c*"}], "k[0].wildcard", "operand", "Three stars are enough."),
    invalid("numeric: a number", [{"numeric": 1}], "k[0].numeric", "operand"),
    invalid("numeric: an empty list", [{"numeric": []}], "k[0].numeric", "operand"),
    invalid("numeric: no number", [{"numeric": [">"]}], "k[0].numeric", "operand"),
    invalid("numeric: three comparisons", [{"numeric": [">", 1, "<", 9, "<", 8]}], "k[0].numeric", "operand"),
    invalid("numeric: an unknown comparison", [{"numeric": ["!=", 1]}], "k[0].numeric[0]", "operand"),
    invalid("numeric: a list as comparison", [{"numeric": [[], 1]}], "k[0].numeric[0]", "operand"),
    invalid("numeric: a text as number", [{"numeric": ["=", "1"]}], "k[0].numeric[1]", "operand"),
    invalid("numeric: true as number", [{"numeric": [">", 0, "<", True]}], "k[0].numeric[3]", "operand"),
    invalid("numeric: the upper bound first", [{"numeric": ["<", 9, ">", 1]}], "k[0].numeric", "operand"),
    invalid("numeric: an empty range", [{"numeric": [">=", 5, "<=", 5]}], "k[0].numeric", "operand"),
    invalid("exists: one", [{"exists": 1}], "k[0].exists", "operand"),
    invalid("exists: zero", [{"exists": 0}], "k[0].exists", "operand"),
    invalid("anything but: null", [{"anything-but": None}], "k[0].anything-but", "operand"),
    invalid("anything but: true", [{"anything-but": True}], "k[0].anything-but", "operand"),
    invalid("anything but: an empty list", [{"anything-but": []}], "k[0].anything-but", "empty"),
    invalid("anything but: texts and numbers", [{"anything-but": ["a", 1]}], "k[0].anything-but", "operand"),
    invalid("anything but: null in a list", [{"anything-but": ["a", None]}], "k[0].anything-but[1]", "operand"),
    invalid(
        "anything but: numeric", [{"anything-but": {"numeric": ["=", 1]}}], "k[0].anything-but.numeric", "operator"
    ),
    invalid("anything but: no operator", [{"anything-but": {}}], "k[0].anything-but", "operator"),
    invalid("anything but: an empty prefix", [{"anything-but": {"prefix": ""}}], "k[0].anything-but.prefix", "operand"),
    invalid(
        "anything but: a number as suffix",
        [{"anything-but": {"suffix": ["a", 1]}}],
        "k[0].anything-but.suffix[1]",
        "operand",
    ),
    invalid(
        "anything but: an invalid wildcard",
        [{"anything-but": {"wildcard": "**"}}],
        "k[0].anything-but.wildcard",
        "operand",
    ),
)
