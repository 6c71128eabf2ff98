"""docs/guides/coupons.md agrees with the code: its examples are valid requests, and its reasons exist."""

import json
import re
from typing import Any

import pytest

from loyalty.api.coupons import COUNT_MAX, SHARED_MAX, CouponCodesRequest, CouponRedemptionRequest
from loyalty.api.earning.campaigns import CampaignCreateRequest
from loyalty.domain.earning.activation_rules import CampaignReferences, activation_problems
from loyalty.domain.earning.coupon import POSSIBLE_CODES_PER_CODE, CouponReason
from loyalty.domain.earning.skips import SkipReason
from loyalty.domain.wallets.wallet import WalletStatus
from loyalty.errors import LoyaltyError
from loyalty.usecases.earning.campaigns import acceptable_settings
from tests.support.template import ROOT

TEXT = (ROOT / "docs" / "guides" / "coupons.md").read_text()
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
REASONS = TEXT.partition("## Why a coupon gives nothing\n")[2]
PROJECT = CampaignReferences(wallets={"wal_points": WalletStatus.ACTIVE})
MODELS: dict[str, Any] = {"name": CampaignCreateRequest, "customerId": CouponRedemptionRequest}


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_an_example_is_a_valid_request(place: int) -> None:
    example = EXAMPLES[place]
    request = MODELS.get(next(iter(example)), CouponCodesRequest).model_validate_json(json.dumps(example))
    if isinstance(request, CampaignCreateRequest):
        assert activation_problems(acceptable_settings(request.document()), PROJECT) == []


def test_every_field_of_the_requests_is_explained() -> None:
    named = {*re.findall(r"`(\w+)`", TEXT), *(name for example in EXAMPLES for name in example)}
    assert {
        field.alias for model in (CouponCodesRequest, CouponRedemptionRequest) for field in model.model_fields.values()
    } <= named


def test_every_reason_of_a_coupon_is_documented_and_the_other_reasons_exist() -> None:
    assert re.findall(r"^\| `(\w+)` \|", REASONS, re.MULTILINE) == list(CouponReason)
    others = re.findall(r"`(\w+_\w+|conditions|cooldown)`", REASONS.partition("Otherwise")[2])
    assert len(others) == 8
    assert set(others) <= {*SkipReason, *(refusal.code for refusal in LoyaltyError.__subclasses__())}


def test_the_bounds_are_those_of_the_code() -> None:
    assert f"up to {SHARED_MAX} in a request" in TEXT
    assert f"up to {COUNT_MAX:,} in a request" in TEXT
    assert f"{POSSIBLE_CODES_PER_CODE:,} different codes" in TEXT
