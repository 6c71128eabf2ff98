"""Undoing an order: its spent points come back, the points it earned are taken back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from zoneinfo import ZoneInfo

from loyalty.domain.card import BY_EVENT, NEVER, Card, Lot, PendingLot, points_of, without_pending
from loyalty.domain.coarsening import Place, coarse_expiry, coarse_issue_day, pending_place, place
from loyalty.domain.consumption import taken, without
from loyalty.domain.credit import Grant, expiry_of
from loyalty.domain.dates import day_number, local_day
from loyalty.domain.order import Order
from loyalty.domain.transaction import Movement, Operation, RefundFacts, Transaction, Type
from loyalty.domain.waiting import became
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
    waits: tuple[Transaction | Movement, ...]
    """Credits, and what moved their waiting points before the time: its lots tell the dates that they got."""
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

    @property
    def waited_for_event(self) -> bool:
        """Whether points of the order waited for an event: others' rows may have activated or canceled them."""
        return any(lot.activates_at == BY_EVENT for row in self.credits for lot in row.pending_lots)

    def expired_own_lots(self, at: int) -> bool:
        """Whether a lot that the order earned may be past its date: then its expiry counts in the refund."""
        own = [lot for row in self.credits for lot in row.lots] + [
            lot.activated() for row in self.credits for lot in row.pending_lots
        ]
        return any(0 < abs(lot.expires_at) <= at for lot in own)


def order_state(
    rows: Iterable[Transaction], zone: ZoneInfo, of_all: Iterable[Transaction | Movement] = ()
) -> OrderState:
    """`of_all`: what moved waiting points of any order, behind the first credit: events without one, cancellations."""
    ordered = sorted(rows, key=lambda row: row.seq)
    drawn: tuple[Lot, ...] = ()
    for row in ordered:
        if row.type is Type.DEBIT:
            # What was taken below zero came from no lot: it comes back as points of that day, which repay first.
            owed = [Lot(row.owed, NEVER, day_number(local_day(row.created_at, zone)))] if row.owed else []
            drawn = (*owed, *reversed(row.lots), *drawn)
        if row.refund:
            drawn = tuple(_skipped(drawn, row.refund.spent))
    return OrderState(
        spends=tuple(row for row in ordered if row.type is Type.DEBIT),
        credits=tuple(row for row in ordered if row.type is Type.CREDIT),
        waits=tuple(row for row in (*ordered, *of_all) if row.pending_lots),
        refunds=tuple(row.refund for row in ordered if row.refund),
        drawn=drawn,
        order=next((row.facts.order for row in ordered if row.facts.order), None),
    )


def expired_lots(expiries: Iterable[Transaction | Movement], card: Card, zone: ZoneInfo) -> ExpiredLots:
    expired: ExpiredLots = {}
    for expiry in expiries:
        if expiry.type is Type.EXPIRY:
            for lot in expiry.lots:
                key = place(lot, card.coarse, zone)
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
            card = card.uncounted(local_day(row.created_at, wallet.zone), spent=points)
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
        # Where the lot lies on the card by now: one that was rounded up lives on.
        expires_at = coarse_expiry(lot.expires_at, card.coarse, wallet.zone)
        part = Lot(min(lot.points, points), expires_at, coarse_issue_day(lot.issue_day, card.coarse))
        points -= part.points
        if card.expiry_of(part) != NEVER and card.expiry_of(part) <= at:
            renewed = coarse_expiry(expiry_of(Grant(part.points), wallet, at), card.coarse, wallet.zone)
            issue_day = coarse_issue_day(day_number(local_day(at, wallet.zone)), card.coarse)
            part = Lot(part.points, renewed, issue_day)
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

    waited = became(state.waits, card.coarse, wallet.zone)
    # What was canceled never came, so it is not taken back.
    expired_points += min(waited.canceled, rest)
    rest -= expired_points

    own: list[Lot] = []
    settled = sum(refund.earned for refund in state.refunds)
    for granted in _skipped(_granted(state), settled):
        lot = granted
        if isinstance(lot, PendingLot):
            waits_at = pending_place(lot, card.coarse, wallet.zone)
            waiting = _pending_parts(card, waits_at, min(lot.points, rest, waited.left.get(waits_at, 0)), wallet.zone)
            pending += waiting
            card = without_pending(card, waiting)
            waited.left[waits_at] = waited.left.get(waits_at, 0) - points_of(waiting)
            rest -= points_of(waiting)
            if lot.activates_at == BY_EVENT:
                continue
            lot = replace(lot.activated(), points=lot.points - points_of(waiting))
        own.append(lot)
    own += waited.activated

    for lot in own:
        where = place(lot, card.coarse, wallet.zone)
        parts = _parts(card, where, min(lot.points, rest), wallet.zone)
        spendable = points_of(parts)
        active += parts
        card = without(card, parts)
        gone = min(lot.points - spendable, rest - spendable, left_of_expired.get(where, 0))
        left_of_expired[where] = left_of_expired.get(where, 0) - gone
        expired_points += gone
        rest -= spendable + gone

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
        card = card.uncounted(local_day(row.created_at, wallet.zone), earned=points)
    return card, _refund(card, Type.REVOCATION, tuple(active), tuple(pending), at), expired_points, shortfall


def _parts(card: Card, where: tuple[int, int], points: int, zone: ZoneInfo) -> list[Lot]:
    """Up to `points` of the card's lots that lie where a granted lot does."""
    return _cut((lot for lot in card.lots if place(lot, card.coarse, zone) == where), points)


def _pending_parts(card: Card, where: Place, points: int, zone: ZoneInfo) -> list[PendingLot]:
    return _cut((lot for lot in card.pending if pending_place(lot, card.coarse, zone) == where), points)


def _cut(lots: Iterable[L], points: int) -> list[L]:
    parts = []
    for lot in lots:
        part = min(points, lot.points)
        points -= part
        if part:
            parts.append(replace(lot, points=part))
    return parts


def _granted(state: OrderState) -> list[Lot | PendingLot]:
    granted: list[Lot | PendingLot] = []
    for row in state.credits:
        granted += [*row.pending_lots, *row.lots]
    return granted


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
