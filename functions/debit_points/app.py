"""POST /v1/wallets/{walletId}/cards/{customerId}/debits: debit points from a customer."""

from http import HTTPStatus

from loyalty import errors
from loyalty.api.points.movements import DebitRequest, DryRun, Movement
from loyalty.http.calls import CallOf
from loyalty.http.commands import MOVEMENT_REFUSALS, answer_movement, command_of, movement_key
from loyalty.http.parameters import CustomerId, OptionalIdempotencyKey, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, document_answers
from loyalty.usecases.points import debits

app = APIGatewayHttpResolver()


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/debits",
    summary="Debit points",
    description=(
        "A debit is refused if the points are not available, unless the wallet allows a negative balance or "
        "`allowPartial` is true."
    ),
    status_code=HTTPStatus.CREATED,
    responses=document_answers(
        HTTPStatus.CREATED,
        Movement,
        *MOVEMENT_REFUSALS,
        errors.CardBlocked,
        errors.CurrencyDiffers,
        errors.SpendingLimitReached,
        errors.InsufficientPoints,
        errors.AdjustmentMaxExceeded,
        dry_run=DryRun,
    ),
    tags=["Points"],
)
def debit_points(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: DebitRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    key = movement_key(key, dry_run=body.dry_run)
    command = command_of(call, "debit", wallet_id, customer_id, key, body.context, dry=body.dry_run)
    return answer_movement(debits.debit(call.store, command, body.points, call.now, allow_partial=body.allow_partial))


lambda_handler = entry_point(app)
