"""Credits: how many points, when they become usable, when they expire, and how they change the card."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from loyalty.domain.cards.card import BALANCE_MAX, BY_EVENT, BY_WALLET, PENDING_LOTS_MAX, Card, Lot, PendingLot
from loyalty.domain.cards.coarsening import coarse_expiry, coarse_issue_day
from loyalty.domain.cards.limits import earning_allowance
from loyalty.domain.cards.sliding import slide_expiry
from loyalty.domain.cards.transaction import Movement, Operation, TransactionType
from loyalty.domain.dates import NEVER, Period, activation_after, datetime_of, day_number, expiry_after, local_day
from loyalty.domain.movements.pending import encoded_period
from loyalty.domain.order import Order
from loyalty.domain.wallets.settings import Activity, PendingType
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import BalanceTooLarge, InvalidDates, TooManyPendingLots

ACTIVATION_LATE_SECONDS_MAX = 5 * 60
"""How late an activation may be to mean at once: clocks differ, and requests take time."""


@dataclass(frozen=True, slots=True)
class Grant:
    """The points of one credit, and its own dates, which override the wallet's. Instants are epoch seconds."""

    points: int
    activates_at: int | None = None
    activates_after: Period | None = None
    expires_at: int | None = None
    expires_after: Period | None = None

    @property
    def has_activation(self) -> bool:
        return self.activates_at is not None or self.activates_after is not None

    @property
    def expiry_field(self) -> str | None:
        """The field of the request with the expiry, as it was sent; None if the wallet's settings decide."""
        if self.expires_at is not None:
            return "body.expiresAt"
        return "body.expireAfter" if self.expires_after else None

    @property
    def has_expiry(self) -> bool:
        return self.expires_at is not None or self.expires_after is not None


def credit_points(
    card: Card,
    grant: Grant,
    wallet: Wallet,
    at: int,
    *,
    order_id: str | None = None,
    order: Order | None = None,
    event_received: bool = False,
    operation: Operation = Operation.CREDIT,
) -> tuple[Card, Movement]:
    """Gives the settled card as much of the grant as the limits allow, pending or active.

    `event_received`: the event that would activate points of this order has already arrived.
    """
    settings, zone = wallet.settings, wallet.zone
    today = local_day(at, zone)
    require_expiry_allowed(grant, wallet)
    _require_activation_ahead(grant, at)
    allowed = earning_allowance(card, grant.points, settings, today, order_id=order_id, order=order)

    lots: tuple[Lot, ...] = ()
    pending: tuple[PendingLot, ...] = ()
    issue_day = coarse_issue_day(day_number(today), card.coarse)
    if settings.pending.type is PendingType.EVENT_BASED and not grant.has_activation and not event_received:
        cancel_at = settings.pending.cancellation_from(at, zone)
        if grant.expires_at is not None:
            # Points still pending at their expiry are canceled: no event may activate points past their date.
            require_valid_dates(at, grant.expires_at, grant)
            cancel_at = min(cancel_at or grant.expires_at, grant.expires_at)
        pending = (PendingLot(allowed.points, BY_EVENT, cancel_at, _event_based_expiry(grant), issue_day),)
    else:
        activates_at = at if event_received and not grant.has_activation else grant_activation(grant, wallet, at)
        usable_at = max(activates_at, at)
        expires_at = coarse_expiry(grant_expiry(grant, wallet, usable_at), card.coarse, zone)
        require_valid_dates(usable_at, expires_at, grant)
        if activates_at > at:
            pending = (PendingLot(allowed.points, activates_at, 0, expires_at, issue_day),)
        else:
            lots = (Lot(allowed.points, expires_at, issue_day),)
    card = card.add_lots(lots)
    for lot in pending:
        card = card.add_pending(lot)
    if len(card.pending) > PENDING_LOTS_MAX:
        raise TooManyPendingLots(f"A card can have at most {PENDING_LOTS_MAX} different pending activations.")
    card = slide_expiry(card, wallet, Activity.EARNING, at)
    card = card.count_in_periods(today, earned=allowed.points).count_in_lifetime(issued=allowed.points)
    require_room(card)
    return card, Movement(
        type=TransactionType.CREDIT,
        operation=operation,
        points=allowed.points,
        lots=lots,
        pending_lots=pending,
        effective_at=at,
        balance=card.balance,
        requested=grant.points if allowed.capped_by else None,
        capped_by=allowed.capped_by,
        day=day_number(today),
    )


def require_room(card: Card) -> None:
    balance = card.balance
    if balance.active + balance.pending + balance.held > BALANCE_MAX:
        raise BalanceTooLarge(f"A card holds at most {BALANCE_MAX} points.")


def grant_activation(grant: Grant, wallet: Wallet, at: int) -> int:
    """Returns the instant from which the points are usable; `at` or earlier means at once. Not for EVENT_BASED."""
    if grant.activates_at is not None:
        return grant.activates_at
    if grant.activates_after:
        return activation_after(at, grant.activates_after, wallet.zone)
    return wallet.settings.pending.activation_from(at, wallet.zone)


def grant_expiry(grant: Grant, wallet: Wallet, activates_at: int) -> int:
    """Returns the expiry, which counts from activation. Dates of the grant's own do not slide."""
    return chosen_expiry(grant.expires_at, grant.expires_after, wallet, activates_at, wallet.zone)


def chosen_expiry(
    expires_at: int | None, expires_after: Period | None, wallet: Wallet, activates_at: int, zone: ZoneInfo
) -> int:
    if expires_at is not None:
        return expires_at
    if expires_after is not None:
        return expiry_after(activates_at, expires_after, zone)
    return wallet.settings.expiration.expiry_from(activates_at, zone)


def require_expiry_allowed(grant: Grant, wallet: Wallet) -> None:
    if wallet.settings.allow_negative_balance and grant.has_expiry:
        raise InvalidDates.of_field(grant.expiry_field, "Points of a wallet with allowNegativeBalance never expire.")


def _require_activation_ahead(grant: Grant, at: int) -> None:
    if grant.activates_at is not None and grant.activates_at < at - ACTIVATION_LATE_SECONDS_MAX:
        message = f"The instant {datetime_of(grant.activates_at):%Y-%m-%dT%H:%M:%SZ} is in the past."
        raise InvalidDates.of_field("body.activatesAt", message)


def require_valid_dates(usable_at: int, expires_at: int, grant: Grant) -> None:
    if expires_at != NEVER and abs(expires_at) <= usable_at:
        raise InvalidDates.of_field(
            grant.expiry_field,
            f"The points would be usable from {datetime_of(usable_at):%Y-%m-%dT%H:%M:%SZ} at the earliest "
            f"and expire at {datetime_of(abs(expires_at)):%Y-%m-%dT%H:%M:%SZ}.",
        )


def _event_based_expiry(grant: Grant) -> int:
    """Returns the expiry of an event-based pending lot, which counts from an activation that is still unknown."""
    if grant.expires_at is not None:
        return grant.expires_at
    return encoded_period(grant.expires_after) if grant.expires_after else BY_WALLET
