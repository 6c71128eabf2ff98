"""The sample events in events/: each function accepts its sample."""

import json
from importlib import import_module
from typing import Any

import pytest

from tests.support.stack import CONTEXT, Stack
from tests.support.template import ROOT

SAMPLES = ROOT / "events"
FOLDERS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))


def invoke(name: str) -> Any:
    event = json.loads((SAMPLES / f"{name}.json").read_text())
    return import_module(f"functions.{name}.app").lambda_handler(event, CONTEXT)


def test_every_function_has_a_sample_and_every_sample_has_a_function() -> None:
    assert sorted(path.stem for path in SAMPLES.glob("*.json")) == FOLDERS


def test_the_samples_lead_an_order_from_credit_to_refund(stack: Stack) -> None:
    steps = (
        "wallets",
        "credit_points",
        "debit_points",
        "cards",
        "transactions",
        "refund_points",
        "hold_points",
        "audit_cards",
        "erase_customer",
    )
    answers = [invoke(name) for name in steps]

    assert [answer["statusCode"] for answer in answers] == [201, 201, 201, 200, 200, 201, 422, 200, 200]
    # After the refund, no points can be held.
    assert json.loads(answers[6]["body"])["code"] == "insufficient_points"
    # The points were active at once, so no points are pending.
    assert json.loads(invoke("pending_points")["body"])["code"] == "nothing_pending"
    # All points were revoked with the order, so no points can be removed.
    assert json.loads(invoke("adjust_points")["body"])["code"] == "insufficient_points"
    # The recipient has no card.
    assert json.loads(invoke("transfer_points")["body"])["code"] == "card_not_found"
    assert json.loads(answers[3]["body"])["balance"]["active"] == 100
    assert len(json.loads(answers[4]["body"])["data"]) == 2
    assert json.loads(answers[7]["body"])["valid"] is True
    refund = json.loads(answers[5]["body"])
    assert (refund["returned"]["points"], refund["revoked"]["points"], refund["balance"]["active"]) == (25, 125, 0)


def test_the_samples_define_an_event_and_send_it(stack: Stack) -> None:
    assert [invoke(name)["statusCode"] for name in ("event_definitions", "receive_events")] == [200, 200]
    result = invoke("on_custom_event")
    assert (result["effects"], result["awards"], result["refused"]) == ([], [], None)
    assert invoke("on_tier_changed") == {"awards": 0}


def test_the_samples_set_up_the_project_and_validate_a_wallet(stack: Stack) -> None:
    assert [invoke(name)["statusCode"] for name in ("project", "wallet_builder")] == [200, 200]


def test_the_sample_of_a_campaign_saves_a_draft_that_names_its_missing_wallet(stack: Stack) -> None:
    answer = invoke("campaigns")
    required = json.loads(answer["body"])["actionRequired"]
    assert (answer["statusCode"], [one["code"] for one in required]) == (201, ["unknown_wallet"])


def test_the_sample_of_a_program_saves_a_draft(stack: Stack) -> None:
    answer = invoke("programs")
    assert (answer["statusCode"], json.loads(answer["body"])["programId"]) == (201, "club")


def test_the_sample_of_tiers_reads_those_of_a_customer(stack: Stack) -> None:
    assert json.loads(invoke("tiers")["body"]) == {"data": []}


def test_the_sample_of_a_payment_spends_the_points_of_the_sample_credit(stack: Stack) -> None:
    answers = [invoke(name) for name in ("wallets", "credit_points", "pay_with_points")]
    payment = json.loads(answers[2]["body"])
    assert (answers[2]["statusCode"], payment["points"], payment["amount"]) == (201, 15, 1_500)


def test_the_sample_of_a_search_finds_the_customer_of_the_sample_credit(stack: Stack) -> None:
    for name in ("wallets", "credit_points"):
        invoke(name)
    (found,) = json.loads(invoke("search")["body"])["data"]
    assert (found["kind"], found["customerId"]) == ("CUSTOMER", "customer-1")


def test_the_sample_of_formulas_saves_an_expression(stack: Stack) -> None:
    assert json.loads(invoke("formulas")["body"])["version"] == 1


def test_the_sample_of_the_console_gets_its_page() -> None:
    answer = invoke("console")
    assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("activate_points", {"nominated": 0}),
        ("expire_points", {"nominated": 0}),
        ("settle_cards", {"batchItemFailures": []}),
        ("run_campaigns", {"started": 0, "ended": 0, "overdue": 0}),
        ("award_members", {"batchItemFailures": []}),
        ("recalculate_tiers", {"batchItemFailures": []}),
        ("publish_events", {"batchItemFailures": []}),
        ("index_orders", {"batchItemFailures": []}),
        ("authorize", {"isAuthorized": False}),
    ],
)
def test_a_function_without_http_accepts_its_sample(stack: Stack, name: str, answer: Any) -> None:
    # The sample of `publish_events` names this wallet.
    invoke("wallets")
    assert invoke(name) == answer
    assert "Messages" not in stack.sqs.receive_message(QueueUrl=stack.failures_url), "a record was set aside"
