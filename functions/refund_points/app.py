"""POST …/refunds: undo the points of an order, whole or in part, in one wallet or in all of the customer's."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal, Self

from aws_lambda_powertools.event_handler import Depends, Response
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty import api, bodies, errors, refund_shapes, refunds
from loyalty.domain.order import ITEMS_MAX
from loyalty.domain.refund_amounts import Demand, Kind
from loyalty.domain.refund_amounts import Returned as ReturnedItem
from loyalty.store import Store, connected

app = api.APIGatewayHttpResolver()

StoreOf = Annotated[Store, Depends(connected)]
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


class ReturnedItems(api.Body):
    """So many of a product; without `lineId` they are of the order's first lines with it."""

    product_id: bodies.ProductId
    quantity: bodies.Quantity
    line_id: bodies.ProductId | None = None


class OrderRefund(api.Body):
    """FULL: all that is left. AMOUNT: gross value in minor units, the part paid with points included. ITEMS: goods."""

    type: Literal["FULL", "AMOUNT", "ITEMS"]
    amount: Annotated[bodies.MinorUnits, Field(ge=1)] | None = None
    items: list[ReturnedItems] = Field(default_factory=list, max_length=ITEMS_MAX)
    order: bodies.OrderBody | None = None
    reason: bodies.Text | None = None
    dry_run: bool = False

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        for field, sent, kind in (("amount", self.amount is not None, "AMOUNT"), ("items", bool(self.items), "ITEMS")):
            if sent != (self.type == kind):
                message = f"{self.type} takes no {field}." if sent else f"{kind} needs {field}."
                raise PydanticCustomError("refund_type", message, {"field": field})
        return self

    @property
    def demand(self) -> Demand:
        items = tuple(ReturnedItem(item.product_id, item.quantity, item.line_id) for item in self.items)
        return Demand(Kind(self.type), self.amount or 0, items)

    def facts(self, order_id: str) -> dict[str, Any]:
        order = self.order and self.order.order
        return {"source": "API", "order_id": order_id, "order": order, "reason": self.reason}


class Refund(OrderRefund):
    order_id: bodies.OrderId


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
    body: Refund,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: StoreOf,
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
    body: OrderRefund,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: StoreOf,
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
