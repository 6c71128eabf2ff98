"""POST /v1/wallets/{walletId}/cards/{customerId}/transfers: one customer gives points to another."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.fields import metadata_text
from loyalty.api.points.transfers import Transfer, TransferReceipt
from loyalty.domain.cards.transaction import Source
from loyalty.http.calls import CallerOf, SentBody, StoreOf
from loyalty.http.commands import command_of
from loyalty.http.parameters import CustomerId, IdempotencyKey, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import MOVEMENT_REFUSALS, responses, transfer_receipt
from loyalty.usecases.points import transfers

app = APIGatewayHttpResolver()


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/transfers",
    summary="Give points to another customer",
    description=(
        "Both cards move in one transaction. The taker's earning limits reject a transfer and never cut it; what is "
        "taken counts as earned. The giver's spending limits hold where the wallet says so."
    ),
    status_code=HTTPStatus.CREATED,
    responses=responses(
        HTTPStatus.CREATED,
        TransferReceipt,
        errors.TransferToSelf,
        *MOVEMENT_REFUSALS,
        errors.CardBlocked,
        errors.TransfersNotAllowed,
        errors.EarningLimitReached,
        errors.SpendingLimitReached,
        errors.BalanceTooLarge,
        errors.InsufficientPoints,
    ),
    tags=["Points"],
)
def transfer_points(
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: Transfer,
    key: IdempotencyKey,
    sent: SentBody,
    caller: CallerOf,
    store: StoreOf,
) -> Response[Any]:
    facts = {
        "source": Source(body.source),
        "points_description": body.points_description,
        "metadata": metadata_text(body.metadata),
    }
    command = command_of("transfer", wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    return transfer_receipt(transfers.transfer(store, command, body.to_customer_id, body.points, datetime.now(UTC)))


lambda_handler = entry_point(app)
