"""A month of a shop's orders, compared with an independent count.

The wallet has a monthly limit, pending days and an expiry at the end of a quarter. The independent count uses a
calendar and a list of lots, and no code of the product.
The month is generated, or LOYALTY_ORDERS names a file of real orders (form: docs/guides/replay.md).
"""

import csv
import gzip
import os
import sys
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
import time_machine

from loyalty.domain.zones import zone_of
from tests.integration.sweeping import sweep
from tests.support.stack import Stack

WAIT_DAYS, LIFE_DAYS = 14, 7
CUSTOMERS = [f"customer-{number:02}" for number in range(20)]
ORDERS = 160
FIRST_DAY, DAYS = date(2027, 3, 3), 36
"""The orders fall in March and April. The first points expire at the end of March, the others at the end of June."""


@dataclass(frozen=True)
class Order:
    at: datetime
    customer: str
    order_id: str
    cents: int
    spends: bool = False
    """Whether the order spends one point for each whole unit of money, or earns as many."""

    @property
    def points(self) -> int:
        return self.cents // 100


@dataclass(frozen=True)
class Month:
    zone: str
    limit: int
    orders: Sequence[Order]
    """Sorted by time."""

    def local(self, day: date, clock: time = time()) -> datetime:
        return datetime.combine(day, clock, zone_of(self.zone))

    def today(self, order: Order) -> date:
        return order.at.astimezone(zone_of(self.zone)).date()

    @property
    def instants(self) -> list[datetime]:
        """The instants of comparison: some noons, the last order, and each date of the rules with the second before."""
        first, last = self.today(self.orders[0]), self.today(self.orders[-1])
        active = [day + timedelta(days=WAIT_DAYS) for day in (first, last)]
        turns = [
            self.local(day) for day in (*active, *(end_of_quarter(day + timedelta(days=LIFE_DAYS)) for day in active))
        ]
        noons = [self.local(first + timedelta(days=days), time(12)) for days in (7, 25)]
        return sorted({*noons, self.orders[-1].at, *turns, *(turn - timedelta(seconds=1) for turn in turns)})


def generated_month() -> Month:
    random = Random(20270303)
    zone = zone_of("Europe/Berlin")
    moments = [
        datetime.combine(FIRST_DAY + timedelta(days=random.randrange(DAYS)), time(), zone)
        + timedelta(seconds=random.choice((0, random.randrange(86_400), 86_399)))
        for _ in range(ORDERS)
    ]
    orders = [
        Order(
            at=moment.astimezone(UTC),
            customer=random.choice(CUSTOMERS),
            order_id=f"#{1_000 + number}",
            cents=random.randint(500, 9_999),
            spends=moment.date() > date(2027, 3, 17) and random.random() < 0.3,
        )
        for number, moment in enumerate(sorted(moments))
    ]
    return Month(zone.key, limit=180, orders=orders)


def month_of_file(path: Path) -> Month:
    """The orders of known customers with one pound or more, at their times. No order spends points."""
    invoices: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        for row in csv.DictReader(file):
            if row["customer_id"] and not row["invoice_no"].startswith("C"):
                invoices[row["invoice_no"]].append(row)
    zone = zone_of("Europe/London")
    orders = [
        Order(
            at=datetime.fromisoformat(rows[0]["invoice_date"]).replace(tzinfo=zone).astimezone(UTC),
            customer=rows[0]["customer_id"],
            order_id=invoice,
            cents=int(sum(Decimal(row["unit_price"]) * int(row["quantity"]) for row in rows) * 100),
        )
        for invoice, rows in invoices.items()
    ]
    earning = [order for order in orders if order.points > 0]
    return Month(zone.key, limit=1_000, orders=sorted(earning, key=lambda order: order.at))


@dataclass
class Lot:
    points: int
    usable_from: datetime
    usable_until: datetime


@dataclass
class Count:
    """The points of one customer at an instant, counted from the orders before."""

    month: Month
    lots: list[Lot] = field(default_factory=list)
    given: Counter[tuple[int, int]] = field(default_factory=Counter)
    """Granted points by year and month."""
    spent: int = 0
    done: dict[str, int] = field(default_factory=dict)
    """The granted or spent points of each order; 0 if it was refused."""

    def active(self, at: datetime) -> int:
        return sum(lot.points for lot in self.lots if lot.usable_from <= at < lot.usable_until)

    def pending(self, at: datetime) -> int:
        return sum(lot.points for lot in self.lots if at < lot.usable_from)

    def expired(self, at: datetime) -> int:
        return sum(lot.points for lot in self.lots if lot.usable_until <= at)

    def earn(self, order: Order) -> None:
        today = self.month.today(order)
        period = today.year, today.month
        points = min(order.points, self.month.limit - self.given[period])
        self.given[period] += points
        self.done[order.order_id] = points
        active_on = today + timedelta(days=WAIT_DAYS)
        ends_on = end_of_quarter(active_on + timedelta(days=LIFE_DAYS))
        self.lots.append(Lot(points, self.month.local(active_on), self.month.local(ends_on)))

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


