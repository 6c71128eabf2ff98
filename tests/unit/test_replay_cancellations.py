"""Canceled lines of an orders file: the refunded order, points and money, or the reason without a refund."""

from pathlib import Path

import pytest

from scripts.replay import by_credits, order_lines
from scripts.replay.api import Failed
from scripts.replay.refunds import Refunded, Settled
from scripts.replay.sales import Reason, Refund, Refunds

HEADER = "invoice_no,stock_code,quantity,invoice_date,unit_price,customer_id\n"


def row(
    invoice: str, quantity: int, day: int, *, code: str = "71053", price: str = "3.39", customer: str = "17850"
) -> str:
    return f"{invoice},{code},{quantity},2010-12-{day:02}T08:26:00,{price},{customer}\n"


def matched(*rows: str) -> Refunds:
    return order_lines.read([HEADER, *rows])[1]


def of_orders(found: Refunds) -> list[str]:
    """The refunded order or the reason of each line."""
    return [outcome.order.order_id if isinstance(outcome, Refund) else outcome.name for _, outcome in found.outcomes]


def test_a_canceled_line_refunds_the_latest_earlier_order_with_enough_items() -> None:
    found = matched(
        row("1", 6, day=1),
        row("2", 4, day=2),
        row("C3", -3, day=3),
        row("C4", -2, day=4),
        row("C5", -1, day=5),
        row("C6", -5, day=6),
        row("7", 9, day=7),
    )
    assert of_orders(found) == ["2", "1", "2", "NO_SALE"]


def test_in_one_minute_the_sequence_of_the_file_decides_which_order_is_earlier() -> None:
    found = matched(row("C1", -1, day=1), row("2", 1, day=1), row("C3", -1, day=1))
    assert of_orders(found) == ["NO_SALE", "2"]


def test_an_order_with_an_earlier_time_counts_at_any_place_of_the_file() -> None:
    assert of_orders(matched(row("C1", -1, day=2), row("2", 1, day=1))) == ["2"]


def test_a_canceled_line_does_not_refund_an_order_of_another_customer() -> None:
    assert of_orders(matched(row("1", 5, day=1, customer="9"), row("C2", -1, day=2))) == ["NO_SALE"]


def test_a_line_that_is_not_refunded_has_a_reason() -> None:
    many = [row("5", 1, day=5, code=f"{code:05}", customer="7") for code in range(1_001)]
    found = matched(
        row("1", 1, day=1, price="0.95"),
        row("C2", -1, day=2, price="0.95"),
        row("C3", -1, day=3, customer=""),
        row("C4", 1, day=4),
        *many,
        row("C6", -1, day=6, code="00007", customer="7"),
        row("C7", -1, day=7, code="00007", customer="7"),
        row("8", 2, day=8, price="5.00"),
        row("8", -1, day=8, price="5.00", code="D"),
        row("C9", -1, day=9),
        row("C9", -1, day=9),
    )
    assert of_orders(found) == ["TOO_SMALL", "NO_CUSTOMER", "NO_GOODS", "WITHOUT_ITEMS", "NO_SALE", "8", "8"]
    assert set(found.reasons) == set(Reason) - {Reason.TOO_MUCH}
    assert found.reasons.total() + len(found.posted) == len(found.outcomes)


def test_the_refunds_of_parts_of_a_line_sum_to_the_whole_line() -> None:
    """Three items cost 1000 pence, for which the order earned 10 points."""
    found = matched(
        row("1", 1, day=1, price="4.00"),
        row("1", 2, day=1, price="3.00"),
        *[row(f"C{number}", -1, day=number) for number in (2, 3, 4)],
    )
    assert [refund.amount for refund in found.posted] == [333, 333, 334]
    assert [refund.points for refund in found.posted] == [3, 3, 4]


def test_points_follow_the_share_of_the_order_amount_and_the_last_part_is_exact() -> None:
    """17 points for 1799 pence: floor(17 x 500 / 1799) = 4, then floor(17 x 1000 / 1799) - 4 = 5, then the rest."""
    found = matched(
        row("1", 2, day=1, price="5.00"),
        row("1", 1, day=1, code="22", price="7.99"),
        row("C2", -1, day=2),
        row("C2", -1, day=2),
        row("C2", -1, day=2, code="22"),
    )
    assert [refund.points for refund in found.posted] == [4, 5, 8]
    assert (found.points, found.amount) == (17, 1799)
    assert found.points_by_customer() == {"17850": 17}


def test_a_discount_reduces_each_line_by_its_share() -> None:
    """The goods of 15.00 cost 7.00: 4.67 for two thirds and 2.33 for the rest."""
    found = matched(
        row("1", 2, day=1, price="5.00"),
        row("1", 1, day=1, code="22", price="5.00"),
        row("1", -1, day=1, code="D", price="8.00"),
        row("C2", -1, day=2),
        row("C3", -1, day=3, code="22"),
        row("C4", -1, day=4),
    )
    assert [refund.amount for refund in found.posted] == [233, 233, 234]
    assert [refund.points for refund in found.posted] == [2, 2, 3]


