"""Calculates a card's tier from its whole ledger, which may have begun before the tier structure was attached."""

import secrets
from dataclasses import replace
from datetime import datetime

from loyalty.domain.audit.standings import standing_from_ledger
from loyalty.domain.cards.notices import due_notices
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import SYSTEM_CONTEXT, record
from loyalty.domain.dates import instant
from loyalty.domain.tiers.progression import calculate, is_calculated
from loyalty.retry import LostRace, retry
from loyalty.store.cards import CardChange
from loyalty.store.ledgers import StoredLedger
from loyalty.store.store import Store
from loyalty.usecases.admission import require_clock
from loyalty.usecases.ledger import SALT_BYTES, coming_due

ROWS_MAX = 50_000
"""Rows that are read to calculate one tier."""


def calculate_tier(
    store: Store, wallet_id: str, customer_id: str, program_id: str, at: datetime, *, version_min: int
) -> bool:
    """Records the tier that the card's whole ledger gives in the program; returns whether a row was written.

    Does nothing for a tier that is calculated already: a changed structure decides from the card's next write on. A
    card without rows needs no calculation. `version_min` is the version of the wallet with the structure. Raises
    `LedgerTooLong`, or `Busy` if other writes come first each time.
    """

    def attempt() -> bool:
        card, skew = store.cards.card_and_skew(customer_id, wallet_id)
        if card is None or card.version == 0:
            return False
        require_clock(skew)
        now = max(instant(at), card.at)
        wallet = store.wallets.recent(wallet_id, now, version_min=max(version_min, card.wallet_version))
        attached = next((one for one in wallet.tiers if one.program_id == program_id), None) if wallet else None
        if wallet is None or attached is None or is_calculated(card, attached):
            return False
        ledger = store.ledgers.read(customer_id, wallet_id, ROWS_MAX)
        if not isinstance(ledger, StoredLedger) or ledger.card != card:
            raise LostRace
        standing = standing_from_ledger(card, ledger.rows, attached, wallet)
        assert standing, "a card with rows has a standing"
        settled_card, by_time = settle(card, now)
        by_time += due_notices(card, settled_card, wallet, now)
        current, changes = calculate(card, settled_card, standing, wallet, now)
        after, rows = record(
            card,
            by_time,
            SYSTEM_CONTEXT,
            after=current,
            at=now,
            wallet_version=wallet.version,
            salt=secrets.token_bytes(SALT_BYTES),
            trailing=changes,
        )
        after = replace(after, due=coming_due(after, wallet, now), settle_failures=0)
        store.cards.commit(CardChange(before=card, after=after, rows=rows))
        return True

    return retry(attempt, "the card")
