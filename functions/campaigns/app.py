"""/v1/campaigns…: define campaigns, activate, pause, resume, end, copy and delete them, and list their runs."""

from http import HTTPStatus
from typing import Annotated

from loyalty import errors
from loyalty.api.coupons import Coupon, CouponCodes, CouponCodesRequest, CouponList
from loyalty.api.earning.campaigns import (
    Campaign,
    CampaignCopyRequest,
    CampaignCreateRequest,
    CampaignList,
    CampaignUpdateRequest,
    CampaignValidation,
    CampaignVersion,
    CampaignVersionList,
)
from loyalty.api.earning.runs import CampaignRun, CampaignRunList
from loyalty.api.earning.stats import CampaignStats
from loyalty.domain.dates import instant
from loyalty.domain.earning import campaign as domain
from loyalty.domain.earning.campaign import CampaignStatus
from loyalty.http.calls import CallOf
from loyalty.http.gateway import fingerprint
from loyalty.http.pagination import cursor_of, from_cursor
from loyalty.http.parameters import (
    CampaignId,
    CursorText,
    Days,
    FilteredEvent,
    FilteredWalletId,
    IdempotencyKey,
    IfMatch,
    Limit,
    OptionalIdempotencyKey,
    expected_version,
)
from loyalty.http.resolver import APIGatewayHttpResolver, entry_point
from loyalty.http.responses import Response, answer, answer_created, answer_nothing, document_answers
from loyalty.http.routing import Query
from loyalty.usecases.earning import campaigns, coupons, runs, stats

app = APIGatewayHttpResolver()

CHANGES = (errors.CampaignNotFound, errors.CampaignNotActive)
ACTIVATIONS = (errors.ActionRequired, errors.TooManyCampaigns, *CHANGES)


@app.post(
    "/v1/campaigns",
    summary="Create a campaign",
    description="The campaign is ACTIVE at once, unless `status` is DRAFT.",
    status_code=HTTPStatus.CREATED,
    responses=document_answers(
        HTTPStatus.CREATED,
        Campaign,
        errors.InvalidPattern,
        errors.KeyReused,
        errors.ActionRequired,
        errors.TooManyCampaigns,
    ),
    tags=["Campaigns"],
)
def create_campaign(
    call: CallOf,
    body: CampaignCreateRequest,
    key: OptionalIdempotencyKey = None,
) -> Response:
    created, repeated = campaigns.create(
        call.store,
        body.document(),
        body.status,
        call.now,
        call.actor,
        key=key,
        fingerprint=fingerprint("create campaign", body=call.sent),
    )
    return _answer_created(created, repeated=repeated)


@app.get(
    "/v1/campaigns",
    summary="List campaigns",
    description="The campaigns are in the order of their ids. Deleted campaigns are listed only with `status=DELETED`.",
    responses=document_answers(HTTPStatus.OK, CampaignList, errors.InvalidCursor),
    tags=["Campaigns"],
)
def list_campaigns(
    call: CallOf,
    status: Annotated[CampaignStatus | None, Query(description="Only campaigns with this status.")] = None,
    event: FilteredEvent = None,
    wallet_id: FilteredWalletId = None,
    limit: Limit = 25,
    cursor: CursorText = None,
) -> Response:
    after = from_cursor(cursor, str)
    page, last = campaigns.page_of_campaigns(call.store, status, event, wallet_id, after[0] if after else None, limit)
    data = [Campaign.of(found, instant(call.now)) for found in campaigns.review(call.store, *page)]
    return answer(CampaignList(data=data, next_cursor=cursor_of([last]) if last else None))


@app.post(
    "/v1/campaigns/validate",
    summary="Validate a campaign's settings",
    description=(
        "Lists the activation rules that the settings do not meet. Takes the body of POST /v1/campaigns; the rules are "
        "the same for each `status`. Writes nothing."
    ),
    responses=document_answers(HTTPStatus.OK, CampaignValidation, errors.InvalidPattern),
    tags=["Campaigns"],
)
def validate_campaign(
    call: CallOf,
    body: CampaignCreateRequest,
) -> Response:
    settings = campaigns.acceptable_settings(body.document())
    return answer(CampaignValidation.of(campaigns.problems_of(call.store, settings)))


@app.get(
    "/v1/campaigns/<campaignId>",
    summary="Read a campaign",
    description="The answer has `phase` and `budgetUsed` of this instant. A DELETED campaign can be read too.",
    responses=document_answers(HTTPStatus.OK, Campaign, errors.CampaignNotFound),
    tags=["Campaigns"],
)
def read_campaign(
    call: CallOf,
    campaign_id: CampaignId,
) -> Response:
    return _campaign(call, campaigns.read(call.store, campaign_id))


