"""Random wallets and random requests of the main history."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from loyalty.domain.cards.transaction import Transaction, TransactionType
from tests.support.world import Books, Request, World, books

CUSTOMERS = ("ann", "bob")
DELIVERED, VISITED, OPENED = "delivered", "visited", "opened"
"""Events: one activates pending points, one moves sliding expiries, a campaign reacts to one."""

EXPIRATIONS: tuple[dict[str, Any], ...] = (
    {"type": "NO_EXPIRATION"},
    {"type": "ROLLING_EXPIRATION", "every": 2, "unit": "HOUR"},
    {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "DAY"},
)
SLIDING: tuple[dict[str, Any], ...] = (
    {"type": "SLIDING_EXPIRATION", "every": 2, "unit": "HOUR", "resetBy": ["EARNING"]},
    {"type": "SLIDING_EXPIRATION", "every": 1, "unit": "DAY", "resetBy": ["SPENDING"]},
    {
        "type": "SLIDING_EXPIRATION",
        "every": 2,
        "unit": "HOUR",
        "resetBy": ["SPENDING", "CUSTOM_EVENT"],
        "events": [VISITED],
    },
)
PENDINGS: tuple[dict[str, Any], ...] = (
    {"type": "IMMEDIATE"},
    {"type": "IMMEDIATE"},
    {"type": "PERIOD_BASED", "every": 1, "unit": "HOUR"},
)
BY_EVENT: tuple[dict[str, Any], ...] = (
    {"type": "EVENT_BASED", "events": [DELIVERED]},
    {"type": "EVENT_BASED", "events": [DELIVERED], "cancelAfter": {"every": 1, "unit": "DAY"}},
)
EARNING_LIMITS: tuple[dict[str, Any], ...] = (
    {},
    {"global": {"type": "TIME_BASED", "unit": "DAY", "max": 60, "whenExceeded": "CAP"}},
    {"global": {"type": "TIME_BASED", "unit": "WEEK", "max": 50, "whenExceeded": "REJECT"}},
    {"global": {"type": "BALANCE_BASED", "max": 40, "whenExceeded": "CAP"}},
    {"transaction": {"maxPoints": 20, "whenExceeded": "CAP"}},
)
SPENDING_LIMITS: tuple[dict[str, Any], ...] = (
    {},
    {"global": {"type": "TIME_BASED", "unit": "DAY", "max": 25, "whenExceeded": "CAP"}},
    {"global": {"type": "SPENDING_BASED", "max": 40, "whenExceeded": "REJECT"}},
    {"transaction": {"maxPoints": 9, "whenExceeded": "REJECT"}},
)
REFUNDS: tuple[dict[str, Any], ...] = (
    {},
    {"spent": {"expiredLots": "KEEP_EXPIRED"}},
    {"spent": {"type": "REFUND_ALL", "expiredLots": "GRACE", "graceDays": 1}},
    {"earned": {"type": "REVOKE_FROM_PENDING"}},
)
PAID = ("A", "P", "P")
"""Orders to refund. Points pay for the order P, whose amount is given."""
RATIOS = ("0.5", "0.03", "2")


def plain_settings(random: Random) -> dict[str, Any]:
    """The settings of a wallet that the model of single points covers."""
    return {
        "expiration": random.choice(EXPIRATIONS),
        "pending": random.choice(PENDINGS),
        "transfers": {"allowed": True},
    }


def rich_settings(random: Random) -> dict[str, Any]:
    """Settings with limits, payments, sliding expiries and points that events activate."""
    pending = random.choice((*PENDINGS, *BY_EVENT, *BY_EVENT))
    return {
        "expiration": random.choice((*EXPIRATIONS, *SLIDING, *SLIDING)),
        "pending": pending,
        "earningLimits": random.choice(EARNING_LIMITS),
        "spendingLimits": random.choice(SPENDING_LIMITS),
        "transfers": {"allowed": True, "countAsSpending": random.random() < 0.5},
        "payWithPoints": {"type": "EXCHANGE_RATIO", "formula": random.choice(RATIOS)},
        "refunds": random.choice(REFUNDS[: 3 if pending["type"] == "IMMEDIATE" else 4]),
    }


def plain_change(random: Random) -> dict[str, Any]:
    return {"expiration": random.choice(EXPIRATIONS)}


def rich_change(random: Random) -> dict[str, Any]:
    """A change of one part of the settings."""
    changes: tuple[dict[str, Any], ...] = (
        {"expiration": random.choice((*EXPIRATIONS, *SLIDING))},
        {"pending": random.choice((*PENDINGS, *BY_EVENT))},
        {"earningLimits": random.choice(EARNING_LIMITS)},
        {"spendingLimits": random.choice(SPENDING_LIMITS)},
        {"payWithPoints": {"type": "EXCHANGE_RATIO", "formula": random.choice(RATIOS)}},
    )
    return random.choice(changes)


PLAIN = {"credit": 5, "debit": 4, "refund": 3, "hold": 3, "capture": 3, "release": 2, "transfer": 3}
RICH = {**PLAIN, "pay": 4, "adjust": 2, "reverse": 3, "event": 6}
"""The verbs of requests with their weights."""


@dataclass
class Drafts:
    """Makes requests. Some name rows of the table: a hold to end, a transaction to reverse."""

    world: World
    random: Random
    weights: Mapping[str, int]

    def draft(self, customer_id: str) -> Request:
        # Some keys are used for two requests, as by a mistake.
        key = f"key-{self.random.randint(1, 40)}"
        (verb,) = self.random.choices([*self.weights], [*self.weights.values()])
        match verb:
            case "hold" | "capture" | "release":
                return self._hold(verb, customer_id, key)
            case "adjust" | "reverse":
                return self._correction(verb, customer_id, key)
            case "event":
                return self._event(customer_id)
        return self._movement(verb, customer_id, key)

    def _movement(self, verb: str, customer_id: str, key: str) -> Request:
        random, order_id = self.random, self.random.choice((None, "A", "B"))
        points, metadata = random.randint(1, 12), random.choice((None, "{}"))
        if verb == "transfer":
            (recipient,) = {*CUSTOMERS} - {customer_id}
            return Request(verb, customer_id, key, points=points, recipient=recipient)
        if verb == "refund":
            return Request(verb, customer_id, key, order_id or random.choice(PAID if "pay" in self.weights else "A"))
        if verb == "pay" or (verb == "credit" and "pay" in self.weights and random.random() < 0.3):
            points = points if verb == "credit" else 0
            return Request(verb, customer_id, key, "P", points, amount=random.choice((10, 10, 40)))
        return Request(verb, customer_id, key, order_id, points, metadata=metadata)

    def _hold(self, verb: str, customer_id: str, key: str) -> Request:
        if verb != "hold":
            return self._of_a_hold(verb, customer_id, key)
        # The order of a hold is never refunded.
        order_id, minutes = self.random.choice((None, "H")), self.random.choice((1, 60, 90))
        return Request(verb, customer_id, key, order_id, self.random.randint(1, 9), minutes=minutes)

    def _correction(self, verb: str, customer_id: str, key: str) -> Request:
        if verb == "reverse":
            return self._of_a_movement(customer_id, key)
        return Request(verb, customer_id, key, points=self.random.choice((-7, -2, 3, 8)))

    def _event(self, customer_id: str) -> Request:
        """An event with an id of its own. An event for an order arrives only after the customer has a card."""
        random = self.random
        name = random.choice((DELIVERED, DELIVERED, VISITED, OPENED))
        order_id = random.choice((None, "A", "B")) if name == DELIVERED and self._books(customer_id) else None
        return Request("event", customer_id, f"event-{random.randrange(10**9)}", order_id, event=name)

    def _of_a_hold(self, verb: str, customer_id: str, key: str) -> Request:
        """A capture or release of one of the last holds, open or ended, or of an unknown hold."""
        holds = [row for row in self._rows(customer_id) if row.type is TransactionType.HOLD]
        if not holds:
            return Request(verb, customer_id, key, hold_id=f"{'a' * 16}.1")
        row = self.random.choice(holds[-2:])
        points, final = self.random.choice((0, 0, 1, 5)), self.random.random() < 0.6
        if verb == "release":
            points, final = 0, True
        return Request(verb, customer_id, key, row.context.order_id, points, hold_id=row.transaction_id, final=final)

    def _of_a_movement(self, customer_id: str, key: str) -> Request:
        """A reversal of one of the last transactions, mostly a credit or debit without an order."""
        rows = self._rows(customer_id)
        kinds = (TransactionType.CREDIT, TransactionType.DEBIT)
        reversible = [row for row in rows if row.type in kinds and row.context.order_id is None]
        chosen = reversible if reversible and self.random.random() < 0.8 else rows
        row_id = self.random.choice(chosen[-3:]).transaction_id if chosen else f"{'a' * 16}.1"
        return Request("reverse", customer_id, key, undoes=row_id)

    def _rows(self, customer_id: str) -> list[Transaction]:
        found = self._books(customer_id)
        return found.rows if found else []

    def _books(self, customer_id: str) -> Books | None:
        return books(self.world.items()).get(customer_id)
