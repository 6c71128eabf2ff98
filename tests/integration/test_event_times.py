"""The instant at which an event happened: what counts from it, and which instants are accepted."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from functions.on_custom_event.app import lambda_handler as on_custom_event
from loyalty.store.store import connected_store
from loyalty.telemetry import FunctionFailed
from loyalty.usecases.earning.registry import CHECK_SECONDS
from tests.integration.accounts import START
from tests.support.stack import CONTEXT, Answer, Stack

BY_DELIVERY = {"type": "EVENT_BASED", "events": ["delivered"], "cancelAfter": {"every": 10, "unit": "DAY"}}
FIVE_DAYS = {"type": "ROLLING_EXPIRATION", "every": 5, "unit": "DAY"}
TWO_HOURS = {"type": "ROLLING_EXPIRATION", "every": 2, "unit": "HOUR"}


@pytest.fixture(autouse=True)
def _definition(clock: time_machine.Traveller, stack: Stack) -> None:
    assert stack.http("PUT", "/v1/event-definitions/delivered", {}).status == 200


def wallet_of(stack: Stack, expiration: dict[str, Any], **pending: Any) -> str:
    return stack.wallet(pending={**BY_DELIVERY, **pending}, expiration=expiration)


def event(event_id: str, occurred_at: datetime | None = None, order: str | None = "A") -> dict[str, Any]:
    body = {"name": "delivered", "customerId": "ann", "eventId": event_id}
    if order:
        body["orderId"] = order
    if occurred_at:
        body["occurredAt"] = occurred_at.isoformat()
    return body


def send(stack: Stack, event_id: str, occurred_at: datetime | None = None, order: str | None = "A") -> Answer:
    return stack.http("POST", "/v1/events", event(event_id, occurred_at, order))


def effect_of(answer: Answer) -> dict[str, Any]:
    assert answer.status == 200, answer.text
    (effect,) = answer.body["effects"]
    assert isinstance(effect, dict)
    return effect


def lots(stack: Stack, wallet: str) -> dict[int, str | None]:
    return {lot["points"]: lot["expiresAt"] for lot in stack.card(wallet)["lots"]}


def test_the_expiry_of_activated_points_counts_from_the_instant_of_the_event(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = wallet_of(stack, FIVE_DAYS)
    stack.credit(wallet, 10, orderId="A")
    stack.credit(wallet, 20, orderId="A", expireAfter={"every": 100, "unit": "HOUR"})
    clock.shift(timedelta(days=4))

    effect = effect_of(send(stack, "event-1", START + timedelta(days=1)))

    assert (effect["type"], effect["points"], effect["expired"]) == ("ACTIVATION", 30, 0)
    assert lots(stack, wallet) == {10: "2027-03-07T23:00:00Z", 20: "2027-03-06T16:00:00Z"}
    row = stack.rows(wallet)[-1]
    promises = stack.http("GET", f"/v1/transactions/{row['transactionId']}/explain").body["dates"]
    assert {promise["points"]: promise["rule"] for promise in promises} == {10: "expiration", 20: "request"}
    assert (row["effectiveAt"], row["createdAt"]) == ("2027-03-02T12:00:00Z", "2027-03-05T12:00:00Z")


@pytest.mark.parametrize("order", ["A", None])
def test_an_event_counts_for_no_points_from_before_their_credit(
    clock: time_machine.Traveller, stack: Stack, order: str | None
) -> None:
    wallet = wallet_of(stack, TWO_HOURS)
    stack.credit(wallet, 10, orderId="A")
    clock.shift(timedelta(hours=3))
    stack.credit(wallet, 20, orderId="A", expiresAt="2027-03-09T00:00:00Z")
    stack.credit(wallet, 30, orderId="A", expireAfter={"every": 4, "unit": "HOUR"})
    clock.shift(timedelta(minutes=30))

    effect = effect_of(send(stack, "event-1", START + timedelta(hours=2), order))

    assert effect["points"] == 60
    assert lots(stack, wallet) == {10: "2027-03-01T16:00:00Z", 20: "2027-03-09T00:00:00Z", 30: "2027-03-01T19:00:00Z"}
    assert stack.rows(wallet)[-1]["effectiveAt"] == "2027-03-01T14:00:00Z"


def test_points_of_one_lot_count_from_their_last_credit(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = wallet_of(stack, TWO_HOURS)
    stack.credit(wallet, 10, orderId="A")
    clock.shift(timedelta(hours=3))
    stack.credit(wallet, 20, orderId="A")

    send(stack, "event-1", START + timedelta(hours=1))

    assert lots(stack, wallet) == {30: "2027-03-01T17:00:00Z"}
    assert stack.rows(wallet)[-1]["effectiveAt"] == "2027-03-01T15:00:00Z"


def test_points_whose_expiry_has_passed_by_the_event_are_activated_and_expire_at_once(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = wallet_of(stack, FIVE_DAYS)
    stack.credit(wallet, 10, orderId="A")
    stack.credit(wallet, 20, orderId="A", expireAfter={"every": 9, "unit": "DAY"})
    clock.shift(timedelta(days=8))

    first = send(stack, "event-1", START + timedelta(hours=1))
    effect = effect_of(first)

    assert (effect["type"], effect["points"], effect["expired"]) == ("ACTIVATION", 20, 10)
    card = stack.card(wallet)
    assert (card["balance"]["active"], card["balance"]["pending"], card["lifetime"]["expired"]) == (20, 0, 10)
    rows = [(row["type"], row["operation"], row["points"], row["balanceAfter"]["active"]) for row in stack.rows(wallet)]
    assert rows[2:] == [
        ("ACTIVATION", "event", 10, 10),
        ("EXPIRY", "settle", 10, 0),
        ("ACTIVATION", "event", 20, 20),
    ]
    assert effect["transactionId"] == stack.rows(wallet)[-1]["transactionId"]
    again = effect_of(send(stack, "event-1", START + timedelta(hours=1)))
    assert again == {**effect, "replayed": True}


def test_an_event_whose_points_have_all_expired_has_an_effect_of_no_points(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = wallet_of(stack, TWO_HOURS)
    stack.credit(wallet, 10, orderId="A")
    clock.shift(timedelta(hours=5))

    effect = effect_of(send(stack, "event-1", START))

    assert (effect["type"], effect["points"], effect["expired"]) == ("ACTIVITY", 0, 10)
    assert stack.card(wallet)["balance"]["active"] == 0
    assert stack.debit(wallet, 1).code == "insufficient_points"
    refund = stack.refund(wallet, "A").body["revoked"]
    assert (refund["points"], refund["expired"], refund["shortfall"]) == (0, 10, 0)


def test_an_event_of_the_next_minutes_counts_from_now(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = wallet_of(stack, TWO_HOURS)
    stack.credit(wallet, 10, orderId="A")

    effect_of(send(stack, "event-1", START + timedelta(minutes=5)))

    assert lots(stack, wallet) == {10: "2027-03-01T14:00:00Z"}


def test_a_sliding_expiry_counts_from_the_instant_of_the_event_and_never_moves_back(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    sliding = {"type": "SLIDING_EXPIRATION", "every": 10, "unit": "DAY", "resetBy": ["CUSTOM_EVENT"]}
    wallet = stack.wallet(expiration={**sliding, "events": ["delivered"]})
    stack.credit(wallet, 10)
    clock.shift(timedelta(days=6))

    ends = []
    for number, days in enumerate((3, 5, 4)):
        effect_of(send(stack, f"event-{number}", START + timedelta(days=days)))
        ends.append(stack.card(wallet)["nextExpiration"]["at"])

    assert ends == ["2027-03-14T23:00:00Z", "2027-03-16T23:00:00Z", "2027-03-16T23:00:00Z"]


@pytest.mark.parametrize("by", ["time", "hand"])
def test_points_that_were_canceled_before_the_event_arrived_stay_canceled(
    clock: time_machine.Traveller, stack: Stack, by: str
) -> None:
    wallet = wallet_of(stack, FIVE_DAYS)
    canceled = stack.credit(wallet, 10, orderId="A").body["transaction"]["transactionId"]
    clock.shift(timedelta(days=6))
    stack.credit(wallet, 20, orderId="A")
    stack.credit(wallet, 40, orderId="B")
    if by == "hand":
        path = f"/v1/wallets/{wallet}/cards/ann/pending/cancel"
        assert stack.http("POST", path, {"transactionId": canceled}, key="cancel-01").status == 201
    else:
        clock.shift(timedelta(days=5))

    effect = effect_of(send(stack, "event-1", START + timedelta(days=1)))

    assert (effect["points"], effect["canceledBefore"]) == (20, 10)
    stack.credit(wallet, 5, orderId="A")
    clock.shift(timedelta(days=40))
    assert effect_of(send(stack, "event-1", START + timedelta(days=1))) == {**effect, "replayed": True}


@pytest.mark.parametrize(
    "ago", [timedelta(days=30, seconds=1), timedelta(days=365), timedelta(minutes=-5, seconds=-1), timedelta(days=-1)]
)
def test_an_event_outside_the_accepted_times_is_refused_and_names_the_field(stack: Stack, ago: timedelta) -> None:
    wallet = wallet_of(stack, FIVE_DAYS)
    stack.credit(wallet, 10, orderId="A")

    refused = send(stack, "event-1", START - ago)
    batch = stack.http("POST", "/v1/events/batch", {"events": [event("event-1", START - ago), event("event-2", START)]})
    with pytest.raises(FunctionFailed, match="occurred_at_out_of_range"):
        on_custom_event({"id": "1", "source": "shop", "detail": event("event-1", START - ago)}, CONTEXT)

    assert (refused.status, refused.code) == (422, "occurred_at_out_of_range")
    assert refused.fields() == {"body.occurredAt": "occurred_at_out_of_range"}
    first, second = batch.body["data"]
    assert (first["refused"], [error["field"] for error in first["errors"]]) == (refused.code, ["body.occurredAt"])
    assert second["effects"][0]["points"] == 10


@pytest.mark.parametrize("ago", [timedelta(days=30), timedelta(minutes=-5)])
def test_an_event_at_the_limit_of_the_accepted_times_is_accepted(stack: Stack, ago: timedelta) -> None:
    wallet = wallet_of(stack, FIVE_DAYS)
    stack.credit(wallet, 10, orderId="A")
    assert effect_of(send(stack, "event-1", START - ago))["points"] == 10


def test_a_repetition_is_answered_when_the_event_is_too_old_for_a_new_one(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    wallet = wallet_of(stack, FIVE_DAYS)
    stack.credit(wallet, 10, orderId="A")
    first = effect_of(send(stack, "event-1", START))
    clock.shift(timedelta(days=400))

    assert effect_of(send(stack, "event-1", START)) == {**first, "replayed": True}
    by_bus = on_custom_event({"id": "1", "source": "shop", "detail": event("event-1", START)}, CONTEXT)
    assert by_bus["effects"] == [{**first, "replayed": True}]
    assert send(stack, "event-2", START).code == "occurred_at_out_of_range"


def test_one_event_id_with_two_instants_is_refused(stack: Stack) -> None:
    stack.credit(wallet_of(stack, FIVE_DAYS), 10, orderId="A")
    send(stack, "event-1", START - timedelta(days=1))

    assert effect_of(send(stack, "event-1", START))["refused"] == "key_reused"


def test_a_credit_after_its_event_is_active_from_the_credit_on(clock: time_machine.Traveller, stack: Stack) -> None:
    wallet = wallet_of(stack, TWO_HOURS)
    stack.credit(wallet, 1, orderId="B")
    send(stack, "event-1", START - timedelta(days=3))
    clock.shift(timedelta(hours=1))

    assert stack.credit(wallet, 10, orderId="A").body["balance"]["active"] == 10

    assert lots(stack, wallet)[10] == "2027-03-01T15:00:00Z"


def test_an_event_has_the_same_answer_after_more_of_the_customers_wallets_react_to_it(stack: Stack) -> None:
    first_wallet = wallet_of(stack, FIVE_DAYS)
    stack.credit(first_wallet, 10, orderId="A")
    first = send(stack, "event-1").body
    stack.credit(wallet_of(stack, FIVE_DAYS), 20, orderId="A")

    again = send(stack, "event-1").body

    assert again == {**first, "effects": [{**first["effects"][0], "replayed": True}]}


def test_an_event_of_several_wallets_has_the_same_answer_after_one_of_them_stops_reacting(stack: Stack) -> None:
    wallets = [wallet_of(stack, FIVE_DAYS) for _ in range(2)]
    for wallet in wallets:
        stack.credit(wallet, 10, orderId="A")
    first = send(stack, "event-1").body
    for wallet in wallets:
        changed = stack.http(
            "PATCH", f"/v1/wallets/{wallet}", {"pending": {"type": "IMMEDIATE"}}, headers={"If-Match": '"1"'}
        )
        assert changed.status == 200, changed.text

    again = send(stack, "event-1").body

    assert len(first["effects"]) == 2
    assert again["effects"] == [{**effect, "replayed": True} for effect in first["effects"]]


def test_a_repetition_applies_an_event_to_the_card_that_refused_it_and_to_no_new_card(stack: Stack) -> None:
    wallets = [wallet_of(stack, FIVE_DAYS) for _ in range(2)]
    for wallet in wallets:
        stack.credit(wallet, 10, orderId="A")
    frozen = f"/v1/wallets/{wallets[1]}/cards/ann"
    stack.http("PATCH", frozen, {"status": "FROZEN"}, headers={"If-Match": '"1"'})
    refusals = {effect["walletId"]: effect["refused"] for effect in send(stack, "event-1").body["effects"]}
    stack.http("PATCH", frozen, {"status": "ACTIVE"}, headers={"If-Match": '"2"'})
    stack.credit(wallet_of(stack, FIVE_DAYS), 10, orderId="A")

    again = send(stack, "event-1").body["effects"]

    assert refusals == {wallets[0]: None, wallets[1]: "card_frozen"}
    assert {effect["walletId"]: (effect["points"], effect["replayed"]) for effect in again} == {
        wallets[0]: (10, True),
        wallets[1]: (10, False),
    }


def test_a_change_of_the_event_definition_does_not_refuse_a_repetition(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    stack.credit(wallet_of(stack, FIVE_DAYS), 10, orderId="A")
    first = effect_of(send(stack, "event-1"))
    required = {"properties": [{"name": "carrier", "type": "STRING", "required": True}]}
    stack.http("PUT", "/v1/event-definitions/delivered", required)
    clock.shift(CHECK_SECONDS)

    assert effect_of(send(stack, "event-1")) == {**first, "replayed": True}
    assert send(stack, "event-2").status == 400


@pytest.mark.parametrize(("before", "after", "effects"), [("posted", "delivered", [10]), ("delivered", "posted", [])])
def test_an_event_seconds_after_a_change_has_the_effect_of_the_current_version(
    stack: Stack, before: str, after: str, effects: list[int]
) -> None:
    stack.http("PUT", "/v1/event-definitions/posted", {})
    wallet = wallet_of(stack, FIVE_DAYS, events=[before])
    stack.credit(wallet, 10, orderId="A")
    cached = dict(connected_store().wallets._cache)
    change = {"pending": {**BY_DELIVERY, "events": [after]}}
    changed = stack.http("PATCH", f"/v1/wallets/{wallet}", change, headers={"If-Match": '"1"'})
    assert changed.status == 200, changed.text
    # A card never uses an older version than its last transaction.
    assert after == "delivered" or stack.credit(wallet, 1).status == 201
    # Another environment still has the former definition.
    connected_store().wallets._cache.update(cached)

    answer = send(stack, "event-1")

    assert [effect["points"] for effect in answer.body["effects"]] == effects


@pytest.mark.parametrize(("hours", "usable", "expired"), [(1, [10, 20], 0), (7, [], 20), (9, [], 20)])
def test_an_event_that_moves_a_sliding_expiry_and_activates_points_has_one_instant(
    clock: time_machine.Traveller, stack: Stack, hours: int, usable: list[int], expired: int
) -> None:
    sliding = {"type": "SLIDING_EXPIRATION", "every": 6, "unit": "HOUR", "resetBy": ["CUSTOM_EVENT"]}
    wallet = wallet_of(stack, {**sliding, "events": ["delivered"]})
    stack.credit(wallet, 10, activatesAt=START.isoformat())
    stack.credit(wallet, 20, orderId="A")
    clock.shift(timedelta(hours=hours))

    effect = effect_of(send(stack, "event-1", START + timedelta(minutes=30)))

    assert (effect["points"], effect["expired"]) == (sum(usable[1:]), expired)
    assert stack.card(wallet)["balance"]["active"] == sum(usable)
    ends = {lot["expiresAt"] for lot in stack.card(wallet)["lots"] if not lot["activatesAt"]}
    assert ends == ({"2027-03-01T18:30:00Z"} if usable else set())
