"""Values of the right type that a field does not accept, and fields that exclude or require each other."""

from typing import Any

import pytest

from tests.integration.bad_input.sender import Sender
from tests.integration.bad_input.test_parameters import BAD_INSTANTS
from tests.support.requests import body_fields, example, examples, spoiled

CARD = "/v1/wallets/{walletId}/cards/{customerId}"
CREDITS, HOLDS, PAYMENTS, TRANSFERS = (f"POST {CARD}/{name}" for name in ("credits", "holds", "payments", "transfers"))
EVENTS = "POST /v1/events"
DATE = "2030-01-31T12:00:00Z"
PERIOD = {"every": 1, "unit": "DAY"}
ANNUAL = {"month": 1, "day": 31}
PROPERTY = {"name": "region", "type": "STRING", "required": True}


@pytest.mark.parametrize(
    ("both", "field_name"),
    [
        ({"activatesAt": DATE, "activateAfter": PERIOD}, "body.activateAfter"),
        ({"expiresAt": DATE, "expireAfter": PERIOD}, "body.expireAfter"),
        ({"order": example(CREDITS)["order"]}, "body.orderId"),
        ({"expireAfter": {"every": 11, "unit": "YEAR"}}, "body.expireAfter.every"),
        ({"activateAfter": {"every": 3_651, "unit": "DAY"}}, "body.activateAfter.every"),
    ],
)
def test_a_refusal_names_fields_that_exclude_each_other(sender: Sender, both: dict[str, Any], field_name: str) -> None:
    sender.refused(CREDITS, field=field_name, body={"points": 1, **both})


@pytest.mark.parametrize(
    "period",
    [
        {"every": 44_641, "unit": "MINUTE"},
        {"every": 745, "unit": "HOUR"},
        {"every": 32, "unit": "DAY"},
        {"every": 5, "unit": "WEEK"},
        {"every": 2, "unit": "MONTH"},
        {"every": 0, "unit": "DAY"},
    ],
)
def test_a_hold_lasts_31_days_at_most(sender: Sender, period: dict[str, Any]) -> None:
    sender.refused(HOLDS, field="body.expiresAfter.every", body={"points": 1, "expiresAfter": period})


def test_the_period_of_a_hold_has_no_years(sender: Sender) -> None:
    body = {"points": 1, "expiresAfter": {"every": 1, "unit": "YEAR"}}
    sender.refused(HOLDS, field="body.expiresAfter.unit", code="invalid_request", body=body)


@pytest.mark.parametrize("points", [0, 10**12 + 1])
def test_the_points_of_a_hold_are_within_bounds(sender: Sender, points: int) -> None:
    sender.refused(HOLDS, field="body.points", body={"points": points})
    sender.refused(f"{HOLDS}/{{holdId}}/capture", field="body.points", body={"points": points})


@pytest.mark.parametrize("recipient", ["", "a b", "a#b", "a/b", "\u00e4nn", "a" * 129])
def test_a_refusal_names_an_invalid_recipient(sender: Sender, recipient: str) -> None:
    body = {"points": 1, "toCustomerId": recipient}
    sender.refused(TRANSFERS, field="body.toCustomerId", code="invalid_request", body=body)


def test_a_customer_cannot_transfer_points_to_the_same_customer(sender: Sender) -> None:
    body = {"points": 1, "toCustomerId": "ann"}
    assert sender.refused(TRANSFERS, code="transfer_to_self", body=body).status == 422