@app.patch(
    "/v1/campaigns/<campaignId>",
    summary="Change a campaign",
    description=(
        "Each setting in the request is replaced completely, and null sets its default. A change of an ACTIVE campaign "
        "has an effect within 15 seconds. Granted points stay as they are. The numbers of a budget apply when the "
        "answer arrives; they cannot be less than what the campaign has given."
    ),
    responses=document_answers(
        HTTPStatus.OK,
        Campaign,
        errors.InvalidPattern,
        errors.PreconditionRequired,
        errors.PreconditionFailed,
        errors.SettingFixed,
        errors.BudgetSpent,
        *ACTIVATIONS,
    ),
    tags=["Campaigns"],
)
def change_campaign(
    call: CallOf,
    campaign_id: CampaignId,
    body: CampaignUpdateRequest,
    if_match: IfMatch = None,
) -> Response:
    version = expected_version(if_match)
    return _campaign(call, campaigns.change(call.store, campaign_id, body.document(), version, call.now, call.actor))


@app.delete(
    "/v1/campaigns/<campaignId>",
    summary="Delete a draft of a campaign",
    description="Only a DRAFT can be deleted; other campaigns can be ended. A deleted campaign stays readable.",
    status_code=HTTPStatus.NO_CONTENT,
    responses=document_answers(
        HTTPStatus.NO_CONTENT,
        None,
        errors.CampaignNotFound,
        errors.CampaignInUse,
        errors.PreconditionFailed,
    ),
    tags=["Campaigns"],
)
def delete_campaign(call: CallOf, campaign_id: CampaignId, if_match: IfMatch = None) -> Response:
    version = expected_version(if_match) if if_match else None
    campaigns.delete(call.store, campaign_id, version, call.now, call.actor)
    return answer_nothing()


@app.post(
    "/v1/campaigns/<campaignId>/activate",
    summary="Activate a campaign",
    description="A DRAFT becomes ACTIVE. The settings must meet all activation rules.",
    responses=document_answers(HTTPStatus.OK, Campaign, *ACTIVATIONS),
    tags=["Campaigns"],
)
def activate_campaign(
    call: CallOf,
    campaign_id: CampaignId,
) -> Response:
    return _campaign(call, campaigns.activate(call.store, campaign_id, call.now, call.actor))


@app.post(
    "/v1/campaigns/<campaignId>/pause",
    summary="Pause a campaign",
    description="After at most 15 seconds, the campaign gives no points until it is resumed.",
    responses=document_answers(HTTPStatus.OK, Campaign, *CHANGES),
    tags=["Campaigns"],
)
def pause_campaign(
    call: CallOf,
    campaign_id: CampaignId,
) -> Response:
    return _campaign(call, campaigns.pause(call.store, campaign_id, call.now, call.actor))


@app.post(
    "/v1/campaigns/<campaignId>/resume",
    summary="Resume a campaign",
    description="A PAUSED campaign becomes ACTIVE again. The settings must meet all activation rules.",
    responses=document_answers(HTTPStatus.OK, Campaign, *ACTIVATIONS),
    tags=["Campaigns"],
)
def resume_campaign(
    call: CallOf,
    campaign_id: CampaignId,
) -> Response:
    return _campaign(call, campaigns.resume(call.store, campaign_id, call.now, call.actor))


@app.post(
    "/v1/campaigns/<campaignId>/end",
    summary="End a campaign",
    description="After at most 15 seconds, the campaign gives no points any more. An ended campaign cannot be resumed.",
    responses=document_answers(HTTPStatus.OK, Campaign, *CHANGES),
    tags=["Campaigns"],
)
def end_campaign(
    call: CallOf,
    campaign_id: CampaignId,
) -> Response:
    return _campaign(call, campaigns.end(call.store, campaign_id, call.now, call.actor))


@app.post(
    "/v1/campaigns/<campaignId>/copy",
    summary="Copy a campaign as a draft",
    description="The copy has the settings of the campaign under another name.",
    status_code=HTTPStatus.CREATED,
    responses=document_answers(HTTPStatus.CREATED, Campaign, errors.CampaignNotFound),
    tags=["Campaigns"],
)
def copy_campaign(
    call: CallOf,
    campaign_id: CampaignId,
    body: CampaignCopyRequest,
) -> Response:
    return _answer_created(campaigns.copy(call.store, campaign_id, body.name, call.now, call.actor))


