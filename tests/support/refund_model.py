"""A slow and obvious model of refunds, with the single points of an order and targets since its first movement."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TypedDict

from loyalty.domain.dates import NEVER, Period, Unit, day_number, expiry_after, local_day
from loyalty.domain.movements.credit import Grant, grant_expiry
from loyalty.domain.movements.refund_amounts import RefundDemand, RefundType
from loyalty.domain.order import Order
from loyalty.domain.wallets.settings import (
    ConsumptionOrder,
    EarnedRefundType,
    ExpiredLots,
    RevocationMode,
    SpentRefundType,
)
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import ItemsRequired, NothingToRefund, OrderAmountUnknown, RefundExceedsOrder

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
    earned: list[Point] = field(default_factory=list)
    spent: list[tuple[Place, date]] = field(default_factory=list)
    """The points that are not returned yet, in the order of spending."""
    spent_ever: int = 0
    given_back: int = 0
    taken_back: int = 0
    """The revoked points, with expired and forgiven points."""
    amount: int = 0
    quantities: list[int] = field(default_factory=list)
    full: bool = False
    canceled: int = 0
    """The canceled points that no refund has counted."""

    @property
    def whole(self) -> bool:
        if self.full or self.details is None:
            return self.full
        if self.details.amount:
            return self.amount == self.details.amount
        wanted = [item.quantity for item in self.details.items]
        return bool(wanted) and self.quantities == wanted


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
        amount, quantities = self._demanded(book, demand)
        was_whole = book.whole
        before = (book.amount, book.quantities, book.full)
        book.amount, book.quantities = book.amount + (amount or 0), quantities
        book.full = book.full or demand.kind is RefundType.FULL
        giving = max(self._spent_target(book) - book.given_back, 0)
        taking = max(self._earned_target(book) - book.taken_back, 0)
        if demand.kind is RefundType.FULL and was_whole and not (giving or taking or amount):
            book.amount, book.quantities, book.full = before
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

    def _demanded(self, book: Book, demand: RefundDemand) -> tuple[int | None, list[int]]:
        details, quantities = book.details, list(book.quantities)
        if demand.kind is RefundType.FULL:
            return (None if details is None else 0 if book.whole else details.amount - book.amount), quantities
        if details is None:
            raise OrderAmountUnknown("")
        left = 0 if book.whole else details.amount - book.amount
        if demand.kind is RefundType.AMOUNT:
            if self.wallet.settings.refunds.spent.type is SpentRefundType.REFUND_ITEM:
                raise ItemsRequired("")
            if demand.amount > left:
                raise RefundExceedsOrder("")
            return demand.amount, quantities
        if book.whole:
            raise RefundExceedsOrder("")
        price = 0
        for wanted in demand.items:
            for _ in range(wanted.quantity):
                for place, item in enumerate(details.items):
                    named = item.product_id == wanted.product_id and wanted.line_id in (None, item.line_id)
                    if named and quantities[place] < item.quantity:
                        # The unit price is rounded so that all pieces of a line cost as much as the line.
                        price -= item.amount * quantities[place] // item.quantity
                        quantities[place] += 1
                        price += item.amount * quantities[place] // item.quantity
                        break
                else:
                    raise RefundExceedsOrder("")
        return min(price, left), quantities

    def _spent_target(self, book: Book) -> int:
        kind = self.wallet.settings.refunds.spent.type
        if kind is SpentRefundType.NONE:
            return 0
        if book.whole:
            return book.spent_ever
        assert book.details is not None, "an order without an amount has full refunds only"
        if kind is SpentRefundType.REFUND_ALL:
            return 0
        if kind is SpentRefundType.REFUND_AMOUNT:
            return _share(book.spent_ever, book.amount, book.details.amount)
        lines = list(zip(book.details.items, book.quantities, strict=True))
        back = sum(item.amount * count // item.quantity for item, count in lines)
        return _share(book.spent_ever, back, sum(item.amount for item, _ in lines))

    def _earned_target(self, book: Book) -> int:
        if self.wallet.settings.refunds.earned.type is EarnedRefundType.KEEP:
            return 0
        if book.whole:
            return len(book.earned)
        assert book.details is not None, "an order without an amount has full refunds only"
        return _share(len(book.earned), book.amount, book.details.amount)

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
        if book.details is None and details is not None:
            book.details, book.quantities = details, [0] * len(details.items)
        return book


def _share(points: int, part: int, total: int) -> int:
    return points * part // total if total else 0