@pytest.mark.parametrize(
    "text", [*BAD_INSTANTS, "0001-01-01T00:00:00+23:59", "2200-01-01T00:00:00Z", "2027-01-31 12:00:00Z"]
)
def test_an_instant_has_the_form_of_rfc_3339(sender: Sender, text: str) -> None:
    for name in ("activatesAt", "expiresAt"):
        sender.refused(CREDITS, field=f"body.{name}", body={"points": 1, name: text})


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("consumptionOrder", ["LATEST_EXPIRY", "earliest_expiry", ""]),
        ("negativeLimit", [0, 10**15 + 1]),
        ("expiration.type", ["ROLLING", "EXPIRES", ""]),
        ("expiration.unit", ["QUARTER", "day", ""]),
        ("expiration.every", [0, 525_601]),
        ("expiration.rounding", ["END_OF_WEEK", ""]),
        ("expiration.month", [0, 13]),
        ("expiration.dates", [[ANNUAL] * 21]),
        ("expiration.dates[0]", ["31 January", [1, 31], {"month": 1, "day": 31, "year": 2027}]),
        ("expiration.dates[0].month", [0, 13]),
        ("expiration.dates[0].day", [0, 32]),
        ("expiration.resetBy", [["EARNING"] * 4]),
        ("expiration.resetBy[0]", ["LOGIN", "earning", ""]),
        ("expiration.events", [["app.opened"] * 21]),
        ("expiration.events[0]", ["", "app opened", "app#opened", "\u00e4pp", "a" * 65]),
        ("pending.type", ["PENDING", "IMMEDIATELY", ""]),
        ("pending.unit", ["QUARTER", ""]),
        ("pending.dates", [[ANNUAL] * 21]),
        ("pending.dates[0].day", [0, 32]),
        ("pending.events", [["order.delivered"] * 21]),
        ("pending.events[0]", ["", "order delivered", "a/b", "a" * 65]),
        ("pending.cancelAfter.every", [0, 525_601]),
        ("pending.cancelAfter.unit", ["QUARTER", ""]),
        ("earningLimits.global.type", ["SPENDING_BASED", "LIMIT", ""]),
        ("earningLimits.global.unit", ["HOUR", "MINUTE", ""]),
        ("earningLimits.global.max", [0, 10**15 + 1]),
        ("earningLimits.global.whenExceeded", ["CUT", ""]),
        ("earningLimits.transaction.maxPoints", [0, 10**13]),
        ("earningLimits.transaction.minAmount", [10**12 + 1]),
        ("earningLimits.transaction.whenExceeded", ["cap", ""]),
        ("spendingLimits.global.type", ["BALANCE_BASED", "LIMIT", ""]),
        ("spendingLimits.global.unit", ["HOUR", ""]),
        ("spendingLimits.global.max", [0, 10**15 + 1]),
        ("spendingLimits.global.whenExceeded", ["CUT", ""]),
        ("spendingLimits.transaction.maxPoints", [0, 10**13]),
        ("spendingLimits.transaction.whenExceeded", ["cap", ""]),
        ("payWithPoints.type", ["PAYMENTS", ""]),
        ("payWithPoints.formula", ["", "1" * 501, 0.1234567890123456]),
    ],
)
def test_a_refusal_names_an_invalid_value_of_a_setting(sender: Sender, path: str, values: list[Any]) -> None:
    for route in (
        "POST /v1/wallets",
        "POST /v1/wallets/validate",
        "POST /v1/wallets/{walletId}/preview",
        "PATCH /v1/wallets/{walletId}",
    ):
        settings = body_fields(route)[path].example
        for value in values:
            answer = sender.refused(route, code="invalid_request", body=spoiled(settings, path, value))
            assert any(field.startswith(f"body.{path}") for field in answer.fields()), answer.text


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("name", ["", "order delivered", "order/delivered", "\u00e4", "a" * 65]),
        ("customerId", ["", "a b", "a#b", "\u00e4nn", "a" * 129]),
        ("eventId", ["", "event 1", "event\n", "\u00e9vent", "e" * 129]),
        ("occurredAt", list(BAD_INSTANTS)),
        ("orderId", ["", "o" * 129, "a\x00"]),
    ],
)
def test_a_malformed_event_is_refused_with_its_field_and_with_its_batch(
    sender: Sender, path: str, values: list[Any]
) -> None:
    for value in values:
        event = {**example(EVENTS), path: value}
        sender.refused(EVENTS, field=f"body.{path}", code="invalid_request", body=event)
        # A malformed body has no effect, even if its first event is valid.
        batch = {"events": [example(EVENTS), event]}
        sender.refused(f"{EVENTS}/batch", field=f"body.events[1].{path}", body=batch)


def test_a_batch_has_one_to_a_hundred_events(sender: Sender) -> None:
    small = {"name": "order.delivered", "customerId": "ann"}
    many = [{**small, "eventId": f"event-{number}"} for number in range(101)]
    for events in ([], many):
        sender.refused(f"{EVENTS}/batch", field="body.events", body={"events": events})


def test_an_event_without_a_definition_is_refused(sender: Sender) -> None:
    unknown = {**example(EVENTS), "name": "order.deliverd"}
    assert sender.refused(EVENTS, code="event_not_defined", body=unknown).status == 422
    answer = sender.send(f"{EVENTS}/batch", body={"events": [unknown] * 2})
    assert answer.status == 200
    assert [(result["refused"], result["effects"]) for result in answer.body["data"]] == [("event_not_defined", [])] * 2


@pytest.mark.parametrize(
    ("limit", "field_name"),
    [
        ({"type": "POINTS_LIMIT"}, "body.paymentLimit.max"),
        ({"type": "AMOUNT_LIMIT"}, "body.paymentLimit.max"),
        ({"type": "CARD_BALANCE", "max": 1}, "body.paymentLimit.max"),
        ({"type": "POINTS_LIMIT", "max": 0}, "body.paymentLimit.max"),
        ({"type": "NO_LIMIT"}, "body.paymentLimit.type"),
    ],
)
def test_a_refusal_names_a_missing_or_unexpected_maximum_of_a_payment_limit(
    sender: Sender, limit: dict[str, Any], field_name: str
) -> None:
    sender.refused(PAYMENTS, field=field_name, body={**example(PAYMENTS), "paymentLimit": limit})


def test_a_payment_requires_an_order_with_a_positive_amount(sender: Sender) -> None:
    free = {"id": "#1001", "amount": 0}
    sender.refused(PAYMENTS, field="body.order.amount", body={**example(PAYMENTS), "order": free})


