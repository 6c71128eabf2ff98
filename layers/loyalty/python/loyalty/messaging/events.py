"""Events on the bus of cards and wallets: one for each row, new card and version of a wallet.

Events arrive at least once and in no order: consumers recognize an event by its `eventId`, and order the events of a
card by `seq`, which has no gaps.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from loyalty.domain import dates
from loyalty.domain.cards import card as domain
from loyalty.domain.cards.profile import Enrolment
from loyalty.domain.cards.transaction import Operation, TierCause, TierChange, Transaction, TransactionType
from loyalty.domain.dates import datetime_of
from loyalty.domain.wallets.wallet import Wallet
from loyalty.messaging.refunds import RefundOfOrder

SOURCE = "loyalty.wallets"


class Detail(BaseModel):
    """The fields of every event."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, frozen=True)

    event_id: str = Field(description="The same id each time the event is delivered, and of no other event.")
    event_version: Literal[1] = Field(default=1, description="The version of the event's fields.")


class NamedWallet(BaseModel):
    """A wallet with the names that a message to a customer needs."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, frozen=True)

    wallet_id: str = Field(description="The id of the wallet.")
    wallet_name: str = Field(description="The name of the wallet, in the version that applied.")
    points_name: str = Field(
        description="The name of the wallet's points for customers, such as `stars`, in the version that applied."
    )


WalletOf = Callable[[str, int], Wallet]
"""Returns a version of a wallet, by id and number."""


def names_of(wallet: Wallet) -> dict[str, str]:
    """Returns the fields of `NamedWallet`."""
    return {
        "wallet_id": wallet.wallet_id,
        "wallet_name": wallet.settings.name,
        "points_name": wallet.settings.points_name,
    }


class WalletDetail(NamedWallet, Detail):
    """The fields of every event of a wallet or card."""


class EventBalance(BaseModel):
    """The points of a card."""

    model_config = ConfigDict(frozen=True)

    active: int = Field(description="Points that can be spent now; negative while the card owes points.")
    pending: int = Field(description="Granted points that cannot be spent yet.")
    held: int = Field(description="Points that open holds reserve.")
    available: int = Field(
        description="Points that a debit can take without a debt: `active`, or 0 if `active` is negative."
    )
    debt: int = Field(description="Points that the card owes; 0 if `active` is not negative.")


class CardEvent(WalletDetail):
    """The fields of every event of a card."""

    customer_id: str = Field(description="The id of the customer.")
    card_id: str = Field(description="The id of the card.")
    seq: int = Field(
        description=(
            "The number of the event on its card, without gaps: the event with seq n follows the event with seq n - 1."
        )
    )
    operation: str = Field(description="The reason for the event, mostly the command.")
    balance: EventBalance = Field(description="The card's balance right after the event.")
    hash: str = Field(description="The value of the hash chain up to this transaction, hexadecimal.")


class CardCreated(CardEvent):
    """A customer was enrolled. The balance is the balance before the first transaction."""

    operation: Literal["enrol"] = Field(default="enrol", description="Always `enrol`.")
    code: str = Field(description="The code of the card, which the customer can show.")
    created_at: datetime = Field(description="The instant of the enrolment.")


class EventLot(BaseModel):
    """Points that share their dates."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, frozen=True)

    points: int = Field(description="The number of points.")
    activates_at: datetime | None = Field(
        description=(
            "The instant at which the points become active; null if they are not pending, or if an event "
            "activates them."
        )
    )
    cancels_at: datetime | None = Field(
        description=(
            "The instant at which pending points are canceled, unless their event arrives before; null if no event "
            "activates them, or if they are never canceled."
        )
    )
    expires_at: datetime | None = Field(
        description=(
            "The instant from which the points cannot be spent; null if they never expire, or if the expiry "
            "is not known yet."
        )
    )


