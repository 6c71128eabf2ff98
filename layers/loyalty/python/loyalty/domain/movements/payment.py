"""Payments: points pay for as much of an order as is allowed, with no more points than this amount takes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from loyalty.domain.cards.card import POINTS_MAX, Card
from loyalty.domain.cards.limits import Room, spending_rooms
from loyalty.domain.cards.transaction import Movement, Operation, PaymentDetails, Transaction, TransactionType
from loyalty.domain.dates import day_number, local_day
from loyalty.domain.formulas.parser import Formula, Result, formula_from
from loyalty.domain.formulas.values import plain
from loyalty.domain.movements.debit import BY_BALANCE, spend
from loyalty.domain.movements.order_state import recorded_details
from loyalty.domain.movements.refund_amounts import last_full_refund, refunded_extent, require_amount_above
from loyalty.domain.order import Order, latest_details
from loyalty.domain.wallets.settings import PaymentType
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import (
    ExchangeRatioNotPositive,
    InsufficientPoints,
    OrderPaid,
    PaymentsNotAvailable,
    SpendingLimitReached,
)


class PaymentLimitType(StrEnum):
    """The caller's limit of a payment: all of the balance, a number of points, or a part of the amount."""

    CARD_BALANCE = "CARD_BALANCE"
    POINTS_LIMIT = "POINTS_LIMIT"
    AMOUNT_LIMIT = "AMOUNT_LIMIT"


@dataclass(frozen=True, slots=True)
class PaymentLimit:
    type: PaymentLimitType = PaymentLimitType.CARD_BALANCE
    max: int = 0
    """Points, or minor units; without meaning for CARD_BALANCE."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound on the amount that can be paid, with the name of its cause."""

    name: str
    amount: int


def payment_formula(wallet: Wallet) -> Formula:
    """Returns the formula for the points of one minor unit."""
    setting = wallet.settings.pay_with_points
    if setting.type is PaymentType.NO_PAYMENTS:
        raise PaymentsNotAvailable(f"Wallet {wallet.wallet_id} accepts no payments: payWithPoints is NO_PAYMENTS.")
    assert setting.formula is not None, "an ACTIVE wallet's payWithPoints is complete"
    return formula_from(setting.formula, setting.expressions)


def order_to_pay(sent: Order, rows: Iterable[Transaction], at: int) -> tuple[Order, int]:
    """Returns the order details by the order's rows and those sent now, and what is left to pay of the amount.

    Payments before the last FULL refund do not count, and money that a partial refund paid back is not paid again.
    Raises `OrderDiffers` if the sent details lower the order below what was refunded or paid.
    """
    rows = sorted(rows, key=lambda row: row.seq)
    order = latest_details([*(one.order for one in recorded_details(rows, at) if one.is_binding), sent])
    assert order is not None, "details were sent"
    undone = last_full_refund(rows)
    since = [row for row in rows if row.seq > undone]
    paid = sum(row.payment.amount for row in since if row.payment)
    refunds = [row.refund for row in since if row.refund]
    refunded = sum(refund.amount or 0 for refund in refunds)
    require_amount_above(order, refunded_extent(order, [refunds]), refunded, paid)
    left = order.amount - paid - sum(refund.money or 0 for refund in refunds)
    if left <= 0:
        raise OrderPaid(f"The order's amount of {order.amount} is already paid.")
    return order, left


def pay_order(
    card: Card, left: int, ratio: Result, limit: PaymentLimit, wallet: Wallet, at: int
) -> tuple[Card, Movement]:
    """Takes the points that pay for as much of `left` as balance, payment limit and wallet allow.

    The balance never goes below zero. A spending limit reduces a payment and does not refuse it, whatever its setting.
    """
    if ratio.value <= 0:
        raise ExchangeRatioNotPositive(f"The formula gives {plain(ratio.value)} points for one minor unit.")
    today = local_day(at, wallet.zone)
    rooms = spending_rooms(card, wallet.settings, today)
    bounds = _bounds(card, ratio.value, limit, rooms)
    tightest = min(bounds, key=lambda bound: bound.amount)
    if not tightest.amount:
        raise _no_payment(card, left, ratio.value, limit, rooms)
    amount = min(left, tightest.amount)
    points = points_for(amount, ratio.value)
    cut = amount < left
    card, lots, _ = spend(card, points, wallet, at)
    return card, Movement(
        type=TransactionType.DEBIT,
        operation=Operation.PAYMENT,
        points=points,
        lots=lots,
        effective_at=at,
        balance=card.balance,
        requested=points_for(left, ratio.value) if cut else None,
        capped_by=tightest.name if cut else None,
        day=day_number(today),
        payment=PaymentDetails(amount, left - amount, plain(ratio.value), tuple(ratio.plain_inputs.items())),
    )


def points_for(amount: int, ratio: Decimal) -> int:
    """Returns the points for the amount, rounded up: goods are never free."""
    points, units = ratio.as_integer_ratio()
    return -(-amount * points // units)


def amount_for(points: int, ratio: Decimal) -> int:
    """Returns the largest amount that takes no more than so many points."""
    per_units, units = ratio.as_integer_ratio()
    return points * units // per_units


def _bounds(card: Card, ratio: Decimal, limit: PaymentLimit, rooms: Sequence[Room]) -> list[Bound]:
    """Returns the bounds. If several are the tightest, the first of them is named as the cause."""
    bounds = [Bound(BY_BALANCE, amount_for(_spendable_points(card), ratio))]
    match limit.type:
        case PaymentLimitType.POINTS_LIMIT:
            bounds.append(Bound(limit.type, amount_for(limit.max, ratio)))
        case PaymentLimitType.AMOUNT_LIMIT:
            bounds.append(Bound(limit.type, limit.max))
    return bounds + [Bound(room.limit, amount_for(room.points, ratio)) for room in rooms]


def _spendable_points(card: Card) -> int:
    """Returns the available points, but no more than one movement takes."""
    return min(card.balance.available, POINTS_MAX)


def _no_payment(
    card: Card, left: int, ratio: Decimal, limit: PaymentLimit, rooms: Sequence[Room]
) -> SpendingLimitReached | InsufficientPoints:
    """Returns why not even one minor unit can be paid: limits are checked before points."""
    required = points_for(1, ratio)
    for room in rooms:
        if room.points < required:
            return SpendingLimitReached(
                f"{room.limit} allows {room.points} points now, and one minor unit of money needs {required}.",
                limit=room.limit,
                requested=points_for(left, ratio),
                room=room.points,
            )
    available = _spendable_points(card)
    if limit.type is PaymentLimitType.POINTS_LIMIT:
        available = min(available, limit.max)
    return InsufficientPoints(
        f"One minor unit of money needs {required} points, and {available} may be taken.",
        required=required,
        available=available,
        missing=required - available,
    )
