"""The tick of every minute: points past their expiry leave the card, with a transaction."""

import time_machine

from tests.integration.accounts import at, item
from tests.integration.invoking import invoke
from tests.integration.sweeping import nominated, sweep
from tests.support.stack import Stack


def test_points_expire_at_their_expiry_and_not_before(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 5)
    stack.credit(wallet, 100, expiresAt=at(hours=1))
    clock.shift(3_599)
    assert sweep(stack, "expire_points") == 0
    clock.shift(241)

    assert sweep(stack, "expire_points") == 1

    expiry = stack.rows(wallet)[-1]
    assert (expiry["type"], expiry["points"], expiry["source"]) == ("EXPIRY", 100, "System")
    assert (expiry["effectiveAt"], expiry["createdAt"]) == (at(hours=1), at(minutes=64))
    assert expiry["balanceAfter"]["active"] == 5
    assert "dp" not in item(stack, wallet)
    assert sweep(stack, "expire_points") == 0


def test_lots_with_different_expiries_expire_one_after_the_other(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    for days in (3, 1, 2):
        stack.credit(wallet, 10 * days, expiresAt=at(days=days))
    for left in (50, 30, 0):
        clock.shift(86_400)
        assert sweep(stack, "expire_points") == 1
        assert stack.card(wallet)["balance"]["active"] == left
    assert [row["points"] for row in stack.rows(wallet) if row["type"] == "EXPIRY"] == [10, 20, 30]


def test_lots_that_expired_at_different_times_share_the_row_of_a_late_sweep(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10, expiresAt=at(hours=1))
    stack.credit(wallet, 20, expiresAt=at(hours=2))
    clock.shift(5 * 3_600)
    sweep(stack, "expire_points")
    (expiry,) = [row for row in stack.rows(wallet) if row["type"] == "EXPIRY"]
    assert (expiry["points"], expiry["effectiveAt"]) == (30, at(hours=2))
    assert [(lot["points"], lot["expiresAt"]) for lot in expiry["lots"]] == [(10, at(hours=1)), (20, at(hours=2))]


def test_a_sweep_of_a_card_whose_lot_was_spent_sets_the_next_due_moment(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10, expiresAt=at(hours=1))
    stack.credit(wallet, 20, expiresAt=at(hours=5))
    stack.debit(wallet, 10)
    rows = stack.rows(wallet)
    clock.shift(3_600)

    assert sweep(stack, "expire_points") == 1

    assert stack.rows(wallet) == rows
    assert sweep(stack, "expire_points") == 0
    clock.shift(4 * 3_600)
    assert sweep(stack, "expire_points") == 1
    assert stack.card(wallet)["balance"]["active"] == 0


def test_a_card_without_lots_that_expire_has_no_due_moment(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10, expiresAt=at(hours=1))
    stack.debit(wallet, 10)
    assert "dp" in item(stack, wallet)
    clock.shift(3_600)
    assert sweep(stack, "expire_points") == 1
    assert "dp" not in item(stack, wallet)
    assert sweep(stack, "expire_points") == 0


def test_an_earlier_expiry_moves_the_due_moment_of_the_card(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10, expiresAt=at(hours=5))
    stack.credit(wallet, 20, expiresAt=at(hours=1))
    clock.shift(3_600)
    assert sweep(stack, "expire_points") == 1
    assert stack.card(wallet)["balance"]["active"] == 10


def test_a_card_with_an_earlier_activation_is_not_nominated_for_expiry(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10, activatesAt=at(hours=1), expiresAt=at(hours=2))
    stack.credit(wallet, 10, customer="bob", expiresAt=at(hours=1))
    clock.shift(3_600)
    assert invoke("expire_points", {}) == {"nominated": 1}
    assert nominated(stack) == ["bob"]


def test_points_expire_in_inactive_wallets_and_on_frozen_cards(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 10, expiresAt=at(hours=1))
    stack.http("PATCH", f"/v1/wallets/{wallet}/cards/ann", {"status": "FROZEN"}, headers={"If-Match": '"1"'})
    stack.http("POST", f"/v1/wallets/{wallet}/deactivate")
    clock.shift(3_600)
    sweep(stack, "expire_points")
    card = stack.card(wallet)
    assert (card["balance"]["active"], card["status"], card["version"]) == (0, "FROZEN", 2)
