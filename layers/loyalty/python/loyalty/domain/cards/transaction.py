"""A row of the ledger: one immutable movement of a card's points, chained to the row before it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256
from json import dumps
from typing import Any

from loyalty.domain.cards.card import Balance, Card, Claims, Lot, PendingLot, Room, RoundedLots, points_of
from loyalty.domain.order import Charge, Order, OrderItem


class TransactionType(StrEnum):
    """The direction in which points move.

    RETURN gives spent points back, and REVOCATION takes earned points back. HOLD, CAPTURE and RELEASE reserve points,
    spend held points, and make them active again. ACTIVITY moves no points: an event, an expiry change or a notice
    was recorded.
    """

    CREDIT = "CREDIT"
    DEBIT = "DEBIT"
    ACTIVATION = "ACTIVATION"
    EXPIRY = "EXPIRY"
    CANCELLATION = "CANCELLATION"
    RETURN = "RETURN"
    """Spent points given back."""
    REVOCATION = "REVOCATION"
    """Earned points taken back."""
    HOLD = "HOLD"
    """Points reserved: they leave active at once."""
    CAPTURE = "CAPTURE"
    """Held points spent."""
    RELEASE = "RELEASE"
    """Held points that became spendable again."""
    TRANSFER_IN = "TRANSFER_IN"
    TRANSFER_OUT = "TRANSFER_OUT"
    ACTIVITY = "ACTIVITY"
    """No points moved: an event moved a sliding expiry or was recorded for an order, an expiry changed, or a notice was
    recorded.
    """


DIRECTIONS = {
    TransactionType.CREDIT: (1, 1, 0),
    TransactionType.DEBIT: (-1, -1, 0),
    TransactionType.ACTIVATION: (-1, 0, 0),
    TransactionType.EXPIRY: (-1, -1, 0),
    TransactionType.CANCELLATION: (-1, -1, 0),
    TransactionType.RETURN: (1, 1, 0),
    TransactionType.REVOCATION: (-1, -1, 0),
    TransactionType.HOLD: (0, -1, 1),
    TransactionType.CAPTURE: (0, 0, -1),
    TransactionType.RELEASE: (0, 1, -1),
    TransactionType.TRANSFER_IN: (1, 1, 0),
    TransactionType.TRANSFER_OUT: (-1, -1, 0),
    TransactionType.ACTIVITY: (0, 0, 0),
}
"""The signs with which a row's pending lots change pending, and its lots change active and held."""


class Operation(StrEnum):
    """The reason for a transaction, mostly the command.

    Time causes `settle` and `notice`, a custom event causes `event`. `activate` and `cancel` are requests for pending
    points.
    """

    CREDIT = "credit"
    DEBIT = "debit"
    PAYMENT = "payment"
    """A debit that paid for an order."""
    REFUND = "refund"
    SETTLE = "settle"
    ACTIVATE = "activate"
    """An activation by hand, before the date."""
    CANCEL = "cancel"
    EVENT = "event"
    ADJUSTMENT = "adjustment"
    REVERSAL = "reversal"
    TRANSFER = "transfer"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    EXPIRY_CHANGE = "expiry_change"
    CAMPAIGN = "campaign"
    """A credit that a campaign gave for an event."""
    COUPON = "coupon"
    """A credit that a campaign gave for a redeemed coupon."""
    REWARD = "reward"
    """The price of a redeemed reward, or points that the reward gave or a cancellation took back."""
    NOTICE = "notice"
    """A date announced ahead, as the wallet's settings require."""
    TIER = "tier"
    """A change of the card's tier, which follows from its points and from time."""
    MANUAL_TIER = "manual_tier"
    """A tier given by hand."""

    @property
    def is_by_time(self) -> bool:
        """Whether no command caused the row directly: no caller's key can equal the key of such a row."""
        return self in (Operation.SETTLE, Operation.NOTICE, Operation.TIER)


class Source(StrEnum):
    """The kind of caller. The values are those of CleverTap, and `System` for time and custom events."""

    API = "API"
    MANUAL = "Manual"
    CAMPAIGN = "Campaign"
    CASHBACK_COUPON = "Cashback Coupon"
    SYSTEM = "System"


