"""The state of an order on one card, by the order's rows: what it spent and earned, and what refunds have settled."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from loyalty.domain.cards.card import BY_EVENT, Lot, points_of
from loyalty.domain.cards.transaction import LeftOut, Movement, RefundDetails, RefundType, Transaction, TransactionType
from loyalty.domain.dates import NEVER, day_number, local_day
from loyalty.domain.movements.earned_shares import EarnedShares
from loyalty.domain.movements.refund_amounts import last_full_refund
from loyalty.domain.order import Order

LapsedPoints = dict[tuple[int, int], int]
"""Points that expired unspent and that no refund has counted yet, by expiry and issue day as in their EXPIRY row."""

SPENDING = (TransactionType.DEBIT, TransactionType.CAPTURE)


@dataclass(frozen=True, slots=True)
class SpentLot:
    """Points that the order's spending took from one lot."""

    lot: Lot
    day: int
    """The day on which the points were counted as spent."""

    @property
    def points(self) -> int:
        return self.lot.points


@dataclass(frozen=True, slots=True)
class RecordedDetails:
    """Order details of a row. Those of a row that was undone bind no later command."""

    at: int
    order: Order
    is_before_full_refund: bool
    """Whether a FULL refund on the same card undid the row."""
    is_of_ended_hold: bool
    """Whether the row is a hold that ended without a capture."""

    @property
    def is_binding(self) -> bool:
        return not self.is_before_full_refund and not self.is_of_ended_hold


@dataclass(frozen=True, slots=True)
class OrderState:
    """The state of an order by its rows: points spent and earned, and how many of them refunds have settled.

    If points pay for an order again after a FULL refund, this refund settled everything before, which does not count.
    """

    spent: int
    earned: int
    paid: int
    """The points of `spent` that paid for an amount."""
    covered: int
    """The amount that these points paid."""
    first_paid_at: int
    """The instant of the first payment, or 0."""
    spent_lots: tuple[SpentLot, ...]
    """The points that were spent and that no refund has given back, last taken first."""
    own: EarnedShares
    refunds: tuple[RefundDetails, ...]
    left_out: tuple[LeftOut, ...]
    """The cards that refunds of the order left out, of all rows."""
    share_caught_up: int
    """The shares of refunds that left out this card, as far as later refunds settled them; of all rows."""
    details: Sequence[RecordedDetails]
    """The order details of the rows, oldest first."""
    full_at: int
    """The instant of the last FULL refund, or 0."""
    has_event_based_lots: bool
    """Whether events without an order may have activated the order's points: their rows are needed too."""

    @property
    def settled_value(self) -> int:
        """The part of the refunded amounts that points had paid."""
        return sum((refund.amount or 0) - (refund.money or 0) for refund in self.refunds)

    def may_have_lapsed(self, at: int) -> bool:
        """Returns whether points of the order may have expired unspent: the card's expiries are needed too."""
        return any(share.points and share.place and 0 < share.expires_at <= at for share in self.own.shares)


