"""docs/guides/rewards.md agrees with the code: its examples are valid requests, and its reasons exist."""

import json
import re
from typing import Any

import pytest

from loyalty.api.catalogue.redemptions import CancelRequest, RewardRedemptionRequest
from loyalty.api.catalogue.rewards import RewardCodesRequest, RewardCreateRequest, StockRequest
from loyalty.domain.catalogue.activation_rules import activation_problems
from loyalty.domain.catalogue.availability import Unavailable
from loyalty.domain.catalogue.reward import RewardKind
from loyalty.domain.wallets.wallet import WalletStatus
from loyalty.errors import LoyaltyError
from loyalty.usecases.catalogue.codes import CODES_MAX
from loyalty.usecases.catalogue.rewards import acceptable_settings
from tests.support.template import ROOT

TEXT = (ROOT / "docs" / "guides" / "rewards.md").read_text()
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
WALLETS = dict.fromkeys(("wal_points", "wal_partner", "wal_status"), WalletStatus.ACTIVE)
MODELS: dict[str, Any] = {
    "name": RewardCreateRequest,
    "add": StockRequest,
    "codes": RewardCodesRequest,
    "rewardId": RewardRedemptionRequest,
    "writeOff": CancelRequest,
}


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_an_example_is_a_valid_request(place: int) -> None:
    example = EXAMPLES[place]
    request = MODELS[next(iter(example))].model_validate_json(json.dumps(example))
    if isinstance(request, RewardCreateRequest):
        assert activation_problems(acceptable_settings(request.document()), WALLETS) == []


def test_every_field_of_the_requests_is_explained() -> None:
    named = {*re.findall(r"`\"?(\w+)", TEXT), *(name for example in EXAMPLES for name in example)}
    assert {field.alias for model in MODELS.values() for field in model.model_fields.values()} - {"status"} <= named


def test_every_kind_has_an_example_and_every_reason_is_documented() -> None:
    assert re.findall(r"^\| `([A-Z_]+)` \|", TEXT, re.MULTILINE) == list(RewardKind)
    assert {example["kind"] for example in EXAMPLES if "kind" in example} == set(RewardKind)
    assert all(f"`{reason}`" in TEXT for reason in Unavailable)
    assert f"up to {CODES_MAX:,} codes in a request" in TEXT


def test_the_refusals_exist_with_their_statuses() -> None:
    statuses = {refusal.code: str(int(refusal.status)) for refusal in LoyaltyError.__subclasses__()}
    listed = re.findall(r"`(\w+)` \((\d+)\)", TEXT)
    assert len(set(listed)) == 10
    assert set(listed) <= set(statuses.items())
