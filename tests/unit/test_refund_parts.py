"""Partial refunds: revoked points, expired points, and the day that gets its room back."""

from dataclasses import replace

import pytest

from loyalty.domain.cards.card import Lot, points_of
from loyalty.domain.cards.transaction import RefundType
from loyalty.domain.dates import Unit
from loyalty.domain.movements.order_state import order_state
from loyalty.domain.movements.refund_amounts import RefundDemand, ReturnedItem
from loyalty.domain.order import Order, OrderItem
from loyalty.domain.wallets.settings import (
    Activity,
    EarnedRefunds,
    Expiration,
    ExpirationType,
    ExpiredLots,
    Refunds,
    RevocationMode,
    SpentRefunds,
    SpentRefundType,
)
from loyalty.errors import NothingToRefund, RefundExceedsOrder
from tests.support.ledger import FULL, Ledger, of_amount, of_items, refund_alone
from tests.support.samples import BERLIN, NOW, card, local, wallet

HOUR, DAY = 3_600, 86_400
ORDER = Order(10_000, "EUR", (OrderItem("shoe", 2, 8_001), OrderItem("sock", 3, 2_000)))
KEEP_EXPIRED = Refunds(spent=SpentRefunds(expired_lots=ExpiredLots.KEEP_EXPIRED))
BELOW_ZERO = Refunds(earned=EarnedRefunds(mode=RevocationMode.REVOKE_BELOW_ZERO))


def earned(ledger: Ledger, period: int = 0) -> int:
    """The earned points that count in the current period: 0 is the day, 4 is the year."""
    return ledger.card.counters[period].earned


def test_points_spent_on_their_own_order_that_stay_expired_cause_no_revocation_of_others() -> None:
    ledger = Ledger(wallet(refunds=KEEP_EXPIRED))
    ledger.credit(40, "A", expires_at=NOW + DAY)
    ledger.debit(40, "A")
    ledger.credit(100)
    ledger.wait(2 * DAY)

    details = ledger.refund("A")

    assert (details.spent, details.kept_expired, details.expired, details.revoked) == (40, 40, 40, 0)
    assert ledger.card.balance.active == 100


def test_revoked_other_points_give_room_to_the_day_of_spent_points_not_expired_ones() -> None:
    ledger = Ledger(card=card(at=NOW))
    ledger.credit(20, "A", expires_at=NOW + 60 * DAY)
    ledger.debit(20)
    ledger.wait(20 * DAY)
    ledger.credit(30, "A", expires_at=ledger.at + HOUR)
    ledger.credit(100)
    ledger.wait(2 * HOUR)

    details = ledger.refund("A")

    assert (details.revoked, details.expired) == (20, 30)
    assert earned(ledger) == 130, "expired points give no room back, and the others were earned on another day"


SLIDING = wallet(
    expiration=Expiration(ExpirationType.SLIDING_EXPIRATION, 1, Unit.HOUR, reset_by=(Activity.EARNING,)),
    time_zone="UTC",
)
MORNING = local("2027-03-03 08:00")


def test_revoked_other_points_give_room_to_the_day_of_spent_points_not_revoked_ones() -> None:
    ledger = Ledger(card=card(at=NOW))
    ledger.credit(10, "A", expires_at=NOW + 60 * DAY)
    ledger.debit(10)
    ledger.wait(20 * DAY)
    ledger.credit(10, "A")
    ledger.credit(100)

    assert ledger.refund("A").revoked == 20
    assert earned(ledger) == 100


def test_of_spent_points_the_newest_give_their_room_back_first() -> None:
    ledger = Ledger(card=card(at=NOW))
    ledger.credit(10, "A", ORDER)
    ledger.wait(20 * DAY)
    ledger.credit(10, "A")
    ledger.debit(20)
    ledger.credit(100, expires_at=ledger.at + DAY)

    ledger.refund("A", of_amount(5_000))
    assert earned(ledger) == 100
    ledger.refund("A")
    assert earned(ledger) == 100, "the first refund gave today's room back"


def test_expired_sliding_points_count_for_each_of_two_orders() -> None:
    ledger = Ledger(SLIDING, card(at=MORNING), at=MORNING)
    ledger.credit(30, "B")
    ledger.wait(2 * HOUR)
    ledger.credit(30, "A")
    assert ledger.refund("B").expired == 30
    ledger.wait(2 * HOUR)
    ledger.credit(100)

    details = ledger.refund("A")

    assert (details.expired, details.revoked) == (30, 0)
    assert ledger.active == 100


def test_sliding_points_that_expired_before_an_order_earned_do_not_belong_to_the_order() -> None:
    ledger = Ledger(SLIDING, card(at=MORNING), at=MORNING)
    ledger.credit(10, "A")
    ledger.credit(30)
    ledger.debit(10)
    ledger.wait(2 * HOUR)
    ledger.credit(30, "A")
    ledger.debit(30)
    ledger.wait(2 * HOUR)
    ledger.credit(100)

    details = ledger.refund("A")

    assert details.expired == 10, "30 of the 40 points were earned after the expiry"
    assert details.revoked == 30