@app.get(
    "/v1/campaigns/<campaignId>/versions",
    summary="List a campaign's versions, newest first",
    description=(
        "A version has all settings, who saved them, and the kind of `change`. Versions of a deleted campaign stay "
        "readable."
    ),
    responses=document_answers(HTTPStatus.OK, CampaignVersionList, errors.CampaignNotFound, errors.InvalidCursor),
    tags=["Campaigns"],
)
def list_campaign_versions(
    call: CallOf, campaign_id: CampaignId, limit: Limit = 25, cursor: CursorText = None
) -> Response:
    below = from_cursor(cursor, int)
    page, last = campaigns.versions(call.store, campaign_id, below[0] if below else None, limit)
    data = [CampaignVersion.of(found, instant(call.now)) for found in campaigns.review(call.store, *page)]
    return answer(CampaignVersionList(data=data, next_cursor=cursor_of([last]) if last else None))


@app.get(
    "/v1/campaigns/<campaignId>/stats",
    summary="Read what a campaign gave on each day",
    description=(
        "Awards and points by the day of the decision. The numbers are some seconds late, and can be a few too high or "
        "too low after an outage. The transactions and `budgetUsed` are exact."
    ),
    responses=document_answers(HTTPStatus.OK, CampaignStats, errors.CampaignNotFound),
    tags=["Campaigns"],
)
def read_campaign_stats(
    call: CallOf,
    campaign_id: CampaignId,
    days: Days = 30,
) -> Response:
    return answer(CampaignStats.of(stats.last_days(call.store, campaign_id, days, call.now)))


@app.get(
    "/v1/campaigns/<campaignId>/runs",
    summary="List the runs of a scheduled campaign, newest first",
    description=(
        "One run for each date on which the schedule has started. The list of a campaign without a schedule is empty."
    ),
    responses=document_answers(HTTPStatus.OK, CampaignRunList, errors.CampaignNotFound, errors.InvalidCursor),
    tags=["Campaigns"],
)
def list_campaign_runs(call: CallOf, campaign_id: CampaignId, limit: Limit = 25, cursor: CursorText = None) -> Response:
    before = from_cursor(cursor, str)
    page, last = runs.page_of_runs(call.store, campaign_id, before[0] if before else None, limit)
    data = [CampaignRun.of(run) for run in page]
    return answer(CampaignRunList(data=data, next_cursor=cursor_of([last]) if last else None))


@app.post(
    "/v1/campaigns/<campaignId>/codes",
    summary="Create codes of a coupon campaign",
    description=(
        "`codes` are shared codes. `count` and `customerIds` make unique codes: a repeated request makes the same ones."
    ),
    status_code=HTTPStatus.CREATED,
    responses=document_answers(
        HTTPStatus.CREATED,
        CouponCodes,
        errors.KeyReused,
        errors.CampaignNotFound,
        errors.ActionRequired,
        errors.CampaignNotActive,
        errors.CodeTaken,
    ),
    tags=["Coupons"],
)
def make_codes(
    call: CallOf,
    campaign_id: CampaignId,
    body: CouponCodesRequest,
    key: IdempotencyKey,
) -> Response:
    sent = fingerprint("make codes", campaign_id, key, body=call.sent)
    made, repeated = coupons.make_codes(call.store, campaign_id, body.demand, key, sent, call.now, call.actor)
    return answer(CouponCodes(campaign_id=campaign_id, codes=made), status=HTTPStatus.CREATED, repeated=repeated)


@app.get(
    "/v1/campaigns/<campaignId>/codes",
    summary="List the codes of a coupon campaign",
    description="The codes have no particular order. A code appears some moments after it was made.",
    responses=document_answers(HTTPStatus.OK, CouponList, errors.CampaignNotFound, errors.InvalidCursor),
    tags=["Coupons"],
)
def list_codes(call: CallOf, campaign_id: CampaignId, limit: Limit = 25, cursor: CursorText = None) -> Response:
    after = from_cursor(cursor, str, int)
    page, last = coupons.page_of_codes(call.store, campaign_id, (after[0], after[1]) if after else None, limit)
    return answer(CouponList(data=list(map(Coupon.of, page)), next_cursor=cursor_of([*last]) if last else None))


def _campaign(call: CallOf, campaign: domain.Campaign) -> Response:
    return answer(Campaign.of(campaigns.inspect(call.store, campaign), instant(call.now)), etag=campaign.version)


def _answer_created(created: campaigns.ReviewedCampaign, *, repeated: bool = False) -> Response:
    campaign = created.campaign
    location = f"/v1/campaigns/{campaign.campaign_id}"
    # A repetition shows the phase of the first answer.
    body = Campaign.of(created, campaign.created_at)
    return answer_created(body, location, etag=campaign.version, repeated=repeated)


lambda_handler = entry_point(app)
