"""Points added or removed by hand, for a reason. Only qualifying adjustments use limits; none is an activity."""

from dataclasses import replace

from loyalty.domain.cards.card import Card, Lot
from loyalty.domain.cards.coarsening import coarse_expiry, coarse_issue_day
from loyalty.domain.cards.limits import Allowance, earning_allowance, spending_allowance
from loyalty.domain.cards.transaction import Movement, Operation, TransactionType
from loyalty.domain.dates import day_number, local_day
from loyalty.domain.movements.credit import (
    Grant,
    grant_expiry,
    require_expiry_allowed,
    require_room,
    require_valid_dates,
)
from loyalty.domain.movements.debit import withdraw
from loyalty.domain.wallets.wallet import Wallet


def add_points(card: Card, grant: Grant, wallet: Wallet, at: int, *, qualifying: bool) -> tuple[Card, Movement]:
    """Adds the grant's points, active at once, to the settled card.

    Qualifying points are earned: limits may cut them.
    """
    require_expiry_allowed(grant, wallet)
    today = local_day(at, wallet.zone)
    allowed = Allowance(grant.points)
    if qualifying:
        allowed = earning_allowance(card, grant.points, wallet.settings, today, order_id=None, order=None)
        card = card.count_in_periods(today, earned=allowed.points)
    expires_at = coarse_expiry(grant_expiry(grant, wallet, at), card.coarse, wallet.zone)
    require_valid_dates(at, expires_at, grant)
    lots = (Lot(allowed.points, expires_at, coarse_issue_day(day_number(today), card.coarse)),)
    card = card.add_lots(lots).count_in_lifetime(issued=allowed.points)
    require_room(card)
    return card, Movement(
        type=TransactionType.CREDIT,
        operation=Operation.ADJUSTMENT,
        points=allowed.points,
        lots=lots,
        effective_at=at,
        balance=card.balance,
        requested=grant.points if allowed.capped_by else None,
        capped_by=allowed.capped_by,
        qualifying=qualifying,
        day=day_number(today) if qualifying else None,
    )


def remove_points(card: Card, points: int, wallet: Wallet, at: int, *, qualifying: bool) -> tuple[Card, Movement]:
    """Removes the points from the settled card, as a debit does.

    Qualifying points are spent: limits may refuse them.
    """
    today = local_day(at, wallet.zone)
    if qualifying:
        spending_allowance(card, points, wallet.settings, today, cap=False)
        card = replace(card.count_in_periods(today, spent=points), other_spending=card.other_spending + points)
    card, lots, owed = withdraw(card, points, wallet)
    card = card.count_in_lifetime(removed=points)
    return card, Movement(
        type=TransactionType.DEBIT,
        operation=Operation.ADJUSTMENT,
        points=points,
        lots=lots,
        owed=owed,
        effective_at=at,
        balance=card.balance,
        qualifying=qualifying,
        day=day_number(today) if qualifying else None,
    )
