"""A key without the scope of the route is refused before all other errors of the request."""

import pytest

from loyalty.domain.access import ALL, ANY, SCOPES
from loyalty.http.routes import ROUTE_SCOPES
from tests.integration.bad_input.sender import Sender
from tests.integration.metering import metered
from tests.support.requests import ROUTES


@pytest.mark.parametrize("route", ROUTES)
def test_a_key_without_the_scope_of_the_route_is_refused_before_all_other_checks_and_without_a_read(
    sender: Sender, route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = " ".join(sorted(SCOPES - {ROUTE_SCOPES[route]}))
    for scopes in ("", others) if ROUTE_SCOPES[route] != ANY else ("",):
        monkeypatch.setattr(sender.stack, "scopes", scopes)
        with metered(sender.stack) as meter:
            answer = sender.refused(route, code="scope_missing", raw="{")
        assert meter.requests == []
        assert (answer.status, answer.body["requiredScope"]) == (403, ROUTE_SCOPES[route])


@pytest.mark.parametrize("route", [route for route in ROUTES if ROUTE_SCOPES[route] != ANY])
def test_the_scope_of_the_route_is_enough(sender: Sender, route: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender.stack, "scopes", ROUTE_SCOPES[route])
    sender.refused(route, code="invalid_json", raw="{")


def test_a_route_without_a_scope_is_refused_for_every_key(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ROUTE_SCOPES, "GET /v1/wallets")
    monkeypatch.setattr(sender.stack, "scopes", ALL)
    sender.refused("GET /v1/wallets", code="scope_missing")
