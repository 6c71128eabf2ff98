"""docs/guides/wallet-settings.md agrees with the code: settings, values, defaults, rules. Its examples are run."""

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from loyalty.api.wallets.builder_schema import Setting, every_setting
from loyalty.api.wallets.guide import STEPS, rules_in_words
from loyalty.api.wallets.voucherify import mapping_of
from loyalty.api.wallets.wallets import WalletCreateRequest
from loyalty.domain.dates import EVERY_MAX, instant
from loyalty.domain.forecast import Example, ForecastEvent, forecast_examples
from loyalty.domain.formulas.tree import Inputs
from loyalty.domain.movements.payment import PaymentLimit, pay_order, payment_formula
from loyalty.domain.wallets.activation_rules import activation_problems
from loyalty.domain.wallets.codes import CHARSETS, POSSIBLE_CODES_MIN
from loyalty.domain.wallets.document import settings_from
from loyalty.domain.zones import zone_of
from tests.support.samples import NOW, card, lot, wallet
from tests.support.template import ROOT
from tests.unit.test_voucherify import AIRLINE, CAFE, with_

TEXT = (ROOT / "docs" / "guides" / "wallet-settings.md").read_text()
BLOCKS = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
DATED = [block for block in BLOCKS if "earned" in block]
SETTINGS = {field.path: field for field in every_setting()}
GROUPS = {path for path, field in SETTINGS.items() if field.type == "object" and not field.nullable}


def rows(heading: str) -> Iterator[list[str]]:
    """The cells of every table with this heading, without the rule below it."""
    lines = TEXT.splitlines()
    for place, line in enumerate(lines):
        if line == heading:
            for row in lines[place + 2 :]:
                if not row.startswith("|"):
                    break
                yield [cell.strip() for cell in row.strip("|").split("|")]


