"""Campaigns from their creation to their end: the answers and the stored items."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from loyalty.store.store import connected_store
from loyalty.usecases.earning import campaigns
from tests.integration.accounts import at
from tests.integration.campaigning import PAID, change, create, made, move, read
from tests.integration.metering import metered
from tests.integration.racing import before_next
from tests.support.stack import Answer, Stack

Json = Any


@pytest.fixture
def wallet(stack: Stack) -> str:
    return stack.wallet()


def delete(stack: Stack, campaign: str, **headers: str) -> Answer:
    return stack.http("DELETE", f"/v1/campaigns/{campaign}", headers=headers)


def listed(stack: Stack, **query: Any) -> list[str]:
    return [one["campaignId"] for one in stack.http("GET", "/v1/campaigns", query=query).body["data"]]


def used_by(stack: Stack, wallet: str) -> Json:
    return stack.http("GET", f"/v1/wallets/{wallet}").body["usedBy"]


def test_a_new_campaign_is_active_with_all_default_settings(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    answer = create(stack, wallet)

    assert answer.status == 201
    campaign = answer.body["campaignId"]
    assert answer.headers["Location"] == f"/v1/campaigns/{campaign}"
    assert answer.headers["ETag"] == '"1"'
    assert answer.body == {
        "campaignId": campaign,
        "version": 1,
        "status": "ACTIVE",
        "phase": "RUNNING",
        "actionRequired": [],
        "name": "C",
        "description": "",
        "priority": 100,
        "group": None,
        "trigger": PAID,
        "conditions": {},
        "startsAt": None,
        "endsAt": None,
        "hours": [],
        "rewards": [{"to": "CUSTOMER", "walletId": wallet, "type": "FIXED", "points": 10, "rounding": "DOWN"}],
        "multiplier": None,
        "limits": {},
        "budgetUsed": None,
        "metadata": {},
        "activatedAt": "2027-03-01T12:00:00Z",
        "createdAt": "2027-03-01T12:00:00Z",
        "createdBy": "key_test",
        "updatedAt": "2027-03-01T12:00:00Z",
    }
    assert read(stack, campaign) == answer.body


def test_a_change_replaces_the_named_settings_only_and_null_restores_the_default(stack: Stack, wallet: str) -> None:
    limits = {"perCustomer": {"times": 3, "oncePer": "orderId"}}
    campaign = made(stack, wallet, limits=limits, description="Old", priority=7)

    changed = change(stack, campaign, 1, limits={"perCustomer": {"points": 5}}, priority=None)

    assert (changed.status, changed.headers["ETag"], changed.body["version"]) == (200, '"2"', 2)
    found = read(stack, campaign)
    assert (found["limits"], found["priority"]) == ({"perCustomer": {"points": 5}}, 100)
    assert (found["description"], found["trigger"]) == ("Old", PAID)


def test_a_change_with_an_outdated_etag_is_refused(stack: Stack, wallet: str) -> None:
    campaign = made(stack, wallet)
    assert change(stack, campaign, 1, name="A").status == 200
    refused = change(stack, campaign, 1, name="B")
    assert (refused.status, refused.code, read(stack, campaign)["name"]) == (412, "precondition_failed", "A")
    assert delete(stack, made(stack, wallet, status="DRAFT"), **{"If-Match": '"2"'}).status == 412


def test_one_of_two_concurrent_changes_is_refused(stack: Stack, wallet: str) -> None:
    campaign = made(stack, wallet)
    with before_next("TransactWriteItems", lambda: change(stack, campaign, 1, name="First")):
        second = change(stack, campaign, 1, name="Second")
    assert (second.status, second.code) == (412, "precondition_failed")
    assert (read(stack, campaign)["name"], read(stack, campaign)["version"]) == ("First", 2)


def test_every_version_of_a_campaign_is_readable(clock: time_machine.Traveller, stack: Stack, wallet: str) -> None:
    campaign = made(stack, wallet, status="DRAFT")
    assert change(stack, campaign, 1, name="D").status == 200
    for verb in ("activate", "pause", "resume", "end"):
        assert move(stack, campaign, verb).status == 200

    first = stack.http("GET", f"/v1/campaigns/{campaign}/versions", query={"limit": 4}).body
    second = stack.http(
        "GET", f"/v1/campaigns/{campaign}/versions", query={"limit": 4, "cursor": first["nextCursor"]}
    ).body

    found = [(one["version"], one["change"], one["status"], one["name"]) for one in first["data"] + second["data"]]
    assert found == [
        (6, "Ended", "ENDED", "D"),
        (5, "Activated", "ACTIVE", "D"),
        (4, "Paused", "PAUSED", "D"),
        (3, "Activated", "ACTIVE", "D"),
        (2, "Changed", "DRAFT", "D"),
        (1, "Created", "DRAFT", "C"),
    ]
    assert second["nextCursor"] is None


def test_a_repeated_creation_makes_one_campaign(stack: Stack, wallet: str) -> None:
    first, again = (create(stack, wallet, key="campaign-1") for _ in range(2))
    assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (201, first.body, "true")
    assert listed(stack) == [first.body["campaignId"]]
    other = create(stack, wallet, key="campaign-1", name="Other")
    assert (other.status, other.code) == (422, "key_reused")


def test_two_concurrent_creations_with_one_key_make_one_campaign(stack: Stack, wallet: str) -> None:
    with before_next("TransactWriteItems", lambda: create(stack, wallet, key="campaign-1")):
        answer = create(stack, wallet, key="campaign-1")
    assert (answer.status, answer.headers["Idempotent-Replayed"]) == (201, "true")
    assert listed(stack) == [answer.body["campaignId"]]


MOVES = {
    "DRAFT": {"activate": "ACTIVE"},
    "ACTIVE": {"activate": "ACTIVE", "resume": "ACTIVE", "pause": "PAUSED", "end": "ENDED"},
    "PAUSED": {"pause": "PAUSED", "resume": "ACTIVE", "end": "ENDED"},
    "ENDED": {"end": "ENDED"},
    "DELETED": {},
}


@pytest.mark.parametrize("status", MOVES)
@pytest.mark.parametrize("verb", ["activate", "pause", "resume", "end"])
def test_each_status_allows_its_changes_and_a_repetition_changes_nothing(
    stack: Stack, wallet: str, status: str, verb: str
) -> None:
    campaign = made(stack, wallet, status="DRAFT" if status in ("DRAFT", "DELETED") else "ACTIVE")
    if status in ("PAUSED", "ENDED"):
        move(stack, campaign, "pause" if status == "PAUSED" else "end")
    if status == "DELETED":
        assert delete(stack, campaign).status == 204
    before = read(stack, campaign)

    answer = move(stack, campaign, verb)

    if verb in MOVES[status]:
        assert (answer.status, answer.body["status"]) == (200, MOVES[status][verb])
        assert answer.body["version"] == before["version"] + (answer.body["status"] != status)
    else:
        assert (answer.status, answer.code, read(stack, campaign)) == (423, "campaign_not_active", before)


@pytest.mark.parametrize("status", ["ENDED", "DELETED"])
def test_an_ended_or_deleted_campaign_cannot_be_changed(stack: Stack, wallet: str, status: str) -> None:
    campaign = made(stack, wallet, status="DRAFT" if status == "DELETED" else "ACTIVE")
    answer = delete(stack, campaign) if status == "DELETED" else move(stack, campaign, "end")
    assert answer.status < 300
    refused = change(stack, campaign, 2, name="New")
    assert (refused.status, refused.code) == (423, "campaign_not_active")


def test_a_request_with_several_errors_gets_the_refusal_that_is_checked_first(stack: Stack, wallet: str) -> None:
    invalid: Json = {"conditions": {"order": {}}}
    assert change(stack, "cmp_unknown", 1, **invalid).code == "invalid_pattern"
    ended = made(stack, wallet)
    assert move(stack, ended, "end").status == 200
    assert change(stack, ended, 1, **invalid).code == "invalid_pattern"
    assert change(stack, ended, 1, name="New").code == "campaign_not_active"
    assert change(stack, made(stack, wallet), 7, rewards=[]).code == "precondition_failed"


def test_only_a_draft_can_be_deleted(stack: Stack, wallet: str) -> None:
    draft, active = made(stack, wallet, status="DRAFT"), made(stack, wallet)

    assert [delete(stack, draft).status for _ in range(2)] == [204, 204]
    assert (delete(stack, active).status, delete(stack, active).code) == (409, "campaign_in_use")

    assert read(stack, draft)["status"] == "DELETED"
    assert listed(stack) == [active]
    assert listed(stack, status="DELETED") == [draft]


def test_a_copy_is_a_draft_with_the_same_settings(stack: Stack, wallet: str) -> None:
    campaign = made(stack, wallet, limits={"perCustomer": {"times": 1}}, metadata={"a": 1})
    answer = stack.http("POST", f"/v1/campaigns/{campaign}/copy", {"name": "Copy"})
    assert (answer.status, answer.body["status"], answer.body["name"]) == (201, "DRAFT", "Copy")
    original = read(stack, campaign)
    for name in ("trigger", "rewards", "limits", "metadata"):
        assert answer.body[name] == original[name]


def test_the_list_has_filters_and_shows_each_campaign_once_over_several_pages(stack: Stack, wallet: str) -> None:
    other = stack.wallet()
    stack.http("PUT", "/v1/event-definitions/review.created", {})
    review = {"type": "EVENT", "event": "review.created"}
    paid, reviews, draft, elsewhere = (
        made(stack, wallet),
        made(stack, wallet, trigger=review),
        made(stack, wallet, status="DRAFT"),
        made(stack, other),
    )
    assert listed(stack) == sorted([paid, reviews, draft, elsewhere])
    assert listed(stack, status="DRAFT") == [draft]
    assert listed(stack, event="review.created") == [reviews]
    assert listed(stack, walletId=other) == [elsewhere]
    assert listed(stack, event="order.paid", walletId=wallet, status="ACTIVE") == [paid]
    seen, cursor = [], None
    while True:
        page = stack.http("GET", "/v1/campaigns", query={"limit": 3, "cursor": cursor}).body
        seen += [one["campaignId"] for one in page["data"]]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert seen == listed(stack)


def test_the_phase_follows_the_window(clock: time_machine.Traveller, stack: Stack, wallet: str) -> None:
    campaign = made(stack, wallet, startsAt=at(days=1), endsAt=at(days=2))
    phases = []
    for _ in range(3):
        phases.append(read(stack, campaign)["phase"])
        clock.shift(timedelta(days=1))
    assert phases == ["SCHEDULED", "RUNNING", "OVER"]
    assert move(stack, campaign, "pause").body["phase"] is None


def test_the_first_activation_stays_through_pauses(clock: time_machine.Traveller, stack: Stack, wallet: str) -> None:
    campaign = made(stack, wallet, status="DRAFT")
    assert read(stack, campaign)["activatedAt"] is None
    for verb in ("activate", "pause", "resume"):
        assert move(stack, campaign, verb).body["activatedAt"] == "2027-03-01T12:00:00Z"
        clock.shift(60)


def test_a_wallet_shows_the_campaigns_that_use_it_and_cannot_be_deleted_meanwhile(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    other = stack.wallet()
    campaign = made(stack, wallet, status="DRAFT")
    assert used_by(stack, wallet) == []
    assert move(stack, campaign, "activate").status == 200
    assert used_by(stack, wallet) == [{"kind": "CAMPAIGN", "id": campaign}]
    assert stack.http("POST", f"/v1/wallets/{wallet}/deactivate").status == 200
    clock.shift(61)

    for verb in (None, "pause"):
        if verb:
            assert move(stack, campaign, verb).status == 200
        refused = stack.http("DELETE", f"/v1/wallets/{wallet}")
        assert (refused.status, refused.code) == (409, "wallet_in_use")
        assert campaign in refused.body["detail"]

    rewards = [{"walletId": other, "type": "FIXED", "points": 1}]
    assert change(stack, campaign, 3, rewards=rewards).status == 200
    assert (used_by(stack, wallet), used_by(stack, other)) == ([], [{"kind": "CAMPAIGN", "id": campaign}])
    assert stack.http("DELETE", f"/v1/wallets/{wallet}").status == 204
    assert move(stack, campaign, "end").status == 200
    assert used_by(stack, other) == []


def test_a_campaign_of_an_inactive_wallet_can_be_paused_and_not_resumed(stack: Stack, wallet: str) -> None:
    campaign = made(stack, wallet)
    assert stack.http("POST", f"/v1/wallets/{wallet}/deactivate").status == 200
    assert read(stack, campaign)["actionRequired"][0]["code"] == "wallet_not_active"
    assert move(stack, campaign, "pause").status == 200
    assert move(stack, campaign, "resume").fields() == {"rewards[0].walletId": "wallet_not_active"}


def test_a_wallet_that_is_deactivated_during_an_activation_keeps_the_campaign_a_draft(
    stack: Stack, wallet: str
) -> None:
    campaign = made(stack, wallet, status="DRAFT")
    with before_next("TransactWriteItems", lambda: stack.http("POST", f"/v1/wallets/{wallet}/deactivate")):
        answer = move(stack, campaign, "activate")
    assert (answer.status, answer.fields()) == (422, {"rewards[0].walletId": "wallet_not_active"})
    assert (read(stack, campaign)["status"], used_by(stack, wallet)) == ("DRAFT", [])


@pytest.mark.parametrize(
    ("rival", "verb", "status"), [("activate", "activate", 200), ("end", "pause", 423), ("pause", "pause", 200)]
)
def test_the_second_of_two_concurrent_moves_sees_the_first(
    stack: Stack, wallet: str, rival: str, verb: str, status: int
) -> None:
    campaign = made(stack, wallet, status="DRAFT" if verb == "activate" else "ACTIVE")
    with before_next("TransactWriteItems", lambda: move(stack, campaign, rival)):
        answer = move(stack, campaign, verb)
    assert answer.status == status
    assert read(stack, campaign)["version"] == 2


def test_an_event_triggers_a_bounded_number_of_live_campaigns(
    monkeypatch: pytest.MonkeyPatch, stack: Stack, wallet: str
) -> None:
    monkeypatch.setattr(campaigns, "LIVE_OF_EVENT_MAX", 2)
    live = [made(stack, wallet) for _ in range(2)]
    draft = made(stack, wallet, status="DRAFT")

    for refused in (create(stack, wallet), move(stack, draft, "activate")):
        assert (refused.status, refused.code) == (409, "too_many_campaigns")
    assert change(stack, live[0], 1, name="Renamed").status == 200, "a live campaign needs no other room"
    assert stack.http("PUT", "/v1/event-definitions/app.opened", {}).status == 200
    assert create(stack, wallet, trigger={"type": "EVENT", "event": "app.opened"}).status == 201
    assert move(stack, live[1], "pause").status == 200
    assert move(stack, draft, "activate").status == 200


@pytest.mark.parametrize("room", [1, 2])
def test_concurrent_activations_do_not_exceed_the_bound(
    monkeypatch: pytest.MonkeyPatch, stack: Stack, wallet: str, room: int
) -> None:
    monkeypatch.setattr(campaigns, "LIVE_MAX", room)
    first, second = (made(stack, wallet, status="DRAFT") for _ in range(2))
    with before_next("TransactWriteItems", lambda: move(stack, first, "activate")):
        answer = move(stack, second, "activate")
    assert answer.status == (409 if room == 1 else 200)
    assert len(listed(stack, status="ACTIVE")) == room


def test_a_campaign_that_is_over_leaves_its_room(
    monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    monkeypatch.setattr(campaigns, "LIVE_MAX", 1)
    made(stack, wallet, endsAt=at(days=1))
    assert create(stack, wallet).code == "too_many_campaigns"
    clock.shift(timedelta(days=1))
    assert create(stack, wallet).status == 201


def test_the_seed_is_random_constant_and_never_answered(stack: Stack, wallet: str) -> None:
    first, second = (made(stack, wallet) for _ in range(2))
    store = connected_store().campaigns
    seeds = [found.seed for found in store.live()]
    assert {len(seed) for seed in seeds} == {32}
    assert seeds[0] != seeds[1]
    assert change(stack, first, 1, name="New").status == 200
    assert [found.seed for found in store.live()] == seeds
    assert "seed" not in str(read(stack, second))


def test_an_activation_costs_its_items(stack: Stack, wallet: str) -> None:
    campaign = made(stack, wallet, status="DRAFT")
    with metered(stack) as meter:
        assert move(stack, campaign, "activate").status == 200
    # Campaign, version, live copy, generation, the wallet's entry, and the condition on the wallet.
    assert (meter.requests.count("TransactWriteItems"), len(meter.writes)) == (1, 6)
