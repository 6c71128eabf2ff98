"""The wallet builder's settings in words: what its steps and fields are for, and what keeps a wallet from being ACTIVE.

Each interlock carries settings that show it, so that what is told here can be tried.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loyalty.domain.wallets.codes import POSSIBLE_CODES_MIN

STEPS = {
    "general": "What the wallet is called, and how its points count.",
    "code": "What a card's code looks like.",
    "expiration": "Until when points are usable.",
    "pending": "From when points are usable.",
    "earningLimits": "How many points a card may earn.",
    "spendingLimits": "How many points a card may spend.",
    "payWithPoints": "How many points pay for what amount.",
    "refunds": "What a refund does to points spent and earned.",
    "notices": "How long before a date an event tells of it.",
    "metadata": "What else is noted of the wallet.",
    "summary": "Whether the wallet is active at once. POST /v1/wallets/validate tells what it needs first.",
}
"""The builder's steps in order."""

STEP_OF = {"transfers": "spendingLimits", "status": "summary", "addToSchema": "metadata"}
"""Steps of fields that stand outside their step's group; those not named here are `general`."""

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
"""Fields that mean something with some types of their group only."""


DESCRIPTIONS: Mapping[str, str] = {
    "name": "Unique among the wallets, whatever its case.",
    "pointsName": "What customers call the points.",
    "description": "What the wallet is for.",
    "type": "Whose points they are: those of one customer each.",
    "allowNegativeBalance": "Whether a card may owe points. Then its points never expire.",
    "negativeLimit": "How far below zero; without it, as far as a balance goes.",
    "consumptionOrder": "Which points are spent first. Those that never expire go last by expiry.",
    "pointsDecimals": "Decimals shown: 1234 points at 2 are 12.34. Fixed from the first card on.",
    "pointValue": "What a point is worth in minor units of the currency, for reports.",
    "autoEnrol": "Whether a customer's first credit makes the card.",
    "code.length": "Random characters, where there is no pattern.",
    "code.pattern": "Each # is one random character; goes before the length.",
    "code.prefix": "Stands before each code.",
    "code.postfix": "Stands behind each code.",
    "expiration.type": "How long points are usable from their activation on.",
    "expiration.every": "How many units.",
    "expiration.unit": "MINUTE and HOUR count to the second, others by local days.",
    "expiration.resetBy": "What begins the period anew.",
    "pending.type": "When points that were earned become usable.",
    "pending.every": "How many units after the credit.",
    "pending.unit": "MINUTE and HOUR count to the second, others end at midnight.",
    "pending.cancelAfter": "After how long points are canceled whose event never came; without it they wait for ever.",
    "pending.cancelAfter.every": "How many units after the credit.",
    "pending.cancelAfter.unit": "MINUTE and HOUR count to the second, others end at midnight.",
    "earningLimits.global.type": "What is limited: the balance, or what is earned in a calendar period.",
    "earningLimits.global.unit": "A calendar period of the project's zone; weeks begin on Monday.",
    "earningLimits.global.max": "Points.",
    "earningLimits.global.whenExceeded": "CAP grants what is allowed, REJECT nothing.",
    "earningLimits.transaction.maxPoints": "Points that one credit brings at most.",
    "earningLimits.transaction.minAmount": "Order amount in minor units below which a credit for an order is refused.",
    "earningLimits.transaction.whenExceeded": "CAP grants what is allowed, REJECT nothing.",
    "spendingLimits.global.type": "What is limited: spending over the card's life, or in a calendar period.",
    "spendingLimits.global.unit": "A calendar period of the project's zone; weeks begin on Monday.",
    "spendingLimits.global.max": "Points.",
    "spendingLimits.global.whenExceeded": "CAP takes what is allowed where a debit says allowPartial.",
    "spendingLimits.transaction.maxPoints": "Points that one debit takes at most.",
    "spendingLimits.transaction.whenExceeded": "CAP takes what is allowed where a debit says allowPartial.",
    "payWithPoints.type": "Whether points pay for orders.",
    "payWithPoints.formula": "Points for one minor unit of the amount: a number, or a formula as text.",
    "transfers.allowed": "Whether a customer may give points to another.",
    "transfers.countAsSpending": "Whether the giver's spending limits count them.",
    "refunds.spent": "What becomes of points spent on the order.",
    "refunds.spent.type": "Whether they return: by the share of the amount or the items, with the whole order, or not.",
    "refunds.spent.expiredLots": (
        "What points that expired meanwhile get: dates as if credited now, some days, or nothing."
    ),
    "refunds.spent.graceDays": "Days that points which expired meanwhile live on, with GRACE.",
    "refunds.earned": "What becomes of points earned by the order.",
    "refunds.earned.type": "Whether the share that is refunded is taken back: never, while it is pending, or always.",
    "refunds.earned.mode": "REVOKE_TO_ZERO takes no more than there is, REVOKE_BELOW_ZERO leaves the rest owed.",
    "notices.expiring[].every": "How many units.",
    "notices.expiring[].unit": "MINUTE and HOUR count to the second, others to the start of a day.",
    "notices.activating[].every": "How many units.",
    "notices.activating[].unit": "MINUTE and HOUR count to the second, others to the start of a day.",
    "metadata": "The caller's own notes, at most 2,048 bytes as JSON. The project's schema says what they may be.",
    "addToSchema": "Whether what the project's schema does not know is added to it, each of its value's type.",
    "status": "DRAFT saves a wallet that may be incomplete; it moves no points.",
}
"""What a field is for, where its model does not say."""


