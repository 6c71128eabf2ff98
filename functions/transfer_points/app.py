"""POST /v1/wallets/{walletId}/cards/{customerId}/transfers: one customer gives points to another."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from pydantic import Field

from loyalty import api, bodies, errors, transfer_shapes, transfers
from loyalty.domain.transaction import Source

app = api.APIGatewayHttpResolver()


class Transfer(api.Body):
    """Points to give, in the wallet's order of consumption. They keep their dates."""

    to_customer_id: Annotated[str, Field(pattern=api.CUSTOMER_ID, description="Has a card in the wallet.")]
    points: bodies.Points
    source: Literal["API", "Manual"] = "API"
    points_description: bodies.Text | None = Field(default=None, description="On both rows.")
    metadata: bodies.Metadata | None = Field(default=None, description="On the giver's row.")


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/transfers",
    summary="Give points to another customer",
    description=(
        "Both cards move in one transaction. The taker's earning limits reject a transfer and never cut it; what is "
        "taken counts as earned. The giver's spending limits hold where the wallet says so."
    ),
    status_code=HTTPStatus.CREATED,
    responses=api.responses(
        HTTPStatus.CREATED,
        transfer_shapes.TransferReceipt,
        errors.TransferToSelf,
        *api.MOVEMENT_REFUSALS,
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
    wallet_id: api.WalletId,
    customer_id: api.CustomerId,
    body: Transfer,
    key: api.IdempotencyKey,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: api.StoreOf,
) -> Response[Any]:
    facts = {
        "source": Source(body.source),
        "points_description": body.points_description,
        "metadata": api.metadata_text(body.metadata),
    }
    command = bodies.command("transfer", wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    return transfer_shapes.transfer_receipt(
        transfers.transfer(store, command, body.to_customer_id, body.points, datetime.now(UTC))
    )


lambda_handler = api.entry_point(app)
