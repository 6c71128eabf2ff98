"""Transfers over HTTP: both cards change or none, once, and each card has its transaction."""

from typing import Any

import pytest
import time_machine

from tests.integration.accounts import at
from tests.integration.racing import before_next
from tests.support.stack import Answer, Stack

REPLAYED = "Idempotent-Replayed"


@pytest.fixture
def wallet(clock: time_machine.Traveller, stack: Stack) -> str:
    wallet = stack.wallet(transfers={"allowed": True})
    stack.credit(wallet, 100)
    stack.credit(wallet, 5, customer="bob")
    return wallet


def active(stack: Stack, wallet: str) -> tuple[int, int]:
    ann, bob = (stack.card(wallet, customer)["balance"]["active"] for customer in ("ann", "bob"))
    return ann, bob


def status(stack: Stack, wallet: str, customer: str, to: str) -> None:
    path = f"/v1/wallets/{wallet}/cards/{customer}"
    assert stack.http("PATCH", path, {"status": to}, headers={"If-Match": '"1"'}).status == 200


def test_a_transfer_moves_points_and_each_transaction_names_the_counterpart(stack: Stack, wallet: str) -> None:
    answer = stack.transfer(
        wallet, 30, key="transfer-1", source="Manual", pointsDescription="Gift", metadata={"note": "for Bob"}
    )

    assert answer.status == 201, answer.text
    out = answer.body["transaction"]
    assert (out["type"], out["operation"], out["points"], out["counterpart"]) == ("TRANSFER_OUT", "transfer", 30, "bob")
    assert out["deltas"] == {"pending": 0, "active": -30, "held": 0}
    assert answer.body["balance"]["active"] == 70
    assert answer.headers["Location"] == f"/v1/transactions/{out['transactionId']}"
    into = stack.rows(wallet, "bob")[-1]
    assert into["transactionId"] == answer.body["recipientTransactionId"]
    assert (into["type"], into["operation"], into["points"], into["counterpart"]) == (
        "TRANSFER_IN",
        "transfer",
        30,
        "ann",
    )
    for name in ("source", "pointsDescription", "requestId", "actor", "createdAt"):
        assert into[name] == out[name]
    assert (into["metadata"], into["fingerprint"], into["orderId"]) == (None, None, None)
    assert active(stack, wallet) == (70, 35)
    assert stack.card(wallet)["lifetime"]["transferredOut"] == 30
    assert stack.card(wallet, "bob")["lifetime"]["transferredIn"] == 30

    again = stack.transfer(
        wallet, 30, key="transfer-1", source="Manual", pointsDescription="Gift", metadata={"note": "for Bob"}
    )
    assert (again.status, again.body, again.headers[REPLAYED]) == (201, answer.body, "true")
    assert active(stack, wallet) == (70, 35)


def test_transferred_points_keep_their_expiry_on_the_recipients_card(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    stack.credit(wallet, 10, expiresAt=at(hours=1))
    stack.transfer(wallet, 10)
    assert stack.card(wallet, "bob")["nextExpiration"] == {"points": 10, "at": at(hours=1)}
    clock.shift(3_600)
    assert active(stack, wallet) == (100, 5)
    assert stack.card(wallet, "bob")["lifetime"]["expired"] == 10


def test_a_transfer_settles_both_cards_first(clock: time_machine.Traveller, stack: Stack, wallet: str) -> None:
    stack.credit(wallet, 10, expiresAt=at(hours=1))
    stack.credit(wallet, 20, customer="bob", activatesAt=at(hours=1))
    clock.shift(3_600)
    assert stack.transfer(wallet, 101).body["available"] == 100
    answer = stack.transfer(wallet, 100, key="transfer-1")
    assert (answer.status, stack.transfer(wallet, 100, key="transfer-1").body) == (201, answer.body)
    assert [row["type"] for row in stack.rows(wallet)][2:] == ["EXPIRY", "TRANSFER_OUT"]
    assert [row["type"] for row in stack.rows(wallet, "bob")][2:] == ["ACTIVATION", "TRANSFER_IN"]
    assert active(stack, wallet) == (0, 125)


def test_pending_and_held_points_cannot_be_transferred(stack: Stack, wallet: str) -> None:
    stack.credit(wallet, 50, activatesAt=at(hours=1))
    stack.hold(wallet, 60)
    answer = stack.transfer(wallet, 41)
    assert (answer.status, answer.code, answer.body["available"]) == (422, "insufficient_points", 40)


def test_a_wallet_refuses_transfers_unless_its_settings_allow_them(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    stack.credit(wallet, 5, customer="bob")
    before = stack.items()
    answer = stack.transfer(wallet, 1)
    assert (answer.status, answer.code) == (422, "transfers_not_allowed")
    assert stack.items() == before


def test_a_transfer_requires_two_customers_with_cards(stack: Stack, wallet: str) -> None:
    before = stack.items()
    assert (stack.transfer(wallet, 1, "ann", "ann").status, stack.transfer(wallet, 1, "ann", "ann").code) == (
        422,
        "transfer_to_self",
    )
    for sender, recipient in (("ann", "zoe"), ("zoe", "ann")):
        answer = stack.transfer(wallet, 1, sender, recipient)
        assert (answer.status, answer.code) == (404, "card_not_found")
        assert "zoe" in answer.body["detail"]
    # A missing card is checked before missing points.
    assert stack.transfer(wallet, 101, "ann", "zoe").code == "card_not_found"
    assert stack.items() == before


@pytest.mark.parametrize(
    ("who", "to", "code"),
    [
        ("ann", "BLOCKED", "card_blocked"),
        ("ann", "FROZEN", "card_frozen"),
        ("ann", "CLOSED", "card_closed"),
        ("bob", "BLOCKED", None),
        ("bob", "FROZEN", "card_frozen"),
        ("bob", "CLOSED", "card_closed"),
    ],
)
def test_the_status_of_each_card_decides_whether_a_transfer_is_allowed(
    stack: Stack, wallet: str, who: str, to: str, code: str | None
) -> None:
    status(stack, wallet, who, to)
    answer = stack.transfer(wallet, 30)
    if code is None:
        assert (answer.status, active(stack, wallet)) == (201, (70, 35))
    else:
        assert (answer.status, answer.code) == (423, code)
        assert code == "card_blocked" or who in answer.body["detail"]
        assert active(stack, wallet) == (100, 5)


def test_an_inactive_wallet_refuses_a_transfer_but_answers_a_repetition(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    first = stack.transfer(wallet, 1, key="transfer-1")
    stack.http("POST", f"/v1/wallets/{wallet}/deactivate")
    clock.shift(30)
    assert stack.transfer(wallet, 1).code == "wallet_not_active"
    assert stack.transfer(wallet, 1, key="transfer-1").body == first.body


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"earningLimits": {"global": {"type": "TIME_BASED", "unit": "DAY", "max": 30}}}, "earning_limit_reached"),
        ({"spendingLimits": {"transaction": {"maxPoints": 25}}}, None),
        (
            {
                "spendingLimits": {"transaction": {"maxPoints": 25}},
                "transfers": {"allowed": True, "countAsSpending": True},
            },
            "spending_limit_reached",
        ),
    ],
)
def test_limits_reject_a_transfer_and_never_cut_it(stack: Stack, settings: Any, code: str | None) -> None:
    wallet = stack.wallet(**{"transfers": {"allowed": True}, **settings})
    for customer, points in (("ann", 30), ("bob", 1)):
        stack.credit(wallet, points, customer=customer)
    answer = stack.transfer(wallet, 30)
    if code is None:
        assert (answer.status, active(stack, wallet)) == (201, (0, 31))
    else:
        assert (answer.status, answer.code) == (422, code)
        assert active(stack, wallet) == (30, 1)


