"""POST …/adjustments, …/expiry-changes, /v1/transactions/{transactionId}/reversal: what is set right by hand."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.points.corrections import (
    AdjustmentRequest,
    ExpiryChangeRequest,
    Reversal,
    ReversalDryRun,
    ReversalRequest,
)
from loyalty.api.points.movements import DryRun, Movement
from loyalty.http.calls import CallOf
from loyalty.http.commands import MOVEMENT_REFUSALS, command_of, movement, movement_key
from loyalty.http.parameters import CustomerId, OptionalIdempotencyKey, TransactionId, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import documented
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
    responses=documented(
        HTTPStatus.CREATED,
        Movement,
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
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: AdjustmentRequest,
    key: OptionalIdempotencyKey = None,
) -> Response[Any]:
    key = movement_key(key, dry_run=body.dry_run)
    command = command_of(call, "adjustment", wallet_id, customer_id, key, body.facts)
    outcome = corrections.adjust(
        call.store, command, body.grant, call.now, qualifying=body.qualifying, dry=body.dry_run
    )
    return movement(outcome)


@app.post(
    "/v1/transactions/<transactionId>/reversal",
    summary="Undo a mistaken credit, debit or adjustment",
    description=(
        "Of one that has no order, on the very lots that it names, once. Of a credit, what is gone is the "
        "`shortfall`: no other points are taken for it. What an order brought is refunded instead."
    ),
    status_code=HTTPStatus.CREATED,
    responses=documented(
        HTTPStatus.CREATED,
        Reversal,
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
    call: CallOf,
    transaction_id: TransactionId,
    body: ReversalRequest,
    key: OptionalIdempotencyKey = None,
) -> Response[Any]:
    key = movement_key(key, dry_run=body.dry_run)
    row = history.by_id(call.store, transaction_id)
    # A transaction is reversed once: the row is stored under it, so the key is compared instead.
    command = command_of(call, "reversal", row.wallet_id, row.customer_id, key, body.facts, scope=(key, row.seq))
    outcome = corrections.reverse(call.store, command, row, call.now, dry=body.dry_run)
    return movement(outcome, ReversalDryRun.of(outcome.transaction) if outcome.dry else Reversal.of(outcome))


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/expiry-changes",
    summary="Give active points another expiry",
    description=(
        "Of all active lots, or of those named. The new expiry is the points' own: it no longer slides. "
        "Works while the wallet is INACTIVE."
    ),
    status_code=HTTPStatus.CREATED,
    responses=documented(
        HTTPStatus.CREATED,
        Movement,
        *MOVEMENT_REFUSALS,
        errors.LotNotFound,
        errors.InvalidDates,
        dry_run=DryRun,
    ),
    tags=["Corrections"],
)
def change_expiry(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: ExpiryChangeRequest,
    key: OptionalIdempotencyKey = None,
) -> Response[Any]:
    key = movement_key(key, dry_run=body.dry_run)
    command = command_of(call, "expiry_change", wallet_id, customer_id, key, body.facts)
    outcome = corrections.change_expiry(call.store, command, body.expiry, body.named_lots, call.now, dry=body.dry_run)
    return movement(outcome)


lambda_handler = entry_point(app)
