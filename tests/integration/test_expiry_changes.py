"""Expiry changes: active lots get another expiry by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from tests.integration.accounts import START, at
from tests.integration.correcting import change_expiry, points_of
from tests.support.stack import Stack


def test_an_expiry_change_sets_the_expiry_of_all_active_lots_and_moves_no_points(stack: Stack) -> None:
    wallet = stack.wallet(pending={"type": "IMMEDIATE"})
    with time_machine.travel(START, tick=False):
        stack.credit(wallet, 10, expiresAt=at(days=1))
        stack.credit(wallet, 20, expiresAt=at(days=2))
        stack.credit(wallet, 40, activateAfter={"every": 1, "unit": "DAY"}, expiresAt=at(days=3))
        before = stack.card(wallet)

        answer = change_expiry(stack, wallet, expiresAt=at(days=30))

        row, card = answer.body["transaction"], stack.card(wallet)
    assert answer.status == 201, answer.text
    assert (row["type"], row["operation"], row["points"]) == ("ACTIVITY", "expiry_change", 0)
    assert row["deltas"] == {"pending": 0, "active": 0, "held": 0}
    assert points_of(row["lotsBefore"]) == [(10, at(days=1)), (20, at(days=2))]
    assert points_of(row["lots"]) == [(30, at(days=30))]
    assert points_of(card["lots"]) == [(40, at(days=3)), (30, at(days=30))]
    assert (card["balance"], card["lifetime"]) == (before["balance"], before["lifetime"])
    listed = stack.http("GET", f"/v1/wallets/{wallet}/cards/ann/transactions", query={"operation": "expiry_change"})
    assert listed.body["data"] == [row]


def test_an_expiry_change_applies_to_named_lots_completely_or_in_part(stack: Stack) -> None:
    wallet = stack.wallet()
    with time_machine.travel(START, tick=False):
        stack.credit(wallet, 10)
        stack.credit(wallet, 20, expiresAt=at(days=2))
        lots = [{"issuedOn": "2027-03-01", "points": 4}, {"expiresAt": at(days=2), "issuedOn": "2027-03-01"}]

        answer = change_expiry(stack, wallet, expireAfter={"every": 1, "unit": "HOUR"}, lots=lots)

        assert answer.status == 201, answer.text
        assert points_of(stack.card(wallet)["lots"]) == [(24, at(hours=1)), (6, None)]
        never = change_expiry(stack, wallet, "change-2", expiresAt=None)
        assert points_of(never.body["transaction"]["lots"]) == [(30, None)]


@pytest.mark.parametrize(
    "lots",
    [
        [{"issuedOn": "2027-03-01"}, {"issuedOn": "2027-03-02"}],
        [{"issuedOn": "2027-03-01"}, {"expiresAt": at(days=2), "issuedOn": "2027-03-01"}],
        [{"issuedOn": "2027-03-01", "points": 6}, {"issuedOn": "2027-03-01", "points": 5}],
    ],
)
def test_a_refusal_names_a_lot_that_the_card_does_not_have(stack: Stack, lots: list[Any]) -> None:
    wallet = stack.wallet()
    with time_machine.travel(START, tick=False):
        stack.credit(wallet, 10)
        answer = change_expiry(stack, wallet, expiresAt=at(days=3), lots=lots)
    assert (answer.status, answer.code) == (422, "lot_not_found")
    assert answer.fields() == {"body.lots[1]": "lot_not_found"}


def test_an_expiry_change_of_a_card_without_active_points_is_refused(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10)
    stack.debit(wallet, 10)
    assert change_expiry(stack, wallet, expiresAt=None).code == "lot_not_found"


def test_an_expiry_change_is_refused_in_a_wallet_with_negative_balances(stack: Stack) -> None:
    wallet = stack.wallet(allowNegativeBalance=True)
    stack.credit(wallet, 10)
    assert change_expiry(stack, wallet, expiresAt="2199-01-01T00:00:00Z").code == "invalid_dates"
    assert change_expiry(stack, wallet, expiresAt=None).status == 201


def test_a_sliding_lot_with_a_changed_expiry_does_not_slide_any_more(stack: Stack) -> None:
    slides = {"type": "SLIDING_EXPIRATION", "every": 10, "unit": "DAY", "resetBy": ["EARNING"]}
    wallet = stack.wallet(expiration=slides)
    with time_machine.travel(START, tick=False) as clock:
        stack.credit(wallet, 10)
        slid = {"expiresAt": "2027-03-11T23:00:00Z", "issuedOn": "2027-03-01"}
        assert change_expiry(stack, wallet, expiresAt=at(days=5), lots=[slid]).status == 201
        clock.shift(timedelta(days=1))
        stack.credit(wallet, 20)
        assert (10, at(days=5)) in points_of(stack.card(wallet)["lots"])


def test_a_sweep_finds_a_card_whose_expiry_was_changed_to_an_earlier_date(stack: Stack) -> None:
    wallet = stack.wallet()
    with time_machine.travel(START, tick=False) as clock:
        stack.credit(wallet, 10)
        stack.credit(wallet, 10, expiresAt=at(days=5))
        change_expiry(stack, wallet, expiresAt=at(hours=1))
        due = stack.items()
        assert [item["ds"]["N"] for item in due if "ds" in item] == [
            str(int(datetime(2027, 3, 1, 13, tzinfo=UTC).timestamp()))
        ]
        clock.shift(timedelta(hours=1))
        assert stack.card(wallet)["balance"]["active"] == 0
