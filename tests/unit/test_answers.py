"""The comparison of an answer with its schema finds each kind of difference."""

from typing import Any

import pytest

from tests.support.answers import differences
from tests.support.requests import spoiled

FOUND = {"kind": "CARD", "id": "A1", "walletId": "wal_1", "customerId": None, "label": "Ann"}


@pytest.mark.parametrize(
    ("path", "value", "difference"),
    [
        ("data[0].walletId", None, []),
        ("data[0].id", None, ["body.data[0].id is None, not of type string"]),
        ("data[0].walletId", 1, ["body.data[0].walletId is 1, not of type string"]),
        ("data[0].label", ..., ["body.data[0].label is absent"]),
        ("data[0].kind", "WORD", True),
        ("data[0].more", 1, ["body.data[0].more is not in the schema"]),
        ("data", {}, True),
    ],
)
def test_a_difference_of_an_answer_is_found(path: str, value: Any, difference: list[str] | bool) -> None:
    found = differences("GET /v1/search", 200, spoiled({"data": [FOUND]}, path, value))
    assert found == difference or (found and difference is True)
