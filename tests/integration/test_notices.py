"""Notices announce dates, in the ledger and on the bus. The sweep or the next command records them."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from loyalty.store.store import connected_store
from tests.integration.accounts import START, at, item
from tests.integration.invoking import invoke
from tests.integration.publishing import Events, publish, stream
from tests.integration.racing import before_next
from tests.integration.sweeping import message, settle, sweep
from tests.support.stack import Stack

HOUR = 3_600
DAY = 24 * HOUR
AHEAD = {
    "expiring": [{"every": 2, "unit": "DAY"}, {"every": 1, "unit": "HOUR"}],
    "activating": [{"every": 3, "unit": "HOUR"}],
}
SLIDING = {"type": "SLIDING_EXPIRATION", "every": 5, "unit": "HOUR", "resetBy": ["EARNING", "SPENDING"]}


@pytest.fixture
def wallet(clock: time_machine.Traveller, stack: Stack) -> str:
    return stack.wallet(notices=AHEAD)


def notices(stack: Stack, wallet: str) -> list[tuple[str, int, str]]:
    """The period, the points and the recording time of each notice in the ledger."""
    return [
        (row["notice"], sum(lot["points"] for lot in row["lots"]), row["createdAt"])
        for row in stack.rows(wallet)
        if row["operation"] == "notice"
    ]


def details(events: Events, name: str) -> list[Any]:
    return [json.loads(entry["Detail"]) for entry in events.accepted if entry["DetailType"] == name]


def test_a_sweep_records_a_notice_in_time_and_an_event_announces_it(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    stack.credit(wallet, 100, expiresAt=at(hours=4))
    clock.shift(3 * HOUR - 1)
    assert sweep(stack, "expire_points") == 0
    clock.shift(61)

    assert sweep(stack, "expire_points") == 1

    row = stack.rows(wallet)[-1]
    assert (row["type"], row["operation"], row["source"], row["points"]) == ("ACTIVITY", "notice", "System", 0)
    assert (row["notice"], row["effectiveAt"], row["createdAt"]) == ("1 HOUR", at(hours=3), at(hours=3, minutes=1))
    assert row["lots"] == [
        {
            "state": "ACTIVE",
            "points": 100,
            "activatesAt": None,
            "cancelsAt": None,
            "expiresAt": at(hours=4),
            "issuedOn": "2027-03-01",
        }
    ]
    assert row["balanceAfter"]["active"] == 100
    events = Events()
    publish(stream(stack))
    (detail,) = details(events, "Points Expiring Soon")
    assert detail == {
        "eventId": row["transactionId"],
        "eventVersion": 1,
        "walletId": wallet,
        "walletName": "Wallet 0",
        "pointsName": "points",
        "customerId": "ann",
        "cardId": row["cardId"],
        "seq": 2,
        "operation": "notice",
        "balance": row["balanceAfter"],
        "hash": row["hash"],
        "transactionId": row["transactionId"],
        "points": 100,
        "at": at(hours=4),
        "before": {"every": 1, "unit": "HOUR"},
        "eventTimestamp": at(hours=3),
        "lots": [{"points": 100, "activatesAt": None, "cancelsAt": None, "expiresAt": at(hours=4)}],
    }
    assert "Activity Noted" not in events.types()


def test_a_notice_announces_an_activation_which_then_happens_at_its_date(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    stack.credit(wallet, 100, activatesAt=at(hours=5), expiresAt=at(days=300))
    clock.shift(2 * HOUR)
    assert sweep(stack, "activate_points") == 0
    assert sweep(stack, "expire_points") == 1
    clock.shift(3 * HOUR)
    assert sweep(stack, "activate_points") == 1

    assert [row["operation"] for row in stack.rows(wallet)] == ["credit", "notice", "settle"]
    events = Events()
    publish(stream(stack))
    (detail,) = details(events, "Points Activating Soon")
    assert (detail["points"], detail["at"], detail["before"]) == (100, at(hours=5), {"every": 3, "unit": "HOUR"})
    assert detail["lots"] == [{"points": 100, "activatesAt": at(hours=5), "cancelsAt": None, "expiresAt": at(days=300)}]
    assert detail["balance"]["pending"] == 100


def test_each_period_announces_one_expiry_before_the_points_expire(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    # The expiry is on 5 March in Berlin. The day two days before starts at 23:00 UTC.
    stack.credit(wallet, 100, expiresAt=at(days=4))
    for hours, seen in ((35, 1), (60, 1), (1, 1), (24, 0)):
        clock.shift(hours * HOUR)
        assert sweep(stack, "expire_points") == seen
    assert notices(stack, wallet) == [("2 DAY", 100, at(hours=35)), ("1 HOUR", 100, at(hours=95))]
    assert stack.rows(wallet)[-1]["type"] == "EXPIRY"


def test_a_command_records_due_notices_and_answers_its_own_transaction(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    stack.credit(wallet, 100, expiresAt=at(hours=4))
    stack.credit(wallet, 50, activatesAt=at(hours=5))
    clock.shift(3 * HOUR)

    answer = stack.debit(wallet, 30, key="debit-key")

    assert answer.body["transaction"]["operation"] == "debit"
    assert answer.body["balance"]["active"] == 70
    assert stack.debit(wallet, 30, key="debit-key").body == answer.body
    assert [row["operation"] for row in stack.rows(wallet)] == ["credit", "credit", "notice", "notice", "debit"]
    assert notices(stack, wallet) == [("1 HOUR", 100, at(hours=3)), ("3 HOUR", 50, at(hours=3))]
    sweep(stack, "expire_points")
    assert len(notices(stack, wallet)) == 2


def test_a_refused_command_records_no_notice(clock: time_machine.Traveller, stack: Stack, wallet: str) -> None:
    stack.credit(wallet, 100, expiresAt=at(hours=4))
    clock.shift(3 * HOUR)
    assert stack.debit(wallet, 101).code == "insufficient_points"
    assert notices(stack, wallet) == []
    stack.debit(wallet, 1)
    assert len(notices(stack, wallet)) == 1


def test_a_refund_answers_its_own_transactions_after_a_notice(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    stack.credit(wallet, 100, expiresAt=at(hours=4))
    stack.debit(wallet, 40, orderId="A")
    stack.credit(wallet, 10, orderId="A", activatesAt=at(hours=5))
    clock.shift(3 * HOUR)
    refund = stack.refund(wallet, "A").body
    assert (refund["returned"]["points"], refund["revoked"]["points"]) == (40, 10)
    rows = {row["transactionId"]: row["type"] for row in stack.rows(wallet)}
    assert rows[refund["returned"]["transactionId"]] == "RETURN"
    assert rows[refund["revoked"]["transactionId"]] == "REVOCATION"
    assert refund["balance"]["active"] == 100
    assert notices(stack, wallet) == [("1 HOUR", 60, at(hours=3)), ("3 HOUR", 10, at(hours=3))]


def test_points_of_several_credits_with_one_expiry_share_a_notice(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    stack.credit(wallet, 100, expiresAt=at(days=2))
    clock.shift(DAY)
    stack.credit(wallet, 20, expiresAt=at(days=2))
    clock.shift(DAY - HOUR)
    sweep(stack, "expire_points")
    assert notices(stack, wallet) == [("1 HOUR", 120, at(hours=47))]


def test_points_that_are_earned_within_a_notice_period_have_no_notice(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    stack.credit(wallet, 100, expiresAt=at(minutes=59))
    clock.shift(60)
    sweep(stack, "expire_points")
    stack.debit(wallet, 1)
    assert notices(stack, wallet) == []


def test_an_expiry_that_slid_ahead_is_announced_again(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet(expiration=SLIDING, notices={"expiring": [{"every": 1, "unit": "HOUR"}]})
    stack.credit(wallet, 100)
    clock.shift(3 * HOUR)
    stack.debit(wallet, 10)
    clock.shift(HOUR)
    # The due entry still has the former date, so this settlement changes nothing.
    assert sweep(stack, "expire_points") == 1
    assert notices(stack, wallet) == []
    clock.shift(3 * HOUR)
    sweep(stack, "expire_points")
    assert notices(stack, wallet) == [("1 HOUR", 90, at(hours=7))]
    assert stack.rows(wallet)[-1]["lots"][0]["expiresAt"] == at(hours=8)
    stack.debit(wallet, 10)
    clock.shift(4 * HOUR)
    sweep(stack, "expire_points")
    assert notices(stack, wallet)[1:] == [("1 HOUR", 80, at(hours=11))]


def test_concurrent_sweeps_and_repeated_messages_record_a_notice_once(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    stack.credit(wallet, 100, expiresAt=at(hours=4))
    clock.shift(3 * HOUR)
    with before_next("TransactWriteItems", lambda: settle(message(wallet))):
        assert settle(message(wallet), message(wallet)) == []
    clock.shift(1)
    assert settle(message(wallet)) == []
    assert notices(stack, wallet) == [("1 HOUR", 100, at(hours=3))]


def test_a_concurrent_command_records_the_notice_instead_of_the_sweep(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    stack.credit(wallet, 100, expiresAt=at(hours=4))
    clock.shift(3 * HOUR)
    with before_next("TransactWriteItems", lambda: stack.debit(wallet, 10)):
        assert settle(message(wallet)) == []
    assert [row["operation"] for row in stack.rows(wallet)] == ["credit", "notice", "debit"]


def test_notices_that_are_switched_on_later_apply_from_the_next_movement(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = stack.wallet()
    for customer in ("ann", "bob"):
        stack.credit(wallet, 100, customer=customer, expiresAt=at(hours=4))
    clock.shift(HOUR)
    stack.http("PATCH", f"/v1/wallets/{wallet}", {"notices": AHEAD}, headers={"If-Match": '"1"'})
    connected_store().wallets._cache.clear()
    stack.debit(wallet, 10)

    clock.shift(2 * HOUR)
    assert sweep(stack, "expire_points") == 1
    assert notices(stack, wallet) == [("1 HOUR", 90, at(hours=3))]
    assert [row["walletVersion"] for row in stack.rows(wallet)] == [1, 2, 2]
    # Bob's card did not change: its due entry still has the expiry.
    clock.shift(1_800)
    stack.credit(wallet, 1, customer="bob")
    rows = stack.rows(wallet, "bob")
    assert [row["operation"] for row in rows] == ["credit", "notice", "credit"]
    assert (rows[1]["effectiveAt"], rows[1]["createdAt"]) == (at(hours=3), at(hours=3.5))


def test_notices_that_are_switched_off_are_not_recorded(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    stack.credit(wallet, 100, expiresAt=at(hours=4))
    stack.http("PATCH", f"/v1/wallets/{wallet}", {"notices": None}, headers={"If-Match": '"1"'})
    clock.shift(3 * HOUR)
    assert sweep(stack, "expire_points") == 1
    assert notices(stack, wallet) == []
    assert sweep(stack, "expire_points") == 0
    clock.shift(HOUR)
    assert sweep(stack, "expire_points") == 1
    assert stack.card(wallet)["balance"]["active"] == 0


def test_frozen_cards_and_inactive_wallets_still_record_notices(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    stack.credit(wallet, 100, expiresAt=at(hours=4))
    stack.http("PATCH", f"/v1/wallets/{wallet}/cards/ann", {"status": "FROZEN"}, headers={"If-Match": '"1"'})
    stack.http("POST", f"/v1/wallets/{wallet}/deactivate")
    clock.shift(3 * HOUR)
    sweep(stack, "expire_points")
    assert notices(stack, wallet) == [("1 HOUR", 100, at(hours=3))]


def test_a_card_whose_wallet_is_missing_is_settled_without_notices(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    stack.credit(wallet, 100, expiresAt=at(hours=4))
    stack.credit(wallet, 10, expiresAt=at(hours=3))
    stack.dynamodb.delete_item(TableName="loyalty", Key={"pk": {"S": "WALLETS"}, "sk": {"S": f"WALLET#{wallet}"}})
    clock.shift(3 * HOUR)
    assert settle(message(wallet)) == []
    assert [row["operation"] for row in stack.rows(wallet)] == ["credit", "credit", "settle"]
    assert item(stack, wallet)["ds"]["N"] == str(int((START + timedelta(hours=4)).timestamp()))


def test_transactions_are_filtered_by_the_operation_notice(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    stack.credit(wallet, 100, expiresAt=at(hours=4))
    clock.shift(3 * HOUR)
    invoke("expire_points", {})
    stack.debit(wallet, 1)
    path = f"/v1/wallets/{wallet}/cards/ann/transactions"
    (found,) = stack.http("GET", path, query={"operation": "notice"}).body["data"]
    assert found["notice"] == "1 HOUR"
    others = stack.http("GET", path, query={"type": "DEBIT"}).body["data"]
    assert [row["notice"] for row in others] == [None]


def test_two_equal_notice_periods_keep_a_wallet_from_becoming_active(stack: Stack) -> None:
    twice = {"expiring": [{"every": 1, "unit": "YEAR"}, {"every": 3, "unit": "DAY"}, {"every": 12, "unit": "MONTH"}]}
    answer = stack.http("POST", "/v1/wallets", {"name": "Points", "notices": twice})
    assert (answer.status, answer.code) == (422, "action_required")
    draft = stack.http("POST", "/v1/wallets", {"name": "Points", "notices": twice, "status": "DRAFT"}).body
    assert [(one["step"], one["field"], one["code"]) for one in draft["actionRequired"]] == [
        ("expiration", "notices.expiring[2]", "duplicate")
    ]
    assert draft["notices"] == twice
    six = {"activating": [{"every": every, "unit": "DAY"} for every in range(1, 7)]}
    assert stack.http("POST", "/v1/wallets", {"name": "Points", "notices": six}).status == 400
