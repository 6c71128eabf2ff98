"""docs/guides/using-the-api.md agrees with the code: its examples are valid requests of a valid size."""

import json
import re
from typing import Any

import pytest

from loyalty.api.points.batches import CREDITS_MAX, CreditBatchRequest
from tests.support.template import ROOT

TEXT = (ROOT / "docs" / "guides" / "using-the-api.md").read_text()
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]


@pytest.mark.parametrize("example", EXAMPLES, ids=json.dumps)
def test_an_example_is_a_valid_request(example: Any) -> None:
    CreditBatchRequest.model_validate_json(json.dumps(example))


def test_the_size_of_a_batch_is_the_one_of_the_code() -> None:
    assert f"credits up to {CREDITS_MAX} customers in one request" in TEXT
