"""Texts of the wallet builder: the purpose of its steps, and the activation rules of a wallet.

Each activation rule has an example of settings that do not meet the rule, so that a test can try it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loyalty.domain.wallets.activation_rules import RULES

STEPS = {
    "general": "The name of the wallet, and how its points count.",
    "code": "The form of a card's code.",
    "expiration": "Until when points are usable.",
    "pending": "From when points are usable.",
    "earningLimits": "How many points a card may earn.",
    "spendingLimits": "How many points a card may spend.",
    "payWithPoints": "How many points pay for an amount.",
    "refunds": "How a refund changes spent and earned points.",
    "notices": "How long before a date an event announces it.",
    "metadata": "Your own data about the wallet.",
    "summary": "Whether the wallet is active at once. POST /v1/wallets/validate lists unmet activation rules.",
}
"""The builder's steps in order."""

STEP_OF = {"transfers": "spendingLimits", "status": "summary", "addToSchema": "metadata"}
"""Steps of fields outside their step's group. Fields that are not listed here belong to `general`."""

USED_WITH: Mapping[str, tuple[str, ...]] = {
    "expiration.every": ("ROLLING_EXPIRATION", "SLIDING_EXPIRATION"),
    "expiration.unit": ("ROLLING_EXPIRATION", "SLIDING_EXPIRATION"),
    "expiration.rounding": ("ROLLING_EXPIRATION",),
    "expiration.month": ("ROLLING_EXPIRATION",),
    "expiration.dates": ("CALENDAR_EXPIRATION",),
    "expiration.resetBy": ("SLIDING_EXPIRATION",),
    "expiration.events": ("SLIDING_EXPIRATION",),
    "pending.every": ("PERIOD_BASED",),
    "pending.unit": ("PERIOD_BASED",),
    "pending.dates": ("FIXED_DATES",),
    "pending.events": ("EVENT_BASED",),
    "pending.cancelAfter": ("EVENT_BASED",),
    "earningLimits.global.max": ("BALANCE_BASED", "TIME_BASED"),
    "earningLimits.global.unit": ("TIME_BASED",),
    "payWithPoints.formula": ("EXCHANGE_RATIO",),
    "spendingLimits.global.max": ("SPENDING_BASED", "TIME_BASED"),
    "spendingLimits.global.unit": ("TIME_BASED",),
}
"""Fields that are used only with some types of their group."""


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

METADATA_RULES = {
    "required": "The metadata must have each property that the project's schema requires, here a season.",
    "property_type": "Each property must have the type that the project's schema requires.",
}


def rules_in_words() -> tuple[RuleInWords, ...]:
    """Every rule with its sentence and the settings that show it."""
    sentences = {(rule.field, rule.code): (rule.step, rule.sentence) for rule in RULES}
    sentences |= {("metadata.season", code): ("metadata", sentence) for code, sentence in METADATA_RULES.items()}
    words = []
    for field, code, example in EXAMPLES:
        step, sentence = sentences[re.sub(r"\[\d+\]", "[]", field), code]
        words.append(RuleInWords(step, field, code, sentence, example))
    return tuple(words)
