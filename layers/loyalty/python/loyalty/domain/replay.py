"""A card, built again from its rows: what the ledger says that it was behind each of them, and at any instant."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

from loyalty.domain.card import (
    NEVER,
    Card,
    Hold,
    Lot,
    canceled,
    released,
    without_pending,
)
from loyalty.domain.coarsening import few
from loyalty.domain.consumption import without
from loyalty.domain.credit import slid
from loyalty.domain.dates import day_number, day_of, local_day
from loyalty.domain.refund import order_state
from loyalty.domain.reversal import used_limits
from loyalty.domain.settings import Activity
from loyalty.domain.settlement import settled
from loyalty.domain.transaction import Facts, Operation, Transaction, Type
from loyalty.domain.wallet import Wallet


@dataclass(frozen=True, slots=True)
class Step:
    """One row, and the card as the row found it and as it left it."""

    row: Transaction
    before: Card
    after: Card
    opens: bool
    """Whether it is the first row of what was written together with it."""


@dataclass(slots=True)
class _Past:
    """The rows so far."""

    by_seq: dict[int, Transaction] = field(default_factory=dict)
    of_order: dict[str, list[Transaction]] = field(default_factory=dict)
    events: list[Transaction] = field(default_factory=list)
    """Of events without an order."""

    def add(self, row: Transaction) -> None:
        self.by_seq[row.seq] = row
        if row.facts.order_id is None:
            if row.operation is Operation.EVENT:
                self.events.append(row)
        else:
            self.of_order.setdefault(row.facts.order_id, []).append(row)


def enrolled(card: Card) -> Card:
    """The card as it was before its first row."""
    return Card(card_id=card.card_id, wallet_id=card.wallet_id, customer_id=card.customer_id, shard=card.shard)


def replayed(card: Card, rows: Sequence[Transaction], versions: Mapping[int, Wallet]) -> Iterator[Step]:
    """The rows, in order of `seq`, done to the card from its enrolment on, each by the wallet version that it names.

    A version that is missing is stood in for by the latest before it. Nothing is judged: a row may take points that
    are not there, and leaves lots of less than none.
    """
    card, past = enrolled(card), _Past()
    for group in _written_together(rows):
        for row in group:
            wallet = _wallet(row, versions)
            after = _done(card, row, wallet, past)
            # Once a command has done what it does, its card gets few lots; time alone changes no dates.
            if row is group[-1] and any(map(_of_command, group)):
                after = few(after, wallet.zone)
            after = replace(after, version=row.seq, hash=row.hash, at=row.created_at)
            after = replace(after, wallet_version=row.wallet_version)
            yield Step(row, card, after, opens=row is group[0])
            past.add(row)
            card = after


def as_of(card: Card, rows: Iterable[Transaction], versions: Mapping[int, Wallet], at: int) -> Card:
    """The card as it stood at the instant, with all that was due by then done, whenever that was recorded."""
    known = [row for row in rows if row.created_at <= at]
    stood = enrolled(card)
    for step in replayed(card, known, versions):
        stood = step.after
    return settled(stood, at)[0]


def given_back(
    order: Sequence[Transaction], events: Sequence[Transaction], row: Transaction, coarse: int, zone: ZoneInfo
) -> Iterator[tuple[date, int]]:
    """Days in whose periods a refund's RETURN gives back room to spend, its REVOCATION room to earn; with the points.

    `order` and `events` are the order's rows and those of events without an order, behind which the row stands.
    """
    state = order_state(order, coarse, zone, row.created_at, events=events)
    if row.type is Type.REVOCATION:
        yield from state.own.take(row.pending_lots, row.lots, row.owed)
        return
    points = row.points
    for drawn in state.drawn:
        part = min(points, drawn.points)
        points -= part
        yield day_of(drawn.day), part


def _wallet(row: Transaction, versions: Mapping[int, Wallet]) -> Wallet:
    if row.wallet_version in versions:
        return versions[row.wallet_version]
    return versions[max((version for version in versions if version < row.wallet_version), default=min(versions))]


def _written_together(rows: Iterable[Transaction]) -> Iterator[list[Transaction]]:
    """A command's rows, with those that time wrote in the same instant before or behind them."""
    group: list[Transaction] = []
    command = None
    for row in rows:
        another = _of_command(row) and command not in (None, _command(row))
        if group and (another or row.created_at != group[-1].created_at):
            yield group
            group, command = [], None
        group.append(row)
        if _of_command(row):
            command = _command(row)
    if group:
        yield group


