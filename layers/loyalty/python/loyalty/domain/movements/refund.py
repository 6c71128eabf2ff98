"""Undoes an order, completely or in part: its spent points come back, its earned points are revoked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from loyalty.domain.cards.card import (
    BALANCE_MAX,
    BY_EVENT,
    Card,
    Lot,
    PendingLot,
    lots_up_to,
    points_of,
    remove_pending,
)
from loyalty.domain.cards.coarsening import coarse_expiry, coarse_issue_day, lot_place, pending_place
from loyalty.domain.cards.consumption import consume, remove_lots
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import Movement, Operation, RefundDetails, Transaction, TransactionType
from loyalty.domain.dates import NEVER, Period, Unit, day_number, day_of, expiry_after, local_day
from loyalty.domain.movements.credit import Grant, grant_expiry
from loyalty.domain.movements.earned_shares import EarnedShares
from loyalty.domain.movements.refund_amounts import (
    RefundDemand,
    covered_target,
    earned_target,
    last_full_refund,
    refund_progress,
    refund_step,
    require_refundable,
    spent_target,
)
from loyalty.domain.order import Order
from loyalty.domain.wallets.settings import EarnedRefundType, ExpiredLots, RevocationMode
from loyalty.domain.wallets.wallet import Wallet

LapsedPoints = dict[tuple[int, int], int]
"""Points that expired unspent and that no refund has counted yet, by expiry and issue day as in their EXPIRY row."""


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
class OrderState:
    """The state of an order by its rows: points spent and earned, and how many of them refunds have settled.

    If points pay for an order again after a FULL refund, this refund settled everything before, which does not count.
    """

    spent: int
    earned: int
    covered: int
    """The part of the order's amount that was paid with points."""
    spent_lots: tuple[SpentLot, ...]
    """The points that were spent and that no refund has given back, last taken first."""
    own: EarnedShares
    refunds: tuple[RefundDetails, ...]
    order: Order | None
    has_event_based_lots: bool
    """Whether events without an order may have activated the order's points: their rows are needed too."""

    def may_have_lapsed(self, at: int) -> bool:
        """Returns whether points of the order may have expired unspent: the card's expiries are needed too."""
        return any(share.points and share.lies and 0 < share.ends <= at for share in self.own.shares)


def order_state(
    rows: Iterable[Transaction], coarse: int, zone: ZoneInfo, at: int, *, events: Iterable[Transaction] = ()
) -> OrderState:
    """Returns the state of the order at `at`.

    `events` are rows of custom events without an order, on the same card.
    """
    ordered = sorted(rows, key=lambda row: row.seq)
    held_on = {row.seq: row.created_at for row in ordered if row.type is TransactionType.HOLD}
    spent_lots: tuple[SpentLot, ...] = ()
    for row in ordered:
        if row.type in (TransactionType.DEBIT, TransactionType.CAPTURE):
            # Held points were counted as spent when they were reserved.
            counted_at = held_on.get(row.hold or 0, row.created_at)
            day = day_number(local_day(counted_at, zone))
            # Points taken below zero came from no lot. They come back as points of that day, which repay the debt
            # first.
            lots = [Lot(row.owed, NEVER, day)] if row.owed else []
            spent_lots = (*(SpentLot(lot, day) for lot in (*lots, *reversed(row.lots))), *spent_lots)
        if row.refund:
            spent_lots = tuple(_without_first(spent_lots, row.refund.spent))
    last_paid = max((row.seq for row in ordered if row.payment), default=0)
    settled_by = last_full_refund(row for row in ordered if row.seq < last_paid)
    own = EarnedShares(coarse, zone)
    for row in sorted((*ordered, *events), key=lambda row: row.seq):
        own.follow(row)
        if row.seq == settled_by:
            own.canceled = 0
    own.pass_time(at)
    counting = [row for row in ordered if row.seq > settled_by]
    return OrderState(
        spent=sum(row.points for row in counting if row.type in (TransactionType.DEBIT, TransactionType.CAPTURE)),
        earned=sum(row.points for row in counting if row.type is TransactionType.CREDIT),
        covered=sum(row.payment.amount for row in counting if row.payment),
        spent_lots=spent_lots,
        own=own,
        refunds=tuple(row.refund for row in counting if row.refund),
        order=next((row.context.order for row in ordered if row.context.order), None),
        has_event_based_lots=any(lot.activates_at == BY_EVENT for row in ordered for lot in row.pending_lots),
    )


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


