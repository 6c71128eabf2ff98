"""The wallet builder: forecasts, the schema of the form, previews of changes, imports."""

import re
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from loyalty.api.wallets.builder_schema import every_setting
from loyalty.api.wallets.guide import STEP_OF, STEPS, RuleInWords, rules_in_words
from loyalty.domain.forecast import forecast_examples
from loyalty.domain.schema import Property, PropertyType
from loyalty.domain.wallets.activation_rules import NOT_USED, RULES, USED_WHEN, ProjectReferences, activation_problems
from loyalty.domain.wallets.document import settings_from, settings_json
from loyalty.domain.wallets.settings import Settings
from tests.support.samples import BERLIN, NOW
from tests.support.stack import Answer, Stack
from tests.unit.test_voucherify import AIRLINE, CAFE

WITH_DATES = [
    path
    for path, conditions in USED_WHEN.items()
    if conditions[0].path.endswith(".type") and not path.startswith("refunds.") and not path.endswith(".whenExceeded")
]
"""Settings that the forecast or the activation rules read only with some types of their group."""
ROLLING = {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "MONTH", "rounding": "END_OF_QUARTER"}
PENDING = {"type": "PERIOD_BASED", "every": 14, "unit": "DAY"}
BY_EVENT = {"type": "EVENT_BASED", "events": ["order.delivered"], "cancelAfter": {"every": 30, "unit": "DAY"}}


def validate(stack: Stack, **settings: Any) -> Any:
    answer = stack.http("POST", "/v1/wallets/validate", {"name": "Points", **settings})
    assert answer.status == 200, answer.text
    return answer.body


def preview(stack: Stack, wallet: str, **patch: Any) -> Answer:
    return stack.http("POST", f"/v1/wallets/{wallet}/preview", patch)


def import_(stack: Stack, definition: Any, *, key: str | None = None, **query: Any) -> Answer:
    return stack.http("POST", "/v1/wallets/import", definition, key=key, query={"format": "voucherify", **query})


def example(body: Any, event: str) -> Any:
    return next(example for example in body["examples"] if example["event"] == event)


# Examples


def test_a_validation_answers_a_forecast_with_dates(clock: time_machine.Traveller, stack: Stack) -> None:
    body = validate(stack, expiration=ROLLING, pending=PENDING)
    assert body["timeZone"] == "Europe/Berlin"
    assert body["examples"] == [
        {
            "event": "GRANTED",
            "rule": "earningLimits",
            "points": 100,
            "at": "2027-03-01T12:00:00Z",
            "day": "2027-03-01",
            "condition": None,
            "text": "100 points are granted.",
        },
        {
            "event": "ACTIVATES",
            "rule": "pending",
            "points": 100,
            "at": "2027-03-14T23:00:00Z",
            "day": "2027-03-15",
            "condition": None,
            "text": "The points become usable on 15 March 2027.",
        },
        {
            "event": "EXPIRES",
            "rule": "expiration",
            "points": 100,
            "at": "2027-06-30T22:00:00Z",
            "day": "2027-06-30",
            "condition": None,
            "text": "The points are usable until the end of 30 June 2027, then they expire.",
        },
    ]
    assert stack.items() == []


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"expiration": ROLLING, "pending": PENDING},
        {"expiration": {"type": "CALENDAR_EXPIRATION", "dates": [{"month": 2, "day": 29}]}},
        {"expiration": {"type": "ROLLING_EXPIRATION", "every": 90, "unit": "MINUTE"}},
        {"expiration": {"type": "SLIDING_EXPIRATION", "every": 90, "unit": "DAY", "resetBy": ["EARNING"]}},
        {"pending": {"type": "FIXED_DATES", "dates": [{"month": 3, "day": 1}]}},
        {"pending": BY_EVENT},
        {"earningLimits": {"global": {"type": "TIME_BASED", "unit": "WEEK", "max": 40}}},
        {"earningLimits": {"transaction": {"maxPoints": 70}}, "expiration": ROLLING},
    ],
)
def test_a_credit_has_the_dates_and_points_of_the_forecast(
    clock: time_machine.Traveller, stack: Stack, settings: dict[str, Any]
) -> None:
    stack.http("PUT", "/v1/event-definitions/order.delivered", {})
    body = validate(stack, **settings)
    wallet = stack.wallet(**settings)
    credit = stack.credit(wallet, 100).body["transaction"]
    (lot,) = stack.card(wallet)["lots"]

    assert example(body, "GRANTED")["points"] == credit["points"] == lot["points"]
    if lot["state"] == "PENDING":
        assert example(body, "ACTIVATES")["at"] == lot["activatesAt"]
    else:
        assert example(body, "ACTIVATES")["at"] == "2027-03-01T12:00:00Z"
    if settings.get("pending") != BY_EVENT:
        expires = [one["at"] for one in body["examples"] if one["event"] == "EXPIRES"]
        assert expires == ([lot["expiresAt"]] if lot["expiresAt"] else [])


