"""Credits to up to 25 customers in one request: each has its own key and result, and is a credit like any other."""

from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest

from tests.integration.accounts import at
from tests.integration.metering import metered
from tests.integration.racing import FOREVER, before_next, unanswered
from tests.support.answers import differences
from tests.support.stack import Answer, Stack

pytestmark = pytest.mark.usefixtures("clock")

Entry = dict[str, Any]
ORDER = {"amount": 12_50, "items": [{"productId": "sku-1", "quantity": 2, "amount": 1_250}]}


def entry(customer: str, points: int = 100, **fields: Any) -> Entry:
    return {"customerId": customer, "idempotencyKey": f"key-of-{customer}", "points": points, **fields}


def send(stack: Stack, wallet: str, *credits: Entry) -> Answer:
    return stack.http("POST", f"/v1/wallets/{wallet}/credits", {"credits": credits})


def results(stack: Stack, wallet: str, *credits: Entry) -> list[Any]:
    answer = send(stack, wallet, *credits)
    assert answer.status == 200, answer.text
    assert differences("POST /v1/wallets/{walletId}/credits", answer.status, answer.body) == []
    data: list[Any] = answer.body["data"]
    assert [(one["customerId"], one["idempotencyKey"]) for one in data] == [
        (one["customerId"], one["idempotencyKey"]) for one in credits
    ]
    # Each result is a movement or a problem.
    assert all((one["transaction"] is None) == (one["balance"] is None) == (one["problem"] is not None) for one in data)
    return data


def single(stack: Stack, wallet: str, credit: Entry) -> Answer:
    body = {name: value for name, value in credit.items() if name not in ("customerId", "idempotencyKey")}
    path = f"/v1/wallets/{wallet}/cards/{credit['customerId']}/credits"
    return stack.http("POST", path, body, key=credit["idempotencyKey"])


def codes(data: Sequence[Any]) -> list[str | None]:
    return [one["problem"] and one["problem"]["code"] for one in data]


def points(stack: Stack, wallet: str, customer: str = "ann") -> list[int]:
    return [row["points"] for row in stack.rows(wallet, customer)]


def set_status(stack: Stack, wallet: str, customer: str, status: str) -> None:
    path = f"/v1/wallets/{wallet}/cards/{customer}"
    etag = stack.http("GET", path).headers["ETag"]
    assert stack.http("PATCH", path, {"status": status}, headers={"If-Match": etag}).status == 200


def touch(stack: Stack, wallet: str, customer: str) -> None:
    """Changes the card concurrently, with few steps of the emulator."""
    key = {"pk": {"S": f"CUSTOMER#{customer}"}, "sk": {"S": f"CARD#{wallet}"}}
    values = {":one": {"N": "1"}}
    stack.dynamodb.update_item(
        TableName="loyalty", Key=key, UpdateExpression="ADD e :one", ExpressionAttributeValues=values
    )


def test_twenty_five_customers_get_their_points_with_one_read(stack: Stack) -> None:
    wallet = stack.wallet()
    known = [f"known-{number}" for number in range(12)]
    for customer in known:
        stack.credit(wallet, 1_000, customer=customer)
    credits = [entry(customer, orderId="#1001", order=ORDER) for customer in [*known, *map("new-{}".format, range(13))]]

    with metered(stack) as meter:
        data = results(stack, wallet, *credits)

    assert meter.requests == ["BatchGetItem", *["TransactWriteItems"] * 25]
    assert (meter.read_units, meter.units) == (2 * 25, 12 * 5 + 13 * 10)
    assert [one["balance"]["active"] for one in data] == [1_100] * 12 + [100] * 13
    for credit, one in zip(credits, data, strict=True):
        assert (one["problem"], one["replayed"]) == (None, False)
        assert stack.rows(wallet, credit["customerId"])[-1] == one["transaction"]


def test_a_refused_credit_does_not_stop_the_others(stack: Stack) -> None:
    wallet = stack.wallet(earningLimits={"transaction": {"maxPoints": 500, "whenExceeded": "REJECT"}})
    for customer in ("frozen", "closed", "reused"):
        stack.credit(wallet, 1, customer=customer, key="key-of-reused")
    set_status(stack, wallet, "frozen", "FROZEN")
    set_status(stack, wallet, "closed", "CLOSED")

    data = results(
        stack,
        wallet,
        entry("ann"),
        entry("frozen"),
        entry("closed"),
        entry("bob", 501),
        entry("carl", orderId="1", order={"amount": 1, "currency": "USD"}),
        entry("reused"),
        entry("dora", expiresAt=at(days=-1)),
        entry("eve"),
    )

    refused = ["card_frozen", "card_closed", "earning_limit_reached", "currency_differs", "key_reused", "invalid_dates"]
    assert codes(data) == [None, *refused, None]
    assert [one["balance"]["active"] for one in (data[0], data[-1])] == [100, 100]
    assert [one["problem"]["status"] for one in data[1:-1]] == [423, 423, 422, 422, 422, 422]
    assert [error["field"] for one in data[1:-1] for error in one["problem"]["errors"]] == [
        "body.credits[4].order.currency",
        "body.credits[5].idempotencyKey",
        "body.credits[6].expiresAt",
    ]
    for customer in ("bob", "carl", "dora"):
        assert stack.http("GET", f"/v1/wallets/{wallet}/cards/{customer}").status == 404


