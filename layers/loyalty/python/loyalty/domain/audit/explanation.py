"""Explains a row: the card before it, limits and their room, lots with their reasons, dates with their rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from loyalty.domain.audit.rebuild import rebuild_steps
from loyalty.domain.cards.card import BY_EVENT, BY_WALLET, Card, Counter, Lot, PendingLot
from loyalty.domain.cards.coarsening import coarse_expiry, lot_place
from loyalty.domain.cards.limits import CALENDAR_UNITS, Room, counter_of, earning_rooms, spending_rooms
from loyalty.domain.cards.transaction import Operation, TierCause, TierChange, Transaction, TransactionType
from loyalty.domain.dates import NEVER, CalendarUnit, datetime_of, day_of, local_day
from loyalty.domain.wallets.settings import ConsumptionOrder
from loyalty.domain.wallets.wallet import Wallet

REQUEST = "request"
"""The rule of a date that comes from the request."""

SETTINGS_BY_TYPE: dict[TransactionType, tuple[str, ...]] = {
    TransactionType.CREDIT: ("earningLimits", "pending", "expiration", "allowNegativeBalance"),
    TransactionType.DEBIT: (
        "spendingLimits",
        "consumptionOrder",
        "expiration",
        "allowNegativeBalance",
        "negativeLimit",
    ),
    TransactionType.ACTIVATION: ("pending", "expiration"),
    TransactionType.EXPIRY: ("expiration",),
    TransactionType.CANCELLATION: ("pending",),
    TransactionType.RETURN: ("refunds", "expiration"),
    TransactionType.REVOCATION: ("refunds", "consumptionOrder", "allowNegativeBalance", "negativeLimit"),
    TransactionType.HOLD: ("spendingLimits", "consumptionOrder"),
    TransactionType.CAPTURE: ("expiration",),
    TransactionType.RELEASE: (),
    TransactionType.TRANSFER_IN: ("earningLimits",),
    TransactionType.TRANSFER_OUT: ("transfers", "spendingLimits", "consumptionOrder"),
    TransactionType.ACTIVITY: ("expiration", "pending"),
}
"""The wallet's settings that apply to a row; `payWithPoints` also applies to a payment."""

VERBS = {
    TransactionType.CREDIT: "were credited",
    TransactionType.DEBIT: "were spent",
    TransactionType.ACTIVATION: "became spendable",
    TransactionType.EXPIRY: "expired",
    TransactionType.CANCELLATION: "were canceled before they became spendable",
    TransactionType.RETURN: "that had been spent were given back",
    TransactionType.REVOCATION: "that had been earned were taken back",
    TransactionType.HOLD: "were reserved",
    TransactionType.CAPTURE: "that had been reserved were spent",
    TransactionType.RELEASE: "that had been reserved became spendable again",
    TransactionType.TRANSFER_IN: "were received from another customer",
    TransactionType.TRANSFER_OUT: "were transferred to another customer",
    TransactionType.ACTIVITY: "moved",
}


TIER_VERBS = {
    TierCause.UPGRADE: "rose",
    TierCause.DOWNGRADE: "fell, because the points no longer reached the tier",
    TierCause.PROLONGED: "was prolonged",
    TierCause.MANUAL: "was given by hand",
    TierCause.CALCULATED: "was calculated from all earlier transactions",
}


def settings_used(row: Transaction) -> tuple[str, ...]:
    if row.tier:
        # The levels of the tier structure decide, not the wallet's settings.
        return ()
    return ("payWithPoints", *SETTINGS_BY_TYPE[row.type]) if row.payment else SETTINGS_BY_TYPE[row.type]


@dataclass(frozen=True, slots=True)
class ExplainedLimit:
    """A limit as it was before the row. `cut` is true for the limit that cut the points."""

    room: Room
    cut: bool
    text: str


@dataclass(frozen=True, slots=True)
class ExplainedLot:
    """Points of one lot, in the order in which they moved."""

    lot: Lot | PendingLot
    rule: str
    """The path of the setting that chose the lot, or `request`."""
    text: str


@dataclass(frozen=True, slots=True)
class Promise:
    """A date that the row fixed for its points. `at` is None for never, or if the date is not known yet."""

    happens: str
    points: int
    at: int | None
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    row: Transaction
    wallet: Wallet
    """The wallet in the version that the row used."""
    before: Card
    """The card before the row, including everything that was due by then."""
    counters: tuple[tuple[CalendarUnit, Counter], ...]
    """Points that the card had earned and spent before the row, in the calendar periods of that day."""
    limits: tuple[ExplainedLimit, ...]
    parts: tuple[ExplainedLot, ...]
    promises: tuple[Promise, ...]
    refund: str | None
    text: str


