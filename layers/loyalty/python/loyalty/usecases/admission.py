"""Checks whether a wallet and a card may move points now."""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from zlib import crc32

from loyalty.domain.cards.card import Card, CardStatus
from loyalty.domain.cards.profile import Profile
from loyalty.domain.cards.transaction import Context
from loyalty.domain.wallets.wallet import Wallet, WalletStatus
from loyalty.errors import (
    CardBlocked,
    CardClosed,
    CardFrozen,
    CardNotFound,
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
class Admission:
    """A wallet and a card that may move points, and the command's context in the project's currency.

    `enrolment` is the profile of a new card.
    """

    wallet: Wallet
    card: Card
    context: Context
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
    return card, Profile(
        code=code or wallet.settings.code.random_code(secrets.choice),
        metadata=metadata,
        created_at=now,
        wallet_version=wallet.version,
    )


def recent_wallet(store: Store, wallet_id: str, now: int, *, version_min: int = 0) -> Wallet:
    """Returns the wallet whatever its status; raises `WalletNotFound` if it never existed."""
    wallet = store.wallets.recent(wallet_id, now, version_min=version_min)
    if wallet is None:
        raise WalletNotFound(f"There is no wallet {wallet_id}.")
    return wallet


def require_wallet(store: Store, wallet_id: str, now: int, *, version_min: int = 0, active_only: bool = True) -> Wallet:
    wallet = recent_wallet(store, wallet_id, now, version_min=version_min)
    if wallet.status is WalletStatus.DELETED:
        raise WalletDeleted(f"Wallet {wallet_id} was deleted.")
    if wallet.status is WalletStatus.DRAFT or (active_only and wallet.status is not WalletStatus.ACTIVE):
        raise WalletNotActive(
            f"Wallet {wallet_id} is {wallet.status}. Activate the wallet first.", walletStatus=wallet.status
        )
    return wallet


def require_known_wallet(store: Store, wallet_id: str) -> None:
    """Raises `WalletNotFound` if the wallet never existed: before the refusal of what is not found in the wallet."""
    if store.wallets.current(wallet_id) is None:
        raise WalletNotFound(f"There is no wallet {wallet_id}.")


def no_card(store: Store, wallet_id: str, customer_id: str) -> CardNotFound:
    """Returns the refusal of a customer without a card in the wallet. Raises `WalletNotFound`."""
    require_known_wallet(store, wallet_id)
    return CardNotFound(f"Customer {customer_id} has no card in wallet {wallet_id}.")


def require_open(card: Card) -> None:
    match card.status:
        case CardStatus.FROZEN:
            raise CardFrozen(
                f"The card of {card.customer_id} is frozen: no command moves its points. Set its status to ACTIVE."
            )
        case CardStatus.CLOSED:
            raise CardClosed(f"The card of {card.customer_id} is closed: no command moves its points.")


def require_unblocked(card: Card) -> None:
    if card.status is CardStatus.BLOCKED:
        raise CardBlocked("A BLOCKED card earns points but does not spend them. Set its status to ACTIVE first.")


def require_clock(skew: timedelta | None) -> None:
    """Refuses a clock that is far off: it would let points expire or activate permanently before their time."""
    if skew is not None and abs(skew.total_seconds()) > CLOCK_SKEW_SECONDS_MAX:
        raise ClockSkew("No data was written. Send the same request again.")


def in_currency(context: Context, wallet: Wallet) -> Context:
    """Returns the context with its order in the project's currency, which is the default of an order."""
    if context.order is None:
        return context
    if context.order.currency not in (None, wallet.currency):
        raise CurrencyDiffers.of_field(
            "body.order.currency",
            f"The project's currency is {wallet.currency}, the order's currency is {context.order.currency}.",
        )
    return replace(context, order=replace(context.order, currency=wallet.currency))
