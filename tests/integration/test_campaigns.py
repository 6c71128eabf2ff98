"""Campaigns from their creation to their end: the answers and the stored items."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from loyalty.store.store import connected_store
from loyalty.usecases.earning import campaigns
from tests.integration.accounts import at
from tests.integration.metering import metered
from tests.integration.racing import before_next
from tests.support.stack import Answer, Stack

Json = Any
PAID = {"type": "EVENT", "event": "order.paid"}
WEEK_AFTER_PAID = {"event": "order.paid", "within": {"every": 1, "unit": "WEEK"}}


@pytest.fixture
def wallet(stack: Stack) -> str:
    return stack.wallet()


def create(stack: Stack, wallet: str, **settings: Any) -> Answer:
    """Creates a campaign that gives 10 points for each order, unless it is a multiplier."""
    rewards = [{"walletId": wallet, "type": "FIXED", "points": 10}]
    body = {"name": "C", "trigger": PAID, **({} if "multiplier" in settings else {"rewards": rewards}), **settings}
    return stack.http("POST", "/v1/campaigns", body, key=body.pop("key", None))


def made(stack: Stack, wallet: str, **settings: Any) -> str:
    answer = create(stack, wallet, **settings)
    assert answer.status == 201, answer.text
    return str(answer.body["campaignId"])


def read(stack: Stack, campaign: str) -> Json:
    answer = stack.http("GET", f"/v1/campaigns/{campaign}")
    assert answer.status == 200, answer.text
    return answer.body


def change(stack: Stack, campaign: str, version: int, **settings: Any) -> Answer:
    return stack.http("PATCH", f"/v1/campaigns/{campaign}", settings, headers={"If-Match": f'"{version}"'})


def move(stack: Stack, campaign: str, verb: str) -> Answer:
    return stack.http("POST", f"/v1/campaigns/{campaign}/{verb}")


def delete(stack: Stack, campaign: str, **headers: str) -> Answer:
    return stack.http("DELETE", f"/v1/campaigns/{campaign}", headers=headers)


def listed(stack: Stack, **query: Any) -> list[str]:
    return [one["campaignId"] for one in stack.http("GET", "/v1/campaigns", query=query).body["data"]]


def required(answer: Answer) -> dict[str, str]:
    """The codes of the activation rules that are not met, by field."""
    return {one["field"]: one["code"] for one in answer.body["actionRequired"]}


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


def purchases(wallet: str) -> Iterator[Json]:
    """The settings of campaigns as businesses write them."""
    yield {"rewards": [{"walletId": wallet, "type": "PROPORTIONAL", "every": 10_000, "points": 100}]}
    yield {
        "conditions": {"customer": {"orderCount": [0]}},
        "rewards": [{"walletId": wallet, "type": "FIXED", "points": 200}],
    }
    yield {
        "startsAt": "2027-12-21T05:00:00Z",
        "endsAt": "2027-12-28T05:00:00Z",
        "multiplier": {"factor": "2"},
    }
    yield {
        "startsAt": "2027-12-01T05:00:00Z",
        "endsAt": "2028-01-01T05:00:00Z",
        "multiplier": {"factor": "3", "stack": True},
    }
    yield {
        "trigger": {"type": "EVENT", "event": "review.created"},
        "rewards": [{"walletId": wallet, "type": "FIXED", "points": 20}],
        "limits": {"perCustomer": {"oncePer": "properties.productId"}},
    }
    yield {
        "rewards": [
            {
                "walletId": wallet,
                "type": "PROPORTIONAL",
                "of": "order.items.amount",
                "items": {"categories": ["shoes"]},
                "every": 1_000,
                "points": 5,
                "proRata": True,
                "maxPoints": 500,
                "rounding": "HALF_UP",
                "earnOnPointsPaid": True,
                "activateAfter": {"every": 14, "unit": "DAY"},
                "expiresAt": "2029-01-01T00:00:00Z",
                "pointsDescription": "Schuhe ✓",
            },
            {
                "walletId": wallet,
                "type": "RANDOM",
                "outcomes": [{"points": 0, "weight": 9}, {"from": 1, "to": 100, "weight": 1}],
                "rounding": "DOWN",
            },
            {
                "walletId": wallet,
                "type": "PERCENTAGE",
                "percent": "2.50",
                "of": "properties.amount",
                "rounding": "UP",
                "earnOnPointsPaid": False,
                "activatesAt": "2028-01-01T00:00:00Z",
                "expireAfter": {"every": 1, "unit": "YEAR"},
            },
        ],
        "group": "purchases",
        "priority": 0,
        "hours": [{"days": ["MON", "SUN"], "from": "00:00", "to": "24:00"}],
        "limits": {
            "perCustomer": {
                "times": 3,
                "points": 100,
                "per": [{"unit": "DAY", "times": 1}, {"unit": "YEAR", "points": 50}],
                "cooldown": {"every": 1, "unit": "HOUR"},
            }
        },
        "metadata": {"season": "winter"},
    }
    for every in (
        {"unit": "MONTH", "day": 31},
        {"unit": "WEEK", "day": "MON"},
        {"dates": [{"month": 2, "day": 29}, {"month": 5, "day": 17}]},
        {"birthday": True, "daysBefore": 7},
    ):
        yield {"trigger": {"type": "SCHEDULE", "walletId": wallet, "at": "00:05", "every": every}}


@pytest.mark.parametrize("place", range(10))
def test_a_campaign_answers_its_settings_as_they_were_sent(
    clock: time_machine.Traveller, stack: Stack, wallet: str, place: int
) -> None:
    assert stack.http("PUT", "/v1/event-definitions/review.created", {}).status == 200
    settings = list(purchases(wallet))[place]
    campaign = made(stack, wallet, **settings)

    found = read(stack, campaign)

    assert found["status"] == "ACTIVE"
    for name, value in settings.items():
        if isinstance(value, list):
            assert [{key: shown[key] for key in sent} for shown, sent in zip(found[name], value, strict=True)] == value
        elif name == "multiplier":
            assert {key: found[name][key] for key in value} == value
        else:
            assert found[name] == value
    # What is answered can be sent again, and changes nothing.
    again = change(stack, campaign, 1, **{name: found[name] for name in settings})
    assert {**again.body, "version": 1} == found


def test_a_draft_may_be_incomplete_and_lists_its_required_action(stack: Stack) -> None:
    answer = stack.http("POST", "/v1/campaigns", {"name": "New", "status": "DRAFT"})

    assert (answer.status, answer.body["status"], answer.body["phase"]) == (201, "DRAFT", None)
    assert required(answer) == {"trigger.event": "required", "rewards": "required"}
    refused = move(stack, answer.body["campaignId"], "activate")
    assert (refused.status, refused.code) == (422, "action_required")
    assert refused.fields() == required(answer)
    assert stack.http("POST", "/v1/campaigns", {"name": "New"}).fields() == required(answer)


def rewarding(**settings: Any) -> Json:
    return {"rewards": [{"walletId": "WALLET", "type": "FIXED", "points": 1, **settings}]}


def doubling(**settings: Any) -> Json:
    return {"rewards": [], "multiplier": {"factor": "2", **settings}}


def scheduled(**trigger: Any) -> Json:
    """A trigger on the first day of every month; None leaves a part out."""
    every = {"unit": "MONTH", "day": 1}
    whole = {"type": "SCHEDULE", "walletId": "WALLET", "at": "09:00", "every": every, **trigger}
    return {"trigger": {name: value for name, value in whole.items() if value is not None}}


RULES: list[tuple[Json, dict[str, str]]] = [
    ({"trigger": None}, {"trigger.event": "required"}),
    ({"trigger": {"type": "EVENT"}}, {"trigger.event": "required"}),
    ({"limits": {"perReferrer": {"times": 5}}}, {"limits.perReferrer": "not_used"}),
    ({"trigger": {"type": "EVENT", "event": "review.created"}}, {"trigger.event": "unknown_event"}),
    ({"trigger": {**PAID, "after": {"event": "order.paid"}}}, {"trigger.after": "not_used"}),
    ({"trigger": {**PAID, "type": "SEQUENCE"}}, {"trigger.after": "required"}),
    (
        {"trigger": {**PAID, "type": "SEQUENCE", "after": {}}},
        {"trigger.after.event": "required", "trigger.after.within": "required"},
    ),
    (
        {"trigger": {**PAID, "type": "SEQUENCE", "after": {**WEEK_AFTER_PAID, "event": "a.b"}}},
        {"trigger.after.event": "unknown_event"},
    ),
    (
        {"trigger": {**PAID, "type": "SEQUENCE", "after": {**WEEK_AFTER_PAID, "atLeast": {"every": 8, "unit": "DAY"}}}},
        {"trigger.after.atLeast": "too_long"},
    ),
    (
        {"trigger": {"type": "SCHEDULE"}},
        {"trigger.walletId": "required", "trigger.at": "required", "trigger.every": "required"},
    ),
    (
        {"trigger": {**scheduled()["trigger"], **PAID}},
        {"trigger.walletId": "not_used", "trigger.at": "not_used", "trigger.every": "not_used"},
    ),
    (scheduled(event="order.paid", after={}), {"trigger.event": "not_used", "trigger.after": "not_used"}),
    (scheduled(walletId="wal_other"), {"trigger.walletId": "unknown_wallet"}),
    (scheduled(walletId="DRAFT"), {"trigger.walletId": "wallet_not_active"}),
    (scheduled(every={"dates": []}), {"trigger.every.dates": "required"}),
    (
        scheduled(every={"dates": [{"month": 2, "day": 29}, {"month": 2, "day": 30}]}),
        {"trigger.every.dates[1].day": "no_such_date"},
    ),
    (
        scheduled() | {"group": "a", "hours": [{"days": ["MON"], "from": "09:00", "to": "10:00"}]},
        {"group": "not_used", "hours": "not_used"},
    ),
    (scheduled() | rewarding(type="PERCENTAGE", points=None, percent="1"), {"rewards[0].type": "needs_event"}),
    (scheduled() | rewarding(type="PROPORTIONAL", every=5), {"rewards[0].type": "needs_event"}),
    (
        scheduled() | {"rewards": [], "multiplier": {"factor": "2", "wallets": ["WALLET"]}},
        {"multiplier": "not_used"},
    ),
    (
        scheduled() | {"limits": {"perCustomer": {"oncePer": "properties.date"}}},
        {"limits.perCustomer.oncePer": "not_used"},
    ),
    ({"startsAt": at(days=1), "endsAt": at(days=1)}, {"endsAt": "not_after_start"}),
    ({"hours": [{"days": ["MON"], "from": "22:00", "to": "06:00"}]}, {"hours[0].to": "not_after_start"}),
    ({"rewards": []}, {"rewards": "required"}),
    (rewarding(walletId="wal_other"), {"rewards[0].walletId": "unknown_wallet"}),
    (rewarding(walletId="DRAFT"), {"rewards[0].walletId": "wallet_not_active"}),
    (rewarding(points=None), {"rewards[0].points": "required"}),
    (rewarding(percent="5"), {"rewards[0].percent": "not_used"}),
    (rewarding(of="properties.kilometers"), {"rewards[0].of": "not_used"}),
    (rewarding(items={"productId": ["tea"]}), {"rewards[0].items": "not_used"}),
    (rewarding(every=5, proRata=True), {"rewards[0].every": "not_used", "rewards[0].proRata": "not_used"}),
    (rewarding(earnOnPointsPaid=True), {"rewards[0].earnOnPointsPaid": "not_used"}),
    (rewarding(outcomes=[{"points": 1}]), {"rewards[0].outcomes": "not_used"}),
    (rewarding(type="PROPORTIONAL"), {"rewards[0].every": "required"}),
    (rewarding(type="PROPORTIONAL", every=5, items={"a": [1]}), {"rewards[0].items": "not_used"}),
    (
        rewarding(type="PERCENTAGE"),
        {"rewards[0].points": "not_used", "rewards[0].percent": "required"},
    ),
    (
        rewarding(type="PERCENTAGE", points=None, percent="1", of="properties.a", earnOnPointsPaid=True),
        {"rewards[0].earnOnPointsPaid": "not_used"},
    ),
    (
        rewarding(type="RANDOM", points=None, outcomes=[{"points": 1}]),
        {"rewards[0].outcomes": "required"},
    ),
    (rewarding(activatesAt=at(days=2), expiresAt=at(days=1)), {"rewards[0].expiresAt": "not_after_activation"}),
    (rewarding() | {"multiplier": {"factor": "2"}}, {"multiplier": "one_of"}),
    (doubling(wallets=["WALLET", "DRAFT"]), {"multiplier.wallets[1]": "wallet_not_active"}),
    (doubling(wallets=["wal_other"]), {"multiplier.wallets[0]": "unknown_wallet"}),
    (doubling(campaigns=["cmp_other"]), {"multiplier.campaigns[0]": "unknown_campaign"}),
    (doubling() | {"group": "a"}, {"group": "not_used"}),
    (doubling() | {"limits": {"perCustomer": {"times": 1}}}, {"limits.perCustomer": "not_used"}),
    (
        {"limits": {"perCustomer": {"per": [{"unit": "DAY"}, {"unit": "DAY", "times": 1}]}}},
        {"limits.perCustomer.per[0]": "required", "limits.perCustomer.per[1].unit": "duplicate"},
    ),
]


@pytest.mark.parametrize(("settings", "problems"), RULES)
def test_each_violated_activation_rule_keeps_a_campaign_a_draft(
    clock: time_machine.Traveller, stack: Stack, wallet: str, settings: Json, problems: dict[str, str]
) -> None:
    ids = {"WALLET": wallet, "DRAFT": stack.wallet(status="DRAFT")}
    if settings.get("rewards"):
        (reward,) = settings["rewards"]
        settings = {**settings, "rewards": [{**reward, "walletId": ids.get(reward["walletId"], reward["walletId"])}]}
    if "walletId" in (settings.get("trigger") or {}):
        trigger = settings["trigger"]
        settings = {**settings, "trigger": {**trigger, "walletId": ids.get(trigger["walletId"], trigger["walletId"])}}
    if settings.get("multiplier"):
        wallets = [ids.get(one, one) for one in settings["multiplier"].get("wallets", [])]
        settings = {**settings, "multiplier": {**settings["multiplier"], "wallets": wallets}}
    draft = create(stack, wallet, status="DRAFT", **settings)

    assert required(draft) == problems
    refused = [
        create(stack, wallet, **settings),
        move(stack, draft.body["campaignId"], "activate"),
        change(stack, made(stack, wallet), 1, **settings),
    ]
    for one in refused:
        assert (one.status, one.code, one.fields()) == (422, "action_required", problems)
    rewards = [{"walletId": wallet, "type": "FIXED", "points": 10}]
    body = {"name": "C", "trigger": PAID, "rewards": rewards, **settings}
    validation = stack.http("POST", "/v1/campaigns/validate", body)
    assert (validation.body["valid"], required(validation)) == (False, problems)


def test_a_validation_writes_nothing(stack: Stack, wallet: str) -> None:
    before = stack.items()
    body = {"name": "C", "trigger": PAID, "rewards": [{"walletId": wallet, "type": "FIXED", "points": 1}]}
    answer = stack.http("POST", "/v1/campaigns/validate", body)
    assert (answer.status, answer.body) == (200, {"valid": True, "actionRequired": []})
    assert stack.items() == before


@pytest.mark.parametrize(
    ("settings", "field", "code"),
    [
        ({"trigger": {"type": "ORDER", "event": "order.paid"}}, "body.trigger.type", None),
        ({"trigger": {"type": "EVENT", "event": "a b"}}, "body.trigger.event", None),
        (scheduled(at="24:00"), "body.trigger.at", None),
        (scheduled(every={}), "body.trigger.every.unit", "one_of"),
        (scheduled(every={"unit": "MONTH", "day": 1, "birthday": True}), "body.trigger.every.unit", "one_of"),
        (scheduled(every={"unit": "MONTH"}), "body.trigger.every.day", "one_of"),
        (scheduled(every={"unit": "MONTH", "day": "MON"}), "body.trigger.every.day", "one_of"),
        (scheduled(every={"unit": "MONTH", "day": 32}), "body.trigger.every.day", "day"),
        (scheduled(every={"unit": "WEEK", "day": 1}), "body.trigger.every.day", "one_of"),
        (scheduled(every={"birthday": True, "daysBefore": 31}), "body.trigger.every.daysBefore", None),
        (scheduled(every={"dates": [], "daysBefore": 1}), "body.trigger.every.daysBefore", "one_of"),
        ({"conditions": {"order": {}}}, "body.conditions.order", "empty"),
        ({"conditions": {"order": {"amount": [{"regex": "1"}]}}}, "body.conditions.order.amount[0].regex", "operator"),
        ({"metadata": {"text": "x" * 2_100}}, "body.metadata", "metadata_too_large"),
        ({"startsAt": "2027-03-01"}, "body.startsAt", "instant"),
        ({"priority": 1_001}, "body.priority", None),
        ({"group": "a b"}, "body.group", None),
        ({"hours": [{"days": ["MON"], "from": "24:00", "to": "24:00"}]}, "body.hours[0].from", None),
        ({"hours": [{"days": ["MON"], "from": "9:00", "to": "24:00"}]}, "body.hours[0].from", None),
        ({"hours": [{"days": ["MON"], "from": "09:00", "to": "24:01"}]}, "body.hours[0].to", None),
        ({"hours": [{"days": ["MON", "MON"], "from": "09:00", "to": "10:00"}]}, "body.hours[0].days", "repeated"),
        ({"hours": [{"days": [], "from": "09:00", "to": "10:00"}]}, "body.hours[0].days", None),
        (rewarding(to="FRIEND"), "body.rewards[0].to", None),
        (rewarding(percent="0.001"), "body.rewards[0].percent", "decimal_text"),
        (rewarding(percent="1000.01"), "body.rewards[0].percent", "decimal_text"),
        (rewarding(percent="1e2"), "body.rewards[0].percent", "decimal_text"),
        (rewarding(percent="-1"), "body.rewards[0].percent", "decimal_text"),
        (rewarding(percent=5), "body.rewards[0].percent", None),
        (rewarding(every=12.5), "body.rewards[0].every", None),
        (rewarding(of="order.total"), "body.rewards[0].of", None),
        (rewarding(of="properties."), "body.rewards[0].of", None),
        (rewarding(items={"categories": []}), "body.rewards[0].items.categories", "empty"),
        (rewarding(outcomes=[{"weight": 1}]), "body.rewards[0].outcomes[0].points", "one_of"),
        (rewarding(outcomes=[{"points": 1, "from": 0}]), "body.rewards[0].outcomes[0].points", "one_of"),
        (rewarding(outcomes=[{"from": 2, "to": 1}]), "body.rewards[0].outcomes[0].to", None),
        (rewarding(outcomes=[{"points": 1}] * 21), "body.rewards[0].outcomes", None),
        (
            rewarding(activatesAt=at(days=1), activateAfter={"every": 1, "unit": "DAY"}),
            "body.rewards[0].activateAfter",
            "one_of",
        ),
        ({"rewards": [{"walletId": "w", "type": "FIXED", "points": 1}] * 11}, "body.rewards", None),
        (doubling(factor="1"), "body.multiplier.factor", "decimal_text"),
        (doubling(factor="100.5"), "body.multiplier.factor", "decimal_text"),
        (doubling(types=[]), "body.multiplier.types", None),
        ({"limits": {"perCustomer": {"oncePer": "customer.segments"}}}, "body.limits.perCustomer.oncePer", None),
        ({"limits": {"perCustomer": {"times": 0}}}, "body.limits.perCustomer.times", None),
        ({"limits": {"budget": {"points": 0}}}, "body.limits.budget.points", "greater_than_equal"),
    ],
)
def test_a_refusal_names_an_invalid_value_of_a_setting(
    stack: Stack, wallet: str, settings: Json, field: str, code: str | None
) -> None:
    campaign = made(stack, wallet, status="DRAFT")
    before = stack.items()
    refused = [
        create(stack, wallet, status="DRAFT", **settings),
        change(stack, campaign, 1, **settings),
        stack.http("POST", "/v1/campaigns/validate", {"name": "C", **settings}),
    ]
    for one in refused:
        assert (one.status, list(one.fields())) == (400, [field]), one.text
        assert code in (None, one.fields()[field])
    assert stack.items() == before


def test_a_campaign_has_eight_kilobytes_at_most(stack: Stack, wallet: str) -> None:
    reward = {"walletId": wallet, "type": "FIXED", "points": 1, "pointsDescription": "ü" * 255}
    large = {"rewards": [reward] * 10, "metadata": {"text": "x" * 2_000}, "description": "x" * 1_000}
    answer = create(stack, wallet, status="DRAFT", **large)
    assert (answer.status, answer.fields()) == (400, {"body": "campaign_too_large"})


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
    assert used_by(stack, wallet) == [campaign]
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
    assert (used_by(stack, wallet), used_by(stack, other)) == ([], [campaign])
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
