"""python -m scripts.demo.orders FILE: makes a month of the demonstration shop's orders, for `make replay`."""

import argparse
import json
import sys
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from loyalty.domain.currency import exponent_of
from loyalty.domain.zones import zone_of
from scripts.demo.goods import NAMES, PRODUCTS
from scripts.demo.story import chance
from scripts.local_stack.deployment import DEV_PARAMETERS
from scripts.replay.__main__ import whole

GUESTS_PERCENT = 12
REFUNDED_PERCENT = 7
COUPON_PERCENT = 10
ORDERS_OF_A_CUSTOMER = 2
"""The orders of the month per customer, on average."""
SALE_DAYS = (17, 18, 19)
SALE_DISCOUNT_PERCENT = 15
PAYDAY = 25
WEEKDAY_WEIGHTS = (9, 8, 8, 9, 12, 15, 16)
"""How busy the days are, from Monday."""
HOUR_WEIGHTS = (1, 0, 0, 0, 0, 1, 2, 4, 6, 7, 8, 8, 10, 8, 7, 7, 8, 9, 11, 14, 16, 14, 9, 4)
FREE_SHIPPING_FROM = 4_000
SHIPPING = 395
"""In hundredths of the currency's unit, as prices."""


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    zone: ZoneInfo
    currency: str
    seed: int

    def random(self, purpose: str) -> Random:
        """Returns the chance in one matter: another matter does not change it."""
        return Random(f"{self.seed} {self.first:%Y-%m} {purpose}")  # noqa: S311  # no secret

    def money(self, hundredths: int) -> int:
        return int(hundredths * 10 ** exponent_of(self.currency) // 100) or 1


def arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make orders", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--count", type=whole, default=1_500, metavar="N", help="how many orders (1500)")
    parser.add_argument("--seed", type=whole, default=1, metavar="N", help="another seed makes other orders (1)")
    parser.add_argument("--month", type=_month, default=date(2026, 10, 1), metavar="YYYY-MM", help="(2026-10)")
    currency, zone = DEV_PARAMETERS["Currency"], DEV_PARAMETERS["TimeZone"]
    parser.add_argument(
        "--currency", default=currency, metavar="CODE", help=f"that of the stack's project ({currency})"
    )
    parser.add_argument("--zone", type=zone_of, default=zone, metavar="NAME", help=f"the zone of the shop ({zone})")
    return parser.parse_args(words)


def _month(text: str) -> date:
    return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007  # the date alone is used


def main(words: Sequence[str]) -> int:
    wanted = arguments(words)
    made = list(orders_of(Month(wanted.month, wanted.zone, wanted.currency, wanted.seed), wanted.count))
    text = "".join(json.dumps(order) + "\n" for order in made)
    # The name may be that of a shop's own export.
    if wanted.file.exists() and wanted.file.read_text() != text:
        print(
            f"{wanted.file} has other orders. Remove it, or name another file: make orders ORDERS=...", file=sys.stderr
        )
        return 1
    wanted.file.write_text(text)
    customers = Counter(order["customerId"] for order in made)
    guests = customers.pop(None, 0)
    refunds = sum(len(order["refunds"]) for order in made)
    print(
        f"{wanted.file}: {len(made):,} orders of {wanted.month:%B %Y} in {wanted.currency}, "
        f"{guests:,} of them by guests, the others by {len(customers):,} customers; {refunds:,} refunds"
    )
    print(f"Next: make replay ORDERS={wanted.file}")
    return 0


def orders_of(shop: Month, count: int) -> Iterator[dict[str, Any]]:
    """Yields the orders in the sequence of their times."""
    for number, at in enumerate(sorted(_times(shop, count)), start=1):
        yield _order(shop, number, at, count)


def _times(shop: Month, count: int) -> Iterator[datetime]:
    """Yields instants of the month: more at weekends, in the evening, after payday and during the sale."""
    random = shop.random("times")
    days = [shop.first + timedelta(days=n) for n in range(monthrange(shop.first.year, shop.first.month)[1])]
    weights = [_weight(day) for day in days]
    hours = random.choices(range(24), HOUR_WEIGHTS, k=count)
    for day, hour in zip(random.choices(days, weights, k=count), hours, strict=True):
        yield datetime.combine(day, time(hour, random.randrange(60), random.randrange(60)), shop.zone)


def _weight(day: date) -> int:
    return WEEKDAY_WEIGHTS[day.weekday()] * (6 if _is_sale(day) else 3 if day.day >= PAYDAY else 2)


def _is_sale(day: date) -> bool:
    return day.day in SALE_DAYS


def _order(shop: Month, number: int, at: datetime, count: int) -> dict[str, Any]:
    random = shop.random(f"order {number}")
    items = [_item(shop, random, at, place) for place in range(1, random.choice((1, 1, 2, 2, 3, 4)) + 1)]
    goods = sum(item["amount"] for item in items)
    charges: list[dict[str, Any]] = []
    if chance(random, COUPON_PERCENT):
        charges.append({"type": "DISCOUNT", "amount": -(goods // 10), "label": "Coupon TEA10"})
    if goods < shop.money(FREE_SHIPPING_FROM):
        charges.append({"type": "SHIPPING", "amount": shop.money(SHIPPING)})
    order = {
        "orderId": f"#{10_000 + number}",
        "customerId": None if chance(random, GUESTS_PERCENT) else _customer(random, count),
        "at": at.isoformat(),
        "currency": shop.currency,
        "amount": goods + sum(charge["amount"] for charge in charges),
        "items": items,
        "charges": charges,
    }
    return order | {"refunds": [_refund(random, at, order)] if chance(random, REFUNDED_PERCENT) else []}


def _item(shop: Month, random: Random, at: datetime, place: int) -> dict[str, Any]:
    product, quantity = random.choice(PRODUCTS), random.choice((1, 1, 1, 2, 3))
    price = shop.money(product.price)
    if _is_sale(at.date()):
        price -= price * SALE_DISCOUNT_PERCENT // 100
    return {"productId": product.product_id, "quantity": quantity, "amount": price * quantity, "lineId": str(place)}


def _customer(random: Random, count: int) -> str:
    """Returns a customer: a few order every week, most once or twice."""
    customers = max(count // ORDERS_OF_A_CUSTOMER, 1)
    number = min(random.randrange(customers) for _ in range(3))
    return f"{NAMES[number % len(NAMES)]}-{number + 1:04d}"


def _refund(random: Random, at: datetime, order: dict[str, Any]) -> dict[str, Any]:
    """Returns a refund some days later: one piece of a line, a gesture of goodwill, or the whole order."""
    refund = {"key": "r1", "at": (at + timedelta(days=random.randrange(2, 15))).isoformat()}
    kind = random.choice(("ITEMS", "ITEMS", "ITEMS", "FULL", "AMOUNT"))
    if kind == "ITEMS":
        item = random.choice(order["items"])
        returned = {"productId": item["productId"], "quantity": 1, "lineId": item["lineId"]}
        return refund | {"type": kind, "items": [returned]}
    return refund | {"type": kind} | ({"amount": max(order["amount"] // 5, 1)} if kind == "AMOUNT" else {})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
