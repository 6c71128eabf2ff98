"""What redemptions leave in other places: events on the bus, audits, erasures, explanations."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from loyalty.messaging.detail_types import DETAILS
from scripts import audit
from tests.integration.cataloguing import add_codes, cancel, create, fulfill, redeemed, reward
from tests.integration.publishing import Events, publish, record
from tests.support.stack import Stack

Item = dict[str, Any]


def items(stack: Stack, *heads: str) -> list[Item]:
    return [one for one in stack.items() if one["sk"]["S"].startswith(heads)]


def test_a_redemption_becomes_an_event_for_each_status(bus_events: Events, stack: Stack) -> None:
    wallet, partner = stack.wallet(name="Stars", pointsName="stars"), stack.wallet(name="Miles", pointsName="miles")
    stack.credit(wallet, 1_000)
    lipstick = reward(stack, {wallet: 500})
    product = redeemed(stack, lipstick, metadata={"name": "Ann"})
    issued = items(stack, f"REDEMPTION#{product}")
    exchange = redeemed(stack, reward(stack, {wallet: 9}, kind="POINTS", credit={"walletId": partner, "points": 5}))
    given = items(stack, f"REDEMPTION#{exchange}")
    fulfill(stack, product)
    fulfilled = items(stack, f"REDEMPTION#{product}")
    cancel(stack, product, force=True, writeOff=True)
    canceled = items(stack, f"REDEMPTION#{product}")

    publish([*map(record, (*issued, *given)), *(record(one, "MODIFY") for one in (*fulfilled, *canceled))])

    found = {}
    for entry in bus_events.accepted:
        detail = json.loads(entry["Detail"])
        DETAILS[entry["DetailType"]].model_validate(detail)
        found[detail["eventId"]] = entry["DetailType"]
    assert found == {
        f"{product}.ISSUED": "Reward Redeemed",
        f"{exchange}.ISSUED": "Reward Redeemed",
        f"{exchange}.FULFILLED": "Reward Fulfilled",
        f"{product}.FULFILLED": "Reward Fulfilled",
        f"{product}.CANCELED": "Reward Redemption Canceled",
    }
    details = bus_events.details
    names = {"walletId": wallet, "walletName": "Stars", "pointsName": "stars"}
    assert details[f"{exchange}.ISSUED"]["price"] == [{**names, "seq": 3, "points": 9}]
    credit = {"walletId": partner, "walletName": "Miles", "pointsName": "miles", "seq": 1, "points": 5}
    assert details[f"{exchange}.FULFILLED"]["credit"] == credit
    assert details[f"{product}.CANCELED"]["returned"] == [{**names, "seq": 4, "points": 500}]
    assert details[f"{product}.CANCELED"]["rewardName"] == stack.http("GET", f"/v1/rewards/{lipstick}").body["name"]
    assert details[f"{product}.CANCELED"]["writtenOff"] is True
    assert "Ann" not in json.dumps(details)


def test_each_version_of_a_reward_becomes_an_event(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet()
    drafts = [create(stack, price={wallet: 5}, status="DRAFT").body["rewardId"] for _ in range(2)]
    for verb in ("activate", "pause", "end"):
        assert stack.http("POST", f"/v1/rewards/{drafts[0]}/{verb}").status == 200
    stack.http("DELETE", f"/v1/rewards/{drafts[1]}")

    publish([record(one) for one in items(stack, "VERSION#") if one["pk"]["S"].startswith("REWARD#")])

    assert sorted(bus_events.types()) == [
        *("Reward Activated", "Reward Created", "Reward Created"),
        *("Reward Deleted", "Reward Ended", "Reward Paused"),
    ]


def test_an_erasure_removes_the_metadata_of_redemptions_and_the_names_of_rewards_from_rows(stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    redemption = redeemed(stack, reward(stack, {wallet: 5}, name="For Ann"), metadata={"note": "For Ann"})
    cancel(stack, redemption)

    assert stack.http("POST", "/v1/customers/ann/erasure").status == 200

    assert [one["sk"]["S"] for one in items(stack, "REDEMPTION#", "TXN#") if "For Ann" in repr(one)] == []
    assert stack.http("GET", f"/v1/customers/ann/redemptions/{redemption}").body["metadata"] is None
    assert stack.http("GET", f"/v1/wallets/{wallet}/cards/ann/verify").body["valid"] is True


def test_an_explanation_names_the_reward_and_the_debit_whose_lots_came_back(stack: Stack) -> None:
    wallet = stack.wallet(earningLimits={"transaction": {"maxPoints": 100, "whenExceeded": "REJECT"}})
    stack.credit(wallet, 100)
    cancel(stack, redeemed(stack, reward(stack, {wallet: 60})))
    debit, returned = stack.rows(wallet)[1:]

    spent = stack.http("GET", f"/v1/transactions/{debit['transactionId']}/explain").body
    back = stack.http("GET", f"/v1/transactions/{returned['transactionId']}/explain").body

    assert debit["pointsDescription"] == "Limited lipstick"
    assert spent["text"].startswith("60 points were spent (reward).")
    assert f"before transaction {debit['transactionId']}" in back["lots"][0]["text"]


@pytest.fixture
def shop(stack: Stack) -> str:
    """A wallet whose customer ann has redeemed a product and a code, and canceled a product."""
    wallet = stack.wallet()
    stack.credit(wallet, 1_000)
    limits = {"perCustomer": {"times": 5}}
    product = reward(stack, {wallet: 100}, stock=10, limits=limits)
    voucher = reward(stack, {wallet: 50}, kind="DISCOUNT_CODE")
    add_codes(stack, voucher, "CODE-1", "CODE-2")
    redeemed(stack, product)
    cancel(stack, redeemed(stack, product))
    redeemed(stack, voucher)
    return wallet


def remove(stack: Stack, item: Item) -> None:
    stack.dynamodb.delete_item(TableName="loyalty", Key={name: item[name] for name in ("pk", "sk")})


def change(stack: Stack, item: Item, **attributes: Any) -> None:
    stack.dynamodb.put_item(TableName="loyalty", Item={**item, **attributes})


def first(stack: Stack, head: str, *has: str) -> Item:
    return next(one for one in items(stack, head) if all(name in one for name in has))


def issued(stack: Stack) -> Item:
    return next(one for one in items(stack, "REDEMPTION#") if one["st"]["S"] == "ISSUED")


def canceled(stack: Stack) -> Item:
    return first(stack, "REDEMPTION#", "rt")


BROKEN: dict[str, tuple[Callable[[Stack], None], str]] = {
    "a lost redemption": (lambda stack: remove(stack, issued(stack)), "redemption"),
    "a redemption that is canceled without a return": (
        lambda stack: change(stack, issued(stack), st={"S": "CANCELED"}, ca={"N": "1"}, rt={"S": "[]"}),
        "redemption",
    ),
    "a cancellation that is forgotten": (
        lambda stack: change(stack, canceled(stack), st={"S": "ISSUED"}),
        "redemption",
    ),
    "another price": (lambda stack: change(stack, issued(stack), pr={"S": '[["w",1,2,1]]'}), "redemption"),
    "another encoding": (lambda stack: change(stack, issued(stack), xx={"S": "x"}), "form"),
    "a count of a limit": (lambda stack: change(stack, first(stack, "USE#"), n={"N": "4"}), "use"),
    "a code that another redemption got": (
        lambda stack: change(stack, first(stack, "00000000", "rd"), rd={"S": "rdm_other"}),
        "code",
    ),
    "another code": (lambda stack: change(stack, first(stack, "REDEMPTION#", "cd"), cd={"S": "X"}), "code"),
}


@pytest.mark.tampered
@pytest.mark.parametrize("broken", BROKEN)
def test_a_verification_finds_a_broken_redemption(stack: Stack, shop: str, broken: str) -> None:
    act, check = BROKEN[broken]
    path = f"/v1/wallets/{shop}/cards/ann/verify"
    assert stack.http("GET", path).body["problems"] == []

    act(stack)

    assert check in {drift["check"] for drift in stack.http("GET", path).body["problems"]}


@pytest.mark.tampered
@pytest.mark.parametrize("change_of", [{"ar": {"N": "8"}}, {"ar": {"N": "11"}}, {"al": {"N": "12"}, "ar": {"N": "11"}}])
def test_an_audit_of_the_whole_table_finds_a_wrong_stock(
    stack: Stack, shop: str, capsys: pytest.CaptureFixture[str], change_of: Item
) -> None:
    assert audit.main(["--parallel", "1"]) == 0
    pool = next(one for one in items(stack, "POOL") if one["al"]["N"] == "10")

    change(stack, pool, **change_of)

    assert audit.main(["--parallel", "1"]) == 1
    assert "stock: " in capsys.readouterr().out
