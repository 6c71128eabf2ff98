"""Rewards of the catalogue: settings, activation rules, status, stock, and the catalogue as a customer sees it."""

from typing import Any

import pytest
import time_machine

from tests.integration.cataloguing import add_codes, create, patch, read, redeem, redeemed, reward
from tests.integration.tiering import club
from tests.support.stack import Answer, Stack


def move(stack: Stack, reward_id: str, verb: str) -> Answer:
    return stack.http("POST", f"/v1/rewards/{reward_id}/{verb}")


def add_stock(stack: Stack, reward_id: str, amount: int, version: int) -> Answer:
    headers = {"If-Match": f'"{version}"'}
    return stack.http("POST", f"/v1/rewards/{reward_id}/stock", {"add": amount}, headers=headers)


def test_a_reward_keeps_its_settings_and_a_change_replaces_those_that_it_names(stack: Stack) -> None:
    wallet = stack.wallet()
    settings = {
        "description": "The color of the season",
        "stock": 3,
        "conditions": {"customer": {"segments": ["gold"]}},
        "startsAt": "2027-03-01T00:00:00Z",
        "endsAt": "2027-06-01T00:00:00Z",
        "hours": [{"days": ["SAT"], "from": "09:00", "to": "24:00"}],
        "limits": {"perCustomer": {"times": 2, "per": [{"unit": "DAY", "times": 1}]}},
        "cancelable": False,
        "metadata": {"season": "spring"},
    }
    created = create(stack, price={wallet: 500}, **settings)

    assert created.status == 201, created.text
    assert created.headers["ETag"] == '"1"'
    assert {name: created.body[name] for name in settings} == settings
    assert (created.body["status"], created.body["left"], created.body["codes"]) == ("ACTIVE", 3, None)
    changed = patch(stack, created.body["rewardId"], 1, conditions=None, hours=[], metadata={})
    assert changed.status == 200, changed.text
    assert (changed.body["conditions"], changed.body["hours"], changed.body["metadata"]) == ({}, [], {})
    assert (changed.body["version"], changed.body["cancelable"], changed.body["stock"]) == (2, False, 3)
    assert read(stack, created.body["rewardId"]) == changed.body
    changes = stack.http("GET", f"/v1/rewards/{created.body['rewardId']}/versions").body["data"]
    assert [one["change"] for one in changes] == ["Changed", "Created"]


def test_a_repeated_creation_gets_the_first_reward(stack: Stack) -> None:
    wallet = stack.wallet()
    first = create(stack, price={wallet: 500}, stock=3, key="reward-0001")
    again = create(stack, price={wallet: 500}, stock=3, key="reward-0001")
    other = create(stack, price={wallet: 400}, stock=3, key="reward-0001")

    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    assert (other.status, other.code) == (422, "key_reused")


WRONG: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"price": []}, {"price": "required"}),
    ({"price": {"wal_unknown": 5}}, {"price[0].walletId": "unknown_wallet"}),
    ({"product": None}, {"product": "required"}),
    ({"entitlement": {"key": "vip"}}, {"entitlement": "not_used"}),
    ({"kind": "POINTS"}, {"credit": "required"}),
    ({"kind": "ENTITLEMENT"}, {"entitlement": "required"}),
    ({"kind": "DISCOUNT_CODE", "stock": 5}, {"stock": "not_used"}),
    ({"startsAt": "2027-03-01T00:00:00Z", "endsAt": "2027-03-01T00:00:00Z"}, {"endsAt": "not_after_start"}),
    ({"hours": [{"days": ["MON"], "from": "10:00", "to": "09:00"}]}, {"hours[0].to": "not_after_start"}),
    (
        {"limits": {"perCustomer": {"per": [{"unit": "DAY", "times": 1}, {"unit": "DAY", "times": 2}]}}},
        {"limits.perCustomer.per[1].unit": "repeated"},
    ),
]