class PointsMoved(CardEvent):
    """A transaction of a card."""

    transaction_id: str = Field(description="The id of the transaction.")
    points: int = Field(ge=0, description="The number of points that moved.")
    source: str = Field(description="The kind of caller.")
    order_id: str | None = Field(description="The order of the transaction; null without an order.")
    campaign_id: str | None = Field(description="The campaign that gave the points; null without a campaign.")
    points_description: str | None = Field(description="The caller's description of the points.")
    event_timestamp: datetime = Field(
        description="The instant at which the movement took effect; a sweep may record the movement later."
    )
    recorded_at: datetime = Field(description="The instant at which the transaction was recorded.")
    lots: list[EventLot] = Field(description="The points that moved, by lot.")


class PointsCredited(PointsMoved):
    """Points were granted.

    The properties of CleverTap's `CT Points Credited` have CleverTap's names. Absent values are null.
    """

    ct_source: str = Field(alias="CT Source", description="The kind of caller, under CleverTap's name.")
    bucket: Literal["ACTIVE", "PENDING"] = Field(description="PENDING if the points are pending, otherwise ACTIVE.")
    activates_at: datetime | None = Field(
        description=(
            "The instant at which the points become active; null if they are active at once, or if an event "
            "activates them."
        )
    )
    cancels_at: datetime | None = Field(
        description=(
            "The instant at which pending points are canceled, unless their event arrives before; null if no event "
            "activates them, or if they are never canceled."
        )
    )
    expires_at: datetime | None = Field(
        description=(
            "The instant from which the points cannot be spent; null if they never expire, or if the expiry "
            "is not known yet."
        )
    )


class PointsDebited(PointsMoved):
    """Points were spent or removed."""

    amount: int | None = Field(
        description="The amount that the points paid, in minor units; null for a debit that is not a payment."
    )


class EventRefund(RefundOfOrder):
    """The refund of an order, in one wallet."""

    refund_id: str = Field(
        description=(
            "The id of the refund's last transaction. A refund that gave points back and took points back has two "
            "events with the same `refundId` and the same details: count its amounts once."
        )
    )


class ActivityNoted(PointsMoved):
    """A custom event was recorded, and no points moved."""

    event: str | None = Field(description="The name of the custom event; null if a tier was calculated.")


class PointsUndone(PointsMoved):
    """Spent points were given back, or earned points were taken back."""

    points: int = Field(ge=1, description="The number of points that moved.")
    reason: str | None = Field(description="The reason that the caller gave.")
    refund: EventRefund | None = Field(
        description=(
            "The refund of the order; null for a reversal, and for points of a released hold that a refund had claimed."
        )
    )


class UndoingRecorded(PointsMoved):
    """A refund or a reversal was recorded, and no points moved."""

    points: Literal[0] = Field(default=0, description="Always 0.")
    reason: str | None = Field(description="The reason that the caller gave.")
    refund: EventRefund | None = Field(description="The refund of the order; null for a reversal.")


class ExpiryChanged(PointsMoved):
    """The expiry of points changed, and no points moved.

    `lots` are the lots of `lotsBefore` with their new expiry, merged if they share their dates.
    """

    lots_before: list[EventLot] = Field(description="The lots before the change.")


class EventPeriod(BaseModel):
    """A period of time."""

    model_config = ConfigDict(frozen=True)

    every: int = Field(description="The number of units.")
    unit: str = Field(description="The unit, such as DAY.")


class PointsComing(CardEvent):
    """A notice, once for each date and period.

    For points that arrive within the period, the event of the credit is the notice.
    """

    transaction_id: str = Field(description="The id of the transaction that records the notice.")
    points: int = Field(ge=0, description="All points of the card that share the date.")
    at: datetime = Field(
        description="The instant at which the points expire or become active; a sliding expiry may still move."
    )
    before: EventPeriod = Field(description="The period of the wallet's `notices` between the notice and the date.")
    event_timestamp: datetime = Field(
        description="The instant at which the period began; sweeps or commands record the notice later."
    )
    lots: list[EventLot] = Field(description="The points that share the date, by lot.")


