"""Every route answers over HTTP with each success status that the OpenAPI document names for it, and with no other."""

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest

from loyalty.http.routes import ROUTE_SCOPES
from tests.support.answers import differences
from tests.support.live import Live, eventually
from tests.support.requests import operation, parameters

pytestmark = pytest.mark.e2e

DOCUMENTED = {
    (route, int(status)) for route in ROUTE_SCOPES for status in operation(route)["responses"] if status < "300"
}
CARD = "/v1/wallets/{walletId}/cards/{customerId}"
CAMPAIGN, PROGRAM, REWARD = "/v1/campaigns/{campaignId}", "/v1/programs/{programId}", "/v1/rewards/{rewardId}"
CUSTOMER, WALLET = "/v1/customers/{customerId}", "/v1/wallets/{walletId}"
ORDER = {"amount": 5_000, "items": [{"lineId": "1", "productId": "tea", "quantity": 2, "amount": 5_000}]}
LATER = "2100-01-01T00:00:00Z"


@dataclass
class Walk:
    """Sends requests by their routes. All names are of this run, so that no other test notices the requests."""

    live: Live
    run: str = field(default_factory=lambda: uuid4().hex[:8])
    ids: dict[str, str] = field(default_factory=dict)
    """The values of the path parameters."""
    keys: dict[str, str] = field(default_factory=dict)
    """The idempotency key of the last command of each route."""
    seen: set[tuple[str, int]] = field(default_factory=set)

    def answer(self, route: str, body: Any, query: Any, ids: dict[str, str]) -> Any:
        method, path = route.split(" ")
        values = {name: quote(value, safe="") for name, value in {**self.ids, **ids}.items()}
        path = path.removeprefix("/v1").format(**values)
        named = parameters(route, "header")
        key = None
        if "idempotency-key" in named and not (body or {}).get("dryRun"):
            key = self.keys[route] = str(uuid4())
        present = self.live.http("GET", path.removesuffix("/stock")).headers if "if-match" in named else {}
        headers = {"If-Match": present["ETag"]} if "ETag" in present else {}
        return self.live.http(method, f"{path}?{urlencode(query)}" if query else path, body, key=key, headers=headers)

    def send(self, route: str, body: Any = None, query: Any = None, **ids: str) -> Any:
        """Sends a request that succeeds, and returns the body of its answer."""
        answer = self.answer(route, body, query, ids)
        assert answer.is_success, f"{route}: {answer.status_code} {answer.text}"
        self.seen.add((route, answer.status_code))
        if answer.status_code == HTTPStatus.NO_CONTENT:
            assert answer.content == b"", route
            return None
        body = answer.json()
        assert differences(route, answer.status_code, body) == [], route
        return body

    def move(self, route: str, body: Any = None, **ids: str) -> Any:
        """Sends a command as a dry run, then in earnest."""
        self.send(route, {**(body or {}), "dryRun": True}, **ids)
        return self.send(route, body or {}, **ids)


def test_every_route_answers_with_each_of_its_success_statuses(live: Live) -> None:
    walk = Walk(live)
    define(walk)
    keep_customers(walk)
    move_points(walk)
    correct_points(walk)
    change_wallets(walk)
    run_program(walk)
    redeem_rewards(walk)
    run_campaigns(walk)
    read(walk)
    remove(walk)

    assert walk.seen == DOCUMENTED


def define(walk: Walk) -> None:
    """Defines what environments read every few seconds first, so that time passes during the other requests."""
    run, ids = walk.run, walk.ids
    ids |= {"customerId": f"ann-{run}", "orderId": f"#{run}", "code": f"SAVE-{run.upper()}"}
    ids |= {"name": f"sent.{run}", "programId": f"club-{run}"}
    project = walk.send("GET /v1/project")
    same = ("timeZone", "currency", "metadataSchema", "roles")
    walk.send("PUT /v1/project", {name: project[name] for name in same})
    walk.send("PUT /v1/event-definitions/{name}", {})
    walk.send("PUT /v1/expressions/{name}", {"formula": "2"})
    walk.send("POST /v1/formulas/evaluate", {"formula": f'EXPRESSION("{ids["name"]}")'})
    settings: dict[str, Any] = {
        "transfers": {"allowed": True},
        "payWithPoints": {"type": "EXCHANGE_RATIO", "formula": "1"},
    }
    ids["walletId"] = walk.send("POST /v1/wallets", {"name": f"Wallet {run}", **settings})["walletId"]
    reward = {"walletId": ids["walletId"], "type": "FIXED", "points": 10}
    own: dict[str, Any] = {"conditions": {"customerId": [ids["customerId"]]}, "rewards": [reward]}
    for trigger in ({"type": "EVENT", "event": ids["name"]}, {"type": "COUPON"}):
        body = {"name": trigger["type"], "trigger": trigger, **own}
        walk.send("POST /v1/campaigns/validate", body)
        ids["campaignId"] = walk.send("POST /v1/campaigns", body)["campaignId"]
    walk.send(f"POST {CAMPAIGN}/codes", {"codes": [ids["code"], f"{ids['code']}-2"]})


