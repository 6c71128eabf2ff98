"""Earning and spending limits: the more restrictive limit wins, CAP cuts and REJECT refuses."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from loyalty.domain.cards.card import Card, Counter, Hold
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import Context, Movement, Source, record
from loyalty.domain.dates import CalendarUnit, Unit
from loyalty.domain.movements.credit import Grant, credit_points
from loyalty.domain.movements.debit import debit_points
from loyalty.domain.movements.order_state import order_state
from loyalty.domain.movements.pending import cancel_pending
from loyalty.domain.order import Order
from loyalty.domain.wallets.settings import (
    CancelAfter,
    EarningLimit,
    EarningLimits,
    EarningTransactionLimit,
    Expiration,
    ExpirationType,
    LimitType,
    Pending,
    PendingType,
    SpendingLimit,
    SpendingLimits,
    SpendingTransactionLimit,
    WhenExceeded,
)
from loyalty.errors import (
    EarningLimitReached,
    InsufficientPoints,
    LoyaltyError,
    OrderAmountRequired,
    OrderAmountTooSmall,
)
from tests.support.ledger import FULL, refund_alone
from tests.support.samples import BERLIN, NOW, TODAY, card, local, lot, pending_lot, wallet

CAP, REJECT = WhenExceeded.CAP, WhenExceeded.REJECT
DAY = 86_400


def earning(
    max_: int | None = None,
    when: WhenExceeded = CAP,
    *,
    unit: CalendarUnit | None = CalendarUnit.DAY,
    each: int | None = None,
    each_when: WhenExceeded = CAP,
    min_amount: int | None = None,
) -> EarningLimits:
    """Limits of `max_` per unit (on the balance without a unit) and of `each` per credit."""
    type_ = LimitType.NO_LIMIT if max_ is None else LimitType.TIME_BASED if unit else LimitType.BALANCE_BASED
    return EarningLimits(EarningLimit(type_, unit, max_, when), EarningTransactionLimit(each, min_amount, each_when))


def spending(
    max_: int | None = None,
    when: WhenExceeded = REJECT,
    *,
    unit: CalendarUnit | None = CalendarUnit.DAY,
    each: int | None = None,
    each_when: WhenExceeded = REJECT,
) -> SpendingLimits:
    """Limits of `max_` per unit (over the lifetime without a unit) and of `each` per debit."""
    type_ = LimitType.NO_LIMIT if max_ is None else LimitType.TIME_BASED if unit else LimitType.SPENDING_BASED
    return SpendingLimits(SpendingLimit(type_, unit, max_, when), SpendingTransactionLimit(each, each_when))


def earned(limits: EarningLimits, points: int, one: Card | None = None, at: int = NOW) -> tuple[int, str | None]:
    """The granted points and the limit that cut them, or 0 and the code of the refusal."""
    try:
        _, movement = credit_points(one or card(), Grant(points), wallet(earning_limits=limits), at)
    except EarningLimitReached as refusal:
        return 0, refusal.code
    return movement.points, movement.capped_by


def spent(
    limits: SpendingLimits, points: int, one: Card | None = None, at: int = NOW, *, partial: bool = False
) -> tuple[int, str | None]:
    one = one or card(lot(1_000))
    try:
        _, movement = debit_points(one, points, wallet(spending_limits=limits), at, allow_partial=partial)
    except LoyaltyError as refusal:
        return 0, refusal.code
    return movement.points, movement.capped_by


REACHED, ALL, EACH = "earning_limit_reached", "earningLimits.global", "earningLimits.transaction"


@pytest.mark.parametrize(
    ("limits", "points", "given", "cut_by"),
    [
        (earning(), 10**6, 10**6, None),
        (earning(100), 99, 99, None),
        (earning(100), 100, 100, None),
        (earning(100), 101, 100, ALL),
        (earning(100, REJECT), 100, 100, None),
        (earning(100, REJECT), 101, 0, REACHED),
        (earning(each=30), 30, 30, None),
        (earning(each=30), 31, 30, EACH),
        (earning(each=30, each_when=REJECT), 30, 30, None),
        (earning(each=30, each_when=REJECT), 31, 0, REACHED),
        # Both limits: the more restrictive one wins.
        (earning(100, each=30), 200, 30, EACH),
        (earning(20, each=30), 200, 20, ALL),
        (earning(20, each=30), 25, 20, ALL),
        (earning(100, CAP, each=30, each_when=REJECT), 31, 0, REACHED),
        (earning(20, CAP, each=30, each_when=REJECT), 30, 20, ALL),
        (earning(100, REJECT, each=30, each_when=CAP), 100, 30, EACH),
        (earning(100, REJECT, each=30, each_when=CAP), 101, 0, REACHED),
        (earning(100, REJECT, each=30, each_when=REJECT), 30, 30, None),
    ],
)
def test_a_credit_grants_the_points_that_the_limits_allow(
    limits: EarningLimits, points: int, given: int, cut_by: str | None
) -> None:
    assert earned(limits, points) == (given, cut_by)


def test_a_cut_credit_records_the_requested_points_and_counts_the_granted_points() -> None:
    after, movement = credit_points(card(), Grant(150), wallet(earning_limits=earning(100)), NOW)
    assert (movement.points, movement.requested, movement.capped_by) == (100, 150, "earningLimits.global")
    assert after.counters[0] == Counter(TODAY, 100, 0)
    assert after.lifetime.issued == 100
    assert after.lots == (lot(100),)

    _, whole = credit_points(card(), Grant(100), wallet(earning_limits=earning(100)), NOW)
    assert (whole.requested, whole.capped_by) == (None, None)


@pytest.mark.parametrize("when", WhenExceeded)
def test_a_limit_without_room_refuses_a_credit_and_is_named(when: WhenExceeded) -> None:
    full, _ = credit_points(card(), Grant(100), wallet(earning_limits=earning(100)), NOW)
    with pytest.raises(EarningLimitReached) as refusal:
        credit_points(full, Grant(1), wallet(earning_limits=earning(100, when)), NOW)
    assert refusal.value.extensions == {"limit": "earningLimits.global", "requested": 1, "room": 0}


@pytest.mark.parametrize(
    ("unit", "last", "next_"),
    [
        # A Wednesday. The ISO week ends on the 7th, and clocks change on the 28th.
        (CalendarUnit.DAY, "2027-03-03 23:59", "2027-03-04 00:00"),
        (CalendarUnit.DAY, "2027-03-28 23:59", "2027-03-29 00:00"),
        (CalendarUnit.WEEK, "2027-03-07 23:59", "2027-03-08 00:00"),
        (CalendarUnit.WEEK, "2028-01-02 23:59", "2028-01-03 00:00"),
        (CalendarUnit.MONTH, "2027-02-28 23:59", "2027-03-01 00:00"),
        (CalendarUnit.MONTH, "2028-02-29 23:59", "2028-03-01 00:00"),
        (CalendarUnit.QUARTER, "2027-06-30 23:59", "2027-07-01 00:00"),
        (CalendarUnit.YEAR, "2027-12-31 23:59", "2028-01-01 00:00"),
    ],
)
def test_a_period_ends_at_local_midnight_and_the_next_has_its_full_room(
    unit: CalendarUnit, last: str, next_: str
) -> None:
    one = wallet(earning_limits=earning(100, unit=unit))
    first, _ = credit_points(card(), Grant(90), one, local(last) - 60)
    second, movement = credit_points(first, Grant(90), one, local(last))
    assert movement.points == 10
    with pytest.raises(EarningLimitReached):
        credit_points(second, Grant(1), one, local(last) + 59)
    assert credit_points(second, Grant(200), one, local(next_))[1].points == 100


def test_a_week_that_spans_two_years_has_one_limit() -> None:
    limits = earning(100, unit=CalendarUnit.WEEK)
    before, _ = credit_points(card(), Grant(90), wallet(earning_limits=limits), local("2027-12-31 12:00"))
    assert earned(limits, 90, before, local("2028-01-02 12:00")) == (10, ALL)


def test_the_time_zone_of_the_project_decides_when_a_day_ends() -> None:
    one = wallet(time_zone="Pacific/Kiritimati", earning_limits=earning(100))
    # 23:59 and 00:00 in Kiritimati.
    at = local("2027-03-03 10:59")
    full, _ = credit_points(card(), Grant(100), one, at)
    with pytest.raises(EarningLimitReached):
        credit_points(full, Grant(1), one, at + 59)
    assert credit_points(full, Grant(100), one, at + 60)[1].points == 100


def test_pending_points_count_when_they_are_granted_and_not_when_they_activate() -> None:
    one = wallet(earning_limits=earning(100), pending=Pending(PendingType.PERIOD_BASED, 1, Unit.DAY))
    before, movement = credit_points(card(), Grant(150), one, NOW)
    assert movement.pending_lots[0].points == 100
    with pytest.raises(EarningLimitReached):
        credit_points(before, Grant(1), one, NOW)

    tomorrow = local("2027-03-04 00:00")
    active, _ = settle(before, tomorrow)
    assert active.balance.active == 100
    assert credit_points(active, Grant(150), one, tomorrow)[1].points == 100


def test_neither_spending_nor_expiry_gives_earning_room_back_in_a_period() -> None:
    one = wallet(
        earning_limits=earning(100),
        expiration=Expiration(ExpirationType.ROLLING_EXPIRATION, 1, Unit.MINUTE),
    )
    full, _ = credit_points(card(), Grant(100), one, NOW)
    poor, _ = debit_points(full, 40, one, NOW)
    expired, _ = settle(poor, NOW + 60)
    assert expired.balance.active == 0
    with pytest.raises(EarningLimitReached):
        credit_points(expired, Grant(1), one, NOW + 60)


def test_canceled_points_give_their_room_back_during_their_period() -> None:
    pending = Pending(PendingType.EVENT_BASED, events=("delivered",), cancel_after=CancelAfter(30, Unit.MINUTE))
    one = wallet(earning_limits=earning(100), pending=pending)
    before, _ = credit_points(card(), Grant(100), one, local("2027-03-03 23:00"))
    canceled, _ = settle(before, local("2027-03-03 23:59"))
    assert canceled.lifetime.canceled == 100
    assert earned(earning(100), 500, canceled, local("2027-03-03 23:59")) == (100, ALL)


def test_points_that_are_canceled_the_next_day_give_no_room_to_that_day() -> None:
    one = wallet(earning_limits=earning(100), pending=Pending(PendingType.EVENT_BASED, events=("delivered",)))
    before, _ = credit_points(card(), Grant(100), one, NOW)
    after, _ = credit_points(before, Grant(60), one, NOW + DAY)
    after, _ = cancel_pending(after, before.pending, NOW + DAY)
    assert earned(earning(100), 500, after, NOW + DAY) == (40, ALL)
    assert earned(earning(100, unit=CalendarUnit.MONTH), 500, after, NOW + DAY) == (40, ALL)


def undone(after: Card, movement: Movement, at: int, *, then: Callable[[Card], Card] = lambda one: one) -> Card:
    """The card after a refund of the movement's order, with another movement between them."""
    context = Context(source=Source.API, order_id="A")
    after, rows = record(after, [movement], context, after=after, at=NOW, wallet_version=1, salt=bytes(12))
    return refund_alone(then(after), order_state(rows, 0, BERLIN, at), FULL, {}, wallet(), at)[0]


