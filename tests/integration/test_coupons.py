"""Codes of coupons: made, listed, judged and revoked."""

from typing import Any

import pytest
import time_machine

from tests.integration.accounts import at
from tests.integration.campaigning import made, move
from tests.integration.couponing import code, codes, coupon, coupon_campaign, points, redeem, refusal
from tests.integration.racing import before_next, unanswered
from tests.support.stack import Answer, Stack


@pytest.fixture
def wallet(clock: time_machine.Traveller, stack: Stack) -> str:
    return stack.wallet()


@pytest.fixture
def campaign(stack: Stack, wallet: str) -> str:
    return coupon_campaign(stack, wallet)


def listed(stack: Stack, campaign: str, limit: int = 100) -> list[Any]:
    found: list[Any] = []
    cursor = None
    while True:
        query = {"limit": limit, "cursor": cursor}
        page = stack.http("GET", f"/v1/campaigns/{campaign}/codes", query=query).body
        found += page["data"]
        cursor = page["nextCursor"]
        if cursor is None:
            return found


def test_a_repeated_request_makes_the_same_codes(stack: Stack, campaign: str) -> None:
    first, again = codes(stack, campaign, count=20), codes(stack, campaign, count=20)
    assert first.status == again.status == 201
    assert first.body == again.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(set(first.body["codes"])) == len(listed(stack, campaign)) == 20
    other = codes(stack, campaign, key="codes-0002", count=20)
    assert not set(other.body["codes"]) & set(first.body["codes"])


def test_a_request_that_made_some_codes_before_it_failed_makes_the_same_codes(stack: Stack, campaign: str) -> None:
    with unanswered("TransactWriteItems", 2):
        assert codes(stack, campaign, count=110).code == "busy"
    assert len(listed(stack, campaign)) == 100
    answer = codes(stack, campaign, count=110)
    assert set(answer.body["codes"]) == {one["code"] for one in listed(stack, campaign)}


def test_two_equal_requests_at_once_make_the_codes_once(stack: Stack, campaign: str) -> None:
    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(codes(stack, campaign, count=3))):
        answer = codes(stack, campaign, count=3)
    assert answer.body == rivals[0].body
    assert len(listed(stack, campaign)) == 3


def test_a_key_that_made_other_codes_is_refused(stack: Stack, campaign: str) -> None:
    codes(stack, campaign, count=2)
    assert codes(stack, campaign, count=3).code == "key_reused"
    assert codes(stack, campaign, codes=["SAVE10"]).code == "key_reused"
    assert len(listed(stack, campaign)) == 2


def test_a_shared_code_belongs_to_one_campaign(stack: Stack, wallet: str, campaign: str) -> None:
    assert codes(stack, campaign, codes=["save10", "Welcome"]).body["codes"] == ["SAVE10", "WELCOME"]
    other = coupon_campaign(stack, wallet, name="Other")
    refused = codes(stack, other, codes=["NEW1", "SAVE10"])
    assert (refused.status, refused.code, refused.fields()) == (409, "code_taken", {"body.codes[1]": "code_taken"})
    assert listed(stack, other) == []
    assert codes(stack, campaign, codes=["SAVE10"], key="codes-0002").code == "code_taken"


def test_codes_of_customers_are_bound_to_them(stack: Stack, campaign: str) -> None:
    answer = codes(stack, campaign, customerIds=["ann", "bob"], config={"prefix": "vip-", "length": 6})
    of_ann, of_bob = answer.body["codes"]
    assert of_ann.startswith("VIP-")
    assert [coupon(stack, one)["customerId"] for one in (of_ann, of_bob)] == ["ann", "bob"]
    assert refusal(redeem(stack, of_bob, "ann")) == (422, "coupon_not_valid", "other_customer")
    assert points(redeem(stack, of_bob, "bob")) == [10]


def test_the_list_of_codes_has_their_uses_page_by_page(stack: Stack, campaign: str) -> None:
    made_codes = codes(stack, campaign, count=23, maxUses=2, expiresAt=at(days=1)).body["codes"]
    codes(stack, campaign, codes=["SAVE10"], key="codes-0002")
    redeem(stack, made_codes[0])
    redeem(stack, "SAVE10")
    found = {one["code"]: one for one in listed(stack, campaign, limit=5)}
    assert found.keys() == {*made_codes, "SAVE10"}
    assert len(listed(stack, campaign, limit=24)) == 24
    assert [found[one]["uses"] for one in (*made_codes[:2], "SAVE10")] == [1, 0, None]
    assert found[made_codes[1]] == {
        "code": made_codes[1],
        "campaignId": campaign,
        "maxUses": 2,
        "uses": 0,
        "customerId": None,
        "expiresAt": at(days=1),
        "revoked": False,
        "createdAt": at(),
    }