def explanation_of(card: Card, rows: Sequence[Transaction], wallet: Wallet) -> Explanation:
    """Explains the last of the rows, which are all rows of the card up to this one, by the wallet that it used."""
    *_, step = rebuild_steps(card, rows)
    row, before = step.row, step.before
    day = _counted_on(row, wallet)
    return Explanation(
        row=row,
        wallet=wallet,
        before=before,
        counters=tuple((unit, counter_of(before, unit, day)) for unit in CALENDAR_UNITS),
        limits=tuple(_limits(row, before, wallet)),
        parts=tuple(_parts(row, before, wallet, rows[:-1])),
        promises=tuple(_promises(row, before, wallet)),
        refund=_refund_text(row),
        text=_text(row),
    )


def _text(row: Transaction) -> str:
    context = row.context
    text = f"{_points(row.points)} {VERBS[row.type]}"
    if row.type is TransactionType.ACTIVITY:
        text = "No points moved: the expiry of points changed" if row.lots_before else "No points moved"
        if row.notice is not None:
            text = f"No points moved: a notice was recorded {row.notice} before the date"
        if row.tier:
            text = f"No points moved: {_tier_text(row.tier)}"
    if context.order_id is not None:
        text += f" for order {context.order_id}"
    if context.event is not None:
        text += f" by the event {context.event}"
    text += f" ({row.operation})"
    if row.payment:
        text += f" for {row.payment.amount:,} minor units of the order, at {row.payment.ratio} points each"
    if row.capped_by is not None:
        text += f"; {row.requested:,} had been requested, and {row.capped_by} cut the rest"
    if row.owed:
        text += f"; {_points(row.owed)} of these are owed, because the card had too few points"
    return f"{text}. {row.balance.active:,} active, {row.balance.pending:,} pending, {row.balance.held:,} held remain."


def _tier_text(change: TierChange) -> str:
    tiers = f"{change.former_tier_id or 'no tier'} to {change.tier_id or 'no tier'}"
    if change.former_tier_id == change.tier_id:
        tiers = change.tier_id or "no tier"
    text = (
        f"the tier in program {change.program_id} {TIER_VERBS[change.cause]} ({tiers}), with {_points(change.points)}"
    )
    if change.until:
        return f"{text}, and is valid until {_instant(change.until)} at least"
    return f"{text}, and time does not end the tier" if change.tier_id else text


def _limits(row: Transaction, before: Card, wallet: Wallet) -> Iterator[ExplainedLimit]:
    """Yields the limits that were checked. A capture checks no limits, an adjustment only if it is qualifying."""
    if row.operation is Operation.ADJUSTMENT and not row.qualifying:
        return
    day, counts = _counted_on(row, wallet), wallet.settings.transfers.count_as_spending
    match row.type:
        case TransactionType.CREDIT:
            rooms = earning_rooms(before, wallet.settings, day)
            if row.operation is Operation.REWARD:
                # Limits of one credit do not apply to the points of a reward.
                rooms = [room for room in rooms if room.limit != "earningLimits.transaction"]
        case TransactionType.DEBIT | TransactionType.HOLD | TransactionType.TRANSFER_OUT if (
            row.type is not TransactionType.TRANSFER_OUT or counts
        ):
            rooms = spending_rooms(before, wallet.settings, day)
        case _:
            return
    asked = row.requested or row.points
    for room in rooms:
        cut = room.limit == row.capped_by
        text = f"{room.limit} left room for {_points(room.points)}; {asked:,} were requested"
        yield ExplainedLimit(room, cut, f"{text}, and the limit cut them to {row.points:,}." if cut else f"{text}.")


def _counted_on(row: Transaction, wallet: Wallet) -> date:
    """Returns the day on which the row counts, or for a row that counts nowhere the local day."""
    return local_day(row.created_at, wallet.zone) if row.day is None else day_of(row.day)