def test_revoked_points_give_their_room_back_during_their_period() -> None:
    one = wallet(earning_limits=earning(100))
    after = undone(*credit_points(card(), Grant(100), one, NOW), NOW + 60)
    assert after.lifetime.revoked == 100
    assert earned(earning(100), 500, after, NOW + 60) == (100, ALL)


def test_points_that_are_revoked_the_next_day_give_room_to_the_month_only() -> None:
    def more(one: Card) -> Card:
        return credit_points(one, Grant(70), wallet(), NOW + DAY)[0]

    after = undone(*credit_points(card(), Grant(100), wallet(), NOW), NOW + DAY, then=more)
    assert earned(earning(100), 500, after, NOW + DAY) == (30, ALL)
    assert earned(earning(200, unit=CalendarUnit.MONTH), 500, after, NOW + DAY) == (130, ALL)


@pytest.mark.parametrize("unit", CalendarUnit)
def test_a_new_limit_counts_the_points_that_were_earned_before(unit: CalendarUnit) -> None:
    before, _ = credit_points(card(), Grant(70), wallet(), NOW)
    assert earned(earning(100, unit=unit), 500, before) == (30, ALL)
    assert earned(earning(50, unit=unit), 500, before) == (0, REACHED)


def test_a_balance_limit_includes_pending_and_held_points() -> None:
    limits = earning(100, unit=None)
    held = Hold(1, NOW + 60, TODAY, (lot(20),))
    one = card(lot(30), pending=(pending_lot(40, "2027-03-06"),), holds=(held,))
    assert earned(limits, 500, one) == (10, ALL)
    assert earned(limits, 500, replace(one, pending=())) == (50, ALL)
    assert earned(limits, 1, card(lot(100))) == (0, REACHED)
    assert earned(limits, 1, card(lot(250))) == (0, REACHED)