def end_of_quarter(day: date) -> date:
    """The first day after the quarter: points are usable until the end of its last day."""
    while day.month % 3 or day.day != monthrange(day.year, day.month)[1]:
        day += timedelta(days=1)
    return day + timedelta(days=1)


def counted(month: Month, at: datetime) -> dict[str, Count]:
    """The counts of the customers with earned points."""
    counts: dict[str, Count] = {}
    for order in month.orders:
        if order.at <= at:
            count = counts.setdefault(order.customer, Count(month))
            if order.spends:
                count.spend(order)
            else:
                count.earn(order)
    return {customer: count for customer, count in counts.items() if count.given}


def test_the_balances_after_a_month_of_orders_agree_with_an_independent_count(
    clock: time_machine.Traveller, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = os.environ.get("LOYALTY_ORDERS")
    month = month_of_file(Path(file)) if file else generated_month()
    monkeypatch.setenv("LOYALTY_TIME_ZONE", month.zone)
    clock.move_to(month.orders[0].at - timedelta(hours=1))
    wallet = stack.wallet(
        earningLimits={"global": {"type": "TIME_BASED", "unit": "MONTH", "max": month.limit}},
        pending={"type": "PERIOD_BASED", "every": WAIT_DAYS, "unit": "DAY"},
        expiration={"type": "ROLLING_EXPIRATION", "every": 1, "unit": "WEEK", "rounding": "END_OF_QUARTER"},
    )
    answered: dict[str, int] = {}
    for number, instant in enumerate(month.instants):
        for order in month.orders[len(answered) :]:
            if order.at > instant:
                break
            clock.move_to(order.at)
            answered[order.order_id] = _sent(stack, wallet, order)
        clock.move_to(instant)
        if number % 2:
            # The result must not depend on a sweep.
            for tick in ("activate_points", "expire_points"):
                sweep(stack, tick)
        _compare(stack, wallet, counted(month, instant), instant)
    counts = counted(month, month.instants[-1]).values()
    assert answered == {order_id: points for count in counts for order_id, points in count.done.items()}
    cut = sum(0 < answered[order.order_id] < order.points for order in month.orders)
    refused = sum(not points for points in answered.values())
    sys.stdout.write(f"{len(answered)} orders, {cut} cut, {refused} refused\n")
    if not file:
        _all_happened(month, answered)


def _sent(stack: Stack, wallet: str, order: Order) -> int:
    """The moved points of the order, or 0 if it was refused for an expected reason."""
    send = stack.debit if order.spends else stack.credit
    answer = send(wallet, order.points, order.customer, orderId=order.order_id, order={"amount": order.cents})
    if answer.status == 201:
        return int(answer.body["transaction"]["points"])
    assert answer.code in ("insufficient_points", "earning_limit_reached", "card_not_found"), answer.text
    return 0


def _compare(stack: Stack, wallet: str, counts: dict[str, Count], at: datetime) -> None:
    total: Counter[str] = Counter()
    for customer, count in counts.items():
        card = stack.card(wallet, customer)
        found = {name: card["balance"][name] for name in ("active", "pending")}
        found |= {name: card["lifetime"][name] for name in ("issued", "redeemed", "expired")}
        assert found == {
            "active": count.active(at),
            "pending": count.pending(at),
            "issued": sum(count.given.values()),
            "redeemed": count.spent,
            "expired": count.expired(at),
        }, f"{customer} at {at}"
        assert max(count.given.values()) <= count.month.limit
        total.update(found)
    sys.stdout.write(f"{at.isoformat()}: {len(counts)} customers agree, {dict(total)}\n")


def _all_happened(month: Month, answered: dict[str, int]) -> None:
    """Checks that every rule applied to some order of the month."""
    earning = [order for order in month.orders if not order.spends]
    spending = [order for order in month.orders if order.spends]
    assert any(0 < answered[order.order_id] < order.points for order in earning), "some credits were cut"
    assert any(answered[order.order_id] == 0 for order in earning), "some credits had no room"
    assert {answered[order.order_id] > 0 for order in spending} == {True, False}
    turn = month.local(date(2027, 4, 1))
    counts, last = counted(month, turn).values(), counted(month, month.instants[-1]).values()
    assert sum(count.expired(turn) for count in counts) > 0
    assert sum(count.active(turn) for count in counts) > 0
    assert len({period for count in last for period in count.given}) == 2
    assert {lot.usable_until.date() for count in last for lot in count.lots} == {date(2027, 4, 1), date(2027, 7, 1)}
    assert sum(count.active(month.instants[-1]) + count.pending(month.instants[-1]) for count in last) == 0
