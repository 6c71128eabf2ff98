"""Sends a route's valid request with an error in it, to a project with everything that the request names."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from tests.integration import cataloguing
from tests.integration.accounts import made_once
from tests.support.requests import ROUTES, WITH_BODY, example, parameters
from tests.support.stack import CONTEXT, Answer, Stack, routed

KEY = "some-key-0001"
QUERY = {"key": KEY, "format": "voucherify", "orderId": "#1001", "q": "ann"}
"""Values of the query parameters that a route requires."""
RECEIPT = "GET /v1/customers/{customerId}/events/{name}"
READS = [route for route in ROUTES if route.startswith("GET ") and route != RECEIPT]
"""The reads of the usual prepared project."""
QUERY_OF = {RECEIPT: {"orderId": "#1001", "eventId": "delivery-1001"}}
"""Query parameters of which a route requires one."""


@dataclass
class Sender:
    stack: Stack
    ids: dict[str, str]
    """The values of the path parameters."""

    def send(
        self,
        route: str,
        *,
        ids: dict[str, str] | None = None,
        query: Mapping[str, str | list[str]] | None = None,
        headers: dict[str, str | None] | None = None,
        key: str | None = KEY,
        raw_query: str | None = None,
        **body: Any,
    ) -> Answer:
        """Sends the first example with these changes. A header of None is omitted; `raw` is a body as text."""
        method, path = route.split(" ")
        names = {name: quote(value, safe="") for name, value in {**self.ids, **(ids or {})}.items()}
        if not body and route in WITH_BODY:
            body = {"body": example(route)}
        wanted = {"if-match": '"1"'} if "if-match" in parameters(route, "header") else {}
        sent = {name: value for name, value in {**wanted, **(headers or {})}.items() if value is not None}
        required = {name: QUERY[name] for name in parameters(route, "query", required=True)} | QUERY_OF.get(route, {})
        return self.stack.http(
            method,
            path.format(**names),
            key=key if "idempotency-key" in parameters(route, "header") else None,
            headers=sent,
            query={**required, **(query or {})},
            raw_query=raw_query,
            **body,
        )

    def refused(self, route: str, *, field: str | None = None, code: str | None = None, **changes: Any) -> Answer:
        answer = self.send(route, **changes)
        require_problem(answer, route, field, code)
        return answer

    def send_base64(self, route: str, text: str) -> Answer:
        """Sends the body as the gateway sends a binary body."""
        method, path = route.split(" ")
        _, handler, ids = routed(method, path.format(**self.ids))
        event = {
            "version": "2.0",
            "routeKey": route,
            "rawPath": path.format(**self.ids),
            "rawQueryString": "",
            "headers": {"content-type": "application/json", "idempotency-key": KEY, "if-match": '"1"'},
            "pathParameters": ids,
            "requestContext": {
                "requestId": "request-64",
                "routeKey": route,
                "stage": "$default",
                "http": {"method": method, "path": path},
                "authorizer": {"lambda": {"keyId": "key_test", "scopes": "*"}},
            },
            "body": text,
            "isBase64Encoded": True,
        }
        answer = handler(event, CONTEXT)
        return Answer(answer["statusCode"], answer.get("headers", {}), answer.get("body") or "")


def require_problem(answer: Answer, route: str, field: str | None, code: str | None) -> None:
    """Checks that the answer is a problem document that names the field, and not a crash."""
    seen = f"{route}, {field or code}: {answer.status} {answer.text[:1_000]}"
    assert 400 <= answer.status < 500, seen
    assert answer.headers["Content-Type"] == "application/problem+json", seen
    problem = answer.body
    assert problem["type"] == f"urn:loyalty:problem:{problem['code']}"
    assert problem["status"] == answer.status
    assert problem["requestId"].startswith("request-")
    assert problem["title"]
    assert problem["detail"]
    assert not any("<" in error["message"] for error in problem["errors"]), seen
    assert len(answer.text) < 64_000, len(answer.text)
    if field is not None:
        assert field in answer.fields(), seen
    if code is not None:
        assert code in {problem["code"], *answer.fields().values()}, seen


@dataclass(frozen=True, slots=True)
class Project:
    """What a route requires of its project. Most routes require the same."""

    has_draft_wallet: bool
    has_draft_reward: bool
    has_draft_campaign: bool
    has_paused_campaign: bool
    has_active_program: bool
    has_code_reward: bool
    has_pending_order: bool
    has_receipt: bool
    has_customers: bool
    has_key: bool
    has_redemption: bool

    @classmethod
    def of(cls, route: str) -> "Project":
        """The project of the route; without one, a project for the refusals of all routes."""
        changes_a_draft = route.startswith(("DELETE", "PATCH"))
        return cls(
            # A wallet that was active cannot be deleted at once.
            has_draft_wallet=route.startswith("DELETE /v1/wallets"),
            has_draft_reward=changes_a_draft,
            # Only a draft can get a budget.
            has_draft_campaign=changes_a_draft or route.endswith("/activate"),
            has_paused_campaign=route.endswith("/resume"),
            has_active_program=route.endswith("/tier"),
            has_code_reward=route.endswith("/codes"),
            has_pending_order="/pending/" in route,
            has_receipt=route == RECEIPT,
            has_customers=" /v1/customers/{customerId}" in route,
            has_key=not route or "keyId" in route,
            has_redemption=not route or "redemptionId" in route,
        )


def prepared(stack: Stack, route: str = "") -> Sender:
    """Prepares a project that accepts the examples of the route. Equal projects are made once and copied."""
    project = Project.of(route)
    ids = made_once(stack, (project, datetime.now(UTC).date()), lambda: _ids(stack, project))
    return Sender(stack, dict(ids))


def _ids(stack: Stack, project: Project) -> dict[str, str]:
    """Makes the definitions, a wallet, a campaign, a program, a reward, cards and an order; returns their ids.

    The order is the one of the first example of a credit. Its points are pending for the routes of pending points.
    """
    definition = example("PUT /v1/event-definitions/{name}")
    for name in ("order.delivered", "app.opened", "cart.abandoned"):
        body = definition if name == "order.delivered" else {}
        assert stack.http("PUT", f"/v1/event-definitions/{name}", body).status == 200
        assert stack.http("PUT", f"/v1/expressions/{name}", {"formula": "2"}).status == 200
    status = "DRAFT" if project.has_draft_wallet else "ACTIVE"
    payments = {"type": "EXCHANGE_RATIO", "formula": "1"}
    wallet = stack.wallet(status=status, transfers={"allowed": True}, payWithPoints=payments)
    ids = {"walletId": wallet, "customerId": "ann", "name": "order.delivered", "orderId": "#1001"}
    if project.has_key:
        ids["keyId"] = stack.http("POST", "/v1/keys", example("POST /v1/keys"), key=KEY).body["keyId"]
    ids["campaignId"] = campaign(stack, wallet, project)
    ids |= program(stack, wallet, is_active=project.has_active_program)
    ids["rewardId"] = catalogue_reward(stack, wallet, project)
    if project.has_draft_wallet:
        return ids
    stack.credit(wallet, 1_000)
    order = example("POST /v1/wallets/{walletId}/cards/{customerId}/credits")
    if not project.has_pending_order:
        del order["activateAfter"]
    credit = stack.credit(wallet, 500, key=KEY, **{name: value for name, value in order.items() if name != "points"})
    stack.credit(wallet, 10, customer="bob")
    if project.has_receipt:
        ids["name"] = "order.paid"
        paid = {"name": "order.paid", "customerId": "ann", "eventId": "paid-1", "orderId": "#1001"}
        assert stack.http("POST", "/v1/events", {**paid, "order": {"amount": 1_000}}).status == 200
    if project.has_customers:
        save_customers(stack)
    of_coupons = coupon_campaign(stack, wallet, stack.card(wallet)["code"])
    if project.has_code_reward:
        ids["campaignId"] = of_coupons
    if project.has_redemption:
        ids["redemptionId"] = cataloguing.redeemed(stack, ids["rewardId"])
    hold = stack.hold(wallet, 100, expiresAfter={"every": 31, "unit": "DAY"})
    card = stack.card(wallet)
    transaction = f"{card['cardId']}.1"  # only a transaction without an order is reversible
    if project.has_pending_order:
        transaction = credit.body["transaction"]["transactionId"]
    return {**ids, "holdId": hold.body["holdId"], "code": card["code"], "transactionId": transaction}


def save_customers(stack: Stack) -> None:
    """Gives the customers profiles, and one of them the referral code of the examples."""
    for customer in ("ann", "bob"):
        assert stack.http("PUT", f"/v1/customers/{customer}", {}).status == 201
    assert stack.http("POST", "/v1/customers/bob/referral-code", {"code": "BOB-2027"}).status == 201


def campaign(stack: Stack, wallet: str, project: Project) -> str:
    """Creates a campaign that the route can change; returns its id."""
    body: dict[str, Any] = {"name": "Purchases", "status": "DRAFT" if project.has_draft_campaign else "ACTIVE"}
    body["trigger"] = {"type": "EVENT", "event": "order.paid"}
    body["rewards"] = [{"walletId": wallet, "type": "FIXED", "points": 10}]
    answer = stack.http("POST", "/v1/campaigns", body)
    assert answer.status == 201, answer.text
    campaign_id = str(answer.body["campaignId"])
    if project.has_paused_campaign:
        assert stack.http("POST", f"/v1/campaigns/{campaign_id}/pause").status == 200
    return campaign_id


def coupon_campaign(stack: Stack, wallet: str, code: str) -> str:
    """Creates a campaign of coupons with this code; returns its id."""
    rewards = [{"walletId": wallet, "type": "FIXED", "points": 10}]
    body = {"name": "Coupons", "trigger": {"type": "COUPON"}, "rewards": rewards}
    campaign_id = str(stack.http("POST", "/v1/campaigns", body).body["campaignId"])
    answer = stack.http("POST", f"/v1/campaigns/{campaign_id}/codes", {"codes": [code]}, key="codes-0001")
    assert answer.status == 201, answer.text
    return campaign_id


def program(stack: Stack, wallet: str, *, is_active: bool) -> dict[str, str]:
    """Creates a tier structure and a program with it; returns their ids. An ACTIVE program changes the wallet."""
    structure = stack.http("POST", "/v1/tier-structures", example("POST /v1/tier-structures"))
    assert structure.status == 201, structure.text
    structure_id = str(structure.body["tierStructureId"])
    body = {"programId": "gold", "name": "Gold", "status": "ACTIVE" if is_active else "DRAFT"}
    wallets = [{"walletId": wallet, "tierStructureId": structure_id}]
    assert stack.http("POST", "/v1/programs", {**body, "wallets": wallets}).status == 201
    return {"programId": "gold", "tierStructureId": structure_id}


def catalogue_reward(stack: Stack, wallet: str, project: Project) -> str:
    """Creates a reward that the route can change; returns its id."""
    settings = {"kind": "DISCOUNT_CODE"} if project.has_code_reward else {"stock": 3}
    status = "DRAFT" if project.has_draft_reward else "ACTIVE"
    answer = cataloguing.create(stack, price={wallet: 5}, status=status, **settings)
    assert answer.status == 201, answer.text
    return str(answer.body["rewardId"])


def as_prepared(body: Any, sender: Sender) -> Any:
    """The example with the ids and lots of the prepared project."""
    if "transactionId" in body:
        body = {**body, "transactionId": sender.ids["transactionId"]}
    if "multiplier" in body:
        named = {"wallets": [sender.ids["walletId"]], "campaigns": [sender.ids["campaignId"]]}
        # A PATCH keeps the rewards unless it names them, and a campaign has either rewards or a multiplier.
        body = {**body, "multiplier": {**body["multiplier"], **named}, "rewards": None}
    elif "rewards" in body:
        body = {**body, "rewards": [{**one, "walletId": sender.ids["walletId"]} for one in body["rewards"]]}
    if "tierStructureId" in body:
        body = {**body, "tierStructureId": sender.ids["tierStructureId"]}
    if "wallets" in body:
        assigned = {"walletId": sender.ids["walletId"], "tierStructureId": sender.ids["tierStructureId"]}
        body = {**body, "wallets": [assigned]}
    if "rewardId" in body:
        body = {**body, "rewardId": sender.ids["rewardId"]}
    if "price" in body:
        body = {**body, "price": [{**one, "walletId": sender.ids["walletId"]} for one in body["price"]]}
    if "credit" in body:
        body = {**body, "credit": {**body["credit"], "walletId": sender.stack.wallet()}}
    if "campaignIds" in body:
        body = {**body, "campaignIds": [sender.ids["campaignId"]]}
    if "walletId" in body.get("trigger", {}):
        body = {**body, "trigger": {**body["trigger"], "walletId": sender.ids["walletId"]}}
    if "lots" in body:
        lot = sender.stack.card(sender.ids["walletId"])["lots"][0]
        body = {**body, "lots": [{name: lot[name] for name in ("expiresAt", "issuedOn", "points")}]}
    return body


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
