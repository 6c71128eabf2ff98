"""POST …/pending/activate|cancel: what waits of an order or of one credit, before its time."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.points.movements import Receipt
from loyalty.api.points.pending import Waiting
from loyalty.domain.cards.transaction import Source
from loyalty.http.calls import Caller, CallerOf, StoreOf
from loyalty.http.commands import command_of
from loyalty.http.parameters import CustomerId, IdempotencyKey, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import MOVEMENT_REFUSALS, receipt, responses
from loyalty.store.store import Store
from loyalty.usecases.points import pending
from loyalty.usecases.points.pending import Action

app = APIGatewayHttpResolver()

RESPONSES = responses(
    HTTPStatus.CREATED,
    Receipt,
    *MOVEMENT_REFUSALS,
    errors.TransactionNotFound,
    errors.OrderNotFound,
    errors.NothingPending,
)


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/pending/activate",
    summary="Activate waiting points now",
    status_code=HTTPStatus.CREATED,
    responses=RESPONSES,
    tags=["Points"],
)
def activate_pending(
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: Waiting,
    key: IdempotencyKey,
    caller: CallerOf,
    store: StoreOf,
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
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: Waiting,
    key: IdempotencyKey,
    caller: CallerOf,
    store: StoreOf,
) -> Response[Any]:
    return _acted(store, Action.CANCEL, wallet_id, customer_id, body, key, caller)


def _acted(
    store: Store, action: Action, wallet_id: str, customer_id: str, body: Waiting, key: str, caller: Caller
) -> Response[Any]:
    credit = pending.credit_of(store, wallet_id, customer_id, body.transaction_id)
    facts = {
        "source": Source.API,
        "order_id": credit.facts.order_id if credit else body.order_id,
        "reason": body.reason,
    }
    # A credit can be acted upon once: its row stands under the credit, so the key belongs to what is compared.
    sent = [key if credit else None, body.model_dump(by_alias=True)]
    command = command_of(action, wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    return receipt(pending.act(store, command, credit, action, datetime.now(UTC)))


lambda_handler = entry_point(app)