def named(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


DOCUMENTED = {named(row[0])[0]: row for row in rows("| setting | values | default | |")}


def test_every_setting_is_documented_and_no_other() -> None:
    assert set(DOCUMENTED) == set(SETTINGS) - GROUPS


@pytest.mark.parametrize("path", sorted(set(SETTINGS) - GROUPS))
def test_a_setting_has_its_documented_values_default_and_types(path: str) -> None:
    field = SETTINGS[path]
    _, values, default, text = DOCUMENTED[path]
    assert set(field.enum or (field.items and field.items.enum) or []) <= set(named(values)), values
    # The number of values of a closed list is not documented.
    most = None if field.items and field.items.enum else field.max_items
    for bound in (field.minimum, field.maximum, field.max_length, most):
        if bound is not None:
            assert re.search(rf"\b{bound:,}\b", values), (values, bound)
    assert default == default_of(field)
    assert re.findall(r"With (.*)\.", text) == ([conditions_of(field)] if field.used_when else [])
    if field.maximum_by_unit:
        assert "by unit" in values


def conditions_of(field: Setting) -> str:
    """The conditions of the setting, in the words of the document."""
    parts = []
    for condition in field.used_when:
        name = condition.path.rpartition(".")[2]
        if condition.values is None or condition.values == [None]:
            parts.append(f"no `{name}`" if condition.values else f"`{name}`")
        else:
            values = ", ".join(f"`{one if isinstance(one, str) else json.dumps(one)}`" for one in condition.values)
            parts.append(values if name == "type" else f"`{name}` {values}")
    return " and ".join(parts)


def default_of(field: Setting) -> str:
    if field.path == "name" or "[]" in field.path or ("cancelAfter." in field.path):
        return "required"
    if field.default is None:
        return "" if field.type == "object" else "none"
    if field.default == "":
        return "empty"
    return f"`{field.default if isinstance(field.default, str) else json.dumps(field.default)}`"


def test_the_steps_are_in_the_documented_order() -> None:
    headings = [heading.replace(" ", "").lower() for heading in re.findall(r"^## (.*)$", TEXT, re.MULTILINE)]
    assert headings[: len(STEPS)] == [step.lower() for step in STEPS]


def test_maximum_values_charsets_and_the_number_of_codes_are_documented() -> None:
    assert {named(unit)[0]: int(most.replace(",", "")) for unit, most in rows("| unit | at most |")} == EVERY_MAX
    assert set(CHARSETS) <= set(named(DOCUMENTED["code.charset"][1]))
    assert f"at least {POSSIBLE_CODES_MIN:,} different codes" in TEXT


def test_every_activation_rule_is_documented_and_no_other() -> None:
    documented = [(named(field)[0], named(code)[0], rule) for field, code, rule in rows("| field | code | |")]
    assert documented == [(rule.field, rule.code, rule.rule) for rule in rules_in_words()]


def test_every_type_has_an_example() -> None:
    shown = json.dumps([block["settings"] for block in BLOCKS])
    for path in ("expiration.type", "pending.type"):
        for type_ in SETTINGS[path].enum or []:
            assert type_ == "IMMEDIATE" or type_ in shown
    for step in ("code", "expiration", "pending", "earningLimits", "spendingLimits", "notices"):
        assert f'"{step}"' in shown


def test_every_block_belongs_to_a_kind_of_example_that_is_run() -> None:
    assert [block for block in BLOCKS if not {"earned", "code", "pays"} & set(block)] == []
    assert len(BLOCKS) >= 12


@pytest.mark.parametrize("block", DATED, ids=lambda block: json.dumps(block["settings"])[:80])
def test_an_example_has_the_documented_dates(block: dict[str, Any]) -> None:
    zone = zone_of(block["zone"])
    settings = settings_from({"name": "Points", **block["settings"]})
    assert activation_problems(settings) == []
    at = instant(datetime.fromisoformat(block["earned"]).replace(tzinfo=zone))
    examples = forecast_examples(settings, at, zone)
    happens = {example.event: example for example in examples}

    def when(example: Example | None) -> str | None:
        if example is None or example.at is None:
            return None
        return datetime.fromtimestamp(example.at, zone).strftime("%Y-%m-%d %H:%M")

    granted = happens.get(ForecastEvent.GRANTED)
    assert (granted.points if granted else 0) == block.get("granted", 100)
    assert (when(happens[ForecastEvent.ACTIVATES]) or "event") == block["usable"]
    assert when(happens.get(ForecastEvent.CANCELED)) == block.get("canceled")
    assert (when(happens.get(ForecastEvent.EXPIRES)) or "never") == block["expires"]
    assert [when(one) for one in examples if one.event is ForecastEvent.NOTICE] == block.get("notices", [])
    assert any(block.get("says", "") in example.text for example in examples)


@pytest.mark.parametrize("block", [block for block in BLOCKS if "pays" in block])
def test_an_example_of_a_payment_pays_the_documented_amount(block: dict[str, Any]) -> None:
    payment = block["pays"]
    form = WalletCreateRequest.model_validate({"name": "Points", **block["settings"]})
    own = replace(wallet(), settings=settings_from(form.document()))
    inputs = Inputs(payment["order"]["amount"], json.dumps(payment["order"]["metadata"]))
    ratio = payment_formula(own).evaluate(inputs)
    _, movement = pay_order(card(lot(payment["balance"])), payment["order"]["amount"], ratio, PaymentLimit(), own, NOW)
    assert movement.payment is not None
    assert (movement.payment.amount, movement.points) == (payment["amount"], payment["points"])


@pytest.mark.parametrize("block", [block for block in BLOCKS if "possibleCodes" in block])
def test_an_example_of_a_code_has_the_documented_form(block: dict[str, Any]) -> None:
    code = settings_from({"name": "Points", **block["settings"]}).code
    assert code.possible_codes == block["possibleCodes"]
    assert re.fullmatch(block["code"], code.random_code(secrets.choice))


def test_the_comparison_of_terms_uses_existing_settings_and_values() -> None:
    values = {value for field in SETTINGS.values() for value in field.enum or []}
    heads = {path.split(".")[0] for path in SETTINGS}
    for here, *_ in rows("| here | Voucherify | CleverTap |"):
        assert set(named(here)) <= {*SETTINGS, *heads, *values}, here


def test_every_imported_field_of_voucherify_is_documented() -> None:
    dates = [{"day": 30, "month": 6}]
    sliding = dict.fromkeys(("earning_activity", "spending_activity", "custom_activity"), True)
    definitions = [
        CAFE,
        AIRLINE,
        with_("code_config", {"pattern": "A-####-####-##", "postfix": "Z"}),
        with_("points_expiration", {"type": "CALENDAR_EXPIRATION", "calendar_expiration": {"expiration_dates": dates}}),
        with_("points_expiration", {"type": "SLIDING_EXPIRATION", "sliding_expiration": sliding}),
        with_("pending_points", {"type": "FIXED_DATES", "fixed_dates": {"dates": dates}}),
        with_("earning_limits.global.limits", [{"type": "BALANCE_BASED", "max": 5}]),
        with_("spending_limits.global", CAFE["earning_limits"]["global"]),
    ]
    documented = {(named(field)[0], name) for field, here in rows("| Voucherify | here |") for name in named(here)}
    for definition in definitions:
        for mapping in mapping_of(definition).mapped:
            for source in mapping.source.split(", "):
                assert (re.sub(r"\[\d+]", "[]", source), mapping.target) in documented
        for left in mapping_of(definition).unmapped:
            if left.source not in ("id", "status", "created_at", "object"):
                assert re.sub(r"\[\d+]", "[]", left.source) in {field for field, _ in documented}
