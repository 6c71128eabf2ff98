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
        name for name in loaded if "earning" in name or name.endswith(("campaigns", "customers", "receipts", "pools"))
    ] == []