def keep_customers(walk: Walk) -> None:
    for body in ({}, {"segments": ["tea"]}):
        walk.send(f"PUT {CUSTOMER}", body)
    walk.send(f"POST {CUSTOMER}/segments", {"add": ["new"]})
    for _ in range(2):
        walk.send(f"POST {CUSTOMER}/referral-code", {})
    for customer in (walk.ids["customerId"], f"bob-{walk.run}", walk.ids["customerId"]):
        walk.send(f"POST {WALLET}/cards", {"customerId": customer})


def move_points(walk: Walk) -> None:
    order: dict[str, Any] = {"orderId": walk.ids["orderId"], "order": ORDER}
    walk.move(f"POST {CARD}/credits", {"points": 1_000})
    walk.ids["transactionId"] = walk.send(f"POST {CARD}/credits", {"points": 1_000})["transaction"]["transactionId"]
    walk.send(f"POST {CARD}/credits", {"points": 100, **order})
    batched = {"customerId": walk.ids["customerId"], "idempotencyKey": f"batched-{walk.run}", "points": 10}
    (result,) = walk.send(f"POST {WALLET}/credits", {"credits": [batched]})["data"]
    assert result["problem"] is None
    for part in ("activate", "cancel"):
        pending = {"points": 1, "orderId": part, "activatesAt": LATER}
        walk.send(f"POST {CARD}/credits", pending)
        walk.move(f"POST {CARD}/pending/{part}", {"orderId": part})
    walk.move(f"POST {CARD}/debits", {"points": 10, **order})
    walk.move(f"POST {CARD}/payments", {"order": {"id": "payment", "amount": 50}})
    walk.move(f"POST {CARD}/transfers", {"points": 10, "toCustomerId": f"bob-{walk.run}"})
    ends: dict[str, Any] = {"capture": {"points": 5}, "release": {}}
    for end, body in ends.items():
        hold = walk.move(f"POST {CARD}/holds", {"points": 10, "orderId": end})
        walk.move(f"POST {CARD}/holds/{{holdId}}/{end}", body, holdId=hold["holdId"])
    amount = {"type": "AMOUNT", "amount": 1_000}
    walk.move(f"POST {CARD}/refunds", {"orderId": walk.ids["orderId"], **amount})
    walk.move(f"POST {CUSTOMER}/refunds", {"orderId": walk.ids["orderId"], **amount})
    walk.move(f"POST {CUSTOMER}/orders/{{orderId}}/refunds", amount)


def correct_points(walk: Walk) -> None:
    walk.move("POST /v1/transactions/{transactionId}/reversal", {"reason": "A mistake"})
    walk.move(f"POST {CARD}/adjustments", {"points": 5, "reason": "An apology"})
    walk.move(f"POST {CARD}/expiry-changes", {"expiresAt": LATER, "reason": "A promise"})


def change_wallets(walk: Walk) -> None:
    run = walk.run
    walk.send("POST /v1/wallets/validate", {"name": run})
    walk.send(f"POST {WALLET}/preview", {})
    for dry_run in ("true", "false"):
        body = {"name": f"Imported {run}", "type": "INDIVIDUAL"}
        walk.send("POST /v1/wallets/import", body, {"format": "voucherify", "status": "DRAFT", "dryRun": dry_run})
    copied = walk.send(f"POST {WALLET}/copy", {"name": f"Copy {run}"})["walletId"]
    walk.send(f"PATCH {WALLET}", {"description": "Changed"}, walletId=copied)
    for change in ("activate", "deactivate"):
        walk.send(f"POST {WALLET}/{change}", walletId=copied)
    draft = walk.send("POST /v1/wallets", {"name": f"Draft {run}", "status": "DRAFT"})["walletId"]
    walk.send(f"DELETE {WALLET}", walletId=draft)
    walk.send(f"PATCH {CARD}", {"metadata": {}})


