"""Points that expire one period after the last activity or after their activation, whichever is later."""

from dataclasses import replace
from typing import Any

import pytest

from loyalty.domain.cards.card import SLIDING, Card, Due, Lot, points_of
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.sliding import slide_expiry
from loyalty.domain.cards.transaction import Context, Operation, Source, TransactionType, record
from loyalty.domain.dates import Period, Unit
from loyalty.domain.movements.credit import Grant, credit_points
from loyalty.domain.movements.debit import debit_points
from loyalty.domain.movements.order_state import lapsed_points, order_state
from loyalty.domain.movements.pending import activate_pending, pending_by_event
from loyalty.domain.wallets.settings import Activity, ConsumptionOrder, Expiration, ExpirationType, Pending, PendingType
from loyalty.domain.wallets.wallet import Wallet
from tests.support.ledger import FULL, refund_alone
from tests.support.samples import BERLIN, NOW, TODAY, card, local, lot, wallet

ORDERED = Context(source=Source.API, order_id="A")

DAY = 86_400
IN_THREE_DAYS = Pending(PendingType.PERIOD_BASED, 3, Unit.DAY)


def sliding(*reset_by: Activity, every: int = 30, unit: Unit = Unit.DAY, **more: Any) -> Wallet:
    expiration = Expiration(ExpirationType.SLIDING_EXPIRATION, every, unit, reset_by=reset_by, events=("visited",))
    return wallet(expiration=expiration, **more)


def expiries(one: Card) -> dict[int, int]:
    """The points by their expiry."""
    return {one.expiry_of(lot): points_of(other for other in one.lots if other == lot) for lot in one.lots}


def test_all_points_expire_with_the_newest_if_earning_is_an_activity() -> None:
    one = sliding(Activity.EARNING)
    first, movement = credit_points(card(), Grant(10), one, NOW)
    assert expiries(first) == {local("2027-04-03 00:00"): 10}
    assert movement.lots == (lot(10, -local("2027-04-03 00:00")),), "the row has the expiry at that time"

    second, _ = credit_points(first, Grant(20), one, NOW + DAY)
    assert [second.expiry_of(lot) for lot in second.lots] == [local("2027-04-04 00:00")] * 2
    assert second.lots == (Lot(10, SLIDING, TODAY), Lot(20, SLIDING, TODAY + 1))


def test_each_credit_has_its_own_expiry_if_only_spending_is_an_activity() -> None:
    one = sliding(Activity.SPENDING)
    first, _ = credit_points(card(), Grant(10), one, NOW)
    second, _ = credit_points(first, Grant(20), one, NOW + DAY)
    assert expiries(second) == {local("2027-04-03 00:00"): 10, local("2027-04-04 00:00"): 20}


def test_spending_moves_the_expiry_only_if_it_is_an_activity() -> None:
    for activity, moment in ((Activity.SPENDING, "2027-04-12 00:00"), (Activity.EARNING, "2027-04-03 00:00")):
        one = sliding(activity)
        before, _ = credit_points(card(), Grant(10), one, NOW)
        after, _ = debit_points(before, 4, one, NOW + 9 * DAY)
        assert expiries(after) == {local(moment): 6}


def test_several_activities_may_move_the_expiry() -> None:
    one = sliding(Activity.EARNING, Activity.SPENDING, Activity.CUSTOM_EVENT)
    after, _ = credit_points(card(), Grant(10), one, NOW)
    after, _ = debit_points(after, 4, one, NOW + DAY)
    assert set(expiries(after)) == {local("2027-04-04 00:00")}
    assert set(expiries(slide_expiry(after, one, Activity.CUSTOM_EVENT, NOW + 2 * DAY))) == {local("2027-04-05 00:00")}


def test_an_activity_that_the_wallet_does_not_name_moves_nothing() -> None:
    one = sliding(Activity.EARNING)
    before, _ = credit_points(card(), Grant(10), one, NOW)
    assert slide_expiry(before, one, Activity.CUSTOM_EVENT, NOW + DAY) == before
    assert slide_expiry(before, wallet(), Activity.EARNING, NOW + DAY) == before


