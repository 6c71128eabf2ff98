"""Credits: the card, the transaction and the answer."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import time_machine

from loyalty.domain.cards.transaction import chain_hash
from loyalty.store.row_items import row_from
from tests.integration.accounts import START, at, item
from tests.integration.racing import before_next
from tests.support import wire
from tests.support.stack import Stack
from tests.support.wire import Sent


def test_a_first_credit_enrols_the_customer(stack: Stack) -> None:
    wallet = stack.wallet()

    answer = stack.credit(wallet, 100, orderId="#1001", order={"amount": 1250}, metadata={"channel": "web"})

    assert answer.status == 201, answer.text
    assert answer.body["balance"] == {"active": 100, "pending": 0, "held": 0, "available": 100, "debt": 0}
    transaction = answer.body["transaction"]
    assert (transaction["type"], transaction["points"], transaction["seq"]) == ("CREDIT", 100, 1)
    assert transaction["order"] == {"amount": 1250, "currency": "EUR", "items": [], "charges": [], "metadata": None}
    assert answer.headers["Location"] == f"/v1/transactions/{transaction['transactionId']}"
    card = stack.card(wallet)
    assert card["balance"]["active"] == 100
    assert len(card["code"]) == 10
    assert stack.rows(wallet) == [transaction]


def test_a_repetition_answers_the_first_answer_even_after_the_points_are_spent(stack: Stack) -> None:
    wallet = stack.wallet()
    first = stack.credit(wallet, 100, key="credit-one")
    stack.debit(wallet, 100)

    again = stack.credit(wallet, 100, key="credit-one")

    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert stack.card(wallet)["balance"]["active"] == 0


def test_points_are_pending_until_local_midnight_in_a_wallet_with_pending_days(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = stack.wallet(
        pending={"type": "PERIOD_BASED", "every": 3, "unit": "DAY"},
        expiration={"type": "ROLLING_EXPIRATION", "every": 1, "unit": "MONTH"},
    )

    answer = stack.credit(wallet, 100)

    row = answer.body["transaction"]
    assert (row["bucket"], row["deltas"]) == ("PENDING", {"pending": 100, "active": 0, "held": 0})
    assert answer.body["balance"]["pending"] == 100
    # The expiry counts from the activation, and the last day is usable until its end (in Berlin, in summer time).
    assert [(lot["activatesAt"], lot["expiresAt"]) for lot in row["lots"]] == [
        ("2027-03-03T23:00:00Z", "2027-04-04T22:00:00Z")
    ]
    assert stack.debit(wallet, 1).code == "insufficient_points"
    clock.move_to(datetime(2027, 3, 3, 23, tzinfo=UTC))
    assert stack.debit(wallet, 100).status == 201
    assert [row["type"] for row in stack.rows(wallet)] == ["CREDIT", "ACTIVATION", "DEBIT"]


def test_dates_of_the_credit_override_the_dates_of_the_wallet(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet(
        pending={"type": "PERIOD_BASED", "every": 3, "unit": "DAY"},
        expiration={"type": "ROLLING_EXPIRATION", "every": 1, "unit": "MONTH"},
    )

    def dates(**body: Any) -> list[str | None]:
        (lot,) = stack.credit(wallet, 1, **body).body["transaction"]["lots"]
        return [lot["activatesAt"], lot["expiresAt"]]

    assert dates(activatesAt=at(hours=2), expiresAt=at(hours=3)) == [at(hours=2), at(hours=3)]
    assert dates(activateAfter={"every": 90, "unit": "MINUTE"}, expireAfter={"every": 2, "unit": "HOUR"}) == [
        at(minutes=90),
        at(hours=3, minutes=30),
    ]
    # An instant of the last five minutes means at once.
    assert dates(activatesAt=at(minutes=-5), expiresAt=at(hours=1)) == [None, at(hours=1)]
    assert dates(activatesAt="2027-03-01T15:00:00+01:00", expiresAt=at(days=1)) == [at(hours=2), at(days=1)]


@pytest.mark.parametrize(
    "dates",
    [
        {"expiresAt": at(seconds=0)},
        {"expiresAt": at(hours=-1)},
        {"activatesAt": at(hours=2), "expiresAt": at(hours=1)},
        {"activatesAt": at(hours=2), "expiresAt": at(hours=2)},
    ],
)
def test_a_credit_is_refused_if_its_points_expire_before_they_are_active(
    clock: time_machine.Traveller, stack: Stack, dates: dict[str, str]
) -> None:
    wallet = stack.wallet()
    before = stack.items()
    answer = stack.credit(wallet, 1, **dates)
    assert (answer.status, answer.code) == (422, "invalid_dates")
    assert stack.items() == before


def test_an_activation_in_the_past_is_refused_and_names_the_field(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1)
    before = stack.items()
    answer = stack.credit(wallet, 1, activatesAt=at(minutes=-5, seconds=-1))
    assert (answer.status, answer.code, answer.fields()) == (
        422,
        "invalid_dates",
        {"body.activatesAt": "invalid_dates"},
    )
    assert stack.items() == before


def test_a_repetition_is_answered_after_the_activation_of_its_points(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = stack.wallet()
    first = stack.credit(wallet, 1, activatesAt=at(hours=1), key="credit-later")
    clock.shift(timedelta(days=9))
    again = stack.credit(wallet, 1, activatesAt=at(hours=1), key="credit-later")
    assert (again.status, again.body) == (first.status, first.body)


def test_the_transaction_keeps_the_whole_context_of_the_request(stack: Stack) -> None:
    wallet = stack.wallet()
    items = [
        {"productId": "shoe", "quantity": 1, "amount": 5_000},
        {"productId": "shoe", "quantity": 2, "amount": 9_000},
        {"productId": "sock", "quantity": 1, "amount": 500, "lineId": "3"},
    ]
    body: dict[str, Any] = {
        "source": "Manual",
        "orderId": "#1001",
        "order": {"amount": 14_500, "currency": "EUR", "items": items, "metadata": {"shop": "Köln"}},
        "campaignId": "spring-2027",
        "pointsDescription": "Grüße ✓",
        "metadata": {"nested": {"list": [1, 2.5, None, True, "x"]}, "big": 10**25},
    }

    row = stack.credit(wallet, 100, **body).body["transaction"]

    assert {name: row[name] for name in ("source", "orderId", "campaignId", "pointsDescription", "metadata")} == {
        name: body[name] for name in ("source", "orderId", "campaignId", "pointsDescription", "metadata")
    }
    assert row["order"]["items"] == [
        {"productId": "shoe", "quantity": 3, "amount": 14_000, "lineId": None},
        {"productId": "sock", "quantity": 1, "amount": 500, "lineId": "3"},
    ]
    assert row["order"]["metadata"] == {"shop": "Köln"}
    assert (row["actor"], row["operation"], row["walletVersion"]) == ("key_test", "credit", 1)
    assert stack.rows(wallet) == [row]


def test_a_key_that_was_used_for_another_request_is_refused(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100, key="credit-one")
    before = stack.items()
    for answer in (
        stack.credit(wallet, 101, key="credit-one"),
        stack.credit(wallet, 100, key="credit-one", source="API"),
        stack.debit(wallet, 100, key="credit-one"),
    ):
        assert (answer.status, answer.code) == (422, "key_reused")
    assert stack.items() == before


def test_the_sequence_of_body_fields_does_not_make_another_request(stack: Stack) -> None:
    wallet = stack.wallet()
    path = f"/v1/wallets/{wallet}/cards/ann/credits"
    first = stack.http("POST", path, raw='{"points": 1, "source": "API"}', key="credit-one")
    again = stack.http("POST", path, raw='{ "source":"API","points":1 }', key="credit-one")
    assert again.body == first.body


def test_the_scope_of_a_key_is_wallet_customer_and_order(stack: Stack) -> None:
    wallet, other = stack.wallet(), stack.wallet()
    for target, customer, body in (
        (wallet, "ann", {}),
        (wallet, "bob", {}),
        (other, "ann", {}),
        (wallet, "ann", {"orderId": "A"}),
        (wallet, "ann", {"orderId": "B"}),
    ):
        answer = stack.credit(target, 1, customer=customer, key="same-key-1", **body)
        assert (answer.status, "Idempotent-Replayed" in answer.headers) == (201, False)
    assert stack.card(wallet)["balance"]["active"] == 3


def test_a_key_of_a_refused_request_may_be_used_again(stack: Stack) -> None:
    wallet = stack.wallet()
    assert stack.credit(wallet, 1, orderId="A", order={"amount": 1, "currency": "USD"}, key="same-key").status == 422
    assert stack.credit(wallet, 2, orderId="A", key="same-key").status == 201


def test_an_order_in_another_currency_is_refused(stack: Stack) -> None:
    wallet = stack.wallet()
    before = stack.items()
    answer = stack.credit(wallet, 1, orderId="A", order={"amount": 1, "currency": "USD"})
    assert (answer.status, answer.code) == (422, "currency_differs")
    assert stack.items() == before


@pytest.mark.tampered
def test_a_card_has_ten_to_the_fifteenth_points_at_most(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10**12)
    card = item(stack, wallet)
    card["l"]["L"][0] = {"N": str(10**15 - 5)}
    stack.dynamodb.put_item(TableName="loyalty", Item=card)

    too_much = stack.credit(wallet, 6)

    assert (too_much.status, too_much.code) == (422, "balance_too_large")
    assert stack.credit(wallet, 5).body["balance"]["active"] == 10**15


def test_a_card_has_a_hundred_different_activations_at_most(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    for hours in range(1, 101):
        assert stack.credit(wallet, 1, activatesAt=at(hours=hours)).status == 201
    answer = stack.credit(wallet, 1, activatesAt=at(hours=101))
    assert (answer.status, answer.code) == (422, "too_many_pending_lots")
    # Another credit with the same activation merges, and a credit of active points has no pending lot.
    assert stack.credit(wallet, 1, activatesAt=at(hours=100)).status == 201
    assert stack.credit(wallet, 1).status == 201


def test_lots_with_equal_dates_merge(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet(expiration={"type": "ROLLING_EXPIRATION", "every": 1, "unit": "YEAR"})
    stack.credit(wallet, 1)
    clock.shift(3_600)
    stack.credit(wallet, 2)
    clock.shift(86_400)
    stack.credit(wallet, 4)
    assert [lot["points"] for lot in stack.card(wallet)["lots"]] == [3, 4]


def test_the_hash_chain_of_the_ledger_is_complete(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100, metadata={"a": 1}, pointsDescription="Hi", expiresAt=at(hours=1))
    stack.debit(wallet, 40, orderId="A", order={"amount": 5, "metadata": {"b": 2}})
    clock.shift(7_200)
    stack.refund(wallet, "A", reason="Returned")

    previous = bytes(32)
    rows = sorted(
        (row_from(entry) for entry in stack.items() if entry["sk"]["S"].startswith("TXN#")), key=lambda row: row.seq
    )
    for seq, row in enumerate(rows, start=1):
        previous = chain_hash(previous, row)
        assert (row.seq, row.hash) == (seq, previous)
    assert item(stack, wallet)["h"]["B"] == previous


@pytest.mark.parametrize("ahead", [6, -6])
def test_a_function_with_a_wrong_clock_writes_nothing(clock: time_machine.Traveller, stack: Stack, ahead: int) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    before = stack.items()

    date = format_datetime(START + timedelta(seconds=ahead), usegmt=True)
    wire.watch("BatchGetItem", wire.changing(lambda _, headers: headers.update(date=date)))
    for answer in (stack.credit(wallet, 1), stack.debit(wallet, 1)):
        assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "clock_skew", "1")
    assert stack.items() == before


@pytest.mark.parametrize(("before", "after"), [(7, 0), (0, 7)], ids=["slow to answer", "slow to arrive"])
def test_a_slow_read_or_a_retry_is_not_a_wrong_clock(
    clock: time_machine.Traveller, stack: Stack, before: int, after: int
) -> None:
    """Each read takes seven seconds, and a lost race makes a transfer read again."""
    wallet = stack.wallet(transfers={"allowed": True})
    for customer in ("ann", "bob"):
        stack.credit(wallet, 100, customer=customer)

    def slow(sent: Sent) -> wire.Answer:
        clock.shift(before)
        answer = sent.proceed()
        clock.shift(after)
        return answer

    wire.watch("BatchGetItem", slow)
    with before_next("TransactWriteItems", lambda: stack.credit(wallet, 1)):
        answer = stack.transfer(wallet, 10)

    assert answer.status == 201, answer.text
    assert stack.card(wallet)["balance"]["active"] == 91


def test_the_time_of_a_card_never_moves_backward(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    clock.shift(-4)
    assert stack.credit(wallet, 1).body["transaction"]["createdAt"] == at(seconds=0)


@pytest.mark.tampered
def test_a_crash_answers_no_detail_of_the_error(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    broken = item(stack, wallet)
    del broken["n"]
    stack.dynamodb.put_item(TableName="loyalty", Item=broken)
    answer = stack.credit(wallet, 1)
    assert (answer.status, answer.code, answer.body["errors"]) == (500, "internal_error", [])
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "KeyError" not in answer.text
