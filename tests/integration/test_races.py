"""Another command commits between the read and the write of a command: the next attempt decides again."""

from contextlib import ExitStack
from itertools import count

import pytest
from botocore.exceptions import ConnectionClosedError

from tests.integration.racing import FOREVER, before_next, unanswered
from tests.support import wire
from tests.support.stack import Answer, Stack
from tests.support.wire import Sent


@pytest.fixture(autouse=True)
def no_real_time(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Each call of the clock returns a tenth of a second more. Pauses are recorded and take no time."""
    pauses: list[float] = []
    ticks = count()
    monkeypatch.setattr("loyalty.retry.monotonic", lambda: next(ticks) / 10)
    monkeypatch.setattr("loyalty.retry.sleep", pauses.append)
    return pauses


@pytest.fixture
def wallet(stack: Stack) -> str:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    return wallet


def points(stack: Stack, wallet: str) -> list[tuple[str, int]]:
    return [(row["type"], row["points"]) for row in stack.rows(wallet)]


def consistent(stack: Stack, wallet: str) -> None:
    """Checks that the rows have no gap and sum to the card."""
    rows, card = stack.rows(wallet), stack.card(wallet)
    assert [row["seq"] for row in rows] == [*range(1, card["version"] + 1)]
    assert sum(row["deltas"]["active"] for row in rows) == card["balance"]["active"]
    assert rows[-1]["balanceAfter"] == card["balance"]


@pytest.mark.parametrize("rivals", [1, 2, 5])
def test_a_command_that_lost_a_race_succeeds_at_the_next_attempt(stack: Stack, wallet: str, rivals: int) -> None:
    with before_next("TransactWriteItems", lambda: stack.credit(wallet, 1), times=rivals):
        answer = stack.debit(wallet, 30)
    assert (answer.status, answer.body["balance"]["active"]) == (201, 70 + rivals)
    assert points(stack, wallet)[1:] == [*[("CREDIT", 1)] * rivals, ("DEBIT", 30)]
    consistent(stack, wallet)


def test_a_refusal_after_a_lost_race_is_decided_again_if_the_card_changed_once_more(stack: Stack, wallet: str) -> None:
    with ExitStack() as rivals:

        def spend_and_earn() -> None:
            stack.debit(wallet, 50)
            rivals.enter_context(before_next("BatchGetItem", lambda: stack.credit(wallet, 60)))

        rivals.enter_context(before_next("TransactWriteItems", spend_and_earn))
        answer = stack.debit(wallet, 100)
    assert (answer.status, answer.body["balance"]["active"]) == (201, 10)
    consistent(stack, wallet)


def test_two_concurrent_debits_do_not_spend_the_same_points(stack: Stack, wallet: str) -> None:
    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(stack.debit(wallet, 100))):
        mine = stack.debit(wallet, 100)
    assert [answer.status for answer in rivals] == [201]
    assert (mine.status, mine.code) == (422, "insufficient_points")
    consistent(stack, wallet)


@pytest.mark.parametrize("kind", ["credit", "debit", "refund"])
def test_concurrent_requests_with_the_same_key_have_one_effect_and_equal_answers(
    stack: Stack, wallet: str, kind: str
) -> None:
    stack.debit(wallet, 40, orderId="A")

    def send() -> Answer:
        if kind == "refund":
            return stack.refund(wallet, "A", key="same-key-1")
        answer: Answer = getattr(stack, kind)(wallet, 30, key="same-key-1")
        return answer

    before = len(stack.rows(wallet))
    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(send())):
        mine = send()

    assert [answer.status for answer in (*rivals, mine)] == [201, 201]
    assert mine.body == rivals[0].body
    assert (mine.headers["Idempotent-Replayed"], "Idempotent-Replayed" in rivals[0].headers) == ("true", False)
    assert len(stack.rows(wallet)) == before + 1
    consistent(stack, wallet)


def test_a_concurrent_different_request_with_the_same_key_is_refused(stack: Stack, wallet: str) -> None:
    with before_next("TransactWriteItems", lambda: stack.credit(wallet, 1, key="same-key-1")):
        answer = stack.credit(wallet, 2, key="same-key-1")
    assert (answer.status, answer.code) == (422, "key_reused")
    assert points(stack, wallet) == [("CREDIT", 100), ("CREDIT", 1)]


def test_one_of_two_concurrent_full_refunds_returns_and_the_other_is_refused(stack: Stack, wallet: str) -> None:
    stack.debit(wallet, 60, orderId="A")
    stack.credit(wallet, 20, orderId="A")
    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(stack.refund(wallet, "A"))):
        mine = stack.refund(wallet, "A")
    assert [answer.status for answer in rivals] == [201]
    assert (mine.status, mine.code) == (422, "nothing_to_refund")
    assert stack.card(wallet)["balance"]["active"] == 100
    consistent(stack, wallet)


def test_a_refund_that_lost_a_race_includes_the_concurrent_debit(stack: Stack, wallet: str) -> None:
    stack.debit(wallet, 60, orderId="A")
    with before_next("TransactWriteItems", lambda: stack.debit(wallet, 10, orderId="A")):
        answer = stack.refund(wallet, "A")
    assert answer.body["returned"]["points"] == 70
    consistent(stack, wallet)


def test_two_concurrent_first_credits_enrol_one_card(stack: Stack) -> None:
    wallet = stack.wallet()
    with before_next("TransactWriteItems", lambda: stack.credit(wallet, 5)):
        assert stack.credit(wallet, 7).status == 201
    assert points(stack, wallet) == [("CREDIT", 5), ("CREDIT", 7)]
    consistent(stack, wallet)
    heads = sorted(item["sk"]["S"].split("#")[0] for item in stack.items() if item["pk"]["S"].startswith(("CU", "CO")))
    assert heads == ["CARD", "CODE", "PROFILE", "TXN", "TXN"]


@pytest.mark.tampered
def test_one_of_two_concurrent_commands_settles_what_is_due(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    card = next(item for item in stack.items() if item["sk"]["S"].startswith("CARD#"))
    # Points that have just expired.
    lot = [{"N": "100"}, {"N": card["at"]["N"]}, {"N": "20000"}]
    stack.dynamodb.put_item(TableName="loyalty", Item={**card, "l": {"L": lot}})
    with before_next("TransactWriteItems", lambda: stack.credit(wallet, 1)):
        stack.credit(wallet, 2)
    assert points(stack, wallet) == [("CREDIT", 100), ("EXPIRY", 100), ("CREDIT", 1), ("CREDIT", 2)]


@pytest.mark.parametrize("kind", ["credit", "debit", "refund"])
def test_a_concurrent_write_at_every_attempt_answers_busy(
    stack: Stack, wallet: str, kind: str, no_real_time: list[float]
) -> None:
    stack.debit(wallet, 10, orderId="A")
    numbers = count(1)

    def touch() -> None:
        """Changes the card concurrently, with few steps of the emulator."""
        key = {"pk": {"S": "CUSTOMER#ann"}, "sk": {"S": f"CARD#{wallet}"}}
        stack.dynamodb.update_item(
            TableName="loyalty",
            Key=key,
            UpdateExpression="SET e = :e",
            ExpressionAttributeValues={":e": {"N": str(1 + next(numbers))}},
        )

    before = stack.rows(wallet)
    with before_next("TransactWriteItems", touch, times=FOREVER):
        answer = stack.refund(wallet, "A") if kind == "refund" else getattr(stack, kind)(wallet, 1)

    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "busy", "1")
    assert stack.rows(wallet) == before
    # Five seconds of attempts, with pauses of at most 0.4 seconds.
    assert len(no_real_time) == 49
    assert max(no_real_time) <= 0.4
    # The key is not used.
    assert stack.credit(wallet, 1).status == 201


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError"])
def test_a_conflict_without_a_failed_condition_is_retried_from_the_read(stack: Stack, wallet: str, code: str) -> None:
    left = 2

    def conflict(sent: Sent) -> wire.Answer:
        nonlocal left
        if not left:
            return sent.proceed()
        left -= 1
        return wire.refusal("TransactionCanceledException", CancellationReasons=[{"Code": "None"}, {"Code": code}])

    wire.watch("TransactWriteItems", conflict)
    assert stack.debit(wallet, 30).body["balance"]["active"] == 70
    assert left == 0
    consistent(stack, wallet)


def test_a_write_whose_answer_was_lost_is_recognized_by_its_row(stack: Stack, wallet: str) -> None:
    """Such a transaction is sent again automatically. The second time, the row already exists."""
    lost = False

    def lose(sent: Sent) -> wire.Answer:
        nonlocal lost
        answer = sent.proceed()
        if not lost:
            lost = True
            raise ConnectionClosedError(endpoint_url="https://dynamodb")
        return answer

    wire.watch("TransactWriteItems", lose)
    answer = stack.credit(wallet, 5, key="lost-answer")
    assert (answer.status, "Idempotent-Replayed" in answer.headers) == (201, False)
    assert points(stack, wallet) == [("CREDIT", 100), ("CREDIT", 5)]
    consistent(stack, wallet)


@pytest.mark.parametrize("lost", ["BatchGetItem", "TransactWriteItems"])
def test_a_database_that_does_not_answer_answers_busy(stack: Stack, wallet: str, lost: str) -> None:
    """The command may or may not have taken effect. Sent again, it takes effect once."""
    with unanswered(lost, 1):
        answer = stack.debit(wallet, 100, key="debit-lost")

    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "busy", "1")
    assert stack.debit(wallet, 100, key="debit-lost").status == 201
    assert stack.card(wallet)["balance"]["active"] == 0


def test_a_repeated_payment_during_its_query_pays_once_with_equal_answers(stack: Stack) -> None:
    wallet = stack.wallet(payWithPoints={"type": "EXCHANGE_RATIO", "formula": "1"})
    stack.credit(wallet, 100)
    first: list[Answer] = []
    with before_next("Query", lambda: first.append(stack.pay(wallet, 20, key="pay-only-once"))):
        mine = stack.pay(wallet, 20, key="pay-only-once")
    assert (mine.status, mine.body) == (201, first[0].body)
    assert mine.headers["Idempotent-Replayed"] == "true"
    assert stack.card(wallet)["balance"]["active"] == 80


def test_a_repeated_activation_during_its_query_activates_once_with_equal_answers(stack: Stack) -> None:
    wallet = stack.wallet(pending={"type": "PERIOD_BASED", "every": 1, "unit": "DAY"})
    stack.credit(wallet, 30, orderId="A")

    def activate() -> Answer:
        path = f"/v1/wallets/{wallet}/cards/ann/pending/activate"
        return stack.http("POST", path, {"orderId": "A"}, key="activate-only-once")

    first: list[Answer] = []
    with before_next("Query", lambda: first.append(activate())):
        mine = activate()
    assert (mine.status, mine.body) == (201, first[0].body)
    assert stack.card(wallet)["balance"]["active"] == 30