@pytest.mark.parametrize("action", ["activate", "cancel"])
def test_pending_points_are_chosen_by_an_order_or_by_a_transaction(sender: Sender, action: str) -> None:
    route = f"POST {CARD}/pending/{action}"
    by_order, by_transaction = examples(route)
    for body in ({}, {"reason": "Goodwill"}, by_order | by_transaction):
        sender.refused(route, field="body.orderId", code="one_of", body=body)
    for bad in ("", "a" * 16, "a" * 16 + ".0", "a" * 15 + ".1", "a" * 16 + ".1.1", "\u00e4" * 16 + ".1"):
        sender.refused(route, field="body.transactionId", code="invalid_request", body={"transactionId": bad})
    # Valid values without pending points: an unknown transaction, an unknown order, active points.
    sender.refused(route, code="transaction_not_found", body=by_transaction)
    sender.refused(route, code="order_not_found", body={"orderId": "#1000"})
    sender.refused(route, code="nothing_pending", body={"transactionId": sender.ids["transactionId"]})


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (
            "timeZone",
            ["", "Berlin", "europe/berlin", "Europe/../Europe/Berlin", "localtime", "Factory", "CET-1"],
        ),
        ("currency", ["", "eur", "EURO", "€"]),
        ("metadataSchema.wallet[0].name", ["", "x" * 65]),
        ("metadataSchema.card[0].type", ["TEXT", "string", ""]),
        ("metadataSchema.wallet", [[{**PROPERTY, "name": f"p{number}"} for number in range(51)]]),
        ("metadataSchema.card", [[PROPERTY, PROPERTY]]),
    ],
)
def test_a_refusal_names_an_invalid_value_of_the_project(sender: Sender, path: str, values: list[Any]) -> None:
    route = "PUT /v1/project"
    for value in values:
        body = spoiled(example(route), path, value)
        sender.refused(route, field=f"body.{path}", code="invalid_request", body=body)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("description", ["x" * 1_001]),
        ("properties[0].name", ["", "x" * 65]),
        ("properties[0].type", ["TEXT", "string", ""]),
    ],
)
def test_a_refusal_names_an_invalid_value_of_an_event_definition(sender: Sender, path: str, values: list[Any]) -> None:
    route = "PUT /v1/event-definitions/{name}"
    for value in values:
        sender.refused(route, field=f"body.{path}", body=spoiled(example(route), path, value))


def test_an_event_has_fifty_properties_with_different_names_at_most(sender: Sender) -> None:
    route = "PUT /v1/event-definitions/{name}"
    many = [{"name": f"p{number}", "type": "STRING"} for number in range(51)]
    sender.refused(route, field="body.properties", body={"properties": many})
    twice = [{"name": "carrier", "type": "STRING"}, {"name": "carrier", "type": "NUMBER"}]
    sender.refused(route, field="body.properties", code="repeated", body={"properties": twice})


ADJUSTMENT = example(f"POST {CARD}/adjustments")
EXPIRY_CHANGE = example(f"POST {CARD}/expiry-changes")


@pytest.mark.parametrize(
    ("route", "body", "field_name", "code"),
    [
        ("adjustments", {"points": -1, "reason": "r", "expiresAt": DATE}, "body.expiresAt", "not_used"),
        ("adjustments", {"points": -1, "reason": "r", "expireAfter": PERIOD}, "body.expireAfter", "not_used"),
        ("adjustments", ADJUSTMENT | {"expiresAt": DATE}, "body.expireAfter", "one_of"),
        ("adjustments", {"points": 0, "reason": "r"}, "body.points", "zero"),
        ("adjustments", {"points": 1, "reason": ""}, "body.reason", None),
        ("expiry-changes", {"reason": "r"}, "body.expiresAt", "one_of"),
        ("expiry-changes", {"reason": "r", "expiresAt": None, "expireAfter": PERIOD}, "body.expiresAt", "one_of"),
        ("expiry-changes", {"reason": "r", "expiresAt": DATE, "lots": []}, "body.lots", None),
        ("expiry-changes", {"reason": "r", "expiresAt": "2020-01-31T12:00:00Z"}, "body.expiresAt", "invalid_dates"),
        ("expiry-changes", EXPIRY_CHANGE, "body.lots[0]", "lot_not_found"),
    ],
)
def test_a_refusal_names_the_field_of_an_invalid_correction(
    sender: Sender, route: str, body: dict[str, Any], field_name: str | None, code: str | None
) -> None:
    sender.refused(f"POST {CARD}/{route}", field=field_name, code=code, body=body)


def test_an_issue_day_is_a_date_without_a_time(sender: Sender) -> None:
    for bad in ("", "2027-02-30", "2027-3-1", "2027-03-01T00:00:00Z", "20270301", "0000-01-01"):
        body = {"reason": "r", "expiresAt": DATE, "lots": [{"issuedOn": bad}]}
        sender.refused(f"POST {CARD}/expiry-changes", field="body.lots[0].issuedOn", body=body)
