"""POST /v1/wallets/{walletId}/cards/{customerId}/payments: pay for an order with points."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.fields import metadata_text
from loyalty.api.points.payments import Payment, PaymentReceipt
from loyalty.domain.cards.transaction import Source
from loyalty.domain.movements.payment import PaymentLimit
from loyalty.http.calls import CallerOf, SentBody, StoreOf
from loyalty.http.commands import command_of, movement_key
from loyalty.http.parameters import CustomerId, OptionalIdempotencyKey, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import MOVEMENT_REFUSALS, payment_receipt, responses
from loyalty.usecases.points import payments

app = APIGatewayHttpResolver()


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/payments",
    summary="Pay for an order with points",
    description=(
        "Pays as much of what earlier payments left of the order as balance, payment limit and spending limits allow; "
        "`limitedBy` tells which of them cut it. Needs an Idempotency-Key, a dry run none."
    ),
    status_code=HTTPStatus.CREATED,
    responses=responses(
        HTTPStatus.CREATED,
        PaymentReceipt,
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
        dry_run=PaymentReceipt,
    ),
    tags=["Points"],
)
def pay_with_points(
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: Payment,
    sent: SentBody,
    caller: CallerOf,
    store: StoreOf,
    key: OptionalIdempotencyKey = None,
) -> Response[Any]:
    facts = {
        "source": Source(body.source),
        "order_id": body.order.id,
        "order": body.order.order,
        "points_description": body.points_description,
        "metadata": metadata_text(body.metadata),
    }
    key = movement_key(key, dry_run=body.dry_run)
    command = command_of("payment", wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    limit = body.payment_limit.limit if body.payment_limit else PaymentLimit()
    return payment_receipt(payments.pay(store, command, limit, datetime.now(UTC), dry=body.dry_run))


lambda_handler = entry_point(app)
