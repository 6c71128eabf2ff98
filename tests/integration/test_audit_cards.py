"""GET …/verify and …/balance: a card compared with its ledger."""

from typing import Any

import pytest
import time_machine

from tests.integration.accounts import at, item
from tests.support.stack import Answer, Stack

DAY = 86_400


def verify(stack: Stack, wallet: str, customer: str = "ann") -> Answer:
    return stack.http("GET", f"/v1/wallets/{wallet}/cards/{customer}/verify")


def balance(stack: Stack, wallet: str, instant: str | None = None) -> Any:
    answer = stack.http("GET", f"/v1/wallets/{wallet}/cards/ann/balance", query={"at": instant})
    assert answer.status == 200, answer.text
    return answer.body


def put(stack: Stack, item: Any) -> None:
    stack.dynamodb.put_item(TableName="loyalty", Item=item)


@pytest.fixture
def wallet(stack: Stack) -> str:
    wallet = stack.wallet(expiration={"type": "ROLLING_EXPIRATION", "every": 10, "unit": "DAY"})
    stack.credit(wallet, 100, orderId="A")
    stack.debit(wallet, 30)
    return wallet


def test_a_card_that_agrees_with_its_ledger_is_valid(stack: Stack, wallet: str) -> None:
    stack.http("PATCH", f"/v1/wallets/{wallet}", {"description": "Changed"}, headers={"If-Match": '"1"'})
    stack.credit(wallet, 5)
    answer = verify(stack, wallet)
    assert answer.status == 200
    assert answer.body == {
        "valid": True,
        "walletId": wallet,
        "customerId": "ann",
        "cardId": stack.card(wallet)["cardId"],
        "rows": 3,
        "hash": stack.rows(wallet)[-1]["hash"],
        "balance": {"active": 75, "pending": 0, "held": 0, "available": 75, "debt": 0},
        "walletVersions": [1, 2],
        "problems": [],
        "problemCount": 0,
    }


