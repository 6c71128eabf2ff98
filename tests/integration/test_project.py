"""The project: zone and currency until the first active wallet fixes them, and the schema of card metadata."""

from typing import Any

import pytest
import time_machine

from loyalty.api.access import Role
from tests.integration.metering import metered
from tests.integration.racing import before_next
from tests.support.stack import Answer, Stack

TOKYO = {"timeZone": "Asia/Tokyo", "currency": "JPY"}
BERLIN = {"timeZone": "Europe/Berlin", "currency": "EUR"}
ROLES = {"roles": [role.model_dump(by_alias=True) for role in Role.all_of({})]}
NO_SCHEMA: dict[str, Any] = {"wallet": [], "card": []}
REGION = {"name": "region", "type": "STRING", "required": True}
BORN = {"name": "born", "type": "DATE", "required": False}


def read(stack: Stack) -> Answer:
    answer = stack.http("GET", "/v1/project")
    assert answer.status == 200, answer.text
    assert answer.headers["ETag"] == f'"{answer.body["version"]}"'
    return answer


def put(stack: Stack, version: int, **body: Any) -> Answer:
    return stack.http("PUT", "/v1/project", body, headers={"If-Match": f'"{version}"'})


def create(stack: Stack, name: str = "Points", **settings: Any) -> Answer:
    return stack.http("POST", "/v1/wallets", {"name": name, **settings})


def activate(stack: Stack, wallet: str) -> Answer:
    return stack.http("POST", f"/v1/wallets/{wallet}/activate")


def of_wallet(answer: Answer) -> dict[str, Any]:
    return {name: answer.body[name] for name in BERLIN}


def test_a_new_project_has_the_settings_of_the_deployment(stack: Stack) -> None:
    assert read(stack).body == {**BERLIN, "fixed": False, "metadataSchema": NO_SCHEMA, "version": 0, **ROLES}
    assert stack.items() == []


def test_a_project_has_the_settings_that_were_put(stack: Stack) -> None:
    schema = {"wallet": [REGION], "card": [BORN]}
    answer = put(stack, 0, **TOKYO, metadataSchema=schema)
    assert (answer.status, answer.headers["ETag"]) == (200, '"1"')
    assert answer.body == {**TOKYO, "fixed": False, "metadataSchema": schema, "version": 1, **ROLES}
    assert read(stack).body == answer.body
    # A PUT replaces the whole project.
    assert put(stack, 1, **TOKYO).body["metadataSchema"] == NO_SCHEMA


def test_a_put_without_the_current_etag_is_refused(stack: Stack) -> None:
    assert stack.http("PUT", "/v1/project", TOKYO).code == "precondition_required"
    assert put(stack, 1, **TOKYO).code == "precondition_failed"
    assert stack.items() == []
    put(stack, 0, **TOKYO)
    stale = put(stack, 0, **BERLIN)
    assert (stale.status, stale.code) == (412, "precondition_failed")
    assert read(stack).body["timeZone"] == "Asia/Tokyo"


def test_a_wallet_has_the_zone_and_currency_of_the_project_when_it_becomes_active(stack: Stack) -> None:
    draft = create(stack, "Draft", status="DRAFT")
    assert of_wallet(draft) == BERLIN
    put(stack, 0, **TOKYO)
    assert of_wallet(activate(stack, draft.body["walletId"])) == TOKYO
    assert of_wallet(create(stack)) == TOKYO
    assert stack.http("POST", "/v1/wallets/validate", {"name": "Other"}).body["timeZone"] == "Asia/Tokyo"


def test_a_draft_does_not_fix_zone_and_currency(stack: Stack) -> None:
    create(stack, status="DRAFT")
    assert read(stack).body["version"] == 0
    assert put(stack, 0, **TOKYO).status == 200


@pytest.mark.parametrize(
    ("other", "fields"),
    [
        ({"timeZone": "Asia/Tokyo"}, {"body.timeZone": "fixed"}),
        ({"currency": "JPY"}, {"body.currency": "fixed"}),
        (TOKYO, {"body.timeZone": "fixed", "body.currency": "fixed"}),
    ],
)
def test_the_first_active_wallet_fixes_zone_and_currency(
    stack: Stack, other: dict[str, str], fields: dict[str, str]
) -> None:
    wallet = create(stack).body["walletId"]
    stack.http("POST", f"/v1/wallets/{wallet}/deactivate")
    before = read(stack).body
    assert (before["fixed"], before["version"]) == (True, 1)

    answer = put(stack, 1, **{**BERLIN, **other})

    assert (answer.status, answer.code, answer.fields()) == (409, "setting_fixed", fields)
    assert read(stack).body == before
    # The rest may change.
    changed = put(stack, 1, **BERLIN, metadataSchema={"wallet": [REGION]})
    assert (changed.status, changed.body["fixed"], changed.body["version"]) == (200, True, 2)


