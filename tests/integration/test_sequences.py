"""Sequences: an event gives points after an earlier event of the same customer."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from tests.integration.accounts import START
from tests.integration.metering import metered
from tests.support.stack import Answer, Stack

WEEK = {"every": 7, "unit": "DAY"}
CART = {"event": "cart.abandoned", "within": WEEK, "matchBy": ["order.metadata.cartId", "properties.cartId"]}


@pytest.fixture
def wallet(clock: time_machine.Traveller, stack: Stack) -> str:
    for name in ("cart.abandoned", "app.opened"):
        assert stack.http("PUT", f"/v1/event-definitions/{name}", {}).status == 200
    return stack.wallet()


def sequence(stack: Stack, wallet: str, after: dict[str, Any], event: str = "order.paid") -> str:
    body = {
        "name": "Cart",
        "trigger": {"type": "SEQUENCE", "event": event, "after": after},
        "rewards": [{"walletId": wallet, "type": "FIXED", "points": 50}],
    }
    answer = stack.http("POST", "/v1/campaigns", body)
    assert answer.status == 201, answer.text
    return str(answer.body["campaignId"])


def abandoned(stack: Stack, cart: str | None, at: timedelta = timedelta(), event: str | None = None) -> Answer:
    properties = {} if cart is None else {"cartId": cart}
    return send(stack, "cart.abandoned", event or f"cart-{cart}", at, properties=properties)


def paid(stack: Stack, cart: str | None, at: timedelta = timedelta(), order: str | None = None) -> Answer:
    metadata = {} if cart is None else {"cartId": cart}
    order_id = order or f"order-{cart}"
    return send(stack, "order.paid", order_id, at, orderId=order_id, order={"amount": 1_000, "metadata": metadata})


def send(stack: Stack, name: str, event: str, at: timedelta, **more: Any) -> Answer:
    occurred = {"occurredAt": (START + at).isoformat()}
    answer = stack.http("POST", "/v1/events", {"name": name, "customerId": "ann", "eventId": event, **occurred, **more})
    assert answer.status == 200, answer.text
    return answer


def result(answer: Answer) -> tuple[list[int], list[str]]:
    return (
        [award["points"] for award in answer.body["awards"]],
        [skip["reason"] for skip in answer.body["skipped"]],
    )


GIVEN: tuple[list[int], list[str]] = ([50], [])
NOTHING: tuple[list[int], list[str]] = ([], ["after_not_found"])


@pytest.mark.parametrize(
    ("after", "earlier", "later", "expected"),
    [
        (CART, [timedelta()], timedelta(days=6, hours=23), GIVEN),
        (CART, [timedelta()], timedelta(days=7), GIVEN),
        (CART, [timedelta()], timedelta(days=7, seconds=1), NOTHING),
        (CART, [timedelta(seconds=1)], timedelta(), NOTHING),
        (CART, [], timedelta(), NOTHING),
        # Of several earlier events, the first and the last count, in whatever order they arrive.
        (CART, [timedelta(days=1), timedelta(), timedelta(days=5)], timedelta(days=12), GIVEN),
        (CART, [timedelta(days=9), timedelta(), timedelta(days=3)], timedelta(days=7), GIVEN),
        (CART, [timedelta(days=9), timedelta(), timedelta(days=3)], timedelta(days=8), NOTHING),
        ({**CART, "atLeast": {"every": 1, "unit": "HOUR"}}, [timedelta()], timedelta(minutes=59, seconds=59), NOTHING),
        ({**CART, "atLeast": {"every": 1, "unit": "HOUR"}}, [timedelta()], timedelta(hours=1), GIVEN),
    ],
)
def test_a_sequence_gives_points_if_the_earlier_event_was_in_time(
    clock: time_machine.Traveller,
    stack: Stack,
    wallet: str,
    after: dict[str, Any],
    earlier: Sequence[timedelta],
    later: timedelta,
    expected: tuple[list[int], list[str]],
) -> None:
    sequence(stack, wallet, after)
    clock.move_to(START + timedelta(days=13))
    for number, at in enumerate(earlier):
        abandoned(stack, "c1", at, f"event-{number}")
    assert result(paid(stack, "c1", later)) == expected


def test_both_events_of_a_sequence_have_the_same_value(stack: Stack, wallet: str) -> None:
    sequence(stack, wallet, CART)
    abandoned(stack, "c1")
    abandoned(stack, None)
    assert result(paid(stack, "c2")) == NOTHING
    assert result(paid(stack, None)) == NOTHING
    assert result(paid(stack, "c1")) == GIVEN
    assert paid(stack, "c1").body["replayed"]


def test_a_sequence_without_a_value_counts_any_earlier_event_of_the_customer(stack: Stack, wallet: str) -> None:
    sequence(stack, wallet, {"event": "cart.abandoned", "within": WEEK})
    stack.http("POST", "/v1/events", {"name": "cart.abandoned", "customerId": "bob", "eventId": "1"})
    assert result(paid(stack, "c1")) == NOTHING
    abandoned(stack, None)
    assert result(paid(stack, "c2")) == GIVEN


def test_an_event_is_not_the_earlier_event_of_itself(clock: time_machine.Traveller, stack: Stack, wallet: str) -> None:
    sequence(stack, wallet, {"event": "app.opened", "within": WEEK}, "app.opened")
    assert result(send(stack, "app.opened", "1", timedelta())) == NOTHING
    assert result(send(stack, "app.opened", "1", timedelta())) == NOTHING
    clock.shift(1)
    assert result(send(stack, "app.opened", "2", timedelta(seconds=1))) == GIVEN


def test_an_event_that_is_sent_again_without_a_time_happened_once(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    sequence(stack, wallet, {"event": "app.opened", "within": {"every": 1, "unit": "HOUR"}}, "app.opened")
    sequence(stack, wallet, {"event": "app.opened", "within": {"every": 1, "unit": "HOUR"}}, "cart.abandoned")

    def sent(name: str, event: str) -> tuple[list[int], list[str]]:
        body = {"name": name, "customerId": "ann", "eventId": event}
        return result(stack.http("POST", "/v1/events", body))

    assert sent("app.opened", "1") == NOTHING
    clock.shift(timedelta(minutes=30))
    assert sent("app.opened", "1") == NOTHING
    clock.shift(timedelta(minutes=31))
    assert sent("cart.abandoned", "1") == NOTHING
    assert sent("app.opened", "2") == NOTHING
    assert sent("cart.abandoned", "2") == GIVEN


def test_an_earlier_event_costs_one_transaction_and_no_read_and_expires(
    clock: time_machine.Traveller, stack: Stack, wallet: str
) -> None:
    sequence(stack, wallet, CART)
    abandoned(stack, "c0")
    with metered(stack) as meter:
        abandoned(stack, "c1")
    assert (meter.requests, meter.units) == (["TransactWriteItems"], 2)
    ((_, item),) = meter.writes
    assert item is not None
    assert int(item["ttl"]["N"]) == int((START + timedelta(days=9)).timestamp())
    with metered(stack) as again:
        abandoned(stack, "c1")
    assert again.requests == ["TransactWriteItems"]


def test_an_event_to_which_nothing_reacts_makes_no_request(stack: Stack, wallet: str) -> None:
    sequence(stack, wallet, CART)
    send(stack, "app.opened", "1", timedelta())
    with metered(stack) as meter:
        send(stack, "app.opened", "2", timedelta(), orderId="A")
    assert meter.requests == []


def test_an_earlier_event_is_seen_although_the_event_gives_points_too(stack: Stack, wallet: str) -> None:
    sequence(stack, wallet, {"event": "order.paid", "within": WEEK}, "app.opened")
    paid(stack, "c1")
    assert result(send(stack, "app.opened", "1", timedelta())) == GIVEN
