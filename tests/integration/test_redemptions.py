"""Redemptions of coupons: points once, or a refusal with its reason that writes nothing."""

import json
from typing import Any

import pytest
import time_machine

from loyalty.messaging.detail_types import DETAILS
from tests.integration.accounts import at
from tests.integration.campaigning import change, move, read
from tests.integration.couponing import code, codes, coupon, coupon_campaign, points, redeem, refusal
from tests.integration.customers import saved
from tests.integration.metering import metered
from tests.integration.publishing import Events, publish, stream
from tests.integration.racing import before_next, unanswered
from tests.support.stack import Answer, Stack

PERCENT: dict[str, Any] = {"type": "PERCENTAGE", "percent": "10", "maxPoints": 50}


@pytest.fixture
def wallet(clock: time_machine.Traveller, stack: Stack) -> str:
    return stack.wallet()


def percentage(stack: Stack, wallet: str, *shared: str, **settings: Any) -> str:
    """A campaign that gives ten percent of the order back, with shared codes."""
    campaign = coupon_campaign(stack, wallet, **{"rewards": [{"walletId": wallet, **PERCENT}], **settings})
    assert codes(stack, campaign, codes=list(shared or ["SAVE10"])).status == 201
    return campaign


def shared(stack: Stack, wallet: str, **settings: Any) -> str:
    campaign = coupon_campaign(stack, wallet, **settings)
    assert codes(stack, campaign, codes=["SAVE10"]).status == 201
    return campaign


def test_a_redemption_gives_points_with_its_own_source_and_description(stack: Stack, wallet: str) -> None:
    campaign = percentage(stack, wallet)
    answer = redeem(stack, "save10", order="1", amount=12_345)
    assert (answer.status, points(answer)) == (201, [12])
    assert {name: answer.body[name] for name in ("code", "campaignId", "customerId", "orderId")} == {
        "code": "SAVE10",
        "campaignId": campaign,
        "customerId": "ann",
        "orderId": "1",
    }
    (award,) = answer.body["awards"]
    assert award["balance"]["active"] == 12
    (row,) = stack.rows(wallet)
    assert (row["operation"], row["source"], row["orderId"]) == ("coupon", "Cashback Coupon", "1")
    assert row["pointsDescription"] == "Points earned for redeeming SAVE10 coupon"
    assert row["transactionId"] == award["transactionId"]


def test_the_description_of_the_reward_comes_first(stack: Stack, wallet: str) -> None:
    shared(stack, wallet, rewards=[{"walletId": wallet, "type": "FIXED", "points": 5, "pointsDescription": "Thanks"}])
    redeem(stack, "SAVE10")
    assert stack.rows(wallet)[0]["pointsDescription"] == "Thanks"


def test_a_repetition_gets_the_first_answer_whatever_the_coupon_is_now(stack: Stack, wallet: str) -> None:
    campaign = coupon_campaign(stack, wallet)
    unique = code(stack, campaign)
    first = redeem(stack, unique, "ann")
    move(stack, campaign, "end")
    stack.http("DELETE", f"/v1/coupons/{unique}")
    again = redeem(stack, unique.lower(), "ann", key=f"redeem-{unique}-ann-None")
    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert stack.card(wallet)["balance"]["active"] == 10


def test_a_key_of_another_redemption_is_refused(stack: Stack, wallet: str) -> None:
    percentage(stack, wallet, "SAVE10", "SAVE20", rewards=[{"walletId": wallet, "type": "FIXED", "points": 1}])
    redeem(stack, "SAVE10", key="key-00001")
    answer = redeem(stack, "SAVE20", key="key-00001")
    assert (answer.status, answer.code, list(answer.fields())) == (422, "key_reused", ["header.idempotency-key"])
    assert points(redeem(stack, "SAVE10", key="key-00002")) == [1]


def test_a_code_works_once_for_an_order(stack: Stack, wallet: str) -> None:
    percentage(stack, wallet, "SAVE10", "SAVE20")
    assert points(redeem(stack, "SAVE10", order="1", amount=10_000, key="key-00001")) == [10]
    assert refusal(redeem(stack, "save10", order="1", amount=10_000, key="key-00002")) == (
        409,
        "coupon_already_used",
        None,
    )
    assert points(redeem(stack, "SAVE10", order="2", amount=10_000, key="key-00002")) == [10]
    assert points(redeem(stack, "SAVE20", order="1", amount=10_000, key="key-00001")) == [10]
    assert points(redeem(stack, "SAVE10", "bob", order="1", amount=10_000)) == [10]


