"""Parts of an order: whose points go, whose expired, and which day gets its room back."""

from dataclasses import replace

import pytest

from loyalty.domain.cards.card import Lot, points_of
from loyalty.domain.dates import Unit
from loyalty.domain.movements.refund import order_state, refund_order
from loyalty.domain.movements.refund_amounts import RefundDemand, RefundType, ReturnedItem
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
from tests.support.ledger import FULL, Ledger, of_amount, of_items
from tests.support.samples import BERLIN, NOW, card, local, wallet

HOUR, DAY = 3_600, 86_400
ORDER = Order(10_000, "EUR", (OrderItem("shoe", 2, 8_001), OrderItem("sock", 3, 2_000)))
KEEP_EXPIRED = Refunds(spent=SpentRefunds(expired_lots=ExpiredLots.KEEP_EXPIRED))
BELOW_ZERO = Refunds(earned=EarnedRefunds(mode=RevocationMode.REVOKE_BELOW_ZERO))


def earned(ledger: Ledger, period: int = 0) -> int:
    """Points that still count in the current period: day 0, week, month, quarter, year 4."""
    return ledger.card.counters[period].earned


def test_points_earned_and_spent_on_an_order_that_return_and_stay_expired_cost_no_others() -> None:
    ledger = Ledger(wallet(refunds=KEEP_EXPIRED))
    ledger.credit(40, "A", expires_at=NOW + DAY)
    ledger.debit(40, "A")
    ledger.credit(100)
    ledger.wait(2 * DAY)

    context = ledger.refund("A")

    assert (context.spent, context.kept_expired, context.expired, context.revoked) == (40, 40, 40, 0)
    assert ledger.card.balance.active == 100


def test_points_taken_from_others_give_room_to_the_day_of_points_that_were_spent_not_of_expired_ones() -> None:
    ledger = Ledger(card=card(at=NOW))
    ledger.credit(20, "A", expires_at=NOW + 60 * DAY)
    ledger.debit(20)
    ledger.wait(20 * DAY)
    ledger.credit(30, "A", expires_at=ledger.at + HOUR)
    ledger.credit(100)
    ledger.wait(2 * HOUR)

    context = ledger.refund("A")

    assert (context.revoked, context.expired) == (20, 30)
    assert earned(ledger) == 130, "what expired gives no room back, and the rest was earned on another day"


SLIDING = wallet(
    expiration=Expiration(ExpirationType.SLIDING_EXPIRATION, 1, Unit.HOUR, reset_by=(Activity.EARNING,)),
    time_zone="UTC",
)
MORNING = local("2027-03-03 08:00")


def test_points_taken_from_others_give_room_to_the_day_of_points_that_were_spent_not_of_those_taken_themselves() -> (
    None
):
    ledger = Ledger(card=card(at=NOW))
    ledger.credit(10, "A", expires_at=NOW + 60 * DAY)
    ledger.debit(10)
    ledger.wait(20 * DAY)
    ledger.credit(10, "A")
    ledger.credit(100)

    assert ledger.refund("A").revoked == 20
    assert earned(ledger) == 100


def test_of_points_that_were_spent_the_newest_give_their_room_back_first() -> None:
    ledger = Ledger(card=card(at=NOW))
    ledger.credit(10, "A", ORDER)
    ledger.wait(20 * DAY)
    ledger.credit(10, "A")
    ledger.debit(20)
    ledger.credit(100, expires_at=ledger.at + DAY)

    ledger.refund("A", of_amount(5_000))
    assert earned(ledger) == 100
    ledger.refund("A")
    assert earned(ledger) == 100, "today's room came back already"


def test_sliding_points_of_one_day_that_expired_for_an_order_do_not_hide_those_that_expired_for_another() -> None:
    ledger = Ledger(SLIDING, card(at=MORNING), at=MORNING)
    ledger.credit(30, "B")
    ledger.wait(2 * HOUR)
    ledger.credit(30, "A")
    assert ledger.refund("B").expired == 30
    ledger.wait(2 * HOUR)
    ledger.credit(100)

    context = ledger.refund("A")

    assert (context.expired, context.revoked) == (30, 0)
    assert ledger.active == 100


def test_sliding_points_that_expired_before_an_order_earned_any_are_none_of_its_points() -> None:
    ledger = Ledger(SLIDING, card(at=MORNING), at=MORNING)
    ledger.credit(10, "A")
    ledger.credit(30)
    ledger.debit(10)
    ledger.wait(2 * HOUR)
    ledger.credit(30, "A")
    ledger.debit(30)
    ledger.wait(2 * HOUR)
    ledger.credit(100)

    context = ledger.refund("A")

    assert context.expired == 10, "of 40 points, 30 were earned later than any expired"
    assert context.revoked == 30


