"""The settings of campaigns: what is answered, which activation rules they meet, and which values are refused."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from tests.integration.accounts import at
from tests.integration.campaigning import PAID, change, create, made, move, read, required
from tests.support.stack import Stack

Json = Any
WEEK_AFTER_PAID = {"event": "order.paid", "within": {"every": 1, "unit": "WEEK"}}


@pytest.fixture
def wallet(stack: Stack) -> str:
    return stack.wallet()


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
        (rewarding(percent=5), "body.rewards[0].percent", "decimal_text"),
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
        (doubling(factor=2.5), "body.multiplier.factor", "decimal_text"),
        (doubling(types=[]), "body.multiplier.types", None),
        ({"limits": {"perCustomer": {"oncePer": "customer.segments"}}}, "body.limits.perCustomer.oncePer", None),
        ({"limits": {"perCustomer": {"times": 0}}}, "body.limits.perCustomer.times", None),
        ({"limits": {"budget": {"points": 0}}}, "body.limits.budget.points", "too_small"),
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
    assert (answer.status, answer.fields()) == (400, {"body": "too_large"})
