"""Rebuilds a card from its rows: the card after each of them, and at any instant, according to the ledger."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

from loyalty.domain.cards.card import Card, Hold, Lot, cancel_lots, reduce_hold, release_lots, remove_pending
from loyalty.domain.cards.coarsening import coarsen
from loyalty.domain.cards.consumption import remove_lots
from loyalty.domain.cards.settlement import settle
from loyalty.domain.cards.sliding import slide_expiry
from loyalty.domain.cards.transaction import Operation, Transaction, TransactionType
from loyalty.domain.dates import NEVER, day_number, day_of, local_day
from loyalty.domain.movements.order_state import order_state
from loyalty.domain.movements.reversal import has_used_limits
from loyalty.domain.wallets.settings import Activity
from loyalty.domain.wallets.wallet import Wallet

HOLD_ENDINGS = (TransactionType.CAPTURE, TransactionType.RELEASE)


@dataclass(frozen=True, slots=True)
class RebuildStep:
    """One row, and the card before and after it."""

    row: Transaction
    before: Card
    after: Card
    opens: bool
    """Whether the row is the first of the rows written together."""
    ends_hold: int | None
    """The hold that the rows written together end before its time."""


@dataclass(slots=True)
class _Past:
    """The rows so far."""

    by_seq: dict[int, Transaction] = field(default_factory=dict)
    of_order: dict[str, list[Transaction]] = field(default_factory=dict)
    events: list[Transaction] = field(default_factory=list)
    """Rows of custom events without an order: they may have moved points of any order."""

    def add(self, row: Transaction) -> None:
        self.by_seq[row.seq] = row
        if row.context.order_id is not None:
            self.of_order.setdefault(row.context.order_id, []).append(row)
        elif row.operation is Operation.EVENT:
            self.events.append(row)


def card_at_enrolment(card: Card) -> Card:
    """Returns the card as it was before its first row."""
    return Card(card_id=card.card_id, wallet_id=card.wallet_id, customer_id=card.customer_id, shard=card.shard)


def rebuild_steps(card: Card, rows: Sequence[Transaction], versions: Mapping[int, Wallet]) -> Iterator[RebuildStep]:
    """Applies the rows to the card in the order of `seq`, from its enrolment on, each by the wallet version it names.

    The latest version before it replaces a missing version. Nothing is checked: a row may take points that are not
    there, which leaves lots with fewer than 0 points.
    """
    card, past = card_at_enrolment(card), _Past()
    for group in _row_groups(rows):
        ends_hold = next((row.hold for row in group if row.type in HOLD_ENDINGS and _is_of_command(row)), None)
        for row in group:
            wallet = _wallet(row, versions)
            if row.hold is not None and row is _first_of_capture(group):
                # A capture is an activity before it releases anything.
                card = slide_expiry(card, wallet, Activity.SPENDING, row.created_at)
            after = _apply_row(card, row, wallet, past)
            # A card is coarsened after a command; time alone changes no dates.
            if row is group[-1] and any(map(_is_of_command, group)):
                after = coarsen(after, wallet.zone)
            after = replace(after, version=row.seq, hash=row.hash, at=row.created_at)
            after = replace(after, wallet_version=row.wallet_version)
            yield RebuildStep(row, card, after, opens=row is group[0], ends_hold=ends_hold)
            past.add(row)
            card = after


def card_as_of(card: Card, rows: Iterable[Transaction], versions: Mapping[int, Wallet], at: int) -> Card:
    """Returns the card as of the instant: everything due by then is applied, whenever it was recorded."""
    known = [row for row in rows if row.created_at <= at]
    rebuilt = card_at_enrolment(card)
    for step in rebuild_steps(card, known, versions):
        rebuilt = step.after
    return settle(rebuilt, at)[0]


def restored_room(
    card: Card, row: Transaction, order: Sequence[Transaction], events: Sequence[Transaction], zone: ZoneInfo
) -> Iterator[tuple[date, int]]:
    """Yields the days in whose periods a RETURN gives back room to spend, a REVOCATION room to earn, with the points.

    `order`: the order's rows before the refund; `events`: the rows of custom events without an order.
    """
    state = order_state(order, card.coarse, zone, row.created_at, events=events)
    if row.type is TransactionType.REVOCATION:
        own = state.own.copy()
        own.expire(row.refund.lapsed if row.refund else ())
        yield from own.take(row.pending_lots, row.lots, row.owed)
        return
    left = row.points
    for part in state.spent_lots:
        points = min(left, part.points)
        left -= points
        yield day_of(part.day), points


def _wallet(row: Transaction, versions: Mapping[int, Wallet]) -> Wallet:
    if row.wallet_version in versions:
        return versions[row.wallet_version]
    return versions[max((version for version in versions if version < row.wallet_version), default=min(versions))]


def _row_groups(rows: Iterable[Transaction]) -> Iterator[list[Transaction]]:
    """Yields a command's rows, with the rows that time wrote at the same instant before or after them."""
    group: list[Transaction] = []
    command = None
    for row in rows:
        another = _is_of_command(row) and command not in (None, _command_identity(row))
        if group and (another or row.created_at != group[-1].created_at):
            yield group
            group, command = [], None
        group.append(row)
        if _is_of_command(row):
            command = _command_identity(row)
    if group:
        yield group


