"""Undoing an order: its spent points come back, the points it earned are taken back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from loyalty.domain.card import NEVER, Card, Lot, PendingLot, merged_pending, points_of
from loyalty.domain.consumption import taken, without
from loyalty.domain.credit import Grant, expiry_of
from loyalty.domain.dates import day_number, local_day
from loyalty.domain.order import Order
from loyalty.domain.transaction import Movement, Operation, RefundFacts, Transaction, Type
from loyalty.domain.wallet import Wallet
from loyalty.errors import NothingToRefund

FULL = "FULL"

L = TypeVar("L", bound=Lot | PendingLot)

ExpiredLots = dict[tuple[int, int], int]
"""How many points of a lot (expiry, issue day) expired unspent."""


@dataclass(frozen=True, slots=True)
class OrderState:
    """What the rows of an order say of it: points spent and earned, and how many of them refunds have settled."""

    spends: tuple[Transaction, ...]
    credits: tuple[Transaction, ...]
    refunds: tuple[RefundFacts, ...]
    drawn: tuple[Lot, ...]
    """Parts of lots that the order's spending took and no refund has given back, last taken first."""
    order: Order | None

    @property
    def spent_left(self) -> int:
        return points_of(self.drawn)

    @property
    def earned_left(self) -> int:
        return sum(row.points for row in self.credits) - sum(refund.earned for refund in self.refunds)

    @property
    def amount_left(self) -> int | None:
        if self.order is None:
            return None
        return self.order.amount - sum(refund.amount or 0 for refund in self.refunds)

    def expired_own_lots(self, at: int) -> bool:
        """Whether a lot that the order earned is past its date: then its expiry counts in the refund."""
        return any(lot.expires_at != NEVER and lot.expires_at <= at for row in self.credits for lot in _granted(row))


def order_state(rows: Iterable[Transaction]) -> OrderState:
    ordered = sorted(rows, key=lambda row: row.seq)
    drawn: tuple[Lot, ...] = ()
    for row in ordered:
        if row.type is Type.DEBIT:
            drawn = (*reversed(row.lots), *drawn)
        if row.refund:
            drawn = tuple(_skipped(drawn, row.refund.spent))
    return OrderState(
        spends=tuple(row for row in ordered if row.type is Type.DEBIT),
        credits=tuple(row for row in ordered if row.type is Type.CREDIT),
        refunds=tuple(row.refund for row in ordered if row.refund),
        drawn=drawn,
        order=next((row.facts.order for row in ordered if row.facts.order), None),
    )


def expired_lots(expiries: Iterable[Transaction | Movement]) -> ExpiredLots:
    expired: ExpiredLots = {}
    for expiry in expiries:
        if expiry.type is Type.EXPIRY:
            for lot in expiry.lots:
                key = (lot.expires_at, lot.issue_day)
                expired[key] = expired.get(key, 0) + lot.points
    return expired


def refunded(
    card: Card, state: OrderState, expired: ExpiredLots, wallet: Wallet, at: int
) -> tuple[Card, list[Movement]]:
    """A FULL refund: everything of the order that no refund has settled yet.

    RETURN to the lots the points came from, then REVOCATION of what was earned: from the order's own pending points,
    its own active lots, then the others in order of consumption, down to zero. The last movement carries the facts.
    """
    if state.refunds and not state.spent_left and not state.earned_left:
        raise NothingToRefund("An earlier refund has settled all points of this order.")
    movements: list[Movement] = []

    returning = state.spent_left
    if returning:
        lots = returned_lots(state, returning, card, wallet, at)
        card = card.plus_lots(lots).counting(returned=returning)
        for row, points in _shares(state.spends[::-1], returning):
            card = card.uncounted(local_day(at, wallet.zone), local_day(row.created_at, wallet.zone), spent=points)
        movements.append(_refund(card, Type.RETURN, lots, (), at))

    card, revocation, expired_points, shortfall = _revoked(card, state, expired, wallet, at)
    revoked = revocation.points if revocation else 0
    if revocation:
        movements.append(revocation)
    elif not movements:
        movements.append(_refund(card, Type.RETURN, (), (), at))

    facts = RefundFacts(FULL, returning, state.earned_left, revoked, shortfall, expired_points, state.amount_left)
    movements[-1] = replace(movements[-1], refund=facts)
    return card, movements


