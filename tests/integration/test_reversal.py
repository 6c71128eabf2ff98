"""Reversals: mistaken movements are undone on the lots that they name."""

from datetime import timedelta

import pytest
import time_machine

from tests.integration.accounts import START, at
from tests.integration.correcting import DAY_LIMITS, adjust, deactivated, points_of, reverse
from tests.integration.racing import before_next
from tests.support.stack import Stack


def test_a_reversal_of_a_credit_revokes_points_of_its_own_lot(stack: Stack) -> None:
    wallet = stack.wallet(**DAY_LIMITS)
    with time_machine.travel(START, tick=False):
        stack.credit(wallet, 20)
        mistake = stack.credit(wallet, 80, expiresAt=at(days=9))
        assert stack.credit(wallet, 80).code == "earning_limit_reached"

        answer = reverse(stack, mistake, reason="Wrong customer")

        row = answer.body["transaction"]
        assert answer.status == 201, answer.text
        assert (row["type"], row["operation"], row["points"]) == ("REVOCATION", "reversal", 80)
        assert row["reverses"] == mistake.body["transaction"]["transactionId"]
        assert (row["reason"], row["orderId"], row["source"]) == ("Wrong customer", None, "Manual")
        assert (answer.body["shortfall"], answer.body["balance"]["active"]) == (0, 20)
        assert stack.card(wallet)["lifetime"]["revoked"] == 80
        # The room in the daily limit is given back.
        assert stack.credit(wallet, 80).status == 201


def test_spent_points_of_a_reversed_credit_are_a_shortfall_and_other_lots_stay(stack: Stack) -> None:
    wallet = stack.wallet()
    with time_machine.travel(START, tick=False):
        mistake = stack.credit(wallet, 80, expiresAt=at(days=9))
        stack.credit(wallet, 20)
        stack.debit(wallet, 50)

        answer = reverse(stack, mistake)

    row = answer.body["transaction"]
    assert (row["points"], row["requested"], row["cappedBy"]) == (30, 80, "balance")
    assert (answer.body["shortfall"], answer.body["balance"]["active"]) == (50, 20)


def test_a_reversal_of_a_spent_credit_has_no_points_and_a_shortfall(stack: Stack) -> None:
    wallet = stack.wallet()
    mistake = stack.credit(wallet, 10)
    stack.debit(wallet, 10)

    answer = reverse(stack, mistake)

    assert (answer.status, answer.body["transaction"]["points"], answer.body["shortfall"]) == (201, 0, 10)


def test_a_reversal_of_a_pending_credit_revokes_its_pending_points(stack: Stack) -> None:
    wallet = stack.wallet(pending={"type": "PERIOD_BASED", "every": 14, "unit": "DAY"})
    stack.credit(wallet, 5)
    mistake = stack.credit(wallet, 10)

    answer = reverse(stack, mistake)

    assert answer.body["transaction"]["deltas"] == {"pending": -10, "active": 0, "held": 0}
    assert (answer.body["shortfall"], answer.body["balance"]["pending"]) == (0, 5)
    # The credit has no pending points any more: the others belong to another credit.
    for action in ("activate", "cancel"):
        path = f"/v1/wallets/{wallet}/cards/ann/pending/{action}"
        body = {"transactionId": mistake.body["transaction"]["transactionId"]}
        assert stack.http("POST", path, body, key="by-hand-1").code == "nothing_pending"


@pytest.mark.parametrize(("action", "revoked"), [("activate", 10), ("cancel", 0)])
def test_a_reversal_respects_an_earlier_activation_or_cancellation_by_hand(
    stack: Stack, action: str, revoked: int
) -> None:
    wallet = stack.wallet(pending={"type": "PERIOD_BASED", "every": 14, "unit": "DAY"})
    mistake, _ = stack.credit(wallet, 10), stack.credit(wallet, 20)
    body = {"transactionId": mistake.body["transaction"]["transactionId"]}
    path = f"/v1/wallets/{wallet}/cards/ann/pending/{action}"
    assert stack.http("POST", path, body, key="by-hand-1").status == 201

    answer = reverse(stack, mistake)

    assert (answer.body["transaction"]["points"], answer.body["shortfall"]) == (revoked, 10 - revoked)
    assert (answer.body["balance"]["active"], answer.body["balance"]["pending"]) == (0, 20)


def test_a_reversal_respects_a_concurrent_cancellation_by_hand(stack: Stack) -> None:
    wallet = stack.wallet(pending={"type": "PERIOD_BASED", "every": 14, "unit": "DAY"})
    mistake, _ = stack.credit(wallet, 10), stack.credit(wallet, 20)
    body = {"transactionId": mistake.body["transaction"]["transactionId"]}
    path = f"/v1/wallets/{wallet}/cards/ann/pending/cancel"

    with before_next("TransactWriteItems", lambda: stack.http("POST", path, body, key="by-hand-1")):
        answer = reverse(stack, mistake)

    assert (answer.body["transaction"]["points"], answer.body["shortfall"]) == (0, 10)
    assert answer.body["balance"]["pending"] == 20


def test_a_reversal_of_activated_points_revokes_them_from_their_active_lot(stack: Stack) -> None:
    wallet = stack.wallet(pending={"type": "EVENT_BASED", "events": ["delivered"]}, status="DRAFT")
    stack.http("PUT", "/v1/event-definitions/delivered", {})
    stack.http("POST", f"/v1/wallets/{wallet}/activate")
    with time_machine.travel(START, tick=False) as clock:
        timed = stack.credit(wallet, 10, activateAfter={"every": 1, "unit": "DAY"})
        by_event = stack.credit(wallet, 20, expireAfter={"every": 9, "unit": "DAY"})
        clock.shift(timedelta(days=2))
        event = {"name": "delivered", "customerId": "ann", "eventId": "delivery-1"}
        assert stack.http("POST", "/v1/events", event).body["effects"][0]["refused"] is None

        answers = [reverse(stack, timed), reverse(stack, by_event)]

    assert [answer.body["transaction"]["deltas"]["active"] for answer in answers] == [-10, -20]
    assert [answer.body["shortfall"] for answer in answers] == [0, 0]


