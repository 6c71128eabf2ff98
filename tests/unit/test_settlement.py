"""Settlement: the changes of a card by time alone."""

from hypothesis import given
from hypothesis import strategies as st

from loyalty.domain.cards.card import SLIDING, Card, Hold, Lot, PendingLot, points_of
from loyalty.domain.cards.settlement import points_falling_due, settle
from loyalty.domain.cards.transaction import Movement, Operation, TransactionType
from loyalty.domain.dates import NEVER
from tests.support.samples import TODAY, card, lot, pending_lot

T = 1_000
INSTANTS = st.sampled_from([900, 1_000, 1_100, 1_200])
EXPIRIES = st.sampled_from([NEVER, 950, 1_000, 1_150, 1_300])
LOTS = st.lists(st.builds(Lot, st.integers(1, 9), EXPIRIES, st.integers(1, 2)), max_size=5)
PENDING = st.lists(
    st.builds(PendingLot, st.integers(1, 9), INSTANTS | st.just(0), INSTANTS | st.just(0), EXPIRIES, st.just(1)),
    max_size=5,
)
HOLDS = st.lists(
    st.builds(Hold, st.integers(1, 3), INSTANTS, st.just(1), LOTS.map(tuple)), max_size=3, unique_by=lambda h: h.seq
)


@st.composite
def cards(draw: st.DrawFn) -> Card:
    one = card(holds=tuple(draw(HOLDS))).add_lots(draw(LOTS))
    for pending in draw(PENDING):
        one = one.add_pending(pending)
    return one.count_in_lifetime(issued=one.balance.active + one.balance.pending + one.balance.held)


def types(movements: list[Movement]) -> list[TransactionType]:
    return [movement.type for movement in movements]


def test_settlement_moves_nothing_before_it_is_due() -> None:
    one = card(
        lot(5, T + 1),
        lot(6),
        pending=(pending_lot(3, T + 1), pending_lot(4, 0)),
        holds=(Hold(1, T + 1, TODAY, (lot(1),)),),
    )
    assert settle(one, T) == (one, [])


def test_points_expire_exactly_at_their_expiry() -> None:
    after, movements = settle(card(lot(5, T), lot(6, T + 1), lot(7)), T)
    assert after.lots == (lot(6, T + 1), lot(7))
    assert after.lifetime.expired == 5
    (expiry,) = movements
    assert (expiry.type, expiry.operation, expiry.points, expiry.lots) == (
        TransactionType.EXPIRY,
        Operation.SETTLE,
        5,
        (lot(5, T),),
    )


def test_points_activate_exactly_at_their_activation_date() -> None:
    after, (activation,) = settle(card(pending=(pending_lot(5, T, T + 9), pending_lot(6, T + 1))), T)
    assert after.lots == (lot(5, T + 9),)
    assert after.pending == (pending_lot(6, T + 1),)
    assert (activation.type, activation.points, activation.pending_lots) == (
        TransactionType.ACTIVATION,
        5,
        (pending_lot(5, T, T + 9),),
    )


def test_settlement_makes_one_row_per_type_with_the_latest_instant_of_its_lots() -> None:
    one = card(
        lot(1, 910), lot(2, 930), pending=(pending_lot(3, 920), pending_lot(4, 940), pending_lot(5, 0, cancel_at=915))
    )
    after, movements = settle(one, T)
    assert types(movements) == [TransactionType.ACTIVATION, TransactionType.CANCELLATION, TransactionType.EXPIRY]
    assert [movement.effective_at for movement in movements] == [940, 915, 930]
    assert [movement.points for movement in movements] == [7, 5, 3]
    assert after.balance.active == 7
    assert after.lifetime.canceled == 5


def test_points_that_activate_and_expire_between_settlements_have_both_rows() -> None:
    after, movements = settle(card(pending=(pending_lot(5, 900, 950),)), T)
    assert types(movements) == [TransactionType.ACTIVATION, TransactionType.EXPIRY]
    assert [movement.balance.active for movement in movements] == [5, 0]
    assert after.balance.active == after.balance.pending == 0