@dataclass(frozen=True, slots=True)
class Interlock:
    """What keeps a wallet from becoming ACTIVE, and settings that show it."""

    step: str
    field: str
    code: str
    rule: str
    example: Mapping[str, Any]


ROLLING = {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "YEAR"}
SLIDING = {"type": "SLIDING_EXPIRATION", "every": 90, "unit": "DAY", "resetBy": ["EARNING"]}

INTERLOCKS = (
    Interlock(
        "general",
        "negativeLimit",
        "needs_negative_balance",
        "A limit below zero needs allowNegativeBalance.",
        {"negativeLimit": 500},
    ),
    Interlock(
        "expiration",
        "expiration.type",
        "negative_balance_needs_no_expiration",
        "Points of a wallet that may go below zero never expire.",
        {"allowNegativeBalance": True, "expiration": ROLLING},
    ),
    Interlock(
        "code",
        "code.pattern",
        "code_too_long",
        "Prefix, pattern and postfix make one code.",
        {"code": {"length": 40, "prefix": "A" * 32}},
    ),
    Interlock(
        "code",
        "code.length",
        "too_few_codes",
        f"At least {POSSIBLE_CODES_MIN:,} different codes: fewer can be guessed.",
        {"code": {"charset": "NUMERIC", "length": 5}},
    ),
    Interlock(
        "expiration",
        "expiration.every",
        "required",
        "ROLLING_EXPIRATION and SLIDING_EXPIRATION need a period.",
        {"expiration": {"type": "ROLLING_EXPIRATION", "unit": "YEAR"}},
    ),
    Interlock(
        "expiration",
        "expiration.unit",
        "required",
        "ROLLING_EXPIRATION and SLIDING_EXPIRATION need a period.",
        {"expiration": {"type": "SLIDING_EXPIRATION", "every": 90, "resetBy": ["EARNING"]}},
    ),
    Interlock(
        "expiration",
        "expiration.every",
        "too_long",
        "A period is as long as its unit allows, and no longer.",
        {"expiration": {"type": "ROLLING_EXPIRATION", "every": 11, "unit": "YEAR"}},
    ),
    Interlock(
        "expiration",
        "expiration.month",
        "required",
        "END_OF_PARTICULAR_MONTH needs its month.",
        {"expiration": {**ROLLING, "rounding": "END_OF_PARTICULAR_MONTH"}},
    ),
    Interlock(
        "expiration",
        "expiration.dates",
        "required",
        "CALENDAR_EXPIRATION needs a date.",
        {"expiration": {"type": "CALENDAR_EXPIRATION"}},
    ),
    Interlock(
        "expiration",
        "expiration.dates[0].day",
        "no_such_date",
        "A date is one of at least some years; 29 February is.",
        {"expiration": {"type": "CALENDAR_EXPIRATION", "dates": [{"month": 6, "day": 31}]}},
    ),
    Interlock(
        "expiration",
        "expiration.resetBy",
        "required",
        "SLIDING_EXPIRATION needs something that resets it.",
        {"expiration": {**SLIDING, "resetBy": []}},
    ),
    Interlock(
        "expiration",
        "expiration.events",
        "required",
        "Resetting by CUSTOM_EVENT needs the events' names.",
        {"expiration": {**SLIDING, "resetBy": ["CUSTOM_EVENT"]}},
    ),
    Interlock(
        "expiration",
        "expiration.events[0]",
        "unknown_event",
        "An event that is named has a definition.",
        {"expiration": {**SLIDING, "resetBy": ["CUSTOM_EVENT"], "events": ["app.opened"]}},
    ),
    Interlock(
        "pending",
        "pending.every",
        "required",
        "PERIOD_BASED needs a period.",
        {"pending": {"type": "PERIOD_BASED", "unit": "DAY"}},
    ),
    Interlock(
        "pending",
        "pending.unit",
        "required",
        "PERIOD_BASED needs a period.",
        {"pending": {"type": "PERIOD_BASED", "every": 14}},
    ),
    Interlock(
        "pending",
        "pending.every",
        "too_long",
        "A period is as long as its unit allows, and no longer.",
        {"pending": {"type": "PERIOD_BASED", "every": 3_651, "unit": "DAY"}},
    ),
    Interlock(
        "pending",
        "pending.dates",
        "required",
        "FIXED_DATES needs a date.",
        {"pending": {"type": "FIXED_DATES"}},
    ),
    Interlock(
        "pending",
        "pending.dates[0].day",
        "no_such_date",
        "A date is one of at least some years; 29 February is.",
        {"pending": {"type": "FIXED_DATES", "dates": [{"month": 2, "day": 30}]}},
    ),
    Interlock(
        "pending",
        "pending.events",
        "required",
        "EVENT_BASED needs the events' names.",
        {"pending": {"type": "EVENT_BASED"}},
    ),
    Interlock(
        "pending",
        "pending.events[0]",
        "unknown_event",
        "An event that is named has a definition.",
        {"pending": {"type": "EVENT_BASED", "events": ["order.delivered"]}},
    ),
    Interlock(
        "pending",
        "pending.cancelAfter.every",
        "too_long",
        "A period is as long as its unit allows, and no longer.",
        {
            "pending": {
                "type": "EVENT_BASED",
                "events": ["order.delivered"],
                "cancelAfter": {"every": 121, "unit": "MONTH"},
            }
        },
    ),
    Interlock(
        "earningLimits",
        "earningLimits.global.max",
        "required",
        "A limit needs its points.",
        {"earningLimits": {"global": {"type": "BALANCE_BASED"}}},
    ),
    Interlock(
        "earningLimits",
        "earningLimits.global.unit",
        "required",
        "TIME_BASED needs its period.",
        {"earningLimits": {"global": {"type": "TIME_BASED", "max": 100}}},
    ),
    Interlock(
        "spendingLimits",
        "spendingLimits.global.max",
        "required",
        "A limit needs its points.",
        {"spendingLimits": {"global": {"type": "SPENDING_BASED"}}},
    ),
    Interlock(
        "spendingLimits",
        "spendingLimits.global.unit",
        "required",
        "TIME_BASED needs its period.",
        {"spendingLimits": {"global": {"type": "TIME_BASED", "max": 100}}},
    ),
    Interlock(
        "payWithPoints",
        "payWithPoints.formula",
        "required",
        "EXCHANGE_RATIO needs its formula.",
        {"payWithPoints": {"type": "EXCHANGE_RATIO"}},
    ),
    Interlock(
        "payWithPoints",
        "payWithPoints.formula",
        "invalid_formula",
        "A formula is one that can be computed; the message says where it is not.",
        {"payWithPoints": {"type": "EXCHANGE_RATIO", "formula": "2 ** 3"}},
    ),
    Interlock(
        "payWithPoints",
        "payWithPoints.formula",
        "unknown_expression",
        "An expression that is named exists.",
        {"payWithPoints": {"type": "EXCHANGE_RATIO", "formula": 'EXPRESSION("base.rate")'}},
    ),
    Interlock(
        "refunds",
        "refunds.spent.graceDays",
        "required",
        "GRACE needs its days.",
        {"refunds": {"spent": {"expiredLots": "GRACE"}}},
    ),
    Interlock(
        "refunds",
        "refunds.earned.type",
        "needs_pending",
        "REVOKE_FROM_PENDING needs points that are pending at first.",
        {"refunds": {"earned": {"type": "REVOKE_FROM_PENDING"}}},
    ),
    Interlock(
        "refunds",
        "refunds.earned.mode",
        "needs_negative_balance",
        "REVOKE_BELOW_ZERO needs allowNegativeBalance.",
        {"refunds": {"earned": {"mode": "REVOKE_BELOW_ZERO"}}},
    ),
    Interlock(
        "notices",
        "notices.expiring[0].every",
        "too_long",
        "A period is as long as its unit allows, and no longer.",
        {"notices": {"expiring": [{"every": 11, "unit": "YEAR"}]}},
    ),
    Interlock(
        "notices",
        "notices.expiring[1]",
        "duplicate",
        "A period is named once: 1 WEEK is 7 DAY.",
        {"notices": {"expiring": [{"every": 7, "unit": "DAY"}, {"every": 1, "unit": "WEEK"}]}},
    ),
    Interlock(
        "notices",
        "notices.activating[0].every",
        "too_long",
        "A period is as long as its unit allows, and no longer.",
        {"notices": {"activating": [{"every": 8_785, "unit": "HOUR"}]}},
    ),
    Interlock(
        "notices",
        "notices.activating[1]",
        "duplicate",
        "A period is named once: 1 WEEK is 7 DAY.",
        {"notices": {"activating": [{"every": 1, "unit": "HOUR"}, {"every": 60, "unit": "MINUTE"}]}},
    ),
    Interlock(
        "metadata",
        "metadata.season",
        "required",
        "What the project's schema requires, here a season, is there.",
        {"metadata": {}},
    ),
    Interlock(
        "metadata",
        "metadata.season",
        "property_type",
        "What the project's schema knows is of the type that it says.",
        {"metadata": {"season": 4}},
    ),
)
"""In the order of the steps; each is one that `interlocks.action_required` finds."""
