"""POST …/holds and …/holds/{holdId}/capture|release: points reserved for an order that is under way."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.points.holds import Capture, HoldReceipt, NewHold
from loyalty.api.points.movements import Receipt, movement_facts
from loyalty.domain.cards.transaction import Transaction
from loyalty.domain.movements.hold import DEFAULT_PERIOD
from loyalty.http.calls import Caller, CallerOf, SentBody, StoreOf
from loyalty.http.commands import command_of
from loyalty.http.parameters import CustomerId, HoldId, IdempotencyKey, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import MOVEMENT_REFUSALS, hold_receipt, receipt, responses
from loyalty.usecases.ledger import Command
from loyalty.usecases.points import holds

app = APIGatewayHttpResolver()
ENDED = responses(
    HTTPStatus.CREATED,
    Receipt,
    *MOVEMENT_REFUSALS,
    errors.HoldNotFound,
    errors.HoldTooSmall,
)


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/holds",
    summary="Reserve points",
    description="Held points have left the active balance, count as spent and do not expire until they are let go.",
    status_code=HTTPStatus.CREATED,
    responses=responses(
        HTTPStatus.CREATED,
        HoldReceipt,
        *MOVEMENT_REFUSALS,
        errors.CardBlocked,
        errors.CurrencyDiffers,
        errors.TooManyHolds,
        errors.SpendingLimitReached,
        errors.InsufficientPoints,
    ),
    tags=["Points"],
)
def hold_points(
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: NewHold,
    key: IdempotencyKey,
    sent: SentBody,
    caller: CallerOf,
    store: StoreOf,
) -> Response[Any]:
    facts = movement_facts(body)
    command = command_of("hold", wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    lasts = body.expires_after.period if body.expires_after else DEFAULT_PERIOD
    return hold_receipt(holds.hold(store, command, body.points, lasts, datetime.now(UTC)))


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/holds/<holdId>/capture",
    summary="Spend held points",
    description="The row stands under the hold's order. Works in an INACTIVE wallet and on a BLOCKED card too.",
    status_code=HTTPStatus.CREATED,
    responses=ENDED,
    tags=["Points"],
)
def capture_hold(
    wallet_id: WalletId,
    customer_id: CustomerId,
    hold_id: HoldId,
    body: Capture,
    key: IdempotencyKey,
    sent: SentBody,
    caller: CallerOf,
    store: StoreOf,
) -> Response[Any]:
    row = holds.hold_row(store, wallet_id, customer_id, hold_id)
    command = _command("capture", row, key, sent, caller)
    return receipt(holds.capture(store, command, row, body.points, datetime.now(UTC), final=body.final))


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
    wallet_id: WalletId,
    customer_id: CustomerId,
    hold_id: HoldId,
    key: IdempotencyKey,
    caller: CallerOf,
    store: StoreOf,
) -> Response[Any]:
    row = holds.hold_row(store, wallet_id, customer_id, hold_id)
    command = _command("release", row, key, None, caller)
    return receipt(holds.release(store, command, row, datetime.now(UTC)))


def _command(name: str, row: Transaction, key: str, sent: Any, caller: Caller) -> Command:
    """The command on a hold: of its source and order, and told from the same command on another hold."""
    facts = {"source": row.facts.source, "order_id": row.facts.order_id}
    body = [row.transaction_id, sent]
    return command_of(name, row.wallet_id, row.customer_id, key, body=body, caller=caller, facts=facts)


lambda_handler = entry_point(app)
