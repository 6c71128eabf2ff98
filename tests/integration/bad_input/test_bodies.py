"""Bodies that are not JSON or have wrong fields: each field of each route is changed in the models' examples."""

import json
from itertools import cycle
from typing import Any

import pytest

from tests.integration.bad_input.sender import Sender, base64_of, require_problem
from tests.support.requests import (
    BODY_OPTIONAL,
    ROUTES,
    WITH_BODY,
    Field,
    body_fields,
    example,
    examples,
    spoiled,
    value_at,
)

CREDITS = "POST /v1/wallets/{walletId}/cards/{customerId}/credits"
IMPORT = "POST /v1/wallets/import"
STRICT = [route for route in WITH_BODY if route != IMPORT]
"""An import reports unmapped fields and does not refuse them."""
FIELDS = [(route, path) for route in WITH_BODY for path in body_fields(route)]
AMOUNTS = [(route, path) for route, path in FIELDS if body_fields(route)[path].name == "amount"]
FREE = [(route, path) for route, path in FIELDS if body_fields(route)[path].is_free]
PATTERNS = [(route, path) for route, path in FREE if body_fields(route)[path].name in ("conditions", "items")]
METADATA = [field for field in FREE if field not in PATTERNS]

WRONG: dict[type, list[Any]] = {
    int: ["1", 1.5, 1.0, True, [], {}, -1, 10**30, -(10**30)],
    str: [1, 1.5, True, [], {}, "x" * 2_000, "\x00"],
    bool: ["true", 1, 0, [], {}],
    dict: ["x", 1, True, [], [{}]],
    list: ["x", 1, True, {}, {"0": {}}],
}
"""Values that a field does not accept, by the type of its example."""


def wrong_values(route: str, field: Field) -> list[Any]:
    wrong = WRONG[type(field.value)]
    if route.endswith("/adjustments") and field.path == "points":
        return [value for value in wrong if value != -1] + [0, 10**12 + 1, -(10**12) - 1]
    if field.path == "payWithPoints.formula":
        wrong = [value for value in wrong if type(value) not in (int, float)]
    return wrong


@pytest.mark.parametrize("route", WITH_BODY)
def test_a_refusal_names_a_field_of_the_wrong_type(sender: Sender, route: str) -> None:
    for path, field in body_fields(route).items():
        for wrong in wrong_values(route, field):
            body = spoiled(field.example, path, wrong)
            sender.refused(route, field=f"body.{path}", code="invalid_request", body=body)


CONTROLS = ("\x00", "\x1b", "\x7f", "\x9f", "\u202a", "\u202e", "\u2066", "\u2069")
LINES = {"description", "pointsDescription", "reason", "formula"}
"""Texts that may have several lines, as the values of metadata may."""


def text_paths(value: Any, path: str) -> list[str]:
    """The paths of all texts in a JSON value."""
    if isinstance(value, dict):
        return [found for name, part in value.items() for found in text_paths(part, f"{path}.{name}".lstrip("."))]
    if isinstance(value, list):
        return [found for index, part in enumerate(value) for found in text_paths(part, f"{path}[{index}]")]
    return [path] if isinstance(value, str) else []


@pytest.mark.parametrize("route", WITH_BODY)
def test_a_refusal_names_every_text_with_a_control_character(sender: Sender, route: str) -> None:
    for valid in examples(route):
        body, paths, controls = valid, text_paths(valid, ""), cycle(CONTROLS)
        for path in paths:
            body = spoiled(body, path, f"a{next(controls)}b")
        if paths:
            answer = sender.refused(route, code="invalid_request", body=body)
            assert answer.fields() == {f"body.{path}": "control_character" for path in paths}


@pytest.mark.parametrize(("route", "path"), FREE)
def test_a_refusal_names_a_control_character_in_any_depth_of_a_free_object(
    sender: Sender, route: str, path: str
) -> None:
    for free, place in (
        ({"a\u202eb": 1}, ""),
        ({"a\nb": 1}, ""),
        ({"a": [{"b\x00": 1}]}, ".a[0]"),
        ({"a": [{"b": "\u2067"}]}, ".a[0].b"),
    ):
        body = spoiled(body_fields(route)[path].example, path, free)
        sender.refused(route, field=f"body.{path}{place}", code="control_character", body=body)


