"""How activity moves the expiry of sliding points."""

from loyalty.domain.cards.card import Card
from loyalty.domain.wallets.settings import Activity
from loyalty.domain.wallets.wallet import Wallet


def slide_expiry(card: Card, wallet: Wallet, activity: Activity, at: int) -> Card:
    """Moves the card's sliding moment a period ahead, if the activity resets it."""
    expiration = wallet.settings.expiration
    if not expiration.is_reset_by(activity):
        return card
    return card.slide_to(-expiration.expiry_from(at, wallet.zone))
