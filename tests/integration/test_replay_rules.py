"""A month of a shop's orders through a wallet with a monthly limit, a wait and a quarter's end; counted a second time.

The second count knows nothing of the product: it goes through the same orders with a calendar and a list of lots.
"""

from calendar import monthrange
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tests.integration.sweeping import sweep
from tests.stack import Stack

BERLIN = ZoneInfo("Europe/Berlin")
MONTHLY_LIMIT, WAIT_DAYS, LIFE_DAYS = 180, 14, 7
WALLET = {
    "earningLimits": {"global": {"type": "TIME_BASED", "unit": "MONTH", "max": MONTHLY_LIMIT}},
    "pending": {"type": "PERIOD_BASED", "every": WAIT_DAYS, "unit": "DAY"},
    "expiration": {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "WEEK", "rounding": "END_OF_QUARTER"},
}
CUSTOMERS = [f"customer-{number:02}" for number in range(20)]
ORDERS = 160
FIRST_DAY, DAYS = date(2027, 3, 3), 36
"""Two limits, since April begins meanwhile; what the first orders earn falls due with March, the rest with June."""


@dataclass(frozen=True)
class Order:
    at: datetime
    customer: str
    order_id: str
    cents: int
    spends: bool
    """Points are spent on it, one for each euro; else it earns as many."""

    @property
    def points(self) -> int:
        return self.cents // 100


def month_of_orders() -> list[Order]:
    random = Random(20270303)
    moments = [
        datetime.combine(FIRST_DAY + timedelta(days=random.randrange(DAYS)), time(), BERLIN)
        + timedelta(seconds=random.choice((0, random.randrange(86_400), 86_399)))
        for _ in range(ORDERS)
    ]
    return [
        Order(
            at=moment.astimezone(UTC),
            customer=random.choice(CUSTOMERS),
            order_id=f"#{1_000 + number}",
            cents=random.randint(500, 9_999),
            spends=moment.date() > date(2027, 3, 17) and random.random() < 0.3,
        )
        for number, moment in enumerate(sorted(moments))
    ]


INSTANTS = [
    # Before anything is active; a second before the first activation, and there.
    datetime(2027, 3, 10, 12, tzinfo=BERLIN),
    datetime(2027, 3, 16, 23, 59, 59, tzinfo=BERLIN),
    datetime(2027, 3, 17, tzinfo=BERLIN),
    # Behind the change of clocks; at the quarter's end; behind the last activation; at the end of June.
    datetime(2027, 3, 28, 12, tzinfo=BERLIN),
    datetime(2027, 3, 31, 23, 59, 59, tzinfo=BERLIN),
    datetime(2027, 4, 1, tzinfo=BERLIN),
    datetime(2027, 4, 8, 12, tzinfo=BERLIN),
    datetime(2027, 4, 22, tzinfo=BERLIN),
    datetime(2027, 6, 30, 23, 59, 59, tzinfo=BERLIN),
    datetime(2027, 7, 1, tzinfo=BERLIN),
]


@dataclass
class Lot:
    points: int
    usable_from: datetime
    usable_until: datetime


@dataclass
class Count:
    """One customer's points at an instant, counted from the orders before it alone."""

    lots: list[Lot] = field(default_factory=list)
    given: Counter[tuple[int, int]] = field(default_factory=Counter)
    """By year and month."""
    spent: int = 0
    done: dict[str, int] = field(default_factory=dict)
    """What each order gave or took; 0 where it was refused."""

    def active(self, at: datetime) -> int:
        return sum(lot.points for lot in self.lots if lot.usable_from <= at < lot.usable_until)

    def pending(self, at: datetime) -> int:
        return sum(lot.points for lot in self.lots if at < lot.usable_from)

    def expired(self, at: datetime) -> int:
        return sum(lot.points for lot in self.lots if lot.usable_until <= at)

    def earn(self, order: Order) -> None:
        today = order.at.astimezone(BERLIN).date()
        month = today.year, today.month
        points = min(order.points, MONTHLY_LIMIT - self.given[month])
        self.given[month] += points
        self.done[order.order_id] = points
        active_on = today + timedelta(days=WAIT_DAYS)
        self.lots.append(
            Lot(points, midnight(active_on), midnight(end_of_quarter(active_on + timedelta(days=LIFE_DAYS))))
        )

    def spend(self, order: Order) -> None:
        enough = order.points <= self.active(order.at)
        left = order.points if enough else 0
        self.spent += left
        self.done[order.order_id] = left
        for lot in sorted(self.lots, key=lambda lot: lot.usable_until):
            if lot.usable_from <= order.at < lot.usable_until:
                taken = min(lot.points, left)
                lot.points -= taken
                left -= taken


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BERLIN)


