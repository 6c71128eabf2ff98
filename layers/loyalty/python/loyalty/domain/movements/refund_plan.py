"""Divides a refund of an order into its parts: what each wallet settles, in points and in money.

Points that paid for the order and money that paid for it are given back by one base. In every refund, the value of the
points returned and the money add up to the value refunded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from loyalty.domain.movements.order_state import OrderState
from loyalty.domain.movements.refund_amounts import (
    Extent,
    RefundDemand,
    RefundStep,
    RefundType,
    proportion,
    refund_step,
    refunded_extent,
    require_amount_above,
    returned_between,
)
from loyalty.domain.order import Charge, Order, OrderItem, latest_details
from loyalty.domain.wallets.settings import EarnedRefundBase, EarnedRefundType, Refunds, SpentRefundType
from loyalty.errors import ItemsRequired, NothingToRefund


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPart:
    """The part of a refund that one wallet settles. Amounts are None if the order's amount is unknown."""

    kind: RefundType
    returning: int
    revoking: int
    amount: int | None = None
    money: int | None = None
    withheld: int = 0
    caught_up: int = 0
    items: tuple[OrderItem, ...] = ()
    charges: tuple[Charge, ...] = ()
    is_repeated: bool
    """Whether earlier refunds covered the whole order in this wallet."""

    @property
    def is_nothing(self) -> bool:
        moves = self.returning or self.revoking or self.amount or self.items or self.charges
        return self.is_repeated and not moves


@dataclass(frozen=True, slots=True)
class RefundPlan:
    """A refund over all wallets that take part, with one part for each."""

    order: Order | None
    totals: tuple[int, int] | None
    """The refund's value and its money; None if the order's amount is unknown."""
    parts: Sequence[RefundPart]


def plan_refund(
    wallets: Sequence[tuple[OrderState, Refunds]], demand: RefundDemand, sent: Order | None = None
) -> RefundPlan:
    """Returns the plan of the requested refund of the order, by its state and the settings in each wallet.

    `sent` are order details that come with the request. Raises `OrderAmountUnknown` or `ItemsRequired` if the amount
    cannot be computed, `RefundExceedsOrder` if less is left, `NothingToRefund` if nothing is left at all, and
    `OrderDiffers` if `sent` lowers the order below what was refunded or paid.
    """
    states = [state for state, _ in wallets]
    order = details_of(states, sent)
    before = refunded_extent(order, [state.refunds for state in states]) if order else None
    if sent and order and before:
        require_amount_above(order, before, _largest_refunded_amount(states), sum(state.covered for state in states))
    by_item = any(settings.spent.type is SpentRefundType.REFUND_ITEM for _, settings in wallets)
    if order and by_item and demand.kind is RefundType.AMOUNT:
        raise ItemsRequired("The wallet returns spent points by item: send the refunded items.")
    step = refund_step(order, before, demand)

    parts: dict[int, RefundPart] = {}
    goods_left = before.values.goods if before else 0
    value_left = step.amount or 0
    # Points cover goods first, then charges: the first payment covers the first goods.
    for place in sorted(range(len(wallets)), key=lambda place: states[place].first_paid_at):
        state, settings = wallets[place]
        share = _Share(state, settings, order, step, demand.kind, min(state.covered, goods_left), value_left)
        parts[place] = share.part
        goods_left -= share.goods_covered
        value_left = max(value_left - share.value, 0)
    if all(part.is_nothing for part in parts.values()):
        raise NothingToRefund("Earlier refunds covered the whole order.")
    totals = None if step.amount is None else (step.amount, value_left)
    return RefundPlan(order, totals, [parts[place] for place in range(len(wallets))])


def details_of(states: Sequence[OrderState], sent: Order | None = None) -> Order | None:
    """Returns the order details: the latest that any of the wallets recorded, or those sent now."""
    recorded = sorted((one for state in states for one in state.details), key=lambda one: one[0])
    return latest_details([*(order for _, order in recorded), *([sent] if sent else [])])


