"""Wallets from their creation to their deletion: the answers and the stored items."""

import re
from typing import Any

import pytest
import time_machine

from loyalty.store.store import connected_store
from tests.integration.racing import before_next
from tests.support.stack import Answer, Stack


def create(stack: Stack, **settings: Any) -> Answer:
    return stack.http("POST", "/v1/wallets", {"name": "Points", **settings})


def read(stack: Stack, wallet: str) -> Any:
    answer = stack.http("GET", f"/v1/wallets/{wallet}")
    assert answer.status == 200, answer.text
    return answer.body


def change(stack: Stack, wallet: str, version: int, **settings: Any) -> Answer:
    return stack.http("PATCH", f"/v1/wallets/{wallet}", settings, headers={"If-Match": f'"{version}"'})


def move(stack: Stack, wallet: str, verb: str) -> Answer:
    return stack.http("POST", f"/v1/wallets/{wallet}/{verb}")


def delete(stack: Stack, wallet: str) -> Answer:
    return stack.http("DELETE", f"/v1/wallets/{wallet}")


def names(stack: Stack, **query: Any) -> list[str]:
    return [wallet["name"] for wallet in stack.http("GET", "/v1/wallets", query=query).body["data"]]


NO_LIMITS = {
    "earningLimits": {"global": {"type": "NO_LIMIT", "whenExceeded": "CAP"}, "transaction": {"whenExceeded": "CAP"}},
    "spendingLimits": {
        "global": {"type": "NO_LIMIT", "whenExceeded": "REJECT"},
        "transaction": {"whenExceeded": "REJECT"},
    },
}
DEFAULTS = {
    "pointsName": "points",
    "description": "",
    "type": "INDIVIDUAL",
    "allowNegativeBalance": False,
    "negativeLimit": None,
    "consumptionOrder": "EARLIEST_EXPIRY",
    "payWithPoints": {"type": "NO_PAYMENTS", "amountUnit": 1},
    "pointsDecimals": 0,
    "pointValue": None,
    "autoEnrol": True,
    "code": {"charset": "ALPHANUMERIC", "length": 10, "prefix": "", "postfix": ""},
    "expiration": {"type": "NO_EXPIRATION", "rounding": "NONE"},
    "pending": {"type": "IMMEDIATE"},
    **NO_LIMITS,
    "transfers": {"allowed": False, "countAsSpending": False},
    "refunds": {
        "spent": {"type": "REFUND_AMOUNT", "expiredLots": "RENEW"},
        "earned": {"type": "REVOKE_FROM_BALANCE", "mode": "REVOKE_TO_ZERO", "of": "ORDER"},
    },
    "notices": {},
    "metadata": {},
}


def define(stack: Stack, *events: str) -> None:
    for event in events:
        assert stack.http("PUT", f"/v1/event-definitions/{event}", {}).status == 200


def test_a_new_wallet_is_active_with_all_default_settings(stack: Stack, clock: time_machine.Traveller) -> None:
    answer = create(stack)

    assert answer.status == 201
    wallet = answer.body["walletId"]
    assert answer.headers["Location"] == f"/v1/wallets/{wallet}"
    assert answer.headers["ETag"] == '"1"'
    assert answer.body == {
        "walletId": wallet,
        "version": 1,
        "status": "ACTIVE",
        "actionRequired": [],
        "name": "Points",
        **DEFAULTS,
        "timeZone": "Europe/Berlin",
        "currency": "EUR",
        "expressions": [],
        "usedBy": [],
        "createdAt": "2027-03-01T12:00:00Z",
        "createdBy": "key_test",
        "updatedAt": "2027-03-01T12:00:00Z",
    }
    assert read(stack, wallet) == answer.body


