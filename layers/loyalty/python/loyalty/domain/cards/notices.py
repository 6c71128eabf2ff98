"""Notices announce that points expire or become active: one for each moment and each period ahead of it.

No state records which notices were made. A card has the instant of its last write, and the next write records the
notices that fell due since then.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from loyalty.domain.cards.card import BY_EVENT, Card, Due, merged_lots
from loyalty.domain.cards.transaction import Movement, Operation, TransactionType
from loyalty.domain.dates import NEVER, SECONDS, Period, day_before, local_day, start_of_day
from loyalty.domain.wallets.wallet import Wallet

NOTICE_ROWS_MAX = 20
"""Rows of notices of one card in one transaction, which holds a hundred items. More rarely come together, except after
notices were switched on; the notices of the most distant moments are then left out.
"""


class NoticeKind(StrEnum):
    EXPIRY = "EXPIRY"
    ACTIVATION = "ACTIVATION"

    def notice_at(self, moment: int, ahead: Period, zone: ZoneInfo) -> int:
        """Returns the instant of the notice: `ahead` of `moment`, always before it.

        For DAY and longer, this is the start of a day, so long before the day concerned. The day concerned is the day
        of an activation, or the last usable day of expiring points.
        """
        if ahead.unit in SECONDS:
            return moment - ahead.every * SECONDS[ahead.unit]
        return _start_of_day_before(moment - 1 if self is NoticeKind.EXPIRY else moment, ahead, zone)


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice at `at` that points of the card expire or become active at `moment`, `ahead` later."""

    at: int
    coming: NoticeKind
    moment: int
    ahead: Period


def due_notices(before: Card, settled_card: Card, wallet: Wallet | None, now: int) -> list[Movement]:
    """Returns the notices due between the card's last write and `now`; `standing` is that card, settled.

    There is one notice for each moment: of several periods that passed unseen, the last one. Only moments that the card
    had at its last write count: points activated or released since were not there at the time of the notice. Without a
    wallet there are no notices.
    """
    known = set(_moments(before))
    due: dict[tuple[NoticeKind, int], Notice] = {}
    for notice in _notices(settled_card, wallet):
        key = notice.coming, notice.moment
        if before.at < notice.at <= now and key in known and (key not in due or notice.at > due[key].at):
            due[key] = notice
    first = sorted(due.values(), key=lambda notice: (notice.moment, notice.coming))
    return [_movement(settled_card, notice) for notice in first[:NOTICE_ROWS_MAX]]


def next_due(card: Card, wallet: Wallet | None, now: int) -> Due | None:
    """Returns the earliest moment after `now` at which time alone changes the card or a notice falls due."""
    dues = [Due("E", notice.at) for notice in _notices(card, wallet) if notice.at > now]
    if due := card.next_settlement():
        dues.append(due)
    return min(dues, key=lambda due: (due.at, due.kind), default=None)


def _moments(card: Card) -> Iterator[tuple[NoticeKind, int]]:
    for expires_at in {card.expiry_of(lot) for lot in card.lots} - {NEVER}:
        yield NoticeKind.EXPIRY, expires_at
    for activates_at in {lot.activates_at for lot in card.pending} - {BY_EVENT}:
        yield NoticeKind.ACTIVATION, activates_at


def _notices(card: Card, wallet: Wallet | None) -> Iterator[Notice]:
    """Yields the notices of all of the card's moments, past ones too."""
    if wallet is None:
        return
    notices = wallet.settings.notices
    periods = {NoticeKind.EXPIRY: notices.expiring, NoticeKind.ACTIVATION: notices.activating}
    if not any(periods.values()):
        return
    zone = wallet.zone
    for coming, moment in _moments(card):
        for ahead in periods[coming]:
            yield Notice(coming.notice_at(moment, ahead, zone), coming, moment, ahead)


@lru_cache(maxsize=4_096)
def _start_of_day_before(at: int, ahead: Period, zone: ZoneInfo) -> int:
    """Returns the start of the day. The result is cached, because the dates of a wallet's cards are few: its days."""
    return start_of_day(day_before(local_day(at, zone), ahead), zone)


def _movement(card: Card, notice: Notice) -> Movement:
    expiring = notice.coming is NoticeKind.EXPIRY
    # As in the row of an expiry, a sliding lot has its end: the card may have slid on when the row is read.
    lots = (
        lot if lot.expires_at > NEVER else replace(lot, expires_at=-notice.moment)
        for lot in card.lots
        if expiring and card.expiry_of(lot) == notice.moment
    )
    return Movement(
        type=TransactionType.ACTIVITY,
        operation=Operation.NOTICE,
        points=0,
        lots=merged_lots(lots),
        pending_lots=tuple(lot for lot in card.pending if not expiring and lot.activates_at == notice.moment),
        effective_at=notice.at,
        balance=card.balance,
        notice=f"{notice.ahead.every} {notice.ahead.unit}",
    )
