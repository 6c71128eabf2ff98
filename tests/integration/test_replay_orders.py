"""The replay of orders with charges and refunds against the product."""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from scripts.replay import __main__ as replay
from scripts.replay import order_json, shopify
from scripts.replay.sales import Reason
from tests.integration.replaying import replay_of
from tests.support import shopify_orders
from tests.support.stack import Stack

pytestmark = pytest.mark.usefixtures("clock")

Json = dict[str, Any]


def lines_of(random: Random) -> list[Json]:
    """Lines of few products, some free, some with ids of their own."""
    count = random.randint(0, 4)
    return [
        {
            "productId": random.choice("ab"),
            "quantity": random.randint(1, 5),
            "amount": random.choice([0, 1, 250, 999, 3_333, random.randrange(20_000)]),
            **({"lineId": str(number)} if random.random() < 0.7 else {}),
        }
        for number in range(count)
    ]


def charges_of(random: Random) -> list[Json]:
    charges = [
        {"type": kind, "amount": random.choice([0, 100, random.randrange(3_000)])}
        for kind in random.sample(["SHIPPING", "SHIPPING", "TAX", "FEE", "TIP", "OTHER"], random.choice([0, 0, 1, 3]))
    ]
    if random.random() < 0.4:
        charges.append({"type": "DISCOUNT", "amount": -random.randrange(5_000)})
    for charge in charges:
        if random.random() < 0.3:
            charge["label"] = random.choice("xy")
    return charges


def refunds_of(random: Random, items: Sequence[Json], charges: Sequence[Json], amount: int) -> list[Json]:
    refunds: list[Json] = []
    for number in range(random.choice([0, 1, 3, 6])):
        refund: Json = {"key": f"r{number}", "at": f"2026-03-{random.randint(2, 28):02}T10:00:00Z"}
        kind = random.choice(["ITEMS"] * 8 + ["AMOUNT", "FULL"])
        returned = [
            {
                "productId": item["productId"],
                "quantity": random.randint(1, item["quantity"]),
                **({"lineId": item["lineId"]} if "lineId" in item and random.random() < 0.8 else {}),
            }
            for item in random.sample(items, min(len(items), random.choice([1, 2])))
        ]
        types = {charge["type"] for charge in charges} - {"DISCOUNT"}
        refunded: list[Json] = [
            {"type": kind} if random.random() < 0.5 else {"type": kind, "amount": random.randint(1, 800)}
            for kind in sorted(types)
            if random.random() < 0.3
        ]
        if kind == "AMOUNT":
            refund["amount"] = random.randint(1, amount)
        elif kind == "ITEMS" and not returned and not refunded:
            kind = "FULL"
        elif kind == "ITEMS":
            refund |= {"items": returned, "charges": refunded}
        refunds.append(refund | {"type": kind})
    return refunds


def orders(seed: int) -> list[Json]:
    """Random orders. In half of them lines and charges add up to the amount."""
    random = Random(seed)
    found = []
    for number in range(70):
        items, charges = lines_of(random), charges_of(random)
        total = sum(part["amount"] for part in (*items, *charges))
        off = random.choice([0, 0, 0, random.randint(-2, 2), random.randint(-3_000, 3_000)])
        amount = max(total + off, 100)
        found.append(
            {
                "orderId": f"#{number}",
                "customerId": random.choice(["ann", "bob", "cyd"]),
                "at": "2026-03-01T10:00:00Z",
                "currency": "GBP",
                "amount": amount,
                "items": items,
                "charges": charges,
                "refunds": refunds_of(random, items, charges, amount),
            }
        )
    return found


def write(orders: Sequence[Json], path: Path) -> Path:
    path.write_text("".join(json.dumps(order) + "\n" for order in orders))
    return path


@pytest.mark.parametrize(("seed", "options"), [(1, []), (2, ["--by-events"])])
def test_every_refund_of_any_orders_has_the_points_and_the_money_that_the_file_adds_up_to(
    seed: int,
    options: list[str],
    stack: Stack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = write(orders(seed), tmp_path / "orders.jsonl")
    assert replay_of(file, stack, tmp_path, monkeypatch, *options)() == replay.AS_EXPECTED
    _, refunds = order_json.read(file.read_text().splitlines())
    assert len(refunds.posted) > 50, "many refunds are made"
    assert refunds.reasons[Reason.TOO_MUCH] > 5, "some refunds exceed their orders"
    assert f"made {len(refunds.posted)} " in " ".join(capsys.readouterr().out.split())


def test_a_refund_that_the_replay_does_not_post_is_refused_by_the_product_too(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(orders(3), tmp_path / "orders.jsonl")
    assert replay_of(file, stack, tmp_path, monkeypatch)() == replay.AS_EXPECTED
    (wallet,) = stack.http("GET", "/v1/wallets").body["data"]
    _, refunds = order_json.read(file.read_text().splitlines())
    last = {wanted.label.split(" of ")[1]: (wanted, outcome) for wanted, outcome in refunds.outcomes}
    refused = {order: wanted for order, (wanted, outcome) in last.items() if outcome is Reason.TOO_MUCH}
    assert refused
    for order, wanted in refused.items():
        answer = stack.refund(wallet["walletId"], order, wanted.customer_id, **wanted.body())
        assert (answer.status, answer.body["code"]) in {(422, "refund_exceeds_order"), (422, "nothing_to_refund")}


def test_converted_orders_of_shopify_agree_for_every_customer(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    export = tmp_path / "orders.json"
    export.write_text(json.dumps({"orders": shopify_orders.ORDERS}))
    assert shopify.main([str(export)]) == shopify.CONVERTED
    file = tmp_path / "orders.jsonl"
    file.write_text(capsys.readouterr().out)

    assert replay_of(file, stack, tmp_path, monkeypatch, currency="EUR")() == replay.AS_EXPECTED
    assert "balances: 3 of 3 customers agree" in capsys.readouterr().out
    _, refunds = order_json.read(file.read_text().splitlines())
    assert not refunds.reasons
    refunded = {refund.wanted.label: (refund.amount, refund.points) for refund in refunds.posted}
    assert refunded == {
        "11 of #1001": (3_240, 32),
        "12 of #1001": (8_640, 86),
        "21 of #1002": (4_500, 45),
        "22 of #1002": (0, 0),
        "31 of #1003": (2_000, 20),
        "41 of #1004": (5_000, 50),
        "canceled of #1005": (6_000, 60),
        "61 of #1006": (2_000, 20),
        "71 of #1007": (500, 5),
        "72 of #1007": (4_500, 45),
        "81 of #1008": (3_000, 30),
        "91 of #1009": (2_700, 27),
    }
