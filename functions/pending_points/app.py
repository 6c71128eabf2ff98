"""POST …/pending/activate|cancel: activate or cancel pending points before their time."""

from http import HTTPStatus

from loyalty import errors
from loyalty.api.points.movements import DryRun, Movement
from loyalty.api.points.pending import PendingRequest
from loyalty.domain.cards.transaction import Context, Source
from loyalty.http.calls import CallOf
from loyalty.http.commands import MOVEMENT_REFUSALS, answer_movement, command_of, movement_key
from loyalty.http.parameters import CustomerId, OptionalIdempotencyKey, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, document_answers
from loyalty.usecases.points import pending
from loyalty.usecases.points.pending import PendingAction

app = APIGatewayHttpResolver()

RESPONSES = document_answers(
    HTTPStatus.CREATED,
    Movement,
    *MOVEMENT_REFUSALS,
    errors.TransactionNotFound,
    errors.OrderNotFound,
    errors.NothingPending,
    dry_run=DryRun,
)


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/pending/activate",
    summary="Activate pending points now",
    description="Activates the pending points of an order or of one credit, before their date or event.",
    status_code=HTTPStatus.CREATED,
    responses=RESPONSES,
    tags=["Points"],
)
def activate_pending(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: PendingRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    return _act(call, PendingAction.ACTIVATE, wallet_id, customer_id, key, body)


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/pending/cancel",
    summary="Cancel pending points",
    description="Cancels the pending points of an order or of one credit.",
    status_code=HTTPStatus.CREATED,
    responses=RESPONSES,
    tags=["Points"],
)
def cancel_pending(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: PendingRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    return _act(call, PendingAction.CANCEL, wallet_id, customer_id, key, body)


def _act(
    call: CallOf, action: PendingAction, wallet_id: str, customer_id: str, key: str | None, body: PendingRequest
) -> Response:
    key = movement_key(key, dry_run=body.dry_run)
    credit = pending.credit_of(call.store, wallet_id, customer_id, body.transaction_id)
    order_id = credit.context.order_id if credit else body.order_id
    context = Context(source=Source.API, order_id=order_id, reason=body.reason)
    # A credit can be acted upon once: its row is stored under the credit, so the key is compared instead.
    command = command_of(
        call,
        action,
        wallet_id,
        customer_id,
        key,
        context,
        dry=body.dry_run,
        scope=(key if credit else None,),
    )
    return answer_movement(pending.activate_or_cancel(call.store, command, credit, action, call.now))


lambda_handler = entry_point(app)
