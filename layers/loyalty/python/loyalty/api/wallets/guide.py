"""Texts of the wallet builder: the purpose of its steps, and the activation rules of a wallet.

Each activation rule has an example of settings that do not meet the rule, so that a test can try it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loyalty.domain.wallets.activation_rules import NOT_USED, RULES

STEPS = {
    "general": "The name of the wallet, and how its points count.",
    "code": "The form of a card's code.",
    "expiration": "Until when points are usable, and how long before a date an event announces it.",
    "pending": "From when points are usable.",
    "earningLimits": "How many points a card may earn.",
    "spendingLimits": "How many points a card may spend.",
    "payWithPoints": "How many points pay for an amount.",
    "refunds": "How a refund changes spent and earned points.",
    "metadata": "Your own data about the wallet.",
    "summary": "Whether the wallet is active at once. POST /v1/wallets/validate lists unmet activation rules.",
}
"""The builder's steps in order."""

STEP_OF = {
    "notices": "expiration",
    "transfers": "spendingLimits",
    "status": "summary",
    "addToSchema": "metadata",
}
"""Steps of fields outside their step's group. Fields that are not listed here belong to `general`."""

TITLES = {
    "autoEnrol": "Enrol automatically",
    "global": "In total",
    "transaction": "Per transaction",
    "max": "Maximum",
    "maxPoints": "Maximum points",
    "minAmount": "Minimum amount",
    "of": "Revoked share",
    "notices.expiring": "Notices before an expiry",
    "notices.activating": "Notices before an activation",
    "transfers.allowed": "Transfers between customers",
    "transfers.countAsSpending": "Transfers count as spending",
    "refunds.spent": "Spent points",
    "refunds.earned": "Earned points",
}
"""Titles of settings by path or name, for names that are unclear in a form. Other titles are the words of the name."""


@dataclass(frozen=True, slots=True)
class RuleInWords:
    """A rule that a wallet must meet to become ACTIVE, and settings that do not meet it."""

    step: str
    field: str
    code: str
    rule: str
    example: Mapping[str, Any]


ROLLING = {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "YEAR"}
SLIDING = {"type": "SLIDING_EXPIRATION", "every": 90, "unit": "DAY", "resetBy": ["EARNING"]}

