"""The definitions of the shop: wallets, an event, campaigns and codes of coupons. Fixed keys make them once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from loyalty.domain.zones import zone_of
from scripts.demo.story import COUPON, POINTS_FOR_UNIT, Customer, Shop
from scripts.replay import api, money
from scripts.replay.api import Answer, Api, Failed

ORDER_PAID = {"type": "EVENT", "event": "order.paid"}
REVIEW = {
    "description": "A customer reviewed a product",
    "properties": [
        {"name": "productId", "type": "STRING", "required": True},
        {"name": "stars", "type": "NUMBER", "required": True},
    ],
}
POINTS_WALLET = {
    "name": "Tea House Points",
    "pointsName": "leaves",
    "description": "Five leaves for each whole unit of money; a leaf pays for a hundredth",
    "expiration": {"type": "ROLLING_EXPIRATION", "every": 12, "unit": "MONTH", "rounding": "END_OF_MONTH"},
    "payWithPoints": {"type": "EXCHANGE_RATIO", "formula": "1"},
    "notices": {"expiring": [{"every": 30, "unit": "DAY"}]},
    "transfers": {"allowed": True},
}
CREDIT_WALLET = {
    "name": "Tea House Credit",
    "pointsName": "credit",
    "description": "Cashback of coupons, which never expires",
    "expiration": {"type": "NO_EXPIRATION"},
    "payWithPoints": {"type": "EXCHANGE_RATIO", "formula": "1"},
}
DOUBLE_DAYS = 7
"""The days before the first run that have double points."""
VIPS = 20
"""How many customers get a coupon of their own: those with the most orders."""


class OtherShop(Exception):
    """The stack has a shop that was made with other options."""


@dataclass(slots=True)
class Maker:
    """Makes or finds definitions, and counts them."""

    client: Api
    advance: Callable[[], None]
    made: int = 0
    found: int = 0

    def post(self, path: str, body: Mapping[str, Any], key: str) -> Answer:
        answer = self.client.post(path, body, f"demo-{key}")
        # Codes that a reward has already are left out, whatever the key.
        is_known = answer.is_replay or answer.body.get("added") == 0
        self.found += is_known
        self.made += not is_known
        self.advance()
        return answer


@dataclass(frozen=True, slots=True)
class Definitions:
    shop: Shop
    campaigns: Sequence[Answer]
    coupons: str
    """The id of the campaign whose code is shared."""
    presents: str
    """The id of the campaign whose codes belong to one customer each."""
    credit: str
    """The id of the wallet of store credit."""

    @property
    def activated_at(self) -> datetime:
        """The latest activation of a campaign."""
        return max(datetime.fromisoformat(answer.body["activatedAt"]) for answer in self.campaigns)


def define(maker: Maker, seed: int, customers: int) -> Definitions:
    """Makes or finds wallets, event, campaigns and the shared code. Raises `Failed` and `OtherShop`."""
    project = maker.client.get(api.path("project")).body
    zone, currency = zone_of(str(project["timeZone"])), str(project["currency"])
    options = {"seed": seed, "customers": customers}
    try:
        points = maker.post(api.path("wallets"), {**POINTS_WALLET, "metadata": options}, "wallet-points").body
    except Failed as failed:
        raise OtherShop if failed.code == "key_reused" else failed from failed
    credit = maker.post(api.path("wallets"), CREDIT_WALLET, "wallet-credit").body
    _define_reviews(maker.client)
    founded = datetime.fromisoformat(str(points["createdAt"])).astimezone(zone).date()
    shop = Shop(str(points["walletId"]), seed, founded, zone, currency, money.unit(currency))
    campaigns = [
        maker.post(api.path("campaigns"), {"status": "ACTIVE", **body}, f"campaign-{key}")
        for key, body in campaigns_of(shop, str(credit["walletId"])).items()
    ]
    coupons, presents = (str(one.body["campaignId"]) for one in campaigns[-2:])
    maker.post(api.path("campaigns", coupons, "codes"), {"codes": [COUPON]}, "codes-shared")
    return Definitions(shop, campaigns, coupons, presents, str(credit["walletId"]))


def campaigns_of(shop: Shop, credit: str) -> dict[str, dict[str, Any]]:
    """Returns the campaigns by the key of each. The last two have codes of coupons."""
    points = shop.points

    def fixed(number: int, **more: Any) -> dict[str, Any]:
        return {"walletId": points, "type": "FIXED", "points": number, **more}

    purchase = {"type": "PROPORTIONAL", "every": shop.unit, "points": POINTS_FOR_UNIT}
    began = shop.founded - timedelta(days=DOUBLE_DAYS)
    return {
        "purchases": {
            "name": "Purchases",
            "description": "Points for each order, active after two weeks",
            "trigger": ORDER_PAID,
            "startsAt": _midnight(shop.first_event_day, shop),
            "rewards": [{"walletId": points, **purchase, "activateAfter": {"every": 14, "unit": "DAY"}}],
        },
        "first-order": {
            "name": "First order",
            "trigger": ORDER_PAID,
            "conditions": {"customer": {"orderCount": [0]}},
            "startsAt": _midnight(shop.first_event_day, shop),
            "rewards": [fixed(250)],
        },
        "referral": {
            "name": "Bring a friend",
            "description": "Points for both, with the friend's first order of at least 10.00",
            "trigger": ORDER_PAID,
            "conditions": {
                "customer": {"orderCount": [0], "referred": [True]},
                "order": {"amount": [{"numeric": [">=", shop.money(1_000)]}]},
            },
            "startsAt": _midnight(shop.first_event_day, shop),
            "rewards": [fixed(200), fixed(300, to="REFERRER")],
            "limits": {"perReferrer": {"times": 50, "per": [{"unit": "MONTH", "times": 10}]}},
        },
        "tea-week": {
            "name": "Double points for a fortnight",
            "trigger": ORDER_PAID,
            "startsAt": _midnight(began, shop),
            "endsAt": _midnight(shop.founded + timedelta(days=DOUBLE_DAYS), shop),
            "multiplier": {"factor": "2"},
        },
        "christmas": {
            "name": "Christmas: triple points",
            "trigger": ORDER_PAID,
            "startsAt": _midnight(date(shop.founded.year, 12, 21), shop),
            "endsAt": _midnight(date(shop.founded.year, 12, 27), shop),
            "multiplier": {"factor": "3"},
        },
        "lucky-leaf": {
            "name": "Lucky leaf",
            "description": "A chance of 500 points with large orders, as long as the budget lasts",
            "trigger": ORDER_PAID,
            "conditions": {"order": {"amount": [{"numeric": [">=", shop.money(3_000)]}]}},
            "startsAt": _midnight(shop.first_event_day, shop),
            "rewards": [
                {
                    "walletId": points,
                    "type": "RANDOM",
                    "outcomes": [
                        {"points": 0, "weight": 70},
                        {"from": 10, "to": 50, "weight": 25},
                        {"points": 500, "weight": 5},
                    ],
                }
            ],
            "limits": {"budget": {"points": 20_000}},
        },
        "reviews": {
            "name": "Reviews",
            "trigger": {"type": "EVENT", "event": "review.created"},
            "startsAt": _midnight(shop.first_event_day, shop),
            "rewards": [fixed(20)],
            "limits": {"perCustomer": {"oncePer": "properties.productId"}},
        },
        "birthday": {
            "name": "Birthday",
            "trigger": {"type": "SCHEDULE", "walletId": points, "at": "09:00", "every": {"birthday": True}},
            "rewards": [fixed(100, expireAfter={"every": 1, "unit": "MONTH"})],
        },
        "coupons": {
            "name": "Ten percent back",
            "trigger": {"type": "COUPON"},
            "rewards": [{"walletId": credit, "type": "PROPORTIONAL", "every": 10, "points": 1, "maxPoints": 2_000}],
            "limits": {"perCustomer": {"per": [{"unit": "MONTH", "times": 2}]}, "budget": {"awards": 1_000}},
        },
        "presents": {
            "name": "A present for our best customers",
            "trigger": {"type": "COUPON"},
            "rewards": [{"walletId": credit, "type": "FIXED", "points": 500}],
        },
    }


def personal_codes(maker: Maker, definitions: Definitions, customers: Sequence[Customer]) -> dict[str, str]:
    """Makes or finds a code for each of the best customers; returns the codes by customer id."""
    best = sorted(customers, key=lambda one: -len(one.orders))[:VIPS]
    ids = [one.customer_id for one in best]
    body = {"customerIds": ids, "config": {"prefix": "VIP-", "length": 8}}
    answer = maker.post(api.path("campaigns", definitions.presents, "codes"), body, "codes-personal")
    return dict(zip(ids, map(str, answer.body["codes"]), strict=True))


def _define_reviews(client: Api) -> None:
    """Defines the event of a review, unless it is defined: saving it again would be a new version."""
    path = api.path("event-definitions", "review.created")
    try:
        client.get(path)
    except Failed as failed:
        if failed.code != "event_definition_not_found":
            raise
        client.put(path, REVIEW)


def _midnight(day: date, shop: Shop) -> str:
    return datetime.combine(day, time(), shop.zone).isoformat()
