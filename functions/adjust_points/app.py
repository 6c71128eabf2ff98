"""POST …/adjustments, …/expiry-changes, /v1/transactions/{transactionId}/reversal: what is set right by hand."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import api, bodies, correction_shapes, corrections, errors, history, shapes
from loyalty import correction_form as form
from loyalty.domain.transaction import Source

app = api.APIGatewayHttpResolver()


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/adjustments",
    summary="Give or take points by hand",
    description=(
        "Knows no limits unless it is `qualifying`, and is no activity that moves sliding expiries. "
        "Works while the wallet is INACTIVE."
    ),
    status_code=HTTPStatus.CREATED,
    responses=api.responses(
        HTTPStatus.CREATED,
        shapes.Receipt,
        *api.MOVEMENT_REFUSALS,
        errors.InvalidDates,
        errors.EarningLimitReached,
        errors.SpendingLimitReached,
        errors.BalanceTooLarge,
        errors.InsufficientPoints,
        dry_run=shapes.DryRun,
    ),
    tags=["Corrections"],
)
def adjust_points(
    wallet_id: api.WalletId,
    customer_id: api.CustomerId,
    body: form.Adjustment,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: api.StoreOf,
    key: api.OptionalIdempotencyKey = None,
) -> Response[Any]:
    facts = {"source": Source.MANUAL, "reason": body.reason, "metadata": api.metadata_text(body.metadata)}
    key = api.movement_key(key, dry_run=body.dry_run)
    command = bodies.command("adjustment", wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    outcome = corrections.adjust(
        store, command, body.grant, datetime.now(UTC), qualifying=body.qualifying, dry=body.dry_run
    )
    return shapes.receipt(outcome)


@app.post(
    "/v1/transactions/<transactionId>/reversal",
    summary="Undo a mistaken credit, debit or adjustment",
    description=(
        "Of one that has no order, on the very lots that it names, once. Of a credit, what is gone is the "
        "`shortfall`: no other points are taken for it. What an order brought is refunded instead."
    ),
    status_code=HTTPStatus.CREATED,
    responses=api.responses(
        HTTPStatus.CREATED,
        correction_shapes.ReversalReceipt,
        errors.WalletDeleted,
        errors.CardFrozen,
        errors.CardClosed,
        errors.TransactionNotFound,
        errors.NotReversible,
        errors.AlreadyReversed,
        errors.BalanceTooLarge,
        errors.ClockSkew,
        errors.Busy,
        dry_run=correction_shapes.ReversalDryRun,
    ),
    tags=["Corrections"],
)
def reverse_transaction(
    transaction_id: api.TransactionId,
    body: form.Reversal,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: api.StoreOf,
    key: api.OptionalIdempotencyKey = None,
) -> Response[Any]:
    key = api.movement_key(key, dry_run=body.dry_run)
    row = history.by_id(store, transaction_id)
    facts = {"source": Source.MANUAL, "reason": body.reason}
    # A transaction is reversed once: the row stands under it, so the key belongs to what is compared.
    command = bodies.command(
        "reversal", row.wallet_id, row.customer_id, key, body=[key, row.seq, sent], caller=caller, facts=facts
    )
    outcome = corrections.reverse(store, command, row, datetime.now(UTC), dry=body.dry_run)
    return correction_shapes.reversal_receipt(outcome)


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/expiry-changes",
    summary="Give active points another expiry",
    description=(
        "Of all active lots, or of those named. The new expiry is the points' own: it no longer slides. "
        "Works while the wallet is INACTIVE."
    ),
    status_code=HTTPStatus.CREATED,
    responses=api.responses(
        HTTPStatus.CREATED,
        shapes.Receipt,
        *api.MOVEMENT_REFUSALS,
        errors.LotNotFound,
        errors.InvalidDates,
        dry_run=shapes.DryRun,
    ),
    tags=["Corrections"],
)
def change_expiry(
    wallet_id: api.WalletId,
    customer_id: api.CustomerId,
    body: form.ExpiryChange,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: api.StoreOf,
    key: api.OptionalIdempotencyKey = None,
) -> Response[Any]:
    facts = {"source": Source.MANUAL, "reason": body.reason}
    key = api.movement_key(key, dry_run=body.dry_run)
    command = bodies.command("expiry_change", wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    lots = None if body.lots is None else [lot.named for lot in body.lots]
    outcome = corrections.change_expiry(store, command, body.expiry, lots, datetime.now(UTC), dry=body.dry_run)
    return shapes.receipt(outcome)


lambda_handler = api.entry_point(app)
