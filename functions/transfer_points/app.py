"""POST /v1/wallets/{walletId}/cards/{customerId}/transfers: transfer points to another customer."""

from http import HTTPStatus

from loyalty import errors
from loyalty.api.points.movements import DryRun
from loyalty.api.points.transfers import Transfer, TransferRequest
from loyalty.http.calls import CallOf
from loyalty.http.commands import MOVEMENT_REFUSALS, answer_movement, command_of, movement_key
from loyalty.http.parameters import CustomerId, OptionalIdempotencyKey, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, document_answers
from loyalty.usecases.points import transfers

app = APIGatewayHttpResolver()


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/transfers",
    summary="Transfer points to another customer",
    description=(
        "Both cards change in one transaction. Received points count as earned; the recipient's earning "
        "limits refuse a transfer and never reduce it. The sender's spending limits apply if the wallet's "
        "`transfers.countAsSpending` is on."
    ),
    status_code=HTTPStatus.CREATED,
    responses=document_answers(
        HTTPStatus.CREATED,
        Transfer,
        errors.TransferToSelf,
        *MOVEMENT_REFUSALS,
        errors.CardBlocked,
        errors.TransfersNotAllowed,
        errors.EarningLimitReached,
        errors.SpendingLimitReached,
        errors.BalanceTooLarge,
        errors.InsufficientPoints,
        dry_run=DryRun,
    ),
    tags=["Points"],
)
def transfer_points(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: TransferRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    key = movement_key(key, dry_run=body.dry_run)
    command = command_of(call, "transfer", wallet_id, customer_id, key, body.context, dry=body.dry_run)
    transfer = transfers.transfer(call.store, command, body.to_customer_id, body.points, call.now)
    return answer_movement(transfer.sent, None if transfer.sent.dry else Transfer.of_transfer(transfer))


lambda_handler = entry_point(app)
