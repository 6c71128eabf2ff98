"""Adjustments: points added or removed by hand."""

from datetime import timedelta

import time_machine

from tests.integration.accounts import START, at
from tests.integration.correcting import DAY_LIMITS, adjust, deactivated, points_of, reverse
from tests.support.stack import Stack


def test_an_adjustment_adds_active_points_also_in_a_wallet_with_pending_points(stack: Stack) -> None:
    wallet = stack.wallet(
        pending={"type": "PERIOD_BASED", "every": 14, "unit": "DAY"},
        expiration={"type": "ROLLING_EXPIRATION", "every": 1, "unit": "DAY"},
    )
    with time_machine.travel(START, tick=False):
        stack.credit(wallet, 1)
        answer = adjust(stack, wallet, 40, metadata={"ticket": 7})
        again = adjust(stack, wallet, 40, metadata={"ticket": 7})
        card = stack.card(wallet)

    row = answer.body["transaction"]
    assert answer.status == 201, answer.text
    assert answer.headers["Location"] == f"/v1/transactions/{row['transactionId']}"
    assert (row["type"], row["operation"], row["source"]) == ("CREDIT", "adjustment", "Manual")
    assert (row["reason"], row["metadata"], row["qualifying"]) == ("A mistake", {"ticket": 7}, False)
    assert row["deltas"] == {"pending": 0, "active": 40, "held": 0}
    assert points_of(row["lots"]) == [(40, "2027-03-02T23:00:00Z")]
    assert card["lifetime"] == dict.fromkeys(card["lifetime"], 0) | {"issued": 41}
    assert (again.body, again.headers["Idempotent-Replayed"]) == (answer.body, "true")
    assert adjust(stack, wallet, 41, key="adjust-+40").code == "key_reused"


def test_an_adjustment_removes_points_in_the_consumption_order_and_counts_as_removed(stack: Stack) -> None:
    wallet = stack.wallet()
    with time_machine.travel(START, tick=False):
        stack.credit(wallet, 50)
        stack.credit(wallet, 30, expiresAt=at(days=9))
        answer = adjust(stack, wallet, -40)
        card = stack.card(wallet)

    assert answer.status == 201, answer.text
    assert (answer.body["transaction"]["type"], answer.body["transaction"]["points"]) == ("DEBIT", 40)
    assert points_of(answer.body["transaction"]["lots"]) == [(30, at(days=9)), (10, None)]
    assert (card["lifetime"]["removed"], card["lifetime"]["redeemed"]) == (40, 0)
    refused = adjust(stack, wallet, -41)
    assert (refused.status, refused.code) == (422, "insufficient_points")
    assert (refused.body["available"], refused.body["missing"]) == (40, 1)


def test_an_adjustment_removes_points_down_to_the_negative_limit(stack: Stack) -> None:
    wallet = stack.wallet(allowNegativeBalance=True, negativeLimit=20)
    stack.credit(wallet, 10)

    assert adjust(stack, wallet, -31).code == "insufficient_points"
    assert adjust(stack, wallet, -30).body["balance"]["debt"] == 20
    assert adjust(stack, wallet, 5, expiresAt="2199-01-01T00:00:00Z").code == "invalid_dates"
    assert adjust(stack, wallet, 25).body["balance"]["active"] == 5


def test_limits_apply_to_qualifying_adjustments_only(stack: Stack) -> None:
    wallet = stack.wallet(**DAY_LIMITS)
    stack.credit(wallet, 10)

    assert adjust(stack, wallet, 500).status == 201
    assert adjust(stack, wallet, -400).status == 201
    assert adjust(stack, wallet, 91, qualifying=True, key="adjust-q91").code == "earning_limit_reached"
    given = adjust(stack, wallet, 90, qualifying=True)
    assert given.body["transaction"]["qualifying"] is True
    assert stack.credit(wallet, 1).code == "earning_limit_reached"
    assert adjust(stack, wallet, -51, qualifying=True, key="adjust-q51").code == "spending_limit_reached"
    assert adjust(stack, wallet, -50, qualifying=True).status == 201
    assert stack.debit(wallet, 1).code == "spending_limit_reached"


def test_a_lifetime_limit_counts_qualifying_adjustments_until_their_reversal(stack: Stack) -> None:
    wallet = stack.wallet(spendingLimits={"global": {"type": "SPENDING_BASED", "max": 50}})
    stack.credit(wallet, 500)
    plain = adjust(stack, wallet, -30)
    qualifying = adjust(stack, wallet, -40, qualifying=True)

    assert stack.debit(wallet, 11).code == "spending_limit_reached"
    # A plain adjustment uses no room, so its reversal gives no room back.
    assert reverse(stack, plain, "reverse-plain").status == 201
    assert stack.debit(wallet, 11).code == "spending_limit_reached"
    assert reverse(stack, qualifying, "reverse-qualifying").status == 201
    assert stack.debit(wallet, 51).code == "spending_limit_reached"
    assert stack.debit(wallet, 50).status == 201


def test_an_adjustment_does_not_move_a_sliding_expiry(stack: Stack) -> None:
    slides = {"type": "SLIDING_EXPIRATION", "every": 10, "unit": "DAY", "resetBy": ["EARNING", "SPENDING"]}
    wallet = stack.wallet(expiration=slides)
    with time_machine.travel(START, tick=False) as clock:
        stack.credit(wallet, 100)
        before = stack.card(wallet)["nextExpiration"]
        clock.shift(timedelta(days=5))
        adjust(stack, wallet, -10)
        adjust(stack, wallet, 10)
        after = stack.card(wallet)["nextExpiration"]
    assert (before["at"], after["at"]) == ("2027-03-11T23:00:00Z",) * 2
    assert after["points"] == 90


def test_an_adjustment_works_in_an_inactive_wallet_and_never_enrols_a_customer(stack: Stack) -> None:
    wallet = stack.wallet()
    assert adjust(stack, wallet, 5).code == "card_not_found"
    stack.credit(wallet, 10)
    deactivated(stack, wallet)
    assert adjust(stack, wallet, 5).body["balance"]["active"] == 15
    stack.http("PATCH", f"/v1/wallets/{wallet}/cards/ann", {"status": "FROZEN"}, headers={"if-match": '"1"'})
    assert adjust(stack, wallet, 6).code == "card_frozen"


def test_a_dry_run_of_an_adjustment_answers_its_result_and_writes_nothing(stack: Stack) -> None:
    wallet = stack.wallet(**DAY_LIMITS)
    stack.credit(wallet, 60)
    before = stack.items()

    answer = adjust(stack, wallet, -20, dryRun=True, key=None)

    assert answer.status == 200, answer.text
    assert (answer.body["type"], answer.body["points"]) == ("DEBIT", 20)
    assert (answer.body["deltas"]["active"], answer.body["balance"]["active"]) == (-20, 40)
    assert adjust(stack, wallet, -61, dryRun=True).code == "insufficient_points"
    assert stack.items() == before
    # A dry run does not use its key, and a used key does not prevent a dry run.
    assert adjust(stack, wallet, -20).status == 201
    assert adjust(stack, wallet, -20, dryRun=True).status == 200
