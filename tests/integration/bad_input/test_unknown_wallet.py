"""A wallet that does not exist is named as the cause on every route with a wallet in its path."""

import pytest

from tests.integration.bad_input.sender import Sender
from tests.support.requests import ROUTES


@pytest.mark.parametrize("route", [route for route in ROUTES if " /v1/wallets/{walletId}" in route])
def test_an_unknown_wallet_is_not_found(sender: Sender, route: str) -> None:
    answer = sender.refused(route, code="wallet_not_found", ids={"walletId": "wal_unknown"})
    assert answer.status == 404
