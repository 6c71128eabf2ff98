"""POST …/refunds: refund an order, completely or in part, in one wallet or in all of the customer's wallets."""

from http import HTTPStatus

from loyalty import errors
from loyalty.api.points.refunds import OrderRefund, OrderRefundRequest, Refund, RefundRequest
from loyalty.http.calls import Call, CallOf
from loyalty.http.commands import answer_movement, command_of, movement_key
from loyalty.http.parameters import CustomerId, OptionalIdempotencyKey, OrderIdInPath, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, document_answers
from loyalty.usecases.points import refunds

app = APIGatewayHttpResolver()

REFUSALS = (
    errors.KeyReused,
    errors.WalletDeleted,
    errors.CardFrozen,
    errors.CardClosed,
    errors.OrderNotFound,
    errors.OrderDiffers,
    errors.CurrencyDiffers,
    errors.OrderAmountUnknown,
    errors.ItemsRequired,
    errors.RefundExceedsOrder,
    errors.NothingToRefund,
    errors.ClockSkew,
)
ORDER_REFUND = document_answers(
    HTTPStatus.CREATED,
    OrderRefund,
    *REFUSALS,
    errors.TooMuchAtOnce,
    dry_run=OrderRefund,
)


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/refunds",
    summary="Refund an order in one wallet",
    description=(
        "Spent points return to their original lots. Earned points are revoked: first the order's own pending "
        "and active points, then other points. The wallet's `refunds` decide how many points move. Missing "
        "points are the `shortfall`."
    ),
    status_code=HTTPStatus.CREATED,
    responses=document_answers(
        HTTPStatus.CREATED,
        Refund,
        *REFUSALS,
        errors.WalletNotFound,
        errors.CardNotFound,
        dry_run=Refund,
    ),
    tags=["Points"],
)
def refund_points(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: RefundRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    key = movement_key(key, dry_run=body.dry_run)
    command = command_of(call, "refund", wallet_id, customer_id, key, body.context(body.order_id), dry=body.dry_run)
    refund = refunds.refund(call.store, command, body.demand, call.now)
    return answer_movement(refund.outcome, Refund.of(refund))


@app.post(
    "/v1/customers/<customerId>/orders/<orderId>/refunds",
    summary="Refund an order in all of the customer's wallets",
    description=(
        "Refunds the order in one transaction, in all wallets with transactions of the order. `skipped` names the "
        "cards that are frozen or closed; a later refund of the order with another key includes them."
    ),
    status_code=HTTPStatus.CREATED,
    responses=ORDER_REFUND,
    tags=["Points"],
)
def refund_order(
    call: CallOf,
    customer_id: CustomerId,
    order_id: OrderIdInPath,
    body: OrderRefundRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    return _refund_order(call, customer_id, order_id, body, key)


@app.post(
    "/v1/customers/<customerId>/refunds",
    summary="Refund any order in all of the customer's wallets",
    description=(
        "The same command as `POST /v1/customers/{customerId}/orders/{orderId}/refunds`, for every order id. A "
        "repetition may use either route."
    ),
    status_code=HTTPStatus.CREATED,
    responses=ORDER_REFUND,
    tags=["Points"],
)
def refund_customer_order(
    call: CallOf,
    customer_id: CustomerId,
    body: RefundRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    return _refund_order(call, customer_id, body.order_id, body, key)


def _refund_order(call: Call, customer_id: str, order_id: str, body: OrderRefundRequest, key: str | None) -> Response:
    key = movement_key(key, dry_run=body.dry_run)
    context = body.context(order_id)
    done = refunds.refund_everywhere(
        call.store,
        customer_id,
        order_id,
        lambda wallet_id: command_of(
            call, "refund order", wallet_id, customer_id, key, context, dry=body.dry_run, without="orderId"
        ),
        body.demand,
        call.now,
    )
    status = HTTPStatus.OK if body.dry_run else HTTPStatus.CREATED
    return answer(OrderRefund.of(done), status=status, repeated=done.repeated)


lambda_handler = entry_point(app)