class TierMoved(CardEvent):
    """The card's tier in a program changed or was prolonged. An empty tier is null."""

    transaction_id: str = Field(description="The id of the transaction that records the change.")
    program_id: str = Field(description="The program whose tier structure decides.")
    from_: str | None = Field(alias="from", description="The tier before; null for no tier.")
    from_name: str | None = Field(
        description="The name of the tier before; null for no tier, and for a tier that the structure no longer has."
    )
    to: str | None = Field(description="The tier after the change; null for no tier.")
    to_name: str | None = Field(description="The name of the tier after the change; null for no tier.")
    points: int = Field(description="The points that decided.")
    until: datetime | None = Field(
        description="The instant at which the tier ends unless points prolong it; null if time does not end the tier."
    )
    cause: Literal["UPGRADE", "DOWNGRADE", "PROLONGED", "MANUAL", "CALCULATED"] = Field(
        description=(
            "MANUAL: the tier was given by hand. CALCULATED: the tier was computed from all earlier transactions, "
            "because a tier structure was attached or changed."
        )
    )
    source: str = Field(description="The kind of caller.")
    reason: str | None = Field(description="The reason that the caller gave, for a tier given by hand.")
    event_timestamp: datetime = Field(
        description="The instant at which the tier changed; a sweep may record the change later."
    )
    recorded_at: datetime = Field(description="The instant at which the change was recorded.")


class HoldMoved(PointsMoved):
    """Held points were spent, or became active again."""

    hold_id: str = Field(description="The `transactionId` of the `Points Held` event that reserved the points.")


class PointsHeld(HoldMoved):
    """Points were reserved. A capture spends these points, and a release makes them active again."""

    expires_at: datetime = Field(description="The instant at which points that are still held are released.")


class PointsTransferred(PointsMoved):
    """One of the two transactions of a transfer: OUT for the sender, IN for the recipient."""

    direction: Literal["IN", "OUT"] = Field(description="OUT for the sender, IN for the recipient.")
    counterpart: str = Field(description="The other customer of the transfer.")


class WalletEvent(WalletDetail):
    """A new version of a wallet."""

    version: int = Field(description="The number of the version.")
    status: str = Field(description="The status of the wallet: DRAFT, ACTIVE, INACTIVE or DELETED.")
    actor: str = Field(description="The id of the API key that made the change.")
    changed_at: datetime = Field(description="The instant of the change.")


DETAIL_TYPES = {
    TransactionType.CREDIT: "Points Credited",
    TransactionType.DEBIT: "Points Debited",
    TransactionType.ACTIVATION: "Points Activated",
    TransactionType.EXPIRY: "Points Expired",
    TransactionType.CANCELLATION: "Pending Points Canceled",
    TransactionType.RETURN: "Points Returned",
    TransactionType.REVOCATION: "Points Revoked",
    TransactionType.HOLD: "Points Held",
    TransactionType.CAPTURE: "Hold Captured",
    TransactionType.RELEASE: "Hold Released",
    TransactionType.TRANSFER_IN: "Points Transferred",
    TransactionType.TRANSFER_OUT: "Points Transferred",
    TransactionType.ACTIVITY: "Activity Noted",
}
EXPIRY_CHANGED = "Expiry Changed"
REFUND_RECORDED, REVERSAL_RECORDED = "Refund Recorded", "Reversal Recorded"
UNDOING = (TransactionType.RETURN, TransactionType.REVOCATION)
DETAIL_TYPES_OF_OPERATIONS = {(TransactionType.ACTIVITY, Operation.EXPIRY_CHANGE): EXPIRY_CHANGED}
"""Rows whose event has another name than other rows of their type."""
TIER_CHANGED, TIER_PROLONGED = "Tier Changed", "Tier Prolonged"
EXPIRING, ACTIVATING = "Points Expiring Soon", "Points Activating Soon"
WALLET_TYPES = ("Created", "Changed", "Activated", "Deactivated", "Deleted")

ROW_MODELS: dict[str, type[PointsMoved]] = {
    **dict.fromkeys(DETAIL_TYPES.values(), PointsMoved),
    "Points Credited": PointsCredited,
    "Points Debited": PointsDebited,
    "Points Returned": PointsUndone,
    "Points Revoked": PointsUndone,
    "Points Held": PointsHeld,
    "Hold Captured": HoldMoved,
    "Hold Released": HoldMoved,
    "Points Transferred": PointsTransferred,
    "Activity Noted": ActivityNoted,
    EXPIRY_CHANGED: ExpiryChanged,
    REFUND_RECORDED: UndoingRecorded,
    REVERSAL_RECORDED: UndoingRecorded,
}

