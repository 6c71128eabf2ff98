"""POST …/refunds: undo the points of an order, whole or in part, in one wallet or in all of the customer's."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import api, bodies, errors, refund_shapes, refunds
from loyalty import refund_form as form

app = api.APIGatewayHttpResolver()

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
    responses=api.responses(
        HTTPStatus.CREATED,
        refund_shapes.RefundReceipt,
        *REFUSALS,
        errors.WalletNotFound,
        errors.CardNotFound,
        dry_run=refund_shapes.RefundReceipt,
    ),
    tags=["Points"],
)
def refund_points(
    wallet_id: api.WalletId,
    customer_id: api.CustomerId,
    body: form.Refund,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: api.StoreOf,
    key: api.OptionalIdempotencyKey = None,
) -> Response[Any]:
    key = api.movement_key(key, dry_run=body.dry_run)
    facts = body.facts(body.order_id)
    command = bodies.command("refund", wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    refund = refunds.refund(store, command, body.demand, datetime.now(UTC), dry=body.dry_run)
    return refund_shapes.refund_receipt(refund)


@app.post(
    "/v1/customers/<customerId>/orders/<orderId>/refunds",
    summary="Undo the points of an order in all of the customer's wallets",
    description="In one transaction: in every wallet that has transactions of the order, or in none.",
    status_code=HTTPStatus.CREATED,
    responses=api.responses(
        HTTPStatus.CREATED,
        refund_shapes.OrderRefundReceipt,
        *REFUSALS,
        errors.TooMuchAtOnce,
        dry_run=refund_shapes.OrderRefundReceipt,
    ),
    tags=["Points"],
)
def refund_order(
    customer_id: api.CustomerId,
    order_id: bodies.OrderIdInPath,
    body: form.OrderRefund,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: api.StoreOf,
    key: api.OptionalIdempotencyKey = None,
) -> Response[Any]:
    key = api.movement_key(key, dry_run=body.dry_run)
    commands = [
        bodies.command(
            "refund order", wallet_id, customer_id, key, body=sent, caller=caller, facts=body.facts(order_id)
        )
        for _, wallet_id in store.cards.of_customer(customer_id)
    ]
    done = refunds.refund_everywhere(store, commands, body.demand, datetime.now(UTC), dry=body.dry_run)
    return refund_shapes.order_refund_receipt(done)


lambda_handler = api.entry_point(app)
