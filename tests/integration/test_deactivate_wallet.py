"""The points that fall due, in the answer to a deactivation of a wallet."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from loyalty.usecases import cards
from tests.integration.accounts import at
from tests.support.stack import Stack

pytestmark = pytest.mark.usefixtures("clock")


def deactivate(stack: Stack, wallet: str) -> Any:
    answer = stack.http("POST", f"/v1/wallets/{wallet}/deactivate")
    assert (answer.status, answer.body["status"]) == (200, "INACTIVE"), answer.text
    return answer.body["fallingDue"]


def due(expiring: int, activating: int, cards: int) -> dict[str, int]:
    return {"days": 30, "expiring": expiring, "activating": activating, "cards": cards}


def test_a_wallet_without_cards_has_no_points_that_fall_due(stack: Stack) -> None:
    assert deactivate(stack, stack.wallet()) == due(0, 0, 0)


def test_a_deactivation_answers_the_points_that_expire_or_activate_within_30_days(stack: Stack) -> None:
    wallet = stack.wallet()
    # These points expire within the 30 days, at their end, a second later, and never.
    stack.credit(wallet, 10, "ann", expiresAt=at(days=1))
    stack.credit(wallet, 20, "ann", expiresAt=at(days=30))
    stack.credit(wallet, 40, "ann", expiresAt=at(days=30, seconds=1))
    stack.credit(wallet, 80, "ann")
    # These points activate within the 30 days, at their end, and later.
    stack.credit(wallet, 100, "bob", activatesAt=at(days=2))
    stack.credit(wallet, 200, "bob", activatesAt=at(days=30), expiresAt=at(days=90))
    stack.credit(wallet, 400, "bob", activatesAt=at(days=31))
    # These points activate and expire within the 30 days.
    stack.credit(wallet, 1_000, "eve", activatesAt=at(days=3), expiresAt=at(days=4))
    # These points do neither.
    stack.credit(wallet, 5, "joe")
    other = stack.wallet()
    stack.credit(other, 9_999, "ann", expiresAt=at(days=1))

    before = stack.items()
    assert deactivate(stack, wallet) == due(10 + 20 + 1_000, 100 + 200 + 1_000, 3)
    # The deactivation did not store a settlement.
    assert [item for item in stack.items() if item["pk"]["S"].startswith("CUSTOMER#")] == [
        item for item in before if item["pk"]["S"].startswith("CUSTOMER#")
    ]


def test_points_that_were_due_before_the_deactivation_are_not_counted(
    stack: Stack, clock: time_machine.Traveller
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10, expiresAt=at(days=1))
    stack.credit(wallet, 20, activatesAt=at(days=1), expiresAt=at(days=20))
    stack.credit(wallet, 40, activatesAt=at(days=1))
    clock.shift(timedelta(days=2))
    assert deactivate(stack, wallet) == due(20, 0, 1)


def test_sliding_points_fall_due_at_their_current_expiry(stack: Stack) -> None:
    slides = {"type": "SLIDING_EXPIRATION", "every": 10, "unit": "DAY", "resetBy": ["EARNING"]}
    wallet = stack.wallet(expiration=slides)
    stack.credit(wallet, 10)
    assert deactivate(stack, wallet) == due(10, 0, 1)


def test_a_second_deactivation_has_the_same_answer_and_other_routes_omit_it(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10, expiresAt=at(days=1))
    assert deactivate(stack, wallet) == deactivate(stack, wallet) == due(10, 0, 1)
    assert "fallingDue" not in stack.http("GET", f"/v1/wallets/{wallet}").body
    assert "fallingDue" not in stack.http("POST", f"/v1/wallets/{wallet}/activate").body


def test_the_points_that_fall_due_are_unknown_for_too_many_cards(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "FALLING_DUE_CARDS_MAX", 3)
    wallet = stack.wallet()
    for customer in ("ann", "bob", "eve"):
        stack.credit(wallet, 10, customer, expiresAt=at(days=1))
    assert deactivate(stack, wallet) == due(30, 0, 3)
    stack.http("POST", f"/v1/wallets/{wallet}/activate")
    stack.credit(wallet, 10, "joe")
    assert deactivate(stack, wallet) is None