class Bucket(StrEnum):
    """The balance that a transaction changes: PENDING if only pending points changed, otherwise ACTIVE."""

    ACTIVE = "ACTIVE"
    PENDING = "PENDING"


class RefundType(StrEnum):
    """The extent of a refund: all that is left, an amount, or items and charges."""

    FULL = "FULL"
    AMOUNT = "AMOUNT"
    ITEMS = "ITEMS"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A card of the order that a refund in all wallets left out, because its status allows no movement."""

    wallet_id: str
    customer_id: str
    code: str
    """The code of the refusal."""
    share: int
    """The part of the refunded value that points of this card had paid: it is paid back neither in points nor in money
    until a later refund includes the card."""


@dataclass(frozen=True, slots=True)
class RefundDetails:
    """The details of a refund in one wallet. `spent` and `earned` are the points that it settled on each side.

    `earned` = revoked + shortfall + expired: points that expired unspent are not revoked, and a shortfall is forgiven
    unless holds reserve it.
    """

    kind: RefundType
    spent: int = 0
    earned: int = 0
    revoked: int = 0
    shortfall: int = 0
    expired: int = 0
    """Points that had expired or been canceled."""
    amount: int | None = None
    """The refunded value in minor units; None if the order's amount is unknown."""
    money: int | None = None
    """The part of the amount that was not paid with points."""
    withheld: int = 0
    """The part of the amount that was paid with points which the wallet's settings do not give back now."""
    caught_up: int = 0
    """The part of the amount that earlier refunds in other wallets covered, before this wallet had rows of the order.
    """
    items: tuple[OrderItem, ...] = ()
    """The returned quantities and their values; a FULL refund has none, because it covers all that was left."""
    charges: tuple[Charge, ...] = ()
    lapsed: tuple[Lot, ...] = ()
    """The lots of `expired` that had expired: no other refund may count them."""
    kept_expired: int = 0
    """The points of `spent` that had expired meanwhile and stay expired."""
    in_all_wallets: tuple[int, int] | None = None
    """Amount and money of a refund in all of the customer's wallets; None if an amount is unknown or in one wallet."""
    claims: Claims = ()
    """The part of the shortfall that open holds reserve: it is taken back as far as the holds are released."""
    left_out: tuple[LeftOut, ...] = ()
    """The cards that a refund in all wallets left out; only on one row of the refund."""
    share_caught_up: int = 0
    """The shares of earlier refunds that left this card out: this refund settles them."""

    @property
    def held(self) -> int:
        """The points of `claims`."""
        return sum(points for _, points in self.claims)

    @property
    def rows_after_return(self) -> int:
        """The number of the refund's rows after its RETURN."""
        return (self.kept_expired > 0) + (self.revoked > 0)


@dataclass(frozen=True, slots=True)
class PaymentDetails:
    """The details of a payment: minor units paid and left to pay, points per minor unit, the ratio's inputs."""

    amount: int
    remaining: int
    ratio: str
    inputs: tuple[tuple[str, str], ...] = ()
    """The inputs, by the calls of the formula that used them."""


@dataclass(frozen=True, slots=True)
class EventDetails:
    """The details of a custom event, on its last row: points that it did not make spendable, and where it counts."""

    canceled: int = 0
    """Points of the event's order that had been canceled before."""
    expired: int = 0
    """Points that the event activated and that expired at once: their expiry, counted from the event, had passed."""
    wallets: tuple[str, ...] = ()
    """The wallets that the event concerned when it first arrived; empty if this was the row's wallet alone."""


@dataclass(frozen=True, slots=True)
class AwardDetails:
    """How a campaign computed the points of a credit: its version and rule, the points before rounding, the factor."""

    campaign_version: int
    reward_no: int
    base: str
    """Points before factor and rounding, as a decimal number or a fraction such as 1/3."""
    factor: str = "1"
    draw: int | None = None
    """The number that chose a random outcome."""


class TierCause(StrEnum):
    """The cause of a tier's change.

    PROLONGED: the tier is valid for longer. MANUAL: the tier was given by hand. CALCULATED: the tier was computed from
    the card's whole ledger, because the wallet got a tier structure or the structure changed.
    """

    UPGRADE = "UPGRADE"
    DOWNGRADE = "DOWNGRADE"
    PROLONGED = "PROLONGED"
    MANUAL = "MANUAL"
    CALCULATED = "CALCULATED"


