"""What answers look like: balances and transactions as JSON, made from the domain's values."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import Field

from loyalty.api import Shape, answered
from loyalty.domain import card as domain
from loyalty.domain.dates import day_of, moment
from loyalty.domain.debit import BY_BALANCE
from loyalty.domain.order import Order
from loyalty.domain.transaction import Transaction
from loyalty.history import Page
from loyalty.ledger import Outcome


class Balance(Shape):
    active: int = Field(description="Spendable points, or what is owed where it is negative.")
    pending: int
    held: int
    available: int
    debt: int

    @classmethod
    def of(cls, balance: domain.Balance) -> "Balance":
        return cls(
            active=balance.active,
            pending=balance.pending,
            held=balance.held,
            available=balance.available,
            debt=balance.debt,
        )


class Deltas(Shape):
    pending: int
    active: int
    held: int


class OrderItemShape(Shape):
    product_id: str
    quantity: int
    amount: int
    line_id: str | None


class OrderShape(Shape):
    amount: int
    currency: str
    items: list[OrderItemShape]
    metadata: dict[str, Any] | None


class LotShape(Shape):
    """Points that share their dates. `expiresAt` null = never."""

    state: str
    points: int
    activates_at: datetime | None
    expires_at: datetime | None
    issued_on: date


class PaymentFactsShape(Shape):
    """What a payment was of, in minor units, and what its ratio came from."""

    amount: int
    remaining_amount: int
    exchange_ratio: str
    inputs: dict[str, str]


class TransactionShape(Shape):
    """One row of the ledger. `points` is positive; its direction goes by `type`."""

    transaction_id: str
    card_id: str
    wallet_id: str
    customer_id: str
    seq: int
    type: str
    operation: str
    source: str
    points: int
    requested: int | None
    """The points asked for, where a limit or the balance cut them."""
    capped_by: str | None
    bucket: str
    deltas: Deltas
    balance_after: Balance
    lots: list[LotShape]
    lots_before: list[LotShape] = Field(description="Of a change of expiry: the lots as they were.")
    qualifying: bool = Field(description="Of an adjustment: it counts as earned or spent, within the limits.")
    reverses: str | None = Field(description="Of a reversal: the transaction that it undid.")
    order_id: str | None
    order: OrderShape | None
    payment: PaymentFactsShape | None
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
    def of(cls, row: Transaction) -> "TransactionShape":
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
            lots=[*map(pending_lot, row.pending_lots), *_own_lots(row.lots)],
            lots_before=_own_lots(row.lots_before),
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


class Receipt(Shape):
    """The answer to a movement: its row, and the balance that stood behind it."""

    transaction: TransactionShape
    balance: Balance


class DryRun(Shape):
    """What a movement would do. Nothing was written, so there is no transaction; the same request may end otherwise."""

    transaction: None = None
    type: str
    points: int
    requested: int | None
    capped_by: str | None
    deltas: Deltas
    lots: list[LotShape]
    lots_before: list[LotShape]
    balance: Balance = Field(description="As it would stand behind it.")

    @classmethod
    def of(cls, row: Transaction) -> "DryRun":
        told = TransactionShape.of(row)
        return cls(
            type=told.type,
            points=told.points,
            requested=told.requested,
            capped_by=told.capped_by,
            deltas=told.deltas,
            lots=told.lots,
            lots_before=told.lots_before,
            balance=told.balance_after,
        )


class HoldReceipt(Receipt):
    """`holdId` is the transaction's own id: by it the hold is captured or released."""

    hold_id: str
    points: int
    expires_at: datetime = Field(description="When time releases what is still held.")


def receipt(outcome: Outcome) -> Response[Any]:
    """201, also for a repetition: it answers as the first time. 200 for a dry run: what the movement would be."""
    row = outcome.transaction
    if outcome.dry:
        return answered(DryRun.of(row))
    return made(outcome, Receipt(transaction=TransactionShape.of(row), balance=Balance.of(outcome.balance)))


def hold_receipt(outcome: Outcome) -> Response[Any]:
    row = outcome.transaction
    assert row.hold_expires_at is not None, "a HOLD row says when it ends"
    receipt_ = HoldReceipt(
        hold_id=row.transaction_id,
        points=row.points,
        expires_at=moment(row.hold_expires_at),
        transaction=TransactionShape.of(row),
        balance=Balance.of(outcome.balance),
    )
    return made(outcome, receipt_)


