"""Taking points."""

from loyalty.domain.card import Card
from loyalty.domain.consumption import taken
from loyalty.domain.dates import local_day
from loyalty.domain.transaction import Movement, Operation, Type
from loyalty.domain.wallet import Wallet
from loyalty.errors import InsufficientPoints


def debited(card: Card, points: int, wallet: Wallet, at: int) -> tuple[Card, Movement]:
    """The settled card less `points`, in the wallet's order of consumption. Pending and held points do not count."""
    available = card.balance.available
    if points > available:
        raise InsufficientPoints(
            f"{points} points are required and {available} available.",
            required=points,
            available=available,
            missing=points - available,
        )
    card, lots = taken(card, points, wallet.settings.consumption_order)
    card = card.counted(local_day(at, wallet.zone), spent=points).counting(redeemed=points)
    return card, Movement(
        type=Type.DEBIT,
        operation=Operation.DEBIT,
        points=points,
        lots=lots,
        effective_at=at,
        balance=card.balance,
    )
