"""The replay by events against the product: campaigns give the points of the orders, with a bonus for the first."""

from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine

from scripts.replay import __main__ as replay
from scripts.replay.order_lines import COLUMNS
from tests.integration.replaying import replay_of
from tests.support.stack import Stack

pytestmark = pytest.mark.usefixtures("clock")

FIRST = "1,tea,2,2010-12-01T08:00:00,9.95,ann"
ROWS = [
    # In the file a later order of ann comes first, and her first order is too small to earn points.
    "3,tea,1,2010-12-03T08:00:00,9.95,ann",
    "0,tea,1,2010-12-01T07:00:00,0.95,ann",
    FIRST,
    "1,POST,1,2010-12-01T08:00:00,5.00,ann",
    "2,cup,4,2010-12-02T08:00:00,2.50,bob",
    "C4,tea,-1,2010-12-04T08:00:00,9.95,ann",
    "C5,cup,-4,2010-12-05T08:00:00,2.50,bob",
    "C6,tea,-1,2010-12-02T08:00:00,9.95,ann",
]

Run = Callable[..., int]


@pytest.fixture
def run(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run of the command with rows of the file, and with more options."""

    def run(rows: list[str], *options: str) -> int:
        file = tmp_path / "orders.csv"
        file.write_text("\n".join([",".join(COLUMNS), *rows]))
        return replay_of(file, stack, tmp_path, monkeypatch, "--by-events", *options)()

    return run


def wallet_of(stack: Stack) -> str:
    """The wallet with the number 1."""
    (wallet,) = [one for one in stack.http("GET", "/v1/wallets").body["data"] if one["name"] == "Replay by events"]
    return str(wallet["walletId"])


def has_card(stack: Stack, customer: str) -> bool:
    return stack.http("GET", f"/v1/wallets/{wallet_of(stack)}/cards/{customer}").status == 200


def points(stack: Stack, customer: str) -> list[tuple[str, str, int]]:
    """The type, order and points of each transaction, without the sequence of one order's awards."""
    return sorted((row["type"], row["orderId"], row["points"]) for row in stack.rows(wallet_of(stack), customer))


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().out.split())


def test_campaigns_give_the_points_of_each_order_and_the_bonus_of_the_first_and_refunds_take_their_share(
    run: Run, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(ROWS) == replay.AS_EXPECTED
    # The refund C6 is of the first order: 9.95 of 24.90 take 29 of its 24 + 50 points.
    assert points(stack, "replay-1-ann") == [
        ("CREDIT", "1", 24),
        ("CREDIT", "1", 50),
        ("CREDIT", "3", 9),
        ("REVOCATION", "1", 29),
        ("REVOCATION", "3", 9),
    ]
    assert points(stack, "replay-1-bob") == [("CREDIT", "2", 10), ("CREDIT", "2", 50), ("REVOCATION", "2", 60)]
    assert "created 3 143 points" in printed(capsys)


def test_a_second_run_posts_every_event_again_and_changes_nothing(
    run: Run, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(ROWS) == replay.AS_EXPECTED
    before = stack.items()
    capsys.readouterr()
    assert run(ROWS) == replay.AS_EXPECTED
    assert stack.items() == before
    shown = printed(capsys)
    assert "created 0 0 points replayed 3 143 points" in shown
    assert "made 0 replayed 3 " in shown


def test_orders_and_refunds_after_a_failed_order_of_the_customer_are_left_to_the_next_run(
    run: Run, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    long = FIRST.replace("1,tea", f"{'1' * 129},tea")
    assert run([long, *ROWS]) == replay.DIFFERENT
    shown = printed(capsys)
    assert "3 of ann: not posted, because an earlier order of the customer failed" in shown
    assert "C6-1, of order 1: not posted, because an order of the customer failed" in shown
    assert points(stack, "replay-1-bob")
    assert not has_card(stack, "replay-1-ann")
    assert run(ROWS) == replay.AS_EXPECTED


def test_another_file_needs_another_wallet_with_customers_of_its_own(
    run: Run, stack: Stack, clock: time_machine.Traveller, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(ROWS) == replay.AS_EXPECTED
    clock.shift(15)
    other = ["9,tea,1,2010-12-09T08:00:00,20.00,ann"]
    assert run(other, "--wallet-number", "2") == replay.AS_EXPECTED
    assert not has_card(stack, "replay-2-ann"), "the campaigns of the first wallet ignore these customers"
    capsys.readouterr()
    assert run(other) == replay.DIFFERENT
    assert "gave 20 points for the order, 0 for a first order and 0 otherwise, instead of 20, 50 and 0" in printed(
        capsys
    )


def test_no_order_is_posted_if_a_campaign_does_not_work(
    run: Run, stack: Stack, clock: time_machine.Traveller, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([FIRST]) == replay.AS_EXPECTED
    for campaign in stack.http("GET", "/v1/campaigns").body["data"]:
        assert stack.http("POST", f"/v1/campaigns/{campaign['campaignId']}/pause").status == 200
    clock.shift(15)
    before = stack.items()
    capsys.readouterr()
    assert run([FIRST]) == replay.NOT_STARTED
    assert "gave 0 points for the order, 0 for a first order and 0 otherwise, instead of 1, 50 and 0" in printed(capsys)
    assert stack.items() == before
