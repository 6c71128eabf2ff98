"""A repetition of any command has the first answer, in every field, whatever has happened meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from loyalty.store.store import connected_store
from tests.integration.accounts import START, made_once
from tests.integration.sweeping import message, settle
from tests.integration.tiering import CLUB, structure
from tests.support.requests import ROUTES, WITH_BODY, body_fields, example, parameters
from tests.support.stack import Answer, Stack

Json = Any
KEY = "the-key-of-the-command"
CARD = "/v1/wallets/{wallet}/cards/ann"
TEXTS = ("metadata", "pointsDescription", "reason")
BY_DELIVERY = {"type": "EVENT_BASED", "events": ["delivered"], "cancelAfter": {"every": 30, "unit": "DAY"}}
EVENT = {"name": "delivered", "customerId": "ann", "eventId": "event-1", "orderId": "A"}
ORDER = {"amount": 1_000, "items": [{"productId": "tea", "quantity": 2, "amount": 1_000}], "metadata": {"gift": True}}


@dataclass
class Shop:
    """A project with two wallets in which Ann has cards, and the numbers of its requests."""

    stack: Stack
    clock: time_machine.Traveller
    wallet: str = ""
    other: str = ""
    _numbers: list[int] = field(default_factory=lambda: [0])

    def __post_init__(self) -> None:
        self.wallet, self.other = made_once(self.stack, "shop", self._wallets)

    def _wallets(self) -> tuple[str, str]:
        self.stack.http("PUT", "/v1/event-definitions/delivered", {})
        settings = {
            "transfers": {"allowed": True},
            "payWithPoints": {"type": "EXCHANGE_RATIO", "formula": 1},
            "expiration": {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "YEAR"},
            "pending": BY_DELIVERY,
        }
        first, other = (self.stack.wallet(**settings) for _ in range(2))
        for wallet in (first, other):
            self.stack.credit(wallet, 2_000, activatesAt=START.isoformat(), orderId="first")
        self.stack.credit(first, 1, customer="bob")
        return first, other

    def post(self, path: str, body: Json = None, *, key: str | None = None, method: str = "POST") -> Answer:
        self._numbers[0] += 1
        query = {"format": "voucherify"} if path.endswith("/import") else None
        key = key or f"other-key-{self._numbers[0]:04d}"
        return self.stack.http(method, self.path(path), body, key=key, query=query)

    def path(self, path: str) -> str:
        return path.format(wallet=self.wallet, other=self.other)

    def transaction(self, path: str, body: Json) -> str:
        answer = self.post(path, body)
        assert answer.status == 201, answer.text
        return str(answer.body["transaction"]["transactionId"])

    def change(self, path: str, change: Json, *, method: str = "PATCH") -> None:
        etag = self.stack.http("GET", self.path(path)).headers["ETag"]
        answer = self.stack.http(method, self.path(path), change, headers={"If-Match": etag})
        assert answer.status == 200, answer.text


Sent = tuple[str, Json]
"""The path and the body of a command."""
CREDIT = {"points": 100, "orderId": "A", "order": ORDER, "pointsDescription": "For Ann", "metadata": {"name": "Ann"}}
CREDITS = [{**CREDIT, "customerId": customer, "idempotencyKey": KEY} for customer in ("ann", "cid")]
PAY = {"order": {"id": "A", **ORDER}, "pointsDescription": "By Ann", "metadata": {"name": "Ann"}}


def pending_of_order(shop: Shop) -> str:
    return shop.transaction(f"{CARD}/credits", CREDIT)


def paid(shop: Shop) -> None:
    pending_of_order(shop)
    assert shop.post(f"{CARD}/payments", {**PAY, "paymentLimit": {"type": "POINTS_LIMIT", "max": 300}}).status == 201


def hold(shop: Shop) -> str:
    lasts = {"every": 9, "unit": "DAY"}
    return shop.transaction(f"{CARD}/holds", {"points": 50, "orderId": "A", "expiresAfter": lasts})


def pending_of(shop: Shop, ending: str, *, by_credit: bool) -> Sent:
    credit = pending_of_order(shop)
    chosen = {"transactionId": credit} if by_credit else {"orderId": "A"}
    return f"{CARD}/pending/{ending}", {"reason": "Ann called", **chosen}


def club_wallet(shop: Shop) -> Json:
    return {"walletId": shop.wallet, "tierStructureId": structure(shop.stack)}


def manual_tier(shop: Shop) -> Sent:
    shop.post("/v1/programs", {"programId": "club", "name": "Club", "status": "ACTIVE", "wallets": [club_wallet(shop)]})
    return "/v1/programs/club/customers/ann/tier", {"tierId": "vip", "reason": "Ann called"}


def event(shop: Shop) -> Sent:
    pending_of_order(shop)
    assert shop.post("/v1/wallets/{other}/cards/ann/credits", CREDIT).status == 201
    return "/v1/events", {**EVENT, "occurredAt": START.isoformat()}


def batch(shop: Shop) -> Sent:
    _, body = event(shop)
    without_order = {**{name: value for name, value in body.items() if name != "orderId"}, "eventId": "event-2"}
    return "/v1/events/batch", {"events": [body, without_order]}


def after_payment(shop: Shop, path: str, body: Json) -> Sent:
    paid(shop)
    return path, body


def reversal(shop: Shop, points: int) -> Sent:
    body = {"points": abs(points), "metadata": {"name": "Ann"}}
    mistake = shop.transaction(f"{CARD}/{'credits' if points > 0 else 'debits'}", body)
    return f"/v1/transactions/{mistake}/reversal", {"reason": "Ann called"}


def campaign(shop: Shop, status: str, event_name: str) -> Json:
    reward = {"walletId": shop.wallet, "type": "FIXED", "points": 10}
    trigger = {"type": "EVENT", "event": event_name}
    ends_at = (START + timedelta(days=10)).isoformat()
    return {"name": "New", "status": status, "trigger": trigger, "rewards": [reward], "endsAt": ends_at}


def coupons(shop: Shop) -> str:
    """Creates a campaign of coupons; returns its id."""
    body = {**campaign(shop, "ACTIVE", "order.paid"), "trigger": {"type": "COUPON"}}
    return str(shop.post("/v1/campaigns", body).body["campaignId"])


def redemption(shop: Shop, **order: Json) -> Sent:
    codes = shop.post(f"/v1/campaigns/{coupons(shop)}/codes", {"count": 1}).body["codes"]
    return f"/v1/coupons/{codes[0]}/redemptions", {"customerId": "ann", **order}


def reward(shop: Shop, kind: str) -> Json:
    price = [{"walletId": shop.wallet, "points": 30}]
    if kind == "POINTS":
        return {"name": "For Ann", "kind": kind, "price": price, "credit": {"walletId": shop.other, "points": 5}}
    limits = {"perCustomer": {"times": 1}}
    return {
        "name": "For Ann",
        "kind": kind,
        "price": price,
        "product": {"productId": "p"},
        "stock": 2,
        "limits": limits,
    }


def reward_redemption(shop: Shop, kind: str) -> Sent:
    reward_id = shop.post("/v1/rewards", reward(shop, kind)).body["rewardId"]
    return "/v1/customers/ann/redemptions", {"rewardId": reward_id, "metadata": {"name": "Ann"}}


def cancellation(shop: Shop, kind: str) -> Sent:
    path, body = reward_redemption(shop, kind)
    return f"{path}/{shop.post(path, body).body['redemption']['redemptionId']}/cancel", {"writeOff": True}


DRAFT = {"name": "New", "status": "DRAFT", "pending": {"type": "EVENT_BASED", "events": ["unknown"]}}
COMMANDS: dict[str, dict[str, Callable[[Shop], Sent]]] = {
    "POST /v1/wallets/{walletId}/cards/{customerId}/credits": {
        "pending": lambda _: (f"{CARD}/credits", CREDIT),
        "first of a card": lambda _: ("/v1/wallets/{wallet}/cards/cid/credits", CREDIT),
    },
    "POST /v1/wallets/{walletId}/credits": {
        "to a card and to a new one": lambda _: ("/v1/wallets/{wallet}/credits", {"credits": CREDITS}),
    },
    "POST /v1/wallets/{walletId}/cards/{customerId}/debits": {
        "of an order": lambda _: (f"{CARD}/debits", {**CREDIT, "allowPartial": True}),
        "without an order": lambda _: (f"{CARD}/debits", {"points": 30}),
    },
    "POST /v1/wallets/{walletId}/cards/{customerId}/payments": {"": lambda _: (f"{CARD}/payments", PAY)},
    "POST /v1/wallets/{walletId}/cards/{customerId}/holds": {"": lambda _: (f"{CARD}/holds", CREDIT)},
    "POST /v1/wallets/{walletId}/cards/{customerId}/holds/{holdId}/capture": {
        "all": lambda shop: (f"{CARD}/holds/{hold(shop)}/capture", {}),
        "a part": lambda shop: (f"{CARD}/holds/{hold(shop)}/capture", {"points": 20, "final": False}),
        "a part, releasing the rest": lambda shop: (f"{CARD}/holds/{hold(shop)}/capture", {"points": 20}),
    },
    "POST /v1/wallets/{walletId}/cards/{customerId}/holds/{holdId}/release": {
        "": lambda shop: (f"{CARD}/holds/{hold(shop)}/release", None),
    },
    "POST /v1/wallets/{walletId}/cards/{customerId}/transfers": {
        "": lambda _: (f"{CARD}/transfers", {"toCustomerId": "bob", "points": 40, "metadata": {"name": "Ann"}}),
    },
    "POST /v1/wallets/{walletId}/cards/{customerId}/refunds": {
        "all": lambda shop: after_payment(shop, f"{CARD}/refunds", {"orderId": "A", "type": "FULL", "reason": "Ann"}),
        "an amount": lambda shop: after_payment(
            shop, f"{CARD}/refunds", {"orderId": "A", "type": "AMOUNT", "amount": 300}
        ),
        "items": lambda shop: after_payment(
            shop, f"{CARD}/refunds", {"orderId": "A", "type": "ITEMS", "items": [{"productId": "tea", "quantity": 1}]}
        ),
    },
    "POST /v1/customers/{customerId}/orders/{orderId}/refunds": {
        "": lambda shop: after_payment(shop, "/v1/customers/ann/orders/A/refunds", {"type": "AMOUNT", "amount": 300}),
    },
    "POST /v1/customers/{customerId}/refunds": {
        "": lambda shop: after_payment(shop, "/v1/customers/ann/refunds", {"orderId": "A", "type": "FULL"}),
    },
    "POST /v1/wallets/{walletId}/cards/{customerId}/pending/activate": {
        "of an order": lambda shop: pending_of(shop, "activate", by_credit=False),
        "of a credit": lambda shop: pending_of(shop, "activate", by_credit=True),
    },
    "POST /v1/wallets/{walletId}/cards/{customerId}/pending/cancel": {
        "of an order": lambda shop: pending_of(shop, "cancel", by_credit=False),
        "of a credit": lambda shop: pending_of(shop, "cancel", by_credit=True),
    },
    "POST /v1/wallets/{walletId}/cards/{customerId}/adjustments": {
        "up": lambda _: (f"{CARD}/adjustments", {"points": 10, "reason": "Ann called"}),
        "down": lambda _: (f"{CARD}/adjustments", {"points": -10, "reason": "Ann called", "qualifying": True}),
    },
    "POST /v1/wallets/{walletId}/cards/{customerId}/expiry-changes": {
        "": lambda _: (f"{CARD}/expiry-changes", {"expiresAt": "2027-06-01T00:00:00Z", "reason": "Ann called"}),
    },
    "POST /v1/transactions/{transactionId}/reversal": {
        "of a credit": lambda shop: reversal(shop, 10),
        "of a debit": lambda shop: reversal(shop, -10),
    },
    "POST /v1/events": {"": event},
    "POST /v1/events/batch": {"": batch},
    "POST /v1/wallets": {
        "active": lambda _: ("/v1/wallets", {"name": "New", "pending": BY_DELIVERY}),
        "incomplete draft": lambda _: ("/v1/wallets", DRAFT),
    },
    "POST /v1/rewards": {"": lambda shop: ("/v1/rewards", reward(shop, "PRODUCT"))},
    "POST /v1/customers/{customerId}/redemptions": {
        "of a product": lambda shop: reward_redemption(shop, "PRODUCT"),
        "of points": lambda shop: reward_redemption(shop, "POINTS"),
    },
    "POST /v1/customers/{customerId}/redemptions/{redemptionId}/cancel": {
        "of a product": lambda shop: cancellation(shop, "PRODUCT"),
        "of points": lambda shop: cancellation(shop, "POINTS"),
    },
    "POST /v1/campaigns": {
        "active": lambda shop: ("/v1/campaigns", campaign(shop, "ACTIVE", "order.paid")),
        "incomplete draft": lambda shop: ("/v1/campaigns", campaign(shop, "DRAFT", "unknown")),
    },
    "POST /v1/campaigns/{campaignId}/codes": {
        "shared": lambda shop: (f"/v1/campaigns/{coupons(shop)}/codes", {"codes": ["SAVE10"]}),
        "unique": lambda shop: (f"/v1/campaigns/{coupons(shop)}/codes", {"count": 3}),
    },
    "POST /v1/coupons/{code}/redemptions": {
        "of an order": lambda shop: redemption(shop, orderId="A", order=ORDER),
        "without an order": redemption,
    },
    "POST /v1/tier-structures": {"": lambda _: ("/v1/tier-structures", CLUB)},
    "POST /v1/programs": {
        "with tiers": lambda shop: (
            "/v1/programs",
            {"name": "Club", "status": "ACTIVE", "wallets": [club_wallet(shop)]},
        ),
        "draft": lambda _: ("/v1/programs", {"programId": "club", "name": "Club"}),
    },
    "PUT /v1/programs/{programId}/customers/{customerId}/tier": {"": manual_tier},
    "POST /v1/wallets/import": {"": lambda _: ("/v1/wallets/import", example("POST /v1/wallets/import"))},
}
"""The commands of each route that has a repetition, by what the command does."""
DEFINITIONS = (
    "POST /v1/wallets",
    "POST /v1/wallets/import",
    "POST /v1/campaigns",
    "POST /v1/rewards",
    "POST /v1/tier-structures",
    "POST /v1/programs",
)
CASES = [(route, case) for route, cases in COMMANDS.items() for case in cases]
MOVEMENTS = [case for case in CASES if "{walletId}" in case[0] or case[0].endswith(("/reversal", "/refunds"))]


def happen_movements(shop: Shop) -> None:
    shop.post(f"{CARD}/credits", {"points": 70, "orderId": "A"})
    shop.post(f"{CARD}/credits", {"points": 70, "activatesAt": START.isoformat()})
    shop.post(f"{CARD}/debits", {"points": 5, "orderId": "A"})
    shop.post(f"{CARD}/holds", {"points": 7, "orderId": "A"})


def happen_movements_of_the_order_elsewhere(shop: Shop) -> None:
    third = shop.stack.wallet(metadata={"carrier": "DHL"})
    for wallet in (shop.other, third):
        shop.post(f"/v1/wallets/{wallet}/cards/ann/credits", {**CREDIT, "points": 900})


def happen_corrections(shop: Shop) -> None:
    shop.post("/v1/events", {**EVENT, "eventId": "event-9"})
    shop.post(f"{CARD}/adjustments", {"points": 3, "reason": "goodwill"})
    shop.post(f"{CARD}/expiry-changes", {"expiresAt": "2027-09-01T00:00:00Z", "reason": "goodwill"})
    shop.post(f"{CARD}/refunds", {"orderId": "A", "type": "FULL"})


def happen_other_settings(shop: Shop) -> None:
    no_payments = {"payWithPoints": {"type": "NO_PAYMENTS"}, "transfers": {"allowed": False}}
    limits = {"earningLimits": {"transaction": {"maxPoints": 1}}, "spendingLimits": {"transaction": {"maxPoints": 1}}}
    refunds = {"refunds": {"spent": {"type": "NONE"}, "earned": {"type": "KEEP"}}}
    for wallet in ("{wallet}", "{other}"):
        change = {**no_payments, **limits, **refunds, "pending": {"type": "IMMEDIATE"}, "expiration": None}
        shop.change(f"/v1/wallets/{wallet}", {**change, "metadata": {"carrier": "DHL"}, "autoEnrol": False})


def happen_other_definitions(shop: Shop) -> None:
    required = [{"name": "carrier", "type": "STRING", "required": True}]
    shop.stack.http("PUT", "/v1/event-definitions/delivered", {"properties": required})
    shop.stack.http("PUT", "/v1/event-definitions/unknown", {})
    project = shop.stack.http("GET", "/v1/project").body
    schema = {"wallet": required, "card": required}
    change = {"timeZone": project["timeZone"], "currency": project["currency"], "metadataSchema": schema}
    shop.change("/v1/project", change, method="PUT")


def happen_a_new_environment(_: Shop) -> None:
    connected_store.cache_clear()


def happen_frozen_cards(shop: Shop) -> None:
    for customer in ("ann", "bob"):
        for status in ("BLOCKED", "FROZEN"):
            shop.change(f"/v1/wallets/{{wallet}}/cards/{customer}", {"status": status})


def happen_an_inactive_wallet(shop: Shop) -> None:
    assert shop.stack.http("POST", shop.path("/v1/wallets/{wallet}/deactivate")).status == 200


def happen_years(shop: Shop) -> None:
    shop.clock.shift(timedelta(days=800))
    settle(message(shop.wallet), message(shop.other))


HAPPENINGS: list[Callable[[Shop], None]] = [
    happen_movements,
    happen_movements_of_the_order_elsewhere,
    happen_corrections,
    happen_other_settings,
    happen_other_definitions,
    happen_a_new_environment,
    happen_frozen_cards,
    happen_an_inactive_wallet,
    happen_years,
]


def test_each_route_with_a_repetition_has_a_command() -> None:
    with_key = {route for route in ROUTES if "idempotency-key" in parameters(route, "header")}
    in_body = {"eventId", "events[0].eventId", "credits[0].idempotencyKey"}
    with_key_in_body = {route for route in ROUTES if route in WITH_BODY and in_body & set(body_fields(route))}
    # The first writes nothing; a repetition of the second never shows the key again (test_api_keys).
    without = {"POST /v1/events/examine", "POST /v1/keys"}
    assert set(COMMANDS) == (with_key | with_key_in_body) - without


@pytest.mark.parametrize(
    ("route", "case", "happenings"),
    [
        # Each command meets the happenings in another order.
        (route, case, HAPPENINGS[number % 9 :] + HAPPENINGS[: number % 9])
        for number, (route, case) in enumerate(CASES)
    ],
)
def test_a_repetition_has_the_first_answer_whatever_has_happened(
    clock: time_machine.Traveller, stack: Stack, route: str, case: str, happenings: list[Callable[[Shop], None]]
) -> None:
    shop = Shop(stack, clock)
    path, body = COMMANDS[route][case](shop)
    method = route.split(maxsplit=1)[0]
    first = shop.post(path, body, key=KEY, method=method)
    assert first.status in (200, 201), first.text

    for happen in happenings:
        happen(shop)
        again = shop.post(path, body, key=KEY, method=method)
        assert seen(again) == seen(first), happen.__name__
        has_header = "idempotency-key" in parameters(route, "header")
        assert not has_header or again.headers["Idempotent-Replayed"] == "true"

    for customer in ("ann", "bob", "cid"):
        stack.http("POST", f"/v1/customers/{customer}/erasure")
    status, headers, answer = seen(first)
    if route not in DEFINITIONS:
        answer = without_texts(answer)
    again = shop.post(path, body, key=KEY, method=method)
    assert seen(again) == (status, headers, answer), "only the texts of a customer are erased"


def seen(answer: Answer) -> Json:
    """The answer without the facts that it is a repetition."""
    headers = {name: value for name, value in answer.headers.items() if name != "Idempotent-Replayed"}
    return int(answer.status), headers, without_replayed(answer.body)


def without_replayed(body: Json) -> Json:
    if isinstance(body, list):
        return [without_replayed(one) for one in body]
    if isinstance(body, dict):
        return {name: without_replayed(value) for name, value in body.items() if name != "replayed"}
    return body


def without_texts(body: Json) -> Json:
    """The body after an erasure."""
    if isinstance(body, list):
        return [without_texts(one) for one in body]
    if isinstance(body, dict):
        return {name: None if name in TEXTS else without_texts(value) for name, value in body.items()}
    return body


@pytest.mark.parametrize(("route", "case"), MOVEMENTS)
def test_the_key_of_each_movement_finds_its_transaction(
    clock: time_machine.Traveller, stack: Stack, route: str, case: str
) -> None:
    shop = Shop(stack, clock)
    path, body = COMMANDS[route][case](shop)
    answer = shop.post(path, body, key=KEY)
    assert answer.status in (200, 201), answer.text
    customer = "cid" if "/cid/" in path else "ann"
    made = stack.rows(shop.wallet, customer)[-1]

    found = stack.http(
        "GET",
        f"/v1/wallets/{shop.wallet}/cards/{customer}/transactions/by-key",
        query={"key": KEY, "orderId": made["orderId"]},
    )

    assert (found.status, found.body) == (200, made)
    unknown = stack.http(
        "GET",
        f"/v1/wallets/{shop.wallet}/cards/{customer}/transactions/by-key",
        query={"key": "another-key", "orderId": made["orderId"]},
    )
    assert unknown.code == "transaction_not_found"
