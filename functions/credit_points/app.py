"""POST /v1/wallets/{walletId}/cards/{customerId}/credits: give points to a customer."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from loyalty import errors
from loyalty.api.points.movements import Credit, Receipt, movement_facts
from loyalty.http.calls import CallerOf, SentBody, StoreOf
from loyalty.http.commands import command_of
from loyalty.http.parameters import CustomerId, IdempotencyKey, WalletId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import MOVEMENT_REFUSALS, receipt, responses
from loyalty.usecases.points import credits

app = APIGatewayHttpResolver()


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/credits",
    summary="Give points",
    description="Points go to the pending or the active balance, by the wallet's settings or the dates sent.",
    status_code=HTTPStatus.CREATED,
    responses=responses(
        HTTPStatus.CREATED,
        Receipt,
        *MOVEMENT_REFUSALS,
        errors.CurrencyDiffers,
        errors.InvalidDates,
        errors.TooManyPendingLots,
        errors.OrderAmountRequired,
        errors.OrderAmountTooSmall,
        errors.EarningLimitReached,
        errors.BalanceTooLarge,
    ),
    tags=["Points"],
)
def credit_points(
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: Credit,
    key: IdempotencyKey,
    sent: SentBody,
    caller: CallerOf,
    store: StoreOf,
) -> Response[Any]:
    facts = {**movement_facts(body), "campaign_id": body.campaign_id}
    command = command_of("credit", wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    outcome = credits.credit(store, command, body.grant, datetime.now(UTC))
    return receipt(outcome)


lambda_handler = entry_point(app)
