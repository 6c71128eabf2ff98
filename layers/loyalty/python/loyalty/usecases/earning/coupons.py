"""Codes of coupons: make, list, judge and revoke them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from loyalty.domain.dates import instant
from loyalty.domain.earning.campaign import Campaign, CampaignPhase, CampaignStatus
from loyalty.domain.earning.coupon import (
    CODE_LENGTH_MIN,
    DEFAULT_FORM,
    POSSIBLE_CODES_PER_CODE,
    Coupon,
    CouponReason,
    canonical_code,
    made_codes,
    possible_codes,
)
from loyalty.domain.earning.recurrence import Use, refusal
from loyalty.domain.earning.skips import SkipReason
from loyalty.domain.earning.trigger import TriggerType
from loyalty.domain.wallets.codes import Code
from loyalty.domain.zones import zone_of
from loyalty.errors import (
    ActionRequired,
    CampaignNotActive,
    CodeTaken,
    CouponNotFound,
    FieldProblem,
    InvalidRequest,
    KeyReused,
)
from loyalty.retry import retry
from loyalty.store.coupons import CREATED_MAX
from loyalty.store.store import Store
from loyalty.usecases.earning.campaigns import read
from loyalty.usecases.project import current_project


@dataclass(frozen=True, slots=True, kw_only=True)
class CodesDemand:
    """The codes that a request makes: either shared codes, or a number of unique codes."""

    shared: Sequence[str] = ()
    """Codes that any number of customers may redeem."""
    count: int = 0
    form: Code = DEFAULT_FORM
    """Of unique codes."""
    max_uses: int = 1
    """Of each unique code."""
    customer_ids: Sequence[str] = ()
    """The customers who may redeem the unique codes, one each; empty: every customer may redeem each code."""
    expires_at: int | None = None


def make_codes(
    store: Store, campaign_id: str, demand: CodesDemand, key: str, fingerprint: bytes, at: datetime, actor: str
) -> tuple[list[str], bool]:
    """Makes codes of the campaign; returns them in their order, and whether the request is a repetition.

    Unique codes follow from the campaign's seed and the request, so that a repetition makes the same codes, also if the
    first request made only some of them. Raises `CodeTaken` if a shared code exists, `KeyReused`, `CampaignNotFound`,
    `ActionRequired` for a campaign of another trigger, `CampaignNotActive` for a campaign that has ended, and
    `InvalidRequest`.
    """
    campaign = read(store, campaign_id)

    def attempt() -> tuple[list[str], bool]:
        recorded = store.coupons.request_fingerprint(campaign_id, key)
        if recorded is None:
            _require_possible(campaign, demand)
        elif recorded != fingerprint:
            message = "The idempotency key made other codes of this campaign. Use a new key."
            raise KeyReused.of_field("header.idempotency-key", message)
        codes = _make_missing(store, campaign, demand, fingerprint, instant(at))
        if recorded is None:
            store.coupons.record_request(campaign_id, key, fingerprint, instant(at), actor)
        return codes, recorded is not None

    return retry(attempt, "the campaign's codes")


def page_of_codes(
    store: Store, campaign_id: str, after: tuple[str, int] | None, limit: int
) -> tuple[list[Coupon], tuple[str, int] | None]:
    """Returns codes of the campaign, and the place after which the next page begins."""
    read(store, campaign_id)
    page = store.coupons.page(campaign_id, after, limit + 1)
    last = page[limit - 1] if len(page) > limit else None
    return page[:limit], (last.code, last.created_at) if last else None


def find(store: Store, code: str) -> Coupon:
    """Returns the coupon with the code, in any case of letters. Raises `CouponNotFound`."""
    coupon = store.coupons.get(canonical_code(code))
    if coupon is None:
        raise CouponNotFound(f"There is no coupon {canonical_code(code)}.")
    return coupon


def revoke(store: Store, code: str) -> None:
    """Makes the code useless for ever. Revoking it again changes nothing."""
    coupon = find(store, code)
    if not coupon.revoked:
        retry(lambda: store.coupons.revoke(coupon.code), "the coupon")


def judge(store: Store, code: str, customer_id: str | None, at: datetime) -> tuple[Coupon, str | None]:
    """Returns the coupon, and why it gives no points now; None if it may give points.

    Conditions, hours and the order are not judged. With a customer, the limits per customer are judged.
    """
    coupon, now = find(store, code), instant(at)
    campaign = read(store, coupon.campaign_id)
    reason = coupon.refusal(customer_id, now) or reason_of_campaign(store, campaign, now)
    limits = campaign.settings.limits_in_effect
    if reason is None and customer_id is not None and limits.counts:
        use = store.receipts.use(customer_id, campaign.campaign_id) or Use()
        reason = refusal(limits, use, now, zone_of(current_project(store).time_zone))
    return coupon, reason


def reason_of_campaign(store: Store, campaign: Campaign, now: int) -> str | None:
    """Returns why no code of the campaign gives points now; None if its codes may give points."""
    exhausted = bool(campaign.is_live and campaign.shards) and store.campaigns.is_exhausted(campaign.campaign_id)
    phase = campaign.phase(now, exhausted=exhausted)
    if phase is CampaignPhase.EXHAUSTED:
        return SkipReason.BUDGET_EXHAUSTED
    return None if phase is CampaignPhase.RUNNING and _is_of_coupons(campaign) else CouponReason.NOT_RUNNING


def _make_missing(store: Store, campaign: Campaign, demand: CodesDemand, request: bytes, now: int) -> list[str]:
    """Makes the codes of the request that do not exist; returns all codes of the request."""
    taken: set[str] = set()
    while True:
        codes = _codes_of(campaign, demand, request, taken)
        existing = store.coupons.among(codes)
        of_others = {
            code
            for number, code in enumerate(codes)
            if code in existing and not existing[code].is_made_by(request, number)
        }
        if not of_others:
            break
        if demand.shared:
            problems = [
                FieldProblem(f"body.codes[{number}]", CodeTaken.code, f"The code {code} exists.")
                for number, code in enumerate(codes)
                if code in of_others
            ]
            raise CodeTaken("Some of the codes exist. Choose other codes.", errors=problems)
        taken |= of_others
    missing = [
        _coupon(campaign, demand, request, number, code, now)
        for number, code in enumerate(codes)
        if code not in existing
    ]
    for start in range(0, len(missing), CREATED_MAX):
        store.coupons.create(missing[start : start + CREATED_MAX])
    return codes


def _codes_of(campaign: Campaign, demand: CodesDemand, request: bytes, taken: set[str]) -> list[str]:
    if demand.shared:
        return list(map(canonical_code, demand.shared))
    return made_codes(demand.form, campaign.seed, request, demand.count, taken)


def _coupon(campaign: Campaign, demand: CodesDemand, request: bytes, number: int, code: str, now: int) -> Coupon:
    return Coupon(
        code=code,
        campaign_id=campaign.campaign_id,
        created_at=now,
        max_uses=None if demand.shared else demand.max_uses,
        customer_id=demand.customer_ids[number] if demand.customer_ids else None,
        expires_at=demand.expires_at,
        request=request,
        number=number,
    )


def _is_of_coupons(campaign: Campaign) -> bool:
    trigger = campaign.settings.trigger
    return trigger is not None and trigger.type is TriggerType.COUPON


def _require_possible(campaign: Campaign, demand: CodesDemand) -> None:
    """Checks that the campaign can have codes, and that the form has enough codes."""
    if not _is_of_coupons(campaign):
        message = "Only a campaign with the trigger COUPON has codes."
        raise ActionRequired(message, errors=[FieldProblem("trigger.type", "no_coupons", message)])
    if campaign.status in (CampaignStatus.ENDED, CampaignStatus.DELETED):
        raise CampaignNotActive(f"The campaign is {campaign.status}.")
    if demand.shared:
        return
    form, needed = demand.form, demand.count * POSSIBLE_CODES_PER_CODE
    if form.problem or len(form.form) < CODE_LENGTH_MIN:
        message = form.problem or f"A code has at least {CODE_LENGTH_MIN} characters."
        problem = FieldProblem("body.config.pattern", "code_length", message)
        raise InvalidRequest("Not valid: body.config.pattern.", errors=[problem])
    if possible_codes(form) < needed:
        possible = f"Only {possible_codes(form):,} codes are possible, and {demand.count:,} codes need {needed:,}."
        field = f"body.config.{form.decisive_field}"
        problem = FieldProblem(field, "too_few_codes", f"{possible} Use longer codes.")
        raise InvalidRequest(f"Not valid: {field}.", errors=[problem])
