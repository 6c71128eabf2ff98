"""The club of the shop: a program whose tiers follow the points of a year."""

from typing import Any

from scripts.demo.definitions import Maker
from scripts.demo.story import Shop
from scripts.replay import api

PROGRAM = "tea-house-club"
TIERS: dict[str, Any] = {
    "name": "Tea House Club",
    "type": "POINTS_EARNED",
    "period": "YEAR",
    "grace": {"every": 1, "unit": "MONTH"},
    "levels": [
        {"tierId": "leaf", "name": "Leaf", "from": 0},
        {
            "tierId": "silver",
            "name": "Silver Leaf",
            "from": 1_500,
            "benefits": {"multiplier": "1.1", "entitlements": ["early_access"]},
        },
        {
            "tierId": "gold",
            "name": "Golden Leaf",
            "from": 5_000,
            "benefits": {"multiplier": "1.25", "entitlements": ["early_access", "free_shipping"]},
        },
    ],
}


def define_club(maker: Maker, shop: Shop) -> None:
    """Makes or finds the program and its tiers, before any customer has a card."""
    structure = maker.post(api.path("tier-structures"), TIERS, "tiers").body
    maker.post(api.path("programs"), {"programId": PROGRAM, "name": "Tea House Club"}, "club")
    program = api.path("programs", PROGRAM)
    # A replay answers the program as it was when it was made: without wallets.
    if not maker.client.get(program).body["wallets"]:
        wallet = api.path("programs", PROGRAM, "wallets", shop.points)
        maker.client.put(wallet, {"tierStructureId": structure["tierStructureId"]})
