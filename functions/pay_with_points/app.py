"""POST /v1/wallets/{walletId}/cards/{customerId}/payments: pay for an order with points."""

from http import HTTPStatus

from loyalty import errors
from loyalty.api.points.payments import Payment, PaymentDryRun, PaymentRequest
from loyalty.http.calls import CallOf
from loyalty.http.commands import MOVEMENT_REFUSALS, answer_movement, command_of, movement_key
from loyalty.http.parameters import CustomerId, OptionalIdempotencyKey, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, document_answers
from loyalty.usecases.points import payments

app = APIGatewayHttpResolver()


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/payments",
    summary="Pay for an order with points",
    description=(
        "Pays as much of the order's unpaid amount as balance, payment limit and spending limits allow. "
        "`limitedBy` names the limit that reduced the payment."
    ),
    status_code=HTTPStatus.CREATED,
    responses=document_answers(
        HTTPStatus.CREATED,
        Payment,
        *MOVEMENT_REFUSALS,
        errors.CardBlocked,
        errors.PaymentsNotAvailable,
        errors.OrderDiffers,
        errors.CurrencyDiffers,
        errors.OrderPaid,
        errors.FormulaInputMissing,
        errors.FormulaNotComputable,
        errors.ExchangeRatioNotPositive,
        errors.SpendingLimitReached,
        errors.InsufficientPoints,
        dry_run=PaymentDryRun,
    ),
    tags=["Points"],
)
def pay_with_points(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: PaymentRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    key = movement_key(key, dry_run=body.dry_run)
    command = command_of(call, "payment", wallet_id, customer_id, key, body.context, dry=body.dry_run)
    outcome = payments.pay(call.store, command, body.limit, call.now)
    return answer_movement(outcome, (PaymentDryRun if outcome.dry else Payment).of(outcome))


lambda_handler = entry_point(app)