def test_a_discount_above_the_goods_reduces_the_postage() -> None:
    found = matched(
        row("1", 1, day=1, price="5.00"),
        row("1", 1, day=1, code="POST", price="4.00"),
        row("1", -1, day=1, code="D", price="6.00"),
        row("C2", -1, day=2),
        row("C3", -1, day=3, code="POST", price="4.00"),
        row("C4", -1, day=4, code="POST", price="3.00"),
    )
    assert [outcome if isinstance(outcome, Reason) else outcome.amount for _, outcome in found.outcomes] == [
        0, Reason.NO_SALE, 300,
    ]  # fmt: skip


def test_canceled_postage_refunds_the_charge_of_the_latest_order_with_as_much() -> None:
    found = matched(
        row("1", 1, day=1, price="5.00"),
        row("1", 1, day=1, code="POST", price="18.00"),
        row("2", 1, day=2, code="POST", price="10.00"),
        row("C3", -1, day=3, code="POST", price="10.50"),
        row("C4", -1, day=4, code="POST", price="8.00"),
        row("C5", -1, day=5, code="POST", price="8.00"),
        row("C6", -1, day=6),
    )
    assert of_orders(found) == ["1", "2", "NO_SALE", "1"]
    assert [refund.amount for refund in found.posted] == [1050, 800, 500]
    assert [refund.points for refund in found.posted] == [10, 8, 5]
    assert found.posted[0].wanted.body()["charges"] == [{"type": "SHIPPING", "amount": 1050}]


def test_free_goods_are_refunded_with_zero_money_and_zero_points() -> None:
    found = matched(row("1", 1, day=1), row("1", 1, day=1, code="22", price="0"), row("C2", -1, day=2, code="22"))
    assert [(refund.amount, refund.points) for refund in found.posted] == [(0, 0)]


def test_each_line_has_its_own_request_and_key() -> None:
    rows = [row("1", 6, day=1), row("C2", -2, day=2), row("C2", -2, day=2), row("C3", -1, day=3)]
    refunds = matched(*rows).posted
    assert [refund.wanted.key for refund in refunds] == [
        "replay-refund-C2-1",
        "replay-refund-C2-2",
        "replay-refund-C3-1",
    ]
    assert by_credits.body_of_refund(refunds[0]) == {
        "orderId": "1",
        "type": "ITEMS",
        "items": [{"productId": "71053", "quantity": 2}],
        "reason": "Refund C2-1",
    }
    assert [(by_credits.body_of_refund(one), one.wanted.key) for one in matched(*rows).posted] == [
        (by_credits.body_of_refund(one), one.wanted.key) for one in refunds
    ]


@pytest.mark.parametrize("invoice", ["C", "C" * 54, "C" * 55, "C 5", "C№5"])
def test_keys_of_odd_invoices_have_a_valid_form(invoice: str) -> None:
    (refund,) = matched(row("1", 1, day=1), row(invoice, -1, day=2)).posted
    assert 8 <= len(refund.wanted.key) <= 64
    assert all("!" <= character <= "~" for character in refund.wanted.key)


def test_the_refunds_of_a_customer_keep_the_sequence_of_the_file() -> None:
    found = matched(
        row("1", 6, day=1),
        row("2", 6, day=1, customer="9"),
        row("C3", -1, day=3),
        row("C4", -1, day=4, customer="9"),
        row("C5", -1, day=2),
    )
    assert {
        customer: [refund.wanted.label for refund in refunds] for customer, refunds in found.by_customer().items()
    } == {"17850": ["C3-1", "C5-1"], "9": ["C4-1"]}


def test_every_line_is_listed_with_its_refund_or_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "replay" / "refunds.csv"
    matched(row("1", 5, day=1), row("C2", -2, day=2), row("C3", -4, day=3)).write(path)
    assert path.read_text().splitlines() == [
        "refund,customer,at,extent,order,refunded,points,reason",
        "C2-1,17850,2010-12-02T08:26:00,2 x 71053,1,678,6,",
        "C3-1,17850,2010-12-03T08:26:00,4 x 71053,,,,no earlier order of the customer has as many",
    ]


def test_refusals_and_answers_with_other_points_or_money_are_failures() -> None:
    refunds = matched(row("1", 5, day=1), *[row(f"C{number}", -1, day=number) for number in (2, 3, 4, 5)]).posted
    settled = Settled()
    settled.add(refunds[0], Refunded(points=3, amount=339, is_new=True))
    settled.add(refunds[1], Refunded(points=2, amount=339, is_new=True))
    settled.add(refunds[2], Refunded(points=3, amount=0, is_new=False))
    settled.add(refunds[3], Failed("422 refund_exceeds_order: More than the order", "refund_exceeds_order"))
    assert [refund.wanted.label for refund, _ in settled.failures] == ["C3-1", "C4-1", "C5-1"]
    assert "refund_exceeds_order" in settled.failures[2][1]
    assert (settled.made, settled.replayed, settled.points, settled.amount) == (2, 1, 8, 678)
