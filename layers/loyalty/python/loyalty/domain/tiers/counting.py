"""Which points count for tiers: those that were earned and became active, less those that were revoked."""

from collections.abc import Callable
from datetime import date

from loyalty.domain.cards.transaction import Movement, Operation, Transaction, TransactionType
from loyalty.domain.dates import day_of

EARNING = frozenset({Operation.CREDIT, Operation.CAMPAIGN, Operation.COUPON, Operation.ADJUSTMENT})
"""The operations whose credits count, if they count as earned: of adjustments only those that are qualifying."""
UNDOING = frozenset({Operation.REFUND, Operation.REVERSAL})
"""The operations that take such points back."""


def counted_points(movement: Movement | Transaction, period_of: Callable[[date], int]) -> dict[int, int]:
    """Returns the points that the movement counts, by the number of the period; negative for points taken back.

    Points count in the period in which they were granted, once they are active. Transfers, returned points and released
    points do not count.
    """
    counted: dict[int, int] = {}

    def count(day: int, points: int) -> None:
        period = period_of(day_of(day))
        counted[period] = counted.get(period, 0) + points

    match movement.type:
        case TransactionType.CREDIT if movement.operation in EARNING and movement.day is not None:
            for lot in movement.lots:
                count(movement.day, lot.points)
        case TransactionType.ACTIVATION:
            for pending_lot in movement.pending_lots:
                count(pending_lot.issue_day, pending_lot.points)
        case TransactionType.REVOCATION if movement.room and movement.operation in UNDOING:
            for day, points in movement.room:
                count(day, -points)
            # Pending points had not counted yet, and the room has them too.
            for pending_lot in movement.pending_lots:
                count(pending_lot.issue_day, pending_lot.points)
            counted = {period: min(points, 0) for period, points in counted.items()}
        case TransactionType.REVOCATION if movement.hold is not None:
            # A refund claimed these points while they were held. The row has no room, so the lots decide.
            for lot in movement.lots:
                count(lot.issue_day, -lot.points)
    return counted
