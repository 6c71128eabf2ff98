"""Undoes an order, completely or in part: its spent points come back, its earned points are revoked."""

from collections.abc import Iterable
from dataclasses import replace

from loyalty.domain.cards.card import (
    BALANCE_MAX,
    Card,
    Claims,
    Lot,
    PendingLot,
    lots_up_to,
    merged_room,
    points_of,
    remove_pending,
)
from loyalty.domain.cards.coarsening import coarse_expiry, coarse_issue_day, lot_place, pending_place
from loyalty.domain.cards.consumption import consume, remove_lots
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.transaction import LeftOut, Movement, Operation, RefundDetails, TransactionType
from loyalty.domain.dates import NEVER, Period, Unit, day_number, day_of, expiry_after, local_day
from loyalty.domain.movements.credit import Grant, grant_expiry
from loyalty.domain.movements.order_state import LapsedPoints, OrderState, SpentLot, lapsed_points
from loyalty.domain.movements.refund_plan import RefundPart
from loyalty.domain.wallets.settings import EarnedRefundType, ExpiredLots, RevocationMode
from loyalty.domain.wallets.wallet import Wallet


def refund_order(
    card: Card,
    state: OrderState,
    part: RefundPart,
    lapsed: LapsedPoints,
    wallet: Wallet,
    at: int,
    *,
    in_all_wallets: tuple[int, int] | None = None,
    left_out: Iterable[LeftOut] = (),
) -> tuple[Card, list[Movement]]:
    """Undoes the wallet's part of the order on the settled card; the last movement has the refund details.

    First comes a RETURN to the lots that the points came from, and an EXPIRY if they stay expired. Then a REVOCATION
    takes what the order earned: from its own pending points, its own active lots, then the others in consumption order.
    """
    movements: list[Movement] = []
    kept_expired = 0
    if part.returning:
        card, movements = _return_points(card, state, part.returning, wallet, at)
        kept = lapsed_points(movements)
        kept_expired = sum(kept.values())
        lapsed = {where: lapsed.get(where, 0) + kept.get(where, 0) for where in lapsed | kept}
    revocation = _Revocation(card, state, part.revoking, lapsed, wallet, at)
    card = revocation.card
    if revocation.revoked:
        movements.append(revocation.movement)
    elif not movements:
        movements.append(_movement(card, TransactionType.RETURN, (), (), at))

    details = RefundDetails(
        kind=part.kind,
        spent=part.returning,
        earned=part.revoking,
        revoked=revocation.revoked,
        shortfall=revocation.shortfall,
        expired=revocation.expired,
        amount=part.amount,
        money=part.money,
        withheld=part.withheld,
        caught_up=part.caught_up,
        items=part.items,
        charges=part.charges,
        lapsed=tuple(revocation.lapsed),
        kept_expired=kept_expired,
        in_all_wallets=in_all_wallets,
        claims=revocation.claims,
        left_out=tuple(left_out),
        share_caught_up=part.share_caught_up,
    )
    if len(movements) > 1:
        movements[0] = replace(movements[0], begins_refund=details)
    movements[-1] = replace(movements[-1], refund=details)
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
    room = merged_room((part.day, part.points) for part in parts)
    movements = [replace(_movement(card, TransactionType.RETURN, lots, (), at), room=room)]
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
        self.claims: Claims = ()
        if settings.type is EarnedRefundType.REVOKE_FROM_BALANCE:
            self._claim_held_points()
        self.revoked = points_of(self.pending) + points_of(self.active) + self.owed
        self.card = self.card.count_in_lifetime(revoked=self.revoked)
        own = state.own.copy()
        own.expire(self.lapsed)
        self._room = own.take(self.pending, self.active, self.owed)
        for day, room in self._room:
            self.card = self.card.restore_room(day, earned=room)

    @property
    def movement(self) -> Movement:
        room = merged_room((day_number(day), points) for day, points in self._room)
        movement = _movement(
            self.card, TransactionType.REVOCATION, tuple(self.active), tuple(self.pending), self._at, self.owed
        )
        return replace(movement, room=room)

    def _revoke_pending(self) -> None:
        card, zone = self.card, self._wallet.zone
        for where in self._own.pending_places:
            parts = lots_up_to(
                (lot for lot in self.card.pending if pending_place(lot, card.coarse, zone) == where),
                min(self._own.pending(where), self._rest),
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

    def _claim_held_points(self) -> None:
        """Claims what is missing from open holds. Points that are captured are not taken back."""
        rest, claims = self._rest, []
        for hold in self.card.holds:
            part = min(rest, points_of(hold.lots) - hold.claimed)
            rest -= part
            claims.append((hold.seq, part))
        self.claims = tuple((seq, points) for seq, points in claims if points)
        self.card = self.card.with_claims(self.claims)

    def _settle(self, points: int) -> None:
        self.expired += points
        self._rest -= points


def _first_points(spent_lots: Iterable[SpentLot], points: int) -> Iterable[SpentLot]:
    for one in spent_lots:
        part = min(points, one.points)
        points -= part
        if part:
            yield replace(one, lot=replace(one.lot, points=part))


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
