"""The replay's own values of lines and charges, and the JSON Lines form."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scripts.replay import files, money, order_json
from scripts.replay.orders import OrdersUnreadable
from scripts.replay.sales import Reason, Refund
from scripts.replay.values import values_of

ORDER: dict[str, Any] = {
    "orderId": "#1001",
    "customerId": "c-1",
    "at": "2026-03-01T10:00:00Z",
    "currency": "EUR",
    "amount": 16_800,
    "items": [
        {"productId": "A", "quantity": 1, "amount": 15_000},
        {"productId": "B", "quantity": 2, "amount": 6_000},
    ],
}


def read(*orders: dict[str, Any]) -> list[Any]:
    """The result of each refund of the orders: amount and points, or the reason."""
    _, refunds = order_json.read([json.dumps(order) for order in orders])
    return [
        (outcome.amount, outcome.points) if isinstance(outcome, Refund) else outcome for _, outcome in refunds.outcomes
    ]


def refunds(*extents: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": f"r{number}", "at": f"2026-03-{number + 2:02}T10:00:00Z", "type": "ITEMS"} | extent
        for number, extent in enumerate(extents)
    ]


@pytest.mark.parametrize(
    ("amount", "items", "charges", "values", "others"),
    [
        (16_800, [15_000, 1_800], {}, [15_000, 1_800], {}),
        (16_800, [10_000, 5_000], {"SHIPPING": 1_800}, [10_000, 5_000], {"SHIPPING": 1_800}),
        (16_800, [15_000, 6_000], {}, [12_000, 4_800], {}),
        (16_800, [15_000, 6_000], {"DISCOUNT": -4_200}, [12_000, 4_800], {}),
        (16_800, [10_000, 5_000], {}, [10_000, 5_000], {"OTHER": 1_800}),
        (16_800, [10_000, 5_000], {"SHIPPING": 1_000}, [10_533, 5_267], {"SHIPPING": 1_000}),
        (17_926, [8_962, 8_962], {}, [8_963, 8_963], {}),
        (300, [500], {"SHIPPING": 400, "DISCOUNT": -600}, [0], {"SHIPPING": 300}),
    ],
)
def test_lines_and_charges_have_the_documented_values(
    amount: int, items: list[int], charges: dict[str, int], values: list[int], others: dict[str, int]
) -> None:
    order = ORDER | {
        "amount": amount,
        "items": [{"productId": str(place), "quantity": 1, "amount": one} for place, one in enumerate(items)],
        "charges": [{"type": type_, "amount": one} for type_, one in charges.items()],
    }
    found = values_of(order_json.read([json.dumps(order)])[0].orders[0])
    assert [item.amount for item in found.items] == values
    assert {charge.type: charge.amount for charge in found.charges} == others


def test_refunds_of_an_order_follow_each_other_by_their_times() -> None:
    one = {"items": [{"productId": "B", "quantity": 1}]}
    later, earlier = refunds(
        one, one | {"items": [{"productId": "A", "quantity": 1}, {"productId": "B", "quantity": 1}]}
    )
    later["at"] = "2026-03-20T10:00:00Z"
    assert read(ORDER | {"refunds": [later, earlier]}) == [(14_400, 144), (2_400, 24)]


def test_a_refund_of_all_that_is_left_follows_parts() -> None:
    order = ORDER | {"refunds": refunds({"type": "AMOUNT", "amount": 10_050}, {"type": "FULL"}, {"type": "FULL"})}
    assert read(order) == [(10_050, 100), (6_750, 68), Reason.TOO_MUCH]


def test_a_refund_that_exceeds_its_order_is_not_posted() -> None:
    order = ORDER | {
        "refunds": refunds(
            {"items": [{"productId": "B", "quantity": 3}]},
            {"charges": [{"type": "SHIPPING"}]},
            {"type": "AMOUNT", "amount": 16_801},
            {"items": [{"productId": "C", "quantity": 1}]},
        )
    }
    assert read(order) == [Reason.TOO_MUCH] * 4


def test_refunds_of_guests_and_of_orders_without_points_are_not_posted() -> None:
    full = {"refunds": refunds({"type": "FULL"})}
    small = {"orderId": "2", "amount": 99, "items": []}
    assert read(ORDER, ORDER | full | {"orderId": "3", "customerId": None}, ORDER | full | small) == [
        Reason.NO_CUSTOMER, Reason.TOO_SMALL,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"amount": "16800"}, "amount"),
        ({"at": "2026-03-01T10:00:00"}, "at"),
        ({"currency": "eur"}, "currency"),
        ({"total": 1}, "total"),
        ({"charges": [{"type": "SHIPPING", "amount": -1}]}, "charges.0"),
        ({"charges": [{"type": "POSTAGE", "amount": 1}]}, "charges.0.type"),
        ({"refunds": refunds({"amount": 5})}, "refunds.0"),
        ({"refunds": refunds({"type": "FULL"}) * 2}, "two refunds"),
    ],
)
def test_an_order_that_cannot_be_understood_stops_the_replay_and_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(OrdersUnreadable, match=f"line 2.*{named}"):
        read(ORDER, ORDER | {"orderId": "2"} | change)


def test_an_order_in_two_lines_and_a_second_currency_are_refused() -> None:
    with pytest.raises(OrdersUnreadable, match="#1001 is in the file more than once"):
        read(ORDER, ORDER)
    with pytest.raises(OrdersUnreadable, match="EUR, USD"):
        read(ORDER, ORDER | {"orderId": "2", "currency": "USD"})


def test_json_lines_are_recognized(tmp_path: Path) -> None:
    path = tmp_path / "orders.txt"
    path.write_text(json.dumps(ORDER) + "\n\n")
    file, _ = files.load(path)
    assert (file.currency, file.points, file.customers) == ("EUR", 168, ("c-1",))


def test_an_export_of_shopify_is_refused_with_the_command_that_converts_it(tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    path.write_text('{ "orders": []}')
    with pytest.raises(OrdersUnreadable, match=r"scripts\.replay\.shopify"):
        files.load(path)


@pytest.mark.parametrize(
    ("currency", "amount", "minor", "points"),
    [("EUR", "12.50", 1_250, 12), ("JPY", "1250", 1_250, 1_250), ("KWD", "12.345", 12_345, 12)],
)
def test_amounts_have_the_decimals_of_their_currency(currency: str, amount: str, minor: int, points: int) -> None:
    assert money.minor_units(Decimal(amount), currency) == minor
    file, _ = order_json.read([json.dumps(ORDER | {"currency": currency, "amount": minor})])
    assert file.points == points
    assert money.shown(minor, currency) == f"{Decimal(amount):,f} {currency}"


@pytest.mark.parametrize(("currency", "amount"), [("EUR", "1.005"), ("JPY", "0.5"), ("EUR", "NaN")])
def test_an_amount_with_smaller_parts_is_refused(currency: str, amount: str) -> None:
    with pytest.raises(ValueError, match=currency):
        money.minor_units(Decimal(amount), currency)
