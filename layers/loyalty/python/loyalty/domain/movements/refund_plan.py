"""Divides a refund of an order into its parts: what each wallet settles, in points and in money.

Points that paid for the order and money that paid for it are given back by one base. In every refund, the value of the
points returned and the money add up to the value refunded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from loyalty.domain.cards.transaction import RefundType
from loyalty.domain.movements.order_state import OrderState
from loyalty.domain.movements.refund_amounts import (
    Extent,
    RefundDemand,
    RefundStep,
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
    share: int = 0
    """The part of the refund's own value that points of the wallet had paid."""
    share_caught_up: int = 0
    """The shares of earlier refunds that left the card out."""
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
    is_whole: bool
    """Whether nothing of the order is left."""


def plan_refund(
    wallets: Sequence[tuple[OrderState, Refunds]],
    demand: RefundDemand,
    sent: Order | None = None,
    *,
    shares_due: Sequence[int] = (),
) -> RefundPlan:
    """Returns the plan of the requested refund of the order, by its state and the settings in each wallet.

    `sent` are order details that come with the request. `shares_due` are what earlier refunds owe to the points of each
    wallet, because they left its card out; without one, nothing. Raises `OrderAmountUnknown` or `ItemsRequired` if the
    amount cannot be computed, `RefundExceedsOrder` if less is left, `NothingToRefund` if nothing is left at all, and
    `OrderDiffers` if `sent` lowers the order below what was refunded or paid.
    """
    states = [state for state, _ in wallets]
    order = details_of(states, sent)
    before = refunded_extent(order, [state.refunds for state in states]) if order else None
    if sent and order and before:
        require_amount_above(order, before, _largest_refunded_amount(states), sum(state.covered for state in states))
    by_item = any(settings.spent.type is SpentRefundType.REFUND_ITEM for _, settings in wallets)
    if order and by_item and demand.kind is RefundType.AMOUNT:
        raise ItemsRequired.of_field("body.items", "The wallet returns spent points by item: send the refunded items.")
    step = refund_step(order, before, demand)

    shares = [
        _Share(state, settings, order, step, demand.kind, due)
        for (state, settings), due in zip(wallets, shares_due or [0] * len(wallets), strict=True)
    ]
    totals = None
    if step.amount is not None and before:
        totals = step.amount, _divide_value(shares, step.amount, before)
    parts = [share.part for share in shares]
    if all(part.is_nothing for part in parts):
        raise NothingToRefund("Earlier refunds covered the whole order.")
    return RefundPlan(order, totals, parts, is_whole=step.after is None or step.after.whole)


def _divide_value(shares: Sequence["_Share"], amount: int, before: Extent) -> int:
    """Divides the refunded value into the wallets' shares that points had paid, and returns the rest: the money."""
    by_payment = sorted(shares, key=lambda share: share.state.first_paid_at)
    goods_left, left = before.values.goods, amount
    for share in by_payment:
        # Points cover goods first, then charges: the first payment covers the first goods.
        goods_left -= share.cover(goods_left, before)
        left -= share.take(share.wanted, left)
    # Each share is cut to the minor unit, so together they may leave more than was paid in money.
    money_paid = before.total - sum(share.state.covered for share in shares)
    money_back = before.amount - sum(share.settled for share in shares)
    excess = left - max(money_paid - money_back, 0)
    for share in by_payment:
        excess -= share.take(share.value + max(excess, 0), left)
    return max(amount - sum(share.value for share in shares), 0)


def details_of(states: Sequence[OrderState], sent: Order | None = None) -> Order | None:
    """Returns the order details: those sent now, otherwise the latest that any of the wallets recorded.

    Details of rows that were undone count only if there are no others.
    """
    full_at = max((state.full_at for state in states), default=0)
    recorded = sorted(((one, state) for state in states for one in state.details), key=lambda found: found[0].at)
    binding = [
        one.order for one, state in recorded if one.is_binding and (one.at > full_at or state.full_at == full_at)
    ]
    of_no_hold = [one.order for one, _ in recorded if not one.is_of_ended_hold]
    details = binding or of_no_hold or [one.order for one, _ in recorded]
    return latest_details([*details, *([sent] if sent else [])])