@pytest.mark.parametrize(("settings", "problems"), WRONG)
def test_a_reward_that_cannot_be_active_is_refused_with_its_field_and_saved_as_a_draft(
    stack: Stack, settings: dict[str, Any], problems: dict[str, str]
) -> None:
    sent = {"price": {stack.wallet(): 5}, **settings}

    refused = create(stack, **sent)
    draft = create(stack, status="DRAFT", **sent)

    assert (refused.status, refused.code, refused.fields()) == (422, "action_required", problems)
    assert {one["field"]: one["code"] for one in draft.body["actionRequired"]} == problems
    activated = move(stack, draft.body["rewardId"], "activate")
    assert (activated.status, activated.fields()) == (422, problems)


def test_rules_about_wallets_name_the_place(stack: Stack) -> None:
    wallet, draft = stack.wallet(), stack.wallet(status="DRAFT")
    price = [{"walletId": one, "points": 5} for one in (wallet, draft, wallet)]
    body = {"name": "Gift", "kind": "POINTS", "price": price, "credit": {"walletId": wallet, "points": 5}}

    answer = stack.http("POST", "/v1/rewards/validate", body)

    assert {one["field"]: one["code"] for one in answer.body["actionRequired"]} == {
        "price[1].walletId": "wallet_not_active",
        "price[2].walletId": "repeated",
        "credit.walletId": "wallet_of_price",
    }


def test_the_status_of_a_reward_decides_whether_it_can_be_redeemed(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1_000)
    offered = str(create(stack, price={wallet: 5}, status="DRAFT").body["rewardId"])
    seen = []
    for verb in ("activate", "activate", "pause", "activate", "end", "end", "activate"):
        seen.append(redeem(stack, offered).status)
        seen.append(move(stack, offered, verb).status)

    assert seen == [404, 200, 201, 200, 201, 200, 423, 200, 201, 200, 423, 200, 423, 423]
    assert patch(stack, offered, 5, name="Later").code == "reward_not_active"
    assert redeem(stack, "rwd_unknown").code == "reward_not_found"


def test_a_wallet_of_a_reward_cannot_be_deleted_until_the_reward_has_ended(stack: Stack) -> None:
    wallet = stack.wallet()
    offered = reward(stack, {wallet: 5})
    stack.http("POST", f"/v1/wallets/{wallet}/deactivate")
    used = stack.http("GET", f"/v1/wallets/{wallet}").body["usedBy"]
    move(stack, offered, "end")

    assert used == [{"kind": "REWARD", "id": offered}]
    assert stack.http("GET", f"/v1/wallets/{wallet}").body["usedBy"] == []


def test_stock_is_added_once_for_a_version_and_is_available_at_once(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1_000)
    offered = reward(stack, {wallet: 5}, stock=1)
    redeemed(stack, offered)

    assert redeem(stack, offered).code == "out_of_stock"
    added = add_stock(stack, offered, 99, version=1)
    again = add_stock(stack, offered, 99, version=1)

    # A larger stock has more shards.
    assert (added.status, added.body["stock"], added.body["left"]) == (200, 100, 99)
    assert (again.status, again.code) == (412, "precondition_failed")
    assert len([item for item in stack.items() if item["sk"]["S"] == "POOL"]) == 4
    assert redeem(stack, offered).status == 201
    assert (patch(stack, offered, 2, stock=200).code, read(stack, offered)["left"]) == ("setting_fixed", 98)
    unlimited = reward(stack, {wallet: 5})
    assert add_stock(stack, unlimited, 1, version=1).fields() == {"body.add": "not_used"}
    assert add_codes(stack, unlimited, "CODE-1").fields() == {"body.codes": "not_used"}


def test_a_draft_can_be_deleted_and_another_reward_cannot(stack: Stack) -> None:
    wallet = stack.wallet()
    draft, used = create(stack, price={wallet: 5}, status="DRAFT").body["rewardId"], reward(stack, {wallet: 5})

    assert stack.http("DELETE", f"/v1/rewards/{draft}").status == 204
    assert stack.http("DELETE", f"/v1/rewards/{used}").code == "reward_in_use"
    assert [one["rewardId"] for one in stack.http("GET", "/v1/rewards").body["data"]] == [used]
    assert read(stack, draft)["status"] == "DELETED"


