"""Whether a wallet and a card may move points now."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from zlib import crc32

from loyalty.domain.cards.card import Card, CardStatus
from loyalty.domain.cards.profile import Profile
from loyalty.domain.cards.transaction import Facts
from loyalty.domain.wallets.wallet import Wallet, WalletStatus
from loyalty.errors import (
    CardBlocked,
    CardClosed,
    CardFrozen,
    ClockSkew,
    CurrencyDiffers,
    WalletDeleted,
    WalletNotActive,
    WalletNotFound,
)
from loyalty.store.keys import SHARDS
from loyalty.store.store import Store

CLOCK_SKEW_SECONDS_MAX = 5


@dataclass(frozen=True, slots=True)
class Admitted:
    """A wallet and a card that may be moved, and the facts in the project's currency; `enrolment` is of a new card."""

    wallet: Wallet
    card: Card
    facts: Facts
    enrolment: Profile | None = None


def new_card(
    wallet: Wallet, customer_id: str, now: int, *, code: str | None = None, metadata: str | None = None
) -> tuple[Card, Profile]:
    card_id = secrets.token_urlsafe(12)
    card = Card(
        card_id=card_id,
        wallet_id=wallet.wallet_id,
        customer_id=customer_id,
        shard=crc32(card_id.encode()) % SHARDS,
        wallet_version=wallet.version,
        at=now,
    )
    return card, Profile(code=code or wallet.settings.code.generated(secrets.choice), metadata=metadata, created_at=now)


def active_wallet(store: Store, wallet_id: str, now: int, *, version_min: int = 0, active_only: bool = True) -> Wallet:
    wallet = store.wallets.cached(wallet_id, now, version_min=version_min)
    if wallet is None:
        raise WalletNotFound(f"There is no wallet {wallet_id}.")
    if wallet.status is WalletStatus.DELETED:
        raise WalletDeleted(f"Wallet {wallet_id} was deleted.")
    if wallet.status is WalletStatus.DRAFT or (active_only and wallet.status is not WalletStatus.ACTIVE):
        raise WalletNotActive(f"Wallet {wallet_id} is {wallet.status}.", walletStatus=wallet.status)
    return wallet


def require_open(card: Card) -> None:
    match card.status:
        case CardStatus.FROZEN:
            raise CardFrozen(f"The card of {card.customer_id} is frozen: its points neither come nor go.")
        case CardStatus.CLOSED:
            raise CardClosed(f"The card of {card.customer_id} is closed.")


def require_unblocked(card: Card) -> None:
    if card.status is CardStatus.BLOCKED:
        raise CardBlocked("The card may earn but not spend.")


def require_clock(at: datetime, server_time: datetime | None) -> None:
    """A clock that is far off would let points expire or activate for good before their time."""
    if server_time is not None and abs((at - server_time).total_seconds()) > CLOCK_SKEW_SECONDS_MAX:
        raise ClockSkew("Nothing was written. Send the same request again.")


def in_currency(facts: Facts, wallet: Wallet) -> Facts:
    """The facts with the order in the project's currency, which goes without saying."""
    if facts.order is None:
        return facts
    if facts.order.currency not in (None, wallet.currency):
        raise CurrencyDiffers(f"The project counts in {wallet.currency}, the order in {facts.order.currency}.")
    return replace(facts, order=replace(facts.order, currency=wallet.currency))
