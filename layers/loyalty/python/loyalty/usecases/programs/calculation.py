"""The part of one card in a recalculation."""

from datetime import datetime

from loyalty.domain.cards.card import DueCard
from loyalty.domain.tiers.recalculation import RecalculationCounts, RecalculationId
from loyalty.store.store import Store
from loyalty.usecases.sweeps import settle_due_card
from loyalty.usecases.tier_calculation import calculate_tier


def calculate_card(store: Store, customer_id: str, identity: RecalculationId, at: datetime) -> RecalculationCounts:
    """Calculates the card's tier from its ledger; a tier that is calculated already follows a changed structure.

    A second call changes nothing.
    """
    calculated = calculate_tier(
        store,
        identity.wallet_id,
        customer_id,
        identity.program_id,
        at,
        version_min=identity.wallet_version,
    )
    # With the changed structure, the points that the card has counted may give it another tier.
    changed = not calculated and settle_due_card(store, DueCard(customer_id, identity.wallet_id), at)
    return RecalculationCounts(seen=1, calculated=int(calculated), changed=int(changed))