def offers(stack: Stack, customer: str = "ann") -> dict[str, Any]:
    """The availability of each listed reward for the customer, by name."""
    listed = stack.http("GET", "/v1/rewards", query={"customerId": customer, "limit": 100}).body["data"]
    return {one["name"]: one["availability"] for one in listed}


GATES: list[tuple[str, dict[str, Any], str | None]] = [
    ("none", {}, None),
    ("segment", {"conditions": {"customer": {"segments": ["gold"]}}}, None),
    ("other segment", {"conditions": {"customer": {"segments": ["silver"]}}}, "conditions"),
    ("hours", {"hours": [{"days": ["MON"], "from": "13:00", "to": "14:00"}]}, None),
    ("other hours", {"hours": [{"days": ["MON"], "from": "12:00", "to": "13:00"}]}, "outside_hours"),
    ("not yet", {"startsAt": "2027-03-01T12:00:01Z"}, "reward_not_active"),
    ("over", {"endsAt": "2027-03-01T12:00:00Z"}, "reward_not_active"),
    ("no codes", {"kind": "DISCOUNT_CODE"}, "out_of_stock"),
]


@pytest.mark.parametrize(("name", "settings", "reason"), GATES, ids=[gate[0] for gate in GATES])
def test_a_list_and_a_redemption_agree_on_why_a_reward_is_not_available(
    stack: Stack, clock: time_machine.Traveller, name: str, settings: dict[str, Any], reason: str | None
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    stack.http("PUT", "/v1/customers/ann", {"segments": ["gold"]})
    offered = reward(stack, {wallet: 5}, name=name, **settings)

    listed = offers(stack)[name]
    answer = redeem(stack, offered)

    assert (listed["available"], listed["reason"]) == (reason is None, reason)
    refused = None if answer.status == 201 else answer.body.get("reason", answer.code)
    assert refused == reason


def test_a_list_shows_limits_cooldowns_missing_points_and_refusals_of_wallets(
    stack: Stack, clock: time_machine.Traveller
) -> None:
    points, stars, other = stack.wallet(), stack.wallet(), stack.wallet()
    stack.credit(points, 100)
    stack.credit(stars, 8)
    once = reward(stack, {points: 5}, name="once", limits={"perCustomer": {"times": 1}})
    slow = reward(stack, {points: 5}, name="slow", limits={"perCustomer": {"cooldown": {"every": 1, "unit": "HOUR"}}})
    for offered in (once, slow):
        redeemed(stack, offered)
    reward(stack, {points: 91, stars: 9}, name="dear")
    reward(stack, {other: 1}, name="foreign")
    reward(stack, {points: 5}, name="rich", conditions={"walletBalances": {stars: [{"numeric": [">=", 8]}]}})
    reward(stack, {points: 5}, name="member", conditions={"walletBalances": {other: [{"exists": True}]}})

    found = offers(stack)

    assert {name: one["reason"] for name, one in found.items()} == {
        "once": "limit_per_customer",
        "slow": "cooldown",
        "dear": "insufficient_points",
        "foreign": "card_not_found",
        "rich": None,
        "member": "conditions",
    }
    assert found["dear"]["missing"] == [{"walletId": points, "points": 1}, {"walletId": stars, "points": 1}]
    assert found["foreign"]["missing"] == [{"walletId": other, "points": 1}]
    clock.shift(3_600)
    assert offers(stack)["slow"]["available"] is True
    stack.http("PATCH", f"/v1/wallets/{points}/cards/ann", {"status": "BLOCKED"}, headers={"If-Match": '"1"'})
    assert offers(stack)["slow"]["reason"] == "card_blocked"


def test_a_list_shows_the_refusal_that_a_redemption_meets(stack: Stack) -> None:
    points, stars = stack.wallet(), stack.wallet()
    limit = {"type": "TIME_BASED", "unit": "DAY", "max": 4}
    small, closed = stack.wallet(earningLimits={"global": limit}), stack.wallet(autoEnrol=False)
    stack.credit(points, 9)
    for name, wallet in (("small", small), ("closed", closed), ("open", stars)):
        reward(stack, {points: 5}, name=name, kind="POINTS", credit={"walletId": wallet, "points": 5})
    # A missing card is found before missing points.
    reward(stack, {points: 10, stars: 1}, name="both")

    found = offers(stack)
    rewards = stack.http("GET", "/v1/rewards").body["data"]
    answers = {one["name"]: redeem(stack, one["rewardId"], dryRun=True) for one in rewards}

    reasons = {"small": "earning_limit_reached", "closed": "card_not_found", "open": None, "both": "card_not_found"}
    assert {name: one["reason"] for name, one in found.items()} == reasons
    assert {name: answer.body.get("code") for name, answer in answers.items()} == reasons


def test_an_entitlement_ends_after_its_time(stack: Stack, clock: time_machine.Traveller) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    right = {"key": "free_shipping", "validFor": {"every": 1, "unit": "DAY"}}
    redemption = redeemed(stack, reward(stack, {wallet: 5}, kind="ENTITLEMENT", entitlement=right))
    forever = redeemed(stack, reward(stack, {wallet: 5}, kind="ENTITLEMENT", entitlement={"key": "vip"}))

    def entitlements() -> list[Any]:
        return list(stack.http("GET", "/v1/customers/ann/entitlements").body["data"])

    since, until = "2027-03-01T12:00:00Z", "2027-03-02T23:00:00Z"
    own = {"source": "REDEMPTION", "programId": None, "since": since}
    vip = {"key": "vip", "id": forever, "until": None, **own}
    assert entitlements() == [{"key": "free_shipping", "id": redemption, "until": until, **own}, vip]
    clock.move_to(until)
    assert entitlements() == [vip]


def test_the_rights_of_a_tier_are_entitlements_until_the_tier_ends(stack: Stack, clock: time_machine.Traveller) -> None:
    wallet = stack.wallet()
    club(stack, wallet)
    stack.credit(wallet, 1_000)
    tier = {"source": "TIER", "id": "vip", "programId": "club", "since": "2027-03-01T12:00:00Z"}
    until = "2028-12-31T23:00:00Z"
    found = stack.http("GET", "/v1/customers/ann/entitlements").body["data"]
    assert found == [{"key": key, "until": until, **tier} for key in ("exclusive_discounts", "free_shipping")]
    clock.move_to(until)
    assert stack.http("GET", "/v1/customers/ann/entitlements").body["data"] == []


def test_redemptions_are_listed_newest_first_in_pages(stack: Stack, clock: time_machine.Traveller) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    offered = reward(stack, {wallet: 5})
    made = []
    for _ in range(3):
        made.append(redeemed(stack, offered))
        clock.shift(1)
    path = "/v1/customers/ann/redemptions"

    first = stack.http("GET", path, query={"limit": 2}).body
    second = stack.http("GET", path, query={"limit": 2, "cursor": first["nextCursor"]}).body

    assert [one["redemptionId"] for one in (*first["data"], *second["data"])] == made[::-1]
    assert second["nextCursor"] is None
    assert stack.http("GET", f"{path}/{made[0]}").body == second["data"][0]
    assert stack.http("GET", f"{path}/rdm_unknown").code == "redemption_not_found"


def test_a_reward_for_a_tier_is_available_from_the_tier_on(stack: Stack, clock: time_machine.Traveller) -> None:
    wallet = stack.wallet()
    levels = [{"tierId": "member", "name": "Member", "from": 0}, {"tierId": "gold", "name": "Gold", "from": 1_000}]
    club(stack, wallet, levels=levels)
    stack.credit(wallet, 999)
    golden = reward(stack, {wallet: 5}, name="golden", conditions={"customer": {"tiers": {"club": ["gold"]}}})

    before = redeem(stack, golden)
    stack.credit(wallet, 1)

    assert (before.code, before.body["reason"]) == ("reward_not_available", "conditions")
    assert offers(stack)["golden"]["available"] is True
    assert redeem(stack, golden).status == 201