def refund_order(
    card: Card, state: OrderState, demand: RefundDemand, lapsed: LapsedPoints, wallet: Wallet, at: int
) -> tuple[Card, list[Movement]]:
    """Undoes the requested part of the order on the settled card; the last movement has the refund details.

    First comes a RETURN to the lots that the points came from, and an EXPIRY if they stay expired. Then a REVOCATION
    takes what the order earned: from its own pending points, its own active lots, then the others in consumption order.
    """
    settings, before = wallet.settings.refunds, refund_progress(state.order, state.refunds)
    this = refund_step(state.order, before, demand, settings)
    target = spent_target(state.spent, state.order, this.after, settings)
    returning = max(target - sum(refund.spent for refund in state.refunds), 0)
    target = earned_target(state.earned, state.order, this.after, settings)
    revoking = max(target - sum(refund.earned for refund in state.refunds), 0)
    require_refundable(demand, before, points=returning + revoking, amount=this.amount)

    movements: list[Movement] = []
    kept_expired = 0
    if returning:
        card, movements = _return_points(card, state, returning, wallet, at)
        kept = lapsed_points(movements)
        kept_expired = sum(kept.values())
        lapsed = {where: lapsed.get(where, 0) + kept.get(where, 0) for where in lapsed | kept}
    revocation = _Revocation(card, state, revoking, lapsed, wallet, at)
    card = revocation.card
    if revocation.revoked:
        movements.append(revocation.movement)
    elif not movements:
        movements.append(_movement(card, TransactionType.RETURN, (), (), at))

    movements[-1] = replace(
        movements[-1],
        refund=RefundDetails(
            kind=demand.kind,
            spent=returning,
            earned=revoking,
            revoked=revocation.revoked,
            shortfall=revocation.shortfall,
            expired=revocation.expired,
            amount=this.amount,
            money=_money(state, this.amount, covered_target(state.covered, state.order, this.after)),
            items=this.items,
            lapsed=tuple(revocation.lapsed),
            kept_expired=kept_expired,
        ),
    )
    return card, movements


def returned_lots(
    spent_lots: Iterable[Lot], card: Card, wallet: Wallet, at: int, policy: ExpiredLots
) -> tuple[Lot, ...]:
    """Returns the lots to give back. A lot that expired meanwhile is renewed, gets days of grace, or stays expired."""
    grace_days, lots = wallet.settings.refunds.spent.grace_days, []
    for taken_lot in spent_lots:
        # The dates of the lot on the card by now: a lot that was rounded up has not expired.
        expires_at = coarse_expiry(taken_lot.expires_at, card.coarse, wallet.zone)
        lot = Lot(taken_lot.points, expires_at, coarse_issue_day(taken_lot.issue_day, card.coarse))
        if NEVER != card.expiry_of(lot) <= at:
            if policy is ExpiredLots.RENEW:
                renewed = coarse_expiry(grant_expiry(Grant(lot.points), wallet, at), card.coarse, wallet.zone)
                today = day_number(local_day(at, wallet.zone))
                lot = Lot(lot.points, renewed, coarse_issue_day(today, card.coarse))
            elif policy is ExpiredLots.GRACE and grace_days:
                graced = expiry_after(at, Period(grace_days, Unit.DAY), wallet.zone)
                lot = replace(lot, expires_at=coarse_expiry(graced, card.coarse, wallet.zone))
        lots.append(lot)
    return tuple(lots)


def _return_points(card: Card, state: OrderState, points: int, wallet: Wallet, at: int) -> tuple[Card, list[Movement]]:
    parts = list(_first_points(state.spent_lots, points))
    lots = returned_lots((part.lot for part in parts), card, wallet, at, wallet.settings.refunds.spent.expired_lots)
    card = card.add_lots(lots).count_in_lifetime(returned=points)
    for part in parts:
        card = card.restore_room(day_of(part.day), spent=part.points)
    movements = [_movement(card, TransactionType.RETURN, lots, (), at)]
    # No other movement is due, because the card was settled before.
    card, expiries = settle(card, at)
    movements += [replace(expiry, operation=Operation.REFUND, effective_at=at) for expiry in expiries]
    return card, movements


