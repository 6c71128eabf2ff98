"""A coffee house with points: what the pages of the console show in tests and in the screenshots of the documents.

Fixed idempotency keys make everything once, also on a stack that several runs of the tests use.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from tests.support.live import Live, eventually

POINTS = {
    "name": "Harbour Coffee Points",
    "description": "One point for each whole pound; a point pays for a penny",
    "expiration": {"type": "ROLLING_EXPIRATION", "every": 12, "unit": "MONTH", "rounding": "END_OF_MONTH"},
    "payWithPoints": {"type": "EXCHANGE_RATIO", "formula": "1"},
    "transfers": {"allowed": True},
    "notices": {"expiring": [{"every": 30, "unit": "DAY"}]},
    "status": "ACTIVE",
}
STAMPS = {
    "name": "Roastery Stamps",
    "pointsName": "stamps",
    "description": "A stamp for each bag of beans",
    "expiration": {"type": "NO_EXPIRATION"},
    "status": "ACTIVE",
}
DRAFT = {
    "name": "Winter Warmers",
    "pointsName": "flakes",
    "expiration": {"type": "ROLLING_EXPIRATION", "unit": "MONTH"},
    "status": "DRAFT",
}
OTHERS = {"c-10112": 840, "c-10237": 2_310, "c-10391": 95, "c-10604": 1_260}
"""Other customers, and the points of their opening balances."""
ORDER = {
    "amount": 9450,
    "items": [
        {"productId": "espresso-beans-1kg", "quantity": 2, "amount": 4600},
        {"productId": "ceramic-mug", "quantity": 3, "amount": 3600},
        {"productId": "paper-filters", "quantity": 1, "amount": 750},
    ],
    "charges": [{"type": "SHIPPING", "amount": 500}],
}
VOUCHERIFY = {
    "name": "Harbour Gift",
    "type": "INDIVIDUAL",
    "points_expiration": {
        "type": "ROLLING_EXPIRATION",
        "rolling_expiration": {"period": {"unit": "MONTH", "value": 6}, "rounding": {"type": "END_OF_QUARTER"}},
    },
    "pending_points": {"type": "PERIOD_BASED", "period_based": {"period": {"unit": "DAY", "value": 14}}},
}
"""A definition to import."""


@dataclass(frozen=True)
class Shop:
    points: str
    """The active wallet in which the customer has most points."""
    stamps: str
    draft: str
    """A draft that needs actions before it can be active."""
    customer: str
    order: str
    """An order of the customer with three items, one of which is refunded."""
    debit: str
    """The id of the customer's debit."""


def open_shop(live: Live) -> Shop:
    """Makes the wallets, the customers and their movements, or finds them."""

    def made(path: str, body: Any, key: str) -> Any:
        answer = live.http("POST", path, body, key=f"coffee-{key}")
        assert answer.is_success, answer.text
        return answer.json()

    points, stamps, draft = (
        str(made("/wallets", body, f"wallet-{number}")["walletId"])
        for number, body in enumerate((POINTS, STAMPS, DRAFT))
    )
    customer, order = "c-10482", "HC-2041"

    def move(wallet: str, who: str, what: str, key: str, **body: Any) -> Any:
        answer = live.move(what, wallet, who, body, key=f"coffee-{who}-{key}")
        assert answer.is_success, answer.text
        return answer.json()

    for number, (other, opening) in enumerate(
        (("c-10112", 840), ("c-10237", 2_310), ("c-10391", 95), ("c-10604", 1_260))
    ):
        move(points, other, "credits", "opening", points=opening, pointsDescription="Opening balance")
        move(stamps, other, "credits", "stamps", points=number + 3, pointsDescription="Bags of beans")
    move(points, customer, "credits", "opening", points=1_860, pointsDescription="Opening balance")
    move(points, customer, "credits", "order", points=95, orderId=order, order=ORDER)
    debit = move(
        points, customer, "debits", "voucher", points=450, pointsDescription="Voucher of 4.50", source="Manual"
    )
    goodwill = {"pointsDescription": "Apology for a late parcel", "source": "Manual"}
    move(points, customer, "credits", "goodwill", points=200, **goodwill)
    pending = {"orderId": "HC-2067", "order": {"amount": 3_200}, "activateAfter": {"every": 14, "unit": "DAY"}}
    move(points, customer, "credits", "pending", points=32, **pending)
    hold = {"pointsDescription": "Reserved for order HC-2070", "expiresAfter": {"every": 30, "unit": "DAY"}}
    move(points, customer, "holds", "hold", points=150, **hold)
    move(stamps, customer, "credits", "stamps", points=7, pointsDescription="Bags of beans")
    items = [{"productId": "ceramic-mug", "quantity": 1}]
    refund = {"type": "ITEMS", "items": items, "reason": "One mug was broken"}
    made(f"/customers/{customer}/orders/{order}/refunds", refund, "refund")
    profile = {"birthday": "1988-04-17", "locale": "en-GB", "segments": ["newsletter"]}
    answer = live.http("PUT", f"/customers/{customer}", profile)
    assert answer.status_code in (HTTPStatus.OK, HTTPStatus.CREATED), answer.text
    # The search finds orders a moment after their transactions.
    eventually("the order in the search", lambda: live.http("GET", f"/search?q={order}").json()["data"])
    return Shop(points, stamps, draft, customer, order, str(debit["transaction"]["transactionId"]))
