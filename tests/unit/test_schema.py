"""Schemas of metadata and of event properties: valid values, and properties that are added."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.domain.schema import Property, PropertyType, extended_schema, schema_problems

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)
VALUES = st.dictionaries(st.text(max_size=70), JSON, max_size=5)


@pytest.mark.parametrize(
    ("kind", "fits", "others"),
    [
        ("STRING", ["", "x", "2027-01-31"], [1, True, None, []]),
        ("NUMBER", [0, -1, 1.5], ["1", True, None]),
        ("BOOLEAN", [True, False], [0, 1, "true", None]),
        ("DATE", ["2027-01-31", "2028-02-29"], ["2027-02-29", "20270131", "2027-1-31", "2027-01-31T00:00:00Z", 0]),
    ],
)
def test_a_value_must_have_the_type_of_its_property(kind: str, fits: list[Any], others: list[Any]) -> None:
    schema = [Property("one", PropertyType(kind))]
    assert [value for value in fits if schema_problems(schema, {"one": value}, "metadata")] == []
    for value in others:
        (problem,) = schema_problems(schema, {"one": value}, "metadata")
        assert (problem.field, problem.code) == ("metadata.one", "property_type")


def test_only_required_properties_must_be_present() -> None:
    schema = [Property("one", PropertyType.STRING, required=True), Property("two", PropertyType.STRING)]
    assert [problem.field for problem in schema_problems(schema, {}, "metadata")] == ["metadata.one"]


@given(VALUES, VALUES)
def test_an_extended_schema_accepts_its_values_and_keeps_all_its_properties(first: Any, second: Any) -> None:
    schema = extended_schema((), first)
    assert schema_problems(schema, first, "metadata") == []
    assert extended_schema(schema, first) == schema
    assert extended_schema(schema, second)[: len(schema)] == schema
    names = [known.name for known in extended_schema(schema, second)]
    assert len(set(names)) == len(names)