def _is_of_command(row: Transaction) -> bool:
    return not row.operation.is_by_time


def _command_identity(row: Transaction) -> tuple[object, ...]:
    context = row.context
    return context.request_id, context.fingerprint, context.order_id, context.event, context.actor


def _apply_row(card: Card, row: Transaction, wallet: Wallet, past: _Past) -> Card:
    match row.type:
        case TransactionType.CREDIT:
            card = _apply_credit(card, row, wallet)
        case TransactionType.DEBIT:
            card = _apply_debit(card, row, wallet)
        case TransactionType.ACTIVATION:
            card = _apply_activation(card, row, wallet)
        case TransactionType.EXPIRY:
            card = _remove_expired(card, row.lots).count_in_lifetime(expired=row.points)
        case TransactionType.CANCELLATION:
            card = cancel_lots(card, row.pending_lots)
        case TransactionType.RETURN | TransactionType.REVOCATION:
            card = _apply_undo(card, row, wallet, past)
        case TransactionType.HOLD | TransactionType.CAPTURE | TransactionType.RELEASE:
            card = _apply_hold(card, row, wallet)
        case TransactionType.TRANSFER_IN | TransactionType.TRANSFER_OUT:
            card = _apply_transfer(card, row, wallet)
        case TransactionType.ACTIVITY if row.operation is Operation.EVENT:
            card = _slide_by_event(card, row, wallet)
        case TransactionType.ACTIVITY if row.operation is Operation.EXPIRY_CHANGE:
            card = remove_lots(card, row.lots_before).add_lots(row.lots)
    return card


def _apply_credit(card: Card, row: Transaction, wallet: Wallet) -> Card:
    card = card.add_lots(row.lots)
    for lot in row.pending_lots:
        card = card.add_pending(lot)
    if row.operation is not Operation.ADJUSTMENT:
        card = slide_expiry(card, wallet, Activity.EARNING, row.created_at)
    if row.operation is not Operation.ADJUSTMENT or row.qualifying:
        card = card.count_in_periods(_day(row, wallet), earned=row.points)
    return card.count_in_lifetime(issued=row.points)


def _apply_debit(card: Card, row: Transaction, wallet: Wallet) -> Card:
    card = remove_lots(card, row.lots)
    card = replace(card, debt=card.debt + row.owed)
    if row.operation is not Operation.ADJUSTMENT:
        card = slide_expiry(card, wallet, Activity.SPENDING, row.created_at)
    if row.operation is not Operation.ADJUSTMENT or row.qualifying:
        card = card.count_in_periods(_day(row, wallet), spent=row.points)
    if row.operation is not Operation.ADJUSTMENT:
        return card.count_in_lifetime(redeemed=row.points)
    spent = row.points if row.qualifying else 0
    return replace(card, other_spending=card.other_spending + spent).count_in_lifetime(removed=row.points)


def _apply_transfer(card: Card, row: Transaction, wallet: Wallet) -> Card:
    """Counts received points as earned, and sent points as spent if the wallet's settings require it."""
    day = _day(row, wallet)
    if row.type is TransactionType.TRANSFER_IN:
        return (
            card.add_lots(row.lots)
            .count_in_periods(day, earned=row.points)
            .count_in_lifetime(transferred_in=row.points)
        )
    card = remove_lots(card, row.lots).count_in_lifetime(transferred_out=row.points)
    return card.count_in_periods(day, spent=row.points) if wallet.settings.transfers.count_as_spending else card


