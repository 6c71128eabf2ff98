"""The step payWithPoints: formulas, and the expressions that a wallet copies."""

from typing import Any

import pytest

from tests.support.stack import Answer, Stack

RATE = 'EXPRESSION("base.rate") * 2'


def express(stack: Stack, formula: str, name: str = "base.rate") -> None:
    assert stack.http("PUT", f"/v1/expressions/{name}", {"formula": formula}).status == 200


def create(stack: Stack, formula: Any, **body: Any) -> Answer:
    setting = {"type": "EXCHANGE_RATIO", "formula": formula}
    return stack.http("POST", "/v1/wallets", {"name": "Shop", "payWithPoints": setting, **body})


def change(stack: Stack, wallet: Any, **body: Any) -> Any:
    etag = {"If-Match": f'"{wallet["version"]}"'}
    answer = stack.http("PATCH", f"/v1/wallets/{wallet['walletId']}", body, headers=etag)
    assert answer.status == 200, answer.text
    return answer.body


def ratio(stack: Stack, wallet: Any) -> str:
    stack.credit(wallet["walletId"], 100)
    return str(stack.pay(wallet["walletId"], 10, dryRun=True).body["exchangeRatio"])


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (111, "111"),
        (0.05, "0.05"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (2.0, "2"),
        (123456789012.345, "123456789012.345"),
        ("0.1234567890123456", "0.1234567890123456"),
        (" 1 + 1 ", " 1 + 1 "),
    ],
)
def test_a_formula_is_stored_as_text_exactly_as_it_was_sent(stack: Stack, sent: Any, kept: str) -> None:
    wallet = create(stack, sent).body
    assert wallet["payWithPoints"] == {"type": "EXCHANGE_RATIO", "formula": kept, "amountUnit": 1}
    assert stack.http("GET", f"/v1/wallets/{wallet['walletId']}").body == wallet


def test_a_number_that_would_be_rounded_must_be_sent_as_text(stack: Stack) -> None:
    answer = create(stack, 0.1234567890123456)
    assert (answer.status, answer.fields()) == (400, {"body.payWithPoints.formula": "formula_number"})
    assert "as text" in answer.body["errors"][0]["message"]


@pytest.mark.parametrize(
    ("formula", "code"),
    [
        (None, "required"),
        ("2 **", "invalid_formula"),
        (RATE, "unknown_expression"),
        (10**30, "invalid_formula"),
        (0, "not_positive"),
        (-1, "not_positive"),
        ("1 / 3 - 0.5", "not_positive"),
        ("IF(1 > 2, ORDER_AMOUNT(), 0)", "not_positive"),
        ("1 / 0", "not_positive"),
        ("1 / 100000000000000000 / 100", "not_positive"),
    ],
)
def test_a_formula_that_cannot_be_computed_needs_action(stack: Stack, formula: Any, code: str) -> None:
    refused = create(stack, formula)
    assert (refused.status, refused.fields()) == (422, {"payWithPoints.formula": code})
    draft = create(stack, formula, status="DRAFT").body
    (action,) = draft["actionRequired"]
    assert (action["step"], action["field"], action["code"]) == ("payWithPoints", "payWithPoints.formula", code)
    activated = stack.http("POST", f"/v1/wallets/{draft['walletId']}/activate")
    assert activated.code == "action_required"
    validated = stack.http("POST", "/v1/wallets/validate", {"name": "X", "payWithPoints": draft["payWithPoints"]})
    assert validated.body["actionRequired"] == draft["actionRequired"]


def test_a_syntax_error_of_a_formula_has_its_position(stack: Stack) -> None:
    (problem,) = create(stack, "2 ** 3").body["errors"]
    assert problem["message"] == "At character 4: Expected a number, a function or (, found *."