def test_spending_gives_room_to_a_balance_limit() -> None:
    limits = earning(100, unit=None)
    one, _ = debit_points(card(lot(100)), 60, wallet(), NOW)
    assert earned(limits, 500, one) == (60, ALL)


def test_a_card_with_a_debt_may_repay_and_then_earn_up_to_the_balance_limit() -> None:
    limits = earning(100, unit=None)
    assert earned(limits, 500, card(debt=30)) == (130, ALL)
    after, _ = credit_points(card(debt=30), Grant(500), wallet(earning_limits=limits), NOW)
    assert (after.debt, after.balance.active) == (0, 100)
    assert earned(limits, 500, card(debt=30, pending=(pending_lot(90, NOW + 60),))) == (40, ALL)


def test_neither_activations_nor_returns_are_cut() -> None:
    one = wallet(earning_limits=earning(100, unit=None))
    active, _ = settle(card(lot(100), pending=(pending_lot(50, NOW),)), NOW)
    assert active.balance.active == 150

    def full_again(card_: Card) -> Card:
        return credit_points(card_, Grant(80), one, NOW)[0]

    assert undone(*debit_points(card(lot(100)), 80, one, NOW), NOW, then=full_again).balance.active == 180


def test_a_credit_for_an_order_requires_the_minimum_amount() -> None:
    one = wallet(earning_limits=earning(min_amount=5_000))

    def credit(order_id: str | None, amount: int | None) -> int:
        order = None if amount is None else Order(amount, "EUR")
        return credit_points(card(), Grant(10), one, NOW, order_id=order_id, order=order)[1].points

    assert credit(None, None) == 10
    assert credit("A", 5_000) == 10
    assert credit("A", 10**9) == 10
    with pytest.raises(OrderAmountTooSmall) as refusal:
        credit("A", 4_999)
    assert refusal.value.extensions == {"required": 5_000, "amount": 4_999}
    with pytest.raises(OrderAmountRequired):
        credit("A", None)


