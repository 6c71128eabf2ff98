"""The source that each route records: the source of the request, or the source of the route."""

from datetime import timedelta

import pytest
import time_machine

from loyalty.http.routes import ROUTE_SCOPES
from tests.support.stack import Stack

BY_DELIVERY = {"type": "EVENT_BASED", "events": ["order.delivered"]}
MOVEMENTS = ("points:credit", "points:debit", "points:transfer", "points:refund", "points:adjust", "events:write")


@pytest.fixture
def wallet(stack: Stack) -> str:
    """A wallet with payments, transfers and event-based pending points."""
    stack.http("PUT", "/v1/event-definitions/order.delivered", {})
    return stack.wallet(
        transfers={"allowed": True}, payWithPoints={"type": "EXCHANGE_RATIO", "formula": 1}, pending=BY_DELIVERY
    )


class Recorded:
    """Sends movements and reads the source of the newest transaction."""

    def __init__(self, stack: Stack, wallet: str) -> None:
        self._stack = stack
        self._wallet = wallet
        self._card = f"/v1/wallets/{wallet}/cards/ann"
        self._keys = 0

    def post(self, path: str, body: object = None) -> str:
        """Sends the request and returns the source of the newest transaction."""
        self._keys += 1
        answer = self._stack.http("POST", path.replace("{card}", self._card), body, key=f"source-{self._keys:04d}")
        assert answer.status in (200, 201), answer.text
        return str(self._stack.rows(self._wallet)[-1]["source"])

    def newest(self) -> str:
        return str(self._stack.rows(self._wallet)[-1]["transactionId"])


@pytest.mark.parametrize("source", ["API", "Manual"])
def test_each_route_records_the_source_of_its_movement(stack: Stack, wallet: str, source: str) -> None:
    stack.credit(wallet, 1, "bob")
    recorded = Recorded(stack, wallet)
    card = f"/v1/wallets/{wallet}/cards/ann"

    found: dict[str, str] = {}
    found["credits"] = recorded.post("{card}/credits", {"points": 100, "source": source, "orderId": "a"})
    batched = {"customerId": "ann", "idempotencyKey": "source-of-batch", "points": 1, "source": source, "orderId": "a"}
    found["batched credits"] = recorded.post(f"/v1/wallets/{wallet}/credits", {"credits": [batched]})
    found["pending/activate"] = recorded.post("{card}/pending/activate", {"orderId": "a"})
    recorded.post("{card}/credits", {"points": 10, "source": source, "orderId": "b"})
    found["pending/cancel"] = recorded.post("{card}/pending/cancel", {"orderId": "b"})
    recorded.post("{card}/credits", {"points": 10, "source": source, "orderId": "c"})
    event = {"name": "order.delivered", "customerId": "ann", "orderId": "c"}
    found["events"] = recorded.post("/v1/events", {**event, "eventId": "1"})
    recorded.post("{card}/credits", {"points": 10, "source": source, "orderId": "d"})
    batch = {"events": [{**event, "orderId": "d", "eventId": "2"}]}
    found["events/batch"] = recorded.post("/v1/events/batch", batch)
    found["debits"] = recorded.post("{card}/debits", {"points": 1, "source": source})
    found["reversal"] = recorded.post(f"/v1/transactions/{recorded.newest()}/reversal", {})
    found["payments"] = recorded.post("{card}/payments", {"order": {"id": "p", "amount": 2}, "source": source})
    found["refunds"] = recorded.post("{card}/refunds", {"orderId": "p", "type": "AMOUNT", "amount": 1})
    order_refund = {"type": "AMOUNT", "amount": 1}
    found["order refunds"] = recorded.post("/v1/customers/ann/orders/p/refunds", order_refund)
    recorded.post("{card}/payments", {"order": {"id": "q", "amount": 2}, "source": source})
    found["customer refunds"] = recorded.post("/v1/customers/ann/refunds", {"orderId": "q", **order_refund})
    found["transfers"] = recorded.post("{card}/transfers", {"toCustomerId": "bob", "points": 1, "source": source})
    found["adjustments"] = recorded.post("{card}/adjustments", {"points": 1, "reason": "goodwill"})
    found["expiry-changes"] = recorded.post("{card}/expiry-changes", {"expiresAt": None, "reason": "goodwill"})
    for ending in ("capture", "release"):
        found["holds"] = recorded.post("{card}/holds", {"points": 2, "source": source})
        hold = f"{card}/holds/{recorded.newest()}/{ending}"
        found[ending] = recorded.post(hold, {} if ending == "capture" else None)

    by_request = ("credits", "batched credits", "debits", "payments", "transfers", "holds", "capture", "release")
    by_hand = ("adjustments", "reversal", "expiry-changes")
    by_key = ("pending/activate", "pending/cancel", "refunds", "order refunds", "customer refunds")
    assert found == {
        **dict.fromkeys(by_request, source),
        **dict.fromkeys(by_hand, "Manual"),
        **dict.fromkeys(by_key, "API"),
        **dict.fromkeys(("events", "events/batch"), "System"),
    }
    assert len(found) == sum(scope in MOVEMENTS and "POST" in route for route, scope in ROUTE_SCOPES.items())


def test_the_transaction_of_the_recipient_has_the_source_of_the_transfer(stack: Stack, wallet: str) -> None:
    stack.credit(wallet, 1, "bob")
    stack.http("POST", f"/v1/wallets/{wallet}/cards/ann/credits", {"points": 5, "orderId": "a"}, key="some-credit")
    stack.http("POST", f"/v1/wallets/{wallet}/cards/ann/pending/activate", {"orderId": "a"}, key="activate-a")

    assert stack.transfer(wallet, 2, source="Manual").status == 201

    assert [row["source"] for row in stack.rows(wallet, "bob")] == ["API", "Manual"]


def test_settlement_is_recorded_with_the_source_system(
    stack: Stack, wallet: str, clock: time_machine.Traveller
) -> None:
    stack.credit(wallet, 5, source="Manual", activateAfter={"every": 1, "unit": "MINUTE"})
    clock.shift(timedelta(minutes=1))
    stack.debit(wallet, 1)

    assert [row["source"] for row in stack.rows(wallet)] == ["Manual", "System", "API"]
