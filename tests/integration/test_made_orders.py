"""The orders that `make orders` makes: the same for a seed, believable, and read by `make replay`."""

import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scripts.demo import orders
from scripts.replay import __main__ as replay
from scripts.replay import order_json
from tests.integration.replaying import replay_of
from tests.support.stack import Stack

COUNT = 1_500
SHOP = orders.Month(date(2026, 10, 1), ZoneInfo("Europe/London"), "GBP", seed=1)
MADE = list(orders.orders_of(SHOP, COUNT))


def test_the_same_seed_makes_the_same_orders_and_another_seed_makes_others(tmp_path: Path) -> None:
    texts = []
    for name, seed in (("a", "7"), ("b", "7"), ("c", "8")):
        assert orders.main([str(tmp_path / name), "--count", "20", "--seed", seed]) == 0
        texts.append((tmp_path / name).read_text())
    assert texts[0] == texts[1] != texts[2]


def test_other_orders_are_not_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = tmp_path / "orders.jsonl"
    export.write_text("of a real shop")
    assert orders.main([str(export)]) == 1
    assert "has other orders" in capsys.readouterr().err
    assert export.read_text() == "of a real shop"


def test_a_month_has_guests_regular_customers_discounts_refunds_and_a_sale() -> None:
    customers = Counter(order["customerId"] for order in MADE)
    assert COUNT // 12 < customers.pop(None) < COUNT // 6
    assert max(customers.values()) > 5 > min(customers.values())
    assert {charge["type"] for order in MADE for charge in order["charges"]} == {"DISCOUNT", "SHIPPING"}
    assert {refund["type"] for order in MADE for refund in order["refunds"]} == {"ITEMS", "AMOUNT", "FULL"}
    days = Counter(datetime.fromisoformat(order["at"]).day for order in MADE)
    assert min(days[day] for day in orders.SALE_DAYS) > COUNT // 31
    assert days.keys() == set(range(1, 32))


def test_every_order_and_every_refund_of_a_customer_can_be_replayed() -> None:
    file, refunds = order_json.read(map(json.dumps, MADE))
    assert len(file.orders) == sum(order["customerId"] is not None for order in MADE)
    assert len(refunds.posted) == sum(bool(order["refunds"]) for order in MADE if order["customerId"])


@pytest.mark.usefixtures("clock")
def test_a_replay_of_made_orders_ends_as_expected(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "orders.jsonl"
    assert orders.main([str(file), "--count", "40"]) == 0
    assert replay_of(file, stack, tmp_path, monkeypatch)() == replay.AS_EXPECTED, capsys.readouterr().out
