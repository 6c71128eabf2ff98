"""Holds over HTTP: placed, captured, and released by hand or by time."""

from typing import Any

import pytest
import time_machine

from tests.integration.accounts import at
from tests.integration.racing import before_next
from tests.integration.sweeping import sweep
from tests.support.stack import Answer, Stack

REPLAYED = "Idempotent-Replayed"


def moved(stack: Stack, wallet: str) -> list[tuple[str, str, int]]:
    return [(row["type"], row["operation"], row["points"]) for row in stack.rows(wallet)]


@pytest.fixture
def wallet(clock: time_machine.Traveller, stack: Stack) -> str:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    return wallet


def test_a_hold_answers_its_id_its_end_and_the_balance(stack: Stack, wallet: str) -> None:
    answer = stack.hold(
        wallet, 30, orderId="#1001", order={"amount": 500}, pointsDescription="Hotel", metadata={"a": 1}
    )

    assert answer.status == 201, answer.text
    row = answer.body["transaction"]
    assert answer.body["holdId"] == row["transactionId"] == row["holdId"]
    assert (answer.body["points"], answer.body["expiresAt"]) == (30, at(minutes=15))
    assert answer.body["balance"] == {"active": 70, "pending": 0, "held": 30, "available": 70, "debt": 0}
    assert (row["type"], row["operation"], row["orderId"]) == ("HOLD", "hold", "#1001")
    assert row["deltas"] == {"pending": 0, "active": -30, "held": 30}
    assert answer.headers["Location"] == f"/v1/transactions/{row['transactionId']}"
    card = stack.card(wallet)
    (open_,) = card["holds"]
    assert (open_["holdId"], open_["points"], open_["expiresAt"]) == (row["transactionId"], 30, at(minutes=15))
    assert [(lot["state"], lot["points"]) for lot in open_["lots"]] == [("HELD", 30)]
    assert [(lot["state"], lot["points"]) for lot in card["lots"]] == [("ACTIVE", 70)]
    assert stack.debit(wallet, 71).code == "insufficient_points"


@pytest.mark.parametrize(
    ("period", "ends"),
    [
        ({"every": 90, "unit": "MINUTE"}, at(minutes=90)),
        ({"every": 744, "unit": "HOUR"}, at(hours=744)),
        # Until the end of the last day, in Berlin.
        ({"every": 1, "unit": "DAY"}, "2027-03-02T23:00:00Z"),
        ({"every": 1, "unit": "MONTH"}, "2027-04-01T22:00:00Z"),
    ],
)
def test_a_hold_ends_after_the_requested_period(stack: Stack, wallet: str, period: Any, ends: str) -> None:
    assert stack.hold(wallet, 1, expiresAfter=period).body["expiresAt"] == ends


@pytest.mark.parametrize(
    ("body", "rows", "balance"),
    [
        ({}, [("CAPTURE", "capture", 30)], (70, 0)),
        ({"points": 20}, [("RELEASE", "capture", 10), ("CAPTURE", "capture", 20)], (80, 0)),
        ({"points": 20, "final": False}, [("CAPTURE", "capture", 20)], (70, 10)),
    ],
)
def test_a_capture_spends_the_requested_points_and_holds_or_releases_the_rest(
    stack: Stack, wallet: str, body: Any, rows: Any, balance: tuple[int, int]
) -> None:
    hold = stack.hold(wallet, 30, orderId="#1001").body["holdId"]

    answer = stack.capture(wallet, hold, key="capture-1", **body)

    assert answer.status == 201, answer.text
    assert moved(stack, wallet)[2:] == rows
    row = answer.body["transaction"]
    assert (row["type"], row["holdId"], row["orderId"]) == ("CAPTURE", hold, "#1001")
    assert (answer.body["balance"]["active"], answer.body["balance"]["held"]) == balance
    assert stack.card(wallet)["balance"] == answer.body["balance"]
    assert stack.card(wallet)["lifetime"]["redeemed"] == row["points"]
    again = stack.capture(wallet, hold, key="capture-1", **body)
    assert (again.status, again.body, again.headers[REPLAYED]) == (201, answer.body, "true")
    by_key = {"key": "capture-1", "orderId": "#1001"}
    path = f"/v1/wallets/{wallet}/cards/ann/transactions/by-key"
    assert stack.http("GET", path, query=by_key).body == row


