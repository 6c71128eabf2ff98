"""Programs: wallets that belong together, and one tier structure on one of them."""

import json
from typing import Any

import pytest
import time_machine

from loyalty.messaging.detail_types import DETAILS
from tests.integration.publishing import Events, failures, publish, stream
from tests.integration.racing import before_next
from tests.integration.tiering import CLUB, Json, assign, change_structure, club, program, structure
from tests.support.stack import Answer, Stack


@pytest.fixture
def wallet(stack: Stack) -> str:
    return stack.wallet()


def read(stack: Stack, program_id: str = "club") -> Json:
    answer = stack.http("GET", f"/v1/programs/{program_id}")
    assert answer.status == 200, answer.text
    return answer.body


def change(stack: Stack, program_id: str, version: int, **settings: Any) -> Answer:
    return stack.http("PATCH", f"/v1/programs/{program_id}", settings, headers={"If-Match": f'"{version}"'})


def move(stack: Stack, verb: str, program_id: str = "club") -> Answer:
    return stack.http("POST", f"/v1/programs/{program_id}/{verb}")


def unassign(stack: Stack, wallet: str, program_id: str = "club") -> int:
    return stack.http("DELETE", f"/v1/programs/{program_id}/wallets/{wallet}").status


def used_by(stack: Stack, wallet: str) -> list[str]:
    users = stack.http("GET", f"/v1/wallets/{wallet}").body["usedBy"]
    assert {user["kind"] for user in users} <= {"PROGRAM"}
    return [user["id"] for user in users]


def wallet_version(stack: Stack, wallet: str) -> int:
    return int(stack.http("GET", f"/v1/wallets/{wallet}").body["version"])


