"""Rebuilds a card from its rows alone: the card after each of them, and at any instant.

A row has what its dates were: the day in whose periods it counts, the room that it gives back, the new sliding moment,
and the lots as they were rounded. So neither the wallet's settings nor the zone's data at the time of an audit matter.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from loyalty.domain.cards.card import (
    Card,
    Hold,
    Lot,
    cancel_lots,
    merged_pending,
    reduce_hold,
    release_lots,
    remove_pending,
)
from loyalty.domain.cards.consumption import remove_lots
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import Operation, Transaction, TransactionType
from loyalty.domain.dates import day_of

HOLD_ENDINGS = (TransactionType.CAPTURE, TransactionType.RELEASE)


@dataclass(frozen=True, slots=True)
class RebuildStep:
    """One row, and the card before and after it."""

    row: Transaction
    before: Card
    after: Card
    opens: bool
    """Whether the row is the first row of its transaction that settlement did not write."""
    ends_hold: int | None
    """The hold that a command of the same transaction ends before its time."""
    released: Hold | None = None
    """The lots that settlement released by the row before this row, with what refunds claim of them."""


def card_at_enrolment(card: Card) -> Card:
    """Returns the card as it was before its first row."""
    return Card(card_id=card.card_id, wallet_id=card.wallet_id, customer_id=card.customer_id, shard=card.shard)


def rebuild_steps(card: Card, rows: Iterable[Transaction]) -> Iterator[RebuildStep]:
    """Applies the rows to the card in the order of `seq`, from its enrolment on.

    Nothing is checked: a row may take points that are not there, which leaves lots with fewer than 0 points.
    """
    card, released = card_at_enrolment(card), None
    for group in _transactions(rows):
        ends_hold = next((row.hold for row in group if row.type in HOLD_ENDINGS and not row.operation.is_by_time), None)
        opening = next((row for row in group if row.operation is not Operation.SETTLE), None)
        for row in group:
            after = replace(
                _apply_row(card, row),
                version=row.seq,
                hash=row.hash,
                at=row.created_at,
                wallet_version=row.wallet_version,
            )
            yield RebuildStep(row, card, after, opens=row is opening, ends_hold=ends_hold, released=released)
            released = _hold_of_release(card, row)
            card = after


def card_as_of(card: Card, rows: Iterable[Transaction], at: int) -> Card:
    """Returns the card as of the instant: everything due by then is applied, whenever it was recorded."""
    rebuilt = card_at_enrolment(card)
    for step in rebuild_steps(card, (row for row in rows if row.created_at <= at)):
        rebuilt = step.after
    return settle(rebuilt, at)[0]


def _transactions(rows: Iterable[Transaction]) -> Iterator[list[Transaction]]:
    """Yields the rows that were written together."""
    group: list[Transaction] = []
    for row in rows:
        group.append(row)
        if not row.later:
            yield group
            group = []
    if group:
        yield group


def _hold_of_release(card: Card, row: Transaction) -> Hold | None:
    """Returns the hold with the lots that settlement released by the row."""
    if row.type is not TransactionType.RELEASE or row.operation is not Operation.SETTLE:
        return None
    return next((replace(hold, lots=row.lots) for hold in card.holds if hold.seq == row.hold), None)


def _apply_row(card: Card, row: Transaction) -> Card:
    card = _move_points(card, row)
    if row.refund:
        card = card.with_claims(row.refund.claims)
    if row.day is not None:
        earned = row.type in (TransactionType.CREDIT, TransactionType.TRANSFER_IN)
        card = card.count_in_periods(day_of(row.day), **{"earned" if earned else "spent": row.points})
    if row.slides_to:
        card = card.slide_to(row.slides_to)
    return card.with_rounded_lots(row.rounded) if row.rounded else card


def _move_points(card: Card, row: Transaction) -> Card:
    match row.type:
        case TransactionType.CREDIT:
            card = card.add_lots(row.lots).count_in_lifetime(issued=row.points)
            card = replace(card, pending=merged_pending((*card.pending, *row.pending_lots)))
        case TransactionType.DEBIT:
            card = _apply_debit(card, row)
        case TransactionType.ACTIVATION:
            # By time, each lot gets its promised expiry; before its time, the row has the expiry.
            usable = row.lots or [lot.active_lot() for lot in row.pending_lots]
            card = remove_pending(card, row.pending_lots).add_lots(usable)
        case TransactionType.EXPIRY:
            # The row of a sliding lot has its end.
            card = remove_lots(card, map(card.own_form, row.lots)).count_in_lifetime(expired=row.points)
        case TransactionType.CANCELLATION:
            card = cancel_lots(card, row.pending_lots)
        case TransactionType.RETURN | TransactionType.REVOCATION:
            card = _apply_undo(card, row)
        case TransactionType.HOLD | TransactionType.CAPTURE | TransactionType.RELEASE:
            card = _apply_hold(card, row)
        case TransactionType.TRANSFER_IN:
            card = card.add_lots(row.lots).count_in_lifetime(transferred_in=row.points)
        case TransactionType.TRANSFER_OUT:
            card = remove_lots(card, row.lots).count_in_lifetime(transferred_out=row.points)
        case TransactionType.ACTIVITY if row.operation is Operation.EXPIRY_CHANGE:
            card = remove_lots(card, row.lots_before).add_lots(row.lots)
    return card


def _apply_debit(card: Card, row: Transaction) -> Card:
    card = remove_lots(card, row.lots)
    card = replace(card, debt=card.debt + row.owed)
    if row.operation is not Operation.ADJUSTMENT:
        return card.count_in_lifetime(redeemed=row.points)
    spent = row.points if row.qualifying else 0
    return replace(card, other_spending=card.other_spending + spent).count_in_lifetime(removed=row.points)


def _apply_undo(card: Card, row: Transaction) -> Card:
    """Returns or revokes points."""
    if row.type is TransactionType.RETURN:
        card = card.add_lots(row.lots).count_in_lifetime(returned=row.points)
        if row.operation is Operation.REVERSAL and not row.room:
            # Points that did not count as spending over the card's life give no room back.
            card = replace(card, other_spending=card.other_spending + row.points)
        for day, points in row.room:
            card = card.restore_room(day_of(day), spent=points)
        return card
    card = remove_lots(remove_pending(card, row.pending_lots), row.lots)
    card = replace(card, debt=card.debt + row.owed).count_in_lifetime(revoked=row.points)
    for day, points in row.room:
        card = card.restore_room(day_of(day), earned=points)
    return card


def _apply_hold(card: Card, row: Transaction) -> Card:
    """Holds points, or captures or releases points of a hold."""
    if row.type is TransactionType.HOLD:
        placed = Hold(row.seq, row.hold_expires_at or 0, row.day or 0, row.lots)
        return replace(remove_lots(card, row.lots), holds=(*card.holds, placed))
    if row.type is TransactionType.CAPTURE:
        card = card.count_in_lifetime(redeemed=row.points)
    hold = next((hold for hold in card.holds if hold.seq == row.hold), None)
    if hold is None:
        return card
    kept = _remaining_lots(hold.lots, row.lots)
    if row.type is TransactionType.RELEASE:
        return release_lots(card, hold, row.lots, kept=kept)
    return reduce_hold(card, hold, kept)


def _remaining_lots(lots: Iterable[Lot], parts: Sequence[Lot]) -> tuple[Lot, ...]:
    """Returns the lots, each of which has its own dates, without the parts."""
    gone = {(part.expires_at, part.issue_day): part.points for part in parts}
    left = (replace(lot, points=lot.points - gone.get((lot.expires_at, lot.issue_day), 0)) for lot in lots)
    return tuple(lot for lot in left if lot.points)
