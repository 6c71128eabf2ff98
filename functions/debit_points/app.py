"""POST /v1/wallets/{walletId}/cards/{customerId}/debits: take points from a customer."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import Field

from loyalty import api, bodies, errors, ledger, shapes

app = api.APIGatewayHttpResolver()


class Debit(bodies.Movement):
    """Points to take from the active balance, in the wallet's order of consumption."""

    allow_partial: bool = Field(default=False, description="Take what limits and balance allow rather than nothing.")


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/debits",
    summary="Take points",
    status_code=HTTPStatus.CREATED,
    responses=api.responses(
        HTTPStatus.CREATED,
        shapes.Receipt,
        *api.MOVEMENT_REFUSALS,
        errors.CardBlocked,
        errors.CurrencyDiffers,
        errors.SpendingLimitReached,
        errors.InsufficientPoints,
    ),
    tags=["Points"],
)
def debit_points(
    wallet_id: api.WalletId,
    customer_id: api.CustomerId,
    body: Debit,
    key: api.IdempotencyKey,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: api.StoreOf,
) -> Response[Any]:
    facts = bodies.movement_facts(body)
    command = bodies.command("debit", wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    outcome = ledger.debit(store, command, body.points, datetime.now(UTC), allow_partial=body.allow_partial)
    return shapes.receipt(outcome)


lambda_handler = api.entry_point(app)