def _parts(row: Transaction, before: Card, wallet: Wallet, former: Sequence[Transaction]) -> Iterator[ExplainedLot]:
    for pending_lot in row.pending_lots:
        yield _pending_lot(row, pending_lot, wallet)
    if row.type in (TransactionType.ACTIVATION, TransactionType.CREDIT, TransactionType.TRANSFER_IN):
        # The lots of an activation were its pending lots before.
        return
    order = [one for one in former if row.context.order_id is not None and one.context.order_id == row.context.order_id]
    for number, lot in enumerate(row.lots, 1):
        match row.type:
            case TransactionType.EXPIRY:
                text = f"The lot expired at {_instant(abs(lot.expires_at))}."
                yield ExplainedLot(lot, "expiration", text)
            case TransactionType.RETURN:
                undone = [one for one in former if one.seq == row.reverses]
                yield _returned_lot(lot, row, before, wallet, [*order, *undone])
            case TransactionType.REVOCATION:
                yield _revoked_lot(lot, row, before, wallet, order)
            case TransactionType.CAPTURE | TransactionType.RELEASE:
                yield ExplainedLot(lot, REQUEST, f"The lot was reserved by transaction {row.card_id}.{row.hold}.")
            case TransactionType.ACTIVITY if row.notice is not None:
                yield ExplainedLot(lot, "notices", "The notice announces the date of the lot.")
            case TransactionType.ACTIVITY:
                yield ExplainedLot(lot, REQUEST, "The lot got this expiry.")
            case _:
                yield _consumed_lot(number, lot, before, wallet)


def _consumed_lot(number: int, lot: Lot, before: Card, wallet: Wallet) -> ExplainedLot:
    order = wallet.settings.consumption_order
    expiry = before.expiry_of(lot)
    if order is ConsumptionOrder.EARLIEST_ISSUE:
        why = f"the lot was issued on {day_of(lot.issue_day)}, the earliest day of the remaining lots"
    elif expiry == NEVER:
        why = "the lot never expires, so it follows all lots that expire"
    else:
        why = f"the lot expires at {_instant(expiry)}, the earliest of the remaining lots"
    return ExplainedLot(lot, "consumptionOrder", f"Taken as lot {number}: {why}.")


def _pending_lot(row: Transaction, lot: PendingLot, wallet: Wallet) -> ExplainedLot:
    until = "for an event" if lot.activates_at == BY_EVENT else f"until {_instant(lot.activates_at)}"
    match row.type:
        case TransactionType.CREDIT:
            own = lot.activates_at not in (
                BY_EVENT,
                wallet.settings.pending.activation_from(row.created_at, wallet.zone),
            )
            return ExplainedLot(lot, REQUEST if own else "pending", f"The lot is pending {until}.")
        case TransactionType.ACTIVATION if row.operation is Operation.SETTLE:
            return ExplainedLot(lot, "pending", f"The lot was pending {until}.")
        case TransactionType.CANCELLATION if row.operation is Operation.SETTLE:
            return ExplainedLot(
                lot, "pending.cancelAfter", f"The lot was still pending {until} at {_instant(lot.cancel_at)}."
            )
        case TransactionType.ACTIVITY:
            return ExplainedLot(lot, "notices", f"The notice announces the date: the lot is pending {until}.")
        case TransactionType.REVOCATION:
            return ExplainedLot(lot, "refunds.earned", "The lot has the order's own points, which were still pending.")
    how = f"the event {row.context.event} arrived" if row.context.event else "a request activated or canceled it"
    return ExplainedLot(lot, "pending" if row.context.event else REQUEST, f"The lot was pending {until}, and {how}.")


def _returned_lot(
    lot: Lot, row: Transaction, before: Card, wallet: Wallet, order: Sequence[Transaction]
) -> ExplainedLot:
    for spend in reversed(order):
        lots = spend.lots if spend.type in (TransactionType.DEBIT, TransactionType.CAPTURE) else ()
        if any(
            lot_place(one, before.coarse, wallet.zone) == lot_place(lot, before.coarse, wallet.zone) for one in lots
        ):
            text = f"Returned with the dates before transaction {spend.transaction_id}; points spent last return first."
            return ExplainedLot(lot, "refunds.spent" if row.operation is Operation.REFUND else REQUEST, text)
    text = "The original lot has expired, or the points were owed, so the points have new dates."
    return ExplainedLot(lot, "refunds.spent.expiredLots" if row.operation is Operation.REFUND else REQUEST, text)


def _revoked_lot(
    lot: Lot, row: Transaction, before: Card, wallet: Wallet, order: Sequence[Transaction]
) -> ExplainedLot:
    where = lot_place(lot, before.coarse, wallet.zone)
    for earned in order:
        if earned.type is TransactionType.CREDIT:
            own = [*earned.lots, *(pending_lot.active_lot() for pending_lot in earned.pending_lots)]
            if any(lot_place(one, before.coarse, wallet.zone) == where for one in own):
                text = f"The lot has the same dates as the points of transaction {earned.transaction_id}."
                return ExplainedLot(lot, "refunds.earned", text)
    if row.reverses is not None:
        return ExplainedLot(lot, REQUEST, f"Transaction {row.card_id}.{row.reverses} granted the lot.")
    text = "The order's own points were not enough; other points were taken in consumption order."
    return ExplainedLot(lot, "consumptionOrder", text)


