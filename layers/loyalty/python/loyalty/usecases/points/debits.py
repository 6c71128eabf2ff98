"""Debiting points."""

from datetime import datetime

from loyalty.domain.movements.debit import debit_points
from loyalty.store.store import Store
from loyalty.usecases.admission import require_unblocked
from loyalty.usecases.ledger import CardCommand, Command, Decided, Outcome, Situation, perform


def debit(store: Store, command: Command, points: int, at: datetime, *, allow_partial: bool = False) -> Outcome:
    """Takes points if limits and balance allow; with `allow_partial`, as many as they allow."""

    def decide(found: Situation) -> Decided:
        require_unblocked(found.card)
        after, movement = debit_points(found.card, points, found.wallet, found.now, allow_partial=allow_partial)
        return Decided(after, [movement])

    return perform(store, CardCommand(command, decide), at)
