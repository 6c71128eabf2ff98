"""Coarsening keeps lots few: a card with too many rounds their dates to ends of ever longer periods, and never back.

The dates of all lots are rounded once, when the card becomes coarser. Later lots are rounded when they are added.

Weeks are cut at the ends of months, so that each period is within one of the next. Rounding twice, or by a finer period
first, therefore changes nothing: the end of a lot follows from its granted dates and the card's coarseness alone.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from loyalty.domain.cards.card import PERIOD_MIN, SLIDING, Card, Lot, PendingLot, merged_lots, merged_pending
from loyalty.domain.dates import NEVER, Rounding, day_number, day_of, local_day, rounded_day, start_of_day

LOTS_MAX = 100
COARSE_MAX = 3

PendingPlace = tuple[int, int, int, int]
"""Activation, cancellation, expiry and issue day that pending lots share."""


def coarsen(card: Card, zone: ZoneInfo) -> Card:
    """Returns the card with at most `LOTS_MAX` lots, held ones included, if rounding can reach that."""
    while _lot_count(card) > LOTS_MAX and card.coarse < COARSE_MAX:
        card = round_dates(card, card.coarse + 1, zone)
    return card


def round_dates(card: Card, coarse: int, zone: ZoneInfo) -> Card:
    """Returns the card with the coarseness, and all of its lots with the dates of this coarseness.

    The dates of held lots are rounded too, so that time may release a hold without the zone.
    """
    holds = (
        replace(hold, lots=_merged_in_place(coarse_lot(lot, coarse, zone) for lot in hold.lots)) for hold in card.holds
    )
    return replace(
        card,
        coarse=coarse,
        lots=merged_lots(coarse_lot(lot, coarse, zone) for lot in card.lots),
        pending=merged_pending(PendingLot(lot.points, *pending_place(lot, coarse, zone)) for lot in card.pending),
        holds=tuple(holds),
    )


def coarse_expiry(expires_at: int, coarse: int, zone: ZoneInfo) -> int:
    """Returns the expiry rounded up to the end of its period. A value that is not an instant stays."""
    if not coarse or PERIOD_MIN < expires_at <= NEVER:
        return expires_at
    if expires_at < 0:
        return -coarse_expiry(-expires_at, coarse, zone)
    # Points that expire at a midnight were last usable on the day before.
    return start_of_day(_last_day(local_day(expires_at - 1, zone), coarse) + timedelta(days=1), zone)


def coarse_lot(lot: Lot, coarse: int, zone: ZoneInfo) -> Lot:
    """Returns the lot with both dates rounded."""
    return Lot(lot.points, coarse_expiry(lot.expires_at, coarse, zone), coarse_issue_day(lot.issue_day, coarse))


def coarse_issue_day(issue_day: int, coarse: int) -> int:
    """Returns the first day of the period in which the points were issued."""
    if not coarse:
        return issue_day
    day = day_of(issue_day)
    monday = day - timedelta(days=day.weekday())
    first = date(day.year, day.month, 1) if coarse < COARSE_MAX else date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return day_number(max(monday, first) if coarse == 1 else first)


def lot_place(lot: Lot, coarse: int, zone: ZoneInfo) -> tuple[int, int]:
    """Returns the place of a granted lot on a card of the coarseness: lots of one place are merged.

    All sliding lots have the same end.
    """
    expires_at = SLIDING if lot.expires_at < 0 else coarse_expiry(lot.expires_at, coarse, zone)
    return expires_at, coarse_issue_day(lot.issue_day, coarse)


def pending_place(lot: PendingLot, coarse: int, zone: ZoneInfo) -> PendingPlace:
    expires_at = coarse_expiry(lot.expires_at, coarse, zone)
    return lot.activates_at, lot.cancel_at, expires_at, coarse_issue_day(lot.issue_day, coarse)


def _last_day(day: date, coarse: int) -> date:
    if coarse == COARSE_MAX:
        return rounded_day(day, Rounding.END_OF_QUARTER)
    end_of_month = rounded_day(day, Rounding.END_OF_MONTH)
    return min(day + timedelta(days=6 - day.weekday()), end_of_month) if coarse == 1 else end_of_month


def _merged_in_place(lots: Iterable[Lot]) -> tuple[Lot, ...]:
    """Merges lots of equal dates at the position of the first of them: a capture spends the first lots of a hold."""
    points: dict[tuple[int, int], int] = {}
    for lot in lots:
        dates = lot.expires_at, lot.issue_day
        points[dates] = points.get(dates, 0) + lot.points
    return tuple(Lot(total, *dates) for dates, total in points.items())


def _lot_count(card: Card) -> int:
    return len(card.lots) + sum(len(hold.lots) for hold in card.holds)
