"""Debt: its limit, its repayment and the dates of points."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.domain.cards.card import BALANCE_MAX, Balance, Card, Hold
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import Context, Source, TransactionType, record
from loyalty.domain.dates import Period, Unit
from loyalty.domain.movements.credit import Grant, credit_points
from loyalty.domain.movements.debit import debit_points
from loyalty.domain.movements.order_state import order_state
from loyalty.domain.wallets.settings import Pending, PendingType
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import InsufficientPoints, InvalidDates
from tests.support.ledger import FULL, refund_alone
from tests.support.samples import BERLIN, NOW, TODAY, card, lot, pending_lot, wallet


def below(limit: int | None = 50, **more: Any) -> Wallet:
    return wallet(allow_negative_balance=True, negative_limit=limit, **more)


def test_a_debit_takes_the_available_points_and_the_card_owes_the_rest() -> None:
    after, movement = debit_points(card(lot(30)), 70, below(), NOW)
    assert (after.lots, after.debt) == ((), 40)
    assert after.balance == Balance(active=-40, pending=0, held=0)
    assert (after.balance.available, after.balance.debt) == (0, 40)
    assert (movement.type, movement.points, movement.lots, movement.owed) == (TransactionType.DEBIT, 70, (lot(30),), 40)
    assert (movement.balance, after.lifetime.redeemed, after.counters[0].spent) == (after.balance, 70, 70)


@pytest.mark.parametrize(
    ("one", "points"),
    [
        (card(lot(30)), 80),
        (card(), 50),
        (card(debt=20), 30),
        (card(lot(30), holds=(Hold(1, NOW + 9, TODAY, (lot(9),)),)), 80),
    ],
)
def test_a_card_may_owe_points_up_to_the_negative_limit_but_not_more(one: Card, points: int) -> None:
    after, _ = debit_points(one, points, below(), NOW)
    assert after.balance.active == -50
    with pytest.raises(InsufficientPoints) as refusal:
        debit_points(one, points + 1, below(), NOW)
    assert refusal.value.extensions == {"required": points + 1, "available": points, "missing": 1}
    with pytest.raises(InsufficientPoints) as refusal:
        debit_points(after, 1, below(), NOW)
    assert refusal.value.extensions == {"required": 1, "available": 0, "missing": 1}


def test_without_a_negative_limit_a_card_may_owe_as_much_as_the_largest_balance() -> None:
    after, _ = debit_points(card(lot(1)), 10**12, below(None), NOW)
    assert after.balance.active == 1 - 10**12
    with pytest.raises(InsufficientPoints):
        debit_points(card(debt=BALANCE_MAX), 1, below(None), NOW)


def test_a_partial_debit_takes_points_down_to_the_negative_limit() -> None:
    after, movement = debit_points(card(lot(30)), 100, below(), NOW, allow_partial=True)
    assert (after.balance.active, movement.points, movement.owed) == (-50, 80, 50)
    assert (movement.requested, movement.capped_by) == (100, "balance")
    with pytest.raises(InsufficientPoints):
        debit_points(after, 1, below(), NOW, allow_partial=True)


def test_a_negative_limit_below_the_current_debt_leaves_no_points_to_spend() -> None:
    with pytest.raises(InsufficientPoints) as refusal:
        debit_points(card(debt=40), 1, below(10), NOW)
    assert refusal.value.extensions == {"required": 1, "available": 0, "missing": 1}


def test_a_credit_repays_the_debt_first() -> None:
    for points, debt, active in ((10, 30, -30), (40, 0, 0), (45, 0, 5)):
        after, movement = credit_points(card(debt=40), Grant(points), below(), NOW)
        assert (after.debt, after.balance.active) == (debt, active)
        assert (movement.points, after.lifetime.issued) == (points, points)
        assert not (after.lots and after.debt)


def test_pending_points_repay_the_debt_when_they_become_active_and_not_before() -> None:
    pending = Pending(PendingType.PERIOD_BASED, 1, Unit.MINUTE)
    before, _ = credit_points(card(debt=40), Grant(100), below(pending=pending), NOW)
    assert before.balance == Balance(active=-40, pending=100, held=0)
    after, (activation,) = settle(before, NOW + 60)
    assert after.balance == activation.balance == Balance(active=60, pending=0, held=0)
    assert activation.points == 100


def test_pending_points_of_a_card_with_a_debt_cannot_be_spent() -> None:
    one = card(debt=40, pending=(pending_lot(100, "2027-03-06"),))
    with pytest.raises(InsufficientPoints):
        debit_points(one, 11, below(), NOW)
    assert debit_points(one, 10, below(), NOW)[0].debt == 50


def test_points_of_an_ended_hold_repay_the_debt() -> None:
    after, (release,) = settle(card(debt=40, holds=(Hold(1, NOW, TODAY, (lot(15),)),)), NOW)
    assert (after.debt, after.lots, release.points) == (25, (), 15)


@pytest.mark.parametrize(
    "grant", [Grant(5, expires_at=NOW + 60), Grant(5, expires_after=Period(1, Unit.DAY))], ids=["at", "after"]
)
@pytest.mark.parametrize("kind", [PendingType.IMMEDIATE, PendingType.EVENT_BASED])
def test_a_wallet_with_negative_balances_refuses_an_expiry_of_a_credit(grant: Grant, kind: PendingType) -> None:
    with pytest.raises(InvalidDates):
        credit_points(card(), grant, below(pending=Pending(kind, events=("delivered",))), NOW)
    assert (
        credit_points(card(), replace(grant, expires_at=None, expires_after=None), below(), NOW)[0].balance.active == 5
    )


def test_dated_points_keep_their_expiry_when_negative_balances_become_allowed() -> None:
    after, _ = debit_points(card(lot(30, "2027-04-01"), lot(10)), 5, below(), NOW)
    assert after.lots == (lot(25, "2027-04-01"), lot(10))


def test_a_debt_is_repaid_by_credits_when_negative_balances_are_no_longer_allowed() -> None:
    with pytest.raises(InsufficientPoints):
        debit_points(card(debt=40), 1, wallet(), NOW)
    after, _ = credit_points(card(debt=40), Grant(50), wallet(), NOW)
    assert (after.debt, after.balance.active) == (0, 10)
    assert debit_points(after, 10, wallet(), NOW)[0].balance.active == 0


def test_a_refund_returns_the_owed_points_and_repays_the_debt_first() -> None:
    spent, movement = debit_points(card(lot(30)), 70, below(), NOW)
    context = Context(source=Source.API, order_id="A")
    spent, rows = record(spent, [movement], context, after=spent, at=NOW, wallet_version=1, salt=bytes(12))
    after, (returned,) = refund_alone(spent, order_state(rows, 0, BERLIN, NOW), FULL, {}, below(), NOW)
    assert (after.debt, after.balance.active, returned.points) == (0, 30, 70)
    assert after.lots == (lot(30),)

    repaid, _ = credit_points(spent, Grant(100), below(), NOW)
    after, _ = refund_alone(repaid, order_state(rows, 0, BERLIN, NOW), FULL, {}, below(), NOW)
    assert after.balance.active == 130


MOVES = st.lists(st.tuples(st.sampled_from(["credit", "debit", "later"]), st.integers(1, 60)), min_size=1, max_size=25)


@given(MOVES, st.integers(1, 80) | st.none())
def test_no_history_makes_a_card_owe_more_than_the_negative_limit(
    moves: list[tuple[str, int]], limit: int | None
) -> None:
    one, at = below(limit), NOW
    after, balance = card(), 0
    later = replace(one, settings=replace(one.settings, pending=Pending(PendingType.PERIOD_BASED, 1, Unit.HOUR)))
    for what, points in moves:
        at += 60
        after, moved = settle(after, at)
        balance += sum(movement.points for movement in moved)
        if what == "debit":
            reach = balance + (BALANCE_MAX if limit is None else limit)
            if points > reach:
                with pytest.raises(InsufficientPoints):
                    debit_points(after, points, one, at)
                continue
            after, _ = debit_points(after, points, one, at)
            balance -= points
        else:
            after, _ = credit_points(after, Grant(points), one if what == "credit" else later, at)
            balance += points if what == "credit" else 0
        assert after.balance.active == balance
        assert not (after.lots and after.debt)
        assert after.lifetime.total == after.balance.active + after.balance.pending
