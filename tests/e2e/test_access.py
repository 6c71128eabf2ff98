"""Access control by the gateway and the authorizer of the deployed stack."""

import os
import subprocess
import sys

import pytest

from tests.support.live import ROOT, Live

pytestmark = pytest.mark.e2e


def test_a_request_without_a_key_is_refused(live: Live) -> None:
    assert live.client.get(f"{live.url}/v1/wallets").status_code == 401


def test_an_unknown_key_is_refused(live: Live) -> None:
    assert live.http("GET", "/wallets", headers={"X-Api-Key": "lw_unknown"}).status_code == 403


def test_a_key_may_call_only_the_routes_of_its_scopes(live: Live) -> None:
    _, key = live.make_key("wallets:read")

    assert live.http("GET", "/wallets", headers={"X-Api-Key": key}).status_code == 200
    refused = live.http("POST", "/wallets", {"name": "x"}, headers={"X-Api-Key": key})
    assert refused.status_code == 403
    assert (refused.json()["code"], refused.json()["requiredScope"]) == ("scope_missing", "wallets:write")


def test_a_revoked_key_is_refused(live: Live) -> None:
    key_id, key = live.make_key("wallets:read")
    environment = {**os.environ, **live.variables}
    command = [sys.executable, "-m", "scripts.key", "revoke", "--id", key_id]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)  # noqa: S603

    assert live.http("GET", "/wallets", headers={"X-Api-Key": key}).status_code == 403


def test_a_key_with_a_role_has_the_rights_of_the_role(live: Live) -> None:
    created = live.http("POST", "/keys", {"name": "test", "role": "agent"}).json()

    session = live.http("GET", "/session", headers={"X-Api-Key": created["key"]}).json()

    assert (session["actor"], session["role"], session["scopes"]) == (created["keyId"], "agent", created["scopes"])
    assert session["adjustmentMax"] == 5_000


def test_a_browser_of_an_allowed_origin_gets_the_cors_headers(live: Live) -> None:
    headers = {
        "Origin": "http://localhost:3000",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-api-key,idempotency-key,content-type",
    }
    answer = live.client.request("OPTIONS", f"{live.url}/v1/wallets", headers=headers)

    assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert "idempotency-key" in answer.headers["access-control-allow-headers"].lower()
