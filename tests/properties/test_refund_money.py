"""Money and points of refunds add up to what was paid, for all orders, edits, payments and policies."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import Operation, PaymentDetails, RefundType
from loyalty.domain.movements.debit import debit_points
from loyalty.domain.movements.hold import capture_hold, place_hold, release_hold
from loyalty.domain.movements.order_state import last_payment, order_state
from loyalty.domain.movements.refund import refund_order
from loyalty.domain.movements.refund_amounts import RefundDemand, ReturnedCharge, ReturnedItem, refunded_extent
from loyalty.domain.movements.refund_plan import RefundPlan, details_of, plan_refund
from loyalty.domain.order import Charge, ChargeType, Order, OrderItem, merged_charges, merged_items
from loyalty.domain.order_values import order_values
from loyalty.domain.wallets.settings import (
    EarnedRefundBase,
    EarnedRefunds,
    EarnedRefundType,
    Refunds,
    SpentRefunds,
    SpentRefundType,
)
from loyalty.errors import ItemsRequired, NothingToRefund, RefundExceedsOrder
from tests.support.ledger import FULL, Ledger, of_amount
from tests.support.samples import card, wallet

HOUR = 3_600
Step = tuple[Any, ...]


@dataclass
class Shop:
    """One order with cards in two wallets. What customers pay and get back is counted beside the product."""

    order: Order
    ledgers: Sequence[Ledger]
    paid_with_points: int = 0
    refunded: int = 0
    money_back: int = 0
    value_back: int = 0
    """The value of points that refunds gave back or withheld."""
    points_paid: dict[int, int] = field(default_factory=lambda: {0: 0, 1: 0})
    frozen: set[int] = field(default_factory=set)
    """The places of cards that refunds leave out, and that move no points."""
    owed: dict[int, int] = field(default_factory=lambda: {0: 0, 1: 0})
    """What refunds owe to the points of the cards that they left out."""

    def credit(self, place: int, points: int) -> None:
        if place not in self.frozen:
            self.ledgers[place].credit(points, "A", self.order)

    def freeze(self, place: int) -> None:
        """Freezes the card, or reactivates a frozen one."""
        self.frozen ^= {place}

    def pay(self, place: int, amount: int, ratio: int) -> None:
        """Pays at most what is left of the order: neither paid with points, nor paid back in money."""
        amount = min(amount, self.order.amount - self.paid_with_points - self.money_back)
        if amount <= 0 or place in self.frozen:
            return
        ledger, points = self.ledgers[place], -(-amount * ratio // 7)
        ledger.credit(points)
        current, moved = settle(ledger.card, ledger.at)
        after, movement = debit_points(current, points, ledger.wallet, ledger.at)
        payment = PaymentDetails(amount, 0, "1")
        movement = replace(movement, operation=Operation.PAYMENT, payment=payment)
        ledger.write([*moved, movement], after, "A", self.order)
        self.paid_with_points += amount
        self.points_paid[place] += points

    def hold(self, place: int, points: int, *, captured: bool) -> None:
        """Places a hold with other order details. Those of a released hold must not count."""
        ledger = self.ledgers[place]
        ledger.credit(points)
        at, details = ledger.at, self.order if captured else replace(self.order, amount=self.order.amount + 5_000)
        current, moved = settle(ledger.card, at)
        seq = current.version + len(moved) + 1
        after, movement = place_hold(current, points, ledger.wallet, at, seq=seq, expires_at=at + HOUR)
        ledger.write([*moved, movement], after, "A", details)
        (hold,) = ledger.card.holds
        if captured:
            after, movements = capture_hold(ledger.card, hold, None, ledger.wallet, at, final=True)
            self.points_paid[place] += points
        else:
            after, movements = release_hold(ledger.card, hold, at)
        ledger.write(movements, after, "A")

    def edit(self, place: int, order: Order) -> None:
        """Sends other details with a credit, but not below what is paid or refunded."""
        least = max(self.refunded, self.paid_with_points + self.money_back)
        returned = self.extent().quantities
        if order.amount < least or any(returned) or place in self.frozen:
            return
        self.order = order
        self.credit(place, 1)

    def wait(self, seconds: int) -> None:
        for ledger in self.ledgers:
            ledger.wait(seconds)

    def policy(self, place: int, refunds: Refunds) -> None:
        ledger = self.ledgers[place]
        ledger.wallet = replace(ledger.wallet, settings=replace(ledger.wallet.settings, refunds=refunds))

    def extent(self) -> Any:
        return refunded_extent(self.order, [state.refunds for _, _, state, _ in self._states()])

    def refund(self, demand: RefundDemand) -> RefundPlan | None:
        """Refunds in all wallets; None if the refund is refused."""
        found = self._states()
        if not found:
            return None
        parts = [(state, ledger.wallet.settings.refunds) for _, ledger, state, _ in found]
        due = [self.owed[place] for place, _, _, _ in found]
        order = details_of([state for _, _, state, _ in found])
        assert order is not None
        assert replace(order, items=(), charges=()) == replace(self.order, items=(), charges=())
        try:
            plan = plan_refund(parts, demand, shares_due=due)
        except (ItemsRequired, RefundExceedsOrder, NothingToRefund) as refusal:
            event(f"refused: {refusal.code}")
            return None
        if all(part.is_nothing or one[0] in self.frozen for one, part in zip(found, plan.parts, strict=True)):
            return None
        shares = caught_up = 0
        for (place, ledger, state, _), part in zip(found, plan.parts, strict=True):
            if part.is_nothing:
                continue
            assert part.amount is not None
            assert part.money is not None
            shares += part.share
            if place in self.frozen:
                self.owed[place] += part.share
                continue
            assert part.amount - part.money == part.share + part.share_caught_up
            self.owed[place] -= part.share_caught_up
            caught_up += part.share_caught_up
            after, movements = refund_order(
                ledger.card, state, part, {}, ledger.wallet, ledger.at, in_all_wallets=plan.totals
            )
            ledger.write(movements, after, "A", plan.order)
        assert plan.totals is not None
        amount, money = plan.totals
        assert amount == money + shares, "points and money are worth what is refunded"
        assert min(amount, money, shares) >= 0
        self.refunded += amount
        self.money_back += money
        self.value_back += (
            shares
            + caught_up
            - sum(part.share for one, part in zip(found, plan.parts, strict=True) if one[0] in self.frozen)
        )
        values, extent = order_values(self.order), self.extent()
        assert all(part <= worth for part, worth in zip(extent.lines, values.lines, strict=True))
        assert all(part <= one.amount for part, one in zip(extent.charges, values.charges, strict=True))
        event(f"refunded {demand.kind}")
        return plan

    def _states(self) -> list[Any]:
        rows = [[row for row in ledger.rows if row.context.order_id == "A"] for ledger in self.ledgers]
        paid_at = max(last_payment(own) for own in rows)
        found = []
        for place, (ledger, own) in enumerate(zip(self.ledgers, rows, strict=True)):
            ledger.settled()
            if own:
                zone = ledger.wallet.zone
                found.append((place, ledger, order_state(own, 0, zone, ledger.at, paid_at=paid_at), own))
        return found


PRODUCTS = st.sampled_from(["shoe", "sock", "gift"])
LINES = st.lists(
    st.builds(OrderItem, PRODUCTS, st.integers(1, 3), st.sampled_from([0, 1, 333, 500, 1_000])), min_size=1, max_size=4
)
CHARGES = st.lists(
    st.one_of(
        st.builds(Charge, st.sampled_from([ChargeType.SHIPPING, ChargeType.TAX]), st.sampled_from([0, 7, 490])),
        st.builds(Charge, st.just(ChargeType.DISCOUNT), st.sampled_from([-1, -250, -900])),
    ),
    max_size=3,
)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    items, charges = merged_items(draw(LINES)), merged_charges(draw(CHARGES))
    total = sum(item.amount for item in items) + sum(charge.amount for charge in charges)
    difference = draw(st.sampled_from([0, 0, 0, 1, -1, 600, -300]))
    return Order(max(total + difference, 1), "EUR", items, charges=charges)


ITEMS = st.lists(st.builds(ReturnedItem, PRODUCTS, st.integers(1, 2)), max_size=2)
RETURNED_CHARGES = st.lists(
    st.builds(
        ReturnedCharge,
        st.sampled_from([ChargeType.SHIPPING, ChargeType.OTHER]),
        st.sampled_from([None, 7, 100]),
    ),
    max_size=1,
)
DEMANDS = st.one_of(
    st.sampled_from([1, 99, 333, 700]).map(of_amount),
    st.builds(RefundDemand, st.just(RefundType.ITEMS), st.just(0), ITEMS.map(tuple), RETURNED_CHARGES.map(tuple)),
    st.builds(RefundDemand, st.just(RefundType.ITEMS), st.just(0), ITEMS.map(tuple), RETURNED_CHARGES.map(tuple)),
)
POLICIES = st.builds(
    Refunds,
    st.builds(SpentRefunds, st.sampled_from(SpentRefundType)),
    st.builds(EarnedRefunds, st.sampled_from(EarnedRefundType), of=st.sampled_from(EarnedRefundBase)),
)
PLACE = st.integers(0, 1)
STEPS = st.one_of(
    st.tuples(st.just("credit"), PLACE, st.integers(1, 50)),
    st.tuples(st.just("pay"), PLACE, st.sampled_from([1, 100, 450, 2_000]), st.sampled_from([1, 7, 20])),
    st.tuples(st.just("edit"), PLACE, orders()),
    st.tuples(st.just("refund"), DEMANDS),
    st.tuples(st.just("refund"), DEMANDS),
    st.tuples(st.just("refund"), DEMANDS),
    st.tuples(st.just("wait"), st.just(60)),
    st.tuples(st.just("freeze"), PLACE),
)
AMOUNTS = st.sampled_from([100, 450, 2_000])
REFUNDS_AND_FREEZES = st.one_of(
    st.tuples(st.just("refund"), DEMANDS),
    st.tuples(st.just("freeze"), PLACE),
    st.tuples(st.just("pay"), PLACE, AMOUNTS, st.just(7)),
)


@st.composite
def shops(draw: st.DrawFn) -> Shop:
    policies = draw(st.one_of(st.tuples(POLICIES, POLICIES), POLICIES.map(lambda one: (one, one))))
    ledgers = [Ledger(wallet(refunds=policy), card(card_id=str(place) * 16)) for place, policy in enumerate(policies)]
    shop = Shop(draw(orders()), ledgers)
    shop.credit(draw(PLACE), 7)
    for place in range(2):
        if draw(st.booleans()):
            shop.hold(place, 3, captured=draw(st.booleans()))
        shop.wait(1)
    return shop


@given(shops(), AMOUNTS, AMOUNTS, st.lists(REFUNDS_AND_FREEZES, min_size=2, max_size=8))
def test_points_and_money_are_exact_if_refunds_leave_out_frozen_cards(
    shop: Shop, first: int, second: int, steps: list[Step]
) -> None:
    shop.pay(0, first, 7)
    shop.wait(1)
    shop.pay(1, second, 20)
    require_exact_refunds(shop, steps)


@settings(max_examples=settings().max_examples * 2)
@given(shops(), st.lists(STEPS, max_size=10))
def test_points_and_money_of_all_refunds_are_worth_the_order(shop: Shop, steps: list[Step]) -> None:
    require_exact_refunds(shop, steps)


def require_exact_refunds(shop: Shop, steps: list[Step]) -> None:
    """Takes the steps, refunds the rest, and compares points and money with what was paid."""
    for step in steps:
        getattr(shop, step[0])(*step[1:])
        shop.wait(1)
    shop.frozen.clear()
    shop.refund(FULL)
    assert shop.refund(FULL) is None
    assert shop.owed == {0: 0, 1: 0}
    assert shop.refunded == shop.order.amount
    assert shop.value_back == shop.paid_with_points
    assert shop.money_back == shop.order.amount - shop.paid_with_points
    for place, ledger in enumerate(shop.ledgers):
        kept = ledger.wallet.settings.refunds.spent.type is SpentRefundType.NONE
        assert ledger.card.lifetime.returned == (0 if kept else shop.points_paid[place])


@given(shops(), st.lists(STEPS.filter(lambda step: step[0] in ("credit", "pay")), max_size=4), st.data())
def test_a_refund_in_parts_gives_the_same_points_and_money_as_one(
    shop: Shop, steps: list[Step], data: st.DataObject
) -> None:
    for step in steps:
        getattr(shop, step[0])(*step[1:])
        shop.wait(1)
    parts = data.draw(st.lists(st.integers(1, 400), min_size=2, max_size=4).filter(lambda parts: sum(parts) > 0))
    whole = copy.deepcopy(shop)
    if sum(parts) > shop.order.amount or whole.refund(of_amount(sum(parts))) is None:
        return
    for part in parts:
        assert shop.refund(of_amount(part))
    assert (shop.refunded, shop.value_back, shop.money_back) == (whole.refunded, whole.value_back, whole.money_back)
    for one, other in zip(shop.ledgers, whole.ledgers, strict=True):
        assert one.card.lifetime == other.card.lifetime
        assert one.card.lots == other.card.lots
