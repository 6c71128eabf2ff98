"""Answers: status, headers and body of each outcome, and how routes document them."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel

from loyalty.api.audits import (
    PROBLEMS_MAX,
    REFUND_FACTS,
    BalanceThen,
    CardBefore,
    CounterShape,
    DriftShape,
    ExplanationShape,
    LimitShape,
    PartShape,
    PromiseShape,
    RefundThen,
    Verification,
    WalletThen,
    _lots,
)
from loyalty.api.base import Shape
from loyalty.api.cards import CardList, CardShape, LifetimeShape
from loyalty.api.points.balances import Balance, active_lot, pending_lot
from loyalty.api.points.corrections import ReversalDryRun, ReversalReceipt
from loyalty.api.points.holds import HoldReceipt
from loyalty.api.points.movements import DryRun, Receipt
from loyalty.api.points.payments import PaymentReceipt
from loyalty.api.points.refunds import OrderRefundReceipt, _refund_receipt
from loyalty.api.points.transactions import TransactionList, TransactionShape
from loyalty.api.points.transfers import TransferReceipt
from loyalty.api.problems import Problem
from loyalty.domain.audit.explanation import Explanation, steps_of
from loyalty.domain.cards import card as domain
from loyalty.domain.cards.card import Lot
from loyalty.domain.cards.profile import Profile
from loyalty.domain.dates import moment
from loyalty.domain.movements.debit import BY_BALANCE
from loyalty.domain.wallets.document import settings_json
from loyalty.errors import (
    Busy,
    CardClosed,
    CardFrozen,
    CardNotFound,
    ClockSkew,
    InvalidJson,
    InvalidRequest,
    KeyReused,
    LoyaltyError,
    ScopeMissing,
    WalletDeleted,
    WalletNotActive,
    WalletNotFound,
)
from loyalty.http.problems import PROBLEM
from loyalty.usecases.audits import Report, Stood
from loyalty.usecases.history import Page
from loyalty.usecases.ledger import Outcome
from loyalty.usecases.points.corrections import shortfall
from loyalty.usecases.points.refunds import EverywhereOutcome, RefundOutcome
from loyalty.usecases.points.transfers import TransferOutcome

MOVEMENT_REFUSALS: tuple[type[LoyaltyError], ...] = (
    KeyReused,
    WalletNotFound,
    WalletDeleted,
    WalletNotActive,
    CardNotFound,
    CardFrozen,
    CardClosed,
    ClockSkew,
    Busy,
)
"""What every command that moves points may be answered."""


def answered(
    body: Shape,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    location: str | None = None,
    etag: int | None = None,
    replayed: bool = False,
) -> Response[Any]:
    """An answer with the headers that go with it."""
    headers: dict[str, str | list[str]] = {}
    if location is not None:
        headers["Location"] = location
    if etag is not None:
        headers["ETag"] = f'"{etag}"'
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(
        status_code=int(status),
        content_type="application/json",
        body=body.model_dump(mode="json", by_alias=True),
        headers=headers,
    )


def responses(
    status: HTTPStatus,
    model: type[BaseModel] | None,
    *refusals: type[LoyaltyError],
    dry_run: type[BaseModel] | None = None,
) -> dict[int, Any]:
    """The answers of a route for its documentation: the success, and each status with the codes of its problems.

    `dry_run` is what a dry run answers, with 200.
    """
    success: dict[str, Any] = {"description": status.phrase}
    if model is not None:
        success["content"] = {"application/json": {"model": model}}
    documented: dict[int, Any] = {int(status): success}
    if dry_run is not None:
        documented[int(HTTPStatus.OK)] = {
            "description": "Dry run: nothing was written",
            "content": {"application/json": {"model": dry_run}},
        }
    always = (InvalidRequest, InvalidJson, ScopeMissing) if model is not None else (InvalidRequest, ScopeMissing)
    for refusal in (*always, *refusals):
        known = documented.setdefault(
            int(refusal.status), {"description": "", "content": {PROBLEM: {"model": Problem}}}
        )
        known["description"] = ", ".join(filter(None, [known["description"], f"`{refusal.code}`"]))
    return documented


def explanation(found: Explanation) -> Response[Any]:
    row, before, refund = found.row, found.before, found.row.refund
    settings = settings_json(found.wallet.settings)
    return answered(
        ExplanationShape(
            text=found.text,
            transaction=TransactionShape.of(row),
            wallet=WalletThen(
                wallet_id=row.wallet_id,
                version=row.wallet_version,
                settings={step: settings[step] for step in steps_of(row)},
            ),
            before=CardBefore(
                balance=Balance.of(before.balance),
                lifetime=LifetimeShape(**{name: getattr(before.lifetime, name) for name in LifetimeShape.model_fields}),
                counters=[
                    CounterShape(period=unit, earned=counter.earned, spent=counter.spent)
                    for unit, counter in found.counters
                ],
                lots=_lots(before),
            ),
            limits=[
                LimitShape(
                    limit=limit.room.limit,
                    room=limit.room.points,
                    when_exceeded=limit.room.when_exceeded,
                    cut=limit.cut,
                    text=limit.text,
                )
                for limit in found.limits
            ],
            lots=[
                PartShape(
                    lot=active_lot(part.lot, before.expiry_of(part.lot))
                    if isinstance(part.lot, Lot)
                    else pending_lot(part.lot),
                    rule=part.rule,
                    text=part.text,
                )
                for part in found.parts
            ],
            dates=[
                PromiseShape(
                    happens=promise.happens,
                    points=promise.points,
                    at=moment(promise.at) if promise.at else None,
                    rule=promise.rule,
                    text=promise.text,
                )
                for promise in found.promises
            ],
            refund=RefundThen(**{name: getattr(refund, name) for name in REFUND_FACTS}, text=found.refund)
            if refund and found.refund
            else None,
        )
    )


def verification(wallet_id: str, customer_id: str, report: Report) -> Response[Any]:
    card = report.card
    card_id = card.card_id if card else None
    return answered(
        Verification(
            valid=report.valid,
            wallet_id=wallet_id,
            customer_id=customer_id,
            card_id=card_id,
            rows=report.rows,
            hash=card.hash.hex() if card else None,
            balance=Balance.of(card.balance) if card else None,
            wallet_versions=list(report.wallet_versions),
            problems=[DriftShape.of(drift, card_id) for drift in report.drifts[:PROBLEMS_MAX]],
            problem_count=len(report.drifts),
        )
    )


def balance_then(stood: Stood) -> Response[Any]:
    card = stood.card
    return answered(
        BalanceThen(
            at=moment(stood.at),
            enrolled=stood.enrolled,
            projected=stood.projected,
            version=card.version,
            balance=Balance.of(card.balance),
            lots=_lots(card),
        )
    )


def card_answer(card_: domain.Card, profile: Profile, *, status: HTTPStatus = HTTPStatus.OK) -> Response[Any]:
    location = f"/v1/wallets/{card_.wallet_id}/cards/{card_.customer_id}" if status is HTTPStatus.CREATED else None
    return answered(CardShape.of(card_, profile), status=status, location=location, etag=card_.revision)


def card_list_answer(cards: list[tuple[domain.Card, Profile]], next_cursor: str | None) -> Response[Any]:
    return answered(CardList(data=[CardShape.of(*found) for found in cards], next_cursor=next_cursor))


def reversal_receipt(outcome: Outcome) -> Response[Any]:
    row = outcome.transaction
    if outcome.dry:
        return answered(ReversalDryRun(**dict(DryRun.of(row)), shortfall=shortfall(row)))
    transaction, balance = TransactionShape.of(row), Balance.of(outcome.balance)
    return made(outcome, ReversalReceipt(transaction=transaction, balance=balance, shortfall=shortfall(row)))


def refund_receipt(refund: RefundOutcome) -> Response[Any]:
    outcome = refund.outcome
    if outcome.dry:
        return answered(_refund_receipt(refund))
    return answered(
        _refund_receipt(refund),
        status=HTTPStatus.CREATED,
        location=f"/v1/transactions/{outcome.transaction.transaction_id}",
        replayed=outcome.replayed,
    )


def order_refund_receipt(done: EverywhereOutcome) -> Response[Any]:
    first = done.refunds[0].outcome
    return answered(
        OrderRefundReceipt(
            amount=done.amount,
            money_amount=done.money,
            wallets=[_refund_receipt(refund) for refund in done.refunds],
        ),
        status=HTTPStatus.OK if first.dry else HTTPStatus.CREATED,
        replayed=first.replayed,
    )


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


def transaction_list(page: Page, next_cursor: str | None) -> Response[Any]:
    rows = [TransactionShape.of(row) for row in page.rows]
    return answered(TransactionList(data=rows, next_cursor=next_cursor, complete=page.complete))


def made(outcome: Outcome, body: Shape) -> Response[Any]:
    return answered(
        body,
        status=HTTPStatus.CREATED,
        location=f"/v1/transactions/{outcome.transaction.transaction_id}",
        replayed=outcome.replayed,
    )


def transfer_receipt(transfer: TransferOutcome) -> Response[Any]:
    row = transfer.given.transaction
    return answered(
        TransferReceipt(
            transaction=TransactionShape.of(row),
            taker_transaction_id=transfer.taker_transaction_id,
            balance=Balance.of(row.balance),
        ),
        status=HTTPStatus.CREATED,
        location=f"/v1/transactions/{row.transaction_id}",
        replayed=transfer.given.replayed,
    )
