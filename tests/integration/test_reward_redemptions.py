"""Redemptions: the price, the stock, codes, limits and gates, and what each kind of reward gives."""

from itertools import count

import pytest

from tests.integration.cataloguing import active, add_codes, cancel, read, redeem, reward
from tests.integration.metering import metered
from tests.integration.racing import before_next
from tests.support.stack import Answer, Stack

ONCE = {"perCustomer": {"times": 1}}


def test_a_customer_redeems_a_limited_product_once_and_gets_the_points_back_by_canceling(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 600)
    lipstick = reward(stack, {wallet: 500}, stock=3, limits=ONCE)

    first = redeem(stack, lipstick, metadata={"shop": "Berlin"})
    again = redeem(stack, lipstick)

    assert first.status == 201, first.text
    assert first.body["redemption"]["status"] == "ISSUED"
    assert first.body["redemption"]["metadata"] == {"shop": "Berlin"}
    assert [one["operation"] for one in first.body["transactions"]] == ["reward"]
    assert [(one["walletId"], one["active"]) for one in first.body["balances"]] == [(wallet, 100)]
    assert (again.status, again.code, again.body["reason"]) == (422, "reward_not_available", "limit_per_customer")
    assert read(stack, lipstick)["left"] == 2

    canceled = cancel(stack, first.body["redemption"]["redemptionId"])

    assert canceled.status == 200, canceled.text
    assert canceled.body["redemption"]["status"] == "CANCELED"
    assert (active(stack, wallet), read(stack, lipstick)["left"]) == (600, 3)
    assert redeem(stack, lipstick).status == 201


