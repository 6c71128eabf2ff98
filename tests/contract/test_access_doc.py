"""docs/guides/access.md agrees with the code: its tables have all scopes and built-in roles, its example is valid."""

import json
import re

import pytest

from loyalty.api.project import ProjectRequest
from loyalty.domain.access import BUILT_IN_ROLES, ROLES_MAX, SCOPES, Rights
from loyalty.http.routes import ROUTE_SCOPES, grants
from tests.support.template import ROOT

TEXT = (ROOT / "docs" / "guides" / "access.md").read_text()
SCOPE_TABLE, ROLE_TABLE = TEXT.partition("## Scopes")[2].split("## Roles")
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
ROLE_ROWS = re.findall(r"^\| `(\w+)` \| (.*) \| (\S+) \|$", ROLE_TABLE, re.MULTILINE)


def documented_rights(scopes: str, adjustment_max: str) -> Rights:
    names = set(re.findall(r"`([a-z:*]+)`", scopes))
    if "viewer" in names:
        names = (names - {"viewer"}) | BUILT_IN_ROLES["viewer"].scopes
    return Rights(frozenset(names), None if adjustment_max == "none" else int(adjustment_max.replace(",", "")))


def test_the_table_of_scopes_has_every_scope_once() -> None:
    assert sorted(re.findall(r"^\| `(\S+)` \|", SCOPE_TABLE, re.MULTILINE)) == sorted(SCOPES)


def test_the_table_of_roles_has_the_rights_of_the_built_in_roles() -> None:
    assert {role: documented_rights(scopes, most) for role, scopes, most in ROLE_ROWS} == BUILT_IN_ROLES
    assert f"at most {ROLES_MAX} roles" in TEXT


@pytest.mark.parametrize("document", ["docs/start.md", "docs/guides/access.md"])
def test_the_key_of_a_shop_moves_points_and_reads_the_card(document: str) -> None:
    scopes = re.findall(r"--name shop --scopes ([a-z:,]+)", (ROOT / document).read_text())[0].split(",")
    card = "/v1/wallets/{walletId}/cards/{customerId}"
    moves = [f"POST {card}/{movement}" for movement in ("credits", "debits", "refunds")]
    for route in (*moves, f"GET {card}", f"GET {card}/transactions"):
        assert grants(scopes, ROUTE_SCOPES[route]), route
    assert set(scopes) <= set(SCOPES)


def test_the_example_is_a_valid_request() -> None:
    (example,) = EXAMPLES
    assert ProjectRequest.model_validate_json(json.dumps(example)).roles
