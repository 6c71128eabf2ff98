"""docs/guides/customers.md agrees with the code: its examples are valid requests, and its refusals exist."""

import json
import re
from typing import Any

import pytest

from loyalty.api.customers import CustomerRequest, ReferralCodeRequest, SegmentChangeRequest
from loyalty.domain.customer import Channel
from loyalty.domain.patterns import compile_pattern
from loyalty.errors import LoyaltyError
from tests.support.template import ROOT

TEXT = (ROOT / "docs" / "guides" / "customers.md").read_text()
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
CONDITIONS = [example for example in EXAMPLES if "customer" in example]
REQUESTS = [example for example in EXAMPLES if "customer" not in example]
MODELS: dict[str, Any] = {"code": ReferralCodeRequest, "add": SegmentChangeRequest}


@pytest.mark.parametrize("example", REQUESTS, ids=json.dumps)
def test_an_example_is_a_valid_request(example: Any) -> None:
    MODELS.get(next(iter(example)), CustomerRequest).model_validate_json(json.dumps(example))


@pytest.mark.parametrize("example", CONDITIONS, ids=json.dumps)
def test_an_example_is_a_valid_condition(example: Any) -> None:
    compile_pattern(example)


def test_every_field_of_a_profile_is_explained() -> None:
    named = {*re.findall(r"`(\w+)`", TEXT), *(name for example in REQUESTS for name in example)}
    assert {field.alias for field in CustomerRequest.model_fields.values()} <= named
    assert set(Channel) <= named


def test_the_refusals_exist_with_their_statuses() -> None:
    statuses = {refusal.code: str(int(refusal.status)) for refusal in LoyaltyError.__subclasses__()}
    listed = re.findall(r"^\| `(\w+)` \((\d+)\) \|", TEXT, re.MULTILINE)
    assert len(listed) == 5
    assert set(listed) <= set(statuses.items())