def test_two_orders_with_points_in_one_lot_count_its_expired_points_once() -> None:
    ledger = Ledger()
    ledger.credit(30, "A", expires_at=NOW + DAY)
    ledger.credit(30, "B", expires_at=NOW + DAY)
    ledger.debit(20)
    ledger.credit(100)
    ledger.wait(2 * DAY)

    first, second = ledger.refund("A"), ledger.refund("B")

    assert (first.expired, second.expired) == (30, 10)
    assert (first.revoked, second.revoked) == (0, 20)


def test_the_next_part_does_not_revoke_the_shortfall_of_an_earlier_part() -> None:
    ledger = Ledger()
    ledger.credit(30, "A", ORDER)
    ledger.debit(30)
    assert ledger.refund("A", of_amount(5_000)).shortfall == 15
    ledger.credit(100)

    details = ledger.refund("A")

    assert (details.revoked, details.shortfall) == (15, 0)
    assert ledger.active == 85


def test_parts_round_down_and_the_last_part_refunds_the_exact_rest() -> None:
    ledger = Ledger()
    ledger.credit(100)
    ledger.debit(7, "A", ORDER)
    ledger.credit(5, "A")

    parts = [ledger.refund("A", of_amount(3_333)) for _ in range(3)]
    last = ledger.refund("A", of_amount(1))

    assert [part.spent for part in (*parts, last)] == [2, 2, 2, 1]
    assert [part.revoked for part in (*parts, last)] == [1, 2, 1, 1]
    assert ledger.active == 100


def test_an_order_without_amount_is_refunded_once_all_its_items_are_returned() -> None:
    ledger = Ledger()
    ledger.credit(5)
    ledger.debit(5, "A", Order(0, "EUR", (OrderItem("gift", 2, 0),)))
    ledger.credit(7, "A")

    parts = [ledger.refund("A", of_items(("gift", 1))) for _ in range(2)]

    assert [(part.spent, part.revoked, part.amount) for part in parts] == [(0, 0, 0), (5, 7, 0)]
    with pytest.raises(NothingToRefund):
        ledger.refund("A")


def test_each_part_returns_points_to_other_lots_than_the_parts_before() -> None:
    ledger = Ledger()
    ledger.credit(10, expires_at=NOW + DAY)
    ledger.credit(10, expires_at=NOW + 2 * DAY)
    ledger.debit(20, "A", ORDER)
    assert [(one.points, one.expires_at) for one in _returned_lots(ledger)] == [(10, NOW + 2 * DAY)]
    assert [(one.points, one.expires_at) for one in _returned_lots(ledger)] == [(10, NOW + DAY)]


def test_the_points_of_the_later_debit_return_first() -> None:
    ledger = Ledger()
    ledger.credit(10, expires_at=NOW + DAY)
    ledger.debit(10, "A", ORDER)
    ledger.credit(10, expires_at=NOW + 2 * DAY)
    ledger.debit(10, "A")
    assert [one.expires_at for one in _returned_lots(ledger)] == [NOW + 2 * DAY]


def test_a_revocation_stops_at_the_negative_limit_and_the_rest_is_a_shortfall() -> None:
    ledger = Ledger(wallet(refunds=BELOW_ZERO, allow_negative_balance=True, negative_limit=5))
    ledger.credit(30, "A", ORDER)
    ledger.debit(30)
    parts = [ledger.refund("A", of_amount(1_000)), ledger.refund("A")]
    assert [(part.revoked, part.shortfall) for part in parts] == [(3, 0), (2, 25)]
    assert ledger.card.debt == 5


def test_a_refund_by_items_uses_the_amounts_of_the_items_not_of_the_order() -> None:
    lines = (OrderItem("shoe", 1, 300), OrderItem("sock", 1, 100))
    ledger = Ledger(wallet(refunds=Refunds(spent=SpentRefunds(SpentRefundType.REFUND_ITEM))))
    ledger.credit(100)
    ledger.debit(40, "A", Order(800, "EUR", lines))
    ledger.credit(8, "A")

    details = ledger.refund("A", of_items(("shoe", 1)))

    assert (details.spent, details.earned, details.amount) == (30, 3, 300)


def _returned_lots(ledger: Ledger) -> tuple[Lot, ...]:
    ledger.refund("A", of_amount(5_000))
    return ledger.rows[-1].lots


def test_a_part_also_revokes_its_share_of_points_that_were_earned_after_an_earlier_part() -> None:
    ledger = Ledger()
    ledger.credit(10, "A", ORDER)
    ledger.refund("A", of_amount(5_000))
    ledger.credit(20, "A")

    details = ledger.refund("A", of_amount(2_500))

    assert details.revoked == 30 * 7_500 // 10_000 - 5