class _Revocation:
    """Takes back what an order earned, step by step; each step takes as much of the rest as it can."""

    def __init__(
        self, card: Card, state: OrderState, points: int, lapsed: LapsedPoints, wallet: Wallet, at: int
    ) -> None:
        self.card = card
        self.pending: list[PendingLot] = []
        self.active: list[Lot] = []
        self.lapsed: list[Lot] = []
        self.expired = 0
        self.owed = 0
        self._own, self._rest, self._wallet, self._at = state.own, points, wallet, at
        settings = wallet.settings.refunds.earned

        self._revoke_pending()
        # Canceled points never became active, so they are not taken back.
        counted = sum(refund.expired - points_of(refund.lapsed) for refund in state.refunds)
        self._settle(min(self._own.canceled - counted, self._rest))
        if settings.type is EarnedRefundType.REVOKE_FROM_BALANCE:
            self._revoke_own_lots(lapsed)
            self._revoke_other_lots()
            if settings.mode is RevocationMode.REVOKE_BELOW_ZERO:
                self._revoke_below_zero()
        self.shortfall = self._rest
        self.revoked = points_of(self.pending) + points_of(self.active) + self.owed
        self.card = self.card.count_in_lifetime(revoked=self.revoked)
        own = state.own.copy()
        own.expire(self.lapsed)
        for day, room in own.take(self.pending, self.active, self.owed):
            self.card = self.card.restore_room(day, earned=room)

    @property
    def movement(self) -> Movement:
        return _movement(
            self.card, TransactionType.REVOCATION, tuple(self.active), tuple(self.pending), self._at, self.owed
        )

    def _revoke_pending(self) -> None:
        card, zone = self.card, self._wallet.zone
        for where in self._own.pending_places:
            parts = lots_up_to(
                (lot for lot in self.card.pending if pending_place(lot, card.coarse, zone) == where),
                min(self._own.waiting(where), self._rest),
            )
            self.card = remove_pending(self.card, parts)
            self.pending += parts
            self._rest -= points_of(parts)

    def _revoke_own_lots(self, lapsed: LapsedPoints) -> None:
        card, zone, own = self.card, self._wallet.zone, self._own.copy()
        for where in own.active_places:
            # Points that expired unspent are not revoked again. They come first: if lots slide, later points are in the
            # same place.
            for lot in (Lot(points, *dates) for dates, points in lapsed.items()):
                if lot_place(lot, card.coarse, zone) == where:
                    gone = lots_up_to([lot], min(own.expired_in(lot), self._rest))
                    own.expire(gone)
                    self.lapsed += gone
                    self._settle(points_of(gone))
            parts = lots_up_to(
                (lot for lot in self.card.lots if lot_place(lot, card.coarse, zone) == where),
                min(own.active(where), self._rest),
            )
            self.card = remove_lots(self.card, parts)
            self.active += parts
            self._rest -= points_of(parts)

    def _revoke_other_lots(self) -> None:
        points = min(self._rest, points_of(self.card.lots))
        if points:
            self.card, parts = consume(self.card, points, self._wallet.settings.consumption_order)
            self.active += parts
            self._rest -= points

    def _revoke_below_zero(self) -> None:
        settings = self._wallet.settings
        if not settings.allow_negative_balance:
            return
        limit = BALANCE_MAX if settings.negative_limit is None else settings.negative_limit
        self.owed = min(self._rest, max(limit - self.card.debt, 0))
        self.card = replace(self.card, debt=self.card.debt + self.owed)
        self._rest -= self.owed

    def _settle(self, points: int) -> None:
        self.expired += points
        self._rest -= points


def _money(state: OrderState, amount: int | None, covered: int) -> int | None:
    """Returns the money to pay back for the amount: points paid for the rest."""
    if amount is None:
        return None
    before = sum((refund.amount or 0) - (refund.money or 0) for refund in state.refunds)
    return max(amount - max(covered - before, 0), 0)


def _first_points(spent_lots: Iterable[SpentLot], points: int) -> Iterable[SpentLot]:
    for one in spent_lots:
        part = min(points, one.points)
        points -= part
        if part:
            yield replace(one, lot=replace(one.lot, points=part))


def _without_first(spent_lots: Sequence[SpentLot], points: int) -> Iterable[SpentLot]:
    """Yields the lots without the first `points`, which earlier refunds have given back."""
    for one in spent_lots:
        settled_points = min(points, one.points)
        points -= settled_points
        if one.points > settled_points:
            yield replace(one, lot=replace(one.lot, points=one.points - settled_points))


def _movement(
    card: Card, type_: TransactionType, lots: tuple[Lot, ...], pending: tuple[PendingLot, ...], at: int, owed: int = 0
) -> Movement:
    return Movement(
        type=type_,
        operation=Operation.REFUND,
        points=points_of((*lots, *pending)) + owed,
        lots=lots,
        pending_lots=pending,
        owed=owed,
        effective_at=at,
        balance=card.balance,
    )
