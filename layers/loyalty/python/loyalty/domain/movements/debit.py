"""Taking points."""

from dataclasses import replace

from loyalty.domain.cards.card import BALANCE_MAX, Card, Lot, points_of
from loyalty.domain.cards.consumption import consume
from loyalty.domain.cards.limits import Allowance, spending_allowance
from loyalty.domain.cards.sliding import slide_expiry
from loyalty.domain.cards.transaction import Movement, Operation, TransactionType
from loyalty.domain.dates import day_number, local_day
from loyalty.domain.wallets.settings import Activity
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import InsufficientPoints

BY_BALANCE = "balance"
ADVICE = " With allowPartial, the debit takes the points that are allowed."
"""For a debit that would take a part of the points."""


def debit_points(
    card: Card, points: int, wallet: Wallet, at: int, *, allow_partial: bool = False
) -> tuple[Card, Movement]:
    """Takes `points` from the settled card, in the wallet's consumption order. Pending and held points do not count.

    If the wallet allows it, the balance goes below zero, down to its limit. With `allow_partial`, as much is taken as
    limits and balance allow, and the movement records the requested points.
    """
    today = local_day(at, wallet.zone)
    allowed = spending_allowance(card, points, wallet.settings, today, cap=allow_partial, advice=ADVICE)
    available = debitable_points(card, wallet)
    if allowed.points > available > 0:
        if not allow_partial:
            raise insufficient_points(allowed.points, available, ADVICE)
        allowed = Allowance(available, BY_BALANCE)
    card, lots, owed = spend(card, allowed.points, wallet, at)
    return card, Movement(
        type=TransactionType.DEBIT,
        operation=Operation.DEBIT,
        points=allowed.points,
        lots=lots,
        owed=owed,
        effective_at=at,
        balance=card.balance,
        requested=points if allowed.capped_by else None,
        capped_by=allowed.capped_by,
        day=day_number(today),
    )


def spend(card: Card, points: int, wallet: Wallet, at: int) -> tuple[Card, tuple[Lot, ...], int]:
    """Takes points as `withdraw` does, and counts them as spent."""
    card, lots, owed = withdraw(card, points, wallet)
    card = slide_expiry(card, wallet, Activity.SPENDING, at)
    return (
        card.count_in_periods(local_day(at, wallet.zone), spent=points).count_in_lifetime(redeemed=points),
        lots,
        owed,
    )


def withdraw(card: Card, points: int, wallet: Wallet) -> tuple[Card, tuple[Lot, ...], int]:
    """Takes the points; returns the card, the parts of lots, and how many of the points the card now owes."""
    available = debitable_points(card, wallet)
    if points > available:
        raise insufficient_points(points, available)
    lots: tuple[Lot, ...] = ()
    own = min(points, points_of(card.lots))
    if own:
        card, lots = consume(card, own, wallet.settings.consumption_order)
    owed = points - own
    return replace(card, debt=card.debt + owed), lots, owed


def insufficient_points(required: int, available: int, advice: str = "") -> InsufficientPoints:
    return InsufficientPoints(
        f"{required} points are required and {available} are available.{advice}",
        required=required,
        available=available,
        missing=required - available,
    )


def debitable_points(card: Card, wallet: Wallet) -> int:
    """Returns how many points may be taken: the active points, and what the wallet lets a card owe."""
    active, settings = card.balance.active, wallet.settings
    if not settings.allow_negative_balance:
        return max(active, 0)
    return max(active + (BALANCE_MAX if settings.negative_limit is None else settings.negative_limit), 0)
