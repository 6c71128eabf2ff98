"""Undoes a mistaken credit or debit on the very lots that its row names."""

from collections.abc import Iterable
from dataclasses import replace

from loyalty.domain.cards.card import Card, Lot, PendingLot, Room, lots_up_to, merged_room, points_of, remove_pending
from loyalty.domain.cards.coarsening import lot_place, pending_place
from loyalty.domain.cards.consumption import remove_lots
from loyalty.domain.cards.transaction import Movement, Operation, Transaction, TransactionType
from loyalty.domain.dates import day_of
from loyalty.domain.movements.credit import require_room
from loyalty.domain.movements.debit import BY_BALANCE
from loyalty.domain.movements.order_state import order_state
from loyalty.domain.movements.pending import pending_outcome
from loyalty.domain.movements.refund import returned_lots
from loyalty.domain.wallets.settings import ExpiredLots
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import NotReversible

REVERSIBLE = {Operation.CREDIT, Operation.DEBIT, Operation.ADJUSTMENT, Operation.CAMPAIGN, Operation.COUPON}


def require_reversible(row: Transaction) -> None:
    if row.operation is Operation.REVERSAL:
        raise NotReversible("A reversal cannot be reversed: make the movement again instead.")
    if row.operation is Operation.REWARD:
        raise NotReversible("The transaction belongs to a redemption: cancel the redemption instead.")
    if row.operation not in REVERSIBLE:
        raise NotReversible(
            f"The transaction is {row.type} by {row.operation}: only credits, debits and adjustments are reversed.",
            transactionType=row.type,
            operation=row.operation,
        )
    if row.context.order_id is not None:
        raise NotReversible("The transaction has an order: refund the order instead.", orderId=row.context.order_id)


def reverse_row(
    card: Card, row: Transaction, moved: Iterable[Transaction | Movement], wallet: Wallet, at: int
) -> tuple[Card, Movement]:
    """Undoes the row on the settled card, as far as its points are still there.

    `moved`: the rows that activated or canceled pending points after the row, including the points of other credits. If
    a credit's points are gone, the movement records how many were requested.
    """
    if row.type is TransactionType.CREDIT:
        return _undo_credit(card, row, moved, wallet, at)
    return _undo_debit(card, row, wallet, at)


def _undo_credit(
    card: Card, credit: Transaction, moved: Iterable[Transaction | Movement], wallet: Wallet, at: int
) -> tuple[Card, Movement]:
    zone = wallet.zone
    outcome = pending_outcome((credit, *moved), card.coarse, zone)
    own = [*credit.lots, *outcome.activated]
    pending: list[PendingLot] = []
    for lot in credit.pending_lots:
        where = pending_place(lot, card.coarse, zone)
        left = outcome.left[where]
        pending_parts = lots_up_to(
            (one for one in card.pending if pending_place(one, card.coarse, zone) == where), left
        )
        pending += pending_parts
        card = remove_pending(card, pending_parts)
        if 0 < lot.activates_at <= at:
            own.append(replace(lot.active_lot(), points=left - points_of(pending_parts)))

    active: list[Lot] = []
    for usable in own:
        where_active = lot_place(usable, card.coarse, zone)
        parts = lots_up_to(
            (one for one in card.lots if lot_place(one, card.coarse, zone) == where_active), usable.points
        )
        active += parts
        card = remove_lots(card, parts)

    points = points_of((*pending, *active))
    card = card.count_in_lifetime(revoked=points)
    if credit.day is not None:
        card = card.restore_room(day_of(credit.day), earned=points)
    return card, Movement(
        type=TransactionType.REVOCATION,
        operation=Operation.REVERSAL,
        points=points,
        lots=tuple(active),
        pending_lots=tuple(pending),
        effective_at=at,
        balance=card.balance,
        requested=credit.points if points < credit.points else None,
        capped_by=BY_BALANCE if points < credit.points else None,
        reverses=credit.seq,
        room=_room(credit, points),
    )


def _undo_debit(card: Card, debit: Transaction, wallet: Wallet, at: int) -> tuple[Card, Movement]:
    spent_lots = order_state([debit], card.coarse, wallet.zone, at).spent_lots
    # Points that a mistake kept from being spent in time are not lost.
    policy = wallet.settings.refunds.spent.expired_lots
    policy = ExpiredLots.RENEW if policy is ExpiredLots.KEEP_EXPIRED else policy
    lots = returned_lots((one.lot for one in spent_lots), card, wallet, at, policy)
    card = card.add_lots(lots).count_in_lifetime(returned=debit.points)
    if debit.day is not None:
        card = card.restore_room(day_of(debit.day), spent=debit.points)
    else:
        # The adjustment did not count as spending over the card's life, so its reversal gives no room back.
        card = replace(card, other_spending=card.other_spending + debit.points)
    require_room(card)
    return card, Movement(
        type=TransactionType.RETURN,
        operation=Operation.REVERSAL,
        points=debit.points,
        lots=lots,
        effective_at=at,
        balance=card.balance,
        reverses=debit.seq,
        room=_room(debit, debit.points),
    )


def _room(row: Transaction, points: int) -> Room:
    """Returns the room that the points of a row give back: none if the row used no limits."""
    return () if row.day is None else merged_room([(row.day, points)])
