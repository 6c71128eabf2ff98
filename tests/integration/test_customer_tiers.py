"""Customers' tiers: progress, recalculation after a structure was attached or changed, and tiers given by hand."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from loyalty.store.store import connected_store
from loyalty.usecases.programs.recalculations import overdue
from tests.integration.accounts import item
from tests.integration.racing import unanswered
from tests.integration.sweeping import deliver, take_messages
from tests.integration.tiering import (
    CLUB,
    Json,
    assign,
    change_structure,
    club,
    program,
    recalculate,
    recalculate_members,
    recalculations,
    structure,
)
from tests.support.stack import Answer, Stack

BERLIN_2028, BERLIN_2029 = "2027-12-31T23:00:00Z", "2028-12-31T23:00:00Z"


@pytest.fixture
def wallet(stack: Stack) -> str:
    return stack.wallet()


def tiers(stack: Stack, customer: str = "ann") -> list[Json]:
    answer = stack.http("GET", f"/v1/customers/{customer}/tiers")
    assert answer.status == 200, answer.text
    return list(answer.body["data"])


def tier_ids(stack: Stack, customer: str = "ann") -> list[str | None]:
    return [one["tier"] and one["tier"]["tierId"] for one in tiers(stack, customer)]


def give(stack: Stack, tier_id: str, *, key: str = "tier-key-1", program_id: str = "club", **body: Any) -> Answer:
    path = f"/v1/programs/{program_id}/customers/ann/tier"
    return stack.http("PUT", path, {"tierId": tier_id, "reason": "Partner", **body}, key=key)


def tier_rows(stack: Stack, wallet: str, customer: str = "ann") -> list[Json]:
    rows = stack.http("GET", f"/v1/wallets/{wallet}/cards/{customer}/transactions").body["data"]
    return [row for row in rows if row["operation"] in ("tier", "manual_tier")]


def test_progress_names_the_next_tier_what_is_missing_and_what_keeps_the_tier(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    club(stack, wallet)
    (new,) = tiers(stack)
    assert (new["tier"]["tierId"], new["points"], new["next"]["missing"]) == ("member", 0, 1_000)
    clock.shift(11)
    stack.credit(wallet, 999)
    assert tiers(stack) == [
        {
            "programId": "club",
            "walletId": wallet,
            "calculating": False,
            "tier": {"tierId": "member", "name": "Member", "since": None, "until": None},
            "points": 999,
            "next": {"tierId": "vip", "name": "VIP", "from": 1_000, "missing": 1},
            "keep": None,
            "benefits": {"multiplier": None, "entitlements": [], "metadata": {}},
        }
    ]

    stack.credit(wallet, 1)
    (vip,) = tiers(stack)
    assert vip["tier"] == {"tierId": "vip", "name": "VIP", "since": "2027-03-01T12:00:11Z", "until": BERLIN_2029}
    assert (vip["next"], vip["keep"]) == (None, {"missing": 1_000, "by": BERLIN_2029})
    assert vip["benefits"]["entitlements"] == ["free_shipping", "exclusive_discounts"]
    assert len(tier_rows(stack, wallet)) == 1
    clock.move_to(datetime(2028, 6, 1, tzinfo=UTC))
    stack.credit(wallet, 300)
    assert tiers(stack)[0]["keep"] == {"missing": 700, "by": BERLIN_2029}
    clock.move_to(datetime(2029, 1, 1, tzinfo=UTC))
    assert tier_ids(stack) == ["member"]


def test_cards_that_existed_before_the_attachment_are_calculated_from_their_ledgers(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    for place, points in enumerate((500, 1_000, 2_000)):
        stack.credit(wallet, points, customer=f"c{place}")
    clock.shift(60)
    structure_id = club(stack, wallet)
    clock.shift(11)
    assert [tiers(stack, customer)[0]["calculating"] for customer in ("c0", "c1", "new")] == [True, True, False]
    (running,) = recalculations(stack)
    assert (running["status"], running["finishedShards"], running["members"]) == ("RUNNING", 0, 0)

    clock.shift(30)
    # A start, and a message for each shard.
    assert recalculate(stack) >= 65
    assert [tier_ids(stack, customer) for customer in ("c0", "c1", "c2")] == [["member"], ["vip"], ["vip"]]
    assert recalculations(stack) == [
        {
            "walletId": wallet,
            "walletVersion": 2,
            "tierStructureId": structure_id,
            "status": "COMPLETED",
            "shards": 64,
            "finishedShards": 64,
            "members": 3,
            "calculated": 3,
            "changed": 0,
            "startedAt": "2027-03-01T12:01:00Z",
            "completedAt": "2027-03-01T12:01:41Z",
        }
    ]
    assert [len(tier_rows(stack, wallet, f"c{place}")) for place in range(3)] == [1, 1, 1]


def test_an_attachment_that_was_not_written_calculates_nothing(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    structure_id = structure(stack)
    program(stack)
    with unanswered("TransactWriteItems", 1):
        assert assign(stack, "club", wallet, structure_id).status == 503
    assert recalculations(stack) == []
    clock.shift(30)
    assert recalculate(stack) == 1, "the start alone"
    assert assign(stack, "club", wallet, structure_id).status == 200
    assert recalculate(stack) == 0, "too early"
    clock.shift(30)
    assert len(take_messages(stack, stack.recalculation_url)) == 1
    assert len(recalculations(stack)) == 1


def test_a_changed_structure_gives_cards_the_tier_that_their_points_now_reach(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    structure_id = club(stack, wallet)
    clock.shift(11)
    stack.credit(wallet, 600)
    clock.shift(30)
    recalculate_members(stack)
    renamed = [{**level, "name": f"New {level['name']}"} for level in CLUB["levels"]]
    assert change_structure(stack, structure_id, 1, levels=renamed).status == 200
    assert len(recalculations(stack)) == 1, "names change no tier"
    lower = [renamed[0], {**renamed[1], "from": 600}]
    assert change_structure(stack, structure_id, 2, levels=lower).status == 200
    clock.shift(41)
    recalculate_members(stack)
    assert (tier_ids(stack), len(tier_rows(stack, wallet))) == (["vip"], 1)
    newest, _ = recalculations(stack)
    assert (newest["calculated"], newest["changed"]) == (0, 1)


def test_a_changed_structure_moves_the_instant_at_which_time_changes_a_tier(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    structure_id = club(stack, wallet)
    clock.shift(11)
    stack.credit(wallet, 1_000)
    assert item(stack, wallet)["ds"] == {"N": f"{datetime.fromisoformat(BERLIN_2029).timestamp():.0f}"}
    assert change_structure(stack, structure_id, 1, grace={"every": 1, "unit": "MONTH"}).status == 200
    clock.shift(41)
    recalculate_members(stack)
    assert item(stack, wallet)["ds"] == {"N": f"{datetime.fromisoformat('2029-01-31T23:00:00Z').timestamp():.0f}"}


def test_two_programs_on_one_wallet_are_independent(clock: time_machine.Traveller, stack: Stack, wallet: str) -> None:
    club(stack, wallet)
    gold = structure(stack, levels=[{"tierId": "gold", "name": "Gold", "from": 100}], period="MONTH")
    program(stack, "gold", wallets=[{"walletId": wallet, "tierStructureId": gold}])
    clock.shift(11)
    stack.credit(wallet, 150)
    assert tier_ids(stack) == ["member", "gold"]
    assert stack.http("POST", "/v1/programs/gold/deactivate").status == 200
    clock.shift(11)
    assert tier_ids(stack) == ["member"]
    stack.credit(wallet, 850)
    assert tier_ids(stack) == ["vip"]


def test_a_program_that_is_activated_again_is_calculated_again(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    club(stack, wallet)
    clock.shift(30)
    stack.credit(wallet, 1_000)
    recalculate_members(stack)
    for verb in ("deactivate", "activate"):
        assert stack.http("POST", f"/v1/programs/club/{verb}").status == 200
    clock.shift(41)
    assert tiers(stack)[0]["calculating"] is True
    recalculate_members(stack)
    assert tier_ids(stack) == ["vip"]
    assert [run["calculated"] for run in recalculations(stack)] == [1, 0]


def test_a_tier_by_points_shows_its_grace_and_what_it_needs(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    club(stack, wallet, type="POINT_BALANCE", grace={"every": 2, "unit": "DAY"})
    clock.shift(11)
    stack.credit(wallet, 1_000)
    assert tiers(stack)[0]["tier"]["until"] is None
    stack.debit(wallet, 400)
    (found,) = tiers(stack)
    assert (found["tier"]["tierId"], found["points"]) == ("vip", 600)
    assert found["keep"] == {"missing": 400, "by": "2027-03-02T23:00:00Z"}
    clock.shift(3 * 86_400)
    assert tier_ids(stack) == ["member"]


def test_a_tier_is_given_by_hand_once_for_each_key(clock: time_machine.Traveller, stack: Stack, wallet: str) -> None:
    stack.credit(wallet, 10)
    club(stack, wallet)
    clock.shift(11)
    # The card is calculated first, although the recalculation has not begun.
    first, again = (give(stack, "vip") for _ in range(2))
    assert (first.status, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert first.body["transaction"]["reason"] == "Partner"
    assert tiers(stack)[0]["tier"]["until"] == BERLIN_2029
    assert len(tier_rows(stack, wallet)) == 2
    assert (give(stack, "member").code, give(stack, "none", key="tier-key-2").code) == ("key_reused", "tier_not_found")
    past = give(stack, "vip", key="tier-key-3", until="2027-02-01T00:00:00Z")
    assert (past.status, list(past.fields())) == (422, ["body.until"])
    assert give(stack, "vip", key="tier-key-4", program_id="none").code == "program_not_found"
    path = "/v1/programs/club/customers/zoe/tier"
    no_card = stack.http("PUT", path, {"tierId": "vip", "reason": "Partner"}, key="tier-key-6")
    assert no_card.code == "card_not_found"
    assert stack.http("POST", "/v1/programs/club/deactivate").status == 200
    assert give(stack, "vip", key="tier-key-5").code == "tier_not_found"


def test_a_member_that_always_fails_does_not_stop_the_others(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    stack.credit(wallet, 1_000)
    stack.credit(wallet, 1_000, customer="bob")
    card = {"pk": {"S": "CUSTOMER#ann"}, "sk": {"S": f"CARD#{wallet}"}}
    good = stack.dynamodb.get_item(TableName="loyalty", Key=card)["Item"]
    stack.dynamodb.put_item(TableName="loyalty", Item={**good, "n": {"S": "broken"}})
    club(stack, wallet)
    clock.shift(41)
    (start,) = take_messages(stack, stack.recalculation_url)
    assert deliver("recalculate_tiers", start) == []
    pages = take_messages(stack, stack.recalculation_url)
    failed = [page for page in pages if deliver("recalculate_tiers", page)]
    assert len(failed) == 1
    assert deliver("recalculate_tiers", *failed, receives=3) == []
    alone = take_messages(stack, stack.recalculation_url)
    assert [json.loads(body)["only"] for body in alone] == ["ann"]
    assert (recalculations(stack)[0]["status"], tier_ids(stack, "bob")) == ("COMPLETED", ["vip"])

    stack.dynamodb.put_item(TableName="loyalty", Item=good)
    assert deliver("recalculate_tiers", *alone) == []
    assert tier_ids(stack) == ["vip"]


def test_a_recalculation_that_is_not_completed_after_six_hours_is_overdue(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    club(stack, wallet)
    clock.shift(6 * 3_600)
    assert overdue(connected_store(), datetime.now(UTC)) == 0
    clock.shift(1)
    assert overdue(connected_store(), datetime.now(UTC)) == 1


def test_points_that_became_active_since_the_last_write_count(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    club(stack, wallet)
    clock.shift(11)
    stack.credit(wallet, 1_000, activateAfter={"every": 1, "unit": "HOUR"})
    assert tier_ids(stack) == ["member"]
    clock.shift(3_600)
    (found,) = tiers(stack)
    assert (found["tier"]["tierId"], found["points"]) == ("vip", 1_000)
    given = give(stack, "vip", until="2030-01-01T00:00:00Z")
    assert given.status == 201
    assert [row["tierChange"]["to"] for row in tier_rows(stack, wallet)] == ["vip", "vip"]
    assert tiers(stack)[0]["tier"]["until"] == "2030-01-01T00:00:00Z"