@pytest.mark.parametrize("route", STRICT)
def test_only_descriptions_reasons_and_formulas_have_several_lines(sender: Sender, route: str) -> None:
    names = {path: field.name for path, field in body_fields(route).items() if isinstance(field.value, str)}
    for valid in examples(route):
        body, texts = valid, [path for path in names if value_at(valid, path)]
        for path in texts:
            body = spoiled(body, path, "(1)\n+ 1" if names[path] in LINES else f"{value_at(valid, path)}\n")
        if one_line := {f"body.{path}" for path in texts if names[path] not in LINES}:
            fields = sender.refused(route, code="invalid_request", body=body).fields()
            assert {field for field in fields if field.removeprefix("body.") in texts} == one_line


@pytest.mark.parametrize("route", WITH_BODY)
def test_a_refusal_names_a_required_field_that_is_missing_or_null(sender: Sender, route: str) -> None:
    for path, field in body_fields(route).items():
        if field.required:
            missing, null = (spoiled(field.example, path, change) for change in (..., None))
            sender.refused(route, field=f"body.{path}", code="required", body=missing)
            sender.refused(route, field=f"body.{path}", body=null)


@pytest.mark.parametrize("route", STRICT)
def test_a_refusal_names_an_unknown_field_at_every_level(sender: Sender, route: str) -> None:
    sender.refused(route, field="body.pointz", code="unknown_field", body={**example(route), "pointz": 1})
    for path, field in body_fields(route).items():
        if field.has_fields:
            body = spoiled(field.example, f"{path}.pointz", 1)
            sender.refused(route, field=f"body.{path}.pointz", code="unknown_field", body=body)
    # The API has no snake_case names.
    sender.refused(route, field="body.points_name", body={**example(route), "points_name": "x"})


@pytest.mark.parametrize("route", WITH_BODY)
def test_a_number_with_five_thousand_digits_is_refused(sender: Sender, route: str) -> None:
    for path, field in body_fields(route).items():
        if type(field.value) is int:
            text = json.dumps(spoiled(field.example, path, "HUGE"))
            sender.refused(route, field="body", code="invalid_json", raw=text.replace('"HUGE"', "9" * 5_000))
            sender.refused(route, field="body", code="invalid_json", raw=text.replace('"HUGE"', "1e999"))
            sender.refused(route, field=f"body.{path}", raw=text.replace('"HUGE"', "1e30"))


@pytest.mark.parametrize(("route", "path"), AMOUNTS)
def test_the_problem_of_a_decimal_amount_mentions_minor_units(sender: Sender, route: str, path: str) -> None:
    body = spoiled(body_fields(route)[path].example, path, 12.5)
    answer = sender.refused(route, field=f"body.{path}", code="minor_units", body=body)
    assert "minor units" in answer.body["errors"][0]["message"]


@pytest.mark.parametrize(("route", "path"), METADATA)
def test_metadata_has_two_kilobytes_at_most(sender: Sender, route: str, path: str) -> None:
    large = spoiled(body_fields(route)[path].example, path, {"text": "ü" * 1_024})
    sender.refused(route, field=f"body.{path}", code="metadata_too_large", body=large)


@pytest.mark.parametrize(("route", "path"), PATTERNS)
def test_a_refusal_names_the_place_of_an_invalid_pattern(sender: Sender, route: str, path: str) -> None:
    for pattern, place in (
        ({"order": {"amount": []}}, ".order.amount"),
        ({"order": {"amount": 1}}, ".order.amount"),
        ({"name": [{"regex": "a"}]}, ".name[0].regex"),
        ({"text": ["ü" * 2_100]}, ""),
    ):
        body = spoiled(body_fields(route)[path].example, path, pattern)
        sender.refused(route, field=f"body.{path}{place}", code="invalid_pattern", body=body)


@pytest.mark.parametrize("route", [route for route in WITH_BODY if "order.items" in body_fields(route)])
def test_an_order_has_a_thousand_items_and_eight_kilobytes_at_most(sender: Sender, route: str) -> None:
    body = body_fields(route)["order.items"].example
    line = {"productId": "p", "quantity": 1, "amount": 1}
    sender.refused(route, field="body.order.items", body=spoiled(body, "order.items", [line] * 1_001))
    long = [{**line, "productId": f"{'p' * 120}{number}"} for number in range(80)]
    sender.refused(route, field="body.order.items", code="order_too_large", body=spoiled(body, "order.items", long))


