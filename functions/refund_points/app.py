"""POST …/refunds: undo the points of an order, whole or in part, in one wallet or in all of the customer's."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.points.refunds import OrderRefund, OrderRefundReceipt, Refund, RefundReceipt
from loyalty.http.calls import CallerOf, SentBody, StoreOf
from loyalty.http.commands import command_of, movement_key
from loyalty.http.parameters import CustomerId, OptionalIdempotencyKey, OrderIdInPath, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import order_refund_receipt, refund_receipt, responses
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
    errors.Busy,
)


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/refunds",
    summary="Undo the points of an order in one wallet",
    description=(
        "Spent points return to the lots they came from; earned points are revoked from the order's own pending and "
        "active points, then from others. How much of either, the wallet's `refunds` say. What is lacking is reported "
        "as `shortfall` and forgiven. A dry run answers 200, needs no key and writes nothing."
    ),
    status_code=HTTPStatus.CREATED,
    responses=responses(
        HTTPStatus.CREATED,
        RefundReceipt,
        *REFUSALS,
        errors.WalletNotFound,
        errors.CardNotFound,
        dry_run=RefundReceipt,
    ),
    tags=["Points"],
)
def refund_points(
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: Refund,
    sent: SentBody,
    caller: CallerOf,
    store: StoreOf,
    key: OptionalIdempotencyKey = None,
) -> Response[Any]:
    key = movement_key(key, dry_run=body.dry_run)
    facts = body.facts(body.order_id)
    command = command_of("refund", wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    refund = refunds.refund(store, command, body.demand, datetime.now(UTC), dry=body.dry_run)
    return refund_receipt(refund)


@app.post(
    "/v1/customers/<customerId>/orders/<orderId>/refunds",
    summary="Undo the points of an order in all of the customer's wallets",
    description="In one transaction: in every wallet that has transactions of the order, or in none.",
    status_code=HTTPStatus.CREATED,
    responses=responses(
        HTTPStatus.CREATED,
        OrderRefundReceipt,
        *REFUSALS,
        errors.TooMuchAtOnce,
        dry_run=OrderRefundReceipt,
    ),
    tags=["Points"],
)
def refund_order(
    customer_id: CustomerId,
    order_id: OrderIdInPath,
    body: OrderRefund,
    sent: SentBody,
    caller: CallerOf,
    store: StoreOf,
    key: OptionalIdempotencyKey = None,
) -> Response[Any]:
    key = movement_key(key, dry_run=body.dry_run)
    commands = [
        command_of("refund order", wallet_id, customer_id, key, body=sent, caller=caller, facts=body.facts(order_id))
        for _, wallet_id in store.cards.of_customer(customer_id)
    ]
    done = refunds.refund_everywhere(store, commands, body.demand, datetime.now(UTC), dry=body.dry_run)
    return order_refund_receipt(done)


lambda_handler = entry_point(app)