def _of_command(row: Transaction) -> bool:
    """What time did names nobody who asked for it."""
    return row.facts != Facts()


def _command(row: Transaction) -> tuple[object, ...]:
    facts = row.facts
    return facts.request_id, facts.fingerprint, facts.order_id, facts.event, facts.actor


def _done(card: Card, row: Transaction, wallet: Wallet, past: _Past) -> Card:
    match row.type:
        case Type.CREDIT:
            card = _credited(card, row, wallet)
        case Type.DEBIT:
            card = _debited(card, row, wallet)
        case Type.ACTIVATION:
            card = _activated(card, row, wallet)
        case Type.EXPIRY:
            card = _expired(card, row.lots).counting(expired=row.points)
        case Type.CANCELLATION:
            card = canceled(card, row.pending_lots)
        case Type.RETURN | Type.REVOCATION:
            card = _undone(card, row, wallet, past)
        case Type.HOLD | Type.CAPTURE | Type.RELEASE:
            card = _held(card, row, wallet)
        case Type.TRANSFER_IN | Type.TRANSFER_OUT:
            card = _transferred(card, row, wallet)
        case Type.ACTIVITY if row.operation is Operation.EVENT:
            card = _slid_by_event(card, row, wallet)
        case Type.ACTIVITY if row.operation is Operation.EXPIRY_CHANGE:
            card = without(card, row.lots_before).plus_lots(row.lots)
    return card


def _credited(card: Card, row: Transaction, wallet: Wallet) -> Card:
    card = card.plus_lots(row.lots)
    for lot in row.pending_lots:
        card = card.plus_pending(lot)
    if row.operation is not Operation.ADJUSTMENT:
        card = slid(card, wallet, Activity.EARNING, row.created_at)
    if row.operation is not Operation.ADJUSTMENT or row.qualifying:
        card = card.counted(_day(row, wallet), earned=row.points)
    return card.counting(issued=row.points)


def _debited(card: Card, row: Transaction, wallet: Wallet) -> Card:
    card = without(card, row.lots)
    card = replace(card, debt=card.debt + row.owed)
    if row.operation is not Operation.ADJUSTMENT:
        card = slid(card, wallet, Activity.SPENDING, row.created_at)
    if row.operation is not Operation.ADJUSTMENT or row.qualifying:
        card = card.counted(_day(row, wallet), spent=row.points)
    if row.operation is Operation.ADJUSTMENT:
        return card.counting(removed=row.points)
    return card.counting(redeemed=row.points)


def _activated(card: Card, row: Transaction, wallet: Wallet) -> Card:
    """By time each lot has the expiry that it was promised; before its time the row tells which one it got."""
    if row.operation is Operation.EVENT:
        card = _slid_by_event(card, row, wallet)
    usable = row.lots or [lot.activated() for lot in row.pending_lots]
    return without_pending(card, row.pending_lots).plus_lots(usable)


def _slid_by_event(card: Card, row: Transaction, wallet: Wallet) -> Card:
    if row.facts.event not in wallet.settings.expiration.events:
        return card
    return slid(card, wallet, Activity.CUSTOM_EVENT, row.created_at)


