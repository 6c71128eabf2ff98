"""Holds: the points that are held, captured and released."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.domain.cards.card import HOLDS_MAX, SLIDING, Card, Hold, Lot, points_of
from loyalty.domain.cards.limits import spending_allowance
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import DIRECTIONS, Movement, Operation, TransactionType
from loyalty.domain.dates import NEVER, CalendarUnit, Unit, local_day
from loyalty.domain.movements.hold import capture_hold, place_hold, release_hold
from loyalty.domain.wallets.settings import (
    Activity,
    Expiration,
    ExpirationType,
    LimitType,
    SpendingLimit,
    SpendingLimits,
    SpendingTransactionLimit,
)
from loyalty.errors import HoldTooSmall, InsufficientPoints, SpendingLimitReached, TooManyHolds
from tests.support.samples import BERLIN, NOW, TODAY, card, local, lot, wallet

ENDS = NOW + 900
LATER = NOW + 60
STARS = wallet()
SLIDES = wallet(
    expiration=Expiration(
        ExpirationType.SLIDING_EXPIRATION, 30, Unit.DAY, reset_by=(Activity.EARNING, Activity.SPENDING)
    )
)


def placed(one: Card, points: int, *, seq: int = 1, ends: int = ENDS) -> Card:
    return place_hold(one, points, STARS, NOW, seq=seq, expires_at=ends)[0]


def moves(movements: list[Movement]) -> list[tuple[TransactionType, Operation, int]]:
    return [(movement.type, movement.operation, movement.points) for movement in movements]


def test_a_hold_takes_points_in_the_consumption_order_and_keeps_their_dates() -> None:
    after, movement = place_hold(card(lot(5), lot(6, NOW + 99)), 8, STARS, NOW, seq=7, expires_at=ENDS)
    assert after.lots == (lot(3),)
    assert after.holds == (Hold(7, ENDS, TODAY, (lot(6, NOW + 99), lot(2))),)
    assert (movement.type, movement.points, movement.hold, movement.hold_expires_at) == (
        TransactionType.HOLD,
        8,
        7,
        ENDS,
    )
    assert (movement.balance.active, movement.balance.held) == (3, 8)
    assert after.lifetime == card().lifetime, "nothing is redeemed yet"


def test_a_hold_never_makes_a_balance_negative() -> None:
    owing = wallet(allow_negative_balance=True)
    for one in (card(lot(5)), card(debt=3)):
        with pytest.raises(InsufficientPoints):
            place_hold(one, 6, owing, NOW, seq=1, expires_at=ENDS)


def test_a_card_has_at_most_ten_open_holds() -> None:
    one = card(lot(50))
    for seq in range(HOLDS_MAX):
        one = placed(one, 1, seq=seq + 1)
    with pytest.raises(TooManyHolds):
        placed(one, 1, seq=99)
    after, _ = release_hold(one, one.holds[4], NOW)
    assert len(placed(after, 1, seq=99).holds) == HOLDS_MAX


@pytest.mark.parametrize(
    "limits",
    [
        SpendingLimits(global_=SpendingLimit(LimitType.TIME_BASED, CalendarUnit.DAY, 10)),
        SpendingLimits(global_=SpendingLimit(LimitType.SPENDING_BASED, max=10)),
        SpendingLimits(transaction=SpendingTransactionLimit(10)),
    ],
)
def test_spending_limits_apply_to_a_hold_as_to_a_debit(limits: SpendingLimits) -> None:
    limited = wallet(spending_limits=limits)
    one, _ = place_hold(card(lot(50)), 10, limited, NOW, seq=1, expires_at=ENDS)
    with pytest.raises(SpendingLimitReached):
        place_hold(card(lot(50)), 11, limited, NOW, seq=1, expires_at=ENDS)
    if limits.global_.type is not LimitType.NO_LIMIT:
        with pytest.raises(SpendingLimitReached):
            place_hold(one, 1, limited, NOW, seq=2, expires_at=ENDS)


def test_a_hold_counts_as_spending_once_and_released_points_give_their_room_back() -> None:
    limits = SpendingLimits(global_=SpendingLimit(LimitType.SPENDING_BASED, max=20))
    limited = wallet(spending_limits=limits)
    one, _ = place_hold(card(lot(50)), 10, limited, NOW, seq=1, expires_at=ENDS)
    assert {counter.spent for counter in one.counters} == {10}

    after, _ = capture_hold(one, one.holds[0], 4, limited, LATER, final=True)

    assert {counter.spent for counter in after.counters} == {4}
    assert after.lifetime.redeemed == 4
    today = local_day(NOW, BERLIN)
    assert spending_allowance(after, 16, limited.settings, today, cap=False).points == 16
    with pytest.raises(SpendingLimitReached):
        spending_allowance(after, 17, limited.settings, today, cap=False)


def test_a_release_on_a_later_day_gives_room_back_in_the_charged_periods() -> None:
    one = placed(card(lot(50)), 10, ends=NOW + 20 * 86_400)
    later = local("2027-03-04 09:00")
    one = one.count_in_periods(local_day(later, BERLIN), spent=3)
    after, _ = release_hold(one, one.holds[0], later)
    # The day differs; week, month, quarter and year are the same.
    assert [counter.spent for counter in after.counters] == [3, 3, 3, 3, 3]
    assert [counter.spent for counter in one.counters] == [3, 13, 13, 13, 13]


def test_a_final_capture_spends_the_first_points_and_releases_the_rest() -> None:
    one = placed(card(lot(5), lot(6, NOW + 99)), 8)

    after, movements = capture_hold(one, one.holds[0], 7, STARS, LATER, final=True)

    assert moves(movements) == [
        (TransactionType.RELEASE, Operation.CAPTURE, 1),
        (TransactionType.CAPTURE, Operation.CAPTURE, 7),
    ]
    assert movements[-1].lots == (lot(6, NOW + 99), lot(1))
    assert movements[-1].balance == after.balance
    assert after.holds == ()
    assert after.lots == (lot(4),)
    assert after.lifetime.redeemed == 7


def test_a_capture_that_is_not_final_keeps_the_rest_held() -> None:
    one = placed(card(lot(8)), 8)
    after, movements = capture_hold(one, one.holds[0], 3, STARS, LATER, final=False)
    assert moves(movements) == [(TransactionType.CAPTURE, Operation.CAPTURE, 3)]
    assert after.holds == (Hold(1, ENDS, TODAY, (lot(5),)),)
    assert {counter.spent for counter in after.counters} == {8}

    after, movements = capture_hold(after, after.holds[0], 5, STARS, LATER, final=False)
    assert after.holds == (), "nothing is left to hold"
    assert after.lifetime.redeemed == 8


def test_a_capture_of_more_points_than_the_hold_has_is_refused() -> None:
    one = placed(card(lot(9)), 8)
    with pytest.raises(HoldTooSmall):
        capture_hold(one, one.holds[0], 9, STARS, LATER, final=True)


def test_held_points_can_be_captured_after_their_expiry() -> None:
    one = placed(card(lot(8, LATER)), 8)
    current, moved = settle(one, LATER)
    assert moved == [], "held points do not expire"
    after, movements = capture_hold(current, current.holds[0], None, STARS, LATER, final=True)
    assert moves(movements) == [(TransactionType.CAPTURE, Operation.CAPTURE, 8)]
    assert after.lifetime.expired == 0


@pytest.mark.parametrize("capture", [True, False])
def test_released_points_that_are_past_their_expiry_expire_at_once(*, capture: bool) -> None:
    one = placed(card(lot(2, NOW + 1), lot(3, NOW + 2), lot(4)), 8)
    hold = one.holds[0]

    if capture:
        after, movements = capture_hold(one, hold, 1, STARS, LATER, final=True)
    else:
        after, movements = release_hold(one, hold, LATER)

    released = 4 if capture else 5
    own = [(TransactionType.RELEASE, Operation.CAPTURE, 3), (TransactionType.CAPTURE, Operation.CAPTURE, 1)]
    assert moves(movements) == [
        (TransactionType.RELEASE, Operation.SETTLE, released),
        (TransactionType.EXPIRY, Operation.SETTLE, released),
        *(own if capture else [(TransactionType.RELEASE, Operation.RELEASE, 3)]),
    ]
    assert after.lots == (lot(4),)
    assert after.lifetime.expired == released
    assert movements[-1].balance == after.balance
    assert {counter.spent for counter in after.counters} == {1 if capture else 0}


def test_a_release_by_hand_has_no_points_if_all_of_them_are_expired() -> None:
    one = placed(card(lot(8, NOW + 1)), 8)
    after, movements = release_hold(one, one.holds[0], LATER)
    assert moves(movements)[-1] == (TransactionType.RELEASE, Operation.RELEASE, 0)
    assert (after.lots, after.holds, after.lifetime.expired) == ((), (), 8)


def test_released_points_repay_the_debt() -> None:
    one = replace(placed(card(lot(8)), 8), debt=5)
    after, _ = release_hold(one, one.holds[0], LATER)
    assert (after.lots, after.debt) == ((lot(3),), 0)


def test_a_capture_moves_a_sliding_expiry_and_a_hold_does_not() -> None:
    one = card(lot(8, SLIDING), sliding_expires_at=NOW + 10)
    one, _ = place_hold(one, 5, SLIDES, NOW, seq=1, expires_at=ENDS)
    assert one.sliding_expires_at == NOW + 10

    current, _ = settle(one, LATER)
    assert current.lifetime.expired == 3, "the points that were not held have expired"
    after, movements = capture_hold(current, current.holds[0], 2, SLIDES, LATER, final=True)

    assert after.sliding_expires_at == local("2027-04-03 00:00")
    # The rest was held and had not expired when the capture moved the sliding expiry.
    assert moves(movements) == [
        (TransactionType.RELEASE, Operation.CAPTURE, 3),
        (TransactionType.CAPTURE, Operation.CAPTURE, 2),
    ]
    assert after.lots == (lot(3, SLIDING),)


def test_a_release_by_hand_does_not_move_a_sliding_expiry() -> None:
    one = card(lot(8, SLIDING), sliding_expires_at=NOW + 10)
    one, _ = place_hold(one, 5, SLIDES, NOW, seq=1, expires_at=ENDS)
    current, _ = settle(one, LATER)
    after, _ = release_hold(current, current.holds[0], LATER)
    assert (after.sliding_expires_at, after.lots, after.lifetime.expired) == (NOW + 10, (), 8)


LOTS = st.lists(
    st.builds(Lot, st.integers(1, 9), st.sampled_from([NEVER, NOW + 1, NOW + 50, NOW + 5_000]), st.just(TODAY)),
    min_size=1,
    max_size=5,
)


@given(LOTS, st.data())
def test_no_end_of_a_hold_loses_or_creates_points(lots: list[Lot], data: st.DataObject) -> None:
    whole = points_of(lots)
    one = card().add_lots(lots).count_in_lifetime(issued=whole)
    points = data.draw(st.integers(1, whole))
    one = placed(one, points)
    at = data.draw(st.sampled_from([NOW, LATER, ENDS - 1, ENDS]))
    current, movements = settle(one, at)
    if current.holds:
        hold = current.holds[0]
        spent = data.draw(st.integers(1, points) | st.none())
        if data.draw(st.booleans()):
            after, own = capture_hold(current, hold, spent, STARS, at, final=data.draw(st.booleans()))
        else:
            after, own = release_hold(current, hold, at)
        movements += own
    else:
        after = current
    balance = after.balance
    assert balance.active + balance.held == after.lifetime.total
    assert {counter.spent for counter in after.counters} == {after.lifetime.redeemed + balance.held}
    assert settle(after, at) == (after, []), "no settlement is due"
    active, held_points = one.balance.active, one.balance.held
    for movement in movements:
        _, of_active, of_held = DIRECTIONS[movement.type]
        active, held_points = active + of_active * movement.points, held_points + of_held * movement.points
        assert (movement.balance.active, movement.balance.held) == (active, held_points)
    assert (balance.active, balance.held) == (active, held_points)
