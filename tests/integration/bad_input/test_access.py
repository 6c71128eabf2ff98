"""A key without the scope of the route is refused before all other errors of the request."""

import pytest

from loyalty.domain.access import ANY, SCOPES
from loyalty.http.routes import ROUTE_SCOPES
from tests.integration.bad_input.sender import Sender
from tests.support.requests import ROUTES


@pytest.mark.parametrize("route", ROUTES)
def test_a_key_without_the_scope_of_the_route_is_refused_before_all_other_checks(
    sender: Sender, route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = " ".join(sorted(SCOPES - {ROUTE_SCOPES[route]}))
    for scopes in ("", others) if ROUTE_SCOPES[route] != ANY else ("",):
        monkeypatch.setattr(sender.stack, "scopes", scopes)
        answer = sender.refused(route, code="scope_missing", raw="{")
        assert answer.status == 403
        assert ROUTE_SCOPES[route] in answer.body["detail"]
