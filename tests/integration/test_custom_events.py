"""Custom events: they activate event-based pending points and move sliding expiries."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import time_machine

from functions.on_custom_event.app import lambda_handler as on_custom_event
from loyalty.telemetry import FunctionFailed
from tests.integration.racing import FOREVER, before_next
from tests.support.stack import CONTEXT, Answer, Stack

BY_DELIVERY = {"type": "EVENT_BASED", "events": ["order.delivered"], "cancelAfter": {"every": 30, "unit": "DAY"}}
START = datetime(2027, 3, 3, 12, tzinfo=UTC)


def define(stack: Stack, name: str, *properties: dict[str, Any]) -> Answer:
    return stack.http("PUT", f"/v1/event-definitions/{name}", {"properties": list(properties)})


def send(stack: Stack, name: str, event_id: str, order: str | None = None, **more: Any) -> Answer:
    body = {"name": name, "customerId": "ann", "eventId": event_id, **({"orderId": order} if order else {}), **more}
    return stack.http("POST", "/v1/events", body)


@pytest.fixture
def pending_wallet(stack: Stack) -> str:
    """A wallet with event-based pending points. The points of two orders are in one lot."""
    define(stack, "order.delivered")
    wallet = stack.wallet(pending=BY_DELIVERY, expiration={"type": "ROLLING_EXPIRATION", "every": 1, "unit": "DAY"})
    for order, points in (("A", 100), ("B", 50)):
        assert stack.credit(wallet, points, orderId=order).body["balance"]["active"] == 0
    assert [lot["points"] for lot in stack.card(wallet)["lots"]] == [150]
    return wallet


def test_an_event_of_an_order_activates_the_points_of_this_order_only(stack: Stack, pending_wallet: str) -> None:
    answer = send(stack, "order.delivered", "event-1", "A")

    assert answer.status == 200, answer.text
    (effect,) = answer.body["effects"]
    assert (effect["walletId"], effect["type"], effect["points"]) == (pending_wallet, "ACTIVATION", 100)
    balance = stack.card(pending_wallet)["balance"]
    assert (balance["active"], balance["pending"]) == (100, 50)


def test_an_event_takes_effect_once_for_its_id(stack: Stack, pending_wallet: str) -> None:
    first = send(stack, "order.delivered", "event-1", "A").body["effects"][0]
    again = send(stack, "order.delivered", "event-1", "A").body["effects"][0]
    other = send(stack, "order.delivered", "event-2", "A").body["effects"][0]

    assert (again["transactionId"], again["replayed"]) == (first["transactionId"], True)
    assert (other["type"], other["points"]) == ("ACTIVITY", 0)
    assert stack.card(pending_wallet)["balance"]["active"] == 100


def test_one_event_id_for_two_different_events_is_refused(stack: Stack, pending_wallet: str) -> None:
    send(stack, "order.delivered", "event-1", "A")

    (effect,) = send(stack, "order.delivered", "event-1", "A", properties={"carrier": "x"}).body["effects"]

    assert effect["refused"] == "key_reused"


def test_a_batch_answers_each_event_if_the_properties_of_one_are_invalid(stack: Stack, pending_wallet: str) -> None:
    define(stack, "order.shipped", {"name": "parcels", "type": "NUMBER", "required": True})
    fits = {"name": "order.delivered", "customerId": "ann", "eventId": "event-1", "orderId": "A"}
    unfit = {"name": "order.shipped", "customerId": "ann", "eventId": "event-2", "properties": {"parcels": "two"}}

    answer = stack.http("POST", "/v1/events/batch", {"events": [fits, unfit, {**fits, "eventId": "event-3"}]})

    assert answer.status == 200, answer.text
    assert [result["refused"] for result in answer.body["data"]] == [None, "invalid_request", None]
    (error,) = answer.body["data"][1]["errors"]
    assert error["field"] == "body.properties.parcels"
    assert stack.card(pending_wallet)["balance"]["active"] == 100


def test_an_event_without_an_order_activates_all_event_based_pending_points(stack: Stack, pending_wallet: str) -> None:
    send(stack, "order.delivered", "event-1")

    assert stack.card(pending_wallet)["balance"]["active"] == 150


def test_activated_points_of_an_order_are_not_activated_again_from_another_order(
    stack: Stack, pending_wallet: str
) -> None:
    send(stack, "order.delivered", "event-1")
    stack.credit(pending_wallet, 70, orderId="C")

    send(stack, "order.delivered", "event-2", "A")

    assert stack.card(pending_wallet)["balance"]["pending"] == 70


def test_an_event_that_arrives_before_its_credit_makes_the_points_active(stack: Stack, pending_wallet: str) -> None:
    send(stack, "order.delivered", "event-1", "D")

    answer = stack.credit(pending_wallet, 30, orderId="D")

    assert answer.body["transaction"]["bucket"] == "ACTIVE"
    assert answer.body["balance"]["active"] == 30


def test_an_event_that_arrives_before_the_customer_has_a_card_makes_the_points_active(
    stack: Stack, pending_wallet: str
) -> None:
    for _ in range(2):
        assert send(stack, "order.delivered", "event-1", "E", customerId="bob").body["effects"] == []

    answers = [stack.credit(pending_wallet, 10, customer="bob", orderId=order) for order in ("F", "E")]

    assert [answer.body["transaction"]["bucket"] for answer in answers] == ["PENDING", "ACTIVE"]


def test_the_expiry_counts_from_the_activation_by_an_event(stack: Stack) -> None:
    with time_machine.travel(START, tick=False) as clock:
        define(stack, "order.delivered")
        day = {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "DAY"}
        wallet = stack.wallet(pending=BY_DELIVERY, expiration=day)
        stack.credit(wallet, 10, orderId="A")
        stack.credit(wallet, 20, orderId="A", expireAfter={"every": 2, "unit": "HOUR"})
        clock.shift(timedelta(days=5))

        send(stack, "order.delivered", "event-1", "A")

        lots = {lot["points"]: lot["expiresAt"] for lot in stack.card(wallet)["lots"]}
        assert lots == {10: "2027-03-09T23:00:00Z", 20: "2027-03-08T14:00:00Z"}


def test_points_without_an_event_are_canceled_and_give_their_room_back(stack: Stack) -> None:
    with time_machine.travel(START, tick=False) as clock:
        define(stack, "order.delivered")
        limit = {"global": {"type": "TIME_BASED", "unit": "YEAR", "max": 100}}
        wallet = stack.wallet(pending=BY_DELIVERY, earningLimits=limit)
        stack.credit(wallet, 100, orderId="A")
        clock.shift(timedelta(days=31))

        card = stack.card(wallet)

        assert (card["balance"]["pending"], card["lifetime"]["canceled"]) == (0, 100)
        assert stack.credit(wallet, 100, orderId="B").status == 201


def test_an_event_moves_a_sliding_expiry(stack: Stack) -> None:
    with time_machine.travel(START, tick=False) as clock:
        define(stack, "app.opened")
        sliding = {"type": "SLIDING_EXPIRATION", "every": 10, "unit": "DAY", "resetBy": ["CUSTOM_EVENT"]}
        wallet = stack.wallet(expiration={**sliding, "events": ["app.opened"]})
        stack.credit(wallet, 10)
        assert stack.card(wallet)["nextExpiration"]["at"] == "2027-03-13T23:00:00Z"
        clock.shift(timedelta(days=6))

        (effect,) = send(stack, "app.opened", "event-1").body["effects"]

        assert effect["type"] == "ACTIVITY"
        assert stack.card(wallet)["nextExpiration"] == {"points": 10, "at": "2027-03-19T23:00:00Z"}
        clock.shift(timedelta(days=11))
        assert stack.card(wallet)["balance"]["active"] == 0


def test_an_unknown_event_and_properties_outside_the_schema_are_refused(stack: Stack, pending_wallet: str) -> None:
    define(stack, "review.written", {"name": "stars", "type": "NUMBER", "required": True})

    unknown = send(stack, "order.deliverd", "event-1")
    unfit = send(stack, "review.written", "event-2", properties={"stars": "five"})

    assert (unknown.status, unknown.code) == (422, "event_not_defined")
    assert unfit.fields() == {"body.properties.stars": "property_type"}


def test_a_batch_answers_each_event_independently(stack: Stack, pending_wallet: str) -> None:
    names = ("order.delivered", "unknown", "order.delivered")
    events = [
        {"name": name, "customerId": "ann", "eventId": f"event-{place}", "orderId": order}
        for place, (name, order) in enumerate(zip(names, "ABB", strict=True))
    ]

    answer = stack.http("POST", "/v1/events/batch", {"events": events})

    assert answer.status == 200, answer.text
    assert [result["refused"] for result in answer.body["data"]] == [None, "event_not_defined", None]
    assert stack.card(pending_wallet)["balance"]["active"] == 150


def test_an_event_on_the_bus_has_the_same_effect_as_over_http(stack: Stack, pending_wallet: str) -> None:
    detail = {"name": "order.delivered", "customerId": "ann", "eventId": "event-1", "orderId": "A"}
    event = {"id": "1", "source": "shop", "detail-type": "Custom Event", "detail": detail}

    first = on_custom_event(json.loads(json.dumps(event)), CONTEXT)
    by_http = send(stack, "order.delivered", "event-1", "A").body["effects"][0]

    assert first["effects"][0]["points"] == 100
    assert by_http["replayed"]
    assert stack.card(pending_wallet)["balance"]["active"] == 100


def test_event_definitions_are_listed_and_have_versions(stack: Stack) -> None:
    define(stack, "b")
    define(stack, "a")
    changed = define(stack, "a", {"name": "x", "type": "DATE"})

    listed = stack.http("GET", "/v1/event-definitions").body["data"]

    assert [(one["name"], one["version"]) for one in listed] == [("a", 2), ("b", 1)]
    assert stack.http("GET", "/v1/event-definitions/a").body == changed.body
    assert stack.http("GET", "/v1/event-definitions/c").code == "event_definition_not_found"


def test_two_concurrent_copies_of_an_event_take_effect_once(stack: Stack, pending_wallet: str) -> None:
    rivals = []
    with before_next("TransactWriteItems", lambda: rivals.append(send(stack, "order.delivered", "event-1", "A"))):
        mine = send(stack, "order.delivered", "event-1", "A")

    effects = [answer.body["effects"][0] for answer in (*rivals, mine)]
    assert [effect["replayed"] for effect in effects] == [False, True]
    assert effects[0]["transactionId"] == effects[1]["transactionId"]
    assert stack.card(pending_wallet)["balance"]["active"] == 100
    assert [row["type"] for row in stack.rows(pending_wallet)] == ["CREDIT", "CREDIT", "ACTIVATION"]


def test_a_repeated_event_in_a_batch_and_a_repeated_batch_take_effect_once(stack: Stack, pending_wallet: str) -> None:
    event = {"name": "order.delivered", "customerId": "ann", "eventId": "event-1", "orderId": "A"}

    first = stack.http("POST", "/v1/events/batch", {"events": [event, event]}).body["data"]
    again = stack.http("POST", "/v1/events/batch", {"events": [event, event]}).body["data"]

    assert [one["effects"][0]["replayed"] for one in (*first, *again)] == [False, True, True, True]
    assert len(stack.rows(pending_wallet)) == 3


def test_an_equal_event_in_another_notation_is_a_repetition(
    clock: time_machine.Traveller, stack: Stack, pending_wallet: str
) -> None:
    first = send(stack, "order.delivered", "event-1", "A", occurredAt="2027-02-27T12:00:00Z", properties={"a": 1})
    again = stack.http(
        "POST",
        "/v1/events",
        {
            "properties": {"a": 1},
            "orderId": "A",
            "occurredAt": "2027-02-27T12:00:00+00:00",
            "eventId": "event-1",
            "customerId": "ann",
            "name": "order.delivered",
        },
    )
    assert again.body["effects"][0]["replayed"]
    assert again.body["effects"][0]["transactionId"] == first.body["effects"][0]["transactionId"]


def test_the_largest_event_with_unusual_ids_is_accepted(stack: Stack) -> None:
    define(stack, "order.delivered")
    wallet = stack.wallet(pending=BY_DELIVERY)
    customer, order = "c" * 128, "%#" * 64
    stack.credit(wallet, 10, customer=customer, orderId=order)
    body = {
        "name": "order.delivered",
        "customerId": customer,
        "eventId": "#%~!" * 32,
        "orderId": order,
        "properties": {"number": 10**1_000, "text": "ü\t" * 100, "deep": [[[[[[[[[[{}]]]]]]]]]], "": None},
    }

    first, again = (stack.http("POST", "/v1/events", body) for _ in range(2))

    assert (first.status, first.body["effects"][0]["points"]) == (200, 10)
    assert again.body["effects"][0]["replayed"]


def test_a_batch_answers_each_of_a_hundred_events(
    stack: Stack, pending_wallet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The test must not depend on the speed of the machine.
    monkeypatch.setattr("functions.receive_events.app.BATCH_SECONDS_MAX", 600)
    events = [
        {"name": "order.delivered", "customerId": ("ann", "bob")[number % 2], "eventId": f"e{number}", "orderId": "A"}
        for number in range(100)
    ]

    answer = stack.http("POST", "/v1/events/batch", {"events": events})

    assert answer.status == 200
    assert [result["eventId"] for result in answer.body["data"]] == [event["eventId"] for event in events]
    # Bob has no card, so his events have no effects.
    assert [len(result["effects"]) for result in answer.body["data"]] == [1, 0] * 50
    assert len(stack.rows(pending_wallet)) == 2 + 50


def test_the_last_event_of_a_slow_batch_takes_effect_too(
    clock: time_machine.Traveller, stack: Stack, pending_wallet: str
) -> None:
    events = [
        {"name": "order.delivered", "customerId": "ann", "eventId": f"event-{order}", "orderId": order}
        for order in ("A", "B")
    ]
    with before_next("TransactWriteItems", lambda: clock.shift(6)):
        results = stack.http("POST", "/v1/events/batch", {"events": events}).body["data"]
    assert [result["effects"][0]["points"] for result in results] == [100, 50]


def test_a_batch_that_takes_too_long_answers_the_events_that_took_effect(
    stack: Stack, pending_wallet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [
        {"name": "order.delivered", "customerId": "ann", "eventId": f"event-{order}", "orderId": order}
        for order in ("A", "B")
    ]
    times = iter([0.0, 1.0, 16.0])
    with monkeypatch.context() as patch:
        patch.setattr("functions.receive_events.app.monotonic", lambda: next(times))
        first = stack.http("POST", "/v1/events/batch", {"events": events})
    again = stack.http("POST", "/v1/events/batch", {"events": events})

    assert [result["refused"] for result in first.body["data"]] == [None, "busy"]
    answered = [
        [(effect["points"], effect["replayed"]) for effect in result["effects"]] for result in again.body["data"]
    ]
    assert answered == [[(100, True)], [(50, False)]]


@pytest.mark.parametrize(("status", "code"), [("FROZEN", "card_frozen"), ("CLOSED", "card_closed")])
def test_a_card_that_accepts_no_events_is_reported_and_other_cards_are_changed(
    stack: Stack, pending_wallet: str, status: str, code: str
) -> None:
    other = stack.wallet(pending=BY_DELIVERY)
    stack.credit(other, 30, orderId="A")
    path = f"/v1/wallets/{pending_wallet}/cards/ann"
    revision = stack.http("GET", path).headers["ETag"]
    if status == "CLOSED":
        stack.http("POST", f"{path}/pending/cancel", {"orderId": "A"}, key="cancel-A")
        stack.http("POST", f"{path}/pending/cancel", {"orderId": "B"}, key="cancel-B")
    assert stack.http("PATCH", path, {"status": status}, headers={"If-Match": revision}).status == 200

    answer = send(stack, "order.delivered", "event-1", "A")

    assert answer.status == 200
    effects = {effect["walletId"]: (effect["refused"], effect["points"]) for effect in answer.body["effects"]}
    assert effects == {pending_wallet: (code, None), other: (None, 30)}


def test_an_inactive_wallet_still_activates_points_by_events(stack: Stack, pending_wallet: str) -> None:
    assert stack.http("POST", f"/v1/wallets/{pending_wallet}/deactivate").status == 200
    (effect,) = send(stack, "order.delivered", "event-1", "A").body["effects"]
    assert (effect["refused"], effect["points"]) == (None, 100)


def test_an_event_during_endless_concurrent_writes_answers_busy_and_can_be_retried(
    stack: Stack, pending_wallet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTP answers 503. On the bus, the function fails and is retried."""
    ticks = count()
    monkeypatch.setattr("loyalty.retry.monotonic", lambda: next(ticks) / 4)
    monkeypatch.setattr("loyalty.retry.sleep", lambda _: None)
    detail = {"name": "order.delivered", "customerId": "ann", "eventId": "event-1", "orderId": "A"}
    bus_event = {"id": "1", "source": "shop", "detail-type": "Custom Event", "detail": detail}

    with before_next("TransactWriteItems", lambda: stack.credit(pending_wallet, 1), times=FOREVER):
        answer = send(stack, "order.delivered", "event-1", "A")
        with pytest.raises(FunctionFailed, match="busy"):
            on_custom_event(bus_event, CONTEXT)

    assert (answer.status, answer.code) == (503, "busy")
    assert on_custom_event(bus_event, CONTEXT)["effects"][0]["points"] == 100


