"""Points and rewards of the catalogue: what a redemption takes as its price, and what it gives."""

from dataclasses import replace

from loyalty.domain.cards.card import Card, Lot
from loyalty.domain.cards.coarsening import coarse_lot
from loyalty.domain.cards.limits import require_receivable, spending_allowance
from loyalty.domain.cards.sliding import slide_expiry
from loyalty.domain.cards.transaction import Movement, Operation, Transaction, TransactionType
from loyalty.domain.dates import day_number, local_day
from loyalty.domain.movements.credit import require_room
from loyalty.domain.movements.debit import insufficient_points, spend
from loyalty.domain.movements.reversal import reverse_row
from loyalty.domain.wallets.settings import Activity
from loyalty.domain.wallets.wallet import Wallet


def pay_price(card: Card, points: int, wallet: Wallet, at: int) -> tuple[Card, Movement]:
    """Takes the price from the settled card. Never goes below zero, and a limit never reduces the price."""
    today = local_day(at, wallet.zone)
    spending_allowance(card, points, wallet.settings, today, cap=False)
    available = card.balance.available
    if points > available:
        raise insufficient_points(points, available)
    card, lots, _ = spend(card, points, wallet, at)
    return card, _movement(card, TransactionType.DEBIT, points, lots, wallet, at)


def give_points(card: Card, points: int, wallet: Wallet, at: int) -> tuple[Card, Movement]:
    """Gives the points of a reward to the settled card: active at once, and with the wallet's expiry.

    A limit never reduces them; limits of one credit do not apply. Debt is repaid first.
    """
    today = local_day(at, wallet.zone)
    require_receivable(card, points, wallet.settings, today)
    granted = Lot(points, wallet.settings.expiration.expiry_from(at, wallet.zone), day_number(today))
    lots = (coarse_lot(granted, card.coarse, wallet.zone),)
    card = slide_expiry(card.add_lots(lots), wallet, Activity.EARNING, at)
    card = card.count_in_periods(today, earned=points).count_in_lifetime(issued=points)
    require_room(card)
    return card, _movement(card, TransactionType.CREDIT, points, lots, wallet, at)


def take_back(card: Card, given: Transaction, wallet: Wallet, at: int) -> tuple[Card, Movement]:
    """Takes the points that a reward gave from the very lots that it made, as far as they are still there.

    If points are gone, the movement records how many were requested. The operation is that of the reward: its points
    did not count for tiers, so they are not taken from what counts.
    """
    # The points were active at once, so nothing has moved them from pending.
    card, movement = reverse_row(card, given, (), wallet, at)
    return card, replace(movement, operation=Operation.REWARD)


def _movement(
    card: Card, type_: TransactionType, points: int, lots: tuple[Lot, ...], wallet: Wallet, at: int
) -> Movement:
    return Movement(
        type=type_,
        operation=Operation.REWARD,
        points=points,
        lots=lots,
        effective_at=at,
        balance=card.balance,
        day=day_number(local_day(at, wallet.zone)),
    )
