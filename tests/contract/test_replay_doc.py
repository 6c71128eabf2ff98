"""docs/guides/replay.md agrees with the code: its example of an order is one that `make replay` reads."""

import json
import re

from scripts.replay import order_json
from tests.support.template import ROOT

TEXT = (ROOT / "docs" / "guides" / "replay.md").read_text()
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]


def test_the_example_of_an_order_is_read_with_its_refund() -> None:
    (example,) = EXAMPLES
    file, refunds = order_json.read([json.dumps(example)])
    (order,) = file.all_orders
    assert order.amount == sum(part["amount"] for part in (*example["items"], *example["charges"]))
    assert len(refunds.posted) == 1