def test_without_a_minimum_amount_a_credit_requires_no_order_amount() -> None:
    assert credit_points(card(), Grant(10), wallet(), NOW, order_id="A")[1].points == 10


SPENT_UP, SPEND, SPEND_EACH = "spending_limit_reached", "spendingLimits.global", "spendingLimits.transaction"


@pytest.mark.parametrize(
    ("limits", "points", "taken", "why"),
    [
        (spending(), 1_000, 1_000, None),
        (spending(100), 100, 100, None),
        (spending(100), 101, 0, SPENT_UP),
        (spending(each=30), 30, 30, None),
        (spending(each=30), 31, 0, SPENT_UP),
        (spending(100, each=30), 31, 0, SPENT_UP),
        (spending(100, unit=None), 100, 100, None),
        (spending(100, unit=None), 101, 0, SPENT_UP),
        # CAP cuts only a debit with `allow_partial`.
        (spending(100, CAP), 101, 0, SPENT_UP),
        (spending(each=30, each_when=CAP), 31, 0, SPENT_UP),
    ],
)
def test_a_debit_without_allow_partial_takes_all_points_or_none(
    limits: SpendingLimits, points: int, taken: int, why: str | None
) -> None:
    assert spent(limits, points) == (taken, why)


@pytest.mark.parametrize(
    ("limits", "points", "taken", "why"),
    [
        (spending(), 1_000, 1_000, None),
        (spending(), 1_001, 1_000, "balance"),
        (spending(100, CAP), 101, 100, SPEND),
        (spending(100, CAP), 100, 100, None),
        (spending(100, REJECT), 101, 0, SPENT_UP),
        (spending(each=30, each_when=CAP), 31, 30, SPEND_EACH),
        (spending(each=30, each_when=REJECT), 31, 0, SPENT_UP),
        (spending(100, CAP, each=30, each_when=CAP), 101, 30, SPEND_EACH),
        (spending(20, CAP, each=30, each_when=CAP), 101, 20, SPEND),
        (spending(100, CAP, each=30, each_when=REJECT), 101, 0, SPENT_UP),
        (spending(100, CAP, each=130, each_when=REJECT), 110, 100, SPEND),
        (spending(5_000, CAP), 6_000, 1_000, "balance"),
        (spending(100, CAP, unit=None), 101, 100, SPEND),
    ],
)
def test_a_partial_debit_is_cut_by_caps_and_by_the_balance(
    limits: SpendingLimits, points: int, taken: int, why: str | None
) -> None:
    assert spent(limits, points, partial=True) == (taken, why)


