"""Campaigns over the deployed stack: a referral, from the code of the referrer to the canceled order."""

from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.conftest import Defined, Events
from tests.support.live import Live, eventually

pytestmark = pytest.mark.e2e


def test_a_referral_rewards_both_customers_until_the_order_is_canceled(
    live: Live, bus: Events, defined: Defined
) -> None:
    wallet, friend, referrer, order = defined.wallet, defined.friend, f"bea-{uuid4()}", f"order-{uuid4()}"
    assert live.http("PUT", f"/customers/{referrer}", {}).status_code == 201
    code = live.http("POST", f"/customers/{referrer}/referral-code", {}).json()["code"]
    assert live.http("PUT", f"/customers/{friend}", {"referredBy": code}).status_code == 201
    paid = {"name": "order.paid", "customerId": friend, "eventId": "1", "orderId": order, "order": {"amount": 5_000}}

    quote = live.http("POST", f"/customers/{friend}/quote", {"order": {"amount": 5_000}}).json()
    answer = live.http("POST", "/events", paid).json()

    both = [(friend, 100), (referrer, 100)]
    assert [(award["customerId"], award["points"]) for award in quote["awards"]] == both
    assert [(award["customerId"], award["points"]) for award in answer["awards"]] == both
    completed = eventually("the event", lambda: of_type(bus, "Referral Completed", friend))
    assert completed["referrerId"] == referrer

    canceled = {"name": "order.canceled", "customerId": friend, "eventId": "2", "orderId": order}
    live.put_event(canceled)

    eventually("the cancellation", lambda: balances(live, wallet, friend, referrer) == [0, 0])
    by_http = live.http("POST", "/events", canceled).json()
    assert (by_http["replayed"], by_http["refund"]["amount"]) == (True, 5_000)
    assert live.http("GET", f"/customers/{friend}").json()["orderCount"] == 1


def of_type(bus: Events, type_: str, customer: str) -> Any:
    found = [event["detail"] for event in list(bus.by_id.values()) if event["detail-type"] == type_]
    return next((detail for detail in found if detail["customerId"] == customer), None)


def balances(live: Live, wallet: str, *customers: str) -> list[int]:
    return [live.card(wallet, customer)["balance"]["active"] for customer in customers]