def test_two_orders_whose_points_shared_a_lot_count_what_expired_of_it_once() -> None:
    ledger = Ledger()
    ledger.credit(30, "A", expires_at=NOW + DAY)
    ledger.credit(30, "B", expires_at=NOW + DAY)
    ledger.debit(20)
    ledger.credit(100)
    ledger.wait(2 * DAY)

    first, second = ledger.refund("A"), ledger.refund("B")

    assert (first.expired, second.expired) == (30, 10)
    assert (first.revoked, second.revoked) == (0, 20)


def test_a_shortfall_of_one_part_is_not_made_up_by_the_next() -> None:
    ledger = Ledger()
    ledger.credit(30, "A", ORDER)
    ledger.debit(30)
    assert ledger.refund("A", of_amount(5_000)).shortfall == 15
    ledger.credit(100)

    context = ledger.refund("A")

    assert (context.revoked, context.shortfall) == (15, 0)
    assert ledger.active == 85


def test_the_whole_order_is_exact_where_its_parts_were_rounded_down() -> None:
    ledger = Ledger()
    ledger.credit(100)
    ledger.debit(7, "A", ORDER)
    ledger.credit(5, "A")

    parts = [ledger.refund("A", of_amount(3_333)) for _ in range(3)]
    last = ledger.refund("A", of_amount(1))

    assert [part.spent for part in (*parts, last)] == [2, 2, 2, 1]
    assert [part.revoked for part in (*parts, last)] == [1, 2, 1, 1]
    assert ledger.active == 100


def test_an_order_that_costs_nothing_is_whole_once_all_its_items_are_back() -> None:
    ledger = Ledger()
    ledger.credit(5)
    ledger.debit(5, "A", Order(0, "EUR", (OrderItem("gift", 2, 0),)))
    ledger.credit(7, "A")

    parts = [ledger.refund("A", of_items(("gift", 1))) for _ in range(2)]

    assert [(part.spent, part.revoked, part.amount) for part in parts] == [(0, 0, 0), (5, 7, 0)]
    with pytest.raises(NothingToRefund):
        ledger.refund("A")


def test_each_part_returns_to_the_lots_behind_those_of_the_parts_before() -> None:
    ledger = Ledger()
    ledger.credit(10, expires_at=NOW + DAY)
    ledger.credit(10, expires_at=NOW + 2 * DAY)
    ledger.debit(20, "A", ORDER)
    assert [(one.points, one.expires_at) for one in _returned_lots(ledger)] == [(10, NOW + 2 * DAY)]
    assert [(one.points, one.expires_at) for one in _returned_lots(ledger)] == [(10, NOW + DAY)]


def test_of_two_debits_the_later_one_comes_back_first() -> None:
    ledger = Ledger()
    ledger.credit(10, expires_at=NOW + DAY)
    ledger.debit(10, "A", ORDER)
    ledger.credit(10, expires_at=NOW + 2 * DAY)
    ledger.debit(10, "A")
    assert [one.expires_at for one in _returned_lots(ledger)] == [NOW + 2 * DAY]


def test_debt_goes_down_to_its_limit_and_the_rest_is_lacking() -> None:
    ledger = Ledger(wallet(refunds=BELOW_ZERO, allow_negative_balance=True, negative_limit=5))
    ledger.credit(30, "A", ORDER)
    ledger.debit(30)
    parts = [ledger.refund("A", of_amount(1_000)), ledger.refund("A")]
    assert [(part.revoked, part.shortfall) for part in parts] == [(3, 0), (2, 25)]
    assert ledger.card.debt == 5


def test_by_item_the_share_is_that_of_the_items_though_the_order_costs_something_else() -> None:
    lines = (OrderItem("shoe", 1, 300), OrderItem("sock", 1, 100))
    ledger = Ledger(wallet(refunds=Refunds(spent=SpentRefunds(SpentRefundType.REFUND_ITEM))))
    ledger.credit(100)
    ledger.debit(40, "A", Order(800, "EUR", lines))
    ledger.credit(8, "A")

    context = ledger.refund("A", of_items(("shoe", 1)))

    assert (context.spent, context.earned, context.amount) == (30, 3, 300)


def _returned_lots(ledger: Ledger) -> tuple[Lot, ...]:
    ledger.refund("A", of_amount(5_000))
    return ledger.rows[-1].lots


def test_points_that_come_between_two_parts_are_caught_up_with() -> None:
    ledger = Ledger()
    ledger.credit(10, "A", ORDER)
    ledger.refund("A", of_amount(5_000))
    ledger.credit(20, "A")

    context = ledger.refund("A", of_amount(2_500))

    assert context.revoked == 30 * 7_500 // 10_000 - 5


