"""GET /v1/transactions/{transactionId}/explain: the settings and the balance that decided a transaction."""

from typing import Any

import pytest
import time_machine

from tests.integration.accounts import at, item
from tests.support.stack import Stack

DAY = 86_400


def explained(stack: Stack, wallet: str, seq: int) -> Any:
    row = next(row for row in stack.rows(wallet) if row["seq"] == seq)
    answer = stack.http("GET", f"/v1/transactions/{row['transactionId']}/explain")
    assert answer.status == 200, answer.text
    assert answer.body["transaction"] == row
    return answer.body


def test_the_explanation_of_a_cut_credit_names_the_limit_and_its_room(stack: Stack) -> None:
    wallet = stack.wallet(
        earningLimits={"global": {"type": "TIME_BASED", "unit": "DAY", "max": 150}, "transaction": {"maxPoints": 120}}
    )
    stack.credit(wallet, 100)
    stack.credit(wallet, 100)
    body = explained(stack, wallet, 2)
    assert body["text"] == (
        "50 points were credited (credit); 100 had been requested, and earningLimits.global cut the rest. "
        "150 active, 0 pending, 0 held remain."
    )
    assert [(limit["limit"], limit["room"], limit["cut"]) for limit in body["limits"]] == [
        ("earningLimits.global", 50, True),
        ("earningLimits.transaction", 120, False),
    ]
    assert body["before"]["balance"]["active"] == 100
    assert body["before"]["counters"][0] == {"period": "DAY", "earned": 100, "spent": 0}
    assert body["wallet"]["settings"]["earningLimits"]["global"]["max"] == 150


