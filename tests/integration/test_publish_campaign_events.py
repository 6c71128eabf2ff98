"""Events of campaigns on the bus: versions, awards, referrals, runs and exhausted budgets."""

import json
from hashlib import sha256
from typing import Any

import time_machine

from loyalty.messaging.detail_types import DETAILS
from tests.integration.accounts import START, at
from tests.integration.customers import code_of, saved
from tests.integration.publishing import Events, failures, publish, record, stream
from tests.integration.racing import unanswered
from tests.support.stack import Answer, Stack


def test_each_version_of_a_campaign_becomes_an_event(bus_events: Events, stack: Stack) -> None:
    rewards = [{"walletId": stack.wallet(), "type": "FIXED", "points": 10}]
    trigger = {"type": "EVENT", "event": "order.paid"}
    body = {"name": "Orders", "status": "DRAFT", "trigger": trigger, "rewards": rewards}
    campaign, other = (stack.http("POST", "/v1/campaigns", body).body["campaignId"] for _ in range(2))
    change = stack.http("PATCH", f"/v1/campaigns/{campaign}", {"name": "Purchases"}, headers={"If-Match": '"1"'})
    assert change.status == 200
    for verb in ("activate", "pause", "end"):
        assert stack.http("POST", f"/v1/campaigns/{campaign}/{verb}").status == 200
    assert stack.http("DELETE", f"/v1/campaigns/{other}").status == 204

    publish(stream(stack))

    of_campaigns = [one for one in bus_events.accepted if one["DetailType"].startswith("Campaign ")]
    found = {}
    for entry in of_campaigns:
        detail = json.loads(entry["Detail"])
        DETAILS[entry["DetailType"]].model_validate(detail)
        found[detail["eventId"]] = (entry["DetailType"], detail["status"], detail["name"], detail["event"])
    assert found == {
        f"{campaign}.v1": ("Campaign Created", "DRAFT", "Orders", "order.paid"),
        f"{campaign}.v2": ("Campaign Changed", "DRAFT", "Purchases", "order.paid"),
        f"{campaign}.v3": ("Campaign Activated", "ACTIVE", "Purchases", "order.paid"),
        f"{campaign}.v4": ("Campaign Paused", "PAUSED", "Purchases", "order.paid"),
        f"{campaign}.v5": ("Campaign Ended", "ENDED", "Purchases", "order.paid"),
        f"{other}.v1": ("Campaign Created", "DRAFT", "Orders", "order.paid"),
        f"{other}.v2": ("Campaign Deleted", "DELETED", "Orders", "order.paid"),
    }
    assert failures(stack) == []


def test_a_run_becomes_an_event_when_it_is_completed(bus_events: Events, stack: Stack) -> None:
    run = {
        "pk": {"S": "RUN#cmp_1"},
        "sk": {"S": "2027-03-01"},
        "st": {"S": "RUNNING"},
        "at": {"N": str(int(START.timestamp()))},
        "w": {"S": "wal_1"},
        "ns": {"N": "2"},
        "fs": {"NS": ["0", "1"]},
        "n": {"N": "3"},
        "p": {"N": "300"},
        "c": {"N": str(int(START.timestamp()))},
    }
    completed = {**run, "st": {"S": "COMPLETED"}, "cp": {"N": str(int(START.timestamp()) + 60)}}

    publish([record(run), record(run, "MODIFY"), record(completed, "MODIFY")])

    assert bus_events.types() == ["Campaign Run Completed"]
    assert bus_events.details == {
        "cmp_1.2027-03-01": {
            "eventId": "cmp_1.2027-03-01",
            "eventVersion": 1,
            "campaignId": "cmp_1",
            "date": "2027-03-01",
            "awards": 3,
            "points": 300,
            "scheduledAt": at(),
            "completedAt": at(minutes=1),
        }
    }
    assert failures(stack) == []


def purchases(stack: Stack, wallet: str) -> str:
    body = {
        "name": "Purchases",
        "trigger": {"type": "EVENT", "event": "order.paid"},
        "rewards": [
            {
                "walletId": wallet,
                "type": "PROPORTIONAL",
                "every": 10_000,
                "points": 100,
                "pointsDescription": "Points for your purchase",
            }
        ],
    }
    answer = stack.http("POST", "/v1/campaigns", body)
    assert answer.status == 201, answer.text
    return str(answer.body["campaignId"])


