"""docs/guides/programs.md agrees with the code: its examples are valid requests, and its values and refusals exist."""

import json
import re
from typing import Any

import pytest

from loyalty.api.tiers.customer_tiers import ProgramTier, TierRequest
from loyalty.api.tiers.programs import ProgramCreateRequest, WalletAssignmentRequest
from loyalty.api.tiers.structures import BenefitsInput, LevelInput, TierStructureCreateRequest
from loyalty.domain.tiers.document import structure_from
from loyalty.domain.tiers.program import WALLETS_MAX, ProgramStatus
from loyalty.domain.tiers.structure import TierBasis, TierDowngrade, TierUpgrade, TierValidity
from loyalty.domain.tiers.structure_version import structure_problems
from loyalty.errors import LoyaltyError
from loyalty.http.routes import ROUTE_SCOPES
from loyalty.messaging.program_events import PROGRAM_DETAILS
from loyalty.usecases.programs.attachment import WALLETS_OF_STRUCTURE_MAX
from tests.support.template import ROOT

TEXT = (ROOT / "docs" / "guides" / "programs.md").read_text()
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
MODELS: dict[str, Any] = {
    "programId": ProgramCreateRequest,
    "tierStructureId": WalletAssignmentRequest,
    "tierId": TierRequest,
}


@pytest.mark.parametrize("place", range(len(EXAMPLES)))
def test_an_example_is_a_valid_request(place: int) -> None:
    example = EXAMPLES[place]
    model = MODELS.get(next(iter(example)), TierStructureCreateRequest)
    request = model.model_validate_json(json.dumps(example))
    if isinstance(request, TierStructureCreateRequest):
        assert list(structure_problems(structure_from(request.document()))) == []


def test_every_field_and_value_is_explained() -> None:
    named = {*re.findall(r"`(\w+)`", TEXT), *re.findall(r'"(\w+)"', TEXT)}
    requests = (*MODELS.values(), TierStructureCreateRequest, LevelInput, BenefitsInput)
    assert {field.alias for model in requests for field in model.model_fields.values()} <= named
    own = {"programId", "walletId", "calculating"}
    assert {field.alias for field in ProgramTier.model_fields.values()} - own <= named
    assert {"status", "shards", "finishedShards"} <= named
    assert {*ProgramStatus, *TierBasis, *TierUpgrade, *TierValidity, *TierDowngrade} <= named


def test_every_route_and_event_is_listed() -> None:
    routes = [
        route for route in ROUTE_SCOPES if "/programs" in route or "/tier-structures" in route or "/tiers" in route
    ]
    listed = " ".join(TEXT.replace("…/deactivate", "/v1/programs/{programId}/deactivate").split())
    assert [route for route in routes if route.split(" ")[1] not in listed] == []
    assert [event for event in PROGRAM_DETAILS if f"`{event}`" not in listed] == []


def test_the_refusals_exist_with_their_statuses_and_the_bounds_are_those_of_the_code() -> None:
    statuses = {refusal.code: str(int(refusal.status)) for refusal in LoyaltyError.__subclasses__()}
    found = re.findall(r"^\| `(\w+)` \((\d+)\) \|", TEXT, re.MULTILINE)
    assert len(found) == 9
    assert set(found) <= set(statuses.items())
    assert f"at most {WALLETS_MAX} wallets" in TEXT
    assert f"up to {WALLETS_OF_STRUCTURE_MAX} programs" in TEXT
