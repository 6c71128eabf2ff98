"""POST …/adjustments, …/expiry-changes, /v1/transactions/{transactionId}/reversal: corrections by hand."""

from http import HTTPStatus

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
from loyalty.http.commands import MOVEMENT_REFUSALS, answer_movement, command_of, movement_key
from loyalty.http.parameters import CustomerId, OptionalIdempotencyKey, TransactionId, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, document_answers
from loyalty.usecases import history
from loyalty.usecases.points import corrections

app = APIGatewayHttpResolver()


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/adjustments",
    summary="Add or remove points by hand",
    description=(
        "An adjustment ignores limits, unless `qualifying` is true, and does not move sliding expiries. The "
        "route also works while the wallet is INACTIVE."
    ),
    status_code=HTTPStatus.CREATED,
    responses=document_answers(
        HTTPStatus.CREATED,
        Movement,
        *MOVEMENT_REFUSALS,
        errors.InvalidDates,
        errors.EarningLimitReached,
        errors.SpendingLimitReached,
        errors.BalanceTooLarge,
        errors.InsufficientPoints,
        errors.AdjustmentMaxExceeded,
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
) -> Response:
    key = movement_key(key, dry_run=body.dry_run)
    command = command_of(call, "adjustment", wallet_id, customer_id, key, body.context, dry=body.dry_run)
    return answer_movement(corrections.adjust(call.store, command, body.grant, call.now, qualifying=body.qualifying))


@app.post(
    "/v1/transactions/<transactionId>/reversal",
    summary="Reverse a mistaken credit, debit or adjustment",
    description=(
        "A transaction without an order can be reversed once, on the lots that it used. Points of a reversed "
        "credit that are gone are the `shortfall`; no other points are taken. To undo the points of an order, "
        "refund the order."
    ),
    status_code=HTTPStatus.CREATED,
    responses=document_answers(
        HTTPStatus.CREATED,
        Reversal,
        errors.WalletDeleted,
        errors.CardFrozen,
        errors.CardClosed,
        errors.TransactionNotFound,
        errors.NotReversible,
        errors.AlreadyReversed,
        errors.BalanceTooLarge,
        errors.AdjustmentMaxExceeded,
        errors.ClockSkew,
        dry_run=ReversalDryRun,
    ),
    tags=["Corrections"],
)
def reverse_transaction(
    call: CallOf,
    transaction_id: TransactionId,
    body: ReversalRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    key = movement_key(key, dry_run=body.dry_run)
    row = history.by_id(call.store, transaction_id)
    # A transaction is reversed once: the row is stored under it, so the key is compared instead.
    command = command_of(
        call,
        "reversal",
        row.wallet_id,
        row.customer_id,
        key,
        body.context,
        dry=body.dry_run,
        scope=(key, row.seq),
    )
    outcome = corrections.reverse(call.store, command, row, call.now)
    return answer_movement(outcome, (ReversalDryRun if outcome.dry else Reversal).of(outcome))


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/expiry-changes",
    summary="Change the expiry of active points",
    description=(
        "Changes all active lots, or the lots in the request. The points get an expiry of their own, which "
        "does not slide. The route also works while the wallet is INACTIVE."
    ),
    status_code=HTTPStatus.CREATED,
    responses=document_answers(
        HTTPStatus.CREATED,
        Movement,
        *MOVEMENT_REFUSALS,
        errors.LotNotFound,
        errors.InvalidDates,
        errors.AdjustmentMaxExceeded,
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
) -> Response:
    key = movement_key(key, dry_run=body.dry_run)
    command = command_of(call, "expiry_change", wallet_id, customer_id, key, body.context, dry=body.dry_run)
    return answer_movement(corrections.change_expiry(call.store, command, body.expiry, body.named_lots, call.now))


lambda_handler = entry_point(app)