class _Share:
    """One wallet's share of a refund."""

    def __init__(
        self, state: OrderState, settings: Refunds, order: Order | None, step: RefundStep, kind: RefundType, due: int
    ) -> None:
        self.state = state
        self.value = 0
        """The part of the refunded value that points of the wallet had paid."""
        self._settings, self._order, self._step, self._kind = settings, order, step, kind
        self._goods_covered = 0
        self._due = self._due_within(due, state.covered)

    def cover(self, goods: int, before: Extent) -> int:
        """Lets the wallet's points pay for goods of this value; returns the value of the goods that they paid for."""
        self._goods_covered = min(self.state.covered, goods)
        if any(refund.in_all_wallets is None for refund in self.state.refunds):
            # A refund in the wallet alone settles the points' share without the record of what is due.
            self._due = self._due_within(self._due, self._covered_by(before))
        return self._goods_covered

    def _due_within(self, due: int, covered: int) -> int:
        return max(min(due, covered - self.state.settled_value), 0)

    @property
    def settled(self) -> int:
        """What earlier refunds settled or owe."""
        return self.state.settled_value + self._due

    @property
    def wanted(self) -> int:
        """The share by the wallet's settings."""
        return max(self._covered_by(self._step.after) - self.settled, 0)

    def take(self, value: int, left: int) -> int:
        """Raises the share to the value, but by no more than is left; returns the difference.

        The last part of the order settles all that points had paid.
        """
        after = self._step.after
        most = self.state.covered - self.settled
        raised = max(min(value, most) - self.value, 0)
        if after is None or not after.whole:
            raised = min(raised, left)
        self.value += raised
        return raised

    @property
    def part(self) -> RefundPart:
        state, settings, after = self.state, self._settings, self._step.after
        spent_before = sum(refund.spent for refund in state.refunds)
        earned_before = sum(refund.earned for refund in state.refunds)
        if self._order is None or after is None:
            return RefundPart(
                kind=self._kind,
                returning=0 if settings.spent.type is SpentRefundType.NONE else max(state.spent - spent_before, 0),
                revoking=0 if settings.earned.type is EarnedRefundType.KEEP else max(state.earned - earned_before, 0),
                is_repeated=any(refund.kind is RefundType.FULL for refund in state.refunds),
            )
        own = refunded_extent(self._order, [state.refunds])
        amount = max(after.amount - own.amount, 0)
        value = self.value + self._due
        items, charges = ((), ()) if self._kind is RefundType.FULL else returned_between(self._order, own, after)
        return RefundPart(
            kind=self._kind,
            returning=max(self._spent_target(after) - spent_before, 0),
            revoking=max(self._earned_target(after) - earned_before, 0),
            amount=amount,
            money=max(amount - value, 0),
            withheld=value if self._withholds(after) else 0,
            share=self.value,
            share_caught_up=self._due,
            caught_up=max(amount - (self._step.amount or 0), 0),
            items=items,
            charges=charges,
            is_repeated=own.whole,
        )

    def _withholds(self, after: Extent) -> bool:
        """Returns whether the refund gives the points' share back neither in points nor in money."""
        kind = self._settings.spent.type
        return kind is SpentRefundType.NONE or (kind is SpentRefundType.REFUND_ALL and not after.whole)

    def _covered_by(self, refunded: Extent | None) -> int:
        """Returns how much of the amount paid with points is among the refunded goods and charges."""
        covered = self.state.covered
        if refunded is None or refunded.whole:
            return covered
        if self._settings.spent.type is SpentRefundType.REFUND_ITEM:
            return _by_goods(self._goods_covered, covered - self._goods_covered, refunded)
        return proportion(covered, refunded.amount, refunded.total)

    def _spent_target(self, after: Extent) -> int:
        """Returns how many of the points spent on the order must be returned by then.

        If the share is not the one by the settings, its points are those that paid for its value.
        """
        state = self.state
        if self._withholds(after):
            return 0
        if after.whole:
            return state.spent
        if self._settings.spent.type is SpentRefundType.REFUND_ITEM:
            charges = proportion(state.paid, state.covered - self._goods_covered, state.covered)
            if not after.values.goods:
                charges = state.spent
            target = _by_goods(state.spent - charges, charges, after)
        else:
            target = proportion(state.spent, after.amount, after.total)
        by_settings, by_share = self._covered_by(after), self.settled + self.value
        return target - (
            proportion(state.paid, by_settings, state.covered) - proportion(state.paid, by_share, state.covered)
        )

    def _earned_target(self, after: Extent) -> int:
        """Returns how many of the points that the order earned must be taken back by then."""
        earned = self._settings.earned
        if earned.type is EarnedRefundType.KEEP:
            return 0
        if after.whole:
            return self.state.earned
        if earned.of is EarnedRefundBase.ITEMS and after.values.goods:
            return proportion(self.state.earned, after.goods, after.values.goods)
        return proportion(self.state.earned, after.amount, after.total)


def _by_goods(for_goods: int, for_charges: int, after: Extent) -> int:
    """Returns the refunded share of what was given for goods and of what was given for charges, cut to the unit."""
    goods, charges = max(after.values.goods, 1), max(after.values.extras, 1)
    return (for_goods * after.goods * charges + for_charges * after.extras * goods) // (goods * charges)


def _largest_refunded_amount(states: Sequence[OrderState]) -> int:
    """Returns the largest amount that one of the wallets refunded."""
    return max((sum(refund.amount or 0 for refund in state.refunds) for state in states), default=0)
