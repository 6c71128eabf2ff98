"""Points reserved for a limited time: held, then captured (spent) or released.

Held points count as spent from the moment they are held and do not expire. Points past their date expire at once when
they are released: rows of settlement release and expire them, whichever request ended the hold.
"""

from dataclasses import replace

from loyalty.domain.cards.card import HOLDS_MAX, Card, Hold, Lot, points_of, reduce_hold, release_lots
from loyalty.domain.cards.consumption import consume
from loyalty.domain.cards.limits import spending_allowance
from loyalty.domain.cards.settlement import expire_lots, is_past, revoke_claimed
from loyalty.domain.cards.sliding import slide_expiry
from loyalty.domain.cards.transaction import Movement, Operation, TransactionType
from loyalty.domain.dates import Period, Unit, day_number, local_day
from loyalty.domain.movements.debit import insufficient_points
from loyalty.domain.wallets.settings import Activity
from loyalty.domain.wallets.wallet import Wallet
from loyalty.errors import HoldTooSmall, TooManyHolds

DEFAULT_PERIOD = Period(15, Unit.MINUTE)
HOLD_EVERY_MAX = {Unit.MINUTE: 44_640, Unit.HOUR: 744, Unit.DAY: 31, Unit.WEEK: 4, Unit.MONTH: 1}
"""The longest hold: 31 days, in each unit."""


def place_hold(card: Card, points: int, wallet: Wallet, at: int, *, seq: int, expires_at: int) -> tuple[Card, Movement]:
    """Holds `points` of the settled card's active points, by the row with this `seq`. Never goes below zero."""
    today = local_day(at, wallet.zone)
    if len(card.holds) >= HOLDS_MAX:
        raise TooManyHolds(f"A card has at most {HOLDS_MAX} open holds. Capture or release one first.")
    spending_allowance(card, points, wallet.settings, today, cap=False)
    available = card.balance.available
    if points > available:
        raise insufficient_points(points, available)

    card, lots = consume(card, points, wallet.settings.consumption_order)
    card = replace(card, holds=(*card.holds, Hold(seq, expires_at, day_number(today), lots)))
    card = card.count_in_periods(today, spent=points)
    movement = _movement(card, TransactionType.HOLD, Operation.HOLD, seq, lots, at)
    return card, replace(movement, hold_expires_at=expires_at, day=day_number(today))


def capture_hold(
    card: Card, hold: Hold, points: int | None, wallet: Wallet, at: int, *, final: bool
) -> tuple[Card, list[Movement]]:
    """Spends the first `points` of the hold (all, if None) and, if the capture is final, releases the rest.

    The CAPTURE comes last, so that it shows the balance after the command.
    """
    spent, rest = _split(hold.lots, points_of(hold.lots) if points is None else points)
    movements: list[Movement] = []
    if final and rest:
        # Held points have not expired, so the activity starts their period again before they are released.
        slid = slide_expiry(card, wallet, Activity.SPENDING, at)
        past = tuple(lot for lot in rest if is_past(slid, lot, at))
        card, movements = _release(card, hold, rest, past, at, Operation.CAPTURE, kept=spent)
        rest = ()
    card = reduce_hold(card, hold, rest).count_in_lifetime(redeemed=points_of(spent))
    card = slide_expiry(card, wallet, Activity.SPENDING, at)
    return card, [*movements, _movement(card, TransactionType.CAPTURE, Operation.CAPTURE, hold.seq, spent, at)]


def release_hold(card: Card, hold: Hold, at: int) -> tuple[Card, list[Movement]]:
    """Releases the hold of the settled card. The last movement has the points that are spendable again, or none."""
    past = tuple(lot for lot in hold.lots if is_past(card, lot, at))
    return _release(card, hold, hold.lots, past, at, Operation.RELEASE)


def _release(
    card: Card,
    hold: Hold,
    lots: tuple[Lot, ...],
    past: tuple[Lot, ...],
    at: int,
    operation: Operation,
    *,
    kept: tuple[Lot, ...] = (),
) -> tuple[Card, list[Movement]]:
    """Releases these lots of the hold.

    Rows of settlement release and expire those past their date, and release and take back those that refunds claim.
    """
    claimed, usable = _split_up_to(tuple(lot for lot in lots if lot not in past), hold.claimed)
    movements: list[Movement] = []
    if past:
        card = release_lots(card, hold, past, kept=(*kept, *claimed, *usable))
        movements.append(_movement(card, TransactionType.RELEASE, Operation.SETTLE, hold.seq, past, at))
        card, expiries = expire_lots(card, at)
        movements += expiries
    if claimed:
        card = release_lots(card, hold, claimed, kept=(*kept, *usable))
        movements.append(_movement(card, TransactionType.RELEASE, Operation.SETTLE, hold.seq, claimed, at))
        card, revocations = revoke_claimed(card, hold, claimed, at, effective_at=at)
        movements += revocations
    if usable or operation is Operation.RELEASE:
        card = release_lots(card, hold, usable, kept=kept)
        movements.append(_movement(card, TransactionType.RELEASE, operation, hold.seq, usable, at))
    return card, movements


def _split(lots: tuple[Lot, ...], points: int) -> tuple[tuple[Lot, ...], tuple[Lot, ...]]:
    """Splits the lots into their first `points` and the rest."""
    if points > points_of(lots):
        raise HoldTooSmall.of_field(
            "body.points",
            f"The capture needs {points} points, and {points_of(lots)} are held.",
            required=points,
            held=points_of(lots),
        )
    return _split_up_to(lots, points)


def _split_up_to(lots: tuple[Lot, ...], points: int) -> tuple[tuple[Lot, ...], tuple[Lot, ...]]:
    """Splits the lots into their first `points`, or all of them if they have fewer, and the rest."""
    first: list[Lot] = []
    rest: list[Lot] = []
    for lot in lots:
        part = min(points, lot.points)
        points -= part
        first.append(replace(lot, points=part))
        rest.append(replace(lot, points=lot.points - part))
    return tuple(lot for lot in first if lot.points), tuple(lot for lot in rest if lot.points)


def _movement(
    card: Card, type_: TransactionType, operation: Operation, seq: int, lots: tuple[Lot, ...], at: int
) -> Movement:
    return Movement(
        type=type_,
        operation=operation,
        points=points_of(lots),
        lots=lots,
        effective_at=at,
        balance=card.balance,
        hold=seq,
    )
