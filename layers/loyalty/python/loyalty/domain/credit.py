"""Giving points: when they become usable, when they expire, and what they do to the card."""

from dataclasses import dataclass

from loyalty.domain.card import (
    BALANCE_MAX,
    NEVER,
    PENDING_LOTS_MAX,
    Card,
    Lot,
    PendingLot,
)
from loyalty.domain.dates import (
    Period,
    activation_after,
    day_number,
    expiry_after,
    local_day,
    moment,
)
from loyalty.domain.transaction import Movement, Operation, Type
from loyalty.domain.wallet import Wallet
from loyalty.errors import BalanceTooLarge, InvalidDates, TooManyPendingLots


@dataclass(frozen=True, slots=True)
class Grant:
    """The points of one credit, and dates of its own that go before the wallet's. Instants are epoch seconds."""

    points: int
    activates_at: int | None = None
    activates_after: Period | None = None
    expires_at: int | None = None
    expires_after: Period | None = None


def credited(card: Card, grant: Grant, wallet: Wallet, at: int) -> tuple[Card, Movement]:
    """The settled card with the grant, pending or active."""
    zone = wallet.zone
    today = local_day(at, zone)
    activates_at = activation_of(grant, wallet, at)
    expires_at = expiry_of(grant, wallet, max(activates_at, at))
    if expires_at != NEVER and expires_at <= max(activates_at, at):
        raise InvalidDates(
            f"The points would be usable from {moment(max(activates_at, at)):%Y-%m-%dT%H:%M:%SZ} "
            f"and expire at {moment(expires_at):%Y-%m-%dT%H:%M:%SZ}."
        )

    lots: tuple[Lot, ...] = ()
    pending: tuple[PendingLot, ...] = ()
    if activates_at <= at:
        lots = (Lot(grant.points, expires_at, day_number(today)),)
        card = card.plus_lots(lots)
    else:
        pending = (PendingLot(grant.points, activates_at, 0, expires_at, day_number(today)),)
        card = card.plus_pending(pending[0])
        if len(card.pending) > PENDING_LOTS_MAX:
            raise TooManyPendingLots(f"A card can wait for at most {PENDING_LOTS_MAX} different activations.")
    card = card.counted(today, earned=grant.points).counting(issued=grant.points)
    require_room(card)
    return card, Movement(
        type=Type.CREDIT,
        operation=Operation.CREDIT,
        points=grant.points,
        lots=lots,
        pending_lots=pending,
        effective_at=at,
        balance=card.balance,
    )


def require_room(card: Card) -> None:
    balance = card.balance
    if balance.active + balance.pending + balance.held > BALANCE_MAX:
        raise BalanceTooLarge(f"A card holds at most {BALANCE_MAX} points.")


def activation_of(grant: Grant, wallet: Wallet, at: int) -> int:
    """The instant from which the points are usable; `at` or earlier means at once."""
    if grant.activates_at is not None:
        return grant.activates_at
    period = grant.activates_after or wallet.settings.pending.period
    return activation_after(at, period, wallet.zone) if period else at


def expiry_of(grant: Grant, wallet: Wallet, activates_at: int) -> int:
    """Expiry counts from activation."""
    if grant.expires_at is not None:
        return grant.expires_at
    period = grant.expires_after or wallet.settings.expiration.period
    return expiry_after(activates_at, period, wallet.zone) if period else NEVER
