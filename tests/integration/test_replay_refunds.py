"""The replay of an orders file against the product: credits, refunds of canceled lines, and the result."""

import csv
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from scripts.replay import __main__ as replay
from scripts.replay.order_lines import COLUMNS
from scripts.replay.sales import Reason
from tests.integration.replaying import replay_of
from tests.support.stack import Stack

pytestmark = pytest.mark.usefixtures("clock")

CUSTOMERS = ["ann", "bob", "cyd"]
PRODUCTS = ["21", "22", "23", "24"]
PRICES = ["0", "0.333", "1.25", "2.10", "3.39", "7.95"]
BEGIN = datetime.fromisoformat("2010-12-01T08:00:00")
Row = tuple[str, str, int, datetime, str, str]


def orders(seed: int) -> list[Row]:
    """Random orders of few products, some with discounts, and cancellations with or without a matching order."""
    random = Random(seed)
    rows: list[Row] = []
    for number in range(60):
        at, customer = BEGIN + timedelta(hours=number), random.choice(CUSTOMERS)
        invoice, sign = (str(number), 1) if random.random() < 0.5 else (f"C{number}", -1)
        rows += [
            (invoice, product, sign * random.randint(1, 8), at, random.choice(PRICES), customer)
            for product in random.choices(PRODUCTS, k=3)
        ]
        if sign > 0 and random.random() < 0.3:
            rows.append((invoice, "D", -1, at, "4.50", customer))
        if random.random() < 0.3:
            rows.append((invoice, "POST", sign, at, random.choice(["2.50", "6.00"]), customer))
    return rows


def special() -> list[Row]:
    """One line for each reason without a refund."""
    long = [("70", f"{code:05}", 1, BEGIN, "1.00", "dan") for code in range(1_001)]
    return [
        *long,
        ("71", "21", 1, BEGIN, "0.95", "eve"),
        ("72", "21", 1, BEGIN, "9.00", ""),
        ("73", "21", 1, BEGIN, "9.00", "fay"),
        ("73", "22", 1, BEGIN, "0", "fay"),
        ("C80", "00007", -1, BEGIN + timedelta(1), "1.00", "dan"),
        ("C81", "21", -1, BEGIN + timedelta(1), "0.95", "eve"),
        ("C82", "21", -1, BEGIN + timedelta(1), "9.00", ""),
        ("C83", "21", -1, BEGIN + timedelta(1), "9.00", "fay"),
        ("C83", "22", -1, BEGIN + timedelta(1), "0", "fay"),
        ("C84", "21", 1, BEGIN + timedelta(1), "9.00", "fay"),
        ("C85", "21", -1, BEGIN + timedelta(1), "9.00", "gus"),
    ]


def write(rows: list[Row], path: Path) -> None:
    with path.open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(COLUMNS)
        writer.writerows((*row[:3], row[3].isoformat(), *row[4:]) for row in rows)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    write([*orders(seed=7), *special()], path)
    return path


@pytest.fixture
def run(stack: Stack, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    return replay_of(file, stack, tmp_path, monkeypatch)


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    """The printed text, with single spaces."""
    return " ".join(capsys.readouterr().out.split())


def wallet_of(stack: Stack) -> str:
    (wallet,) = stack.http("GET", "/v1/wallets").body["data"]
    return str(wallet["walletId"])


def listed(folder: Path) -> list[dict[str, str]]:
    with (folder / "refunds.csv").open(newline="") as opened:
        return list(csv.DictReader(opened))


def test_every_canceled_line_is_refunded_or_listed_and_the_balances_agree(
    run: Callable[[], int], stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run() == replay.AS_EXPECTED
    lines = listed(tmp_path)
    reasons = Counter(line["reason"] for line in lines)
    assert reasons.keys() - {""} == set(Reason) - {Reason.TOO_MUCH}, "each reason of this form occurs"
    refunded = [line for line in lines if not line["reason"]]
    assert len(refunded) > 20, "refunds occur too"
    assert any(line["extent"].startswith("SHIPPING") for line in refunded), "postage is refunded too"

    wallet = wallet_of(stack)
    rows = [row for name in [*CUSTOMERS, "fay"] for row in stack.rows(wallet, name) if row["type"] != "CREDIT"]
    assert sum(row["points"] for row in rows) == sum(int(line["points"]) for line in refunded)
    shown = printed(capsys)
    assert f"made {len(refunded)} " in shown
    assert all(f"not refunded {reasons[reason]} {reason}" in shown for reason in reasons if reason)


def test_a_second_run_changes_nothing(run: Callable[[], int], stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == replay.AS_EXPECTED
    before = stack.items()
    capsys.readouterr()
    assert run() == replay.AS_EXPECTED
    assert stack.items() == before
    assert "made 0 " in printed(capsys)


def test_a_refund_that_the_product_refuses_is_shown_and_the_balance_differs(
    run: Callable[[], int], stack: Stack, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sold: list[Row] = [("1", "21", 3, BEGIN, "9.00", "ann")]
    write(sold, file)
    assert run() == replay.AS_EXPECTED
    assert stack.refund(wallet_of(stack), "1", "ann").status == 201
    write([*sold, ("C2", "21", -1, BEGIN + timedelta(1), "9.00", "ann")], file)
    capsys.readouterr()
    assert run() == replay.DIFFERENT
    shown = printed(capsys)
    assert "C2-1, of order 1: 422 refund_exceeds_order" in shown
    assert "ann: 18 points in the file, 0 in the wallet" in shown
