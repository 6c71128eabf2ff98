"""POST /v1/wallets/{walletId}/cards/{customerId}/payments: pay for an order with points."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import api, bodies, errors, payments, shapes
from loyalty import payment_form as form
from loyalty.domain.payment import PaymentLimit
from loyalty.domain.transaction import Source

app = api.APIGatewayHttpResolver()


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/payments",
    summary="Pay for an order with points",
    description=(
        "Pays as much of what earlier payments left of the order as balance, payment limit and spending limits allow; "
        "`limitedBy` tells which of them cut it. Needs an Idempotency-Key, a dry run none."
    ),
    status_code=HTTPStatus.CREATED,
    responses=api.responses(
        HTTPStatus.CREATED,
        shapes.PaymentReceipt,
        *api.MOVEMENT_REFUSALS,
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
        dry_run=shapes.PaymentReceipt,
    ),
    tags=["Points"],
)
def pay_with_points(
    wallet_id: api.WalletId,
    customer_id: api.CustomerId,
    body: form.Payment,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: api.StoreOf,
    key: api.OptionalIdempotencyKey = None,
) -> Response[Any]:
    facts = {
        "source": Source(body.source),
        "order_id": body.order.id,
        "order": body.order.order,
        "points_description": body.points_description,
        "metadata": api.metadata_text(body.metadata),
    }
    key = api.movement_key(key, dry_run=body.dry_run)
    command = bodies.command("payment", wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    limit = body.payment_limit.limit if body.payment_limit else PaymentLimit()
    return shapes.payment_receipt(payments.pay(store, command, limit, datetime.now(UTC), dry=body.dry_run))


lambda_handler = api.entry_point(app)
