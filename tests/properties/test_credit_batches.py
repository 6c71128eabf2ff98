"""A batch of credits does what the same credits do one after another: equal results, cards and ledgers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from hypothesis import event, given
from hypothesis import strategies as st

from tests.integration.accounts import START, account, at
from tests.support.audit import TableAudit
from tests.support.emulator import copied_items, paste_items
from tests.support.stack import Stack

Json = Any

RANDOM = {"cardId", "transactionId", "requestId", "fingerprint", "hash"}
CUSTOMERS = ("ann", "bob", "frozen", "closed")
WALLETS: tuple[dict[str, Json], ...] = (
    {},
    {"autoEnrol": False},
    {"earningLimits": {"global": {"type": "BALANCE_BASED", "max": 300}}},
    {"earningLimits": {"transaction": {"maxPoints": 150, "minAmount": 500, "whenExceeded": "REJECT"}}},
    {
        "expiration": {"type": "ROLLING_EXPIRATION", "every": 1, "unit": "DAY"},
        "pending": {"type": "PERIOD_BASED", "every": 1, "unit": "HOUR"},
    },
)
CREDIT = st.fixed_dictionaries(
    {
        "customerId": st.sampled_from(CUSTOMERS),
        "idempotencyKey": st.sampled_from(["first-key", "other-key", "third-key"]),
        "points": st.sampled_from([1, 100, 151, 301]),
    },
    optional={
        "orderId": st.sampled_from(["A", "B"]),
        "source": st.sampled_from(["API", "Manual"]),
        "expiresAt": st.sampled_from([at(days=3), at(days=-3)]),
        "activatesAt": st.just(at(days=2)),
        "metadata": st.just({"channel": "web"}),
    },
)


_prepared: dict[int, tuple[str, str, bytes]] = {}
"""Two equal wallets and all items of the table, by the place of their settings."""


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with time_machine.travel(START, tick=False), account() as stack:
        yield stack


def prepared(stack: Stack, place: int) -> tuple[str, str]:
    """Two equal wallets in which some customers have cards, one frozen and one closed."""
    if place not in _prepared:
        first, second = (wallet_with_cards(stack, WALLETS[place]) for _ in range(2))
        _prepared[place] = first, second, copied_items("loyalty")
    first, second, items = _prepared[place]
    paste_items("loyalty", items)
    return first, second


def wallet_with_cards(stack: Stack, settings: dict[str, Json]) -> str:
    wallet = stack.wallet(**settings)
    for customer in CUSTOMERS[1:]:
        stack.http("POST", f"/v1/wallets/{wallet}/cards", {"customerId": customer})
    for customer, status in (("frozen", "FROZEN"), ("closed", "CLOSED")):
        path = f"/v1/wallets/{wallet}/cards/{customer}"
        etag = stack.http("GET", path).headers["ETag"]
        stack.http("PATCH", path, {"status": status}, headers={"If-Match": etag})
    return wallet


def alone(stack: Stack, wallet: str, credit: dict[str, Json], place: int) -> Json:
    """The result that the credit would have at this place of a batch, from a request of its own."""
    body = {name: value for name, value in credit.items() if name not in ("customerId", "idempotencyKey")}
    path = f"/v1/wallets/{wallet}/cards/{credit['customerId']}/credits"
    answer = stack.http("POST", path, body, key=credit["idempotencyKey"])
    is_done = answer.status == 201
    problem = None if is_done else answer.body
    for error in problem["errors"] if problem else []:
        name = error["field"].partition(".")[2].replace("idempotency-key", "idempotencyKey")
        error |= {"field": f"body.credits[{place}].{name}", "step": None}
    return {
        "customerId": credit["customerId"],
        "idempotencyKey": credit["idempotencyKey"],
        "transaction": answer.body["transaction"] if is_done else None,
        "balance": answer.body["balance"] if is_done else None,
        "replayed": answer.headers.get("Idempotent-Replayed") == "true",
        "problem": problem,
    }


def without_ids(wallet: str, body: Json) -> Json:
    """The body as it is in any wallet and on any card."""

    def comparable(body: Json) -> Json:
        if isinstance(body, list):
            return [comparable(one) for one in body]
        if isinstance(body, dict):
            return {name: comparable(value) for name, value in body.items() if name not in RANDOM}
        return body

    return comparable(json.loads(json.dumps(body).replace(wallet, "wallet")))


def cards(stack: Stack, wallet: str) -> Json:
    """The cards of the wallet without their codes, by customer."""
    found = stack.http("GET", f"/v1/wallets/{wallet}/cards").body["data"]
    return {card["customerId"]: without_ids(wallet, {**card, "code": None}) for card in found}


@given(place=st.integers(0, len(WALLETS) - 1), credits=st.lists(CREDIT, min_size=1, max_size=4))
def test_a_batch_does_what_its_credits_do_one_after_another(
    stack: Stack, place: int, credits: list[dict[str, Json]]
) -> None:
    batched, single = prepared(stack, place)
    answer = stack.http("POST", f"/v1/wallets/{batched}/credits", {"credits": credits})
    results = [alone(stack, single, credit, number) for number, credit in enumerate(credits)]

    assert answer.status == 200, answer.text
    assert without_ids(batched, answer.body["data"]) == without_ids(single, results)
    assert cards(stack, batched) == cards(stack, single)
    again = stack.http("POST", f"/v1/wallets/{batched}/credits", {"credits": credits}).body["data"]
    assert [(one["transaction"], one["balance"]) for one in again] == [
        (one["transaction"], one["balance"]) for one in answer.body["data"]
    ]
    assert TableAudit(stack.items()).drifts() == []
    for one in results:
        event(str(one["problem"]["code"] if one["problem"] else f"replayed: {one['replayed']}"))