class PaymentReceipt(Shape):
    """What points paid of an order."""

    amount: int = Field(description="Paid, in minor units.")
    points: int = Field(description="Taken for it.")
    exchange_ratio: str = Field(description="Points for one minor unit, a decimal number.")
    limited_by: str | None = Field(
        description=(
            "What kept the payment from more: CARD_BALANCE, POINTS_LIMIT, AMOUNT_LIMIT, spendingLimits.global or "
            "spendingLimits.transaction. Null where nothing did."
        )
    )
    remaining_amount: int = Field(description="Of the order, in minor units, that points of this wallet have not paid.")
    transaction: TransactionShape | None = Field(description="Null in a dry run.")
    balance: Balance = Field(description="As it stands behind the payment; in a dry run as it would.")


def payment_receipt(outcome: Outcome) -> Response[Any]:
    row = outcome.transaction
    facts = row.payment
    assert facts is not None, "a payment's row says what it paid"
    return answered(
        PaymentReceipt(
            amount=facts.amount,
            points=row.points,
            exchange_ratio=facts.ratio,
            limited_by="CARD_BALANCE" if row.capped_by == BY_BALANCE else row.capped_by,
            remaining_amount=facts.remaining,
            transaction=None if outcome.dry else TransactionShape.of(row),
            balance=Balance.of(outcome.balance),
        ),
        status=HTTPStatus.OK if outcome.dry else HTTPStatus.CREATED,
        location=None if outcome.dry else f"/v1/transactions/{row.transaction_id}",
        replayed=outcome.replayed,
    )


class TransactionList(Shape):
    data: list[TransactionShape]
    next_cursor: str | None
    complete: bool


def transaction_list(page: Page, next_cursor: str | None) -> Response[Any]:
    rows = [TransactionShape.of(row) for row in page.rows]
    return answered(TransactionList(data=rows, next_cursor=next_cursor, complete=page.complete))


def pending_lot(lot: domain.PendingLot) -> LotShape:
    return LotShape(
        state="PENDING",
        points=lot.points,
        activates_at=moment(lot.activates_at) if lot.activates_at else None,
        expires_at=_expiry(lot.expires_at),
        issued_on=day_of(lot.issue_day),
    )


def active_lot(lot: domain.Lot, expires_at: int, *, state: str = "ACTIVE") -> LotShape:
    return LotShape(
        state=state,
        points=lot.points,
        activates_at=None,
        expires_at=_expiry(expires_at),
        issued_on=day_of(lot.issue_day),
    )


def made(outcome: Outcome, body: Shape) -> Response[Any]:
    return answered(
        body,
        status=HTTPStatus.CREATED,
        location=f"/v1/transactions/{outcome.transaction.transaction_id}",
        replayed=outcome.replayed,
    )


def _own_lots(lots: Iterable[domain.Lot]) -> list[LotShape]:
    """A row's lots, with the expiry that they name themselves."""
    return [active_lot(lot, lot.expires_at) for lot in lots]


def _expiry(at: int) -> datetime | None:
    """Null where the points never expire, or where nobody knows yet when; a sliding lot says its moment."""
    return moment(abs(at)) if at > domain.NEVER or at <= domain.PERIOD_MIN else None


def order_of(order: Order | None) -> OrderShape | None:
    if order is None:
        return None
    return OrderShape(
        amount=order.amount,
        currency=order.currency,
        items=[
            OrderItemShape(product_id=line.product_id, quantity=line.quantity, amount=line.amount, line_id=line.line_id)
            for line in order.items
        ],
        metadata=parsed(order.metadata),
    )


def _payment(row: Transaction) -> PaymentFactsShape | None:
    facts = row.payment
    if facts is None:
        return None
    return PaymentFactsShape(
        amount=facts.amount,
        remaining_amount=facts.remaining,
        exchange_ratio=facts.ratio,
        inputs=dict(facts.inputs),
    )


def parsed(text: str | None) -> dict[str, Any] | None:
    return None if text is None else json.loads(text)