def test_a_reversal_of_expired_points_revokes_no_other_points(stack: Stack) -> None:
    wallet = stack.wallet(expiration={"type": "ROLLING_EXPIRATION", "every": 1, "unit": "HOUR"})
    with time_machine.travel(START, tick=False) as clock:
        mistake = stack.credit(wallet, 10)
        clock.shift(timedelta(hours=1))
        stack.credit(wallet, 20)

        answer = reverse(stack, mistake)

    assert (answer.body["shortfall"], answer.body["balance"]["active"]) == (10, 20)


def test_a_reversal_of_a_debit_restores_its_lots_and_its_room(stack: Stack) -> None:
    wallet = stack.wallet(**DAY_LIMITS)
    with time_machine.travel(START, tick=False):
        stack.credit(wallet, 30, expiresAt=at(days=9))
        stack.credit(wallet, 30)
        before = stack.card(wallet)["lots"]
        mistake = stack.debit(wallet, 40)

        answer = reverse(stack, mistake)

        assert (answer.body["transaction"]["type"], answer.body["shortfall"]) == ("RETURN", 0)
        card = stack.card(wallet)
        assert card["lots"] == before
        assert (card["lifetime"]["redeemed"], card["lifetime"]["returned"]) == (40, 40)
        assert stack.debit(wallet, 50).status == 201


def test_a_reversal_of_a_debit_below_zero_repays_the_debt(stack: Stack) -> None:
    wallet = stack.wallet(allowNegativeBalance=True)
    stack.credit(wallet, 30)
    mistake = stack.debit(wallet, 50)

    answer = reverse(stack, mistake)

    assert (answer.body["transaction"]["points"], answer.body["balance"]["active"]) == (50, 30)
    assert answer.body["balance"]["debt"] == 0


def test_returned_points_of_an_expired_lot_get_another_expiry(stack: Stack) -> None:
    wallet = stack.wallet(expiration={"type": "ROLLING_EXPIRATION", "every": 1, "unit": "HOUR"})
    with time_machine.travel(START, tick=False) as clock:
        stack.credit(wallet, 30)
        mistake = stack.debit(wallet, 20)
        clock.shift(timedelta(hours=3))
        answer = reverse(stack, mistake)
    assert points_of(answer.body["transaction"]["lots"]) == [(20, at(hours=4))]


def test_a_transaction_is_reversed_once_for_all_keys(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 5)
    mistake = stack.credit(wallet, 10)

    first = reverse(stack, mistake, reason="A mistake")

    again = reverse(stack, mistake, reason="A mistake")
    assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (201, first.body, "true")
    for other in (reverse(stack, mistake, "reversal-2", reason="A mistake"), reverse(stack, mistake)):
        assert (other.status, other.code) == (422, "already_reversed")
    assert reverse(stack, mistake, None, dryRun=True).code == "already_reversed"
    assert stack.card(wallet)["balance"]["active"] == 5


def test_a_refusal_states_why_a_transaction_is_not_reversible(stack: Stack) -> None:
    wallet = stack.wallet(expiration={"type": "ROLLING_EXPIRATION", "every": 1, "unit": "HOUR"})
    with time_machine.travel(START, tick=False) as clock:
        ordered = stack.credit(wallet, 10, orderId="#1001")
        credit = stack.credit(wallet, 10)
        reversal = reverse(stack, credit)
        clock.shift(timedelta(hours=2))
        stack.credit(wallet, 1)
        expiry = next(row for row in stack.rows(wallet) if row["type"] == "EXPIRY")["transactionId"]

        answers = [reverse(stack, one) for one in (ordered, reversal, expiry)]

    assert {answer.code for answer in answers} == {"not_reversible"}
    assert [answer.body["detail"].split(":")[0] for answer in answers] == [
        "The transaction has an order",
        "A reversal cannot be reversed",
        "The transaction is EXPIRY by settle",
    ]
    assert (answers[2].body["transactionType"], answers[2].body["operation"]) == ("EXPIRY", "settle")
    assert reverse(stack, "A" * 16 + ".1").code == "transaction_not_found"


def test_adjustments_can_be_reversed_in_an_inactive_wallet(stack: Stack) -> None:
    wallet = stack.wallet(**DAY_LIMITS)
    stack.credit(wallet, 40)
    added, removed = adjust(stack, wallet, 30), adjust(stack, wallet, -20)
    deactivated(stack, wallet)

    dry = reverse(stack, removed, None, dryRun=True)
    assert (dry.status, dry.body["points"], dry.body["shortfall"]) == (200, 20, 0)
    assert reverse(stack, removed).body["balance"]["active"] == 70
    assert reverse(stack, added).body["balance"]["active"] == 40
    # The adjustments did not count against the limit, so their reversals give no room back.
    stack.http("POST", f"/v1/wallets/{wallet}/activate")
    assert stack.credit(wallet, 61).code == "earning_limit_reached"


def test_a_reversal_on_a_frozen_card_is_refused(stack: Stack) -> None:
    wallet = stack.wallet()
    mistake = stack.credit(wallet, 10)
    stack.http("PATCH", f"/v1/wallets/{wallet}/cards/ann", {"status": "FROZEN"}, headers={"if-match": '"1"'})
    assert reverse(stack, mistake).code == "card_frozen"
