"""Metadata of wallets: validation by the project's schema, and properties that are added to the schema."""

from typing import Any

import pytest

from tests.integration.racing import before_next
from tests.support.stack import Answer, Stack

SCHEMA = [
    {"name": "region", "type": "STRING", "required": True},
    {"name": "budget", "type": "NUMBER", "required": False},
]
FITS = {"region": "EU", "budget": 12.5, "anything": [None, {"else": 1}]}
UNFIT = {"budget": "much"}
NEEDS = [("metadata", "metadata.region", "required"), ("metadata", "metadata.budget", "property_type")]


def schema(stack: Stack) -> list[Any]:
    found: list[Any] = stack.http("GET", "/v1/project").body["metadataSchema"]["wallet"]
    return found


def put(stack: Stack, *properties: Any) -> None:
    project = stack.http("GET", "/v1/project")
    body = {name: project.body[name] for name in ("timeZone", "currency")}
    body["metadataSchema"] = {**project.body["metadataSchema"], "wallet": properties}
    answer = stack.http("PUT", "/v1/project", body, headers={"If-Match": project.headers["ETag"]})
    assert answer.status == 200, answer.text


def create(stack: Stack, name: str = "Points", **settings: Any) -> Answer:
    return stack.http("POST", "/v1/wallets", {"name": name, **settings})


def change(stack: Stack, wallet: str, version: int, **settings: Any) -> Answer:
    return stack.http("PATCH", f"/v1/wallets/{wallet}", settings, headers={"If-Match": f'"{version}"'})


def needs(entries: Any) -> list[tuple[str, str, str]]:
    return [(need["step"], need["field"], need["code"]) for need in entries]


def test_each_wallet_version_keeps_its_metadata(stack: Stack) -> None:
    wallet = create(stack, metadata=FITS).body["walletId"]
    assert change(stack, wallet, 1, description="Second").body["metadata"] == FITS
    assert change(stack, wallet, 2, metadata={"region": "US"}).body["metadata"] == {"region": "US"}
    assert change(stack, wallet, 3, metadata=None).body["metadata"] == {}
    versions = stack.http("GET", f"/v1/wallets/{wallet}/versions").body["data"]
    assert [version["metadata"] for version in versions] == [{}, {"region": "US"}, FITS, FITS]
    assert schema(stack) == []


def test_metadata_of_a_draft_may_violate_the_schema_and_metadata_of_an_active_wallet_not(stack: Stack) -> None:
    put(stack, *SCHEMA)
    before = stack.items()
    refused = create(stack, metadata=UNFIT)
    assert (refused.status, refused.code, needs(refused.body["errors"])) == (422, "action_required", NEEDS)
    assert stack.items() == before
    validated = stack.http("POST", "/v1/wallets/validate", {"name": "Points", "metadata": UNFIT}).body
    assert (validated["valid"], needs(validated["actionRequired"])) == (False, NEEDS)

    draft = create(stack, status="DRAFT", metadata=UNFIT).body
    wallet = draft["walletId"]
    read = stack.http("GET", f"/v1/wallets/{wallet}").body
    listed = stack.http("GET", "/v1/wallets").body["data"][0]
    for answer in (draft, read, listed):
        assert needs(answer["actionRequired"]) == NEEDS
    assert needs(stack.http("POST", f"/v1/wallets/{wallet}/activate").body["errors"]) == NEEDS
    preview = stack.http("POST", f"/v1/wallets/{wallet}/preview", {"metadata": FITS}).body
    assert preview["actionRequired"] == []
    assert [effect["setting"] for effect in preview["granted"]] == ["metadata"]
    assert change(stack, wallet, 1, metadata=FITS).body["actionRequired"] == []
    assert stack.http("POST", f"/v1/wallets/{wallet}/activate").body["status"] == "ACTIVE"
    assert change(stack, wallet, 3, metadata={}).fields() == {"metadata.region": "required"}


def test_a_stricter_schema_stops_no_wallet_but_the_next_change_must_fit(stack: Stack) -> None:
    wallet = create(stack).body["walletId"]
    put(stack, *SCHEMA)
    read = stack.http("GET", f"/v1/wallets/{wallet}").body
    assert (read["status"], needs(read["actionRequired"])) == ("ACTIVE", NEEDS[:1])
    assert stack.credit(wallet, 1).status == 201
    assert change(stack, wallet, 1, description="More").code == "action_required"
    assert change(stack, wallet, 1, description="More", metadata=FITS).status == 200
    # A stricter schema does not prevent a repetition.
    assert stack.http("POST", "/v1/wallets", {"name": "Other", "metadata": FITS}, key="wallet-one").status == 201
    put(stack, {"name": "budget", "type": "BOOLEAN"})
    again = stack.http("POST", "/v1/wallets", {"name": "Other", "metadata": FITS}, key="wallet-one")
    assert (again.status, again.headers["Idempotent-Replayed"]) == (201, "true")


