"""Debiting points."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.domain.cards.card import Card
from loyalty.domain.cards.transaction import Movement
from loyalty.domain.movements.debit import debited
from loyalty.domain.wallets.wallet import Wallet
from loyalty.store.store import Store
from loyalty.usecases.admission import require_unblocked
from loyalty.usecases.ledger import Command, Outcome, perform


def debit(store: Store, command: Command, points: int, at: datetime, *, allow_partial: bool = False) -> Outcome:
    """Takes points, where limits and balance allow; as many as they allow with `allow_partial`."""

    def decide(card: Card, wallet: Wallet, now: int, _: Sequence[Movement]) -> tuple[Card, list[Movement]]:
        require_unblocked(card)
        after, movement = debited(card, points, wallet, now, allow_partial=allow_partial)
        return after, [movement]

    return perform(store, command, at, decide)
