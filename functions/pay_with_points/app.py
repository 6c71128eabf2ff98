"""POST /v1/wallets/{walletId}/cards/{customerId}/payments: pay for an order with points."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal, Self

from aws_lambda_powertools.event_handler import Depends, Response
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty import api, bodies, errors, payments, shapes
from loyalty.domain.payment import LimitKind, PaymentLimit
from loyalty.domain.transaction import Source
from loyalty.store import Store, connected

app = api.APIGatewayHttpResolver()


class PaymentOrder(bodies.OrderBody):
    """The order to pay for: its whole gross value in minor units, whatever was paid of it before."""

    id: bodies.OrderId
    amount: Annotated[bodies.MinorUnits, Field(ge=1)]


class PaymentLimitBody(api.Body):
    """What the payment may use: all of the balance, or `max` points, or points for `max` minor units."""

    type: Literal["CARD_BALANCE", "POINTS_LIMIT", "AMOUNT_LIMIT"]
    max: bodies.Points | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.type == "CARD_BALANCE" and self.max is not None:
            raise PydanticCustomError("not_used", "CARD_BALANCE has no maximum.", {"field": "max"})
        if self.type != "CARD_BALANCE" and self.max is None:
            raise PydanticCustomError("missing", "Say how much at most.", {"field": "max"})
        return self

    @property
    def limit(self) -> PaymentLimit:
        return PaymentLimit(LimitKind(self.type), self.max or 0)


class Payment(api.Body):
    """Points pay as much of the order's amount as is allowed. A dry run tells the answer and does nothing."""

    order: PaymentOrder
    payment_limit: PaymentLimitBody | None = None
    dry_run: bool = False
    source: Literal["API", "Manual"] = "API"
    points_description: bodies.Text | None = None
    metadata: bodies.Metadata | None = None


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
    body: Payment,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: Annotated[Store, Depends(connected)],
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
