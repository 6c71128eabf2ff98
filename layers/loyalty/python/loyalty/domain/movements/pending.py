"""Pending points, activated or canceled before their date: by an event or by hand, all or an order's share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from zoneinfo import ZoneInfo

from loyalty.domain.cards.card import (
    BY_EVENT,
    BY_WALLET,
    PERIOD_MIN,
    Card,
    Lot,
    PendingLot,
    cancel_lots,
    points_of,
    remove_pending,
)
from loyalty.domain.cards.coarsening import PendingPlace, coarse_expiry, pending_place
from loyalty.domain.cards.settlement import expire_lots, is_past
from loyalty.domain.cards.sliding import slide_expiry
from loyalty.domain.cards.transaction import Movement, Operation, Transaction, TransactionType
from loyalty.domain.custom_event import CustomEvent
from loyalty.domain.dates import NEVER, Period, Unit, expiry_after
from loyalty.domain.wallets.settings import Activity
from loyalty.domain.wallets.wallet import Wallet

UNITS = tuple(Unit)


def encoded_period(period: Period) -> int:
    """Returns a period of the credit's own, as the expiry of a lot whose activation is still unknown."""
    return -(period.every * len(UNITS) + UNITS.index(period.unit) + 2)


def decoded_period(expires_at: int) -> Period | None:
    """Returns the period that an expiry encodes; None if it is an instant or the wallet decides it."""
    if not PERIOD_MIN < expires_at < BY_WALLET:
        return None
    every, unit = divmod(-expires_at - 2, len(UNITS))
    return Period(every, UNITS[unit])


def activate_pending(
    card: Card, parts: Sequence[PendingLot], wallet: Wallet, at: int, operation: Operation
) -> tuple[Card, Movement]:
    """Activates the given parts of the card's pending lots. A promised expiry stays."""
    lots = tuple(_active_lot(part, card, wallet, at) for part in parts)
    return _activate(card, parts, lots, at, operation)


def cancel_pending(card: Card, parts: Sequence[PendingLot], at: int) -> tuple[Card, Movement]:
    """Cancels the given parts of the card's pending lots."""
    card = cancel_lots(card, parts)
    return card, _movement(card, TransactionType.CANCELLATION, parts, at, Operation.CANCEL)


def receive_event(
    card: Card,
    event: CustomEvent,
    parts: Sequence[PendingLot],
    credited_at: Mapping[PendingPlace, int],
    wallet: Wallet,
    at: int,
) -> tuple[Card, list[Movement]]:
    """Applies the event to the settled card: moves the sliding expiry and activates the parts of its pending lots.

    The event counts from the instant at which it happened, but for no points from before their credit: `credited_at`
    has the instants of credits after the event. Points whose expiry has passed by then are activated, and expire by a
    row of settlement. The last movement has the event's key.
    """
    happened_at, zone = event.counts_from(at), wallet.zone
    since = [max(happened_at, credited_at.get(pending_place(part, card.coarse, zone), 0)) for part in parts]
    counts_from = min(since, default=happened_at)
    activating = [(part, _active_lot(part, card, wallet, moment)) for part, moment in zip(parts, since, strict=True)]
    past = [(part, lot) for part, lot in activating if is_past(card, lot, at)]
    usable = [(part, lot) for part, lot in activating if not is_past(card, lot, at)]
    movements: list[Movement] = []
    if past:
        card, activation = _activate(card, *_columns(past), counts_from, Operation.EVENT)
        card, expiries = expire_lots(card, at)
        movements += [activation, *expiries]
    if usable:
        card, activation = _activate(card, *_columns(usable), counts_from, Operation.EVENT)
        movements.append(activation)
    else:
        movements.append(_movement(card, TransactionType.ACTIVITY, (), counts_from, Operation.EVENT))
    if event.name in wallet.settings.expiration.events:
        card = slide_expiry(card, wallet, Activity.CUSTOM_EVENT, counts_from)
    return card, movements