def test_a_wallet_keeps_its_copied_expression_until_the_setting_is_saved_again(stack: Stack) -> None:
    express(stack, "0.5")
    wallet = create(stack, RATE).body
    assert wallet["expressions"] == [{"name": "base.rate", "formula": "0.5", "version": 1}]
    express(stack, "3")
    assert ratio(stack, wallet) == "1"

    renamed = change(stack, wallet, description="Changed")
    assert (renamed["expressions"], ratio(stack, renamed)) == (wallet["expressions"], "1")

    saved = change(stack, renamed, payWithPoints=wallet["payWithPoints"])
    assert saved["expressions"] == [{"name": "base.rate", "formula": "3", "version": 2}]
    assert ratio(stack, saved) == "6"
    versions = stack.http("GET", f"/v1/wallets/{wallet['walletId']}/versions").body["data"]
    assert [version["expressions"][0]["version"] for version in versions] == [2, 1, 1]


def test_a_copy_has_the_expressions_of_the_copied_wallet(stack: Stack) -> None:
    express(stack, "0.5")
    wallet = create(stack, RATE).body
    express(stack, "3")
    copied = stack.http("POST", f"/v1/wallets/{wallet['walletId']}/copy", {"name": "Copy"}).body
    assert copied["expressions"] == wallet["expressions"]


def test_a_draft_with_an_unknown_expression_can_be_activated_once_the_expression_exists(stack: Stack) -> None:
    draft = create(stack, RATE, status="DRAFT").body
    assert draft["actionRequired"][0]["code"] == "unknown_expression"
    express(stack, "0.5")
    path = f"/v1/wallets/{draft['walletId']}"
    assert stack.http("GET", path).body["actionRequired"] == []
    listed = stack.http("GET", "/v1/wallets").body["data"]
    assert [one["actionRequired"] for one in listed] == [[]]
    active = stack.http("POST", f"{path}/activate").body
    assert (active["status"], active["expressions"][0]["formula"]) == ("ACTIVE", "0.5")


def test_an_expression_that_the_formula_no_longer_uses_is_removed_from_the_wallet(stack: Stack) -> None:
    express(stack, "0.5")
    wallet = create(stack, RATE).body
    changed = change(stack, wallet, payWithPoints={"type": "EXCHANGE_RATIO", "formula": "1"})
    assert changed["expressions"] == []
    assert change(stack, changed, payWithPoints=None)["payWithPoints"] == {"type": "NO_PAYMENTS", "amountUnit": 1}


def test_a_preview_and_an_import_use_the_saved_expressions(stack: Stack) -> None:
    express(stack, "0.5")
    wallet = stack.wallet()
    setting = {"type": "EXCHANGE_RATIO", "formula": RATE}
    preview = stack.http("POST", f"/v1/wallets/{wallet}/preview", {"payWithPoints": setting}).body
    assert (preview["valid"], preview["actionRequired"]) == (True, [])
    assert [effect["setting"] for effect in preview["granted"]] == ["payWithPoints"]
    definition = {
        "name": "Imported",
        "pay_with_points": {"type": "EXCHANGE_RATIO", "exchange_ratio": {"formula": RATE}},
    }
    query = {"format": "voucherify", "dryRun": "true"}
    imported = stack.http("POST", "/v1/wallets/import", definition, query=query).body
    assert (imported["actionRequired"], imported["settings"]["payWithPoints"]) == ([], {**setting, "amountUnit": 1})


def test_an_answer_has_the_unit_of_the_formula_and_a_request_may_only_repeat_it(stack: Stack) -> None:
    wallet = stack.wallet(payWithPoints={"type": "EXCHANGE_RATIO", "formula": "0.3"})
    path = f"/v1/wallets/{wallet}"
    answered = stack.http("GET", path).body["payWithPoints"]
    assert answered == {"type": "EXCHANGE_RATIO", "formula": "0.3", "amountUnit": 1}
    same = stack.http("PATCH", path, {"payWithPoints": answered}, headers={"If-Match": '"1"'})
    assert (same.status, same.body["payWithPoints"]) == (200, answered)
    other = stack.http("PATCH", path, {"payWithPoints": {**answered, "amountUnit": 100}}, headers={"If-Match": '"2"'})
    assert (other.status, list(other.fields())) == (400, ["body.payWithPoints.amountUnit"])
