"""Events on the bus: one for each row of a ledger, each new card and each version of a wallet.

Events arrive at least once and in no order: consumers recognize an event by its `eventId`, and order the events of a
card by `seq`, which has no gaps.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from loyalty.domain import dates
from loyalty.domain.cards import card as domain
from loyalty.domain.cards.transaction import Operation, Transaction, TransactionType
from loyalty.domain.dates import datetime_of
from loyalty.domain.wallets.wallet import Wallet

SOURCE = "loyalty.wallets"


class Detail(BaseModel):
    """The fields of every event."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, frozen=True)

    event_id: str = Field(description="The same id each time the event is delivered.")
    event_version: Literal[1] = 1
    wallet_id: str


class EventBalance(BaseModel):
    model_config = ConfigDict(frozen=True)

    active: int
    pending: int
    held: int
    available: int
    debt: int


class CardEvent(Detail):
    customer_id: str
    card_id: str
    seq: int = Field(description="Without gaps on a card: the event with seq n follows the event with seq n - 1.")
    operation: str
    balance: EventBalance = Field(description="The balance right after the event.")
    hash: str = Field(description="The hash chain's value up to this transaction, hexadecimal.")


class CardCreated(CardEvent):
    operation: Literal["enrol"] = "enrol"
    created_at: datetime


class EventLot(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, frozen=True)

    points: int
    activates_at: datetime | None
    expires_at: datetime | None


class PointsMoved(CardEvent):
    transaction_id: str
    points: int = Field(ge=0)
    source: str
    order_id: str | None
    campaign_id: str | None
    event_timestamp: datetime = Field(description="When the movement took effect; a sweep may record it later.")
    recorded_at: datetime
    lots: list[EventLot]


class PointsCredited(PointsMoved):
    """Has the properties of CleverTap's `CT Points Credited` under CleverTap's names. Absent values are null."""

    ct_source: str = Field(alias="CT Source")
    points_description: str | None
    bucket: Literal["ACTIVE", "PENDING"]
    activates_at: datetime | None = Field(description="Null if the points are active at once.")
    expires_at: datetime | None = Field(description="Null if the points never expire.")


class PointsDebited(PointsMoved):
    amount: int | None = Field(description="The amount that the points paid, in minor units; null if they paid none.")


class ExpiryChanged(PointsMoved):
    """No points moved: `lots` are the lots of `lotsBefore` with their new expiry, merged if they share their dates."""

    lots_before: list[EventLot]


class EventPeriod(BaseModel):
    model_config = ConfigDict(frozen=True)

    every: int
    unit: str


class PointsComing(CardEvent):
    """A notice, once for each date and period. The credit itself announces points that arrive within the period."""

    transaction_id: str
    points: int = Field(ge=0, description="All points of the card that share the date.")
    at: datetime = Field(description="When the points expire or become active; a sliding expiry may still move.")
    before: EventPeriod = Field(description="The period of the wallet's notices that was reached.")
    event_timestamp: datetime = Field(description="When the period was reached; sweeps or commands record it later.")
    lots: list[EventLot]


class HoldMoved(PointsMoved):
    """Held points that were spent or became spendable again."""

    hold_id: str = Field(description="The transaction id of the `Points Held` event that reserved them.")


class PointsHeld(HoldMoved):
    """Reserved points, which are spent by a capture, or spendable again after a release."""

    expires_at: datetime = Field(description="The instant at which points that are still held are released.")


class PointsTransferred(PointsMoved):
    """One of the two transactions of a transfer: OUT for the sender, IN for the recipient."""

    direction: Literal["IN", "OUT"]
    counterpart: str = Field(description="The customer id of the other side.")


class WalletEvent(Detail):
    version: int
    status: str
    name: str
    points_name: str
    actor: str
    changed_at: datetime