def test_the_parts_of_an_items_price_add_up_to_its_line() -> None:
    ledger = Ledger()
    ledger.credit(100, "A", ORDER)
    amounts = [ledger.refund("A", of_items(("shoe", 1))).amount for _ in range(2)]
    assert amounts == [4_000, 4_001]


def test_items_without_a_line_are_of_the_first_lines_with_the_product() -> None:
    lines = (OrderItem("shoe", 1, 100, "1"), OrderItem("shoe", 2, 300, "2"))
    ledger = Ledger()
    ledger.credit(100, "A", Order(400, "EUR", lines))

    named = ledger.refund("A", RefundDemand(RefundType.ITEMS, items=(ReturnedItem("shoe", 1, "2"),)))
    unnamed = ledger.refund("A", of_items(("shoe", 2)))

    assert (named.items, unnamed.items) == (((1, 1),), ((0, 1), (1, 1)))
    assert (named.amount, unnamed.amount) == (150, 250)


@pytest.mark.parametrize(
    "demand", [of_amount(10_001), of_items(("shoe", 3)), of_items(("shoe", 2), ("shoe", 1)), of_items(("hat", 1))]
)
def test_more_than_the_order_is_refused_and_names_the_field(demand: RefundDemand) -> None:
    ledger = Ledger()
    ledger.credit(100, "A", ORDER)
    with pytest.raises(RefundExceedsOrder) as refusal:
        ledger.refund("A", demand)
    field = "body.amount" if demand.kind is RefundType.AMOUNT else f"body.items[{len(demand.items) - 1}].quantity"
    assert [problem.field for problem in refusal.value.errors] == [field]


def test_money_is_the_amount_less_what_points_paid_for_and_adds_up() -> None:
    ledger = Ledger()
    ledger.credit(100)
    ledger.debit(50, "A", ORDER)
    money = []
    for demand in (of_amount(3_333), of_items(("sock", 1)), of_amount(1), FULL):
        standing = ledger.settled()
        state, lapsed = ledger.state("A", standing, [])
        after, movements = refund_order(
            standing, replace(state, covered=2_500), demand, lapsed, ledger.wallet, ledger.at
        )
        ledger.write(movements, after, "A")
        assert movements[-1].refund is not None
        money.append(movements[-1].refund.money)
    assert money == [3_333 - 833, 666 - 166, 1 - 1, 6_000 - 1_500]
    assert sum(part for part in money if part) == 10_000 - 2_500


def test_room_comes_back_once_though_points_were_canceled_and_then_refunded() -> None:
    ledger = Ledger()
    ledger.credit(30, "A", ORDER, activates_at=NOW + DAY)
    ledger.credit(10, "A")
    ledger.credit(7)
    ledger.cancel("A")
    assert earned(ledger) == 17
    assert ledger.refund("A", of_amount(5_000)).expired == 20
    ledger.refund("A")
    assert earned(ledger) == 7


def test_room_comes_back_once_in_parts() -> None:
    ledger = Ledger(wallet(refunds=BELOW_ZERO, allow_negative_balance=True))
    ledger.credit(30, "A", ORDER)
    ledger.debit(20)
    ledger.credit(8)
    for _ in range(3):
        ledger.refund("A", of_amount(3_333))
    ledger.refund("A")
    assert earned(ledger) == 8
    assert ledger.card.balance.active == -12


def test_spending_of_yesterday_gives_no_room_today() -> None:
    ledger = Ledger()
    ledger.credit(100)
    ledger.debit(30, "A")
    ledger.wait(DAY)
    ledger.debit(20, "A")
    ledger.debit(5)

    ledger.refund("A")

    assert [counter.spent for counter in ledger.card.counters] == [5, 5, 5, 5, 5]


def test_points_that_an_event_activated_in_part_are_found_waiting_and_active() -> None:
    ledger = Ledger()
    ledger.credit(10, "A", activates_at=NOW + DAY)
    ledger.activate("A")
    ledger.credit(20, "A", activates_at=NOW + DAY)

    context = ledger.refund("A")

    row = ledger.rows[-1]
    assert (points_of(row.pending_lots), points_of(row.lots), context.shortfall) == (20, 10, 0)


def test_the_state_of_an_order_is_the_same_on_a_coarser_card() -> None:
    ledger = Ledger()
    ledger.credit(10, "A", expires_at=NOW + 10 * DAY)
    ledger.credit(20, "A", activates_at=NOW + DAY, expires_at=NOW + 11 * DAY)
    states = [order_state(ledger.rows, coarse, BERLIN, NOW + 2 * DAY) for coarse in range(4)]
    places = [[state.own.active(where) for where in state.own.active_places] for state in states]
    assert places == [[10, 20], [30], [30], [30]]