def _promises(row: Transaction, before: Card, wallet: Wallet) -> Iterator[Promise]:
    if row.type is TransactionType.HOLD and row.hold_expires_at:
        text = f"The points become spendable again at {_instant(row.hold_expires_at)}, unless they are captured."
        yield Promise("RELEASED", row.points, row.hold_expires_at, REQUEST, text)
    if row.type not in (TransactionType.CREDIT, TransactionType.ACTIVATION):
        return
    granted = row.type is TransactionType.CREDIT
    for pending_lot in row.pending_lots if granted else ():
        yield _activation(row, pending_lot, wallet)
        if pending_lot.cancel_at:
            text = f"Points that are still pending at {_instant(pending_lot.cancel_at)} are canceled."
            yield Promise("CANCELED", pending_lot.points, pending_lot.cancel_at, "pending.cancelAfter", text)
    if row.operation is Operation.EVENT:
        # The instants from which the lots count may differ; the pending lot has the rule.
        for lot, pending_lot in zip(row.lots, row.pending_lots, strict=True):
            rule = "expiration" if pending_lot.expires_at == BY_WALLET else REQUEST
            yield _expiry_by(rule, lot, rounded=bool(before.coarse))
        return
    usable = [(lot, row.created_at) for lot in row.lots]
    if granted or not usable:
        usable += [(pending_lot.active_lot(), pending_lot.activates_at) for pending_lot in row.pending_lots]
    for lot, activates_at in usable:
        yield _expiry(lot, activates_at, before, wallet)


def _activation(row: Transaction, lot: PendingLot, wallet: Wallet) -> Promise:
    pending = wallet.settings.pending
    if lot.activates_at == BY_EVENT:
        names = " or ".join(pending.events)
        return Promise("ACTIVATES", lot.points, None, "pending", f"Spendable when {names} arrives.")
    rule = "pending" if lot.activates_at == pending.activation_from(row.created_at, wallet.zone) else REQUEST
    text = f"Spendable from {_instant(lot.activates_at)}, {_rule_text(rule)}."
    return Promise("ACTIVATES", lot.points, lot.activates_at, rule, text)


def _expiry(lot: Lot, activates_at: int, before: Card, wallet: Wallet) -> Promise:
    if activates_at == BY_EVENT and lot.expires_at < NEVER:
        text = "The expiry counts from the activation, whose date is not known yet."
        return Promise("EXPIRES", lot.points, None, "expiration", text)
    by_wallet = wallet.settings.expiration.expiry_from(activates_at, wallet.zone)
    rule = "expiration" if lot.expires_at == coarse_expiry(by_wallet, before.coarse, wallet.zone) else REQUEST
    return _expiry_by(rule, lot, rounded=bool(before.coarse) and abs(lot.expires_at) != abs(by_wallet))


def _expiry_by(rule: str, lot: Lot, *, rounded: bool) -> Promise:
    if lot.expires_at == NEVER:
        return Promise("NEVER_EXPIRES", lot.points, None, rule, f"The points never expire, {_rule_text(rule)}.")
    text = f"The points expire at {_instant(abs(lot.expires_at))}, {_rule_text(rule)}"
    if lot.expires_at < NEVER:
        text += "; an activity moves the expiry ahead"
    if rounded:
        text += "; rounded up, because the card has many lots"
    return Promise("EXPIRES", lot.points, abs(lot.expires_at), rule, f"{text}.")


def _rule_text(rule: str) -> str:
    return "as requested" if rule == REQUEST else f"by the wallet's {rule}"


def _refund_text(row: Transaction) -> str | None:
    details = row.refund
    if details is None:
        return None
    text = f"{details.kind}: {_points(details.spent)} that were spent on the order were given back. "
    text += f"{details.revoked:,} of {_points(details.earned)} that the order had earned were taken back"
    if details.expired:
        text += f", {details.expired:,} had expired or were canceled unspent"
    if details.kept_expired:
        text += f"; {details.kept_expired:,} of the returned points had expired and stay expired"
    if details.held:
        forgiven = details.shortfall - details.held
        text += f", {details.shortfall:,} were missing: {forgiven:,} are forgiven, and {details.held:,} are taken back"
        text += " if their holds are released"
    elif details.shortfall:
        text += f", {details.shortfall:,} were missing and are forgiven"
    return f"{text}."


def _points(points: int) -> str:
    return "1 point" if points == 1 else f"{points:,} points"


def _instant(at: int) -> str:
    return f"{datetime_of(at):%Y-%m-%dT%H:%M:%SZ}"
