"""Points added or removed by hand, for a reason. Only qualifying adjustments use limits; none is an activity."""

from dataclasses import replace

from loyalty.domain.cards.card import Card, Lot
from loyalty.domain.cards.coarsening import coarse_expiry, coarse_issue_day
from loyalty.domain.cards.limits import Allowed, earnable, spendable
from loyalty.domain.cards.transaction import Movement, Operation, Type
from loyalty.domain.dates import day_number, local_day
from loyalty.domain.movements.credit import Grant, expiry_of, require_life, require_room, require_undated
from loyalty.domain.movements.debit import drawn
from loyalty.domain.wallets.wallet import Wallet


def added(card: Card, grant: Grant, wallet: Wallet, at: int, *, qualifying: bool) -> tuple[Card, Movement]:
    """Adds the grant's points, active at once, to the settled card.

    Qualifying points are earned: limits may cut them.
    """
    require_undated(grant, wallet)
    today = local_day(at, wallet.zone)
    allowed = Allowed(grant.points)
    if qualifying:
        allowed = earnable(card, grant.points, wallet.settings, today, order_id=None, order=None)
        card = card.counted(today, earned=allowed.points)
    expires_at = coarse_expiry(expiry_of(grant, wallet, at), card.coarse, wallet.zone)
    require_life(at, expires_at)
    lots = (Lot(allowed.points, expires_at, coarse_issue_day(day_number(today), card.coarse)),)
    card = card.plus_lots(lots).counting(issued=allowed.points)
    require_room(card)
    return card, Movement(
        type=Type.CREDIT,
        operation=Operation.ADJUSTMENT,
        points=allowed.points,
        lots=lots,
        effective_at=at,
        balance=card.balance,
        requested=grant.points if allowed.capped_by else None,
        capped_by=allowed.capped_by,
        qualifying=qualifying,
    )


def removed(card: Card, points: int, wallet: Wallet, at: int, *, qualifying: bool) -> tuple[Card, Movement]:
    """Removes the points from the settled card, as a debit does.

    Qualifying points are spent: limits may refuse them.
    """
    if qualifying:
        today = local_day(at, wallet.zone)
        spendable(card, points, wallet.settings, today, cap=False)
        card = replace(card.counted(today, spent=points), other_spending=card.other_spending + points)
    card, lots, owed = drawn(card, points, wallet)
    card = card.counting(removed=points)
    return card, Movement(
        type=Type.DEBIT,
        operation=Operation.ADJUSTMENT,
        points=points,
        lots=lots,
        owed=owed,
        effective_at=at,
        balance=card.balance,
        qualifying=qualifying,
    )
