"""The main use of a wallet by a shop, from HTTP to the bus, over the deployed stack."""

from urllib.parse import urlencode
from uuid import uuid4

import pytest

from tests.e2e.conftest import Defined, Events
from tests.support.live import Live, eventually

pytestmark = pytest.mark.e2e


def test_an_order_is_credited_spent_and_refunded(live: Live, bus: Events) -> None:
    wallet, customer, order = live.wallet(), f"ann-{uuid4()}", "#1001/ä"
    first = live.credit(
        wallet, customer, 100, orderId=order, order={"amount": 12500, "currency": "GBP"}, metadata={"a": 1}
    )
    assert live.move("debits", wallet, customer, {"points": 30, "orderId": order}).status_code == 201

    refund = live.move("refunds", wallet, customer, {"orderId": order, "type": "FULL"})

    assert refund.status_code == 201, refund.text
    refunded = refund.json()
    assert refunded["returned"]["points"] == 30
    assert (refunded["revoked"]["points"], refunded["revoked"]["shortfall"]) == (100, 0)
    assert refunded["moneyAmount"] == 12500
    assert refunded["balance"]["active"] == 0
    card = live.card(wallet, customer)
    assert card["balance"] == refunded["balance"]
    assert live.http("GET", f"/cards/{card['code']}").json() == card
    rows = live.rows(wallet, customer)
    assert [(row["seq"], row["type"], row["points"]) for row in rows] == [
        (1, "CREDIT", 100),
        (2, "DEBIT", 30),
        (3, "RETURN", 30),
        (4, "REVOCATION", 100),
    ]
    assert rows[0] == first["transaction"]
    assert live.http("GET", f"/transactions/{rows[3]['transactionId']}").json() == rows[3]
    (found,) = live.http("GET", f"/search?{urlencode({'q': card['code']})}").json()["data"]
    assert (found["kind"], found["walletId"], found["customerId"]) == ("CARD", wallet, customer)
    path = f"/orders?{urlencode({'orderId': order})}"
    eventually("the order in the index", lambda: customer in live.http("GET", path).text)
    eventually("an event for each row", lambda: len(bus.of(customer)) == 5)
    assert [event["detail-type"] for event in bus.of(customer)] == [
        "Card Created",
        "Points Credited",
        "Points Debited",
        "Points Returned",
        "Points Revoked",
    ]


def test_the_event_of_a_credit_has_the_properties_of_clevertap(live: Live, bus: Events) -> None:
    wallet, customer = live.wallet(), f"ben-{uuid4()}"
    credit = live.credit(wallet, customer, 10, source="Manual", pointsDescription="Welcome")["transaction"]

    event = eventually("the credit's event", lambda: bus.by_id.get(credit["transactionId"]))

    assert event["source"] == "loyalty.wallets"
    detail = event["detail"]
    properties = ("CT Source", "walletId", "transactionId", "points", "source", "campaignId", "pointsDescription")
    assert [detail[name] for name in properties] == [
        "Manual",
        wallet,
        credit["transactionId"],
        10,
        "Manual",
        None,
        "Welcome",
    ]
    assert detail["eventTimestamp"] == credit["createdAt"]


def test_an_event_on_the_bus_activates_the_points_of_its_order(live: Live, defined: Defined) -> None:
    wallet, customer = defined.pending_wallet, f"eve-{uuid4()}"
    for order, points in (("A", 100), ("B", 50)):
        live.credit(wallet, customer, points, orderId=order)
    event = {"name": "order.delivered", "customerId": customer, "eventId": str(uuid4()), "orderId": "A"}

    live.put_event(event)

    eventually("the activation", lambda: live.card(wallet, customer)["balance"]["active"] == 100)
    assert live.card(wallet, customer)["balance"]["pending"] == 50
    by_http = live.http("POST", "/events", event).json()
    assert [effect["replayed"] for effect in by_http["effects"]] == [True]
    by_hand = live.move("pending/cancel", wallet, customer, {"orderId": "B"})
    assert (by_hand.status_code, by_hand.json()["balance"]["pending"]) == (201, 0)


def test_a_wallet_is_drafted_changed_and_activated(live: Live, bus: Events) -> None:
    draft = live.http("POST", "/wallets", {"name": f"Draft {uuid4()}", "status": "DRAFT", "code": {"length": 2}})
    wallet = draft.json()["walletId"]
    assert [action["code"] for action in draft.json()["actionRequired"]] == ["too_few_codes"]
    assert live.http("POST", f"/wallets/{wallet}/activate").status_code == 422
    assert live.move("credits", wallet, "ann", {"points": 1}).status_code == 423

    etag = {"If-Match": draft.headers["ETag"]}
    changed = live.http("PATCH", f"/wallets/{wallet}", {"code": {"length": 12}}, headers=etag)
    assert changed.status_code == 200, changed.text
    assert live.http("PATCH", f"/wallets/{wallet}", {"code": None}, headers=etag).status_code == 412
    assert live.http("POST", f"/wallets/{wallet}/activate").json()["status"] == "ACTIVE"
    assert live.credit(wallet, "ann", 1)["balance"]["active"] == 1

    versions = live.http("GET", f"/wallets/{wallet}/versions").json()["data"]
    assert [version["change"] for version in versions] == ["Activated", "Changed", "Created"]
    names = [f"{wallet}.v{version}" for version in (1, 2, 3)]
    eventually("an event for each version", lambda: all(name in bus.by_id for name in names))
    assert [bus.by_id[name]["detail-type"] for name in names] == [
        "Wallet Created",
        "Wallet Changed",
        "Wallet Activated",
    ]


def test_a_bad_request_is_refused_over_http(live: Live) -> None:
    path = f"/wallets/{live.wallet()}/cards/ann/credits"
    fraction = live.http("POST", path, {"points": 1.5, "orderId": "A", "order": {"amount": 12.5}}, key="bad-request")
    form = live.client.post(
        f"{live.url}/v1{path}",
        content="points=1",
        headers={"X-Api-Key": live.key, "Idempotency-Key": "bad-request", "Content-Type": "text/plain"},
    )
    large = live.http("POST", path, {"points": 1, "pointsDescription": "x" * 70_000}, key="bad-request")

    assert fraction.status_code == 400
    assert fraction.headers["content-type"] == "application/problem+json"
    assert {error["field"] for error in fraction.json()["errors"]} == {"body.points", "body.order.amount"}
    assert (form.status_code, form.json()["code"]) == (415, "unsupported_content_type")
    assert (large.status_code, large.json()["code"]) == (413, "body_too_large")