@pytest.mark.parametrize("dates", [Grant(5, expires_at=NOW + 60), Grant(5, expires_after=Period(1, Unit.MINUTE))])
def test_points_with_their_own_expiry_do_not_slide(dates: Grant) -> None:
    one = sliding(Activity.EARNING)
    after, _ = credit_points(card(), dates, one, NOW)
    after, _ = credit_points(after, Grant(10), one, NOW + 30)
    assert expiries(after) == {NOW + 60: 5, local("2027-04-03 00:00"): 10}
    after, (expiry,) = settle(after, NOW + 60)
    assert (expiry.points, after.balance.active) == (5, 10)


def test_a_credit_of_pending_points_is_an_activity_and_they_slide_from_their_activation() -> None:
    one = sliding(Activity.EARNING, pending=IN_THREE_DAYS)
    before, _ = credit_points(card(lot(7, SLIDING), sliding_expires_at=NOW + DAY), Grant(10), one, NOW)
    assert expiries(before) == {local("2027-04-03 00:00"): 7}
    active, _ = settle(before, local("2027-03-06 00:00"))
    assert expiries(active) == {local("2027-04-03 00:00"): 7, local("2027-04-06 00:00"): 10}


def test_an_activity_after_the_activation_moves_the_expiry_of_activated_points() -> None:
    one = sliding(Activity.EARNING, Activity.SPENDING, pending=IN_THREE_DAYS)
    before, _ = credit_points(card(), Grant(10), one, NOW)
    active, _ = settle(before, local("2027-03-06 00:00"))
    after, _ = debit_points(active, 4, one, local("2027-03-07 12:00"))
    assert after.lots == (Lot(6, SLIDING, TODAY),)
    assert expiries(after) == {local("2027-04-07 00:00"): 6}


def test_an_activity_before_the_activation_does_not_shorten_the_life_of_pending_points() -> None:
    one = sliding(Activity.EARNING, every=2, unit=Unit.HOUR, pending=IN_THREE_DAYS)
    before, _ = credit_points(card(), Grant(10), one, NOW)
    before = slide_expiry(before, one, Activity.EARNING, NOW + DAY)
    active, moved = settle(before, local("2027-03-06 01:59"))
    assert [movement.type for movement in moved] == [TransactionType.ACTIVATION]
    assert expiries(active) == {local("2027-03-06 02:00"): 10}


def test_points_that_an_event_activates_expire_one_period_after_the_event() -> None:
    one = sliding(Activity.EARNING, pending=Pending(PendingType.EVENT_BASED, events=("delivered",)))
    before, _ = credit_points(card(), Grant(10), one, NOW)
    after, _ = activate_pending(before, pending_by_event(before), one, NOW + 5 * DAY, Operation.EVENT)
    assert expiries(after) == {local("2027-04-08 00:00"): 10}


def test_an_expiry_never_moves_to_an_earlier_date_if_the_period_becomes_shorter() -> None:
    before, _ = credit_points(card(), Grant(10), sliding(Activity.EARNING), NOW)
    after, _ = credit_points(before, Grant(5), sliding(Activity.EARNING, every=1), NOW)
    assert [after.expiry_of(lot) for lot in after.lots] == [local("2027-04-03 00:00")] * len(after.lots)
    assert points_of(after.lots) == 15


def test_a_longer_period_applies_to_all_points_at_the_next_activity() -> None:
    before, _ = credit_points(card(), Grant(10), sliding(Activity.EARNING), NOW)
    after = slide_expiry(before, sliding(Activity.EARNING, every=60), Activity.EARNING, NOW)
    assert expiries(after) == {local("2027-05-03 00:00"): 10}


def test_a_period_of_minutes_slides_to_the_second() -> None:
    one = sliding(Activity.EARNING, Activity.SPENDING, every=90, unit=Unit.MINUTE)
    at = local("2027-03-28 01:30")
    before, _ = credit_points(card(), Grant(10), one, at)
    after, _ = debit_points(before, 1, one, at + 60)
    assert expiries(after) == {local("2027-03-28 04:01"): 9}