def test_unknown_properties_are_added_to_the_schema_on_request(stack: Stack) -> None:
    put(stack, *SCHEMA)
    metadata = {"region": "EU", "since": "2027-01-31", "text": "31 January", "vip": True, "share": 0.5, "level": 3}
    no_kind: dict[str, Any] = {"list": [], "object": {}, "null": None, "": "nameless", "n" * 65: "long"}

    created = create(stack, metadata={**metadata, **no_kind}, addToSchema=True)

    assert created.status == 201, created.text
    assert created.body["metadata"] == {**metadata, **no_kind}
    assert "addToSchema" not in created.body
    added = {"since": "DATE", "text": "STRING", "vip": "BOOLEAN", "share": "NUMBER", "level": "NUMBER"}
    extended = [*SCHEMA, *({"name": name, "type": kind, "required": False} for name, kind in added.items())]
    assert schema(stack) == extended
    # The added properties apply to the next wallet and are added once.
    assert create(stack, "Other", metadata={"region": "EU", "level": "high"}).fields() == {
        "metadata.level": "property_type"
    }
    version = stack.http("GET", "/v1/project").body["version"]
    wallet = created.body["walletId"]
    assert change(stack, wallet, 1, metadata=metadata, addToSchema=True).status == 200
    assert stack.http("GET", "/v1/project").body["version"] == version
    assert change(stack, wallet, 2, metadata={**metadata, "tier": "gold"}).status == 200
    assert schema(stack) == extended
    assert change(stack, wallet, 3, addToSchema=True).status == 200
    assert schema(stack)[-1] == {"name": "tier", "type": "STRING", "required": False}


@pytest.mark.parametrize("status", ["ACTIVE", "DRAFT"])
def test_the_first_wallet_may_add_properties_to_the_schema_of_a_new_project(stack: Stack, status: str) -> None:
    create(stack, status=status, metadata={"region": "EU"}, addToSchema=True)
    project = stack.http("GET", "/v1/project").body
    assert (project["version"], project["fixed"]) == (1, status == "ACTIVE")
    assert schema(stack) == [{"name": "region", "type": "STRING", "required": False}]


def test_a_schema_has_fifty_properties_at_most(stack: Stack) -> None:
    metadata = {f"p{number}": number for number in range(51)}
    wallet = create(stack, metadata=metadata).body["walletId"]
    before = stack.items()
    answer = change(stack, wallet, 1, addToSchema=True)
    assert (answer.status, answer.fields()) == (400, {"body.addToSchema": "too_many_properties"})
    for path in ("validate", f"{wallet}/preview"):
        body = {"name": "Other", "metadata": metadata, "addToSchema": True}
        same = stack.http("POST", f"/v1/wallets/{path}", body)
        assert (same.status, same.fields()) == (answer.status, answer.fields())
    assert stack.items() == before


def test_two_concurrent_wallets_both_add_properties_to_the_schema(stack: Stack) -> None:
    put(stack)
    rivals: list[Answer] = []
    other = {"metadata": {"theirs": "x"}, "addToSchema": True}
    with before_next("TransactWriteItems", lambda: rivals.append(create(stack, "Theirs", **other))):
        mine = create(stack, "Mine", metadata={"mine": 1}, addToSchema=True)
    assert [answer.status for answer in (mine, *rivals)] == [201, 201]
    assert [known["name"] for known in schema(stack)] == ["theirs", "mine"]


def test_a_validation_and_a_preview_add_no_properties_to_the_schema(stack: Stack) -> None:
    wallet = create(stack).body["walletId"]
    before = stack.items()
    body = {"metadata": {"region": "EU"}, "addToSchema": True}
    assert stack.http("POST", "/v1/wallets/validate", {"name": "Other", **body}).status == 200
    assert stack.http("POST", f"/v1/wallets/{wallet}/preview", body).status == 200
    assert stack.items() == before


def test_a_copy_has_the_metadata_of_the_wallet(stack: Stack) -> None:
    wallet = create(stack, metadata=FITS).body["walletId"]
    assert stack.http("POST", f"/v1/wallets/{wallet}/copy", {"name": "Copy"}).body["metadata"] == FITS