def paid(stack: Stack, order: str, amount: int, **more: Any) -> Answer:
    body = {"name": "order.paid", "customerId": "ann", "eventId": f"paid-{order}", "orderId": order, **more}
    answer = stack.http("POST", "/v1/events", {**body, "order": {"amount": amount}})
    assert answer.status == 200, answer.text
    return answer


def test_an_event_for_which_campaigns_gave_points_becomes_one_event(
    clock: time_machine.Traveller, bus_events: Events, stack: Stack
) -> None:
    wallet = stack.wallet()
    campaign = purchases(stack, wallet)
    clock.shift(7_200)
    (award,) = paid(stack, "#1001", 25_000, occurredAt=at(hours=1)).body["awards"]

    publish(stream(stack))

    (entry,) = [one for one in bus_events.accepted if one["DetailType"] == "Campaign Reward Granted"]
    detail = json.loads(entry["Detail"])
    DETAILS["Campaign Reward Granted"].model_validate(detail)
    assert detail == {
        "eventId": "rcp_" + sha256(b"ann\norder.paid\n=#1001").hexdigest()[:24],
        "eventVersion": 1,
        "name": "order.paid",
        "key": "=#1001",
        "customerId": "ann",
        "orderId": "#1001",
        "awards": [
            {
                "campaignId": campaign,
                "campaignVersion": 1,
                "rewardNo": 0,
                "customerId": "ann",
                "walletId": wallet,
                "walletName": "Wallet 0",
                "pointsName": "points",
                "seq": 1,
                "points": 200,
                "base": "200",
                "factor": "1",
            }
        ],
        "eventTimestamp": at(hours=1),
        "recordedAt": at(hours=2),
    }
    assert award["rewardNo"] == 0


def test_points_of_a_campaign_are_credited_with_its_id_and_its_description(bus_events: Events, stack: Stack) -> None:
    campaign = purchases(stack, stack.wallet())
    (award,) = paid(stack, "#1001", 25_000).body["awards"]

    publish(stream(stack))

    detail = bus_events.details[award["transactionId"]]
    assert (detail["campaignId"], detail["source"], detail["CT Source"]) == (campaign, "Campaign", "Campaign")
    assert (detail["pointsDescription"], detail["operation"]) == ("Points for your purchase", "campaign")
    assert (detail["points"], detail["orderId"]) == (200, "#1001")


def test_a_paid_order_without_awards_becomes_no_event(bus_events: Events, stack: Stack) -> None:
    purchases(stack, stack.wallet())
    paid(stack, "#1001", 9_999)

    publish(stream(stack))

    assert sorted(bus_events.types()) == ["Campaign Created", "Wallet Created"]
    assert failures(stack) == []


def test_the_receipt_that_took_the_place_of_a_marker_becomes_one_event(bus_events: Events, stack: Stack) -> None:
    def receipts(event: str) -> list[dict[str, Any]]:
        items = [item for item in stack.items() if item["sk"]["S"].startswith("RECEIPT#order.paid#")]
        return [record(item, event) for item in items]

    def send(event: str, **more: Any) -> Answer:
        body = {"name": event, "customerId": "ann", "eventId": f"{event}-1", "orderId": "#1001", **more}
        return stack.http("POST", "/v1/events", body)

    purchases(stack, stack.wallet())
    send("order.refunded", refund={"type": "AMOUNT", "amount": 5_000})
    publish(receipts("INSERT"))
    assert paid(stack, "#1001", 25_000).body["awards"][0]["points"] == 200
    publish(receipts("MODIFY"))
    (uncounted,) = receipts("MODIFY")
    uncounted["dynamodb"]["NewImage"]["uc"] = {"N": "1"}
    publish([uncounted])

    assert bus_events.types() == ["Campaign Reward Granted"]