ROW_TYPES = {
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
OPERATION_TYPES = {(TransactionType.ACTIVITY, Operation.EXPIRY_CHANGE): EXPIRY_CHANGED}
"""Rows whose event has another name than other rows of their type."""
EXPIRING, ACTIVATING = "Points Expiring Soon", "Points Activating Soon"
WALLET_TYPES = ("Created", "Changed", "Activated", "Deactivated", "Deleted")

ROW_MODELS: dict[str, type[PointsMoved]] = {
    **dict.fromkeys(ROW_TYPES.values(), PointsMoved),
    "Points Credited": PointsCredited,
    "Points Debited": PointsDebited,
    "Points Held": PointsHeld,
    "Hold Captured": HoldMoved,
    "Hold Released": HoldMoved,
    "Points Transferred": PointsTransferred,
    EXPIRY_CHANGED: ExpiryChanged,
}

DETAILS: dict[str, type[Detail]] = {
    **ROW_MODELS,
    EXPIRING: PointsComing,
    ACTIVATING: PointsComing,
    "Card Created": CardCreated,
    **{f"Wallet {change}": WalletEvent for change in WALLET_TYPES},
}
"""Every detail type with its model. The schemas in `docs/events/` are made from these models."""


class Event(BaseModel):
    """One entry for the bus."""

    model_config = ConfigDict(frozen=True)

    detail_type: str
    time: datetime
    detail: Annotated[Detail, Field(description="An instance of the detail type's own model.")]

    def detail_json(self) -> str:
        return self.detail.model_dump_json(by_alias=True)


def row_event(row: Transaction) -> Event:
    context = row.context
    common: dict[str, Any] = {
        "event_id": row.transaction_id,
        "wallet_id": row.wallet_id,
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
                    points=lot.points, activates_at=_instant(lot.activates_at), expires_at=_instant(lot.expires_at)
                )
                for lot in row.pending_lots
            ),
            *_active_lots(row.lots),
        ],
    }
    if row.notice:
        return _notice_event(row, row.notice, common)
    common |= {
        "points": row.points,
        "source": context.source,
        "order_id": context.order_id,
        "campaign_id": context.campaign_id,
        "recorded_at": datetime_of(row.created_at),
    }
    detail_type = OPERATION_TYPES.get((row.type, row.operation), ROW_TYPES[row.type])
    detail = ROW_MODELS[detail_type](**common, **_type_details(row, common["lots"]))
    return Event(detail_type=detail_type, time=datetime_of(row.created_at), detail=detail)


def _type_details(row: Transaction, lots: list[EventLot]) -> dict[str, Any]:
    """Returns the additional fields of the events of some types."""
    more: dict[str, Any] = {}
    match row.type:
        case TransactionType.CREDIT:
            more = {
                "CT Source": row.context.source,
                "points_description": row.context.points_description,
                "bucket": row.bucket,
                "activates_at": lots[0].activates_at,
                "expires_at": lots[0].expires_at,
            }
        case TransactionType.DEBIT:
            more = {"amount": row.payment.amount if row.payment else None}
        case TransactionType.HOLD:
            assert row.hold_expires_at is not None, "a HOLD row has its end"
            more = {"hold_id": row.hold_id, "expires_at": datetime_of(row.hold_expires_at)}
        case TransactionType.CAPTURE | TransactionType.RELEASE:
            more = {"hold_id": row.hold_id}
        case TransactionType.TRANSFER_IN | TransactionType.TRANSFER_OUT:
            more = {"direction": row.type.removeprefix("TRANSFER_"), "counterpart": row.counterpart}
        case TransactionType.ACTIVITY if row.lots_before:
            more = {"lots_before": _active_lots(row.lots_before)}
    return more


def new_card_event(card: domain.Card) -> Event:
    """Returns the event of a card. `balance` is the balance before the first row, because a first credit may enrol."""
    detail = CardCreated(
        event_id=f"{card.card_id}.0",
        wallet_id=card.wallet_id,
        customer_id=card.customer_id,
        card_id=card.card_id,
        seq=0,
        balance=_balance(domain.Balance(0, 0, 0)),
        hash=bytes(32).hex(),
        created_at=datetime_of(card.at),
    )
    return Event(detail_type="Card Created", time=datetime_of(card.at), detail=detail)


def wallet_version_event(wallet: Wallet) -> Event:
    detail = WalletEvent(
        event_id=f"{wallet.wallet_id}.v{wallet.version}",
        wallet_id=wallet.wallet_id,
        version=wallet.version,
        status=wallet.status,
        name=wallet.settings.name,
        points_name=wallet.settings.points_name,
        actor=wallet.changed_by,
        changed_at=datetime_of(wallet.updated_at),
    )
    return Event(detail_type=f"Wallet {wallet.change}", time=datetime_of(wallet.updated_at), detail=detail)


def _active_lots(lots: Iterable[domain.Lot]) -> list[EventLot]:
    return [EventLot(points=lot.points, activates_at=None, expires_at=_instant(lot.expires_at)) for lot in lots]


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
