"""Notices: that points expire, or become active, so long from now. Once for each moment and each period ahead of it.

No state says what was told: a card knows when it was last written, and whatever writes it next tells what fell due
since.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from loyalty.domain.cards.card import BY_EVENT, Card, Due, merged_lots
from loyalty.domain.cards.transaction import Movement, Operation, Type
from loyalty.domain.dates import NEVER, SECONDS, Period, day_before, local_day, start_of_day
from loyalty.domain.wallets.wallet import Wallet

TOLD_MAX = 20
"""Rows of notices of one card in one transaction, which holds a hundred items. More hardly come together but where
notices were switched on just now; those of the moments furthest off are left out.
"""


class Coming(StrEnum):
    EXPIRY = "EXPIRY"
    ACTIVATION = "ACTIVATION"

    def notice_at(self, moment: int, ahead: Period, zone: ZoneInfo) -> int:
        """The instant at which `moment` is told, `ahead` of it: always before it.

        DAY and longer: the start of the day that lies so long before the day concerned, which is the day of an
        activation, or the last usable day of what expires.
        """
        if ahead.unit in SECONDS:
            return moment - ahead.every * SECONDS[ahead.unit]
        return _start_of_day_before(moment - 1 if self is Coming.EXPIRY else moment, ahead, zone)


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told at `at`: that points of the card expire or become active at `moment`, which lies `ahead`."""

    at: int
    coming: Coming
    moment: int
    ahead: Period


def fallen_due(before: Card, standing: Card, wallet: Wallet | None, now: int) -> list[Movement]:
    """Notices that fell due between the card's last write and `now`; `standing` is that card, settled.

    One a moment: of several periods that passed unseen the last. Only of moments that the card had when it was written:
    what activated or was released since was not there at the time of the notice. Nothing without a wallet.
    """
    known = set(_moments(before))
    told: dict[tuple[Coming, int], Notice] = {}
    for notice in _notices(standing, wallet):
        key = notice.coming, notice.moment
        if before.at < notice.at <= now and key in known and (key not in told or notice.at > told[key].at):
            told[key] = notice
    first = sorted(told.values(), key=lambda notice: (notice.moment, notice.coming))
    return [_told(standing, notice) for notice in first[:TOLD_MAX]]


def next_due(card: Card, wallet: Wallet | None, now: int) -> Due | None:
    """The earliest of what time alone will do to the card and what is to be told after `now`."""
    dues = [Due("E", notice.at) for notice in _notices(card, wallet) if notice.at > now]
    if due := card.next_due():
        dues.append(due)
    return min(dues, key=lambda due: (due.at, due.kind), default=None)


def _moments(card: Card) -> Iterator[tuple[Coming, int]]:
    for expires_at in {card.expiry_of(lot) for lot in card.lots} - {NEVER}:
        yield Coming.EXPIRY, expires_at
    for activates_at in {lot.activates_at for lot in card.pending} - {BY_EVENT}:
        yield Coming.ACTIVATION, activates_at


def _notices(card: Card, wallet: Wallet | None) -> Iterator[Notice]:
    """All of the card's moments, those that passed too."""
    if wallet is None:
        return
    notices = wallet.settings.notices
    periods = {Coming.EXPIRY: notices.expiring, Coming.ACTIVATION: notices.activating}
    if not any(periods.values()):
        return
    zone = wallet.zone
    for coming, moment in _moments(card):
        for ahead in periods[coming]:
            yield Notice(coming.notice_at(moment, ahead, zone), coming, moment, ahead)


@lru_cache(maxsize=4_096)
def _start_of_day_before(at: int, ahead: Period, zone: ZoneInfo) -> int:
    """Kept, because the dates of a wallet's cards are few: its days."""
    return start_of_day(day_before(local_day(at, zone), ahead), zone)


def _told(card: Card, notice: Notice) -> Movement:
    expiring = notice.coming is Coming.EXPIRY
    # As the row of an expiry does, a sliding lot says when it ends: the card may have slid on when it is read.
    lots = (
        lot if lot.expires_at > NEVER else replace(lot, expires_at=-notice.moment)
        for lot in card.lots
        if expiring and card.expiry_of(lot) == notice.moment
    )
    return Movement(
        type=Type.ACTIVITY,
        operation=Operation.NOTICE,
        points=0,
        lots=merged_lots(lots),
        pending_lots=tuple(lot for lot in card.pending if not expiring and lot.activates_at == notice.moment),
        effective_at=notice.at,
        balance=card.balance,
        notice=f"{notice.ahead.every} {notice.ahead.unit}",
    )
