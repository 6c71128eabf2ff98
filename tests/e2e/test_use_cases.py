"""The nine use cases of a loyalty program over the deployed stack, with the points of docs/recipes.md."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.e2e.conftest import Events
from tests.e2e.use_cases import UseCases
from tests.support.live import Live, eventually

pytestmark = pytest.mark.e2e


def sent(live: Live, cases: UseCases, body: Any) -> Any:
    """Sends the event; returns what the campaigns of the use cases gave."""
    answer = live.http("POST", "/events", body)
    assert answer.status_code == 200, answer.text
    return cases.own(answer.json())


def paid(live: Live, cases: UseCases, customer: str, number: str, order: Any, occurred_at: str | None = None) -> Any:
    body = {"name": "order.paid", "customerId": customer, "eventId": f"paid-{number}", "occurredAt": occurred_at}
    return sent(live, cases, {**body, "orderId": f"{customer}-{number}", "order": order})


def points(outcome: Any) -> list[int]:
    return [award["points"] for award in outcome["awards"]]


def reasons(outcome: Any) -> set[str]:
    return {skip["reason"] for skip in outcome["skipped"]}


def test_1_purchases_and_a_cashback_coupon(live: Live, cases: UseCases) -> None:
    ann, bob = cases.customer("buy"), cases.customer("buy", 2)
    assert points(paid(live, cases, ann, "1", {"amount": 25_000})) == [200]
    small = paid(live, cases, ann, "2", {"amount": 9_999})
    assert points(small) == []
    assert "rounds_to_zero" in reasons(small)
    assert points(paid(live, cases, ann, "3", {"amount": 10_000})) == [100]

    def redeem(customer: str, order: str, amount: int) -> Any:
        body = {"customerId": customer, "orderId": f"{customer}-{order}", "order": {"amount": amount}}
        return live.http("POST", f"/coupons/{cases.coupon.lower()}/redemptions", body, key=f"redeem-{customer}-{order}")

    assert points(redeem(ann, "4", 12_345).json()) == [12]
    assert live.rows(cases.wallet, ann)[-1]["source"] == "Cashback Coupon"
    again = redeem(ann, "5", 12_345)
    assert (again.status_code, again.json()["reason"]) == (422, "limit_per_customer")
    assert points(redeem(bob, "1", 90_000).json()) == [50]


def test_2_the_bonus_of_a_first_order(live: Live, cases: UseCases) -> None:
    ann, bob = cases.customer("first"), cases.customer("first", 2)
    assert [points(paid(live, cases, ann, order, {"amount": 5_000})) for order in "12"] == [[200], []]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda order: points(paid(live, cases, bob, order, {"amount": 5_000})), "12"))
    assert sorted(found) == [[], [200]]


def test_3_double_points_at_christmas(live: Live, cases: UseCases) -> None:
    ann, bob = cases.customer("double"), cases.customer("double", 2)
    paid(live, cases, ann, "0", {"amount": 100}, cases.ago(20))
    (doubled,) = paid(live, cases, ann, "1", {"amount": 25_000}, cases.ago(5))["awards"]
    assert (doubled["points"], doubled["base"], doubled["factor"]) == (400, "200", "2")
    assert points(paid(live, cases, ann, "2", {"amount": 25_000}, cases.ago(1))) == [200]
    assert sorted(points(paid(live, cases, bob, "1", {"amount": 25_000}, cases.ago(5)))) == [200, 400]


def test_4_a_club_with_a_vip_tier(live: Live, bus: Events, cases: UseCases) -> None:
    ann = cases.customer("vip")
    live.credit(cases.wallet, ann, 999)
    assert tier(live, cases, ann)["next"] == {"tierId": "vip", "name": "VIP", "from": 1_000, "missing": 1}
    live.credit(cases.wallet, ann, 1)
    vip = tier(live, cases, ann)
    assert (vip["tier"]["tierId"], vip["tier"]["until"][:4]) == ("vip", str(datetime.now(UTC).year + 2))
    rights = live.http("GET", f"/customers/{ann}/entitlements").json()["data"]
    assert [right["key"] for right in rights] == ["exclusive_discounts", "free_shipping"]
    changes = eventually("the event", lambda: [one for one in bus.of(ann) if one["detail-type"] == "Tier Changed"])
    assert [(one["detail"]["from"], one["detail"]["to"]) for one in changes] == [("member", "vip")]


def tier(live: Live, cases: UseCases, customer: str) -> Any:
    tiers = live.http("GET", f"/customers/{customer}/tiers").json()["data"]
    return next(one for one in tiers if one["programId"] == cases.program)


def test_5_a_reward_of_which_there_are_three(live: Live, cases: UseCases) -> None:
    ann = cases.customer("lip")
    live.credit(cases.wallet, ann, 600)

    def redeem(customer: str, number: int = 1) -> Any:
        body = {"rewardId": cases.reward}
        return live.http("POST", f"/customers/{customer}/redemptions", body, key=f"lipstick-{customer}-{number}")

    first = redeem(ann)
    assert (first.status_code, first.json()["balances"][0]["active"]) == (201, 100)
    again = redeem(ann, 2)
    assert (again.status_code, again.json()["reason"]) == (422, "limit_per_customer")
    path = f"/customers/{ann}/redemptions/{first.json()['redemption']['redemptionId']}/cancel"
    assert live.http("POST", path, {}, key=f"cancel-{ann}").json()["balances"][0]["active"] == 600
    assert live.http("GET", f"/rewards/{cases.reward}").json()["left"] == 3

    rivals = [cases.customer("lip", number) for number in range(2, 6)]
    for customer in rivals:
        live.credit(cases.wallet, customer, 600)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(redeem, rivals))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 201, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"out_of_stock"}


def test_6_one_review_for_each_product(live: Live, cases: UseCases) -> None:
    def reviewed(number: int, product: str) -> Any:
        body = {"name": "review.created", "customerId": cases.customer("review"), "eventId": f"review-{number}"}
        return sent(live, cases, {**body, "properties": {"productId": product}})

    first, same, other = reviewed(1, "A"), reviewed(2, "A"), reviewed(3, "B")
    assert (points(first), points(same), points(other)) == ([20], [], [20])
    assert "once_per" in reasons(same)


def test_7_a_referral_for_both_sides(live: Live, bus: Events, cases: UseCases) -> None:
    ann, bob = cases.customer("ann"), cases.customer("friend")
    live.http("PUT", f"/customers/{ann}", {})
    code = live.http("POST", f"/customers/{ann}/referral-code", {}).json()["code"]
    assert live.http("PUT", f"/customers/{bob}", {"referredBy": code}).status_code == 201
    first = paid(live, cases, bob, "1", {"amount": 5_000})
    assert [(award["customerId"], award["points"]) for award in first["awards"]] == [(bob, 100), (ann, 100)]
    assert points(paid(live, cases, bob, "2", {"amount": 5_000})) == []
    canceled = {"name": "order.canceled", "customerId": bob, "eventId": "canceled-1", "orderId": f"{bob}-1"}
    assert live.http("POST", "/events", canceled).json()["refund"]["amount"] == 5_000
    assert [live.card(cases.wallet, one)["balance"]["active"] for one in (ann, bob)] == [0, 0]

    def completed() -> list[Any]:
        details = [one["detail"] for one in list(bus.by_id.values()) if one["detail-type"] == "Referral Completed"]
        return [detail for detail in details if detail["customerId"] == bob]

    assert [detail["referrerId"] for detail in eventually("the event", completed)] == [ann]


def test_8_triple_points_beside_double_points(live: Live, cases: UseCases) -> None:
    ann, bob = cases.customer("triple"), cases.customer("stack")
    days = {"early": cases.ago(15), "both": cases.ago(5)}
    found = {name: points(paid(live, cases, ann, name, {"amount": 25_000}, at)) for name, at in days.items()}
    assert found == {"early": [600], "both": [600]}
    assert points(paid(live, cases, bob, "both", {"amount": 25_000}, days["both"])) == [1_200]


def test_9_a_return_to_the_cart_within_seven_days(live: Live, cases: UseCases) -> None:
    ann = cases.customer("cart")

    def abandoned(cart: str, at: str) -> None:
        body = {"name": "cart.abandoned", "customerId": ann, "eventId": cart, "occurredAt": at}
        assert live.http("POST", "/events", {**body, "properties": {"cartId": cart}}).status_code == 200

    def paid_cart(cart: str, at: str) -> Any:
        return paid(live, cases, ann, cart, {"amount": 5_000, "metadata": {"cartId": cart}}, at)

    abandoned("c1", cases.ago(10))
    abandoned("c2", cases.ago(10))
    assert points(paid_cart("c1", cases.ago(3, seconds=-3_600))) == [50]
    assert points(paid_cart("c2", cases.ago(3, seconds=1))) == []
    never = paid_cart("c3", cases.ago(3))
    assert points(never) == []
    assert "after_not_found" in reasons(never)