def test_a_wallet_keeps_its_settings(stack: Stack) -> None:
    settings = {
        "pointsName": "Meilen",
        "description": "Für Vielflieger ✈",
        "consumptionOrder": "EARLIEST_ISSUE",
        "pointsDecimals": 2,
        "pointValue": 5,
        "autoEnrol": False,
        "code": {"charset": "UNAMBIGUOUS", "length": 8, "pattern": "##-##-##", "prefix": "A-", "postfix": ".Z"},
        "expiration": {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "YEAR", "rounding": "NONE"},
        "pending": {"type": "PERIOD_BASED", "every": 14, "unit": "DAY"},
    }
    wallet = create(stack, **settings).body["walletId"]
    found = read(stack, wallet)
    assert {name: found[name] for name in settings} == settings


ROLLING = {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "YEAR"}
SLIDING = {"type": "SLIDING_EXPIRATION", "every": 90, "unit": "DAY", "rounding": "NONE"}
DATES = [{"month": 2, "day": 29}, {"month": 12, "day": 31}]
GROUPS: list[dict[str, Any]] = [
    {"allowNegativeBalance": True},
    {"allowNegativeBalance": True, "negativeLimit": 500},
    *(
        {"expiration": {**ROLLING, "rounding": rounding}}
        for rounding in ("NONE", "END_OF_MONTH", "END_OF_QUARTER", "END_OF_HALF_YEAR", "END_OF_YEAR")
    ),
    {"expiration": {**ROLLING, "rounding": "END_OF_PARTICULAR_MONTH", "month": 3}},
    *(
        {"expiration": {**ROLLING, "every": most, "unit": unit, "rounding": "NONE"}}
        for unit, most in (
            ("MINUTE", 525_600),
            ("HOUR", 8_784),
            ("DAY", 3_650),
            ("WEEK", 520),
            ("MONTH", 120),
            ("YEAR", 10),
        )
    ),
    {"expiration": {"type": "CALENDAR_EXPIRATION", "rounding": "NONE", "dates": DATES}},
    {"expiration": {**SLIDING, "resetBy": ["EARNING", "SPENDING"]}},
    {"expiration": {**SLIDING, "resetBy": ["EARNING", "CUSTOM_EVENT"], "events": ["app.opened", "shop.visited"]}},
    {"pending": {"type": "FIXED_DATES", "dates": DATES}},
    {"pending": {"type": "EVENT_BASED", "events": ["app.opened", "shop.visited"]}},
    {
        "pending": {
            "type": "EVENT_BASED",
            "events": ["app.opened"],
            "cancelAfter": {"every": 30, "unit": "DAY"},
        }
    },
    {
        "earningLimits": {
            "global": {"type": "BALANCE_BASED", "max": 5_000, "whenExceeded": "REJECT"},
            "transaction": {"maxPoints": 100, "minAmount": 1_000, "whenExceeded": "REJECT"},
        }
    },
    *(
        {
            "earningLimits": {
                "global": {"type": "TIME_BASED", "unit": unit, "max": 1, "whenExceeded": "CAP"},
                "transaction": {"whenExceeded": "CAP"},
            }
        }
        for unit in ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
    ),
    {
        "spendingLimits": {
            "global": {"type": "SPENDING_BASED", "max": 10**15, "whenExceeded": "CAP"},
            "transaction": {"maxPoints": 10**12, "whenExceeded": "CAP"},
        }
    },
    {
        "spendingLimits": {
            "global": {"type": "TIME_BASED", "unit": "QUARTER", "max": 1, "whenExceeded": "REJECT"},
            "transaction": {"whenExceeded": "REJECT"},
        }
    },
    {"metadata": {"region": "EU", "tags": ["a", None], "more": {"empty": None, "none": []}, "share": 0.5}},
]


@pytest.mark.parametrize("settings", GROUPS, ids=str)
def test_every_group_of_settings_is_answered_as_it_was_sent(stack: Stack, settings: dict[str, Any]) -> None:
    define(stack, "app.opened", "shop.visited")

    created = create(stack, **settings)

    assert (created.status, created.body["actionRequired"]) == (201, [])
    wallet = created.body["walletId"]
    found = read(stack, wallet)
    assert {name: found[name] for name in DEFAULTS} == {**DEFAULTS, **settings}
    # A change and a copy have the same settings.
    other = create(stack, name="Other").body["walletId"]
    changed = change(stack, other, 1, **settings).body
    copied = stack.http("POST", f"/v1/wallets/{wallet}/copy", {"name": "Copy"}).body
    for body in (changed, copied):
        assert {name: body[name] for name in DEFAULTS} == {**DEFAULTS, **settings}
    # The settings are accepted as they were read.
    again = change(stack, wallet, 1, **{name: found[name] for name in settings}).body
    assert {name: again[name] for name in settings} == settings