EXAMPLES: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("negativeLimit", "needs_negative_balance", {"negativeLimit": 500}),
    ("expiration.type", "negative_balance_needs_no_expiration", {"allowNegativeBalance": True, "expiration": ROLLING}),
    ("code.pattern", "code_too_long", {"code": {"length": 40, "prefix": "A" * 32}}),
    ("code.length", "too_few_codes", {"code": {"charset": "NUMERIC", "length": 5}}),
    ("code.pattern", "too_few_codes", {"code": {"charset": "NUMERIC", "pattern": "A-####"}}),
    ("expiration.every", "required", {"expiration": {"type": "ROLLING_EXPIRATION", "unit": "YEAR"}}),
    (
        "expiration.unit",
        "required",
        {"expiration": {"type": "SLIDING_EXPIRATION", "every": 90, "resetBy": ["EARNING"]}},
    ),
    ("expiration.every", "too_long", {"expiration": {"type": "ROLLING_EXPIRATION", "every": 11, "unit": "YEAR"}}),
    ("expiration.month", "required", {"expiration": {**ROLLING, "rounding": "END_OF_PARTICULAR_MONTH"}}),
    ("expiration.dates", "required", {"expiration": {"type": "CALENDAR_EXPIRATION"}}),
    (
        "expiration.dates[0].day",
        "no_such_date",
        {"expiration": {"type": "CALENDAR_EXPIRATION", "dates": [{"month": 6, "day": 31}]}},
    ),
    ("expiration.resetBy", "required", {"expiration": {**SLIDING, "resetBy": []}}),
    ("expiration.events", "required", {"expiration": {**SLIDING, "resetBy": ["CUSTOM_EVENT"]}}),
    (
        "expiration.events[0]",
        "unknown_event",
        {"expiration": {**SLIDING, "resetBy": ["CUSTOM_EVENT"], "events": ["app.opened"]}},
    ),
    ("pending.every", "required", {"pending": {"type": "PERIOD_BASED", "unit": "DAY"}}),
    ("pending.unit", "required", {"pending": {"type": "PERIOD_BASED", "every": 14}}),
    ("pending.every", "too_long", {"pending": {"type": "PERIOD_BASED", "every": 3_651, "unit": "DAY"}}),
    ("pending.dates", "required", {"pending": {"type": "FIXED_DATES"}}),
    ("pending.dates[0].day", "no_such_date", {"pending": {"type": "FIXED_DATES", "dates": [{"month": 2, "day": 30}]}}),
    ("pending.events", "required", {"pending": {"type": "EVENT_BASED"}}),
    ("pending.events[0]", "unknown_event", {"pending": {"type": "EVENT_BASED", "events": ["order.delivered"]}}),
    (
        "pending.cancelAfter.every",
        "too_long",
        {
            "pending": {
                "type": "EVENT_BASED",
                "events": ["order.delivered"],
                "cancelAfter": {"every": 121, "unit": "MONTH"},
            }
        },
    ),
    ("earningLimits.global.max", "required", {"earningLimits": {"global": {"type": "BALANCE_BASED"}}}),
    ("earningLimits.global.unit", "required", {"earningLimits": {"global": {"type": "TIME_BASED", "max": 100}}}),
    ("spendingLimits.global.max", "required", {"spendingLimits": {"global": {"type": "SPENDING_BASED"}}}),
    ("spendingLimits.global.unit", "required", {"spendingLimits": {"global": {"type": "TIME_BASED", "max": 100}}}),
    ("payWithPoints.formula", "required", {"payWithPoints": {"type": "EXCHANGE_RATIO"}}),
    ("payWithPoints.formula", "invalid_formula", {"payWithPoints": {"type": "EXCHANGE_RATIO", "formula": "2 ** 3"}}),
    (
        "payWithPoints.formula",
        "unknown_expression",
        {"payWithPoints": {"type": "EXCHANGE_RATIO", "formula": 'EXPRESSION("base.rate")'}},
    ),
    ("payWithPoints.formula", "not_positive", {"payWithPoints": {"type": "EXCHANGE_RATIO", "formula": "1 - 1"}}),
    ("refunds.spent.graceDays", "required", {"refunds": {"spent": {"expiredLots": "GRACE"}}}),
    ("refunds.earned.type", "needs_pending", {"refunds": {"earned": {"type": "REVOKE_FROM_PENDING"}}}),
    ("refunds.earned.mode", "needs_negative_balance", {"refunds": {"earned": {"mode": "REVOKE_BELOW_ZERO"}}}),
    ("notices.expiring[0].every", "too_long", {"notices": {"expiring": [{"every": 11, "unit": "YEAR"}]}}),
    (
        "notices.expiring[1]",
        "duplicate",
        {"notices": {"expiring": [{"every": 7, "unit": "DAY"}, {"every": 1, "unit": "WEEK"}]}},
    ),
    ("notices.activating[0].every", "too_long", {"notices": {"activating": [{"every": 8_785, "unit": "HOUR"}]}}),
    (
        "notices.activating[1]",
        "duplicate",
        {"notices": {"activating": [{"every": 1, "unit": "HOUR"}, {"every": 60, "unit": "MINUTE"}]}},
    ),
    ("metadata.season", "required", {"metadata": {}}),
    ("metadata.season", "property_type", {"metadata": {"season": 4}}),
)
"""Settings that break a rule: the field and the code of the problem, in the order of the rules, and the settings."""

