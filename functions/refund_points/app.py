"""POST /v1/wallets/{walletId}/cards/{customerId}/refunds: undo the points of an order."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Depends, Response

from loyalty import api, bodies, errors, refunds, shapes
from loyalty.store import Store, connected

app = APIGatewayHttpResolver(enable_validation=True, response_validation_error_http_code=500)
app.include_router(api.problems)


class Refund(api.Body):
    """FULL: everything of the order that no refund has settled yet."""

    order_id: bodies.OrderId
    type: Literal["FULL"]
    order: bodies.OrderBody | None = None
    reason: bodies.Text | None = None


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/refunds",
    summary="Undo the points of an order",
    description=(
        "Spent points return to the lots they came from; earned points are revoked from the order's own pending and "
        "active points, then from others, down to zero. What is lacking is reported as `shortfall` and forgiven."
    ),
    status_code=HTTPStatus.CREATED,
    responses=api.responses(
        HTTPStatus.CREATED,
        shapes.RefundReceipt,
        errors.KeyReused,
        errors.WalletNotFound,
        errors.WalletDeleted,
        errors.CardNotFound,
        errors.CardFrozen,
        errors.CardClosed,
        errors.OrderNotFound,
        errors.OrderDiffers,
        errors.CurrencyDiffers,
        errors.NothingToRefund,
        errors.ClockSkew,
        errors.Busy,
    ),
    tags=["Points"],
)
def refund_points(
    wallet_id: api.WalletId,
    customer_id: api.CustomerId,
    body: Refund,
    key: api.IdempotencyKey,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: Annotated[Store, Depends(connected)],
) -> Response[Any]:
    facts = {
        "source": "API",
        "order_id": body.order_id,
        "order": body.order and body.order.order,
        "reason": body.reason,
    }
    command = bodies.command("refund", wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    return shapes.refund_receipt(refunds.refund(store, command, datetime.now(UTC)))


lambda_handler = api.entry_point(app)
