"""DynamoDB leaves keys of a read unprocessed: the product requests them again, and never takes them for absent."""

import pytest

from tests.integration.racing import FOREVER, left_unprocessed
from tests.support.stack import Stack


@pytest.fixture(autouse=True)
def no_real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loyalty.store.table.sleep", lambda _: None)


@pytest.fixture
def wallet(stack: Stack) -> str:
    wallet = stack.wallet()
    stack.credit(wallet, 100, key="credit-1")
    return wallet


@pytest.mark.parametrize("processed", [0, 1])
def test_cards_and_transactions_are_read_completely(stack: Stack, wallet: str, processed: int) -> None:
    for customer in ("bob", "eve"):
        stack.credit(wallet, 7, customer=customer)
    stack.debit(wallet, 30)
    paths = [f"/v1/wallets/{wallet}/cards", f"/v1/wallets/{wallet}/cards/ann"]
    paths.append(f"{paths[1]}/transactions")
    for path in paths:
        whole = stack.http("GET", path)
        with left_unprocessed(2, processed=processed):
            again = stack.http("GET", path)
        assert (again.status, again.body) == (200, whole.body)


@pytest.mark.parametrize("processed", [0, 1])
def test_a_command_finds_its_card_and_the_row_of_its_key(stack: Stack, wallet: str, processed: int) -> None:
    with left_unprocessed(1, processed=processed):
        repeated = stack.credit(wallet, 100, key="credit-1")
    with left_unprocessed(1, processed=processed):
        debited = stack.debit(wallet, 30)
    assert (repeated.status, repeated.headers["Idempotent-Replayed"]) == (201, "true")
    assert (debited.status, debited.body["balance"]["active"]) == (201, 70)
    assert [row["type"] for row in stack.rows(wallet)] == ["CREDIT", "DEBIT"]


def test_keys_that_stay_unprocessed_answer_busy_and_write_nothing(stack: Stack, wallet: str) -> None:
    before = stack.items()
    with left_unprocessed(FOREVER):
        answers = [stack.debit(wallet, 30), stack.credit(wallet, 100, key="credit-1")]
    assert [(answer.status, answer.code) for answer in answers] == [(503, "busy")] * 2
    assert stack.items() == before
