"""POST …/holds and …/holds/{holdId}/capture|release: points reserved for an order that is under way."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path

from loyalty import api, bodies, errors, holds, shapes
from loyalty import hold_form as form
from loyalty.domain.hold import DEFAULT_PERIOD
from loyalty.domain.transaction import Transaction
from loyalty.ledger import Command

app = api.APIGatewayHttpResolver()

HoldId = Annotated[
    str, Path(alias="holdId", pattern=api.TRANSACTION_ID, description="The transactionId of the movement that held.")
]
ENDED = api.responses(
    HTTPStatus.CREATED,
    shapes.Receipt,
    *api.MOVEMENT_REFUSALS,
    errors.HoldNotFound,
    errors.HoldTooSmall,
)


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/holds",
    summary="Reserve points",
    description="Held points have left the active balance, count as spent and do not expire until they are let go.",
    status_code=HTTPStatus.CREATED,
    responses=api.responses(
        HTTPStatus.CREATED,
        shapes.HoldReceipt,
        *api.MOVEMENT_REFUSALS,
        errors.CardBlocked,
        errors.CurrencyDiffers,
        errors.TooManyHolds,
        errors.SpendingLimitReached,
        errors.InsufficientPoints,
    ),
    tags=["Points"],
)
def hold_points(
    wallet_id: api.WalletId,
    customer_id: api.CustomerId,
    body: form.NewHold,
    key: api.IdempotencyKey,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: api.StoreOf,
) -> Response[Any]:
    facts = bodies.movement_facts(body)
    command = bodies.command("hold", wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    lasts = body.expires_after.period if body.expires_after else DEFAULT_PERIOD
    return shapes.hold_receipt(holds.hold(store, command, body.points, lasts, datetime.now(UTC)))


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/holds/<holdId>/capture",
    summary="Spend held points",
    description="The row stands under the hold's order. Works in an INACTIVE wallet and on a BLOCKED card too.",
    status_code=HTTPStatus.CREATED,
    responses=ENDED,
    tags=["Points"],
)
def capture_hold(
    wallet_id: api.WalletId,
    customer_id: api.CustomerId,
    hold_id: HoldId,
    body: form.Capture,
    key: api.IdempotencyKey,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: api.StoreOf,
) -> Response[Any]:
    row = holds.hold_row(store, wallet_id, customer_id, hold_id)
    command = _command("capture", row, key, sent, caller)
    return shapes.receipt(holds.capture(store, command, row, body.points, datetime.now(UTC), final=body.final))


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/holds/<holdId>/release",
    summary="Let held points go",
    description=(
        "They are spendable again, but for those that are past their date: these expire at once. The transaction "
        "has the spendable ones, be it none. Works in an INACTIVE wallet and on a BLOCKED card too."
    ),
    status_code=HTTPStatus.CREATED,
    responses=ENDED,
    tags=["Points"],
)
def release_hold(
    wallet_id: api.WalletId,
    customer_id: api.CustomerId,
    hold_id: HoldId,
    key: api.IdempotencyKey,
    caller: api.CallerOf,
    store: api.StoreOf,
) -> Response[Any]:
    row = holds.hold_row(store, wallet_id, customer_id, hold_id)
    command = _command("release", row, key, None, caller)
    return shapes.receipt(holds.release(store, command, row, datetime.now(UTC)))


def _command(name: str, row: Transaction, key: str, sent: Any, caller: api.Caller) -> Command:
    """The command on a hold: of its source and order, and told from the same command on another hold."""
    facts = {"source": row.facts.source, "order_id": row.facts.order_id}
    body = [row.transaction_id, sent]
    return bodies.command(name, row.wallet_id, row.customer_id, key, body=body, caller=caller, facts=facts)


lambda_handler = api.entry_point(app)