def _expired(card: Card, parts: Iterable[Lot]) -> Card:
    """The card less the parts. Of a lot that slid, the row says when it ended: the card's own says how it slid."""
    gone: list[Lot] = []
    for part in parts:
        rest = part.points
        for lot in card.lots if part.expires_at < NEVER else ():
            if lot.expires_at < NEVER and lot.issue_day == part.issue_day and card.expiry_of(lot) == -part.expires_at:
                taken = min(rest, lot.points)
                rest -= taken
                gone.append(replace(lot, points=taken))
        gone.append(replace(part, points=rest))
    return without(card, gone)


def _undone(card: Card, row: Transaction, wallet: Wallet, past: _Past) -> Card:
    """Points returned or revoked. Room comes back in the periods in which they had been counted."""
    if row.operation is Operation.REVERSAL:
        former = past.by_seq.get(row.reverses or 0)
        used = former is not None and used_limits(former)
        room = [(_day(former, wallet), row.points)] if former and used else []
        if row.type is Type.RETURN and not used:
            card = replace(card, other_spending=card.other_spending + row.points)
    else:
        order = past.of_order.get(row.facts.order_id or "", [])
        room = list(given_back(order, past.events, row, card.coarse, wallet.zone))
    if row.type is Type.RETURN:
        card = replace(card, debt=card.debt - row.owed).plus_lots(row.lots).counting(returned=row.points)
        for day, points in room:
            card = card.uncounted(day, spent=points)
        return card
    card = without(without_pending(card, row.pending_lots), row.lots)
    card = replace(card, debt=card.debt + row.owed).counting(revoked=row.points)
    for day, points in room:
        card = card.uncounted(day, earned=points)
    return card


def _held(card: Card, row: Transaction, wallet: Wallet) -> Card:
    """Holding counts as spending on that day; capturing does not count again."""
    if row.type is Type.HOLD:
        day = _day(row, wallet)
        hold = Hold(row.seq, row.hold_expires_at or 0, day_number(day), row.lots)
        return replace(without(card, row.lots), holds=(*card.holds, hold)).counted(day, spent=row.points)
    found = next((hold for hold in card.holds if hold.seq == row.hold), None)
    if row.type is Type.RELEASE:
        return released(card, found, row.lots, kept=_less(found.lots, row.lots)) if found else card.plus_lots(row.lots)
    card = slid(card, wallet, Activity.SPENDING, row.created_at).counting(redeemed=row.points)
    if found is None:
        return card
    rest = tuple(_behind(found.lots, row.points))
    holds = (replace(hold, lots=rest) if hold is found else hold for hold in card.holds)
    return replace(card, holds=tuple(hold for hold in holds if hold.lots))


def _transferred(card: Card, row: Transaction, wallet: Wallet) -> Card:
    """Received points count as earned; given ones as spent where the wallet says so."""
    day = _day(row, wallet)
    if row.type is Type.TRANSFER_IN:
        return card.plus_lots(row.lots).counting(transferred_in=row.points).counted(day, earned=row.points)
    card = without(card, row.lots).counting(transferred_out=row.points)
    return card.counted(day, spent=row.points) if wallet.settings.transfers.count_as_spending else card


def _less(lots: Iterable[Lot], gone: Iterable[Lot]) -> tuple[Lot, ...]:
    """The lots less the given parts of them, in their order."""
    left = {(lot.expires_at, lot.issue_day): lot.points for lot in gone}
    kept = []
    for lot in lots:
        part = min(left.get((lot.expires_at, lot.issue_day), 0), lot.points)
        if part:
            left[lot.expires_at, lot.issue_day] -= part
        kept.append(replace(lot, points=lot.points - part))
    return tuple(lot for lot in kept if lot.points)


def _behind(lots: Iterable[Lot], points: int) -> Iterator[Lot]:
    """The lots less their first `points`."""
    for lot in lots:
        taken = min(points, lot.points)
        points -= taken
        if lot.points > taken:
            yield replace(lot, points=lot.points - taken)


def _day(row: Transaction, wallet: Wallet) -> date:
    return local_day(row.created_at, wallet.zone)