def test_a_repeated_creation_makes_one_wallet(stack: Stack) -> None:
    first = stack.http("POST", "/v1/wallets", {"name": "Points"}, key="wallet-one")
    again = stack.http("POST", "/v1/wallets", {"name": "Points"}, key="wallet-one")

    assert again.body == first.body
    assert (again.status, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert names(stack) == ["Points"]


def test_the_same_key_with_other_settings_is_refused(stack: Stack) -> None:
    stack.http("POST", "/v1/wallets", {"name": "Points"}, key="wallet-one")
    answer = stack.http("POST", "/v1/wallets", {"name": "Miles"}, key="wallet-one")
    assert (answer.status, answer.code) == (422, "key_reused")
    assert names(stack) == ["Points"]


def test_a_repetition_has_the_first_answer_after_the_wallet_changed(stack: Stack) -> None:
    first = stack.http("POST", "/v1/wallets", {"name": "Points"}, key="wallet-one")
    change(stack, first.body["walletId"], 1, name="Miles")
    assert stack.http("POST", "/v1/wallets", {"name": "Points"}, key="wallet-one").body == first.body


@pytest.mark.parametrize("name", ["Points", "POINTS", "  points  "])
def test_wallet_names_are_unique_without_case_and_outer_spaces(stack: Stack, name: str) -> None:
    create(stack)
    before = stack.items()
    answer = create(stack, name=name)
    assert (answer.status, answer.code) == (409, "wallet_name_taken")
    assert answer.fields() == {"body.name": "taken"}
    assert stack.items() == before


def test_a_former_name_of_a_wallet_can_be_used_again(stack: Stack) -> None:
    wallet = create(stack).body["walletId"]
    assert change(stack, wallet, 1, name="Miles").status == 200
    assert create(stack, name="Points").status == 201
    assert create(stack, name="Miles").code == "wallet_name_taken"


def test_a_draft_may_be_incomplete_and_lists_its_required_action(stack: Stack) -> None:
    answer = create(
        stack,
        status="DRAFT",
        expiration={"type": "ROLLING_EXPIRATION", "unit": "YEAR"},
        pending={"type": "PERIOD_BASED", "every": 4_000, "unit": "DAY"},
        code={"length": 4, "charset": "NUMERIC"},
    )
    assert (answer.status, answer.body["status"]) == (201, "DRAFT")
    assert [(need["step"], need["field"], need["code"]) for need in answer.body["actionRequired"]] == [
        ("code", "code.length", "too_few_codes"),
        ("expiration", "expiration.every", "required"),
        ("pending", "pending.every", "too_long"),
    ]


def test_a_wallet_that_needs_action_cannot_become_active(stack: Stack) -> None:
    needy = {"expiration": {"type": "ROLLING_EXPIRATION", "unit": "YEAR"}}
    assert create(stack, **needy).code == "action_required"
    draft = create(stack, status="DRAFT", **needy).body["walletId"]

    answer = move(stack, draft, "activate")

    assert (answer.status, answer.code) == (422, "action_required")
    assert answer.fields() == {"expiration.every": "required"}
    assert answer.body["errors"][0]["step"] == "expiration"
    assert change(stack, draft, 1, expiration={"type": "ROLLING_EXPIRATION", "every": 1, "unit": "YEAR"}).status == 200
    assert move(stack, draft, "activate").body["status"] == "ACTIVE"
    # An active wallet cannot be changed so that it needs action.
    assert change(stack, draft, 3, **needy).code == "action_required"


NEEDS: list[tuple[dict[str, Any], list[tuple[str, str, str]]]] = [
    ({"negativeLimit": 500}, [("general", "negativeLimit", "needs_negative_balance")]),
    (
        {"allowNegativeBalance": True, "expiration": ROLLING},
        [("expiration", "expiration.type", "negative_balance_needs_no_expiration")],
    ),
    ({"code": {"length": 40, "prefix": "A" * 32}}, [("code", "code.pattern", "code_too_long")]),
    ({"code": {"charset": "NUMERIC", "length": 5}}, [("code", "code.length", "too_few_codes")]),
    (
        {"expiration": {"type": "ROLLING_EXPIRATION"}},
        [("expiration", "expiration.every", "required"), ("expiration", "expiration.unit", "required")],
    ),
    (
        {"expiration": {"type": "SLIDING_EXPIRATION"}},
        [
            ("expiration", "expiration.every", "required"),
            ("expiration", "expiration.unit", "required"),
            ("expiration", "expiration.resetBy", "required"),
        ],
    ),
    *(
        ({"expiration": {**ROLLING, "every": most + 1, "unit": unit}}, [("expiration", "expiration.every", "too_long")])
        for unit, most in (("HOUR", 8_784), ("DAY", 3_650), ("WEEK", 520), ("MONTH", 120), ("YEAR", 10))
    ),
    (
        {"expiration": {**ROLLING, "rounding": "END_OF_PARTICULAR_MONTH"}},
        [("expiration", "expiration.month", "required")],
    ),
    ({"expiration": {"type": "CALENDAR_EXPIRATION"}}, [("expiration", "expiration.dates", "required")]),
    (
        {"expiration": {"type": "CALENDAR_EXPIRATION", "dates": [{"month": 2, "day": 29}, {"month": 6, "day": 31}]}},
        [("expiration", "expiration.dates[1].day", "no_such_date")],
    ),
    (
        {"expiration": {**SLIDING, "resetBy": ["CUSTOM_EVENT"]}},
        [("expiration", "expiration.events", "required")],
    ),
    (
        {"pending": {"type": "PERIOD_BASED"}},
        [("pending", "pending.every", "required"), ("pending", "pending.unit", "required")],
    ),
    ({"pending": {"type": "PERIOD_BASED", "every": 521, "unit": "WEEK"}}, [("pending", "pending.every", "too_long")]),
    ({"pending": {"type": "FIXED_DATES"}}, [("pending", "pending.dates", "required")]),
    (
        {"pending": {"type": "FIXED_DATES", "dates": [{"month": 2, "day": 30}]}},
        [("pending", "pending.dates[0].day", "no_such_date")],
    ),
    ({"pending": {"type": "EVENT_BASED"}}, [("pending", "pending.events", "required")]),
    (
        {"pending": {"type": "EVENT_BASED", "events": ["app.opened"], "cancelAfter": {"every": 11, "unit": "YEAR"}}},
        [("pending", "pending.cancelAfter.every", "too_long")],
    ),
    (
        {"pending": {"type": "EVENT_BASED", "events": ["app.opened", "app.opend"]}},
        [("pending", "pending.events[1]", "unknown_event")],
    ),
    (
        {"expiration": {**SLIDING, "resetBy": ["CUSTOM_EVENT"], "events": ["app.opend"]}},
        [("expiration", "expiration.events[0]", "unknown_event")],
    ),
    *(
        ({step: {"global": {"type": kind}}}, [(step, f"{step}.global.max", "required")])
        for step, kind in (("earningLimits", "BALANCE_BASED"), ("spendingLimits", "SPENDING_BASED"))
    ),
    *(
        (
            {step: {"global": {"type": "TIME_BASED"}}},
            [(step, f"{step}.global.max", "required"), (step, f"{step}.global.unit", "required")],
        )
        for step in ("earningLimits", "spendingLimits")
    ),
]


@pytest.mark.parametrize(("settings", "needs"), NEEDS, ids=str)
def test_each_violated_activation_rule_keeps_a_wallet_a_draft(
    stack: Stack, settings: dict[str, Any], needs: list[tuple[str, str, str]]
) -> None:
    define(stack, "app.opened")
    active = create(stack, name="Active").body["walletId"]
    before = stack.items()
    fields = {field: code for _, field, code in needs}

    for answer in (create(stack, **settings), change(stack, active, 1, **settings)):
        assert (answer.status, answer.code, answer.fields()) == (422, "action_required", fields)
        assert [problem["step"] for problem in answer.body["errors"]] == [step for step, *_ in needs]
    validated = stack.http("POST", "/v1/wallets/validate", {"name": "Points", **settings}).body
    assert stack.items() == before
    draft = create(stack, status="DRAFT", **settings).body
    for actions in (
        validated["actionRequired"],
        draft["actionRequired"],
        read(stack, draft["walletId"])["actionRequired"],
    ):
        assert [(need["step"], need["field"], need["code"]) for need in actions] == needs
    assert not validated["valid"]
    assert move(stack, draft["walletId"], "activate").fields() == fields
    # The default settings need no action.
    reset = change(stack, draft["walletId"], 1, **dict.fromkeys(settings)).body
    assert (reset["actionRequired"], {name: reset[name] for name in DEFAULTS}) == ([], DEFAULTS)
    assert move(stack, draft["walletId"], "activate").body["status"] == "ACTIVE"


def test_a_draft_with_an_undefined_event_can_be_activated_once_the_event_is_defined(stack: Stack) -> None:
    draft = create(stack, status="DRAFT", pending={"type": "EVENT_BASED", "events": ["app.opened"]}).body["walletId"]
    assert move(stack, draft, "activate").fields() == {"pending.events[0]": "unknown_event"}
    define(stack, "app.opened")
    assert read(stack, draft)["actionRequired"] == []
    assert move(stack, draft, "activate").body["status"] == "ACTIVE"


def test_a_change_of_an_inactive_wallet_must_meet_the_activation_rules(stack: Stack) -> None:
    wallet = create(stack).body["walletId"]
    move(stack, wallet, "deactivate")
    assert change(stack, wallet, 2, negativeLimit=1).code == "action_required"
    assert read(stack, wallet)["version"] == 2


def test_a_credit_in_a_draft_is_refused(stack: Stack) -> None:
    draft = create(stack, status="DRAFT").body["walletId"]
    answer = stack.credit(draft, 10)
    assert (answer.status, answer.code, answer.body["walletStatus"]) == (423, "wallet_not_active", "DRAFT")


def test_a_validation_lists_the_required_action_and_shows_a_code(stack: Stack) -> None:
    code = {"charset": "NUMERIC", "pattern": "AB-####-####"}
    answer = stack.http("POST", "/v1/wallets/validate", {"name": "Points", "code": code})
    assert (answer.body["valid"], answer.body["actionRequired"]) == (True, [])
    assert re.fullmatch(r"AB-\d{4}-\d{4}", answer.body["codePreview"])
    assert answer.body["possibleCodes"] == 10**8
    many = stack.http("POST", "/v1/wallets/validate", {"name": "Points", "code": {"charset": "NUMERIC", "length": 64}})
    assert many.body["possibleCodes"] == 2**53 - 1
    few = stack.http("POST", "/v1/wallets/validate", {"name": "Points", "code": {"charset": "NUMERIC", "length": 5}})
    assert (few.body["valid"], few.body["actionRequired"][0]["code"]) == (False, "too_few_codes")
    assert stack.items() == []


def test_a_change_replaces_the_named_groups_only(stack: Stack) -> None:
    code = {"charset": "NUMERIC", "length": 12, "prefix": "A", "postfix": ""}
    wallet = create(stack, description="First", code=code, pointValue=3).body["walletId"]

    answer = change(stack, wallet, 1, code={"prefix": "B"}, pointValue=None)

    assert (answer.status, answer.headers["ETag"], answer.body["version"]) == (200, '"2"', 2)
    # The whole group is replaced: omitted fields have their default again.
    assert answer.body["code"] == {"charset": "ALPHANUMERIC", "length": 10, "prefix": "B", "postfix": ""}
    assert (answer.body["pointValue"], answer.body["description"]) == (None, "First")
    assert read(stack, wallet) == answer.body


def test_null_sets_a_setting_to_its_default_and_is_refused_for_the_name(stack: Stack) -> None:
    wallet = create(stack, expiration={"type": "ROLLING_EXPIRATION", "every": 1, "unit": "YEAR"}).body["walletId"]
    assert change(stack, wallet, 1, expiration=None).body["expiration"] == DEFAULTS["expiration"]
    nameless = change(stack, wallet, 2, name=None)
    assert (nameless.status, nameless.fields()) == (400, {"body.name": "wrong_type"})


@pytest.mark.parametrize("settings", GROUPS, ids=str)
def test_null_resets_a_group_and_keeps_the_others(stack: Stack, settings: dict[str, Any]) -> None:
    define(stack, "app.opened", "shop.visited")
    wallet = create(stack, description="Kept", **settings).body["walletId"]

    answer = change(stack, wallet, 1, **dict.fromkeys(settings))

    assert answer.status == 200, answer.text
    expected = {**DEFAULTS, "description": "Kept"}
    assert {name: answer.body[name] for name in DEFAULTS} == expected
    assert {name: read(stack, wallet)[name] for name in DEFAULTS} == expected
    # The previous version still has the former settings.
    first = stack.http("GET", f"/v1/wallets/{wallet}/versions").body["data"][-1]
    assert {name: first[name] for name in settings} == settings


def test_omitted_fields_of_a_group_of_limits_are_reset_to_their_defaults(stack: Stack) -> None:
    limits = {
        "global": {"type": "BALANCE_BASED", "max": 100, "whenExceeded": "REJECT"},
        "transaction": {"maxPoints": 5},
    }
    wallet = create(stack, earningLimits=limits, spendingLimits={"transaction": {"maxPoints": 5}}).body["walletId"]

    answer = change(stack, wallet, 1, earningLimits={"transaction": {"minAmount": 1}}, spendingLimits={})

    assert answer.body["earningLimits"] == {
        **NO_LIMITS["earningLimits"],
        "transaction": {"minAmount": 1, "whenExceeded": "CAP"},
    }
    assert answer.body["spendingLimits"] == NO_LIMITS["spendingLimits"]


def test_a_change_with_an_outdated_etag_is_refused(stack: Stack) -> None:
    wallet = create(stack).body["walletId"]
    change(stack, wallet, 1, description="Mine")
    stale = change(stack, wallet, 1, description="Theirs")
    assert (stale.status, stale.code) == (412, "precondition_failed")
    assert read(stack, wallet)["description"] == "Mine"


def test_one_of_two_concurrent_changes_of_a_wallet_is_refused(stack: Stack) -> None:
    wallet = create(stack).body["walletId"]
    rivals = []
    with before_next("TransactWriteItems", lambda: rivals.append(change(stack, wallet, 1, description="Theirs"))):
        mine = change(stack, wallet, 1, description="Mine")
    assert [answer.status for answer in rivals] == [200]
    assert (mine.status, mine.code) == (412, "precondition_failed")
    assert read(stack, wallet)["description"] == "Theirs"
    assert read(stack, wallet)["version"] == 2


def test_every_version_of_a_wallet_is_readable(stack: Stack) -> None:
    wallet = create(stack).body["walletId"]
    change(stack, wallet, 1, description="Second")
    move(stack, wallet, "deactivate")
    move(stack, wallet, "activate")

    path = f"/v1/wallets/{wallet}/versions"
    first = stack.http("GET", path, query={"limit": 3})
    rest = stack.http("GET", path, query={"limit": 3, "cursor": first.body["nextCursor"]})

    versions = first.body["data"] + rest.body["data"]
    assert [version["version"] for version in versions] == [4, 3, 2, 1]
    assert [version["change"] for version in versions] == ["Activated", "Deactivated", "Changed", "Created"]
    assert [version["description"] for version in versions] == ["Second", "Second", "Second", ""]
    assert {version["changedBy"] for version in versions} == {"key_test"}
    assert rest.body["nextCursor"] is None


def test_repeated_activations_and_deactivations_change_nothing(stack: Stack) -> None:
    wallet = create(stack).body["walletId"]
    first, again = move(stack, wallet, "deactivate"), move(stack, wallet, "deactivate")
    assert (first.body["status"], first.status, again.status) == ("INACTIVE", 200, 200)
    assert again.body == first.body
    first, again = move(stack, wallet, "activate"), move(stack, wallet, "activate")
    assert (first.body["status"], first.body["version"]) == ("ACTIVE", 3)
    assert again.body == first.body


def test_an_inactive_wallet_refuses_credits_debits_and_enrolments_and_allows_refunds(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = create(stack).body["walletId"]
    stack.credit(wallet, 100)
    stack.debit(wallet, 40, orderId="A")
    move(stack, wallet, "deactivate")
    clock.shift(15)

    for answer in (
        stack.credit(wallet, 1),
        stack.debit(wallet, 1),
        stack.http("POST", f"/v1/wallets/{wallet}/cards", {"customerId": "bob"}),
    ):
        assert (answer.status, answer.code) == (423, "wallet_not_active")
    assert stack.refund(wallet, "A").status == 201
    assert stack.card(wallet)["balance"]["active"] == 100
    move(stack, wallet, "activate")
    clock.shift(15)
    assert stack.credit(wallet, 1).status == 201


def test_a_cached_wallet_is_used_for_at_most_ten_seconds(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = create(stack).body["walletId"]
    stack.credit(wallet, 1)
    # A change in another environment does not reach the cache of this environment.
    cached = dict(connected_store().wallets._cache)
    move(stack, wallet, "deactivate")
    connected_store().wallets._cache.update(cached)

    assert stack.credit(wallet, 1).status == 201
    clock.shift(10)
    assert stack.credit(wallet, 1).code == "wallet_not_active"


def test_an_unused_wallet_is_deleted_a_minute_after_its_deactivation(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = create(stack).body["walletId"]
    assert (delete(stack, wallet).status, delete(stack, wallet).code) == (409, "wallet_in_use")
    move(stack, wallet, "deactivate")
    clock.shift(59)
    assert delete(stack, wallet).code == "wallet_in_use"
    clock.shift(1)
    assert (delete(stack, wallet).status, delete(stack, wallet).text) == (204, "")
    assert delete(stack, wallet).status == 204
    assert read(stack, wallet)["status"] == "DELETED"


def test_a_wallet_with_cards_cannot_be_deleted(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = create(stack).body["walletId"]
    stack.credit(wallet, 1)
    move(stack, wallet, "deactivate")
    clock.shift(60)
    assert (delete(stack, wallet).status, delete(stack, wallet).code) == (409, "wallet_in_use")


def test_a_deleted_wallet_is_readable_and_refuses_all_commands(stack: Stack) -> None:
    wallet = create(stack, status="DRAFT").body["walletId"]
    create(stack, name="Other")
    assert delete(stack, wallet).status == 204

    assert names(stack) == ["Other"]
    assert names(stack, status="DELETED") == ["Points"]
    for answer in (
        stack.credit(wallet, 1),
        stack.debit(wallet, 1),
        stack.refund(wallet, "A"),
        move(stack, wallet, "activate"),
        change(stack, wallet, 2, name="Back"),
        stack.http("POST", f"/v1/wallets/{wallet}/cards", {"customerId": "ann"}),
    ):
        assert (answer.status, answer.code) == (410, "wallet_deleted"), answer.text
    # The name can be used again.
    assert create(stack).status == 201


def test_a_deletion_with_an_outdated_etag_is_refused(stack: Stack) -> None:
    wallet = create(stack, status="DRAFT").body["walletId"]
    change(stack, wallet, 1, description="Changed")
    answer = stack.http("DELETE", f"/v1/wallets/{wallet}", headers={"If-Match": '"1"'})
    assert (answer.status, answer.code) == (412, "precondition_failed")
    assert stack.http("DELETE", f"/v1/wallets/{wallet}", headers={"If-Match": '"2"'}).status == 204


def test_a_copy_is_a_draft_with_the_same_settings(stack: Stack) -> None:
    settings = {"pointValue": 7, "expiration": {**ROLLING, "rounding": "NONE"}}
    wallet = create(stack, **settings).body["walletId"]
    answer = stack.http("POST", f"/v1/wallets/{wallet}/copy", {"name": "Points II"})
    assert (answer.status, answer.body["status"], answer.body["name"]) == (201, "DRAFT", "Points II")
    assert {name: answer.body[name] for name in settings} == settings
    assert answer.body["walletId"] != wallet
    taken = stack.http("POST", f"/v1/wallets/{wallet}/copy", {"name": "Points II"})
    assert taken.code == "wallet_name_taken"


def test_all_wallets_are_listed_once_over_several_pages(stack: Stack) -> None:
    created = {create(stack, name=f"Wallet {number}").body["walletId"] for number in range(7)}
    draft = create(stack, name="Draft", status="DRAFT").body["walletId"]
    seen: list[str] = []
    cursor = None
    while True:
        page = stack.http("GET", "/v1/wallets", query={"limit": 3, "cursor": cursor}).body
        assert len(page["data"]) <= 3
        seen += [wallet["walletId"] for wallet in page["data"]]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted({*created, draft})
    assert names(stack, status="DRAFT") == ["Draft"]


def test_points_decimals_are_fixed_at_the_first_card(stack: Stack) -> None:
    wallet = create(stack).body["walletId"]
    assert change(stack, wallet, 1, pointsDecimals=2).status == 200
    stack.credit(wallet, 1)
    answer = change(stack, wallet, 2, pointsDecimals=0)
    assert (answer.status, answer.code) == (409, "setting_fixed")
    assert answer.fields() == {"body.pointsDecimals": "fixed"}


def test_zone_and_currency_are_fixed_by_the_first_active_wallet(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = create(stack, status="DRAFT").body["walletId"]
    monkeypatch.setenv("LOYALTY_TIME_ZONE", "Asia/Tokyo")
    monkeypatch.setenv("LOYALTY_CURRENCY", "JPY")
    # No wallet was active: a draft gets the current zone and currency when it becomes active.
    active = move(stack, draft, "activate").body
    assert (active["timeZone"], active["currency"]) == ("Asia/Tokyo", "JPY")
    monkeypatch.setenv("LOYALTY_TIME_ZONE", "Europe/Berlin")
    monkeypatch.setenv("LOYALTY_CURRENCY", "EUR")
    later = create(stack, name="Later").body
    assert (later["timeZone"], later["currency"]) == ("Asia/Tokyo", "JPY")


def test_granted_points_keep_their_expiry_when_the_wallet_changes(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = create(stack, expiration={"type": "ROLLING_EXPIRATION", "every": 1, "unit": "DAY"}).body["walletId"]
    stack.credit(wallet, 10)
    change(stack, wallet, 1, expiration={"type": "NO_EXPIRATION"})
    clock.shift(10)
    stack.credit(wallet, 20)
    lots = [(lot["points"], lot["expiresAt"]) for lot in stack.card(wallet)["lots"]]
    # The last day is usable until its end, in Berlin.
    assert lots == [(10, "2027-03-02T23:00:00Z"), (20, None)]


def test_an_unknown_wallet_is_not_found(stack: Stack) -> None:
    for answer in (
        stack.http("GET", "/v1/wallets/wal_x"),
        change(stack, "wal_x", 1),
        move(stack, "wal_x", "activate"),
        delete(stack, "wal_x"),
        stack.credit("wal_x", 1),
    ):
        assert (answer.status, answer.code) == (404, "wallet_not_found")
