"""/v1/customers/{customerId}/redemptions…, …/entitlements: redeem rewards, fulfill and cancel redemptions."""

from http import HTTPStatus

from loyalty import errors
from loyalty.api.catalogue.redemptions import (
    CancelRequest,
    Entitlement,
    EntitlementList,
    MovedRedemption,
    RedemptionDryRun,
    RewardRedemption,
    RewardRedemptionList,
    RewardRedemptionRequest,
)
from loyalty.domain.access import Scope
from loyalty.domain.schema import metadata_text
from loyalty.http.calls import Call, CallOf
from loyalty.http.commands import movement_key
from loyalty.http.gateway import fingerprint
from loyalty.http.pagination import cursor_of, from_cursor
from loyalty.http.parameters import (
    CursorText,
    CustomerId,
    IdempotencyKey,
    Limit,
    OptionalIdempotencyKey,
    RedemptionId,
)
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, document_answers
from loyalty.usecases.catalogue import cancellations, entitlements, redemptions
from loyalty.usecases.catalogue.redemptions import Sender

app = APIGatewayHttpResolver()

OF_CARDS = (errors.CardFrozen, errors.CardClosed, errors.BalanceTooLarge, errors.ClockSkew)


@app.post(
    "/v1/customers/<customerId>/redemptions",
    summary="Redeem a reward",
    description=(
        "Takes the whole price from all wallets and gives the reward, in one transaction. If one wallet refuses, "
        "nothing is taken; `walletId` of the problem is that wallet. If the reward is not available, `reason` of the "
        "problem is `conditions`, `outside_hours`, `limit_per_customer` or `cooldown`."
    ),
    status_code=HTTPStatus.CREATED,
    responses=document_answers(
        HTTPStatus.CREATED,
        MovedRedemption,
        errors.KeyReused,
        errors.RewardNotFound,
        errors.RewardNotActive,
        errors.RewardNotAvailable,
        errors.OutOfStock,
        errors.WalletNotFound,
        errors.WalletDeleted,
        errors.WalletNotActive,
        errors.CardNotFound,
        errors.CardBlocked,
        errors.EarningLimitReached,
        errors.SpendingLimitReached,
        errors.InsufficientPoints,
        *OF_CARDS,
        dry_run=RedemptionDryRun,
    ),
    tags=["Redemptions"],
)
def redeem_reward(
    call: CallOf,
    customer_id: CustomerId,
    body: RewardRedemptionRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    key = movement_key(key, dry_run=body.dry_run)
    outcome = redemptions.redeem(
        call.store,
        customer_id,
        body.reward_id,
        metadata_text(body.metadata),
        _sender(call, key, "redeem", customer_id),
        call.now,
        dry=body.dry_run,
    )
    if outcome.unwritten:
        return answer(RedemptionDryRun.of(outcome))
    return answer(
        MovedRedemption.of(outcome),
        status=HTTPStatus.CREATED,
        location=f"/v1/customers/{customer_id}/redemptions/{outcome.redemption.redemption_id}",
        repeated=outcome.repeated,
    )


@app.get(
    "/v1/customers/<customerId>/redemptions",
    summary="List a customer's redemptions of rewards, newest first",
    description=(
        "Canceled redemptions are listed too. The transactions of a redemption are in the ledgers of the cards."
    ),
    responses=document_answers(HTTPStatus.OK, RewardRedemptionList, errors.InvalidCursor),
    tags=["Redemptions"],
)
def list_redemptions(call: CallOf, customer_id: CustomerId, limit: Limit = 25, cursor: CursorText = None) -> Response:
    after = from_cursor(cursor, int, str)
    page, last = redemptions.page_of_redemptions(
        call.store, customer_id, (after[0], after[1]) if after else None, limit
    )
    data = list(map(RewardRedemption.of, page))
    return answer(RewardRedemptionList(data=data, next_cursor=cursor_of([*last]) if last else None))


@app.get(
    "/v1/customers/<customerId>/redemptions/<redemptionId>",
    summary="Read the redemption of a reward",
    description="The answer has the present status, and the code of a DISCOUNT_CODE.",
    responses=document_answers(HTTPStatus.OK, RewardRedemption, errors.RedemptionNotFound),
    tags=["Redemptions"],
)
def read_redemption(
    call: CallOf,
    customer_id: CustomerId,
    redemption_id: RedemptionId,
) -> Response:
    return answer(RewardRedemption.of(redemptions.read(call.store, customer_id, redemption_id)))


@app.post(
    "/v1/customers/<customerId>/redemptions/<redemptionId>/fulfill",
    summary="Record that a product was handed over",
    description="An ISSUED redemption becomes FULFILLED. A second request changes nothing.",
    responses=document_answers(HTTPStatus.OK, RewardRedemption, errors.RedemptionNotFound, errors.RedemptionClosed),
    tags=["Redemptions"],
)
def fulfill_redemption(
    call: CallOf,
    customer_id: CustomerId,
    redemption_id: RedemptionId,
) -> Response:
    return answer(RewardRedemption.of(redemptions.fulfill(call.store, customer_id, redemption_id, call.now)))


@app.post(
    "/v1/customers/<customerId>/redemptions/<redemptionId>/cancel",
    summary="Cancel the redemption of a reward",
    description=(
        "Gives the price back on the very lots that it came from, in one transaction; points that expired meanwhile "
        "are renewed. The stock and the customer's limits get the redemption back; a code never goes back. Points that "
        "the reward gave are taken back. A redemption that was handed over, or whose reward is not cancelable, needs "
        "`force`."
    ),
    responses=document_answers(
        HTTPStatus.OK,
        MovedRedemption,
        errors.RedemptionNotFound,
        errors.RedemptionClosed,
        errors.RewardSpent,
        errors.WalletNotFound,
        errors.WalletDeleted,
        errors.CardNotFound,
        *OF_CARDS,
    ),
    tags=["Redemptions"],
)
def cancel_redemption(
    call: CallOf,
    customer_id: CustomerId,
    redemption_id: RedemptionId,
    body: CancelRequest,
    key: IdempotencyKey,
) -> Response:
    if body.force:
        call.require(Scope.REWARDS_WRITE)
    # A redemption is canceled once: the rows are stored under those of the redemption, so the key is compared.
    sender = _sender(call, key, "cancel redemption", customer_id, redemption_id, key)
    outcome = cancellations.cancel(call.store, customer_id, redemption_id, body.manner, sender, call.now)
    return answer(MovedRedemption.of(outcome), repeated=outcome.repeated)


@app.get(
    "/v1/customers/<customerId>/entitlements",
    summary="List the rights that a customer has now",
    description=(
        "The rights of FULFILLED redemptions of the kind ENTITLEMENT that have not ended, and the rights of the "
        "customer's tiers."
    ),
    responses=document_answers(HTTPStatus.OK, EntitlementList),
    tags=["Redemptions"],
)
def list_entitlements(
    call: CallOf,
    customer_id: CustomerId,
) -> Response:
    found = entitlements.entitlements_of(call.store, customer_id, call.now)
    return answer(EntitlementList(data=list(map(Entitlement.of, found))))


def _sender(call: Call, key: str, name: str, *ids: str) -> Sender:
    return Sender(
        key=key,
        fingerprint=fingerprint(name, *ids, body=call.sent),
        actor=call.actor,
        request_id=call.caller.request_id,
    )


lambda_handler = entry_point(app)
