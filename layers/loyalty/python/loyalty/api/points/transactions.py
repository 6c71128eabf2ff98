"""Transactions as JSON."""

from datetime import datetime
from typing import Any

from pydantic import Field

from loyalty.api.base import Answer
from loyalty.api.fields import parsed
from loyalty.api.orders import Order, order_of
from loyalty.api.points.balances import Balance, Lot, own_lots, pending_lot
from loyalty.domain.cards import transaction as domain
from loyalty.domain.dates import moment


class Deltas(Answer):
    pending: int
    active: int
    held: int


class PaymentDetails(Answer):
    """What a payment was of, in minor units, and what its ratio came from."""

    amount: int
    remaining_amount: int
    exchange_ratio: str
    inputs: dict[str, str]


class Transaction(Answer):
    """One row of the ledger. `points` is positive; its direction goes by `type`."""

    transaction_id: str
    card_id: str
    wallet_id: str
    customer_id: str
    seq: int
    type: domain.Type
    operation: domain.Operation
    source: domain.Source
    points: int
    requested: int | None
    """The points asked for, where a limit or the balance cut them."""
    capped_by: str | None
    bucket: domain.Bucket
    deltas: Deltas
    balance_after: Balance
    lots: list[Lot]
    lots_before: list[Lot] = Field(description="Of a change of expiry: the lots as they were.")
    qualifying: bool = Field(description="Of an adjustment: it counts as earned or spent, within the limits.")
    reverses: str | None = Field(description="Of a reversal: the transaction that it undid.")
    order_id: str | None
    order: Order | None
    payment: PaymentDetails | None
    campaign_id: str | None
    points_description: str | None
    metadata: dict[str, Any] | None
    reason: str | None
    event: str | None
    notice: str | None = Field(
        description="Of operation `notice`: how long before their date the lots are told of, such as `30 DAY`."
    )
    hold_id: str | None
    """Of the hold whose points moved."""
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
        facts = row.facts
        pending, active, held = row.deltas
        return cls(
            transaction_id=row.transaction_id,
            card_id=row.card_id,
            wallet_id=row.wallet_id,
            customer_id=row.customer_id,
            seq=row.seq,
            type=row.type,
            operation=row.operation,
            source=facts.source,
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
            order_id=facts.order_id,
            order=order_of(row.facts.order),
            payment=_payment(row),
            campaign_id=facts.campaign_id,
            points_description=facts.points_description,
            metadata=parsed(facts.metadata),
            reason=facts.reason,
            event=facts.event,
            notice=row.notice,
            hold_id=row.hold_id,
            counterpart=row.counterpart,
            wallet_version=row.wallet_version,
            actor=facts.actor,
            request_id=facts.request_id,
            fingerprint=facts.fingerprint.hex() if facts.fingerprint else None,
            hash=row.hash.hex(),
            created_at=moment(row.created_at),
            effective_at=moment(row.effective_at),
        )


class TransactionList(Answer):
    data: list[Transaction]
    next_cursor: str | None
    complete: bool


def _payment(row: domain.Transaction) -> PaymentDetails | None:
    facts = row.payment
    if facts is None:
        return None
    return PaymentDetails(
        amount=facts.amount,
        remaining_amount=facts.remaining,
        exchange_ratio=facts.ratio,
        inputs=dict(facts.inputs),
    )
