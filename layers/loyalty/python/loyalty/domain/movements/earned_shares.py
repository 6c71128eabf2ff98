"""The points that an order earned, and what became of them: how many are pending or active, and where.

Points of several orders may share a lot. An order's share of a lot is what its credits put there, less what the order's
own rows took out again. The share does not depend on rows of other orders.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from loyalty.domain.cards.card import Lot, PendingLot
from loyalty.domain.cards.coarsening import PendingPlace, lot_place, pending_place
from loyalty.domain.cards.transaction import Transaction, TransactionType
from loyalty.domain.dates import day_of

LotPlace = tuple[int, int]
"""Expiry and issue day that active lots share on a card."""


@dataclass(slots=True)
class Share:
    """Points of one credit in one place of the card."""

    day: date
    """The day on which the credit was counted as earned."""
    pending_lot: PendingLot | None
    """The lot as granted, while the points are pending."""
    place: LotPlace | None
    """The place of the points once they are active."""
    expires_at: int
    """The expiry that was granted."""
    points: int
    room: int
    """Points whose room in the periods of `day` has not been given back."""


def canceled_points(rows: Iterable[Transaction], coarse: int, zone: ZoneInfo, at: int) -> int:
    """Returns the order's points that were canceled by `at`, by hand or by time."""
    shares = EarnedShares(coarse, zone)
    for row in sorted(rows, key=lambda row: row.seq):
        shares.follow(row)
    shares.pass_time(at)
    return shares.canceled


class EarnedShares:
    """The shares of an order, after each of its rows."""

    def __init__(self, coarse: int, zone: ZoneInfo) -> None:
        self._coarse, self._zone = coarse, zone
        self.shares: list[Share] = []
        self.canceled = 0
        """Points that were canceled and never became active."""

    def copy(self) -> "EarnedShares":
        other = EarnedShares(self._coarse, self._zone)
        other.shares, other.canceled = [replace(share) for share in self.shares], self.canceled
        return other

    def follow(self, row: Transaction) -> None:
        """Applies a row to the shares. Rows come in their order; rows that time alone wrote are not needed."""
        self.pass_time(row.created_at)
        if row.refund:
            # Before the row's revoked points: they give room back, expired points do not.
            self.expire(row.refund.lapsed)
        match row.type:
            case TransactionType.CREDIT:
                assert row.day is not None, "a credit of an order counts as earned"
                day = day_of(row.day)
                self.shares += [
                    Share(day, lot, None, abs(lot.expires_at), lot.points, lot.points) for lot in row.pending_lots
                ]
                self.shares += [
                    Share(day, None, self._place(lot), abs(lot.expires_at), lot.points, lot.points) for lot in row.lots
                ]
            case TransactionType.ACTIVATION:
                for number, lot in enumerate(row.pending_lots):
                    self._activate(lot, row.lots[number] if row.lots else lot.active_lot())
            case TransactionType.CANCELLATION:
                for lot in row.pending_lots:
                    self._cancel(lot)
            case TransactionType.REVOCATION:
                self.take(row.pending_lots, row.lots, row.owed)

    def pass_time(self, at: int) -> None:
        """Applies what time alone did by `at`: at the same instant, an activation comes before a cancellation."""
        for share in self.shares:
            lot = share.pending_lot
            if lot is None:
                continue
            if 0 < lot.activates_at <= at and not 0 < lot.cancel_at < lot.activates_at:
                share.pending_lot, share.place = None, self._place(lot.active_lot())
            elif 0 < lot.cancel_at <= at:
                self._gone(share, share.points)

    def pending(self, where: PendingPlace) -> int:
        """Returns the order's points that are pending in the place."""
        return sum(share.points for share in self._pending_shares(where))

    def active(self, where: LotPlace) -> int:
        return sum(share.points for share in self.shares if share.place == where)

    def expired_in(self, lot: Lot) -> int:
        """Returns the points that may have expired in the lot: those of its place with no later granted expiry."""
        where, end = self._place(lot), abs(lot.expires_at)
        return sum(share.points for share in self.shares if share.place == where and share.expires_at <= end)

    @property
    def pending_places(self) -> list[PendingPlace]:
        """The places of pending points, in the order of the grants."""
        return list(dict.fromkeys(self._pending_place(share.pending_lot) for share in self.shares if share.pending_lot))

    @property
    def active_places(self) -> list[LotPlace]:
        return list(dict.fromkeys(share.place for share in self.shares if share.place))

    def take(self, pending: Iterable[PendingLot], active: Iterable[Lot], owed: int = 0) -> list[tuple[date, int]]:
        """Takes the points of a refund from the shares; returns the room that comes back with them, by day.

        Points taken from lots of other orders count for points of this order that were spent: the newest first.
        """
        room: list[tuple[date, int]] = []
        others = owed
        for lot in pending:
            others += self._take(self._pending_shares(self._pending_place(lot)), lot.points, room)
        for taken in active:
            where = self._place(taken)
            others += self._take((share for share in self.shares if share.place == where), taken.points, room)
        for share in reversed(self.shares):
            back = min(others, share.room)
            share.room -= back
            others -= back
            room.append((share.day, back))
        return [(day, points) for day, points in room if points]

    def expire(self, lots: Iterable[Lot]) -> None:
        """Removes points that expired unspent and that a refund has settled: their room does not come back."""
        for lot in lots:
            where, end, points = self._place(lot), abs(lot.expires_at), lot.points
            for share in self.shares:
                if share.place == where and share.expires_at <= end:
                    gone = min(points, share.points)
                    share.points -= gone
                    share.room -= min(gone, share.room)
                    points -= gone

    def _take(self, shares: Iterable[Share], points: int, room: list[tuple[date, int]]) -> int:
        """Takes points from the shares; returns the points for which the shares gave no room back.

        These are points of others, or points whose room had come back before for others.
        """
        others = points
        for share in shares:
            taken = min(points, share.points)
            share.points -= taken
            points -= taken
            back = min(taken, share.room)
            share.room -= back
            others -= back
            room.append((share.day, back))
        return others

    def _activate(self, pending_lot: PendingLot, usable: Lot) -> None:
        points, place = pending_lot.points, self._place(usable)
        for share in self._pending_shares(self._pending_place(pending_lot)):
            part = min(points, share.points)
            points -= part
            if part < share.points:
                # The rest stays pending, with the room that does not belong to the part.
                rest = replace(share, points=share.points - part, room=max(share.room - part, 0))
                self.shares.insert(self.shares.index(share) + 1, rest)
                share.room -= rest.room
            share.points, share.pending_lot, share.place, share.expires_at = part, None, place, abs(usable.expires_at)

    def _cancel(self, lot: PendingLot) -> None:
        points = lot.points
        for share in self._pending_shares(self._pending_place(lot)):
            part = min(points, share.points)
            points -= part
            self._gone(share, part)

    def _gone(self, share: Share, points: int) -> None:
        """Removes canceled points: their room came back at once."""
        share.points -= points
        share.room -= min(points, share.room)
        self.canceled += points

    def _pending_shares(self, where: PendingPlace) -> list[Share]:
        return [share for share in self.shares if share.pending_lot and self._pending_place(share.pending_lot) == where]

    def _place(self, lot: Lot) -> LotPlace:
        return lot_place(lot, self._coarse, self._zone)

    def _pending_place(self, lot: PendingLot) -> PendingPlace:
        return pending_place(lot, self._coarse, self._zone)