@dataclass(frozen=True, slots=True)
class TierChange:
    """A change of the card's tier in a program; an empty tier id is no tier."""

    program_id: str
    former_tier_id: str
    tier_id: str
    points: int
    """The points that decided."""
    until: int
    """The instant until which the tier is valid at least; 0 if only points decide."""
    cause: TierCause


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A change of a card's points, before it has its place in the ledger."""

    type: TransactionType
    operation: Operation
    points: int
    lots: tuple[Lot, ...] = ()
    pending_lots: tuple[PendingLot, ...] = ()
    effective_at: int
    balance: Balance
    owed: int = 0
    """Points of a debit that the card did not have."""
    requested: int | None = None
    capped_by: str | None = None
    """The cause of fewer points than requested: a limit's path in the settings, or `balance`."""
    refund: RefundDetails | None = None
    begins_refund: RefundDetails | None = None
    """On a RETURN before the last row of its refund: the details of that refund, for the event of this row."""
    payment: PaymentDetails | None = None
    event: EventDetails | None = None
    hold: int | None = None
    """`seq` of the HOLD row whose points move; a HOLD has its own `seq`."""
    hold_expires_at: int | None = None
    """The end of a HOLD."""
    counterpart: str | None = None
    """Customer id of the other side of a transfer."""
    reverses: int | None = None
    """`seq` of the row that a reversal undoes."""
    lots_before: tuple[Lot, ...] = ()
    """The `lots` before their expiry changed."""
    qualifying: bool = False
    """An adjustment that counts as earned or spent."""
    notice: str | None = None
    """How long before its date a notice is recorded, such as `30 DAY`; its lots are the points concerned."""
    day: int | None = None
    """The local day (days since 1970) in whose periods the points count as earned or spent; None if they do not."""
    room: Room = ()
    """The room that a RETURN gives back to spend, or a REVOCATION to earn."""
    award: AwardDetails | None = None
    tier: TierChange | None = None
    context: "Context | None" = None
    """The movement's own context; None for that of the command."""
    origin: str | None = None
    """The row's own origin; None for that of the command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The context of a command's rows: who sent the command, why, and for which order."""

    source: Source
    order_id: str | None = None
    order: Order | None = None
    campaign_id: str | None = None
    points_description: str | None = None
    metadata: str | None = None
    """JSON text as sent."""
    reason: str | None = None
    event: str | None = None
    """Name of the custom event that caused the row."""
    actor: str | None = None
    request_id: str | None = None
    fingerprint: bytes | None = None
    key: str | None = None
    """The caller's key, of a command whose row has another origin."""


