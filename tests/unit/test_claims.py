"""Held points do not escape a refund: what it could not take back is taken when a hold is released."""

from typing import Any

import pytest

from loyalty.domain.audit.comparison import drifts
from loyalty.domain.cards.card import points_of
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import TransactionType
from loyalty.domain.movements.hold import capture_hold, place_hold, release_hold
from loyalty.domain.wallets.settings import EarnedRefunds, EarnedRefundType, Refunds, RevocationMode
from loyalty.domain.wallets.wallet import Wallet
from tests.support.ledger import Ledger
from tests.support.samples import NOW, wallet

HOUR, DAY = 3_600, 86_400
CAPTURE, RELEASE, REVOCATION, EXPIRY = (
    TransactionType.CAPTURE,
    TransactionType.RELEASE,
    TransactionType.REVOCATION,
    TransactionType.EXPIRY,
)


def hold(ledger: Ledger, points: int, lasts: int = HOUR) -> None:
    current, moved = settle(ledger.card, ledger.at)
    seq = current.version + len(moved) + 1
    expires_at = ledger.at + lasts
    after, movement = place_hold(current, points, ledger.wallet, ledger.at, seq=seq, expires_at=expires_at)
    ledger.write([*moved, movement], after)


def release(ledger: Ledger) -> None:
    current, moved = settle(ledger.card, ledger.at)
    after, movements = release_hold(current, current.holds[0], ledger.at)
    ledger.write([*moved, *movements], after)


def capture(ledger: Ledger, points: int) -> None:
    current, moved = settle(ledger.card, ledger.at)
    after, movements = capture_hold(current, current.holds[0], points, ledger.wallet, ledger.at, final=True)
    ledger.write([*moved, *movements], after)


def refund(ledger: Ledger) -> tuple[int, int, int]:
    """Refunds order A and returns revoked, missing and claimed points."""
    details = ledger.refund("A")
    return details.revoked, details.shortfall, sum(points for _, points in details.claims)


def is_whole(ledger: Ledger) -> bool:
    life = ledger.card.lifetime
    balance = ledger.card.balance
    return life.total == balance.active + balance.pending + balance.held


def held_after_credit(points: int = 100, held: int = 100, of: Wallet | None = None) -> Ledger:
    ledger = Ledger(of or wallet())
    ledger.credit(points, "A")
    hold(ledger, held)
    return ledger


def test_points_that_were_held_during_a_refund_are_taken_back_when_they_are_released() -> None:
    ledger = held_after_credit()
    assert refund(ledger) == (0, 100, 100)
    release(ledger)
    assert ledger.newest(3) == [(RELEASE, 100), (REVOCATION, 100), (RELEASE, 0)]
    assert (ledger.active, ledger.card.lifetime.revoked) == (0, 100)
    assert is_whole(ledger)


def test_time_takes_back_claimed_points_when_it_releases_the_hold() -> None:
    ledger = held_after_credit(held=80)
    ledger.credit(5)
    assert refund(ledger) == (25, 75, 75)
    ledger.wait(HOUR)
    ledger.settled()
    assert ledger.newest(2) == [(RELEASE, 80), (REVOCATION, 75)]
    assert ledger.active == 5


def test_captured_points_are_not_taken_back() -> None:
    ledger = held_after_credit()
    refund(ledger)
    capture(ledger, 100)
    assert (ledger.newest(1), ledger.active) == ([(CAPTURE, 100)], 0)


def test_of_a_partly_captured_hold_only_the_released_rest_is_taken_back() -> None:
    ledger = held_after_credit()
    refund(ledger)
    capture(ledger, 30)
    assert ledger.newest(3) == [(RELEASE, 70), (REVOCATION, 70), (CAPTURE, 30)]
    assert ledger.active == 0


def test_a_second_refund_claims_only_points_that_no_other_refund_claims() -> None:
    ledger = Ledger()
    ledger.credit(60, "A")
    ledger.credit(60, "B")
    hold(ledger, 100)
    assert refund(ledger) == (20, 40, 40)
    second = ledger.refund("B")
    assert (second.shortfall, sum(points for _, points in second.claims)) == (60, 60)
    ledger.credit(60, "C")
    ledger.debit(60)
    third = ledger.refund("C")
    assert (third.shortfall, third.claims) == (60, ())
    release(ledger)
    assert ledger.active == 0


def test_claimed_points_past_their_date_expire_and_are_not_taken_back() -> None:
    ledger = Ledger()
    ledger.credit(100, "A", expires_at=NOW + DAY)
    hold(ledger, 100, lasts=2 * DAY)
    refund(ledger)
    ledger.wait(2 * DAY)
    ledger.settled()
    assert ledger.newest(2) == [(RELEASE, 100), (EXPIRY, 100)]
    assert (ledger.active, is_whole(ledger)) == (0, True)


@pytest.mark.parametrize(
    "settings",
    [
        {"refunds": Refunds(earned=EarnedRefunds(EarnedRefundType.REVOKE_FROM_PENDING))},
        {"refunds": Refunds(earned=EarnedRefunds(EarnedRefundType.KEEP))},
        {
            "refunds": Refunds(earned=EarnedRefunds(mode=RevocationMode.REVOKE_BELOW_ZERO)),
            "allow_negative_balance": True,
        },
    ],
)
def test_a_wallet_that_takes_nothing_or_goes_below_zero_claims_nothing(settings: dict[str, Any]) -> None:
    ledger = held_after_credit(of=wallet(**settings))
    assert refund(ledger)[2] == 0
    debt = ledger.card.debt
    release(ledger)
    assert points_of(ledger.card.lots) == 100 - debt


def test_a_card_with_claims_is_rebuilt_from_its_rows() -> None:
    ledger = held_after_credit()
    refund(ledger)
    assert [one.claimed for one in ledger.card.holds] == [100]
    for end in (release, lambda ledger: capture(ledger, 30), lambda ledger: ledger.wait(2 * HOUR)):
        one = held_after_credit()
        refund(one)
        end(one)
        one.settled()
        found = [drift for drift in drifts(one.card, one.rows, {1}) if drift.check not in ("due", "chain")]
        assert found == []
