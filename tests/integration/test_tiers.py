"""Tiers in the ledger: what a card, its transactions, its events and the audit show, and what tiers cost."""

import json
from datetime import UTC, datetime

import pytest
import time_machine

from loyalty.store.store import connected_store
from loyalty.usecases.programs.tier_calculation import calculate_tier
from tests.integration.metering import metered
from tests.integration.publishing import Events, publish, stream
from tests.integration.racing import before_next
from tests.integration.sweeping import message, settle, sweep
from tests.integration.test_award_costs import READ, WRITE
from tests.integration.tiering import CLUB, assign, change_structure, club, program, structure
from tests.support.stack import Stack

END_OF_2028 = "2028-12-31T23:00:00Z"
"""The end of the next year in Berlin, seen from the instant at which the clock stops."""


@pytest.fixture
def wallet(clock: time_machine.Traveller, stack: Stack) -> str:
    wallet = stack.wallet()
    club(stack, wallet)
    return wallet


def tiers(stack: Stack, wallet: str) -> list[tuple[str | None, str | None]]:
    return [(one["tierId"], one["until"]) for one in stack.card(wallet)["tiers"]]


def changes(stack: Stack, wallet: str) -> list[tuple[str | None, str | None, str]]:
    rows = [row["tierChange"] for row in stack.rows(wallet) if row["tierChange"]]
    return [(row["from"], row["to"], row["cause"]) for row in rows]


def calculate(stack: Stack, wallet: str) -> bool:
    version = stack.http("GET", f"/v1/wallets/{wallet}").body["version"]
    return calculate_tier(connected_store(), wallet, "ann", "club", datetime.now(UTC), version_min=version)


def test_the_tier_rises_with_the_point_that_reaches_it_and_falls_two_years_later(
    stack: Stack, wallet: str, clock: time_machine.Traveller, bus_events: Events
) -> None:
    stack.credit(wallet, 999)
    assert tiers(stack, wallet) == [("member", None)]
    first = stack.credit(wallet, 1, key="the-thousandth-point")
    assert tiers(stack, wallet) == [("vip", END_OF_2028)]
    again = stack.credit(wallet, 1, key="the-thousandth-point")
    assert (again.headers["Idempotent-Replayed"], again.body) == ("true", first.body)

    clock.move_to("2028-12-31T23:01:00Z")
    assert tiers(stack, wallet) == [("member", None)]
    assert sweep(stack, "expire_points") == 1
    assert sweep(stack, "expire_points") == 0
    assert changes(stack, wallet) == [("member", "vip", "UPGRADE"), ("vip", "member", "DOWNGRADE")]

    publish(stream(stack))
    events = [json.loads(one["Detail"]) for one in bus_events.accepted if one["DetailType"] == "Tier Changed"]
    assert sorted((one["to"], one["points"], one["until"], one["eventTimestamp"]) for one in events) == [
        ("member", 0, None, END_OF_2028),
        ("vip", 1_000, END_OF_2028, "2027-03-01T12:00:00Z"),
    ]


def test_a_credit_answers_with_its_own_row_when_a_change_of_the_tier_follows(stack: Stack, wallet: str) -> None:
    answer = stack.credit(wallet, 1_000, key="all-at-once", orderId="A", order={"amount": 100})
    credit, change = stack.rows(wallet)
    assert answer.body["transaction"]["transactionId"] == credit["transactionId"]
    assert (credit["type"], credit["order"]["amount"], credit["source"]) == ("CREDIT", 100, "API")
    assert (change["operation"], change["points"], change["source"], change["orderId"]) == ("tier", 0, "System", None)
    assert change["tierChange"] == {
        "programId": "club",
        "from": "member",
        "to": "vip",
        "points": 1_000,
        "until": END_OF_2028,
        "cause": "UPGRADE",
    }
    explained = stack.http("GET", f"/v1/transactions/{change['transactionId']}/explain")
    assert "the tier in program club rose (member to vip), with 1,000 points" in explained.body["text"]


def test_a_refund_with_a_change_of_the_tier_names_its_own_last_row(
    stack: Stack, wallet: str, bus_events: Events
) -> None:
    stack.credit(wallet, 1_500, orderId="A", order={"amount": 100})
    stack.debit(wallet, 100, orderId="A", order={"amount": 100})
    refund = stack.refund(wallet, "A")
    assert tiers(stack, wallet) == [("member", None)]
    publish(stream(stack))
    details = [one for one in bus_events.details.values() if one.get("refund")]
    assert refund.status == 201
    last = next(row for row in stack.rows(wallet) if row["refund"])
    assert {one["refund"]["refundId"] for one in details} == {last["transactionId"]}


@pytest.mark.parametrize(("points", "units"), [(1, 5), (1_000, 8)])
def test_a_credit_costs_3_units_more_only_if_the_tier_changes(
    stack: Stack, wallet: str, points: int, units: int
) -> None:
    stack.credit(wallet, 1)
    with metered(stack) as meter:
        stack.credit(wallet, points)
    # The due entry of the tier's end is the first of the card, which costs one unit more, once.
    due = 1 if points > 1 else 0
    assert (meter.requests, meter.units) == ([READ, WRITE], units + due)