def test_a_card_without_transactions_is_valid(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.http("POST", f"/v1/wallets/{wallet}/cards", {"customerId": "ann"})
    assert (verify(stack, wallet).body["valid"], verify(stack, wallet).body["rows"]) == (True, 0)


@pytest.mark.tampered
def test_a_verification_reports_points_without_a_transaction(stack: Stack, wallet: str) -> None:
    card = item(stack, wallet)
    card["l"]["L"][0] = {"N": "1000070"}
    put(stack, card)
    answer = verify(stack, wallet)
    assert answer.status == 200
    assert answer.body["valid"] is False
    problem = answer.body["problems"][0]
    assert (problem["check"], problem["seq"], problem["transactionId"]) == ("card", None, None)
    assert "1000070" in problem["found"]


@pytest.mark.tampered
def test_a_verification_reports_a_changed_row_with_its_transaction(stack: Stack, wallet: str) -> None:
    row = next(item for item in stack.items() if item.get("t") == {"S": "DEBIT"})
    put(stack, {**row, "a": {"S": "another actor"}})
    body = verify(stack, wallet).body
    (problem,) = body["problems"]
    assert (problem["check"], problem["seq"], problem["transactionId"]) == ("chain", 2, f"{body['cardId']}.2")
    assert problem["found"] == stack.rows(wallet)[1]["hash"] != problem["expected"]


@pytest.mark.tampered
def test_a_verification_reports_the_first_hundred_problems_of_a_ruined_ledger(stack: Stack, wallet: str) -> None:
    for _ in range(60):
        stack.credit(wallet, 1)
    for row in stack.items():
        if "hs" in row:
            put(stack, {**row, "p": {"N": "3"}, "w": {"N": "7"}})
    body = verify(stack, wallet).body
    assert len(body["problems"]) == 100
    assert body["problemCount"] > 100


@pytest.mark.tampered
def test_a_card_that_cannot_be_read_is_not_valid(stack: Stack, wallet: str) -> None:
    card = item(stack, wallet)
    del card["n"]
    put(stack, card)
    body = verify(stack, wallet).body
    assert (body["valid"], body["cardId"], body["problems"][0]["check"]) == (False, None, "form")


@pytest.mark.tampered
def test_a_verification_reports_a_row_that_the_card_does_not_include(stack: Stack, wallet: str) -> None:
    row = next(item for item in stack.items() if item.get("t") == {"S": "DEBIT"})
    put(stack, {**row, "sk": {"S": row["sk"]["S"] + "x"}, "hs": {"N": "3"}})
    assert verify(stack, wallet).body["valid"] is False


@pytest.mark.parametrize("head", ["PROFILE", "CODE"])
@pytest.mark.tampered
def test_a_card_without_its_profile_or_code_is_not_valid(stack: Stack, wallet: str, head: str) -> None:
    removed = next(item for item in stack.items() if item["sk"]["S"].startswith(head))
    stack.dynamodb.delete_item(TableName="loyalty", Key={"pk": removed["pk"], "sk": removed["sk"]})
    assert verify(stack, wallet).body["valid"] is False


@pytest.mark.tampered
def test_a_ledger_that_is_too_long_for_one_request_is_refused(stack: Stack, wallet: str) -> None:
    put(stack, {**item(stack, wallet), "v": {"N": "10001"}})
    answer = verify(stack, wallet)
    assert (answer.status, answer.code) == (422, "ledger_too_long")
    assert (answer.body["rows"], answer.body["max"]) == (10_001, 10_000)


@pytest.mark.parametrize("of", ["verify", "balance"])
def test_a_customer_without_a_card_is_not_found(stack: Stack, wallet: str, of: str) -> None:
    answer = stack.http("GET", f"/v1/wallets/{wallet}/cards/bob/{of}")
    assert (answer.status, answer.code) == (404, "card_not_found")


def test_a_balance_is_the_balance_at_the_requested_instant(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet(
        expiration={"type": "ROLLING_EXPIRATION", "every": 10, "unit": "DAY"},
        pending={"type": "PERIOD_BASED", "every": 2, "unit": "HOUR"},
    )
    stack.credit(wallet, 100)
    clock.shift(DAY)
    stack.debit(wallet, 30)
    clock.shift(30 * DAY)
    stack.credit(wallet, 7)

    def summary(instant: str | None = None) -> tuple[bool, bool, int, int, int]:
        body = balance(stack, wallet, instant)
        then = body["balance"]
        return body["enrolled"], body["projected"], body["version"], then["active"], then["pending"]

    assert summary(at(seconds=-1)) == (False, False, 0, 0, 0)
    assert summary(at()) == (True, False, 1, 0, 100)
    assert summary(at(hours=2, seconds=-1)) == (True, False, 1, 0, 100)
    # The activation was recorded a day later, with the debit.
    assert summary(at(hours=2)) == (True, False, 1, 100, 0)
    assert summary(at(days=1)) == (True, False, 3, 70, 0)
    # The expiry was recorded with the second credit.
    assert summary(at(days=20)) == (True, False, 3, 0, 0)
    assert summary() == summary(at(days=31)) == (True, False, 5, 0, 7)
    assert summary(at(days=32)) == (True, True, 5, 7, 0)
    assert summary(at(days=50)) == (True, True, 5, 0, 0)


def test_a_past_balance_lists_its_lots(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100, expiresAt=at(days=5))
    clock.shift(DAY)
    stack.debit(wallet, 100)
    body = balance(stack, wallet, at(hours=1))
    assert body["at"] == at(hours=1)
    assert body["lots"] == [
        {
            "state": "ACTIVE",
            "points": 100,
            "activatesAt": None,
            "cancelsAt": None,
            "expiresAt": at(days=5),
            "issuedOn": "2027-03-01",
        }
    ]
    assert balance(stack, wallet)["lots"] == []


def test_a_verification_and_a_past_balance_write_nothing(stack: Stack, wallet: str) -> None:
    before = stack.items()
    verify(stack, wallet)
    balance(stack, wallet, at(days=400))
    balance(stack, wallet)
    assert stack.items() == before