@pytest.mark.parametrize(
    "detail",
    [
        {},
        {"name": "order.delivered", "customerId": "ann"},
        {"name": "order.delivered", "customerId": "ann", "eventId": "event-1", "unknown": 1},
        {"name": "order.deliverd", "customerId": "ann", "eventId": "event-1"},
        {"name": "order.delivered", "customerId": "ann", "eventId": "event-1", "properties": {"a": ["b\x00"]}},
    ],
)
def test_an_invalid_event_on_the_bus_fails_and_writes_nothing(
    stack: Stack, pending_wallet: str, detail: dict[str, Any]
) -> None:
    before = stack.items()
    with pytest.raises(FunctionFailed, match=r"ValidationError|event_not_defined|invalid_request"):
        on_custom_event({"id": "1", "source": "shop", "detail-type": "Custom Event", "detail": detail}, CONTEXT)
    assert stack.items() == before


def test_a_wallet_with_an_undefined_pending_event_needs_action(stack: Stack) -> None:
    draft = stack.http("POST", "/v1/wallets", {"name": "Draft", "status": "DRAFT", "pending": BY_DELIVERY}).body
    activate = f"/v1/wallets/{draft['walletId']}/activate"

    assert [(action["field"], action["code"]) for action in draft["actionRequired"]] == [
        ("pending.events[0]", "unknown_event")
    ]
    assert stack.http("POST", activate).code == "action_required"
    define(stack, "order.delivered")
    assert stack.http("POST", activate).body["actionRequired"] == []


def test_a_refund_of_an_order_with_canceled_points_revokes_no_points_of_others(stack: Stack) -> None:
    with time_machine.travel(START, tick=False) as clock:
        define(stack, "order.delivered")
        wallet = stack.wallet(pending=BY_DELIVERY)
        stack.credit(wallet, 10, orderId="A")
        stack.credit(wallet, 10, orderId="B")
        send(stack, "order.delivered", "event-1", "B")
        clock.shift(timedelta(days=31))

        refund = stack.refund(wallet, "A").body

        assert (refund["revoked"]["points"], refund["revoked"]["expired"]) == (0, 10)
        assert refund["balance"]["active"] == 10
