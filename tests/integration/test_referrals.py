"""Referrals over the real path: both sides in one transaction, limits of the referrer, races and costs."""

from typing import Any

import pytest
import time_machine

from tests.integration import campaigning
from tests.integration.customers import code_of, saved
from tests.integration.metering import metered
from tests.integration.racing import before_next
from tests.support.stack import Answer, Stack

FIRST = {"customer": {"orderCount": [0], "referred": [True]}}


@pytest.fixture
def wallet(clock: time_machine.Traveller, stack: Stack) -> str:
    return stack.wallet()


def referral(stack: Stack, wallet: str, event: str = "order.paid", **settings: Any) -> None:
    """Creates the campaign. Then Ann refers Bob and Cid."""
    reward = {"walletId": wallet, "type": "FIXED", "points": 100}
    body = {
        "name": "Referral",
        "trigger": {"type": "EVENT", "event": event},
        "conditions": FIRST,
        "rewards": [reward, {**reward, "to": "REFERRER"}],
        **settings,
    }
    answer = stack.http("POST", "/v1/campaigns", body)
    assert answer.status == 201, answer.text
    saved(stack, "ann")
    code = code_of(stack, "ann")
    for friend in ("bob", "cid"):
        saved(stack, friend, referredBy=code)


def paid(stack: Stack, customer: str, order: str = "A") -> Answer:
    return campaigning.paid(stack, 5_000, order, customer=customer)


def got(answer: Answer) -> list[tuple[str, int]]:
    return [(award["customerId"], award["points"]) for award in answer.body["awards"]]


def active(stack: Stack, wallet: str, customer: str) -> int:
    return int(stack.card(wallet, customer)["balance"]["active"])


def test_the_first_order_of_a_friend_gives_points_to_both_sides_once(stack: Stack, wallet: str) -> None:
    referral(stack, wallet)
    first, again, second = paid(stack, "bob"), paid(stack, "bob"), paid(stack, "bob", "B")
    assert got(first) == got(again) == [("bob", 100), ("ann", 100)]
    assert again.body["replayed"]
    assert got(second) == []
    assert (active(stack, wallet, "bob"), active(stack, wallet, "ann")) == (100, 100)
    (row,) = stack.rows(wallet, "ann")
    assert (row["orderId"], row["counterpart"], row["source"]) == ("A", "bob", "Campaign")
    receipt = stack.http("GET", "/v1/customers/bob/events/order.paid", query={"orderId": "A"})
    assert got(receipt) == got(first)


def test_the_referrer_gets_points_for_a_limited_number_of_friends(stack: Stack, wallet: str) -> None:
    referral(stack, wallet, limits={"perReferrer": {"times": 1, "per": [{"unit": "MONTH", "times": 1}]}})
    assert got(paid(stack, "bob")) == [("bob", 100), ("ann", 100)]
    later = paid(stack, "cid")
    assert got(later) == [("cid", 100)]
    assert [skip["reason"] for skip in later.body["skipped"]] == ["referrer_limit"]


def test_two_friends_at_once_do_not_exceed_the_limit_of_the_referrer(stack: Stack, wallet: str) -> None:
    referral(stack, wallet, limits={"perReferrer": {"times": 1}})
    answers: list[Answer] = []
    with before_next("TransactWriteItems", lambda: answers.append(paid(stack, "cid"))):
        answers.append(paid(stack, "bob"))
    assert [got(answer) for answer in answers] == [[("cid", 100), ("ann", 100)], [("bob", 100)]]
    assert active(stack, wallet, "ann") == 100


def test_a_frozen_card_of_the_referrer_costs_the_friend_nothing(stack: Stack, wallet: str) -> None:
    stack.credit(wallet, 1)
    frozen = {"status": "FROZEN"}
    card = f"/v1/wallets/{wallet}/cards/ann"
    assert stack.http("PATCH", card, frozen, headers={"If-Match": '"1"'}).status == 200
    referral(stack, wallet)
    answer = paid(stack, "bob")
    assert got(answer) == [("bob", 100)]
    assert [skip["reason"] for skip in answer.body["skipped"]] == ["card_frozen"]


def test_a_budget_gives_points_to_both_sides_or_to_none(stack: Stack, wallet: str) -> None:
    referral(stack, wallet, limits={"budget": {"points": 350}})
    assert got(paid(stack, "bob")) == [("bob", 100), ("ann", 100)]
    later = paid(stack, "cid")
    assert (got(later), [skip["reason"] for skip in later.body["skipped"]]) == ([], ["budget_exhausted"])


def test_friends_may_send_events_with_the_same_id(stack: Stack, wallet: str) -> None:
    stack.http("PUT", "/v1/event-definitions/app.opened", {})
    referral(stack, wallet, "app.opened", conditions={})

    def opened(customer: str) -> Answer:
        return stack.http("POST", "/v1/events", {"name": "app.opened", "customerId": customer, "eventId": "1"})

    assert got(opened("bob")) == [("bob", 100), ("ann", 100)]
    assert got(opened("cid")) == [("cid", 100), ("ann", 100)]
    assert active(stack, wallet, "ann") == 200


def test_a_referral_costs_one_transaction_of_16_units(stack: Stack, wallet: str) -> None:
    for customer in ("ann", "bob"):
        stack.credit(wallet, 1, customer=customer)
    referral(stack, wallet, limits={"perReferrer": {"times": 50}})
    paid(stack, "cid")
    with metered(stack) as meter:
        paid(stack, "bob")
    assert (meter.requests, meter.units) == (["BatchGetItem", "BatchGetItem", "TransactWriteItems"], 16)


@pytest.mark.parametrize("amount", [None, 2_000])
def test_a_refund_takes_back_what_any_event_of_the_order_gave_the_referrer(
    stack: Stack, wallet: str, amount: int | None
) -> None:
    stack.http("PUT", "/v1/event-definitions/parcel.kept", {})
    referral(stack, wallet, "parcel.kept", conditions={})
    paid(stack, "bob")
    kept = {"name": "parcel.kept", "customerId": "bob", "eventId": "1", "orderId": "A", "order": {"amount": 5_000}}
    assert got(stack.http("POST", "/v1/events", kept)) == [("bob", 100), ("ann", 100)]

    extent = {"type": "FULL"} if amount is None else {"type": "AMOUNT", "amount": amount}
    body = {"name": "order.refunded", "customerId": "bob", "eventId": "2", "orderId": "A", "refund": extent}
    refund = stack.http("POST", "/v1/events", body).body["refund"]

    taken = 100 if amount is None else 40
    revoked = {one["customerId"]: one["revoked"]["points"] for one in refund["wallets"]}
    assert revoked == {"bob": taken, "ann": taken}
    assert (active(stack, wallet, "bob"), active(stack, wallet, "ann")) == (100 - taken, 100 - taken)


def test_a_refund_never_takes_points_of_the_referrers_own_order_with_the_same_id(stack: Stack, wallet: str) -> None:
    stack.credit(wallet, 500, orderId="A")
    referral(stack, wallet)
    assert got(paid(stack, "bob")) == [("bob", 100), ("ann", 100)]

    canceled = stack.http(
        "POST", "/v1/events", {"name": "order.canceled", "customerId": "bob", "eventId": "2", "orderId": "A"}
    )

    assert canceled.status == 200, canceled.text
    assert active(stack, wallet, "bob") == 0
    assert active(stack, wallet, "ann") >= 500
