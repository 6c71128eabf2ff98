"""Campaigns and tiers: multipliers of tiers, conditions on tiers, and the event of a changed tier."""

import json
from typing import Any

import pytest
import time_machine

from tests.integration.campaigning import campaign, paid, points, reasons
from tests.integration.invoking import invoke
from tests.integration.metering import metered
from tests.integration.publishing import Events, publish, stream
from tests.integration.tiering import assign, club
from tests.support.stack import Stack

LEVELS: Any = [
    {"tierId": "member", "name": "Member", "from": 0},
    {"tierId": "gold", "name": "Gold", "from": 1_000, "benefits": {"multiplier": "1.5"}},
]
GOLD = {"customer": {"tiers": {"club": ["gold"]}}}
BONUS: dict[str, Any] = {
    "name": "Gold bonus",
    "trigger": {"type": "EVENT", "event": "loyalty.tier.changed"},
    "conditions": {"properties": {"programId": ["club"], "to": ["gold"]}},
    "rewards": [{"type": "FIXED", "points": 50}],
    "limits": {"perCustomer": {"times": 1}},
}


@pytest.fixture
def wallet(clock: time_machine.Traveller, stack: Stack) -> str:
    """A wallet whose points decide about the tiers of the program `club`."""
    wallet = stack.wallet()
    club(stack, wallet, levels=LEVELS)
    return wallet


def examined(stack: Stack, amount: int) -> Any:
    body = {"name": "order.paid", "customerId": "ann", "orderId": "X", "order": {"amount": amount}}
    answer = stack.http("POST", "/v1/events/examine", body)
    assert answer.status == 200, answer.text
    return answer.body


def test_the_tier_before_the_event_multiplies_the_points_in_all_wallets_of_the_program(
    stack: Stack, wallet: str
) -> None:
    stars, other = stack.wallet(name="Stars"), stack.wallet(name="Other")
    assign(stack, "club", stars)
    campaign(stack, wallet)
    campaign(stack, stars, name="Stars")
    campaign(stack, other, name="Other")

    first = paid(stack, 100_000, "A")
    assert sorted(points(first)) == [1_000, 1_000, 1_000]
    assert examined(stack, 25_000)["tiers"] == [{"programId": "club", "tierId": "gold", "multiplier": "1.5"}]
    second = {award["walletId"]: award for award in paid(stack, 25_000, "B").body["awards"]}
    assert {one: second[one]["points"] for one in (wallet, stars, other)} == {wallet: 300, stars: 300, other: 200}
    assert (second[stars]["base"], second[stars]["factor"]) == ("200", "1.5")


def test_conditions_read_the_tier_with_the_cards(stack: Stack, wallet: str) -> None:
    other = stack.wallet(name="Other")
    golden = campaign(stack, other, conditions=GOLD)
    before = paid(stack, 10_000, "A")
    assert reasons(before) == {golden: "conditions"}
    assert before.body["skipped"][0]["path"] == "customer.tiers.club"
    stack.credit(wallet, 1_000)
    with metered(stack) as meter:
        assert points(paid(stack, 10_000, "B")) == [100]
    assert meter.requests == ["BatchGetItem", "TransactWriteItems"]


def test_a_changed_tier_is_an_event_to_which_campaigns_react_once(stack: Stack, wallet: str) -> None:
    bonus = campaign(stack, wallet, **{**BONUS, "limits": {**BONUS["limits"], "budget": {"points": 1_000}}})
    stack.credit(wallet, 1_000)
    events = Events()
    publish(stream(stack))
    (changed,) = [entry for entry in events.accepted if entry["DetailType"] == "Tier Changed"]
    detail = json.loads(changed["Detail"])
    names = ("walletName", "from", "fromName", "to", "toName")
    assert [detail[name] for name in names] == ["Wallet 0", "member", "Member", "gold", "Gold"]
    delivered = {"id": "bus-1", "source": changed["Source"], "detail-type": changed["DetailType"], "detail": detail}

    assert [invoke("on_tier_changed", delivered) for _ in range(2)] == [{"awards": 1}] * 2

    assert stack.card(wallet)["balance"]["active"] == 1_050
    assert stack.http("GET", f"/v1/campaigns/{bonus}").body["budgetUsed"]["points"] == 50
    receipt = stack.http("GET", "/v1/customers/ann/events/loyalty.tier.changed", query={"eventId": detail["eventId"]})
    assert [(award["campaignId"], award["points"]) for award in receipt.body["awards"]] == [(bonus, 50)]


def test_a_campaign_on_changed_tiers_needs_a_limit_per_customer(stack: Stack, wallet: str) -> None:
    body = {**BONUS, "rewards": [{"walletId": wallet, "type": "FIXED", "points": 50}], "limits": None}
    answer = stack.http("POST", "/v1/campaigns", body)
    assert answer.fields() == {"limits.perCustomer": "limit_required"}