def test_an_activation_precedes_a_cancellation_at_the_same_instant() -> None:
    after, movements = settle(card(pending=(pending_lot(5, T, cancel_at=T),)), T)
    assert types(movements) == [TransactionType.ACTIVATION]
    assert after.balance.active == 5


def test_points_that_are_canceled_first_never_activate() -> None:
    after, movements = settle(card(pending=(pending_lot(5, 990, cancel_at=980),)), T)
    assert types(movements) == [TransactionType.CANCELLATION]
    assert after.balance.active == after.balance.pending == 0


def test_event_based_points_stay_pending_without_an_event() -> None:
    one = card(pending=(pending_lot(5, 0),))
    assert settle(one, 10**10) == (one, [])


def test_held_points_do_not_expire_until_they_are_released() -> None:
    one = card(holds=(Hold(1, T, TODAY, (lot(5, 900), lot(6, T + 1))),))
    assert settle(one, T - 1)[1] == []
    after, movements = settle(one, T)
    assert types(movements) == [TransactionType.RELEASE, TransactionType.EXPIRY]
    assert after.lots == (lot(6, T + 1),)
    assert after.holds == ()


def test_each_ended_hold_has_its_own_row_in_order_of_time() -> None:
    one = card(holds=(Hold(2, 990, TODAY, (lot(5),)), Hold(1, 980, TODAY, (lot(6),)), Hold(3, T + 1, TODAY, (lot(7),))))
    after, movements = settle(one, T)
    assert [(movement.type, movement.points, movement.effective_at) for movement in movements] == [
        (TransactionType.RELEASE, 6, 980),
        (TransactionType.RELEASE, 5, 990),
    ]
    assert [hold.seq for hold in after.holds] == [3]


def test_sliding_points_expire_at_the_instant_to_which_they_slid() -> None:
    one = card(lot(5, SLIDING), sliding_expires_at=T)
    assert settle(one, T - 1)[1] == []
    assert settle(one, T)[0].lots == ()


def test_activated_points_repay_the_debt() -> None:
    after, (activation,) = settle(card(debt=30, pending=(pending_lot(50, 900),)), T)
    assert (after.debt, after.balance.active) == (0, 20)
    assert (activation.points, activation.balance.active) == (50, 20)


@given(cards(), st.integers(800, 1_400))
def test_settling_twice_equals_settling_once(one: Card, at: int) -> None:
    after, _ = settle(one, at)
    assert settle(after, at) == (after, [])


@given(cards(), st.integers(800, 1_400), st.integers(0, 300))
def test_an_additional_sweep_changes_neither_points_nor_counters(one: Card, first: int, later: int) -> None:
    stepwise, _ = settle(settle(one, first)[0], first + later)
    at_once, _ = settle(one, first + later)
    assert stepwise == at_once


@given(cards(), st.integers(800, 1_400))
def test_settlement_accounts_for_every_point(one: Card, at: int) -> None:
    after, movements = settle(one, at)
    balance = after.balance
    assert after.lifetime.total == balance.active + balance.pending + balance.held
    assert [movement.points for movement in movements] == [
        points_of((*movement.lots, *movement.pending_lots)) for movement in movements
    ]
    assert all(movement.effective_at <= at for movement in movements)
    if movements:
        assert movements[-1].balance == balance


@given(cards(), st.integers(800, 1_400))
def test_a_settled_card_is_due_later_or_never(one: Card, at: int) -> None:
    due = settle(one, at)[0].next_settlement()
    assert due is None or due.at > at


@given(cards(), INSTANTS)
def test_points_falling_due_are_the_points_that_settlement_then_moves(one: Card, until: int) -> None:
    after, _ = settle(one, until)
    expiring, activating = points_falling_due(one, until)
    assert expiring == after.lifetime.expired - one.lifetime.expired
    canceled = after.lifetime.canceled - one.lifetime.canceled
    assert activating == one.balance.pending - after.balance.pending - canceled


def test_points_that_activate_and_expire_before_an_instant_fall_due_twice() -> None:
    one = card(
        lot(5, T), lot(6), pending=(pending_lot(30, T - 1, T), pending_lot(40, T + 1), pending_lot(50, 0, cancel_at=T))
    )
    assert points_falling_due(one, T) == (35, 30)
