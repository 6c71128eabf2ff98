"""The mapping of Voucherify's card definitions: the target of each field, or the reason why it has none."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.api.wallets.mapping import UNMAPPED_MAX
from loyalty.api.wallets.voucherify import mapping_of
from loyalty.domain.wallets.activation_rules import activation_problems
from loyalty.domain.wallets.document import settings_from
from loyalty.errors import InvalidRequest

Json = dict[str, Any]

NO_REFUNDS = {"spent_points": {"type": "NONE"}, "earned_points": {"type": "NONE"}}

# The form of a create request. Each group has another type than in AIRLINE.
CAFE: Json = {
    "name": "Coffee stamps",
    "type": "INDIVIDUAL",
    "code_config": {"length": 8, "charset": "0123456789", "prefix": "CAFE-", "postfix": None, "pattern": None},
    "points_expiration": {
        "type": "ROLLING_EXPIRATION",
        "rolling_expiration": {
            "period": {"unit": "MONTH", "value": 6},
            "rounding": {"type": "END_OF_PARTICULAR_MONTH", "value": 12},
        },
        "calendar_expiration": None,
        "sliding_expiration": None,
    },
    "pending_points": {"type": "PERIOD_BASED", "period_based": {"period": {"unit": "DAY", "value": 14}}},
    "earning_limits": {
        "global": {
            "type": "LIMITED",
            "limits": [
                {
                    "type": "TIME_BASED",
                    "period": {"type": "CURRENT_PERIOD", "current_period": {"unit": "MONTH"}},
                    "points": {"max": 2_000},
                }
            ],
        },
        "transactions": {
            "type": "LIMITED",
            "limits": [{"type": "POINTS", "max": 500}, {"type": "SPENDING", "min_amount": 1_000}],
        },
    },
    "spending_limits": {
        "global": {"type": "LIMITED", "limits": [{"type": "SPENDING_BASED", "max": 50_000}]},
        "transactions": {"type": "LIMITED", "limits": [{"type": "POINTS", "max": 1_000}]},
    },
    "refunds": {
        "spent_points": {"type": "REFUNDABLE", "methods": [{"type": "RETURN_POINTS", "mode": "REFUND_AMOUNT"}]},
        "earned_points": {
            "type": "REFUNDABLE",
            "methods": [{"type": "REVOKE_FROM_BALANCE", "mode": "REVOKE_TO_ZERO"}],
        },
    },
    "balance_settings": {"allow_negative": False},
    "pay_with_points": {"type": "NO_PAYMENTS"},
    "metadata": {},
}

# The form of an answer: with ids, dates and all defaults.
AIRLINE: Json = {
    "id": "lcdef_11a4b0c2d3e4f5",
    "name": "Miles",
    "type": "INDIVIDUAL",
    "status": "ACTIVE",
    "code_config": {
        "length": 12,
        "charset": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "prefix": "",
        "postfix": "",
        "pattern": "############",
    },
    "points_expiration": {
        "type": "SLIDING_EXPIRATION",
        "sliding_expiration": {
            "earning_activity": True,
            "spending_activity": False,
            "custom_activity": True,
            "custom_activity_types": ["flight.taken", "lounge.visited"],
            "period": {"unit": "YEAR", "value": 1},
        },
    },
    "pending_points": {
        "type": "EVENT_BASED",
        "event_based": {"event_types": ["flight.taken"], "cancel_period": {"unit": "DAY", "value": 90}},
    },
    "earning_limits": {"global": {"type": "NO_LIMIT", "limits": []}, "transactions": {"type": "NO_LIMIT"}},
    "spending_limits": {"global": {"type": "NO_LIMIT"}, "transactions": {"type": "NO_LIMIT", "limits": None}},
    "refunds": NO_REFUNDS,
    "balance_settings": {"allow_negative": False},
    "pay_with_points": {"type": "EXCHANGE_RATIO", "exchange_ratio": {"formula": 'ORDER_METADATA("ratio")'}},
    "metadata": {"region": "EU"},
    "created_at": "2026-06-01T09:00:00.000Z",
    "updated_at": None,
    "object": "card_definition",
}


def document(definition: Json) -> Json:
    return mapping_of(definition).document


def reasons(definition: Json) -> dict[str, str]:
    return {left.source: left.reason for left in mapping_of(definition).unmapped}


def with_(path: str, value: Any, definition: Json = CAFE) -> Json:
    changed = deepcopy(definition)
    *groups, name = path.split(".")
    place = changed
    for group in groups:
        place = place[group]
    place[name] = value
    return changed


def test_a_definition_becomes_the_same_rules_as_settings() -> None:
    found = document(CAFE)
    assert found["name"] == "Coffee stamps"
    assert found["allowNegativeBalance"] is False
    code = {"charset": "NUMERIC", "length": 8, "pattern": None, "prefix": "CAFE-", "postfix": ""}
    assert found["code"] == code
    expiration = {name: value for name, value in found["expiration"].items() if value}
    assert expiration == {
        "type": "ROLLING_EXPIRATION",
        "every": 6,
        "unit": "MONTH",
        "rounding": "END_OF_PARTICULAR_MONTH",
        "month": 12,
    }
    pending = {name: value for name, value in found["pending"].items() if value}
    assert pending == {"type": "PERIOD_BASED", "every": 14, "unit": "DAY"}
    assert found["earningLimits"] == {
        "global": {"type": "TIME_BASED", "unit": "MONTH", "max": 2_000, "whenExceeded": "CAP"},
        # Voucherify rejects a transaction with too many points.
        "transaction": {"maxPoints": 500, "minAmount": 1_000, "whenExceeded": "REJECT"},
    }
    assert found["spendingLimits"] == {
        "global": {"type": "SPENDING_BASED", "unit": None, "max": 50_000, "whenExceeded": "REJECT"},
        "transaction": {"maxPoints": 1_000, "whenExceeded": "REJECT"},
    }
    assert found["refunds"]["earned"] == {"type": "REVOKE_FROM_BALANCE", "mode": "REVOKE_TO_ZERO", "of": "ORDER"}
    assert reasons(CAFE) == {}
    assert activation_problems(settings_from(found)) == []


def test_each_mapped_field_has_its_target_and_its_value() -> None:
    found = {mapping.source: (mapping.target, mapping.value) for mapping in mapping_of(CAFE).mapped}
    assert found["points_expiration.rolling_expiration.period.value"] == ("expiration.every", 6)
    assert found["code_config.charset"] == ("code.charset", "NUMERIC")
    assert found["earning_limits.global.limits[0].points.max"] == ("earningLimits.global.max", 2_000)
    assert found["earning_limits.transactions.limits[1].min_amount"] == ("earningLimits.transaction.minAmount", 1_000)
    assert found["balance_settings.allow_negative"] == ("allowNegativeBalance", False)


def test_a_definition_in_the_form_of_an_api_answer_is_mapped() -> None:
    mapping = mapping_of(AIRLINE)
    assert mapping.document["code"]["length"] == 12
    assert mapping.document["code"]["charset"] == "ALPHANUMERIC"
    assert mapping.document["code"]["pattern"] is None
    assert mapping.document["expiration"]["resetBy"] == ["EARNING", "CUSTOM_EVENT"]
    assert mapping.document["expiration"]["events"] == ["flight.taken", "lounge.visited"]
    assert mapping.document["pending"]["events"] == ["flight.taken"]
    assert mapping.document["pending"]["cancelAfter"] == {"every": 90, "unit": "DAY"}
    assert mapping.document["metadata"] == {"region": "EU"}
    payment = {"type": "EXCHANGE_RATIO", "formula": 'ORDER_METADATA("ratio")'}
    assert mapping.document["payWithPoints"] == payment
    assert set(reasons(AIRLINE)) == {"id", "status", "created_at", "object"}
    assert mapping.document["refunds"]["spent"]["type"] == "NONE"
    assert mapping.document["refunds"]["earned"]["type"] == "KEEP"
    assert activation_problems(settings_from(mapping.document)) == []


def test_refunds_that_a_definition_omits_are_mapped_to_no_refunds() -> None:
    found = document({"name": "Miles"})["refunds"]
    assert (found["spent"]["type"], found["earned"]["type"]) == ("NONE", "KEEP")


@pytest.mark.parametrize(
    ("method", "earned"),
    [
        ({"type": "REVOKE_FROM_PENDING"}, {"type": "REVOKE_FROM_PENDING", "mode": "REVOKE_TO_ZERO", "of": "ORDER"}),
        (
            {"type": "REVOKE_FROM_BALANCE", "mode": "REVOKE_BELOW_ZERO"},
            {"type": "REVOKE_FROM_BALANCE", "mode": "REVOKE_BELOW_ZERO", "of": "ORDER"},
        ),
    ],
)
def test_each_method_of_revocation_is_mapped(method: Json, earned: Json) -> None:
    definition = with_("refunds.earned_points.methods", [method])
    assert document(definition)["refunds"]["earned"] == earned
    assert reasons(definition) == {}


def test_an_unknown_method_of_refund_is_unmapped() -> None:
    definition = with_("refunds.earned_points.methods", [{"type": "REVOKE_SOMEHOW"}])
    assert set(reasons(definition)) == {"refunds.earned_points.methods[0].type"}


def test_calendar_dates_and_fixed_dates_keep_their_days() -> None:
    dates = [{"day": 30, "month": 6}, {"day": 31, "month": 12}]
    definition = with_(
        "points_expiration", {"type": "CALENDAR_EXPIRATION", "calendar_expiration": {"expiration_dates": dates}}
    )
    definition = with_("pending_points", {"type": "FIXED_DATES", "fixed_dates": {"dates": dates}}, definition)
    found = document(definition)
    assert (
        found["expiration"]["dates"]
        == found["pending"]["dates"]
        == [
            {"month": 6, "day": 30},
            {"month": 12, "day": 31},
        ]
    )
    assert reasons(definition) == {}


def test_a_balance_limit_and_a_negative_balance_are_mapped() -> None:
    definition = with_("earning_limits.global.limits", [{"type": "BALANCE_BASED", "max": 9_000}])
    definition = with_("balance_settings", {"allow_negative": True}, definition)
    definition = with_("points_expiration", {"type": "NO_EXPIRATION"}, definition)
    found = document(definition)
    assert found["earningLimits"]["global"]["type"] == "BALANCE_BASED"
    assert found["allowNegativeBalance"] is True
    assert activation_problems(settings_from(found)) == []


def test_a_pattern_with_fixed_characters_stays_a_pattern() -> None:
    definition = with_("code_config", {"pattern": "AB-####-####", "length": 8, "charset": "ABCDEFG"})
    code = document(definition)["code"]
    assert (code["pattern"], code["charset"]) == ("AB-####-####", "ABCDEFG")
    assert reasons(definition) == {"code_config.length": "The pattern decides the length of a code."}


@pytest.mark.parametrize(
    ("path", "value", "source"),
    [
        ("type", "TEAM", "type"),
        ("code_config", "########", "code_config"),
        ("code_config.charset", "ABC $", "code_config.charset"),
        ("code_config.length", "8", "code_config.length"),
        ("code_config.length", 65, "code_config.length"),
        ("code_config.checksum", True, "code_config.checksum"),
        ("points_expiration.type", "SOME_DAY", "points_expiration.type"),
        ("points_expiration.type", None, "points_expiration.type"),
        (
            "points_expiration.rolling_expiration.period.unit",
            "FORTNIGHT",
            "points_expiration.rolling_expiration.period.unit",
        ),
        (
            "points_expiration.rolling_expiration.period.value",
            6.5,
            "points_expiration.rolling_expiration.period.value",
        ),
        (
            "points_expiration.rolling_expiration.rounding.type",
            "END_OF_TIMES",
            "points_expiration.rolling_expiration.rounding.type",
        ),
        ("points_expiration.sliding_expiration", {"earning_activity": True}, "points_expiration.sliding_expiration"),
        ("pending_points.period_based", [], "pending_points.period_based"),
        ("earning_limits.global.type", "SOMETIMES", "earning_limits.global.type"),
        ("earning_limits.global.limits", {}, "earning_limits.global.limits"),
        ("earning_limits.global.limits", ["x"], "earning_limits.global.limits[0]"),
        ("earning_limits.global.limits", [{"type": "WHIM"}], "earning_limits.global.limits[0].type"),
        (
            "earning_limits.transactions.limits",
            [{"type": "POINTS", "max": -1}],
            "earning_limits.transactions.limits[0].max",
        ),
        ("spending_limits.transactions", "none", "spending_limits.transactions"),
        ("balance_settings.allow_negative", "no", "balance_settings.allow_negative"),
        ("pay_with_points", {"type": "BARTER"}, "pay_with_points.type"),
        ("metadata", {"text": "x" * 2_048}, "metadata"),
        ("metadata", "gold", "metadata"),
        ("tiers", [{"name": "Gold"}], "tiers"),
    ],
)
def test_a_field_that_cannot_be_mapped_is_listed_and_all_others_are_mapped(path: str, value: Any, source: str) -> None:
    definition = with_(path, value)
    assert source in reasons(definition)
    assert document(definition)["name"] == "Coffee stamps"
    assert document(definition)["spendingLimits"]["global"]["max"] == 50_000


def test_an_invalid_event_name_is_unmapped_and_the_wallet_needs_action() -> None:
    definition = with_("pending_points.event_based.event_types", ["flight.taken", "Flight taken!"], definition=AIRLINE)
    assert "pending_points.event_based.event_types" in reasons(definition)
    # A wallet with some of its events would behave differently, so it needs action instead.
    problems = activation_problems(settings_from(document(definition)))
    assert [(problem.field, problem.code) for problem in problems] == [("pending.events", "required")]


def test_an_incomplete_cancellation_period_is_unmapped() -> None:
    definition = with_("pending_points.event_based.cancel_period", {"value": 90}, definition=AIRLINE)
    found = mapping_of(definition)
    assert found.document["pending"]["cancelAfter"] is None
    assert reasons(definition)["pending_points.event_based.cancel_period.value"].startswith("pending.cancelAfter.unit")


def test_a_second_limit_of_the_same_kind_is_unmapped() -> None:
    limits = [{"type": "POINTS", "max": 500}, {"type": "POINTS", "max": 400}]
    definition = with_("earning_limits.transactions.limits", limits)
    assert document(definition)["earningLimits"]["transaction"]["maxPoints"] == 500
    assert set(reasons(definition)) == {"earning_limits.transactions.limits[1].type"}


@pytest.mark.parametrize("name", [None, 5, "", "  ", "x" * 201])
def test_a_definition_without_a_valid_name_is_refused(name: Any) -> None:
    with pytest.raises(InvalidRequest):
        mapping_of(with_("name", name))


def test_thousands_of_unknown_fields_are_counted_and_not_listed() -> None:
    found = mapping_of({"name": "Miles", **{f"{'x' * 1_000}{number}": 1 for number in range(3_000)}})
    assert len(found.unmapped) == UNMAPPED_MAX
    assert found.unmapped[-1].reason == "And 2,801 more."
    assert all(len(left.source) < 200 for left in found.unmapped)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["NONE", "LIMITED", "POINTS"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "limits", "max", "x"]), inner),
    max_leaves=5,
)


def paths(value: Any, path: str = "") -> list[str]:
    found = [path] if path else []
    if isinstance(value, dict):
        for name, part in value.items():
            found += paths(part, f"{path}.{name}" if path else name)
    return found


@given(st.sampled_from([CAFE, AIRLINE]), st.data())
def test_every_value_of_a_field_is_mapped_or_listed(definition: Json, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([path for path in paths(definition) if path != "name"]))
    found = mapping_of(with_(path, data.draw(VALUES), definition))
    settings_from(found.document)
    assert len({mapping.target for mapping in found.mapped}) == len(found.mapped)