def test_an_expiry_records_its_instant_and_its_lots() -> None:
    one = sliding(Activity.EARNING)
    before, _ = credit_points(card(), Grant(10), one, NOW)
    moment = local("2027-04-03 00:00")
    assert before.next_settlement() == Due("E", moment)
    assert settle(before, moment - 1) == (before, [])
    after, (expiry,) = settle(before, moment)
    assert (after.lots, after.lifetime.expired) == ((), 10)
    assert (expiry.type, expiry.effective_at, expiry.lots) == (TransactionType.EXPIRY, moment, (lot(10, -moment),))


def test_points_that_are_earned_after_an_expiry_have_a_full_period() -> None:
    one = sliding(Activity.SPENDING)
    before, _ = credit_points(card(), Grant(10), one, NOW)
    expired, _ = settle(before, local("2027-04-03 00:00"))
    after, _ = credit_points(expired, Grant(5), one, local("2027-06-01 12:00"))
    assert expiries(after) == {local("2027-07-02 00:00"): 5}


def test_sliding_points_are_consumed_by_their_current_expiry() -> None:
    one = card(
        lot(10, SLIDING), lot(20, "2027-04-01"), lot(30, "2027-05-01"), sliding_expires_at=local("2027-04-15 00:00")
    )
    after, movement = debit_points(one, 25, wallet(), NOW)
    assert [lot.points for lot in movement.lots] == [20, 5]
    assert points_of(after.lots) == 35
    by_issue = wallet(consumption_order=ConsumptionOrder.EARLIEST_ISSUE)
    older = replace(one, lots=(*one.lots[:2], lot(30, "2027-05-01", "2027-03-01")))
    assert debit_points(older, 25, by_issue, NOW)[1].lots == (lot(25, "2027-05-01", "2027-03-01"),)


def test_a_refund_is_no_activity_and_returned_points_slide_with_the_others() -> None:
    one = sliding(Activity.EARNING, Activity.SPENDING)
    after, _ = credit_points(card(), Grant(10), one, NOW)
    after, movement = debit_points(after, 4, one, NOW + DAY)
    after, rows = record(after, [movement], ORDERED, after=after, at=NOW, wallet_version=1, salt=bytes(12))
    after, _ = refund_alone(after, order_state(rows, 0, BERLIN, NOW + 9 * DAY), FULL, {}, one, NOW + 9 * DAY)
    assert expiries(after) == {local("2027-04-04 00:00"): 10}


def test_returned_points_that_slid_to_a_past_expiry_get_another_expiry() -> None:
    one = sliding(Activity.EARNING)
    after, _ = credit_points(card(), Grant(10), one, NOW)
    after, movement = debit_points(after, 4, one, NOW + DAY)
    after, rows = record(after, [movement], ORDERED, after=after, at=NOW, wallet_version=1, salt=bytes(12))
    later = local("2027-05-01 12:00")
    current, moved = settle(after, later)
    state, lapsed = order_state(rows, 0, BERLIN, later), lapsed_points(moved)
    after, _ = refund_alone(current, state, FULL, lapsed, one, later)
    assert expiries(after) == {local("2027-06-01 00:00"): 4}


def test_lots_of_two_wallet_versions_keep_their_own_expiries() -> None:
    """Points already granted keep their dates after any change of the wallet."""
    rolling = wallet(expiration=Expiration(ExpirationType.ROLLING_EXPIRATION, 1, Unit.DAY))
    dated, _ = credit_points(card(), Grant(10), rolling, NOW)
    after, _ = credit_points(dated, Grant(20), sliding(Activity.EARNING), NOW)
    assert expiries(after) == {local("2027-03-05 00:00"): 10, local("2027-04-03 00:00"): 20}
    after, _ = credit_points(after, Grant(40), wallet(), NOW + DAY)
    assert expiries(after) == {local("2027-03-05 00:00"): 10, local("2027-04-03 00:00"): 20, 0: 40}
