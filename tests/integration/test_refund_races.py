"""Another refund or a settlement happens between the reads and the write of a refund."""

from itertools import count
from typing import Any

import time_machine

from tests.integration.accounts import at
from tests.integration.racing import before_next
from tests.integration.sweeping import message, settle
from tests.support.stack import Answer, Stack

ORDER = {"amount": 10_000}


def ordered(stack: Stack) -> str:
    """A wallet in which order A spent 40 of 100 points and earned 10."""
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    stack.debit(wallet, 40, orderId="A", order=ORDER)
    stack.credit(wallet, 10, orderId="A")
    return wallet


def part(stack: Stack, wallet: str, amount: int, **more: Any) -> Answer:
    return stack.refund(wallet, "A", type="AMOUNT", amount=amount, **more)


def everywhere(stack: Stack, **more: Any) -> Answer:
    return stack.http("POST", "/v1/customers/ann/orders/A/refunds", {"type": "FULL", **more}, key="refund-order")


def moved(answer: Answer) -> tuple[int, int]:
    assert answer.status in (200, 201), answer.text
    return answer.body["returned"]["points"], answer.body["revoked"]["points"]


def test_two_concurrent_parts_refund_as_much_as_both_in_sequence(stack: Stack) -> None:
    wallet = ordered(stack)
    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(part(stack, wallet, 3_333))):
        mine = part(stack, wallet, 3_333)
    assert [moved(answer) for answer in (*rivals, mine)] == [(13, 3), (13, 3)]
    assert moved(stack.refund(wallet, "A")) == (14, 4)
    assert stack.card(wallet)["balance"]["active"] == 100


def test_one_of_two_concurrent_parts_that_exceed_the_order_is_refused(stack: Stack) -> None:
    wallet = ordered(stack)
    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(part(stack, wallet, 6_000))):
        mine = part(stack, wallet, 6_000)
    assert [rival.status for rival in rivals] == [201]
    assert mine.code == "refund_exceeds_order"
    assert stack.card(wallet)["balance"]["active"] == 70 + 24 - 6


def test_points_that_expire_during_their_refund_leave_the_card_once(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 30, orderId="A", order=ORDER, expiresAt=at(hours=1))
    stack.credit(wallet, 100)
    clock.shift(3_600)
    with before_next("TransactWriteItems", lambda: settle(message(wallet))):
        answer = part(stack, wallet, 5_000)
    assert answer.body["revoked"] == {"points": 0, "shortfall": 0, "held": 0, "expired": 15, "transactionId": None}
    assert [row["type"] for row in stack.rows(wallet)] == ["CREDIT", "CREDIT", "EXPIRY", "RETURN"]


def test_an_order_refund_skips_a_wallet_that_is_refunded_concurrently(stack: Stack) -> None:
    one, other = ordered(stack), ordered(stack)
    with before_next("TransactWriteItems", lambda: stack.refund(one, "A")):
        answer = everywhere(stack)
    assert [wallet["walletId"] for wallet in answer.body["wallets"]] == [other]
    assert [stack.card(wallet)["balance"]["active"] for wallet in (one, other)] == [100, 100]


def test_a_refund_is_refused_if_the_order_is_refunded_concurrently(stack: Stack) -> None:
    one, other = ordered(stack), ordered(stack)
    with before_next("TransactWriteItems", lambda: everywhere(stack)):
        answer = stack.refund(one, "A")
    assert answer.code == "nothing_to_refund"
    assert [stack.card(wallet)["balance"]["active"] for wallet in (one, other)] == [100, 100]


def test_a_dry_run_answers_the_state_of_one_instant(stack: Stack) -> None:
    wallet = ordered(stack)
    with before_next("Query", lambda: part(stack, wallet, 5_000)):
        answer = stack.refund(wallet, "A", dryRun=True)
    assert moved(answer) == (40, 10)
    assert answer.body["balance"]["active"] == 100


def test_an_order_is_answered_as_it_was_at_one_instant(stack: Stack) -> None:
    wallet = ordered(stack)
    queries = count()

    def refund_before_the_second() -> None:
        if next(queries) == 1:
            part(stack, wallet, 5_000)

    with before_next("Query", refund_before_the_second, times=2):
        answer = stack.http("GET", "/v1/customers/ann/orders/A")
    found = answer.body["wallets"][0]
    assert (found["returned"], found["refundable"]["returned"], len(found["transactions"])) == (0, 40, 2)
