"""POST /v1/wallets/{walletId}/cards/{customerId}/credits: credit points to a customer."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.points.movements import CreditRequest, Movement
from loyalty.http.calls import CallOf
from loyalty.http.commands import MOVEMENT_REFUSALS, command_of, movement
from loyalty.http.parameters import CustomerId, IdempotencyKey, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import document_answers
from loyalty.usecases.points import credits

app = APIGatewayHttpResolver()


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/credits",
    summary="Credit points",
    description="The points become pending or active, by the wallet's settings or by the dates in the request.",
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
    ),
    tags=["Points"],
)
def credit_points(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: CreditRequest,
    key: IdempotencyKey,
) -> Response[Any]:
    command = command_of(call, "credit", wallet_id, customer_id, key, body.context)
    return movement(credits.credit(call.store, command, body.grant, call.now))


lambda_handler = entry_point(app)
