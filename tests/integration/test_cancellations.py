"""Cancellations of redemptions: the very lots, the stock, the customer's count, and points that the reward gave."""

from typing import Any

import pytest
import time_machine

from tests.integration.cataloguing import active, add_codes, cancel, fulfill, read, redeem, redeemed, reward
from tests.integration.racing import before_next
from tests.support.stack import Answer, Stack

NOW = "2027-03-01T12:00:00Z"
PER_DAY = {"perCustomer": {"per": [{"unit": "DAY", "times": 1}]}}


def test_a_cancellation_gives_back_the_very_lots(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 300, expiresAt="2027-06-01T00:00:00Z")
    stack.credit(wallet, 300, expiresAt="2027-09-01T00:00:00Z")
    before = stack.card(wallet)["lots"]
    redemption = redeemed(stack, reward(stack, {wallet: 500}))

    answer = cancel(stack, redemption)

    assert stack.card(wallet)["lots"] == before
    (row,) = answer.body["transactions"]
    assert (row["type"], row["operation"], row["points"]) == ("RETURN", "reversal", 500)
    assert row["reverses"] == f"{row['cardId']}.3"


def test_points_that_expired_before_the_cancellation_are_renewed_and_can_be_spent(
    stack: Stack, clock: time_machine.Traveller
) -> None:
    wallet = stack.wallet(expiration={"type": "ROLLING_EXPIRATION", "every": 1, "unit": "MONTH"})
    stack.credit(wallet, 500)
    redemption = redeemed(stack, reward(stack, {wallet: 500}))
    clock.move_to("2027-07-01T12:00:00Z")

    assert cancel(stack, redemption).status == 200

    assert active(stack, wallet) == 500
    assert stack.debit(wallet, 500).status == 201


def test_a_redemption_is_canceled_once_and_the_same_request_gets_the_same_answer(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 500)
    redemption = redeemed(stack, reward(stack, {wallet: 500}, stock=1))

    first = cancel(stack, redemption, key="cancel-key-1")
    again = cancel(stack, redemption, key="cancel-key-1")
    other = cancel(stack, redemption, key="cancel-key-2")

    assert (first.status, again.status, again.headers["Idempotent-Replayed"]) == (200, 200, "true")
    assert first.body == again.body
    assert (other.status, other.code) == (409, "redemption_closed")
    assert fulfill(stack, redemption).code == "redemption_closed"
    assert active(stack, wallet) == 500


def test_of_two_cancellations_at_once_one_gives_the_points_back(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 500)
    offered = reward(stack, {wallet: 500}, stock=1)
    redemption = redeemed(stack, offered)

    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(cancel(stack, redemption))):
        late = cancel(stack, redemption)

    assert [answer.status for answer in rivals] == [200]
    assert (late.status, late.code) == (409, "redemption_closed")
    assert (active(stack, wallet), read(stack, offered)["left"]) == (500, 1)


def test_a_product_that_was_handed_over_is_canceled_only_by_force_and_with_the_scope(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 500)
    offered = reward(stack, {wallet: 500}, stock=1)
    redemption = redeemed(stack, offered)

    assert [fulfill(stack, redemption).body["status"] for _ in range(2)] == ["FULFILLED"] * 2
    assert cancel(stack, redemption).code == "redemption_closed"
    stack.scopes = "rewards:redeem"
    refused = cancel(stack, redemption, force=True)
    stack.scopes = "rewards:redeem rewards:write"
    canceled = cancel(stack, redemption, force=True, writeOff=True)
    stack.scopes = "*"

    assert (refused.status, refused.code) == (403, "scope_missing")
    assert canceled.body["redemption"]["writtenOff"] is True
    assert (active(stack, wallet), read(stack, offered)["left"]) == (500, 0)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("PRODUCT", {"cancelable": False}),
        ("DISCOUNT_CODE", {}),
        ("ENTITLEMENT", {"entitlement": {"key": "free_shipping"}}),
    ],
)
def test_what_the_customer_already_has_needs_force(stack: Stack, kind: str, settings: dict[str, Any]) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 500)
    offered = reward(stack, {wallet: 500}, kind=kind, **settings)
    if kind == "DISCOUNT_CODE":
        add_codes(stack, offered, "CODE-1")
    redemption = redeemed(stack, offered)

    assert cancel(stack, redemption).code == "redemption_closed"
    assert cancel(stack, redemption, force=True).status == 200
    assert active(stack, wallet) == 500
    if kind == "DISCOUNT_CODE":
        # The customer has seen the code.
        assert read(stack, offered)["left"] == 0
    assert stack.http("GET", "/v1/customers/ann/entitlements").body["data"] == []


def test_given_points_are_taken_back_and_spent_ones_only_forgiven_by_force(stack: Stack) -> None:
    wallet, partner = stack.wallet(), stack.wallet()
    stack.credit(wallet, 1_000)
    exchange = reward(stack, {wallet: 100}, kind="POINTS", credit={"walletId": partner, "points": 50})

    first = redeem(stack, exchange)
    whole = cancel(stack, first.body["redemption"]["redemptionId"])
    second = redeemed(stack, exchange)
    stack.debit(partner, 20)
    spent = cancel(stack, second)
    forced = cancel(stack, second, force=True)

    assert [one["type"] for one in first.body["transactions"]] == ["DEBIT", "CREDIT"]
    assert [one["active"] for one in first.body["balances"]] == [900, 50]
    assert [one["type"] for one in whole.body["transactions"]] == ["RETURN", "REVOCATION"]
    assert (spent.status, spent.code, spent.body["missing"]) == (422, "reward_spent", 20)
    assert forced.body["redemption"]["shortfall"] == 20
    assert (active(stack, wallet), active(stack, partner)) == (1_000, 0)


def test_a_cancellation_gives_the_limit_back_only_to_periods_that_still_run(
    stack: Stack, clock: time_machine.Traveller
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 500)
    offered = reward(stack, {wallet: 100}, limits=PER_DAY)

    first = redeemed(stack, offered)
    assert redeem(stack, offered).code == "reward_not_available"
    cancel(stack, first)
    second = redeemed(stack, offered)
    clock.shift(86_400)
    third = redeemed(stack, offered)
    cancel(stack, second)

    # The cancellation of yesterday's redemption gives nothing back to today.
    assert redeem(stack, offered).code == "reward_not_available"
    assert cancel(stack, third).status == 200
    assert redeem(stack, offered).status == 201


def test_a_refund_of_an_order_does_not_touch_redemptions_and_a_reversal_refuses_their_rows(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 500, orderId="#1001", order={"amount": 1_000})
    answer = redeem(stack, reward(stack, {wallet: 500}))
    redemption, (row,) = answer.body["redemption"]["redemptionId"], answer.body["transactions"]

    stack.refund(wallet, "#1001")
    reversal = stack.http("POST", f"/v1/transactions/{row['transactionId']}/reversal", {}, key="reversal-1")

    assert (reversal.status, reversal.code) == (422, "not_reversible")
    found = stack.http("GET", f"/v1/customers/ann/redemptions/{redemption}").body
    assert found["status"] == "ISSUED"


def test_a_redemption_of_an_ended_reward_in_an_inactive_wallet_can_be_canceled(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 500)
    offered = reward(stack, {wallet: 500}, stock=2)
    redemption = redeemed(stack, offered)
    assert stack.http("POST", f"/v1/rewards/{offered}/end").status == 200
    assert stack.http("POST", f"/v1/wallets/{wallet}/deactivate").status == 200

    assert cancel(stack, redemption).status == 200
    assert (active(stack, wallet), read(stack, offered)["left"]) == (500, 2)