CARD_AND_WALLET_DETAILS: dict[str, type[Detail]] = {
    **ROW_MODELS,
    EXPIRING: PointsComing,
    ACTIVATING: PointsComing,
    TIER_CHANGED: TierMoved,
    TIER_PROLONGED: TierMoved,
    "Card Created": CardCreated,
    **{f"Wallet {change}": WalletEvent for change in WALLET_TYPES},
}
"""Every detail type of cards and wallets with its model."""


class Event(BaseModel):
    """One entry for the bus."""

    model_config = ConfigDict(frozen=True)

    detail_type: str
    time: datetime
    detail: Annotated[Detail, Field(description="An instance of the detail type's own model.")]

    def detail_json(self, restoration: str = "") -> str:
        """Returns the detail as JSON, with the text of a restored project before the id."""
        detail = self.detail
        if restoration:
            detail = detail.model_copy(update={"event_id": f"{restoration}:{detail.event_id}"})
        return detail.model_dump_json(by_alias=True)


def row_event(row: Transaction, wallet: Wallet) -> Event:
    """Returns the event of a row; `wallet` is the version of the wallet that the row names."""
    context = row.context
    common: dict[str, Any] = {
        "event_id": row.transaction_id,
        **names_of(wallet),
        "customer_id": row.customer_id,
        "card_id": row.card_id,
        "seq": row.seq,
        "operation": row.operation,
        "balance": _balance(row.balance),
        "hash": row.hash.hex(),
        "transaction_id": row.transaction_id,
        "event_timestamp": datetime_of(row.effective_at),
        "lots": [
            *(
                EventLot(
                    points=lot.points,
                    activates_at=_instant(lot.activates_at),
                    cancels_at=_instant(lot.cancel_at),
                    expires_at=_instant(lot.expires_at),
                )
                for lot in row.pending_lots
            ),
            *_active_lots(row.lots),
        ],
    }
    if row.notice:
        return _notice_event(row, row.notice, common)
    if row.tier and (row.tier.cause is not TierCause.CALCULATED or row.tier.former_tier_id != row.tier.tier_id):
        return _tier_event(row, row.tier, wallet, common)
    common |= {
        "points": row.points,
        "source": context.source,
        "order_id": context.order_id,
        "campaign_id": context.campaign_id,
        "points_description": context.points_description,
        "recorded_at": datetime_of(row.created_at),
    }
    detail_type = detail_type_of(row)
    detail = ROW_MODELS[detail_type](**common, **_type_details(row, common["lots"]))
    return Event(detail_type=detail_type, time=datetime_of(row.created_at), detail=detail)


def detail_type_of(row: Transaction) -> str:
    """Returns the detail type of a row that is no notice and no change of a tier.

    A row without points is an event too, because `seq` has no gaps for consumers; but its type promises no points.
    """
    if row.type in UNDOING and not row.points:
        return REFUND_RECORDED if row.refund else REVERSAL_RECORDED
    return DETAIL_TYPES_OF_OPERATIONS.get((row.type, row.operation), DETAIL_TYPES[row.type])


def _type_details(row: Transaction, lots: list[EventLot]) -> dict[str, Any]:
    """Returns the additional fields of the events of some types."""
    more: dict[str, Any] = {}
    match row.type:
        case TransactionType.CREDIT:
            more = {
                "CT Source": row.context.source,
                "bucket": row.bucket,
                "activates_at": lots[0].activates_at,
                "cancels_at": lots[0].cancels_at,
                "expires_at": lots[0].expires_at,
            }
        case TransactionType.DEBIT:
            more = {"amount": row.payment.amount if row.payment else None}
        case _ if row.type in UNDOING:
            more = {"reason": row.context.reason, "refund": _refund(row)}
        case TransactionType.HOLD:
            assert row.hold_expires_at is not None, "a HOLD row has its end"
            more = {"hold_id": row.hold_id, "expires_at": datetime_of(row.hold_expires_at)}
        case TransactionType.CAPTURE | TransactionType.RELEASE:
            more = {"hold_id": row.hold_id}
        case TransactionType.TRANSFER_IN | TransactionType.TRANSFER_OUT:
            more = {"direction": row.type.removeprefix("TRANSFER_"), "counterpart": row.counterpart}
        case TransactionType.ACTIVITY if row.lots_before:
            more = {"lots_before": _active_lots(row.lots_before)}
        case TransactionType.ACTIVITY:
            more = {"event": row.context.event}
    return more