def test_a_project_that_was_fixed_before_versions_existed_has_version_one(stack: Stack) -> None:
    key = {"pk": {"S": "PROJECT"}, "sk": {"S": "PROJECT"}}
    item = {**key, "s": {"S": "1"}, "tz": {"S": "Asia/Tokyo"}, "cur": {"S": "JPY"}}
    stack.dynamodb.put_item(TableName="loyalty", Item=item)

    assert read(stack).body == {**TOKYO, "fixed": True, "metadataSchema": NO_SCHEMA, "version": 1, **ROLES}
    assert of_wallet(create(stack)) == TOKYO
    assert put(stack, 1, **BERLIN).code == "setting_fixed"
    assert put(stack, 1, **TOKYO, metadataSchema={"card": [BORN]}).body["version"] == 2
    assert put(stack, 1, **TOKYO).code == "precondition_failed"


# Races: neither a change of the project nor the first activation may be lost.


@pytest.mark.parametrize("how", ["create", "activate"])
def test_a_project_that_changes_during_the_first_activation_decides_the_wallet(stack: Stack, how: str) -> None:
    draft = create(stack, "Draft", status="DRAFT").body["walletId"]
    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(put(stack, 0, **TOKYO))):
        active = create(stack) if how == "create" else activate(stack, draft)

    assert [rival.status for rival in rivals] == [200]
    assert (active.body["status"], of_wallet(active)) == ("ACTIVE", TOKYO)
    assert read(stack).body == {**TOKYO, "fixed": True, "metadataSchema": NO_SCHEMA, "version": 2, **ROLES}


def test_a_change_of_the_project_during_the_first_activation_is_refused(stack: Stack) -> None:
    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(create(stack))):
        answer = put(stack, 0, **TOKYO)

    assert [(rival.status, of_wallet(rival)) for rival in rivals] == [(201, BERLIN)]
    assert (answer.status, answer.code) == (412, "precondition_failed")
    assert read(stack).body == {**BERLIN, "fixed": True, "metadataSchema": NO_SCHEMA, "version": 1, **ROLES}


def test_two_concurrent_first_wallets_both_become_active(stack: Stack) -> None:
    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(create(stack, "Theirs"))):
        mine = create(stack, "Mine")
    assert [answer.status for answer in (mine, *rivals)] == [201, 201]
    assert read(stack).body["version"] == 1


def test_one_of_two_concurrent_changes_of_the_project_is_refused(stack: Stack) -> None:
    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(put(stack, 0, **TOKYO))):
        mine = put(stack, 0, **BERLIN)
    assert [rival.status for rival in rivals] == [200]
    assert (mine.status, mine.code) == (412, "precondition_failed")
    assert read(stack).body["timeZone"] == "Asia/Tokyo"


def test_a_change_of_a_draft_is_not_lost_to_a_concurrent_change_of_the_project(stack: Stack) -> None:
    draft = create(stack, status="DRAFT").body["walletId"]
    patch = {"metadata": {"region": "EU"}, "addToSchema": True}
    rivals: list[Answer] = []
    with before_next(
        "TransactWriteItems", lambda: rivals.append(put(stack, 0, **TOKYO, metadataSchema={"card": [BORN]}))
    ):
        changed = stack.http("PATCH", f"/v1/wallets/{draft}", patch, headers={"If-Match": '"1"'})

    assert [rival.status for rival in rivals] == [200]
    assert (changed.status, of_wallet(changed)) == (200, TOKYO)
    schema = {"wallet": [{**REGION, "required": False}], "card": [BORN]}
    assert read(stack).body == {**TOKYO, "fixed": False, "metadataSchema": schema, "version": 2, **ROLES}


# Cards


def enrol(stack: Stack, wallet: str, metadata: Any, customer: str = "ann") -> Answer:
    body = {"customerId": customer, **({} if metadata is ... else {"metadata": metadata})}
    return stack.http("POST", f"/v1/wallets/{wallet}/cards", body)


def test_metadata_of_a_card_must_fit_the_schema_of_the_project(stack: Stack) -> None:
    wallet = stack.wallet()
    schema = {"card": [{**BORN, "required": True}, {"name": "vip", "type": "BOOLEAN"}]}
    assert put(stack, 1, **BERLIN, metadataSchema=schema).status == 200
    before = stack.items()

    refused = enrol(stack, wallet, {"vip": "yes"})

    assert (refused.status, refused.code) == (400, "invalid_request")
    assert refused.fields() == {"body.metadata.born": "required", "body.metadata.vip": "property_type"}
    assert stack.items() == before
    fitting = {"born": "1990-05-31", "vip": True, "nickname": "Annie"}
    assert enrol(stack, wallet, fitting).body["metadata"] == fitting
    path = f"/v1/wallets/{wallet}/cards/ann"
    assert stack.http("PATCH", path, {"metadata": {}}, headers={"If-Match": '"1"'}).fields() == {
        "body.metadata.born": "required"
    }
    assert stack.http("PATCH", path, {"status": "BLOCKED"}, headers={"If-Match": '"1"'}).status == 200
    assert stack.http("PATCH", path, {"metadata": None}, headers={"If-Match": '"2"'}).body["metadata"] is None


def test_a_card_without_metadata_is_not_checked_and_costs_no_read(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    put(stack, 1, **BERLIN, metadataSchema={"card": [REGION]})
    stack.credit(wallet, 1)
    with metered(stack) as meter:
        assert enrol(stack, wallet, ..., "bob").status == 201
        assert stack.credit(wallet, 1, "eve").status == 201
    assert "GetItem" not in meter.requests
