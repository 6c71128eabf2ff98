"""The customers of the shop and the requests of each, from a seed: the same seed and day make the same shop.

The product takes events of the last 30 days. Older orders are imported, as by a shop that had another program before:
each as a credit with the expiry that its points would have.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from scripts.demo.goods import CITIES, NAMES, PRODUCTS, Product
from scripts.replay import api

POINTS_FOR_UNIT = 5
"""The points for each whole unit of an order's amount; one point pays for a hundredth."""
YEAR_DAYS = 360
EVENTS_DAYS = 28
"""Orders of so many days are sent as events. The product takes no older event than 30 days."""
BUSY_MONTHS = (11, 12)
COUPON = "SAVE10"
PAYMENT_MAX = 500
"""The most points that pay for one order."""


@dataclass(frozen=True, slots=True)
class Habit:
    """How many orders a customer placed within how many days. The weights add up to 100."""

    weight: int
    orders: range
    days: range


NEW = Habit(15, range(1, 3), range(10, EVENTS_DAYS + 1))
HABITS = (
    Habit(10, range(18, 28), range(YEAR_DAYS, YEAR_DAYS + 1)),
    Habit(40, range(5, 11), range(YEAR_DAYS, YEAR_DAYS + 1)),
    Habit(35, range(1, 5), range(60, YEAR_DAYS)),
    NEW,
)


class Kind(StrEnum):
    """What a request adds to the shop, as the result lists it."""

    PROFILE = "customer profiles"
    REFERRAL_CODE = "referral codes"
    IMPORTED_ORDER = "imported orders"
    IMPORTED_REFUND = "imported refunds"
    SPENT_BEFORE = "points spent before"
    PAYMENT = "payments with points"
    PAID_ORDER = "paid orders"
    COUPON = "redeemed coupons"
    REVIEW = "reviews"
    REFUND = "refunds"
    CANCELED = "canceled orders"
    REDEMPTION = "redeemed rewards"


@dataclass(frozen=True, slots=True)
class Request:
    """One request. It has the same body and key in every run, so that a repetition changes nothing."""

    kind: Kind
    method: str
    path: str
    body: Mapping[str, Any]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Shop:
    """What the stories of the customers depend on."""

    points: str
    """The id of the wallet of points."""
    seed: int
    founded: date
    """The day of the first run: the year before it has the orders."""
    zone: ZoneInfo
    currency: str
    unit: int
    """The minor units in one unit of the currency."""

    @property
    def first_event_day(self) -> date:
        return self.founded - timedelta(days=EVENTS_DAYS)

    def money(self, hundredths: int) -> int:
        return hundredths * self.unit // 100 or 1


@dataclass(frozen=True, slots=True)
class Line:
    product: Product
    quantity: int


