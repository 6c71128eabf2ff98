"""A slow and obvious model of a card: every point by itself."""

from collections import Counter
from dataclasses import dataclass, field

from loyalty.domain.consumption import ConsumptionOrder
from loyalty.domain.credit import Grant, activation_of, expiry_of
from loyalty.domain.dates import day_number, local_day
from loyalty.domain.wallet import Wallet
from loyalty.errors import InsufficientPoints, InvalidDates, NothingToRefund, OrderNotFound

NEVER_AT = 10**12


@dataclass
class Point:
    activates: int
    expires: int
    issued: int
    state: str

    @property
    def dates(self) -> tuple[int, int]:
        return self.expires, self.issued


@dataclass
class OrderBook:
    spent: list[Point] = field(default_factory=list)
    earned: list[Point] = field(default_factory=list)
    """As granted; kept apart from the points themselves, which mix with others of equal dates."""
    known_at: int = 0
    """How many rows there were when the order came up first."""
    refunded: bool = False


@dataclass
class Model:
    """Points, orders and the rows that the ledger must have written: (type, points, active after, pending after)."""

    wallet: Wallet
    at: int = 0
    points: list[Point] = field(default_factory=list)
    orders: dict[str, OrderBook] = field(default_factory=dict)
    rows: list[tuple[str, int, int, int]] = field(default_factory=list)
    expired: list[tuple[int, tuple[int, int]]] = field(default_factory=list)
    """Place of the row and dates, of each point that expired."""

    def settle(self, at: int) -> None:
        self.at = max(at, self.at)
        activating = [point for point in self._in("pending") if point.activates <= self.at]
        for point in activating:
            point.state = "active"
        if activating:
            self._row("ACTIVATION", len(activating))
        expiring = [point for point in self._in("active") if point.expires and point.expires <= self.at]
        for point in expiring:
            point.state = "expired"
            self.expired.append((len(self.rows), point.dates))
        if expiring:
            self._row("EXPIRY", len(expiring))

    def credit(self, grant: Grant, order_id: str | None, at: int) -> None:
        self.settle(at)
        usable = max(activation_of(grant, self.wallet, self.at), self.at)
        expires = expiry_of(grant, self.wallet, usable)
        if expires and expires <= usable:
            raise InvalidDates
        state = "pending" if usable > self.at else "active"
        granted = [Point(usable, expires, self._today, state) for _ in range(grant.points)]
        self.points += granted
        if order_id is not None:
            self._order(order_id).earned += [Point(usable, expires, self._today, state) for _ in granted]
        self._row("CREDIT", grant.points)

    def debit(self, points: int, order_id: str | None, at: int) -> None:
        self.settle(at)
        if points > len(self._in("active")):
            raise InsufficientPoints("")
        taken = self._spendable()[:points]
        for point in taken:
            point.state = "spent"
        if order_id is not None:
            self._order(order_id).spent += taken
        self._row("DEBIT", points)

    def refund(self, order_id: str, at: int) -> None:
        self.settle(at)
        if order_id not in self.orders:
            raise OrderNotFound("")
        order = self.orders[order_id]
        if order.refunded and not order.spent and not order.earned:
            raise NothingToRefund("")
        returned, revoked = self._returned(order), self._revoked(order)
        if returned or not revoked:
            self._row("RETURN", returned, plus_active=-self._last_revoked_active, plus_pending=-self._last_revoked_pending)
        if revoked:
            self._row("REVOCATION", revoked)
        order.refunded = True

    def lots(self, state: str) -> dict[tuple[int, ...], int]:
        """Points by dates, as the card keeps them."""
        if state == "active":
            return dict(Counter(point.dates for point in self._in("active")))
        return dict(Counter((point.activates, *point.dates) for point in self._in("pending")))
