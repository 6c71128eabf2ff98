"""/v1/rewards…: define rewards of the catalogue, activate, pause, end and delete them, add stock and codes."""

from http import HTTPStatus
from typing import Annotated

from loyalty import errors
from loyalty.api.catalogue.rewards import (
    ListedReward,
    Reward,
    RewardCodes,
    RewardCodesRequest,
    RewardCreateRequest,
    RewardList,
    RewardUpdateRequest,
    RewardValidation,
    RewardVersion,
    RewardVersionList,
    StockRequest,
)
from loyalty.domain.catalogue import reward as domain
from loyalty.domain.catalogue.reward import RewardStatus
from loyalty.domain.dates import instant
from loyalty.http.calls import CallOf
from loyalty.http.gateway import fingerprint
from loyalty.http.pagination import cursor_of, from_cursor
from loyalty.http.parameters import (
    CursorText,
    IfMatch,
    Limit,
    OptionalIdempotencyKey,
    RedeemingCustomerId,
    RewardId,
    expected_version,
)
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, answer_created, answer_nothing, document_answers
from loyalty.http.routing import Query
from loyalty.usecases.catalogue import codes, offers, rewards

app = APIGatewayHttpResolver()

CHANGES = (errors.RewardNotFound, errors.RewardNotActive)
VERSIONED = (errors.PreconditionRequired, errors.PreconditionFailed, errors.ActionRequired, *CHANGES)