def test_a_request_that_is_sent_again_gets_the_first_answer_and_another_request_with_its_key_is_refused(
    stack: Stack,
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1_000)
    first_reward, other = reward(stack, {wallet: 500}), reward(stack, {wallet: 100})

    first = redeem(stack, first_reward, key="redemption-1")
    cancel(stack, first.body["redemption"]["redemptionId"])
    again = redeem(stack, first_reward, key="redemption-1")
    reused = redeem(stack, other, key="redemption-1")
    debited = stack.debit(wallet, 5, key="debit-0001")

    assert (again.status, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.body == first.body
    assert (reused.status, reused.code) == (422, "key_reused")
    assert redeem(stack, other, key="debit-0001").code == "key_reused"
    assert debited.status == 201


@pytest.mark.parametrize("settings", [{"limits": ONCE}, {"stock": 1}])
def test_a_request_that_arrives_twice_at_once_is_not_refused_for_what_it_took_itself(
    stack: Stack, settings: dict[str, object]
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1_000)
    lipstick = reward(stack, {wallet: 500}, **settings)
    first: list[Answer] = []
    requests = count(1)

    def arrive() -> None:
        # The gates and the stock are read by the second request, after the redemption.
        if next(requests) == 2:
            first.append(redeem(stack, lipstick, key="redemption-1"))

    with before_next("BatchGetItem", arrive, times=2):
        again = redeem(stack, lipstick, key="redemption-1")

    assert (again.status, again.body) == (201, first[0].body)
    assert active(stack, wallet) == 500


def test_a_dry_run_shows_the_movements_and_writes_nothing(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 600)
    lipstick = reward(stack, {wallet: 500}, stock=1, limits=ONCE)
    before = stack.items()

    answer = redeem(stack, lipstick, dryRun=True)

    assert answer.status == 200, answer.text
    assert "redemption" not in answer.body
    assert [one["points"] for one in answer.body["transactions"]] == [500]
    assert [(one["walletId"], one["active"]) for one in answer.body["balances"]] == [(wallet, 100)]
    assert stack.items() == before


def test_the_price_in_two_wallets_is_charged_together_or_not_at_all(stack: Stack) -> None:
    points, stars = stack.wallet(), stack.wallet()
    stack.credit(points, 500)
    stack.credit(stars, 9)
    both = reward(stack, {points: 300, stars: 10}, stock=5)

    short = redeem(stack, both)
    balances = active(stack, points), active(stack, stars)
    stack.credit(stars, 1)
    paid = redeem(stack, both)

    assert (short.status, short.code) == (422, "insufficient_points")
    assert (short.body["walletId"], short.body["missing"]) == (stars, 1)
    assert balances == (500, 9)
    assert [(one["walletId"], one["points"]) for one in paid.body["transactions"]] == [(points, 300), (stars, 10)]
    assert (active(stack, points), active(stack, stars), read(stack, both)["left"]) == (200, 0, 4)
    assert cancel(stack, paid.body["redemption"]["redemptionId"]).status == 200
    assert (active(stack, points), active(stack, stars), read(stack, both)["left"]) == (500, 10, 5)


@pytest.mark.parametrize("refusal", ["card_not_found", "card_frozen", "wallet_not_active"])
def test_the_refusal_of_a_wallet_names_the_wallet(stack: Stack, refusal: str) -> None:
    points, stars = stack.wallet(), stack.wallet()
    stack.credit(points, 500)
    both = reward(stack, {points: 300, stars: 10})
    if refusal == "card_frozen":
        stack.credit(stars, 10)
        path = f"/v1/wallets/{stars}/cards/ann"
        stack.http("PATCH", path, {"status": "FROZEN"}, headers={"If-Match": '"1"'})
    if refusal == "wallet_not_active":
        stack.http("POST", f"/v1/wallets/{stars}/deactivate")

    answer = redeem(stack, both)

    assert (answer.code, answer.body["walletId"]) == (refusal, stars)


def test_each_redemption_gets_a_code_of_its_own_until_none_is_left(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    voucher = reward(stack, {wallet: 1}, kind="DISCOUNT_CODE")
    codes = [f"CODE-{number}" for number in range(20)]

    assert redeem(stack, voucher).code == "out_of_stock"
    added = add_codes(stack, voucher, *codes)
    again = add_codes(stack, voucher, *codes[:3], "CODE-20")
    given = [redeem(stack, voucher).body["redemption"] for _ in range(21)]

    assert added.body == {"added": 20, "codes": 20, "left": 20}
    assert again.body == {"added": 1, "codes": 21, "left": 21}
    assert {one["code"] for one in given} == {*codes, "CODE-20"}
    assert {one["status"] for one in given} == {"FULFILLED"}
    assert (redeem(stack, voucher).status, redeem(stack, voucher).code) == (409, "out_of_stock")
    assert (read(stack, voucher)["codes"], read(stack, voucher)["left"], active(stack, wallet)) == (21, 0, 79)


def test_four_customers_at_once_get_a_stock_of_three(stack: Stack) -> None:
    wallet = stack.wallet()
    customers = [f"customer-{number}" for number in range(4)]
    for customer in customers:
        stack.credit(wallet, 600, customer)
    lipstick = reward(stack, {wallet: 500}, stock=3, limits=ONCE)

    rivals: list[Answer] = []
    with before_next(
        "TransactWriteItems", lambda: rivals.extend(redeem(stack, lipstick, one) for one in customers[1:])
    ):
        last = redeem(stack, lipstick, customers[0])

    assert [answer.status for answer in rivals] == [201, 201, 201]
    assert (last.status, last.code) == (409, "out_of_stock")
    assert [active(stack, wallet, customer) for customer in customers] == [600, 100, 100, 100]


@pytest.mark.parametrize(
    ("kind", "settings", "units", "requests"),
    [
        ("PRODUCT", {"stock": 3, "limits": ONCE}, 11, 3),
        ("PRODUCT", {}, 7, 2),
        ("DISCOUNT_CODE", {"limits": ONCE}, 13, 5),
    ],
)
def test_a_redemption_costs_what_the_data_model_says(
    stack: Stack, kind: str, settings: dict[str, object], units: int, requests: int
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 600)
    stack.credit(wallet, 600, "bob")
    offered = reward(stack, {wallet: 500}, kind=kind, **settings)
    if kind == "DISCOUNT_CODE":
        add_codes(stack, offered, "CODE-1", "CODE-2")
    redeem(stack, offered, "bob")

    with metered(stack) as meter:
        answer = redeem(stack, offered)
    with metered(stack) as canceling:
        canceled = cancel(stack, answer.body["redemption"]["redemptionId"], force=True)

    assert (answer.status, canceled.status) == (201, 200)
    assert meter.units == units
    assert len(meter.requests) == requests + 1
    assert canceling.units == (units if kind == "PRODUCT" else 9)


def test_the_gates_are_checked_before_the_stock_and_the_stock_before_the_wallets(stack: Stack) -> None:
    wallet, other = stack.wallet(), stack.wallet()
    stack.credit(wallet, 100)
    closed = {"customer": {"segments": ["gold"]}}
    for_gold = reward(stack, {other: 500}, kind="DISCOUNT_CODE", conditions=closed)
    without_codes = reward(stack, {other: 500}, kind="DISCOUNT_CODE")
    too_dear, without_card = reward(stack, {wallet: 500}), reward(stack, {other: 500})

    refusals = [redeem(stack, one) for one in (for_gold, without_codes, too_dear, without_card)]

    assert [one.code for one in refusals] == [
        "reward_not_available",
        "out_of_stock",
        "insufficient_points",
        "card_not_found",
    ]
    stack.http("PATCH", f"/v1/wallets/{wallet}/cards/ann", {"status": "BLOCKED"}, headers={"If-Match": '"1"'})
    assert redeem(stack, too_dear).code == "card_blocked"


def test_given_points_enrol_the_customer_in_the_other_wallet(stack: Stack) -> None:
    wallet, partner = stack.wallet(), stack.wallet()
    closed = stack.wallet(autoEnrol=False)
    stack.credit(wallet, 100)
    exchange = reward(stack, {wallet: 10}, kind="POINTS", credit={"walletId": partner, "points": 5})
    refused = reward(stack, {wallet: 10}, kind="POINTS", credit={"walletId": closed, "points": 5})

    assert redeem(stack, exchange).status == 201
    assert redeem(stack, refused).code == "card_not_found"
    assert (active(stack, wallet), active(stack, partner)) == (90, 5)