def test_a_refund_of_the_order_takes_the_points_back_and_no_use(stack: Stack, wallet: str) -> None:
    campaign = coupon_campaign(stack, wallet, limits={"perCustomer": {"times": 2}})
    unique = code(stack, campaign)
    redeem(stack, unique, order="1", amount=10_000)
    body = {"name": "order.refunded", "customerId": "ann", "eventId": "refund-1", "orderId": "1"}
    refund = stack.http("POST", "/v1/events", {**body, "refund": {"type": "AMOUNT", "amount": 5_000}})
    assert refund.status == 200, refund.text
    assert stack.card(wallet)["balance"]["active"] == 5
    body = {"name": "order.canceled", "customerId": "ann", "eventId": "cancel-1", "orderId": "1"}
    assert stack.http("POST", "/v1/events", body).status == 200
    assert stack.card(wallet)["balance"]["active"] == 0
    assert coupon(stack, unique)["reason"] == "used_up"
    assert refusal(redeem(stack, unique, order="1", amount=10_000, key="key-00002"))[1] == "coupon_already_used"


@pytest.mark.parametrize("is_paid", [True, False])
def test_a_coupon_gives_nothing_for_a_canceled_order(stack: Stack, wallet: str, *, is_paid: bool) -> None:
    percentage(stack, wallet, "SAVE10", "SAVE20")
    if is_paid:
        redeem(stack, "SAVE10", order="1", amount=10_000)
    cancel(stack, "1")
    refused = (422, "coupon_not_valid", "order_canceled")
    assert refusal(redeem(stack, "SAVE20", order="1", amount=10_000)) == refused
    assert refusal(redeem(stack, "SAVE20", order="1", amount=10_000, dryRun=True)) == refused
    assert points(redeem(stack, "SAVE20", order="2", amount=10_000)) == [10]


def test_a_cancellation_during_a_redemption_leaves_no_points(stack: Stack, wallet: str) -> None:
    percentage(stack, wallet)
    with before_next("TransactWriteItems", lambda: cancel(stack, "1")):
        answer = redeem(stack, "SAVE10", order="1", amount=10_000)
    assert refusal(answer) == (422, "coupon_not_valid", "order_canceled")


def cancel(stack: Stack, order: str) -> None:
    body = {"name": "order.canceled", "customerId": "ann", "eventId": f"cancel-{order}", "orderId": order}
    assert stack.http("POST", "/v1/events", body).status == 200


def test_a_redemption_without_an_order_can_be_reversed(stack: Stack, wallet: str) -> None:
    shared(stack, wallet)
    transaction = redeem(stack, "SAVE10").body["awards"][0]["transactionId"]
    path = f"/v1/transactions/{transaction}/reversal"
    assert stack.http("POST", path, {"reason": "mistake"}, key="reversal-1").status == 201
    assert stack.card(wallet)["balance"]["active"] == 0


def test_no_multiplier_raises_what_a_coupon_gives(stack: Stack, wallet: str) -> None:
    for event in ("order.paid", "loyalty.customer.created"):
        body = {"name": "Double", "trigger": {"type": "EVENT", "event": event}, "multiplier": {"factor": "2"}}
        assert stack.http("POST", "/v1/campaigns", body).status == 201
    percentage(stack, wallet)
    assert points(redeem(stack, "SAVE10", order="1", amount=12_345)) == [12]


def test_conditions_read_code_order_and_customer(stack: Stack, wallet: str) -> None:
    conditions = {
        "properties": {"code": ["SAVE10"]},
        "order": {"amount": [{"numeric": [">=", 5_000]}], "items": {"categories": ["tea"]}},
        "customer": {"segments": ["gold"]},
    }
    percentage(stack, wallet, "SAVE10", "SAVE20", conditions=conditions)
    lines = [{"productId": "tea", "quantity": 1, "amount": 9_000, "categories": ["tea"]}]
    order = {"amount": 9_000, "items": lines}

    def path(used: str, customer: str, **changes: Any) -> Any:
        body = {"customerId": customer, "orderId": "1", "order": {**order, **changes}}
        answer = stack.http("POST", f"/v1/coupons/{used}/redemptions", body, key=f"key-{used}-{customer}")
        return answer.body.get("path", answer.status)

    saved(stack, "ann", segments=["gold"])
    assert path("SAVE20", "ann") == "properties.code"
    assert path("SAVE10", "ann", amount=4_999) == "order.amount"
    assert path("SAVE10", "bob") == "customer.segments"
    assert path("SAVE10", "ann") == 201


