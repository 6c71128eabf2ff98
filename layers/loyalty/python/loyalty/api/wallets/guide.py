"""Texts of the wallet builder: the purpose of its steps and fields, and the activation rules of a wallet.

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


DESCRIPTIONS: Mapping[str, str] = {
    "name": "Unique among the wallets; upper and lower case count as equal.",
    "pointsName": "The name of the points for customers.",
    "description": "The purpose of the wallet.",
    "type": "The owner of the points: each card belongs to one customer.",
    "allowNegativeBalance": "Whether a card may owe points. If it may, its points never expire.",
    "negativeLimit": "The largest debt; without this setting, the largest possible balance.",
    "consumptionOrder": "Which points are spent first. By expiry, points that never expire are last.",
    "pointsDecimals": "Decimals for display: with 2, 1234 points are shown as 12.34. Fixed from the first card on.",
    "pointValue": "The value of a point in minor units of the currency, for reports.",
    "autoEnrol": "Whether a customer's first credit creates the card.",
    "code.length": "The number of random characters, if there is no pattern.",
    "code.pattern": "Each # is one random character. A pattern overrides the length.",
    "code.prefix": "Prepended to each code.",
    "code.postfix": "Appended to each code.",
    "expiration.type": "How long points are usable after their activation.",
    "expiration.every": "The number of units.",
    "expiration.unit": "MINUTE and HOUR count to the second, other units in local days.",
    "expiration.resetBy": "The activities that start the period again.",
    "pending.type": "When earned points become usable.",
    "pending.every": "The number of units after the credit.",
    "pending.unit": "MINUTE and HOUR count to the second, other units end at midnight.",
    "pending.cancelAfter": (
        "The period after which points without an event are canceled; without this setting, points stay pending for "
        "ever."
    ),
    "pending.cancelAfter.every": "The number of units after the credit.",
    "pending.cancelAfter.unit": "MINUTE and HOUR count to the second, other units end at midnight.",
    "earningLimits.global.type": "The limited quantity: the balance, or the points earned in a calendar period.",
    "earningLimits.global.unit": "The calendar period, in the project's time zone; weeks start on Monday.",
    "earningLimits.global.max": "The maximum number of points.",
    "earningLimits.global.whenExceeded": "CAP grants the allowed points, REJECT grants none.",
    "earningLimits.transaction.maxPoints": "The maximum number of points of one credit.",
    "earningLimits.transaction.minAmount": (
        "The minimum amount of an order in minor units; a credit for a smaller order is refused."
    ),
    "earningLimits.transaction.whenExceeded": "CAP grants the allowed points, REJECT grants none.",
    "spendingLimits.global.type": "The limited quantity: spending over the card's life, or in a calendar period.",
    "spendingLimits.global.unit": "The calendar period, in the project's time zone; weeks start on Monday.",
    "spendingLimits.global.max": "The maximum number of points.",
    "spendingLimits.global.whenExceeded": "CAP takes the allowed points, if a debit has allowPartial.",
    "spendingLimits.transaction.maxPoints": "The maximum number of points of one debit.",
    "spendingLimits.transaction.whenExceeded": "CAP takes the allowed points, if a debit has allowPartial.",
    "payWithPoints.type": "Whether points pay for orders.",
    "payWithPoints.formula": "The points for one minor unit of the amount: a number, or a formula as text.",
    "transfers.allowed": "Whether a customer may transfer points to another customer.",
    "transfers.countAsSpending": "Whether the sender's spending limits count transfers.",
    "refunds.spent": "How a refund returns the points spent on the order.",
    "refunds.spent.type": (
        "Whether spent points return: by the share of the amount or of the items, with the whole order, or not."
    ),
    "refunds.spent.expiredLots": (
        "The new dates of points that expired in the meantime: dates as if credited now, some days, or no new dates."
    ),
    "refunds.spent.graceDays": "The number of days for points that expired in the meantime, with GRACE.",
    "refunds.earned": "How a refund revokes the points earned by the order.",
    "refunds.earned.type": (
        "Whether the refunded share of earned points is revoked: never, while the points are pending, or always."
    ),
    "refunds.earned.mode": (
        "REVOKE_TO_ZERO revokes at most the points on the card, REVOKE_BELOW_ZERO makes the rest a debt."
    ),
    "notices.expiring[].every": "The number of units.",
    "notices.expiring[].unit": "MINUTE and HOUR count to the second, other units to the start of a day.",
    "notices.activating[].every": "The number of units.",
    "notices.activating[].unit": "MINUTE and HOUR count to the second, other units to the start of a day.",
    "metadata": "Your own data, at most 2,048 bytes as JSON, checked by the project's schema.",
    "addToSchema": "Whether unknown properties are added to the project's schema, each with the type of its value.",
    "status": "DRAFT saves a wallet that may be incomplete; a draft moves no points.",
}
"""The purpose of each field whose model has no description."""


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