def test_codes_that_could_be_guessed_are_refused(stack: Stack, campaign: str) -> None:
    for config, field in (
        ({"length": 3}, "body.config.pattern"),
        ({"prefix": "P" * 32, "postfix": "P" * 32, "length": 20}, "body.config.pattern"),
        ({"charset": "NUMERIC", "length": 4}, "body.config.length"),
        ({"charset": "abcABC", "length": 9}, "body.config.length"),
        ({"pattern": "SAVE-##"}, "body.config.pattern"),
    ):
        answer = codes(stack, campaign, count=2, config=config)
        assert (answer.status, list(answer.fields())) == (400, [field]), answer.text


def test_a_refusal_names_the_wrong_field(stack: Stack, campaign: str) -> None:
    for body, field in (
        ({}, "body.codes"),
        ({"codes": ["SAVE10"], "count": 1}, "body.codes"),
        ({"codes": ["SAVE10", "save10"]}, "body.codes"),
        ({"codes": ["SAVE 10"]}, "body.codes[0]"),
        ({"codes": ["SAVE10"], "maxUses": 2}, "body.maxUses"),
        ({"codes": ["SAVE10"], "config": {}}, "body.config"),
        ({"count": 1_001}, "body.count"),
    ):
        answer = codes(stack, campaign, **body)
        assert (answer.status, list(answer.fields())) == (400, [field]), answer.text


def test_only_a_campaign_of_coupons_that_has_not_ended_gets_codes(stack: Stack, wallet: str, campaign: str) -> None:
    other = codes(stack, made(stack, wallet), count=1)
    assert (other.status, other.fields()) == (422, {"trigger.type": "no_coupons"})
    draft = made(stack, wallet, trigger={"type": "COUPON"}, status="DRAFT")
    assert codes(stack, draft, count=1).status == 201
    move(stack, campaign, "end")
    assert codes(stack, campaign, count=1).code == "campaign_not_active"


def test_a_campaign_of_coupons_has_settings_of_its_own(stack: Stack) -> None:
    settings = {"group": "coupons", "multiplier": {"factor": "2"}, "trigger": {"type": "COUPON", "event": "order.paid"}}
    answer = stack.http("POST", "/v1/campaigns/validate", {"name": "C", **settings})
    unused = {one["field"] for one in answer.body["actionRequired"] if one["code"] == "not_used"}
    assert unused == {"trigger.event", "group", "multiplier"}


def test_a_coupon_is_judged_by_code_campaign_and_customer(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    campaign = coupon_campaign(
        stack, wallet, endsAt=at(days=3), limits={"perCustomer": {"times": 1}, "budget": {"awards": 2}}
    )
    unique, expiring = code(stack, campaign, maxUses=2), code(stack, campaign, expiresAt=at(days=1))
    assert (coupon(stack, unique.lower())["valid"], coupon(stack, unique)["reason"]) == (True, None)
    redeem(stack, unique, "ann")
    assert coupon(stack, unique)["valid"]
    assert coupon(stack, unique, "bob")["valid"]
    assert coupon(stack, unique, "ann")["reason"] == "limit_per_customer"
    redeem(stack, unique, "bob")
    assert coupon(stack, unique)["reason"] == "used_up"
    assert refusal(redeem(stack, expiring, "zoe")) == (422, "coupon_not_valid", "budget_exhausted")
    assert coupon(stack, expiring)["reason"] == "budget_exhausted"
    clock.shift(86_400)
    assert coupon(stack, expiring)["reason"] == "expired"
    other = code(stack, coupon_campaign(stack, wallet, startsAt=at(days=2)))
    assert coupon(stack, other)["reason"] == "not_running"
    assert stack.http("DELETE", f"/v1/coupons/{other}").status == 204
    assert coupon(stack, other)["reason"] == "revoked"


def test_a_revoked_code_gives_no_points_and_keeps_those_that_it_gave(stack: Stack, wallet: str, campaign: str) -> None:
    unique = code(stack, campaign, maxUses=5)
    redeem(stack, unique, "ann")
    for _ in range(2):
        assert stack.http("DELETE", f"/v1/coupons/{unique.lower()}").status == 204
    assert refusal(redeem(stack, unique, "bob")) == (422, "coupon_not_valid", "revoked")
    assert points(redeem(stack, unique, "ann")) == [10]
    assert stack.card(wallet)["balance"]["active"] == 10
    assert [one["revoked"] for one in listed(stack, campaign)] == [True]
    assert stack.http("DELETE", "/v1/coupons/UNKNOWN").code == "coupon_not_found"
