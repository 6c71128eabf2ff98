"""The rewards catalogue of the shop, and what customers redeem."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scripts.demo.definitions import Maker
from scripts.demo.story import Customer, Kind, Request, Shop, chance, random_of
from scripts.replay import api

DISCOUNT_CODES = 100


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward of the catalogue, and its price in points."""

    reward_id: str
    price: int


def define_rewards(maker: Maker, shop: Shop, credit: str) -> list[Offer]:
    """Makes or finds the rewards, and the discount codes of one of them."""
    offers = {}
    for key, body in rewards_of(shop, credit).items():
        answer = maker.post(api.path("rewards"), {"status": "ACTIVE", **body}, f"reward-{key}")
        offers[key] = Offer(str(answer.body["rewardId"]), body["price"][0]["points"])
    codes = [f"TEA-{shop.seed}-{number:04d}" for number in range(DISCOUNT_CODES)]
    maker.post(api.path("rewards", offers["discount"].reward_id, "codes"), {"codes": codes}, "discount-codes")
    return list(offers.values())


def rewards_of(shop: Shop, credit: str) -> dict[str, dict[str, Any]]:
    """Returns the rewards by the key of each."""

    def price(points: int) -> list[dict[str, Any]]:
        return [{"walletId": shop.points, "points": points}]

    return {
        "teapot": {
            "name": "Cast iron teapot",
            "kind": "PRODUCT",
            "product": {"productId": "teapot-cast-iron"},
            "price": price(4_000),
            "stock": 25,
            "limits": {"perCustomer": {"times": 1}},
        },
        "discount": {
            "name": "5.00 off the next order",
            "kind": "DISCOUNT_CODE",
            "price": price(450),
        },
        "shipping": {
            "name": "Free shipping for three months",
            "kind": "ENTITLEMENT",
            "entitlement": {"key": "free_shipping", "validFor": {"every": 3, "unit": "MONTH"}},
            "price": price(300),
        },
        "credit": {
            "name": "Store credit",
            "description": "Points become credit, which never expires",
            "kind": "POINTS",
            "credit": {"walletId": credit, "points": 1_000},
            "price": price(1_000),
        },
    }


def redemptions(shop: Shop, customer: Customer, offers: Sequence[Offer]) -> list[Request]:
    """Returns what the customer redeems: at most one reward, which the imported points certainly pay for."""
    random = random_of(shop, customer.number, "catalogue")
    affordable = [one for one in offers if one.price <= customer.unspent_points(shop)]
    if not affordable or not chance(random, 40):
        return []
    offer = random.choice(affordable)
    path = api.path("customers", customer.customer_id, "redemptions")
    key = f"reward-{customer.customer_id}"
    return [Request(Kind.REDEMPTION, "POST", path, {"rewardId": offer.reward_id}, key)]