class _Share:
    """Computes one wallet's share of a refund."""

    def __init__(
        self,
        state: OrderState,
        settings: Refunds,
        order: Order | None,
        step: RefundStep,
        kind: RefundType,
        goods_covered: int,
        value_max: int,
    ) -> None:
        self._state, self._settings = state, settings
        self.goods_covered = goods_covered
        """The part of the amount paid with points that paid for goods."""
        self.value = 0
        """The part of the refunded value that points had paid."""
        spent_before, earned_before = (sum(getattr(one, side) for one in state.refunds) for side in ("spent", "earned"))
        if order is None or step.after is None:
            self.part = RefundPart(
                kind=kind,
                returning=0 if settings.spent.type is SpentRefundType.NONE else max(state.spent - spent_before, 0),
                revoking=0 if settings.earned.type is EarnedRefundType.KEEP else max(state.earned - earned_before, 0),
                is_repeated=any(refund.kind == RefundType.FULL for refund in state.refunds),
            )
            return
        after = step.after
        own = refunded_extent(order, [state.refunds])
        amount = max(after.amount - own.amount, 0)
        wanted = self._covered_target(after)
        self.value = max(wanted - state.settled_value, 0)
        if not after.whole:
            self.value = min(self.value, value_max)
        items, charges = ((), ()) if kind is RefundType.FULL else returned_between(order, own, after)
        self.part = RefundPart(
            kind=kind,
            returning=max(self._spent_target(after, wanted) - spent_before, 0),
            revoking=max(self._earned_target(after) - earned_before, 0),
            amount=amount,
            money=max(amount - self.value, 0),
            withheld=self.value if self._withholds(after) else 0,
            caught_up=max(amount - (step.amount or 0), 0),
            items=items,
            charges=charges,
            is_repeated=own.whole,
        )

    def _withholds(self, after: Extent) -> bool:
        """Returns whether the refund gives the points' share back neither in points nor in money."""
        kind = self._settings.spent.type
        return kind is SpentRefundType.NONE or (kind is SpentRefundType.REFUND_ALL and not after.whole)

    def _covered_target(self, after: Extent) -> int:
        """Returns how much of the amount paid with points is among the goods and charges refunded by then."""
        covered = self._state.covered
        if after.whole:
            return covered
        if self._settings.spent.type is SpentRefundType.REFUND_ITEM:
            return _by_goods(self.goods_covered, covered - self.goods_covered, after)
        return proportion(covered, after.amount, after.total)

    def _spent_target(self, after: Extent, wanted: int) -> int:
        """Returns how many of the points spent on the order must be returned by then.

        `wanted` is the value of this target. Points that paid for more than the refund's value are returned later.
        """
        state = self._state
        if self._withholds(after):
            return 0
        if after.whole:
            return state.spent
        if self._settings.spent.type is SpentRefundType.REFUND_ITEM:
            charges = proportion(state.paid, state.covered - self.goods_covered, state.covered)
            if not after.values.goods:
                charges = state.spent
            target = _by_goods(state.spent - charges, charges, after)
        else:
            target = proportion(state.spent, after.amount, after.total)
        given = state.settled_value + self.value
        return target - (proportion(state.paid, wanted, state.covered) - proportion(state.paid, given, state.covered))

    def _earned_target(self, after: Extent) -> int:
        """Returns how many of the points that the order earned must be taken back by then."""
        earned = self._settings.earned
        if earned.type is EarnedRefundType.KEEP:
            return 0
        if after.whole:
            return self._state.earned
        if earned.of is EarnedRefundBase.ITEMS and after.values.goods:
            return proportion(self._state.earned, after.goods, after.values.goods)
        return proportion(self._state.earned, after.amount, after.total)


def _by_goods(for_goods: int, for_charges: int, after: Extent) -> int:
    """Returns the refunded share of what was given for goods and of what was given for charges, cut to the unit."""
    goods, charges = max(after.values.goods, 1), max(after.values.extras, 1)
    return (for_goods * after.goods * charges + for_charges * after.extras * goods) // (goods * charges)


def _largest_refunded_amount(states: Sequence[OrderState]) -> int:
    """Returns the largest amount that one of the wallets refunded."""
    return max((sum(refund.amount or 0 for refund in state.refunds) for state in states), default=0)