def test_the_problem_of_a_credit_is_the_one_of_a_single_credit(stack: Stack) -> None:
    wallet = stack.wallet(earningLimits={"global": {"type": "BALANCE_BASED", "max": 10, "whenExceeded": "REJECT"}})
    (one,) = results(stack, wallet, entry("ann", 11))
    alone = single(stack, wallet, entry("ann", 11))
    assert {**one["problem"], "requestId": ""} == {**alone.body, "requestId": ""}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (entry("ann", 0), "body.credits[1].points"),
        ({**entry("ann"), "idempotencyKey": "short"}, "body.credits[1].idempotencyKey"),
        ({"customerId": "ann", "points": 1}, "body.credits[1].idempotencyKey"),
        ({"idempotencyKey": "without-customer", "points": 1}, "body.credits[1].customerId"),
        (entry("ann", dryRun=True), "body.credits[1].dryRun"),
        (entry("ann", order=ORDER), "body.credits[1].orderId"),
    ],
)
def test_an_invalid_credit_refuses_the_request_before_anything_is_written(
    stack: Stack, wrong: Entry, field: str
) -> None:
    wallet = stack.wallet()
    with metered(stack) as meter:
        answer = send(stack, wallet, entry("bob"), wrong)
    assert (answer.status, answer.code, list(answer.fields())) == (400, "invalid_request", [field])
    assert meter.requests == []


@pytest.mark.parametrize("number", [0, 26])
def test_a_batch_has_one_to_twenty_five_credits(stack: Stack, number: int) -> None:
    answer = send(stack, stack.wallet(), *(entry(f"customer-{place}") for place in range(number)))
    assert (answer.status, list(answer.fields())) == (400, ["body.credits"])


def test_a_repeated_request_has_the_first_result_of_each_credit(stack: Stack) -> None:
    wallet = stack.wallet(earningLimits={"transaction": {"maxPoints": 500, "whenExceeded": "REJECT"}})
    credits = [entry("ann"), entry("bob", 501), entry("carl")]
    first = results(stack, wallet, *credits)
    stack.debit(wallet, 30)

    with metered(stack) as meter:
        again = results(stack, wallet, *credits)

    assert [one["replayed"] for one in first] == [False, False, False]
    assert [one["replayed"] for one in again] == [True, False, True]
    for name in ("transaction", "balance"):
        assert [one[name] for one in again] == [one[name] for one in first]
    assert codes(again) == codes(first)
    # One read for all, and another one for the refusal.
    assert meter.requests == ["BatchGetItem"] * 2
    assert stack.card(wallet)["balance"]["active"] == 70


def test_a_credit_is_the_same_movement_alone_and_in_a_batch(stack: Stack) -> None:
    wallet = stack.wallet()
    batched, alone = entry("ann", orderId="#1", order=ORDER, source="Manual"), entry("bob", 7)
    (first,) = results(stack, wallet, batched)
    second = single(stack, wallet, alone)

    repeated = single(stack, wallet, batched)
    (again,) = results(stack, wallet, alone)

    assert (repeated.status, repeated.headers["Idempotent-Replayed"]) == (201, "true")
    assert repeated.body == {"transaction": first["transaction"], "balance": first["balance"]}
    assert {"transaction": again["transaction"], "balance": again["balance"]} == second.body
    assert again["replayed"] is True
    assert (points(stack, wallet), points(stack, wallet, "bob")) == ([100], [7])
    assert single(stack, wallet, {**batched, "points": 1}).code == "key_reused"
    assert codes(results(stack, wallet, {**alone, "points": 1})) == ["key_reused"]


def test_credits_of_one_customer_are_made_in_their_order(stack: Stack) -> None:
    wallet = stack.wallet(earningLimits={"global": {"type": "BALANCE_BASED", "max": 6}})
    credits = [entry("ann", 2, idempotencyKey=f"credit-{number}", orderId=f"#{number}") for number in range(4)]

    data = results(stack, wallet, *credits, {**credits[0]}, {**credits[1], "points": 1})

    assert points(stack, wallet) == [2, 2, 2]
    assert codes(data) == [None, None, None, "earning_limit_reached", None, "key_reused"]
    assert [one["transaction"]["seq"] for one in data[:3]] == [1, 2, 3]
    # The same credit twice is a repetition.
    assert (data[4]["replayed"], data[4]["transaction"]) == (True, data[0]["transaction"])


def test_a_card_is_not_made_if_the_wallet_does_not_enrol(stack: Stack) -> None:
    wallet = stack.wallet(autoEnrol=False)
    stack.http("POST", f"/v1/wallets/{wallet}/cards", {"customerId": "bob"})
    assert codes(results(stack, wallet, entry("ann"), entry("bob"))) == ["card_not_found", None]