UNUSED_EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "expiration.every": {"expiration": {"type": "NO_EXPIRATION", "every": 1}},
    "expiration.unit": {"expiration": {"type": "NO_EXPIRATION", "unit": "YEAR"}},
    "expiration.rounding": {"expiration": {**SLIDING, "rounding": "END_OF_MONTH"}},
    "expiration.month": {"expiration": {**ROLLING, "month": 5}},
    "expiration.dates": {"expiration": {**ROLLING, "dates": [{"month": 6, "day": 30}]}},
    "expiration.resetBy": {"expiration": {**ROLLING, "resetBy": ["EARNING"]}},
    "expiration.events": {"expiration": {**SLIDING, "events": ["app.opened"]}},
    "pending.every": {"pending": {"type": "IMMEDIATE", "every": 1}},
    "pending.unit": {"pending": {"type": "IMMEDIATE", "unit": "DAY"}},
    "pending.dates": {"pending": {"type": "IMMEDIATE", "dates": [{"month": 6, "day": 30}]}},
    "pending.events": {"pending": {"type": "IMMEDIATE", "events": ["order.delivered"]}},
    "pending.cancelAfter": {"pending": {"type": "IMMEDIATE", "cancelAfter": {"every": 30, "unit": "DAY"}}},
    "earningLimits.global.max": {"earningLimits": {"global": {"max": 100}}},
    "earningLimits.global.unit": {"earningLimits": {"global": {"type": "BALANCE_BASED", "max": 100, "unit": "DAY"}}},
    "earningLimits.global.whenExceeded": {"earningLimits": {"global": {"whenExceeded": "REJECT"}}},
    "earningLimits.transaction.whenExceeded": {"earningLimits": {"transaction": {"whenExceeded": "REJECT"}}},
    "spendingLimits.global.max": {"spendingLimits": {"global": {"max": 100}}},
    "spendingLimits.global.unit": {"spendingLimits": {"global": {"type": "SPENDING_BASED", "max": 9, "unit": "DAY"}}},
    "spendingLimits.global.whenExceeded": {"spendingLimits": {"global": {"whenExceeded": "CAP"}}},
    "spendingLimits.transaction.whenExceeded": {"spendingLimits": {"transaction": {"whenExceeded": "CAP"}}},
    "payWithPoints.formula": {"payWithPoints": {"formula": "1"}},
    "refunds.spent.graceDays": {"refunds": {"spent": {"graceDays": 30}}},
    "refunds.earned.mode": {"refunds": {"earned": {"type": "KEEP", "mode": "REVOKE_BELOW_ZERO"}}},
    "refunds.earned.of": {"refunds": {"earned": {"type": "KEEP", "of": "ITEMS"}}},
}
"""Settings that have no effect, because the other settings do not use them."""

METADATA_RULES = {
    "required": "The metadata must have each property that the project's schema requires, here a season.",
    "property_type": "Each property must have the type that the project's schema requires.",
}


def title_of(path: str) -> str:
    """Returns the title of a setting in a form."""
    name = path.removesuffix("[]").rpartition(".")[2]
    return (
        TITLES.get(path)
        or TITLES.get(name)
        or re.sub("[A-Z]", lambda letter: f" {letter[0].lower()}", name).capitalize()
    )


def title_of_value(value: str) -> str:
    """Returns the title of one of a setting's values, such as `End of month`."""
    return value.replace("_", " ").capitalize()


def rules_in_words() -> tuple[RuleInWords, ...]:
    """Every rule with its sentence and the settings that show it."""
    sentences = {(rule.field, rule.code): (rule.step, rule.sentence) for rule in RULES}
    sentences |= {("metadata.season", code): ("metadata", sentence) for code, sentence in METADATA_RULES.items()}
    words = []
    unused = [(field, NOT_USED, example) for field, example in UNUSED_EXAMPLES.items()]
    for field, code, example in (*EXAMPLES, *unused):
        step, sentence = sentences[re.sub(r"\[\d+\]", "[]", field), code]
        words.append(RuleInWords(step, field, code, sentence, example))
    return tuple(sorted(words, key=lambda rule: list(STEPS).index(rule.step)))