def test_the_explanation_of_a_credit_names_its_dates_and_their_settings(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = stack.wallet(
        expiration={"type": "ROLLING_EXPIRATION", "every": 10, "unit": "DAY"},
        pending={"type": "PERIOD_BASED", "every": 2, "unit": "HOUR"},
    )
    stack.credit(wallet, 100)
    stack.credit(wallet, 10, activatesAt=at(days=1), expiresAt=at(days=2))
    dates = [
        [(date["happens"], date["at"], date["rule"]) for date in explained(stack, wallet, seq)["dates"]]
        for seq in (1, 2)
    ]
    assert dates == [
        [("ACTIVATES", at(hours=2), "pending"), ("EXPIRES", "2027-03-11T23:00:00Z", "expiration")],
        [("ACTIVATES", at(days=1), "request"), ("EXPIRES", at(days=2), "request")],
    ]
    clock.shift(12 * DAY)
    stack.credit(wallet, 1)
    activation, expiry = explained(stack, wallet, 3), explained(stack, wallet, 4)
    assert [part["rule"] for part in activation["lots"]] == ["pending", "pending"]
    assert [part["lot"]["expiresAt"] for part in expiry["lots"]] == [at(days=2), "2027-03-11T23:00:00Z"]
    # The activation precedes the expiry, which found the points active.
    assert expiry["before"]["balance"] == {"active": 110, "pending": 0, "held": 0, "available": 110, "debt": 0}


def test_the_explanation_of_a_debit_lists_the_lots_in_the_consumption_order(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10)
    stack.credit(wallet, 20, expiresAt=at(days=9))
    stack.credit(wallet, 30, expiresAt=at(days=3))
    stack.debit(wallet, 55)
    body = explained(stack, wallet, 4)
    assert [(part["lot"]["points"], part["lot"]["expiresAt"]) for part in body["lots"]] == [
        (30, at(days=3)),
        (20, at(days=9)),
        (5, None),
    ]
    assert {part["rule"] for part in body["lots"]} == {"consumptionOrder"}
    assert "never expires" in body["lots"][-1]["text"]
    assert body["before"]["lifetime"]["issued"] == 60


def test_the_explanation_of_a_debit_by_issue_names_the_issue_days(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet(consumptionOrder="EARLIEST_ISSUE", allowNegativeBalance=True)
    stack.credit(wallet, 10)
    clock.shift(DAY)
    stack.credit(wallet, 20)
    stack.debit(wallet, 35)
    body = explained(stack, wallet, 3)
    assert [part["text"] for part in body["lots"]] == [
        "Taken as lot 1: the lot was issued on 2027-03-01, the earliest day of the remaining lots.",
        "Taken as lot 2: the lot was issued on 2027-03-02, the earliest day of the remaining lots.",
    ]
    assert "5 points of these are owed" in body["text"]


def test_the_explanation_of_a_refund_has_the_points_that_holds_reserve(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100, orderId="A")
    stack.debit(wallet, 20)
    stack.hold(wallet, 70)
    stack.refund(wallet, "A")
    text = explained(stack, wallet, 4)["refund"]["text"]
    assert text.endswith("90 were missing: 20 are forgiven, and 70 are taken back if their holds are released.")


def test_the_explanation_of_a_refund_has_the_returned_and_missing_points(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 40)
    stack.credit(wallet, 100, orderId="A", expiresAt=at(days=3))
    stack.debit(wallet, 30, orderId="A")
    stack.debit(wallet, 105)
    stack.refund(wallet, "A")
    returned, revoked = explained(stack, wallet, 5), explained(stack, wallet, 6)
    assert returned["lots"][0]["rule"] == "refunds.spent"
    assert returned["refund"] is None
    refund = revoked["refund"]
    assert (refund["spent"], refund["earned"], refund["revoked"], refund["shortfall"]) == (30, 100, 35, 65)
    assert refund["text"].endswith("were taken back, 65 were missing and are forgiven.")
    assert {part["rule"] for part in revoked["lots"]} == {"refunds.earned", "consumptionOrder"}


def test_the_explanation_of_event_based_points_names_the_event(stack: Stack) -> None:
    assert stack.http("PUT", "/v1/event-definitions/order.delivered", {}).status == 200
    wallet = stack.wallet(
        pending={"type": "EVENT_BASED", "events": ["order.delivered"], "cancelAfter": {"every": 9, "unit": "DAY"}},
        expiration={"type": "ROLLING_EXPIRATION", "every": 1, "unit": "YEAR"},
    )
    stack.credit(wallet, 100, orderId="A")
    event = {"name": "order.delivered", "customerId": "ann", "eventId": "delivery-1", "orderId": "A"}
    assert stack.http("POST", "/v1/events", event).status < 300
    credit, activation = explained(stack, wallet, 1), explained(stack, wallet, 2)
    assert [(date["happens"], date["at"] is None, date["rule"]) for date in credit["dates"]] == [
        ("ACTIVATES", True, "pending"),
        ("CANCELED", False, "pending.cancelAfter"),
        ("EXPIRES", True, "expiration"),
    ]
    assert activation["lots"][0]["text"] == "The lot was pending for an event, and the event order.delivered arrived."
    assert [(date["happens"], date["rule"]) for date in activation["dates"]] == [("EXPIRES", "expiration")]


def test_a_later_wallet_version_does_not_change_the_explanation(stack: Stack) -> None:
    wallet = stack.wallet(consumptionOrder="EARLIEST_ISSUE")
    stack.credit(wallet, 10)
    stack.debit(wallet, 3)
    before = explained(stack, wallet, 2)
    changed = stack.http(
        "PATCH", f"/v1/wallets/{wallet}", {"consumptionOrder": "EARLIEST_EXPIRY"}, headers={"If-Match": '"1"'}
    )
    assert changed.status == 200
    assert explained(stack, wallet, 2) == before


def test_a_transaction_that_does_not_exist_is_not_found(stack: Stack) -> None:
    answer = stack.http("GET", f"/v1/transactions/{'a' * 16}.1/explain")
    assert (answer.status, answer.code) == (404, "transaction_not_found")


@pytest.mark.tampered
def test_a_ledger_with_a_missing_row_is_not_explained(stack: Stack) -> None:
    wallet = stack.wallet()
    for _ in range(3):
        stack.credit(wallet, 10)
    transaction_id = stack.rows(wallet)[2]["transactionId"]
    row = next(one for one in stack.items() if one.get("hs") == {"N": "2"})
    stack.dynamodb.delete_item(TableName="loyalty", Key={"pk": row["pk"], "sk": row["sk"]})
    answer = stack.http("GET", f"/v1/transactions/{transaction_id}/explain")
    assert (answer.status, answer.code) == (409, "ledger_not_whole")
    assert item(stack, wallet)["v"] == {"N": "3"}