def test_a_referral_becomes_an_event_with_the_awards_of_both_sides(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet()
    reward = {"walletId": wallet, "type": "FIXED", "points": 100}
    trigger = {"type": "EVENT", "event": "order.paid"}
    body = {"name": "Referral", "trigger": trigger, "rewards": [reward, {**reward, "to": "REFERRER"}]}
    referral = stack.http("POST", "/v1/campaigns", body).body["campaignId"]
    purchases(stack, wallet)
    saved(stack, "bea")
    saved(stack, "ann", referredBy=code_of(stack, "bea"))
    paid(stack, "#1001", 25_000)

    publish(stream(stack))

    found = {entry["DetailType"]: json.loads(entry["Detail"]) for entry in bus_events.accepted}
    granted, completed = found["Campaign Reward Granted"], found["Referral Completed"]
    DETAILS["Referral Completed"].model_validate(completed)
    assert (completed["eventId"], completed["referrerId"]) == (f"{granted['eventId']}.r", "bea")
    assert [one["campaignId"] for one in completed["awards"]] == [referral, referral]
    assert [(one["customerId"], one["points"]) for one in completed["awards"]] == [("ann", 100), ("bea", 100)]
    assert len(granted["awards"]) == 3


def test_an_exhausted_budget_becomes_one_event(bus_events: Events, stack: Stack) -> None:
    def live() -> Any:
        (item,) = [one for one in stack.items() if one["pk"]["S"] == "LIVE" and one["sk"]["S"] != "GENERATION"]
        return item

    reward = {"walletId": stack.wallet(), "type": "FIXED", "points": 60}
    trigger = {"type": "EVENT", "event": "order.paid"}
    body = {"name": "Limited", "trigger": trigger, "rewards": [reward], "limits": {"budget": {"points": 100}}}
    campaign = stack.http("POST", "/v1/campaigns", body).body["campaignId"]
    fresh = live()
    paid(stack, "#1", 1_000)
    paid(stack, "#2", 1_000)
    exhausted = live()
    assert stack.http("POST", f"/v1/campaigns/{campaign}/end").status == 200

    publish([record(fresh), record(fresh, "MODIFY"), record(exhausted, "MODIFY"), record(live(), "MODIFY")])

    (entry,) = bus_events.accepted
    detail = json.loads(entry["Detail"])
    DETAILS["Campaign Budget Exhausted"].model_validate(detail)
    assert entry["DetailType"] == "Campaign Budget Exhausted"
    assert detail == {
        "eventId": f"{campaign}.v1.exhausted",
        "eventVersion": 1,
        "campaignId": campaign,
        "version": 1,
        "name": "Limited",
        "budgetPoints": 100,
        "budgetAwards": None,
        "exhaustedAt": at(),
    }


def test_awards_are_counted_by_the_day_of_their_decision(
    clock: time_machine.Traveller, bus_events: Events, stack: Stack
) -> None:
    def given(days: int = 30) -> Any:
        return stack.http("GET", f"/v1/campaigns/{campaign}/stats", query={"days": days}).body

    campaign = purchases(stack, stack.wallet())
    assert given() == {"data": [], "awards": 0, "points": 0}
    for order, amount in (("#1", 25_000), ("#2", 9_999), ("#3", 10_000)):
        paid(stack, order, amount)
    publish(stream(stack))
    clock.shift(86_400)
    paid(stack, "#4", 10_000)
    publish([record(item) for item in stack.items() if item["sk"]["S"].endswith("#=%234")])

    assert given() == {
        "data": [
            {"date": "2027-03-01", "awards": 2, "points": 300},
            {"date": "2027-03-02", "awards": 1, "points": 100},
        ],
        "awards": 3,
        "points": 400,
    }
    assert given(days=1)["points"] == 100
    assert stack.http("GET", "/v1/campaigns/cmp_none/stats").code == "campaign_not_found"


def test_counts_that_cannot_be_written_cost_no_event(bus_events: Events, stack: Stack) -> None:
    purchases(stack, stack.wallet())
    paid(stack, "#1", 25_000)
    records = stream(stack)
    with unanswered("UpdateItem", 1):
        publish(records)
    assert "Campaign Reward Granted" in bus_events.types()