def test_a_hold_is_captured_in_parts_until_no_points_are_left(stack: Stack, wallet: str) -> None:
    hold = stack.hold(wallet, 30).body["holdId"]
    assert stack.capture(wallet, hold, points=20, final=False).status == 201
    refused = stack.capture(wallet, hold, points=11, final=False)
    assert (refused.status, refused.code, refused.body["held"]) == (422, "hold_too_small", 10)
    assert stack.capture(wallet, hold, points=10, final=False).status == 201
    assert stack.capture(wallet, hold, points=1).code == "hold_not_found"
    assert stack.card(wallet)["holds"] == []


def test_a_released_hold_leaves_the_card_as_before_the_hold(stack: Stack, wallet: str) -> None:
    before = stack.card(wallet)
    hold = stack.hold(wallet, 30).body["holdId"]

    answer = stack.release(wallet, hold, key="release-1")

    assert answer.status == 201, answer.text
    assert (answer.body["transaction"]["type"], answer.body["transaction"]["points"]) == ("RELEASE", 30)
    after = stack.card(wallet)
    assert after == {**before, "version": 3}
    again = stack.release(wallet, hold, key="release-1")
    assert (again.body, again.headers[REPLAYED]) == (answer.body, "true")


def test_a_refusal_states_how_an_ended_hold_ended(clock: time_machine.Traveller, stack: Stack, wallet: str) -> None:
    captured, released, timed = (stack.hold(wallet, 10).body["holdId"] for _ in range(3))
    stack.capture(wallet, captured)
    stack.release(wallet, released)
    for hold in (captured, released):
        answer = stack.release(wallet, hold)
        assert (answer.status, answer.code) == (404, "hold_not_found")
        assert answer.body["detail"] == f"The hold {hold} is no longer open: the hold was captured or released."
    clock.shift(900)
    before = stack.items()
    answer = stack.capture(wallet, timed)
    assert (answer.status, answer.code) == (404, "hold_not_found")
    assert f"ended by time at {at(minutes=15)}" in answer.body["detail"]
    assert stack.items() == before


def test_a_hold_of_another_card_is_not_found(stack: Stack, wallet: str) -> None:
    stack.credit(wallet, 100, customer="bob")
    other = stack.hold(wallet, 10, customer="bob").body["holdId"]
    credit = stack.rows(wallet)[0]["transactionId"]
    for hold in (other, credit, f"{'A' * 16}.1"):
        answer = stack.capture(wallet, hold)
        assert (answer.status, answer.code, answer.body["detail"]) == (
            404,
            "hold_not_found",
            f"The card has no hold {hold}.",
        )


def test_an_open_hold_that_the_index_does_not_show_yet_answers_busy(
    stack: Stack, wallet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loyalty.usecases.history.sleep", lambda _: None)
    hold = stack.hold(wallet, 10).body["holdId"]
    monkeypatch.setattr("loyalty.store.cards.CardStore.history", lambda *_: iter([]))
    answer = stack.capture(wallet, hold)
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "busy", "1")


def test_time_releases_a_hold_with_or_without_a_sweep(clock: time_machine.Traveller, stack: Stack, wallet: str) -> None:
    stack.hold(wallet, 30)
    clock.shift(900)
    assert (stack.card(wallet)["balance"]["active"], stack.card(wallet)["holds"]) == (100, [])
    assert moved(stack, wallet)[-1][0] == "HOLD", "a read stores nothing"

    assert sweep(stack, "expire_points") == 1

    assert moved(stack, wallet)[-1] == ("RELEASE", "settle", 30)
    assert sweep(stack, "expire_points") == 0