def run_program(walk: Walk) -> None:
    levels = [{"tierId": "member", "name": "Member", "from": 0}]
    body: dict[str, Any] = {"name": "Club", "type": "POINTS_EARNED", "period": "YEAR", "levels": levels}
    structure = walk.ids["tierStructureId"] = walk.send("POST /v1/tier-structures", body)["tierStructureId"]
    walk.send("PATCH /v1/tier-structures/{tierStructureId}", {"name": "Our club"})
    walk.send("POST /v1/programs", {"programId": walk.ids["programId"], "name": "Club", "status": "DRAFT"})
    walk.send(f"PATCH {PROGRAM}", {"name": "Our club"})
    walk.send(f"PUT {PROGRAM}/wallets/{{walletId}}", {"tierStructureId": structure})
    walk.send(f"POST {PROGRAM}/activate")
    walk.send(f"PUT {PROGRAM}/customers/{{customerId}}/tier", {"tierId": "member", "reason": "A partner"})
    walk.send(f"POST {PROGRAM}/deactivate")
    walk.send(f"DELETE {PROGRAM}/wallets/{{walletId}}")


def redeem_rewards(walk: Walk) -> None:
    price = [{"walletId": walk.ids["walletId"], "points": 1}]
    body: dict[str, Any] = {
        "name": "Lipstick",
        "kind": "PRODUCT",
        "product": {"productId": "lip-7"},
        "price": price,
        "stock": 9,
    }
    walk.send("POST /v1/rewards/validate", body)
    walk.ids["rewardId"] = walk.send("POST /v1/rewards", {**body, "status": "DRAFT"})["rewardId"]
    walk.send(f"PATCH {REWARD}", {"name": "Red lipstick"})
    walk.send(f"POST {REWARD}/stock", {"add": 1})
    walk.send(f"POST {REWARD}/activate")
    for end in ("fulfill", "cancel"):
        redeemed = walk.move(f"POST {CUSTOMER}/redemptions", {"rewardId": walk.ids["rewardId"]})
        walk.ids["redemptionId"] = redeemed["redemption"]["redemptionId"]
        walk.send(f"POST {CUSTOMER}/redemptions/{{redemptionId}}/{end}", {})
    for change in ("pause", "end"):
        walk.send(f"POST {REWARD}/{change}")
    codes = {"name": "Code", "kind": "DISCOUNT_CODE", "price": price, "status": "DRAFT"}
    of_codes = walk.send("POST /v1/rewards", codes)["rewardId"]
    walk.send(f"POST {REWARD}/codes", {"codes": [f"CODE-{walk.run}"]}, rewardId=of_codes)
    draft = walk.send("POST /v1/rewards", {**body, "status": "DRAFT"})["rewardId"]
    walk.send(f"DELETE {REWARD}", rewardId=draft)


def run_campaigns(walk: Walk) -> None:
    customer, name = walk.ids["customerId"], walk.ids["name"]
    event = {"name": name, "customerId": customer, "eventId": "first"}
    walk.send("POST /v1/events/examine", event)
    walk.send(f"POST {CUSTOMER}/quote", {"order": ORDER})

    def redeemed() -> bool:
        found: bool = walk.answer("POST /v1/coupons/{code}/redemptions", {"customerId": customer}, None, {}).is_success
        return found

    eventually("the campaign in every environment", redeemed)
    walk.move("POST /v1/coupons/{code}/redemptions", {"customerId": customer}, code=f"{walk.ids['code']}-2")
    walk.send("POST /v1/events", event)
    walk.send("POST /v1/events/batch", {"events": [{**event, "eventId": "second"}]})
    copied = walk.send(f"POST {CAMPAIGN}/copy", {"name": "Another"})["campaignId"]
    walk.send(f"PATCH {CAMPAIGN}", {"name": "Another one"}, campaignId=copied)
    for change in ("activate", "pause", "resume", "end"):
        walk.send(f"POST {CAMPAIGN}/{change}", campaignId=copied)
    draft = walk.send(f"POST {CAMPAIGN}/copy", {"name": "Never"})["campaignId"]
    walk.send(f"DELETE {CAMPAIGN}", campaignId=draft)


def read(walk: Walk) -> None:
    """Sends every read, of what was made before."""
    queries = {
        f"GET {CUSTOMER}/events/{{name}}": {"eventId": "first"},
        f"GET {CUSTOMER}/orders": {"orderId": "payment"},
        f"GET {CARD}/transactions/by-key": {"key": walk.keys[f"POST {CARD}/transfers"]},
        "GET /v1/orders": {"orderId": "payment"},
        "GET /v1/search": {"q": walk.ids["customerId"]},
    }
    code = walk.send(f"GET {CARD}")["code"]
    for route in ROUTE_SCOPES:
        if route.startswith("GET "):
            own = {"code": code} if "/cards/{code}" in route else {}
            walk.send(route, None, queries.get(route), **own)


def remove(walk: Walk) -> None:
    key = walk.send("POST /v1/keys", {"name": walk.run, "role": "agent"})["keyId"]
    walk.send("DELETE /v1/keys/{keyId}", keyId=key)
    walk.send("DELETE /v1/coupons/{code}")
    walk.send("POST /v1/customers/{customerId}/erasure")
