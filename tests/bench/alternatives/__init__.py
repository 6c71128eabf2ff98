"""What teams build instead of the product: four designs with published sources, each written as its source advises.

Each design makes the promises of `contract.Alternative`. No design has the product's pending points, holds, tiers,
campaigns, audits or events. Only `lot_items` has points that expire.
"""

from tests.bench.alternatives.balance_item import BalanceItem
from tests.bench.alternatives.event_sum import EventSum
from tests.bench.alternatives.idempotency_layer import IdempotencyLayer
from tests.bench.alternatives.lot_items import LotItems

ALTERNATIVES = (IdempotencyLayer, BalanceItem, LotItems, EventSum)
"""In the order of the letters (a) to (d)."""

__all__ = ["ALTERNATIVES", "BalanceItem", "EventSum", "IdempotencyLayer", "LotItems"]
