"""GET /v1/customers/{customerId}/tiers, PUT /v1/programs/{programId}/customers/{customerId}/tier: customers' tiers."""

from http import HTTPStatus

from loyalty import errors
from loyalty.api.points.movements import Movement
from loyalty.api.tiers.customer_tiers import CustomerTiers, ProgramTier, TierRequest
from loyalty.http.calls import CallOf
from loyalty.http.commands import MOVEMENT_REFUSALS, answer_movement, command_of
from loyalty.http.parameters import CustomerId, IdempotencyKey, ProgramId
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, document_answers
from loyalty.usecases.programs import tiers

app = APIGatewayHttpResolver()


@app.get(
    "/v1/customers/<customerId>/tiers",
    summary="Read a customer's tiers",
    description=(
        "One entry for each ACTIVE program with a tier structure, also for a customer without a card. The tiers are "
        "those of this instant."
    ),
    responses=document_answers(HTTPStatus.OK, CustomerTiers),
    tags=["Programs"],
)
def read_tiers(
    call: CallOf,
    customer_id: CustomerId,
) -> Response:
    found = tiers.tiers_of(call.store, customer_id, call.now)
    return answer(CustomerTiers(data=[ProgramTier.of(one) for one in found]))


@app.put(
    "/v1/programs/<programId>/customers/<customerId>/tier",
    summary="Change a customer's tier by hand",
    description=(
        "The customer has the tier at least until `until`. Points may give a higher tier, and after `until` points "
        "alone decide. The answer is the transaction that records the tier."
    ),
    status_code=HTTPStatus.CREATED,
    responses=document_answers(
        HTTPStatus.CREATED,
        Movement,
        errors.ProgramNotFound,
        errors.TierNotFound,
        *MOVEMENT_REFUSALS,
        errors.LedgerTooLong,
        errors.InvalidDates,
    ),
    tags=["Programs"],
)
def give_tier(
    call: CallOf,
    program_id: ProgramId,
    customer_id: CustomerId,
    body: TierRequest,
    key: IdempotencyKey,
) -> Response:
    wallet_id = tiers.program_wallet(call.store, program_id, body.tier_id)
    command = command_of(call, "tier", wallet_id, customer_id, key, body.context, scope=(program_id,))
    return answer_movement(tiers.give_tier(call.store, command, program_id, body.tier_id, body.ends_at, call.now))


lambda_handler = entry_point(app)