def _apply_activation(card: Card, row: Transaction, wallet: Wallet) -> Card:
    """Activates points: by time with each lot's promised expiry, before its time with the expiry in the row."""
    if row.operation is Operation.EVENT:
        card = _slide_by_event(card, row, wallet)
    usable = row.lots or [lot.active_lot() for lot in row.pending_lots]
    return remove_pending(card, row.pending_lots).add_lots(usable)


def _slide_by_event(card: Card, row: Transaction, wallet: Wallet) -> Card:
    if row.context.event not in wallet.settings.expiration.events:
        return card
    return slide_expiry(card, wallet, Activity.CUSTOM_EVENT, row.created_at)


def _remove_expired(card: Card, parts: Iterable[Lot]) -> Card:
    """Returns the card without the parts.

    The row of a sliding lot has its end, the card's own lot has the sliding expiry.
    """
    gone: list[Lot] = []
    for part in parts:
        rest = part.points
        for lot in card.lots if part.expires_at < NEVER else ():
            if lot.expires_at < NEVER and lot.issue_day == part.issue_day and card.expiry_of(lot) == -part.expires_at:
                taken = min(rest, lot.points)
                rest -= taken
                gone.append(replace(lot, points=taken))
        gone.append(replace(part, points=rest))
    return remove_lots(card, gone)


def _apply_undo(card: Card, row: Transaction, wallet: Wallet, past: _Past) -> Card:
    """Returns or revokes points. Room comes back in the periods in which the points had been counted."""
    former = past.by_seq.get(row.reverses or 0)
    if row.operation is Operation.REVERSAL:
        room = [(_day(former, wallet), row.points)] if former and has_used_limits(former) else []
    else:
        order = [
            one
            for one in past.of_order.get(row.context.order_id or "", ())
            if _command_identity(one) != _command_identity(row)
        ]
        room = list(restored_room(card, row, order, past.events, wallet.zone))
    if row.type is TransactionType.RETURN:
        card = card.add_lots(row.lots).count_in_lifetime(returned=row.points)
        if former and not has_used_limits(former):
            # Points that did not count as spending over the card's life give no room back.
            card = replace(card, other_spending=card.other_spending + row.points)
        for day, points in room:
            card = card.restore_room(day, spent=points)
        return card
    card = remove_lots(remove_pending(card, row.pending_lots), row.lots)
    card = replace(card, debt=card.debt + row.owed).count_in_lifetime(revoked=row.points)
    for day, points in room:
        card = card.restore_room(day, earned=points)
    return card


def _apply_hold(card: Card, row: Transaction, wallet: Wallet) -> Card:
    """Holds, captures or releases points. Holding counts as spending on that day; capturing does not count again."""
    if row.type is TransactionType.HOLD:
        day = _day(row, wallet)
        hold = Hold(row.seq, row.hold_expires_at or 0, day_number(day), row.lots)
        return replace(remove_lots(card, row.lots), holds=(*card.holds, hold)).count_in_periods(day, spent=row.points)
    found = next((hold for hold in card.holds if hold.seq == row.hold), None)
    if row.type is TransactionType.RELEASE:
        return (
            release_lots(card, found, row.lots, kept=_remaining_lots(found.lots[::-1], row.lots)[::-1])
            if found
            else card
        )
    card = card.count_in_lifetime(redeemed=row.points)
    return reduce_hold(card, found, _remaining_lots(found.lots, row.lots)) if found else card


def _remaining_lots(lots: Iterable[Lot], parts: Iterable[Lot]) -> tuple[Lot, ...]:
    """Returns the lots without the parts, which are taken from the first lots with the parts' dates."""
    gone: dict[tuple[int, int], int] = {}
    for part in parts:
        gone[part.expires_at, part.issue_day] = gone.get((part.expires_at, part.issue_day), 0) + part.points
    kept: list[Lot] = []
    for lot in lots:
        taken = min(gone.get((lot.expires_at, lot.issue_day), 0), lot.points)
        if taken:
            gone[lot.expires_at, lot.issue_day] -= taken
        kept.append(replace(lot, points=lot.points - taken))
    return tuple(lot for lot in kept if lot.points)


def _first_of_capture(group: Sequence[Transaction]) -> Transaction | None:
    """Returns the first row by which a capture moved its hold's points."""
    capture = next((row for row in group if row.type is TransactionType.CAPTURE), None)
    return next((row for row in group if row.hold == capture.hold), None) if capture else None


def _day(row: Transaction, wallet: Wallet) -> date:
    return local_day(row.created_at, wallet.zone)
