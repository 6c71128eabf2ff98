"""Limits on earning and spending: several limits apply at once, and the more restrictive one wins."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from loyalty.domain.cards.card import Card, Counter
from loyalty.domain.dates import CalendarUnit, period_numbers
from loyalty.domain.order import Order
from loyalty.domain.wallets.settings import EarningLimit, LimitType, Settings, WhenExceeded
from loyalty.errors import (
    EarningLimitReached,
    LoyaltyError,
    OrderAmountRequired,
    OrderAmountTooSmall,
    SpendingLimitReached,
)

CALENDAR_UNITS = tuple(CalendarUnit)


@dataclass(frozen=True, slots=True)
class Room:
    """The points that one limit leaves, and what the limit does with more."""

    limit: str
    """The limit's path in the settings."""
    points: int
    when_exceeded: WhenExceeded


@dataclass(frozen=True, slots=True)
class Allowance:
    """The allowed points; `capped_by` names the limit that reduced them."""

    points: int
    capped_by: str | None = None


def earning_allowance(
    card: Card, points: int, settings: Settings, day: date, *, order_id: str | None, order: Order | None
) -> Allowance:
    """Returns how many of the points a credit may give on the local day.

    Raises `EarningLimitReached` if the limits allow none or too few.
    """
    _require_amount(settings.earning_limits.transaction.min_amount, order_id, order)
    return _allowance(points, earning_rooms(card, settings, day), EarningLimitReached, cap=True)


def spending_allowance(
    card: Card, points: int, settings: Settings, day: date, *, cap: bool, advice: str = ""
) -> Allowance:
    """Returns how many of the points may be spent on the local day.

    A CAP limit reduces the points only if the caller accepts a part (`cap`). `advice` is for a caller who would get a
    part.
    """
    return _allowance(points, spending_rooms(card, settings, day), SpendingLimitReached, cap=cap, advice=advice)


def earning_rooms(card: Card, settings: Settings, day: date) -> list[Room]:
    """Returns the room that each limit leaves for one credit on the local day."""
    limits = settings.earning_limits
    rooms = [_earning_room(card, limits.global_, day)]
    if limits.transaction.max_points is not None:
        own = limits.transaction
        rooms.append(Room("earningLimits.transaction", limits.transaction.max_points, own.when_exceeded))
    return [room for room in rooms if room]


def spending_rooms(card: Card, settings: Settings, day: date) -> list[Room]:
    """Returns the room that each limit leaves for one debit on the local day."""
    limits = settings.spending_limits
    rooms = [_spending_room(card, settings, day)]
    if limits.transaction.max_points is not None:
        own = limits.transaction
        rooms.append(Room("spendingLimits.transaction", limits.transaction.max_points, own.when_exceeded))
    return [room for room in rooms if room]


def require_receivable(card: Card, points: int, settings: Settings, day: date) -> None:
    """Raises `EarningLimitReached` if the card has no room for points of another card: a limit never reduces them.

    The limits of one credit (its maximum, its minimum amount) do not apply to them.
    """
    room = _earning_room(card, settings.earning_limits.global_, day)
    _allowance(points, [room] if room else [], EarningLimitReached, cap=False)


def counter_of(card: Card, unit: CalendarUnit, day: date) -> Counter:
    """Returns what the card counted in the period of the unit that contains the local day."""
    place = CALENDAR_UNITS.index(unit)
    number = period_numbers(day)[place]
    counter = card.counters[place]
    return counter if counter.number == number else Counter(number)


def _allowance(
    points: int, rooms: Iterable[Room], refusal: type[LoyaltyError], *, cap: bool, advice: str = ""
) -> Allowance:
    exceeded = sorted((room for room in rooms if room.points < points), key=lambda room: room.points)
    for room in exceeded:
        if room.when_exceeded is WhenExceeded.REJECT or not cap or room.points == 0:
            detail = f"{room.limit} allows {room.points} points now, and {points} were requested."
            if room.points and room.when_exceeded is WhenExceeded.CAP:
                detail += advice
            raise refusal(detail, limit=room.limit, requested=points, room=room.points)
    return Allowance(exceeded[0].points, exceeded[0].limit) if exceeded else Allowance(points)


def _earning_room(card: Card, limit: EarningLimit, day: date) -> Room | None:
    if limit.type is LimitType.NO_LIMIT or limit.max is None:
        return None
    if limit.type is LimitType.BALANCE_BASED:
        # A card in debt may repay: its debt is room.
        used = card.balance.active + card.balance.pending + card.balance.held
    else:
        assert limit.unit, "an ACTIVE wallet's limits are complete"
        used = counter_of(card, limit.unit, day).earned
    return Room("earningLimits.global", max(limit.max - used, 0), limit.when_exceeded)


def _spending_room(card: Card, settings: Settings, day: date) -> Room | None:
    limit = settings.spending_limits.global_
    if limit.type is LimitType.NO_LIMIT or limit.max is None:
        return None
    if limit.type is LimitType.SPENDING_BASED:
        used = card.lifetime.redeemed - card.lifetime.returned + card.balance.held + card.other_spending
        if settings.transfers.count_as_spending:
            used += card.lifetime.transferred_out
    else:
        assert limit.unit, "an ACTIVE wallet's limits are complete"
        used = counter_of(card, limit.unit, day).spent
    return Room("spendingLimits.global", max(limit.max - used, 0), limit.when_exceeded)


def _require_amount(amount_min: int | None, order_id: str | None, order: Order | None) -> None:
    if amount_min is None or order_id is None:
        return
    if order is None:
        raise OrderAmountRequired.of_field(
            "body.order.amount", "The wallet gives points only from a minimum order amount: send order.amount."
        )
    if order.amount < amount_min:
        raise OrderAmountTooSmall.of_field(
            "body.order.amount",
            f"The wallet gives points only from an order amount of {amount_min}; this order has {order.amount}.",
            required=amount_min,
            amount=order.amount,
        )