def test_a_refusal_has_its_reason_and_writes_nothing(clock: time_machine.Traveller, stack: Stack, wallet: str) -> None:
    """Each redemption succeeds later with the same key, unless its reason is final."""
    percentage(stack, wallet, limits={"perCustomer": {"cooldown": {"every": 1, "unit": "HOUR"}}})
    late = code(stack, coupon_campaign(stack, wallet, startsAt=at(hours=2)))
    narrow = code(stack, coupon_campaign(stack, wallet, hours=[{"days": ["MON"], "from": "14:00", "to": "24:00"}]))
    capped = stack.wallet(
        earningLimits={"global": {"type": "TIME_BASED", "unit": "DAY", "max": 5, "whenExceeded": "REJECT"}}
    )
    earning = code(stack, coupon_campaign(stack, capped))
    paused = coupon_campaign(stack, wallet)
    of_paused = code(stack, paused)
    move(stack, paused, "pause")
    assert points(redeem(stack, "SAVE10", "ann", key="key-00001", order="1", amount=9_000)) == [9]
    attempts: list[tuple[str, dict[str, Any], str]] = [
        ("SAVE10", {"order": "2", "amount": 9_000}, "cooldown"),
        ("SAVE10", {"customer": "bob", "order": "2", "amount": 999}, "rounds_to_zero"),
        ("SAVE10", {"customer": "bob", "order": "3"}, "input_missing"),
        (late, {}, "not_running"),
        (narrow, {}, "outside_hours"),
        (of_paused, {}, "not_running"),
        (earning, {}, "earning_limit_reached"),
    ]
    before = stack.items()
    for used, body, reason in attempts:
        assert refusal(redeem(stack, used, **body)) == (422, "coupon_not_valid", reason)
    assert refusal(redeem(stack, "UNKNOWN")) == (404, "coupon_not_found", None)
    assert stack.items() == before
    clock.shift(2 * 3_600)
    move(stack, paused, "resume")
    for used, body, reason in attempts:
        if reason not in ("rounds_to_zero", "input_missing", "earning_limit_reached"):
            assert redeem(stack, used, **body).status == 201, reason


def test_limits_and_budget_refuse_a_redemption(stack: Stack, wallet: str) -> None:
    campaign = shared(stack, wallet, limits={"perCustomer": {"times": 1}, "budget": {"awards": 2}})
    assert points(redeem(stack, "SAVE10", "ann")) == [10]
    assert refusal(redeem(stack, "SAVE10", "ann", key="key-00002")) == (422, "coupon_not_valid", "limit_per_customer")
    assert points(redeem(stack, "SAVE10", "bob")) == [10]
    for _ in range(2):
        assert refusal(redeem(stack, "SAVE10", "zoe")) == (422, "coupon_not_valid", "budget_exhausted")
    assert change(stack, campaign, 1, limits={"perCustomer": {"times": 1}, "budget": {"awards": 3}}).status == 200
    assert points(redeem(stack, "SAVE10", "zoe")) == [10]
    assert read(stack, campaign)["budgetUsed"]["awards"] == 3


def test_a_new_campaign_is_redeemed_at_once(stack: Stack, wallet: str) -> None:
    shared(stack, wallet)
    redeem(stack, "SAVE10")
    assert points(redeem(stack, code(stack, coupon_campaign(stack, wallet, name="Next")))) == [10]


def test_a_concurrent_redemption_takes_the_last_use(stack: Stack, wallet: str) -> None:
    unique = code(stack, coupon_campaign(stack, wallet))
    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(redeem(stack, unique, "bob"))):
        answer = redeem(stack, unique, "ann")
    assert (points(rivals[0]), refusal(answer)[2]) == ([10], "used_up")
    assert coupon(stack, unique)["uses"] == 1


