"""docs/events/: every property is described, and what has a wallet's id has the names for a message too."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.template import ROOT

SCHEMAS = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "docs" / "events").glob("*.json"))}
WITHOUT_NAMES = {"EventProgramWallet"}
"""A definition names its wallets by id: no customer gets a message about it."""


def objects(name: str) -> Iterator[tuple[str, Any]]:
    """The schemas of the document's objects, by their names."""
    yield name, SCHEMAS[name]
    yield from ((part, schema) for part, schema in SCHEMAS[name].get("$defs", {}).items() if "properties" in schema)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_property_of_an_event_is_described(name: str) -> None:
    bare = [
        (part, field)
        for part, schema in objects(name)
        for field, given in schema["properties"].items()
        if not given.get("description")
    ]
    assert bare == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_has_a_wallet_has_the_names_of_wallet_and_points(name: str) -> None:
    for part, schema in objects(name):
        if "walletId" in schema["properties"] and part not in WITHOUT_NAMES:
            assert {"walletName", "pointsName"} <= set(schema["required"])
