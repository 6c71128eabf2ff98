"""Paying for an order with points: as much of it as is allowed, and no more points than that takes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from loyalty.domain.cards.card import POINTS_MAX, Card
from loyalty.domain.cards.limits import Room, spending_rooms
from loyalty.domain.cards.transaction import Movement, Operation, PaymentFacts, Transaction, Type
from loyalty.domain.dates import local_day
from loyalty.domain.formulas.parser import Formula, Result, compiled
from loyalty.domain.formulas.values import plain
from loyalty.domain.movements.debit import BY_BALANCE, spent
from loyalty.domain.movements.refund_amounts import last_full
from loyalty.domain.order import Order, agreed
from loyalty.domain.wallets.settings import PaymentType
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import (
    ExchangeRatioNotPositive,
    InsufficientPoints,
    OrderPaid,
    PaymentsNotAvailable,
    SpendingLimitReached,
)


class LimitKind(StrEnum):
    """What the caller lets a payment use: all of the balance, or so many points, or so much of the amount."""

    CARD_BALANCE = "CARD_BALANCE"
    POINTS_LIMIT = "POINTS_LIMIT"
    AMOUNT_LIMIT = "AMOUNT_LIMIT"


@dataclass(frozen=True, slots=True)
class PaymentLimit:
    type: LimitKind = LimitKind.CARD_BALANCE
    max: int = 0
    """Points, or minor units; of the balance there is none."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How much of the amount something lets be paid."""

    name: str
    amount: int


def payment_formula(wallet: Wallet) -> Formula:
    """Points for one minor unit."""
    setting = wallet.settings.pay_with_points
    if setting.type is PaymentType.NO_PAYMENTS:
        raise PaymentsNotAvailable(f"Wallet {wallet.wallet_id} has payWithPoints NO_PAYMENTS.")
    assert setting.formula is not None, "an ACTIVE wallet's payWithPoints is complete"
    return compiled(setting.formula, setting.expressions)


def left_to_pay(order: Order, rows: Iterable[Transaction]) -> int:
    """What earlier payments left of the order's amount, by its rows; those before a FULL refund were undone by it.

    What a partial refund paid back in money is not paid again. `OrderDiffers` where the rows recorded other facts of
    the order.
    """
    rows = sorted(rows, key=lambda row: row.seq)
    agreed(next((row.facts.order for row in rows if row.facts.order), None), order)
    undone = last_full(rows)
    since = [row for row in rows if row.seq > undone]
    left = order.amount - sum(row.payment.amount for row in since if row.payment)
    left -= sum(row.refund.money or 0 for row in since if row.refund)
    if left <= 0:
        raise OrderPaid(f"Nothing is left to pay of the order's amount of {order.amount}.")
    return left


def paid(card: Card, left: int, ratio: Result, limit: PaymentLimit, wallet: Wallet, at: int) -> tuple[Card, Movement]:
    """The settled card less the points that pay for as much of `left` as balance, payment limit and wallet allow.

    Never below zero, and whatever a spending limit says of what exceeds it: a payment is cut, not refused.
    """
    if ratio.value <= 0:
        raise ExchangeRatioNotPositive(f"The formula comes to {plain(ratio.value)} points for one minor unit.")
    rooms = spending_rooms(card, wallet.settings, local_day(at, wallet.zone))
    bounds = _bounds(card, ratio.value, limit, rooms)
    tightest = min(bounds, key=lambda bound: bound.amount)
    if not tightest.amount:
        raise _nothing(card, left, ratio.value, limit, rooms)
    amount = min(left, tightest.amount)
    points = points_for(amount, ratio.value)
    cut = amount < left
    card, lots, _ = spent(card, points, wallet, at)
    return card, Movement(
        type=Type.DEBIT,
        operation=Operation.PAYMENT,
        points=points,
        lots=lots,
        effective_at=at,
        balance=card.balance,
        requested=points_for(left, ratio.value) if cut else None,
        capped_by=tightest.name if cut else None,
        payment=PaymentFacts(amount, left - amount, plain(ratio.value), tuple(ratio.plain_inputs.items())),
    )


def points_for(amount: int, ratio: Decimal) -> int:
    """Rounded up: goods are never free."""
    points, units = ratio.as_integer_ratio()
    return -(-amount * points // units)


def amount_for(points: int, ratio: Decimal) -> int:
    """The largest amount that takes no more than so many points."""
    per_units, units = ratio.as_integer_ratio()
    return points * units // per_units


def _bounds(card: Card, ratio: Decimal, limit: PaymentLimit, rooms: Sequence[Room]) -> list[Bound]:
    """The first of the tightest answers for the cut."""
    bounds = [Bound(BY_BALANCE, amount_for(_spendable(card), ratio))]
    match limit.type:
        case LimitKind.POINTS_LIMIT:
            bounds.append(Bound(limit.type, amount_for(limit.max, ratio)))
        case LimitKind.AMOUNT_LIMIT:
            bounds.append(Bound(limit.type, limit.max))
    return bounds + [Bound(room.limit, amount_for(room.points, ratio)) for room in rooms]


def _spendable(card: Card) -> int:
    """One movement takes no more, however much there is."""
    return min(card.balance.available, POINTS_MAX)


def _nothing(
    card: Card, left: int, ratio: Decimal, limit: PaymentLimit, rooms: Sequence[Room]
) -> SpendingLimitReached | InsufficientPoints:
    """Why not even one minor unit can be paid: limits are judged before points."""
    required = points_for(1, ratio)
    for room in rooms:
        if room.points < required:
            return SpendingLimitReached(
                f"{room.limit} leaves room for {room.points} points; one minor unit takes {required}.",
                limit=room.limit,
                requested=points_for(left, ratio),
                room=room.points,
            )
    available = _spendable(card)
    if limit.type is LimitKind.POINTS_LIMIT:
        available = min(available, limit.max)
    return InsufficientPoints(
        f"One minor unit takes {required} points; {available} may be taken.",
        required=required,
        available=available,
        missing=required - available,
    )
