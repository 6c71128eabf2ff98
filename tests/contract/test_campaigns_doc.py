"""docs/guides/campaigns.md agrees with the code: it explains every setting, and its examples are valid."""

import json
import re
from typing import Any

import pytest

from loyalty.api.earning.campaigns import CampaignCreateRequest
from loyalty.api.earning.settings import CustomerLimitsInput, MultiplierInput, RewardInput
from loyalty.domain.earning.activation_rules import CampaignReferences, activation_problems
from loyalty.domain.earning.campaign import CampaignStatus
from loyalty.domain.earning.evaluation import AWARDS_MAX, CARDS_MAX
from loyalty.domain.earning.multipliers import PRODUCT_MAX
from loyalty.domain.earning.skips import SkipReason
from loyalty.domain.wallets.wallet import WalletStatus
from loyalty.errors import LoyaltyError
from loyalty.store.receipts import SKIPS_MAX
from loyalty.usecases.earning.campaigns import LIVE_MAX, LIVE_OF_EVENT_MAX, acceptable_settings
from tests.support.template import ROOT

TEXT = (ROOT / "docs" / "guides" / "campaigns.md").read_text()
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
PROJECT = CampaignReferences(events=["cart.abandoned"], wallets={"wal_points": WalletStatus.ACTIVE})
REASONS = TEXT.partition("### Why a campaign gives nothing\n")[2].partition("\n## ")[0]
REWARDS = [{"walletId": "wal_points", "type": "FIXED", "points": 1}]


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_a_campaign_with_an_example_may_be_active(place: int) -> None:
    example = EXAMPLES[place]
    rest = {} if "multiplier" in example else {"rewards": REWARDS}
    base = {"name": "Example", "trigger": {"type": "EVENT", "event": "order.paid"}, **rest}
    request = CampaignCreateRequest.model_validate({**base, **example})
    assert activation_problems(acceptable_settings(request.document()), PROJECT) == []


@pytest.mark.parametrize("model", [CampaignCreateRequest, RewardInput, MultiplierInput, CustomerLimitsInput])
def test_every_setting_is_explained(model: Any) -> None:
    explained = set(re.findall(r"`([^`]+)`", TEXT)) | {path.split(".")[0] for path in re.findall(r"`([\w.]+)`", TEXT)}
    names = {field.alias for field in model.model_fields.values()} - {"status"}
    assert names - explained == set()


def test_the_bounds_and_the_statuses_are_those_of_the_code() -> None:
    assert f"At most {LIVE_MAX} campaigns" in TEXT
    assert f"at most {LIVE_OF_EVENT_MAX} of them" in TEXT
    listed = re.findall(r"^\| `([A-Z]+)` \|", TEXT, re.MULTILINE)
    assert {*listed, "DELETED"} == set(CampaignStatus)


def test_every_reason_of_a_skipped_campaign_is_documented_and_no_other() -> None:
    assert re.findall(r"^\| `(\w+)` \|", REASONS, re.MULTILINE) == list(SkipReason)


def test_the_refusals_that_are_reasons_exist() -> None:
    named = set(re.findall(r"`(\w+)`", REASONS.rpartition("errors.md")[2]))
    assert len(named) == 3
    assert named <= {refusal.code for refusal in LoyaltyError.__subclasses__()}


def test_the_bounds_of_an_event_are_those_of_the_code() -> None:
    assert f"at most {AWARDS_MAX} awards, in at most {CARDS_MAX} wallets" in TEXT
    assert f"shortened to {SKIPS_MAX} campaigns" in TEXT
    assert f"up to {PRODUCT_MAX:,}" in TEXT
