"""POST /v1/wallets/{walletId}/cards/{customerId}/credits: credit points to a customer."""

from http import HTTPStatus

from loyalty import errors
from loyalty.api.points.movements import CreditRequest, DryRun, Movement
from loyalty.http.calls import CallOf
from loyalty.http.commands import MOVEMENT_REFUSALS, answer_movement, command_of, movement_key
from loyalty.http.parameters import CustomerId, OptionalIdempotencyKey, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, document_answers
from loyalty.usecases.points import credits

app = APIGatewayHttpResolver()


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/credits",
    summary="Credit points",
    description=(
        "The wallet's settings, or the dates in the request, decide when the points become active and expire. "
        "The first credit of a customer creates the card, if the wallet's `autoEnrol` is on."
    ),
    status_code=HTTPStatus.CREATED,
    responses=document_answers(
        HTTPStatus.CREATED,
        Movement,
        *MOVEMENT_REFUSALS,
        errors.CurrencyDiffers,
        errors.InvalidDates,
        errors.TooManyPendingLots,
        errors.OrderAmountRequired,
        errors.OrderAmountTooSmall,
        errors.EarningLimitReached,
        errors.BalanceTooLarge,
        errors.AdjustmentMaxExceeded,
        dry_run=DryRun,
    ),
    tags=["Points"],
)
def credit_points(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: CreditRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    key = movement_key(key, dry_run=body.dry_run)
    command = command_of(call, "credit", wallet_id, customer_id, key, body.context, dry=body.dry_run)
    return answer_movement(credits.credit(call.store, command, body.grant, call.now))


lambda_handler = entry_point(app)