def test_a_hold_of_points_that_time_just_activated_is_found_by_its_id(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    stack.credit(wallet, 50, activatesAt=at(hours=1))
    clock.shift(3_600)
    hold = stack.hold(wallet, 150).body["holdId"]
    assert [row["type"] for row in stack.rows(wallet)] == ["CREDIT", "CREDIT", "ACTIVATION", "HOLD"]
    captured = stack.capture(wallet, hold, points=120)
    assert (captured.status, captured.body["balance"]["active"]) == (201, 30)


def test_held_points_past_their_expiry_expire_when_the_hold_is_released(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10, expiresAt=at(minutes=5))
    stack.credit(wallet, 20)
    hold = stack.hold(wallet, 25).body["holdId"]
    clock.shift(600)
    assert stack.card(wallet)["balance"]["held"] == 25

    answer = stack.release(wallet, hold, key="release-1")

    assert (answer.body["transaction"]["points"], answer.body["balance"]["active"]) == (15, 20)
    assert moved(stack, wallet)[3:] == [("RELEASE", "settle", 10), ("EXPIRY", "settle", 10), ("RELEASE", "release", 15)]
    assert stack.card(wallet)["lifetime"]["expired"] == 10
    again = stack.release(wallet, hold, key="release-1")
    assert (again.body, again.headers[REPLAYED]) == (answer.body, "true")


def test_points_that_expired_after_a_hold_are_not_revoked_again(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 50)
    stack.credit(wallet, 10, orderId="A", expiresAt=at(minutes=5))
    hold = stack.hold(wallet, 10, orderId="B").body["holdId"]
    clock.shift(600)
    assert stack.release(wallet, hold).body["transaction"]["points"] == 0

    refund = stack.refund(wallet, "A").body

    assert (refund["revoked"]["points"], refund["revoked"]["expired"]) == (0, 10)
    assert stack.card(wallet)["balance"]["active"] == 50


def test_a_refund_returns_captured_points_and_gives_no_room_to_another_day(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    limit = {"global": {"type": "TIME_BASED", "unit": "DAY", "max": 30}}
    wallet = stack.wallet(spendingLimits=limit)
    stack.credit(wallet, 100)
    hold = stack.hold(wallet, 30, orderId="A", expiresAfter={"every": 2, "unit": "DAY"}).body["holdId"]
    clock.shift(86_400)
    assert stack.debit(wallet, 30).status == 201, "the hold counts on the day before"
    assert stack.capture(wallet, hold, points=20).status == 201

    refund = stack.refund(wallet, "A")

    assert refund.body["returned"]["points"] == 20
    assert stack.card(wallet)["balance"]["active"] == 70
    # Points that were held yesterday give room back to yesterday.
    assert stack.debit(wallet, 1).code == "spending_limit_reached"


def test_a_card_has_at_most_ten_open_holds(stack: Stack, wallet: str) -> None:
    holds = [stack.hold(wallet, 1) for _ in range(10)]
    assert {answer.status for answer in holds} == {201}
    before = stack.items()
    answer = stack.hold(wallet, 1)
    assert (answer.status, answer.code) == (422, "too_many_holds")
    assert stack.items() == before
    stack.capture(wallet, holds[3].body["holdId"])
    assert stack.hold(wallet, 1).status == 201


def test_an_inactive_wallet_ends_holds_but_places_none(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    first, second = (stack.hold(wallet, 10).body["holdId"] for _ in range(2))
    stack.http("POST", f"/v1/wallets/{wallet}/deactivate")
    clock.shift(30)
    assert stack.hold(wallet, 1).code == "wallet_not_active"
    assert stack.capture(wallet, first).status == 201
    assert stack.release(wallet, second).status == 201


@pytest.mark.parametrize(
    ("status", "hold", "ends"), [("BLOCKED", 423, 201), ("FROZEN", 423, 423), ("CLOSED", 423, 423)]
)
def test_the_card_status_decides_whether_holds_are_placed_and_ended(
    stack: Stack, wallet: str, status: str, hold: int, ends: int
) -> None:
    first, second = (stack.hold(wallet, 10).body["holdId"] for _ in range(2))
    stack.http("PATCH", f"/v1/wallets/{wallet}/cards/ann", {"status": status}, headers={"If-Match": '"1"'})
    assert stack.hold(wallet, 1).status == hold
    assert stack.capture(wallet, first).status == ends
    assert stack.release(wallet, second).status == ends


def test_a_hold_does_not_enrol_a_customer_and_checks_the_currency(stack: Stack, wallet: str) -> None:
    assert stack.hold(wallet, 1, customer="bob").code == "card_not_found"
    order = {"amount": 1, "currency": "XXX"}
    assert stack.hold(wallet, 1, orderId="A", order=order).code == "currency_differs"


def test_an_idempotency_key_belongs_to_one_command(stack: Stack, wallet: str) -> None:
    first, second = (stack.hold(wallet, 10, key=f"hold-key-{n}").body["holdId"] for n in (1, 2))
    assert stack.hold(wallet, 11, key="hold-key-1").code == "key_reused"
    assert stack.capture(wallet, first, key="hold-key-1").code == "key_reused"
    assert stack.capture(wallet, first, key="capture-1").status == 201
    assert stack.capture(wallet, second, key="capture-1").code == "key_reused"
    assert stack.release(wallet, second, key="capture-1").code == "key_reused"


@pytest.mark.parametrize("rival", ["capture", "release"])
def test_one_of_two_concurrent_ends_of_a_hold_succeeds(stack: Stack, wallet: str, rival: str) -> None:
    hold = stack.hold(wallet, 30).body["holdId"]
    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(getattr(stack, rival)(wallet, hold))):
        mine = stack.capture(wallet, hold, points=10)
    assert ([answer.status for answer in rivals], mine.status, mine.code) == ([201], 404, "hold_not_found")
    assert stack.card(wallet)["balance"]["active"] == (70 if rival == "capture" else 100)