def test_a_cut_debit_records_the_requested_points() -> None:
    one = wallet(spending_limits=spending(100, CAP))
    after, movement = debit_points(card(lot(1_000)), 150, one, NOW, allow_partial=True)
    assert (movement.points, movement.requested, movement.capped_by) == (100, 150, "spendingLimits.global")
    assert (after.counters[0].spent, after.lifetime.redeemed) == (100, 100)


def test_a_partial_debit_is_refused_if_no_points_are_left() -> None:
    with pytest.raises(InsufficientPoints) as refusal:
        debit_points(card(), 10, wallet(), NOW, allow_partial=True)
    assert refusal.value.extensions == {"required": 10, "available": 0, "missing": 10}
    limits = spending(100, CAP)
    one, _ = debit_points(card(lot(1_000)), 100, wallet(spending_limits=limits), NOW)
    assert spent(limits, 1, one, partial=True) == (0, SPENT_UP)


def test_limits_are_checked_before_the_balance() -> None:
    assert spent(spending(100), 2_000) == (0, SPENT_UP)
    assert spent(spending(5_000), 2_000) == (0, "insufficient_points")


@pytest.mark.parametrize("unit", CalendarUnit)
def test_a_new_limit_counts_the_points_that_were_spent_before(unit: CalendarUnit) -> None:
    one, _ = debit_points(card(lot(1_000)), 70, wallet(), NOW)
    assert spent(spending(100, unit=unit), 31, one) == (0, SPENT_UP)
    assert spent(spending(100, unit=unit), 30, one) == (30, None)
    assert spent(spending(100, unit=unit), 100, one, NOW + 366 * DAY) == (100, None)


def test_earning_and_spending_are_counted_separately() -> None:
    one, _ = credit_points(card(lot(1_000)), Grant(100), wallet(), NOW)
    assert spent(spending(100), 100, one) == (100, None)
    one, _ = debit_points(card(lot(1_000)), 100, wallet(), NOW)
    assert earned(earning(100), 100, one) == (100, None)


def test_returned_points_may_be_spent_again_in_the_lifetime_and_in_the_charged_period() -> None:
    after, movement = debit_points(card(lot(1_000)), 100, wallet(), NOW)
    assert spent(spending(100, unit=None), 1, after) == (0, SPENT_UP)
    assert spent(spending(100), 1, after) == (0, SPENT_UP)
    after = undone(after, movement, NOW + 60)
    assert spent(spending(100, unit=None), 100, after) == (100, None)
    assert spent(spending(100), 100, after) == (100, None)
    assert spent(spending(100), 101, after) == (0, SPENT_UP)


def test_a_return_gives_no_room_to_a_day_that_was_not_charged() -> None:
    def more(one: Card) -> Card:
        return debit_points(one, 80, wallet(), NOW + DAY)[0]

    after = undone(*debit_points(card(lot(1_000)), 100, wallet(), NOW), NOW + DAY, then=more)
    for unit in (CalendarUnit.DAY, CalendarUnit.MONTH, None):
        assert spent(spending(100, CAP, unit=unit), 500, after, NOW + DAY, partial=True) == (20, SPEND)