@pytest.mark.parametrize("route", STRICT)
def test_thousands_of_wrong_fields_have_a_short_answer(sender: Sender, route: str) -> None:
    sender.refused(route, body={**example(route), **{f"f{number}": 1 for number in range(5_000)}})


NO_JSON = {
    "space": " ",
    "half": '{"points": 1',
    "single quotes": "{'points': 1}",
    "two documents": "{}{}",
    "trailing comma": '{"points": 1,}',
    "byte order mark": "\ufeff{}",
    "NaN": '{"points": NaN}',
    "infinity": '{"points": -Infinity}',
    "huge float": '{"points": 1e999}',
    "control character": '{"name": "a\nb"}',
    "lone surrogate in a value": '{"name": "\\ud800"}',
    "lone surrogate in a name": '{"\\udfff": 1}',
    "lone surrogate in the text": '{"name": "\ud800"}',
    "a name twice": '{"points": 1, "points": 2}',
    "deep arrays": "[" * 5_000 + "]" * 5_000,
    "deep objects": '{"metadata":' * 5_000 + "1" + "}" * 5_000,
    "deep metadata": f'{{"metadata": {"[" * 21}{"]" * 21}}}',
    "quite deep metadata": f'{{"metadata": {"[" * 900}{"]" * 900}}}',
}


@pytest.mark.parametrize("route", WITH_BODY)
def test_a_body_that_is_not_an_object_is_refused(sender: Sender, route: str) -> None:
    valid = json.dumps(example(route))
    without = () if route in BODY_OPTIONAL else ("null", "")
    for raw in ("[]", "[{}]", f"[{valid}]", json.dumps(valid), "5", '"x"', "true", *without):
        sender.refused(route, field="body", code="invalid_request", raw=raw)


@pytest.mark.parametrize("route", ROUTES)
def test_a_body_that_is_not_json_is_refused(sender: Sender, route: str) -> None:
    for raw in NO_JSON.values():
        sender.refused(route, field="body", code="invalid_json", raw=raw)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ('{"points":\n}', "The JSON has an error at line 2, column 1."),
        ('{"points": 1, "points": 2}', "An object has a field twice."),
        ('{"points": NaN}', "NaN is not a number in JSON."),
        ('{"points": 1e999}', "A number is too large."),
        (f'{{"points": {"9" * 5_000}}}', "A number is too large."),
        ('{"pointsDescription": "\\ud800"}', "A text has half of a surrogate pair."),
        (f'{{"metadata": {"[" * 21}{"]" * 21}}}', "The body is nested deeper than 20 levels."),
    ],
)
def test_the_refusal_of_a_body_that_is_not_json_describes_the_error(sender: Sender, raw: str, message: str) -> None:
    answer = sender.refused(CREDITS, raw=raw)
    assert (answer.body["detail"], answer.body["errors"][0]["message"]) == (message, message)


def test_the_message_about_a_missing_part_names_what_is_missing(sender: Sender) -> None:
    body = sender.refused(CREDITS, field="body", raw="").body
    orders = sender.stack.http("GET", "/v1/customers/ann/orders").body
    assert [answer["errors"][0]["message"] for answer in (body, orders)] == [
        "Send a JSON object.",
        "Send this query parameter.",
    ]


@pytest.mark.parametrize("route", ROUTES)
def test_a_body_of_more_than_64_kilobytes_is_refused(sender: Sender, route: str) -> None:
    large = json.dumps({"metadata": {"text": "ü" * 35_000}}, ensure_ascii=False)
    assert sender.refused(route, code="body_too_large", raw=large).status == 413


@pytest.mark.parametrize("route", ROUTES)
def test_invalid_base64_is_refused(sender: Sender, route: str) -> None:
    for text in ("A", "!", "====", base64_of(b"\xff\xfe"), base64_of(b"{")):
        require_problem(sender.send_base64(route, text), route, "body", "invalid_json")
    large = base64_of(b'"' + b"x" * 70_000 + b'"')
    require_problem(sender.send_base64(route, large), route, None, "body_too_large")


def test_a_body_in_base64_is_validated_like_any_other(sender: Sender) -> None:
    route = "POST /v1/wallets/{walletId}/cards/{customerId}/credits"
    answer = sender.send_base64(route, base64_of(json.dumps({"points": -1}).encode()))
    require_problem(answer, route, "body.points", "invalid_request")