def test_a_lost_answer_is_found_by_the_same_request(stack: Stack, wallet: str) -> None:
    unique = code(stack, coupon_campaign(stack, wallet))
    with unanswered("TransactWriteItems", 1):
        assert redeem(stack, unique).code == "busy"
    assert points(redeem(stack, unique)) == [10]
    assert coupon(stack, unique)["uses"] == 1


def test_a_dry_run_shows_the_points_and_writes_nothing(stack: Stack, wallet: str) -> None:
    percentage(stack, wallet, limits={"perCustomer": {"times": 1}, "budget": {"awards": 1}})
    before = stack.items()
    dry = redeem(stack, "SAVE10", order="1", amount=12_345, dryRun=True)
    assert (dry.status, points(dry), dry.body["awards"][0]["transactionId"]) == (200, [12], None)
    assert stack.items() == before
    assert points(redeem(stack, "SAVE10", order="1", amount=12_345)) == [12]
    for order, expected in (("1", "coupon_already_used"), ("2", "coupon_not_valid")):
        assert redeem(stack, "SAVE10", order=order, amount=12_345, dryRun=True).code == expected
    without_key = stack.http("POST", "/v1/coupons/SAVE10/redemptions", {"customerId": "bob"})
    assert list(without_key.fields()) == ["header.idempotency-key"]


def test_a_redemption_has_a_receipt(stack: Stack, wallet: str) -> None:
    percentage(stack, wallet, rewards=[{"walletId": wallet, "type": "FIXED", "points": 7}])
    redeem(stack, "SAVE10", key="key-00001")
    redeem(stack, "SAVE10", order="1")
    path = "/v1/customers/ann/events/loyalty.coupon.redeemed"
    for query in ({"eventId": "key-00001"}, {"eventId": "SAVE10", "orderId": "1"}):
        receipt = stack.http("GET", path, query=query).body
        assert (receipt["eventId"], [one["points"] for one in receipt["awards"]]) == (query["eventId"], [7])
    assert stack.http("GET", path, query={"eventId": "SAVE10"}).code == "event_not_found"


def test_a_redemption_becomes_an_event_and_counts_for_its_campaign(
    bus_events: Events, stack: Stack, wallet: str
) -> None:
    campaign = percentage(stack, wallet)
    redeem(stack, "SAVE10", order="1", amount=12_345)
    publish(stream(stack))
    (entry,) = [one for one in bus_events.accepted if one["DetailType"] == "Coupon Redeemed"]
    detail = json.loads(entry["Detail"])
    DETAILS["Coupon Redeemed"].model_validate(detail)
    assert (detail["code"], detail["key"], detail["orderId"], detail["awards"][0]["points"]) == (
        "SAVE10",
        "SAVE10=1",
        "1",
        12,
    )
    assert "Campaign Reward Granted" not in bus_events.types()
    (credited,) = [json.loads(one["Detail"]) for one in bus_events.accepted if one["DetailType"] == "Points Credited"]
    assert (credited["CT Source"], credited["campaignId"]) == ("Cashback Coupon", campaign)
    stats = stack.http("GET", f"/v1/campaigns/{campaign}/stats", query={"days": 1}).body
    assert (stats["data"][0]["awards"], stats["data"][0]["points"]) == (1, 12)


@pytest.mark.parametrize(
    ("is_unique", "limits", "units"), [(False, {}, 9), (True, {}, 11), (False, 1, 11), (True, 1, 13)]
)
def test_the_cost_of_a_redemption_for_an_order(
    stack: Stack, wallet: str, *, is_unique: bool, limits: Any, units: int
) -> None:
    settings = {"limits": {"perCustomer": {"times": limits}}} if limits else {}
    campaign = coupon_campaign(stack, wallet, **settings)
    first, second = codes(stack, campaign, **({"count": 2} if is_unique else {"codes": ["SAVE10", "SAVE20"]})).body[
        "codes"
    ]
    stack.credit(wallet, 1)
    redeem(stack, first, "zoe")
    with metered(stack) as meter:
        assert points(redeem(stack, second, "ann", order="1", amount=5_000)) == [10]
    assert (meter.requests, meter.units) == (["GetItem", "BatchGetItem", "TransactWriteItems"], units)
