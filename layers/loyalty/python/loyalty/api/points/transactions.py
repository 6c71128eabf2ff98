"""Transactions as JSON."""

from datetime import datetime
from typing import Any

from pydantic import Field

from loyalty.api.base import Answer
from loyalty.api.fields import metadata_from
from loyalty.api.orders import Order, order_of
from loyalty.api.points.balances import Balance, Lot, own_lots, pending_lot
from loyalty.domain.cards import transaction as domain
from loyalty.domain.dates import datetime_of


class Deltas(Answer):
    pending: int
    active: int
    held: int


class PaymentDetails(Answer):
    """The payment details: amounts in minor units, the exchange ratio and its inputs."""

    amount: int
    remaining_amount: int
    exchange_ratio: str
    inputs: dict[str, str]


class Transaction(Answer):
    """One transaction of a card's ledger. `points` is never negative; `type` gives the direction."""

    transaction_id: str
    card_id: str
    wallet_id: str
    customer_id: str
    seq: int
    type: domain.TransactionType
    operation: domain.Operation
    source: domain.Source
    points: int
    requested: int | None
    """The points in the request, if a limit or the balance reduced them."""
    capped_by: str | None
    bucket: domain.Bucket
    deltas: Deltas
    balance_after: Balance
    lots: list[Lot]
    lots_before: list[Lot] = Field(description="For an expiry change: the lots before the change.")
    qualifying: bool = Field(description="For an adjustment: it counts as earned or spent, within the limits.")
    reverses: str | None = Field(description="For a reversal: the reversed transaction.")
    order_id: str | None
    order: Order | None
    payment: PaymentDetails | None
    campaign_id: str | None
    points_description: str | None
    metadata: dict[str, Any] | None
    reason: str | None
    event: str | None
    notice: str | None = Field(
        description="For operation `notice`: how long before the lots' date the notice is, such as `30 DAY`."
    )
    hold_id: str | None
    """The id of the hold whose points moved."""
    counterpart: str | None
    """The other customer of a transfer."""
    wallet_version: int
    actor: str | None
    request_id: str | None
    fingerprint: str | None
    hash: str
    created_at: datetime
    effective_at: datetime

    @classmethod
    def of(cls, row: domain.Transaction) -> "Transaction":
        context = row.context
        pending, active, held = row.deltas
        return cls(
            transaction_id=row.transaction_id,
            card_id=row.card_id,
            wallet_id=row.wallet_id,
            customer_id=row.customer_id,
            seq=row.seq,
            type=row.type,
            operation=row.operation,
            source=context.source,
            points=row.points,
            requested=row.requested,
            capped_by=row.capped_by,
            bucket=row.bucket,
            deltas=Deltas(pending=pending, active=active, held=held),
            balance_after=Balance.of(row.balance),
            lots=[*map(pending_lot, row.pending_lots), *own_lots(row.lots)],
            lots_before=own_lots(row.lots_before),
            qualifying=row.qualifying,
            reverses=None if row.reverses is None else f"{row.card_id}.{row.reverses}",
            order_id=context.order_id,
            order=order_of(row.context.order),
            payment=_payment(row),
            campaign_id=context.campaign_id,
            points_description=context.points_description,
            metadata=metadata_from(context.metadata),
            reason=context.reason,
            event=context.event,
            notice=row.notice,
            hold_id=row.hold_id,
            counterpart=row.counterpart,
            wallet_version=row.wallet_version,
            actor=context.actor,
            request_id=context.request_id,
            fingerprint=context.fingerprint.hex() if context.fingerprint else None,
            hash=row.hash.hex(),
            created_at=datetime_of(row.created_at),
            effective_at=datetime_of(row.effective_at),
        )


class TransactionList(Answer):
    data: list[Transaction]
    next_cursor: str | None
    complete: bool


def _payment(row: domain.Transaction) -> PaymentDetails | None:
    details = row.payment
    if details is None:
        return None
    return PaymentDetails(
        amount=details.amount,
        remaining_amount=details.remaining,
        exchange_ratio=details.ratio,
        inputs=dict(details.inputs),
    )
