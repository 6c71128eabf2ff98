"""Clients that are generated from docs/openapi.json: each credits, reads a refusal, reads pages and is turned away."""

import json
import os
import subprocess

import pytest

from scripts import contract
from tests.support.live import Live


@pytest.fixture(scope="module")
def errands() -> dict[str, list[str]]:
    try:
        return {name: list(map(str, command)) for name, command in contract.errands().items()}
    except contract.Missing as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def reading_key(live: Live) -> str:
    return live.make_key("points:read")[1]


@pytest.mark.parametrize("generator", ["openapi-python-client", "openapi-typescript", "openapi-generator"])
def test_a_generated_client_does_its_errand(
    live: Live, reading_key: str, errands: dict[str, list[str]], generator: str
) -> None:
    # There are two pages, so at least two wallets.
    live.wallet()
    variables = {
        "LOYALTY_API_URL": live.url,
        "LOYALTY_API_KEY": live.key,
        "READING_KEY": reading_key,
        "WALLET": live.wallet(),
        "CUSTOMER": f"client-{generator}",
        "PYTHONPATH": str(contract.PYTHON_PATH),
    }

    done = subprocess.run(  # noqa: S603 - the command is the project's own
        errands[generator], env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "credited": 100,
        "refused": {"status": 422, "code": "insufficient_points"},
        "noScope": {"status": 403, "code": "scope_missing"},
        "pages": 2,
        "unknownKey": {"status": 403, "message": "Forbidden"},
        "noKey": {"status": 401, "message": "Unauthorized"},
    }