def test_a_key_belongs_to_the_sender_and_to_one_request(stack: Stack, wallet: str) -> None:
    stack.credit(wallet, 1, customer="bob", key="same-key-1")
    stack.credit(wallet, 1, customer="eve")
    assert stack.transfer(wallet, 30, key="same-key-1").status == 201
    assert stack.transfer(wallet, 31, key="same-key-1").code == "key_reused"
    assert stack.transfer(wallet, 30, "ann", "eve", key="same-key-1").code == "key_reused"
    assert stack.debit(wallet, 30, key="same-key-1").code == "key_reused"


@pytest.mark.parametrize("who", ["ann", "bob"])
def test_a_transfer_that_lost_a_race_on_either_card_is_decided_again(stack: Stack, wallet: str, who: str) -> None:
    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(stack.debit(wallet, 5, customer=who))):
        answer = stack.transfer(wallet, 96)
    assert rivals[0].status == 201
    if who == "ann":
        assert (answer.code, answer.body["available"]) == ("insufficient_points", 95)
    else:
        assert (answer.status, active(stack, wallet)) == (201, (4, 96))


def test_the_recipient_gets_the_lots_that_the_sender_gives_at_the_attempt_that_commits(
    stack: Stack, wallet: str
) -> None:
    expiring = at(hours=1)
    with before_next("TransactWriteItems", lambda: stack.credit(wallet, 20, expiresAt=expiring)):
        answer = stack.transfer(wallet, 30, key="transfer-1")
    assert answer.status == 201
    out, into = (stack.rows(wallet, customer)[-1] for customer in ("ann", "bob"))
    assert out["lots"] == into["lots"]
    assert [(lot["points"], lot["expiresAt"]) for lot in into["lots"]] == [(20, expiring), (10, None)]
    assert stack.card(wallet)["nextExpiration"] is None
    assert stack.card(wallet, "bob")["nextExpiration"] == {"points": 20, "at": expiring}
    assert stack.transfer(wallet, 30, key="transfer-1").body == answer.body


def test_two_concurrent_copies_of_a_transfer_move_points_once(stack: Stack, wallet: str) -> None:
    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(stack.transfer(wallet, 60, key="transfer-1"))):
        mine = stack.transfer(wallet, 60, key="transfer-1")
    assert mine.body == rivals[0].body
    assert active(stack, wallet) == (40, 65)


def test_two_concurrent_transfers_in_opposite_directions_both_succeed(stack: Stack, wallet: str) -> None:
    rivals: list[Answer] = []
    with before_next("TransactWriteItems", lambda: rivals.append(stack.transfer(wallet, 5, "bob", "ann"))):
        mine = stack.transfer(wallet, 30)
    assert (rivals[0].status, mine.status) == (201, 201)
    assert active(stack, wallet) == (75, 30)