@dataclass(frozen=True, slots=True)
class Order:
    order_id: str
    at: datetime
    lines: tuple[Line, ...]

    def amount(self, shop: Shop) -> int:
        return sum(_value(shop, line) for line in self.lines)

    def points(self, shop: Shop) -> int:
        """Returns the points of an imported order, at least one."""
        return max(self.amount(shop) // shop.unit * POINTS_FOR_UNIT, 1)

    def is_refunded(self, shop: Shop) -> bool:
        """Returns whether an imported order was refunded."""
        return chance(Random(f"{shop.seed} {self.order_id}"), 3)  # noqa: S311  # no secret

    def details(self, shop: Shop) -> dict[str, Any]:
        items = [
            {"productId": line.product.product_id, "quantity": line.quantity, "amount": _value(shop, line)}
            for line in self.lines
        ]
        return {"amount": self.amount(shop), "currency": shop.currency, "items": items}

    def event_details(self, shop: Shop) -> dict[str, Any]:
        """Returns the details with the categories, which only events take."""
        details = self.details(shop)
        for item, line in zip(details["items"], self.lines, strict=True):
            item["categories"] = [line.product.category]
        return details


@dataclass(frozen=True, slots=True)
class Customer:
    number: int
    customer_id: str
    orders: tuple[Order, ...]
    """From the oldest to the newest."""
    referrer: "Customer | None" = None

    @property
    def referral_code(self) -> str:
        return f"FRIEND-OF-{self.customer_id}".upper()

    def imported(self, shop: Shop) -> list[Order]:
        return [order for order in self.orders if order.at.date() < shop.first_event_day]

    def kept_points(self, shop: Shop) -> int:
        """Returns the points of imported orders that were not refunded."""
        return sum(order.points(shop) for order in self.imported(shop) if not order.is_refunded(shop))

    def spent_points(self, shop: Shop) -> int:
        """Returns the imported points that are spent at once, less than those that were kept."""
        random, kept = random_of(shop, self.number, "spent"), self.kept_points(shop)
        return max(kept * random.randrange(10, 60) // 100, 1) if kept > 1 and chance(random, 35) else 0

    def unspent_points(self, shop: Shop) -> int:
        """Returns the imported points that the customer certainly has when the last weeks are over."""
        paid = PAYMENT_MAX if self.recent(shop) else 0
        return self.kept_points(shop) - self.spent_points(shop) - paid

    def recent(self, shop: Shop) -> list[Order]:
        return [order for order in self.orders if order.at.date() >= shop.first_event_day]


def customers_of(shop: Shop, count: int) -> list[Customer]:
    """Returns the customers, each with a habit. Some of the new ones were referred by an earlier customer."""
    customers: list[Customer] = []
    for number in range(count):
        random = random_of(shop, number)
        (habit,) = random.choices(HABITS, [one.weight for one in HABITS])
        orders = _orders(shop, random, number, random.choice(habit.orders), random.choice(habit.days))
        customer = Customer(number, f"{NAMES[number % len(NAMES)]}-{number + 1:03d}", tuple(orders))
        known = [one for one in customers if one.referrer is None]
        if habit is NEW and known and chance(random, 40):
            customer = replace(customer, referrer=random.choice(known))
        customers.append(customer)
    return customers


def profile(shop: Shop, customer: Customer) -> Request:
    random = random_of(shop, customer.number, "profile")
    segments = [name for name, percent in (("newsletter", 60), ("tea", 50), ("coffee", 40)) if chance(random, percent)]
    day = date(2_000, 1, 1) + timedelta(days=random.randrange(366))
    body: dict[str, Any] = {
        "segments": segments,
        "birthday": f"{random.randrange(1_950, 2_005)}-{day:%m-%d}" if day != date(2_000, 2, 29) else "02-29",
        "metadata": {"city": random.choice(CITIES)},
        "importedOrderCount": len(customer.imported(shop)),
    }
    if customer.referrer:
        body["referredBy"] = customer.referrer.referral_code
    return Request(Kind.PROFILE, "PUT", api.path("customers", customer.customer_id), body)


def referral_code(customer: Customer) -> Request:
    path = api.path("customers", customer.customer_id, "referral-code")
    return Request(Kind.REFERRAL_CODE, "POST", path, {"code": customer.referral_code})


def past(shop: Shop, customer: Customer) -> list[Request]:
    """Returns the requests that import the customer's older orders, what of them was refunded, and what was spent."""
    card = ("wallets", shop.points, "cards", customer.customer_id)
    requests = []
    for order in customer.imported(shop):
        body = {
            "points": order.points(shop),
            "orderId": order.order_id,
            "order": order.details(shop),
            "expiresAt": _expiry(order.at, shop.zone).isoformat(),
            "pointsDescription": f"Order {order.order_id} of {order.at:%d %b %Y}, imported",
        }
        requests.append(
            Request(Kind.IMPORTED_ORDER, "POST", api.path(*card, "credits"), body, f"import-{order.order_id}")
        )
        if order.is_refunded(shop):
            refund = {
                "orderId": order.order_id,
                **_refund(shop, random_of(shop, customer.number, order.order_id), order),
                "reason": "Returned",
            }
            path = api.path(*card, "refunds")
            requests.append(Request(Kind.IMPORTED_REFUND, "POST", path, refund, f"refund-{order.order_id}"))
    if spent := customer.spent_points(shop):
        body = {"points": spent, "pointsDescription": "Spent before"}
        requests.append(
            Request(Kind.SPENT_BEFORE, "POST", api.path(*card, "debits"), body, f"spent-{customer.customer_id}")
        )
    return requests


def present(shop: Shop, customer: Customer, vip_code: str | None) -> list[Request]:
    """Returns the requests of the last weeks, in the sequence in which things happened."""
    random = random_of(shop, customer.number, "present")
    may_pay = customer.kept_points(shop) > 0
    has_coupon = False
    requests: list[Request] = []
    for order in customer.recent(shop):
        if may_pay and chance(random, 20):
            requests.append(_payment(shop, customer, order))
            may_pay = False
        requests.append(_paid(shop, customer, order))
        if not has_coupon and chance(random, 25):
            requests.append(_coupon(customer, COUPON, order, shop))
            has_coupon = True
        requests += _reviews(shop, random, customer, order)
        if chance(random, 8):
            requests.append(_undone(shop, random, customer, order))
    if vip_code and chance(random, 60):
        requests.append(_coupon(customer, vip_code))
    return requests


def _payment(shop: Shop, customer: Customer, order: Order) -> Request:
    body = {
        "order": {"id": order.order_id, **order.details(shop)},
        "paymentLimit": {"type": "POINTS_LIMIT", "max": PAYMENT_MAX},
    }
    path = api.path("wallets", shop.points, "cards", customer.customer_id, "payments")
    return Request(Kind.PAYMENT, "POST", path, body, f"payment-{order.order_id}")


def _paid(shop: Shop, customer: Customer, order: Order) -> Request:
    more = {"orderId": order.order_id, "order": order.event_details(shop)}
    return _event(Kind.PAID_ORDER, "order.paid", customer, f"paid-{order.order_id}", order.at, **more)


def _coupon(customer: Customer, code: str, order: Order | None = None, shop: Shop | None = None) -> Request:
    body: dict[str, Any] = {"customerId": customer.customer_id}
    if order and shop:
        body |= {"orderId": order.order_id, "order": order.event_details(shop)}
    path = api.path("coupons", code, "redemptions")
    return Request(Kind.COUPON, "POST", path, body, f"coupon-{code}-{customer.customer_id}")


def _reviews(shop: Shop, random: Random, customer: Customer, order: Order) -> Iterator[Request]:
    at = order.at + timedelta(days=random.randrange(2, 9))
    if chance(random, 40) and at.date() < shop.founded:
        product_id = random.choice(order.lines).product.product_id
        properties = {"productId": product_id, "stars": random.choice((3, 4, 4, 5, 5, 5))}
        event_id = f"review-{order.order_id}-{product_id}"
        yield _event(Kind.REVIEW, "review.created", customer, event_id, at, properties=properties)


def _undone(shop: Shop, random: Random, customer: Customer, order: Order) -> Request:
    """A refund or a cancellation, some hours after the order."""
    at = order.at + timedelta(hours=5)
    if chance(random, 30):
        event_id = f"canceled-{order.order_id}"
        return _event(Kind.CANCELED, "order.canceled", customer, event_id, at, orderId=order.order_id)
    refund = _refund(shop, random, order)
    event_id = f"refunded-{order.order_id}"
    return _event(Kind.REFUND, "order.refunded", customer, event_id, at, orderId=order.order_id, refund=refund)


def _event(kind: Kind, name: str, customer: Customer, event_id: str, at: datetime, **more: Any) -> Request:
    body = {"name": name, "customerId": customer.customer_id, "eventId": event_id, "occurredAt": at.isoformat(), **more}
    return Request(kind, "POST", api.path("events"), body)


def _refund(shop: Shop, random: Random, order: Order) -> dict[str, Any]:
    line = random.choice(order.lines)
    amount = _value(shop, line)
    return {"type": "FULL"} if amount == order.amount(shop) else {"type": "AMOUNT", "amount": amount}


def _orders(shop: Shop, random: Random, customer: int, count: int, first: int) -> Iterator[Order]:
    """Yields orders of the `first` days before the shop's first run, more of them in busy months."""
    days = [shop.founded - timedelta(days=ago) for ago in range(first, 0, -1)]
    weights = [3 if day.month in BUSY_MONTHS else 1 for day in days]
    for place, day in enumerate(sorted(random.choices(days, weights, k=count)), 1):
        local = datetime.combine(day, time(random.randrange(8, 19), random.randrange(60)), shop.zone)
        lines = random.sample(PRODUCTS, random.choice((1, 1, 2, 2, 3, 4)))
        yield Order(
            f"{customer + 1:03d}-{place:02d}", local, tuple(Line(one, random.choice((1, 1, 1, 2, 3))) for one in lines)
        )


def _expiry(at: datetime, zone: ZoneInfo) -> datetime:
    """Returns the end of the month, a year after the order: as points of the wallet expire."""
    months = at.year * 12 + at.month - 1 + 13
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=zone)


def _value(shop: Shop, line: Line) -> int:
    return shop.money(line.product.price) * line.quantity


def random_of(shop: Shop, customer: int, purpose: str = "orders") -> Random:
    """Returns the chance of one customer in one matter: another step does not change what the others do."""
    return Random(f"{shop.seed} {customer} {purpose}")  # noqa: S311  # no secret


def chance(random: Random, percent: int) -> bool:
    """Returns true in so many percent of the cases."""
    return random.randrange(100) < percent