def test_an_unknown_wallet_refuses_the_request_and_an_inactive_one_each_new_credit(stack: Stack) -> None:
    wallet = stack.wallet()
    (first,) = results(stack, wallet, entry("ann"))
    stack.http("POST", f"/v1/wallets/{wallet}/deactivate")

    repeated, refused = results(stack, wallet, entry("ann"), entry("bob"))

    assert (repeated["transaction"], repeated["replayed"]) == (first["transaction"], True)
    assert (refused["problem"]["code"], refused["problem"]["walletStatus"]) == ("wallet_not_active", "INACTIVE")
    assert send(stack, "wal_unknown", entry("ann")).code == "wallet_not_found"


def test_each_credit_counts_for_the_maximum_of_the_caller(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.adjustment_max = 100
    data = results(stack, wallet, entry("ann", 100), entry("bob", 101), entry("carl", 100))
    assert codes(data) == [None, "adjustment_max_exceeded", None]


def test_a_caller_without_the_scope_is_refused(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.scopes = "points:debit"
    assert send(stack, wallet, entry("ann")).code == "scope_missing"


@pytest.mark.parametrize("rival", ["the same batch", "the same credit alone"])
def test_concurrent_requests_with_the_same_keys_have_one_effect(stack: Stack, rival: str) -> None:
    wallet = stack.wallet()
    credits = [entry("ann"), entry("bob")]
    others: list[Any] = []

    def compete() -> None:
        if rival == "the same batch":
            others.extend(results(stack, wallet, *credits))
        else:
            others.append(single(stack, wallet, credits[0]).body)

    with before_next("TransactWriteItems", compete):
        mine = results(stack, wallet, *credits)

    assert [one["transaction"] for one in others] == [one["transaction"] for one in mine][: len(others)]
    assert [one["replayed"] for one in mine] == [True, rival == "the same batch"]
    assert (points(stack, wallet), points(stack, wallet, "bob")) == ([100], [100])


def test_a_credit_that_lost_a_race_is_decided_on_the_changed_card(stack: Stack) -> None:
    wallet = stack.wallet(earningLimits={"global": {"type": "BALANCE_BASED", "max": 150}})
    stack.credit(wallet, 1, customer="bob")
    with before_next("TransactWriteItems", lambda: stack.credit(wallet, 50, customer="bob")), metered(stack) as meter:
        ann, bob = results(stack, wallet, entry("ann"), entry("bob"))
    assert (ann["balance"]["active"], bob["balance"]["active"], bob["transaction"]["cappedBy"]) == (
        100,
        150,
        "earningLimits.global",
    )
    assert points(stack, wallet, "bob") == [1, 50, 99]
    assert meter.requests.count("BatchGetItem") == 3  # of the batch, of the rival, and after the lost race


def test_a_credit_refused_for_what_was_read_is_decided_again_if_the_card_changed(stack: Stack) -> None:
    wallet = stack.wallet(earningLimits={"global": {"type": "BALANCE_BASED", "max": 100, "whenExceeded": "REJECT"}})
    stack.credit(wallet, 100, customer="bob")
    with before_next("TransactWriteItems", lambda: stack.debit(wallet, 100, customer="bob")):
        data = results(stack, wallet, entry("ann"), entry("bob"))
    assert codes(data) == [None, None]
    assert points(stack, wallet, "bob") == [100, 100, 100]


def test_credits_that_find_no_time_are_busy_and_can_be_sent_again(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallet = stack.wallet()
    credits = [entry("ann"), entry("bob"), entry("carl")]
    times = iter([0.0, 1.0, 2.9, 3.1])
    with monkeypatch.context() as patch:
        patch.setattr("loyalty.usecases.points.credits.monotonic", lambda: next(times))
        first = results(stack, wallet, *credits)
    again = results(stack, wallet, *credits)

    assert codes(first) == [None, None, "busy"]
    assert first[2]["problem"]["status"] == 503
    assert [one["replayed"] for one in again] == [True, True, False]
    assert codes(again) == [None] * 3


def test_a_card_that_always_changes_makes_only_its_own_credit_busy(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1, customer="bob")
    ticks = count()
    monkeypatch.setattr("loyalty.retry.monotonic", lambda: next(ticks) / 2)
    monkeypatch.setattr("loyalty.retry.sleep", lambda _: None)
    with before_next("TransactWriteItems", lambda: touch(stack, wallet, "bob"), times=FOREVER):
        data = results(stack, wallet, entry("ann"), entry("bob"), entry("carl"))
    assert codes(data) == [None, "busy", None]
    assert points(stack, wallet, "bob") == [1]


def test_a_table_that_does_not_answer_makes_the_remaining_credits_busy_or_all(stack: Stack) -> None:
    wallet = stack.wallet()
    credits = [entry("ann"), entry("bob"), entry("carl")]
    with unanswered("TransactWriteItems", 2):
        data = results(stack, wallet, *credits)
    assert codes(data) == [None, "busy", "busy"]
    assert [one["replayed"] for one in results(stack, wallet, *credits)] == [True, False, False]
    with unanswered("BatchGetItem", 1):
        answer = send(stack, wallet, entry("ann"))
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "busy", "1")
