"""Awards compared with receipts, rules, limits and budgets: each difference is reported with its check."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from loyalty.store.store import connected_store
from loyalty.usecases.earning.registry import forget_registry
from scripts import audit
from tests.integration.campaigning import campaign, points
from tests.integration.couponing import code, coupon_campaign, redeem
from tests.integration.racing import before_next
from tests.support.stack import Answer, Stack

REVIEWED = "review.created"
LINES = [{"productId": "shoe", "quantity": 2, "amount": 15_000}, {"productId": "hat", "quantity": 1, "amount": 9_000}]


@pytest.fixture
def campaigns(stack: Stack) -> dict[str, str]:
    """Campaigns of each kind of reward and limit, by name; ann has earned 250 for one order, and 20 for a review."""
    wallet = stack.wallet()
    stack.http("PUT", f"/v1/event-definitions/{REVIEWED}", {"properties": []})
    made = {
        "purchases": campaign(
            stack,
            wallet,
            name="purchases",
            rewards=[rule("PROPORTIONAL", every=10_000, points=100, maxPoints=1_000)],
            limits={"perCustomer": {"times": 5}, "budget": {"points": 5_000, "awards": 100}},
        ),
        "shoes": campaign(
            stack,
            wallet,
            name="shoes",
            rewards=[
                rule("PROPORTIONAL", of="order.items.quantity", items={"productId": ["shoe"]}, every=1, points=5),
            ],
        ),
        "lucky": campaign(
            stack,
            wallet,
            name="lucky",
            rewards=[
                rule("RANDOM", outcomes=[{"from": 40, "to": 900_000}, {"from": 100, "to": 990_000}], maxPoints=40)
            ],
        ),
        "reviews": campaign(
            stack,
            wallet,
            name="reviews",
            trigger={"type": "EVENT", "event": REVIEWED},
            rewards=[rule("FIXED", points=20)],
            limits={"perCustomer": {"oncePer": "properties.productId"}},
        ),
    }
    body = {"name": "order.paid", "customerId": "ann", "eventId": "paid-1", "orderId": "1"}
    answer = stack.http("POST", "/v1/events", {**body, "order": {"amount": 25_000, "items": LINES}})
    assert sorted(points(answer)) == [10, 40, 200]
    assert points(review(stack, "A")) == [20]
    return made


def rule(type_: str, **more: Any) -> dict[str, Any]:
    return {"walletId": "points", "type": type_, **more}


def review(stack: Stack, product: str, customer: str = "ann") -> Answer:
    properties = {"productId": product}
    body = {"name": REVIEWED, "customerId": customer, "eventId": f"review-{product}", "properties": properties}
    return stack.http("POST", "/v1/events", body)


def wallet_of(stack: Stack) -> str:
    return str(stack.http("GET", "/v1/wallets").body["data"][0]["walletId"])


def problems(stack: Stack, customer: str = "ann") -> list[tuple[str, str]]:
    """The checks that fail for the customer's card, with their messages."""
    answer = stack.http("GET", f"/v1/wallets/{wallet_of(stack)}/cards/{customer}/verify")
    assert answer.status == 200, answer.text
    assert answer.body["valid"] is (not answer.body["problems"])
    return [(problem["check"], problem["message"]) for problem in answer.body["problems"]]


def found(stack: Stack, sort_key: str) -> Any:
    (item,) = [item for item in stack.items() if item["sk"]["S"].startswith(sort_key)]
    return item


@contextmanager
def changed(stack: Stack, item: Any, **attributes: Any) -> Iterator[None]:
    """The item has other attributes for a while; None removes one."""
    other = {name: value for name, value in {**item, **attributes}.items() if value is not None}
    with replaced(stack, item, other):
        yield


@contextmanager
def replaced(stack: Stack, item: Any, other: Any = None) -> Iterator[None]:
    """The other item is there instead for a while; None removes the item."""
    if other is None or other["sk"] != item["sk"]:
        delete(stack, item)
    if other:
        stack.dynamodb.put_item(TableName="loyalty", Item=other)
    yield
    if other:
        delete(stack, other)
    stack.dynamodb.put_item(TableName="loyalty", Item=item)