def test_the_amounts_of_parts_of_an_item_sum_to_the_amount_of_the_item() -> None:
    ledger = Ledger()
    ledger.credit(100, "A", replace(ORDER, amount=10_001))
    amounts = [ledger.refund("A", of_items(("shoe", 1))).amount for _ in range(2)]
    assert amounts == [4_000, 4_001]


def test_items_without_a_line_id_are_taken_from_the_first_lines_of_the_product() -> None:
    lines = (OrderItem("shoe", 1, 100, "1"), OrderItem("shoe", 2, 300, "2"))
    ledger = Ledger()
    ledger.credit(100, "A", Order(400, "EUR", lines))

    named = ledger.refund("A", RefundDemand(RefundType.ITEMS, items=(ReturnedItem("shoe", 1, "2"),)))
    unnamed = ledger.refund("A", of_items(("shoe", 2)))

    assert named.items == (OrderItem("shoe", 1, 150, "2"),)
    assert unnamed.items == (OrderItem("shoe", 1, 100, "1"), OrderItem("shoe", 1, 150, "2"))
    assert (named.amount, unnamed.amount) == (150, 250)


@pytest.mark.parametrize(
    "demand", [of_amount(10_001), of_items(("shoe", 3)), of_items(("shoe", 2), ("shoe", 1)), of_items(("hat", 1))]
)
def test_a_refund_of_more_than_the_order_is_refused_with_the_field(demand: RefundDemand) -> None:
    ledger = Ledger()
    ledger.credit(100, "A", ORDER)
    with pytest.raises(RefundExceedsOrder) as refusal:
        ledger.refund("A", demand)
    field = "body.amount" if demand.kind is RefundType.AMOUNT else f"body.items[{len(demand.items) - 1}].quantity"
    assert [problem.field for problem in refusal.value.errors] == [field]


def test_the_money_of_parts_sums_to_the_amount_that_points_did_not_pay() -> None:
    ledger = Ledger()
    ledger.credit(100)
    ledger.debit(50, "A", ORDER)
    money = []
    for demand in (of_amount(3_333), of_items(("sock", 1)), of_amount(1), FULL):
        current = ledger.settled()
        state, lapsed = ledger.state("A", current, [])
        after, movements = refund_alone(
            current, replace(state, covered=2_500), demand, lapsed, ledger.wallet, ledger.at
        )
        ledger.write(movements, after, "A")
        assert movements[-1].refund is not None
        money.append(movements[-1].refund.money)
    assert money == [3_333 - 833, 666 - 166, 1 - 1, 6_000 - 1_500]
    assert sum(part for part in money if part) == 10_000 - 2_500


def test_points_that_were_canceled_and_then_refunded_give_their_room_back_once() -> None:
    ledger = Ledger()
    ledger.credit(30, "A", ORDER, activates_at=NOW + DAY)
    ledger.credit(10, "A")
    ledger.credit(7)
    ledger.cancel("A")
    assert earned(ledger) == 17
    assert ledger.refund("A", of_amount(5_000)).expired == 20
    ledger.refund("A")
    assert earned(ledger) == 7


def test_refunds_in_parts_give_their_room_back_once() -> None:
    ledger = Ledger(wallet(refunds=BELOW_ZERO, allow_negative_balance=True))
    ledger.credit(30, "A", ORDER)
    ledger.debit(20)
    ledger.credit(8)
    for _ in range(3):
        ledger.refund("A", of_amount(3_333))
    ledger.refund("A")
    assert earned(ledger) == 8
    assert ledger.card.balance.active == -12


def test_a_refund_of_yesterdays_spending_gives_no_room_to_today() -> None:
    ledger = Ledger()
    ledger.credit(100)
    ledger.debit(30, "A")
    ledger.wait(DAY)
    ledger.debit(20, "A")
    ledger.debit(5)

    ledger.refund("A")

    assert [counter.spent for counter in ledger.card.counters] == [5, 5, 5, 5, 5]


def test_a_refund_revokes_pending_points_and_points_that_were_activated_by_hand() -> None:
    ledger = Ledger()
    ledger.credit(10, "A", activates_at=NOW + DAY)
    ledger.activate("A")
    ledger.credit(20, "A", activates_at=NOW + DAY)

    details = ledger.refund("A")

    row = ledger.rows[-1]
    assert (points_of(row.pending_lots), points_of(row.lots), details.shortfall) == (20, 10, 0)


def test_the_state_of_an_order_has_the_same_points_at_every_coarseness() -> None:
    ledger = Ledger()
    ledger.credit(10, "A", expires_at=NOW + 10 * DAY)
    ledger.credit(20, "A", activates_at=NOW + DAY, expires_at=NOW + 11 * DAY)
    states = [order_state(ledger.rows, coarse, BERLIN, NOW + 2 * DAY) for coarse in range(4)]
    places = [[state.own.active(where) for where in state.own.active_places] for state in states]
    assert places == [[10, 20], [30], [30], [30]]
