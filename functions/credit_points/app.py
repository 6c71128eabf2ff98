"""POST /v1/wallets/{walletId}/cards/{customerId}/credits: give points to a customer."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Self

from aws_lambda_powertools.event_handler import Response
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from loyalty import api, bodies, errors, ledger, shapes
from loyalty.domain.credit import Grant
from loyalty.domain.dates import instant

app = api.APIGatewayHttpResolver()


class Credit(bodies.Movement):
    """Points, and dates of their own where they differ from the wallet's."""

    campaign_id: bodies.Id | None = None
    activates_at: bodies.Instant | None = None
    activate_after: bodies.PeriodBody | None = None
    expires_at: bodies.Instant | None = None
    expire_after: bodies.PeriodBody | None = None

    @model_validator(mode="after")
    def _one_date_each(self) -> Self:
        if self.activates_at and self.activate_after:
            raise PydanticCustomError("one_of", "Either activatesAt or activateAfter.", {"field": "activateAfter"})
        if self.expires_at and self.expire_after:
            raise PydanticCustomError("one_of", "Either expiresAt or expireAfter.", {"field": "expireAfter"})
        return self

    @property
    def grant(self) -> Grant:
        return Grant(
            self.points,
            activates_at=instant(self.activates_at) if self.activates_at else None,
            activates_after=self.activate_after.period if self.activate_after else None,
            expires_at=instant(self.expires_at) if self.expires_at else None,
            expires_after=self.expire_after.period if self.expire_after else None,
        )


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/credits",
    summary="Give points",
    description="Points go to the pending or the active balance, by the wallet's settings or the dates sent.",
    status_code=HTTPStatus.CREATED,
    responses=api.responses(
        HTTPStatus.CREATED,
        shapes.Receipt,
        *api.MOVEMENT_REFUSALS,
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
    wallet_id: api.WalletId,
    customer_id: api.CustomerId,
    body: Credit,
    key: api.IdempotencyKey,
    sent: api.SentBody,
    caller: api.CallerOf,
    store: api.StoreOf,
) -> Response[Any]:
    facts = {**bodies.movement_facts(body), "campaign_id": body.campaign_id}
    command = bodies.command("credit", wallet_id, customer_id, key, body=sent, caller=caller, facts=facts)
    outcome = ledger.credit(store, command, body.grant, datetime.now(UTC))
    return shapes.receipt(outcome)


lambda_handler = api.entry_point(app)
