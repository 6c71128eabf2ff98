"""The effects of time alone on a card: activations, cancellations, expiries and the end of holds.

Settling needs no wallet definition: every date was fixed when the points were granted.
"""

from collections.abc import Iterable
from dataclasses import replace

from loyalty.domain.cards.card import (
    Card,
    Hold,
    Lot,
    PendingLot,
    cancel_lots,
    lots_up_to,
    merged_lots,
    points_of,
    release_lots,
    remove_pending,
)
from loyalty.domain.cards.consumption import remove_lots
from loyalty.domain.cards.transaction import Movement, Operation, TransactionType
from loyalty.domain.dates import NEVER


def settle(card: Card, at: int) -> tuple[Card, list[Movement]]:
    """Returns the card as it is at `at`, and the movements that led there, whether or not a sweep has run.

    There is one RELEASE for each hold that ended, with a REVOCATION if a refund claims its points. Then comes at most
    one ACTIVATION, one CANCELLATION and one EXPIRY. Each lot in them had its own instant, and the movement takes effect
    at the latest of these. Held points do not expire; once released, points past their date expire with the rest.
    """
    movements: list[Movement] = []

    for hold in sorted((hold for hold in card.holds if hold.expires_at <= at), key=lambda hold: hold.expires_at):
        card = release_lots(card, hold, hold.lots)
        movements.append(
            replace(_movement(card, TransactionType.RELEASE, hold.expires_at, lots=hold.lots), hold=hold.seq)
        )
        card, revocations = revoke_claimed(card, hold, hold.lots, at, effective_at=hold.expires_at)
        movements += revocations

    activating = tuple(lot for lot in card.pending if _is_activated_by(lot, at))
    if activating:
        card = remove_pending(card, activating).add_lots(lot.active_lot() for lot in activating)
        latest = max(lot.activates_at for lot in activating)
        movements.append(_movement(card, TransactionType.ACTIVATION, latest, pending=activating))

    canceling = tuple(lot for lot in card.pending if 0 < lot.cancel_at <= at)
    if canceling:
        card = cancel_lots(card, canceling)
        latest = max(lot.cancel_at for lot in canceling)
        movements.append(_movement(card, TransactionType.CANCELLATION, latest, pending=canceling))

    card, expiries = expire_lots(card, at)
    return card, movements + expiries


def revoke_claimed(
    card: Card, hold: Hold, released: Iterable[Lot], at: int, *, effective_at: int
) -> tuple[Card, list[Movement]]:
    """Takes back what refunds claim of the released lots, which the card already has: the first ones first.

    Lots past their date expire instead. Points that repaid a debt are gone.
    """
    on_card = {(lot.expires_at, lot.issue_day): lot.points for lot in card.lots}
    usable = (
        replace(lot, points=min(lot.points, on_card.get((lot.expires_at, lot.issue_day), 0)))
        for lot in released
        if not is_past(card, lot, at)
    )
    parts = tuple(lots_up_to(usable, hold.claimed))
    if not parts:
        return card, []
    card = remove_lots(card, parts).count_in_lifetime(revoked=points_of(parts))
    revocation = _movement(card, TransactionType.REVOCATION, effective_at, lots=parts)
    return card, [replace(revocation, hold=hold.seq)]


def expire_lots(card: Card, at: int) -> tuple[Card, list[Movement]]:
    """Returns the card without the lots past their date, and one movement for all of them, if there are any."""
    expiring = tuple(lot for lot in card.lots if is_past(card, lot, at))
    if not expiring:
        return card, []
    latest = max(card.expiry_of(lot) for lot in expiring)
    kept = merged_lots(lot for lot in card.lots if lot not in expiring)
    card = replace(card, lots=kept).count_in_lifetime(expired=points_of(expiring))
    # The row of a sliding lot has its real end: it must not depend on the card, which may slide on.
    ended = tuple(replace(lot, expires_at=-card.expiry_of(lot)) if lot.expires_at < 0 else lot for lot in expiring)
    return card, [_movement(card, TransactionType.EXPIRY, latest, lots=ended)]


def is_past(card: Card, lot: Lot, at: int) -> bool:
    """Returns whether the lot is past its date, or would be if it were not held."""
    return card.expiry_of(lot) != NEVER and card.expiry_of(lot) <= at


def points_falling_due(card: Card, until: int) -> tuple[int, int]:
    """Returns the points that expire, and the points that become active, if only time changes the card until then.

    Points of one lot may do both.
    """
    _, movements = settle(card, until)
    expiring, activating = (
        sum(movement.points for movement in movements if movement.type is type_)
        for type_ in (TransactionType.EXPIRY, TransactionType.ACTIVATION)
    )
    return expiring, activating


def _is_activated_by(lot: PendingLot, at: int) -> bool:
    """Returns whether time activates the lot by `at`. At one instant, an activation comes before a cancellation."""
    return 0 < lot.activates_at <= at and not 0 < lot.cancel_at < lot.activates_at


def _movement(
    card: Card,
    type_: TransactionType,
    effective_at: int,
    *,
    lots: tuple[Lot, ...] = (),
    pending: tuple[PendingLot, ...] = (),
) -> Movement:
    return Movement(
        type=type_,
        operation=Operation.SETTLE,
        points=points_of((*lots, *pending)),
        lots=lots,
        pending_lots=pending,
        effective_at=effective_at,
        balance=card.balance,
    )
