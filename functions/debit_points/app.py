"""POST /v1/wallets/{walletId}/cards/{customerId}/debits: take points from a customer."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.points.movements import Debit, Receipt, movement_facts
from loyalty.http.calls import CallerOf, SentBody, StoreOf
from loyalty.http.commands import command_of
from loyalty.http.parameters import CustomerId, IdempotencyKey, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import MOVEMENT_REFUSALS, receipt, responses
from loyalty.usecases.points import debits

app = APIGatewayHttpResolver()


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/debits",
    summary="Take points",
    status_code=HTTPStatus.CREATED,
    responses=responses(
        HTTPStatus.CREATED,
        Receipt,
        *MOVEMENT_REFUSALS,
        errors.CardBlocked,
        errors.CurrencyDiffers,
        errors.SpendingLimitReached,
        errors.InsufficientPoints,
    ),
    tags=["Points"],
)
def debit_points(
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: Debit,
    key: IdempotencyKey,
    sent: SentBody,
    caller: CallerOf,
    store: StoreOf,
) -> Response[Any]:
    facts = movement_facts(body)
    command = command_of("debit", wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    outcome = debits.debit(store, command, body.points, datetime.now(UTC), allow_partial=body.allow_partial)
    return receipt(outcome)


lambda_handler = entry_point(app)