def delete(stack: Stack, item: Any) -> None:
    stack.dynamodb.delete_item(TableName="loyalty", Key={"pk": item["pk"], "sk": item["sk"]})


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = audit.main(["--parallel", "1", *arguments])
    return code, capsys.readouterr().out


def test_awards_that_agree_with_receipts_rules_and_counts_are_valid(
    stack: Stack, campaigns: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert problems(stack) == []
    code, text = run(capsys)
    assert code == 0
    line = next(line for line in text.splitlines() if campaigns["purchases"] in line)
    assert [cell.strip() for cell in line.strip("│").split("│")][1:] == ["1", "200", "0"]


def test_an_award_without_a_receipt_is_reported(stack: Stack, campaigns: dict[str, str]) -> None:
    with replaced(stack, found(stack, f"RECEIPT#{REVIEWED}#")):
        values = (
            f"The values that gave points of campaign {campaigns['reviews']} once differ in number from the receipts."
        )
        assert problems(stack) == [("use", values), ("receipt", "The award has no receipt of its event.")]


NOT_ONCE = ("receipt", "The receipt of the event does not have this award once, as it was given.")
NO_ROW = ("receipt", "The receipt of event order.paid =1 has an award without a transaction.")
CHANGES: tuple[tuple[str, Callable[[list[Any]], list[list[Any]]], list[tuple[str, str]]], ...] = (
    ("missing", lambda award: [], [NOT_ONCE]),
    ("twice", lambda award: [award, award], [NOT_ONCE]),
    ("seq", lambda award: [[*award[:3], 4, *award[4:]]], [NOT_ONCE]),
    ("points", lambda award: [[*award[:4], 999, *award[5:]]], [NOT_ONCE]),
    ("version of the wallet", lambda award: [[*award[:2], 2, *award[3:]]], [NOT_ONCE]),
    ("version of the campaign", lambda award: [[*award[:6], 2, *award[7:]]], [NOT_ONCE]),
    ("base", lambda award: [[*award[:8], "12", *award[9:]]], [NOT_ONCE]),
    ("no row", lambda award: [award, [*award[:7], 1, *award[8:]]], [NO_ROW]),
    ("wallet", lambda award: [[award[0], "wal_other", *award[2:]]], [NOT_ONCE]),
    ("customer", lambda award: [[*award[:5], "bob", *award[6:]]], [NO_ROW, NOT_ONCE]),
)


def test_a_receipt_that_differs_from_the_rows_of_its_awards_is_reported(
    stack: Stack, campaigns: dict[str, str]
) -> None:
    receipt = found(stack, "RECEIPT#order.paid#")
    first, second, third = json.loads(receipt["aw"]["S"])
    for name, change, expected in CHANGES:
        awards = json.dumps([first, *change(second), third], separators=(",", ":"))
        with changed(stack, receipt, aw={"S": awards}):
            assert [one for one in problems(stack) if one[0] == "receipt"] == expected, name


def test_a_receipt_in_another_form_is_reported(stack: Stack, campaigns: dict[str, str]) -> None:
    receipt = found(stack, f"RECEIPT#{REVIEWED}#")
    for attributes in ({"x": {"N": "1"}}, {"c": None}):
        with changed(stack, receipt, **attributes):
            assert ("form", f"The receipt of {REVIEWED}#review-A is not written as expected.") in problems(stack)


OTHER_BASE = "The base is not what the rule gives for the event."


def test_points_that_are_not_those_of_the_rule_are_reported(stack: Stack, campaigns: dict[str, str]) -> None:
    rules: list[tuple[str, dict[str, Any], str]] = [
        ("purchases", {"every": 5_000}, OTHER_BASE),
        ("purchases", {"maxPoints": 100}, "The points are not those of the rule: base times factor, rounded."),
        ("shoes", {"items": {"productId": ["hat"]}}, OTHER_BASE),
        ("lucky", {"outcomes": [{"points": 41}, {"points": 42}]}, OTHER_BASE),
        ("reviews", {"points": 21}, OTHER_BASE),
        ("reviews", {"walletId": "wal_other"}, "has no such reward rule for the wallet."),
    ]
    for name, rule, message in rules:
        (version,) = [item for item in stack.items() if item["pk"]["S"] == f"CAMPAIGN#{campaigns[name]}"]
        settings = json.loads(version["def"]["S"])
        settings["rewards"][0] |= rule
        with changed(stack, version, **{"def": {"S": json.dumps(settings)}}):
            ((check, text),) = problems(stack)
            assert (check, text.endswith(message)) == ("reward", True), (name, text)


def test_a_random_award_that_the_seed_does_not_draw_is_reported(stack: Stack, campaigns: dict[str, str]) -> None:
    current = [item for item in stack.items() if item["pk"]["S"] == "CAMPAIGNS"]
    (lucky,) = [item for item in current if item["cg"]["S"] == campaigns["lucky"]]
    with changed(stack, lucky, sd={"B": bytes(32)}):
        assert problems(stack) == [("reward", OTHER_BASE)]


def test_counts_that_differ_from_the_receipts_are_reported(stack: Stack, campaigns: dict[str, str]) -> None:
    message = "The number of the customer's orders differs from the receipts of paid orders."
    customer = found(stack, "CUSTOMER")
    with changed(stack, customer, oc={"N": "2"}):
        assert problems(stack) == [("orders", message)]
    with changed(stack, customer, rb={"S": "ann"}):
        assert problems(stack) == [("referrer", "The customer is their own referrer.")]
    use, once = found(stack, "USE#"), found(stack, "ONCE#")
    message = f"What campaign {campaigns['purchases']} gave to the customer differs from the awards: events, points."
    for attribute in ("n", "p"):
        with changed(stack, use, **{attribute: {"N": "3"}}):
            assert problems(stack) == [("use", message)]
    with replaced(stack, once):
        assert problems(stack) == [("use", differing_values(campaigns))]


def differing_values(campaigns: dict[str, str]) -> str:
    return f"The values that gave points of campaign {campaigns['reviews']} once differ in number from the receipts."


def test_a_budget_that_differs_from_the_awards_is_reported_by_an_audit_of_all_wallets(
    stack: Stack, campaigns: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    for attributes, message in (
        ({"r": {"N": "4799"}}, "The points that campaign {} gave differ"),
        ({"ar": {"N": "98"}}, "The awards that campaign {} gave differ"),
        ({"r": {"N": "5001"}}, "Shard 0 of the budget of campaign {} has an impossible rest."),
    ):
        with changed(stack, found(stack, "POOL"), **attributes):
            code, text = run(capsys)
            assert (code, f"budget: {message.format(campaigns['purchases'])}" in text) == (1, True), text
    assert run(capsys, "--wallet", wallet_of(stack))[0] == 0


def test_an_award_during_a_verification_is_no_drift(stack: Stack, campaigns: dict[str, str]) -> None:
    numbers = iter(range(9))
    with before_next("Query", lambda: review(stack, f"B{next(numbers)}"), times=5):
        assert problems(stack) == []


@pytest.fixture
def referrals(stack: Stack) -> str:
    """A campaign that gives 10 points to a customer and 30 to the referrer; ann referred bob and cid."""
    for customer in ("bob", "cid"):
        key = {"pk": {"S": f"CUSTOMER#{customer}"}, "sk": {"S": "CUSTOMER"}}
        stack.dynamodb.put_item(TableName="loyalty", Item={**key, "s": {"S": "1"}, "rb": {"S": "ann"}})
    stack.http("PUT", f"/v1/event-definitions/{REVIEWED}", {"properties": []})
    return campaign(
        stack,
        stack.wallet(),
        name="referrals",
        trigger={"type": "EVENT", "event": REVIEWED},
        rewards=[rule("FIXED", points=10), rule("FIXED", points=30, to="REFERRER")],
        limits={"perReferrer": {"times": 5}, "perCustomer": {"times": 5}, "budget": {"points": 500, "awards": 50}},
    )


def test_events_of_two_friends_with_the_same_id_both_reward_the_referrer(stack: Stack, referrals: str) -> None:
    assert points(review(stack, "A", "bob")) == [10, 30]
    assert points(review(stack, "A", "cid")) == [10, 30]
    assert stack.card(wallet_of(stack))["balance"]["active"] == 60


def test_an_audit_compares_the_referrers_points_with_the_receipts_of_friends(
    stack: Stack, referrals: str, capsys: pytest.CaptureFixture[str]
) -> None:
    review(stack, "A", "bob")
    review(stack, "B", "bob")
    assert (problems(stack), problems(stack, "bob")) == ([], [])
    assert run(capsys)[0] == 0
    receipt, use = found(stack, f"RECEIPT#{REVIEWED}#review-B"), found(stack, f"USE#{referrals}#R")
    with replaced(stack, receipt):
        assert problems(stack) == [("receipt", "The award has no receipt of its event.")]
    counts = "gave to the customer as a referrer differs from the awards: events, points."
    for other in (None, {**use, "n": {"N": "1"}}, {**use, "p": {"N": "30"}}):
        with replaced(stack, use, other):
            assert problems(stack) == [("use", f"What campaign {referrals} {counts}")]
    (bob,) = [item for item in stack.items() if item["pk"]["S"] == "CUSTOMER#bob" and item["sk"]["S"] == "CUSTOMER"]
    with changed(stack, bob, rb={"S": "cid"}):
        message = "Events of the customer gave points to another customer than the referrer."
        assert problems(stack, "bob") == [("referrer", message)]
    rows = [item for item in stack.items() if item["sk"]["S"].startswith("TXN#") and "cp" in item]
    with replaced(stack, rows[0]):
        assert ("receipt", NO_ROW[1].replace("order.paid =1", f"{REVIEWED} review-A")) in problems(stack, "bob")


def test_an_event_with_the_id_of_an_event_of_another_name_gives_points(stack: Stack) -> None:
    stack.http("PUT", f"/v1/event-definitions/{REVIEWED}", {"properties": []})
    stack.http("PUT", "/v1/event-definitions/app.opened", {"properties": []})
    trigger = {"type": "EVENT", "event": REVIEWED}
    campaign_id = campaign(stack, stack.wallet(), trigger=trigger, rewards=[rule("FIXED", points=10)])
    assert points(review(stack, "A")) == [10]
    path = f"/v1/campaigns/{campaign_id}"
    patch = {"trigger": {"type": "EVENT", "event": "app.opened"}}
    assert stack.http("PATCH", path, patch, headers={"If-Match": '"1"'}).status == 200
    forget_registry(connected_store())
    body = {"name": "app.opened", "customerId": "ann", "eventId": "review-A"}
    assert points(stack.http("POST", "/v1/events", body)) == [10]


def test_uses_of_a_code_that_differ_from_its_redemptions_are_reported_by_an_audit_of_all_wallets(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    unique = code(stack, coupon_campaign(stack, stack.wallet()), maxUses=2)
    redeem(stack, unique, "ann", order="1")
    redeem(stack, unique, "bob")
    exit_code, text = run(capsys)
    assert (exit_code, "1 codes, 2 redemptions, 0 drifts" in text) == (0, True), text
    coupon = found(stack, "COUPON")
    for attributes, message in (
        ({"n": {"N": "1"}}, f"coupon: The uses of the code {unique} differ from its redemptions. Expected 2, found 1."),
        ({"mx": {"N": "1"}}, f"coupon: The code {unique} was redeemed too often. Expected 1, found 2."),
    ):
        with changed(stack, coupon, **attributes):
            exit_code, text = run(capsys)
            assert (exit_code, message in text) == (1, True), text
    with replaced(stack, coupon):
        assert f"coupon: The code {unique} was redeemed and does not exist." in run(capsys)[1]