def enrolment_event(enrolment: Enrolment, wallet: Wallet) -> Event:
    """Returns the event of a new card. `balance` is the balance before the first row: a first credit may enrol."""
    created_at = datetime_of(enrolment.profile.created_at)
    detail = CardCreated(
        event_id=f"{enrolment.card_id}.0",
        **names_of(wallet),
        customer_id=enrolment.customer_id,
        card_id=enrolment.card_id,
        seq=0,
        balance=_balance(domain.Balance(0, 0, 0)),
        hash=bytes(32).hex(),
        code=enrolment.profile.code,
        created_at=created_at,
    )
    return Event(detail_type="Card Created", time=created_at, detail=detail)


def wallet_version_event(wallet: Wallet) -> Event:
    detail = WalletEvent(
        event_id=f"{wallet.wallet_id}.v{wallet.version}",
        **names_of(wallet),
        version=wallet.version,
        status=wallet.status,
        actor=wallet.changed_by,
        changed_at=datetime_of(wallet.updated_at),
    )
    return Event(detail_type=f"Wallet {wallet.change}", time=datetime_of(wallet.updated_at), detail=detail)


def _refund(row: Transaction) -> EventRefund | None:
    details = row.refund or row.begins_refund
    if details is None:
        return None
    last = row.seq if row.refund else row.seq + details.rows_after_return
    return EventRefund.of(details, refund_id=f"{row.card_id}.{last}")


def _active_lots(lots: Iterable[domain.Lot]) -> list[EventLot]:
    return [
        EventLot(points=lot.points, activates_at=None, cancels_at=None, expires_at=_instant(lot.expires_at))
        for lot in lots
    ]


def _tier_event(row: Transaction, change: TierChange, wallet: Wallet, common: dict[str, Any]) -> Event:
    """Returns the event of a change of a tier. A calculation that finds the same tier is no event of its own."""
    names = {
        level.tier_id: level.name
        for attached in wallet.tiers
        if attached.program_id == change.program_id
        for level in attached.structure.levels
    }
    detail = TierMoved(
        **{name: value for name, value in common.items() if name != "lots"},
        program_id=change.program_id,
        from_=change.former_tier_id or None,
        from_name=names.get(change.former_tier_id),
        to=change.tier_id or None,
        to_name=names.get(change.tier_id),
        points=change.points,
        until=_instant(change.until),
        cause=change.cause.value,
        source=row.context.source,
        reason=row.context.reason,
        recorded_at=datetime_of(row.created_at),
    )
    detail_type = TIER_CHANGED if change.former_tier_id != change.tier_id else TIER_PROLONGED
    return Event(detail_type=detail_type, time=datetime_of(row.created_at), detail=detail)


def _notice_event(row: Transaction, notice: str, common: dict[str, Any]) -> Event:
    """Returns the event of a notice. All lots of the row share the date."""
    every, unit = notice.split()
    at = row.pending_lots[0].activates_at if row.pending_lots else abs(row.lots[0].expires_at)
    detail = PointsComing(
        **common,
        points=domain.points_of((*row.lots, *row.pending_lots)),
        at=datetime_of(at),
        before=EventPeriod(every=int(every), unit=unit),
    )
    detail_type = ACTIVATING if row.pending_lots else EXPIRING
    return Event(detail_type=detail_type, time=datetime_of(row.created_at), detail=detail)


def _balance(balance: domain.Balance) -> EventBalance:
    return EventBalance(
        active=balance.active,
        pending=balance.pending,
        held=balance.held,
        available=balance.available,
        debt=balance.debt,
    )


def _instant(at: int) -> datetime | None:
    return datetime_of(abs(at)) if at > dates.NEVER or at <= domain.PERIOD_MIN else None
