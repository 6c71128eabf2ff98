"""Computes a card's tier from its ledger, once for each attachment of a tier structure."""

from datetime import datetime

from loyalty.domain.tiers.recalculation import RecalculationCounts, RecalculationId
from loyalty.store.store import Store


def calculate_card(store: Store, customer_id: str, identity: RecalculationId, at: datetime) -> RecalculationCounts:
    """Returns the counts of this card: seen, and calculated or changed if a row was written."""
    return RecalculationCounts(seen=1)
