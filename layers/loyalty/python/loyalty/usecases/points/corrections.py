"""Corrections by hand: add or remove points, undo a movement, give lots another expiry."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.domain.cards.card import Card
from loyalty.domain.cards.transaction import Movement, Transaction
from loyalty.domain.movements.adjustment import add_points, remove_points
from loyalty.domain.movements.credit import Grant
from loyalty.domain.movements.expiry_change import NamedLot, NewExpiry, set_expiry
from loyalty.domain.movements.reversal import require_reversible, reverse_row
from loyalty.errors import AlreadyReversed, KeyReused
from loyalty.store.keys import manual_origin, reversal_origin
from loyalty.store.store import Store
from loyalty.usecases.ledger import CardCommand, Command, Decided, Outcome, Situation, perform
from loyalty.usecases.points.pending import activations_after


def adjust(store: Store, command: Command, grant: Grant, at: datetime, *, qualifying: bool = False) -> Outcome:
    """Adds points to an existing card, or removes them if the grant is negative. Works in an INACTIVE wallet."""

    def decide(found: Situation) -> Decided:
        if grant.points > 0:
            after, movement = add_points(found.card, grant, found.wallet, found.now, qualifying=qualifying)
        else:
            after, movement = remove_points(found.card, -grant.points, found.wallet, found.now, qualifying=qualifying)
        return Decided(after, [movement])

    return perform(store, CardCommand(command, decide, active_only=False), at)


def reverse(store: Store, command: Command, row: Transaction, at: datetime) -> Outcome:
    """Undoes the row, once.

    The origin of the reversal is the row and not the key, so the fingerprint must include the key.
    """
    require_reversible(row)

    def decide(found: Situation) -> Decided:
        moved: list[Transaction | Movement] = [*found.by_time]
        if row.pending_lots:
            moved += _later_pending_rows(store, found.card, row)
        after, movement = reverse_row(found.card, row, moved, found.wallet, found.now)
        return Decided(after, [movement])

    try:
        under_row = command.under(reversal_origin(row.seq))
        return perform(store, CardCommand(under_row, decide, active_only=False), at)
    except KeyReused:
        raise AlreadyReversed("An earlier request has reversed the transaction.") from None


def shortfall(reversal: Transaction) -> int:
    """Returns the points of the reversed credit that were no longer there."""
    return (reversal.requested or reversal.points) - reversal.points


def change_expiry(
    store: Store, command: Command, expiry: NewExpiry, lots: Sequence[NamedLot] | None, at: datetime
) -> Outcome:
    """Gives the named active lots of a card another expiry; without names, all active lots."""

    def decide(found: Situation) -> Decided:
        after, movement = set_expiry(found.card, expiry, lots, found.wallet, found.now)
        return Decided(after, [movement])

    return perform(store, CardCommand(command, decide, active_only=False), at)


def _later_pending_rows(store: Store, card: Card, credit: Transaction) -> list[Transaction]:
    """Returns the rows that activated or canceled the credit's pending points: by hand, by an event, or by time."""
    by_somebody = store.cards.row(card.customer_id, card.wallet_id, None, manual_origin(credit.seq))
    moved = [by_somebody] if by_somebody else []
    moved += activations_after(store, card, [credit])
    if any(lot.cancel_at for lot in credit.pending_lots):
        moved += store.cards.settlement_rows_after(card.customer_id, card.wallet_id, credit.seq)
    return moved
