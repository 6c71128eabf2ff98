"""Taking points."""

from dataclasses import replace

from loyalty.domain.card import BALANCE_MAX, Card, Lot, points_of
from loyalty.domain.consumption import taken
from loyalty.domain.credit import slid
from loyalty.domain.dates import local_day
from loyalty.domain.limits import Allowed, spendable
from loyalty.domain.settings import Activity
from loyalty.domain.transaction import Movement, Operation, Type
from loyalty.domain.wallet import Wallet
from loyalty.errors import InsufficientPoints

BY_BALANCE = "balance"


def debited(card: Card, points: int, wallet: Wallet, at: int, *, allow_partial: bool = False) -> tuple[Card, Movement]:
    """The settled card less `points`, in the wallet's order of consumption. Pending and held points do not count.

    A wallet that allows it goes below zero, down to its limit. With `allow_partial` as much is taken as limits and
    balance allow, and the movement says what was asked for.
    """
    today = local_day(at, wallet.zone)
    allowed = spendable(card, points, wallet.settings, today, cap=allow_partial)
    reach = _reach(card, wallet)
    if allowed.points > reach:
        if not allow_partial or not reach:
            raise InsufficientPoints(
                f"{allowed.points} points are required and {reach} available.",
                required=allowed.points,
                available=reach,
                missing=allowed.points - reach,
            )
        allowed = Allowed(reach, BY_BALANCE)

    lots: tuple[Lot, ...] = ()
    own = min(allowed.points, points_of(card.lots))
    owed = allowed.points - own
    if own:
        card, lots = taken(card, own, wallet.settings.consumption_order)
    card = replace(card, debt=card.debt + owed)
    card = slid(card, wallet, Activity.SPENDING, at)
    card = card.counted(today, spent=allowed.points).counting(redeemed=allowed.points)
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


def _reach(card: Card, wallet: Wallet) -> int:
    """How many points may be taken: what is active, and what the wallet lets a card owe."""
    active, settings = card.balance.active, wallet.settings
    if not settings.allow_negative_balance:
        return max(active, 0)
    return max(active + (BALANCE_MAX if settings.negative_limit is None else settings.negative_limit), 0)
