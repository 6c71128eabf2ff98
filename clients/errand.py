"""An errand with the client that openapi-python-client generates. Prints what was answered, as JSON."""

import json
import os
from http import HTTPStatus
from typing import Any

from loyalty_wallets import AuthenticatedClient, Client
from loyalty_wallets.api.points import credit_points, debit_points
from loyalty_wallets.api.wallets import list_wallets
from loyalty_wallets.models import (
    CreditRequest,
    DebitRequest,
    GatewayMessage,
    Movement,
    Problem,
    WalletList,
)
from loyalty_wallets.types import Response

URL, KEY = os.environ["LOYALTY_API_URL"], os.environ["LOYALTY_API_KEY"]
WALLET, CUSTOMER = os.environ["WALLET"], os.environ["CUSTOMER"]
READING_KEY = os.environ["READING_KEY"]


def client(key: str) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=URL, token=key, prefix="", auth_header_name="X-Api-Key")


def credited() -> int:
    answer = credit_points.sync(
        WALLET, CUSTOMER, client=client(KEY), body=CreditRequest(points=100), idempotency_key=f"credit-{CUSTOMER}"
    )
    assert isinstance(answer, Movement), answer
    return answer.balance.active


def refused(key: str) -> dict[str, Any]:
    answer = debit_points.sync(
        WALLET, CUSTOMER, client=client(key), body=DebitRequest(points=500), idempotency_key=f"debit-{CUSTOMER}"
    )
    assert isinstance(answer, Problem), answer
    return {"status": answer.status, "code": answer.code}


def pages() -> int:
    """Returns how many different wallets are on the first two pages."""
    first = list_wallets.sync(client=client(KEY), limit=1)
    assert isinstance(first, WalletList), first
    second = list_wallets.sync(client=client(KEY), limit=1, cursor=first.next_cursor)
    assert isinstance(second, WalletList), second
    return len({wallet.wallet_id for page in (first, second) for wallet in page.data})


def turned_away(unauthorized: AuthenticatedClient | Client) -> dict[str, Any]:
    answer: Response[Any] = list_wallets.sync_detailed(client=unauthorized)
    assert answer.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    assert isinstance(answer.parsed, GatewayMessage), answer.parsed
    return {"status": int(answer.status_code), "message": answer.parsed.message}


outcome = {
    "credited": credited(),
    "refused": refused(KEY),
    "noScope": refused(READING_KEY),
    "pages": pages(),
    "unknownKey": turned_away(client("unknown")),
    "noKey": turned_away(Client(base_url=URL)),
}
print(json.dumps(outcome))