def end_of_quarter(day: date) -> date:
    """The first day behind the quarter: points of its last are usable to its end."""
    while day.month % 3 or day.day != monthrange(day.year, day.month)[1]:
        day += timedelta(days=1)
    return day + timedelta(days=1)


def counted(orders: list[Order], customer: str, at: datetime) -> Count:
    count = Count()
    for order in orders:
        if order.customer == customer and order.at <= at:
            if order.spends:
                count.spend(order)
            else:
                count.earn(order)
    return count


@pytest.mark.usefixtures("no_rollback")
def test_a_month_of_orders_ends_with_the_balances_that_a_second_count_finds(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet, orders = stack.wallet(**WALLET), month_of_orders()
    answered: dict[str, int] = {}
    passed: list[Order] = []
    for number, instant in enumerate(INSTANTS):
        while len(passed) < len(orders) and orders[len(passed)].at <= instant:
            order = orders[len(passed)]
            clock.move_to(order.at)
            answered[order.order_id] = _sent(stack, wallet, order)
            passed.append(order)
        clock.move_to(instant)
        if number % 2:
            # A sweep has been there, or not: it must not matter.
            for tick in ("activate_points", "expire_points"):
                sweep(stack, tick)
        _compare(stack, wallet, passed, instant)
    assert len(passed) == len(orders)
    _all_happened(orders, answered)


def _sent(stack: Stack, wallet: str, order: Order) -> int:
    """The points that the order moved, 0 where it was refused for a reason that the second count knows."""
    send = stack.debit if order.spends else stack.credit
    answer = send(wallet, order.points, order.customer, orderId=order.order_id, order={"amount": order.cents})
    if answer.status == 201:
        return int(answer.body["transaction"]["points"])
    assert answer.code in ("insufficient_points", "earning_limit_reached", "card_not_found"), answer.text
    return 0


def _compare(stack: Stack, wallet: str, orders: list[Order], at: datetime) -> None:
    for customer in sorted({order.customer for order in orders if not order.spends}):
        count, card = counted(orders, customer, at), stack.card(wallet, customer)
        assert (card["balance"]["active"], card["balance"]["pending"]) == (count.active(at), count.pending(at))
        lifetime = card["lifetime"]
        assert lifetime["issued"] == sum(count.given.values())
        assert (lifetime["redeemed"], lifetime["expired"]) == (count.spent, count.expired(at))
        assert max(count.given.values()) <= MONTHLY_LIMIT


def _all_happened(orders: list[Order], answered: dict[str, int]) -> None:
    """Every order was answered as counted, and the month was one in which all the rules had their say."""
    counts = [counted(orders, customer, INSTANTS[-1]) for customer in CUSTOMERS]
    done = {order_id: points for count in counts for order_id, points in count.done.items()}
    assert answered == done
    earning = [order for order in orders if not order.spends]
    spending = [order for order in orders if order.spends]
    assert any(0 < done[order.order_id] < order.points for order in earning), "some were cut"
    assert any(done[order.order_id] == 0 for order in earning), "some found no room"
    assert {done[order.order_id] > 0 for order in spending} == {True, False}
    assert len({month for count in counts for month in count.given}) == 2
    ends = {lot.usable_until.date() for count in counts for lot in count.lots}
    assert ends == {date(2027, 4, 1), date(2027, 7, 1)}
    assert sum(count.expired(INSTANTS[5]) for count in counts) > 0
    assert sum(count.active(INSTANTS[5]) for count in counts) > 0
    assert sum(count.active(INSTANTS[-1]) + count.pending(INSTANTS[-1]) for count in counts) == 0
