"""POST …/pending/activate|cancel: what waits of an order or of one credit, before its time."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Self

from aws_lambda_powertools.event_handler import Response
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from loyalty import api, bodies, errors, shapes, waiting_points
from loyalty.domain.transaction import Source
from loyalty.store import Store
from loyalty.waiting_points import Action

app = api.APIGatewayHttpResolver()

RESPONSES = api.responses(
    HTTPStatus.CREATED,
    shapes.Receipt,
    *api.MOVEMENT_REFUSALS,
    errors.TransactionNotFound,
    errors.OrderNotFound,
    errors.NothingPending,
)


class Waiting(api.Body):
    """Either the order whose points wait, or the one credit."""

    order_id: bodies.OrderId | None = None
    transaction_id: Annotated[str, Field(pattern=api.TRANSACTION_ID)] | None = None
    reason: bodies.Text | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.order_id is None) == (self.transaction_id is None):
            raise PydanticCustomError("one_of", "Either orderId or transactionId.", {"field": "orderId"})
        return self


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/pending/activate",
    summary="Activate waiting points now",
    status_code=HTTPStatus.CREATED,
    responses=RESPONSES,
    tags=["Points"],
)
def activate_pending(
    wallet_id: api.WalletId,
    customer_id: api.CustomerId,
    body: Waiting,
    key: api.IdempotencyKey,
    caller: api.CallerOf,
    store: api.StoreOf,
) -> Response[Any]:
    return _acted(store, Action.ACTIVATE, wallet_id, customer_id, body, key, caller)


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/pending/cancel",
    summary="Cancel waiting points",
    status_code=HTTPStatus.CREATED,
    responses=RESPONSES,
    tags=["Points"],
)
def cancel_pending(
    wallet_id: api.WalletId,
    customer_id: api.CustomerId,
    body: Waiting,
    key: api.IdempotencyKey,
    caller: api.CallerOf,
    store: api.StoreOf,
) -> Response[Any]:
    return _acted(store, Action.CANCEL, wallet_id, customer_id, body, key, caller)


def _acted(
    store: Store, action: Action, wallet_id: str, customer_id: str, body: Waiting, key: str, caller: api.Caller
) -> Response[Any]:
    credit = waiting_points.credit_of(store, wallet_id, customer_id, body.transaction_id)
    facts = {
        "source": Source.API,
        "order_id": credit.facts.order_id if credit else body.order_id,
        "reason": body.reason,
    }
    # A credit can be acted upon once: its row stands under the credit, so the key belongs to what is compared.
    sent = [key if credit else None, body.model_dump(by_alias=True)]
    command = bodies.command(action, wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    return shapes.receipt(waiting_points.act(store, command, credit, action, datetime.now(UTC)))


lambda_handler = api.entry_point(app)
