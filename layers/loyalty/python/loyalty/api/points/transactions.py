"""Transactions as JSON."""

from datetime import datetime
from typing import Any

from pydantic import Field

from loyalty.api import answered
from loyalty.api.base import Answer
from loyalty.api.fields import metadata_from
from loyalty.api.orders import Order, order_of
from loyalty.api.points.balances import Balance, Lot, own_lots, pending_lot
from loyalty.domain.cards import transaction as domain
from loyalty.domain.dates import datetime_of
from loyalty.messaging.refunds import RefundOfOrder


class Deltas(Answer):
    """The changes of the balance; a decrease is negative."""

    pending: int = Field(description="The change of pending points.")
    active: int = Field(description="The change of active points.")
    held: int = Field(description="The change of held points.")


class PaymentDetails(Answer):
    """The details of a payment."""

    amount: int = Field(description="The paid amount, in minor units.")
    remaining_amount: int = Field(description="The amount that points of this wallet have not paid, in minor units.")
    exchange_ratio: str = Field(description="The number of points for one minor unit, as a decimal number.")
    inputs: dict[str, str] = Field(description="The values that the formula read, by the calls that read them.")


class TierChange(Answer):
    """A change of the card's tier in a program."""

    program_id: str = Field(description="The program whose tier structure decides.")
    from_: str | None = Field(alias="from", description="The tier before; null for no tier.")
    to: str | None = Field(description="The tier after the change; null for no tier.")
    points: int = Field(description="The points that decided.")
    until: datetime | None = Field(
        description="The instant at which the tier ends unless points prolong it; null if time does not end the tier."
    )
    cause: domain.TierCause = Field(description="What changed the tier.")

    @classmethod
    def of(cls, change: domain.TierChange) -> "TierChange":
        return cls(
            program_id=change.program_id,
            from_=change.former_tier_id or None,
            to=change.tier_id or None,
            points=change.points,
            until=datetime_of(change.until) if change.until else None,
            cause=change.cause,
        )


class Transaction(Answer):
    """One transaction of a card's ledger. Fields that do not apply to the transaction are null."""

    transaction_id: str = Field(description="The id of the card and the `seq`, joined by a dot.")
    card_id: answered.CardId
    wallet_id: answered.WalletId
    customer_id: answered.CustomerId
    seq: int = Field(description="The number of the transaction on its card, from 1 and without gaps.")
    type: domain.TransactionType = Field(description="The direction in which points moved.")
    operation: domain.Operation = Field(
        description="The command that moved the points, or the other cause of the transaction."
    )
    source: domain.Source = Field(description="The kind of caller that caused the transaction.")
    points: int = Field(description="The number of points that moved, never negative; `type` gives the direction.")
    requested: int | None = Field(
        description="The requested points, if a limit or the balance reduced them; otherwise null."
    )
    capped_by: answered.CappedBy | None = Field(
        description=(
            "What reduced the points: a limit of the wallet by its path, the limit of a payment, a limit of a "
            "campaign, or `balance`. Null if nothing reduced them."
        )
    )
    bucket: domain.Bucket = Field(description="The balance that changed: PENDING if only pending points changed.")
    deltas: Deltas = Field(description="How the transaction changed the balance.")
    balance_after: Balance = Field(description="The card's balance right after the transaction.")
    lots: list[Lot] = Field(
        description="The points that moved, by lot. For an expiry change or a notice: the points concerned."
    )
    lots_before: list[Lot] = Field(description="The lots before an expiry change; empty for other transactions.")
    qualifying: bool = Field(description="Whether an adjustment counts as earned or spent, so that limits apply to it.")
    reverses: str | None = Field(description="The id of the transaction that this reversal undid.")
    order_id: answered.OrderId
    order: Order | None = Field(description="The order details that the command recorded.")
    payment: PaymentDetails | None = Field(description="The payment details, for operation `payment`.")
    refund: RefundOfOrder | None = Field(description="The details of the refund that ends with this transaction.")
    campaign_id: str | None = Field(description="The campaign that the credit belongs to.")
    points_description: str | None = Field(description="The caller's description of the points.")
    metadata: dict[str, Any] | None = Field(description="The caller's own data about the movement.")
    reason: str | None = Field(description="The reason that the caller gave.")
    event: str | None = Field(description="The name of the custom event that caused the transaction.")
    notice: str | None = Field(
        description=(
            "For operation `notice`: the period between the notice and the date of the lots, such as `30 DAY`."
        )
    )
    tier_change: TierChange | None = Field(
        description="The change of the card's tier, for operation `tier` or `manual_tier`."
    )
    hold_id: str | None = Field(description="The `transactionId` of the hold whose points moved.")
    counterpart: str | None = Field(
        description="The other customer of a transfer; on an award of a referrer, the customer who was referred."
    )
    wallet_version: int = Field(description="The version of the wallet whose settings applied.")
    actor: str | None = Field(
        description=(
            "The id of the API key, or the source of the custom event on the bus; null if time caused the transaction."
        )
    )
    request_id: str | None = Field(description="The id of the request that caused the transaction.")
    fingerprint: str | None = Field(description="The hash of the command as it was sent, hexadecimal.")
    hash: str = Field(description="The value of the hash chain up to this transaction, hexadecimal.")
    created_at: datetime = Field(description="The instant at which the transaction was recorded.")
    effective_at: datetime = Field(
        description=(
            "The instant at which the movement took effect. Points that expire can be recorded later than this instant."
        )
    )

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
            refund=RefundOfOrder.of(row.refund) if row.refund else None,
            campaign_id=context.campaign_id,
            points_description=context.points_description,
            metadata=metadata_from(context.metadata),
            reason=context.reason,
            event=context.event,
            notice=row.notice,
            tier_change=TierChange.of(row.tier) if row.tier else None,
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
    """A page of transactions, newest first."""

    data: list[Transaction] = Field(description="The transactions of the page, newest first.")
    next_cursor: answered.NextCursor
    complete: bool = Field(
        description="False if a card's newest transaction is not listed yet: send the request again."
    )


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
