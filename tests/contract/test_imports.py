"""What the functions of the most frequent calls load: the earning engine costs them no cold start."""

import json
import subprocess
import sys

import pytest

from tests.support.template import ROOT

LOADED = "import json, sys; import functions.{}.app; print(json.dumps(sorted(sys.modules)))"


@pytest.mark.parametrize("folder", ["credit_points", "debit_points", "hold_points", "transfer_points"])
def test_a_movement_loads_nothing_of_campaigns(folder: str) -> None:
    path = f"{ROOT / 'layers/loyalty/python'}:{ROOT}"
    variables = {"PYTHONPATH": path, "LOYALTY_TABLE": "table", "AWS_DEFAULT_REGION": "us-east-1"}
    done = subprocess.run(  # noqa: S603  # this interpreter
        [sys.executable, "-c", LOADED.format(folder)], env=variables, capture_output=True, text=True, check=True
    )
    loaded = json.loads(done.stdout)
    assert "loyalty.store.cards" in loaded
    assert [
        name
        for name in loaded
        if "earning" in name or "tier" in name or name.endswith(("campaigns", "customers", "receipts", "pools"))
    ] == []


def test_movements_in_a_wallet_without_tiers_load_nothing_of_tiers() -> None:
    program = (
        "import json, sys; from tests.support.ledger import Ledger; from loyalty.store.card_items import card_item\n"
        "one = Ledger(); one.credit(100); one.debit(40); one.settled(); card_item(one.card)\n"
        "print(json.dumps([name for name in sys.modules if 'tier' in name]))"
    )
    path = f"{ROOT / 'layers/loyalty/python'}:{ROOT}"
    done = subprocess.run(  # noqa: S603  # this interpreter
        [sys.executable, "-c", program], env={"PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []
