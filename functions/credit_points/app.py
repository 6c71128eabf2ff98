"""Credit points: POST /v1/wallets/{walletId}/cards/{customerId}/credits to a customer, …/credits to up to 25."""

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus

from loyalty import errors
from loyalty.api.points.batches import BatchedCredit, CreditBatchRequest, CreditResult, CreditResults
from loyalty.api.points.movements import CreditRequest, DryRun, Movement
from loyalty.http.calls import Call, CallOf
from loyalty.http.commands import MOVEMENT_REFUSALS, answer_movement, command_of, movement_key
from loyalty.http.parameters import CustomerId, OptionalIdempotencyKey, WalletId
from loyalty.http.problems import problem_of_entry
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, document_answers
from loyalty.usecases.ledger import Command
from loyalty.usecases.points import credits

app = APIGatewayHttpResolver()

IN_A_PATH_OR_HEADER = {"customerId", "idempotencyKey"}
"""The fields of a batched credit that a single credit does not have in its body."""


@app.post(
    "/v1/wallets/<walletId>/cards/<customerId>/credits",
    summary="Credit points",
    description=(
        "The wallet's settings, or the dates in the request, decide when the points become active and expire. "
        "The first credit of a customer creates the card, if the wallet's `autoEnrol` is on."
    ),
    status_code=HTTPStatus.CREATED,
    responses=document_answers(
        HTTPStatus.CREATED,
        Movement,
        *MOVEMENT_REFUSALS,
        errors.CurrencyDiffers,
        errors.InvalidDates,
        errors.TooManyPendingLots,
        errors.OrderAmountRequired,
        errors.OrderAmountTooSmall,
        errors.EarningLimitReached,
        errors.BalanceTooLarge,
        errors.AdjustmentMaxExceeded,
        dry_run=DryRun,
    ),
    tags=["Points"],
)
def credit_points(
    call: CallOf,
    wallet_id: WalletId,
    customer_id: CustomerId,
    body: CreditRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    key = movement_key(key, dry_run=body.dry_run)
    command = command_of(call, "credit", wallet_id, customer_id, key, body.context, dry=body.dry_run)
    return answer_movement(credits.credit(call.store, command, body.grant, call.now))


@app.post(
    "/v1/wallets/<walletId>/credits",
    summary="Credit points to up to 25 customers",
    description=(
        "Each credit has its own key and its own result: a refused credit does not stop the others, and has its "
        "`problem`. The same credit sent alone, with its key in the header, is a repetition. Credits of one customer "
        "are made in the order of the request."
    ),
    responses=document_answers(HTTPStatus.OK, CreditResults, errors.WalletNotFound, errors.ClockSkew),
    tags=["Points"],
)
def credit_customers(
    call: CallOf,
    wallet_id: WalletId,
    body: CreditBatchRequest,
) -> Response:
    commands = [(_command(call, wallet_id, credit, place), credit.grant) for place, credit in enumerate(body.credits)]
    outcomes = credits.credit_each(call.store, wallet_id, commands, lambda: datetime.now(UTC))
    results = [
        CreditResult.refused(credit, problem_of_entry(outcome, f"body.credits[{place}]"))
        if isinstance(outcome, errors.LoyaltyError)
        else CreditResult.of(credit, outcome)
        for place, (credit, outcome) in enumerate(zip(body.credits, outcomes, strict=True))
    ]
    return answer(CreditResults(data=results))


def _command(call: Call, wallet_id: str, credit: BatchedCredit, place: int) -> Command:
    """The command of a credit of a batch: the one that the same credit makes alone, so both are repetitions.

    Its request has an id of its own. Otherwise a credit that the batch has twice would look like one credit that the
    SDK has sent twice.
    """
    sent = {name: value for name, value in call.sent["credits"][place].items() if name not in IN_A_PATH_OR_HEADER}
    caller = replace(call.caller, request_id=f"{call.caller.request_id}.{place}")
    alone = replace(call, caller=caller, sent=sent)
    return command_of(alone, "credit", wallet_id, credit.customer_id, credit.idempotency_key, credit.context)


lambda_handler = entry_point(app)
