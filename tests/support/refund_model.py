"""A slow and obvious model of refunds, with the single points of an order and targets since its first movement."""

import copy
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from math import floor
from typing import TypedDict, TypeVar

from loyalty.domain.cards.transaction import RefundType
from loyalty.domain.dates import NEVER, Period, Unit, day_number, expiry_after, local_day
from loyalty.domain.movements.credit import Grant, grant_expiry
from loyalty.domain.movements.refund_amounts import RefundDemand
from loyalty.domain.order import ChargeType, Order
from loyalty.domain.wallets.settings import (
    ConsumptionOrder,
    EarnedRefundBase,
    EarnedRefundType,
    ExpiredLots,
    RevocationMode,
    SpentRefundType,
)
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import ItemsRequired, LoyaltyError, NothingToRefund, OrderAmountUnknown, RefundExceedsOrder

K = TypeVar("K")
Place = tuple[int, int]
"""The expiry and the issue day of a lot."""


class RefundResult(TypedDict):
    """The numbers of a refund."""

    spent: int
    kept_expired: int
    revoked: int
    shortfall: int
    expired: int
    amount: int | None


@dataclass(eq=False, slots=True)
class Point:
    """One point that an order earned."""

    day: date
    activates: int
    place: Place
    own: bool = True
    """Whether the point is still in its lot, as far as the order's rows show."""
    room: bool = True
    """Whether the point counts in the period of `day`."""


@dataclass(slots=True)
class Book:
    """The state of one order."""

    details: Order | None = None
    """The latest details that were sent."""
    earned: list[Point] = field(default_factory=list)
    spent: list[tuple[Place, date]] = field(default_factory=list)
    """The points that are not returned yet, in the order of spending."""
    spent_ever: int = 0
    given_back: int = 0
    taken_back: int = 0
    """The revoked points, with expired and forgiven points."""
    amount: int = 0
    """The refunded value."""
    returned: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    """The refunded quantity by product and line."""
    returned_value: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    charged_back: Counter[tuple[ChargeType, str | None]] = field(default_factory=Counter)
    """The refunded value by type and label of the charge."""
    full: bool = False
    canceled: int = 0
    """The canceled points that no refund has counted."""

    @property
    def whole(self) -> bool:
        if self.full or self.details is None:
            return self.full
        if self.details.amount and self.amount >= self.details.amount:
            return True
        worth = Worth(self.details)
        lines = all(self.returned[item.key] >= item.quantity for item in self.details.items)
        charges = all(self.charged_back[key] >= value for key, value in worth.charges.items())
        return bool(self.details.items or worth.charges) and lines and charges

    @property
    def left(self) -> int:
        assert self.details is not None
        return 0 if self.whole else max(self.details.amount - self.amount, 0)

    @property
    def goods_back(self) -> int:
        """The refunded value of goods: refunds by amount count for the goods first."""
        assert self.details is not None
        worth = Worth(self.details)
        charges = sum(min(self.charged_back[key], value) for key, value in worth.charges.items())
        return min(self.amount - charges, sum(worth.lines.values()))


class Worth:
    """What each line and charge of an order is worth, by exact fractions that are rounded at the end."""

    def __init__(self, order: Order) -> None:
        lines = {item.key: Fraction(item.amount) for item in order.items}
        charges = {one.key: Fraction(one.amount) for one in order.charges if one.type is not ChargeType.DISCOUNT}
        goods = sum(lines.values())
        rest = order.amount - goods - sum(charges.values())
        tiny = rest <= len(lines) and rest * 100 < order.amount
        if rest > 0 and (goods == 0 or not (order.charges or tiny)):
            charges[ChargeType.OTHER, None] = charges.get((ChargeType.OTHER, None), Fraction(0)) + rest
        elif rest and goods + rest >= 0:
            lines = {key: value + rest * value / goods for key, value in lines.items()}
        elif rest:
            spread = sum(charges.values())
            lines = dict.fromkeys(lines, Fraction(0))
            charges = {key: order.amount * value / spread for key, value in charges.items()}
        self.lines = _rounded(lines)
        self.charges = _rounded(charges)