SYSTEM_CONTEXT = Context(source=Source.SYSTEM)
"""The context of rows that time caused, without a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    card_id: str
    wallet_id: str
    customer_id: str
    seq: int
    type: TransactionType
    operation: Operation
    points: int
    balance: Balance
    lots: tuple[Lot, ...] = ()
    pending_lots: tuple[PendingLot, ...] = ()
    owed: int = 0
    requested: int | None = None
    capped_by: str | None = None
    refund: RefundDetails | None = None
    """The details of the refund whose last row this is: each refund has one such row."""
    begins_refund: RefundDetails | None = None
    payment: PaymentDetails | None = None
    event: EventDetails | None = None
    hold: int | None = None
    hold_expires_at: int | None = None
    counterpart: str | None = None
    reverses: int | None = None
    lots_before: tuple[Lot, ...] = ()
    qualifying: bool = False
    notice: str | None = None
    day: int | None = None
    room: Room = ()
    award: AwardDetails | None = None
    tier: TierChange | None = None
    later: int = 0
    """The number of rows of the same transaction after this row.

    The command's last row has the command's key; only rows with changes of tiers follow.
    """
    slides_to: int = 0
    """The card's new sliding moment, on the last row of a command that moved it."""
    rounded: RoundedLots | None = None
    """All lots of the card, on the last row of a command that made the card coarser."""
    context: Context
    origin: str | None = None
    """The identity of the row among those of its order: the caller's key, an event; None if time caused the row."""
    wallet_version: int
    created_at: int
    effective_at: int
    salt: bytes = b""
    """Makes the digest of the personal texts unguessable once they are erased."""
    digest: bytes = b""
    """The digest of erased texts; otherwise it is computed from the texts."""
    hash: bytes = b""

    @property
    def transaction_id(self) -> str:
        return f"{self.card_id}.{self.seq}"

    @property
    def hold_id(self) -> str | None:
        """Transaction id of the HOLD row whose points moved."""
        return None if self.hold is None else f"{self.card_id}.{self.hold}"

    @property
    def deltas(self) -> tuple[int, int, int]:
        """Change of pending, active, held."""
        active, pending = points_of(self.lots) + self.owed, points_of(self.pending_lots)
        of_pending, of_active, of_held = DIRECTIONS[self.type]
        activated = pending if self.type is TransactionType.ACTIVATION else 0
        return of_pending * pending, of_active * active + activated, of_held * active

    @property
    def bucket(self) -> Bucket:
        """`PENDING` if the movement changed pending points alone."""
        touches_pending_alone = self.pending_lots and not self.lots and self.type is not TransactionType.ACTIVATION
        return Bucket.PENDING if touches_pending_alone else Bucket.ACTIVE

    @property
    def personal_texts(self) -> dict[str, str]:
        """Texts that may name a person: they can be erased, and the chain still verifies."""
        context = self.context
        texts = {
            "metadata": context.metadata,
            "pointsDescription": context.points_description,
            "reason": context.reason,
            "orderMetadata": context.order.metadata if context.order else None,
        }
        return {name: text for name, text in texts.items() if text is not None}


def record(
    card: Card,
    movements: Sequence[Movement],
    context: Context,
    *,
    after: Card,
    at: int,
    wallet_version: int,
    salt: bytes,
    origin: Callable[[int], str] | None = None,
    trailing: Sequence[Movement] = (),
) -> tuple[Card, list[Transaction]]:
    """Returns the card after the movements, and the movements as the next rows of its ledger.

    `context` is the context of the command's own movements; rows of time have the source `System`. Only the last
    movement has the order details. `origin` returns the origin of a command's row from the number of movements after
    the row. The `trailing` movements follow from the others: the last row before them is the command's last row.
    """
    rows: list[Transaction] = []
    seq, previous = card.version, card.hash
    for number, movement in enumerate((*movements, *trailing), 1):
        seq += 1
        own_later = max(len(movements) - number, 0)
        is_last = number == len(movements)
        row = Transaction(
            card_id=card.card_id,
            wallet_id=card.wallet_id,
            customer_id=card.customer_id,
            seq=seq,
            type=movement.type,
            operation=movement.operation,
            points=movement.points,
            balance=movement.balance,
            lots=movement.lots,
            pending_lots=movement.pending_lots,
            owed=movement.owed,
            requested=movement.requested,
            capped_by=movement.capped_by,
            refund=movement.refund,
            begins_refund=movement.begins_refund,
            payment=movement.payment,
            event=movement.event,
            hold=movement.hold,
            hold_expires_at=movement.hold_expires_at,
            counterpart=movement.counterpart,
            reverses=movement.reverses,
            lots_before=movement.lots_before,
            qualifying=movement.qualifying,
            notice=movement.notice,
            day=movement.day,
            room=movement.room,
            award=movement.award,
            tier=movement.tier,
            later=len(movements) + len(trailing) - number,
            slides_to=after.sliding_expires_at
            if is_last and after.sliding_expires_at != card.sliding_expires_at
            else 0,
            rounded=after.rounded_lots if is_last and after.coarse > card.coarse else None,
            context=_context_of(movement, context, last=is_last),
            origin=movement.origin or (origin(own_later) if origin and not movement.operation.is_by_time else None),
            wallet_version=wallet_version,
            created_at=at,
            effective_at=movement.effective_at,
        )
        if row.personal_texts:
            row = replace(row, salt=salt)
        previous = chain_hash(previous, row)
        rows.append(replace(row, hash=previous))
    return replace(after, version=seq, hash=previous, at=at, wallet_version=wallet_version), rows


def _context_of(movement: Movement, context: Context, *, last: bool) -> Context:
    if movement.operation.is_by_time:
        return SYSTEM_CONTEXT
    if movement.context:
        return movement.context
    return context if last else replace(context, order=None)


