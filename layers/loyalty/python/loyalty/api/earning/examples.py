"""Examples of campaigns' settings, for the OpenAPI document."""

from typing import Any

SETTINGS_EXAMPLES: list[dict[str, Any]] = [
    {
        "name": "Double points at Christmas",
        "description": "Purchases count twice in the evenings before Christmas",
        "priority": 200,
        "trigger": {"type": "EVENT", "event": "order.paid"},
        "conditions": {"order": {"amount": [{"numeric": [">=", 5_000]}]}},
        "startsAt": "2027-12-21T00:00:00+01:00",
        "endsAt": "2027-12-25T00:00:00+01:00",
        "hours": [{"days": ["MON", "TUE", "WED", "THU", "FRI"], "from": "18:00", "to": "24:00"}],
        "multiplier": {
            "factor": "2",
            "stack": False,
            "wallets": ["wal_0123456789abcdef0123"],
            "campaigns": ["cmp_0123456789abcdef0123"],
            "types": ["PERCENTAGE", "PROPORTIONAL"],
        },
        "metadata": {"season": "winter"},
    },
    {
        "name": "Purchases",
        "group": "purchases",
        "trigger": {"type": "EVENT", "event": "order.paid"},
        "rewards": [
            {
                "walletId": "wal_0123456789abcdef0123",
                "type": "PROPORTIONAL",
                "of": "order.items.amount",
                "items": {"categories": ["shoes"]},
                "every": 10_000,
                "points": 100,
                "proRata": True,
                "maxPoints": 5_000,
                "rounding": "HALF_UP",
                "earnOnPointsPaid": True,
                "activateAfter": {"every": 14, "unit": "DAY"},
                "expireAfter": {"every": 1, "unit": "YEAR"},
                "pointsDescription": "Points for your purchase",
            }
        ],
    },
    {
        "name": "Wheel of fortune",
        "trigger": {"type": "EVENT", "event": "order.paid"},
        "rewards": [
            {
                "walletId": "wal_0123456789abcdef0123",
                "type": "RANDOM",
                "outcomes": [{"points": 0, "weight": 90}, {"points": 500, "weight": 10}],
            }
        ],
    },
    {
        "name": "Next year's points",
        "trigger": {"type": "EVENT", "event": "order.paid"},
        "rewards": [
            {
                "walletId": "wal_0123456789abcdef0123",
                "type": "PERCENTAGE",
                "percent": "2.5",
                "activatesAt": "2028-01-01T00:00:00+01:00",
                "expiresAt": "2029-01-01T00:00:00+01:00",
            }
        ],
    },
    {
        "name": "Return to the cart",
        "trigger": {
            "type": "SEQUENCE",
            "event": "order.paid",
            "after": {
                "event": "cart.abandoned",
                "within": {"every": 7, "unit": "DAY"},
                "atLeast": {"every": 1, "unit": "HOUR"},
                "matchBy": ["order.metadata.cartId", "properties.cartId"],
            },
        },
        "rewards": [{"walletId": "wal_0123456789abcdef0123", "type": "FIXED", "points": 50}],
    },
    {
        "name": "Birthday",
        "trigger": {
            "type": "SCHEDULE",
            "walletId": "wal_0123456789abcdef0123",
            "at": "09:00",
            "every": {"birthday": True, "daysBefore": 7},
        },
        "rewards": [{"walletId": "wal_0123456789abcdef0123", "type": "FIXED", "points": 500}],
    },
    {
        "name": "Start of the month",
        "trigger": {
            "type": "SCHEDULE",
            "walletId": "wal_0123456789abcdef0123",
            "at": "00:00",
            "every": {"unit": "MONTH", "day": 1},
        },
        "rewards": [{"walletId": "wal_0123456789abcdef0123", "type": "FIXED", "points": 10}],
    },
    {
        "name": "Anniversaries of the shop",
        "trigger": {
            "type": "SCHEDULE",
            "walletId": "wal_0123456789abcdef0123",
            "at": "12:30",
            "every": {"dates": [{"month": 5, "day": 17}, {"month": 11, "day": 30}]},
        },
        "rewards": [{"walletId": "wal_0123456789abcdef0123", "type": "FIXED", "points": 100}],
    },
    {
        "name": "Referral",
        "trigger": {"type": "EVENT", "event": "order.paid"},
        "conditions": {"customer": {"orderCount": [0], "referred": [True]}},
        "rewards": [
            {"to": "CUSTOMER", "walletId": "wal_0123456789abcdef0123", "type": "FIXED", "points": 100},
            {"to": "REFERRER", "walletId": "wal_0123456789abcdef0123", "type": "FIXED", "points": 100},
        ],
        "limits": {"perReferrer": {"times": 50, "per": [{"unit": "MONTH", "times": 10}]}},
    },
    {
        "name": "Ten percent back",
        "trigger": {"type": "COUPON"},
        "rewards": [
            {"walletId": "wal_0123456789abcdef0123", "type": "PERCENTAGE", "percent": "10", "maxPoints": 50},
        ],
        "limits": {"perCustomer": {"times": 1}},
    },
    {
        "name": "Deliveries",
        "trigger": {"type": "EVENT", "event": "order.delivered"},
        "rewards": [
            {
                "walletId": "wal_0123456789abcdef0123",
                "type": "RANDOM",
                "outcomes": [{"from": 5, "to": 10, "weight": 90}, {"points": 100, "weight": 10}],
            }
        ],
        "limits": {
            "perCustomer": {
                "times": 100,
                "points": 1_000,
                "per": [{"unit": "MONTH", "times": 5, "points": 200}],
                "cooldown": {"every": 1, "unit": "HOUR"},
                "oncePer": "properties.carrier",
            },
            "budget": {"points": 100_000, "awards": 10_000, "whenExceeded": "CAP"},
        },
    },
]
"""Campaigns that together have every setting. The bad-input tests make their requests from these examples."""