def latest_credits(rows: Iterable[Transaction], coarse: int, zone: ZoneInfo) -> dict[PendingPlace, int]:
    """Returns the instant of the last credit among the rows to each place of pending points."""
    latest: dict[PendingPlace, int] = {}
    for row in rows:
        for lot in row.pending_lots if row.type is TransactionType.CREDIT else ():
            where = pending_place(lot, coarse, zone)
            latest[where] = max(row.created_at, latest.get(where, 0))
    return latest


def pending_by_event(card: Card) -> list[PendingLot]:
    """Returns all event-based pending lots."""
    return [lot for lot in card.pending if lot.activates_at == BY_EVENT]


def pending_share(
    card: Card, credit_rows: Iterable[Transaction], gone: Iterable[Transaction], zone: ZoneInfo
) -> list[PendingLot]:
    """Returns the credits' points that are still pending, by pending lot, even if others' points share the lots.

    The credited points, less the points of the same lots in `gone`: activations, cancellations and revocations after
    the credits.
    """
    left = pending_outcome((*credit_rows, *gone), card.coarse, zone).left
    parts = []
    for lot in card.pending:
        points = min(left.get(pending_place(lot, card.coarse, zone), 0), lot.points)
        if points > 0:
            parts.append(replace(lot, points=points))
    return parts


@dataclass(slots=True)
class PendingOutcome:
    """The outcome of pending points according to rows. Activations by time may have no row among them."""

    left: dict[PendingPlace, int] = field(default_factory=dict)
    activated: list[Lot] = field(default_factory=list)
    canceled: int = 0


def pending_outcome(rows: Iterable[Transaction | Movement], coarse: int, zone: ZoneInfo) -> PendingOutcome:
    """Returns the outcome of the points that the credits among the rows gave, by the other rows, one after another.

    A row that also moved others' points moved all that was left of these. A refund settles every outcome before it.
    """
    found = PendingOutcome()
    # A notice names lots and moves none.
    for row in sorted((row for row in rows if row.operation is not Operation.NOTICE), key=_seq):
        for number, lot in enumerate(row.pending_lots):
            where = pending_place(lot, coarse, zone)
            left = found.left.get(where, 0)
            if row.type is TransactionType.CREDIT:
                found.left[where] = left + lot.points
                continue
            points = min(left, lot.points)
            found.left[where] = left - points
            if row.type is TransactionType.CANCELLATION:
                found.canceled += points
            elif row.type is TransactionType.ACTIVATION and points:
                usable = row.lots[number] if row.lots else lot.active_lot()
                found.activated.append(replace(usable, points=points))
        if row.refund:
            found.activated, found.canceled = [], 0
    return found


def _activate(
    card: Card, parts: Sequence[PendingLot], lots: tuple[Lot, ...], effective_at: int, operation: Operation
) -> tuple[Card, Movement]:
    card = remove_pending(card, parts).add_lots(lots)
    return card, replace(_movement(card, TransactionType.ACTIVATION, parts, effective_at, operation), lots=lots)


def _columns(activating: Iterable[tuple[PendingLot, Lot]]) -> tuple[tuple[PendingLot, ...], tuple[Lot, ...]]:
    parts, lots = zip(*activating, strict=True)
    return parts, lots


def _active_lot(part: PendingLot, card: Card, wallet: Wallet, at: int) -> Lot:
    lot = part.active_lot()
    if part.activates_at != BY_EVENT or not PERIOD_MIN < lot.expires_at < NEVER:
        return lot
    period = decoded_period(lot.expires_at)
    expires_at = (
        expiry_after(at, period, wallet.zone) if period else wallet.settings.expiration.expiry_from(at, wallet.zone)
    )
    return replace(lot, expires_at=coarse_expiry(expires_at, card.coarse, wallet.zone))


def _movement(
    card: Card, type_: TransactionType, parts: Sequence[PendingLot], at: int, operation: Operation
) -> Movement:
    return Movement(
        type=type_,
        operation=operation,
        points=points_of(parts),
        pending_lots=tuple(parts),
        effective_at=at,
        balance=card.balance,
    )


def _seq(row: Transaction | Movement) -> float:
    """Returns the sort position of a row: a movement that is not yet recorded comes last."""
    return row.seq if isinstance(row, Transaction) else inf