def _rounded(values: dict[K, Fraction]) -> dict[K, int]:
    """Rounds the values so that their sum stays: the largest fractions up, the others down."""
    rounded = {key: floor(value) for key, value in values.items()}
    for key in sorted(values, key=lambda key: rounded[key] - values[key])[
        : round(sum(values.values())) - sum(rounded.values())
    ]:
        rounded[key] += 1
    return rounded


@dataclass
class RefundModel:
    wallet: Wallet
    at: int
    lots: Counter[Place] = field(default_factory=Counter)
    pending: Counter[tuple[int, Place]] = field(default_factory=Counter)
    debt: int = 0
    earned: Counter[date] = field(default_factory=Counter)
    spent: Counter[date] = field(default_factory=Counter)
    life: Counter[str] = field(default_factory=Counter)
    lapsed: Counter[Place] = field(default_factory=Counter)
    """The points that expired unspent and that no refund has counted."""
    orders: dict[str, Book] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return local_day(self.at, self.wallet.zone)

    def settle(self, at: int) -> None:
        self.at = at
        for activates, place in [one for one in self.pending if one[0] <= at]:
            self._give(place, self.pending.pop((activates, place)))
        for book in self.orders.values():
            for point in book.earned:
                if point.activates <= at:
                    point.activates = 0
        self._repay()
        self._expire()

    def credit(self, points: int, expires: int, activates: int, order: str | None, details: Order | None) -> None:
        place = (expires, day_number(self.today))
        if activates > self.at:
            self.pending[activates, place] += points
        else:
            self._give(place, points)
            self._repay()
        self.earned[self.today] += points
        self.life["issued"] += points
        if order is not None:
            book = self._book(order, details)
            pending_until = activates if activates > self.at else 0
            book.earned += [Point(self.today, pending_until, place) for _ in range(points)]

    def reach(self) -> int:
        settings = self.wallet.settings
        line = settings.negative_limit if settings.negative_limit is not None else 10**15
        return self.lots.total() - self.debt + (line if settings.allow_negative_balance else 0)

    def debit(self, points: int, order: str | None, details: Order | None) -> None:
        taken = self._consumed(points)
        owed = points - len(taken)
        self.debt += owed
        self.spent[self.today] += points
        self.life["redeemed"] += points
        if order is not None:
            book = self._book(order, details)
            never = (NEVER, day_number(self.today))
            book.spent += [(place, self.today) for place in [*taken, *[never] * owed]]
            book.spent_ever += points

    def cancel(self, order: str) -> int:
        """Cancels the pending points of the order by hand."""
        book, canceled = self.orders[order], 0
        for point in book.earned:
            if point.activates and point.own and self.pending[point.activates, point.place]:
                self.pending[point.activates, point.place] -= 1
                self._uncount(point)
                canceled += 1
        book.canceled += canceled
        self.life["canceled"] += canceled
        return canceled

    def refund(self, order: str, demand: RefundDemand) -> RefundResult:
        """Refunds the order, or raises the product's refusal and changes nothing."""
        book = self.orders[order]
        before = copy.deepcopy(book)
        was_whole = book.whole
        try:
            amount = self._demanded(book, demand)
        except LoyaltyError:
            self.orders[order] = before
            raise
        book.amount += amount or 0
        book.full = book.full or demand.kind is RefundType.FULL
        giving = max(self._spent_target(book) - book.given_back, 0)
        taking = max(self._earned_target(book) - book.taken_back, 0)
        if was_whole and not (giving or taking or amount or demand.items):
            self.orders[order] = before
            raise NothingToRefund("")
        book.given_back += giving
        book.taken_back += taking
        kept_expired = self._give_back(book, giving)
        revoked, expired, shortfall = self._take_back(book, taking)
        return RefundResult(
            spent=giving,
            kept_expired=kept_expired,
            revoked=revoked,
            shortfall=shortfall,
            expired=expired,
            amount=amount,
        )

    def _demanded(self, book: Book, demand: RefundDemand) -> int | None:
        """Counts the demanded items and charges as returned, and answers their value."""
        if demand.kind is RefundType.FULL:
            amount = None if book.details is None else book.left
            for item in book.details.items if book.details else ():
                book.returned[item.key] = max(item.quantity, book.returned[item.key])
            return amount
        if book.details is None:
            raise OrderAmountUnknown("")
        left = book.left
        if demand.kind is RefundType.ITEMS:
            price = self._returned_items(book, book.details, demand) + self._charged_back(book, book.details, demand)
        elif self.wallet.settings.refunds.spent.type is SpentRefundType.REFUND_ITEM:
            raise ItemsRequired("")
        else:
            price = demand.amount
        if price > left:
            raise RefundExceedsOrder("")
        return price

    def _returned_items(self, book: Book, details: Order, demand: RefundDemand) -> int:
        worth, price = Worth(details), 0
        if demand.items and book.full:
            raise RefundExceedsOrder("")
        for wanted in demand.items:
            for _ in range(wanted.quantity):
                for item in details.items:
                    named = item.product_id == wanted.product_id and wanted.line_id in (None, item.line_id)
                    if named and book.returned[item.key] < item.quantity:
                        # The unit price is rounded so that all pieces of a line are worth as much as the line.
                        book.returned[item.key] += 1
                        so_far = worth.lines[item.key] * book.returned[item.key] // item.quantity
                        price += max(so_far - book.returned_value[item.key], 0)
                        book.returned_value[item.key] = max(so_far, book.returned_value[item.key])
                        break
                else:
                    raise RefundExceedsOrder("")
        return price

    def _charged_back(self, book: Book, details: Order, demand: RefundDemand) -> int:
        worth, price = Worth(details), 0
        for charge in demand.charges:
            rooms = {
                key: value - book.charged_back[key]
                for key, value in worth.charges.items()
                if key[0] is charge.type and (value > book.charged_back[key] or not value)
            }
            wanted_value = sum(rooms.values()) if charge.amount is None else charge.amount
            if not rooms or wanted_value > sum(rooms.values()):
                raise RefundExceedsOrder("")
            price += wanted_value
            for key, room in rooms.items():
                part = min(room, wanted_value)
                book.charged_back[key] += part
                wanted_value -= part
        return price

    def _spent_target(self, book: Book) -> int:
        kind = self.wallet.settings.refunds.spent.type
        if kind is SpentRefundType.NONE:
            return 0
        if book.whole:
            return book.spent_ever
        assert book.details is not None, "an order without an amount has full refunds only"
        if kind is SpentRefundType.REFUND_ALL:
            return 0
        goods = sum(Worth(book.details).lines.values())
        if kind is SpentRefundType.REFUND_AMOUNT or not goods:
            return _share(book.spent_ever, book.amount, book.details.amount)
        return _share(book.spent_ever, book.goods_back, goods)

    def _earned_target(self, book: Book) -> int:
        if self.wallet.settings.refunds.earned.type is EarnedRefundType.KEEP:
            return 0
        if book.whole:
            return len(book.earned)
        assert book.details is not None, "an order without an amount has full refunds only"
        goods = sum(Worth(book.details).lines.values())
        if self.wallet.settings.refunds.earned.of is EarnedRefundBase.ORDER or not goods:
            return _share(len(book.earned), book.amount, book.details.amount)
        return _share(len(book.earned), book.goods_back, goods)

    def _give_back(self, book: Book, points: int) -> int:
        """Returns the points to their lots and answers the number of points that stay expired."""
        policy = self.wallet.settings.refunds.spent
        for _ in range(points):
            (expires, issued), day = book.spent.pop()
            if expires != NEVER and expires <= self.at:
                if policy.expired_lots is ExpiredLots.RENEW:
                    expires, issued = grant_expiry(Grant(1), self.wallet, self.at), day_number(self.today)
                elif policy.expired_lots is ExpiredLots.GRACE:
                    assert policy.grace_days is not None
                    expires = expiry_after(self.at, Period(policy.grace_days, Unit.DAY), self.wallet.zone)
            self._give((expires, issued), 1)
            self.spent[day] -= 1
        self.life["returned"] += points
        self._repay()
        return self._expire()

    def _take_back(self, book: Book, points: int) -> tuple[int, int, int]:
        """Revokes points and answers the revoked points, the expired or canceled points, and the shortfall."""
        kind, mode = self.wallet.settings.refunds.earned.type, self.wallet.settings.refunds.earned.mode
        revoked = roomy = 0
        for where in dict.fromkeys((point.activates, point.place) for point in book.earned if point.activates):
            for point in book.earned:
                is_pending = point.own and (point.activates, point.place) == where
                if revoked < points and is_pending and self.pending[where]:
                    self.pending[where] -= 1
                    revoked += 1
                    roomy += self._uncount(point)
        expired = min(book.canceled, points - revoked)
        book.canceled -= expired
        others = 0
        if kind is EarnedRefundType.REVOKE_FROM_BALANCE:
            places = dict.fromkeys(point.place for point in book.earned if not point.activates)
            for place in places:
                for point in book.earned:
                    if revoked + expired < points and self._is_in(point, place) and self.lots[place]:
                        self.lots[place] -= 1
                        revoked += 1
                        roomy += self._uncount(point)
                for point in book.earned:
                    if revoked + expired < points and self._is_in(point, place) and self.lapsed[place]:
                        self.lapsed[place] -= 1
                        expired += 1
                        point.own = point.room = False
            others = len(self._consumed(points - revoked - expired))
            if mode is RevocationMode.REVOKE_BELOW_ZERO and self.wallet.settings.allow_negative_balance:
                limit = self.wallet.settings.negative_limit
                owed = points - revoked - expired - others
                owed = owed if limit is None else min(owed, max(limit - self.debt, 0))
                self.debt += owed
                others += owed
        revoked += others
        # For revoked points of others, the last earned points of the order give their room back.
        counting = [point for point in reversed(book.earned) if point.room]
        for point in counting[: revoked - roomy]:
            point.room = False
            self.earned[point.day] -= 1
        self.life["revoked"] += revoked
        return revoked, expired, points - revoked - expired

    def _is_in(self, point: Point, place: Place) -> bool:
        return point.own and not point.activates and point.place == place

    def _uncount(self, point: Point) -> bool:
        """Removes the point from its period and answers whether it counted."""
        counted = point.room
        self.earned[point.day] -= counted
        point.own = point.room = False
        return counted

    def _consumed(self, points: int) -> list[Place]:
        """Takes up to so many active points, in the consumption order."""
        by_issue = self.wallet.settings.consumption_order is ConsumptionOrder.EARLIEST_ISSUE

        def key(place: Place) -> tuple[int, bool, int, int]:
            expires, issued = place
            return issued if by_issue else 0, expires == NEVER, expires, issued

        taken = sorted(self.lots.elements(), key=key)[:points]
        self.lots.subtract(taken)
        return taken

    def _give(self, place: Place, points: int) -> None:
        self.lots[place] += points

    def _repay(self) -> None:
        """Repays the debt with the points that expire last."""
        while self.debt and self.lots.total():
            last = max(self.lots.elements(), key=lambda place: (place[0] == NEVER, *place))
            self.lots[last] -= 1
            self.debt -= 1

    def _expire(self) -> int:
        expired = 0
        for place in list(self.lots):
            if NEVER < place[0] <= self.at:
                expired += self.lots[place]
                self.lapsed[place] += self.lots.pop(place)
        self.life["expired"] += expired
        return expired

    def _book(self, order: str, details: Order | None) -> Book:
        book = self.orders.setdefault(order, Book())
        known = book.details
        if details is not None and known is not None and known.amount == details.amount:
            details = replace(details, items=details.items or known.items, charges=details.charges or known.charges)
        book.details = details or known
        return book


def _share(points: int, part: int, total: int) -> int:
    return points * part // total if total else 0