def test_a_new_program_is_active_and_has_the_id_that_its_creator_chose(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    answer = stack.http("POST", "/v1/programs", {"programId": "club", "name": "Club"})
    assert (answer.status, answer.headers["ETag"], answer.headers["Location"]) == (201, '"1"', "/v1/programs/club")
    assert answer.body == {
        "programId": "club",
        "version": 1,
        "status": "ACTIVE",
        "name": "Club",
        "description": "",
        "wallets": [],
        "metadata": {},
        "createdAt": "2027-03-01T12:00:00Z",
        "createdBy": "key_test",
        "updatedAt": "2027-03-01T12:00:00Z",
    }
    assert read(stack) == answer.body


def test_a_program_is_created_once_for_each_chosen_id_and_for_each_key(stack: Stack) -> None:
    chosen = {"programId": "club", "name": "Club"}
    assert stack.http("POST", "/v1/programs", chosen).status == 201
    assert stack.http("POST", "/v1/programs", chosen).headers["Idempotent-Replayed"] == "true"
    taken = stack.http("POST", "/v1/programs", {**chosen, "name": "Other"})
    assert (taken.status, taken.fields()) == (409, {"body.programId": "program_id_taken"})

    made = [stack.http("POST", "/v1/programs", {"name": "Keyed"}, key="a-key-0001") for _ in range(2)]
    assert {answer.body["programId"] for answer in made} == {made[0].body["programId"]}
    reused = stack.http("POST", "/v1/programs", {"name": "Other"}, key="a-key-0001")
    assert (reused.status, reused.code) == (422, "key_reused")


def test_a_wallet_shows_the_active_programs_that_use_it_and_cannot_be_deleted_meanwhile(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    program(stack, "draft", status="DRAFT", wallets=[{"walletId": wallet}])
    program(stack, "club", wallets=[{"walletId": wallet}])
    program(stack, "gold")
    assert assign(stack, "gold", wallet).status == 200
    assert used_by(stack, wallet) == ["club", "gold"]
    assert stack.http("POST", f"/v1/wallets/{wallet}/deactivate").status == 200
    clock.shift(61)
    refused = stack.http("DELETE", f"/v1/wallets/{wallet}")
    assert (refused.status, refused.code) == (409, "wallet_in_use")
    assert "program club, program gold" in refused.body["detail"]

    assert move(stack, "deactivate").status == 200
    assert unassign(stack, wallet, "gold") == 204
    assert used_by(stack, wallet) == []
    assert stack.http("DELETE", f"/v1/wallets/{wallet}").status == 204
    refused = move(stack, "activate")
    assert (refused.status, refused.fields()) == (423, {"wallets[0].walletId": "wallet_not_active"})


def test_an_attached_structure_is_a_new_version_of_the_wallet_and_a_repetition_is_none(
    stack: Stack, wallet: str
) -> None:
    structure_id = club(stack, wallet)
    assert (wallet_version(stack, wallet), read(stack)["version"]) == (2, 2)
    assert assign(stack, "club", wallet, structure_id).body["version"] == 2
    assert (wallet_version(stack, wallet), used_by(stack, wallet)) == (2, ["club"])

    assert assign(stack, "club", wallet).body["wallets"] == [{"walletId": wallet, "tierStructureId": None}]
    assert (wallet_version(stack, wallet), used_by(stack, wallet)) == (3, ["club"])


def test_only_an_active_program_attaches_its_structure(stack: Stack, wallet: str) -> None:
    wallets = [{"walletId": wallet, "tierStructureId": structure(stack)}]
    program(stack, status="DRAFT", wallets=wallets)
    assert (wallet_version(stack, wallet), used_by(stack, wallet)) == (1, [])
    for version, verb in ((2, "activate"), (2, "activate"), (3, "deactivate"), (3, "deactivate"), (4, "activate")):
        assert move(stack, verb).status == 200
        assert wallet_version(stack, wallet) == version
    assert used_by(stack, wallet) == ["club"]


def test_a_program_has_one_structure_and_a_wallet_at_most_three(stack: Stack, wallet: str) -> None:
    structure_id, other = club(stack, wallet), stack.wallet()
    refused = assign(stack, "club", other, structure_id)
    assert (refused.status, refused.fields()) == (409, {"body.tierStructureId": "tier_structure_assigned"})
    both = [{"walletId": one, "tierStructureId": structure_id} for one in (wallet, other)]
    refused = stack.http("POST", "/v1/programs", {"name": "P", "wallets": both})
    assert (refused.status, refused.fields()) == (409, {"body.wallets[1].tierStructureId": "tier_structure_assigned"})

    for name in ("second", "third", "fourth"):
        program(stack, name)
        answer = assign(stack, name, wallet, structure_id)
    assert (answer.status, answer.fields()) == (409, {"body.tierStructureId": "too_many_tier_structures"})
    assert (wallet_version(stack, wallet), used_by(stack, wallet)) == (4, ["club", "second", "third"])


def test_a_change_of_the_wallets_moves_the_structure_in_one_transaction(stack: Stack, wallet: str) -> None:
    structure_id, other = club(stack, wallet), stack.wallet()
    moved = [{"walletId": wallet}, {"walletId": other, "tierStructureId": structure_id}]
    assert change(stack, "club", 2, wallets=moved, name="Moved").status == 200
    assert (wallet_version(stack, wallet), wallet_version(stack, other)) == (3, 2)
    assert (used_by(stack, wallet), used_by(stack, other)) == (["club"], ["club"])
    assert change(stack, "club", 3, wallets=None, description="d", metadata={"a": 1}).body["wallets"] == []
    assert (wallet_version(stack, other), used_by(stack, wallet), used_by(stack, other)) == (3, [], [])
    assert read(stack) | {"updatedAt": ""} == {
        **read(stack),
        "version": 4,
        "name": "Moved",
        "description": "d",
        "metadata": {"a": 1},
        "updatedAt": "",
    }
    stale = change(stack, "club", 3, name="Late")
    assert (stale.status, stale.code) == (412, "precondition_failed")


@pytest.mark.parametrize(
    ("wallets", "field", "code"),
    [
        ([{"walletId": "none"}], "body.wallets[0].walletId", "wallet_not_found"),
        (
            [{"walletId": "{wallet}", "tierStructureId": "none"}],
            "body.wallets[0].tierStructureId",
            "tier_structure_not_found",
        ),
        ([{"walletId": "{wallet}"}, {"walletId": "{wallet}"}], "body.wallets[1].walletId", "repeated"),
        ([{"walletId": "{draft}"}], "body.wallets[0].walletId", "wallet_not_active"),
        ([{"walletId": "{deleted}"}], "body.wallets[0].walletId", "wallet_deleted"),
    ],
)
def test_a_program_names_wallets_and_structures_that_exist(
    stack: Stack, wallet: str, wallets: list[Json], field: str, code: str
) -> None:
    ids = {"{wallet}": wallet, "{draft}": stack.wallet(status="DRAFT"), "{deleted}": stack.wallet(status="DRAFT")}
    assert stack.http("DELETE", f"/v1/wallets/{ids['{deleted}']}").status == 204
    named = [{name: ids.get(value, value) for name, value in one.items()} for one in wallets]
    answer = stack.http("POST", "/v1/programs", {"programId": "club", "name": "P", "wallets": named})
    assert (400 <= answer.status < 500, answer.fields()) == (True, {field: code})
    assert stack.http("GET", "/v1/programs/club").code == "program_not_found"


def test_a_program_has_at_most_twenty_wallets(stack: Stack, wallet: str) -> None:
    wallets = [stack.wallet() for _ in range(20)]
    program(stack, wallets=[{"walletId": one} for one in wallets])
    assert assign(stack, "club", wallet).code == "too_many_wallets"


def test_programs_are_listed_by_status_and_wallet(stack: Stack, wallet: str) -> None:
    program(stack, "a", wallets=[{"walletId": wallet}])
    program(stack, "b", status="DRAFT")
    program(stack, "c")

    def listed(**query: Any) -> list[str]:
        return [one["programId"] for one in stack.http("GET", "/v1/programs", query=query).body["data"]]

    assert (listed(), listed(status="DRAFT"), listed(walletId=wallet)) == (["a", "b", "c"], ["b"], ["a"])
    first = stack.http("GET", "/v1/programs", query={"limit": 2}).body
    assert listed(cursor=first["nextCursor"]) == ["c"]


def test_a_change_of_a_structure_reaches_every_wallet_that_has_it(stack: Stack, wallet: str) -> None:
    structure_id, other = club(stack, wallet), stack.wallet()
    program(stack, "gold", wallets=[{"walletId": other, "tierStructureId": structure_id}])
    levels = [{"tierId": "vip", "name": "Very important", "from": 500}]
    assert change_structure(stack, structure_id, 1, levels=levels).status == 200
    assert (wallet_version(stack, wallet), wallet_version(stack, other)) == (3, 3)


def test_what_was_counted_on_cards_fixes_type_and_period(stack: Stack, wallet: str) -> None:
    structure_id = structure(stack)
    assert change_structure(stack, structure_id, 1, period="MONTH").status == 200
    program(stack, wallets=[{"walletId": wallet, "tierStructureId": structure_id}])
    for settings in ({"period": "YEAR"}, {"type": "POINT_BALANCE"}):
        refused = change_structure(stack, structure_id, 2, **settings)
        assert (refused.status, refused.code) == (409, "setting_fixed")
        assert list(refused.fields()) == [f"body.{next(iter(settings))}"]
    assert unassign(stack, wallet) == 204
    assert change_structure(stack, structure_id, 2, type="POINT_BALANCE").status == 200


LEVEL = CLUB["levels"][0]


@pytest.mark.parametrize(
    ("settings", "field", "code"),
    [
        ({"levels": [LEVEL, {**LEVEL, "from": 9}]}, "body.levels[1].tierId", "repeated"),
        (
            {"levels": [{**LEVEL, "from": 9}, {**LEVEL, "tierId": "b", "from": 9}]},
            "body.levels[1].from",
            "levels_not_rising",
        ),
        ({"levels": []}, "body.levels", "too_short"),
        (
            {"levels": [{**LEVEL, "benefits": {"multiplier": "0"}}]},
            "body.levels[0].benefits.multiplier",
            "decimal_text",
        ),
        ({"period": "WEEK"}, "body.period", "invalid_value"),
        ({"grace": {"every": 1, "unit": "WEEK"}}, "body.grace", "too_long"),
        ({"grace": {"every": 13, "unit": "MONTH"}}, "body.grace", "too_long"),
    ],
)
def test_a_structure_that_is_not_valid_is_refused_at_its_field(
    stack: Stack, settings: Json, field: str, code: str
) -> None:
    answer = stack.http("POST", "/v1/tier-structures", {**CLUB, **settings})
    assert (answer.status, answer.fields()) == (400, {field: code})


def test_a_structure_has_all_of_its_settings_in_every_answer(clock: time_machine.Traveller, stack: Stack) -> None:
    answer = stack.http("POST", "/v1/tier-structures", CLUB, key="structure-0001")
    member, vip = answer.body["levels"]
    assert (answer.status, answer.headers["ETag"]) == (201, '"1"')
    assert {name: value for name, value in answer.body.items() if name not in ("levels", "tierStructureId")} == {
        "version": 1,
        "name": "Club",
        "type": "POINTS_EARNED",
        "period": "YEAR",
        "upgrade": "IMMEDIATELY",
        "validity": "NEXT_PERIOD",
        "downgrade": "MULTI_LEVEL",
        "grace": None,
        "createdAt": "2027-03-01T12:00:00Z",
        "createdBy": "key_test",
        "updatedAt": "2027-03-01T12:00:00Z",
    }
    assert member["benefits"] == {"multiplier": None, "entitlements": [], "metadata": {}}
    assert (member["keepForever"], vip["from"]) == (False, 1000)
    again = stack.http("POST", "/v1/tier-structures", CLUB, key="structure-0001")
    assert (again.body, again.headers["Idempotent-Replayed"]) == (answer.body, "true")
    other = stack.http("POST", "/v1/tier-structures", {**CLUB, "name": "Other"}, key="structure-0001")
    assert other.code == "key_reused"
    first = stack.http("GET", "/v1/tier-structures").body
    assert (first["data"], first["nextCursor"]) == ([answer.body], None)


def test_each_version_of_a_program_and_of_a_structure_becomes_an_event(
    bus_events: Events, stack: Stack, wallet: str
) -> None:
    structure_id = club(stack, wallet)
    assert change_structure(stack, structure_id, 1, name="New").status == 200
    for verb in ("deactivate", "activate"):
        assert move(stack, verb).status == 200
    publish(stream(stack))

    found = {}
    for entry in bus_events.accepted:
        detail = json.loads(entry["Detail"])
        DETAILS[entry["DetailType"]].model_validate(detail)
        found[detail["eventId"]] = (entry["DetailType"], detail.get("status") or detail.get("type"), detail.get("name"))
    assert {one: event for one, event in found.items() if not one.startswith("wal_")} == {
        "club.v1": ("Program Created", "ACTIVE", "club"),
        "club.v2": ("Program Changed", "ACTIVE", "club"),
        "club.v3": ("Program Deactivated", "INACTIVE", "club"),
        "club.v4": ("Program Activated", "ACTIVE", "club"),
        f"{structure_id}.v1": ("Tier Structure Created", "POINTS_EARNED", "Club"),
        f"{structure_id}.v2": ("Tier Structure Changed", "POINTS_EARNED", "New"),
    }
    assert failures(stack) == []


def test_concurrent_changes_of_two_programs_on_one_wallet_both_attach(stack: Stack, wallet: str) -> None:
    structure_id = structure(stack)
    for name in ("club", "gold"):
        program(stack, name)
    with before_next("TransactWriteItems", lambda: assign(stack, "gold", wallet, structure_id)):
        assert assign(stack, "club", wallet, structure_id).status == 200
    assert (wallet_version(stack, wallet), used_by(stack, wallet)) == (3, ["club", "gold"])


def test_a_wallet_that_is_deactivated_during_an_assignment_is_not_assigned(stack: Stack, wallet: str) -> None:
    program(stack)
    with before_next("TransactWriteItems", lambda: stack.http("POST", f"/v1/wallets/{wallet}/deactivate")):
        assert assign(stack, "club", wallet).code == "wallet_not_active"
    assert (read(stack)["wallets"], used_by(stack, wallet)) == ([], [])
