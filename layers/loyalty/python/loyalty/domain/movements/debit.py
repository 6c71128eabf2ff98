"""Taking points."""

from dataclasses import replace

from loyalty.domain.cards.card import BALANCE_MAX, Card, Lot, points_of
from loyalty.domain.cards.consumption import taken
from loyalty.domain.cards.limits import Allowed, spendable
from loyalty.domain.cards.transaction import Movement, Operation, Type
from loyalty.domain.dates import local_day
from loyalty.domain.movements.credit import slid
from loyalty.domain.wallets.settings import Activity
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import InsufficientPoints

BY_BALANCE = "balance"


def debited(card: Card, points: int, wallet: Wallet, at: int, *, allow_partial: bool = False) -> tuple[Card, Movement]:
    """Takes `points` from the settled card, in the wallet's consumption order. Pending and held points do not count.

    If the wallet allows it, the balance goes below zero, down to its limit. With `allow_partial`, as much is taken as
    limits and balance allow, and the movement records the requested points.
    """
    today = local_day(at, wallet.zone)
    allowed = spendable(card, points, wallet.settings, today, cap=allow_partial)
    available = reach(card, wallet)
    if allow_partial and allowed.points > available > 0:
        allowed = Allowed(available, BY_BALANCE)
    card, lots, owed = spent(card, allowed.points, wallet, at)
    return card, Movement(
        type=Type.DEBIT,
        operation=Operation.DEBIT,
        points=allowed.points,
        lots=lots,
        owed=owed,
        effective_at=at,
        balance=card.balance,
        requested=points if allowed.capped_by else None,
        capped_by=allowed.capped_by,
    )


def spent(card: Card, points: int, wallet: Wallet, at: int) -> tuple[Card, tuple[Lot, ...], int]:
    """Takes points as `drawn` does, and counts them as spent."""
    card, lots, owed = drawn(card, points, wallet)
    card = slid(card, wallet, Activity.SPENDING, at)
    return card.counted(local_day(at, wallet.zone), spent=points).counting(redeemed=points), lots, owed


def drawn(card: Card, points: int, wallet: Wallet) -> tuple[Card, tuple[Lot, ...], int]:
    """Takes the points; returns the card, the parts of lots, and how many of the points the card now owes."""
    available = reach(card, wallet)
    if points > available:
        raise too_few(points, available)
    lots: tuple[Lot, ...] = ()
    own = min(points, points_of(card.lots))
    if own:
        card, lots = taken(card, own, wallet.settings.consumption_order)
    owed = points - own
    return replace(card, debt=card.debt + owed), lots, owed


def too_few(required: int, available: int) -> InsufficientPoints:
    return InsufficientPoints(
        f"{required} points are required and {available} are available.",
        required=required,
        available=available,
        missing=required - available,
    )


def reach(card: Card, wallet: Wallet) -> int:
    """Returns how many points may be taken: the active points, and what the wallet lets a card owe."""
    active, settings = card.balance.active, wallet.settings
    if not settings.allow_negative_balance:
        return max(active, 0)
    return max(active + (BALANCE_MAX if settings.negative_limit is None else settings.negative_limit), 0)