def order_state(
    rows: Iterable[Transaction],
    coarse: int,
    zone: ZoneInfo,
    at: int,
    *,
    events: Iterable[Transaction] = (),
    paid_at: int = 0,
) -> OrderState:
    """Returns the state of the order at `at`.

    `events` are rows of custom events without an order, on the same card. `paid_at` is the instant of the order's last
    payment on any card of the customer: a FULL refund before it settled an earlier purchase.
    """
    ordered = sorted(rows, key=lambda row: row.seq)
    held_on = {row.seq: row.day for row in ordered if row.type is TransactionType.HOLD}
    spent_lots: tuple[SpentLot, ...] = ()
    for row in ordered:
        if row.type in SPENDING:
            # Held points were counted as spent when they were reserved.
            counted_on = held_on.get(row.hold or 0, row.day)
            day = day_number(local_day(row.created_at, zone)) if counted_on is None else counted_on
            # Points taken below zero came from no lot. They come back as points of that day, which repay the debt
            # first.
            lots = [Lot(row.owed, NEVER, day)] if row.owed else []
            spent_lots = (*(SpentLot(lot, day) for lot in (*lots, *reversed(row.lots))), *spent_lots)
        if row.refund:
            spent_lots = tuple(_without_first(spent_lots, row.refund.spent))
    settled_by = _settled_by(ordered, paid_at)
    own = EarnedShares(coarse, zone)
    for row in sorted((*ordered, *events), key=lambda row: row.seq):
        own.follow(row)
        if row.seq == settled_by:
            own.canceled = 0
    own.pass_time(at)
    counting = [row for row in ordered if row.seq > settled_by]
    payments = [row for row in counting if row.payment]
    return OrderState(
        spent=sum(row.points for row in counting if row.type in SPENDING),
        earned=sum(row.points for row in counting if row.type is TransactionType.CREDIT),
        paid=sum(row.points for row in payments),
        covered=sum(row.payment.amount for row in payments if row.payment),
        first_paid_at=min((row.created_at for row in payments), default=0),
        spent_lots=spent_lots,
        own=own,
        refunds=tuple(row.refund for row in counting if row.refund),
        left_out=tuple(one for row in ordered if row.refund for one in row.refund.left_out),
        share_caught_up=sum(row.refund.share_caught_up for row in ordered if row.refund),
        details=recorded_details(ordered, at),
        full_at=max(
            (row.created_at for row in ordered if row.refund and row.refund.kind is RefundType.FULL), default=0
        ),
        has_event_based_lots=any(lot.activates_at == BY_EVENT for row in ordered for lot in row.pending_lots),
    )


def last_payment(rows: Iterable[Transaction]) -> int:
    """Returns the instant of the last payment, or 0."""
    return max((row.created_at for row in rows if row.payment), default=0)


def recorded_details(rows: Sequence[Transaction], at: int) -> list[RecordedDetails]:
    """Returns the order details of the rows, which are in the order of `seq`."""
    full = last_full_refund(rows)
    captured = {row.hold for row in rows if row.type is TransactionType.CAPTURE}
    released = {row.hold for row in rows if row.type is TransactionType.RELEASE}

    def is_ended_hold(row: Transaction) -> bool:
        is_over = row.seq in released or (row.hold_expires_at or 0) <= at
        return row.type is TransactionType.HOLD and row.seq not in captured and is_over

    return [
        RecordedDetails(row.created_at, row.context.order, row.seq <= full, is_ended_hold(row))
        for row in rows
        if row.context.order
    ]


def was_taken_back_pending(rows: Iterable[Transaction], movements: Iterable[Movement]) -> bool:
    """Returns whether all that the order earned on the card was revoked while it was pending.

    `rows` are all rows of the order on the card, `movements` those of its refund now.
    """
    entries: list[Transaction | Movement] = [*rows, *movements]
    earned = sum(one.points for one in entries if one.type is TransactionType.CREDIT)
    revoked = sum(points_of(one.pending_lots) for one in entries if one.type is TransactionType.REVOCATION)
    return revoked == earned


def lapsed_points(rows: Iterable[Transaction | Movement]) -> LapsedPoints:
    """Returns the points that expired by the rows of the card, less those that refunds of any order have counted."""
    lapsed: LapsedPoints = {}
    for row in rows:
        counted = row.refund.lapsed if row.refund else ()
        for sign, lots in ((1, row.lots if row.type is TransactionType.EXPIRY else ()), (-1, counted)):
            for lot in lots:
                where = lot.expires_at, lot.issue_day
                lapsed[where] = lapsed.get(where, 0) + sign * lot.points
    return lapsed


def _settled_by(rows: Sequence[Transaction], paid_at: int) -> int:
    """Returns the `seq` of the last FULL refund before a later payment, on this card or on another; otherwise 0."""
    last_paid = max((row.seq for row in rows if row.payment), default=0)
    return last_full_refund(row for row in rows if row.seq < last_paid or row.created_at < paid_at)


def _without_first(spent_lots: Sequence[SpentLot], points: int) -> Iterable[SpentLot]:
    """Yields the lots without the first `points`, which earlier refunds have given back."""
    for one in spent_lots:
        settled_points = min(points, one.points)
        points -= settled_points
        if one.points > settled_points:
            yield replace(one, lot=replace(one.lot, points=one.points - settled_points))
