"""Routes with several successful results: each result has a request."""

from typing import Any

import pytest
import time_machine

from tests.integration.bad_input.sender import as_prepared, prepared
from tests.support.requests import ROUTES, WITH_BODY, body_fields, example, operation
from tests.support.stack import Stack

DRY_RUNS = [route for route in WITH_BODY if "dryRun" in body_fields(route)]
ENROL = "POST /v1/wallets/{walletId}/cards"
IMPORT = "POST /v1/wallets/import"
# Tested with the customers: a profile that is changed, and a second request for a code.
OF_CUSTOMERS = ("PUT /v1/customers/{customerId}", "POST /v1/customers/{customerId}/referral-code")


def test_every_route_with_two_success_statuses_has_a_request_for_the_second() -> None:
    two = {route for route in ROUTES if len([status for status in operation(route)["responses"] if status < "3"]) > 1}
    assert two == {*DRY_RUNS, ENROL, IMPORT, *OF_CUSTOMERS}


@pytest.mark.parametrize("route", DRY_RUNS)
def test_a_dry_run_answers_200_needs_no_key_and_writes_nothing(
    clock: time_machine.Traveller, stack: Stack, route: str
) -> None:
    sender = prepared(stack, route)
    body = {**as_prepared(example(route), sender), "dryRun": True}
    before = stack.items()

    answer = sender.send(route, key=None, body=body)

    assert answer.status == 200, answer.text
    assert "Location" not in answer.headers
    assert transactions(answer.body) <= {None}
    assert stack.items() == before


def transactions(body: Any) -> set[Any]:
    """All transactions and transaction ids of the answer, at any level."""
    found = set()
    if isinstance(body, dict):
        for name, value in body.items():
            found |= {value} if name in ("transaction", "transactionId") else transactions(value)
    elif isinstance(body, list):
        for one in body:
            found |= transactions(one)
    return found


def test_an_enrolment_answers_201_for_a_new_card_and_200_for_the_same_card(stack: Stack) -> None:
    sender = prepared(stack)
    new, same = (sender.send(ENROL) for _ in range(2))
    assert (new.status, same.status) == (201, 200)
    assert new.body == same.body
    assert ("Location" in new.headers, "Location" in same.headers) == (True, False)


def test_a_batch_answers_every_kind_of_result_of_an_event(clock: time_machine.Traveller, stack: Stack) -> None:
    """Effects on several cards, a repetition, a refusing card, a customer without cards, and refused events."""
    prepared(stack)
    sliding = {"type": "SLIDING_EXPIRATION", "every": 1, "unit": "YEAR", "resetBy": ["CUSTOM_EVENT"]}
    first, second = (stack.wallet(expiration={**sliding, "events": ["order.delivered"]}) for _ in range(2))
    for wallet in (first, second):
        stack.credit(wallet, 100, customer="dora")
    etag = {"if-match": '"1"'}
    frozen = stack.http("PATCH", f"/v1/wallets/{second}/cards/dora", {"status": "FROZEN"}, headers=etag)
    assert frozen.status == 200, frozen.text

    event = {**example("POST /v1/events"), "customerId": "dora"}
    del event["orderId"]
    events = [
        event,
        event,
        {**event, "eventId": "other-1", "customerId": "zoe"},
        {**event, "eventId": "other-2", "name": "order.deliverd"},
        {**event, "eventId": "other-3", "properties": {"carrier": 1}},
    ]
    answer = stack.http("POST", "/v1/events/batch", {"events": events})

    assert answer.status == 200
    done, repeated, without_cards, undefined, unfit = answer.body["data"]
    effects = {effect["walletId"]: effect for effect in done["effects"]}
    assert effects[first]["transactionId"]
    assert (effects[first]["replayed"], effects[first]["refused"]) == (False, None)
    assert (effects[second]["transactionId"], effects[second]["refused"]) == (None, "card_frozen")
    assert [one["replayed"] for one in repeated["effects"] if one["refused"] is None] == [True]
    assert (without_cards["effects"], without_cards["refused"], without_cards["errors"]) == ([], None, [])
    assert (undefined["effects"], undefined["refused"]) == ([], "event_not_defined")
    assert [error["field"] for error in undefined["errors"]] == ["body.name"]
    assert (unfit["effects"], unfit["refused"]) == ([], "invalid_request")
    assert [error["field"] for error in unfit["errors"]] == ["body.properties.carrier"]


@pytest.mark.parametrize("dry_run", ["true", "false"])
@pytest.mark.parametrize("status", ["DRAFT", "ACTIVE"])
def test_an_import_reports_mapped_and_unmapped_fields(stack: Stack, status: str, dry_run: str) -> None:
    sender = prepared(stack)
    before = stack.items()

    answer = sender.send(IMPORT, query={"status": status, "dryRun": dry_run}, key=None)

    assert {field["from"] for field in answer.body["mapped"]} >= {"name", "code_config.length", "metadata"}
    assert "tier_structure_id" in {field["from"] for field in answer.body["unmapped"]}
    assert answer.body["settings"]["name"] == "Coffee club"
    if dry_run == "true":
        assert (answer.status, answer.body["wallet"]) == (200, None)
        assert stack.items() == before
    else:
        assert (answer.status, answer.body["wallet"]["status"]) == (201, status)


@pytest.mark.parametrize(
    ("change", "missing"),
    [({}, []), ({"expiration": {"type": "ROLLING_EXPIRATION"}}, ["expiration.every", "expiration.unit"])],
)
def test_a_validation_and_a_preview_report_whether_the_settings_are_complete(
    stack: Stack, change: dict[str, Any], missing: list[str]
) -> None:
    sender = prepared(stack)
    before = stack.items()

    validation = sender.send("POST /v1/wallets/validate", body={**example("POST /v1/wallets/validate"), **change})
    preview = sender.send("POST /v1/wallets/{walletId}/preview", body=change)

    for answer in (validation, preview):
        assert (answer.status, answer.body["valid"]) == (200, not missing)
        assert [action["field"] for action in answer.body["actionRequired"]] == missing
    assert stack.items() == before