def returned_lots(state: OrderState, points: int, card: Card, wallet: Wallet, at: int) -> tuple[Lot, ...]:
    """The parts of lots to give back, last taken first; a lot that expired meanwhile is renewed as if credited now."""
    lots = []
    for lot in state.drawn:
        part = replace(lot, points=min(lot.points, points))
        points -= part.points
        if card.expiry_of(part) != NEVER and card.expiry_of(part) <= at:
            renewed = expiry_of(Grant(part.points), wallet, at)
            part = Lot(part.points, renewed, day_number(local_day(at, wallet.zone)))
        if part.points:
            lots.append(part)
    return tuple(lots)


def _revoked(
    card: Card, state: OrderState, expired: ExpiredLots, wallet: Wallet, at: int
) -> tuple[Card, Movement | None, int, int]:
    """The card less what the order earned, the REVOCATION, the points that had expired, and the shortfall."""
    target = rest = state.earned_left
    pending: list[PendingLot] = []
    active: list[Lot] = []
    expired_points = 0
    left_of_expired = dict(expired)

    settled = sum(refund.earned for refund in state.refunds)
    earned: list[Lot | PendingLot] = []
    for row in state.credits:
        earned += [*row.pending_lots, *row.lots]
    for granted in _skipped(earned, settled):
        lot = granted
        if isinstance(lot, PendingLot):
            waiting = min(lot.points, _waiting_like(card, lot))
            if waiting:
                pending.append(replace(lot, points=waiting))
                card = replace(card, pending=merged_pending((*card.pending, replace(lot, points=-waiting))))
                rest -= waiting
            lot = replace(lot.activated(), points=lot.points - waiting)
        spendable = min(lot.points, _active_like(card, lot))
        if spendable:
            active.append(replace(lot, points=spendable))
            card = without(card, active[-1:])
            rest -= spendable
        key = (lot.expires_at, lot.issue_day)
        gone = min(lot.points - spendable, left_of_expired.get(key, 0))
        if gone:
            left_of_expired[key] -= gone
            expired_points += gone
            rest -= gone

    others = min(rest, points_of(card.lots))
    if others:
        card, lots = taken(card, others, wallet.settings.consumption_order)
        active += lots
    revoked = points_of(pending) + points_of(active)
    shortfall = rest - others
    assert revoked + expired_points + shortfall == target, "every earned point is accounted for"
    if not revoked:
        return card, None, expired_points, shortfall
    card = card.counting(revoked=revoked)
    for row, points in _shares(state.credits[::-1], revoked):
        card = card.uncounted(local_day(at, wallet.zone), local_day(row.created_at, wallet.zone), earned=points)
    return card, _refund(card, Type.REVOCATION, tuple(active), tuple(pending), at), expired_points, shortfall


def _waiting_like(card: Card, lot: PendingLot) -> int:
    same = (lot.activates_at, lot.cancel_at, lot.expires_at, lot.issue_day)
    return sum(
        other.points
        for other in card.pending
        if (other.activates_at, other.cancel_at, other.expires_at, other.issue_day) == same
    )


def _active_like(card: Card, lot: Lot) -> int:
    same = (lot.expires_at, lot.issue_day)
    return sum(other.points for other in card.lots if (other.expires_at, other.issue_day) == same)


def _granted(row: Transaction) -> tuple[Lot, ...]:
    return (*row.lots, *(lot.activated() for lot in row.pending_lots))


def _skipped(lots: Sequence[L], points: int) -> Iterable[L]:
    """The lots less their first `points`: those that earlier refunds have settled."""
    for lot in lots:
        settled = min(points, lot.points)
        points -= settled
        if lot.points > settled:
            yield replace(lot, points=lot.points - settled)


def _shares(rows: Sequence[Transaction], points: int) -> Iterable[tuple[Transaction, int]]:
    for row in rows:
        share = min(points, row.points)
        points -= share
        if share:
            yield row, share


def _refund(card: Card, type_: Type, lots: tuple[Lot, ...], pending: tuple[PendingLot, ...], at: int) -> Movement:
    return Movement(
        type=type_,
        operation=Operation.REFUND,
        points=points_of((*lots, *pending)),
        lots=lots,
        pending_lots=pending,
        effective_at=at,
        balance=card.balance,
    )
