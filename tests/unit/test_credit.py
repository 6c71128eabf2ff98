"""The activation and the expiry of granted points."""

from typing import Any

import pytest

from loyalty.domain.cards.card import BALANCE_MAX, PENDING_LOTS_MAX, POINTS_MAX, Counter
from loyalty.domain.cards.transaction import Operation, TransactionType
from loyalty.domain.dates import NEVER, Period, Unit
from loyalty.domain.movements.credit import Grant, credit_points
from loyalty.domain.wallets.settings import Expiration, ExpirationType, Pending, PendingType
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import BalanceTooLarge, InvalidDates, TooManyPendingLots
from tests.support.samples import NOW, TODAY, card, local, lot, pending_lot, wallet


def rolling(every: int, unit: Unit, **more: Any) -> Wallet:
    return wallet(expiration=Expiration(ExpirationType.ROLLING_EXPIRATION, every, unit), **more)


def pending_for(every: int, unit: Unit) -> Pending:
    return Pending(PendingType.PERIOD_BASED, every, unit)


def test_points_of_a_default_wallet_are_active_at_once_and_never_expire() -> None:
    after, movement = credit_points(card(), Grant(100), wallet(), NOW)
    assert after.lots == (lot(100, NEVER, TODAY),)
    assert after.lifetime.issued == 100
    assert after.counters[0] == Counter(TODAY, 100, 0)
    assert (movement.type, movement.operation, movement.points) == (TransactionType.CREDIT, Operation.CREDIT, 100)
    assert (movement.lots, movement.pending_lots) == (after.lots, ())
    assert movement.balance == after.balance


@pytest.mark.parametrize(
    ("every", "unit", "expires"),
    [
        (10, Unit.MINUTE, "2027-03-03 22:30"),
        (2, Unit.HOUR, "2027-03-04 00:20"),
        (1, Unit.DAY, "2027-03-05 00:00"),
        (1, Unit.WEEK, "2027-03-11 00:00"),
        (1, Unit.MONTH, "2027-04-04 00:00"),
        (1, Unit.YEAR, "2028-03-04 00:00"),
    ],
)
def test_points_expire_one_period_after_they_are_granted(every: int, unit: Unit, expires: str) -> None:
    after, _ = credit_points(card(), Grant(1), rolling(every, unit), NOW)
    assert after.lots[0].expires_at == local(expires)


def test_pending_points_expire_one_period_after_their_activation() -> None:
    after, movement = credit_points(card(), Grant(5), rolling(1, Unit.MONTH, pending=pending_for(3, Unit.DAY)), NOW)
    assert after.pending == (pending_lot(5, local("2027-03-06 00:00"), local("2027-04-07 00:00")),)
    assert after.balance.active == 0
    assert (movement.lots, movement.pending_lots) == ((), after.pending)


def test_pending_points_count_as_earned_on_the_day_of_the_grant() -> None:
    after, _ = credit_points(card(), Grant(5), wallet(pending=pending_for(3, Unit.DAY)), NOW)
    assert after.counters[0] == Counter(TODAY, 5, 0)


def test_the_issue_day_is_the_local_day() -> None:
    after, _ = credit_points(card(), Grant(5), wallet(time_zone="Pacific/Kiritimati"), NOW)
    assert after.lots[0].issue_day == TODAY + 1


def test_dates_of_the_credit_override_the_dates_of_the_wallet() -> None:
    one = rolling(1, Unit.YEAR, pending=pending_for(3, Unit.DAY))
    grant = Grant(5, activates_at=local("2027-04-01 00:00"), expires_at=local("2027-04-02 00:00"))
    assert credit_points(card(), grant, one, NOW)[0].pending == (pending_lot(5, "2027-04-01", "2027-04-02"),)

    grant = Grant(5, activates_after=Period(1, Unit.HOUR), expires_after=Period(1, Unit.HOUR))
    assert credit_points(card(), grant, one, NOW)[0].pending == (pending_lot(5, NOW + 3600, NOW + 7200),)


def test_points_with_an_activation_of_the_last_minutes_are_active_and_expire_one_period_from_now() -> None:
    after, _ = credit_points(card(), Grant(5, activates_at=NOW - 300), rolling(2, Unit.HOUR), NOW)
    assert after.lots == (lot(5, NOW + 7200, TODAY),)


@pytest.mark.parametrize(
    "grant",
    [
        Grant(5, expires_at=NOW),
        Grant(5, expires_at=NOW - 1),
        Grant(5, activates_at=NOW + 60, expires_at=NOW + 60),
        Grant(5, activates_after=Period(1, Unit.DAY), expires_at=NOW + 60),
    ],
)
def test_a_credit_is_refused_if_its_points_expire_before_they_are_active(grant: Grant) -> None:
    with pytest.raises(InvalidDates):
        credit_points(card(), grant, wallet(), NOW)


def test_points_may_expire_one_second_after_the_credit() -> None:
    after, _ = credit_points(card(), Grant(5, expires_at=NOW + 1), wallet(), NOW)
    assert after.lots == (lot(5, NOW + 1),)


def test_a_grant_with_equal_dates_merges_with_the_existing_lot() -> None:
    after, movement = credit_points(card(lot(5)), Grant(7), wallet(), NOW)
    assert after.lots == (lot(12),)
    assert movement.lots == (lot(7),)


def test_a_card_has_at_most_a_hundred_pending_lots() -> None:
    one = card(pending=tuple(pending_lot(1, NOW + 60 * n) for n in range(1, PENDING_LOTS_MAX + 1)))
    with pytest.raises(TooManyPendingLots):
        credit_points(one, Grant(1, activates_at=NOW + 30), wallet(), NOW)
    after, _ = credit_points(one, Grant(1, activates_at=NOW + 60), wallet(), NOW)
    assert len(after.pending) == PENDING_LOTS_MAX


def test_a_balance_may_be_as_large_as_the_limit_but_not_larger() -> None:
    one = card(lot(BALANCE_MAX - POINTS_MAX - 1), pending=(pending_lot(1, 0),))
    after, _ = credit_points(one, Grant(POINTS_MAX), wallet(), NOW)
    assert after.balance.active + after.balance.pending == BALANCE_MAX
    with pytest.raises(BalanceTooLarge):
        credit_points(after, Grant(1), wallet(), NOW)


def test_a_credit_repays_the_debt_and_records_all_granted_points() -> None:
    after, movement = credit_points(card(debt=30), Grant(50), wallet(), NOW)
    assert (after.debt, after.balance.active) == (0, 20)
    assert (movement.points, movement.balance.active) == (50, 20)
