"""POST …/adjustments, …/expiry-changes, /v1/transactions/{transactionId}/reversal: what is set right by hand."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.fields import metadata_text
from loyalty.api.points.corrections import Adjustment, ExpiryChange, Reversal, ReversalDryRun, ReversalReceipt
from loyalty.api.points.movements import DryRun, Receipt
from loyalty.domain.cards.transaction import Source
from loyalty.http.calls import CallerOf, SentBody, StoreOf
from loyalty.http.commands import command_of, movement_key
from loyalty.http.parameters import CustomerId, OptionalIdempotencyKey, TransactionId, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import MOVEMENT_REFUSALS, receipt, responses, reversal_receipt
from loyalty.usecases import history
from loyalty.usecases.points import corrections

app = APIGatewayHttpResolver()


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/adjustments",
    summary="Give or take points by hand",
    description=(
        "Knows no limits unless it is `qualifying`, and is no activity that moves sliding expiries. "
        "Works while the wallet is INACTIVE."
    ),
    status_code=HTTPStatus.CREATED,
    responses=responses(
        HTTPStatus.CREATED,
        Receipt,
        *MOVEMENT_REFUSALS,
        errors.InvalidDates,
        errors.EarningLimitReached,
        errors.SpendingLimitReached,
        errors.BalanceTooLarge,
        errors.InsufficientPoints,
        dry_run=DryRun,
    ),
    tags=["Corrections"],
)
def adjust_points(
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: Adjustment,
    sent: SentBody,
    caller: CallerOf,
    store: StoreOf,
    key: OptionalIdempotencyKey = None,
) -> Response[Any]:
    facts = {"source": Source.MANUAL, "reason": body.reason, "metadata": metadata_text(body.metadata)}
    key = movement_key(key, dry_run=body.dry_run)
    command = command_of("adjustment", wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    outcome = corrections.adjust(
        store, command, body.grant, datetime.now(UTC), qualifying=body.qualifying, dry=body.dry_run
    )
    return receipt(outcome)


@app.post(
    "/v1/transactions/<transactionId>/reversal",
    summary="Undo a mistaken credit, debit or adjustment",
    description=(
        "Of one that has no order, on the very lots that it names, once. Of a credit, what is gone is the "
        "`shortfall`: no other points are taken for it. What an order brought is refunded instead."
    ),
    status_code=HTTPStatus.CREATED,
    responses=responses(
        HTTPStatus.CREATED,
        ReversalReceipt,
        errors.WalletDeleted,
        errors.CardFrozen,
        errors.CardClosed,
        errors.TransactionNotFound,
        errors.NotReversible,
        errors.AlreadyReversed,
        errors.BalanceTooLarge,
        errors.ClockSkew,
        errors.Busy,
        dry_run=ReversalDryRun,
    ),
    tags=["Corrections"],
)
def reverse_transaction(
    transaction_id: TransactionId,
    body: Reversal,
    sent: SentBody,
    caller: CallerOf,
    store: StoreOf,
    key: OptionalIdempotencyKey = None,
) -> Response[Any]:
    key = movement_key(key, dry_run=body.dry_run)
    row = history.by_id(store, transaction_id)
    facts = {"source": Source.MANUAL, "reason": body.reason}
    # A transaction is reversed once: the row stands under it, so the key belongs to what is compared.
    command = command_of(
        "reversal", row.wallet_id, row.customer_id, key, body=[key, row.seq, sent], caller=caller, facts=facts
    )
    outcome = corrections.reverse(store, command, row, datetime.now(UTC), dry=body.dry_run)
    return reversal_receipt(outcome)


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/expiry-changes",
    summary="Give active points another expiry",
    description=(
        "Of all active lots, or of those named. The new expiry is the points' own: it no longer slides. "
        "Works while the wallet is INACTIVE."
    ),
    status_code=HTTPStatus.CREATED,
    responses=responses(
        HTTPStatus.CREATED,
        Receipt,
        *MOVEMENT_REFUSALS,
        errors.LotNotFound,
        errors.InvalidDates,
        dry_run=DryRun,
    ),
    tags=["Corrections"],
)
def change_expiry(
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: ExpiryChange,
    sent: SentBody,
    caller: CallerOf,
    store: StoreOf,
    key: OptionalIdempotencyKey = None,
) -> Response[Any]:
    facts = {"source": Source.MANUAL, "reason": body.reason}
    key = movement_key(key, dry_run=body.dry_run)
    command = command_of("expiry_change", wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    lots = None if body.lots is None else [lot.named for lot in body.lots]
    outcome = corrections.change_expiry(store, command, body.expiry, lots, datetime.now(UTC), dry=body.dry_run)
    return receipt(outcome)


lambda_handler = entry_point(app)