def test_a_card_from_before_the_structure_is_calculated_once_from_its_ledger(
    stack: Stack, clock: time_machine.Traveller
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 400)
    stack.credit(wallet, 700)
    club(stack, wallet)
    stack.credit(wallet, 50)
    assert tiers(stack, wallet) == []
    assert calculate(stack, wallet)
    assert tiers(stack, wallet) == [("vip", END_OF_2028)]
    assert stack.card(wallet)["tiers"][0]["points"] == 1_150
    assert not calculate(stack, wallet)
    assert changes(stack, wallet) == [(None, "vip", "CALCULATED")]


@pytest.mark.parametrize(("points", "start", "tier"), [(1_000, 1_001, "vip"), (900, 900, "vip"), (900, 901, "member")])
def test_new_levels_give_a_tier_at_the_next_sweep_and_take_none_before_its_end(
    clock: time_machine.Traveller, stack: Stack, points: int, start: int, tier: str
) -> None:
    wallet = stack.wallet()
    structure_id = club(stack, wallet)
    stack.credit(wallet, points)
    levels = [CLUB["levels"][0], {**CLUB["levels"][1], "from": start}]
    assert change_structure(stack, structure_id, 1, levels=levels).status == 200
    assert settle(message(wallet)) == []
    assert [one for one, _ in tiers(stack, wallet)] == [tier]


def test_a_credit_during_a_calculation_is_counted_once(stack: Stack, clock: time_machine.Traveller) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 400)
    club(stack, wallet)
    with before_next("TransactWriteItems", lambda: stack.credit(wallet, 600)):
        assert calculate(stack, wallet)
    assert changes(stack, wallet) == [(None, "vip", "CALCULATED")]
    assert stack.card(wallet)["tiers"][0]["points"] == 1_000


def test_two_programs_of_one_wallet_change_independently(stack: Stack, clock: time_machine.Traveller) -> None:
    wallet = stack.wallet()
    club(stack, wallet)
    levels = [{"tierId": "bronze", "name": "Bronze", "from": 0}, {"tierId": "silver", "name": "Silver", "from": 500}]
    assign(stack, program(stack, "metals"), wallet, structure(stack, name="Metals", levels=levels))
    stack.credit(wallet, 500)
    stack.credit(wallet, 500)
    assert tiers(stack, wallet) == [("vip", END_OF_2028), ("silver", END_OF_2028)]
    assert changes(stack, wallet) == [("bronze", "silver", "UPGRADE"), ("member", "vip", "UPGRADE")]


def test_pending_points_give_the_tier_when_the_sweep_activates_them(
    stack: Stack, wallet: str, clock: time_machine.Traveller
) -> None:
    stack.credit(wallet, 1_000, activateAfter={"every": 2, "unit": "DAY"})
    assert tiers(stack, wallet) == [("member", None)]
    clock.move_to("2027-03-03T00:00:00Z")
    assert sweep(stack, "activate_points") == 1
    assert [row["operation"] for row in stack.rows(wallet)] == ["credit", "settle", "tier"]
    assert tiers(stack, wallet) == [("vip", END_OF_2028)]


def test_a_balance_at_an_instant_has_the_tiers_of_the_instant(
    stack: Stack, wallet: str, clock: time_machine.Traveller
) -> None:
    stack.credit(wallet, 1_000)
    clock.move_to("2029-03-01T12:00:00Z")
    stack.credit(wallet, 1)
    path = f"/v1/wallets/{wallet}/cards/ann/balance"
    found = {
        at: [one["tierId"] for one in stack.http("GET", path, query={"at": at}).body["tiers"]]
        for at in ("2027-03-01T12:00:00Z", "2028-12-31T22:59:59Z", END_OF_2028, "2029-03-01T12:00:00Z")
    }
    assert list(found.values()) == [["vip"], ["vip"], ["member"], ["member"]]


@pytest.mark.tampered
@pytest.mark.parametrize("spoil", ["change the row", "change the card"])
def test_an_audit_finds_a_tier_that_does_not_follow_from_the_rows(stack: Stack, wallet: str, spoil: str) -> None:
    stack.credit(wallet, 1_000)
    path = f"/v1/wallets/{wallet}/cards/ann/verify"
    assert stack.http("GET", path).body["valid"]
    card = next(item for item in stack.items() if item["sk"]["S"] == f"CARD#{wallet}")
    if spoil == "change the card":
        card["t"]["S"] = card["t"]["S"].replace("vip", "member")
    else:
        row = next(item for item in stack.items() if "tr" in item)
        row["tr"]["S"] = row["tr"]["S"].replace("UPGRADE", "DOWNGRADE")
        card = row
    stack.dynamodb.put_item(TableName="loyalty", Item=card)
    found = stack.http("GET", path).body
    assert "tier" in {one["check"] for one in found["problems"]}