def chain_hash(previous: bytes, row: Transaction) -> bytes:
    """Returns SHA-256 of the previous hash, this row without its personal texts, and their salted digest (form 1)."""
    return sha256(previous + canonical_row(row) + (row.digest or personal_digest(row))).digest()


def personal_digest(row: Transaction) -> bytes:
    texts = row.personal_texts
    return sha256(row.salt + _json(texts)).digest() if texts else b""


def canonical_row(row: Transaction) -> bytes:
    """Returns form 1 of a row's JSON. This form never changes, because all rows are verified by it."""
    context, order, refund, payment, event = row.context, row.context.order, row.refund, row.payment, row.event
    rounded, award, tier = row.rounded, row.award, row.tier
    document: dict[str, Any] = {
        "transactionId": row.transaction_id,
        "walletId": row.wallet_id,
        "customerId": row.customer_id,
        "type": row.type,
        "operation": row.operation,
        "source": context.source,
        "points": row.points,
        "balanceAfter": [row.balance.active, row.balance.pending, row.balance.held],
        "lots": _lots(row.lots),
        "lotsBefore": _lots(row.lots_before) or None,
        "pendingLots": _pending_lots(row.pending_lots),
        "owed": row.owed or None,
        "requested": row.requested,
        "cappedBy": row.capped_by,
        "qualifying": row.qualifying or None,
        "hold": row.hold,
        "holdExpiresAt": row.hold_expires_at,
        "counterpart": row.counterpart,
        "reverses": row.reverses,
        "event": context.event,
        "orderId": context.order_id,
        "origin": row.origin,
        "order": order and [order.amount, order.currency, [list(item.as_tuple) for item in order.items]],
        "orderCharges": (order and [list(charge.as_tuple) for charge in order.charges]) or None,
        "campaignId": context.campaign_id,
        "refund": refund and _refund(refund),
        "beginsRefund": row.begins_refund and _refund(row.begins_refund),
        "payment": payment
        and [payment.amount, payment.remaining, payment.ratio, [list(given) for given in payment.inputs]],
        "eventDetails": event and [event.canceled, event.expired, *event.wallets],
        "notice": row.notice,
        "day": row.day,
        "award": award and [award.campaign_version, award.reward_no, award.base, award.factor, award.draw],
        "tr": tier and [tier.program_id, tier.former_tier_id, tier.tier_id, tier.points, tier.until, tier.cause],
        "room": [list(part) for part in row.room] or None,
        "later": row.later or None,
        "slidesTo": row.slides_to or None,
        "rounded": rounded
        and [rounded.coarse, _lots(rounded.lots), _pending_lots(rounded.pending), [*map(_lots, rounded.held)]],
        "walletVersion": row.wallet_version,
        "actor": context.actor,
        "requestId": context.request_id,
        "fingerprint": context.fingerprint.hex() if context.fingerprint else None,
        "key": context.key,
        "createdAt": row.created_at,
        "effectiveAt": row.effective_at,
    }
    return _json({name: value for name, value in document.items() if value is not None})


def _refund(refund: RefundDetails) -> list[Any]:
    left_out = [[one.wallet_id, one.customer_id, one.code, one.share] for one in refund.left_out]
    return [
        refund.kind,
        refund.spent,
        refund.earned,
        refund.revoked,
        refund.shortfall,
        refund.expired,
        refund.amount,
        refund.money,
        refund.withheld,
        refund.caught_up,
        [list(item.as_tuple) for item in refund.items],
        [list(charge.as_tuple) for charge in refund.charges],
        _lots(refund.lapsed),
        refund.kept_expired,
        refund.in_all_wallets,
        refund.claims,
        *([left_out, refund.share_caught_up] if left_out or refund.share_caught_up else []),
    ]


def _lots(lots: Iterable[Lot]) -> list[list[int]]:
    return [[lot.points, lot.expires_at, lot.issue_day] for lot in lots]


def _pending_lots(lots: Iterable[PendingLot]) -> list[list[int]]:
    return [[lot.points, lot.activates_at, lot.cancel_at, lot.expires_at, lot.issue_day] for lot in lots]


def _json(document: object) -> bytes:
    return dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