def test_the_forecast_uses_the_time_zone_that_the_first_active_wallet_fixed(
    clock: time_machine.Traveller, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOYALTY_TIME_ZONE", "Asia/Tokyo")
    stack.wallet()
    monkeypatch.setenv("LOYALTY_TIME_ZONE", "Europe/Berlin")
    body = validate(stack, pending=PENDING)
    assert body["timeZone"] == "Asia/Tokyo"
    assert example(body, "ACTIVATES")["at"] == "2027-03-14T15:00:00Z"


def test_settings_that_need_action_have_a_forecast_of_the_other_steps(stack: Stack) -> None:
    body = validate(stack, expiration={"type": "ROLLING_EXPIRATION", "unit": "YEAR"}, pending=PENDING)
    assert body["valid"] is False
    assert [one["event"] for one in body["examples"]] == ["GRANTED", "ACTIVATES", "UNKNOWN"]
    assert body["examples"][2]["text"] == "No forecast: expiration needs action."


# The schema of the form


def schema(stack: Stack) -> Any:
    answer = stack.http("GET", "/v1/wallet-settings/schema")
    assert answer.status == 200, answer.text
    return answer.body


def flat(fields: Any) -> Iterator[Any]:
    for field in fields or []:
        yield field
        yield from flat(field["fields"])


def test_the_schema_has_the_steps_of_the_builder_in_order(stack: Stack) -> None:
    steps = {step["step"]: step for step in schema(stack)["steps"]}
    assert list(steps) == list(STEPS)
    assert steps["general"]["fields"][0]["path"] == "name"
    assert [field["path"] for field in steps["summary"]["fields"]] == ["status"]


def test_the_schema_has_maxima_charsets_and_enum_values(stack: Stack) -> None:
    body = schema(stack)
    fields = {field["path"]: field for step in body["steps"] for field in flat(step["fields"])}
    assert body["everyMax"]["MINUTE"] == fields["pending.every"]["maximumByUnit"]["MINUTE"] == 525_600
    assert {charset["name"] for charset in body["charsets"]} >= {"NUMERIC", "UNAMBIGUOUS"}
    assert fields["pending.type"]["enum"] == ["IMMEDIATE", "PERIOD_BASED", "FIXED_DATES", "EVENT_BASED"]
    assert (fields["expiration.dates"]["maxItems"], fields["pending.events"]["maxItems"]) == (20, 20)
    assert fields["expiration.dates[].day"]["maximum"] == 31
    assert fields["expiration.resetBy"]["items"]["enum"] == ["EARNING", "SPENDING", "CUSTOM_EVENT"]
    assert fields["earningLimits.global.whenExceeded"]["default"] == "CAP"
    assert fields["spendingLimits.global.whenExceeded"]["default"] == "REJECT"
    assert fields["expiration.month"]["usedWhen"] == [
        {"path": "expiration.type", "values": ["ROLLING_EXPIRATION"]},
        {"path": "expiration.rounding", "values": ["END_OF_PARTICULAR_MONTH"]},
    ]
    assert fields["spendingLimits.transaction.whenExceeded"]["usedWhen"] == [
        {"path": "spendingLimits.transaction.maxPoints", "values": None}
    ]
    assert fields["code.length"]["usedWhen"] == [{"path": "code.pattern", "values": [None]}]
    assert fields["name"]["usedWhen"] == []


def test_the_conditions_of_the_schema_name_its_settings_and_their_values() -> None:
    fields = {field.path: field for field in every_setting()}
    assert set(USED_WHEN) <= set(fields)
    for condition in (one for field in fields.values() for one in field.used_when):
        other = fields[condition.path]
        listed = other.enum or (other.items and other.items.enum) or ([True, False] if other.type == "boolean" else [])
        assert other.nullable or condition.values is not None
        assert set(condition.values or []) <= {*listed, None}, condition


def test_the_defaults_of_the_schema_are_the_defaults_of_a_new_wallet(stack: Stack) -> None:
    def at(document: Any, path: str) -> Any:
        for name in path.split("."):
            document = None if document is None else document[name]
        return document

    wallet = settings_json(settings_from({"name": "Points"}))
    for field in every_setting():
        if field.type != "object" and "[]" not in field.path and field.path not in ("name", *STEP_OF):
            assert field.default == at(wallet, field.path), field.path


def test_numbers_outside_the_bounds_of_the_schema_are_refused_and_numbers_inside_accepted(stack: Stack) -> None:
    def document(path: str, value: int) -> dict[str, Any]:
        types = {"expiration": {"type": "NO_EXPIRATION"}, "pending": {"type": "IMMEDIATE"}}
        *groups, name = path.replace("[]", "").split(".")
        body: dict[str, Any] = {"name": "Points"}
        place = body
        for group in groups:
            place = place.setdefault(group, types.get(group, {}))
            if group == "cancelAfter":
                place |= {"every": 1, "unit": "DAY"}
            if group in ("expiring", "activating"):
                period = {"every": 1, "unit": "YEAR" if value <= 1 else "MINUTE", name: value}
                return {**body, "notices": {group: [period]}}
            if group == "dates":
                # A list with one date.
                date = {"month": 1, "day": 1, name: value}
                return {**body, groups[0]: {**body[groups[0]], "dates": [date]}}
        place[name] = value
        return body

    for field in every_setting():
        if field.type == "integer":
            assert field.minimum is not None
            assert field.maximum is not None
            for value, status in (
                (field.minimum, 200),
                (field.maximum, 200),
                (field.minimum - 1, 400),
                (field.maximum + 1, 400),
            ):
                answer = stack.http("POST", "/v1/wallets/validate", document(field.path, value))
                assert answer.status == status, (field.path, value, answer.text)


def test_every_field_has_a_description_and_no_other() -> None:
    fields = {field.path: field for field in every_setting()}
    # The month and the day of a date need no description.
    assert [path for path, field in fields.items() if not field.description and "[]" not in path] == []


def test_every_field_has_titles_and_examples_for_a_form() -> None:
    fields = {field.path: field for field in every_setting()}
    titles = {path: field.title for path, field in fields.items()}
    assert (titles["pointsName"], titles["expiration.resetBy"]) == ("Points name", "Reset by")
    assert titles["notices.expiring"] == "Notices before an expiry"
    rounding = fields["expiration.rounding"]
    assert list(rounding.enum_titles or {}) == rounding.enum
    assert (rounding.enum_titles or {})["END_OF_MONTH"] == "End of month"
    without = {path for path, field in fields.items() if field.type != "object" and not field.examples}
    assert without == {"status"}
    assert fields["notices.expiring[].every"].examples == [30]


@pytest.mark.parametrize("rule", rules_in_words(), ids=lambda rule: f"{rule.field} {rule.code}")
def test_an_activation_rule_finds_its_example_of_a_violation(stack: Stack, rule: RuleInWords) -> None:
    season = Property("season", PropertyType.STRING, required=rule.step == "metadata")
    project = ProjectReferences(events=() if rule.code == "unknown_event" else None, schema=(season,))
    problems = activation_problems(settings_from({"name": "Points", **rule.example}), project)
    assert (rule.step, rule.field, rule.code) in [(found.step, found.field, found.code) for found in problems]
    # Each value is well formed.
    assert stack.http("POST", "/v1/wallets/validate", {"name": "Points", **rule.example}).status == 200


def test_the_schema_has_every_activation_rule_in_order(stack: Stack) -> None:
    listed = [
        (re.sub(r"\[\d+\]", "[]", rule["field"]), rule["code"])
        for step in schema(stack)["steps"]
        for rule in step["activationRules"]
    ]
    in_code = [(rule.field, rule.code) for rule in RULES]
    in_code.sort(key=lambda rule: list(STEPS).index(next(one.step for one in RULES if one.field == rule[0])))
    assert listed == [*in_code, ("metadata.season", "required"), ("metadata.season", "property_type")]


@pytest.mark.parametrize("path", WITH_DATES)
def test_a_field_has_an_effect_exactly_with_the_types_of_the_schema(path: str) -> None:
    """If all fields of a group are set, the removal of this field has an effect with exactly these types."""
    group, _, name = path.rpartition(".")
    groups: dict[str, dict[str, Any]] = {
        "expiration": {"every": 2, "unit": "YEAR", "rounding": "END_OF_PARTICULAR_MONTH", "month": 5}
        | {"dates": [{"month": 5, "day": 31}], "resetBy": ["CUSTOM_EVENT"], "events": ["app.opened"]},
        "pending": {"every": 2, "unit": "DAY", "dates": [{"month": 5, "day": 31}], "events": ["order.delivered"]}
        | {"cancelAfter": {"every": 3, "unit": "DAY"}},
        "earningLimits.global": {"unit": "DAY", "max": 5},
        "spendingLimits.global": {"unit": "DAY", "max": 5},
        "payWithPoints": {"formula": "2"},
    }
    full = groups[group]
    types = next(field.enum for field in every_setting() if field.path == f"{group}.type")
    assert types is not None
    with_effect = [
        type_
        for type_ in types
        if meaning(group, {**full, "type": type_}) != meaning(group, without(full, name, type_))
    ]
    assert with_effect == list(USED_WHEN[path][0].values or ())


def without(full: dict[str, Any], name: str, type_: str) -> dict[str, Any]:
    return {**{other: value for other, value in full.items() if other != name}, "type": type_}


def meaning(group: str, settings: dict[str, Any]) -> Any:
    head, _, below = group.partition(".")
    whole = settings_from({"name": "Points", head: {below: settings} if below else settings})
    problems = [problem for problem in activation_problems(whole) if problem.code != NOT_USED]
    return forecast_examples(whole, NOW, BERLIN), problems


def test_a_field_whose_conditions_are_not_met_is_refused_or_ignored() -> None:
    refused = {rule.field for rule in RULES if rule.code in (NOT_USED, "needs_negative_balance")}
    assert set(USED_WHEN) - refused == {"code.length"}
    codes = [settings_from({"name": "Points", "code": {"pattern": "#-####-###", "length": n}}).code for n in (5, 40)]
    assert len({code.possible_codes for code in codes}) == 1
    assert {len(code.random_code(secrets.choice)) for code in codes} == {10}


# Previews of a change


def test_a_preview_answers_the_forecast_before_and_after_and_writes_nothing(
    clock: time_machine.Traveller, stack: Stack
) -> None:
    stack.http("PUT", "/v1/event-definitions/order.delivered", {})
    wallet = stack.wallet(expiration=ROLLING)
    stack.credit(wallet, 100)
    before = stack.items()

    answer = preview(stack, wallet, expiration={"type": "NO_EXPIRATION"}, pending=BY_EVENT)

    assert answer.status == 200, answer.text
    body = answer.body
    assert (body["valid"], body["actionRequired"], body["timeZone"]) == (True, [], "Europe/Berlin")
    assert [one["event"] for one in body["before"]] == ["GRANTED", "ACTIVATES", "EXPIRES"]
    assert [one["event"] for one in body["after"]] == ["GRANTED", "ACTIVATES", "CANCELED", "NEVER_EXPIRES"]
    assert body["granted"][0] == {
        "setting": "expiration",
        "reach": "KEPT",
        "text": "Points already granted keep their expiry.",
    }
    assert {effect["setting"] for effect in body["granted"]} == {"expiration", "pending"}
    assert stack.items() == before


def test_a_preview_reports_the_same_required_action_as_the_change(stack: Stack) -> None:
    wallet = stack.wallet()
    patch = {"pending": {"type": "PERIOD_BASED", "unit": "DAY"}}
    previewed = preview(stack, wallet, **patch).body
    assert previewed["valid"] is False
    assert [need["field"] for need in previewed["actionRequired"]] == ["pending.every"]
    refused = stack.http("PATCH", f"/v1/wallets/{wallet}", patch, headers={"If-Match": '"1"'})
    assert [need["field"] for need in refused.body["errors"]] == ["pending.every"]


def test_a_preview_of_a_draft_is_valid_even_if_it_needs_action(stack: Stack) -> None:
    draft = stack.wallet(status="DRAFT")
    previewed = preview(stack, draft, pending={"type": "FIXED_DATES"}).body
    assert previewed["valid"] is True
    assert [need["code"] for need in previewed["actionRequired"]] == ["required"]


def test_a_preview_reports_a_setting_that_is_fixed_since_the_first_card(stack: Stack) -> None:
    wallet = stack.wallet()
    assert preview(stack, wallet, pointsDecimals=2).body["valid"] is True
    stack.credit(wallet, 1)
    previewed = preview(stack, wallet, pointsDecimals=2).body
    assert previewed["valid"] is False
    assert [effect["reach"] for effect in previewed["granted"]] == ["REFUSED"]


def test_a_preview_of_null_shows_the_default_and_an_empty_one_no_effects(stack: Stack) -> None:
    wallet = stack.wallet(expiration=ROLLING)
    assert [one["event"] for one in preview(stack, wallet, expiration=None).body["after"]][-1] == "NEVER_EXPIRES"
    same = preview(stack, wallet).body
    assert same["before"] == same["after"]
    assert same["granted"] == []


def test_a_deleted_or_unknown_wallet_has_no_preview(stack: Stack) -> None:
    draft = stack.wallet(status="DRAFT")
    stack.http("DELETE", f"/v1/wallets/{draft}")
    assert preview(stack, draft).code == "wallet_deleted"
    assert preview(stack, "wal_x").code == "wallet_not_found"


# Imports


def test_an_import_creates_a_draft_and_reports_its_mapped_fields(stack: Stack) -> None:
    answer = import_(stack, AIRLINE)

    assert answer.status == 201, answer.text
    wallet = answer.body["wallet"]
    assert answer.headers["Location"] == f"/v1/wallets/{wallet['walletId']}"
    assert answer.headers["ETag"] == '"1"'
    assert (wallet["status"], wallet["name"]) == ("DRAFT", "Miles")
    assert wallet["pending"]["events"] == ["flight.taken"]
    assert {"from": "name", "to": "name", "value": "Miles"} in answer.body["mapped"]
    assert {"from": "metadata", "to": "metadata", "value": {"region": "EU"}} in answer.body["mapped"]
    assert wallet["metadata"] == {"region": "EU"}
    assert stack.http("GET", f"/v1/wallets/{wallet['walletId']}").body == wallet


def test_a_dry_run_of_an_import_has_the_same_answer_and_creates_nothing(stack: Stack) -> None:
    answer = import_(stack, CAFE, dryRun="true")
    assert answer.status == 200, answer.text
    assert answer.body["wallet"] is None
    assert answer.body["actionRequired"] == answer.body["unmapped"] == []
    assert stack.items() == []

    made = import_(stack, CAFE)
    assert {**made.body, "wallet": None} == answer.body
    # POST /v1/wallets accepts the answered settings.
    assert stack.http("POST", "/v1/wallets", {**answer.body["settings"], "name": "Another"}).status == 201


def test_an_import_may_be_active_at_once_if_no_field_needs_action(stack: Stack) -> None:
    active = import_(stack, CAFE, status="ACTIVE")
    assert (active.status, active.body["wallet"]["status"]) == (201, "ACTIVE")
    assert stack.credit(active.body["wallet"]["walletId"], 10).status == 201

    incomplete = {"name": "Other", "points_expiration": {"type": "CALENDAR_EXPIRATION"}}
    refused = import_(stack, incomplete, status="ACTIVE")
    assert (refused.status, refused.code) == (422, "action_required")
    assert import_(stack, incomplete).body["actionRequired"][0]["field"] == "expiration.dates"


def test_an_import_with_a_taken_name_is_refused_also_in_a_dry_run(stack: Stack) -> None:
    wallet = import_(stack, CAFE).body["wallet"]["walletId"]
    real, dry = import_(stack, CAFE), import_(stack, CAFE, dryRun="true")
    assert (real.status, real.code, real.fields()) == (409, "wallet_name_taken", {"body.name": "taken"})
    assert (dry.status, dry.code, dry.fields()) == (real.status, real.code, real.fields())
    # The name of a deleted wallet can be used again.
    assert stack.http("DELETE", f"/v1/wallets/{wallet}").status == 204
    assert import_(stack, CAFE, dryRun="true").status == 200


def test_a_repeated_import_creates_one_wallet(stack: Stack) -> None:
    first = import_(stack, CAFE, key="import-one")
    again = import_(stack, CAFE, key="import-one")
    assert again.body == first.body
    assert (again.status, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert import_(stack, AIRLINE, key="import-one").code == "key_reused"
    assert import_(stack, CAFE, key="import-one", status="ACTIVE").code == "key_reused"


def test_an_unknown_format_and_a_definition_without_a_name_are_refused(stack: Stack) -> None:
    assert stack.http("POST", "/v1/wallets/import", CAFE).fields() == {"query.format": "required"}
    assert import_(stack, CAFE, format="clevertap").status == 400
    nameless = import_(stack, {"type": "INDIVIDUAL"})
    assert (nameless.status, nameless.fields()) == (400, {"body.name": "required"})
    assert stack.items() == []


def test_settings_have_a_default_for_every_field_except_the_name() -> None:
    assert Settings(name="Points") == settings_from({"name": "Points"})
