"""A slow and obvious model of a card, with single points."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from loyalty.domain.cards.card import HOLDS_MAX, Lot
from loyalty.domain.dates import day_number, local_day
from loyalty.domain.movements.credit import ACTIVATION_LATE_SECONDS_MAX, Grant, grant_activation, grant_expiry
from loyalty.domain.wallets.settings import ConsumptionOrder
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import (
    HoldNotFound,
    HoldTooSmall,
    InsufficientPoints,
    InvalidDates,
    NothingToRefund,
    OrderNotFound,
    TooManyHolds,
)
from tests.support.world import Request


@dataclass(eq=False)
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
    """The points of an order that are not refunded."""

    spent: list[Point] = field(default_factory=list)
    earned: list[Point] = field(default_factory=list)
    """The points as granted, because points with equal dates cannot be distinguished."""
    refunded: bool = False


@dataclass
class Held:
    ends: int
    points: list[Point]
    """The points in the order of consumption."""
    claimed: int = 0
    """The points that refunds take back as far as they are released."""


@dataclass
class Model:
    """A card's points and orders, and its ledger's rows: (type, points, active after, pending after)."""

    wallet: Wallet
    at: int = 0
    points: list[Point] = field(default_factory=list)
    orders: dict[str, OrderBook] = field(default_factory=dict)
    holds: dict[int, Held] = field(default_factory=dict)
    """By the number of the HOLD row."""
    rows: list[tuple[str, int, int, int]] = field(default_factory=list)

    def settle(self, at: int) -> None:
        self.at = max(at, self.at)
        ended = [seq for seq, held in self.holds.items() if held.ends <= self.at]
        for seq in sorted(ended, key=lambda seq: self.holds[seq].ends):
            held = self.holds.pop(seq)
            self._release(held.points)
            self._take_back(self._usable(held.points)[: held.claimed])
        activating = [point for point in self.of("pending") if point.activates <= self.at]
        for point in activating:
            point.state = "active"
        if activating:
            self._write("ACTIVATION", len(activating))
        self._expire()

    def credit(self, grant: Grant, order_id: str | None, at: int) -> None:
        self.settle(at)
        if grant.activates_at is not None and grant.activates_at < self.at - ACTIVATION_LATE_SECONDS_MAX:
            raise InvalidDates("")
        usable = max(grant_activation(grant, self.wallet, self.at), self.at)
        expires = grant_expiry(grant, self.wallet, usable)
        if expires and expires <= usable:
            raise InvalidDates("")
        state = "pending" if usable > self.at else "active"
        granted = [Point(usable, expires, self._today, state) for _ in range(grant.points)]
        self.points += granted
        if order_id is not None:
            self._order(order_id).earned += [Point(usable, expires, self._today, state) for _ in granted]
        self._write("CREDIT", grant.points)

    def debit(self, points: int, order_id: str | None, at: int) -> None:
        self.settle(at)
        if points > len(self.of("active")):
            raise InsufficientPoints("")
        taken = self._spendable()[:points]
        for point in taken:
            point.state = "spent"
        if order_id is not None:
            self._order(order_id).spent += taken
        self._write("DEBIT", points)

    def refund(self, order_id: str, at: int) -> None:
        self.settle(at)
        if order_id not in self.orders:
            raise OrderNotFound("")
        order = self.orders[order_id]
        if order.refunded and not order.spent and not order.earned:
            raise NothingToRefund("")
        order.refunded = True
        returned = self._return(order)
        if returned:
            self._write("RETURN", returned)
        revoked = self._revoke(order)
        if revoked:
            self._write("REVOCATION", revoked)
        elif not returned:
            self._write("RETURN", 0)

    def hold(self, points: int, minutes: int, at: int) -> None:
        self.settle(at)
        if len(self.holds) == HOLDS_MAX:
            raise TooManyHolds("")
        if points > len(self.of("active")):
            raise InsufficientPoints("")
        taken = self._spendable()[:points]
        for point in taken:
            point.state = "held"
        self._write("HOLD", points)
        self.holds[len(self.rows)] = Held(self.at + 60 * minutes, taken)

    def capture(self, seq: int, points: int | None, at: int, *, final: bool) -> None:
        self.settle(at)
        if seq not in self.holds:
            raise HoldNotFound("")
        held = self.holds[seq].points
        if points is not None and points > len(held):
            raise HoldTooSmall("")
        spent, rest = held[:points], held[len(held) if points is None else points :]
        if final:
            self._end(rest, self.holds[seq].claimed)
            rest = []
        for point in spent:
            point.state = "spent"
        self._write("CAPTURE", len(spent))
        self.holds[seq] = Held(self.holds[seq].ends, rest, min(self.holds[seq].claimed, len(rest)))
        if not rest:
            del self.holds[seq]

    def release(self, seq: int, at: int) -> None:
        self.settle(at)
        if seq not in self.holds:
            raise HoldNotFound("")
        held = self.holds.pop(seq)
        self._end(held.points, held.claimed, always=True)

    def send(self, points: int, at: int) -> list[Lot]:
        self.settle(at)
        if points > len(self.of("active")):
            raise InsufficientPoints("")
        taken = self._spendable()[:points]
        for point in taken:
            point.state = "transferred"
        self._write("TRANSFER_OUT", points)
        return [Lot(1, *point.dates) for point in taken]

    def receive(self, lots: Iterable[Lot], at: int) -> None:
        """Adds the lots of another card, with their dates."""
        self.settle(at)
        before = len(self.points)
        for lot in lots:
            self.points += [Point(self.at, lot.expires_at, lot.issue_day, "active") for _ in range(lot.points)]
        self._write("TRANSFER_IN", len(self.points) - before)

    def of(self, state: str) -> list[Point]:
        return [point for point in self.points if point.state == state]

    def active_lots(self) -> dict[tuple[int, int], int]:
        """The points by expiry and issue day."""
        return dict(Counter(point.dates for point in self.of("active")))

    def pending_lots(self) -> dict[tuple[int, int, int], int]:
        """The points by activation, expiry and issue day."""
        return dict(Counter((point.activates, *point.dates) for point in self.of("pending")))

    def next_due(self) -> int | None:
        moments = [point.activates for point in self.of("pending")]
        moments += [point.expires for point in self.of("active") if point.expires]
        moments += [held.ends for held in self.holds.values()]
        return min(moments, default=None)

    @property
    def _today(self) -> int:
        return day_number(local_day(self.at, self.wallet.zone))

    def _order(self, order_id: str) -> OrderBook:
        return self.orders.setdefault(order_id, OrderBook())

    def _write(self, type_: str, points: int) -> None:
        self.rows.append((type_, points, len(self.of("active")), len(self.of("pending"))))

    def _expire(self) -> None:
        expiring = [point for point in self.of("active") if point.expires and point.expires <= self.at]
        for point in expiring:
            point.state = "expired"
        if expiring:
            self._write("EXPIRY", len(expiring))

    def _usable(self, points: list[Point]) -> list[Point]:
        """The points that are not past their date."""
        return [point for point in points if not point.expires or point.expires > self.at]

    def _end(self, points: list[Point], claimed: int, *, always: bool = False) -> None:
        """Releases points of a hold before its time."""
        usable = self._usable(points)
        self._release([point for point in points if point not in usable])
        self._expire()
        self._release(usable[:claimed])
        self._take_back(usable[:claimed])
        self._release(usable[claimed:], always=always)

    def _take_back(self, points: list[Point]) -> None:
        for point in points:
            point.state = "revoked"
        if points:
            self._write("REVOCATION", len(points))

    def _release(self, points: list[Point], *, always: bool = False) -> None:
        for point in points:
            point.state = "active"
        if points or always:
            self._write("RELEASE", len(points))

    def _spendable(self) -> list[Point]:
        """The active points in the consumption order."""
        by_issue = self.wallet.settings.consumption_order is ConsumptionOrder.EARLIEST_ISSUE

        def key(point: Point) -> tuple[int, bool, int, int]:
            return point.issued if by_issue else 0, point.expires == 0, point.expires, point.issued

        return sorted(self.of("active"), key=key)

    def _return(self, order: OrderBook) -> int:
        returned, order.spent = order.spent, []
        for point in returned:
            point.state = "active"
            if point.expires and point.expires <= self.at:
                point.expires = grant_expiry(Grant(1), self.wallet, self.at)
                point.issued = self._today
        return len(returned)

    def _revoke(self, order: OrderBook) -> int:
        """Revokes points with the dates of the earned points first, then others in the consumption order."""
        earned, order.earned = order.earned, []
        expired = Counter(point.dates for point in self.of("expired"))
        revoked = missing = 0
        for granted in earned:
            pending = [
                point
                for point in self.of("pending")
                if (point.activates, *point.dates) == (granted.activates, *granted.dates)
            ]
            own = pending if granted.state == "pending" and pending else self._like(granted)
            if own:
                own[0].state = "revoked"
                revoked += 1
            elif expired[granted.dates]:
                expired[granted.dates] -= 1
            else:
                missing += 1
        for point in self._spendable()[:missing]:
            point.state = "revoked"
            revoked += 1
            missing -= 1
        for held in self.holds.values():
            part = min(missing, len(held.points) - held.claimed)
            held.claimed += part
            missing -= part
        return revoked

    def _like(self, granted: Point) -> list[Point]:
        return [point for point in self.of("active") if point.dates == granted.dates]


def move(model: Model, request: Request, at: int) -> None:
    """Runs the request on the model."""
    match request.verb:
        case "credit":
            model.credit(request.grant, request.order_id, at)
        case "debit":
            model.debit(request.points, request.order_id, at)
        case "refund":
            assert request.order_id is not None
            model.refund(request.order_id, at)
        case "transfer":
            model.send(request.points, at)
        case "hold":
            model.hold(request.points, request.minutes, at)
        case "capture":
            model.capture(request.hold, request.points or None, at, final=request.final)
        case "release":
            model.release(request.hold, at)
