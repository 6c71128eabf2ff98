"""The stream becomes events: each new row, card, wallet version and receipt with awards becomes one event."""

import json
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine

from loyalty.messaging import bus
from loyalty.messaging.detail_types import DETAILS
from loyalty.telemetry import FunctionFailed
from tests.integration.accounts import START, at
from tests.integration.correcting import change_expiry
from tests.integration.metering import metered
from tests.integration.publishing import Events, failures, publish, record, stream
from tests.integration.racing import unanswered
from tests.integration.sweeping import sweep
from tests.support.stack import Stack

EVENT_BYTES = 2_048
"""Of 65,536 bytes that the bus bills as one event."""


def test_points_credited_has_the_property_names_of_clevertap(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet()
    row = stack.credit(
        wallet, 100, orderId="#1001", campaignId="spring", pointsDescription="Welcome", expiresAt=at(days=1)
    ).body["transaction"]

    publish(stream(stack))

    (entry,) = [entry for entry in bus_events.accepted if entry["DetailType"] == "Points Credited"]
    assert (entry["Source"], entry["EventBusName"], entry["Time"]) == ("loyalty.wallets", "loyalty", START)
    assert json.loads(entry["Detail"]) == {
        "CT Source": "API",
        "walletId": wallet,
        "walletName": "Wallet 0",
        "pointsName": "points",
        "transactionId": row["transactionId"],
        "points": 100,
        "source": "API",
        "campaignId": "spring",
        "pointsDescription": "Welcome",
        "eventTimestamp": "2027-03-01T12:00:00Z",
        "eventId": row["transactionId"],
        "eventVersion": 1,
        "customerId": "ann",
        "cardId": row["cardId"],
        "seq": 1,
        "operation": "credit",
        "balance": row["balanceAfter"],
        "hash": row["hash"],
        "orderId": "#1001",
        "recordedAt": "2027-03-01T12:00:00Z",
        "lots": [{"points": 100, "activatesAt": None, "cancelsAt": None, "expiresAt": at(days=1)}],
        "bucket": "ACTIVE",
        "activatesAt": None,
        "cancelsAt": None,
        "expiresAt": at(days=1),
    }


def test_missing_values_are_null_and_pending_points_are_credited_at_once(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet()
    row = stack.credit(wallet, 100, source="Manual", activatesAt=at(hours=1)).body["transaction"]
    publish(stream(stack))
    detail = bus_events.details[row["transactionId"]]
    for name in ("campaignId", "pointsDescription", "orderId", "expiresAt"):
        assert detail[name] is None
    assert (detail["CT Source"], detail["source"]) == ("Manual", "Manual")
    assert (detail["bucket"], detail["activatesAt"]) == ("PENDING", at(hours=1))


def test_every_row_card_and_wallet_version_becomes_one_event(
    clock: time_machine.Traveller, bus_events: Events, stack: Stack
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    stack.credit(wallet, 40, activatesAt=at(hours=1), expiresAt=at(hours=2))
    stack.debit(wallet, 30, orderId="A")
    stack.credit(wallet, 20, orderId="A")
    stack.refund(wallet, "A")
    stack.capture(wallet, stack.hold(wallet, 20).body["holdId"], points=15)
    for folder in ("activate_points", "expire_points"):
        clock.shift(3_600)
        sweep(stack, folder)
    stack.http("PATCH", f"/v1/wallets/{wallet}", {"description": "x"}, headers={"If-Match": '"1"'})
    stack.http("POST", f"/v1/wallets/{wallet}/deactivate")
    stack.http("POST", f"/v1/wallets/{wallet}/activate")
    draft = stack.http("POST", "/v1/wallets", {"name": "Draft", "status": "DRAFT"}).body["walletId"]
    stack.http("DELETE", f"/v1/wallets/{draft}")

    assert publish(stream(stack)) == {"batchItemFailures": []}

    assert sorted(bus_events.types()) == sorted(
        [
            "Card Created",
            "Points Credited",
            "Points Credited",
            "Points Credited",
            "Points Debited",
            "Points Returned",
            "Points Revoked",
            "Points Held",
            "Hold Captured",
            "Hold Released",
            "Points Activated",
            "Points Expired",
            "Wallet Created",
            "Wallet Changed",
            "Wallet Deactivated",
            "Wallet Activated",
            "Wallet Created",
            "Wallet Deleted",
        ]
    )
    details = bus_events.details
    card = stack.card(wallet)["cardId"]
    rows = {row["transactionId"]: row for row in stack.rows(wallet)}
    versions = {f"{wallet}.v{version}" for version in (1, 2, 3, 4)} | {f"{draft}.v1", f"{draft}.v2"}
    assert set(details) == {*rows, f"{card}.0", *versions}
    for transaction_id, row in rows.items():
        detail = details[transaction_id]
        assert detail["balance"] == row["balanceAfter"]
        for name in ("seq", "points", "operation", "source", "hash", "customerId", "walletId", "orderId"):
            assert detail[name] == row[name]
    assert details[f"{card}.0"]["seq"] == 0
    assert details[f"{wallet}.v3"]["status"] == "INACTIVE"
    for entry in bus_events.accepted:
        # Each detail is valid for its model. The schemas in docs/events are made from the models.
        DETAILS[entry["DetailType"]].model_validate_json(entry["Detail"])


def test_a_version_of_an_unknown_definition_becomes_no_event(bus_events: Events, stack: Stack) -> None:
    item = {"pk": {"S": "UNKNOWN#p"}, "sk": {"S": "VERSION#000001"}}
    assert publish([record(item)]) == {"batchItemFailures": []}
    assert (bus_events.calls, failures(stack)) == ([], [])


def test_both_events_of_a_refund_have_its_details_and_its_id(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet(payWithPoints={"type": "EXCHANGE_RATIO", "formula": "1"})
    stack.credit(wallet, 500)
    order = {
        "items": [{"productId": "tea", "quantity": 2, "amount": 800}],
        "charges": [{"type": "SHIPPING", "amount": 200, "label": "DHL"}],
    }
    stack.pay(wallet, 1_000, "s", order_details=order)
    stack.credit(wallet, 100, orderId="s")
    items, charges = [{"productId": "tea", "quantity": 1}], [{"type": "SHIPPING", "amount": 100}]
    stack.refund(wallet, "s", type="ITEMS", reason="Damaged", items=items, charges=charges)

    publish(stream(stack))

    returned, revoked = stack.rows(wallet)[-2:]
    details = [bus_events.details[row["transactionId"]] for row in (returned, revoked)]
    assert [detail["reason"] for detail in details] == ["Damaged", "Damaged"]
    assert (
        details[0]["refund"]
        == details[1]["refund"]
        == {
            "refundId": revoked["transactionId"],
            "type": "ITEMS",
            "amount": 500,
            "moneyAmount": 250,
            "pointsShareWithheld": 0,
            "caughtUpAmount": 0,
            "items": [{"productId": "tea", "lineId": None, "quantity": 1, "amount": 400}],
            "charges": [{"type": "SHIPPING", "label": "DHL", "amount": 100}],
            "returned": 250,
            "keptExpired": 0,
            "revoked": 50,
            "shortfall": 0,
            "held": 0,
            "expired": 0,
        }
    )
    assert (returned["refund"], revoked["refund"]["moneyAmount"]) == (None, 250)


def test_the_event_and_the_transaction_of_a_refund_have_held_points_and_the_amount_that_caught_up(
    bus_events: Events, stack: Stack
) -> None:
    wallet, other = stack.wallet(), stack.wallet()
    stack.credit(wallet, 100, orderId="s", order={"amount": 1_000})
    stack.http("POST", "/v1/customers/ann/refunds", {"orderId": "s", "type": "AMOUNT", "amount": 300}, key="refund-1")
    stack.credit(other, 100, orderId="s")
    stack.hold(other, 100)
    stack.http("POST", "/v1/customers/ann/refunds", {"orderId": "s", "type": "AMOUNT", "amount": 200}, key="refund-2")

    publish(stream(stack))

    row = stack.rows(other)[-1]
    refunds = row["refund"], bus_events.details[row["transactionId"]]["refund"]
    for refund in refunds:
        assert (refund["amount"], refund["caughtUpAmount"]) == (500, 300)
        assert (refund["shortfall"], refund["held"]) == (50, 50)


def test_a_refund_that_moved_no_points_is_one_event_of_its_own_type(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet(refunds={"earned": {"type": "KEEP"}})
    stack.credit(wallet, 100, orderId="s", order={"amount": 1_000})
    stack.refund(wallet, "s", reason="Price reduction", type="AMOUNT", amount=300)

    publish(stream(stack))

    row = stack.rows(wallet)[-1]
    detail = bus_events.details[row["transactionId"]]
    assert sorted(bus_events.types()) == ["Card Created", "Points Credited", "Refund Recorded", "Wallet Created"]
    assert (detail["points"], detail["reason"], detail["refund"]["amount"]) == (0, "Price reduction", 300)
    assert detail["refund"]["refundId"] == row["transactionId"]


def test_a_reversal_of_spent_points_is_one_event_of_its_own_type(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet()
    credited = stack.credit(wallet, 100).body["transaction"]["transactionId"]
    stack.debit(wallet, 100)
    stack.http("POST", f"/v1/transactions/{credited}/reversal", {"reason": "Typed twice"}, key="reversal-1")

    publish(stream(stack))

    row = stack.rows(wallet)[-1]
    detail = bus_events.details[row["transactionId"]]
    assert [name for name in bus_events.types() if name.startswith(("Points Rev", "Rev"))] == ["Reversal Recorded"]
    assert (row["type"], detail["points"], detail["reason"], detail["refund"]) == ("REVOCATION", 0, "Typed twice", None)


def test_a_reversal_has_no_refund_in_its_event(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet()
    credited = stack.credit(wallet, 100).body["transaction"]["transactionId"]
    stack.http("POST", f"/v1/transactions/{credited}/reversal", {"reason": "Typed twice"}, key="reversal-1")

    publish(stream(stack))

    detail = bus_events.details[stack.rows(wallet)[-1]["transactionId"]]
    assert (detail["refund"], detail["reason"]) == (None, "Typed twice")


def test_events_have_the_names_of_the_version_that_applied(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet(name="Stars", pointsName="stars")
    stack.credit(wallet, 100)
    stack.http("PATCH", f"/v1/wallets/{wallet}", {"name": "Gems", "pointsName": "gems"}, headers={"If-Match": '"1"'})
    stack.debit(wallet, 30)

    publish(stream(stack))

    names = {
        entry["DetailType"]: (json.loads(entry["Detail"])["walletName"], json.loads(entry["Detail"])["pointsName"])
        for entry in bus_events.accepted
    }
    assert names == {
        "Wallet Created": ("Stars", "stars"),
        "Card Created": ("Stars", "stars"),
        "Points Credited": ("Stars", "stars"),
        "Wallet Changed": ("Gems", "gems"),
        "Points Debited": ("Gems", "gems"),
    }


def test_event_based_pending_points_have_the_instant_of_their_cancellation_everywhere(
    bus_events: Events, stack: Stack
) -> None:
    stack.http("PUT", "/v1/event-definitions/order.delivered", {"properties": []})
    pending = {"type": "EVENT_BASED", "events": ["order.delivered"], "cancelAfter": {"every": 6, "unit": "HOUR"}}
    wallet, immediate = stack.wallet(pending=pending), stack.wallet()
    row = stack.credit(wallet, 100).body["transaction"]
    other = stack.credit(immediate, 100).body["transaction"]

    publish(stream(stack))

    event = bus_events.details[row["transactionId"]]
    assert [lot["cancelsAt"] for lot in (*row["lots"], *stack.card(wallet)["lots"], *event["lots"], event)] == [
        at(hours=6)
    ] * 4
    assert (other["lots"][0]["cancelsAt"], bus_events.details[other["transactionId"]]["cancelsAt"]) == (None, None)


def test_an_environment_reads_the_names_of_a_version_once(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet()
    for _ in range(5):
        stack.credit(wallet, 1)
    with metered(stack) as meter:
        publish(stream(stack))
        publish(stream(stack))
    assert meter.requests == ["GetItem"]


def test_the_event_of_a_new_card_has_its_code(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.http("POST", f"/v1/wallets/{wallet}/cards", {"customerId": "ann", "code": "ANN-2027"})
    publish(stream(stack))
    (created,) = [entry for entry in bus_events.accepted if entry["DetailType"] == "Card Created"]
    card = stack.card(wallet)
    detail = json.loads(created["Detail"])
    assert {name: detail[name] for name in ("cardId", "code", "createdAt")} == {
        "cardId": card["cardId"],
        "code": "ANN-2027",
        "createdAt": START.isoformat().replace("+00:00", "Z"),
    }


def test_points_debited_has_the_description_of_the_caller(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    debited = stack.debit(wallet, 30, pointsDescription="A cup of tea").body["transaction"]["transactionId"]

    publish(stream(stack))

    assert bus_events.details[debited]["pointsDescription"] == "A cup of tea"


def test_the_event_of_a_credit_stays_far_below_what_the_bus_bills_as_one(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet(name="w" * 200, pointsName="p" * 50)
    stack.credit(wallet, 100, orderId="o" * 100, pointsDescription="d" * 200, expiresAt=at(days=1))
    publish(stream(stack))
    sizes = {entry["DetailType"]: len(entry["Detail"].encode()) for entry in bus_events.accepted}
    assert sizes["Points Credited"] <= EVENT_BYTES
    assert sizes["Card Created"] <= EVENT_BYTES


def test_a_noted_activity_has_the_name_of_its_event(bus_events: Events, stack: Stack) -> None:
    stack.http("PUT", "/v1/event-definitions/visit", {"properties": []})
    wallet = stack.wallet(
        expiration={
            "type": "SLIDING_EXPIRATION",
            "every": 30,
            "unit": "DAY",
            "resetBy": ["CUSTOM_EVENT"],
            "events": ["visit"],
        }
    )
    stack.credit(wallet, 100)
    stack.http("POST", "/v1/events", {"name": "visit", "customerId": "ann", "eventId": "visit-1"})

    publish(stream(stack))

    (noted,) = [entry for entry in bus_events.accepted if entry["DetailType"] == "Activity Noted"]
    assert json.loads(noted["Detail"])["event"] == "visit"


def test_points_debited_has_the_amount_of_a_payment(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet(payWithPoints={"type": "EXCHANGE_RATIO", "formula": "0.5"})
    stack.credit(wallet, 100)
    stack.debit(wallet, 10)
    stack.pay(wallet, 50)

    publish(stream(stack))

    debited = [detail for detail in bus_events.details.values() if detail.get("operation") in ("debit", "payment")]
    found = {detail["operation"]: (detail["points"], detail["amount"]) for detail in debited}
    assert found == {"debit": (10, None), "payment": (25, 50)}


def test_events_of_settlement_have_the_instant_at_which_they_took_effect(
    clock: time_machine.Traveller, bus_events: Events, stack: Stack
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100, expiresAt=at(hours=1))
    clock.shift(7_200)
    sweep(stack, "expire_points")
    publish(stream(stack))
    detail = bus_events.details[stack.rows(wallet)[-1]["transactionId"]]
    assert (detail["eventTimestamp"], detail["recordedAt"]) == (at(hours=1), at(hours=2))
    assert detail["source"] == "System"


def test_a_cancellation_of_pending_points_becomes_an_event(bus_events: Events, stack: Stack) -> None:
    """The row has the form that settlement writes."""
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    (row,) = [item for item in stack.items() if item["sk"]["S"].startswith("TXN#")]
    publish([record({**row, "t": {"S": "CANCELLATION"}, "op": {"S": "settle"}})])
    assert bus_events.types() == ["Pending Points Canceled"]


def test_events_of_a_hold_have_its_id_and_its_end(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100)
    hold = stack.hold(wallet, 20, orderId="#1001").body["holdId"]
    stack.capture(wallet, hold, points=15)

    publish(stream(stack))

    details = {entry["DetailType"]: json.loads(entry["Detail"]) for entry in bus_events.accepted}
    held, captured, released = (details[name] for name in ("Points Held", "Hold Captured", "Hold Released"))
    assert (held["holdId"], held["expiresAt"], held["points"]) == (hold, at(minutes=15), 20)
    assert held["balance"] == {"active": 80, "pending": 0, "held": 20, "available": 80, "debt": 0}
    assert [(one["holdId"], one["points"], one["operation"]) for one in (captured, released)] == [
        (hold, 15, "capture"),
        (hold, 5, "capture"),
    ]
    assert {one["orderId"] for one in (held, captured, released)} == {"#1001"}


def test_an_expiry_change_has_its_own_event_with_the_lots_before(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 100, expiresAt=at(days=1))
    change_expiry(stack, wallet, expiresAt=None)

    publish(stream(stack))

    (entry,) = [entry for entry in bus_events.accepted if entry["DetailType"] == "Expiry Changed"]
    detail = json.loads(entry["Detail"])
    assert DETAILS["Expiry Changed"].model_validate(detail)
    assert (detail["operation"], detail["points"], detail["balance"]["active"]) == ("expiry_change", 0, 100)
    lot = {"points": 100, "activatesAt": None, "cancelsAt": None}
    assert detail["lots"] == [{**lot, "expiresAt": None}]
    assert detail["lotsBefore"] == [{**lot, "expiresAt": at(days=1)}]


def test_a_transfer_becomes_two_events_with_directions(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet(transfers={"allowed": True})
    for customer in ("ann", "bob"):
        stack.credit(wallet, 100, customer=customer)
    stack.transfer(wallet, 30)

    publish(stream(stack))

    found = [json.loads(one["Detail"]) for one in bus_events.accepted if one["DetailType"] == "Points Transferred"]
    assert sorted((one["direction"], one["customerId"], one["counterpart"], one["points"]) for one in found) == [
        ("IN", "bob", "ann", 30),
        ("OUT", "ann", "bob", 30),
    ]
    for one in found:
        DETAILS["Points Transferred"].model_validate(one)


def test_modified_and_removed_items_become_no_events(bus_events: Events, stack: Stack) -> None:
    stack.credit(stack.wallet(), 100)
    items = stack.items()
    removed = [record(item, "REMOVE") for item in items]
    for one in removed:
        del one["dynamodb"]["NewImage"]
    publish([record(item, "MODIFY") for item in items] + removed)
    assert (bus_events.calls, failures(stack)) == ([], [])


def test_an_empty_batch_sends_no_events(bus_events: Events, stack: Stack) -> None:
    assert publish([]) == {"batchItemFailures": []}
    assert bus_events.calls == []


def test_events_are_sent_ten_at_a_time_in_the_order_of_the_stream(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet()
    for _ in range(23):
        stack.credit(wallet, 1)
    rows = sorted(
        (item for item in stack.items() if item["sk"]["S"].startswith("TXN#")), key=lambda item: int(item["hs"]["N"])
    )
    publish([record(item) for item in rows])
    assert [len(call) for call in bus_events.calls] == [10, 10, 3]
    assert [json.loads(entry["Detail"])["seq"] for entry in bus_events.accepted] == [*range(1, 24)]


def test_only_entries_that_the_bus_refused_are_sent_again(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet()
    for _ in range(5):
        stack.credit(wallet, 1)
    bus_events.refuses = lambda call, entry: call < 3 and json.loads(entry["Detail"]).get("seq") in (2, 4)

    publish(stream(stack))

    again = [[json.loads(entry["Detail"])["seq"] for entry in call] for call in bus_events.calls[1:]]
    assert [sorted(seqs) for seqs in again] == [[2, 4], [2, 4]]
    assert len(bus_events.details) == 7


def test_a_bus_that_keeps_refusing_fails_the_whole_batch(bus_events: Events, stack: Stack) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1)
    bus_events.refuses = lambda _, entry: entry["DetailType"] == "Card Created"
    records = stream(stack)

    with pytest.raises(FunctionFailed, match="EventsNotAccepted"):
        publish(records)

    # The stream repeats the batch, and consumers recognize repeated events by their id.
    first = set(bus_events.details)
    bus_events.refuses = lambda *_: False
    bus_events.accepted.clear()
    publish(records)
    assert first < set(bus_events.details)
    assert len(bus_events.details) == 3


def test_an_unavailable_bus_fails_the_whole_batch(clock: time_machine.Traveller, stack: Stack) -> None:
    stack.credit(stack.wallet(), 1)

    def unavailable(**_: Any) -> Any:
        error = {"Error": {"Code": "InternalException", "Message": "later"}, "ResponseMetadata": {}}
        return SimpleNamespace(status_code=500), error

    bus.connected_bus()._client.meta.events.register("before-call.events.PutEvents", unavailable)
    with pytest.raises(FunctionFailed, match="InternalException"):
        publish(stream(stack))


def test_a_table_that_does_not_answer_fails_the_whole_batch_and_sets_nothing_aside(
    bus_events: Events, stack: Stack
) -> None:
    stack.credit(stack.wallet(), 1)
    records = stream(stack)
    with unanswered("GetItem", 1), pytest.raises(FunctionFailed, match="busy"):
        publish(records)
    assert (bus_events.calls, failures(stack)) == ([], [])

    publish(records)
    assert len(bus_events.details) == 3


@pytest.mark.parametrize("spoil", ["no hash", "unknown type", "no image", "unknown schema of lots"])
def test_a_record_that_cannot_become_an_event_is_set_aside_and_others_continue(
    bus_events: Events, stack: Stack, spoil: str
) -> None:
    wallet = stack.wallet()
    stack.credit(wallet, 1)
    records = stream(stack)
    poison = next(one for one in records if one["dynamodb"]["Keys"]["sk"]["S"].startswith("TXN#"))
    poison = json.loads(json.dumps(poison))
    match spoil:
        case "no hash":
            del poison["dynamodb"]["NewImage"]["h"]
        case "unknown type":
            poison["dynamodb"]["NewImage"]["t"] = {"S": "GIFT"}
        case "no image":
            del poison["dynamodb"]["NewImage"]
        case _:
            poison["dynamodb"]["NewImage"]["l"] = {"L": [{"N": "1"}]}

    assert publish([poison, *records]) == {"batchItemFailures": []}

    assert sorted(bus_events.types()) == ["Card Created", "Points Credited", "Wallet Created"]
    (kept,) = failures(stack)
    assert kept["record"] == poison
    assert kept["error"]


def test_a_record_is_set_aside_once_even_if_the_bus_refuses_its_batch_at_first(
    bus_events: Events, stack: Stack
) -> None:
    stack.credit(stack.wallet(), 1)
    records = stream(stack)
    poison = next(one for one in records if one["dynamodb"]["Keys"]["sk"]["S"].startswith("TXN#"))
    del poison["dynamodb"]["NewImage"]["h"]
    bus_events.refuses = lambda *_: True
    with pytest.raises(FunctionFailed, match="EventsNotAccepted"):
        publish(records)
    assert failures(stack) == []

    bus_events.refuses = lambda *_: False
    publish(records)

    assert [kept["record"] for kept in failures(stack)] == [poison]
    assert sorted(bus_events.types()) == ["Card Created", "Wallet Created"]


def test_the_emulated_bus_delivers_a_sent_event(clock: time_machine.Traveller, stack: Stack) -> None:
    """The event passes the validation of the client, without a hook."""
    wallet = stack.wallet()
    queue = stack.sqs.create_queue(QueueName="listener")["QueueUrl"]
    arn: Any = stack.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = json.dumps({"source": ["loyalty.wallets"], "detail-type": ["Points Credited"]})
    stack.events.put_rule(Name="listen", EventBusName="loyalty", EventPattern=pattern)
    stack.events.put_targets(Rule="listen", EventBusName="loyalty", Targets=[{"Id": "1", "Arn": arn}])
    row = stack.credit(wallet, 100).body["transaction"]

    publish(stream(stack))

    (taken,) = stack.sqs.receive_message(QueueUrl=queue)["Messages"]
    event = json.loads(taken["Body"])
    assert (event["detail-type"], event["detail"]["eventId"]) == ("Points Credited", row["transactionId"])
    assert datetime.fromisoformat(event["time"]) == START