@app.post(
    "/v1/rewards",
    summary="Create a reward",
    description="The reward is ACTIVE at once, unless `status` is DRAFT.",
    status_code=HTTPStatus.CREATED,
    responses=document_answers(
        HTTPStatus.CREATED, Reward, errors.InvalidPattern, errors.KeyReused, errors.ActionRequired
    ),
    tags=["Rewards"],
)
def create_reward(
    call: CallOf,
    body: RewardCreateRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    created, repeated = rewards.create(
        call.store,
        body.document(),
        body.status,
        call.now,
        call.actor,
        key=key,
        fingerprint=fingerprint("create reward", body=call.sent),
    )
    location = f"/v1/rewards/{created.reward.reward_id}"
    return answer_created(Reward.of(created), location, etag=created.reward.version, repeated=repeated)


@app.get(
    "/v1/rewards",
    summary="List rewards",
    description=(
        "The rewards are in the order of their ids. With `customerId`, the list has the ACTIVE rewards, each with "
        "whether the customer can redeem it now. `left` may be ten seconds old. Deleted rewards are listed only with "
        "`status=DELETED`."
    ),
    responses=document_answers(HTTPStatus.OK, RewardList, errors.InvalidCursor),
    tags=["Rewards"],
)
def list_rewards(
    call: CallOf,
    status: Annotated[RewardStatus | None, Query(description="Only rewards with this status.")] = None,
    customer_id: RedeemingCustomerId = None,
    limit: Limit = 25,
    cursor: CursorText = None,
) -> Response:
    after = from_cursor(cursor, str)
    wanted = status or (RewardStatus.ACTIVE if customer_id else None)
    page, last = rewards.page_of_rewards(call.store, wanted, after[0] if after else None, limit)
    found = rewards.review(call.store, page, instant(call.now))
    offered = offers.offers(call.store, page, customer_id, call.now) if customer_id else [None] * len(page)
    data = [ListedReward.of(*one) for one in zip(found, offered, strict=True)]
    return answer(RewardList(data=data, next_cursor=cursor_of([last]) if last else None))


@app.post(
    "/v1/rewards/validate",
    summary="Validate a reward's settings",
    description=(
        "Lists the activation rules that the settings do not meet. Takes the body of POST /v1/rewards; the rules are "
        "the same for each `status`. Writes nothing."
    ),
    responses=document_answers(HTTPStatus.OK, RewardValidation, errors.InvalidPattern),
    tags=["Rewards"],
)
def validate_reward(
    call: CallOf,
    body: RewardCreateRequest,
) -> Response:
    settings = rewards.acceptable_settings(body.document())
    return answer(RewardValidation.of(rewards.problems_of(call.store, settings)))


@app.get(
    "/v1/rewards/<rewardId>",
    summary="Read a reward",
    description="The answer has `left`, the stock of this instant. A DELETED reward can be read too.",
    responses=document_answers(HTTPStatus.OK, Reward, errors.RewardNotFound),
    tags=["Rewards"],
)
def read_reward(
    call: CallOf,
    reward_id: RewardId,
) -> Response:
    return _reward(call, rewards.read(call.store, reward_id))


@app.patch(
    "/v1/rewards/<rewardId>",
    summary="Change a reward",
    description=(
        "Each setting in the request is replaced completely, and null sets its default. The change applies to the next "
        "redemption; redemptions stay as they are."
    ),
    responses=document_answers(HTTPStatus.OK, Reward, errors.InvalidPattern, errors.SettingFixed, *VERSIONED),
    tags=["Rewards"],
)
def change_reward(
    call: CallOf,
    reward_id: RewardId,
    body: RewardUpdateRequest,
    if_match: IfMatch = None,
) -> Response:
    version = expected_version(if_match)
    return _reward(call, rewards.change(call.store, reward_id, body.document(), version, call.now, call.actor))


@app.delete(
    "/v1/rewards/<rewardId>",
    summary="Delete a draft of a reward",
    description="Only a DRAFT can be deleted; other rewards can be ended. A deleted reward stays readable.",
    status_code=HTTPStatus.NO_CONTENT,
    responses=document_answers(
        HTTPStatus.NO_CONTENT, None, errors.RewardNotFound, errors.RewardInUse, errors.PreconditionFailed
    ),
    tags=["Rewards"],
)
def delete_reward(call: CallOf, reward_id: RewardId, if_match: IfMatch = None) -> Response:
    version = expected_version(if_match) if if_match else None
    rewards.delete(call.store, reward_id, version, call.now, call.actor)
    return answer_nothing()


@app.post(
    "/v1/rewards/<rewardId>/activate",
    summary="Activate a reward",
    description="A DRAFT or PAUSED reward becomes ACTIVE. The settings must meet all activation rules.",
    responses=document_answers(HTTPStatus.OK, Reward, errors.ActionRequired, *CHANGES),
    tags=["Rewards"],
)
def activate_reward(
    call: CallOf,
    reward_id: RewardId,
) -> Response:
    return _reward(call, rewards.activate(call.store, reward_id, call.now, call.actor))


@app.post(
    "/v1/rewards/<rewardId>/pause",
    summary="Pause a reward",
    description="The reward cannot be redeemed until it is activated again.",
    responses=document_answers(HTTPStatus.OK, Reward, *CHANGES),
    tags=["Rewards"],
)
def pause_reward(
    call: CallOf,
    reward_id: RewardId,
) -> Response:
    return _reward(call, rewards.pause(call.store, reward_id, call.now, call.actor))


@app.post(
    "/v1/rewards/<rewardId>/end",
    summary="End a reward",
    description="The reward can never be redeemed again. Its redemptions can still be fulfilled and canceled.",
    responses=document_answers(HTTPStatus.OK, Reward, *CHANGES),
    tags=["Rewards"],
)
def end_reward(
    call: CallOf,
    reward_id: RewardId,
) -> Response:
    return _reward(call, rewards.end(call.store, reward_id, call.now, call.actor))


@app.get(
    "/v1/rewards/<rewardId>/versions",
    summary="List a reward's versions, newest first",
    description=(
        "A version has all settings, who saved them, and the kind of `change`. `codes` and `left` are those of now."
    ),
    responses=document_answers(HTTPStatus.OK, RewardVersionList, errors.RewardNotFound, errors.InvalidCursor),
    tags=["Rewards"],
)
def list_reward_versions(call: CallOf, reward_id: RewardId, limit: Limit = 25, cursor: CursorText = None) -> Response:
    below = from_cursor(cursor, int)
    page, last = rewards.versions(call.store, reward_id, below[0] if below else None, limit)
    data = list(map(RewardVersion.of, rewards.review(call.store, page)))
    return answer(RewardVersionList(data=data, next_cursor=cursor_of([last]) if last else None))


@app.post(
    "/v1/rewards/<rewardId>/stock",
    summary="Add to a reward's stock",
    description="The stock is available at once. `If-Match` keeps a repeated request from adding the stock twice.",
    responses=document_answers(HTTPStatus.OK, Reward, *VERSIONED),
    tags=["Rewards"],
)
def add_reward_stock(
    call: CallOf,
    reward_id: RewardId,
    body: StockRequest,
    if_match: IfMatch = None,
) -> Response:
    version = expected_version(if_match)
    return _reward(call, rewards.add_stock(call.store, reward_id, body.add, version, call.now, call.actor))


@app.post(
    "/v1/rewards/<rewardId>/codes",
    summary="Add codes to a reward",
    description=(
        "Only a DISCOUNT_CODE has codes. A code that the reward has already is left out, so the same request can be "
        "sent again."
    ),
    responses=document_answers(HTTPStatus.OK, RewardCodes, *CHANGES),
    tags=["Rewards"],
)
def add_reward_codes(
    call: CallOf,
    reward_id: RewardId,
    body: RewardCodesRequest,
) -> Response:
    return answer(RewardCodes.of(codes.add_codes(call.store, reward_id, body.codes)))


def _reward(call: CallOf, reward: domain.Reward) -> Response:
    (found,) = rewards.review(call.store, [reward])
    return answer(Reward.of(found), etag=reward.version)


lambda_handler = entry_point(app)
