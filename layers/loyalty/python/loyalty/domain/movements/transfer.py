"""Transfers of points from one customer to another: the lots move and keep their dates."""

from dataclasses import replace

from loyalty.domain.cards.card import Card, Lot, points_of
from loyalty.domain.cards.coarsening import coarse_lot
from loyalty.domain.cards.consumption import consume
from loyalty.domain.cards.limits import require_receivable, spending_allowance
from loyalty.domain.cards.transaction import Movement, Operation, TransactionType
from loyalty.domain.dates import day_number, local_day
from loyalty.domain.movements.credit import require_room
from loyalty.domain.movements.debit import insufficient_points
from loyalty.domain.wallets.wallet import Wallet


def send_points(
    card: Card, points: int, wallet: Wallet, at: int, *, recipient_id: str
) -> tuple[Card, Movement, tuple[Lot, ...]]:
    """Takes `points` of the sender's active points; returns the recipient's lots too. Never goes below zero."""
    today = local_day(at, wallet.zone)
    spending = wallet.settings.transfers.count_as_spending
    if spending:
        spending_allowance(card, points, wallet.settings, today, cap=False)
    available = card.balance.available
    if points > available:
        raise insufficient_points(points, available)

    before = card
    card, lots = consume(card, points, wallet.settings.consumption_order)
    # The moment of a sliding lot becomes a fixed date: neither card's activity moves it.
    dated = tuple(replace(lot, expires_at=before.expiry_of(lot)) for lot in lots)
    if spending:
        card = card.count_in_periods(today, spent=points)
    card = card.count_in_lifetime(transferred_out=points)
    movement = _movement(card, TransactionType.TRANSFER_OUT, lots, at, recipient_id)
    return card, replace(movement, day=day_number(today) if spending else None), dated


def receive_points(
    card: Card, lots: tuple[Lot, ...], wallet: Wallet, at: int, *, sender_id: str
) -> tuple[Card, Movement]:
    """Adds another card's lots to the settled card, where they count as earned today. Debt is repaid first.

    A coarse card rounds their dates, as it does for all of its lots.
    """
    points, today = points_of(lots), local_day(at, wallet.zone)
    require_receivable(card, points, wallet.settings, today)
    lots = tuple(coarse_lot(lot, card.coarse, wallet.zone) for lot in lots)
    card = card.add_lots(lots).count_in_periods(today, earned=points).count_in_lifetime(transferred_in=points)
    require_room(card)
    movement = _movement(card, TransactionType.TRANSFER_IN, lots, at, sender_id)
    return card, replace(movement, day=day_number(today))


def _movement(card: Card, type_: TransactionType, lots: tuple[Lot, ...], at: int, counterpart: str) -> Movement:
    return Movement(
        type=type_,
        operation=Operation.TRANSFER,
        points=points_of(lots),
        lots=lots,
        effective_at=at,
        balance=card.balance,
        counterpart=counterpart,
    )
